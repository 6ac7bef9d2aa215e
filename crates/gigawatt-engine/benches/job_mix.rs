//! Speed of small jobs: `cargo bench -p gigawatt-engine --bench job_mix`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;

use divan::AllocProfiler;
use divan::counter::ItemsCount;
use gigawatt_engine::job_mix::{Arrivals, Endings, JobMix, Statistics, WeeklyShape};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Counts allocations, which sampling makes none of.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Jobs of one measurement.
const JOBS: u32 = 1 << 20;

fn main() {
    divan::main();
}

/// Kalos of AcmeTrace (NSDI 2024), whose sizes reach furthest.
fn published() -> Statistics {
    Statistics {
        mean_size: 26.77,
        median_size: 1.0,
        max_size: 1024.0,
        mean_run: 1259.689,
        median_run: 124.0,
        max_run: 625_740.0,
        mean_accelerator_seconds: Some(267_904.0),
        endings: Some(Endings { of_jobs: [0.541, 0.062, 0.397], of_time: [0.313, 0.607, 0.08] }),
    }
}

#[divan::bench]
fn fit(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(|| JobMix::fit(black_box(&published())));
}

#[divan::bench]
fn sample(bencher: divan::Bencher<'_, '_>) {
    let mix = JobMix::fit(&published()).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    bencher.counter(ItemsCount::new(JOBS)).bench_local(|| {
        (0..JOBS).for_each(|_| {
            black_box(mix.sample(&mut rng));
        });
    });
}

#[divan::bench]
fn arrive(bencher: divan::Bencher<'_, '_>) {
    let shape = WeeklyShape::daily(0.5, 15.0, 0.6).unwrap();
    let mut arrivals = Arrivals::new(2.0, shape, 0.0).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    bencher.counter(ItemsCount::new(JOBS)).bench_local(|| {
        (0..JOBS).for_each(|_| {
            black_box(arrivals.next(&mut rng));
        });
    });
}
