//! The time of an iteration on the device as a sum of functions of one number each.
//!
//! ```text
//! device = all(s q + p) + drafted(s + p) + sequences(s) + prompts(p) + output(s q + n) + states · n
//!        + each(s) · cached + windowed(s) · cached within windows + Σ attention(tokens, past of a prompt)
//! ```
//!
//! for `s` sequences with `q` queries each, and `n` prompts of `p` tokens together. It is the same law as
//! [`IterationLaw::parts`], in another order of its terms.

use super::batch::{Batch, Prompts, SeenByPrompts};
use super::iteration::{IterationLaw, IterationParts};
use super::layer::{Layers, Tokens};
use super::number::count;
use crate::device::{Attention as Kernel, Mask, Precision};
use crate::model::{LayerRun, Mixer, further_layers};

/// Contexts between which attention over a cache is measured: it is a straight line over them.
const CONTEXTS: [f64; 2] = [4096.0, 8192.0];

/// The terms of a deployment.
pub(super) struct Separated<'a> {
    layers: &'a Layers<'a>,
    drafting: Vec<LayerRun>,
    guessed: f64,
    stages: f64,
}

/// Attention of prompts: seconds of each pair of query and key, of each query and of each token of the context.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PromptAttention {
    /// Layers by what they see.
    layers: Vec<(Mixer, f64)>,
    /// Share of a prompt that is in one pass through the stages.
    share: f64,
    pair: f64,
    query: f64,
    context: f64,
    /// Seconds that come once for all prompts of an iteration.
    pub start: f64,
}

impl PromptAttention {
    /// No attention.
    pub fn none() -> Self {
        Self { layers: Vec::new(), share: 1.0, pair: 0.0, query: 0.0, context: 0.0, start: 0.0 }
    }

    /// Seconds of so many tokens of a prompt after others that are cached.
    pub fn seconds(&self, tokens: f64, past: f64) -> f64 {
        let prompt = Prompts { count: self.share, tokens, past };
        let mut seconds = 0.0;
        for &(mixer, layers) in &self.layers {
            let SeenByPrompts { batch, queries, context, mask } = SeenByPrompts::of(mixer, &prompt);
            let pairs = kernel([1.0; 4], queries, context, mask).scores();
            seconds += layers * batch * (self.pair * pairs + self.query * queries + self.context * context);
        }
        seconds
    }
}

fn kernel(heads: [f64; 4], queries: f64, context: f64, mask: Mask) -> Kernel {
    let [heads, kv_heads, key_size, value_size] = heads;
    Kernel { batch: 1.0, queries, context, heads, kv_heads, key_size, value_size, mask }
}

impl IterationLaw<'_> {
    /// Its terms.
    pub(super) fn separated(&self) -> Separated<'_> {
        let speculation = self.deployment.speculation;
        Separated {
            layers: &self.layers,
            drafting: speculation.map_or_else(Vec::new, |_| further_layers(self.deployment.shape)),
            guessed: speculation.map_or(0.0, |speculation| speculation.guessed),
            stages: count(self.deployment.layout.pipeline.max(1)),
        }
    }
}

impl Separated<'_> {
    /// Seconds that depend on all tokens of an iteration.
    pub fn all(&self, tokens: f64) -> f64 {
        if tokens <= 0.0 {
            return 0.0;
        }
        let hops = if self.stages > 1.0 {
            self.layers.hops(&Batch::prompts(1.0, tokens / self.stages))
        } else {
            0.0
        };
        self.by_tokens(&self.layers.kinds, tokens) + hops
    }

    /// Seconds of guessing that depend on sequences and tokens of prompts.
    pub fn drafted(&self, tokens: f64) -> f64 {
        if tokens <= 0.0 { 0.0 } else { self.guessed * self.by_tokens(&self.drafting, tokens) }
    }

    fn by_tokens(&self, kinds: &[LayerRun], tokens: f64) -> f64 {
        let tokens = Tokens { decoding: tokens / self.stages, prompts: 0.0 };
        let each = |kind: &LayerRun| {
            let whole = self.layers.layer(kind, &Batch::default(), tokens).device();
            count(kind.count) * (whole - self.own(kind, tokens))
        };
        kinds.iter().map(each).sum()
    }

    /// Seconds of products in a layer that decoding sequences and prompts do not share.
    fn own(&self, kind: &LayerRun, tokens: Tokens) -> f64 {
        if !kind.mixer.is_attention() {
            return 0.0;
        }
        let mut parts = IterationParts::default();
        self.layers.latent_products(&mut parts, tokens);
        parts.device()
    }

    /// Seconds that depend on the sequences that decode, but for their caches.
    pub fn sequences(&self, sequences: f64) -> f64 {
        let of = sequences / self.stages;
        let decoding = of * self.layers.deployment.queries();
        let own = |kinds: &[LayerRun], decoding: f64| -> f64 {
            let tokens = Tokens { decoding, prompts: 0.0 };
            kinds.iter().map(|kind| count(kind.count) * self.own(kind, tokens)).sum()
        };
        let [near, far] = CONTEXTS.map(|context| self.over_cache(sequences, context));
        let start = near - (far - near) / (CONTEXTS[1] - CONTEXTS[0]) * CONTEXTS[0];
        own(&self.layers.kinds, decoding)
            + self.guessed * (own(&self.drafting, of) + self.output(sequences))
            + start * self.attention_layers(|_| true)
            + self.states(sequences)
    }

    /// Seconds of products of prompts alone.
    pub fn prompts(&self, tokens: f64) -> f64 {
        let tokens = Tokens { decoding: 0.0, prompts: tokens / self.stages };
        let each = |kind: &LayerRun| count(kind.count) * self.own(kind, tokens);
        self.layers.kinds.iter().map(each).sum::<f64>()
            + self.guessed * self.drafting.iter().map(each).sum::<f64>()
    }

    /// Seconds of the output of so many tokens.
    pub fn output(&self, tokens: f64) -> f64 {
        let mut parts = IterationParts::default();
        if tokens > 0.0 {
            self.layers.output(&mut parts, tokens / self.stages);
        }
        parts.device()
    }

    /// Seconds of reading and writing the states of so many sequences or prompts.
    pub fn states(&self, sequences: f64) -> f64 {
        let nothing = Tokens { decoding: 0.0, prompts: 0.0 };
        let batch = Batch { sequences: sequences / self.stages, ..Batch::default() };
        let each = |kind: &LayerRun| count(kind.count) * self.layers.layer(kind, &batch, nothing).cache;
        let recurrent = |kinds: &[LayerRun]| -> f64 {
            kinds.iter().filter(|kind| kind.mixer == Mixer::Recurrent).map(each).sum()
        };
        recurrent(&self.layers.kinds) + self.guessed * recurrent(&self.drafting)
    }

    /// Seconds of each cached token, of those in layers that see all and of those within windows.
    pub fn cached(&self, sequences: f64) -> (f64, f64) {
        let [near, far] = CONTEXTS.map(|context| self.over_cache(sequences, context));
        let each = (far - near) / (CONTEXTS[1] - CONTEXTS[0]) / sequences;
        let windowed = self.attention_layers(|mixer| mixer.window().is_some());
        let full = self.attention_layers(|mixer| mixer.window().is_none());
        (each * full, each * windowed)
    }

    /// What bounds the context of layers with windows, where there are some.
    pub fn window(&self) -> Option<Mixer> {
        let all = self.layers.kinds.iter().chain(&self.drafting);
        all.map(|kind| kind.mixer).find(|mixer| mixer.window().is_some())
    }

    /// Attention of prompts.
    pub fn prompt_attention(&self) -> PromptAttention {
        let mut layers: Vec<(Mixer, f64)> = Vec::new();
        let drafting = self.drafting.iter().map(|kind| (kind, self.guessed));
        for (kind, times) in self.layers.kinds.iter().map(|kind| (kind, 1.0)).chain(drafting) {
            let more = times * count(kind.count);
            match layers.iter_mut().find(|(mixer, _)| *mixer == kind.mixer) {
                Some((_, sum)) => *sum += more,
                None if kind.mixer.is_attention() => layers.push((kind.mixer, more)),
                None => {}
            }
        }
        // a q c + b q + d c + start, from four kernels large enough that nothing is lost to rounding.
        let heads = self.layers.prompt_heads();
        let at = |queries: f64, context: f64| {
            let shape = kernel(heads, queries, context, Mask::Full);
            self.layers.device.attention_prefill(&shape, Precision::Bf16)
        };
        let (q, c) = (4096.0, 65_536.0);
        let [one, longer, wider, both] = [at(q, c), at(q, 2.0 * c), at(2.0 * q, c), at(2.0 * q, 2.0 * c)];
        let pair = (both - wider - longer + one) / (q * c);
        let query = (wider - one) / q - pair * c;
        let context = (longer - one) / c - pair * q;
        let start = (one - pair * q * c - query * q - context * c).max(0.0);
        let all: f64 = layers.iter().map(|(_, count)| count).sum();
        PromptAttention { layers, share: 1.0 / self.stages, pair, query, context, start: start * all }
    }

    fn attention_layers(&self, which: impl Fn(Mixer) -> bool) -> f64 {
        let sum = |kinds: &[LayerRun]| -> f64 {
            let attention = kinds.iter().filter(|kind| kind.mixer.is_attention() && which(kind.mixer));
            attention.map(|kind| count(kind.count)).sum()
        };
        sum(&self.layers.kinds) + self.guessed * sum(&self.drafting)
    }

    /// Seconds of attention over the caches of sequences in one layer that sees all.
    fn over_cache(&self, sequences: f64, context: f64) -> f64 {
        if self.attention_layers(|_| true) <= 0.0 || sequences <= 0.0 {
            return 0.0;
        }
        let mut parts = IterationParts::default();
        let batch = Batch::decoding(sequences / self.stages, context);
        let tokens = Tokens { decoding: 0.0, prompts: 0.0 };
        let kind = self.layers.kinds.iter().find(|kind| kind.mixer.is_attention());
        if let Some(kind) = kind {
            let seen = LayerRun { mixer: Mixer::Attention, ..*kind };
            parts = self.layers.layer(&seen, &batch, tokens);
        }
        parts.cache
    }
}
