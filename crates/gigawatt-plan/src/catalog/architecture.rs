//! The architecture of a language model, as its configuration file gives it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::text::{Diagnostic, Diagnostics, Field, FieldKind, Fields, Span, Spanned, Table};

/// A decoder-only transformer with rotary positions, root-mean-square norms and gated feed-forward layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// The numbers.
    pub shape: Shape,
    /// Id in the bibliography.
    pub source: Spanned<String>,
    /// The day from which it was public.
    pub known_from: Date,
    /// Caveat.
    pub note: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// What the parameters are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Transformer layers.
    pub layers: u64,
    /// Width of the residual stream.
    pub hidden: u64,
    /// Tokens of the vocabulary.
    pub vocabulary: u64,
    /// Whether the output layer is the embedding again.
    pub tied_embedding: bool,
    /// Longest context in tokens.
    pub context: u64,
    /// The attention of every layer.
    pub attention: Attention,
    /// Width of the feed-forward part of a dense layer.
    pub feed_forward: u64,
    /// The experts, where there are any.
    pub experts: Option<Experts>,
    /// Layers that keep only the newest tokens.
    pub window: Option<Window>,
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
        /// Rank of the compressed query.
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
    /// Width of one expert.
    pub feed_forward: u64,
    /// Whether the experts' projections have biases.
    pub biased: bool,
}

/// Layers with a sliding or chunked window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// How many layers.
    pub layers: u64,
    /// Tokens they keep.
    pub tokens: u64,
}

const FIELDS: &[Field] = &[
    Field::required("layers", FieldKind::Integer, "transformer layers"),
    Field::required("hidden", FieldKind::Integer, "width of the residual stream"),
    Field::required("vocabulary", FieldKind::Integer, "tokens of the vocabulary"),
    Field::required("context", FieldKind::Integer, "longest context in tokens"),
    Field::optional("tied_embedding", FieldKind::Boolean, "whether the output layer is the embedding; false"),
    Field::required("heads", FieldKind::Integer, "query heads"),
    Field::optional("kv_heads", FieldKind::Integer, "heads of keys and values; or the latent fields"),
    Field::optional("head_size", FieldKind::Integer, "width of a head; or the latent fields"),
    Field::optional("biased", FieldKind::Boolean, "whether attention and experts have biases; false"),
    Field::optional("query_rank", FieldKind::Integer, "latent attention: rank of the query"),
    Field::optional("kv_rank", FieldKind::Integer, "latent attention: rank of keys and values"),
    Field::optional("plain_size", FieldKind::Integer, "latent attention: part of a head without position"),
    Field::optional("rotary_size", FieldKind::Integer, "latent attention: part of a head with position"),
    Field::optional("value_size", FieldKind::Integer, "latent attention: width of a head of values"),
    Field::required("feed_forward", FieldKind::Integer, "width of a dense feed-forward layer"),
    Field::optional("expert_layers", FieldKind::Integer, "layers with experts; none"),
    Field::optional("experts", FieldKind::Integer, "routed experts of a layer"),
    Field::optional("active_experts", FieldKind::Integer, "routed experts that a token visits"),
    Field::optional("shared_experts", FieldKind::Integer, "experts that every token visits; none"),
    Field::optional("expert_feed_forward", FieldKind::Integer, "width of one expert"),
    Field::optional("window_layers", FieldKind::Integer, "layers that keep only the newest tokens; none"),
    Field::optional("window", FieldKind::Integer, "tokens that such a layer keeps"),
    Field::required("source", FieldKind::Text, "id in the bibliography"),
    Field::required("known_from", FieldKind::Date, "the day from which it was public"),
    Field::optional("note", FieldKind::Text, "caveat"),
];

/// Reads `[<model>.architecture]`; `None` where something is missing or wrong, which is told.
pub(super) fn read_architecture(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Architecture> {
    let mut fields = Fields::new("an architecture", table, span, FIELDS, diagnostics);
    let layers = count(&mut fields, "layers");
    let (hidden, vocabulary) = (count(&mut fields, "hidden"), count(&mut fields, "vocabulary"));
    let (context, feed_forward) = (count(&mut fields, "context"), count(&mut fields, "feed_forward"));
    let tied_embedding = fields.boolean("tied_embedding").unwrap_or(false);
    let biased = fields.boolean("biased").unwrap_or(false);
    let attention = read_attention(&mut fields, biased, span);
    let experts = read_experts(&mut fields, biased, span);
    let window = together(&mut fields, ["window_layers", "window"], span)
        .map(|given| given.map(|[layers, tokens]| Window { layers, tokens }));
    let (source, known_from, note) = (fields.text("source"), fields.date("known_from"), fields.text("note"));
    let (layers, experts, window) = (layers?, experts?, window?);
    for (name, some) in
        [("expert_layers", experts.map(|of| of.layers)), ("window_layers", window.map(|of| of.layers))]
    {
        if let Some(some) = some.filter(|some| *some > layers) {
            let span = fields.node(name).map_or(span, |node| node.span);
            fields
                .diagnostics()
                .push(Diagnostic::error(span, format!("`{name}` is {some}, more than the {layers} layers")));
            return None;
        }
    }
    let shape = Shape {
        layers,
        hidden: hidden?,
        vocabulary: vocabulary?,
        tied_embedding,
        context: context?,
        attention: attention?,
        feed_forward: feed_forward?,
        experts,
        window,
    };
    Some(Architecture {
        shape,
        source: source?,
        known_from: known_from?.value,
        note: note.map(|note| note.value),
        span,
    })
}

fn count(fields: &mut Fields<'_>, name: &str) -> Option<u64> {
    fields.integer(name, 1..=100_000_000).and_then(|number| u64::try_from(number.value).ok())
}

/// Fields that stand together or not at all; the outer `None` where only some are written or one is wrong.
fn together<const N: usize>(
    fields: &mut Fields<'_>,
    names: [&str; N],
    span: Span,
) -> Option<Option<[u64; N]>> {
    let missing: Vec<&str> = names.into_iter().filter(|name| !fields.is_written(name)).collect();
    if missing.len() == N {
        return Some(None);
    }
    if let Some(name) = missing.first() {
        fields.diagnostics().push(Diagnostic::error(span, format!("`{name}` is missing in an architecture")));
        return None;
    }
    let values: Vec<u64> = names.iter().filter_map(|name| count(fields, name)).collect();
    values.try_into().ok().map(Some)
}

fn read_attention(fields: &mut Fields<'_>, biased: bool, span: Span) -> Option<Attention> {
    let heads = count(fields, "heads");
    let latent = ["query_rank", "kv_rank", "plain_size", "rotary_size", "value_size"];
    let grouped = together(fields, ["kv_heads", "head_size"], span)?;
    match (together(fields, latent, span)?, grouped) {
        (Some([query_rank, kv_rank, plain_size, rotary_size, value_size]), None) => Some(Attention::Latent {
            heads: heads?,
            query_rank,
            kv_rank,
            plain_size,
            rotary_size,
            value_size,
        }),
        (None, Some([kv_heads, head_size])) => {
            Some(Attention::Grouped { heads: heads?, kv_heads, head_size, biased })
        }
        _ => {
            fields.diagnostics().push(
                Diagnostic::error(span, "an architecture has one kind of attention")
                    .help("write `kv_heads` and `head_size`, or `query_rank`, `kv_rank`, `plain_size`, `rotary_size` and `value_size`"),
            );
            None
        }
    }
}

fn read_experts(fields: &mut Fields<'_>, biased: bool, span: Span) -> Option<Option<Experts>> {
    let shared = if fields.is_written("shared_experts") { count(fields, "shared_experts")? } else { 0 };
    let needed = ["expert_layers", "experts", "active_experts", "expert_feed_forward"];
    let Some([layers, routed, active, feed_forward]) = together(fields, needed, span)? else {
        return Some(None);
    };
    if active > routed {
        let span = fields.node("active_experts").map_or(span, |node| node.span);
        fields.diagnostics().push(Diagnostic::error(
            span,
            format!("`active_experts` is {active}, more than the {routed} experts"),
        ));
        return None;
    }
    Some(Some(Experts { layers, routed, active, shared, feed_forward, biased }))
}
