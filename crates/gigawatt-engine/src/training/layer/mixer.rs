//! The part of a layer that mixes tokens: attention, or a recurrent mixer.

use gigawatt_plan::catalog::{Attention, Recurrence};
use gigawatt_plan::training::{AttentionKernel, ContextExchange, Precision};

use super::{ACTIVATION_BYTES, LayerLaw};
use crate::device::{Attention as KernelShape, Generation, Mask};
use crate::model::Mixer;
use crate::training::number::count;
use crate::training::parts::Passes;

/// Products of two matrices in the backward pass of attention for each two in the forward pass (Dao 2023, arXiv
/// 2307.08691, 3.1: scores again, and the gradients of values, scores, queries and keys).
const BACKWARD_PRODUCTS: f64 = 2.5;

/// Tokens of a chunk in which a recurrent mixer uses matrices (Dao and Gu 2024, arXiv 2405.21060, section 6).
const CHUNK: f64 = 256.0;

/// Rate of chunks of a recurrent mixer over that of large matrices: small products with memory traffic between them.
const RECURRENT_RATE: f64 = 0.4;

impl LayerLaw<'_> {
    pub(super) fn mixer(&self, passes: &mut Passes, mixer: Mixer) {
        match mixer {
            Mixer::Attention | Mixer::Sliding { .. } | Mixer::Chunked { .. } => self.attention(passes, mixer),
            Mixer::Recurrent => self.recurrent(passes),
            Mixer::None => {}
        }
    }

    fn attention(&self, passes: &mut Passes, mixer: Mixer) {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let (tensor, hidden, tokens) = (count(layout.tensor), count(shape.hidden), self.tokens);
        let (heads, kv_heads, head_key, head_value, kv_width);
        match shape.attention {
            Attention::Grouped { heads: all, kv_heads: all_kv, head_size, .. } => {
                heads = count(all) / tensor;
                kv_heads = (count(all_kv) / tensor).max(1.0);
                (head_key, head_value) = (count(head_size), count(head_size));
                kv_width = 2.0 * kv_heads * head_key;
                let gate = if shape.gated_attention { heads * head_value } else { 0.0 };
                self.linear(passes, 1.0, tokens, heads * head_key + kv_width + gate, hidden);
            }
            Attention::Latent { heads: all, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
                heads = count(all) / tensor;
                kv_heads = heads;
                (head_key, head_value) = (count(plain_size + rotary_size), count(value_size));
                kv_width = heads * (head_key + head_value);
                let latent = count(query_rank + kv_rank + rotary_size);
                let query = if query_rank == 0 { hidden } else { count(query_rank) };
                self.linear(passes, 1.0, tokens, latent, hidden);
                self.linear(passes, 1.0, tokens, heads * head_key, query);
                self.linear(passes, 1.0, tokens, heads * count(plain_size + value_size), count(kv_rank));
            }
            Attention::Absent => return,
        }
        self.linear(passes, 1.0, tokens, hidden, heads * head_value);
        let core = KernelShape {
            batch: 1.0,
            queries: 0.0,
            context: 0.0,
            heads,
            kv_heads,
            key_size: head_key,
            value_size: head_value,
            mask: Mask::Causal,
        };
        self.attention_core(passes, mixer, core);
        // Rotary positions, and the copies around the kernel.
        let touched = tokens * (heads * (head_key + head_value) + kv_width) * ACTIVATION_BYTES;
        self.touch(passes, touched, 1.0, 1.0);
        self.tensor_block(passes);
        self.context_exchange(passes, heads * head_value, kv_width);
    }

    /// Adds weighing keys and adding values.
    fn attention_core(&self, passes: &mut Passes, mixer: Mixer, shape: KernelShape) {
        let kernel = match (self.job.framework.attention, self.job.device.facts().generation) {
            (AttentionKernel::Native, _) | (AttentionKernel::Second, Generation::Ampere) => 1.0,
            (AttentionKernel::Second, _) => self.with.second_attention,
            (AttentionKernel::First, Generation::Ampere) => self.with.first_attention,
            (AttentionKernel::First, _) => self.with.first_attention * self.with.second_attention,
        };
        let (batch, length) = (count(self.job.layout.micro_batch), count(self.job.layout.sequence_length));
        // A chunk is a sequence of its own.
        let (batch, length, mask) = match mixer {
            Mixer::Sliding { tokens } => (batch, length, Mask::Sliding { window: count(tokens) }),
            Mixer::Chunked { tokens } if count(tokens) < length => {
                (batch * length / count(tokens), count(tokens), Mask::Causal)
            }
            _ => (batch, length, Mask::Causal),
        };
        let shape = KernelShape { batch, queries: length, context: length, mask, ..shape };
        let parts = self.job.device.attention_parts(&shape, Precision::Bf16);
        let softmax = self.with.softmax_visible * parts.softmax;
        // Context-parallel ranks share the work evenly.
        let rate = count(self.job.layout.context) * self.sustained * kernel;
        passes.forward.attention += parts.start + (parts.products + softmax + parts.memory) / rate;
        let backward = BACKWARD_PRODUCTS * parts.products + softmax + 2.0 * parts.memory;
        passes.backward.attention += parts.start + backward / (rate * self.with.backward_attention);
    }

    /// Adds what context-parallel ranks send each other: of a token `query_width` numbers of queries, `kv_width` of keys and
    /// values.
    fn context_exchange(&self, passes: &mut Passes, query_width: f64, kv_width: f64) {
        let layout = self.job.layout;
        if layout.context <= 1 {
            return;
        }
        let ranks = count(layout.context);
        let bytes = self.tokens * kv_width * ACTIVATION_BYTES;
        let group = &self.groups.context;
        let (forward, backward) = match layout.context_exchange {
            ContextExchange::Ring => {
                let hop = self.links.gather(group, ranks * bytes) / (ranks - 1.0);
                // Each hop runs beside the attention over the part that came before.
                let visible = |hop: f64, work: f64| {
                    (ranks - 1.0) * ((hop - work / ranks).max(0.0) + self.with.data_visible * hop)
                };
                (visible(hop, passes.forward.attention), visible(2.0 * hop, passes.backward.attention))
            }
            ContextExchange::AllGather => {
                let gather = self.links.gather(group, ranks * bytes);
                (gather, 2.0 * gather)
            }
            ContextExchange::Ulysses => {
                // Queries, keys and values there and the output back, and the same for their gradients.
                let both =
                    self.links.exchange(group, bytes + 2.0 * self.tokens * query_width * ACTIVATION_BYTES);
                (both, both)
            }
        };
        passes.forward.context += forward;
        passes.backward.context += backward;
    }

    /// Adds a recurrent mixer: its projections, and the chunks in which it carries its state.
    fn recurrent(&self, passes: &mut Passes) {
        let (shape, tensor) = (self.job.shape, count(self.job.layout.tensor));
        let Some(recurrent) = shape.recurrent else { return };
        let (hidden, tokens) = (count(shape.hidden), self.tokens);
        // Width of the output, of what is convolved, and of a token's share of the state's work in a chunk.
        let (inner, convolved, chunked) = match recurrent.recurrence {
            Recurrence::StateSpace { heads, head_size, groups, state_size, .. } => {
                let (inner, state) = (count(heads * head_size), count(state_size));
                let within = CHUNK * (count(groups) * state + inner);
                (inner, inner + 2.0 * count(groups) * state, within + 4.0 * inner * state)
            }
            Recurrence::DeltaNet { key_heads, value_heads, key_size, value_size, .. } => {
                let (keys, inner) = (count(key_heads * key_size), count(value_heads * value_size));
                let within = CHUNK * (3.0 * keys + 2.0 * inner);
                (inner, 2.0 * keys + inner, within + 6.0 * inner * count(key_size))
            }
        };
        self.linear(passes, 1.0, tokens, (inner + convolved) / tensor, hidden);
        self.linear(passes, 1.0, tokens, hidden, inner / tensor);
        let rate = self.job.device.sustained_rate(Precision::Bf16) * self.sustained * RECURRENT_RATE;
        let forward = tokens * chunked / tensor / rate;
        passes.forward.attention += forward;
        passes.backward.attention += BACKWARD_PRODUCTS * forward / self.with.backward_attention;
        // Convolution, gate and norm read and write what passes through them.
        self.touch(passes, tokens * (2.0 * convolved + 3.0 * inner) / tensor * ACTIVATION_BYTES, 1.0, 2.0);
        self.tensor_block(passes);
    }
}
