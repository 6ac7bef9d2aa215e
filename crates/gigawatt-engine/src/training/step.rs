//! The time of a training step, with a breakdown that adds up to it.

use gigawatt_plan::training::{Recompute, Sharding};

use super::coefficients::TrainingCoefficients;
use super::data::DataLaw;
use super::deal::{Dealt, LayerKind, Piece, deal};
use super::groups::{Groups, Links};
use super::held;
use super::job::Job;
use super::layer::LayerLaw;
use super::number::count;
use super::parts::{Parts, Passes};
use super::pipeline;
use super::schedule::{Placement, makespan};

/// Bytes that an optimiser moves for each parameter at least: three numbers of 32 bits read and written, the gradient
/// read for its norm and for the update, the parameter written in 16 bits (Adam with a master copy).
const OPTIMIZER_BYTES: f64 = 34.0;

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
    let layout = job.layout;
    let law = LayerLaw::new(job, with);
    let time = |kind: LayerKind| law.layer(kind, layout.recompute);
    let head = law.head();
    let dealt = deal(job.shape, layout, |kinds| {
        let weights: Vec<f64> = kinds.iter().map(|kind| whole(&time(*kind))).collect();
        let further = weights.last().copied().unwrap_or(0.0) + whole(&head);
        let head = whole(&head) + count(job.shape.further_tokens) * further;
        (weights, head)
    });
    let times: Vec<Passes> = dealt.kinds.iter().map(|kind| time(*kind)).collect();
    let embedding = law.embedding();
    let pieces: Vec<Passes> = dealt
        .pieces
        .iter()
        .map(|piece| {
            let mut passes = piece_passes(&law, &job, &dealt, piece, &times);
            if piece.embedding {
                passes.add(&embedding, 1.0);
            }
            if piece.head {
                passes.add(&head, 1.0 + count(job.shape.further_tokens));
            }
            passes
        })
        .collect();

    let pipeline = pipeline::pipeline(layout, &pieces, hop(&job, with), with);
    let micro_batches = usize::try_from(layout.micro_batches()).unwrap_or(1);
    let span = makespan(layout.schedule, &pipeline.pieces, micro_batches);
    let busiest = pipeline.busiest(layout.schedule);
    let mut breakdown = pipeline.work(layout, &pieces, busiest);
    let shown = breakdown.passes.total() + breakdown.again + breakdown.hops;
    breakdown.bubble = (span - shown).max(0.0);
    // A micro-batch of each copy of a piece passes the stage while the other passes the other.
    let copies = count(layout.schedule.copies());
    let mut stage = Passes::default();
    for piece in Placement::of_layout(layout).held(busiest) {
        stage.add(&pieces[piece], 1.0 / copies);
    }
    if copies > 1.0 {
        // Expert traffic that hides behind work is none that other traffic could hide behind.
        for parts in [&mut stage.forward, &mut stage.backward, &mut stage.again] {
            parts.expert = 0.0;
        }
    }
    let data = DataLaw::new(job, with);
    let held = held::stage(job.shape, layout, &dealt, busiest);
    breakdown.data = match layout.sharding {
        Sharding::Parameters(_) => data.sharded(&dealt, busiest, &times),
        _ => data.replicated(&held, &stage),
    };
    let group = layout.sharding.group(layout.parameter_copies());
    let owned = held.common / count(group) + held.routed / count(group.min(layout.expert_data()));
    breakdown.optimizer = with.optimizer_traffic * OPTIMIZER_BYTES * owned / job.device.memory_rate();
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

fn whole(passes: &Passes) -> f64 {
    passes.forward.total() + passes.back()
}

/// The layers of a piece.
fn piece_passes(law: &LayerLaw<'_>, job: &Job<'_>, dealt: &Dealt, piece: &Piece, times: &[Passes]) -> Passes {
    let mut passes = Passes::default();
    for (time, number) in times.iter().zip(&piece.layers) {
        passes.add(time, count(*number));
    }
    if piece.head
        && let Some(further) = times.get(dealt.further)
    {
        passes.add(further, count(job.shape.further_tokens));
    }
    if let Recompute::Layers(some) = job.layout.recompute {
        // Of every stage: shared out over its pieces.
        let pieces = job.layout.virtual_stages * job.layout.schedule.copies();
        let mut left = some.div_ceil(pieces.max(1));
        for (kind, number) in dealt.kinds.iter().zip(&piece.layers) {
            let these = left.min(*number);
            left -= these;
            passes.again.add(&law.layer(*kind, Recompute::Full).again, count(these));
        }
    }
    passes
}

/// The time of a message between stages.
fn hop(job: &Job<'_>, with: &TrainingCoefficients) -> f64 {
    let layout = job.layout;
    if layout.pipeline <= 1 {
        return 0.0;
    }
    let bytes = layout.local_tokens() * count(job.shape.hidden) * 2.0 / count(layout.tensor);
    let hop = Groups::of(layout, job.network).hop;
    Links::new(job.network, with).message(hop, bytes)
}
