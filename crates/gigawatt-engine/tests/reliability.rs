//! The closed forms of failures against a simulation that knows nothing of them, against published figures, and in order.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gigawatt_engine::reliability::{
    CheckpointedJob, Count, Course, Interruptions, Intervals, Level, Machines, Moves, ReliabilityFacts,
    Replicas, Spares, Spread, Strategy, Teams, TwoLevel, state_bytes,
};
use gigawatt_plan::catalog::{Catalogue, Kind, find_model};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use proptest::strategy::Strategy as _;
use proptest::{prop_assert, proptest};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn catalogue() -> Catalogue {
    Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default())
}

/// Exponential times from a seeded stream.
struct Clock {
    stream: ChaCha8Rng,
    rate: f64,
}

impl Clock {
    fn new(seed: u64, rate: f64) -> Self {
        Self { stream: ChaCha8Rng::seed_from_u64(seed), rate }
    }

    fn uniform(&mut self) -> f64 {
        (f64::from(self.stream.next_u32()) + 0.5) / 4_294_967_296.0
    }

    fn next(&mut self) -> f64 {
        -libm::log(self.uniform()) / self.rate
    }
}

/// A job second by second of events: works, takes a checkpoint, loses it with what was not durable when an interruption comes. Returns
/// the work that was kept and the time that it took.
fn simulated(course: &Course, interval: f64, checkpoints: u32, seed: u64) -> (f64, f64) {
    let mut clock = Clock::new(seed, course.rate);
    let (mut now, mut failure) = (0.0, 0.0);
    failure += clock.next();
    // Work that is durable, work done, and the checkpoint that is on its way: when it will be durable, and of what.
    let (mut durable, mut done) = (0.0, 0.0);
    let mut pending: Option<(f64, f64)> = None;
    let target = f64::from(checkpoints) * interval;
    while durable < target {
        let step_end = now + interval + course.blocking;
        if let Some((at, of)) = pending
            && at <= step_end.min(failure)
        {
            (durable, pending) = (of, None);
            if durable >= target {
                now = at;
                break;
            }
        }
        if failure < step_end {
            now = failure;
            pending = None;
            done = durable;
            // Restarts until one is through.
            loop {
                failure = now + clock.next();
                now += course.restart;
                if failure >= now {
                    break;
                }
                now = failure;
            }
            continue;
        }
        now = step_end;
        done += interval;
        if course.lag > 0.0 {
            pending = Some((now + course.lag, done));
        } else {
            durable = done;
        }
    }
    (durable, now)
}

/// Time for each second of work in forty simulated batches, and the standard error of its mean.
fn batches(simulated: impl Fn(u64) -> (f64, f64)) -> (f64, f64) {
    let (mut work, mut time, mut ratios) = (0.0, 0.0, Vec::new());
    for batch in 0..40 {
        let (kept, took) = simulated(batch);
        work += kept;
        time += took;
        ratios.push(took / kept);
    }
    let mean = time / work;
    let n = ratios.len() as f64;
    let variance = ratios.iter().map(|ratio| (ratio - mean) * (ratio - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[test]
fn a_simulated_job_takes_the_time_of_the_exact_form() {
    let cases = [
        (Course { rate: 1.0 / 10_000.0, restart: 500.0, blocking: 20.0, lag: 0.0 }, 600.0),
        (Course { rate: 1.0 / 1000.0, restart: 600.0, blocking: 30.0, lag: 0.0 }, 300.0),
        (Course { rate: 1.0 / 400.0, restart: 300.0, blocking: 60.0, lag: 0.0 }, 200.0),
        (Course { rate: 1.0 / 2000.0, restart: 300.0, blocking: 5.0, lag: 150.0 }, 200.0),
        (Course { rate: 1.0 / 500.0, restart: 100.0, blocking: 2.0, lag: 90.0 }, 100.0),
    ];
    for (index, (course, interval)) in cases.into_iter().enumerate() {
        let (mean, error) = batches(|batch| simulated(&course, interval, 2000, 1000 * index as u64 + batch));
        let exact = course.stretch(interval);
        // Three and a half standard errors: one case in two thousand would miss by chance.
        assert!((mean - exact).abs() < 3.5 * error, "case {index}: {mean} against {exact} ± {error}");
        assert!(error < 0.02 * exact, "the sample is too small to tell");
    }
}

/// The same for two levels: a checkpoint in memory after each interval, one in storage after each `every`th, both blocking.
fn simulated_two(levels: &TwoLevel, intervals: Intervals, periods: u32, seed: u64) -> (f64, f64) {
    let mut clock = Clock::new(seed, levels.rate);
    let mut now = 0.0;
    let mut failure = clock.next();
    let (mut stored, mut held) = (0_u32, 0_u32);
    let target = periods * intervals.every;
    while stored < target {
        let to_storage = (held + 1).is_multiple_of(intervals.every);
        let extra = if to_storage { levels.storage.blocking } else { 0.0 };
        let end = now + intervals.memory + levels.memory.blocking + extra;
        if failure >= end {
            now = end;
            held += 1;
            if to_storage {
                stored = held;
            }
            continue;
        }
        now = failure;
        // An interruption while restarting may destroy what the first one left.
        let mut from_storage = false;
        loop {
            from_storage |= clock.uniform() < levels.fallback;
            let restart = if from_storage { levels.storage.restart } else { levels.memory.restart };
            failure = now + clock.next();
            if failure >= now + restart {
                now += restart;
                break;
            }
            now = failure;
        }
        if from_storage {
            held = stored;
        }
    }
    (f64::from(stored) * intervals.memory, now)
}

#[test]
fn a_simulated_job_with_copies_in_memory_takes_the_time_of_the_transform() {
    let levels = |fallback, rate: f64| TwoLevel {
        rate,
        fallback,
        memory: Level { blocking: 3.0, lag: 0.0, restart: 200.0 },
        storage: Level { blocking: 40.0, lag: 0.0, restart: 400.0 },
    };
    let cases = [
        (levels(0.1, 1.0 / 3000.0), Intervals { memory: 100.0, every: 10 }),
        (levels(0.5, 1.0 / 1000.0), Intervals { memory: 100.0, every: 4 }),
        (levels(0.02, 1.0 / 600.0), Intervals { memory: 60.0, every: 30 }),
    ];
    for (index, (levels, intervals)) in cases.into_iter().enumerate() {
        let (mean, error) =
            batches(|batch| simulated_two(&levels, intervals, 300, 7000 * index as u64 + batch));
        let exact = levels.stretch(intervals);
        assert!((mean - exact).abs() < 3.5 * error, "case {index}: {mean} against {exact} ± {error}");
        assert!(error < 0.02 * exact, "the sample is too small to tell");
    }
}

#[test]
fn simulated_spares_run_out_as_often_as_erlang_says() {
    for (teams, repair_at_once) in [(Teams::Unlimited, u32::MAX), (Teams::Limited(3), 3)] {
        let spares = Spares { servers: 50.0, rate: 0.1, repair: 1.0, teams };
        let mut clock = Clock::new(11, 1.0);
        let (mut broken, mut waiting, mut all) = (0_u32, 0.0, 0.0);
        for _ in 0..400_000 {
            let fails = if broken <= 6 { 5.0 } else { 0.0 };
            let mends = f64::from(broken.min(repair_at_once));
            let stay = clock.next() / (fails + mends);
            all += stay;
            if broken == 7 {
                waiting += stay;
            }
            if clock.uniform() * (fails + mends) < fails { broken += 1 } else { broken -= 1 }
        }
        let (found, exact) = (waiting / all, spares.exhausted(6));
        assert!((found / exact - 1.0).abs() < 0.03, "{teams:?}: {found} against {exact}");
    }
}

/// Llama 3.1 405B on as many H100, with what the catalogue knows.
fn job(
    facts: &ReliabilityFacts,
    accelerators: f64,
    interruptions: Interruptions,
    restart: f64,
) -> CheckpointedJob {
    let catalogue = catalogue();
    let model = find_model(&catalogue, "llama-3-1-405b").unwrap();
    let bytes = state_bytes(&model.architecture.as_ref().unwrap().shape, facts.bytes_per_parameter.value);
    let machines = Machines {
        accelerators,
        servers: accelerators / 8.0,
        storage: facts.storage.value,
        server_link: facts.server_link.value,
        staging: facts.staging.value,
        network: 50e9,
    };
    CheckpointedJob {
        interruptions,
        server_rate: interruptions.hardware / (accelerators / 8.0),
        restart,
        moves: Moves::of(bytes, &machines),
        replicas: Replicas {
            copies: 2,
            spread: Spread::OtherDomains,
            domain: 2.0,
            domain_failures: facts.domain_failures.value,
        },
    }
}

#[test]
fn llama_3_had_more_than_nine_tenths() {
    let facts = ReliabilityFacts::of(&catalogue()).unwrap();
    // All 466 interruptions of 54 days, planned ones too.
    let rate = 466.0 / (54.0 * 86_400.0);
    let found = job(
        &facts,
        16_384.0,
        Interruptions { hardware: rate, software: 0.0 },
        facts.timeline.restart(0.0).value,
    );
    let best = found.best(Strategy::Blocking);
    assert!((0.90..0.96).contains(&best.shares.work), "{best:?}");
    // About 5.7 TB at 2 TB/s.
    assert!((2.8..2.9).contains(&found.moves.write), "{:?}", found.moves);
}

#[test]
fn a_hundred_thousand_accelerators_lose_half_and_the_linear_formula_refuses() {
    let facts = ReliabilityFacts::of(&catalogue()).unwrap();
    let hardware = |rate: f64| Interruptions::of(12_500.0, rate, facts.software_rate);
    let pooled = facts.pooled_rate(None).unwrap();
    let at = |rate: f64| job(&facts, 100_000.0, hardware(rate), 600.0).best(Strategy::Background).shares.work;
    // Published: 44 %. Even the highest published rate of servers leaves more, so that one fails oftener there.
    assert!((0.50..0.60).contains(&at(pooled.high)), "{}", at(pooled.high));
    assert!(at(pooled.value) > at(pooled.high) && at(pooled.low) > at(pooled.value));
    let one = job(&facts, 100_000.0, hardware(pooled.high), 600.0).course(Strategy::Background).unwrap();
    assert!(one.linear(one.best_interval()).is_err());
}

#[test]
fn facts_are_those_that_were_published() {
    let catalogue = catalogue();
    let facts = ReliabilityFacts::of(&catalogue).unwrap();
    let rates: Vec<f64> = facts.rates(None).into_iter().map(ReliabilityFacts::per_thousand_days).collect();
    for published in [2.34, 3.79, 6.50] {
        assert!(rates.iter().any(|rate| (rate / published - 1.0).abs() < 2e-3), "{rates:?}");
    }
    assert_eq!(facts.causes.iter().map(|(_, count)| count).sum::<f64>(), 419.0);
    assert!((facts.software_rate * 3600.0 - 0.0919).abs() < 1e-4);
}

#[test]
fn operations_agree_with_what_was_measured() {
    let catalogue = catalogue();
    let facts = ReliabilityFacts::of(&catalogue).unwrap();
    let measured = |id: &str, field: &str| {
        let entry = catalogue.get(Kind::Reliability, id).unwrap();
        entry.vintages(field).last().unwrap().written.distribution.reference()
    };
    // Steps of a restart, of which none was published, against the whole of it on about 100,000 GPUs: within a tenth.
    let restart = facts.timeline.restart(0.0);
    assert!((restart.value / measured("ft-hsdp", "restart_time") - 1.0).abs() < 0.1, "{restart:?}");
    // The rate of staging is the measured one, rounded.
    let rate = measured("gb200-staging", "staged")
        / measured("gb200-staging", "staging_time")
        / measured("gb200-staging", "accelerators");
    assert!((facts.staging.value / rate - 1.0).abs() < 3e-3, "{} {rate}", facts.staging.value);
    // Half of the servers are back in 26 min; the others take 14 h, and one in twenty of them three weeks.
    let back = facts.repair.mean_time();
    assert!((back.value / 3600.0 - (0.1 + 0.5 / 3.0 + 0.5 * (14.0 + 0.05 * 504.0))).abs() < 1e-9, "{back:?}");
    assert!(back.low < 0.8 * back.value && back.high > 1.5 * back.value, "{back:?}");
}

fn courses() -> impl proptest::strategy::Strategy<Value = Course> {
    (1e-7..1e-2_f64, 0.0..3600.0_f64, 0.01..600.0_f64, 0.0..600.0_f64)
        .prop_map(|(rate, restart, blocking, lag)| Course { rate, restart, blocking, lag })
}

proptest! {
    #[test]
    fn more_failures_never_raise_and_a_shorter_restart_never_lowers_goodput(course in courses(), times in 0.05..20.0_f64, factor in 1.0..10.0_f64) {
        let interval = times * course.best_interval();
        let worse = Course { rate: course.rate * factor, ..course };
        prop_assert!(worse.goodput(interval) <= course.goodput(interval) * (1.0 + 1e-12));
        prop_assert!(worse.goodput(worse.best_interval()) <= course.goodput(course.best_interval()) * (1.0 + 1e-12));
        let shorter = Course { restart: course.restart / factor, ..course };
        prop_assert!(shorter.goodput(interval) >= course.goodput(interval) * (1.0 - 1e-12));
        let shares = course.shares(interval);
        let sum = shares.work + shares.writing + shares.lost + shares.restart;
        prop_assert!((sum - 1.0).abs() < 1e-9, "{shares:?}");
    }

    #[test]
    fn no_interval_beats_the_best(course in courses(), times in 1e-3..1e3_f64) {
        let best = course.best_interval();
        let other = (times * best).max(course.shortest());
        prop_assert!(course.stretch(best) <= course.stretch(other) * (1.0 + 1e-9));
    }

    #[test]
    fn two_levels_behave(
        rate in 1e-6..1e-3_f64, fallback in 0.0..1.0_f64, factor in 1.0..10.0_f64,
        blocking in 0.1..30.0_f64, lag in 0.0..60.0_f64, every in 1..200_u32,
    ) {
        let levels = TwoLevel {
            rate,
            fallback,
            memory: Level { blocking, lag, restart: 200.0 },
            storage: Level { blocking: 2.0 * blocking, lag: 5.0 * lag, restart: 500.0 },
        };
        let intervals = Intervals { memory: 200.0, every };
        let goodput = levels.goodput(intervals);
        prop_assert!((0.0..=1.0).contains(&goodput));
        let worse = TwoLevel { rate: rate * factor, ..levels };
        prop_assert!(worse.goodput(intervals) <= goodput * (1.0 + 1e-9));
        let safer = TwoLevel { fallback: fallback / factor, ..levels };
        prop_assert!(safer.goodput(intervals) >= goodput * (1.0 - 1e-9));
        let shorter = TwoLevel { memory: Level { restart: 200.0 / factor, ..levels.memory }, ..levels };
        prop_assert!(shorter.goodput(intervals) >= goodput * (1.0 - 1e-9));
    }

    #[test]
    fn more_spares_never_lower_and_slower_repairs_never_raise(load in 0.0..200.0_f64, spares in 0..300_u32, teams in 0..50_u32, factor in 1.0..5.0_f64) {
        for teams in [Teams::Unlimited, Teams::Limited(teams)] {
            let some = Spares { servers: 1000.0, rate: load / 1000.0, repair: 1.0, teams };
            prop_assert!(some.exhausted(spares + 1) <= some.exhausted(spares) + 1e-15);
            let slower = Spares { repair: factor, ..some };
            prop_assert!(slower.exhausted(spares) >= some.exhausted(spares) - 1e-15);
            prop_assert!((0.0..=1.0).contains(&some.exhausted(spares)));
        }
    }

    #[test]
    fn quantiles_bound_what_they_should(mean in 0.01..5000.0_f64, spread in 0.0..0.5_f64, probability in 0.01..0.99_f64) {
        let count = Count { mean, spread };
        let quantile = count.quantile(probability);
        prop_assert!(count.at_most(quantile) >= probability - 1e-9);
        prop_assert!(quantile == 0.0 || count.at_most(quantile - 1.0) < probability + 1e-9);
    }
}
