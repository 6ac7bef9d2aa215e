//! Every input with where it is from.

use maud::{Markup, html};

use super::number::distribution;
use super::view::{View, code};
use super::words;
use crate::InputSummary;

/// The section.
pub fn inputs(view: &View<'_>) -> Markup {
    let mut groups: Vec<(&str, Vec<(&str, &InputSummary)>)> = Vec::new();
    // The summary's inputs are sorted by path, so those of a group stand together.
    for (path, input) in &view.summary.inputs {
        let group = path.split('.').next().unwrap_or(path);
        match groups.last_mut() {
            Some((name, inputs)) if *name == group => inputs.push((path, input)),
            _ => groups.push((group, vec![(path, input)])),
        }
    }
    html! {
        p.lede { (words::INPUTS_LEAD) }
        @for (group, inputs) in &groups {
            details {
                summary { code { (group) } " " span { "(" (words::entries(inputs.len())) ")" } }
                (table(view, inputs))
            }
        }
        p.soft.folded { (words::FOLDED_INPUTS) }
    }
}

fn table(view: &View<'_>, inputs: &[(&str, &InputSummary)]) -> Markup {
    html! {
        div.scroll { table.inputs {
            thead { tr {
                th { (words::PATH) ", " (words::PLACE) } th.number { (words::VALUE) } th { (words::KIND) } th { (words::SOURCE) }
                th { (words::KNOWN_FROM) } th { (words::NOTE) }
            } }
            tbody {
                @for (path, input) in inputs {
                    tr {
                        th scope="row" { (code(path)) span.path { (code(&input.place)) } }
                        td.number { (distribution(input.dimension, input.distribution)) }
                        td { (input.kind.name()) }
                        td { @if let Some(source) = &input.source { (view.citation(source)) } }
                        td.nowrap { @if let Some(day) = input.known_from { (day) } }
                        td.note { @if let Some(note) = &input.note { (note) } }
                    }
                }
            }
        } }
    }
}
