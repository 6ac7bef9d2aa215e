//! Parameters of layers and of the whole model.

use gigawatt_plan::catalog::{Position, Shape};

use super::{
    LayerFeedForward, Mixer, attention_weights, dense_weights, expert_weights, further_layers, layers,
    norm_parameters, number, recurrent_weights,
};

/// Parameters of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// All of them.
    pub total: u64,
    /// Those that a token passes through, the whole embedding and output included.
    pub active: u64,
}

/// Parameters of one layer by part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerParameters {
    /// The attention or the recurrent mixer.
    pub mixer: f64,
    /// The feed-forward part of a dense layer.
    pub dense: f64,
    /// All routed experts.
    pub routed_experts: f64,
    /// The routed experts that a token visits.
    pub visited_experts: f64,
    /// All shared experts.
    pub shared_experts: f64,
    /// The router, and the projections to and from a latent width.
    pub router: f64,
    /// The norms.
    pub norms: f64,
}

impl LayerParameters {
    /// All of the layer.
    pub fn total(&self) -> f64 {
        self.outside_routed_experts() + self.routed_experts
    }

    /// Those that a token passes through.
    pub fn active(&self) -> f64 {
        self.outside_routed_experts() + self.visited_experts
    }

    /// Those that every token passes through.
    pub fn outside_routed_experts(&self) -> f64 {
        self.mixer + self.dense + self.shared_experts + self.router + self.norms
    }
}

/// Parameters of a layer of the given kind.
pub fn layer_parameters(shape: &Shape, mixer: Mixer, feed_forward: LayerFeedForward) -> LayerParameters {
    let mixer = match mixer {
        Mixer::Attention | Mixer::Sliding { .. } | Mixer::Chunked { .. } => attention_weights(shape).total(),
        Mixer::Recurrent => {
            shape.recurrent.map_or(0.0, |of| recurrent_weights(shape, &of.recurrence).total())
        }
        Mixer::None => 0.0,
    };
    let norms = number(shape.layer_norms) * norm_parameters(shape);
    let without = LayerParameters { mixer, norms, ..LayerParameters::default() };
    match (feed_forward, shape.experts) {
        (LayerFeedForward::Dense, _) => LayerParameters { dense: dense_weights(shape).total(), ..without },
        (LayerFeedForward::Experts, Some(experts)) => {
            let weights = expert_weights(shape, &experts);
            LayerParameters {
                routed_experts: number(experts.routed) * weights.routed.total(),
                visited_experts: number(experts.active) * weights.routed.total(),
                shared_experts: number(experts.shared) * weights.shared.total(),
                router: weights.router + weights.latent,
                ..without
            }
        }
        (LayerFeedForward::Experts | LayerFeedForward::None, _) => without,
    }
}

/// Parameters before the first layer: the embedding, and learned positions.
pub fn embedding_parameters(shape: &Shape) -> f64 {
    let places = match shape.position {
        Position::Learned => number(shape.context),
        Position::Rotary | Position::Alibi | Position::None => 0.0,
    };
    (number(shape.vocabulary) + places) * number(shape.hidden)
}

/// Parameters of an output layer of its own; none where it is the embedding.
pub fn output_parameters(shape: &Shape) -> f64 {
    if shape.tied_embedding { 0.0 } else { number(shape.vocabulary) * number(shape.hidden) }
}

/// Parameters of the norm after the last layer.
pub fn final_norm_parameters(shape: &Shape) -> f64 {
    norm_parameters(shape)
}

/// Counts the parameters, without those of further tokens.
pub fn parameters(shape: &Shape) -> Parameters {
    let around = embedding_parameters(shape) + output_parameters(shape) + final_norm_parameters(shape);
    let (mut total, mut active) = (around, around);
    for run in layers(shape) {
        let layer = layer_parameters(shape, run.mixer, run.feed_forward);
        total += number(run.count) * layer.total();
        active += number(run.count) * layer.active();
    }
    Parameters { total: whole(total), active: whole(active) }
}

/// Parameters of all layers for further tokens: those of [`further_layers`], a projection from two streams to one, and three
/// norms. Embedding and output layer are the model's own.
pub fn further_token_parameters(shape: &Shape) -> Parameters {
    let h = number(shape.hidden);
    let own = 2.0 * h * h + 3.0 * norm_parameters(shape);
    let (mut total, mut active) = (own, own);
    for run in further_layers(shape) {
        let layer = layer_parameters(shape, run.mixer, run.feed_forward);
        total += layer.total();
        active += layer.active();
    }
    let tokens = number(shape.further_tokens);
    Parameters { total: whole(tokens * total), active: whole(tokens * active) }
}

/// A sum of counts as a count; the largest there is where a shape is absurd.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative, and the conversion ends at the largest"
)]
fn whole(sum: f64) -> u64 {
    sum as u64
}
