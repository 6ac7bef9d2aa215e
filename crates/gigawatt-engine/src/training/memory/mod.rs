//! Memory of every stage's accelerators through a training step.
//!
//! An accelerator of stage `s` holds
//!
//! ```text
//! model states(s) + max over its passes of (activations kept + what lives for the moment)
//!                 + buffers + what allocator, driver and libraries take
//! ```
//!
//! Model states follow Rajbhandari et al. 2020 (arXiv 1910.02054), activations Korthikanti et al. 2022 (arXiv
//! 2205.05198); passes in flight are those of the simulated schedule, not of a closed form. What lives for a moment, the
//! experts' copies, narrow operands and the allocator's part are ours. Activations of several micro-batches are taken as
//! alike, experts as evenly loaded.

pub(super) mod bound;
mod coefficients;
mod kept;
mod law;
mod parts;
mod print;
mod recompute;
mod recurrent;
mod stage;
mod states;

#[cfg(test)]
mod tests;

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::{Framework, Layout, Loss, Precision};

use super::deal::Piece;
use super::job::Job;
use super::schedule::Placement;
use law::Law;
use stage::PieceMemory;

pub(in crate::training) use law::sent;

pub use coefficients::MemoryCoefficients;
pub use kept::{LayerKept, LayerLaw as LayerMemoryLaw};
pub use parts::Memory;
pub use print::{Footprint, Instant, StageMemory};
pub use recompute::{Inferred, infer_recompute};
pub use stage::{Filling, Moment};
pub use states::{StateBytes, States};

/// What the memory of a step is computed from.
#[derive(Clone, Copy, Debug)]
pub struct MemoryJob<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The layout.
    pub layout: &'a Layout,
    /// Format of the linear layers' operands.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
    /// What the software holds for each parameter.
    pub states: StateBytes,
    /// How much of the logits is there at once.
    pub logits: Logits,
}

/// How much of the logits is there at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logits {
    /// All of them, for one fused loss.
    Fused,
    /// All of them, with the intermediate results of a loss of single operations.
    Unfused,
    /// Some tokens' at a time, output layer and loss being one: as many numbers as the residual stream has.
    Chunks,
}

impl Logits {
    /// What a stack does by default.
    pub fn of(framework: &Framework) -> Self {
        match framework.loss {
            Loss::Fused => Self::Fused,
            Loss::Unfused => Self::Unfused,
        }
    }
}

impl<'a> MemoryJob<'a> {
    /// That of a job whose software holds what it does by default.
    pub fn of(job: &Job<'a>) -> Self {
        Self {
            shape: job.shape,
            layout: job.layout,
            precision: job.precision,
            framework: job.framework,
            states: StateBytes::of(&job.framework, job.precision),
            logits: Logits::of(&job.framework),
        }
    }

    /// The same with another layout.
    pub fn with_layout<'b>(&self, layout: &'b Layout) -> MemoryJob<'b>
    where
        'a: 'b,
    {
        MemoryJob { layout, ..*self }
    }
}

/// Memory of every stage of a step.
///
/// A layout that no framework would take (see [`faults`](super::legality::faults)) has the memory of the nearest that it
/// can be read as: nothing is divided by zero, and stages beyond the layers are left out.
pub fn footprint(job: &MemoryJob<'_>, with: &MemoryCoefficients) -> Footprint {
    let layout = &readable(job);
    let job = &job.with_layout(layout);
    let law = Law::new(job, with);
    let placement = Placement::of_layout(layout);
    let pieces: Vec<PieceMemory> = law.pieces(placement);
    let micro_batches = usize::try_from(layout.micro_batches()).unwrap_or(usize::MAX);
    let stages_memory = (0..placement.stages())
        .map(|stage| {
            let own: Vec<&Piece> = law.dealt.of_stage(layout, stage).collect();
            let peak = stage::peak(layout.schedule, &pieces, placement, stage, micro_batches);
            let host = peak.sent + law.states_on_host(&own);
            StageMemory { peak: law.stage(&own, &peak), moment: peak.moment, host }
        })
        .collect();
    Footprint { stages: stages_memory, pieces }
}

/// A layout without zeros and without more pieces than layers.
fn readable(job: &MemoryJob<'_>) -> Layout {
    let mut layout = *job.layout;
    // Products of three dimensions, or of two counts, stay whole numbers of 64 bits.
    for dimension in [
        &mut layout.tensor,
        &mut layout.pipeline,
        &mut layout.virtual_stages,
        &mut layout.context,
        &mut layout.expert,
        &mut layout.expert_tensor,
    ] {
        *dimension = (*dimension).clamp(1, 1 << 20);
    }
    for number in [
        &mut layout.accelerators,
        &mut layout.micro_batch,
        &mut layout.global_batch,
        &mut layout.sequence_length,
    ] {
        *number = (*number).clamp(1, 1 << 31);
    }
    // The ends may count as layers.
    let most = job.shape.layers.saturating_add(job.shape.further_tokens).saturating_add(2);
    layout.pipeline = layout.pipeline.min(most);
    layout.virtual_stages = layout.virtual_stages.min((most / layout.pipeline).max(1));
    layout
}
