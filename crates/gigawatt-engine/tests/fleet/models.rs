//! Small fleets for the tests.

use gigawatt_engine::fleet::{
    Backfill, BatchJob, Cause, CauseKind, Checkpoints, Delivery, Elastic, Gang, Hazard, History, Kind, Model,
    NEVER, Operations, Pool, Preemption, Rules, SECOND, Source, Stage, Stream, Structure, Unwatched,
    Workload, nanoseconds, simulate,
};

pub const DAY: f64 = 86_400.0;
pub const HOUR: f64 = 3_600.0;

/// Servers of eight accelerators, two to a rack, that never fail.
pub fn pool(servers: u32) -> Pool {
    Pool {
        name: "pool".to_owned(),
        site: 0,
        structure: Structure { accelerators: 8, rack: 2, row: 8, hall: 8, building: 4 },
        hazard: Hazard::constant(0.0),
        deliveries: vec![Delivery { time: 0, servers, age: 0.0 }],
        retirements: Vec::new(),
        technicians: f64::INFINITY,
        spares: 0.0,
        reserved: 0,
    }
}

/// A fleet that is kept without any loss of time.
pub fn operations() -> Operations {
    Operations {
        detection: 0,
        diagnosis: 0,
        reset_share: 0.0,
        reset: 0,
        repair: 0.0,
        burn_in: 0,
        replacement_share: 0.0,
        replacement: 0.0,
        lemon_failures: 0,
        lemon_window: 0,
        silent_detection: 0,
        maintenance_interval: NEVER,
        maintenance: 0,
        domains: Vec::new(),
    }
}

pub fn hardware() -> Cause {
    Cause { name: "gpu".to_owned(), title: "GPU".to_owned(), weight: 1.0, kind: CauseKind::Hardware }
}

pub fn model(pools: Vec<Pool>, workloads: Vec<Workload>, seconds: f64) -> Model {
    Model {
        span: nanoseconds(seconds),
        pools,
        workloads,
        teams: Vec::new(),
        causes: vec![hardware()],
        operations: operations(),
        rules: Rules { backfill: Backfill::Easy, preemption: Preemption::ByPriority, aging: NEVER },
        injected: Vec::new(),
    }
}

pub fn workload(name: &str, priority: i32, kind: Kind) -> Workload {
    Workload { name: name.to_owned(), title: name.to_owned(), pool: 0, priority, team: None, kind }
}

/// One job on many servers.
pub fn gang(servers: u32, work: f64) -> Gang {
    Gang {
        submit: 0,
        stages: vec![Stage { servers, work: nanoseconds(work) }],
        elastic: Elastic::Rigid,
        checkpoints: Checkpoints::NONE,
        deep_delay: 0,
        restart: 0,
        software_interval: f64::INFINITY,
        reinforcement: false,
    }
}

/// Jobs that ask for so many accelerators at exponential intervals and run exponential times, both by their mean.
pub fn poisson(seed: u64, accelerators: u32, interval: f64, run: f64) -> Source<'static> {
    let mut stream = Stream::new(seed, "test", "poisson");
    let mut now = 0.0;
    Box::new(std::iter::from_fn(move || {
        now += interval * stream.exponential();
        let run = nanoseconds(run * stream.exponential());
        Some(BatchJob { submit: nanoseconds(now), accelerators, run, limit: run, part: run, beside: 1 })
    }))
}

pub fn listed(jobs: &[(f64, u32, f64, f64)]) -> Source<'static> {
    let jobs: Vec<BatchJob> = jobs
        .iter()
        .map(|&(submit, accelerators, run, limit)| BatchJob {
            submit: nanoseconds(submit),
            accelerators,
            run: nanoseconds(run),
            limit: nanoseconds(limit),
            part: nanoseconds(run),
            beside: 1,
        })
        .collect();
    Box::new(jobs.into_iter())
}

pub fn run(model: &Model, seed: u64, sources: Vec<Source<'_>>) -> History {
    simulate(model, seed, sources, &mut Unwatched)
}

pub fn server_seconds(time: u128) -> f64 {
    time as f64 / SECOND as f64
}
