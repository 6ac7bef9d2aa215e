//! The fleet in operation as data: what `summary.json` holds of it, and its tables.

mod jobs;
mod sampled;
mod tables;

use std::collections::BTreeMap;

use gigawatt_engine::fleet::{Drawn, Group, Histories, State};
use gigawatt_plan::plan::{AcceleratorClass, Plan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PeriodSummary, Value};
pub(crate) use jobs::{GangOf, all_held, batches, gangs_of, held};
use sampled::{names, sampled};
pub use tables::fleet_tables;

/// The fleet in operation, over its drawn histories and in that with every input at its reference. Shares are parts of
/// accelerator-time; times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationSummary {
    /// First and last day of what was simulated.
    pub period: PeriodSummary,
    /// Histories with drawn inputs.
    pub histories: u32,
    /// What GPUs online did, as parts of their time that add up to 1. `training` lasted; `training_lost` was given to training
    /// and did not last, as checkpoints, restarts and work done again; `batch` and `reinforcement` likewise; `service` is
    /// what replicas had, the rest states.
    pub gpus: BTreeMap<String, Value>,
    /// Accelerators of one kind at one site, by `SITE/SYSTEM`.
    pub pool: BTreeMap<String, PoolSummary>,
    /// Training runs by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub training: BTreeMap<String, JobSummary>,
    /// Jobs of reinforcement learning by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub reinforcement: BTreeMap<String, JobSummary>,
    /// Services by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub service: BTreeMap<String, ServiceSummary>,
    /// Batch workloads by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub batch: BTreeMap<String, BatchSummary>,
}

/// Accelerators of one kind at one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PoolSummary {
    /// Mean number of accelerators online.
    pub accelerators: Value,
    /// Part of their time with nothing to do.
    pub idle: Value,
    /// Part of it given to somebody.
    pub allocated: Value,
    /// Part of it failed and not yet back.
    pub broken: Value,
    /// Part of it taken out for maintenance.
    pub maintenance: Value,
    /// Parts of it in every state; they add up to 1.
    pub state: BTreeMap<String, Value>,
    /// Part of the time in which a large job waited for a server and none was free.
    pub exhausted: Value,
    /// Part of the free servers that stand in racks which are not wholly free, mean over the ends of days.
    pub fragmentation: Value,
}

/// A job on many servers at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobSummary {
    /// Name for people.
    pub title: String,
    /// The most accelerators that it wants, in the reference history.
    pub accelerators: u64,
    /// Effective training time: the part of the time in which it held servers that lasted.
    pub goodput: Value,
    /// Interruptions of all causes but the first start, changes of size and what it was asked for.
    pub interruptions: Value,
    /// Mean time between them while it held its servers, in seconds.
    pub time_between_interruptions: Value,
    /// Part of its work that is done at the end of what was simulated.
    pub progress: Value,
    /// Part of the drawn histories in which it is done by then; absent where none was drawn.
    pub completed: Option<f64>,
    /// When it is done, in seconds from the first day of the plan; absent where that is after what was simulated.
    pub end: Value,
    /// Seconds without servers.
    pub queued: Value,
    /// Part of the time in which it held servers in which checkpoints stopped it.
    pub checkpoints: Value,
    /// Part of it that went into work that had to be done again.
    pub rework: Value,
    /// Part of it from failures to their being noticed.
    pub stalled: Value,
    /// Part of it in which it waited for servers that replace others.
    pub waiting: Value,
    /// Part of it in which it started.
    pub restarting: Value,
    /// What it lost to every cause that cost it something.
    pub cause: BTreeMap<String, LossSummary>,
}

/// What a job lost to one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LossSummary {
    /// Name for people.
    pub title: String,
    /// How often it was interrupted by it.
    pub interruptions: Value,
    /// Part of the time in which it held servers that it lost to it.
    pub lost: Value,
}

/// Replicas that answer requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceSummary {
    /// Name for people.
    pub title: String,
    /// Accelerators of a replica.
    pub replica: u32,
    /// Mean number of replicas wanted.
    pub wanted: Value,
    /// Mean number that answered, of those wanted.
    pub serving: Value,
    /// The second over the first.
    pub availability: Value,
    /// Replicas that failures took.
    pub lost: Value,
}

/// Many jobs that end by themselves. Jobs are those of the workload, of which each that was simulated stands for several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchSummary {
    /// Name for people.
    pub title: String,
    /// Jobs that stand behind each that was simulated.
    pub stands_for: Value,
    /// Jobs that asked.
    pub submitted: Value,
    /// Jobs that ended.
    pub ended: Value,
    /// Half of those that started waited no longer, in seconds.
    pub wait_p50: Value,
    /// Nine in ten waited no longer.
    pub wait_p90: Value,
    /// Ninety-nine in a hundred waited no longer.
    pub wait_p99: Value,
    /// Mean wait.
    pub wait_mean: Value,
    /// Part of the accelerator-time given to it whose work had to be done again.
    pub lost: Value,
    /// Times that a failure ended a simulated job too early.
    pub killed: Value,
    /// Times that a simulated job made room for one of higher priority.
    pub preempted: Value,
}

/// A part of a whole; nothing of nothing.
#[expect(clippy::cast_precision_loss, reason = "shares need no more than 53 bits")]
pub(crate) fn share(part: u128, whole: u128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Seconds of nanoseconds.
#[expect(clippy::cast_precision_loss, reason = "seconds of a history need no more than 53 bits")]
pub(crate) fn seconds(nanoseconds: u128) -> f64 {
    nanoseconds as f64 / 1e9
}

impl OperationSummary {
    /// Collects what histories say. Those of a plan without a fleet say nothing.
    pub fn new(plan: &Plan, histories: &Histories) -> Option<Self> {
        let period = plan.fleet.as_ref()?.period;
        let pools = names(histories, |drawn| drawn.model.pools.iter().map(|pool| pool.name.as_str()));
        let gpus =
            USES.map(|name| (name.to_owned(), sampled(histories, |drawn| uses(plan, drawn)?.remove(name))));
        Some(Self {
            period: PeriodSummary { from: period.start.day(), to: period.end.day_before() },
            histories: u32::try_from(histories.drawn.len()).unwrap_or(u32::MAX),
            gpus: gpus.into_iter().collect(),
            pool: pools.iter().map(|name| (name.clone(), pool(histories, name))).collect(),
            training: jobs::jobs(plan, histories, false),
            reinforcement: jobs::jobs(plan, histories, true),
            service: jobs::service_summaries(histories),
            batch: jobs::batch_summaries(histories),
        })
    }
}

/// What GPUs do, in the order in which it is shown.
pub(crate) const USES: [&str; 10] = [
    "training",
    "reinforcement",
    "service",
    "batch",
    "training_lost",
    "reinforcement_lost",
    "batch_lost",
    "idle",
    "maintenance",
    "broken",
];

/// Whether a pool's accelerators count as GPUs.
pub(crate) fn is_gpu(plan: &Plan, drawn: &Drawn, pool: usize) -> bool {
    let system = drawn.pools.get(pool).and_then(|(system, _)| plan.systems.get(*system));
    system.is_some_and(|system| system.class == AcceleratorClass::Gpu)
}

/// What the GPUs of a history did, as parts of their time online.
fn uses(plan: &Plan, drawn: &Drawn) -> Option<BTreeMap<&'static str, f64>> {
    let pools: Vec<usize> =
        (0..drawn.history.pools.len()).filter(|pool| is_gpu(plan, drawn, *pool)).collect();
    uses_of(drawn, &pools)
}

/// What the accelerators of some pools did, as parts of their time online, by [`USES`]; nothing where none was.
pub(crate) fn uses_of(drawn: &Drawn, pools: &[usize]) -> Option<BTreeMap<&'static str, f64>> {
    let online: u128 = pools.iter().map(|pool| drawn.history.pools[*pool].online).sum();
    let time = |state: State| -> u128 {
        pools.iter().map(|pool| drawn.history.pools[*pool].times[state as usize]).sum()
    };
    let group = |group: Group| -> u128 {
        State::ALL.iter().filter(|(state, _)| state.group() == group).map(|(state, _)| time(*state)).sum()
    };
    let within = |pool: u16| pools.contains(&usize::from(pool));
    // What lasted of what was given; a job holds servers that failed and nobody noticed, which are counted as broken.
    let lasted = |reinforcement: bool, given: u128| {
        let gangs =
            gangs_of(drawn).filter(|gang| gang.model.reinforcement == reinforcement && within(gang.pool));
        gangs.map(|gang| gang.history.account.productive * gang.each).sum::<u128>().min(given)
    };
    let (training, learning, batch) = (time(State::Training), time(State::Reinforcement), time(State::Batch));
    let (trained, learnt) = (lasted(false, training), lasted(true, learning));
    let lost =
        batches(drawn).filter(|one| within(one.pool)).map(|one| one.measure.lost).sum::<u128>().min(batch);
    let all = [
        trained,
        learnt,
        time(State::Service),
        batch - lost,
        training - trained,
        learning - learnt,
        lost,
        group(Group::Idle),
        group(Group::Maintenance),
        group(Group::Broken),
    ];
    USES.into_iter().zip(all).map(|(name, part)| Some((name, share(part, online)?))).collect()
}

/// A pool of that name in a history.
fn find(drawn: &Drawn, name: &str) -> Option<usize> {
    drawn.model.pools.iter().position(|pool| pool.name == name)
}

fn pool(histories: &Histories, name: &str) -> PoolSummary {
    let of = |what: &dyn Fn(&Drawn, usize) -> Option<f64>| {
        sampled(histories, |drawn| what(drawn, find(drawn, name)?))
    };
    let part = |states: &dyn Fn(State) -> bool| {
        of(&|drawn, pool| {
            let pool = &drawn.history.pools[pool];
            let times = State::ALL.iter().zip(pool.times).filter(|((state, _), _)| states(*state));
            share(times.map(|(_, time)| time).sum(), pool.online)
        })
    };
    let group = |group: Group| part(&|state| state.group() == group);
    PoolSummary {
        accelerators: of(&|drawn, pool| {
            share(drawn.history.pools[pool].online, u128::from(drawn.history.end))
        }),
        idle: group(Group::Idle),
        allocated: group(Group::Allocated),
        broken: group(Group::Broken),
        maintenance: group(Group::Maintenance),
        state: State::ALL
            .iter()
            .map(|(state, name)| ((*name).to_owned(), part(&|other| other == *state)))
            .collect(),
        exhausted: of(&|drawn, pool| {
            share(u128::from(drawn.history.pools[pool].exhausted), u128::from(drawn.history.end))
        }),
        fragmentation: of(&|drawn, pool| {
            let days = &drawn.history.measures.days;
            let sum: f64 = days.iter().map(|day| day[pool].fragmentation).sum();
            #[expect(clippy::cast_precision_loss, reason = "days of a plan")]
            let count = days.len() as f64;
            (count > 0.0).then(|| sum / count)
        }),
    }
}
