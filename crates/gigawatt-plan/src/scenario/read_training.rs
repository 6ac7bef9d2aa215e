//! Reading training runs.

use super::fields_training as fields;
use super::read_items::values;
use super::sections_training::{LayoutSection, PhaseFields, PhaseSection, TrainingSection};
use crate::catalog::read_shape;
use crate::quantity::Dimension;
use crate::text::{Diagnostic, Diagnostics, Field, FieldKind, Fields, Span, Spanned, Table};

/// The most of any one thing that a layout counts: accelerators, sequences of a step, tokens of a sequence.
const MOST: i64 = 100_000_000;
/// The most tokens of a step.
const MOST_TOKENS: i64 = 1_000_000_000_000;
/// The most that one dimension of a layout cuts into.
const MOST_RANKS: i64 = 100_000;

pub(super) fn read_training(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<TrainingSection> {
    let mut fields = Fields::new("training", table, span, fields::TRAINING, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let model = fields.text("model");
    let mut architecture = None;
    for (table, span) in fields.tables("architecture").into_iter().take(1) {
        architecture =
            read_shape(table, span, fields.diagnostics()).map(|shape| Spanned { value: shape, span });
    }
    match (fields.is_written("model"), fields.is_written("architecture")) {
        (true, false) | (false, true) => {}
        (both, _) => {
            let message = if both {
                "a training run has both a `model` and an `architecture`"
            } else {
                "a training run has neither a `model` nor an `architecture`"
            };
            fields.diagnostics().push(Diagnostic::error(span, message).help(
                "name a model of the catalogue, model = \"llama-3-1-405b\", or give its numbers, architecture = { layers = 126, ... }",
            ));
        }
    }
    let (system, site, lot) = (fields.text("system"), fields.text("site"), fields.text("lot"));
    let (start, after) = (fields.date("start"), fields.text("after"));
    if fields.is_written("start") == fields.is_written("after") {
        fields.diagnostics().push(
            Diagnostic::error(span, "a training run says either when it starts or which run it follows")
                .help("write start = 2025-01-01, or after = \"the other run\""),
        );
    }
    let (precision, framework) = (fields.choice("precision"), fields.choice("framework"));
    let (reliability, practice) = (fields.text("reliability"), fields.text("practice"));
    let shared = read_phase_fields(&mut fields);
    let mut phases = Vec::new();
    for (table, span) in fields.tables("phases") {
        phases.extend(read_phase(table, span, fields.diagnostics()));
    }
    let values = values(&mut fields, fields::TRAINING);
    Some(TrainingSection {
        name: name?,
        span,
        title,
        model,
        architecture,
        system,
        site,
        lot,
        start,
        after,
        precision,
        framework,
        reliability,
        practice,
        shared,
        phases,
        values,
    })
}

fn read_phase(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<PhaseSection> {
    let mut fields = Fields::new("a phase", table, span, fields::PHASE, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let tokens = fields.uncertain("tokens", Dimension::Count);
    let own = read_phase_fields(&mut fields);
    Some(PhaseSection { name: name?, span, title, fields: own, tokens })
}

/// What a run and its phases may both say.
fn read_phase_fields(fields: &mut Fields<'_>) -> PhaseFields {
    let sequence = whole(fields, "sequence", MOST);
    let batch_sequences = whole(fields, "batch_sequences", MOST);
    let accelerators = whole(fields, "accelerators", MOST);
    let batch_tokens = whole(fields, "batch_tokens", MOST_TOKENS);
    if let (Some(sequences), Some(tokens)) = (&batch_sequences, &batch_tokens) {
        fields.diagnostics().push(
            Diagnostic::error(tokens.span, "the batch is given twice, in sequences and in tokens")
                .label("tokens")
                .also(sequences.span, "sequences")
                .help("leave one of them out"),
        );
    }
    let mut layout = LayoutSection::default();
    for (table, span) in fields.tables("layout").into_iter().take(1) {
        layout = read_layout(table, span, fields.diagnostics());
    }
    PhaseFields { sequence, batch_sequences, batch_tokens, accelerators, layout }
}

fn read_layout(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> LayoutSection {
    let mut layout = LayoutSection { span: Some(span), ..LayoutSection::default() };
    let mut read = Fields::new("a layout", table, span, fields::LAYOUT, diagnostics);
    for Field { name, kind, .. } in fields::LAYOUT {
        match kind {
            FieldKind::Integer => {
                layout.numbers.extend(whole(&mut read, name, MOST_RANKS).map(|number| (*name, number)));
            }
            FieldKind::Choice(_) => layout.words.extend(read.choice(name).map(|word| (*name, word))),
            _ => layout.sequence_parallel = read.boolean(name),
        }
    }
    layout
}

fn whole(fields: &mut Fields<'_>, name: &str, most: i64) -> Option<Spanned<u64>> {
    let number = fields.integer(name, 1..=most)?;
    Some(Spanned { value: u64::try_from(number.value).ok()?, span: number.span })
}
