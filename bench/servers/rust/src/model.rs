//! A model with one input tensor, of floats or of 64-bit integers.

use crate::Failure;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorElementType;

pub struct Model {
    pub session: Session,
    pub input: String,
    pub integers: bool,
    pub outputs: Vec<(String, TensorElementType)>,
}

impl Model {
    pub fn load(library: &str, file: &str) -> Result<Model, Failure> {
        let environment = ort::init_from(library)?.with_telemetry(false).build()?;
        let session = Session::builder(&environment)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(|e| e.to_string())?
            .with_intra_threads(1)
            .map_err(|e| e.to_string())?
            .with_inter_threads(1)
            .map_err(|e| e.to_string())?
            .with_intra_op_spinning(false)
            .map_err(|e| e.to_string())?
            .commit_from_file(file)?;
        let input = session.inputs()[0].name().to_owned();
        let integers = session.inputs()[0].dtype().tensor_type() == Some(TensorElementType::Int64);
        let outputs = session
            .outputs()
            .iter()
            .map(|output| (output.name().to_owned(), output.dtype().tensor_type().expect("a tensor")))
            .collect();
        Ok(Model { session, input, integers, outputs })
    }
}
