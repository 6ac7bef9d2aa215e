//! The replica from change to change against the replica token by token.

use gigawatt_engine::serving::replica::{
    Admission, Arrival, IterationTable, Outcome, Prefix, Replica, ReplicaOptions, Role, token_by_token,
};
use gigawatt_engine::serving::{EngineName, ServingFormats, ServingLayout};
use gigawatt_plan::training::Precision;

use crate::deployments::{Served, engine};
use crate::traces::{Request, arrivals, azure, mooncake};

/// Outcomes as a caller gets them who goes on from arrival to arrival.
pub fn simulated(
    table: &IterationTable,
    options: &ReplicaOptions,
    arrivals: &[Arrival<'_>],
) -> (Vec<Outcome>, f64) {
    let mut replica = Replica::new(table, options);
    let mut outcomes = Vec::new();
    for arrival in arrivals {
        replica.advance(arrival.at, &mut |outcome| outcomes.push(*outcome));
        replica.offer(arrival);
    }
    replica.advance(u64::MAX, &mut |outcome| outcomes.push(*outcome));
    (outcomes, replica.load().cache)
}

pub fn by_id(mut outcomes: Vec<Outcome>) -> Vec<Outcome> {
    outcomes.sort_by_key(|outcome| outcome.id);
    outcomes
}

fn agree(name: &str, table: &IterationTable, options: &ReplicaOptions, requests: &[Request]) -> Vec<Outcome> {
    let arrivals = arrivals(requests);
    let (found, left) = simulated(table, options, &arrivals);
    let (found, expected) = (by_id(found), by_id(token_by_token(table, options, &arrivals)));
    assert_eq!(found.len(), requests.len(), "{name}");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(left, 0.0, "{name}: everything is let go of");
    let sum = |of: fn(&Outcome) -> u64| found.iter().map(of).sum::<u64>();
    println!(
        "{name}: {} requests agree; {} preemptions, {} of {} prompt tokens cached, last at {} s",
        found.len(),
        sum(|outcome| outcome.preemptions.into()),
        sum(|outcome| outcome.cached.into()),
        sum(|outcome| outcome.prompt.into()),
        found.iter().map(|outcome| outcome.finished).max().unwrap_or(0) / 1_000_000_000,
    );
    found
}

fn small(engine_name: EngineName) -> Served {
    Served::new("llama-3-1-8b", "h100-sxm", ServingLayout::SINGLE, engine(engine_name))
}

#[test]
fn azure_traces_agree_to_the_nanosecond() {
    for name in ["azure_2023_conversation.csv", "azure_2023_code.csv"] {
        let Some(requests) = azure(name) else { return };
        for engine_name in [EngineName::Vllm, EngineName::Sglang, EngineName::TensorrtLlm] {
            let served = small(engine_name);
            let options = served.options();
            let table = served.table(&options);
            agree(&format!("{name}, {}", served.name), &table, &options, &requests);
        }
        let served =
            Served::new("llama-3-1-70b", "h100-sxm", ServingLayout::tensor(8), engine(EngineName::Vllm));
        let options = served.options();
        agree(&format!("{name}, {}", served.name), &served.table(&options), &options, &requests);
    }
}

#[test]
fn azure_traces_agree_where_memory_is_short() {
    let Some(requests) = azure("azure_2023_conversation.csv") else { return };
    for engine_name in [EngineName::Vllm, EngineName::Sglang, EngineName::TensorrtLlm] {
        let served = small(engine_name);
        let mut options = served.options();
        options.blocks.units = 20_000 / u64::from(options.blocks.tokens);
        let table = served.table(&options);
        let outcomes = agree(&format!("short, {}", served.name), &table, &options, &requests[..6000]);
        let preempted = outcomes.iter().any(|outcome| outcome.preemptions > 0);
        assert_eq!(preempted, options.admission != Admission::Answer, "{}", served.name);
    }
}

#[test]
fn mooncake_traces_agree_with_their_prefixes() {
    let fp8 = ServingFormats::uniform(Precision::Fp8, Precision::Fp8);
    for name in ["mooncake_conversation.jsonl", "mooncake_synthetic.jsonl"] {
        let Some(requests) = mooncake(name) else { return };
        for engine_name in [EngineName::Vllm, EngineName::Sglang, EngineName::TensorrtLlm] {
            let layout = ServingLayout::tensor(8);
            let served = Served::new("llama-3-1-70b", "h100-sxm", layout, engine(engine_name)).formats(fp8);
            let options = ReplicaOptions { prefix: Prefix::Tokens(512), ..served.options() };
            let outcomes =
                agree(&format!("{name}, {}", served.name), &served.table(&options), &options, &requests);
            assert!(outcomes.iter().any(|outcome| outcome.cached > 0));
        }
    }
}

#[test]
fn windows_chunks_guesses_and_states_agree_on_a_trace() {
    let Some(requests) = azure("azure_2023_conversation.csv") else { return };
    for served in crate::deployments::all() {
        let mut options = served.options();
        // Short enough that sequences are thrown out where the engine does that.
        options.blocks.units = options.blocks.units.min(
            u64::from(options.blocks.full + options.blocks.windowed) * 24_000
                / u64::from(options.blocks.tokens)
                + 64 * u64::from(options.blocks.sequence),
        );
        agree(&served.name, &served.table(&options), &options, &requests[..1500]);
    }
}

#[test]
fn workers_apart_agree_on_a_trace() {
    let Some(requests) = azure("azure_2023_code.csv") else { return };
    let served = small(EngineName::Vllm);
    for role in [Role::Prefill, Role::Decode] {
        let mut options = ReplicaOptions { role, ..served.options() };
        options.blocks.units = 1500;
        let table = served.table(&options);
        let outcomes = agree(&format!("{role:?}"), &table, &options, &requests);
        if role == Role::Prefill {
            assert!(outcomes.iter().all(|outcome| outcome.output == 1));
        }
    }
}
