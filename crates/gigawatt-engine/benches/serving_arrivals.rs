//! Speed of requests that are made up: `cargo bench -p gigawatt-engine --bench serving_arrivals`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;

use divan::AllocProfiler;
use divan::counter::ItemsCount;
use gigawatt_engine::serving::arrivals::{
    Beyond, Bursts, Lengths, Process, Rate, Sessions, ThinkFrom, ThinkTime, Workload, WorkloadOptions,
};

/// Counts allocations, of which a request makes none.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Requests of one measurement.
const REQUESTS: u64 = 200_000;

const PROCESSES: [Process; 3] = [
    Process::Poisson,
    Process::Gamma { variation: 3.0 },
    Process::Bursts(Bursts { mean_burst: 30.0, mean_calm: 300.0, ratio: 5.0 }),
];

fn main() {
    divan::main();
}

fn options(process: Process, sessions: Option<Sessions>) -> WorkloadOptions {
    let day = [(0.0, 5.0), (30_000.0, 2.0), (50_000.0, 20.0), (86_400.0, 5.0)];
    WorkloadOptions {
        name: "bench".to_owned(),
        number: 0,
        process,
        rate: Rate::lines(&day, Beyond::Repeat).unwrap(),
        prompts: Lengths::lognormal(1020.0, 4142.0, 100_000).unwrap(),
        outputs: Lengths::lognormal(129.0, 601.0, 10_000).unwrap(),
        sessions,
        priority: 0,
        requests: Some(REQUESTS),
        until: None,
    }
}

fn play(options: &WorkloadOptions) -> u64 {
    let mut workload = Workload::new(options.clone(), 1).unwrap();
    let mut tokens = 0;
    while let Some(request) = workload.next_request() {
        tokens += u64::from(request.prompt) + request.blocks.len() as u64;
    }
    tokens
}

#[divan::bench(args = PROCESSES)]
fn requests(bencher: divan::Bencher<'_, '_>, process: &Process) {
    let options = options(*process, None);
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| play(black_box(&options)));
}

#[divan::bench]
fn turns(bencher: divan::Bencher<'_, '_>) {
    let think = ThinkTime { mean: 60.0, variation: 1.0, from: ThinkFrom::Request };
    let sessions =
        Sessions { mean_turns: 4.0, think, shared_start: 500, block_tokens: 16, most_context: 100_000 };
    let options = options(Process::Poisson, Some(sessions));
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| play(black_box(&options)));
}
