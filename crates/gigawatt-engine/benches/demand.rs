//! How long demand takes: a draw, a year of hours, and the capacity of a world within reach.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

use std::io::{Cursor, Read};

use divan::{Bencher, black_box};
use gigawatt_engine::demand::served::{Effort, serve};
use gigawatt_engine::demand::{DayShape, Reach, hourly_demand};
use gigawatt_engine::serving::ServingLaws;
use gigawatt_engine::{Draw, Evaluation, Tables};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::{Silent, World, WorldError};
use gigawatt_plan::{Options, load};

const SCENARIO: &str = include_str!("../../../scenarios/meta-2025.toml");

struct Embedded;

impl World for Embedded {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(SCENARIO.as_bytes()))))
    }
}

fn plan() -> Plan {
    load("meta-2025.toml", &Options::default(), &Embedded).plan.unwrap()
}

/// Every law of the plan, once.
#[divan::bench]
fn draw(bencher: Bencher<'_, '_>) {
    let plan = plan();
    let draw = Draw::reference(&plan);
    let mut evaluation = Evaluation::new(&plan);
    bencher.bench_local(|| {
        black_box(evaluation.run(&plan, Draw::new(&draw)));
    });
}

/// The billion-user day: replicas sampled, every hour of the year, the busiest again, and what moves it.
#[divan::bench(args = ["assistant", "engineer"], sample_count = 3, sample_size = 1)]
fn served(bencher: Bencher<'_, '_>, name: &str) {
    let plan = plan();
    let demand = plan.demand.iter().find(|demand| demand.name == name).unwrap();
    let (laws, tables) = (ServingLaws::embedded().unwrap(), Tables::new(&plan));
    bencher.bench_local(|| serve(&plan, demand, &laws, &tables, Effort::default(), &Silent).unwrap());
}

/// The hours of 2025 in six regions.
#[divan::bench]
fn year_of_hours(bencher: Bencher<'_, '_>) {
    let plan = plan();
    let draw = Draw::reference(&plan);
    bencher.bench_local(|| hourly_demand(&plan.demand[0], Draw::new(&draw), (20_089, 20_454)));
}

/// The least capacity of regions around the world, each of which reaches its neighbours.
#[divan::bench(args = [4, 6, 8])]
fn capacity(bencher: Bencher<'_, '_>, regions: usize) {
    let shape = DayShape { day_swing: 0.5, day_peak: 18.0, weekend: 0.9, ..DayShape::FLAT };
    let ahead = |region: usize| 24.0 * f64::from(u32::try_from(region).unwrap()) / 8.0;
    let weeks: Vec<_> = (0..regions).map(|region| shape.week(ahead(region))).collect();
    let times: Vec<Vec<f64>> = (0..regions)
        .map(|one| (0..regions).map(|other| if one.abs_diff(other) < 2 { 0.1 } else { 0.3 }).collect())
        .collect();
    let reach = Reach::new(&times, &vec![true; regions], 0.2);
    bencher.bench_local(|| reach.capacity(&weeks));
}

fn main() {
    divan::main();
}
