//! What memory holds: weights, buffers, and how many sequences beside them.

use gigawatt_plan::catalog::Attention;
use gigawatt_plan::serving::MemoryShare;
use gigawatt_plan::training::Precision;

use super::coefficients::ServingCoefficients;
use super::deployment::Deployment;
use super::number::count;
use super::steady::Request;
use crate::model::{
    LayerFeedForward, attention_weights, dense_weights, embedding_parameters, expert_weights, further_layers,
    kv_numbers, layers, output_parameters, recurrent_weights, state_bytes, widths,
};

/// Bytes of a number in activations and states.
pub(super) const ACTIVATION_BYTES: f64 = 2.0;

/// What keeps more sequences from being served at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Memory for their caches.
    Memory,
    /// The engine's greatest number of sequences.
    Sequences,
}

/// What one accelerator holds, in bytes, and what is left for caches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Weights.
    pub weights: f64,
    /// Driver, libraries, graphs.
    pub reserve: f64,
    /// Activations of the largest iteration.
    pub activations: f64,
    /// Caches: 0 or less where the model does not fit.
    pub cache: f64,
}

impl Capacity {
    /// Of a deployment.
    pub fn of(deployment: &Deployment<'_>, with: &ServingCoefficients) -> Self {
        let memory = deployment.device.facts().memory;
        let weights = weights(deployment);
        let activations = with.activations * activations(deployment);
        let (reserve, share) = match deployment.engine.memory {
            MemoryShare::OfFree(share) => (with.reserve * memory, share),
            MemoryShare::OfAll(share) => ((1.0 - share) * memory, 1.0),
        };
        let cache = share * (memory - reserve - weights - activations);
        Self { weights, reserve, activations, cache }
    }

    /// Sequences that a group of ranks with common attention serves at once, and what keeps more from it.
    ///
    /// A sequence counts with all tokens that it will have: engines reserve them, or throw sequences out and compute them
    /// again when these come.
    pub fn sequences(&self, deployment: &Deployment<'_>, request: &Request) -> (f64, Limit) {
        let room = self.cache.max(0.0) / sequence_bytes(deployment, request.prompt + request.output);
        let most = count(deployment.engine.most_sequences);
        if room < most { (room, Limit::Memory) } else { (most, Limit::Sequences) }
    }
}

/// Bytes that a layer with attention keeps of a token on one accelerator, a share of it where stages share layers.
pub(super) fn token_bytes(deployment: &Deployment<'_>) -> f64 {
    // Ranks share heads of keys until there is one for each; a latent vector is on all of them.
    let cut = match deployment.shape.attention {
        Attention::Grouped { kv_heads, .. } => deployment.tensor().min(count(kv_heads)),
        Attention::Latent { .. } | Attention::Absent => 1.0,
    };
    let numbers = kv_numbers(deployment.shape) * deployment.formats.cache.activation_bytes();
    numbers / cut / count(deployment.layout.pipeline.max(1))
}

/// Bytes that the cache of a sequence of so many tokens takes on one accelerator.
pub(super) fn sequence_bytes(deployment: &Deployment<'_>, tokens: f64) -> f64 {
    let shape = deployment.shape;
    let kept: f64 = layers(shape)
        .iter()
        .filter(|run| run.mixer.is_attention())
        .map(|run| {
            let window = run.mixer.window().filter(|_| deployment.engine.keeps_windows());
            let window = window.map_or(f64::INFINITY, count);
            count(run.count) * tokens.min(window)
        })
        .sum();
    let states = state_bytes(shape, ACTIVATION_BYTES) / deployment.tensor();
    kept * token_bytes(deployment) + states / count(deployment.layout.pipeline.max(1))
}

/// Bytes of the weights on one accelerator.
fn weights(deployment: &Deployment<'_>) -> f64 {
    let (shape, layout, formats) = (deployment.shape, deployment.layout, deployment.formats);
    let tensor = deployment.tensor();
    let mut bytes = 0.0;
    let drafting = if deployment.speculation.is_some() { further_layers(shape) } else { Vec::new() };
    for run in layers(shape).iter().chain(&drafting) {
        let mixer = if run.mixer.is_attention() {
            let weights = attention_weights(shape);
            // What leads to a latent vector is on every rank.
            weights.latent + (weights.matrices() - weights.latent) / tensor
        } else {
            let recurrent = shape.recurrent.filter(|_| run.mixer == crate::model::Mixer::Recurrent);
            recurrent
                .map_or(0.0, |recurrent| recurrent_weights(shape, &recurrent.recurrence).total() / tensor)
        };
        let feed_forward = match (run.feed_forward, shape.experts) {
            (LayerFeedForward::Dense, _) => dense_weights(shape).matrices() / tensor,
            (LayerFeedForward::Experts, Some(experts)) => {
                let each = expert_weights(shape, &experts);
                let routed = count(experts.routed) * each.routed.matrices() / count(layout.stage_ranks());
                routed + count(experts.shared) * each.shared.matrices() / tensor + each.latent
            }
            _ => 0.0,
        };
        bytes += count(run.count)
            * (mixer * formats.attention.weight_bytes() + feed_forward * formats.feed_forward.weight_bytes());
    }
    let around = embedding_parameters(shape) + output_parameters(shape);
    (bytes + around * Precision::Bf16.weight_bytes() / tensor) / count(layout.pipeline.max(1))
}

/// Bytes of the activations of an iteration that fills the budget of tokens: the residual stream with its copies, and
/// the widest part between two matrices.
fn activations(deployment: &Deployment<'_>) -> f64 {
    let (shape, tensor) = (deployment.shape, deployment.tensor());
    let widths = widths(shape);
    let inner = (widths.dense + widths.dense_activated)
        .max(widths.queries + widths.keys + widths.values)
        .max((widths.routed + widths.routed_activated) / 2.0);
    let dispatched = widths.dispatched;
    let each = 4.0 * widths.residual + inner / tensor + dispatched;
    let logits = count(deployment.engine.most_sequences.min(1024)) * widths.logits * 4.0 / tensor;
    count(deployment.engine.token_budget) * each * ACTIVATION_BYTES + logits
}
