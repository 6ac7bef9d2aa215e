//! A model dealt to the pieces of its pipeline, and what their passes take: from this a step is priced and its course
//! told.

use gigawatt_plan::training::{Layout, Recompute};

use super::coefficients::TrainingCoefficients;
use super::deal::{Dealt, LayerKind, Piece, deal};
use super::groups::{Groups, Links};
use super::job::Job;
use super::layer::LayerLaw;
use super::number::count;
use super::offload::add_stalls;
use super::parts::Passes;
use super::pipeline::{Pipeline, pipeline};
use super::schedule::Placement;

/// What a step's pipeline works on.
pub(super) struct Assembly {
    /// The model cut into pieces.
    pub dealt: Dealt,
    /// The passes of a layer of each kind.
    pub layers: Vec<Passes>,
    /// The passes of each piece, without messages.
    pub pieces: Vec<Passes>,
    /// Where they lie.
    pub placement: Placement,
    /// Their times, with messages.
    pub pipeline: Pipeline,
    /// Micro-batches.
    pub micro_batches: usize,
    /// The stage that works longest.
    pub busiest: usize,
}

impl Assembly {
    pub(super) fn new(job: Job<'_>, with: &TrainingCoefficients) -> Self {
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
        let layers: Vec<Passes> = dealt.kinds.iter().map(|kind| time(*kind)).collect();
        let embedding = law.embedding();
        let passes_of = |piece: &Piece| {
            let mut passes = piece_passes(&law, &job, &dealt, piece, &layers);
            if piece.embedding {
                passes.add(&embedding, 1.0);
            }
            if piece.head {
                passes.add(&head, 1.0 + count(job.shape.further_tokens));
            }
            passes
        };
        let mut pieces: Vec<Passes> = dealt.pieces.iter().map(passes_of).collect();
        let hop = hop_seconds(&job, with);
        let mut line = pipeline(layout, &pieces, hop, with);
        // Of work: what waits for the host does not make a stage busy.
        let busiest = line.busiest(layout.schedule);
        if layout.offload.activations() {
            add_stalls(&job, &dealt, &mut pieces);
            line = pipeline(layout, &pieces, hop, with);
        }
        let micro_batches = usize::try_from(layout.micro_batches()).unwrap_or(1);
        let placement = Placement::of_layout(layout);
        Self { dealt, layers, pieces, placement, pipeline: line, micro_batches, busiest }
    }

    /// The passes of one micro-batch through the pieces of a stage. Where there are two copies of each, one micro-batch
    /// passes one piece while another passes the other: half of both.
    pub(super) fn stage(&self, stage: usize) -> Passes {
        #[expect(clippy::cast_precision_loss, reason = "one or two copies")]
        let copies = self.placement.copies() as f64;
        let mut sum = Passes::default();
        for piece in self.placement.held(stage) {
            sum.add(&self.pieces[piece], 1.0 / copies);
        }
        sum
    }
}

fn whole(passes: &Passes) -> f64 {
    passes.forward.total() + passes.back()
}

/// Layers of a piece whose inside is computed again: those of its stage, shared out over the pieces of that.
pub(super) fn again_of_piece(layout: &Layout) -> u64 {
    match layout.recompute {
        Recompute::Layers(some) => some.div_ceil((layout.virtual_stages * layout.schedule.copies()).max(1)),
        _ => 0,
    }
}

/// The layers of a piece.
fn piece_passes(
    law: &LayerLaw<'_>,
    job: &Job<'_>,
    dealt: &Dealt,
    piece: &Piece,
    layers: &[Passes],
) -> Passes {
    let mut passes = Passes::default();
    for (time, number) in layers.iter().zip(&piece.layers) {
        passes.add(time, count(*number));
    }
    if piece.head
        && let Some(further) = layers.get(dealt.further)
    {
        passes.add(further, count(job.shape.further_tokens));
    }
    let mut left = again_of_piece(job.layout);
    if left > 0 {
        for (kind, number) in dealt.kinds.iter().zip(&piece.layers) {
            let these = left.min(*number);
            left -= these;
            passes.again.add(&law.layer(*kind, Recompute::Full).again, count(these));
        }
    }
    passes
}

/// The time of a message between stages.
pub(super) fn hop_seconds(job: &Job<'_>, with: &TrainingCoefficients) -> f64 {
    let layout = job.layout;
    if layout.pipeline <= 1 {
        return 0.0;
    }
    let bytes = layout.local_tokens() * count(job.shape.hidden) * 2.0 / count(layout.tensor);
    let hop = Groups::of(layout, job.network).hop;
    Links::new(job.network, with).message(hop, bytes)
}
