//! What HTTP alone costs: a route that reads the body and answers a constant.

use crate::{Failure, block_on};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use axum::serve::ListenerExt;
use std::hint::black_box;
use tokio::net::TcpListener;

pub fn run(answer: &str, port: u16) -> Result<(), Failure> {
    let answer = Bytes::from(std::fs::read(answer)?);
    let route = post(move |body: Bytes| {
        black_box(body.len());
        let answer = answer.clone();
        async move { ([(CONTENT_TYPE, "application/json")], answer) }
    });
    block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, Router::new().route("/{*path}", route)).await?;
        Ok(())
    })
}
