//! From text, extended scenarios and settings to a [`Scenario`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::fields;
use super::sections::{
    ClaimSection, CompanySection, CorrelationSection, DatedValue, OpeningSection, Point, PurchaseSection,
    Scenario, SegmentSection, SiteSection, StaffSection, TargetSection, WrittenOver,
};
use crate::catalog::{Kind, read_bibliography};
use crate::plan::Aggregate;
use crate::quantity::Dimension;
use crate::text::{
    Diagnostic, Diagnostics, Field, FieldKind, Fields, Node, SourceMap, Span, Spanned, Table, Value, merge,
    nearest, parse_document, parse_setting, read_number, read_uncertain, set_path, table_of,
};
use crate::world::World;

/// A scenario larger than this is a mistake.
const MAXIMUM_BYTES: u64 = 4 << 20;
/// Scenarios that extend one another deeper than this are a mistake.
const MAXIMUM_DEPTH: usize = 16;

/// What is read: the scenario's name in the world and the settings laid over it.
#[derive(Clone, Debug, Default)]
pub struct Texts<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// `path=value`, later ones win.
    pub settings: &'a [String],
}

/// Reads a scenario with everything it extends and lays the settings over it. Diagnostics are collected;
/// `None` where too little could be understood to go on.
pub fn read_scenario(
    texts: &Texts<'_>,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<Scenario> {
    let mut root = read_tree(texts.scenario, None, &mut Vec::new(), world, sources, diagnostics)?;
    for setting in texts.settings {
        let source = sources.add("--set", setting.as_str());
        let result = parse_setting(sources, source).and_then(|(mut path, value)| {
            if is_fact(&path) {
                path.insert(0, Spanned { value: "override".to_owned(), span: path[0].span });
            }
            set_path(&mut root, &path, value)
        });
        if let Err(diagnostic) = result {
            diagnostics.push(diagnostic);
        }
    }
    let whole = Span { source: crate::text::SourceId(0), start: 0, end: 0 };
    read_sections(&root, whole, diagnostics)
}

/// Whether a setting's path leads to a fact of the catalogue and not to a section of the scenario.
fn is_fact(path: &[Spanned<String>]) -> bool {
    let [first, second, _, ..] = path else { return false };
    let section = first.value == "company" && fields::COMPANY.iter().any(|field| field.name == second.value);
    Kind::ALL.iter().any(|kind| kind.name() == first.value) && !section
}

fn read_tree(
    name: &str,
    asked_at: Option<(Span, &str)>,
    chain: &mut Vec<String>,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<Table> {
    let complain = |message: String, nearby: &[String]| {
        let diagnostic = match asked_at {
            Some((span, _)) => Diagnostic::error(span, message),
            None => Diagnostic::bare(message),
        };
        let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
        match nearest(file, nearby.iter().map(String::as_str).filter(|other| *other != file)) {
            Some(near) if folder.is_empty() => diagnostic.help(format!("did you mean `{near}`?")),
            Some(near) => diagnostic.help(format!("did you mean `{folder}/{near}`?")),
            None => diagnostic,
        }
    };
    let (known_as, stream) = match world.open(name, asked_at.map(|(_, from)| from)) {
        Ok(opened) => opened,
        Err(error) => {
            diagnostics.push(complain(error.to_string(), &error.nearby));
            return None;
        }
    };
    if chain.contains(&known_as) {
        chain.push(known_as);
        diagnostics
            .push(complain(format!("scenarios extend one another in a circle: {}", chain.join(" → ")), &[]));
        return None;
    }
    if chain.len() >= MAXIMUM_DEPTH {
        diagnostics
            .push(complain(format!("scenarios extend one another more than {MAXIMUM_DEPTH} deep"), &[]));
        return None;
    }
    let mut bytes = Vec::new();
    if let Err(error) = stream.take(MAXIMUM_BYTES + 1).read_to_end(&mut bytes) {
        diagnostics.push(complain(format!("cannot read `{known_as}`: {error}"), &[]));
        return None;
    }
    if bytes.len() as u64 > MAXIMUM_BYTES {
        diagnostics.push(complain(format!("`{known_as}` is larger than {} MiB", MAXIMUM_BYTES >> 20), &[]));
        return None;
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count();
            diagnostics.push(
                complain(format!("`{known_as}` is not UTF-8: byte {at} on line {line}"), &[])
                    .help("save it in the encoding UTF-8"),
            );
            return None;
        }
    };
    let source = sources.add(known_as.as_str(), text);
    let mut table = parse_document(sources, source, diagnostics)?;
    let Some(extends) = table.remove("extends") else { return Some(table) };
    let Value::Text(base_name) = &extends.value else {
        diagnostics.push(
            Diagnostic::error(
                extends.span,
                format!("`extends` is {}, expected a string", extends.value.noun()),
            )
            .help("name another scenario, relative to this one, such as \"base.toml\""),
        );
        return Some(table);
    };
    chain.push(known_as.clone());
    let base =
        read_tree(base_name, Some((extends.span, known_as.as_str())), chain, world, sources, diagnostics);
    chain.pop();
    let mut base = base?;
    merge(&mut base, table);
    Some(base)
}

fn read_sections(root: &Table, whole: Span, diagnostics: &mut Diagnostics) -> Option<Scenario> {
    let mut fields = Fields::new("a scenario", root, whole, fields::SCENARIO, diagnostics);
    let name = fields.text("name");
    let description = fields.text("description").map(|text| text.value);
    let as_of = fields.date("as_of");
    let period = fields.period("period");
    let year = fields.integer("year", 1990..=2100);
    let (mut samples, mut seed) = (None, None);
    for (table, span) in read_all("uncertainty", root, &mut fields) {
        let mut inner = Fields::new("uncertainty", table, span, fields::UNCERTAINTY, fields.diagnostics());
        samples = inner.integer("samples", 1..=100_000).and_then(|number| u32::try_from(number.value).ok());
        seed = inner.integer("seed", 0..=i64::MAX).and_then(|number| u64::try_from(number.value).ok());
    }
    let mut company = None;
    for (table, span) in read_all("company", root, &mut fields) {
        company = Some(read_company(table, span, fields.diagnostics()));
    }
    let (mut staff, mut segments, mut sites) = (Vec::new(), Vec::new(), Vec::new());
    let (mut openings, mut targets, mut purchases) = (Vec::new(), Vec::new(), Vec::new());
    let (mut correlations, mut claims) = (Vec::new(), Vec::new());
    for (table, span) in fields.tables("staff") {
        staff.extend(read_staff(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("segment") {
        segments.extend(read_segment(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("site") {
        sites.extend(read_site(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("opening") {
        openings.extend(read_opening(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("target") {
        targets.extend(read_target(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("purchase") {
        purchases.extend(read_purchase(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("correlation") {
        correlations.extend(read_correlation(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("claim") {
        claims.extend(read_claim(table, span, fields.diagnostics()));
    }
    let mut bibliography = BTreeMap::new();
    if let Some(node) = fields.node("source")
        && let Some(table) = table_of(node, "source", fields.diagnostics())
    {
        read_bibliography(table, &mut bibliography, fields.diagnostics());
    }
    let mut overrides = Vec::new();
    if let Some(node) = fields.node("override")
        && let Some(table) = table_of(node, "override", fields.diagnostics())
    {
        read_overrides(table, &mut overrides, fields.diagnostics());
    }

    for names in [
        names_of(&staff, |item| &item.name),
        names_of(&segments, |item| &item.name),
        names_of(&sites, |item| &item.name),
        names_of(&targets, |item| &item.name),
        names_of(&correlations, |item| &item.name),
        names_of(&claims, |item| &item.name),
        openings.iter().map(|item| &item.name).chain(purchases.iter().map(|item| &item.name)).collect(),
    ] {
        report_duplicates(&names, diagnostics);
    }
    // A scenario without a name goes on as far as it can: its other mistakes are worth knowing.
    let name = name.unwrap_or(Spanned { value: String::new(), span: whole });
    Some(Scenario {
        name,
        description,
        as_of: as_of?,
        period: period?,
        year,
        samples,
        seed,
        company,
        staff,
        segments,
        sites,
        openings,
        targets,
        purchases,
        correlations,
        claims,
        bibliography,
        overrides,
    })
}

/// The tables of a section that may stand once.
fn read_all<'a>(key: &str, root: &'a Table, fields: &mut Fields<'a>) -> Vec<(&'a Table, Span)> {
    let found = fields.tables(key);
    if found.len() > 1 || root.get(key).is_some_and(|node| matches!(node.value, Value::Array(_))) {
        let span = found.last().map(|(_, span)| *span);
        if let Some(span) = span {
            fields
                .diagnostics()
                .push(Diagnostic::error(span, format!("`{key}` can stand only once, as [{key}]")));
        }
        return Vec::new();
    }
    found
}

fn names_of<T>(items: &[T], name: impl Fn(&T) -> &Spanned<String>) -> Vec<&Spanned<String>> {
    items.iter().map(name).collect()
}

fn report_duplicates(names: &[&Spanned<String>], diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for name in names {
        match seen.get(name.value.as_str()) {
            Some(first) if reported.insert(name.span) => diagnostics.push(
                Diagnostic::error(name.span, format!("the name `{}` is used twice", name.value))
                    .label("second")
                    .also(*first, "first")
                    .help("give one of them another name"),
            ),
            Some(_) => {}
            None => {
                seen.insert(&name.value, name.span);
            }
        }
    }
}

fn values(
    fields: &mut Fields<'_>,
    known: &'static [Field],
) -> BTreeMap<&'static str, Spanned<crate::fact::Written>> {
    let mut values = BTreeMap::new();
    for field in known {
        if let FieldKind::Uncertain(dimension) = field.kind
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

fn points(
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
const COMPANY_DATED: [(&str, Dimension); 8] = [
    ("revenue", Dimension::Money),
    ("revenue_growth", Dimension::Ratio),
    ("operating_cash_flow_share", Dimension::Ratio),
    ("capital_expenditure", Dimension::Money),
    ("capital_expenditure_growth", Dimension::Ratio),
    ("outside_ai", Dimension::Money),
    ("total_costs", Dimension::Money),
    ("other_cost_growth", Dimension::Ratio),
];

fn read_company(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> CompanySection {
    let mut fields = Fields::new("company", table, span, fields::COMPANY, diagnostics);
    CompanySection {
        span,
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

fn read_staff(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<StaffSection> {
    let mut fields = Fields::new("staff", table, span, fields::STAFF, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let people = fields.uncertain("people", Dimension::Count);
    let growth = dated("growth", Dimension::Ratio, &mut fields);
    let cost = fields.uncertain("cost", Dimension::MoneyPerTime);
    Some(StaffSection { name: name?, title, people, growth, cost })
}

fn read_segment(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<SegmentSection> {
    let mut fields = Fields::new("segment", table, span, fields::SEGMENT, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let loss = dated("loss", Dimension::Money, &mut fields);
    let loss_growth = dated("loss_growth", Dimension::Ratio, &mut fields);
    Some(SegmentSection { name: name?, title, loss, loss_growth })
}

fn read_site(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<SiteSection> {
    let mut fields = Fields::new("site", table, span, fields::SITE, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let campus = fields.text("campus");
    let practice = fields.text("practice");
    let electricity = fields.text("electricity");
    let construction = fields.text("construction");
    let online = points("online", fields::POINT_POWER, "power", Dimension::Power, &mut fields);
    let racks = points("racks", fields::POINT_COUNT, "count", Dimension::Count, &mut fields);
    let values = values(&mut fields, fields::SITE);
    Some(SiteSection {
        name: name?,
        span,
        title,
        campus,
        practice,
        electricity,
        construction,
        online,
        racks,
        values,
    })
}

fn read_opening(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<OpeningSection> {
    let mut fields = Fields::new("opening", table, span, fields::OPENING, diagnostics);
    let name = fields.name("name");
    let (system, site) = (fields.text("system"), fields.text("site"));
    let gpus = fields.uncertain("gpus", Dimension::Count);
    let retire = fields.period("retire");
    Some(OpeningSection { name: name?, system, site, gpus, retire })
}

fn read_target(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<TargetSection> {
    let mut fields = Fields::new("target", table, span, fields::TARGET, diagnostics);
    let name = fields.name("name");
    let gpus = fields.uncertain("gpus", Dimension::Count);
    let on = fields.date("on");
    Some(TargetSection { name: name?, gpus, on })
}

fn read_purchase(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<PurchaseSection> {
    let mut fields = Fields::new("purchase", table, span, fields::PURCHASE, diagnostics);
    let name = fields.name("name");
    let (system, site, target) = (fields.text("system"), fields.text("site"), fields.text("target"));
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
    Some(PurchaseSection { name: name?, span, system, site, target, deliver, retire, values })
}

fn number_in(
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

fn read_correlation(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<CorrelationSection> {
    let mut fields = Fields::new("correlation", table, span, fields::CORRELATION, diagnostics);
    let name = fields.text("name");
    let inputs = fields.texts("inputs");
    let coefficient = number_in("coefficient", 0.0..=1.0, &mut fields);
    Some(CorrelationSection { name: name?, inputs, coefficient })
}

const AGGREGATES: [(&str, Aggregate); 5] = [
    ("sum", Aggregate::Sum),
    ("mean", Aggregate::Mean),
    ("max", Aggregate::Max),
    ("min", Aggregate::Min),
    ("change", Aggregate::Change),
];

fn read_claim(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<ClaimSection> {
    let mut fields = Fields::new("claim", table, span, fields::CLAIM, diagnostics);
    let name = fields.name("name");
    let (says, value, source) = (fields.text("says"), fields.text("value"), fields.text("source"));
    let at = fields.date("at");
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

fn read_overrides(
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
