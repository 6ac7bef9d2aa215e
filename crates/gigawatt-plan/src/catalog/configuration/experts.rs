//! Families with experts.

use super::super::{Attention, Biases, ExpertGroups, Experts, Shape, WindowKind};
use super::attention::{CONTEXT, HEADS, HIDDEN, LAYERS, common, grouped, listed, window_of, window_of_all};
use super::dense::window_of_last;
use super::reading::Configuration;

const ACTIVE: &[&str] = &["num_experts_per_tok", "experts_per_token"];

/// Mixtral: Mistral, where the feed-forward part of every layer is one of several.
pub(super) fn mixtral(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let (routed, active) = (of.count(&["num_local_experts"]), of.count(ACTIVE));
    let mut shape = common(of, attention, false)?;
    shape.window = window_of_all(of, &shape)?;
    shape.experts = Some(Experts::in_every_layer(shape.layers, routed?, active?, shape.feed_forward));
    Some(shape)
}

/// MiniMax-M2: experts in every layer, attention of one kind, layers for further tokens.
pub(super) fn minimax(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let (routed, active) = (of.count(&["num_local_experts"]), of.count(ACTIVE));
    let width = of.count(&["intermediate_size"]);
    let (modules, on) = (of.number_or(&["num_mtp_modules"], 0), of.flag("use_mtp", true));
    of.same("attn_type_list", 1, "only attention over the whole context (1) in every layer is known");
    of.refuse("shared_intermediate_size", "MiniMax-M2 is known without shared experts");
    let mut shape = common(of, attention, false)?;
    shape.experts = Some(Experts::in_every_layer(shape.layers, routed?, active?, width?));
    shape.feed_forward = 0;
    shape.further_tokens = if on? { modules? } else { 0 };
    Some(shape)
}

/// Grok-1: norms before and after each part, the output layer is the embedding.
pub(super) fn grok(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let (routed, active) = (of.count(&["num_experts"]), of.count(ACTIVE));
    let mut shape = common(of, attention, true)?;
    shape.layer_norms = 4;
    shape.experts = Some(Experts::in_every_layer(shape.layers, routed?, active?, shape.feed_forward));
    Some(shape)
}

/// Qwen2 and 1.5 with experts: one shared expert, biases of queries, keys and values.
pub(super) fn qwen2(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let width = of.count(&["shared_expert_intermediate_size"]);
    let mut shape = with_qwen_experts(of, attention)?;
    shape.biases = Biases::QueryKeyValue;
    let experts = shape.experts.as_mut()?;
    (experts.shared, experts.shared_feed_forward) = (1, width?);
    window_of_last(of, shape)
}

/// Qwen3 with experts: none shared.
pub(super) fn qwen3(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", false);
    let attention = grouped(of, biased.unwrap_or(false));
    let shape = with_qwen_experts(of, attention)?;
    biased.and_then(|_| window_of_last(of, shape))
}

/// The experts of Qwen, in every so-many-th layer.
pub(super) fn with_qwen_experts(of: &mut Configuration<'_>, attention: Option<Attention>) -> Option<Shape> {
    let (routed, active) = (of.count(&["num_experts"]), of.count(ACTIVE));
    let width = of.count(&["moe_intermediate_size"]);
    let every = of.count_or(&["decoder_sparse_step"], 1);
    of.refuse("mlp_only_layers", "only layers with experts at equal steps are known");
    let mut shape = common(of, attention, false)?;
    let (every, all) = (every?, Experts::in_every_layer(shape.layers, routed?, active?, width?));
    shape.experts = Some(Experts { layers: shape.layers / every, every, ..all });
    Some(shape)
}

/// gpt-oss: biases everywhere, every second layer with a window.
pub(super) fn gpt_oss(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", true);
    let attention = grouped(of, biased.unwrap_or(true));
    let (routed, active) = (of.count(&["num_local_experts", "num_experts"]), of.count(ACTIVE));
    let mut shape = common(of, attention, false)?;
    let windowed = match listed(of, &shape, "sliding_attention") {
        Some(listed) => listed?,
        None => shape.layers.div_ceil(2),
    };
    shape.window = window_of(of, &shape, "sliding_window", windowed, WindowKind::Sliding)?;
    let experts = Experts::in_every_layer(shape.layers, routed?, active?, shape.feed_forward);
    shape.experts = Some(Experts { biased: true, ..experts });
    biased.map(|_| shape)
}

/// DeepSeek-V2 and V3, Kimi K2, Moonlight: latent attention, the first layers dense, shared experts.
pub(super) fn deepseek(of: &mut Configuration<'_>) -> Option<Shape> {
    of.refuse("attention_bias", "latent attention is known without biases");
    // In files of DeepSeek the heads of keys are those of queries, and the width of a head is its parts'.
    let heads = of.count(HEADS);
    let query_rank = of.number_or(&["q_lora_rank"], 0);
    let kv_rank = of.count(&["kv_lora_rank"]);
    let (plain_size, rotary_size) = (of.count(&["qk_nope_head_dim"]), of.count(&["qk_rope_head_dim"]));
    let value_size = of.count(&["v_head_dim"]);
    let attention = (|| {
        Some(Attention::Latent {
            heads: heads?,
            query_rank: query_rank?,
            kv_rank: kv_rank?,
            plain_size: plain_size?,
            rotary_size: rotary_size?,
            value_size: value_size?,
        })
    })();
    with_shared_experts(of, attention)
}

/// GLM 4.5 to 4.7: grouped attention, the first layers dense, shared experts.
pub(super) fn glm4(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", false);
    let attention = grouped(of, false);
    let mut shape = with_shared_experts(of, attention)?;
    if biased? {
        shape.biases = Biases::QueryKeyValue;
    }
    Some(shape)
}

/// Experts after the first layers, some shared, and layers for further tokens.
fn with_shared_experts(of: &mut Configuration<'_>, attention: Option<Attention>) -> Option<Shape> {
    let (routed, active) = (of.count(&["n_routed_experts"]), of.count(ACTIVE));
    let shared = of.number_or(&["n_shared_experts"], 0);
    let width = of.count(&["moe_intermediate_size"]);
    let dense_first = of.number_or(&["first_k_dense_replace"], 0);
    let every = of.count_or(&["moe_layer_freq"], 1);
    let further = of.number_or(&["num_nextn_predict_layers"], 0);
    let (groups, active_groups) = (of.count_or(&["n_group"], 1), of.count_or(&["topk_group"], 1));
    let mut shape = common(of, attention, false)?;
    let all = Experts::in_every_layer(shape.layers, routed?, active?, width?);
    let (dense_first, every) = (dense_first?, every?);
    let layers = shape.layers.saturating_sub(dense_first) / every;
    let groups = ExpertGroups { groups: groups?, active: active_groups? };
    // One group is all of them.
    let groups = (groups.groups > 1).then_some(groups);
    shape.experts = Some(Experts { layers, shared: shared?, dense_first, every, groups, ..all });
    shape.further_tokens = further?;
    Some(shape)
}

/// Llama 4: one shared expert, experts at steps, chunks in three of four layers.
pub(super) fn llama4(of: &mut Configuration<'_>) -> Option<Shape> {
    let biased = of.flag("attention_bias", false);
    let attention = grouped(of, biased.unwrap_or(false));
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let (vocabulary, context) = (of.count(&["vocab_size"]), of.count(CONTEXT));
    let (width, dense) = (of.count(&["intermediate_size"]), of.count(&["intermediate_size_mlp"]));
    let (routed, active) = (of.count(&["num_local_experts"]), of.count(ACTIVE));
    let every = of.count_or(&["interleave_moe_layer_step"], 1);
    let global = of.count_or(&["no_rope_layer_interval"], 4);
    let tied = of.flag("tie_word_embeddings", false);
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention?, dense?);
    shape.tied_embedding = tied?;
    let (every, all) = (every?, Experts::in_every_layer(shape.layers, routed?, active?, width?));
    shape.experts = Some(Experts { layers: shape.layers / every, every, shared: 1, ..all });
    let chunked = match listed(of, &shape, "chunked_attention") {
        Some(listed) => listed?,
        None => shape.layers - shape.layers / global?,
    };
    shape.window = window_of(of, &shape, "attention_chunk_size", chunked, WindowKind::Chunked)?;
    biased.map(|_| shape)
}
