//! Weights of the parts of a layer.

use gigawatt_plan::catalog::{Attention, Biases, Experts, FeedForward, Norm, Recurrence, Shape};

use super::number;

/// Weights of one layer's attention, by what they make.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AttentionWeights {
    /// Queries; in latent attention from the compressed query.
    pub query: f64,
    /// Keys and values; in latent attention from the compressed ones.
    pub key_value: f64,
    /// The compressed query, keys and values, which every shard of heads needs whole.
    pub latent: f64,
    /// The gate.
    pub gate: f64,
    /// Back to the residual stream.
    pub output: f64,
    /// Biases.
    pub biases: f64,
    /// Norms of the compressed vectors.
    pub norms: f64,
}

impl AttentionWeights {
    /// Those of matrices.
    pub fn matrices(&self) -> f64 {
        self.query + self.key_value + self.latent + self.gate + self.output
    }

    /// All.
    pub fn total(&self) -> f64 {
        self.matrices() + self.biases + self.norms
    }
}

/// Weights of a layer's attention, whatever its reach.
pub fn attention_weights(shape: &Shape) -> AttentionWeights {
    let h = number(shape.hidden);
    let gate = |width: f64| if shape.gated_attention { h * width } else { 0.0 };
    match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, biased } => {
            let queries = number(heads) * number(head_size);
            let kv = 2.0 * number(kv_heads) * number(head_size);
            let biases = match shape.biases {
                Biases::Linear => queries + kv + h,
                Biases::None | Biases::FeedForward if biased => queries + kv + h,
                Biases::QueryKeyValue => queries + kv + if biased { h } else { 0.0 },
                Biases::None | Biases::FeedForward => 0.0,
            };
            AttentionWeights {
                query: h * queries,
                key_value: h * kv,
                latent: 0.0,
                gate: gate(queries),
                output: h * queries,
                biases,
                norms: 0.0,
            }
        }
        Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
            let [a, q, c] = [heads, query_rank, kv_rank].map(number);
            let [n, r, v] = [plain_size, rotary_size, value_size].map(number);
            let queries = a * (n + r);
            AttentionWeights {
                query: if query_rank == 0 { h } else { q } * queries,
                key_value: c * a * (n + v),
                latent: h * q + h * (c + r),
                gate: gate(a * v),
                output: a * v * h,
                biases: 0.0,
                norms: q + c,
            }
        }
        Attention::Absent => AttentionWeights::default(),
    }
}

/// Weights of one feed-forward part or expert.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FeedForwardWeights {
    /// To the inner width; two matrices where there is a gate.
    pub up: f64,
    /// Back from it.
    pub down: f64,
    /// Biases.
    pub biases: f64,
}

impl FeedForwardWeights {
    /// Those of matrices.
    pub fn matrices(&self) -> f64 {
        self.up + self.down
    }

    /// All.
    pub fn total(&self) -> f64 {
        self.matrices() + self.biases
    }

    fn of(kind: FeedForward, outer: f64, inner: f64, biased: bool) -> Self {
        let ups = match kind {
            FeedForward::Gated => 2.0,
            FeedForward::Plain => 1.0,
        };
        let biases = if biased { ups * inner + outer } else { 0.0 };
        Self { up: ups * outer * inner, down: inner * outer, biases }
    }
}

/// Weights of the feed-forward part of a dense layer.
pub fn dense_weights(shape: &Shape) -> FeedForwardWeights {
    let biased = matches!(shape.biases, Biases::Linear | Biases::FeedForward);
    FeedForwardWeights::of(shape.feed_forward_kind, number(shape.hidden), number(shape.feed_forward), biased)
}

/// Weights of a layer's experts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ExpertWeights {
    /// One routed expert.
    pub routed: FeedForwardWeights,
    /// One shared expert.
    pub shared: FeedForwardWeights,
    /// What chooses the experts.
    pub router: f64,
    /// To and from the width at which routed experts work, where it is not the residual stream's.
    pub latent: f64,
}

/// Weights of the experts of a layer that has some.
pub fn expert_weights(shape: &Shape, experts: &Experts) -> ExpertWeights {
    let (h, kind) = (number(shape.hidden), shape.feed_forward_kind);
    let outer = experts.latent.map_or(h, number);
    ExpertWeights {
        routed: FeedForwardWeights::of(kind, outer, number(experts.feed_forward), experts.biased),
        shared: FeedForwardWeights::of(kind, h, number(experts.shared_feed_forward), experts.biased),
        router: h * number(experts.routed),
        latent: experts.latent.map_or(0.0, |latent| 2.0 * h * number(latent)),
    }
}

/// Weights of a layer's recurrent mixer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RecurrentWeights {
    /// From the residual stream.
    pub input: f64,
    /// Of the convolution, with its biases.
    pub convolution: f64,
    /// Back to the residual stream.
    pub output: f64,
    /// Decays, time steps, skips and the norm before the output.
    pub vectors: f64,
}

impl RecurrentWeights {
    /// Those of matrices.
    pub fn matrices(&self) -> f64 {
        self.input + self.output
    }

    /// All.
    pub fn total(&self) -> f64 {
        self.matrices() + self.convolution + self.vectors
    }
}

/// Weights of a recurrent mixer.
pub fn recurrent_weights(shape: &Shape, recurrence: &Recurrence) -> RecurrentWeights {
    let h = number(shape.hidden);
    match *recurrence {
        Recurrence::StateSpace { heads, head_size, convolution, .. } => {
            let (inner, a) = (number(heads) * number(head_size), number(heads));
            let convolved = convolved(recurrence);
            RecurrentWeights {
                // A gate, what is convolved, and a time step for each head.
                input: h * (inner + convolved + a),
                convolution: convolved * (number(convolution) + 1.0),
                output: inner * h,
                vectors: 3.0 * a + inner,
            }
        }
        Recurrence::DeltaNet { value_heads, value_size, convolution, .. } => {
            let (v, values) = (number(value_heads), number(value_heads) * number(value_size));
            let convolved = convolved(recurrence);
            RecurrentWeights {
                // Queries, keys and values, a gate, and for each head of values a decay and a strength.
                input: h * (convolved + values + 2.0 * v),
                convolution: convolved * number(convolution),
                output: values * h,
                vectors: 2.0 * v + number(value_size),
            }
        }
    }
}

/// Numbers of a token that pass through the convolution.
pub(super) fn convolved(recurrence: &Recurrence) -> f64 {
    match *recurrence {
        Recurrence::StateSpace { heads, head_size, groups, state_size, .. } => {
            number(heads) * number(head_size) + 2.0 * number(groups) * number(state_size)
        }
        Recurrence::DeltaNet { key_heads, value_heads, key_size, value_size, .. } => {
            2.0 * number(key_heads) * number(key_size) + number(value_heads) * number(value_size)
        }
    }
}

/// Parameters of one norm over the residual stream.
pub fn norm_parameters(shape: &Shape) -> f64 {
    let each = match shape.norm {
        Norm::RootMeanSquare | Norm::LayerWithoutBias => 1.0,
        Norm::Layer => 2.0,
        Norm::Unlearnt => 0.0,
    };
    each * number(shape.hidden)
}
