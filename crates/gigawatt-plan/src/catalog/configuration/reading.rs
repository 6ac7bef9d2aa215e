//! Asking a configuration for its fields.

use std::collections::BTreeSet;

use super::super::Shape;
use super::super::architecture::{MOST, MOST_LAYERS};
use crate::text::{Diagnostic, Diagnostics, Node, Span, Spanned, Table, Value, nearest};

/// Fields that change what is counted in the families that have them. Where another family has one that says
/// something, it is no model of that family as it is known here.
const DECISIVE: &[&str] = &[
    "attn_type_list",
    "block_configs",
    "cross_attention_layers",
    "decoder_layers",
    "encoder_layers",
    "first_k_dense_replace",
    "hybrid_override_pattern",
    "index_topk",
    "kv_lora_rank",
    "layer_types",
    "layers_block_type",
    "linear_num_key_heads",
    "mamba_num_heads",
    "moe_intermediate_size",
    "moe_latent_size",
    "moe_layer_freq",
    "n_routed_experts",
    "num_experts",
    "num_local_experts",
    "q_lora_rank",
    "sliding_window",
    "ssm_state_size",
    "state_size",
];

/// Other names that families use; a field with one of these names is not a misspelling of another.
const OTHERS: &[&str] = &[
    "attention_head_dim",
    "d_model",
    "ffn_hidden_size",
    "head_dim",
    "hidden_size",
    "intermediate_size",
    "intermediate_size_mlp",
    "max_position_embeddings",
    "model_type",
    "n_embd",
    "n_head",
    "n_inner",
    "n_layer",
    "n_shared_experts",
    "num_attention_heads",
    "num_experts_per_tok",
    "num_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "num_nextn_predict_layers",
    "shared_expert_intermediate_size",
    "vocab_size",
];

/// A configuration being read: getters tell what is wrong and give `None`, so that reading goes on and finds the next
/// mistake.
pub(super) struct Configuration<'a> {
    table: &'a Table,
    /// A table around it, for what stands outside the part about text.
    around: Option<&'a Table>,
    /// The name of the architecture, and where it is written.
    pub(super) architecture: Spanned<&'static str>,
    asked: BTreeSet<&'static str>,
    /// Whether a field that matters was told not to be understood.
    refused: bool,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Configuration<'a> {
    pub(super) fn new(
        table: &'a Table,
        around: Option<&'a Table>,
        architecture: Spanned<&'static str>,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self { table, around, architecture, asked: BTreeSet::new(), refused: false, diagnostics }
    }

    /// A table inside it, with the same name and the same place for what is told.
    pub(super) fn inner(&mut self, name: &'static str) -> Option<Configuration<'_>> {
        let node = self.node(name)?;
        let Value::Table(table) = &node.value else {
            let message = format!("`{name}` is {}, expected an object", node.value.noun());
            self.tell(node.span, message, "write its fields in braces, or leave it out");
            self.refused = true;
            return None;
        };
        Some(Configuration::new(table, None, self.architecture.clone(), self.diagnostics))
    }

    /// The value of a field that is written.
    pub(super) fn node(&mut self, name: &'static str) -> Option<&'a Node> {
        self.asked.insert(name);
        self.table.get(name)
    }

    /// The first of several names that is written.
    fn first(&mut self, names: &[&'static str]) -> Option<(&'static str, &'a Node)> {
        self.asked.extend(names);
        names.iter().find_map(|name| Some((*name, self.table.get(name)?)))
    }

    pub(super) fn has(&mut self, name: &'static str) -> bool {
        self.node(name).is_some()
    }

    pub(super) fn tell(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help));
    }

    pub(super) fn warn(&mut self, span: Span, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help).warning());
    }

    fn missing(&mut self, names: &[&'static str]) {
        let keys = self.table.iter().map(|(key, _)| key);
        let unknown = keys
            .filter(|key| ![DECISIVE, OTHERS, names].iter().any(|list| list.contains(&key.value.as_str())));
        let unknown: Vec<&Spanned<String>> = unknown.collect();
        let near = names.iter().find_map(|name| {
            let near = nearest(name, unknown.iter().map(|key| key.value.as_str()))?;
            unknown.iter().find(|key| key.value == near)
        });
        let name = names.first().copied().unwrap_or_default();
        let message = format!("`{name}` is missing in a configuration of `{}`", self.architecture.value);
        let diagnostic = match near {
            Some(near) => Diagnostic::error(near.span, message)
                .label(format!("is this `{name}`?"))
                .help(format!("did you mean `{name}` where `{}` is written?", near.value)),
            None => Diagnostic::error(self.architecture.span, message).help(match names.len() {
                1 => format!("write \"{name}\": and a whole number"),
                _ => format!("write one of `{}` and a whole number", names.join("`, `")),
            }),
        };
        self.diagnostics.push(diagnostic);
    }

    /// A whole number from `least` on; `None` where it is none, which is told.
    fn whole(&mut self, name: &'static str, node: &Node, least: u64, most: u64) -> Option<u64> {
        let message = match &node.value {
            Value::Integer(number) => match u64::try_from(*number) {
                Ok(number) if (least..=most).contains(&number) => return Some(number),
                _ => format!("`{name}` is {number}, out of its range"),
            },
            Value::Float(number) => format!("`{name}` is {number}, expected a whole number"),
            Value::Unreadable => format!("`{name}` cannot be read"),
            other => format!("`{name}` is {}, expected a whole number", other.noun()),
        };
        self.tell(node.span, message, format!("expected {least} to {most}"));
        None
    }

    /// A number of one or more, under one of several names; that it is missing is told.
    pub(super) fn count(&mut self, names: &[&'static str]) -> Option<u64> {
        match self.first(names) {
            Some((name, node)) => self.whole(name, node, 1, MOST),
            None => {
                self.missing(names);
                None
            }
        }
    }

    /// The number of layers.
    pub(super) fn layers(&mut self, names: &[&'static str]) -> Option<u64> {
        match self.first(names) {
            Some((name, node)) => self.whole(name, node, 1, MOST_LAYERS),
            None => {
                self.missing(names);
                None
            }
        }
    }

    /// A number of one or more, or another where none is written.
    pub(super) fn count_or(&mut self, names: &[&'static str], otherwise: u64) -> Option<u64> {
        match self.first(names) {
            Some((name, node)) => self.whole(name, node, 1, MOST),
            None => Some(otherwise),
        }
    }

    /// A number of none or more, or another where none is written.
    pub(super) fn number_or(&mut self, names: &[&'static str], otherwise: u64) -> Option<u64> {
        match self.first(names) {
            Some((name, node)) => self.whole(name, node, 0, MOST),
            None => Some(otherwise),
        }
    }

    /// `true` or `false`, or another where none is written.
    pub(super) fn flag(&mut self, name: &'static str, otherwise: bool) -> Option<bool> {
        let outside = self.around.and_then(|around| around.get(name));
        let Some(node) = self.node(name).or(outside) else { return Some(otherwise) };
        match &node.value {
            Value::Boolean(flag) => Some(*flag),
            other => {
                let message = format!("`{name}` is {}, expected true or false", other.noun());
                self.tell(node.span, message, format!("without it, it is {otherwise}"));
                None
            }
        }
    }

    /// A text, where one is written.
    pub(super) fn text(&mut self, name: &'static str) -> Option<Spanned<&'a str>> {
        let node = self.node(name)?;
        match &node.value {
            Value::Text(text) => Some(Spanned { value: text, span: node.span }),
            other => {
                let message = format!("`{name}` is {}, expected a string", other.noun());
                self.tell(node.span, message, "write it in quotes");
                None
            }
        }
    }

    /// A list of words out of those that are known, where one is written; the inner `None` where something in it is
    /// another, which is told.
    pub(super) fn words(
        &mut self,
        name: &'static str,
        known: &[&'static str],
    ) -> Option<Option<Spanned<Vec<&'static str>>>> {
        let node = self.node(name)?;
        let Value::Array(items) = &node.value else {
            let message = format!("`{name}` is {}, expected a list", node.value.noun());
            self.tell(node.span, message, format!("list one of `{}` for each layer", known.join("`, `")));
            return Some(None);
        };
        let mut words = Vec::new();
        for item in items {
            let word = match &item.value {
                Value::Text(text) => known.iter().find(|known| *known == text),
                _ => None,
            };
            match (word, &item.value) {
                (Some(word), _) => words.push(*word),
                (None, Value::Text(text)) => {
                    let message = format!("`{text}` in `{name}` is not understood");
                    self.diagnostics
                        .push(Diagnostic::error(item.span, message).suggest(text, known.iter().copied()));
                }
                (None, other) => {
                    let message = format!("`{name}` holds {}, expected strings", other.noun());
                    self.tell(item.span, message, format!("list one of `{}`", known.join("`, `")));
                }
            }
        }
        let whole = words.len() == items.len();
        Some(whole.then_some(Spanned { value: words, span: node.span }))
    }

    /// Tells of a field that says something that is not understood here.
    pub(super) fn refuse(&mut self, name: &'static str, why: &str) {
        if let Some(node) = self.node(name).filter(|node| says_something(&node.value)) {
            let message = format!("`{name}` changes the architecture and is not understood");
            self.tell(node.span, message, why);
            self.refused = true;
        }
    }

    /// Tells of a list that holds anything but one number.
    pub(super) fn same(&mut self, name: &'static str, number: i64, why: &str) {
        let Some(node) = self.node(name) else { return };
        let alike = matches!(&node.value, Value::Array(items)
            if items.iter().all(|item| item.value == Value::Integer(number)));
        if !alike {
            let message = format!("`{name}` changes the architecture and is not understood");
            self.tell(node.span, message, why);
            self.refused = true;
        }
    }

    /// The shape, where its numbers do not contradict each other and nothing that matters was left unread.
    pub(super) fn finish(mut self, shape: Option<Shape>) -> Option<Shape> {
        let mut whole = !self.refused;
        for (key, node) in self.table.iter() {
            let decisive = DECISIVE.contains(&key.value.as_str()) && !self.asked.contains(key.value.as_str());
            if decisive && says_something(&node.value) {
                whole = false;
                let message = format!(
                    "`{}` changes the architecture and is not understood in a `{}`",
                    key.value, self.architecture.value
                );
                self.diagnostics.push(
                    Diagnostic::error(key.span, message)
                        .help("describe the model with the fields of an architecture instead"),
                );
            }
        }
        let shape = shape?;
        let contradictions = shape.contradictions();
        for found in &contradictions {
            self.tell(
                self.architecture.span,
                format!("the numbers contradict each other: {}", found.message),
                "check the layers of each kind",
            );
        }
        (whole && contradictions.is_empty()).then_some(shape)
    }
}

/// Whether a value is more than nothing.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Boolean(flag) => *flag,
        Value::Integer(number) => *number != 0,
        Value::Array(items) => !items.is_empty(),
        Value::Table(table) => table.iter().next().is_some(),
        Value::Text(text) => !text.is_empty(),
        Value::Unreadable => false,
        Value::Float(_) | Value::Date(_) => true,
    }
}
