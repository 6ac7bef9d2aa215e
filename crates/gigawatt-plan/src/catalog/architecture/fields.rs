//! What may be written of an architecture.

use crate::text::{Field, FieldKind};

/// Words of [`super::FeedForward`], [`super::Position`] and the like, in the order of their variants.
pub(super) const FEED_FORWARD_KINDS: &[&str] = &["gated", "plain"];
pub(super) const POSITIONS: &[&str] = &["rotary", "learned", "alibi", "none"];
pub(super) const NORMS: &[&str] = &["root_mean_square", "layer", "layer_without_bias", "unlearnt"];
pub(super) const BLOCKS: &[&str] = &["sequential", "parallel"];
pub(super) const BIASES: &[&str] = &["none", "query_key_value", "linear", "feed_forward"];
pub(super) const WINDOW_KINDS: &[&str] = &["sliding", "chunked"];

/// The fields of an architecture that make its [`super::Shape`], wherever they are written.
pub const SHAPE_FIELDS: &[Field] = &SHAPE;

const SHAPE: [Field; 48] = [
    Field::required("layers", FieldKind::Integer, "transformer layers"),
    Field::required("hidden", FieldKind::Integer, "width of the residual stream"),
    Field::required("vocabulary", FieldKind::Integer, "tokens of the vocabulary"),
    Field::required("context", FieldKind::Integer, "longest context in tokens"),
    Field::optional("tied_embedding", FieldKind::Boolean, "whether the output layer is the embedding; false"),
    Field::optional("heads", FieldKind::Integer, "query heads"),
    Field::optional("kv_heads", FieldKind::Integer, "heads of keys and values; or the latent fields"),
    Field::optional("head_size", FieldKind::Integer, "width of a head; or the latent fields"),
    Field::optional("biased", FieldKind::Boolean, "whether attention and experts have biases; false"),
    Field::optional("query_rank", FieldKind::Integer, "latent attention: rank of the query; not compressed"),
    Field::optional("kv_rank", FieldKind::Integer, "latent attention: rank of keys and values"),
    Field::optional("plain_size", FieldKind::Integer, "latent attention: part of a head without position"),
    Field::optional("rotary_size", FieldKind::Integer, "latent attention: part of a head with position"),
    Field::optional("value_size", FieldKind::Integer, "latent attention: width of a head of values"),
    Field::optional("gated_attention", FieldKind::Boolean, "whether a gate follows the attention; false"),
    Field::optional(
        "attention_sinks",
        FieldKind::Boolean,
        "whether heads may look at a learnt nothing; false",
    ),
    Field::optional("feed_forward", FieldKind::Integer, "width of a dense feed-forward layer"),
    Field::optional(
        "feed_forward_kind",
        FieldKind::Choice(FEED_FORWARD_KINDS),
        "three matrices or two; gated",
    ),
    Field::optional("position", FieldKind::Choice(POSITIONS), "how a token's place is told; rotary"),
    Field::optional("norm", FieldKind::Choice(NORMS), "what a norm learns; root_mean_square"),
    Field::optional("layer_norms", FieldKind::Integer, "norms of a layer; 2, or 1 with a pattern"),
    Field::optional("block", FieldKind::Choice(BLOCKS), "how a layer's parts follow one another; sequential"),
    Field::optional("biases", FieldKind::Choice(BIASES), "linear layers with biases; none"),
    Field::optional("expert_layers", FieldKind::Integer, "layers with experts; none"),
    Field::optional("experts", FieldKind::Integer, "routed experts of a layer"),
    Field::optional("active_experts", FieldKind::Integer, "routed experts that a token visits"),
    Field::optional("shared_experts", FieldKind::Integer, "experts that every token visits; none"),
    Field::optional("expert_feed_forward", FieldKind::Integer, "width of one expert"),
    Field::optional("shared_expert_feed_forward", FieldKind::Integer, "width of one shared expert; the same"),
    Field::optional(
        "dense_first_layers",
        FieldKind::Integer,
        "dense layers before the first experts; all, or none with expert_every",
    ),
    Field::optional("expert_every", FieldKind::Integer, "the last of so many layers has experts; 1"),
    Field::optional("expert_latent", FieldKind::Integer, "width to which tokens are projected for experts"),
    Field::optional(
        "expert_groups",
        FieldKind::Integer,
        "groups of experts of which a token visits some only",
    ),
    Field::optional("active_expert_groups", FieldKind::Integer, "groups that a token visits"),
    Field::optional("window_layers", FieldKind::Integer, "layers that keep only the newest tokens; none"),
    Field::optional("window", FieldKind::Integer, "tokens that such a layer keeps"),
    Field::optional("window_kind", FieldKind::Choice(WINDOW_KINDS), "where a window begins; sliding"),
    Field::optional("recurrent_layers", FieldKind::Integer, "layers without attention; none"),
    Field::optional("convolution", FieldKind::Integer, "recurrent: tokens that the convolution spans"),
    Field::optional("state_heads", FieldKind::Integer, "state-space: heads"),
    Field::optional("state_head_size", FieldKind::Integer, "state-space: width of a head"),
    Field::optional("state_groups", FieldKind::Integer, "state-space: groups of heads"),
    Field::optional("state_size", FieldKind::Integer, "state-space: numbers of a state"),
    Field::optional("delta_heads", FieldKind::Integer, "delta net: heads of keys"),
    Field::optional("delta_value_heads", FieldKind::Integer, "delta net: heads of values"),
    Field::optional("delta_head_size", FieldKind::Integer, "delta net: width of a head"),
    Field::optional(
        "pattern",
        FieldKind::Text,
        "layers of one part each: M mixer, * attention, - feed-forward, E experts",
    ),
    Field::optional(
        "further_tokens",
        FieldKind::Integer,
        "tokens predicted beyond the next, by a layer each; none",
    ),
];

const PUBLISHED: [Field; 3] = [
    Field::required("source", FieldKind::Text, "id in the bibliography"),
    Field::required("known_from", FieldKind::Date, "the day from which it was public"),
    Field::optional("note", FieldKind::Text, "caveat"),
];

/// The fields of a model's architecture in the catalogue.
pub(super) const ARCHITECTURE_FIELDS: &[Field] = &{
    let mut all = [PUBLISHED[0]; SHAPE.len() + PUBLISHED.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < SHAPE.len() { SHAPE[at] } else { PUBLISHED[at - SHAPE.len()] };
        at += 1;
    }
    all
};
