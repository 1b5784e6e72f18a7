//! server serve LIBRARY MODEL NAME PORT      V2 inference over HTTP/1.1
//! server noop ANSWER-FILE PORT              reads each body, answers the file's bytes
//! server bare LIBRARY MODEL INPUT-FILE ROWS SECONDS
//!                                           runs the model without any server, prints JSON
//!
//! One thread; ONNX Runtime uses no thread of its own.

mod bare;
mod model;
mod noop;
mod serve;

use std::process::exit;

pub type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve", library, model, name, port] => serve::run(library, model, name, port.parse()?),
        ["noop", answer, port] => noop::run(answer, port.parse()?),
        ["bare", library, model, input, rows, seconds] => {
            bare::run(library, model, input, rows.parse()?, seconds.parse()?)
        }
        _ => {
            eprintln!("see the comment at the top of main.rs");
            exit(2)
        }
    }
}

/// Runs a future on this thread alone.
pub fn block_on<F: Future<Output = Result<(), Failure>>>(future: F) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread().enable_io().build()?.block_on(future)
}
