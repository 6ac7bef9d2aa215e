//! Reading the items of a scenario's sections.

use std::collections::BTreeMap;

use super::fields;
use super::fields_cooling::COOLING;
use super::sections::{
    ClaimSection, CompanySection, DatedValue, FundingSection, InvestorSection, OpeningSection, Point,
    PurchaseSection, SegmentSection, SiteSection, StaffSection, TargetSection, WrittenOver,
};
use super::sections_cooling::{CoolingSection, WeatherSection};
use crate::catalog::Kind;
use crate::plan::Aggregate;
use crate::quantity::Dimension;
use crate::text::{
    Diagnostic, Diagnostics, Field, FieldKind, Fields, Node, Span, Spanned, Table, Value, read_number,
    read_uncertain, table_of,
};

pub(super) fn values(
    fields: &mut Fields<'_>,
    known: &'static [Field],
) -> BTreeMap<&'static str, Spanned<crate::fact::Written>> {
    let mut values = BTreeMap::new();
    for field in known {
        if let FieldKind::Uncertain(dimension) | FieldKind::UncertainOrSeries(dimension) = field.kind
            && !fields.node(field.name).is_some_and(super::read_series::is_series)
            && let Some(value) = fields.uncertain(field.name, dimension)
        {
            values.insert(field.name, value);
        }
    }
    values
}

fn dated(name: &str, dimension: Dimension, fields: &mut Fields<'_>) -> Vec<DatedValue> {
    let mut all: Vec<DatedValue> = Vec::new();
    for (table, span) in fields.tables(name) {
        let mut inner = Fields::new(name, table, span, fields::DATED, fields.diagnostics());
        let period = inner.period("in");
        let value = inner.uncertain("value", dimension);
        if let (Some(period), Some(value)) = (period, value) {
            let overlaps = |first: &&DatedValue| {
                first.period.value.start < period.value.end && period.value.start < first.period.value.end
            };
            if let Some(first) = all.iter().find(overlaps) {
                let message = if first.period.value == period.value {
                    format!("`{name}` of {} is given twice", period.value)
                } else {
                    format!("`{name}` of {} overlaps that of {}", period.value, first.period.value)
                };
                fields.diagnostics().push(
                    Diagnostic::error(period.span, message)
                        .label("second")
                        .also(first.period.span, "first")
                        .help("stretches of one list cannot overlap: give every quarter or year once"),
                );
            }
            all.push(DatedValue { period, value });
        }
    }
    all
}

pub(super) fn points(
    name: &str,
    known: &'static [Field],
    key: &str,
    dimension: Dimension,
    fields: &mut Fields<'_>,
) -> Vec<Point> {
    let mut all: Vec<Point> = Vec::new();
    if let Some(Spanned { value: Value::Array(items), span }) = fields.node(name)
        && items.is_empty()
    {
        fields.diagnostics().push(Diagnostic::error(*span, format!("`{name}` is empty")).help(format!(
            "name at least one day: [{{ on = 2025-12-31, {key} = {} }}]",
            dimension.example()
        )));
    }
    for (table, span) in fields.tables(name) {
        let mut inner = Fields::new(name, table, span, known, fields.diagnostics());
        let on = inner.date("on");
        let value = inner.uncertain(key, dimension);
        let (Some(on), Some(value)) = (on, value) else { continue };
        // An extending scenario adds its days after those of its base: only within one text is order meant.
        let disorder = |before: &&Point| {
            before.on.value == on.value
                || (before.on.value > on.value && before.on.span.source == on.span.source)
        };
        if let Some(before) = all.last().filter(disorder) {
            let message =
                format!("{} is not later than {}, which stands before it", on.value, before.on.value);
            fields.diagnostics().push(
                Diagnostic::error(on.span, message)
                    .also(before.on.span, "stands before it")
                    .help("write days in rising order"),
            );
        }
        all.push(Point { on, value });
    }
    all.sort_by_key(|point| point.on.value);
    all
}

/// Fields of `[company]` that hold dated values, with their dimension.
const COMPANY_DATED: [(&str, Dimension); 9] = [
    ("revenue", Dimension::Money),
    ("revenue_growth", Dimension::Ratio),
    ("operating_cash_flow_share", Dimension::Ratio),
    ("capital_expenditure", Dimension::Money),
    ("capital_expenditure_growth", Dimension::Ratio),
    ("outside_ai", Dimension::Money),
    ("total_costs", Dimension::Money),
    ("other_cost_growth", Dimension::Ratio),
    ("shareholder_returns", Dimension::Money),
];

pub(super) fn read_company(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> CompanySection {
    let mut fields = Fields::new("company", table, span, fields::COMPANY, diagnostics);
    CompanySection {
        span,
        name: fields.is_written("name").then(|| fields.name("name")).flatten(),
        title: fields.text("title").map(|text| text.value),
        history: fields.text("history"),
        until: fields.integer("until", 1990..=2100),
        practice: fields.text("practice"),
        dated: COMPANY_DATED
            .into_iter()
            .map(|(name, dimension)| (name, dated(name, dimension, &mut fields)))
            .collect(),
        values: values(&mut fields, fields::COMPANY),
    }
}

pub(super) fn read_staff(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<StaffSection> {
    let mut fields = Fields::new("staff", table, span, fields::STAFF, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let company = fields.text("company");
    let people = fields.uncertain("people", Dimension::Count);
    let growth = dated("growth", Dimension::Ratio, &mut fields);
    let cost = fields.uncertain("cost", Dimension::MoneyPerTime);
    Some(StaffSection { name: name?, title, company, people, growth, cost })
}

pub(super) fn read_funding(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<FundingSection> {
    let mut fields = Fields::new("funding", table, span, fields::FUNDING, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let (company, kind) = (fields.text("company"), fields.choice("kind"));
    let covers = fields.texts("covers");
    let (since, starts) = (fields.date("since"), fields.date("starts"));
    let values = values(&mut fields, fields::FUNDING);
    Some(FundingSection { name: name?, span, title, company, kind, covers, since, starts, values })
}

pub(super) fn read_investor(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<InvestorSection> {
    let mut fields = Fields::new("investor", table, span, fields::INVESTOR, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let company = fields.text("company");
    let announced = points("announced", fields::POINT_MONEY, "amount", Dimension::Money, &mut fields);
    let committed = points("committed", fields::POINT_MONEY, "amount", Dimension::Money, &mut fields);
    Some(InvestorSection { name: name?, title, company, announced, committed })
}

pub(super) fn read_segment(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<SegmentSection> {
    let mut fields = Fields::new("segment", table, span, fields::SEGMENT, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let company = fields.text("company");
    let loss = dated("loss", Dimension::Money, &mut fields);
    let loss_growth = dated("loss_growth", Dimension::Ratio, &mut fields);
    Some(SegmentSection { name: name?, title, company, loss, loss_growth })
}

pub(super) fn read_site(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<SiteSection> {
    let mut fields = Fields::new("site", table, span, fields::SITE, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let company = fields.text("company");
    let construction_schedule = fields.choice("construction_schedule");
    let campus = fields.text("campus");
    let practice = fields.text("practice");
    let electricity = fields.text("electricity");
    let grid = fields.text("grid");
    let construction = fields.text("construction");
    let online = points("online", fields::POINT_POWER, "power", Dimension::Power, &mut fields);
    let racks = points("racks", fields::POINT_COUNT, "count", Dimension::Count, &mut fields);
    let series = super::read_series::read_series(&mut fields, fields::SITE);
    let utc_offset = super::read_series::read_offset(&mut fields);
    let weather = fields.text("weather").map(|file| WeatherSection { file, read: None });
    let cooling = read_cooling(&mut fields);
    let values = values(&mut fields, fields::SITE);
    Some(SiteSection {
        name: name?,
        span,
        title,
        company,
        construction_schedule,
        campus,
        practice,
        electricity,
        grid,
        construction,
        utc_offset,
        series,
        weather,
        cooling,
        online,
        racks,
        values,
    })
}

/// The cooling of a site; a second one is told.
fn read_cooling(fields: &mut Fields<'_>) -> Option<CoolingSection> {
    let tables = fields.tables("cooling");
    if let Some((_, span)) = tables.get(1) {
        fields.diagnostics().push(
            Diagnostic::error(*span, "the site has a second `cooling`")
                .help("a site has one plant; split the site"),
        );
    }
    let (table, span) = *tables.first()?;
    let mut fields = Fields::new("cooling", table, span, COOLING, fields.diagnostics());
    let plant = fields.text("plant");
    Some(CoolingSection { span, plant, values: values(&mut fields, COOLING) })
}

pub(super) fn read_opening(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<OpeningSection> {
    let mut fields = Fields::new("opening", table, span, fields::OPENING, diagnostics);
    let name = fields.name("name");
    let (system, site) = (fields.text("system"), fields.text("site"));
    let gpus = fields.uncertain("gpus", Dimension::Count);
    let retire = fields.period("retire");
    Some(OpeningSection { name: name?, system, site, gpus, retire })
}

pub(super) fn read_target(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<TargetSection> {
    let mut fields = Fields::new("target", table, span, fields::TARGET, diagnostics);
    let name = fields.name("name");
    let gpus = fields.uncertain("gpus", Dimension::Count);
    let on = fields.date("on");
    Some(TargetSection { name: name?, gpus, on })
}

pub(super) fn read_purchase(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<PurchaseSection> {
    let mut fields = Fields::new("purchase", table, span, fields::PURCHASE, diagnostics);
    let name = fields.name("name");
    let (system, site, target) = (fields.text("system"), fields.text("site"), fields.text("target"));
    let company = fields.text("company");
    let (deliver, retire) = (fields.period("deliver"), fields.period("retire"));
    let values = values(&mut fields, fields::PURCHASE);
    let complete = match (values.contains_key("gpus"), target.is_some(), values.contains_key("share")) {
        (true, false, false) | (false, true, true) => true,
        // Written and not readable, which was told.
        _ => ["gpus", "share", "target"].iter().any(|key| {
            table.get(key).is_some() && !values.contains_key(key) && (*key != "target" || target.is_none())
        }),
    };
    if !complete {
        diagnostics.push(
            Diagnostic::error(span, "a purchase says either `gpus` or both `target` and `share`")
                .help("gpus = 100_000, or target = \"gpus-2025\" with share = 0.4"),
        );
    }
    Some(PurchaseSection { name: name?, span, system, site, company, target, deliver, retire, values })
}

pub(super) fn number_in(
    name: &str,
    range: std::ops::RangeInclusive<f64>,
    fields: &mut Fields<'_>,
) -> Option<Spanned<f64>> {
    let node = fields.node(name)?;
    let value = read_number(node, name, Dimension::Ratio, fields.diagnostics())?;
    if !range.contains(&value) {
        fields.diagnostics().push(
            Diagnostic::error(node.span, format!("`{name}` is {value}, out of its range")).help(format!(
                "expected {} to {}",
                range.start(),
                range.end()
            )),
        );
        return None;
    }
    Some(Spanned { value, span: node.span })
}

const AGGREGATES: [(&str, Aggregate); 5] = [
    ("sum", Aggregate::Sum),
    ("mean", Aggregate::Mean),
    ("max", Aggregate::Max),
    ("min", Aggregate::Min),
    ("change", Aggregate::Change),
];

pub(super) fn read_claim(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<ClaimSection> {
    let mut fields = Fields::new("claim", table, span, fields::CLAIM, diagnostics);
    let name = fields.name("name");
    let (says, value, source) = (fields.text("says"), fields.text("value"), fields.text("source"));
    let at = fields.moment("at");
    let confidence = number_in("confidence", 0.5..=1.0, &mut fields);
    let informative = fields.boolean("informative").unwrap_or(false);
    let judged_by = fields.text("judged_by");
    let (at_least, at_most) = (fields.node("at_least").cloned(), fields.node("at_most").cloned());
    let mut over = None;
    if let Some(node) = fields.node("over")
        && let Some(inner) = table_of(node, "over", fields.diagnostics())
    {
        let mut stretch = Fields::new("over", inner, node.span, fields::OVER, fields.diagnostics());
        let mut found: Vec<WrittenOver> = Vec::new();
        for (keyword, aggregate) in AGGREGATES {
            found.extend(stretch.period(keyword).map(|period| WrittenOver { aggregate, keyword, period }));
        }
        if found.len() > 1 || inner.iter().next().is_none() {
            fields.diagnostics().push(
                Diagnostic::error(
                    node.span,
                    "`over` holds exactly one of `sum`, `mean`, `max`, `min` and `change`",
                )
                .help("such as over = { sum = 2025 }"),
            );
        }
        over = found.into_iter().next();
    }
    // What is written and could not be read was told; the rest of the claim would only seem incomplete.
    let read = [
        ("value", value.is_some()),
        ("at", at.is_some()),
        ("over", over.is_some()),
        ("judged_by", judged_by.is_some()),
        ("at_least", at_least.is_some()),
        ("at_most", at_most.is_some()),
    ];
    if read.iter().any(|(key, read)| fields.is_written(key) && !read) {
        return None;
    }
    Some(ClaimSection {
        name: name?,
        span,
        says,
        value,
        at,
        over,
        at_least,
        at_most,
        confidence,
        source,
        informative,
        judged_by,
    })
}

pub(super) fn read_overrides(
    table: &Table,
    overrides: &mut Vec<(Spanned<String>, Node)>,
    diagnostics: &mut Diagnostics,
) {
    for (kind_key, kind_node) in table.iter() {
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == kind_key.value) else {
            diagnostics.push(
                Diagnostic::error(kind_key.span, format!("the catalogue has no kind `{}`", kind_key.value))
                    .suggest(&kind_key.value, Kind::ALL.iter().map(|kind| kind.name())),
            );
            continue;
        };
        let Some(entries) = table_of(kind_node, &kind_key.value, diagnostics) else { continue };
        for (entry_key, entry_node) in entries.iter() {
            let Some(facts) = table_of(entry_node, &entry_key.value, diagnostics) else { continue };
            for (field_key, node) in facts.iter() {
                let Some((_, dimension)) =
                    kind.quantities().iter().find(|(field, _)| *field == field_key.value)
                else {
                    // Texts, integers and architectures are read where they are laid over the catalogue.
                    if kind.has_field(&field_key.value) {
                        let path = format!("{}.{}.{}", kind.name(), entry_key.value, field_key.value);
                        overrides.push((Spanned { value: path, span: field_key.span }, node.clone()));
                        continue;
                    }
                    diagnostics.push(
                        Diagnostic::error(
                            field_key.span,
                            format!("`{}` is not a field of {}", field_key.value, kind.name()),
                        )
                        .suggest(&field_key.value, kind.quantities().iter().map(|(field, _)| *field)),
                    );
                    continue;
                };
                if read_uncertain(node, &field_key.value, *dimension, diagnostics).is_some() {
                    let path = format!("{}.{}.{}", kind.name(), entry_key.value, field_key.value);
                    overrides.push((Spanned { value: path, span: field_key.span }, node.clone()));
                }
            }
        }
    }
}
