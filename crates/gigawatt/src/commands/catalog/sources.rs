//! `gw catalog sources`.

use std::collections::BTreeMap;

use gigawatt_plan::catalog::{Catalogue, Reference};
use serde_json::json;

use super::show::source_text;
use super::{holds, to_json};
use crate::failure::Failure;
use crate::terminal;

pub(super) fn sources(catalogue: &Catalogue, text: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let uses = uses(catalogue);
    let found: Vec<(&String, &Reference)> = catalogue
        .bibliography()
        .iter()
        .filter(|(id, source)| {
            let texts = [id.as_str(), &source.title, &source.publisher, source.note.as_deref().unwrap_or("")];
            text.is_none_or(|text| texts.iter().any(|candidate| holds(candidate, text)))
        })
        .collect();
    if as_json {
        let mut document = serde_json::Map::new();
        for (id, source) in &found {
            let mut source = to_json(source)?;
            source["cited"] = json!(uses.get(id.as_str()).copied().unwrap_or(0));
            document.insert((*id).clone(), source);
        }
        return terminal::print_json(&json!({ "sources": document }));
    }
    if found.is_empty() {
        return terminal::print("no source is like that; `gw catalog sources` lists all\n");
    }
    let mut shown = String::new();
    for (id, source) in &found {
        shown.push_str(&source_text(id, source));
        let cited = match uses.get(id.as_str()).copied().unwrap_or(0) {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        shown.push_str(&format!("    cited {cited}\n"));
    }
    let noun = if found.len() == 1 { "source" } else { "sources" };
    shown.push_str(&format!("\n{} {noun}\n", found.len()));
    terminal::print(&shown)
}

/// How often each source is cited.
fn uses(catalogue: &Catalogue) -> BTreeMap<&str, usize> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in catalogue.entries() {
        let facts = entry.fields().flat_map(|field| entry.vintages(field));
        let of_facts =
            facts.filter_map(|fact| fact.written.source.as_ref()).map(|source| source.value.as_str());
        let quarters = entry.history.quarters.iter().map(|figures| figures.source.as_str());
        let years = entry.history.years.iter().map(|figures| figures.source.as_str());
        let architecture = entry.architecture.iter().map(|architecture| architecture.source.value.as_str());
        for id in of_facts.chain(quarters).chain(years).chain(architecture) {
            *uses.entry(id).or_default() += 1;
        }
    }
    uses
}
