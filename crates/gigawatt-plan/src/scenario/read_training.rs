//! Reading training runs.

use super::fields_training as fields;
use super::read_fleet::MOST_PRIORITY;
use super::read_items::values;
use super::sections::Scenario;
use super::sections_training::{LayoutSection, PhaseFields, PhaseSection, TrainingSection};
use crate::catalog::{Shape, load_configuration, read_shape};
use crate::quantity::Dimension;
use crate::text::{Diagnostic, Diagnostics, Field, FieldKind, Fields, SourceMap, Span, Spanned, Table};
use crate::world::World;

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
    let (from_megatron, from_torchtitan) = (fields.text("from_megatron"), fields.text("from_torchtitan"));
    if let (Some(one), Some(other)) = (&from_megatron, &from_torchtitan) {
        fields.diagnostics().push(
            Diagnostic::error(other.span, "a training run is launched by one tool")
                .also(one.span, "the other")
                .help("leave out `from_megatron` or `from_torchtitan`"),
        );
    }
    let launched = fields.is_written("from_megatron") || fields.is_written("from_torchtitan");
    let (model, architecture) =
        if launched && !fields.is_written("model") && !fields.is_written("architecture") {
            (None, None)
        } else {
            read_model(&mut fields, "a training run", span)
        };
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
    let priority = fields.integer("priority", -MOST_PRIORITY..=MOST_PRIORITY);
    let mut shared = read_phase_fields(&mut fields);
    let mut phases = Vec::new();
    for (table, span) in fields.tables("phases") {
        phases.extend(read_phase(table, span, fields.diagnostics()));
    }
    let values = values(&mut fields, fields::TRAINING);
    shared.unreadable |= fields.is_written("tokens") && !values.contains_key("tokens");
    Some(TrainingSection {
        name: name?,
        span,
        title,
        model,
        architecture,
        from_megatron,
        from_torchtitan,
        software: None,
        system,
        site,
        lot,
        start,
        after,
        precision,
        framework,
        reliability,
        practice,
        priority,
        shared,
        phases,
        values,
    })
}

/// The model that a run or a service names, or the numbers of one; either, not both.
pub(super) fn read_model(
    fields: &mut Fields<'_>,
    owner: &str,
    span: Span,
) -> (Option<Spanned<String>>, Option<Spanned<Shape>>) {
    let model = fields.text("model");
    let mut architecture = None;
    for (table, span) in fields.tables("architecture").into_iter().take(1) {
        architecture =
            read_shape(table, span, fields.diagnostics()).map(|shape| Spanned { value: shape, span });
    }
    let both = match (fields.is_written("model"), fields.is_written("architecture")) {
        (true, false) | (false, true) => return (model, architecture),
        (both, _) => both,
    };
    let message = if both {
        format!("{owner} has both a `model` and an `architecture`")
    } else {
        format!("{owner} has neither a `model` nor an `architecture`")
    };
    fields.diagnostics().push(Diagnostic::error(span, message).help(
        "name a model of the catalogue, model = \"llama-3-1-405b\", or give its numbers, architecture = { layers = 126, ... }",
    ));
    (model, architecture)
}

/// Whether a model is named by its configuration file and not by its entry in the catalogue.
pub(crate) fn is_configuration(model: &str) -> bool {
    std::path::Path::new(model).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Reads the configuration files that runs and services name.
pub(super) fn load_models(
    scenario: &mut Scenario,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) {
    let runs = scenario.training.iter_mut().map(|run| (&run.model, &mut run.architecture));
    let services = scenario.services.iter_mut().map(|service| (&service.model, &mut service.architecture));
    for (model, architecture) in runs.chain(services) {
        if let Some(model) = model.as_ref().filter(|model| is_configuration(&model.value)) {
            let shape = load_configuration(model, world, sources, diagnostics);
            *architecture = shape.map(|shape| Spanned { value: shape, span: model.span });
        }
    }
}

fn read_phase(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<PhaseSection> {
    let mut fields = Fields::new("a phase", table, span, fields::PHASE, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let tokens = fields.uncertain("tokens", Dimension::Count);
    let mut own = read_phase_fields(&mut fields);
    own.unreadable |= fields.is_written("tokens") && tokens.is_none();
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
    let read = [
        ("sequence", sequence.is_some()),
        ("batch_sequences", batch_sequences.is_some()),
        ("batch_tokens", batch_tokens.is_some()),
        ("accelerators", accelerators.is_some()),
    ];
    let unreadable = read.iter().any(|(name, read)| fields.is_written(name) && !read);
    PhaseFields { sequence, batch_sequences, batch_tokens, accelerators, layout, unreadable }
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
