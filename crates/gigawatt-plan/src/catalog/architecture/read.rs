//! From a table to an architecture.

use super::fields::{
    ARCHITECTURE_FIELDS, BIASES, BLOCKS, FEED_FORWARD_KINDS, NORMS, POSITIONS, SHAPE_FIELDS, WINDOW_KINDS,
};
use super::{
    Architecture, Attention, Biases, Block, ExpertGroups, Experts, FeedForward, Norm, Pattern, Position,
    Recurrence, Recurrent, Shape, Window, WindowKind,
};
use crate::text::{Diagnostic, Diagnostics, Fields, Span, Table};

/// The most layers that a model may have: lists of layers are made from them.
pub(in crate::catalog) const MOST_LAYERS: u64 = 10_000;
/// The largest of its other numbers.
pub(in crate::catalog) const MOST: u64 = 100_000_000;

/// Reads `[<model>.architecture]`; `None` where something is missing or wrong, which is told.
pub(in crate::catalog) fn read_architecture(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Architecture> {
    let mut fields = Fields::new("an architecture", table, span, ARCHITECTURE_FIELDS, diagnostics);
    let shape = read(&mut fields, span);
    let (source, known_from, note) = (fields.text("source"), fields.date("known_from"), fields.text("note"));
    Some(Architecture {
        shape: shape?,
        source: source?,
        known_from: known_from?.value,
        note: note.map(|note| note.value),
        span,
    })
}

/// Reads the [`SHAPE_FIELDS`] of a table that stands by itself, as where a scenario describes a model of its own;
/// `None` where something is missing or wrong, which is told.
pub fn read_shape(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<Shape> {
    read(&mut Fields::new("an architecture", table, span, SHAPE_FIELDS, diagnostics), span)
}

fn read(fields: &mut Fields<'_>, span: Span) -> Option<Shape> {
    let layers = within(fields, "layers", 1..=MOST_LAYERS);
    let (hidden, vocabulary) = (count(fields, "hidden"), count(fields, "vocabulary"));
    let context = count(fields, "context");
    let biased = fields.boolean("biased").unwrap_or(false);
    let pattern = read_pattern(fields);
    let attention = read_attention(fields, biased, span);
    let recurrent = read_recurrent(fields, span);
    let experts = read_experts(fields, biased, layers, pattern.flatten().is_some(), span);
    let kind = choice(fields, "window_kind", WINDOW_KINDS, &[WindowKind::Sliding, WindowKind::Chunked]);
    let window = together(fields, ["window_layers", "window"], span)
        .map(|given| given.map(|[layers, tokens]| (layers, tokens)));
    let feed_forward = optional(fields, "feed_forward", 0);
    let feed_forward_kind =
        choice(fields, "feed_forward_kind", FEED_FORWARD_KINDS, &[FeedForward::Gated, FeedForward::Plain]);
    let position = choice(
        fields,
        "position",
        POSITIONS,
        &[Position::Rotary, Position::Learned, Position::Alibi, Position::None],
    );
    let norm = choice(
        fields,
        "norm",
        NORMS,
        &[Norm::RootMeanSquare, Norm::Layer, Norm::LayerWithoutBias, Norm::Unlearnt],
    );
    let layer_norms = optional(fields, "layer_norms", if pattern.flatten().is_some() { 1 } else { 2 });
    let block = choice(fields, "block", BLOCKS, &[Block::Sequential, Block::Parallel]);
    let biases = choice(
        fields,
        "biases",
        BIASES,
        &[Biases::None, Biases::QueryKeyValue, Biases::Linear, Biases::FeedForward],
    );
    let further_tokens = optional(fields, "further_tokens", 0);
    let (tied, gated) = (fields.boolean("tied_embedding"), fields.boolean("gated_attention"));
    let kind = kind?;
    let shape = Shape {
        layers: layers?,
        hidden: hidden?,
        vocabulary: vocabulary?,
        tied_embedding: tied.unwrap_or(false),
        context: context?,
        attention: attention?,
        feed_forward: feed_forward?,
        experts: experts?,
        window: window?.map(|(layers, tokens)| Window { layers, tokens, kind }),
        feed_forward_kind: feed_forward_kind?,
        position: position?,
        norm: norm?,
        layer_norms: layer_norms?,
        block: block?,
        biases: biases?,
        gated_attention: gated.unwrap_or(false),
        recurrent: recurrent?,
        pattern: pattern?,
        further_tokens: further_tokens?,
    };
    let contradictions = shape.contradictions();
    for found in &contradictions {
        let span = fields.node(found.field).map_or(span, |node| node.span);
        fields.diagnostics().push(Diagnostic::error(span, found.message.clone()));
    }
    contradictions.is_empty().then_some(shape)
}

fn within(fields: &mut Fields<'_>, name: &str, bounds: std::ops::RangeInclusive<u64>) -> Option<u64> {
    let bound = |bound: &u64| i64::try_from(*bound).unwrap_or(i64::MAX);
    let number = fields.integer(name, bound(bounds.start())..=bound(bounds.end()))?;
    u64::try_from(number.value).ok()
}

fn count(fields: &mut Fields<'_>, name: &str) -> Option<u64> {
    within(fields, name, 1..=MOST)
}

/// A number, or another where it is not written; `None` where it is wrong.
fn optional(fields: &mut Fields<'_>, name: &str, otherwise: u64) -> Option<u64> {
    if fields.is_written(name) { count(fields, name) } else { Some(otherwise) }
}

/// One of several words, the first where none is written; `None` where it is another.
fn choice<T: Copy>(fields: &mut Fields<'_>, name: &str, words: &[&str], meanings: &[T]) -> Option<T> {
    if !fields.is_written(name) {
        return meanings.first().copied();
    }
    let word = fields.choice(name)?;
    let at = words.iter().position(|known| *known == word.value)?;
    meanings.get(at).copied()
}

fn missing(fields: &mut Fields<'_>, name: &str, span: Span) {
    fields.diagnostics().push(Diagnostic::error(span, format!("`{name}` is missing in an architecture")));
}

/// Fields that stand together or not at all; the outer `None` where only some are written or one is wrong.
fn together<const N: usize>(
    fields: &mut Fields<'_>,
    names: [&str; N],
    span: Span,
) -> Option<Option<[u64; N]>> {
    let absent: Vec<&str> = names.into_iter().filter(|name| !fields.is_written(name)).collect();
    if absent.len() == N {
        return Some(None);
    }
    if let Some(name) = absent.first() {
        missing(fields, name, span);
        return None;
    }
    let values: Vec<u64> = names.iter().filter_map(|name| count(fields, name)).collect();
    values.try_into().ok().map(Some)
}

fn read_pattern(fields: &mut Fields<'_>) -> Option<Option<Pattern>> {
    if !fields.is_written("pattern") {
        return Some(None);
    }
    let text = fields.text("pattern")?;
    match Pattern::parse(&text.value) {
        Ok(pattern) => Some(Some(pattern)),
        Err(error) => {
            fields.diagnostics().push(
                Diagnostic::error(text.span, format!("`pattern` cannot be read: {error}")).help(
                    "write M for a mixer, * for attention, - for a feed-forward part and E for experts, a letter a layer",
                ),
            );
            None
        }
    }
}

fn read_attention(fields: &mut Fields<'_>, biased: bool, span: Span) -> Option<Attention> {
    let written = ["heads", "kv_heads", "head_size", "query_rank", "kv_rank"];
    let recurs = fields.is_written("recurrent_layers");
    if recurs && !written.iter().any(|name| fields.is_written(name)) {
        return Some(Attention::Absent);
    }
    if !fields.is_written("heads") {
        missing(fields, "heads", span);
    }
    let heads = count(fields, "heads");
    let query_rank = optional(fields, "query_rank", 0);
    let latent = ["kv_rank", "plain_size", "rotary_size", "value_size"];
    let grouped = together(fields, ["kv_heads", "head_size"], span)?;
    match (together(fields, latent, span)?, grouped) {
        (Some([kv_rank, plain_size, rotary_size, value_size]), None) => Some(Attention::Latent {
            heads: heads?,
            query_rank: query_rank?,
            kv_rank,
            plain_size,
            rotary_size,
            value_size,
        }),
        (None, Some([kv_heads, head_size])) if !fields.is_written("query_rank") => {
            Some(Attention::Grouped { heads: heads?, kv_heads, head_size, biased })
        }
        _ => {
            fields.diagnostics().push(
                Diagnostic::error(span, "an architecture has one kind of attention")
                    .help("write `kv_heads` and `head_size`, or `kv_rank`, `plain_size`, `rotary_size` and `value_size`"),
            );
            None
        }
    }
}

fn read_experts(
    fields: &mut Fields<'_>,
    biased: bool,
    model: Option<u64>,
    patterned: bool,
    span: Span,
) -> Option<Option<Experts>> {
    let shared = optional(fields, "shared_experts", 0)?;
    let needed = ["expert_layers", "experts", "active_experts", "expert_feed_forward"];
    let Some([layers, routed, active, feed_forward]) = together(fields, needed, span)? else {
        return Some(None);
    };
    let latent =
        if fields.is_written("expert_latent") { Some(count(fields, "expert_latent")?) } else { None };
    let groups = together(fields, ["expert_groups", "active_expert_groups"], span)?;
    let groups = groups.map(|[groups, active]| ExpertGroups { groups, active });
    let shared_feed_forward = optional(fields, "shared_expert_feed_forward", feed_forward)?;
    let every = optional(fields, "expert_every", 1)?;
    // A pattern says itself where experts are.
    let before = if every > 1 || patterned { 0 } else { model?.saturating_sub(layers) };
    let dense_first = if fields.is_written("dense_first_layers") {
        within(fields, "dense_first_layers", 0..=MOST_LAYERS)?
    } else {
        before
    };
    Some(Some(Experts {
        layers,
        routed,
        active,
        shared,
        feed_forward,
        biased,
        shared_feed_forward,
        dense_first,
        every,
        latent,
        groups,
    }))
}

fn read_recurrent(fields: &mut Fields<'_>, span: Span) -> Option<Option<Recurrent>> {
    let state = ["state_heads", "state_head_size", "state_groups", "state_size"];
    let delta = ["delta_heads", "delta_value_heads", "delta_head_size"];
    let common = together(fields, ["recurrent_layers", "convolution"], span);
    let (state, delta) = (together(fields, state, span)?, together(fields, delta, span)?);
    match (common?, state, delta) {
        (None, None, None) => Some(None),
        (Some([layers, convolution]), Some([heads, head_size, groups, state_size]), None) => {
            let recurrence = Recurrence::StateSpace { heads, head_size, groups, state_size, convolution };
            Some(Some(Recurrent { layers, recurrence }))
        }
        (Some([layers, convolution]), None, Some([key_heads, value_heads, size])) => {
            let recurrence = Recurrence::DeltaNet {
                key_heads,
                value_heads,
                key_size: size,
                value_size: size,
                convolution,
            };
            Some(Some(Recurrent { layers, recurrence }))
        }
        _ => {
            fields.diagnostics().push(
                Diagnostic::error(span, "recurrent layers are of one kind").help(
                    "write `recurrent_layers` and `convolution` with `state_heads`, `state_head_size`, `state_groups` and `state_size`, or with `delta_heads`, `delta_value_heads` and `delta_head_size`",
                ),
            );
            None
        }
    }
}
