//! A model in the fields of megatron-core's configuration classes.

use gigawatt_plan::catalog::{
    Attention, Biases, Block, Experts, FeedForward, Norm, Position, Shape, Window, WindowKind, ends_period,
};

use super::{Settings, Value};

pub(super) fn model(shape: &Shape, settings: &mut Settings) {
    settings.set("num_layers", shape.layers);
    settings.set("hidden_size", shape.hidden);
    // The tool wants a width even where every layer has experts.
    let width = match shape.experts {
        Some(experts) if shape.feed_forward == 0 => experts.feed_forward,
        _ => shape.feed_forward,
    };
    settings.set("ffn_hidden_size", width);
    attention(shape, settings);
    settings.set("max_position_embeddings", shape.context);
    settings.set("vocab_size", shape.vocabulary);
    settings.switch("untie_embeddings_and_output_weights", !shape.tied_embedding);
    settings.switch("swiglu", shape.feed_forward_kind == FeedForward::Gated);
    match shape.position {
        Position::Rotary => settings.set("position_embedding_type", "rope"),
        Position::Learned => settings.set("position_embedding_type", "learned_absolute"),
        Position::None => settings.set("position_embedding_type", "none"),
        Position::Alibi => {
            settings.set("position_embedding_type", "none");
            settings.lacks("attention that is weakened with distance (ALiBi)");
        }
    }
    match shape.norm {
        Norm::RootMeanSquare => settings.set("normalization", "RMSNorm"),
        Norm::Layer => settings.set("normalization", "LayerNorm"),
        Norm::LayerWithoutBias | Norm::Unlearnt => {
            settings.set("normalization", "LayerNorm");
            settings.lacks("norms that learn no shift");
        }
    }
    biases(shape, settings);
    if let Some(window) = shape.window {
        self::window(shape, window, settings);
    }
    if let Some(experts) = shape.experts {
        self::experts(shape, &experts, settings);
    }
    if shape.further_tokens > 0 {
        settings.set("mtp_num_layers", shape.further_tokens);
    }
    settings.switch("attention_output_gate", shape.gated_attention);
    if shape.layer_norms != 2 && shape.pattern.is_none() {
        settings.lacks(format!("layers with {} norms", shape.layer_norms));
    }
    if shape.block == Block::Parallel {
        settings.lacks("attention and feed-forward part side by side");
    }
    if let Some(recurrent) = shape.recurrent {
        settings.lacks(format!("{} layers whose mixer is not attention", recurrent.layers));
    }
    if shape.pattern.is_some() {
        settings.lacks("layers that are one part each");
    }
}

fn attention(shape: &Shape, settings: &mut Settings) {
    match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. } => {
            settings.set("num_attention_heads", heads);
            if kv_heads != heads {
                settings.set("group_query_attention", true);
                settings.set("num_query_groups", kv_heads);
            }
            settings.set("kv_channels", head_size);
        }
        Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
            settings.set("num_attention_heads", heads);
            settings.set("multi_latent_attention", true);
            if query_rank > 0 {
                settings.set("q_lora_rank", query_rank);
            }
            settings.set("kv_lora_rank", kv_rank);
            settings.set("qk_head_dim", plain_size);
            settings.set("qk_pos_emb_head_dim", rotary_size);
            settings.set("v_head_dim", value_size);
        }
        Attention::Absent => {
            // The tool wants a number of heads; what has none is said with the layers' mixers.
            settings.set("num_attention_heads", 1);
        }
    }
}

/// The tool knows biases of all linear layers, of queries, keys and values alone, and none.
fn biases(shape: &Shape, settings: &mut Settings) {
    let of_attention =
        matches!(shape.attention, Attention::Grouped { biased: true, .. }) || shape.biases == Biases::Linear;
    let of_query = of_attention || shape.biases == Biases::QueryKeyValue;
    let dense = shape.dense_layers() > 0;
    let of_dense = matches!(shape.biases, Biases::Linear | Biases::FeedForward);
    let of_experts = shape.experts.is_some_and(|experts| experts.biased);
    let attends = shape.attention != Attention::Absent;
    // What the model does not have is neither with nor without.
    let present = [(attends, of_attention), (dense, of_dense), (shape.experts.is_some(), of_experts)];
    let mut there = present.into_iter().filter(|(is, _)| *is).map(|(_, biased)| biased);
    if there.clone().all(|biased| biased) {
        return;
    }
    settings.set("disable_bias_linear", true);
    settings.switch("add_qkv_bias", of_query);
    if there.any(|biased| biased) {
        settings
            .lacks("biases of some linear layers: all have them, queries, keys and values alone, or none");
    }
}

fn window(shape: &Shape, window: Window, settings: &mut Settings) {
    if window.kind == WindowKind::Chunked {
        settings.lacks(format!(
            "{} layers whose attention begins with a chunk of {} tokens",
            window.layers, window.tokens
        ));
        return;
    }
    settings.set("window_size", Value::Numbers(vec![window.tokens, 0]));
    let whole = shape.layers.saturating_sub(window.layers);
    if whole == 0 {
        return;
    }
    if shape.layers.is_multiple_of(whole) {
        settings.set("window_attn_skip_freq", shape.layers / whole);
    } else {
        let windowed = (0..shape.layers).map(|at| u64::from(!ends_period(at, whole, shape.layers)));
        settings.set("window_attn_skip_freq", Value::Numbers(windowed.collect()));
    }
}

fn experts(shape: &Shape, experts: &Experts, settings: &mut Settings) {
    settings.set("num_moe_experts", experts.routed);
    settings.set("moe_router_topk", experts.active);
    if let Some(of) = experts.groups {
        settings.set("moe_router_num_groups", of.groups);
        settings.set("moe_router_group_topk", of.active);
    }
    settings.set("moe_ffn_hidden_size", experts.feed_forward);
    if experts.shared > 0 {
        settings.set("moe_shared_expert_intermediate_size", experts.shared * experts.shared_feed_forward);
    }
    if shape.pattern.is_none() && (experts.dense_first > 0 || experts.every > 1) {
        let has = |at: u64| {
            at >= experts.dense_first && (at - experts.dense_first + 1).is_multiple_of(experts.every)
        };
        settings
            .set("moe_layer_freq", Value::Numbers((0..shape.layers).map(|at| u64::from(has(at))).collect()));
    }
    if let Some(latent) = experts.latent {
        settings.set("moe_latent_size", latent);
    }
    settings.set("moe_grouped_gemm", true);
}
