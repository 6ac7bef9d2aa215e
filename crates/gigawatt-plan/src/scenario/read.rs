//! From text, extended scenarios and settings to a [`Scenario`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::fields;
use super::launch::load_launches;
use super::read_correlation::read_correlation;
use super::read_demand::read_demand;
use super::read_fleet::{read_fleet, read_workload};
use super::read_items::{
    read_claim, read_company, read_funding, read_investor, read_opening, read_overrides, read_purchase,
    read_segment, read_site, read_staff, read_target,
};
use super::read_power::read_power;
use super::read_ranking::read_ranking;
use super::read_serving::read_service;
use super::read_training::{load_models, read_training};
use super::sections::Scenario;
use crate::catalog::{Kind, read_bibliography};
use crate::text::{
    Diagnostic, Diagnostics, Fields, SourceMap, Span, Spanned, Table, Value, merge, nearest, parse_document,
    parse_setting, set_path, table_of,
};
use crate::world::World;

/// A scenario larger than this is a mistake.
const MAXIMUM_BYTES: u64 = 2 << 20;
/// Scenarios that extend one another deeper than this are a mistake.
const MAXIMUM_DEPTH: usize = 16;

/// What is read: the scenario's name in the world and the settings laid over it.
#[derive(Clone, Debug, Default)]
pub struct Texts<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// `path=value`, later ones win.
    pub settings: &'a [String],
    /// Whether claims are passed over, so that a wrong one does not hide the rest.
    pub without_claims: bool,
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
    if texts.without_claims {
        root.remove("claim");
    }
    let whole = Span { source: crate::text::SourceId(0), start: 0, end: 0 };
    let mut scenario = read_sections(&root, whole, diagnostics)?;
    super::read_series::load_series(&mut scenario, world, sources, diagnostics);
    load_models(&mut scenario, world, sources, diagnostics);
    load_launches(&mut scenario, world, sources, diagnostics);
    Some(scenario)
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
            None if asked_at.is_some() => diagnostic.help("name another scenario, relative to this one"),
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
        diagnostics.push(
            complain(format!("scenarios extend one another in a circle: {}", chain.join(" → ")), &[])
                .help("leave out one `extends` of the circle"),
        );
        return None;
    }
    if chain.len() >= MAXIMUM_DEPTH {
        diagnostics.push(
            complain(format!("scenarios extend one another more than {MAXIMUM_DEPTH} deep"), &[])
                .help("put some of them together"),
        );
        return None;
    }
    let mut bytes = Vec::new();
    if let Err(error) = stream.take(MAXIMUM_BYTES + 1).read_to_end(&mut bytes) {
        diagnostics.push(complain(format!("cannot read `{known_as}`: {error}"), &[]));
        return None;
    }
    if bytes.len() as u64 > MAXIMUM_BYTES {
        let message = format!("`{known_as}` is larger than {} MiB", MAXIMUM_BYTES >> 20);
        let help = "a scenario is written by hand, or by a program that puts together what is alike";
        diagnostics.push(complain(message, &[]).help(help));
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
    let mut companies = Vec::new();
    for (table, span) in fields.tables("company") {
        companies.push(read_company(table, span, fields.diagnostics()));
    }
    let (mut funding, mut investors) = (Vec::new(), Vec::new());
    for (table, span) in fields.tables("funding") {
        funding.extend(read_funding(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("investor") {
        investors.extend(read_investor(table, span, fields.diagnostics()));
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
    let mut training = Vec::new();
    for (table, span) in fields.tables("training") {
        training.extend(read_training(table, span, fields.diagnostics()));
    }
    let mut services = Vec::new();
    for (table, span) in fields.tables("service") {
        services.extend(read_service(table, span, fields.diagnostics()));
    }
    let (mut fleet, mut workloads) = (None, Vec::new());
    for (table, span) in read_all("fleet", root, &mut fields) {
        fleet = Some(read_fleet(table, span, fields.diagnostics()));
    }
    for (table, span) in fields.tables("workload") {
        workloads.extend(read_workload(table, span, fields.diagnostics()));
    }
    let mut demands = Vec::new();
    for (table, span) in fields.tables("demand") {
        demands.extend(read_demand(table, span, fields.diagnostics()));
    }
    let mut ranking = None;
    for (table, span) in read_all("ranking", root, &mut fields) {
        ranking = Some(read_ranking(table, span, fields.diagnostics()));
    }
    let mut power = Vec::new();
    for (table, span) in fields.tables("power") {
        power.push(read_power(table, span, fields.diagnostics()));
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
        names_of(&funding, |item| &item.name),
        names_of(&investors, |item| &item.name),
        companies.iter().filter_map(|item| item.name.as_ref()).collect(),
        names_of(&sites, |item| &item.name),
        names_of(&targets, |item| &item.name),
        names_of(&training, |item| &item.name),
        names_of(&services, |item| &item.name),
        names_of(&workloads, |item| &item.name),
        names_of(&demands, |item| &item.name),
        ranking.iter().flat_map(|item| names_of(&item.stages, |stage| &stage.name)).collect(),
        ranking.iter().flat_map(|item| names_of(&item.trainings, |part| &part.name)).collect(),
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
        companies,
        funding,
        investors,
        staff,
        segments,
        sites,
        openings,
        targets,
        purchases,
        training,
        services,
        fleet,
        workloads,
        demands,
        ranking,
        power,
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
            fields.diagnostics().push(
                Diagnostic::error(span, format!("`{key}` can stand only once, as [{key}]"))
                    .help("put its fields together"),
            );
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
