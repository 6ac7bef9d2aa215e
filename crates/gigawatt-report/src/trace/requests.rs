//! Requests of a served model as a native trace of Perfetto: every replica a process, its requests on as few lanes as hold
//! them without overlap, and two counters: requests in flight and prompt tokens that wait.

use gigawatt_engine::serving::replica::{End, Outcome};
use prost::Message;

use super::message::{CounterUnit, Trace};
use super::writer::Writer;

/// Most requests of a trace: a viewer takes no more with ease.
pub const MOST_REQUESTS: usize = 100_000;

/// Requests with the replicas that served them, in any order, as the bytes of a trace. Time 0 is the start of the run.
pub fn request_trace(outcomes: &[(Outcome, u32)], replicas: &dyn Fn(u32) -> String) -> Vec<u8> {
    let mut writer = Writer::new();
    let mut order: Vec<&(Outcome, u32)> = outcomes.iter().collect();
    order.sort_by_key(|(outcome, replica)| (*replica, outcome.arrived, outcome.id));
    for of_replica in order.chunk_by(|left, right| left.1 == right.1) {
        let process = writer.process(&replicas(of_replica[0].1));
        in_flight(&mut writer, process, of_replica);
        lanes(&mut writer, process, of_replica);
    }
    Trace { packet: writer.packets }.encode_to_vec()
}

/// The requests of a replica on lanes: each on the first that is free when it comes.
fn lanes(writer: &mut Writer, process: u64, outcomes: &[&(Outcome, u32)]) {
    let mut free: Vec<(u64, u64)> = Vec::new();
    for (outcome, _) in outcomes {
        let lane = free.iter().position(|(_, until)| *until <= outcome.arrived);
        let lane = lane.unwrap_or_else(|| {
            let track = writer.track(process, &format!("requests {}", free.len() + 1), None);
            free.push((track, 0));
            free.len() - 1
        });
        let track = free[lane].0;
        free[lane].1 = outcome.finished;
        let name = format!("request {}: {} tokens in, {} out", outcome.id, outcome.prompt, outcome.output);
        if outcome.end != End::Done {
            writer.instant(track, outcome.arrived, &format!("{name}: {}", outcome.end.words()), "not served");
            continue;
        }
        writer.open(track, outcome.arrived, &name, "request");
        writer.slice(track, (outcome.arrived, outcome.scheduled), "waiting", "waiting");
        writer.slice(track, (outcome.scheduled, outcome.first_token), "prompt", "prompt");
        writer.slice(track, (outcome.first_token, outcome.finished), "answer", "answer");
        writer.close(track, outcome.finished);
    }
}

/// How many requests a replica has, where the number changes.
fn in_flight(writer: &mut Writer, process: u64, outcomes: &[&(Outcome, u32)]) {
    let track = writer.track(process, "requests in flight", Some(CounterUnit::Count));
    let served = outcomes.iter().filter(|(outcome, _)| outcome.end == End::Done);
    let mut changes: Vec<(u64, i64)> =
        served.flat_map(|(outcome, _)| [(outcome.arrived, 1), (outcome.finished, -1)]).collect();
    changes.sort_unstable();
    let mut number = 0_i64;
    for at_once in changes.chunk_by(|left, right| left.0 == right.0) {
        number += at_once.iter().map(|(_, change)| change).sum::<i64>();
        writer.number(track, at_once[0].0, number.unsigned_abs());
    }
}
