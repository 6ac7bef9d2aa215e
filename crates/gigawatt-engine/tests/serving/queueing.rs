//! The replica against the theory of queues, where it reduces to one that has a closed form.
//!
//! Each load is run with independent seeds; the mean of their means is compared within four standard errors of it. Lengths
//! are whole tokens, and iterations and admissions come at boundaries; times are chosen so that what both add stays below
//! the sampling error, or is part of the formula.

use gigawatt_engine::serving::EngineName;
use gigawatt_engine::serving::replica::{
    Arrival, IterationTable, LinearTimes, Outcome, Replica, ReplicaOptions, Role,
};
use gigawatt_engine::serving::{Request, ServingLayout};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::deployments::{Served, engine};

const SEEDS: u64 = 12;

/// Loads, and requests of a run: queues of higher loads forget more slowly.
const LOADS: [(f64, u32); 5] = [(0.5, 40_000), (0.7, 60_000), (0.8, 80_000), (0.9, 200_000), (0.95, 400_000)];

/// A uniform number above 0, up to 1.
fn uniform(random: &mut ChaCha8Rng) -> f64 {
    ((random.next_u64() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
}

fn exponential(random: &mut ChaCha8Rng, mean: f64) -> f64 {
    -mean * uniform(random).ln()
}

/// A geometric number of tokens with a mean, at least 1.
fn geometric(random: &mut ChaCha8Rng, mean: f64) -> u32 {
    1 + (uniform(random).ln() / (1.0 - 1.0 / mean).ln()) as u32
}

/// The mean over requests of what is measured of outcomes, those of the first fifth left out.
fn run(
    table: &IterationTable,
    options: &ReplicaOptions,
    seed: u64,
    requests: u32,
    mut next: impl FnMut(&mut ChaCha8Rng) -> (f64, u32, u32),
    measured: impl Fn(&Outcome) -> f64,
) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut replica = Replica::new(table, options);
    let (mut sum, mut count, mut at) = (0.0, 0.0, 0.0);
    let mut told = |outcome: &Outcome| {
        if outcome.id >= requests / 5 {
            sum += measured(outcome);
            count += 1.0;
        }
    };
    for id in 0..requests {
        let (gap, prompt, output) = next(&mut random);
        at += gap;
        let arrival = Arrival { id, at: at as u64, prompt, output, ..Arrival::default() };
        replica.advance(arrival.at, &mut told);
        replica.offer(&arrival);
    }
    replica.advance(u64::MAX, &mut told);
    sum / count
}

/// Holds the mean over seeds against theory.
fn compare(name: &str, load: f64, theory: f64, mean_of: impl Fn(u64) -> f64) {
    // Seeds of their own for each case, so that chance does not favour one side in all of them.
    let own = name.bytes().fold((load * 100.0) as u64, |sum, byte| 31 * sum % 100_003 + u64::from(byte));
    let means: Vec<f64> = (1..=SEEDS).map(|seed| mean_of(1000 * own + seed)).collect();
    let number = means.len() as f64;
    let mean = means.iter().sum::<f64>() / number;
    let variance = means.iter().map(|each| (each - mean).powi(2)).sum::<f64>() / (number - 1.0);
    let error = (variance / number).sqrt();
    println!(
        "{name} at {load}: {mean:.4e} against {theory:.4e} ({:+.2} %), standard error {:.2} %",
        100.0 * (mean / theory - 1.0),
        100.0 * error / theory
    );
    assert!(
        (mean - theory).abs() <= 4.0 * error + 0.002 * theory,
        "{name} at {load}: {mean} against {theory}"
    );
    assert!(error <= 0.08 * theory, "{name} at {load}: too few requests to tell");
}

/// Answers of whole iterations whose time is the number of sequences: each gets an equal share. `E[T] = E[S] / (1 - load)`,
/// whatever the distribution of answers.
#[test]
fn decoding_in_proportion_to_sequences_is_processor_sharing() {
    const SEQUENCE: u64 = 1_000;
    const TOKENS: f64 = 400.0;
    let times = LinearTimes { sequence: SEQUENCE, ..LinearTimes::default() };
    let table = IterationTable::linear(&times, 1024, 1024);
    let options = ReplicaOptions { role: Role::Decode, ..ReplicaOptions::plain(1024, 1024, 1 << 30) };
    let service = TOKENS * SEQUENCE as f64;
    let sojourn = |outcome: &Outcome| (outcome.finished - outcome.arrived) as f64;
    for (load, requests) in LOADS {
        let theory = service / (1.0 - load);
        compare("M/M/1-PS", load, theory, |seed| {
            let next =
                |random: &mut ChaCha8Rng| (exponential(random, service / load), 1, geometric(random, TOKENS));
            run(&table, &options, seed, requests, next, sojourn)
        });
        compare("M/G/1-PS, two lengths", load, theory, |seed| {
            let next = |random: &mut ChaCha8Rng| {
                let output = if uniform(random) < 0.9 { 200 } else { 2200 };
                (exponential(random, service / load), 1, output)
            };
            run(&table, &options, seed, requests, next, sojourn)
        });
    }
}

/// The chance that an arrival waits with `servers` of them.
fn erlang_c(servers: u32, offered: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 0.0;
    for busy in 0..servers {
        sum += term;
        term *= offered / f64::from(busy + 1);
    }
    let wait = term / (1.0 - offered / f64::from(servers));
    wait / (sum + wait)
}

/// Iterations that always take the same, and places for `c` sequences: `E[W] = C(c, a) S / (c (1 - load))`, and an
/// arrival waits for the end of an iteration besides.
#[test]
fn places_for_sequences_are_servers() {
    const ITERATION: u64 = 1_000;
    const TOKENS: f64 = 4_000.0;
    let times = LinearTimes { iteration: ITERATION, ..LinearTimes::default() };
    let table = IterationTable::linear(&times, 64, 1 << 16);
    let service = TOKENS * ITERATION as f64;
    for servers in [1, 4, 16] {
        let options = ReplicaOptions::plain(servers, 1 << 16, 1 << 30);
        let options = ReplicaOptions { role: Role::Decode, ..options };
        for (load, requests) in LOADS {
            // Of many servers few arrivals wait.
            let requests = if servers == 16 && load < 0.75 { 4 * requests } else { requests };
            let offered = load * f64::from(servers);
            let waits = erlang_c(servers, offered) * service / (f64::from(servers) * (1.0 - load));
            // The iteration under way, where some sequence decodes, is met in its middle. Places that fall free in one
            // iteration wait for its end together, which is a tenth of an iteration at most.
            let theory = waits + 0.5 * ITERATION as f64;
            compare(&format!("M/M/{servers}"), load, theory, |seed| {
                let next = |random: &mut ChaCha8Rng| {
                    (exponential(random, service / offered), 1, geometric(random, TOKENS))
                };
                run(&table, &options, seed, requests, next, |outcome| {
                    (outcome.scheduled - outcome.arrived) as f64
                })
            });
        }
    }
}

/// Prompts alone, one at a time: `E[W] = load S (1 + c²) / (2 (1 - load))` (Pollaczek and Khinchine).
#[test]
fn prompts_alone_are_one_server() {
    const TOKEN: u64 = 1_000;
    const TOKENS: f64 = 500.0;
    let times = LinearTimes { prompt_token: TOKEN, ..LinearTimes::default() };
    let table = IterationTable::linear(&times, 1, 1 << 16);
    let options = ReplicaOptions { role: Role::Prefill, ..ReplicaOptions::plain(1, 1 << 16, 1 << 30) };
    let service = TOKENS * TOKEN as f64;
    let waited = |outcome: &Outcome| (outcome.scheduled - outcome.arrived) as f64;
    for (load, requests) in LOADS {
        let gap = service / load;
        let equal = load * service / (2.0 * (1.0 - load));
        compare("M/D/1", load, equal, |seed| {
            let next = |random: &mut ChaCha8Rng| (exponential(random, gap), TOKENS as u32, 1);
            run(&table, &options, seed, requests, next, waited)
        });
        // The variance of a geometric number of mean m is m² - m.
        let theory = equal * (2.0 - 1.0 / TOKENS);
        compare("M/G/1", load, theory, |seed| {
            let next = |random: &mut ChaCha8Rng| (exponential(random, gap), geometric(random, TOKENS), 1);
            run(&table, &options, seed, requests, next, waited)
        });
    }
}

/// An endless queue is served at the rate of the law's closed form.
#[test]
fn an_endless_queue_is_served_as_the_law_says() {
    for (model, accelerators, most, prompt, output) in [
        ("llama-3-1-8b", 1, 64, 512, 512),
        ("llama-3-1-8b", 1, 200, 256, 1024),
        ("llama-3-1-70b", 8, 128, 1024, 512),
        ("gpt-oss-20b", 1, 256, 512, 2048),
    ] {
        for name in [EngineName::Vllm, EngineName::Sglang, EngineName::TensorrtLlm] {
            let served = Served::new(model, "h100-sxm", ServingLayout::tensor(accelerators), engine(name));
            let options = ReplicaOptions { most_sequences: most, ..served.options() };
            let table = served.table(&options);
            let requests = most * 40;
            let mut replica = Replica::new(&table, &options);
            // The first are of different lengths, so that sequences do not go in step.
            for id in 0..requests {
                let output = if id < most { 1 + output * id / most } else { output };
                replica.offer(&Arrival { id, at: 0, prompt, output, ..Arrival::default() });
            }
            // Between the first and the last sixth the batch is full.
            let mut done = Vec::new();
            replica.advance(u64::MAX, &mut |outcome| done.push((outcome.finished, outcome.output)));
            let (from, to) = (done.len() / 6, done.len() * 5 / 6);
            let tokens: f64 = done[from..to].iter().map(|(_, output)| f64::from(*output)).sum();
            let found = tokens * 1e9 / (done[to].0 - done[from].0) as f64;
            let request = Request { prompt: prompt.into(), output: output.into() };
            let law = served.law().saturated(&request, most.into(), None);
            let off = found / law.throughput - 1.0;
            println!(
                "{}: {found:.0} tokens/s against {:.0} ({:+.1} %)",
                served.name,
                law.throughput,
                100.0 * off
            );
            assert!(off.abs() < 0.01, "{}: {off}", served.name);
        }
    }
}
