//! What data-parallel ranks tell each other in a step, and how much of it is seen.

use gigawatt_plan::training::{GradientSync, Overlap, Sharding};

use super::coefficients::TrainingCoefficients;
use super::deal::Dealt;
use super::groups::{Groups, Links};
use super::held::{self, Held};
use super::job::Job;
use super::number::count;
use super::parts::Passes;

/// Bytes of a parameter that is gathered.
const PARAMETER_BYTES: f64 = 2.0;

/// The law of a job's data-parallel traffic.
pub struct DataLaw<'a> {
    job: Job<'a>,
    with: &'a TrainingCoefficients,
    groups: Groups,
    links: Links<'a>,
}

impl<'a> DataLaw<'a> {
    /// The law for a job.
    pub fn new(job: Job<'a>, with: &'a TrainingCoefficients) -> Self {
        Self { job, with, groups: Groups::of(job.layout, job.network), links: Links::new(job.network, with) }
    }

    fn gather(&self, held: &Held) -> f64 {
        self.both(held, PARAMETER_BYTES)
    }

    /// Seconds to gather, or to reduce and scatter, what is held of each kind with so many bytes a number.
    fn both(&self, held: &Held, bytes: f64) -> f64 {
        let routed =
            if held.routed > 0.0 { self.links.gather(&self.groups.routed, held.routed * bytes) } else { 0.0 };
        self.links.gather(&self.groups.common, held.common * bytes) + routed
    }

    /// Gradients to their owners, and summed over copies of these.
    fn scatter(&self, held: &Held) -> f64 {
        let bytes = count(self.job.framework.gradient_bytes);
        let owned = held.common * bytes / count(self.groups.common.ranks());
        self.both(held, bytes) + self.links.sum(&self.groups.copies, owned)
    }

    /// What is seen of a communication that may run beside some work.
    fn seen(&self, communication: f64, work: f64) -> f64 {
        match self.job.framework.data_overlap {
            Overlap::Off => communication,
            Overlap::On => (communication - work).max(0.0) + self.with.data_visible * communication.min(work),
        }
    }

    /// Gradients summed once a step, parameters gathered once where the optimiser is shared out: `passes` are those of
    /// one micro-batch through the stage.
    pub fn replicated(&self, held: &Held, passes: &Passes) -> f64 {
        let layout = self.job.layout;
        // With several pieces a stage, the first piece's gradients are ready a round of micro-batches before the last's.
        let beside =
            if layout.virtual_stages > 1 { count(layout.pipeline.min(layout.micro_batches())) } else { 1.0 };
        let (scatter, gather) = match layout.sharding {
            Sharding::None => (2.0 * self.scatter(held), 0.0),
            _ => (self.scatter(held), self.gather(held)),
        };
        self.seen(scatter, beside * passes.back()) + self.seen(gather, beside * passes.forward.total())
    }

    /// Parameters gathered for each layer forward and backward, gradients scattered behind it: over a whole step of a
    /// stage.
    pub fn sharded(&self, dealt: &Dealt, stage: usize, times: &[Passes]) -> f64 {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let number = count(layout.micro_batches());
        // A pipeline keeps what it gathered through the step.
        let gathers = if layout.pipeline > 1 { 1.0 } else { number };
        let syncs = match self.job.framework.gradient_sync {
            GradientSync::EveryMicroBatch if layout.pipeline == 1 => number,
            GradientSync::EveryMicroBatch | GradientSync::LastMicroBatch => 1.0,
        };
        let one = |held: &Held, passes: &Passes| {
            let (gather, scatter) = (self.gather(held), self.scatter(held));
            let (forward, backward) = (passes.forward.total(), passes.back());
            let without = self.seen(gather, backward);
            let with = self.seen(gather + scatter, backward);
            gathers * (self.seen(gather, forward) + without) + syncs * (with - without)
        };
        let mut seen = 0.0;
        for piece in dealt.of_stage(layout, stage) {
            for ((kind, times), layers) in dealt.kinds.iter().zip(times).zip(&piece.layers) {
                if *layers > 0 {
                    seen += count(*layers) * one(&held::layer(shape, layout, *kind), times);
                }
            }
            let tables = u64::from(piece.embedding) + u64::from(piece.head && !shape.tied_embedding);
            seen += count(tables) * one(&held::table(shape, layout), &Passes::default());
        }
        seen
    }
}
