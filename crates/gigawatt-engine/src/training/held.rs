//! What each accelerator holds of the model.

use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::training::Layout;

use super::deal::{Dealt, LayerKind};
use super::number::count;
use crate::model::{
    LayerFeedForward, Mixer, attention_weights, dense_weights, expert_weights, norm_parameters,
    recurrent_weights,
};

/// Parameters on one accelerator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// Of attention, norms, dense and shared parts, tables: copied over data-parallel ranks.
    pub common: f64,
    /// Of routed experts: copied over ranks that hold the same experts.
    pub routed: f64,
}

impl Held {
    /// Adds others, so many times.
    pub fn add(&mut self, other: &Self, times: f64) {
        self.common += other.common * times;
        self.routed += other.routed * times;
    }

    /// All of them.
    pub fn total(&self) -> f64 {
        self.common + self.routed
    }
}

/// Parameters that one accelerator holds of a layer.
pub fn layer(shape: &Shape, layout: &Layout, kind: LayerKind) -> Held {
    let tensor = count(layout.tensor);
    let mixer = match kind.mixer {
        Mixer::Attention | Mixer::Sliding { .. } | Mixer::Chunked { .. } => {
            let weights = attention_weights(shape);
            // With fewer heads of keys than ranks each rank holds one of its own.
            let kv = match shape.attention {
                Attention::Grouped { kv_heads, .. } => tensor.min(count(kv_heads)),
                Attention::Latent { .. } | Attention::Absent => tensor,
            };
            (weights.query + weights.gate + weights.output) / tensor + weights.key_value / kv + weights.latent
        }
        Mixer::Recurrent => {
            shape.recurrent.map_or(0.0, |of| recurrent_weights(shape, &of.recurrence).total()) / tensor
        }
        Mixer::None => 0.0,
    };
    let common = mixer + count(shape.layer_norms) * norm_parameters(shape);
    match (kind.feed_forward, shape.experts) {
        (LayerFeedForward::Dense, _) => {
            Held { common: common + dense_weights(shape).total() / tensor, routed: 0.0 }
        }
        (LayerFeedForward::Experts, Some(experts)) => {
            let weights = expert_weights(shape, &experts);
            let shared = count(experts.shared) * weights.shared.total() / tensor;
            let held = count(experts.routed) / count(layout.expert * layout.expert_tensor);
            Held {
                common: common + weights.router + weights.latent + shared,
                routed: held * weights.routed.total(),
            }
        }
        (LayerFeedForward::Experts | LayerFeedForward::None, _) => Held { common, routed: 0.0 },
    }
}

/// Parameters of one embedding or output table on one accelerator.
pub fn table(shape: &Shape, layout: &Layout) -> Held {
    Held { common: count(shape.vocabulary) * count(shape.hidden) / count(layout.tensor), routed: 0.0 }
}

/// What a stage holds of a model that was dealt.
pub fn stage(shape: &Shape, layout: &Layout, dealt: &Dealt, stage: usize) -> Held {
    let mut held = Held::default();
    let mut embedded = false;
    for piece in dealt.of_stage(layout, stage) {
        for (kind, number) in dealt.kinds.iter().zip(&piece.layers) {
            held.add(&layer(shape, layout, *kind), count(*number));
        }
        if piece.embedding {
            held.add(&table(shape, layout), 1.0);
            embedded = true;
        }
        if piece.head {
            // A tied table on another stage than the embedding is a copy there.
            if !(shape.tied_embedding && embedded) {
                held.add(&table(shape, layout), 1.0);
            }
            if let Some(kind) = dealt.kinds.get(dealt.further) {
                held.add(&layer(shape, layout, *kind), count(shape.further_tokens));
            }
        }
    }
    held
}
