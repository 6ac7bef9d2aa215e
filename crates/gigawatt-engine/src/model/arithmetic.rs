//! Floating-point operations of the forward pass.
//!
//! Each weight of a matrix is a product and a sum. A token weighs each key and adds each value that its attention
//! looks back on: `2 a (n + r) + 2 a v` for the widths of a head of keys and values. A recurrent mixer updates and
//! reads its state: for each number of a state space a decay, the product of input and key, their sum, and a product
//! and a sum to read it (5); a delta net takes out what it knew of the key first (7). Kernels that work in chunks do
//! more, to use matrix units; that is a matter of the device. Norms, activation functions, softmax and looking a token
//! up in the embedding are none: they are bound by memory.

use gigawatt_plan::catalog::{Attention, Recurrence, Shape};

use super::memory::{span, state_numbers};
use super::weights::convolved;
use super::{
    LayerFeedForward, Mixer, attention_weights, dense_weights, expert_weights, further_layers, layers,
    number, recurrent_weights,
};

/// Operations of the forward pass for one token, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ForwardFlop {
    /// Projections of attention.
    pub attention_projections: f64,
    /// Weighing keys and adding values.
    pub attention_scores: f64,
    /// Projections of recurrent mixers.
    pub recurrent_projections: f64,
    /// Convolutions and states of recurrent mixers.
    pub recurrent_states: f64,
    /// Feed-forward parts of dense layers.
    pub dense: f64,
    /// The routed experts that the token visits, and the projections to and from their width.
    pub routed_experts: f64,
    /// The shared experts.
    pub shared_experts: f64,
    /// Routers.
    pub router: f64,
    /// The output layer.
    pub output: f64,
}

impl ForwardFlop {
    /// All.
    pub fn total(&self) -> f64 {
        self.matrices() + self.attention_scores + self.recurrent_states
    }

    /// Those of matrices of weights.
    pub fn matrices(&self) -> f64 {
        self.attention_projections
            + self.recurrent_projections
            + self.dense
            + self.routed_experts
            + self.shared_experts
            + self.router
            + self.output
    }

    /// Those of `times` as many layers.
    #[must_use]
    fn times(&self, times: f64) -> Self {
        Self {
            attention_projections: self.attention_projections * times,
            attention_scores: self.attention_scores * times,
            recurrent_projections: self.recurrent_projections * times,
            recurrent_states: self.recurrent_states * times,
            dense: self.dense * times,
            routed_experts: self.routed_experts * times,
            shared_experts: self.shared_experts * times,
            router: self.router * times,
            output: self.output * times,
        }
    }
}

impl std::ops::Add for ForwardFlop {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            attention_projections: self.attention_projections + other.attention_projections,
            attention_scores: self.attention_scores + other.attention_scores,
            recurrent_projections: self.recurrent_projections + other.recurrent_projections,
            recurrent_states: self.recurrent_states + other.recurrent_states,
            dense: self.dense + other.dense,
            routed_experts: self.routed_experts + other.routed_experts,
            shared_experts: self.shared_experts + other.shared_experts,
            router: self.router + other.router,
            output: self.output + other.output,
        }
    }
}

/// What tokens look back on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LookedBack {
    /// One token after so many others.
    Past(u64),
    /// The mean over the tokens of a sequence of so many, each of which sees those before it.
    Sequence(u64),
    /// The mean over a sequence as if each token saw all: what is counted where half of the work is not skipped.
    Uncausal(u64),
}

/// Tokens that a layer's attention looks back on; none where it has no attention.
///
/// A sequence of `n` looks back on `n / 2` on average. With a sliding window `w` that is `w - w² / 2n`, in chunks of
/// `w` it is `w / 2` for each whole chunk. One token in a chunk looks back on the middle of it, once its past is longer
/// than a chunk, as its place in it is not known.
pub fn looked_back(mixer: Mixer, tokens: LookedBack) -> f64 {
    if !mixer.is_attention() {
        return 0.0;
    }
    match tokens {
        LookedBack::Past(past) => match mixer {
            Mixer::Sliding { tokens } => number(past.min(tokens)),
            Mixer::Chunked { tokens } if past >= tokens => number(tokens) / 2.0,
            _ => number(past),
        },
        LookedBack::Sequence(sequence) => {
            let n = number(sequence);
            match mixer {
                Mixer::Sliding { tokens } if tokens < sequence => {
                    let w = number(tokens);
                    w - w * w / (2.0 * n)
                }
                Mixer::Chunked { tokens } if tokens < sequence && tokens > 0 => {
                    let (w, rest) = (number(tokens), number(sequence % tokens));
                    (number(sequence / tokens) * w * w + rest * rest) / (2.0 * n)
                }
                _ => n / 2.0,
            }
        }
        LookedBack::Uncausal(sequence) => {
            number(mixer.window().map_or(sequence, |window| window.min(sequence)))
        }
    }
}

/// Operations of the forward pass of one layer for one token.
pub fn layer_flop(
    shape: &Shape,
    mixer: Mixer,
    feed_forward: LayerFeedForward,
    tokens: LookedBack,
) -> ForwardFlop {
    let mut flop = ForwardFlop::default();
    if mixer.is_attention() {
        flop.attention_projections = 2.0 * attention_weights(shape).matrices();
        flop.attention_scores = 2.0 * head_numbers(shape) * looked_back(mixer, tokens);
    }
    if let (Mixer::Recurrent, Some(recurrent)) = (mixer, shape.recurrent) {
        let recurrence = recurrent.recurrence;
        flop.recurrent_projections = 2.0 * recurrent_weights(shape, &recurrence).matrices();
        let each = match recurrence {
            Recurrence::StateSpace { .. } => 5.0,
            Recurrence::DeltaNet { .. } => 7.0,
        };
        flop.recurrent_states =
            each * state_numbers(&recurrence) + 2.0 * convolved(&recurrence) * span(&recurrence);
    }
    match (feed_forward, shape.experts) {
        (LayerFeedForward::Dense, _) => flop.dense = 2.0 * dense_weights(shape).matrices(),
        (LayerFeedForward::Experts, Some(experts)) => {
            let weights = expert_weights(shape, &experts);
            flop.routed_experts = 2.0 * (number(experts.active) * weights.routed.matrices() + weights.latent);
            flop.shared_experts = 2.0 * number(experts.shared) * weights.shared.matrices();
            flop.router = 2.0 * weights.router;
        }
        (LayerFeedForward::Experts | LayerFeedForward::None, _) => {}
    }
    flop
}

/// Operations of the forward pass of the whole model for one token, by part.
pub fn forward_flop_by_part(shape: &Shape, tokens: LookedBack) -> ForwardFlop {
    let output = ForwardFlop { output: output_flop(shape), ..ForwardFlop::default() };
    layers(shape).iter().fold(output, |sum, run| {
        sum + layer_flop(shape, run.mixer, run.feed_forward, tokens).times(number(run.count))
    })
}

/// Operations of the forward pass for one token that looks back on `past` tokens.
///
/// Training takes three times as many (backward is twice forward), and a sequence of `n` tokens looks back on `n / 2`
/// on average.
pub fn forward_flop(shape: &Shape, past: u64) -> f64 {
    forward_flop_by_part(shape, LookedBack::Past(past)).total()
}

/// Operations of the layers that predict further tokens: those of [`further_layers`], a projection from two streams to
/// one, and the output layer again.
pub fn further_token_flop(shape: &Shape, tokens: LookedBack) -> ForwardFlop {
    let h = number(shape.hidden);
    let around = ForwardFlop {
        attention_projections: 2.0 * 2.0 * h * h,
        output: output_flop(shape),
        ..ForwardFlop::default()
    };
    further_layers(shape)
        .iter()
        .fold(around, |sum, run| sum + layer_flop(shape, run.mixer, run.feed_forward, tokens))
        .times(number(shape.further_tokens))
}

fn output_flop(shape: &Shape) -> f64 {
    2.0 * number(shape.vocabulary) * number(shape.hidden)
}

/// Numbers of a layer's heads that meet those of an earlier token: in keys and in values.
fn head_numbers(shape: &Shape) -> f64 {
    match shape.attention {
        Attention::Grouped { heads, head_size, .. } => 2.0 * number(heads) * number(head_size),
        Attention::Latent { heads, plain_size, rotary_size, value_size, .. } => {
            number(heads) * (number(plain_size) + number(rotary_size) + number(value_size))
        }
        Attention::Absent => 0.0,
    }
}
