//! Families with recurrent layers.

use super::super::architecture::{LayerPart, MOST};
use super::super::{
    Attention, Biases, Experts, FeedForward, Pattern, Position, Recurrence, Recurrent, Shape,
};
use super::attention::{CONTEXT, HIDDEN, LAYERS, grouped, listed};
use super::experts::with_qwen_experts;
use super::reading::Configuration;

/// Qwen3-Next and Qwen3.5: three of four layers a gated delta net, the fourth gated attention; experts in every layer.
pub(super) fn qwen3_next(of: &mut Configuration<'_>) -> Option<Shape> {
    let attention = grouped(of, false);
    let keys = (of.count(&["linear_num_key_heads"]), of.count(&["linear_key_head_dim"]));
    let values = (of.count(&["linear_num_value_heads"]), of.count(&["linear_value_head_dim"]));
    let convolution = of.count(&["linear_conv_kernel_dim"]);
    let shared = of.number_or(&["shared_expert_intermediate_size"], 0);
    let interval = of.count_or(&["full_attention_interval"], 4);
    let further = of.number_or(&["mtp_num_hidden_layers"], 0);
    let gated = of.flag("attn_output_gate", true);
    let mut shape = with_qwen_experts(of, attention)?;
    let layers = match listed(of, &shape, "linear_attention") {
        Some(listed) => listed?,
        None => shape.layers - shape.layers / interval?,
    };
    let recurrence = Recurrence::DeltaNet {
        key_heads: keys.0?,
        value_heads: values.0?,
        key_size: keys.1?,
        value_size: values.1?,
        convolution: convolution?,
    };
    shape.recurrent = Some(Recurrent { layers, recurrence });
    shape.gated_attention = gated?;
    shape.further_tokens = further?;
    let experts = shape.experts.as_mut()?;
    (experts.shared, experts.shared_feed_forward) = (u64::from(shared? > 0), shared?);
    Some(shape)
}

/// The widths of Mamba-2.
fn state_space(
    of: &mut Configuration<'_>,
    heads: &[&'static str],
    head_size: &[&'static str],
    state_size: &[&'static str],
) -> Option<Recurrence> {
    let (heads, head_size) = (of.count(heads), of.count(head_size));
    let (groups, state_size) = (of.count_or(&["n_groups", "mamba_n_groups"], 8), of.count(state_size));
    let convolution = of.count_or(&["conv_kernel"], 4);
    Some(Recurrence::StateSpace {
        heads: heads?,
        head_size: head_size?,
        groups: groups?,
        state_size: state_size?,
        convolution: convolution?,
    })
}

/// Mamba-2: nothing but mixers. Its context has no end.
pub(super) fn mamba2(of: &mut Configuration<'_>) -> Option<Shape> {
    let recurrence = state_space(of, &["num_heads"], &["head_dim"], &["state_size"]);
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let vocabulary = of.count(&["vocab_size"]);
    let context = of.count_or(CONTEXT, MOST);
    let tied = of.flag("tie_word_embeddings", false);
    of.refuse("use_bias", "Mamba-2 is known without biases");
    let layers = layers?;
    let Some(pattern) =
        usize::try_from(layers).ok().and_then(|layers| Pattern::parse(&"M".repeat(layers)).ok())
    else {
        let message = format!("{layers} layers of one part each are too many");
        of.tell(of.architecture.span, message, format!("expected at most {}", Pattern::LONGEST));
        return None;
    };
    let mut shape = Shape::dense(layers, hidden?, vocabulary?, context?, Attention::Absent, 0);
    shape.tied_embedding = tied?;
    shape.position = Position::None;
    shape.layer_norms = 1;
    shape.pattern = Some(pattern);
    shape.recurrent = Some(Recurrent { layers, recurrence: recurrence? });
    Some(shape)
}

/// Nemotron-H and Nemotron 3: layers of one part each in a written order, plain feed-forward parts, no positions.
pub(super) fn nemotron(of: &mut Configuration<'_>) -> Option<Shape> {
    of.refuse("mamba_proj_bias", "Mamba-2 is known without biases");
    let biased = of.flag("attention_bias", false);
    let attention = grouped(of, biased.unwrap_or(false));
    let recurrence = state_space(of, &["mamba_num_heads"], &["mamba_head_dim"], &["ssm_state_size"]);
    let pattern = pattern(of);
    let (hidden, vocabulary) = (of.count(HIDDEN), of.count(&["vocab_size"]));
    let context = of.count(CONTEXT);
    let feed_forward = of.count_or(&["intermediate_size"], 0);
    let tied = of.flag("tie_word_embeddings", false);
    let further = of.number_or(&["num_nextn_predict_layers"], 0);
    let pattern = pattern?;
    let layers = of.count_or(LAYERS, pattern.layers());
    let expert_layers = pattern.count(LayerPart::Experts);
    let experts = if expert_layers > 0 { Some(experts(of, expert_layers)?) } else { None };
    if expert_layers == 0 {
        // A file of a model without experts may write how they would be.
        for name in ["moe_intermediate_size", "n_routed_experts", "moe_latent_size"] {
            of.has(name);
        }
    }
    let attends = pattern.count(LayerPart::Attention) > 0;
    let attention = if attends { attention? } else { Attention::Absent };
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention, feed_forward?);
    shape.tied_embedding = tied?;
    shape.feed_forward_kind = FeedForward::Plain;
    shape.position = Position::None;
    shape.layer_norms = 1;
    if of.flag("mlp_bias", false)? {
        shape.biases = Biases::FeedForward;
    }
    shape.experts = experts;
    let mixers = pattern.count(LayerPart::Recurrent);
    shape.recurrent = match mixers {
        0 => None,
        layers => Some(Recurrent { layers, recurrence: recurrence? }),
    };
    shape.pattern = Some(pattern);
    shape.further_tokens = further?;
    biased.map(|_| shape)
}

fn experts(of: &mut Configuration<'_>, layers: u64) -> Option<Experts> {
    let (routed, active) = (of.count(&["n_routed_experts"]), of.count(&["num_experts_per_tok"]));
    let shared = of.number_or(&["n_shared_experts"], 0);
    let width = of.count(&["moe_intermediate_size"]);
    let shared_width = of.count_or(&["moe_shared_expert_intermediate_size"], width.unwrap_or(1));
    let latent = of.number_or(&["moe_latent_size"], 0);
    Some(Experts {
        layers,
        routed: routed?,
        active: active?,
        shared: shared?,
        feed_forward: width?,
        biased: false,
        shared_feed_forward: shared_width?,
        dense_first: 0,
        every: 1,
        latent: latent.map(|latent| (latent > 0).then_some(latent))?,
        groups: None,
    })
}

/// The order of the layers, as a text or as a list of words.
fn pattern(of: &mut Configuration<'_>) -> Option<Pattern> {
    const WORDS: &[&str] = &["mamba", "attention", "mlp", "moe"];
    if let Some(words) = of.words("layers_block_type", WORDS) {
        let words = words?;
        let letters: String = words
            .value
            .iter()
            .map(|word| match *word {
                "mamba" => 'M',
                "attention" => '*',
                "mlp" => '-',
                _ => 'E',
            })
            .collect();
        return understood(of, &letters, words.span);
    }
    if !of.has("hybrid_override_pattern") {
        let span = of.architecture.span;
        let message =
            format!("`hybrid_override_pattern` is missing in a configuration of `{}`", of.architecture.value);
        of.tell(span, message, "write the order of the layers, such as \"M-M*-\"");
        return None;
    }
    let text = of.text("hybrid_override_pattern")?;
    understood(of, text.value, text.span)
}

fn understood(of: &mut Configuration<'_>, letters: &str, span: crate::text::Span) -> Option<Pattern> {
    Pattern::parse(letters)
        .map_err(|error| {
            let message = format!("the order of the layers is not understood: {error}");
            of.tell(
                span,
                message,
                "expected M for a mixer, * for attention, - for a feed-forward part and E for experts",
            );
        })
        .ok()
}
