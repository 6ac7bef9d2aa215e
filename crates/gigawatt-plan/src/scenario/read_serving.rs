//! Reading models that are served.

use std::collections::BTreeMap;

use super::fields_serving as fields;
use super::read_items::values;
use super::read_training::read_model;
use super::sections_serving::ServiceSection;
use crate::text::{Diagnostic, Diagnostics, FieldKind, Fields, Span, Spanned, Table};

/// The most that a whole number of a service may be.
const MOST: i64 = 100_000_000;
/// Texts of a service that are read one by one.
const LENGTHS: [&str; 3] = ["prompt", "output", "rate"];

pub(super) fn read_service(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<ServiceSection> {
    let mut fields = Fields::new("service", table, span, fields::SERVICE, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let (model, architecture) = read_model(&mut fields, "a service", span);
    let (system, site, lot) = (fields.text("system"), fields.text("site"), fields.text("lot"));
    let (practice, engine_version) = (fields.text("practice"), fields.text("engine_version"));
    let (trace, prefix_cache) = (fields.text("trace"), fields.boolean("prefix_cache"));
    let (mut words, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for field in fields::SERVICE {
        match field.kind {
            FieldKind::Choice(_) => {
                words.extend(fields.choice(field.name).map(|word| (field.name, word)));
            }
            FieldKind::Integer => {
                let number = fields.integer(field.name, 1..=MOST).and_then(|number| {
                    Some(Spanned { value: u64::try_from(number.value).ok()?, span: number.span })
                });
                numbers.extend(number.map(|number| (field.name, number)));
            }
            _ => {}
        }
    }
    let values = values(&mut fields, fields::SERVICE);
    check_traffic(&mut fields, table, span);
    let read =
        |name: &str| words.contains_key(name) || numbers.contains_key(name) || values.contains_key(name);
    let typed =
        |kind: FieldKind| matches!(kind, FieldKind::Choice(_) | FieldKind::Integer | FieldKind::Uncertain(_));
    let unreadable = fields::SERVICE
        .iter()
        .any(|field| typed(field.kind) && fields.is_written(field.name) && !read(field.name));
    Some(ServiceSection {
        name: name?,
        span,
        title,
        model,
        architecture,
        system,
        site,
        lot,
        practice,
        engine_version,
        trace,
        prefix_cache,
        words,
        numbers,
        values,
        unreadable,
    })
}

/// Whether what is asked is said once: by a trace, or by lengths.
fn check_traffic(fields: &mut Fields<'_>, table: &Table, span: Span) {
    let key = |name: &str| table.iter().find(|(key, _)| key.value == name).map(|(key, _)| key.span);
    if let Some(trace) = key("trace") {
        if let Some(name) = LENGTHS.into_iter().find(|name| key(name).is_some()) {
            fields.diagnostics().push(
                Diagnostic::error(key(name).unwrap_or(span), format!("`{name}` is given beside a trace"))
                    .label("here")
                    .also(trace, "the trace")
                    .help("a trace has lengths and times of its own: leave one of them out"),
            );
        }
        return;
    }
    for name in ["prompt", "output"] {
        if key(name).is_none() {
            fields
                .diagnostics()
                .push(Diagnostic::error(span, format!("`{name}` is missing in a service")).help(
                "write prompt = 4000 and output = 500, mean tokens of a request, or trace = \"requests.csv\"",
            ));
        }
    }
}
