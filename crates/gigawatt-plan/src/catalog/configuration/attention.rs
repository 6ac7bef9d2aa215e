//! Attention and windows as most families write them.

use super::super::architecture::ends_period;
use super::super::{Attention, Shape, Window, WindowKind};
use super::reading::Configuration;
use crate::text::Spanned;

pub(super) const LAYERS: &[&str] = &["num_hidden_layers", "n_layer", "n_layers"];
pub(super) const HIDDEN: &[&str] = &["hidden_size", "n_embd", "d_model"];
pub(super) const CONTEXT: &[&str] = &["max_position_embeddings", "n_positions", "max_seq_len", "n_ctx"];
pub(super) const HEADS: &[&str] = &["num_attention_heads", "n_head", "n_heads"];

/// A shape that is as in Llama in all that the common fields do not say; `tied` where the file does not say it.
pub(super) fn common(of: &mut Configuration<'_>, attention: Option<Attention>, tied: bool) -> Option<Shape> {
    let (layers, hidden) = (of.layers(LAYERS), of.count(HIDDEN));
    let (vocabulary, context) = (of.count(&["vocab_size"]), of.count(CONTEXT));
    // Where every layer has experts with a width of their own, there may be no other.
    let feed_forward = match of.node("moe_intermediate_size") {
        Some(_) => of.count_or(&["intermediate_size"], 0),
        None => of.count(&["intermediate_size"]),
    };
    let tied = of.flag("tie_word_embeddings", tied);
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention?, feed_forward?);
    shape.tied_embedding = tied?;
    Some(shape)
}

/// Grouped attention: as many heads of keys as of queries and heads that share the width where nothing else is written.
pub(super) fn grouped(of: &mut Configuration<'_>, biased: bool) -> Option<Attention> {
    let heads = of.count(HEADS);
    let kv_heads = match heads {
        Some(heads) => of.count_or(&["num_key_value_heads"], heads),
        None => of.count_or(&["num_key_value_heads"], 1),
    };
    let head_size = head_size(of, heads);
    Some(Attention::Grouped { heads: heads?, kv_heads: kv_heads?, head_size: head_size?, biased })
}

/// The width of a head: as written, or the model's width shared by the heads.
pub(super) fn head_size(of: &mut Configuration<'_>, heads: Option<u64>) -> Option<u64> {
    if of.has("head_dim") || of.has("attention_head_dim") {
        return of.count(&["head_dim", "attention_head_dim"]);
    }
    // A width that is missing is told where it is asked for as itself.
    let hidden = of.node("hidden_size").or_else(|| of.node("n_embd")).or_else(|| of.node("d_model"))?;
    let (span, heads) = (hidden.span, heads?);
    let hidden = of.count(HIDDEN)?;
    if hidden.is_multiple_of(heads) {
        return Some(hidden / heads);
    }
    let message = format!("a width of {hidden} does not go into {heads} heads");
    of.tell(span, message, "write `head_dim` where heads have another width");
    None
}

/// A window of all layers, where there is one that is shorter than the context.
pub(super) fn window_of_all(of: &mut Configuration<'_>, shape: &Shape) -> Option<Option<Window>> {
    window_of(of, shape, "sliding_window", shape.layers, WindowKind::Sliding)
}

/// A window of so many layers, where the field of its tokens says one that is shorter than the context; the outer
/// `None` where it is wrong.
pub(super) fn window_of(
    of: &mut Configuration<'_>,
    shape: &Shape,
    name: &'static str,
    layers: u64,
    kind: WindowKind,
) -> Option<Option<Window>> {
    let tokens = of.number_or(&[name], 0)?;
    let short = tokens > 0 && tokens < shape.context && layers > 0;
    Some(short.then_some(Window { layers, tokens, kind }))
}

/// How many layers `layer_types` gives a kind other than `full_attention`; the outer `None` where there is no such list,
/// the inner one where something in it is wrong, which is told.
pub(super) fn listed(of: &mut Configuration<'_>, shape: &Shape, other: &'static str) -> Option<Option<u64>> {
    let words = of.words("layer_types", &["full_attention", other])?;
    Some(words.and_then(|words| counted(of, shape, &words, other)))
}

fn counted(
    of: &mut Configuration<'_>,
    shape: &Shape,
    words: &Spanned<Vec<&'static str>>,
    other: &'static str,
) -> Option<u64> {
    let listed = words.value.len() as u64;
    if listed != shape.layers {
        let message = format!("`layer_types` lists {listed} layers, the model has {}", shape.layers);
        of.tell(words.span, message, "list one word for each layer");
        return None;
    }
    let others = words.value.iter().filter(|word| **word == other).count() as u64;
    let whole = listed - others;
    let elsewhere = (0..listed)
        .zip(&words.value)
        .any(|(at, word)| ends_period(at, whole, listed) != (*word == "full_attention"));
    if elsewhere {
        of.warn(
            words.span,
            "the order of `layer_types` is not kept".to_owned(),
            "the layers with attention over the whole context are taken to be the last of each of as many periods",
        );
    }
    Some(others)
}
