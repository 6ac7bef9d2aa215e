//! The passes of a pipeline's pieces, and how long a step of them takes at least.

use std::cell::Cell;

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::{Layout, Schedule};

use super::cut::{MicroBatchSeconds, Seconds};
use crate::training::assembly::again_of_piece;
use crate::training::deal::{Dealt, Kinds, deal_kinds};
use crate::training::held::{self, Held};
use crate::training::number::count;
use crate::training::pipeline::together;
use crate::training::schedule::Placement;

/// Layers dealt to pieces, in rows of numbers.
#[derive(Clone, Debug)]
pub(super) struct DealtLayers {
    pub dealt: Dealt,
    layers: Vec<u64>,
    /// Whether the deal hangs on what layers cost, so that each class of recomputation may have its own.
    pub by_cost: bool,
    /// Stages that hold the same, one after another by the first of each.
    pub classes: Vec<StageClass>,
    /// The class of each stage.
    pub class_of: Vec<usize>,
}

/// Stages that hold the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct StageClass {
    /// The first of them.
    pub first: usize,
    /// Parameters on each accelerator.
    pub held: Held,
}

impl DealtLayers {
    pub fn new(shape: &Shape, kinds: &Kinds, layout: &Layout, costs: &MicroBatchSeconds) -> Self {
        let by_cost = Cell::new(false);
        let dealt = deal_kinds(shape, kinds, layout, |_| {
            by_cost.set(true);
            let weights: Vec<f64> =
                costs.kinds.iter().map(|kind| kind.seconds(layout.recompute).total()).collect();
            let further = weights.last().copied().unwrap_or(0.0) + costs.head.total();
            (weights, costs.head.total() + count(shape.further_tokens) * further)
        });
        let layers = dealt.pieces.iter().flat_map(|piece| piece.layers.iter().copied()).collect();
        let stages = usize::try_from(layout.pipeline).unwrap_or(1).max(1);
        let same = |a: usize, b: usize| dealt.of_stage(layout, a).eq(dealt.of_stage(layout, b));
        let (mut classes, mut class_of): (Vec<StageClass>, Vec<usize>) = (Vec::new(), Vec::new());
        for stage in 0..stages {
            // What is the same lies near.
            let known = classes.iter().rposition(|class| same(class.first, stage));
            class_of.push(known.unwrap_or(classes.len()));
            if known.is_none() {
                let held = held::stage(shape, layout, &dealt, stage);
                classes.push(StageClass { first: stage, held });
            }
        }
        Self { dealt, layers, by_cost: by_cost.get(), classes, class_of }
    }

    /// Layers of each kind of a piece.
    pub fn layers(&self, piece: usize) -> &[u64] {
        let kinds = self.dealt.kinds.len();
        &self.layers[piece * kinds..(piece + 1) * kinds]
    }

    /// The same with the layers that predict further tokens.
    pub fn with_further(&self, shape: &Shape, piece: usize) -> impl Iterator<Item = u64> {
        let head = self.dealt.pieces[piece].head;
        let further = move |kind| if head && kind == self.dealt.further { shape.further_tokens } else { 0 };
        self.layers(piece).iter().enumerate().map(move |(kind, number)| number + further(kind))
    }

    /// Seconds of every piece of a layout's micro-batch.
    pub fn seconds(
        &self,
        shape: &Shape,
        layout: &Layout,
        costs: &MicroBatchSeconds,
        pieces: &mut Vec<Seconds>,
    ) {
        let further = count(shape.further_tokens);
        let recompute = layout.recompute;
        let again = again_of_piece(layout);
        pieces.clear();
        let rows = self.layers.chunks_exact(costs.kinds.len());
        for (piece, layers) in self.dealt.pieces.iter().zip(rows) {
            let mut seconds = Seconds::default();
            let mut left = again;
            for (kind, number) in costs.kinds.iter().zip(layers) {
                seconds.add(kind.seconds(recompute), count(*number));
                let these = left.min(*number);
                left -= these;
                seconds.add(kind.again, count(these));
            }
            if piece.embedding {
                seconds.add(costs.embedding, 1.0);
            }
            if piece.head {
                if let Some(kind) = costs.kinds.get(self.dealt.further) {
                    seconds.add(kind.seconds(recompute), further);
                }
                seconds.add(costs.head, 1.0 + further);
            }
            pieces.push(seconds);
        }
    }
}

/// Passes of a micro-batch through each stage, as sums over its pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct StageRoom {
    /// The sums; of two copies of each piece half of both, and no expert traffic, which hides behind the other passes.
    pub stages: Vec<Seconds>,
    /// Seconds that each stage works on a micro-batch at least, messages with it.
    pub work: Vec<f64>,
}

impl StageRoom {
    /// Sums pieces by stage. `seen` is the part of a message between pieces that stands in the way of passes, `hop` the
    /// rest of it.
    pub fn sum(&mut self, pieces: &[Seconds], placement: Placement, (seen, hop): (f64, f64)) {
        self.stages.clear();
        self.work.clear();
        let copies = count(placement.copies() as u64);
        for stage in 0..placement.stages() {
            let (mut sum, mut work) = (Seconds::default(), 0.0);
            for piece in placement.held(stage) {
                let own = pieces[piece];
                sum.add(own, 1.0 / copies);
                work += if placement.copies() > 1 {
                    // A forward pass with the backward pass of the other piece of the stage.
                    let other = pieces[pieces.len() - 1 - piece];
                    let messages = 2.0 * (seen + hop);
                    let communication = own.forward_exchange + other.backward_exchange + messages;
                    let all = own.forward + other.backward + messages;
                    together(all - communication, communication)
                } else {
                    own.total() + 2.0 * seen
                };
            }
            if placement.copies() > 1 {
                sum.forward -= sum.forward_exchange;
                sum.backward -= sum.backward_exchange;
            }
            self.stages.push(sum);
            self.work.push(work / copies);
        }
    }

    /// Seconds from the first pass to the last at least, and the work of the busiest stage on a micro-batch.
    ///
    /// Of every stage: what a micro-batch takes to reach it, all its work, and what the last takes back from it. Where a
    /// stage may hold `k` micro-batches at once, one of them can only begin when another `k` before it has come back:
    ///
    /// ```text
    /// max over stages s of   Σ f before s  +  max( m w(s), ⌈m / k⌉ Σ w from s on )  +  Σ b before s
    /// ```
    ///
    /// No order of the passes ends earlier than the first of both; the second holds for one-forward-one-backward, where
    /// `k` is the number of stages from `s` on. Where gradients of weights come later than the backward pass, they may be
    /// what a stage still does while the last micro-batch goes back: `Σ b before s` is left out. Where micro-batches come
    /// from both ends, so is `Σ f`.
    pub fn span(
        &self,
        pieces: &[Seconds],
        schedule: Schedule,
        micro_batches: u64,
        (seen, hop): (f64, f64),
    ) -> (f64, f64) {
        let number = count(micro_batches);
        let (there, back) = match schedule {
            Schedule::GPipe | Schedule::OneForwardOneBackward => (1.0, 1.0),
            Schedule::ZeroBubbleH1 | Schedule::ZeroBubbleV => (1.0, 0.0),
            Schedule::DualPipe => (0.0, 0.0),
        };
        let stages = self.work.len();
        let limited = schedule == Schedule::OneForwardOneBackward && pieces.len() == stages;
        let (mut span, mut busiest) = (0.0_f64, 0.0_f64);
        let mut before = 0.0;
        let mut from_here: f64 = self.work.iter().sum();
        for (index, work) in self.work.iter().enumerate() {
            busiest = busiest.max(*work);
            let mut own = number * work;
            if limited {
                let held = (stages - index) as u64;
                own = own.max(count(micro_batches.div_ceil(held)) * from_here);
                from_here -= work;
            }
            span = span.max(before + own);
            let first = pieces[index];
            before += there * (first.forward + seen + hop) + back * (first.backward + seen + hop);
        }
        (span, busiest)
    }
}
