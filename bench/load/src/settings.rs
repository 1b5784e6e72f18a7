use crate::Failure;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

pub struct Settings {
    pub port: u16,
    pub pairs: Rc<Vec<Pair>>,
    pub connections: usize,
    pub seconds: Duration,
    pub warmup: Duration,
    pub rate: Option<f64>,
    pub grpc: Option<String>,
    pub callers: usize,
    pub process: u32,
    pub core: u32,
    pub odd: PathBuf,
}

/// A request and the answer to it.
pub struct Pair {
    pub request: Vec<u8>,
    pub answer: Vec<u8>,
}

impl Settings {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Settings, Failure> {
        let mut given = HashMap::new();
        for argument in arguments {
            let (key, value) = argument.split_once('=').ok_or(format!("expected KEY=VALUE, found {argument}"))?;
            given.insert(key.to_owned(), value.to_owned());
        }
        let mut take = |key: &str| given.remove(key).ok_or(format!("{key}=... is missing"));
        let settings = Settings {
            port: take("port")?.parse()?,
            pairs: Rc::new(pairs(Path::new(&take("requests")?))?),
            connections: take("connections")?.parse()?,
            seconds: Duration::from_secs_f64(take("seconds")?.parse()?),
            warmup: Duration::from_secs_f64(take("warmup").unwrap_or("0".to_owned()).parse()?),
            rate: take("rate").ok().map(|rate| rate.parse()).transpose()?,
            grpc: take("grpc").ok(),
            callers: take("callers").unwrap_or("1".to_owned()).parse::<usize>()?.max(1),
            process: take("process")?.parse()?,
            core: take("core")?.parse()?,
            odd: PathBuf::from(take("odd")?),
        };
        match given.keys().next() {
            Some(unknown) => Err(format!("unknown: {unknown}").into()),
            None => Ok(settings),
        }
    }
}

fn pairs(folder: &Path) -> Result<Vec<Pair>, Failure> {
    let mut pairs = Vec::new();
    while let Ok(request) = std::fs::read(folder.join(format!("{}.request", pairs.len()))) {
        let answer = std::fs::read(folder.join(format!("{}.answer", pairs.len())))?;
        pairs.push(Pair { request, answer });
    }
    if pairs.is_empty() { Err(format!("no requests in {}", folder.display()).into()) } else { Ok(pairs) }
}
