//! Speed of a simulated replica, on one core: `cargo bench -p gigawatt-engine --bench serving`.
//!
//! `azure` is the hour of the Azure conversation trace and `mooncake` that of the Mooncake conversation trace with prefix
//! caching, from `../shared/traces`; where the files are not, made-up requests of the same numbers and mean lengths stand
//! in. Items are requests. `table` is the time to build a table of iteration times. Peak memory is that of a whole process,
//! such as `/usr/bin/time -v target/release/deps/serving-* --bench mooncake`.

#![expect(clippy::print_stdout, reason = "what was served stands beside its time")]

#[path = "../tests/serving/deployments.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod deployments;
#[path = "../tests/serving/traces.rs"]
mod traces;

use deployments::{Served, engine};
use divan::counter::ItemsCount;
use gigawatt_engine::serving::replica::{Arrival, IterationTable, Prefix, Replica, ReplicaOptions};
use gigawatt_engine::serving::{EngineName, ServingFormats, ServingLayout};
use gigawatt_plan::training::Precision;
use traces::Request;

fn main() {
    divan::main();
}

fn small() -> Served {
    Served::new("llama-3-1-8b", "h100-sxm", ServingLayout::SINGLE, engine(EngineName::Vllm))
}

fn large() -> Served {
    Served::new("llama-3-1-70b", "h100-sxm", ServingLayout::tensor(8), engine(EngineName::Vllm))
}

/// The Azure hour on one replica of Llama 3.1 8B on an H100, and of 70B on eight.
#[divan::bench(args = ["8b", "70b"], sample_count = 20)]
fn azure(bencher: divan::Bencher<'_, '_>, model: &str) {
    let served = if model == "8b" { small() } else { large() };
    let requests =
        traces::azure("azure_2023_conversation.csv").unwrap_or_else(|| made_up(19_366, 1155, 211, 0));
    time(bencher, &served, &requests, served.options());
}

/// The Mooncake hour with prefix caching on one replica of Llama 3.1 70B in 8 bits on eight H100.
#[divan::bench(args = ["conversation", "synthetic"], sample_count = 20)]
fn mooncake(bencher: divan::Bencher<'_, '_>, trace: &str) {
    let served = large().formats(ServingFormats::uniform(Precision::Fp8, Precision::Fp8));
    let requests = traces::mooncake(&format!("mooncake_{trace}.jsonl"))
        .unwrap_or_else(|| made_up(12_031, 12_035, 343, 512));
    let options = ReplicaOptions { prefix: Prefix::Tokens(512), ..served.options() };
    time(bencher, &served, &requests, options);
}

/// The table of a dense model, and of a mixture with latent attention.
#[divan::bench(args = ["llama-3-1-8b", "deepseek-v3"])]
fn table(bencher: divan::Bencher<'_, '_>, model: &str) {
    let fp8 = ServingFormats::uniform(Precision::Fp8, Precision::Fp8);
    let served = match model {
        "llama-3-1-8b" => small(),
        _ => Served::new(model, "h200-sxm", ServingLayout::tensor(8), engine(EngineName::Vllm)).formats(fp8),
    };
    let law = served.law();
    bencher.bench(|| IterationTable::new(&law, 1024, 8192));
}

fn time(bencher: divan::Bencher<'_, '_>, served: &Served, requests: &[Request], options: ReplicaOptions) {
    let arrivals = traces::arrivals(requests);
    let table = served.table(&options);
    println!("{}: {}", served.name, outcome(&table, &options, &arrivals));
    bencher
        .counter(ItemsCount::new(arrivals.len()))
        .bench(|| simulated(&table, &options, divan::black_box(&arrivals)));
}

/// The sum of all times, so that none can be left out.
fn simulated(table: &IterationTable, options: &ReplicaOptions, arrivals: &[Arrival<'_>]) -> u64 {
    let mut replica = Replica::new(table, options);
    let mut sum = 0;
    for arrival in arrivals {
        replica.advance(arrival.at, &mut |outcome| sum += outcome.finished);
        replica.offer(arrival);
    }
    replica.advance(u64::MAX, &mut |outcome| sum += outcome.finished);
    sum
}

fn outcome(table: &IterationTable, options: &ReplicaOptions, arrivals: &[Arrival<'_>]) -> String {
    let mut replica = Replica::new(table, options);
    arrivals.iter().for_each(|arrival| replica.offer(arrival));
    let mut last = 0;
    replica.advance(u64::MAX, &mut |outcome| last = outcome.finished);
    let work = replica.work();
    format!(
        "{} iterations, {} of them with prompts, {} preemptions, {} of {} prompt tokens cached, {} s",
        work.iterations,
        work.prompt_iterations,
        work.preemptions,
        work.cached_tokens,
        work.cached_tokens + work.prompt_tokens,
        last / 1_000_000_000
    )
}

/// Requests at even intervals of an hour with lengths between nothing and twice their means; every third shares half of
/// its prompt with others where prompts have names.
fn made_up(number: u32, prompt: u32, output: u32, named: u32) -> Vec<Request> {
    let mut state = 1_u32;
    let mut below = |most: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % most + 1
    };
    let request = |id: u32| {
        let (prompt, output) = (below(2 * prompt), below(2 * output));
        let names = if named == 0 { 0 } else { prompt.div_ceil(named) };
        let name = |at: u32| {
            let shared = id.is_multiple_of(3) && at < names / 2;
            u64::from(if shared { id % 97 } else { 1000 + id }) << 20 | u64::from(at)
        };
        let at = 3_600_000_000_000 / u64::from(number) * u64::from(id);
        Request { at, prompt, output, blocks: (0..names).map(name).collect() }
    };
    (0..number).map(request).collect()
}
