//! What data-parallel ranks tell each other in a step, and how much of it is seen.

use gigawatt_plan::training::{Framework, GradientSync, Layout, Overlap, Sharding};

use super::coefficients::TrainingCoefficients;
use super::deal::Dealt;
use super::groups::{Groups, Links};
use super::held::{self, Held};
use super::job::Job;
use super::number::count;
use super::parts::Passes;

/// Bytes of a parameter that is gathered.
const PARAMETER_BYTES: f64 = 2.0;

/// Seconds of data-parallel traffic, as if nothing ran beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exchange {
    /// To gather parameters.
    pub gather: f64,
    /// To bring gradients to their owners.
    pub scatter: f64,
}

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

    /// What of it is seen.
    pub fn beside(&self) -> Beside<'a> {
        Beside::new(self.job.layout, self.job.framework, self.with)
    }

    /// What moving all that is held of some parameters takes.
    pub fn exchange(&self, held: &Held) -> Exchange {
        Exchange { gather: self.gather(held), scatter: self.scatter(held) }
    }

    /// Parameters gathered for each layer forward and backward, gradients scattered behind it: over a whole step of a
    /// stage.
    pub fn sharded(&self, dealt: &Dealt, stage: usize, times: &[Passes]) -> f64 {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let beside = self.beside();
        let one = |held: &Held, passes: &Passes| {
            beside.sharded_layer(self.exchange(held), passes.forward.total(), passes.back())
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

/// What is seen of data-parallel traffic that runs beside the passes of a layout.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    layout: &'a Layout,
    framework: Framework,
    visible: f64,
}

impl<'a> Beside<'a> {
    /// The law for a layout.
    pub fn new(layout: &'a Layout, framework: Framework, with: &TrainingCoefficients) -> Self {
        Self { layout, framework, visible: with.data_visible }
    }

    /// What is seen of a communication that may run beside some work.
    fn seen(&self, communication: f64, work: f64) -> f64 {
        match self.framework.data_overlap {
            Overlap::Off => communication,
            Overlap::On => (communication - work).max(0.0) + self.visible * communication.min(work),
        }
    }

    /// Gradients summed once a step, parameters gathered once where the optimiser is shared out: `forward` and `backward`
    /// are the seconds of one micro-batch through the stage.
    pub fn replicated(&self, exchange: Exchange, forward: f64, backward: f64) -> f64 {
        let layout = self.layout;
        // With several pieces a stage, the first piece's gradients are ready a round of micro-batches before the last's.
        let beside =
            if layout.virtual_stages > 1 { count(layout.pipeline.min(layout.micro_batches())) } else { 1.0 };
        let (scatter, gather) = match layout.sharding {
            Sharding::None => (2.0 * exchange.scatter, 0.0),
            _ => (exchange.scatter, exchange.gather),
        };
        self.seen(scatter, beside * backward) + self.seen(gather, beside * forward)
    }

    /// The same for a layer whose parameters are gathered forward and backward and whose gradients are scattered behind
    /// it, over a whole step: `forward` and `backward` are the seconds of the layer.
    pub fn sharded_layer(&self, exchange: Exchange, forward: f64, backward: f64) -> f64 {
        let layout = self.layout;
        let number = count(layout.micro_batches());
        // A pipeline keeps what it gathered through the step.
        let gathers = if layout.pipeline > 1 { 1.0 } else { number };
        let syncs = match self.framework.gradient_sync {
            GradientSync::EveryMicroBatch if layout.pipeline == 1 => number,
            GradientSync::EveryMicroBatch | GradientSync::LastMicroBatch => 1.0,
        };
        let without = self.seen(exchange.gather, backward);
        let with = self.seen(exchange.gather + exchange.scatter, backward);
        gathers * (self.seen(exchange.gather, forward) + without) + syncs * (with - without)
    }
}
