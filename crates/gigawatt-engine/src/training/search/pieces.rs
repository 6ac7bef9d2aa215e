//! The passes of a pipeline's pieces, and how long a step of them takes at least.

use std::cell::Cell;

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::{Layout, Recompute, Schedule};

use super::cut::{MicroBatchSeconds, Seconds};
use crate::training::deal::{Dealt, deal};
use crate::training::held::{self, Held};
use crate::training::number::count;

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
    pub fn new(shape: &Shape, layout: &Layout, costs: &MicroBatchSeconds) -> Self {
        let by_cost = Cell::new(false);
        let dealt = deal(shape, layout, |_| {
            by_cost.set(true);
            let weights: Vec<f64> =
                costs.kinds.iter().map(|kind| kind.seconds(layout.recompute).total()).collect();
            let further = weights.last().copied().unwrap_or(0.0) + costs.head.total();
            (weights, costs.head.total() + count(shape.further_tokens) * further)
        });
        let layers = dealt.pieces.iter().flat_map(|piece| piece.layers.iter().copied()).collect();
        let stages = usize::try_from(layout.pipeline).unwrap_or(1).max(1);
        let same = |a: usize, b: usize| {
            let pieces = |stage| dealt.pieces.iter().skip(stage).step_by(stages);
            pieces(a).eq(pieces(b))
        };
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
        let again = match recompute {
            Recompute::Layers(some) => some.div_ceil(layout.virtual_stages.max(1)),
            _ => 0,
        };
        pieces.clear();
        let rows = self.layers.chunks_exact(costs.kinds.len());
        for (piece, layers) in self.dealt.pieces.iter().zip(rows) {
            let mut seconds = Seconds::default();
            let mut left = again;
            for (kind, number) in costs.kinds.iter().zip(layers) {
                seconds.add(kind.seconds(recompute), count(*number));
                let these = left.min(*number);
                left -= these;
                seconds.backward += kind.again * count(these);
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

/// Passes of a stage, as sums over its pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct StageRoom {
    pub stages: Vec<Seconds>,
}

impl StageRoom {
    /// Sums pieces by stage.
    pub fn sum(&mut self, pieces: &[Seconds], stages: usize) {
        self.stages.clear();
        self.stages.resize(stages, Seconds::default());
        for (index, piece) in pieces.iter().enumerate() {
            self.stages[index % stages].add(*piece, 1.0);
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
    /// `k` is the number of stages from `s` on. `seen` is the part of a message between pieces that stands in the way of
    /// passes, `hop` the rest of it.
    pub fn span(
        &self,
        pieces: &[Seconds],
        schedule: Schedule,
        micro_batches: u64,
        (seen, hop): (f64, f64),
    ) -> (f64, f64) {
        let stages = self.stages.len();
        let virtual_stages = count((pieces.len() / stages) as u64);
        let limited = schedule == Schedule::OneForwardOneBackward && pieces.len() == stages;
        let number = count(micro_batches);
        let (mut span, mut busiest) = (0.0_f64, 0.0_f64);
        let mut before = 0.0;
        let mut from_here: f64 =
            self.stages.iter().map(|stage| stage.total() + 2.0 * seen * virtual_stages).sum();
        for (index, stage) in self.stages.iter().enumerate() {
            let work = stage.total() + 2.0 * seen * virtual_stages;
            busiest = busiest.max(work);
            let mut own = number * work;
            if limited {
                let held = (stages - index) as u64;
                own = own.max(count(micro_batches.div_ceil(held)) * from_here);
                from_here -= work;
            }
            span = span.max(before + own);
            let first = pieces[index];
            before += first.total() + 2.0 * (seen + hop);
        }
        (span, busiest)
    }
}
