//! What the parameters, the arithmetic and the memory of a model are counted from.

use serde::{Deserialize, Serialize};

use super::Pattern;

/// A decoder-only language model: layers of attention or a recurrent mixer, each with a feed-forward part or experts.
///
/// What a configuration does not say is as in Llama: gated feed-forward layers, rotary positions, root-mean-square
/// norms before each part, no biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Layers.
    pub layers: u64,
    /// Width of the residual stream.
    pub hidden: u64,
    /// Tokens of the vocabulary.
    pub vocabulary: u64,
    /// Whether the output layer is the embedding again.
    pub tied_embedding: bool,
    /// Longest context in tokens.
    pub context: u64,
    /// The attention of every layer that has it.
    pub attention: Attention,
    /// Width of the feed-forward part of a dense layer.
    pub feed_forward: u64,
    /// The experts, where there are any.
    pub experts: Option<Experts>,
    /// Layers whose attention does not reach over the whole context.
    pub window: Option<Window>,
    /// How a feed-forward part and an expert are made.
    #[serde(default)]
    pub feed_forward_kind: FeedForward,
    /// How a token's place is told.
    #[serde(default)]
    pub position: Position,
    /// The norms.
    #[serde(default)]
    pub norm: Norm,
    /// Norms of a layer beside those inside its attention or mixer.
    #[serde(default = "two")]
    pub layer_norms: u64,
    /// How the parts of a layer follow one another.
    #[serde(default)]
    pub block: Block,
    /// Biases beside those that the attention and the experts say themselves.
    #[serde(default)]
    pub biases: Biases,
    /// Whether what attention gives is multiplied with a gate as wide as the queries.
    #[serde(default)]
    pub gated_attention: bool,
    /// Layers whose mixer is not attention.
    #[serde(default)]
    pub recurrent: Option<Recurrent>,
    /// The order of layers that are one part each.
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// Tokens predicted beyond the next one, each by a further layer that no published count has.
    #[serde(default)]
    pub further_tokens: u64,
}

fn two() -> u64 {
    2
}

impl Shape {
    /// A dense model that is as in Llama in all that is not said.
    #[must_use]
    pub fn dense(
        layers: u64,
        hidden: u64,
        vocabulary: u64,
        context: u64,
        attention: Attention,
        feed_forward: u64,
    ) -> Self {
        Self {
            layers,
            hidden,
            vocabulary,
            tied_embedding: false,
            context,
            attention,
            feed_forward,
            experts: None,
            window: None,
            feed_forward_kind: FeedForward::default(),
            position: Position::default(),
            norm: Norm::default(),
            layer_norms: 2,
            block: Block::default(),
            biases: Biases::default(),
            gated_attention: false,
            recurrent: None,
            pattern: None,
            further_tokens: 0,
        }
    }
}

/// How keys and values are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// Several query heads share a head of keys and values; one each is multi-head attention.
    Grouped {
        /// Query heads.
        heads: u64,
        /// Heads of keys and values.
        kv_heads: u64,
        /// Width of a head.
        head_size: u64,
        /// Whether the projections have biases.
        biased: bool,
    },
    /// Keys and values are made from one compressed vector (multi-head latent attention).
    Latent {
        /// Heads.
        heads: u64,
        /// Rank of the compressed query; 0 where the query is made from the residual stream itself.
        query_rank: u64,
        /// Rank of the compressed keys and values.
        kv_rank: u64,
        /// Part of a head without position.
        plain_size: u64,
        /// Part of a head with rotary position, shared by the heads of keys.
        rotary_size: u64,
        /// Width of a head of values.
        value_size: u64,
    },
    /// No layer has attention.
    Absent,
}

/// A mixture of experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experts {
    /// Layers that have experts; the others are dense.
    pub layers: u64,
    /// Routed experts of a layer.
    pub routed: u64,
    /// Routed experts that a token visits.
    pub active: u64,
    /// Experts that every token visits.
    pub shared: u64,
    /// Width of one routed expert.
    pub feed_forward: u64,
    /// Whether the experts' projections have biases.
    pub biased: bool,
    /// Width of one shared expert.
    #[serde(default)]
    pub shared_feed_forward: u64,
    /// Dense layers before the first that may have experts.
    #[serde(default)]
    pub dense_first: u64,
    /// After those, the last of each so many layers has experts; 1 is every layer.
    #[serde(default = "one")]
    pub every: u64,
    /// Width to which a token is projected before its routed experts and from which it is projected back, where it
    /// is not the residual stream's.
    #[serde(default)]
    pub latent: Option<u64>,
    /// The groups among whose experts a token chooses, where it does not choose among all.
    #[serde(default)]
    pub groups: Option<ExpertGroups>,
}

/// Routed experts in groups of equal size, of which a token visits some only (DeepSeek-V3, arXiv 2412.19437, 2.1.2:
/// node-limited routing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpertGroups {
    /// Groups of a layer's experts.
    pub groups: u64,
    /// Groups that a token visits.
    pub active: u64,
}

impl ExpertGroups {
    /// The most of `domains` that a token visits, each of which holds as many of the experts.
    ///
    /// A group that is spread over several domains opens all of these; several groups in one open no more than it.
    pub fn domain_limit(self, domains: u64) -> u64 {
        let spread = domains.div_ceil(self.groups.max(1)).max(1);
        self.active.saturating_mul(spread).clamp(1, domains.max(1))
    }
}

impl Experts {
    /// Experts in every layer, each as wide as another, none shared.
    pub fn in_every_layer(layers: u64, routed: u64, active: u64, feed_forward: u64) -> Self {
        Self {
            layers,
            routed,
            active,
            shared: 0,
            feed_forward,
            biased: false,
            shared_feed_forward: feed_forward,
            dense_first: 0,
            every: 1,
            latent: None,
            groups: None,
        }
    }
}

fn one() -> u64 {
    1
}

/// Layers with a sliding or chunked window.
///
/// Of the layers with attention the last of each period reaches over the whole context; [`ends_period`] says which.
///
/// [`ends_period`]: super::ends_period
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// How many layers.
    pub layers: u64,
    /// Tokens they keep.
    pub tokens: u64,
    /// Where the tokens that they keep begin.
    #[serde(default)]
    pub kind: WindowKind,
}

/// Where the tokens that a layer keeps begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// So many tokens back.
    #[default]
    Sliding,
    /// With the chunk that the token is in.
    Chunked,
}

/// How a feed-forward part is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedForward {
    /// Three matrices: two to the inner width, of which one is a gate, and one back.
    #[default]
    Gated,
    /// Two matrices: to the inner width and back.
    Plain,
}

/// How a token's place is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Queries and keys are turned by it.
    #[default]
    Rotary,
    /// A table with a vector for each place of the context.
    Learned,
    /// Attention is weakened with distance.
    Alibi,
    /// It is not.
    None,
}

/// What a norm learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// A scale; the mean stays.
    #[default]
    RootMeanSquare,
    /// A scale and a shift; the mean is taken off.
    Layer,
    /// A scale; the mean is taken off.
    LayerWithoutBias,
    /// Nothing.
    Unlearnt,
}

/// How the parts of a layer follow one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The feed-forward part reads what the attention gave.
    #[default]
    Sequential,
    /// Both read the same.
    Parallel,
}

/// Linear layers with biases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Biases {
    /// None, but where the attention and the experts say so themselves.
    #[default]
    None,
    /// Those that make queries, keys and values.
    QueryKeyValue,
    /// All of attention and dense feed-forward parts.
    Linear,
    /// Those of dense feed-forward parts.
    FeedForward,
}

/// Layers whose mixer keeps a state of one size, however long the context.
///
/// Without a [`Pattern`] the last layer of each period has attention, as in [`Window`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrent {
    /// How many layers.
    pub layers: u64,
    /// What they do.
    pub recurrence: Recurrence,
}

/// How a recurrent mixer makes its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// Mamba-2: a state-space model with one decay for each head.
    StateSpace {
        /// Heads.
        heads: u64,
        /// Width of a head.
        head_size: u64,
        /// Groups of heads that share their inputs to and outputs from the state.
        groups: u64,
        /// Numbers that the state holds for each number of a head.
        state_size: u64,
        /// Tokens that the convolution before it spans.
        convolution: u64,
    },
    /// Gated delta net: linear attention that takes out of the state what it knew of a key.
    DeltaNet {
        /// Heads of queries and of keys.
        key_heads: u64,
        /// Heads of values.
        value_heads: u64,
        /// Width of a head of keys.
        key_size: u64,
        /// Width of a head of values.
        value_size: u64,
        /// Tokens that the convolution before it spans.
        convolution: u64,
    },
}
