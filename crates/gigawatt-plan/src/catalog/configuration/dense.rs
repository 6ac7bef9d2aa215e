//! Families without experts.

use super::super::{Attention, Biases, Block, FeedForward, Norm, Position, Shape, WindowKind};
use super::attention::{
    CONTEXT, HEADS, HIDDEN, LAYERS, common, grouped, head_size, listed, window_of, window_of_all,
};
use super::reading::Configuration;

/// Llama, and models that are published as one.
pub(super) fn llama(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", false);
    let attention = grouped(of, biased.unwrap_or(false));
    let mut shape = common(of, attention, false)?;
    if of.flag("mlp_bias", false)? {
        shape.biases = Biases::FeedForward;
    }
    biased.map(|_| shape)
}

/// Mistral: Llama, where all layers may have a window.
pub(super) fn mistral(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let mut shape = common(of, attention, false)?;
    shape.window = window_of_all(of, &shape)?;
    Some(shape)
}

/// The first InternLM: Llama, where the projections of attention have biases.
pub(super) fn internlm(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("bias", true);
    let attention = grouped(of, biased.unwrap_or(true));
    let shape = common(of, attention, false)?;
    biased.map(|_| shape)
}

/// Qwen2 and 2.5: queries, keys and values have biases.
pub(super) fn qwen2(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let mut shape = common(of, attention, false)?;
    shape.biases = Biases::QueryKeyValue;
    window_of_last(of, shape)
}

/// Qwen3: no biases; norms of queries and keys are left out of the count.
pub(super) fn qwen3(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", false);
    let attention = grouped(of, biased.unwrap_or(false));
    let shape = common(of, attention, false)?;
    biased.and_then(|_| window_of_last(of, shape))
}

/// The window that Qwen gives to the layers after the first so many, where it is switched on.
pub(super) fn window_of_last(of: &mut Configuration<'_>, mut shape: Shape) -> Option<Shape> {
    let on = of.flag("use_sliding_window", false)?;
    let before = of.number_or(&["max_window_layers"], shape.layers)?;
    let windowed = match listed(of, &shape, "sliding_attention") {
        Some(listed) => listed?,
        None => shape.layers.saturating_sub(before),
    };
    let window = window_of(of, &shape, "sliding_window", windowed, WindowKind::Sliding)?;
    shape.window = window.filter(|_| on);
    Some(shape)
}

/// Phi-3: Llama, where all layers may have a window.
pub(super) fn phi3(of: &mut Configuration<'_>) -> Option<Shape> {
    mistral(of)
}

/// Gemma: the output layer is the embedding.
pub(super) fn gemma(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    common(of, attention, true)
}

/// Gemma 2: norms before and after each part, every second layer with a window.
pub(super) fn gemma2(of: &mut Configuration<'_>) -> Option<Shape> {
    let mut shape = gemma(of)?;
    shape.layer_norms = 4;
    let windowed = match listed(of, &shape, "sliding_attention") {
        Some(listed) => listed?,
        None => shape.layers.div_ceil(2),
    };
    shape.window = window_of(of, &shape, "sliding_window", windowed, WindowKind::Sliding)?;
    Some(shape)
}

/// Gemma 3: norms before and after each part, five of six layers with a window. What the file leaves out is as in
/// the library: 8 heads of 256, of which 4 for keys and values, and 262,208 tokens.
pub(super) fn gemma3(of: &mut Configuration<'_>) -> Option<Shape> {
    let heads = of.count_or(HEADS, 8);
    let kv_heads = of.count_or(&["num_key_value_heads"], 4);
    let head_size = of.count_or(&["head_dim"], 256);
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let vocabulary = of.count_or(&["vocab_size"], 262_208);
    let context = of.count_or(CONTEXT, 131_072);
    let feed_forward = of.count(&["intermediate_size"]);
    let tied = of.flag("tie_word_embeddings", true);
    let attention =
        Attention::Grouped { heads: heads?, kv_heads: kv_heads?, head_size: head_size?, biased: false };
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention, feed_forward?);
    shape.tied_embedding = tied?;
    shape.layer_norms = 4;
    let period = of.count_or(&["sliding_window_pattern", "_sliding_window_pattern"], 6)?;
    let windowed = match listed(of, &shape, "sliding_attention") {
        Some(listed) => listed?,
        None => shape.layers - shape.layers / period,
    };
    shape.window = window_of(of, &shape, "sliding_window", windowed, WindowKind::Sliding)?;
    Some(shape)
}

/// GPT-2: learned positions, plain feed-forward parts, biases everywhere.
pub(super) fn gpt2(of: &mut Configuration<'_>) -> Option<Shape> {
    let heads = of.count(HEADS);
    let size = head_size(of, heads);
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let (vocabulary, context) = (of.count(&["vocab_size"]), of.count(CONTEXT));
    let feed_forward = of.count_or(&["n_inner", "intermediate_size"], 4 * hidden.unwrap_or(0));
    let tied = of.flag("tie_word_embeddings", true);
    let attention = Attention::Grouped { heads: heads?, kv_heads: heads?, head_size: size?, biased: true };
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention, feed_forward?);
    shape.tied_embedding = tied?;
    shape.feed_forward_kind = FeedForward::Plain;
    shape.position = Position::Learned;
    shape.norm = Norm::Layer;
    shape.biases = Biases::Linear;
    Some(shape)
}

/// GPT-J: attention and feed-forward side by side after one norm; only the feed-forward part has biases.
pub(super) fn gpt_j(of: &mut Configuration<'_>) -> Option<Shape> {
    let tied = of.flag("tie_word_embeddings", false);
    let mut shape = gpt2(of)?;
    if let Attention::Grouped { biased, .. } = &mut shape.attention {
        *biased = false;
    }
    shape.tied_embedding = tied?;
    shape.position = Position::Rotary;
    shape.biases = Biases::FeedForward;
    shape.layer_norms = 1;
    shape.block = Block::Parallel;
    Some(shape)
}

/// GPT-NeoX and Pythia: attention and feed-forward side by side, biases everywhere.
pub(super) fn gpt_neox(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", true);
    let attention = grouped(of, biased.unwrap_or(true));
    let parallel = of.flag("use_parallel_residual", true);
    let mut shape = common(of, attention, false)?;
    shape.feed_forward_kind = FeedForward::Plain;
    shape.norm = Norm::Layer;
    shape.biases = Biases::FeedForward;
    shape.block = if parallel? { Block::Parallel } else { Block::Sequential };
    biased.map(|_| shape)
}

/// MPT: what attention is like stands in a part of its own.
pub(super) fn mpt(of: &mut Configuration<'_>) -> Option<Shape> {
    let heads = of.count(HEADS);
    let size = head_size(of, heads);
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let (vocabulary, context) = (of.count(&["vocab_size"]), of.count(CONTEXT));
    let times = of.count_or(&["expansion_ratio"], 4);
    let unbiased = of.flag("no_bias", false);
    let learned = of.flag("learned_pos_emb", true);
    let tied = of.flag("tie_word_embeddings", true);
    of.refuse("ffn_config", "only plain feed-forward parts of MPT are known");
    let (mut alibi, mut rotary, mut kv_heads) = (Some(false), Some(false), heads);
    if let Some(mut attention) = of.inner("attn_config") {
        alibi = attention.flag("alibi", false);
        rotary = attention.flag("rope", false);
        let kind = attention.text("attn_type");
        kv_heads = match kind.as_ref().map(|kind| kind.value) {
            None | Some("multihead_attention") => heads,
            Some("multiquery_attention") => Some(1),
            Some("grouped_query_attention") => attention.count(&["kv_n_heads"]),
            Some(other) => {
                let span = kind.map_or(attention.architecture.span, |kind| kind.span);
                let message = format!("the `attn_type` `{other}` is not understood");
                attention.tell(
                    span,
                    message,
                    "expected multihead_attention, multiquery_attention or grouped_query_attention",
                );
                None
            }
        };
    }
    let biased = !unbiased?;
    let attention = Attention::Grouped { heads: heads?, kv_heads: kv_heads?, head_size: size?, biased };
    let feed_forward = hidden?.saturating_mul(times?);
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention, feed_forward);
    shape.tied_embedding = tied?;
    shape.feed_forward_kind = FeedForward::Plain;
    shape.norm = if biased { Norm::Layer } else { Norm::LayerWithoutBias };
    shape.biases = if biased { Biases::Linear } else { Biases::None };
    shape.position = match (alibi?, rotary?, learned?) {
        (true, ..) => Position::Alibi,
        (_, true, _) => Position::Rotary,
        (.., true) => Position::Learned,
        _ => Position::None,
    };
    Some(shape)
}

/// Falcon: attention and feed-forward side by side; the larger ones have a norm for each.
pub(super) fn falcon(of: &mut Configuration<'_>) -> Option<Shape> {
    let heads = of.count(HEADS);
    let size = head_size(of, heads);
    let newer = of.flag("new_decoder_architecture", false);
    let one = of.flag("multi_query", true);
    let kv_heads = match (newer, one) {
        (Some(false), Some(true)) => Some(1),
        (Some(false), Some(false)) => heads,
        _ => of.count(&["num_kv_heads", "n_head_kv"]),
    };
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let vocabulary = of.count(&["vocab_size"]);
    let context = of.count_or(CONTEXT, 2048);
    let feed_forward = of.count_or(&["ffn_hidden_size"], 4 * hidden.unwrap_or(0));
    let (parallel, biased) = (of.flag("parallel_attn", true), of.flag("bias", false));
    let (alibi, tied) = (of.flag("alibi", false), of.flag("tie_word_embeddings", true));
    let norms = of.count_or(&["num_ln_in_parallel_attn"], if newer == Some(true) { 2 } else { 1 });
    let attention =
        Attention::Grouped { heads: heads?, kv_heads: kv_heads?, head_size: size?, biased: biased? };
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention, feed_forward?);
    shape.tied_embedding = tied?;
    shape.feed_forward_kind = FeedForward::Plain;
    shape.norm = Norm::Layer;
    shape.biases = if biased? { Biases::Linear } else { Biases::None };
    shape.position = if alibi? { Position::Alibi } else { Position::Rotary };
    (shape.block, shape.layer_norms) = match parallel? {
        true => (Block::Parallel, norms?),
        false => (Block::Sequential, 2),
    };
    Some(shape)
}

/// Nemotron: plain feed-forward parts (squared ReLU), norms with a shift.
pub(super) fn nemotron(of: &mut Configuration<'_>) -> Option<Shape> {
    let mut shape = llama(of)?;
    shape.feed_forward_kind = FeedForward::Plain;
    shape.norm = Norm::Layer;
    Some(shape)
}
