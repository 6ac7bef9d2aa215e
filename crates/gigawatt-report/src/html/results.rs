//! Every result by year.

use gigawatt_plan::plan::ResultId;
use maud::{Markup, html};

use super::cell::cell;
use super::view::{View, code};

/// The section.
pub fn results(view: &View<'_>) -> Option<Markup> {
    if view.years.is_empty() {
        return None;
    }
    let words = view.words;
    let main = main_results(view);
    Some(html! {
        p.lede { (words.results_lead) }
        h3 { (words.main_results) }
        (table(view, &main, false))
        @for (engine, paths) in by_engine(view) {
            details {
                summary { code { (engine) } " " span { "(" (words.entries(paths.len())) ")" } }
                (table(view, &paths, true))
            }
        }
        p.soft.folded { (words.folded_results) }
    })
}

fn main_results<'a>(view: &View<'a>) -> Vec<&'a str> {
    let vocabulary = &view.plan.vocabulary;
    let (buildout, facility) = (&vocabulary.buildout, &vocabulary.facility);
    let mut ids: Vec<ResultId> = vec![
        buildout.owned,
        buildout.online,
        buildout.accelerators_owned,
        buildout.h100_owned,
        buildout.power_online,
        facility.online,
        facility.drawn,
        facility.energy,
        facility.carbon,
    ];
    ids.extend(facility.water);
    if let Some(finance) = &vocabulary.finance {
        ids.extend([
            finance.capex,
            finance.capex_hardware,
            finance.capex_halls,
            finance.capex_other,
            finance.operating_cash_flow,
            finance.free_cash_flow,
            finance.depreciation,
            finance.operating_income,
        ]);
    }
    ids.into_iter().map(|id| view.path(id)).collect()
}

/// Paths by the engine that computes them, in the order of the vocabulary.
fn by_engine<'a>(view: &View<'a>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut engines: Vec<(&str, Vec<&str>)> = Vec::new();
    for path in &view.plan.vocabulary.paths {
        let path = path.path.as_str();
        let engine = path.split('.').next().unwrap_or(path);
        match engines.iter_mut().find(|(name, _)| *name == engine) {
            Some((_, paths)) => paths.push(path),
            None => engines.push((engine, vec![path])),
        }
    }
    engines
}

fn table(view: &View<'_>, paths: &[&str], with_path: bool) -> Markup {
    let words = view.words;
    let known = |path: &&&str| view.years.iter().any(|year| view.of_year(path, *year).is_some());
    html! {
        div.scroll { table.years {
            thead { tr { th { (words.result) } @for year in &view.years { th.number scope="col" { (year) } } } }
            tbody {
                @for path in paths.iter().filter(known) {
                    @if let Some(result) = view.summary.results.get(*path) {
                        tr {
                            th scope="row" title=(result.law) {
                                (result.title)
                                @if with_path { span.path { (code(path)) } }
                            }
                            @for year in &view.years { (cell(result.dimension, view.of_year(path, *year))) }
                        }
                    }
                }
            }
        } }
    }
}
