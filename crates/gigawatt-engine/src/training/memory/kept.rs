//! Activations that a layer keeps for its backward pass, and what it works with while it runs.

use gigawatt_plan::catalog::{Attention, Block, Experts, FeedForward, Shape};
use gigawatt_plan::training::{
    ContextExchange, Elementwise, Framework, FrameworkName, Layout, Month, Overlap, Precision, Recompute,
    SequenceParallel,
};

use super::recurrent;
use crate::model::{LayerFeedForward, Mixer};
use crate::training::deal::LayerKind;
use crate::training::number::count;

/// Bytes of a number in the residual stream and between matrices.
const WIDE: f64 = 2.0;

/// Bytes of a softmax statistic, a router's logit and what a norm computes in.
const FULL: f64 = 4.0;

/// Since when experts weigh what they give before their last matrix, so that nothing waits for the gradient of a weight.
const WEIGHED_INSIDE: Month = Month::new(2025, 6);

/// Bytes that a layer keeps of each token of a micro-batch on one accelerator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerKept {
    /// In attention: queries, keys, values, what it gives and its softmax statistics; in a recurrent mixer its projections,
    /// what it gives and what it reads its states with.
    pub mixer: f64,
    /// Inside the feed-forward network or the experts, their routing and permuted copies.
    pub feed_forward: f64,
    /// The residual stream and what norms give.
    pub residual: f64,
}

impl LayerKept {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.mixer + self.feed_forward + self.residual
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
            Attention::Absent => (0.0, 0.0, 0.0, 0.0),
        }
    }

    /// Bytes of a kept operand with its scales.
    fn operand(&self) -> f64 {
        self.precision.activation_bytes()
    }

    /// A second copy of a kept tensor as operand of a matrix, where operands have another format.
    fn operand_copy(&self) -> f64 {
        if self.operand() == WIDE { 0.0 } else { self.operand() }
    }

    /// Matrices to the inside of a feed-forward network.
    fn ups(&self) -> f64 {
        match self.shape.feed_forward_kind {
            FeedForward::Gated => 2.0,
            FeedForward::Plain => 1.0,
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
    /// in a layer with attention and a dense feed-forward network: the terms of Korthikanti et al. 2022 (arXiv 2205.05198,
    /// 4) without the quadratic ones, which fused kernels do not keep (Dao et al. 2022, arXiv 2205.14135). Experts, latent
    /// attention, recurrent mixers and narrow operands are ours.
    pub fn kept(&self, kind: LayerKind, recompute: Recompute) -> LayerKept {
        let input =
            LayerKept { residual: WIDE * count(self.shape.hidden) / self.cut(), ..LayerKept::default() };
        let by_turns = self.framework.name == FrameworkName::Torchtitan;
        match recompute {
            Recompute::Full => input,
            Recompute::Selective
                if by_turns && kind.mixer.is_attention() && kind.feed_forward == LayerFeedForward::Dense =>
            {
                self.every_second_product()
            }
            Recompute::None | Recompute::Layers(_) => self.all(kind, true),
            Recompute::Elementwise | Recompute::Selective => self.all(kind, false),
        }
    }

    /// `with_elementwise`: whether the outputs of norms and activation functions are kept too.
    fn all(&self, kind: LayerKind, with_elementwise: bool) -> LayerKept {
        LayerKept {
            mixer: match kind.mixer {
                Mixer::Attention | Mixer::Sliding { .. } | Mixer::Chunked { .. } => self.attention(),
                Mixer::Recurrent => self.recurrent(with_elementwise),
                Mixer::None => 0.0,
            },
            feed_forward: match kind.feed_forward {
                LayerFeedForward::Dense => {
                    self.inner(count(self.shape.feed_forward) / self.tensor(), with_elementwise)
                }
                LayerFeedForward::Experts => self.experts(with_elementwise),
                LayerFeedForward::None => 0.0,
            },
            residual: self.residual(kind, with_elementwise),
        }
    }

    fn attention(&self) -> f64 {
        let (q, kv, out, heads) = self.widths();
        let compressed = match self.shape.attention {
            Attention::Grouped { .. } | Attention::Absent => 0.0,
            Attention::Latent { query_rank, kv_rank, rotary_size, .. } => {
                let ranks = count(query_rank) + count(kv_rank);
                (WIDE * (ranks + count(rotary_size)) + self.operand() * ranks) / self.cut()
            }
        };
        // A gate is kept beside what it is multiplied with, and so is the product where it is the operand.
        let gate = match (self.shape.gated_attention, self.operand_copy() > 0.0) {
            (false, _) => 0.0,
            (true, true) => WIDE * out,
            (true, false) => 2.0 * WIDE * out,
        };
        compressed + WIDE * (q + kv + out) + gate + self.operand_copy() * out + FULL * heads
    }

    /// Inside a recurrent mixer, its heads cut over tensor-parallel ranks.
    fn recurrent(&self, with_elementwise: bool) -> f64 {
        let Some(of) = self.shape.recurrent else { return 0.0 };
        recurrent::kept(&of.recurrence, self.operand(), with_elementwise) / self.tensor()
    }

    /// Inside a feed-forward network of `width`.
    fn inner(&self, width: f64, with_elementwise: bool) -> f64 {
        let gated = self.shape.feed_forward_kind == FeedForward::Gated;
        let function = match (with_elementwise, self.framework.elementwise) {
            (false, _) => 0.0,
            // Run one by one, the activation function's output is kept beside its product with the other half.
            (true, Elementwise::Eager) if gated => WIDE + self.operand(),
            (true, _) => self.operand(),
        };
        (WIDE * self.ups() + function) * width
    }

    fn residual(&self, kind: LayerKind, with_elementwise: bool) -> f64 {
        let h = count(self.shape.hidden);
        let parts =
            u64::from(kind.mixer != Mixer::None) + u64::from(kind.feed_forward != LayerFeedForward::None);
        // Parts side by side read the stream once, through a norm for both or one each; norms beside those before parts
        // keep their input too.
        let (inputs, outputs) = match self.shape.block {
            Block::Sequential => (parts.max(self.shape.layer_norms), parts),
            Block::Parallel => (1, parts.min(self.shape.layer_norms.max(1))),
        };
        let norms = if with_elementwise {
            // A router reads its norm in 16 bit.
            let routed = match kind.feed_forward {
                LayerFeedForward::Experts => (WIDE - self.operand()).max(0.0),
                _ => 0.0,
            };
            (count(outputs) * self.operand() + routed) * h / self.norm_cut()
        } else {
            0.0
        };
        count(inputs) * WIDE * h / self.cut() + norms
    }

    /// Copies of a token on each accelerator: every tensor-parallel rank routes its part of the tokens.
    fn copies(&self) -> f64 {
        let active = self.shape.experts.map_or(0.0, |experts| count(experts.active));
        active * count(self.layout.expert_tensor.max(1)) / self.tensor()
    }

    fn experts(&self, with_elementwise: bool) -> f64 {
        let Some(experts) = self.shape.experts else { return 0.0 };
        let h = count(self.shape.hidden);
        let outer = experts.latent.map_or(h, count);
        let width = count(experts.feed_forward) / count(self.layout.expert_tensor.max(1));
        // What experts give waits for the gradient of its weights; later software weighs inside the experts.
        let outputs = if self.framework.released >= WEIGHED_INSIDE { FULL } else { WIDE * outer };
        let routed = self.copies() * (self.operand() * outer + self.inner(width, with_elementwise) + outputs);
        // The sum of what experts give is the operand of the way back to the residual stream's width.
        let back = if experts.latent.is_some() { self.operand() * outer / self.cut() } else { 0.0 };
        let router = 2.0 * FULL * count(experts.routed) / self.cut();
        let shared = self.inner(self.shared_width(), with_elementwise);
        let shared_operand = if experts.shared > 0 { self.operand_copy() * h / self.cut() } else { 0.0 };
        routed + back + router + shared + shared_operand
    }

    /// Width of the shared experts on an accelerator.
    fn shared_width(&self) -> f64 {
        let all = |experts: Experts| count(experts.shared) * count(experts.shared_feed_forward);
        self.shape.experts.map_or(0.0, all) / self.tensor()
    }

    /// torchtitan's selection by operation: every second matrix product of a layer and what attention gives are kept,
    /// in the order query, key, value, output, gate, up, down; the rest is computed again.
    fn every_second_product(&self) -> LayerKept {
        let h = WIDE * count(self.shape.hidden) / self.cut();
        let (q, kv, out, heads) = self.widths();
        LayerKept {
            mixer: WIDE * (q + kv / 2.0 + out) + FULL * heads,
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

    /// Gradients of the inside of the part that has more, and of the residual stream around it. The gradient of the
    /// activation function's output takes the place of that output.
    fn gradients(&self, kind: LayerKind) -> f64 {
        let inside =
            self.inside(kind.feed_forward, self.ups(), self.ups()).max(self.mixer_inside(kind.mixer));
        inside + WIDE * count(self.shape.hidden) / self.cut() + self.whole_sequence()
    }

    /// Bytes inside a feed-forward network with so many numbers for each column of its own or of a routed expert, and of
    /// a shared one; with copies of tokens on both sides of the exchange with the experts.
    fn inside(&self, feed_forward: LayerFeedForward, columns: f64, shared: f64) -> f64 {
        match (feed_forward, self.shape.experts) {
            (LayerFeedForward::Dense, _) => columns * WIDE * count(self.shape.feed_forward) / self.tensor(),
            (LayerFeedForward::Experts, Some(experts)) => {
                let outer = count(experts.latent.unwrap_or(self.shape.hidden));
                let width = count(experts.feed_forward) / count(self.layout.expert_tensor.max(1));
                self.copies() * WIDE * (columns * width + 2.0 * outer) + shared * WIDE * self.shared_width()
            }
            (LayerFeedForward::Experts | LayerFeedForward::None, _) => 0.0,
        }
    }

    /// Bytes inside a mixer while it runs, in either direction: queries, keys, values and output; or projections, output
    /// and the states between chunks.
    fn mixer_inside(&self, mixer: Mixer) -> f64 {
        match (mixer, self.shape.recurrent) {
            (Mixer::Recurrent, Some(of)) => recurrent::working(&of.recurrence) / self.tensor(),
            (Mixer::Recurrent | Mixer::None, _) => 0.0,
            (Mixer::Attention | Mixer::Sliding { .. } | Mixer::Chunked { .. }, _) => {
                let (q, kv, out, _) = self.widths();
                WIDE * (q + kv + out)
            }
        }
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

    /// Bytes of each token in flight while a layer runs forward: input, inside and output of the part that has more, over
    /// all of the sequence that tensor parallelism gathers, and tokens sent to experts. Ours.
    pub fn forward_work(&self, kind: LayerKind) -> f64 {
        let inside = self.inside(kind.feed_forward, self.ups() + 1.0, 0.0).max(self.mixer_inside(kind.mixer));
        inside + 2.0 * self.gathered_copies().max(1.0) * self.whole_sequence() + self.eager()
    }

    /// Bytes of each token of keys and values that context-parallel ranks hold of others: two parts in a ring, all parts
    /// where they are gathered, none where heads are exchanged.
    pub fn foreign_keys(&self) -> f64 {
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
