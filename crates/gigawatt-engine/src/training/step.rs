//! The time of a training step, with a breakdown that adds up to it.

use gigawatt_plan::training::Sharding;

use super::assembly::Assembly;
use super::coefficients::TrainingCoefficients;
use super::data::DataLaw;
use super::held;
use super::job::Job;
use super::number::count;
use super::offload;
use super::parts::Parts;
use super::schedule::makespan;

/// Bytes that an optimiser moves for each parameter at least: three numbers of 32 bits read and written, the gradient
/// read for its norm and for the update, the parameter written in 16 bits (Adam with a master copy).
pub(super) const OPTIMIZER_BYTES: f64 = 34.0;

/// Where a step's time goes, in seconds of its busiest stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Breakdown {
    /// The passes of the busiest stage, without what is computed again.
    pub passes: Parts,
    /// What is computed again.
    pub again: f64,
    /// Visible messages between stages.
    pub hops: f64,
    /// Waiting for other stages.
    pub bubble: f64,
    /// Visible data-parallel communication.
    pub data: f64,
    /// The optimiser.
    pub optimizer: f64,
    /// Host time outside the passes.
    pub host: f64,
    /// Waiting for the slowest rank.
    pub straggler: f64,
}

impl Breakdown {
    /// The step.
    pub fn total(&self) -> f64 {
        self.passes.total()
            + self.again
            + self.hops
            + self.bubble
            + self.data
            + self.optimizer
            + self.host
            + self.straggler
    }
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Its time in seconds.
    pub seconds: f64,
    /// Where the time goes.
    pub breakdown: Breakdown,
    /// Tokens of a step over its time and its accelerators.
    pub tokens_per_second: f64,
}

/// Prices a step.
pub fn step(job: Job<'_>, with: &TrainingCoefficients) -> Step {
    price(job, with, &Assembly::new(job, with))
}

/// Prices a step whose pieces are known.
pub(super) fn price(job: Job<'_>, with: &TrainingCoefficients, assembly: &Assembly) -> Step {
    let layout = job.layout;
    let Assembly { dealt, busiest, pipeline, .. } = assembly;
    let span = makespan(layout.schedule, &pipeline.pieces, assembly.micro_batches);
    let mut breakdown = pipeline.work(layout, &assembly.pieces, *busiest);
    let shown = breakdown.passes.total() + breakdown.again + breakdown.hops;
    breakdown.bubble = (span - shown).max(0.0);
    let mut stage = assembly.stage(*busiest);
    // What waits for the host hides nothing.
    (stage.forward.offload, stage.backward.offload) = (0.0, 0.0);
    if assembly.placement.copies() > 1 {
        // Expert traffic that hides behind work is none that other traffic could hide behind.
        for parts in [&mut stage.forward, &mut stage.backward, &mut stage.again] {
            parts.expert = 0.0;
        }
    }
    let data = DataLaw::new(job, with);
    let held = held::stage(job.shape, layout, dealt, *busiest);
    breakdown.data = match layout.sharding {
        Sharding::Parameters(_) => data.sharded(dealt, *busiest, &assembly.layers),
        _ => data.beside().replicated(data.exchange(&held), stage.forward.total(), stage.back()),
    };
    let group = layout.sharding.group(layout.parameter_copies());
    let owned = held.common / count(group) + held.routed / count(group.min(layout.expert_data()));
    breakdown.optimizer = offload::optimizer(owned, job.device, layout.offload, with);
    breakdown.host = with.step_host;
    breakdown.straggler =
        with.straggler * libm::sqrt(2.0 * libm::log(count(layout.accelerators).max(1.0))) * span;
    let seconds = breakdown.total();
    Step {
        seconds,
        breakdown,
        tokens_per_second: layout.step_tokens() / seconds / count(layout.accelerators),
    }
}
