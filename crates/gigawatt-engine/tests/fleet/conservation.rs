//! What is online is always in some state, and the same model and seed give the same history.

use gigawatt_engine::fleet::{
    Cause, CauseKind, Checkpoints, Delivery, Domain, Elastic, Hazard, History, Kind, Level, Model, Service,
    State, Structure, nanoseconds,
};

use crate::models::{DAY, HOUR, gang, hardware, model, poisson, pool, run, workload};

/// A fleet in which everything that can happen does: growth, retirement, lemons, outages, maintenance, preemption,
/// services that grow and shrink, elastic gangs, silent corruption, batch jobs of several sizes.
pub fn busy(servers: u32, days: f64) -> Model {
    let mut of = pool(servers);
    of.structure = Structure { accelerators: 8, rack: 4, row: 4, hall: 2, building: 2 };
    of.hazard = Hazard {
        frailty: 2.0,
        infant: 0.5,
        infant_shape: 0.5,
        wear_life: 900.0 * DAY,
        wear_shape: 3.0,
        ..Hazard::constant(1.0 / (20.0 * DAY))
    };
    of.deliveries = (0..8_u32)
        .map(|step| Delivery {
            time: nanoseconds(f64::from(step) * days / 16.0 * DAY),
            servers: servers / 8,
            age: if step == 0 { 100.0 * DAY } else { 0.0 },
        })
        .collect();
    of.retirements = vec![(nanoseconds(days * 0.7 * DAY), servers / 10)];
    of.technicians = 30.0;
    of.spares = 0.02;
    let mut other = pool(servers / 2);
    other.name = "other".to_owned();
    other.hazard.rate = 1.0 / (30.0 * DAY);
    let training = |share: u32, elastic| {
        let mut gang = gang(servers / share, 200.0 * DAY);
        gang.stages.insert(
            0,
            gigawatt_engine::fleet::Stage { servers: servers / share / 2, work: nanoseconds(3.0 * DAY) },
        );
        gang.elastic = elastic;
        gang.checkpoints = Checkpoints {
            interval: nanoseconds(HOUR),
            blocking: nanoseconds(60.0),
            delay: nanoseconds(300.0),
        };
        gang.deep_delay = nanoseconds(4.0 * HOUR);
        gang.restart = nanoseconds(600.0);
        gang.software_interval = DAY;
        gang
    };
    let service = Service {
        accelerators: 16,
        replicas: [0.0, 0.2, 0.5, 0.8]
            .iter()
            .zip([servers / 40, servers / 12, servers / 8, servers / 20])
            .map(|(&at, count)| (nanoseconds(at * days * DAY), count))
            .collect(),
        start_up: nanoseconds(300.0),
    };
    let rollout = Elastic::Rollout { servers: 0.6, time: 0.7 };
    let mut reinforcement = training(8, rollout);
    reinforcement.reinforcement = true;
    reinforcement.submit = nanoseconds(0.3 * days * DAY);
    let workloads = vec![
        workload("large", 5, Kind::Gang(training(3, Elastic::Rigid))),
        workload("elastic", 4, Kind::Gang(training(5, Elastic::Shrinks { least: 0.8 }))),
        workload("reinforcement", 4, Kind::Gang(reinforcement)),
        workload("assistant", 3, Kind::Service(service)),
        workload("small", 1, Kind::Batch),
        workload("wide", 2, Kind::Batch),
    ];
    let mut fleet = model(vec![of, other], workloads, days * DAY);
    fleet.causes = vec![
        hardware(),
        Cause { name: "silent".to_owned(), title: "Silent".to_owned(), weight: 0.1, kind: CauseKind::Silent },
        Cause {
            name: "software".to_owned(),
            title: "Software".to_owned(),
            weight: 1.0,
            kind: CauseKind::Software,
        },
    ];
    let operations = &mut fleet.operations;
    operations.detection = nanoseconds(300.0);
    operations.diagnosis = nanoseconds(1_800.0);
    operations.reset_share = 0.5;
    operations.reset = nanoseconds(1_200.0);
    operations.repair = 3.0 * HOUR;
    operations.burn_in = nanoseconds(2.0 * HOUR);
    operations.replacement_share = 0.1;
    operations.replacement = 3.0 * DAY;
    operations.lemon_failures = 3;
    operations.lemon_window = nanoseconds(20.0 * DAY);
    operations.silent_detection = nanoseconds(8.0 * HOUR);
    operations.maintenance_interval = nanoseconds(60.0 * DAY);
    operations.maintenance = nanoseconds(HOUR);
    operations.domains = [
        ("leaf-switch", Level::Rack, 200.0),
        ("cooling", Level::Row, 300.0),
        ("hall", Level::Hall, 500.0),
        ("site", Level::Site, 400.0),
    ]
    .map(|(name, level, days)| Domain {
        name: name.to_owned(),
        title: name.to_owned(),
        level,
        interval: days * DAY,
        outage: 4.0 * HOUR,
    })
    .to_vec();
    fleet
}

pub fn busy_history(fleet: &Model, seed: u64) -> History {
    let servers = fleet.pools[0].deliveries.iter().map(|delivery| delivery.servers).sum::<u32>();
    let interval = 2.0 * HOUR / (f64::from(servers) * 8.0 * 0.15);
    run(
        fleet,
        seed,
        vec![poisson(seed, 1, interval, 2.0 * HOUR), poisson(seed + 1, 24, interval * 40.0, 3.0 * HOUR)],
    )
}

#[test]
#[expect(clippy::assertions_on_constants, reason = "the test shows nothing in a build without assertions")]
fn accelerators_are_conserved_at_every_change() {
    // Every change asserts the identity in a build with debug assertions, as tests have.
    assert!(cfg!(debug_assertions));
    let fleet = busy(240, 90.0);
    for seed in 0..4 {
        let history = busy_history(&fleet, seed);
        for pool in &history.pools {
            assert_eq!(pool.times.iter().sum::<u128>(), pool.online, "the integrals agree to the nanosecond");
        }
        let broken = [
            State::Undetected,
            State::AwaitingTechnician,
            State::Repair,
            State::AwaitingReplacement,
            State::Outage,
            State::Maintenance,
            State::BurnIn,
        ];
        for state in
            broken.into_iter().chain([State::Training, State::Service, State::Batch, State::Reinforcement])
        {
            assert!(history.pools[0].times[state as usize] > 0, "{state:?} never happens");
        }
        // What jobs say they held is what the pool says it gave, but for servers that had failed and were held still.
        for (state, reinforcement) in [(State::Training, false), (State::Reinforcement, true)] {
            let of = |index: &usize| matches!(&fleet.workloads[*index].kind, Kind::Gang(gang) if gang.reinforcement == reinforcement);
            let held: u128 =
                history.gangs.iter().filter(|gang| of(&gang.workload)).map(|gang| gang.held() * 8).sum();
            let given = history.pools[0].times[state as usize];
            assert!(held >= given, "{state:?}: {held} {given}");
            assert!(
                held - given <= history.pools[0].times[State::Undetected as usize],
                "{state:?}: {held} {given}"
            );
        }
        for gang in &history.gangs {
            assert!(gang.interruptions() > 0);
            assert!((0.0..=1.0).contains(&gang.progress));
        }
        let batch = &history.measures.batch;
        assert!(batch[4].killed > 0 && batch[4].ended > 1000 && batch[4].ended <= batch[4].submitted);
        assert!(history.measures.services[0].lost > 0);
        assert!(history.measures.services[0].serving_time <= history.measures.services[0].wanted_time);
    }
}

#[test]
fn a_model_and_a_seed_give_one_history() {
    let fleet = busy(120, 40.0);
    let first = busy_history(&fleet, 7);
    let again = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| busy_history(&fleet, 7))).collect();
        runs.into_iter().map(|run| run.join().expect("no history panics")).collect::<Vec<_>>()
    });
    assert!(again.iter().all(|history| *history == first));
    assert_ne!(busy_history(&fleet, 8), first);
}

#[test]
fn another_workload_does_not_move_failures() {
    let mut fleet = model(vec![pool(100)], Vec::new(), 200.0 * DAY);
    fleet.pools[0].hazard.rate = 1.0 / (10.0 * DAY);
    let alone = run(&fleet, 3, Vec::new()).measures.failures;
    fleet.workloads.push(workload("small", 0, Kind::Batch));
    let beside = run(&fleet, 3, vec![poisson(3, 1, 10_000.0, 1_000.0)]).measures.failures;
    assert_eq!(alone, beside);
}
