//! Speed of the simulated fleet, on one core: `cargo bench -p gigawatt-engine --bench fleet`.
//!
//! `year` is a year of 1.3 million accelerators that grow from half; `year_with_jobs` has 10 million small jobs as well;
//! `events` raises failures and `servers` the fleet at a fixed number of events. Items are events. Peak memory is that of
//! a whole process, such as `/usr/bin/time -v target/release/deps/fleet-* --bench year_with_jobs`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "what happened in a history stands beside its time")]

use divan::counter::ItemsCount;
use gigawatt_engine::fleet::{
    Backfill, BatchJob, Cause, CauseKind, Checkpoints, Delivery, Domain, Elastic, Gang, Hazard, History,
    Kind, Level, Model, Operations, Pool, Preemption, Rules, Service, Source, Stage, Stream, Structure,
    Unwatched, Workload, nanoseconds, simulate,
};
use gigawatt_engine::job_mix::{Arrivals, Endings, JobMix, Statistics, WeeklyShape};

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;

/// Failures of a server per second: 3.22 in 1,000 server-days, as the catalogue's `operations.hyperscale-ai` has them.
const RATE: f64 = 3.22e-3 / DAY;

/// Small jobs of a year.
const JOBS: f64 = 10e6;

fn main() {
    divan::main();
}

/// 1.3 million accelerators with all that befalls them.
#[divan::bench(sample_count = 5)]
fn year(bencher: divan::Bencher<'_, '_>) {
    time(bencher, &fleet(1.0), "year", Vec::new);
}

/// The same with 10 million small jobs on 12,000 of its accelerators, which they fill to 86 %.
#[divan::bench(sample_count = 3)]
fn year_with_jobs(bencher: divan::Bencher<'_, '_>) {
    let mut model = fleet(1.0);
    model.workloads.push(workload("research", 5, 1, Kind::Batch));
    time(bencher, &model, "year_with_jobs", || vec![small_jobs()]);
}

/// Cost against events: failures, also of domains and software, as often as a year has them, twice, four and eight times.
#[divan::bench(args = [1, 2, 4, 8], sample_count = 3)]
fn events(bencher: divan::Bencher<'_, '_>, times: u32) {
    time(bencher, &fleet(f64::from(times)), "events", Vec::new);
}

/// Cost against servers at a fixed number of events: 100,000 failures and 200,000 jobs, however large the fleet is.
#[divan::bench(args = [2_500, 10_000, 40_000, 160_000, 640_000, 2_560_000], sample_count = 3)]
fn servers(bencher: divan::Bencher<'_, '_>, servers: u32) {
    let each = YEAR * f64::from(servers);
    let mut of = pool("pool", servers, 1);
    of.hazard = Hazard::constant(1e5 / each);
    of.technicians *= 2_560_000.0 / f64::from(servers);
    let workloads = vec![
        workload("large", 0, 3, Kind::Gang(gang(1_024, 0.0))),
        workload("service", 0, 2, Kind::Service(service(400))),
        workload("jobs", 0, 1, Kind::Batch),
    ];
    let mut operations = operations(1.0);
    operations.maintenance_interval = u64::MAX;
    operations.domains.clear();
    let model = Model { pools: vec![of], workloads, operations, ..fleet(1.0) };
    time(bencher, &model, "servers", || vec![few_jobs()]);
}

fn time(
    bencher: divan::Bencher<'_, '_>,
    model: &Model,
    name: &str,
    sources: impl Fn() -> Vec<Source<'static>> + Sync,
) {
    let history = simulate(model, 1, sources(), &mut Unwatched);
    let events = history.measures.events;
    println!("{name}: {}", account(&history));
    bencher.counter(ItemsCount::new(events)).bench_local(|| simulate(model, 1, sources(), &mut Unwatched));
}

/// What happened in a history.
fn account(history: &History) -> String {
    let measures = &history.measures;
    let ended: u64 = measures.batch.iter().map(|batch| batch.ended).sum();
    format!(
        "{} events, {} failures, {} interruptions of gangs, {} replicas lost, {ended} jobs ended, {} pending at most",
        measures.events,
        measures.failures.iter().sum::<u64>(),
        history.gangs.iter().map(|gang| gang.interruptions()).sum::<u32>(),
        measures.services.iter().map(|service| service.lost).sum::<u64>(),
        measures.most_pending,
    )
}

/// Five large pools that grow from half to 161,000 servers between them, and one of 1,500 for research.
fn fleet(times: f64) -> Model {
    let mut pools: Vec<Pool> = ["a", "b", "c", "d", "e"].iter().map(|name| pool(name, 32_200, 53)).collect();
    pools.push(pool("research", 1_500, 1));
    for pool in &mut pools {
        pool.hazard.rate *= times;
    }
    let mut reinforcement = gang(1_024, 0.0);
    reinforcement.elastic = Elastic::Rollout { servers: 0.6, time: 0.7 };
    reinforcement.reinforcement = true;
    let mut workloads = vec![
        workload("largest", 0, 4, Kind::Gang(gang(12_288, 20.0 * DAY))),
        workload("large", 1, 4, Kind::Gang(gang(4_096, 0.0))),
        workload("middle", 2, 4, Kind::Gang(gang(2_048, 0.0))),
        workload("reinforcement", 2, 3, Kind::Gang(reinforcement)),
        workload("assistant", 3, 2, Kind::Service(service(20_000))),
        workload("search", 4, 2, Kind::Service(service(20_000))),
    ];
    for workload in &mut workloads {
        if let Kind::Gang(gang) = &mut workload.kind {
            gang.software_interval /= times;
        }
    }
    Model {
        span: nanoseconds(YEAR),
        pools,
        workloads,
        teams: Vec::new(),
        causes: [
            ("gpu", 0.98, CauseKind::Hardware),
            ("silent", 0.02, CauseKind::Silent),
            ("software", 1.0, CauseKind::Software),
        ]
        .map(|(name, weight, kind)| Cause { name: name.to_owned(), title: name.to_owned(), weight, kind })
        .to_vec(),
        operations: operations(times),
        rules: Rules {
            backfill: Backfill::Easy,
            preemption: Preemption::ByPriority,
            aging: nanoseconds(DAY),
        },
        injected: Vec::new(),
    }
}

/// Servers that come in so many deliveries, half of them with the first.
fn pool(name: &str, servers: u32, deliveries: u32) -> Pool {
    let first = if deliveries == 1 { servers } else { servers / 2 };
    let each = (servers - first) / (deliveries - 1).max(1);
    let delivery = |step: u32| Delivery {
        time: nanoseconds(f64::from(step) * 7.0 * DAY),
        servers: if step == 0 { first } else { each },
        age: if step == 0 { YEAR } else { 0.0 },
    };
    Pool {
        name: name.to_owned(),
        site: 0,
        structure: Structure { accelerators: 8, rack: 4, row: 16, hall: 24, building: 4 },
        hazard: Hazard {
            rate: RATE,
            infant: 0.3,
            infant_shape: 0.5,
            wear_life: 12.0 * YEAR,
            wear_shape: 3.0,
            frailty: 1.0,
        },
        deliveries: (0..deliveries).map(delivery).collect(),
        retirements: Vec::new(),
        technicians: 1.0,
        spares: 0.02,
        reserved: 0,
    }
}

fn operations(times: f64) -> Operations {
    let domain = |name: &str, level, years: f64, hours: f64| Domain {
        name: name.to_owned(),
        title: name.to_owned(),
        level,
        interval: years * YEAR / times,
        outage: hours * HOUR,
    };
    Operations {
        detection: nanoseconds(300.0),
        diagnosis: nanoseconds(300.0),
        reset_share: 0.5,
        reset: nanoseconds(1_200.0),
        repair: 2.0 * HOUR,
        burn_in: nanoseconds(12.0 * HOUR),
        replacement_share: 0.05,
        replacement: 21.0 * DAY,
        lemon_failures: 4,
        lemon_window: nanoseconds(28.0 * DAY),
        silent_detection: nanoseconds(14.0 * DAY),
        maintenance_interval: nanoseconds(30.0 * DAY),
        maintenance: nanoseconds(1.5 * HOUR),
        domains: vec![
            domain("leaf_switch", Level::Rack, 25.0, 4.0),
            domain("cooling_unit", Level::Row, 5.0, 4.0),
            domain("busway", Level::Row, 20.0, 6.0),
            domain("hall", Level::Hall, 8.0, 4.0),
            domain("site", Level::Site, 15.0, 4.0),
        ],
    }
}

fn workload(name: &str, pool: u16, priority: i32, kind: Kind) -> Workload {
    Workload { name: name.to_owned(), title: name.to_owned(), pool, priority, team: None, kind }
}

/// A job that works all year and writes a checkpoint every ten minutes.
fn gang(servers: u32, submit: f64) -> Gang {
    Gang {
        submit: nanoseconds(submit),
        stages: vec![Stage { servers, work: nanoseconds(2.0 * YEAR) }],
        elastic: Elastic::Rigid,
        checkpoints: Checkpoints {
            interval: nanoseconds(600.0),
            blocking: nanoseconds(5.0),
            delay: nanoseconds(60.0),
        },
        deep_delay: nanoseconds(300.0),
        restart: nanoseconds(480.0),
        software_interval: 20.6 * HOUR,
        reinforcement: false,
    }
}

/// Replicas of eight accelerators whose number doubles over the year.
fn service(replicas: u32) -> Service {
    let step = |week: u32| (nanoseconds(f64::from(week) * 7.0 * DAY), replicas / 2 + replicas * week / 104);
    Service { accelerators: 8, replicas: (0..=52).map(step).collect(), start_up: nanoseconds(360.0) }
}

/// Jobs with the statistics of Seren (AcmeTrace, NSDI 2024), at most an eighth of the pool each.
fn small_jobs() -> Source<'static> {
    let statistics = Statistics {
        mean_size: 5.68,
        median_size: 1.0,
        max_size: 1_024.0,
        mean_run: 1_414.335,
        median_run: 122.0,
        max_run: 1_209_604.0,
        mean_accelerator_seconds: Some(32_406.0),
        endings: Some(Endings { of_jobs: [0.497, 0.075, 0.429], of_time: [0.212, 0.664, 0.124] }),
    };
    let mix = JobMix::fit(&statistics).unwrap();
    let mut arrivals = Arrivals::new(JOBS / YEAR, WeeklyShape::flat(), 0.0).unwrap();
    let (mut times, mut jobs) = (Stream::new(1, "arrivals", "research"), Stream::new(1, "jobs", "research"));
    Box::new(std::iter::from_fn(move || {
        let submit = nanoseconds(arrivals.next(times.generator()));
        let job = mix.sample(jobs.generator());
        let run = nanoseconds(job.run_seconds.max(1e-3));
        let limit = nanoseconds(job.limit_seconds).max(run);
        Some(BatchJob {
            submit,
            accelerators: job.accelerators.clamp(1, 1_024),
            run,
            limit,
            part: run,
            beside: 1,
        })
    }))
}

/// 200,000 jobs of eight accelerators for an hour.
fn few_jobs() -> Source<'static> {
    let mut stream = Stream::new(1, "arrivals", "few");
    let mut now = 0.0;
    Box::new(std::iter::from_fn(move || {
        now += YEAR / 2e5 * stream.exponential();
        let run = nanoseconds(HOUR);
        Some(BatchJob { submit: nanoseconds(now), accelerators: 8, run, limit: run, part: run, beside: 1 })
    }))
}
