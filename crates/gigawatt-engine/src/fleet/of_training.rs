//! Training runs of a plan as jobs of its fleet.

use gigawatt_plan::plan::{FleetPlan, FleetRun, Plan, RunStart, TrainingPlan};
use gigawatt_plan::quantity::Quantity;

use super::model::{Elastic, Gang, Stage};
use super::of_buildout::RATED_SERVER;
use super::of_plan::{interval, restart, seconds, writes};
use super::queue::{NEVER, Time, nanoseconds};
use super::segment::Checkpoints;
use crate::Draw;
use crate::training::{Prices, RunPrice, phase_tokens};

const DAY: f64 = 86_400.0;

/// What a run's job is made of.
pub(super) struct Known<'a> {
    pub plan: &'a Plan,
    pub fleet: &'a FleetPlan,
    pub draw: Draw<'a>,
    pub prices: &'a Prices,
}

/// A run as a job.
pub(super) struct RunGang {
    pub run: usize,
    pub system: usize,
    pub site: usize,
    pub priority: i32,
    /// Servers that it has kept free for itself.
    pub spares: u32,
    pub gang: Gang,
}

/// The runs that work in the period of the fleet. One that started before has done by then what it would have with the part
/// of its time that the plan assumes; one that follows another asks when that would have ended.
pub(super) fn training_gangs(known: &Known<'_>) -> Vec<RunGang> {
    let mut ends = vec![f64::NAN; known.plan.training.len()];
    for (index, run) in known.plan.training.iter().enumerate() {
        let Some(price) = known.prices.runs.get(index).and_then(Option::as_ref) else { continue };
        let delay = run.delay.map_or(0.0, |delay| known.draw.get(delay).days());
        let start = delay
            + match run.start {
                RunStart::At(moment) => moment.days(),
                RunStart::After(other) => ends[other],
            };
        ends[index] = start + phases(known, run, price).iter().map(|phase| phase.planned).sum::<f64>() / DAY;
        if !ends[index].is_finite() {
            ends[index] = f64::NAN;
        }
    }
    let of = |run: &FleetRun| {
        let price = known.prices.runs.get(run.run).and_then(Option::as_ref)?;
        gang(known, run, price, ends[run.run])
    };
    known.fleet.training.iter().filter_map(of).collect()
}

/// A phase in a draw.
struct Phase {
    accelerators: f64,
    /// Seconds of a step.
    step: f64,
    /// Seconds without any loss, and with those that the plan assumes.
    work: f64,
    planned: f64,
}

fn phases(known: &Known<'_>, run: &TrainingPlan, price: &RunPrice) -> Vec<Phase> {
    let draw = known.draw;
    let at = price.sized(draw);
    let error = draw.get(run.model_error).base();
    let extra = run.extra_work.map_or(0.0, |extra| draw.get(extra).base());
    let effective = draw.get(run.effective_time).base();
    let phase = |(index, phase): (usize, &crate::training::PhasePrice)| {
        let steps = phase_tokens(run, index, draw) / phase.step_tokens;
        let step = price.seconds(index, at) * error;
        let work = steps * step * (1.0 + extra);
        Phase { accelerators: phase.accelerators, step, work, planned: work / effective }
    };
    price.phases.iter().enumerate().map(phase).collect()
}

fn gang(known: &Known<'_>, of: &FleetRun, price: &RunPrice, end: f64) -> Option<RunGang> {
    let Known { plan, fleet, draw, .. } = *known;
    let run = &plan.training[of.run];
    let mut phases = phases(known, run, price);
    let planned: f64 = phases.iter().map(|phase| phase.planned).sum();
    let start = end - planned / DAY;
    let (first, last) = (fleet.period.start.days(), fleet.period.end.days());
    if !end.is_finite() || start >= last || end <= first {
        return None;
    }
    // What was done before the period starts.
    let mut before = ((first - start) * DAY).max(0.0);
    for phase in &mut phases {
        let done = before.min(phase.planned);
        before -= done;
        phase.work *= 1.0 - if phase.planned > 0.0 { done / phase.planned } else { 1.0 };
    }
    phases.retain(|phase| phase.work > 0.0);
    let server = f64::from(fleet.servers[run.system].accelerators.max(1));
    let stage = |phase: &Phase| Stage {
        servers: libm::ceil(phase.accelerators / server) as u32,
        work: nanoseconds(phase.work),
    };
    let stages: Vec<Stage> = phases.iter().map(stage).collect();
    let operations = &fleet.operations;
    let software = seconds(draw, operations.software_interval_training);
    // The longest phase decides how often the run writes.
    let longest = phases.iter().max_by(|one, other| one.work.total_cmp(&other.work))?;
    let rate =
        longest.accelerators / RATED_SERVER / seconds(draw, operations.server_interval) + 1.0 / software;
    let parameters = price.all_parameters(draw);
    let bytes =
        parameters * draw.get(operations.checkpoint_bytes_per_parameter).base() / longest.accelerators;
    let (blocking, delay, deep) = writes(operations, fleet.checkpoint, draw, bytes);
    // Not more often than every step, and not before the last is safe.
    let every = interval(fleet.interval, draw, blocking, 1.0 / rate).max(longest.step).max(deep - blocking);
    let load = bytes / draw.get(operations.storage_bandwidth).base();
    let restart = restart(operations, draw) + load;
    let spares = of.spares.map_or(0.0, |spares| draw.get(spares).base() / server);
    Some(RunGang {
        run: of.run,
        system: run.system,
        site: of.site,
        priority: of.priority,
        spares: libm::ceil(spares) as u32,
        gang: Gang {
            submit: nanoseconds(((start - first) * DAY).max(0.0)),
            stages,
            elastic: match of.elastic {
                Some(least) => Elastic::Shrinks { least: draw.get(least).base() },
                None => Elastic::Rigid,
            },
            checkpoints: Checkpoints {
                interval: time(every),
                blocking: nanoseconds(blocking),
                delay: nanoseconds(delay),
            },
            deep_delay: nanoseconds(deep),
            restart: nanoseconds(restart),
            software_interval: software,
            reinforcement: false,
        },
    })
}

fn time(seconds: f64) -> Time {
    if seconds.is_finite() { nanoseconds(seconds) } else { NEVER }
}
