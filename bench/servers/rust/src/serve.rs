//! V2 inference, as a performance engineer would write it for one known kind of model.

use crate::model::Model;
use crate::{Failure, block_on};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use ort::value::{TensorElementType, TensorRef};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

struct Server {
    name: String,
    model: Mutex<Model>,
}

#[derive(Deserialize)]
struct Request<'a, T> {
    #[serde(borrow)]
    id: Option<&'a str>,
    inputs: [Input<T>; 1],
}

#[derive(Deserialize)]
struct Input<T> {
    shape: Vec<i64>,
    data: Vec<T>,
}

#[derive(Serialize)]
struct Answer<'a> {
    model_name: &'a str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<Output<'a>>,
}

#[derive(Serialize)]
struct Output<'a> {
    name: &'a str,
    shape: &'a [i64],
    datatype: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Floats(&'a [f32]),
    Integers(&'a [i64]),
}

pub fn run(library: &str, file: &str, name: &str, port: u16) -> Result<(), Failure> {
    let server = Arc::new(Server { name: name.to_owned(), model: Mutex::new(Model::load(library, file)?) });
    let router = Router::new()
        .route(&format!("/v2/models/{name}/infer"), post(infer))
        .route("/v2/health/ready", get(async || ()))
        .with_state(server);
    block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}

async fn infer(State(server): State<Arc<Server>>, body: Bytes) -> Response {
    match answer(&server, &body) {
        Ok(answer) => ([(CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(failure) => {
            let error = serde_json::json!({ "error": failure.to_string() });
            (StatusCode::BAD_REQUEST, error.to_string()).into_response()
        }
    }
}

fn answer(server: &Server, body: &[u8]) -> Result<Vec<u8>, Failure> {
    let model = &mut *server.model.lock().unwrap();
    if model.integers {
        let request: Request<i64> = serde_json::from_slice(body)?;
        let [input] = request.inputs;
        let tensor = TensorRef::from_array_view((input.shape, &*input.data))?;
        let outputs = model.session.run(ort::inputs![model.input.as_str() => tensor])?;
        write(server, request.id, &model.outputs, &outputs)
    } else {
        let request: Request<f32> = serde_json::from_slice(body)?;
        let [input] = request.inputs;
        let tensor = TensorRef::from_array_view((input.shape, &*input.data))?;
        let outputs = model.session.run(ort::inputs![model.input.as_str() => tensor])?;
        write(server, request.id, &model.outputs, &outputs)
    }
}

fn write(
    server: &Server,
    id: Option<&str>,
    names: &[(String, TensorElementType)],
    values: &ort::session::SessionOutputs,
) -> Result<Vec<u8>, Failure> {
    let mut outputs = Vec::with_capacity(names.len());
    for (index, (name, kind)) in names.iter().enumerate() {
        outputs.push(match kind {
            TensorElementType::Float32 => {
                let (shape, data) = values[index].try_extract_tensor::<f32>()?;
                Output { name, shape, datatype: "FP32", data: Data::Floats(data) }
            }
            TensorElementType::Int64 => {
                let (shape, data) = values[index].try_extract_tensor::<i64>()?;
                Output { name, shape, datatype: "INT64", data: Data::Integers(data) }
            }
            other => return Err(format!("output {name} is {other}").into()),
        });
    }
    let answer = Answer { model_name: &server.name, model_version: "1", id, outputs };
    let mut bytes = Vec::with_capacity(512);
    serde_json::to_writer(&mut bytes, &answer)?;
    Ok(bytes)
}
