//! Reading demand.

use super::fields_demand as fields;
use super::read_items::{points, values};
use super::sections_demand::{DemandSection, RegionSection};
use crate::quantity::Dimension;
use crate::text::{Diagnostic, Diagnostics, Fields, Span, Table};

/// What only agents have.
const OF_AGENTS: [&str; 9] = [
    "side_calls",
    "side_prompt_tokens",
    "side_output_tokens",
    "success",
    "change_size",
    "engineer_changes",
    "engineer_cost",
    "review",
    "working_days",
];

pub(super) fn read_demand(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<DemandSection> {
    let mut fields = Fields::new("demand", table, span, fields::DEMAND, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let kind = fields.choice("kind");
    let service = fields.text("service");
    let (population, traffic) = (fields.text("population"), fields.text("traffic"));
    let users = points("users", fields::POINT_USERS, "count", Dimension::Count, &mut fields);
    let intensity = points("intensity", fields::POINT_INTENSITY, "factor", Dimension::Ratio, &mut fields);
    let users_written = fields.is_written("users");
    let regions = fields.is_written("regions").then(|| read_regions(&mut fields));
    if kind.as_ref().is_some_and(|kind| kind.value == "assistant") {
        for name in OF_AGENTS {
            let written = table.iter().find(|(key, _)| key.value == name).map(|(key, _)| key.span);
            if let Some(span) = written {
                fields.diagnostics().push(
                    Diagnostic::error(
                        span,
                        format!("`{name}` is not a field of a demand of the kind `assistant`"),
                    )
                    .help("it is one of the kind `agents`: leave it out, or write kind = \"agents\""),
                );
            }
        }
    }
    let values = values(&mut fields, fields::DEMAND);
    Some(DemandSection {
        name: name?,
        span,
        title,
        kind,
        service,
        population,
        traffic,
        users,
        users_written,
        intensity,
        regions,
        values,
    })
}

fn read_regions(fields: &mut Fields<'_>) -> Vec<RegionSection> {
    let mut regions = Vec::new();
    for (table, span) in fields.tables("regions") {
        let mut inner = Fields::new("a region", table, span, fields::DEMAND_REGION, fields.diagnostics());
        let name = inner.name("name");
        let share = inner.uncertain("share", Dimension::Ratio);
        let serves = inner.boolean("serves");
        regions.extend(name.map(|name| RegionSection { name, share, serves }));
    }
    regions
}
