//! What ONNX Runtime alone costs: a loop without a server.

use crate::Failure;
use crate::model::Model;
use ort::value::{PrimitiveTensorElementType, TensorRef};
use std::fmt::Debug;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// `input` holds little-endian elements of whole rows.
pub fn run(library: &str, file: &str, input: &str, rows: usize, seconds: f64) -> Result<(), Failure> {
    let mut model = Model::load(library, file)?;
    let bytes = std::fs::read(input)?;
    if model.integers {
        let elements: Vec<i64> = bytes.as_chunks().0.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect();
        measure(&mut model, &elements, rows, seconds)
    } else {
        let elements: Vec<f32> = bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
        measure(&mut model, &elements, rows, seconds)
    }
}

fn measure<T>(model: &mut Model, elements: &[T], rows: usize, seconds: f64) -> Result<(), Failure>
where
    T: PrimitiveTensorElementType + Clone + Debug + 'static,
{
    let shape = [rows, elements.len() / rows];
    for_a_while(model, shape, elements, Duration::from_millis(200))?;
    let cpu = cpu_seconds();
    let started = Instant::now();
    let runs = for_a_while(model, shape, elements, Duration::from_secs_f64(seconds))?;
    let took = started.elapsed().as_secs_f64();
    println!("{{\"requests\": {runs}, \"seconds\": {took}, \"cpu_seconds\": {}}}", cpu_seconds() - cpu);
    Ok(())
}

fn for_a_while<T>(model: &mut Model, shape: [usize; 2], elements: &[T], time: Duration) -> Result<u64, Failure>
where
    T: PrimitiveTensorElementType + Clone + Debug + 'static,
{
    let started = Instant::now();
    let mut runs = 0;
    while started.elapsed() < time {
        let input = TensorRef::from_array_view((shape, elements))?;
        let outputs = model.session.run(ort::inputs![model.input.as_str() => input])?;
        black_box(&outputs);
        runs += 1;
    }
    Ok(runs)
}

fn cpu_seconds() -> f64 {
    // SAFETY: getrusage only writes to the struct that it is given.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
