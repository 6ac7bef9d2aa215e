//! Speed of the pipeline on the reference scenario: `cargo bench -p gigawatt`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark may stop at the first surprise"
)]

use std::io::Read;

use gigawatt_engine::{Draw, Evaluation, Reading, Sampler, influences, reference_runs};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{InputId, Plan};
use gigawatt_plan::resolve::{headlines, period_query};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::{Silent, World, WorldError};
use gigawatt_plan::{Options, load};

fn main() {
    divan::main();
}

const SCENARIO: &str = include_str!("../../../scenarios/meta-2025.toml");

/// The reference scenario from memory: the disk is not what is measured.
struct Memory;

impl World for Memory {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(SCENARIO.as_bytes())))
    }
}

fn plan() -> Plan {
    load("meta-2025.toml", &Options::default(), &Memory).plan.expect("the reference scenario resolves")
}

#[divan::bench]
fn parse_and_resolve() -> bool {
    load("meta-2025.toml", &Options::default(), &Memory).plan.is_some()
}

#[divan::bench]
fn parse_catalogue() -> usize {
    Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default()).entries().len()
}

#[divan::bench]
fn one_draw(bencher: divan::Bencher) {
    let plan = plan();
    let reference = Draw::reference(&plan);
    let mut evaluation = Evaluation::new(&plan);
    bencher
        .bench_local(|| evaluation.run(&plan, Draw::new(&reference)).get(plan.vocabulary.buildout.owned)[0]);
}

#[divan::bench]
fn sample_1000_draws_of_inputs(bencher: divan::Bencher) {
    let plan = plan();
    let sampler = Sampler::new(&plan, 1);
    let mut rows = vec![0.0; sampler.inputs() * 1000];
    bencher.bench_local(|| sampler.fill(0, &mut rows));
}

#[divan::bench]
fn influence_on_capital_expenditure(bencher: divan::Bencher) {
    let plan = plan();
    let capex = plan.vocabulary.find("finance.capex.cash").expect("the scenario has a company");
    let query = period_query(&plan, capex, Period::year(2025)).expect("2025 is planned");
    bencher.bench_local(|| influences(&plan, &[&query]));
}

#[divan::bench(sample_count = 10)]
fn run_of_10_000_draws(bencher: divan::Bencher) {
    let plan = plan();
    bencher.bench_local(|| gigawatt_engine::run(&plan, &Silent).is_ok());
}

/// Runs of the reference case with two inputs varied and the headlines read, on one thread: what a sweep does.
#[divan::bench(sample_count = 20)]
fn sweep(bencher: divan::Bencher) {
    const RUNS: usize = 2000;
    let plan = plan();
    let varied: Vec<_> = (0..plan.inputs.len())
        .filter(|&input| plan.inputs[input].distribution.is_uncertain())
        .take(2)
        .map(|input| InputId(u32::try_from(input).expect("few inputs")))
        .collect();
    let points: Vec<Vec<f64>> = (0..RUNS)
        .map(|run| {
            let probability = (run as f64 + 0.5) / RUNS as f64;
            varied.iter().map(|id| plan.input(*id).distribution.at_probability(probability)).collect()
        })
        .collect();
    let readings: Vec<Reading> =
        headlines(&plan).into_iter().map(|(_, query)| Reading { query, bounds: None }).collect();
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    bencher.counter(divan::counter::ItemsCount::new(RUNS)).bench_local(|| {
        one_thread.install(|| reference_runs(&plan, &varied, &points, &readings, &Silent).is_ok())
    });
}
