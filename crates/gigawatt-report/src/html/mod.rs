//! The report: one HTML file that works offline, in light and dark, and on paper.
//!
//! It loads nothing and runs nothing. The same run gives the same bytes: no time, no machine, no version.

mod backtest;
mod bibliography;
mod claims;
mod costs;
mod figure;
mod fleet;
mod header;
mod inputs;
mod money;
mod number;
mod results;
mod sites;
mod view;
mod words;

use gigawatt_engine::Results;
use gigawatt_plan::plan::Plan;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Summary;
use view::View;

/// The page's style, kept as a file of its own so that editors understand it.
const STYLE: &str = include_str!("style.css");

/// The whole report as one HTML document.
pub fn report(plan: &Plan, results: &Results, summary: &Summary) -> String {
    let view = View::new(plan, results, summary);
    let sections: Vec<(&str, &str, Markup)> = [
        ("claims", words.claims, claims::claims(&view)),
        ("fleet", words.fleet, Some(fleet::fleet(&view))),
        ("money", words.money, money::money(&view)),
        ("costs", words.costs, costs::costs(&view)),
        ("sites", words.sites, sites::sites(&view)),
        ("outcomes", words.outcomes, backtest::backtest(&view)),
        ("results", words.results, results::results(&view)),
        ("inputs", words.inputs, Some(inputs::inputs(&view))),
        ("sources", words.sources, bibliography::bibliography(&view)),
    ]
    .into_iter()
    .filter_map(|(anchor, name, section)| Some((anchor, name, section?)))
    .collect();
    let names: Vec<(&str, &str)> = sections.iter().map(|(anchor, name, _)| (*anchor, *name)).collect();
    let page = html! {
        (DOCTYPE)
        html lang=(words.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (summary.name) " – gigawatt" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header::header(&view, &names))
                main {
                    @for (anchor, name, section) in &sections {
                        section id=(anchor) { h2 { (name) } (section) }
                    }
                }
                footer { p { (words.footer) } }
            }
        }
    };
    page.into_string()
}
