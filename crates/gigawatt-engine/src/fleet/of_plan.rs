//! The fleet of a plan: its pools as they grow, its runs and workloads, and how it is kept, in one draw.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{
    Backfill as PlannedBackfill, Cause as PlannedCause, CauseKind as PlannedKind, Checkpoint,
    CheckpointInterval, FaultDomain, FleetPlan, Input, OperationsPlan, Plan, Workload as PlannedWorkload,
    WorkloadKind,
};
use gigawatt_plan::quantity::{Duration, Quantity, Ratio};

use super::batch_source::BatchSource;
use super::model::{
    Backfill, Cause, CauseKind, Domain, Elastic, Gang, Kind, Model, Operations, Preemption, Rules, Service,
    Stage, Team, Workload,
};
use super::of_buildout::{growth, pools, time_of};
use super::of_training::{Known, training_gangs};
use super::places::Level;
use super::queue::{DAY, Time, nanoseconds};
use super::segment::Checkpoints;
use super::simulation::Source;
use crate::Draw;
use crate::job_mix::FitError;
use crate::reliability::{daly_interval, exact_interval, young_interval};
use crate::training::Prices;

/// Waiting so long is worth one step of priority.
const AGING: Time = DAY;

/// The fleet of a plan in one draw.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// What is simulated.
    pub model: Model,
    /// When it starts.
    pub start: Moment,
    /// System and site of every pool, by index in the plan.
    pub pools: Vec<(usize, usize)>,
    /// Index of the plan's training run for the workloads that are one.
    pub runs: Vec<Option<usize>>,
    batches: Vec<BatchSource>,
    /// Whether a trace is its last batch workload.
    traced: bool,
}

/// Why a plan has no fleet that could be simulated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FleetError {
    /// A plan without a fleet.
    #[error("the scenario has no fleet: it needs `[fleet]` or a `[[workload]]`")]
    None,
    /// Statistics of jobs that no mix has.
    #[error("the jobs of workload `{workload}`: {reason}")]
    Jobs {
        /// The workload.
        workload: String,
        /// What is wrong.
        reason: FitError,
    },
}

/// How much of a fleet is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The most jobs of one batch workload: where there are more, each that is simulated stands for several of the same size
    /// that follow one another.
    pub jobs: u64,
}

impl Fleet {
    /// The fleet of a plan whose runs are priced.
    ///
    /// # Errors
    /// Where the plan has none, or the published statistics of its jobs contradict one another.
    pub fn new(plan: &Plan, draw: Draw<'_>, prices: &Prices, detail: Detail) -> Result<Self, FleetError> {
        let fleet = plan.fleet.as_ref().ok_or(FleetError::None)?;
        let span = f64::from(fleet.period.end.0 - fleet.period.start.0) * 86_400.0;
        let (pools, models) = pools(plan, fleet, draw);
        let operations = &fleet.operations;
        let mut built = Self {
            model: Model {
                span: nanoseconds(span),
                pools: models,
                workloads: Vec::new(),
                teams: Vec::new(),
                causes: causes(fleet, draw),
                operations: kept(operations, draw),
                rules: Rules {
                    backfill: match fleet.backfill {
                        PlannedBackfill::None => Backfill::None,
                        PlannedBackfill::Easy => Backfill::Easy,
                        PlannedBackfill::Conservative => Backfill::Conservative,
                    },
                    preemption: if fleet.preemption { Preemption::ByPriority } else { Preemption::Never },
                    aging: AGING,
                },
                injected: Vec::new(),
            },
            start: fleet.period.start,
            pools,
            runs: Vec::new(),
            batches: Vec::new(),
            traced: false,
        };
        let known = Known { plan, fleet, draw, prices };
        for gang in training_gangs(&known) {
            let Some(pool) = built.pool(gang.system, gang.site) else { continue };
            built.model.pools[usize::from(pool)].reserved += gang.spares;
            built.model.workloads.push(Workload {
                name: plan.training[gang.run].name.clone(),
                title: plan.training[gang.run].title.clone(),
                pool,
                priority: gang.priority,
                team: None,
                kind: Kind::Gang(gang.gang),
            });
            built.runs.push(Some(gang.run));
        }
        for workload in &fleet.workloads {
            built.add(fleet, draw, workload, detail)?;
        }
        Ok(built)
    }

    fn pool(&self, system: usize, site: usize) -> Option<u16> {
        self.pools.iter().position(|pool| *pool == (system, site)).map(|at| at as u16)
    }

    fn add(
        &mut self,
        fleet: &FleetPlan,
        draw: Draw<'_>,
        of: &PlannedWorkload,
        detail: Detail,
    ) -> Result<(), FleetError> {
        let Some(pool) = self.pool(of.system, of.site) else { return Ok(()) };
        let team = of.team.as_ref().map(|name| self.team(name, of.quota.map(|quota| draw.get(quota).base())));
        let accelerators = self.model.pools[usize::from(pool)].structure.accelerators;
        let operations = &fleet.operations;
        let kind = match &of.kind {
            WorkloadKind::Batch(batch) => {
                let source = BatchSource::new(batch, draw, &self.model, pool, of, detail.jobs)
                    .map_err(|reason| FleetError::Jobs { workload: of.name.clone(), reason })?;
                self.batches.push(source);
                Kind::Batch
            }
            WorkloadKind::Service(service) => {
                let curve: Vec<(f64, f64)> =
                    service.replicas.iter().map(|(on, count)| (on.days(), draw.get(*count).base())).collect();
                let wanted = |moment: &Moment| at(&curve, moment.days()).round().max(0.0) as u32;
                let steps = growth(fleet).into_iter();
                let mut replicas: Vec<(Time, u32)> =
                    steps.map(|moment| (time_of(self.start, moment), wanted(&moment))).collect();
                replicas.dedup_by_key(|step| step.1);
                let start_up =
                    seconds(draw, operations.restart_start_up) + seconds(draw, operations.restart_warm_up);
                Kind::Service(Service {
                    accelerators: service.replica,
                    replicas,
                    start_up: nanoseconds(start_up),
                })
            }
            WorkloadKind::Reinforcement(learning) => {
                let all = learning.accelerators + learning.rollout;
                let servers = all.div_ceil(accelerators);
                let generating = f64::from(learning.rollout) / f64::from(all.max(1));
                // Its state is as large as it can be in what it holds; nothing was said of it.
                Kind::Gang(Gang {
                    submit: time_of(self.start, learning.start),
                    stages: vec![Stage {
                        servers,
                        work: nanoseconds(draw.get(learning.work).days() * 86_400.0),
                    }],
                    // Samples bound it: what generates fewer makes the whole as much slower.
                    elastic: if learning.rollout == 0 {
                        Elastic::Rigid
                    } else {
                        Elastic::Rollout { servers: generating, time: 1.0 }
                    },
                    checkpoints: Checkpoints { interval: nanoseconds(3_600.0), blocking: 0, delay: 0 },
                    deep_delay: 0,
                    restart: nanoseconds(restart(operations, draw)),
                    software_interval: seconds(draw, operations.software_interval_training),
                    reinforcement: true,
                })
            }
        };
        self.model.workloads.push(Workload {
            name: of.name.clone(),
            title: of.title.clone(),
            pool,
            priority: of.priority,
            team,
            kind,
        });
        self.runs.push(None);
        Ok(())
    }

    /// A trace takes the place of the workloads of a pool; its source comes after all others.
    pub(super) fn replay(&mut self, name: &str, pool: u16) {
        let workloads = std::mem::take(&mut self.model.workloads);
        let runs = std::mem::take(&mut self.runs);
        for (workload, run) in workloads.into_iter().zip(runs) {
            if workload.pool == pool {
                self.batches.retain(|batch| batch.name() != workload.name);
            } else {
                self.model.workloads.push(workload);
                self.runs.push(run);
            }
        }
        self.model.pools[usize::from(pool)].reserved = 0;
        self.model.workloads.push(Workload {
            name: name.to_owned(),
            title: name.to_owned(),
            pool,
            priority: 0,
            team: None,
            kind: Kind::Batch,
        });
        self.runs.push(None);
        self.traced = true;
    }

    fn team(&mut self, name: &str, quota: Option<f64>) -> u16 {
        let quota = quota.map_or(u64::MAX, |quota| quota as u64);
        let teams = &mut self.model.teams;
        if let Some(at) = teams.iter().position(|team| team.name == name) {
            teams[at].quota = teams[at].quota.min(quota);
            return at as u16;
        }
        teams.push(Team { name: name.to_owned(), quota });
        (teams.len() - 1) as u16
    }

    /// The jobs of its batch workloads in a history.
    pub fn sources(&self, seed: u64) -> Vec<Source<'_>> {
        self.batches.iter().map(|batch| batch.source(seed, self.model.span)).collect()
    }

    /// How many jobs of the mix stand behind one that is simulated, for every batch workload in its order.
    pub fn stands_for(&self) -> Vec<f64> {
        self.batches.iter().map(BatchSource::stands_for).chain(self.traced.then_some(1.0)).collect()
    }
}

/// A curve that runs straight between points: nothing before the first, constant after the last.
fn at(curve: &[(f64, f64)], time: f64) -> f64 {
    let after = curve.partition_point(|point| point.0 <= time);
    match (after.checked_sub(1).map(|before| curve[before]), curve.get(after)) {
        (None, _) => 0.0,
        (Some(before), None) => before.1,
        (Some(before), Some(next)) => {
            before.1 + (next.1 - before.1) * (time - before.0) / (next.0 - before.0)
        }
    }
}

pub(super) fn seconds(draw: Draw<'_>, input: Input<Duration>) -> f64 {
    draw.get(input).days() * 86_400.0
}

pub(super) fn ratio(draw: Draw<'_>, input: Input<Ratio>) -> f64 {
    draw.get(input).base()
}

/// Causes with their weights; the silent one as often as silent failures are said to be.
fn causes(fleet: &FleetPlan, draw: Draw<'_>) -> Vec<Cause> {
    let silent = |cause: &PlannedCause| cause.name == "silent_corruption";
    let of_servers =
        fleet.causes.iter().filter(|cause| cause.kind != PlannedKind::Software && !silent(cause));
    let others: f64 = of_servers.map(|cause| draw.get(cause.weight).base()).sum();
    let share = ratio(draw, fleet.operations.silent_share).clamp(0.0, 0.99);
    let cause = |of: &PlannedCause| Cause {
        name: of.name.clone(),
        title: of.title.clone(),
        weight: if silent(of) { others * share / (1.0 - share) } else { draw.get(of.weight).base() },
        kind: match of.kind {
            _ if silent(of) => CauseKind::Silent,
            PlannedKind::Hardware | PlannedKind::Host => CauseKind::Hardware,
            PlannedKind::Software => CauseKind::Software,
        },
    };
    fleet.causes.iter().map(cause).collect()
}

fn kept(of: &OperationsPlan, draw: Draw<'_>) -> Operations {
    let time = |input| nanoseconds(seconds(draw, input));
    let domain = |name: &str, title: &str, level, of: FaultDomain| Domain {
        name: name.to_owned(),
        title: title.to_owned(),
        level,
        interval: seconds(draw, of.interval),
        outage: seconds(draw, of.outage),
    };
    Operations {
        detection: time(of.detection),
        diagnosis: time(of.diagnosis),
        reset_share: ratio(draw, of.remote_share),
        reset: time(of.reset),
        repair: seconds(draw, of.repair),
        burn_in: time(of.repair_burn_in),
        replacement_share: ratio(draw, of.replacement_share),
        replacement: seconds(draw, of.replacement),
        lemon_failures: draw.get(of.lemon_failures).base().round().max(0.0) as u32,
        lemon_window: time(of.lemon_window),
        silent_detection: time(of.silent_detection),
        maintenance_interval: time(of.maintenance_interval),
        maintenance: time(of.maintenance),
        domains: vec![
            domain("leaf_switch", "Leaf switch", Level::Rack, of.leaf_switch),
            domain("cooling_unit", "Cooling unit", Level::Row, of.cooling_unit),
            domain("busway", "Busway", Level::Row, of.busway),
            domain("hall", "Hall", Level::Hall, of.hall),
            domain("site", "Site", Level::Site, of.site),
        ],
    }
}

/// Time between two checkpoints by a rule, in seconds, of a job that is interrupted so often, each of which stops it so long.
pub(super) fn interval(rule: CheckpointInterval, draw: Draw<'_>, blocking: f64, mean_time: f64) -> f64 {
    match rule {
        CheckpointInterval::Every(interval) => seconds(draw, interval),
        CheckpointInterval::Young => young_interval(blocking, mean_time),
        CheckpointInterval::Daly => daly_interval(blocking, mean_time),
        CheckpointInterval::Optimal => exact_interval(blocking, mean_time),
    }
}

/// From servers to work, without the load of a checkpoint, in seconds.
pub(super) fn restart(of: &OperationsPlan, draw: Draw<'_>) -> f64 {
    let steps = [of.restart_scheduling, of.restart_start_up, of.restart_warm_up];
    steps.into_iter().map(|step| seconds(draw, step)).sum()
}

/// How long a checkpoint of so many bytes for each accelerator stops a job, until it is safe, and until it is safe from an
/// outage of several servers, in seconds.
pub(super) fn writes(of: &OperationsPlan, how: Checkpoint, draw: Draw<'_>, bytes: f64) -> (f64, f64, f64) {
    let stored = bytes / draw.get(of.storage_bandwidth).base();
    let staged = bytes / draw.get(of.host_staging).base();
    match how {
        Checkpoint::Synchronous => (stored, 0.0, 0.0),
        Checkpoint::Asynchronous => (staged, stored, stored),
        // Another host has it as soon as it has been copied once more.
        Checkpoint::InMemory => (staged, staged, stored),
    }
}
