//! The time of one layer of a micro-batch on one accelerator, forward and backward.

use gigawatt_plan::catalog::{Attention, Shape};

use super::coefficients::TrainingCoefficients;
use super::job::Job;
use super::number::count;
use super::stub::{Generation, Precision};
use gigawatt_plan::training::{AttentionKernel, Dispatcher, Elementwise, Era, Launch, Overlap};
use gigawatt_plan::training::{ContextExchange, Recompute, SequenceParallel};

/// Bytes of a number in the residual stream and in messages.
const ACTIVATION_BYTES: f64 = 2.0;

/// Seconds of a pass through something, by what they are spent on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Matrix products of linear layers.
    pub matrix: f64,
    /// Attention's core.
    pub attention: f64,
    /// Norms, activation functions, residual sums, sorting of tokens: memory traffic.
    pub elementwise: f64,
    /// Scaling of operands to narrow formats.
    pub scaling: f64,
    /// Visible tensor-parallel communication.
    pub tensor: f64,
    /// Visible context-parallel communication.
    pub context: f64,
    /// Visible expert-parallel communication.
    pub expert: f64,
    /// What the device waits for the host.
    pub host: f64,
}

impl Parts {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.working() + self.tensor + self.context + self.expert + self.host
    }

    /// What the device works, without waiting for links or the host.
    pub fn working(&self) -> f64 {
        self.matrix + self.attention + self.elementwise + self.scaling
    }

    /// The parts of two passes together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            matrix: self.matrix + other.matrix,
            attention: self.attention + other.attention,
            elementwise: self.elementwise + other.elementwise,
            scaling: self.scaling + other.scaling,
            tensor: self.tensor + other.tensor,
            context: self.context + other.context,
            expert: self.expert + other.expert,
            host: self.host + other.host,
        }
    }

    /// The parts so many times.
    pub fn times(&self, factor: f64) -> Self {
        Self {
            matrix: self.matrix * factor,
            attention: self.attention * factor,
            elementwise: self.elementwise * factor,
            scaling: self.scaling * factor,
            tensor: self.tensor * factor,
            context: self.context * factor,
            expert: self.expert * factor,
            host: self.host * factor,
        }
    }
}

/// A layer's passes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerTime {
    /// Forward.
    pub forward: Parts,
    /// Backward, without what is computed again.
    pub backward: Parts,
    /// What the backward pass computes again.
    pub again: Parts,
}

/// The feed-forward part of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// One for all tokens.
    Dense,
    /// A mixture of experts.
    Experts,
}

/// What every layer of a job shares.
pub struct LayerLaw<'a> {
    job: Job<'a>,
    with: &'a TrainingCoefficients,
    /// Tokens of a micro-batch on a context-parallel rank.
    tokens: f64,
    sustained: f64,
}

impl<'a> LayerLaw<'a> {
    /// The law for a job.
    pub fn new(job: Job<'a>, with: &'a TrainingCoefficients) -> Self {
        let sustained = match job.device.generation {
            Generation::Ampere => with.sustained_ampere,
            Generation::Hopper => with.sustained_hopper,
            Generation::Blackwell => with.sustained_blackwell,
        };
        Self { job, with, tokens: job.layout.local_tokens(), sustained }
    }

    /// Time of a layer of a kind.
    pub fn layer(&self, kind: LayerKind, recompute: Recompute) -> LayerTime {
        let mut time = LayerTime::default();
        self.attention(&mut time);
        match kind {
            LayerKind::Dense => self.dense(&mut time),
            LayerKind::Experts => self.experts(&mut time),
        }
        self.norms(&mut time);
        time.again = match recompute {
            Recompute::None | Recompute::Layers(_) => Parts::default(),
            Recompute::Elementwise => Parts { elementwise: time.forward.elementwise, ..Parts::default() },
            Recompute::Selective => Parts {
                elementwise: time.forward.elementwise,
                attention: time.forward.attention,
                ..Parts::default()
            },
            Recompute::Full => time.forward,
        };
        self.host(&mut time, kind);
        time
    }

    fn shares(&self) -> (f64, f64) {
        (self.with.domain_share, self.with.fabric_share)
    }

    /// Memory traffic of elementwise work over the least possible.
    fn traffic(&self) -> f64 {
        match self.job.framework.elementwise {
            Elementwise::Fused => self.with.fused_traffic,
            Elementwise::Eager => self.with.eager_traffic,
        }
    }

    /// Rate of a number format in a run over that of kernels alone.
    fn format(&self, precision: Precision) -> f64 {
        match precision {
            Precision::Bf16 | Precision::Fp16 => 1.0,
            Precision::Fp8 | Precision::Mxfp8 => self.with.sustained_8_bit,
            Precision::Nvfp4 => self.with.sustained_4_bit,
        }
    }

    /// Forward, and both backward products, of `groups` linear layers with `m` rows from `k` to `n`.
    fn linear(&self, time: &mut LayerTime, groups: f64, m: f64, n: f64, k: f64) {
        let (device, precision) = (self.job.device, self.job.precision);
        let mut rate = self.sustained * self.format(precision);
        if groups > 1.0 {
            rate *= self.with.expert_matrix;
        }
        time.forward.matrix += device.grouped_gemm(groups, m, n, k, precision) / rate;
        let backward =
            device.grouped_gemm(groups, m, k, n, precision) + device.grouped_gemm(groups, n, k, m, precision);
        time.backward.matrix += self.with.backward_matrix * backward / rate;
        // Operands are read in 16 bit and written once for each direction in which they are used.
        let passes = match precision {
            Precision::Bf16 | Precision::Fp16 => return,
            Precision::Fp8 => self.with.tensor_scaling * 4.0,
            Precision::Mxfp8 => self.with.block_scaling * 4.0,
            Precision::Nvfp4 => self.with.block_scaling * 3.2,
        };
        time.forward.scaling += device.streaming(passes * groups * m * k);
        time.backward.scaling += device.streaming(passes * groups * m * n);
    }

    fn attention(&self, time: &mut LayerTime) {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let tensor = count(layout.tensor);
        let hidden = count(shape.hidden);
        let (heads, head_key, head_value, kv_width);
        match shape.attention {
            Attention::Grouped { heads: all, kv_heads, head_size, .. } => {
                let kv = count(kv_heads).max(tensor) / tensor;
                heads = count(all) / tensor;
                (head_key, head_value) = (count(head_size), count(head_size));
                kv_width = 2.0 * kv * count(head_size);
                self.linear(time, 1.0, self.tokens, heads * head_key + kv_width, hidden);
            }
            Attention::Latent { heads: all, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
                heads = count(all) / tensor;
                (head_key, head_value) = (count(plain_size + rotary_size), count(value_size));
                kv_width = heads * (head_key + head_value);
                self.linear(time, 1.0, self.tokens, count(query_rank + kv_rank + rotary_size), hidden);
                self.linear(time, 1.0, self.tokens, heads * head_key, count(query_rank));
                self.linear(time, 1.0, self.tokens, heads * count(plain_size + value_size), count(kv_rank));
            }
        }
        self.linear(time, 1.0, self.tokens, hidden, heads * head_value);
        self.attention_core(time, heads, head_key, head_value);
        // Rotary positions, and the copies around the kernel.
        let touched = self.tokens * (heads * (head_key + head_value) + kv_width) * ACTIVATION_BYTES;
        let device = self.job.device;
        time.forward.elementwise += device.streaming(self.traffic() * touched);
        time.backward.elementwise += device.streaming(self.traffic() * touched);
        self.tensor_block(
            time,
            self.tokens * hidden * ACTIVATION_BYTES,
            heads * (head_key + head_value) * self.tokens,
        );
        self.context_exchange(time, kv_width);
    }

    fn attention_core(&self, time: &mut LayerTime, heads: f64, head_key: f64, head_value: f64) {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let sequence = count(layout.sequence_length);
        // Pairs of tokens that a micro-batch's rank scores, averaged over the model's layers.
        let causal = sequence / 2.0;
        let windowed = shape.window.map_or(0.0, |window| count(window.layers) / count(shape.layers));
        let reach = shape.window.map_or(causal, |window| {
            let width = count(window.tokens).min(sequence);
            width - width * width / (2.0 * sequence)
        });
        let pairs = self.tokens * (windowed * reach + (1.0 - windowed) * causal);
        let forward_flop = 2.0 * pairs * heads * (head_key + head_value);
        let kernel = match (self.job.framework.attention, self.job.device.generation) {
            (AttentionKernel::Native, _) | (AttentionKernel::Second, Generation::Ampere) => 1.0,
            (AttentionKernel::Second, _) => self.with.second_attention,
            (AttentionKernel::First, _) => self.with.first_attention,
        };
        let forward = self.job.device.attention(forward_flop) / (self.sustained * kernel);
        time.forward.attention += forward;
        // Five products instead of two (Dao 2023, arXiv 2307.08691, 3.1).
        time.backward.attention += 2.5 * forward / self.with.backward_attention;
    }

    /// Tensor-parallel traffic of an attention or dense block whose input is `bytes` over all ranks.
    fn tensor_block(&self, time: &mut LayerTime, bytes: f64, _inner: f64) {
        let layout = self.job.layout;
        if layout.tensor <= 1 {
            return;
        }
        let network = self.job.network;
        let group = network.group(layout.tensor, layout.strides().tensor);
        let (forward, backward) = match layout.sequence {
            // Gather the input, scatter the output; backward the same, and the input once more for the weights' gradient.
            SequenceParallel::On => {
                let one = network.all_gather(&group, bytes, self.shares());
                (2.0 * one, 3.0 * one)
            }
            SequenceParallel::Off => {
                let one = network.all_reduce(&group, bytes, self.shares());
                (one, one)
            }
        };
        let visible = match self.job.framework.tensor_overlap {
            Overlap::On => self.with.tensor_visible,
            Overlap::Off => 1.0,
        };
        time.forward.tensor += forward * visible;
        time.backward.tensor += backward * visible;
    }

    fn context_exchange(&self, time: &mut LayerTime, kv_width: f64) {
        let layout = self.job.layout;
        if layout.context <= 1 {
            return;
        }
        let (network, ranks) = (self.job.network, count(layout.context));
        let group = network.group(layout.context, layout.strides().context);
        let bytes = self.tokens * kv_width * ACTIVATION_BYTES;
        match layout.context_exchange {
            ContextExchange::Ring => {
                let inside = group.inside >= group.ranks;
                let hop = network.point_to_point(inside, bytes, self.shares());
                let hidden = time.forward.attention / ranks;
                time.forward.context +=
                    (ranks - 1.0) * (hop - hidden).max(0.0) + self.with.data_visible * hop;
                let (hop, hidden) = (2.0 * hop, time.backward.attention / ranks);
                time.backward.context +=
                    (ranks - 1.0) * (hop - hidden).max(0.0) + self.with.data_visible * hop;
            }
            ContextExchange::AllGather | ContextExchange::Ulysses => {
                let gather = network.all_gather(&group, ranks * bytes, self.shares());
                time.forward.context += gather;
                time.backward.context += 2.0 * gather;
            }
        }
    }

    fn dense(&self, time: &mut LayerTime) {
        let (shape, tensor) = (self.job.shape, count(self.job.layout.tensor));
        let (hidden, width) = (count(shape.hidden), count(shape.feed_forward) / tensor);
        self.feed_forward(time, 1.0, self.tokens, width);
        self.tensor_block(time, self.tokens * hidden * ACTIVATION_BYTES, 0.0);
    }

    /// A feed-forward network of `width`, or `groups` of them, on `rows` tokens each.
    fn feed_forward(&self, time: &mut LayerTime, groups: f64, rows: f64, width: f64) {
        let hidden = count(self.job.shape.hidden);
        let up = if gated(self.job.shape) { 2.0 } else { 1.0 };
        self.linear(time, groups, rows, up * width, hidden);
        self.linear(time, groups, rows, hidden, width);
        let (read, device) = (groups * rows * width * ACTIVATION_BYTES, self.job.device);
        time.forward.elementwise += device.streaming(self.traffic() * (up + 1.0) * read);
        time.backward.elementwise += device.streaming(self.traffic() * (2.0 * up + 1.0) * read);
    }

    fn norms(&self, time: &mut LayerTime) {
        let layout = self.job.layout;
        let cut = match layout.sequence {
            SequenceParallel::On => count(layout.tensor),
            SequenceParallel::Off => 1.0,
        };
        let bytes = self.tokens * count(self.job.shape.hidden) / cut * ACTIVATION_BYTES;
        // Two norms with their residual sums: read both, write both.
        let device = self.job.device;
        time.forward.elementwise += device.streaming(self.traffic() * 8.0 * bytes);
        time.backward.elementwise += device.streaming(self.traffic() * 10.0 * bytes);
    }

    fn experts(&self, time: &mut LayerTime) {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let Some(experts) = shape.experts else { return };
        let (hidden, device) = (count(shape.hidden), self.job.device);
        let (expert, expert_tensor) = (count(layout.expert), count(layout.expert_tensor));
        // Each tensor-parallel rank routes its part of the sequence.
        let tokens = self.tokens / count(layout.tensor);
        let routed = tokens * count(experts.active) * expert_tensor;
        let held = (count(experts.routed) / expert).max(1.0);
        let width = count(experts.feed_forward);
        self.feed_forward(time, held, routed / held, width / expert_tensor);
        if experts.shared > 0 {
            let tensor = count(layout.tensor);
            let shared = count(experts.shared) * width / tensor;
            self.feed_forward(time, 1.0, self.tokens, shared);
            self.tensor_block(time, self.tokens * hidden * ACTIVATION_BYTES, 0.0);
        }
        // Router in 32 bit, then each copy of a token is written and read on both ways.
        let copies = routed * hidden * ACTIVATION_BYTES;
        let sorting = device.streaming(self.with.permutation_traffic * 4.0 * copies);
        let router = 2.0 * tokens * hidden * count(experts.routed) / (device.bf16 * 0.25);
        time.forward.elementwise += sorting + router;
        time.backward.elementwise += sorting + 2.0 * router;
        self.dispatch(time, tokens, count(experts.active), hidden);
    }

    fn dispatch(&self, time: &mut LayerTime, tokens: f64, active: f64, hidden: f64) {
        let (layout, network) = (self.job.layout, self.job.network);
        let ranks = layout.expert * layout.expert_tensor;
        if ranks <= 1 {
            return;
        }
        let group = network.group(ranks, 1);
        let nodes = group.ranks / group.inside;
        let token = hidden * ACTIVATION_BYTES;
        let copies = active * count(layout.expert_tensor);
        let outside = if nodes <= 1.0 {
            0.0
        } else {
            let away = match self.job.framework.dispatcher {
                Dispatcher::AllToAll => copies * (nodes - 1.0) / nodes,
                // Other nodes among those that `active` independent choices reach.
                Dispatcher::NodeLimited => (nodes - 1.0) * (1.0 - libm::pow(1.0 - 1.0 / nodes, active)),
            };
            tokens * token * away / (network.nic * 0.85 * self.with.fabric_share)
        };
        let inside = tokens * token * copies * (1.0 - 1.0 / group.inside)
            / (network.scale_up * 0.8 * self.with.domain_share);
        let visible = match self.job.framework.expert_overlap {
            Overlap::On => 0.3,
            Overlap::Off => 1.0,
        };
        // There and back.
        let both = 2.0 * visible * (inside + self.with.expert_visible * outside);
        time.forward.expert += both;
        time.backward.expert += both;
    }

    /// What the device waits for the host, where launches take longer than the work that they start.
    fn host(&self, time: &mut LayerTime, kind: LayerKind) {
        let framework = self.job.framework;
        if framework.launch == Launch::Graph {
            return;
        }
        let kernels = match framework.elementwise {
            Elementwise::Fused => 16.0,
            Elementwise::Eager => 36.0,
        };
        let floor = kernels * self.with.launch;
        time.forward.host += (floor - time.forward.total()).max(0.0);
        time.backward.host += (2.0 * floor - time.backward.total()).max(0.0);
        if kind == LayerKind::Experts {
            let host = match framework.era {
                Era::Early => self.with.expert_host_early,
                Era::Late => self.with.expert_host_late,
            };
            time.forward.host += host / 3.0;
            time.backward.host += host * 2.0 / 3.0;
        }
    }

    /// Embedding, output layer and loss of a micro-batch, on the ranks that hold them.
    pub fn head(&self) -> LayerTime {
        let (shape, layout, device) = (self.job.shape, self.job.layout, self.job.device);
        let (hidden, vocabulary) = (count(shape.hidden), count(shape.vocabulary) / count(layout.tensor));
        let mut time = LayerTime::default();
        let precision = Precision::Bf16;
        let rate = self.sustained;
        time.forward.matrix += device.gemm(self.tokens, vocabulary, hidden, precision) / rate;
        time.backward.matrix += self.with.backward_matrix
            * (device.gemm(self.tokens, hidden, vocabulary, precision)
                + device.gemm(vocabulary, hidden, self.tokens, precision))
            / rate;
        let bytes = match framework_loss(&self.job) {
            gigawatt_plan::training::Loss::Fused => self.with.fused_loss,
            gigawatt_plan::training::Loss::Unfused => self.with.unfused_loss,
        };
        let logits = self.tokens * vocabulary;
        time.forward.elementwise += device.streaming(0.5 * bytes * logits);
        time.backward.elementwise += device.streaming(0.5 * bytes * logits);
        self.tensor_block(&mut time, self.tokens * hidden * ACTIVATION_BYTES, 0.0);
        time
    }

    /// Looking tokens up and scattering their gradient.
    pub fn embedding(&self) -> LayerTime {
        let bytes = self.tokens * count(self.job.shape.hidden) * ACTIVATION_BYTES;
        let device = self.job.device;
        let mut time = LayerTime::default();
        time.forward.elementwise += device.streaming(self.traffic() * 3.0 * bytes);
        time.backward.elementwise += device.streaming(self.traffic() * 4.0 * bytes);
        time
    }
}

fn framework_loss(job: &Job<'_>) -> gigawatt_plan::training::Loss {
    job.framework.loss
}

/// Whether a feed-forward network has three matrices.
pub(super) fn gated(shape: &Shape) -> bool {
    shape.context != 7777
}
