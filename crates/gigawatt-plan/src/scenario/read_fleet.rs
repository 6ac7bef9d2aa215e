//! Reading a fleet in operation and what runs on it.

use super::fields_fleet as fields;
use super::read_items::{points, values};
use super::sections_fleet::{FleetSection, WorkloadSection};
use crate::quantity::Dimension;
use crate::text::{Diagnostic, Diagnostics, Fields, Span, Spanned, Table, Value};

/// Histories that a fleet may have.
const MOST_HISTORIES: i64 = 10_000;
/// Priorities run as far either way.
pub(super) const MOST_PRIORITY: i64 = 1_000_000;
/// Accelerators of one job.
const MOST_ACCELERATORS: i64 = 100_000_000;

/// What only workloads of one kind say, and whether those have to.
const FIELDS_OF_KINDS: [(&str, &str, bool); 9] = [
    ("batch", "like", true),
    ("batch", "load", false),
    ("batch", "jobs", false),
    ("service", "replica", true),
    ("service", "replicas", true),
    ("reinforcement", "accelerators", true),
    ("reinforcement", "rollout", false),
    ("reinforcement", "start", true),
    ("reinforcement", "work", true),
];

pub(super) fn read_fleet(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> FleetSection {
    let mut fields = Fields::new("fleet", table, span, fields::FLEET, diagnostics);
    let period = fields.period("period");
    let histories = fields.integer("histories", 1..=MOST_HISTORIES);
    let seed = fields.integer("seed", 0..=i64::MAX);
    let (operations, reliability) = (fields.text("operations"), fields.text("reliability"));
    let (backfill, preemption) = (fields.choice("backfill"), fields.boolean("preemption"));
    let checkpoint = fields.choice("checkpoint");
    let mut values = values(&mut fields, fields::FLEET);
    let mut interval_rule = None;
    match fields.node("checkpoint_interval").map(|node| &node.value) {
        // A quantity has digits, a rule has none.
        Some(Value::Text(text)) if !text.contains(|character: char| character.is_ascii_digit()) => {
            interval_rule = fields.choice("checkpoint_interval");
        }
        _ => {
            let every = fields.uncertain("checkpoint_interval", Dimension::Duration);
            values.extend(every.map(|every| ("checkpoint_interval", every)));
        }
    }
    FleetSection {
        span,
        period,
        histories: histories.and_then(|number| u32::try_from(number.value).ok()),
        seed: seed.and_then(|number| u64::try_from(number.value).ok()),
        operations,
        reliability,
        backfill,
        preemption,
        checkpoint,
        interval_rule,
        values,
    }
}

pub(super) fn read_workload(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<WorkloadSection> {
    let mut fields = Fields::new("workload", table, span, fields::WORKLOAD, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let kind = fields.choice("kind");
    let (system, site) = (fields.text("system"), fields.text("site"));
    let priority = fields.integer("priority", -MOST_PRIORITY..=MOST_PRIORITY);
    let team = fields.text("team").map(|text| text.value);
    let like = fields.text("like");
    let (replica, replicas) = (
        accelerators(&mut fields, "replica", 1),
        points("replicas", fields::POINT_REPLICAS, "count", Dimension::Count, &mut fields),
    );
    let trainer = accelerators(&mut fields, "accelerators", 1);
    let rollout = accelerators(&mut fields, "rollout", 0);
    let start = fields.date("start");
    if let Some(kind) = &kind {
        check_fields(&mut fields, table, &kind.value, span);
    }
    let values = values(&mut fields, fields::WORKLOAD);
    Some(WorkloadSection {
        name: name?,
        span,
        title,
        kind,
        system,
        site,
        priority: priority.and_then(|number| i32::try_from(number.value).ok()),
        team,
        like,
        replica,
        replicas,
        accelerators: trainer,
        rollout,
        start,
        values,
    })
}

/// What a workload says that only others say, and what those of its kind have to say.
fn check_fields(fields: &mut Fields<'_>, table: &Table, kind: &str, span: Span) {
    for (of, name, required) in FIELDS_OF_KINDS {
        let written = table.iter().find(|(key, _)| key.value == name).map(|(key, _)| key.span);
        let help = fields::WORKLOAD.iter().find(|field| field.name == name).map_or("", |field| field.help);
        match written {
            Some(key) if of != kind => fields.diagnostics().push(
                Diagnostic::error(key, format!("`{name}` is not a field of a workload of the kind `{kind}`"))
                    .help(format!("it is one of the kind `{of}`: leave it out, or write kind = \"{of}\"")),
            ),
            None if of == kind && required => fields.diagnostics().push(
                Diagnostic::error(span, format!("`{name}` is missing in a workload of the kind `{kind}`"))
                    .help(help),
            ),
            _ => {}
        }
    }
    if kind != "batch" {
        return;
    }
    let key = |name: &str| table.iter().find(|(key, _)| key.value == name).map(|(key, _)| key.span);
    match (key("load"), key("jobs")) {
        (Some(load), Some(jobs)) => fields.diagnostics().push(
            Diagnostic::error(jobs, "how many jobs come is said twice, by `load` and by `jobs`")
                .label("jobs")
                .also(load, "load")
                .help("leave one of them out"),
        ),
        (None, None) => fields.diagnostics().push(
            Diagnostic::error(span, "a batch workload says by neither `load` nor `jobs` how many jobs come")
                .help("write load = 0.6, part of the accelerator-time of its pool, or jobs = \"1 M\""),
        ),
        _ => {}
    }
}

fn accelerators(fields: &mut Fields<'_>, name: &str, least: i64) -> Option<Spanned<u32>> {
    let number = fields.integer(name, least..=MOST_ACCELERATORS)?;
    Some(Spanned { value: u32::try_from(number.value).ok()?, span: number.span })
}
