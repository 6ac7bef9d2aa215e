//! Every input with where it is from.

use maud::{Markup, html};

use super::cell::distribution;
use super::view::{View, code};
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
    let words = view.words;
    html! {
        p.lede { (words.inputs_lead) }
        @for (group, inputs) in &groups {
            details {
                summary { code { (group) } " " span { "(" (words.entries(inputs.len())) ")" } }
                (table(view, inputs))
            }
        }
        p.soft.folded { (words.folded_inputs) }
    }
}

fn table(view: &View<'_>, inputs: &[(&str, &InputSummary)]) -> Markup {
    let words = view.words;
    html! {
        div.scroll { table.inputs {
            thead { tr {
                th { (words.path) ", " (words.place) } th.number { (words.value) } th { (words.kind) } th { (words.source) }
                th { (words.known_from) } th { (words.note) }
            } }
            tbody {
                @for (path, input) in inputs {
                    tr {
                        th scope="row" { (code(path)) span.path { (code(&input.place)) } }
                        td.number { (distribution(words, input.dimension, input.distribution)) }
                        td { (words.kind_of(input.kind)) }
                        td { @if let Some(source) = &input.source { (view.citation(source)) } }
                        td.nowrap { @if let Some(day) = input.known_from { (day) } }
                        td.note { @if let Some(note) = &input.note { (note) } }
                    }
                }
            }
        } }
    }
}
