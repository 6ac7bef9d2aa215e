//! What a job on many servers says of its time adds up to the time in which it held them, to the nanosecond.

use gigawatt_engine::fleet::{
    Activity, Cause, CauseKind, Checkpoints, Delivery, Domain, Elastic, GangHistory, Hazard, Injected, Kind,
    Level, Model, Stage, State, nanoseconds,
};
use proptest::prelude::*;

use crate::models::{DAY, HOUR, gang, hardware, listed, model, poisson, pool, run, workload};

/// A job with two parts among small jobs, on servers that fail in every way there is.
#[derive(Clone, Copy, Debug)]
struct Case {
    servers: u32,
    first: u32,
    second: u32,
    failure: f64,
    silent: f64,
    software: f64,
    interval: f64,
    blocking: f64,
    delay: f64,
    restart: f64,
    detection: f64,
    elastic: Elastic,
    /// The job's priority; that of small jobs is 1.
    priority: i32,
}

fn elastic() -> impl Strategy<Value = Elastic> {
    prop_oneof![
        Just(Elastic::Rigid),
        (0.3_f64..0.95).prop_map(|least| Elastic::Shrinks { least }),
        (0.1_f64..0.9, 0.1_f64..1.0).prop_map(|(servers, time)| Elastic::Rollout { servers, time }),
    ]
}

fn cases() -> impl Strategy<Value = Case> {
    let sizes = (24_u32..60, 6_u32..24, 6_u32..24);
    let failures = (2.0_f64..40.0, 0.0_f64..0.5, 0.2_f64..5.0);
    let times = (300.0_f64..20_000.0, 0.0_f64..200.0, 0.0_f64..30_000.0, 0.0_f64..3_000.0);
    (
        sizes,
        failures,
        times,
        prop_oneof![Just(0.0), 1.0_f64..4_000.0],
        elastic(),
        prop_oneof![Just(0), Just(2)],
    )
        .prop_map(|(sizes, failures, times, detection, elastic, priority)| Case {
            servers: sizes.0,
            first: sizes.1,
            second: sizes.2,
            failure: failures.0,
            silent: failures.1,
            software: failures.2,
            interval: times.0,
            blocking: times.1,
            delay: times.2,
            restart: times.3,
            detection,
            elastic,
            priority,
        })
}

fn fleet(case: Case) -> Model {
    let mut of = pool(case.servers);
    of.hazard = Hazard { frailty: 1.0, ..Hazard::constant(1.0 / (case.failure * DAY)) };
    of.retirements = vec![(nanoseconds(40.0 * DAY), case.servers / 10)];
    of.deliveries.push(Delivery { time: nanoseconds(50.0 * DAY), servers: case.servers / 5, age: 0.0 });
    let mut job = gang(case.first, 12.0 * DAY);
    job.stages.push(Stage { servers: case.second, work: nanoseconds(25.0 * DAY) });
    job.elastic = case.elastic;
    job.checkpoints = Checkpoints {
        interval: nanoseconds(case.interval),
        blocking: nanoseconds(case.blocking),
        delay: nanoseconds(case.delay),
    };
    job.deep_delay = nanoseconds(2.0 * case.delay);
    job.restart = nanoseconds(case.restart);
    job.software_interval = case.software * DAY;
    let workloads = vec![workload("job", case.priority, Kind::Gang(job)), workload("small", 1, Kind::Batch)];
    let mut fleet = model(vec![of], workloads, 100.0 * DAY);
    let cause =
        |name: &str, weight, kind| Cause { name: name.to_owned(), title: name.to_owned(), weight, kind };
    fleet.causes = vec![
        hardware(),
        cause("silent", case.silent, CauseKind::Silent),
        cause("software", 1.0, CauseKind::Software),
    ];
    let operations = &mut fleet.operations;
    operations.detection = nanoseconds(case.detection);
    operations.diagnosis = nanoseconds(600.0);
    operations.repair = 8.0 * HOUR;
    operations.silent_detection = nanoseconds(2.0 * DAY);
    operations.maintenance_interval = nanoseconds(15.0 * DAY);
    operations.maintenance = nanoseconds(HOUR);
    operations.domains = vec![Domain {
        name: "rack".to_owned(),
        title: "rack".to_owned(),
        level: Level::Rack,
        interval: 60.0 * DAY,
        outage: 5.0 * HOUR,
    }];
    fleet
}

/// Server-nanoseconds of work that a job has done, at the size that every part of it wants.
fn work_done(fleet: &Model, of: &GangHistory) -> f64 {
    let Kind::Gang(gang) = &fleet.workloads[of.workload].kind else { return 0.0 };
    let all: f64 = gang.stages.iter().map(|stage| stage.work as f64).sum();
    let mut left = of.progress * all;
    let part = |stage: &Stage| {
        let done = left.min(stage.work as f64);
        left -= done;
        done * f64::from(stage.servers)
    };
    gang.stages.iter().map(part).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn accounts_add_up_to_the_time_in_which_servers_were_held(case in cases(), seed in any::<u64>()) {
        let fleet = fleet(case);
        let small = poisson(seed, 8, 20_000.0, 40_000.0);
        let history = run(&fleet, seed, vec![small]);
        let job = &history.gangs[0];
        let held = job.held() * 8;
        let times = &history.pools[0].times;
        let given = times[State::Training as usize];
        // A server that has failed and is still held is not counted as given.
        prop_assert!(held >= given && held - given <= times[State::Undetected as usize], "{} {}", held, given);
        if case.detection == 0.0 {
            prop_assert_eq!(held, given);
        }
        let (productive, done) = (job.account.productive as f64, work_done(&fleet, job));
        // What it has done is what it is paid for, to the rounding of its progress. Work of a job that generates samples is
        // not in proportion to its servers.
        if !matches!(case.elastic, Elastic::Rollout { .. }) {
            prop_assert!((productive - done).abs() <= 1e-6 * done + 1e9, "{} {}", productive, done);
        }
    }
}

/// When a job began to work.
fn starts(job: &GangHistory) -> Vec<f64> {
    let running = job.course.iter().filter(|step| step.1 == Activity::Running);
    running.map(|step| step.0 as f64 * 1e-9).collect()
}

fn injected(seconds: f64, server: u32, servers: u32, downtime: f64) -> Injected {
    let downtime = Some(nanoseconds(downtime));
    Injected { time: nanoseconds(seconds), pool: 0, server, servers, cause: 0, downtime }
}

#[test]
fn a_job_does_not_start_on_a_server_that_is_dead_and_nobody_knows() {
    let mut job = gang(2, 1e6);
    job.restart = nanoseconds(10.0);
    let mut fleet = model(vec![pool(8)], vec![workload("job", 0, Kind::Gang(job))], 1_000.0);
    fleet.operations.detection = nanoseconds(100.0);
    fleet.injected = vec![injected(100.0, 0, 1, 1e5), injected(150.0, 1, 1, 1e5)];
    let history = run(&fleet, 0, Vec::new());
    // The first is noticed at 200, the second at 250.
    assert_eq!(starts(&history.gangs[0]), [10.0, 260.0]);
    assert_eq!(history.gangs[0].interruptions(), 1);
}

#[test]
fn a_job_that_can_miss_servers_starts_as_soon_as_it_has_the_fewest() {
    let mut job = gang(10, 1e6);
    job.elastic = Elastic::Shrinks { least: 0.8 };
    let mut fleet = model(vec![pool(10)], vec![workload("job", 0, Kind::Gang(job))], 5_000.0);
    fleet.injected = vec![injected(100.0, 0, 2, 1_000.0), injected(100.0, 2, 1, 4_000.0)];
    let history = run(&fleet, 0, Vec::new());
    // With seven it waits; with nine it works, slower, and with ten it starts anew.
    assert_eq!(starts(&history.gangs[0]), [0.0, 1_100.0, 4_100.0]);
}

#[test]
fn no_promise_is_made_of_servers_that_replacements_are_kept_of() {
    let mut of = pool(10);
    of.spares = 0.2;
    let workloads = vec![workload("job", 1, Kind::Gang(gang(4, 1e6))), workload("jobs", 0, Kind::Batch)];
    let mut fleet = model(vec![of], workloads, 1e5);
    // Two of the job's servers are replaced; when the first small job is over, two of its four servers are kept.
    fleet.injected = vec![injected(10.0, 0, 2, 20_000.0)];
    let history = run(&fleet, 0, vec![listed(&[(1.0, 32, HOUR, HOUR), (20.0, 24, HOUR, HOUR)])]);
    let measure = &history.measures.batch[1];
    assert_eq!((measure.waits.count(), measure.waits.longest()), (2, 19_990.0));
    assert_eq!(history.measures.broken_promises, 0);
}

#[test]
fn who_has_left_takes_its_failures_along() {
    // Half of the servers, whatever their failures, leave at half-time: three quarters of the server-days are left.
    let (rate, days, seeds) = (1.0 / (40.0 * DAY), 200.0, 300);
    let mut of = pool(200);
    of.hazard = Hazard { frailty: 5.0, ..Hazard::constant(rate) };
    of.retirements = vec![(nanoseconds(0.5 * days * DAY), 100)];
    let fleet = model(vec![of], Vec::new(), days * DAY);
    let counts: Vec<f64> =
        (0..seeds).map(|seed| run(&fleet, seed, Vec::new()).measures.failures[0] as f64).collect();
    let mean = counts.iter().sum::<f64>() / seeds as f64;
    let expected = 200.0 * 0.75 * days * DAY * rate;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (seeds - 1) as f64;
    let error = (variance / seeds as f64).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected} {error}");
    assert!(error < 0.03 * expected, "the test could not fail: {error} of {expected}");
}

#[test]
fn corruption_that_is_found_in_a_later_part_sends_the_job_back_to_the_earlier() {
    let mut job = gang(4, 1_000.0);
    job.stages.push(Stage { servers: 8, work: nanoseconds(1_000.0) });
    job.checkpoints = Checkpoints { interval: nanoseconds(100.0), blocking: 0, delay: 0 };
    let mut fleet = model(vec![pool(16)], vec![workload("job", 0, Kind::Gang(job))], 10_000.0);
    fleet.causes[0].kind = CauseKind::Silent;
    fleet.operations.silent_detection = nanoseconds(600.0);
    let of_job = (0..4).find(|&server| {
        fleet.injected = vec![Injected {
            time: nanoseconds(950.0),
            pool: 0,
            server,
            servers: 1,
            cause: 0,
            downtime: None,
        }];
        run(&fleet, 0, Vec::new()).gangs[0].interruptions() > 0
    });
    assert!(of_job.is_some(), "one of the first racks is the job's");
    let history = run(&fleet, 0, Vec::new());
    let job = &history.gangs[0];
    let seconds = |time: u128| time as f64 * 1e-9;
    // Found at 1,550 s: 50 s on eight servers were not written, 500 s on eight and 100 s on four are wrong.
    assert_eq!(seconds(job.loss().rework), 8.0 * 550.0 + 4.0 * 100.0);
    assert_eq!(seconds(job.account.productive), 12_000.0);
    assert_eq!(job.ended.map(|time| time as f64 * 1e-9), Some(1_550.0 + 1_100.0));
    assert_eq!(job.held() * 8, history.pools[0].times[State::Training as usize]);
}
