//! Memory of an accelerator through a training step.

use gigawatt_plan::catalog::{Attention, Shape};

use super::layer::{LayerKind, gated};
use super::number::count;
use super::stub::Precision;
use super::weights::{Piece, held_layer, held_table};
use gigawatt_plan::training::{Layout, Recompute, SequenceParallel, Sharding};

/// Peak memory of the fullest accelerator, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Parameters.
    pub parameters: f64,
    /// Gradients.
    pub gradients: f64,
    /// Optimiser states and master copies.
    pub optimizer: f64,
    /// Activations kept for the backward pass.
    pub activations: f64,
    /// Logits, communication buffers and what is alive for a moment.
    pub working: f64,
}

impl Memory {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.parameters + self.gradients + self.optimizer + self.activations + self.working
    }
}

/// Bytes that a layer keeps of one token, over all ranks of its tensor group but one.
pub fn kept_per_token(
    shape: &Shape,
    layout: &Layout,
    kind: LayerKind,
    precision: Precision,
    recompute: Recompute,
) -> f64 {
    let (h, tensor) = (count(shape.hidden), count(layout.tensor));
    let cut = match layout.sequence {
        SequenceParallel::On => tensor,
        SequenceParallel::Off => 1.0,
    };
    if recompute == Recompute::Full {
        return 2.0 * h / cut;
    }
    // Operands of linear layers are kept in the format in which the backward pass reads them.
    let operand = match precision {
        Precision::Bf16 | Precision::Fp16 => 2.0,
        Precision::Fp8 => 1.0,
        Precision::Mxfp8 => 1.03,
        Precision::Nvfp4 => 0.56,
    };
    let attention = match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. } => {
            let q = count(heads * head_size) / tensor;
            let kv = 2.0 * count(kv_heads).max(tensor) * count(head_size) / tensor;
            // Queries, keys, values, output of the core (kept once for it and once as operand).
            2.0 * (q + kv) + 2.0 * q
        }
        Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
            let heads = count(heads) / tensor;
            let ranks = count(query_rank + kv_rank + rotary_size);
            operand * ranks + 2.0 * heads * count(2 * (plain_size + rotary_size) + 2 * value_size)
        }
    };
    let up = if gated(shape) { 2.0 } else { 1.0 };
    let inner = |width: f64| match recompute {
        Recompute::None => 2.0 * up * width + operand * width,
        _ => 2.0 * up * width,
    };
    let feed_forward = match (kind, shape.experts) {
        (LayerKind::Experts, Some(experts)) => {
            let copies = count(experts.active) / tensor;
            let width = count(experts.feed_forward);
            let shared = count(experts.shared) * width / tensor;
            copies * (operand * h + inner(width) + 2.0 * h) + inner(shared)
        }
        _ => inner(count(shape.feed_forward) / tensor),
    };
    // Two residual streams or norm inputs and two norm outputs.
    let norms = match recompute {
        Recompute::None => 2.0 * 2.0 * h / cut + 2.0 * operand * h / cut,
        _ => 2.0 * 2.0 * h / cut,
    };
    attention + feed_forward + norms
}

/// Peak memory of a stage that holds `pieces` and at most `held` passes of them at once.
pub fn peak(
    shape: &Shape,
    layout: &Layout,
    precision: Precision,
    recompute: Recompute,
    pieces: &[Piece],
    held: f64,
) -> Memory {
    let (dense, experts) =
        (held_layer(shape, layout, LayerKind::Dense), held_layer(shape, layout, LayerKind::Experts));
    let sum = |value: fn(&Piece) -> u64| pieces.iter().map(|piece| count(value(piece))).sum::<f64>();
    let (dense_layers, expert_layers) =
        (sum(|piece| piece.dense), sum(|piece| piece.experts + piece.further));
    let tables = sum(|piece| u64::from(piece.embedding) + u64::from(piece.head)) * held_table(shape, layout);
    let common = dense_layers * dense.common + expert_layers * experts.common + tables;
    let routed = expert_layers * experts.routed;
    let data = layout.data() * layout.context;
    let expert_data = layout.expert_data();
    let over = |group: u64, common_share: f64, routed_share: f64| {
        let group_routed = count(group.min(expert_data));
        common * common_share / count(group.max(1)) + routed * routed_share / group_routed.max(1.0)
    };
    let group = layout.sharding.group(data);
    let (p, g, o) = match layout.sharding {
        Sharding::None => (1, 1, 1),
        Sharding::Optimizer(_) => (1, 1, group),
        Sharding::Gradients(_) => (1, group, group),
        Sharding::Parameters(_) => (group, group, group),
    };
    let tokens = layout.local_tokens();
    let keep = |kind| kept_per_token(shape, layout, kind, precision, recompute);
    let kept_piece = (dense_layers * keep(LayerKind::Dense) + expert_layers * keep(LayerKind::Experts))
        * tokens
        / count(pieces.len() as u64);
    let head = pieces.iter().any(|piece| piece.head);
    let logits = if head { tokens * count(shape.vocabulary) / count(layout.tensor) * 6.0 } else { 0.0 };
    let unsharded_layer = if matches!(layout.sharding, Sharding::Parameters(_)) {
        2.0 * 2.0 * (dense.common.max(experts.common + experts.routed))
    } else {
        0.0
    };
    let again = if recompute == Recompute::Full {
        tokens
            * kept_per_token(
                shape,
                layout,
                if experts.routed > 0.0 { LayerKind::Experts } else { LayerKind::Dense },
                precision,
                Recompute::None,
            )
    } else {
        0.0
    };
    Memory {
        parameters: over(p, 2.0, 2.0),
        gradients: over(g, 4.0, 4.0),
        optimizer: over(o, 12.0, 12.0),
        activations: kept_piece * held,
        working: logits + unsharded_layer + again + 1.5e9,
    }
}
