//! Who gets what: nobody too much, nobody never, and no promise is broken.

use gigawatt_engine::fleet::{
    Backfill, BatchJob, Delivery, Kind, Model, Preemption, Rules, Stream, Team, nanoseconds,
};
use proptest::prelude::*;

use crate::models::{DAY, HOUR, gang, listed, model, pool, run, workload};

fn rules(backfill: Backfill) -> Rules {
    Rules { backfill, preemption: Preemption::Never, aging: u64::MAX }
}

/// A stream of jobs of all sizes whose limits are longer than they run.
fn mixed(seed: u64, servers: u32, load: f64) -> Vec<BatchJob> {
    let mut stream = Stream::new(seed, "test", "mixed");
    let mut now = 0.0;
    let work = 2_000.0 * 0.5 * 8.0 * f64::from(servers) / 4.0;
    (0..1_000)
        .map(|_| {
            now += work / (f64::from(servers) * 8.0 * load) * stream.exponential();
            let accelerators = if stream.uniform() < 0.5 {
                1 + stream.below(7) as u32
            } else {
                8 * (1 + stream.below(u64::from(servers)) as u32)
            };
            let run = 2_000.0 * stream.exponential();
            let limit = run * (1.0 + 3.0 * stream.uniform());
            BatchJob {
                submit: nanoseconds(now),
                accelerators,
                run: nanoseconds(run),
                limit: nanoseconds(limit),
                part: nanoseconds(run),
                beside: 1,
            }
        })
        .collect()
}

fn batch(servers: u32, seconds: f64) -> Model {
    model(vec![pool(servers)], vec![workload("jobs", 0, Kind::Batch)], seconds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn no_promise_is_broken_and_every_job_ends(seed in any::<u64>(), servers in 2_u32..20, load in 0.3_f64..1.1) {
        for backfill in [Backfill::None, Backfill::Easy, Backfill::Conservative] {
            let mut fleet = batch(servers, 1e9);
            fleet.rules = rules(backfill);
            let jobs = mixed(seed, servers, load);
            let work: u128 = jobs.iter().map(|job| u128::from(job.run) * u128::from(job.accelerators)).sum();
            let history = run(&fleet, seed, vec![Box::new(jobs.into_iter())]);
            let measure = &history.measures.batch[0];
            prop_assert_eq!(history.measures.broken_promises, 0, "{:?}", backfill);
            prop_assert_eq!((measure.submitted, measure.ended), (1_000, 1_000));
            prop_assert_eq!(measure.done, work, "nobody got more or less than asked");
        }
    }
}

#[test]
fn backfill_fills_what_order_leaves() {
    let waits = |backfill| {
        let mut fleet = batch(8, 1e8);
        fleet.rules = rules(backfill);
        run(&fleet, 1, vec![Box::new(mixed(1, 8, 0.8).into_iter())]).measures.batch[0].waits.mean()
    };
    let (none, easy, conservative) =
        (waits(Backfill::None), waits(Backfill::Easy), waits(Backfill::Conservative));
    assert!(easy < 0.8 * none, "{easy} {none}");
    assert!(conservative < 0.9 * none, "{conservative} {none}");
}

#[test]
fn a_job_passes_only_if_it_ends_in_time_or_is_not_in_the_way() {
    // Two servers. A holds one until 100; B wants both; C fits beside A and ends in time; D would not.
    let mut fleet = batch(2, 10_000.0);
    fleet.rules = rules(Backfill::Easy);
    let hour = HOUR;
    let jobs =
        [(0.0, 8, hour, hour), (1.0, 16, hour, hour), (2.0, 8, 1_000.0, 1_000.0), (3.0, 8, hour, 2.0 * hour)];
    let history = run(&fleet, 0, vec![listed(&jobs)]);
    let waits = &history.measures.batch[0].waits;
    // A at once, B after A, C at once, D behind B.
    assert_eq!(waits.count(), 4);
    let expected = (hour - 1.0) + (2.0 * hour - 3.0);
    assert!((waits.mean() * 4.0 - expected).abs() < 1e-6, "{}", waits.mean() * 4.0);
}

#[test]
fn nothing_starves_where_waiting_is_worth_priority() {
    // The upper class alone is more than the server can do; the lower one asks once.
    let first_start = |aging| {
        let workloads = vec![workload("low", 0, Kind::Batch), workload("high", 1, Kind::Batch)];
        let mut fleet = model(vec![pool(1)], workloads, 20.0 * DAY);
        fleet.rules = Rules { backfill: Backfill::Easy, preemption: Preemption::Never, aging };
        let high: Vec<(f64, u32, f64, f64)> =
            (0..2_000).map(|n| (f64::from(n) * 900.0, 8, 1_000.0, 1_000.0)).collect();
        let history = run(&fleet, 0, vec![listed(&[(5_000.0, 8, 1_000.0, 1_000.0)]), listed(&high)]);
        (history.measures.batch[0].waits.count(), history.measures.batch[0].waits.longest())
    };
    assert_eq!(first_start(u64::MAX).0, 0, "it would never start");
    let (started, wait) = first_start(nanoseconds(6.0 * HOUR));
    // It passes everything that asks six hours after it; what asked before that is done by then, at 1,000 s each.
    assert!(started == 1 && wait < 6.0 * HOUR / 0.9 + 2_000.0, "{wait}");
}

#[test]
fn preemption_takes_the_lowest_first_and_never_an_equal() {
    let workloads = vec![
        workload("low", 0, Kind::Batch),
        workload("middle", 1, Kind::Batch),
        workload("high", 2, Kind::Batch),
        workload("equal", 2, Kind::Batch),
    ];
    let fleet = model(vec![pool(3)], workloads, 10.0 * HOUR);
    let long = 20.0 * HOUR;
    let history = run(
        &fleet,
        0,
        vec![
            listed(&[(0.0, 8, long, long)]),
            listed(&[(1.0, 8, long, long)]),
            listed(&[(2.0, 8, long, long), (10.0, 8, long, long)]),
            listed(&[(20.0, 8, long, long), (30.0, 8, long, long)]),
        ],
    );
    let preempted: Vec<u64> = history.measures.batch.iter().map(|batch| batch.preempted).collect();
    assert_eq!(preempted, [1, 1, 0, 0]);
    assert_eq!(history.measures.batch[3].waits.count(), 1, "the last of the equals waits");
}

#[test]
fn a_quota_bounds_a_team_and_nobody_else() {
    let workloads = vec![workload("bounded", 0, Kind::Batch), workload("free", 0, Kind::Batch)];
    let mut fleet = model(vec![pool(4)], workloads, 1_000.0);
    fleet.teams = vec![Team { name: "bounded".to_owned(), quota: 12 }];
    fleet.workloads[0].team = Some(0);
    let four: Vec<(f64, u32, f64, f64)> = (0..4).map(|_| (0.0, 8, 1e5, 1e5)).collect();
    let history = run(&fleet, 0, vec![listed(&four), listed(&four)]);
    assert_eq!(history.measures.batch[0].waits.count(), 1);
    assert_eq!(history.measures.batch[1].waits.count(), 3);
}

#[test]
fn spares_are_kept_from_new_jobs_and_given_to_those_that_lose_servers() {
    let mut of = pool(20);
    of.spares = 0.1;
    of.hazard.rate = 1.0 / (100.0 * DAY);
    let workloads = vec![workload("run", 1, Kind::Gang(gang(18, 1e9))), workload("jobs", 0, Kind::Batch)];
    let mut fleet = model(vec![of], workloads, 300.0 * DAY);
    fleet.operations.repair = 0.1 * DAY;
    let history = run(&fleet, 0, vec![listed(&[(0.0, 8, 1e5, 1e5)])]);
    assert_eq!(history.measures.batch[0].waits.count(), 0, "spares are not for it");
    assert!(history.gangs[0].interruptions() > 20);
    assert!(history.gangs[0].loss().waiting * 100 < history.gangs[0].held());
}

#[test]
fn a_job_that_is_larger_than_the_fleet_waits_until_it_is_not() {
    let mut of = pool(4);
    of.deliveries.push(Delivery { time: nanoseconds(100.0), servers: 4, age: 0.0 });
    let fleet = model(vec![of], vec![workload("jobs", 0, Kind::Batch)], 1_000.0);
    let history =
        run(&fleet, 0, vec![listed(&[(0.0, 64, 10.0, 10.0), (0.0, 65, 10.0, 10.0), (1.0, 8, 10.0, 10.0)])]);
    let waits = &history.measures.batch[0].waits;
    assert_eq!((waits.count(), waits.longest()), (2, 100.0));
    assert_eq!(history.pools[0].waiting, 1);
}
