//! Traces of requests, where they are.

use std::path::{Path, PathBuf};

use gigawatt_engine::serving::replica::Arrival;

/// A request of a trace.
#[derive(Clone, Debug)]
pub struct Request {
    pub at: u64,
    pub prompt: u32,
    pub output: u32,
    pub blocks: Vec<u64>,
}

pub fn arrivals(requests: &[Request]) -> Vec<Arrival<'_>> {
    let arrival = |(id, request): (u32, &'_ Request)| (id, request.at, request.prompt, request.output);
    (0..)
        .zip(requests)
        .map(|pair| {
            let (id, at, prompt, output) = arrival(pair);
            Arrival { id, at, prompt, output, blocks: &pair.1.blocks, ..Arrival::default() }
        })
        .collect()
}

fn file(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/traces").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/traces/{name} is not here");
    None
}

/// Seconds of the day of `2023-11-16 18:17:03.9799600`, in ns.
fn clock(text: &str) -> u64 {
    let (_, time) = text.split_once(' ').expect("a day and a time");
    let mut parts = time.split(':');
    let mut next = || parts.next().expect("hours, minutes and seconds");
    let (hours, minutes, seconds) = (next(), next(), next());
    let (whole, rest) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let rest = number(&format!("{rest:0<9}")[..9]);
    ((number(hours) * 60 + number(minutes)) * 60 + number(whole)) * 1_000_000_000 + rest
}

/// Requests of the Azure traces.
pub fn azure(name: &str) -> Option<Vec<Request>> {
    let mut reader = csv::Reader::from_path(file(name)?).expect("a table");
    let mut requests = Vec::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let number = |at: usize| record[at].parse::<u32>().expect("a number");
        requests.push(Request {
            at: clock(&record[0]),
            prompt: number(1),
            output: number(2),
            blocks: Vec::new(),
        });
    }
    let first = requests.first().map_or(0, |request| request.at);
    requests.iter_mut().for_each(|request| request.at -= first);
    Some(requests)
}

/// Requests of the Mooncake traces.
pub fn mooncake(name: &str) -> Option<Vec<Request>> {
    let text = std::fs::read_to_string(file(name)?).expect("a file of lines");
    let read = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let number = |field: &str| value[field].as_u64().expect("a number");
        Request {
            at: number("timestamp") * 1_000_000,
            prompt: u32::try_from(number("input_length")).expect("a length"),
            output: u32::try_from(number("output_length")).expect("a length"),
            blocks: value["hash_ids"]
                .as_array()
                .expect("names")
                .iter()
                .map(|name| name.as_u64().expect("a name"))
                .collect(),
        }
    };
    Some(text.lines().map(read).collect())
}
