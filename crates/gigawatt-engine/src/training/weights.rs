//! What each accelerator holds of the model, and how layers are dealt to pipeline stages.

use gigawatt_plan::catalog::{Attention, Shape};

use super::layer::{LayerKind, gated};
use super::number::count;
use gigawatt_plan::training::Layout;

/// Parameters of one layer on one accelerator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeldLayer {
    /// Of attention, norms, dense and shared parts: copied over data-parallel ranks.
    pub common: f64,
    /// Of routed experts: copied over ranks that hold the same experts.
    pub routed: f64,
}

/// Parameters that one accelerator holds of a layer of a kind.
pub fn held_layer(shape: &Shape, layout: &Layout, kind: LayerKind) -> HeldLayer {
    let tensor = count(layout.tensor);
    let h = count(shape.hidden);
    let attention = match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. } => {
            2.0 * h * count(heads) * count(head_size) / tensor
                + 2.0 * h * count(kv_heads).max(tensor) * count(head_size) / tensor
        }
        Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
            h * count(query_rank)
                + count(query_rank) * count(heads) * count(plain_size + rotary_size) / tensor
                + h * count(kv_rank + rotary_size)
                + count(kv_rank) * count(heads) * count(plain_size + value_size) / tensor
                + count(heads) * count(value_size) * h / tensor
        }
    };
    let matrices = if gated(shape) { 3.0 } else { 2.0 };
    let norms = 2.0 * h;
    match (kind, shape.experts) {
        (LayerKind::Experts, Some(experts)) => {
            let one = matrices * h * count(experts.feed_forward);
            HeldLayer {
                common: attention + norms + h * count(experts.routed) + count(experts.shared) * one / tensor,
                routed: count(experts.routed) / count(layout.expert) * one / count(layout.expert_tensor),
            }
        }
        _ => HeldLayer {
            common: attention + norms + matrices * h * count(shape.feed_forward) / tensor,
            routed: 0.0,
        },
    }
}

/// Parameters of one embedding or output table on one accelerator.
pub fn held_table(shape: &Shape, layout: &Layout) -> f64 {
    count(shape.vocabulary * shape.hidden) / count(layout.tensor)
}

/// What one piece of the pipeline holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Dense layers.
    pub dense: u64,
    /// Layers with experts.
    pub experts: u64,
    /// Layers that predict further tokens.
    pub further: u64,
    /// Whether the embedding is on it.
    pub embedding: bool,
    /// Whether output layer and loss are on it.
    pub head: bool,
}

/// Deals layers to `stages x virtual_stages` pieces in order.
///
/// Evenly where the number allows; else evenly with the embedding, the loss or both counted as a layer (Megatron's
/// `account-for-embedding-in-pipeline-split`); else so that the heaviest piece is as light as can be, with the
/// relative weight of `head` layers for the output.
pub fn deal(shape: &Shape, layout: &Layout, further: u64, head: f64) -> Vec<Piece> {
    let pieces = (layout.pipeline * layout.virtual_stages).max(1);
    let layers = shape.layers;
    let counts: Vec<u64> = if layers.is_multiple_of(pieces) && further == 0 {
        vec![layers / pieces; usize::try_from(pieces).unwrap_or(1)]
    } else if further == 0 && (layers + 2).is_multiple_of(pieces) && pieces > 1 {
        with_ends(pieces, (layers + 2) / pieces, 1, 1)
    } else if further == 0 && (layers + 1).is_multiple_of(pieces) && pieces > 1 {
        with_ends(pieces, (layers + 1) / pieces, 0, 1)
    } else {
        balanced(pieces, layers, head + 1.1 * count(further))
    };
    let last = counts.len() - 1;
    let dense_first = shape.experts.map_or(layers, |experts| layers - experts.layers);
    let mut at = 0;
    counts
        .iter()
        .enumerate()
        .map(|(index, &count)| {
            let dense = dense_first.saturating_sub(at).min(count);
            at += count;
            Piece {
                dense,
                experts: count - dense,
                further: if index == last { further } else { 0 },
                embedding: index == 0,
                head: index == last,
            }
        })
        .collect()
}

fn with_ends(pieces: u64, each: u64, first: u64, last: u64) -> Vec<u64> {
    let mut counts = vec![each; usize::try_from(pieces).unwrap_or(1)];
    if let Some(one) = counts.first_mut() {
        *one -= first.min(*one);
    }
    if let Some(one) = counts.last_mut() {
        *one -= last.min(*one);
    }
    counts
}

/// Layers to pieces so that the heaviest is light: each piece takes the next layer while it is below the mean of what is
/// left, the last one carrying the weight of the output.
fn balanced(pieces: u64, layers: u64, head: f64) -> Vec<u64> {
    let mut left = layers;
    let mut counts = Vec::new();
    for index in 0..pieces {
        let rest = count(pieces - index);
        let mean = (count(left) + head) / rest;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number"
        )]
        let take = (libm::round(mean).max(0.0) as u64).min(left);
        let take = if index + 1 == pieces { left } else { take };
        counts.push(take);
        left -= take;
    }
    counts
}
