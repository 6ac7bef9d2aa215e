//! The page of a comparison.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::cell::{cell, distribution};
use super::document;
use super::figure::drawn;
use super::view::code;
use crate::Words;
use crate::chart::{Axis, Body, Chart, FILLS, Group, Row, RowMark, Rows, Style};
use crate::compare::{At, ClaimSide, Comparison, InputDifference, Ranges, ResultDifference};
use crate::number::{change, signed};

/// What pages of comparisons are marked with.
pub const GENERATOR: &str = "gw compare";

/// Results that are drawn and listed, inputs that are listed.
const MOST: usize = 30;
/// Results that are drawn.
const DRAWN: usize = 15;
/// Inputs that are named under a result.
const MOVERS: usize = 3;
/// Ratios beyond which a result is not drawn beside the others.
const REACH: f64 = 4.0;

/// A comparison as one HTML document.
pub fn comparison(comparison: &Comparison, words: &Words) -> String {
    let names: Vec<&str> = comparison.runs.iter().map(|run| run.name.as_str()).collect();
    let title = words.compare(&names.join(", "));
    let body = html! {
        header {
            h1 { (title) }
            p.lead { @if comparison.nothing_differs() { (words.nothing_differs) } @else { (words.compare_lead) } }
        }
        main {
            section id="runs" { h2 { (words.compared_runs) } (runs(comparison, words)) }
            @if comparison.common_results > 0 {
                section id="results" {
                    h2 { (words.results) }
                    p.lede { (Words::differing(words.compare_results_lead_of, comparison.results.len(), comparison.common_results)) }
                    @if let Some(chart) = comparison_chart(comparison, words) { (drawn(words, &chart, words.compare_chart_description)) }
                    @if !comparison.results.is_empty() { (results(comparison, words)) }
                }
            }
            @if comparison.common_claims > 0 {
                section id="claims" {
                    h2 { (words.claims) }
                    p.lede { (Words::differing(words.compare_claims_lead_of, comparison.claims.len(), comparison.common_claims)) }
                    @if !comparison.claims.is_empty() { (claims(comparison, words)) }
                }
            }
            @if comparison.common_inputs > 0 {
                section id="inputs" {
                    h2 { (words.inputs) }
                    p.lede { (Words::differing(words.compare_inputs_lead_of, comparison.inputs.len(), comparison.common_inputs)) }
                    @if !comparison.inputs.is_empty() { (inputs(comparison, words)) }
                }
            }
            @for only in &comparison.only {
                details {
                    summary { (words.only_in(&only.runs, only.what)) " " span { "(" (words.entries(only.paths.len())) ")" } }
                    ul { @for path in &only.paths { li { (code(path)) } } }
                }
            }
        }
        footer { p { (words.footer_compare) } }
    };
    document(words, GENERATOR, &title, &body)
}

/// Intervals of the results that differ most, each over the median of the first run; nothing where none has one.
pub fn comparison_chart(comparison: &Comparison, words: &Words) -> Option<Chart> {
    let rows: Vec<Row> =
        comparison.results.iter().filter_map(|result| row(result, comparison)).take(DRAWN).collect();
    if rows.is_empty() {
        return None;
    }
    let layers = comparison
        .runs
        .iter()
        .zip(FILLS)
        .map(|(run, fill)| (format!("{}: {}", run.letter, run.name), Style::Spread(fill)));
    Some(Chart {
        name: "comparison".to_owned(),
        title: words.compare_chart.to_owned(),
        description: words.compare_chart_description.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.compare_chart_axis.to_owned(), dimension: Dimension::Ratio },
            base: 1.0,
            layers: layers.collect(),
            groups: vec![Group { name: String::new(), rows }],
        }),
    })
}

fn row(result: &ResultDifference, comparison: &Comparison) -> Option<Row> {
    let base = result.main.values.first()?.p50.filter(|median| *median != 0.0)?;
    let marks: Option<Vec<RowMark>> = result
        .main
        .values
        .iter()
        .take(FILLS.len().min(comparison.runs.len()))
        .enumerate()
        .map(|(run, value)| {
            let (p10, p50, p90) = (value.p10? / base, value.p50? / base, value.p90? / base);
            let within = [p10, p50, p90].iter().all(|part| part.abs() <= REACH);
            within.then(|| RowMark::spread(run, p10.min(p90), p50, p10.max(p90)))
        })
        .collect();
    let difference = result.main.differences.get(result.most).copied().flatten()?;
    let text = change(result.dimension, difference.ratio, difference.difference);
    Some(Row { name: format!("{}, {}", result.title, result.main.when), text, marks: marks? })
}

/// How far two values of a dimension are apart: shares in points.
fn apart(dimension: Dimension, difference: f64) -> String {
    signed(if dimension == Dimension::Ratio { Dimension::Points } else { dimension }, difference)
}

fn runs(comparison: &Comparison, words: &Words) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "" } th { (words.scenario) } th { (words.as_of) } th { (words.run) } th.number { (words.draws) } th.number { (words.seed) } } }
            tbody {
                @for run in &comparison.runs {
                    tr {
                        td { strong { (run.letter) } }
                        th scope="row" { (run.name) span.path { (code(&run.label)) } }
                        td.nowrap { (run.as_of) } td { code { (run.run) } } td.number { (run.samples) } td.number { (run.seed) }
                    }
                }
            }
        } }
    }
}

fn letters(comparison: &Comparison) -> impl Iterator<Item = char> {
    comparison.runs.iter().map(|run| run.letter)
}

fn results(comparison: &Comparison, words: &Words) -> Markup {
    html! {
        div.scroll { table.years {
            thead { tr {
                th { (words.result) } th { (words.when) }
                @for letter in letters(comparison) { th.number { (letter) } }
                th.number { (words.difference) } th { (words.ranges) }
            } }
            tbody { @for result in comparison.results.iter().take(MOST) { (result_line(result, words)) } }
        } }
        @if comparison.results.len() > MOST {
            details {
                summary { (words.results) " " span { "(" (words.entries(comparison.results.len() - MOST)) ")" } }
                div.scroll { table.years { tbody { @for result in comparison.results.iter().skip(MOST) { (result_line(result, words)) } } } }
            }
        }
        p.soft { (words.moved_by_note) }
    }
}

fn result_line(result: &ResultDifference, words: &Words) -> Markup {
    let At { when, values, differences, .. } = &result.main;
    let difference = differences.get(result.most).copied().flatten();
    html! {
        tr {
            th scope="row" { (result.title) span.path { (code(&result.path)) } }
            td.nowrap { (when) }
            @for value in values { (cell(result.dimension, Some(value))) }
            td.number { @if let Some(difference) = &difference { (change(result.dimension, difference.ratio, difference.difference)) } }
            td { @if let Some(difference) = &difference { (ranges(difference.ranges, words)) } }
        }
        @let others = result.rests_on_others();
        @if others || !result.moved_by.is_empty() {
            tr.why { td colspan=(values.len() + 4) {
                (words.moved_by) ": "
                @for mover in result.moved_by.iter().take(MOVERS) {
                    span.mover {
                        (code(&mover.input)) " " (apart(result.dimension, mover.effect))
                        @if !mover.computed { span.soft { " (" (words.estimated) ")" } }
                    } " "
                }
                @if others {
                    @for own in result.rests_on.iter().take(2 * MOVERS) {
                        span.mover { (code(&own.input)) span.soft { " (" (words.in_only(own.run)) ")" } } " "
                    }
                }
            } }
        }
    }
}

fn ranges(ranges: Ranges, words: &Words) -> Markup {
    match ranges {
        Ranges::Apart => html! { span.no { (words.apart) } },
        Ranges::Overlap => html! { (words.overlapping) },
    }
}

fn claims(comparison: &Comparison, words: &Words) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { (words.claim) } @for letter in letters(comparison) { th { (letter) } } } }
            tbody {
                @for claim in &comparison.claims {
                    tr {
                        th scope="row" { (claim.says) span.path { code { (claim.name) } } }
                        @for side in &claim.sides { td { (side_of(side, words)) } }
                    }
                }
            }
        } }
    }
}

fn side_of(side: &ClaimSide, words: &Words) -> Markup {
    html! {
        (words.verdict_of(side.verdict))
        @if let Some(probability) = side.probability { span.range { (format_quantity(Dimension::Ratio, probability)) } }
    }
}

fn inputs(comparison: &Comparison, words: &Words) -> Markup {
    html! {
        div.scroll { table.inputs {
            thead { tr {
                th { (words.path) } @for letter in letters(comparison) { th.number { (letter) } } th { (words.moves) }
            } }
            tbody { @for input in comparison.inputs.iter().take(MOST) { (input_line(input, comparison, words)) } }
        } }
        @if comparison.inputs.len() > MOST {
            details {
                summary { (words.inputs) " " span { "(" (words.entries(comparison.inputs.len() - MOST)) ")" } }
                div.scroll { table.inputs { tbody { @for input in comparison.inputs.iter().skip(MOST) { (input_line(input, comparison, words)) } } } }
            }
        }
    }
}

fn input_line(input: &InputDifference, comparison: &Comparison, words: &Words) -> Markup {
    html! {
        tr {
            th scope="row" { (code(&input.path)) @if !input.value_differs { span.path { (words.by_source_only) } } }
            @for side in &input.sides {
                td.number {
                    (distribution(words, input.dimension, side.distribution))
                    span.range { @match &side.source { Some(source) => (source), None => (words.kind_of(side.kind)) } }
                }
            }
            td { @for effect in input.moves.iter().take(MOVERS) {
                @if let Some(result) = comparison.results.iter().find(|result| result.path == effect.path) {
                    div.mover { (result.title) " " (apart(result.dimension, effect.effect)) }
                }
            } }
        }
    }
}
