//! The time of the layers of a model for a batch.

use gigawatt_plan::catalog::{Attention, Experts, FeedForward};
use gigawatt_plan::serving::{Backend, Release};
use gigawatt_plan::training::Precision;

use super::batch::{Batch, SeenByPrompts};
use super::coefficients::ServingCoefficients;
use super::deployment::Deployment;
use super::experts::touched;
use super::iteration::IterationParts;
use super::number::count;
use crate::device::{Attention as Kernel, Cached, Decoding, Device, Experts as ExpertKernel, Residence};
use crate::model::{
    LayerFeedForward, LayerRun, Mixer, further_layers, layers, recurrent_weights, state_bytes,
};
use crate::network::Group;

/// Bytes of a number in the residual stream and in messages.
const ACTIVATION_BYTES: f64 = 2.0;

/// The layers of a deployment.
#[derive(Clone, Debug)]
pub(super) struct Layers<'a> {
    pub(super) deployment: Deployment<'a>,
    with: &'a ServingCoefficients,
    pub(super) device: Device,
    pub(super) kinds: Vec<LayerRun>,
    /// Time of a layer that no kernel of it accounts for, s.
    start: f64,
    /// How often a cache is read by the query heads that share it.
    reads: f64,
    tensor: Group,
    stage: Group,
}

/// Tokens of a batch on one rank.
#[derive(Clone, Copy)]
pub(super) struct Tokens {
    /// That decode, guesses included.
    pub decoding: f64,
    /// Of prompts.
    pub prompts: f64,
}

impl Tokens {
    fn all(self) -> f64 {
        self.decoding + self.prompts
    }
}

impl<'a> Layers<'a> {
    pub(super) fn new(deployment: Deployment<'a>, with: &'a ServingCoefficients) -> Self {
        let layout = deployment.layout;
        let inner = deployment
            .shape
            .experts
            .map(|experts| count(experts.feed_forward) / count(layout.expert_tensor()));
        let mut kinds: Vec<LayerRun> = Vec::new();
        for mut run in layers(deployment.shape) {
            if run.mixer.window().is_some() && !deployment.engine.keeps_windows() {
                run.mixer = Mixer::Attention;
            }
            let like =
                |kind: &&mut LayerRun| kind.mixer == run.mixer && kind.feed_forward == run.feed_forward;
            match kinds.iter_mut().find(like) {
                Some(kind) => kind.count += run.count,
                None => kinds.push(run),
            }
        }
        Self {
            deployment,
            with,
            device: deployment.device.running(&with.running(deployment.device, &deployment.engine, inner)),
            kinds,
            start: with.layer(deployment.device, &deployment.engine),
            reads: cache_reads(&deployment, with),
            tensor: Group::strided(deployment.network, layout.tensor.max(1), 1),
            stage: Group::strided(deployment.network, layout.stage_ranks(), 1),
        }
    }

    /// The widest window of attention, 0 where there is none.
    pub(super) fn widest_window(&self) -> f64 {
        self.kinds.iter().filter_map(|kind| kind.mixer.window()).max().map_or(0.0, count)
    }

    /// Seconds of all layers, the output and what guesses ahead.
    pub(super) fn parts(&self, batch: &Batch) -> IterationParts {
        let tokens =
            Tokens { decoding: batch.sequences * self.deployment.queries(), prompts: batch.prompt_tokens() };
        let mut parts = IterationParts::default();
        if tokens.all() <= 0.0 {
            return parts;
        }
        for kind in &self.kinds {
            parts.add(&self.layer(kind, batch, tokens), count(kind.count));
        }
        self.output(&mut parts, tokens.decoding + batch.prompts.count);
        if let Some(speculation) = self.deployment.speculation {
            let drafting = Tokens { decoding: batch.sequences, prompts: tokens.prompts };
            let mut draft = IterationParts::default();
            for kind in further_layers(self.deployment.shape) {
                draft.add(&self.layer(&kind, batch, drafting), 1.0);
            }
            self.output(&mut draft, batch.sequences);
            parts.add(&draft, speculation.guessed);
        }
        parts
    }

    /// Seconds in which the host launches all layers outside a recorded graph.
    pub(super) fn launches(&self) -> f64 {
        let each = |kind: &LayerRun| {
            let experts = kind.feed_forward == LayerFeedForward::Experts;
            let spread = self.deployment.layout.expert > 1;
            let more = match (experts, spread) {
                (true, true) => self.with.eager_experts + self.with.eager_exchange,
                (true, false) => self.with.eager_experts,
                (false, _) => 0.0,
            };
            let latent = matches!(self.deployment.shape.attention, Attention::Latent { .. });
            let mixer = if latent { self.with.eager_latent } else { 0.0 };
            count(kind.count) * (self.with.eager_layer + mixer + more)
        };
        self.kinds.iter().map(each).sum()
    }

    /// Seconds to hand the residual stream from stage to stage.
    pub(super) fn hops(&self, batch: &Batch) -> f64 {
        let network = self.deployment.network;
        let tier = network.tier_that_holds(self.deployment.layout.accelerators());
        let tokens = batch.sequences * self.deployment.queries() + batch.prompt_tokens();
        let bytes = tokens * count(self.deployment.shape.hidden) * ACTIVATION_BYTES;
        count(self.deployment.layout.pipeline - 1) * network.point_to_point(tier, bytes)
    }

    pub(super) fn layer(&self, kind: &LayerRun, batch: &Batch, tokens: Tokens) -> IterationParts {
        let mut parts = IterationParts { starts: self.start, ..IterationParts::default() };
        match kind.mixer {
            Mixer::Recurrent => self.recurrent(&mut parts, batch, tokens),
            Mixer::None => {}
            _ => self.attention(&mut parts, kind.mixer, batch, tokens),
        }
        match (kind.feed_forward, self.deployment.shape.experts) {
            (LayerFeedForward::Dense, _) => self.dense(&mut parts, tokens.all()),
            (LayerFeedForward::Experts, Some(experts)) => self.experts(&mut parts, &experts, tokens.all()),
            _ => {}
        }
        let widths = count(self.deployment.shape.hidden);
        let passes = tokens.all() * widths * ACTIVATION_BYTES * self.with.activation_passes;
        parts.starts += passes / self.device.streaming_rate();
        parts
    }

    /// Adds the product of m × k activations with `groups` matrices of k × n.
    fn product(&self, parts: &mut IterationParts, groups: f64, m: f64, n: f64, k: f64, precision: Precision) {
        parts.products += self.device.grouped_gemm(groups, m, n, k, precision);
        let scaled = matches!(precision, Precision::Fp8Block | Precision::Mxfp8 | Precision::Nvfp4);
        if scaled && m > 0.0 {
            parts.starts += self.with.cast_start;
        }
        parts.reading += groups * n * k * precision.weight_bytes() / self.device.memory_rate();
        parts.arithmetic += 2.0 * groups * m * n * k / self.device.sustained_rate(precision);
    }

    /// Adds an all-reduce of the activations of some tokens.
    fn all_reduce(&self, parts: &mut IterationParts, group: &Group, tokens: f64) {
        if group.ranks() <= 1 {
            return;
        }
        let network = self.deployment.network;
        let bytes = tokens * count(self.deployment.shape.hidden) * ACTIVATION_BYTES;
        let direct = network.all_reduce_direct(group, bytes).seconds;
        let seconds = direct.min(network.all_reduce(group, bytes));
        parts.collectives += self.with.collectives * seconds;
    }

    fn attention(&self, parts: &mut IterationParts, mixer: Mixer, batch: &Batch, tokens: Tokens) {
        let hidden = count(self.deployment.shape.hidden);
        let tensor = self.deployment.tensor();
        let precision = self.deployment.formats.attention;
        let all = tokens.all();
        match self.deployment.shape.attention {
            Attention::Grouped { heads, kv_heads, head_size, .. } => {
                let (own, size) = (count(heads) / tensor, count(head_size));
                let kv = (count(kv_heads) / tensor).max(1.0);
                let gate = if self.deployment.shape.gated_attention { own * size } else { 0.0 };
                self.product(parts, 1.0, all, (own + 2.0 * kv) * size + gate, hidden, precision);
                self.product(parts, 1.0, all, hidden, own * size, precision);
                let cached = Cached::Heads { count: kv, key_size: size, value_size: size };
                self.over_cache(parts, mixer, batch, own, cached);
                self.within_prompts(parts, mixer, batch);
            }
            Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
                let own = count(heads) / tensor;
                let [q, c, n, r, v] = [query_rank, kv_rank, plain_size, rotary_size, value_size].map(count);
                self.product(parts, 1.0, all, q + c + r, hidden, precision);
                let query = if query_rank == 0 { hidden } else { q };
                self.product(parts, 1.0, all, own * (n + r), query, precision);
                self.latent_products(parts, tokens);
                self.product(parts, 1.0, all, hidden, own * v, precision);
                let cached = Cached::Latent { key_size: c + r, value_size: c };
                self.over_cache(parts, mixer, batch, own, cached);
                self.within_prompts(parts, mixer, batch);
            }
            Attention::Absent => return,
        }
        self.all_reduce(parts, &self.tensor, all);
    }

    /// Adds the products of latent attention that prompts and decoding sequences do not share: keys and values are made of
    /// the latent vector for prompts; else queries and results take in their weights.
    pub(super) fn latent_products(&self, parts: &mut IterationParts, tokens: Tokens) {
        let Attention::Latent { heads, kv_rank, plain_size, value_size, .. } =
            self.deployment.shape.attention
        else {
            return;
        };
        let own = count(heads) / self.deployment.tensor();
        let [c, n, v] = [kv_rank, plain_size, value_size].map(count);
        let precision = self.deployment.formats.attention;
        self.product(parts, 1.0, tokens.prompts, own * (n + v), c, precision);
        self.product(parts, own, tokens.decoding, c, n, precision);
        self.product(parts, own, tokens.decoding, v, c, precision);
    }

    pub(super) fn over_cache(
        &self,
        parts: &mut IterationParts,
        mixer: Mixer,
        batch: &Batch,
        heads: f64,
        cached: Cached,
    ) {
        let context = match mixer {
            Mixer::Sliding { tokens } => batch.context.min(count(tokens)),
            // The place of a token in its chunk is not known: the middle of it, once the past is longer than that.
            Mixer::Chunked { tokens } if batch.context >= count(tokens) => count(tokens) / 2.0,
            _ => batch.context,
        };
        let shape =
            Decoding { batch: batch.sequences, queries: self.deployment.queries(), context, heads, cached };
        let kernel = |shape: &Decoding| {
            self.device.attention_decode(shape, self.deployment.formats.cache, Residence::Memory)
        };
        parts.cache += kernel(&shape);
        if self.reads > 1.0 {
            let start = Decoding { context: f64::MIN_POSITIVE, ..shape };
            parts.cache += (self.reads - 1.0) * (kernel(&shape) - kernel(&start));
        }
    }

    fn within_prompts(&self, parts: &mut IterationParts, mixer: Mixer, batch: &Batch) {
        let [heads, kv_heads, key_size, value_size] = self.prompt_heads();
        let SeenByPrompts { batch, queries, context, mask } = SeenByPrompts::of(mixer, &batch.prompts);
        let shape = Kernel { batch, queries, context, heads, kv_heads, key_size, value_size, mask };
        parts.prompts += self.device.attention_prefill(&shape, Precision::Bf16);
    }

    /// The widths of heads on one rank with which prompts are weighed: own heads, heads of keys, sizes of keys and values.
    pub(super) fn prompt_heads(&self) -> [f64; 4] {
        match self.deployment.shape.attention {
            Attention::Grouped { heads, kv_heads, head_size, .. } => {
                let tensor = self.deployment.tensor();
                let size = count(head_size);
                [count(heads) / tensor, (count(kv_heads) / tensor).max(1.0), size, size]
            }
            Attention::Latent { heads, plain_size, rotary_size, value_size, .. } => {
                let own = count(heads) / self.deployment.tensor();
                [own, own, count(plain_size + rotary_size), count(value_size)]
            }
            Attention::Absent => [0.0; 4],
        }
    }

    /// Adds a recurrent mixer: projections, and the states that are read and written.
    fn recurrent(&self, parts: &mut IterationParts, batch: &Batch, tokens: Tokens) {
        let shape = self.deployment.shape;
        let Some(recurrent) = shape.recurrent else { return };
        let (hidden, tensor) = (count(shape.hidden), self.deployment.tensor());
        let weights = recurrent_weights(shape, &recurrent.recurrence);
        let precision = self.deployment.formats.attention;
        self.product(parts, 1.0, tokens.all(), weights.input / hidden / tensor, hidden, precision);
        self.product(parts, 1.0, tokens.all(), hidden, weights.output / hidden / tensor, precision);
        let states = state_bytes(shape, ACTIVATION_BYTES) / count(recurrent.layers.max(1)) / tensor;
        let moved = 2.0 * states * (batch.sequences + batch.prompts.count);
        parts.cache += moved / self.device.streaming_rate();
        self.all_reduce(parts, &self.tensor, tokens.all());
    }

    /// Matrices to the inner width of a feed-forward part.
    fn ups(&self) -> f64 {
        match self.deployment.shape.feed_forward_kind {
            FeedForward::Gated => 2.0,
            FeedForward::Plain => 1.0,
        }
    }

    /// Adds a feed-forward part of a width that is cut into so many parts.
    fn feed_forward(&self, parts: &mut IterationParts, tokens: f64, width: f64) {
        let (hidden, precision) = (count(self.deployment.shape.hidden), self.deployment.formats.feed_forward);
        self.product(parts, 1.0, tokens, self.ups() * width, hidden, precision);
        self.product(parts, 1.0, tokens, hidden, width, precision);
    }

    fn dense(&self, parts: &mut IterationParts, tokens: f64) {
        self.feed_forward(
            parts,
            tokens,
            count(self.deployment.shape.feed_forward) / self.deployment.tensor(),
        );
        self.all_reduce(parts, &self.tensor, tokens);
    }

    fn experts(&self, parts: &mut IterationParts, experts: &Experts, tokens: f64) {
        let (shape, layout) = (self.deployment.shape, self.deployment.layout);
        let (hidden, precision) = (count(shape.hidden), self.deployment.formats.feed_forward);
        // Every group of ranks that shares its attention brings tokens of its own.
        let together = tokens * count(layout.attention_data.max(1));
        let ranks = count(layout.expert.max(1));
        let inner = count(experts.feed_forward) / count(layout.expert_tensor());
        let width = experts.latent.map_or(hidden, count);
        let copies = together * count(experts.active) / ranks;
        let read = (touched(experts, together, self.with.agreement) / ranks).max(copies.min(1.0));
        // The busiest rank has more of few choices than of many.
        let busiest = if layout.expert > 1 {
            1.0 + self.with.imbalance / libm::sqrt(1.0 + copies / count(experts.routed).max(1.0) * ranks)
        } else {
            1.0
        };
        let (held, rows) = (count(experts.routed) / ranks, copies / read);
        let loads = [((read * busiest).min(held.max(1.0)), rows * busiest.min(ranks))];
        let layer = ExpertKernel { loads: &loads, width, inner };
        parts.experts += self.device.experts(&layer, precision);
        parts.reading +=
            loads[0].0 * 3.0 * width * inner * precision.weight_bytes() / self.device.memory_rate();
        parts.arithmetic += 6.0 * copies * width * inner / self.device.sustained_rate(precision);
        self.product(parts, 1.0, tokens, count(experts.routed), hidden, Precision::Bf16);
        if experts.shared > 0 {
            let shared = count(experts.shared) * count(experts.shared_feed_forward);
            self.feed_forward(parts, tokens, shared / self.deployment.tensor());
        }
        if experts.latent.is_some() {
            self.product(parts, 1.0, tokens, width, hidden, precision);
            self.product(parts, 1.0, tokens, hidden, width, precision);
        }
        if layout.attention_data > 1 {
            self.exchange(parts, experts, tokens, together, width);
        } else {
            self.all_reduce(parts, &self.stage, tokens);
        }
    }

    /// Adds the way of tokens to the ranks that hold their experts and back: each to its own, or all to all ranks where
    /// that is less.
    fn exchange(
        &self,
        parts: &mut IterationParts,
        experts: &Experts,
        tokens: f64,
        together: f64,
        width: f64,
    ) {
        let network = self.deployment.network;
        let there = self.deployment.formats.feed_forward.activation_bytes().min(ACTIVATION_BYTES);
        let copies = tokens / self.deployment.tensor() * count(experts.active) * width;
        let direct = network.all_to_all(&self.stage, copies * there)
            + network.all_to_all(&self.stage, copies * ACTIVATION_BYTES);
        let everywhere = network.all_gather(&self.stage, together * width * there)
            + network.reduce_scatter(&self.stage, together * width * ACTIVATION_BYTES);
        parts.collectives += self.with.collectives * direct.min(everywhere);
    }

    /// Adds the output layer for some tokens.
    pub(super) fn output(&self, parts: &mut IterationParts, tokens: f64) {
        let shape = self.deployment.shape;
        let own = count(shape.vocabulary) / self.deployment.tensor();
        self.product(parts, 1.0, tokens, own, count(shape.hidden), Precision::Bf16);
    }
}

/// How often a cache is read: once, but for early compiled engines where no kernel let query heads share it.
fn cache_reads(deployment: &Deployment<'_>, with: &ServingCoefficients) -> f64 {
    let early = deployment.engine.backend == Backend::Compiled && deployment.engine.is_before(Release(0, 10));
    match deployment.shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. }
            if early && (head_size != 128 || deployment.shape.window.is_some()) =>
        {
            1.0 + with.unshared * (count(heads) / count(kv_heads.max(1)) - 1.0)
        }
        _ => 1.0,
    }
}
