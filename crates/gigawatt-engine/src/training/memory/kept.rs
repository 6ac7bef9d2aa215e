//! Activations that a layer keeps for its backward pass, and what it works with while it runs.

use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::training::{
    Elementwise, Era, Framework, FrameworkName, Layout, Overlap, Recompute, SequenceParallel,
};

use super::states::operand_bytes;
use crate::training::layer::{LayerKind, gated};
use crate::training::number::count;
use crate::training::stub::Precision;

/// Bytes of a number in the residual stream and between matrices.
const WIDE: f64 = 2.0;

/// Bytes of a softmax statistic, a router's logit and what a norm computes in.
const FULL: f64 = 4.0;

/// Bytes that a layer keeps of each token of a micro-batch on one accelerator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerKept {
    /// Queries, keys, values, what attention gives and its softmax statistics.
    pub attention: f64,
    /// Inside the feed-forward network or the experts, their routing and permuted copies.
    pub feed_forward: f64,
    /// The residual stream and what norms give.
    pub residual: f64,
}

impl LayerKept {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.attention + self.feed_forward + self.residual
    }
}

/// What is the same for every layer of a run.
#[derive(Clone, Copy, Debug)]
pub struct LayerLaw<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The layout.
    pub layout: &'a Layout,
    /// Format of the linear layers' operands.
    pub precision: Precision,
    /// The software.
    pub framework: &'a Framework,
}

impl LayerLaw<'_> {
    fn tensor(&self) -> f64 {
        count(self.layout.tensor.max(1))
    }

    /// Into how many parts tensor parallelism cuts the residual stream.
    fn cut(&self) -> f64 {
        match self.layout.sequence {
            SequenceParallel::On => self.tensor(),
            SequenceParallel::Off => 1.0,
        }
    }

    /// Into how many parts a norm's output is cut while it waits for the backward pass: Megatron keeps its part and
    /// gathers again (Korthikanti et al. 2022, arXiv 2205.05198, 4.2.2), `DTensor` keeps what it gathered.
    fn norm_cut(&self) -> f64 {
        match self.framework.name {
            FrameworkName::Torchtitan | FrameworkName::Automodel => 1.0,
            _ => self.cut(),
        }
    }

    /// Widths of queries, keys with values, and attention's output on an accelerator, and its heads.
    fn widths(&self) -> (f64, f64, f64, f64) {
        let tensor = self.tensor();
        match self.shape.attention {
            Attention::Grouped { heads, kv_heads, head_size, .. } => {
                let q = count(heads) * count(head_size) / tensor;
                (q, 2.0 * count(kv_heads).max(tensor) * count(head_size) / tensor, q, count(heads) / tensor)
            }
            Attention::Latent { heads, plain_size, rotary_size, value_size, .. } => {
                let heads = count(heads) / tensor;
                let (key, value) = (count(plain_size + rotary_size), count(value_size));
                (heads * key, heads * (key + value), heads * value, heads)
            }
        }
    }

    /// A second copy of a kept tensor as operand of a matrix, where operands have another format.
    fn operand_copy(&self) -> f64 {
        match self.precision {
            Precision::Bf16 | Precision::Fp16 => 0.0,
            narrow => operand_bytes(narrow),
        }
    }

    /// Bytes that a layer keeps of each token.
    ///
    /// With fused attention and no dropout, for hidden width `h`, queries `q`, keys and values `kv`, feed-forward width
    /// `f` and operands of `w` bytes, over `t` tensor-parallel ranks with sequence parallelism:
    ///
    /// ```text
    /// (4 h + 2 w h) / t  +  (4 q + 2 kv + 4 heads) / t  +  (4 f + w f) / t       gated
    /// ```
    ///
    /// the terms of Korthikanti et al. 2022 (arXiv 2205.05198, 4) without the quadratic ones, which fused kernels do
    /// not keep (Dao et al. 2022, arXiv 2205.14135). Experts, latent attention and narrow operands are ours.
    pub fn kept(&self, kind: LayerKind, recompute: Recompute) -> LayerKept {
        let input =
            LayerKept { residual: WIDE * count(self.shape.hidden) / self.cut(), ..LayerKept::default() };
        let by_turns = self.framework.name == FrameworkName::Torchtitan;
        match recompute {
            Recompute::Full => input,
            Recompute::Selective if by_turns && kind == LayerKind::Dense => self.every_second_product(),
            Recompute::None | Recompute::Layers(_) => self.all(kind, true),
            Recompute::Elementwise | Recompute::Selective => self.all(kind, false),
        }
    }

    /// `with_elementwise`: whether the outputs of norms and activation functions are kept too.
    fn all(&self, kind: LayerKind, with_elementwise: bool) -> LayerKept {
        LayerKept {
            attention: self.attention(),
            feed_forward: match (kind, self.shape.experts) {
                (LayerKind::Experts, Some(_)) => self.experts(with_elementwise),
                _ => self.inner(count(self.shape.feed_forward) / self.tensor(), with_elementwise),
            },
            residual: self.residual(kind, with_elementwise),
        }
    }

    fn attention(&self) -> f64 {
        let (q, kv, out, heads) = self.widths();
        let compressed = match self.shape.attention {
            Attention::Grouped { .. } => 0.0,
            Attention::Latent { query_rank, kv_rank, rotary_size, .. } => {
                let operand = operand_bytes(self.precision);
                (WIDE * count(query_rank + kv_rank + rotary_size) + operand * count(query_rank + kv_rank))
                    / self.cut()
            }
        };
        compressed + WIDE * (q + kv + out) + self.operand_copy() * out + FULL * heads
    }

    /// Inside a feed-forward network of `width`.
    fn inner(&self, width: f64, with_elementwise: bool) -> f64 {
        let gated = gated(self.shape);
        let up = if gated { 2.0 } else { 1.0 };
        let function = match (with_elementwise, self.framework.elementwise) {
            (false, _) => 0.0,
            // Run one by one, the activation function's output is kept beside its product with the other half.
            (true, Elementwise::Eager) if gated => WIDE + operand_bytes(self.precision),
            (true, _) => operand_bytes(self.precision),
        };
        (WIDE * up + function) * width
    }

    fn residual(&self, kind: LayerKind, with_elementwise: bool) -> f64 {
        let h = count(self.shape.hidden);
        let operand = operand_bytes(self.precision);
        let norms = if with_elementwise {
            // A router reads the second norm in 16 bit.
            let second = if kind == LayerKind::Experts { WIDE.max(operand) } else { operand };
            (operand + second) * h / self.norm_cut()
        } else {
            0.0
        };
        2.0 * WIDE * h / self.cut() + norms
    }

    /// Copies of a token on each accelerator: every tensor-parallel rank routes its part of the tokens.
    fn copies(&self) -> f64 {
        let active = self.shape.experts.map_or(0.0, |experts| count(experts.active));
        active * count(self.layout.expert_tensor.max(1)) / self.tensor()
    }

    fn experts(&self, with_elementwise: bool) -> f64 {
        let Some(experts) = self.shape.experts else { return 0.0 };
        let h = count(self.shape.hidden);
        let width = count(experts.feed_forward);
        let outputs = match self.framework.era {
            // What experts give waits for the gradient of its weights; later software weighs inside the experts.
            Era::Early => WIDE * h,
            Era::Late => FULL,
        };
        let routed = self.copies()
            * (operand_bytes(self.precision) * h
                + self.inner(width / count(self.layout.expert_tensor.max(1)), with_elementwise)
                + outputs);
        let router = 2.0 * FULL * count(experts.routed) / self.cut();
        let shared = self.inner(count(experts.shared) * width / self.tensor(), with_elementwise);
        let shared_operand = if experts.shared > 0 { self.operand_copy() * h / self.cut() } else { 0.0 };
        routed + router + shared + shared_operand
    }

    /// torchtitan's selection by operation: every second matrix product of a layer and what attention gives are kept,
    /// in the order query, key, value, output, gate, up, down; the rest is computed again.
    fn every_second_product(&self) -> LayerKept {
        let h = WIDE * count(self.shape.hidden) / self.cut();
        let (q, kv, out, heads) = self.widths();
        LayerKept {
            attention: WIDE * (q + kv / 2.0 + out) + FULL * heads,
            feed_forward: WIDE * count(self.shape.feed_forward) / self.tensor() + h,
            residual: h,
        }
    }

    /// Bytes of each token that a layer works with while it runs backward, beside what was kept for it: what is
    /// computed again, and the gradients on their way. Ours; the largest neighbours in time are taken as alive together.
    pub fn work(&self, kind: LayerKind, recompute: Recompute) -> f64 {
        let kept = self.kept(kind, recompute).total();
        let again = (self.kept(kind, Recompute::None).total() - kept).max(0.0);
        again + self.gradients(kind) + self.eager()
    }

    /// Gradients of the feed-forward network's inside and of the residual stream around it. The gradient of the activation
    /// function's output takes the place of that output.
    fn gradients(&self, kind: LayerKind) -> f64 {
        let h = count(self.shape.hidden);
        let up = if gated(self.shape) { 2.0 } else { 1.0 };
        let inside = match (kind, self.shape.experts) {
            (LayerKind::Experts, Some(experts)) => {
                let width = count(experts.feed_forward);
                // Copies of tokens on both sides of the exchange, and inside the experts.
                let expert = width / count(self.layout.expert_tensor.max(1));
                self.copies() * WIDE * (up * expert + 2.0 * h)
                    + up * WIDE * count(experts.shared) * width / self.tensor()
            }
            _ => up * WIDE * count(self.shape.feed_forward) / self.tensor(),
        };
        inside + WIDE * h / self.cut() + self.whole_sequence()
    }

    /// The residual stream of a whole sequence on its way through tensor parallelism: gathered, or summed before it is cut.
    fn whole_sequence(&self) -> f64 {
        WIDE * count(self.shape.hidden)
    }

    /// Copies of what tensor parallelism gathers: `DTensor`'s collectives along the sequence copy once more where they are
    /// not fused with the matrices.
    pub fn gathered_copies(&self) -> f64 {
        let tensors = matches!(self.framework.name, FrameworkName::Torchtitan | FrameworkName::Automodel);
        match (self.layout.tensor, self.framework.tensor_overlap) {
            (0 | 1, _) => 0.0,
            (_, Overlap::Off) if tensors => 2.0,
            _ => 1.0,
        }
    }

    /// What norms leave in 32 bit while they run one operation at a time: the cast, the square and the product.
    fn eager(&self) -> f64 {
        match self.framework.elementwise {
            Elementwise::Fused => 0.0,
            Elementwise::Eager => 3.0 * FULL * count(self.shape.hidden) / self.cut(),
        }
    }

    /// Bytes of each token in flight while a layer runs forward: the feed-forward network's input, inside and output,
    /// over all of the sequence that tensor parallelism gathers, and tokens sent to experts. Ours.
    pub fn forward_work(&self, kind: LayerKind) -> f64 {
        let h = count(self.shape.hidden);
        let up = if gated(self.shape) { 3.0 } else { 2.0 };
        let inside = match (kind, self.shape.experts) {
            (LayerKind::Experts, Some(experts)) => {
                let width = count(experts.feed_forward) / count(self.layout.expert_tensor.max(1));
                self.copies() * WIDE * (up * width + 2.0 * h)
            }
            _ => up * WIDE * count(self.shape.feed_forward) / self.tensor(),
        };
        inside + 2.0 * self.gathered_copies().max(1.0) * self.whole_sequence() + self.eager()
    }

    /// Bytes of each token of keys and values that context-parallel ranks hold of others: two parts in a ring, all parts
    /// where they are gathered, none where heads are exchanged.
    pub fn foreign_keys(&self) -> f64 {
        use gigawatt_plan::training::ContextExchange;
        if self.layout.context <= 1 {
            return 0.0;
        }
        let (_, kv, _, _) = self.widths();
        match self.layout.context_exchange {
            ContextExchange::Ring => 2.0 * WIDE * kv,
            ContextExchange::AllGather => count(self.layout.context) * WIDE * kv,
            ContextExchange::Ulysses => 0.0,
        }
    }
}
