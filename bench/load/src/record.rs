use crate::settings::Settings;
use hdrhistogram::Histogram;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::time::Instant;

const ODD_KEPT: u64 = 64;

/// What was seen, by all connections together.
pub struct Record {
    latency: RefCell<Histogram<u64>>,
    failed: Cell<u64>,
    odd: Cell<u64>,
    odd_folder: PathBuf,
}

impl Record {
    pub fn new(settings: &Settings) -> Record {
        let highest = 600_000_000_000;
        Record {
            latency: RefCell::new(Histogram::new_with_bounds(1, highest, 3).expect("valid bounds")),
            failed: Cell::new(0),
            odd: Cell::new(0),
            odd_folder: settings.odd.clone(),
        }
    }

    /// An answer came to what was due at `since`; `pair` says which was asked.
    pub fn answered(&self, since: Instant, pair: usize, success: bool, answer: &[u8], expected: &[u8]) {
        self.latency.borrow_mut().saturating_record(since.elapsed().as_nanos() as u64);
        if !success {
            self.failed.set(self.failed.get() + 1);
            self.keep("failed", self.failed.get(), pair, answer);
        } else if answer != expected {
            self.odd.set(self.odd.get() + 1);
            self.keep("odd", self.odd.get(), pair, answer);
        }
    }

    /// For the numbers in it to be compared: batches may be rounded differently.
    fn keep(&self, what: &str, number: u64, pair: usize, answer: &[u8]) {
        if number <= ODD_KEPT {
            let _ = std::fs::write(self.odd_folder.join(format!("{what}-{number}.{pair}")), answer);
        }
    }

    pub fn to_json(&self, seconds: f64, server_cpu: f64, others_busy: f64) -> String {
        let latency = self.latency.borrow();
        let millis = |quantile| latency.value_at_quantile(quantile) as f64 / 1e6;
        json!({
            "requests": latency.len(),
            "failed": self.failed.get(),
            "odd": self.odd.get(),
            "seconds": seconds,
            "cpu_seconds": server_cpu,
            "others_busy": others_busy,
            "p50_ms": millis(0.5),
            "p95_ms": millis(0.95),
            "p99_ms": millis(0.99),
            "max_ms": latency.max() as f64 / 1e6,
        })
        .to_string()
    }
}
