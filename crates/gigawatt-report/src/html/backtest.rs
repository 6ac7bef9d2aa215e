//! What became known since, beside the forecast.

use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::cell::median_over_spread;
use super::figure::{figure, legend};
use super::view::View;
use crate::chart::{
    Across, Axis, Body, Chart, Datum, Finest, Interval, Layer, Panel, Plane, Shape, Style, interval_strip,
};
use crate::number::{is_certain, range, shown, signed};
use crate::{OutcomeSummary, Value, Words};

/// The section; nothing where nothing is known.
pub fn backtest(view: &View<'_>) -> Option<Markup> {
    let words = view.words;
    let outcomes = &view.summary.outcomes;
    if outcomes.is_empty() {
        return None;
    }
    let mut sorted: Vec<&OutcomeSummary> = outcomes.iter().collect();
    // Stable: within a period the results keep the order of the accounts.
    sorted.sort_by(|a, b| a.when.cmp(&b.when));
    let (years, quarters): (Vec<&OutcomeSummary>, Vec<&OutcomeSummary>) =
        sorted.into_iter().partition(|outcome| !outcome.when.contains('Q'));
    let inside = outcomes.iter().filter(|outcome| outcome.inside).count();
    let share =
        f64::from(u32::try_from(inside).unwrap_or(0)) / f64::from(u32::try_from(outcomes.len()).unwrap_or(1));
    let key = [
        (Style::Spread(""), words.spread.to_owned()),
        (Style::Line("median"), words.median.to_owned()),
        (Style::Diamond, words.outcome.to_owned()),
    ];
    Some(html! {
        p.lede { (words.inside_share(inside, outcomes.len(), &format_quantity(Dimension::Ratio, share))) }
        @if !years.is_empty() {
            (misses(words, &years))
            h3 { (words.years) }
            (legend("", &key))
            (table(view, &years))
        }
        @if !quarters.is_empty() {
            h3 { (words.quarters) }
            @for chart in charts(view) {
                (figure(words, &chart, &chart.description))
            }
            details {
                summary { (words.quarters) " " span { "(" (words.entries(quarters.len())) ")" } }
                (table(view, &quarters))
            }
            p.soft.folded { (words.folded_quarters) }
        }
    })
}

/// Results that are drawn by quarter, where outcomes of them are known.
const DRAWN: usize = 4;

/// For the results with most outcomes by quarter, the forecast beside what happened.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let words = view.words;
    let mut paths: Vec<(&str, Vec<(Quarter, &OutcomeSummary)>)> = Vec::new();
    for outcome in &view.summary.outcomes {
        let Some(quarter) = view.quarters().find(|quarter| quarter.to_string() == outcome.when) else {
            continue;
        };
        match paths.iter_mut().find(|(path, _)| *path == outcome.path) {
            Some((_, found)) => found.push((quarter, outcome)),
            None => paths.push((&outcome.path, vec![(quarter, outcome)])),
        }
    }
    // One quarter is a line of the table and no chart.
    paths.retain(|(_, found)| found.len() > 1);
    paths.truncate(DRAWN);
    paths.into_iter().filter_map(|(path, found)| by_quarter(view, words, path, found)).collect()
}

fn by_quarter(
    view: &View<'_>,
    words: &Words,
    path: &str,
    mut found: Vec<(Quarter, &OutcomeSummary)>,
) -> Option<Chart> {
    found.sort_by_key(|(quarter, _)| *quarter);
    let (first, last) = (found.first()?.0, found.last()?.0);
    let outcome = found.first()?.1;
    let stretch = |quarter: Quarter| (quarter.start().days(), quarter.end().days());
    let forecast = |quarter: Quarter, value: &Value| {
        Some(Datum::spread(stretch(quarter), (value.p10?, value.p50?, value.p90?)))
    };
    let mut layers = vec![Layer {
        name: format!("{}, {}", words.forecast, words.spread),
        style: Style::Spread("f5"),
        shape: Shape::Spread,
        slot: (0, 1),
        data: found.iter().filter_map(|(quarter, outcome)| forecast(*quarter, &outcome.forecast)).collect(),
    }];
    let later: Vec<Datum> = found
        .iter()
        .filter_map(|(quarter, outcome)| Some((quarter, outcome, with_hindsight(view, outcome)?)))
        // What was known by then is no forecast.
        .filter(|(_, outcome, value)| !is_certain(outcome.dimension, value))
        .filter_map(|(quarter, _, value)| forecast(*quarter, value))
        .collect();
    if !later.is_empty() {
        layers[0].slot = (0, 2);
        let name = format!("{}, {}", words.hindsight, words.spread);
        layers.push(Layer {
            name,
            style: Style::Spread("f7"),
            shape: Shape::Spread,
            slot: (1, 2),
            data: later,
        });
    }
    layers.push(Layer {
        name: words.outcome.to_owned(),
        style: Style::Diamond,
        shape: Shape::Sign,
        slot: (0, 1),
        data: found
            .iter()
            .map(|(quarter, outcome)| Datum::over(stretch(*quarter), outcome.known.value))
            .collect(),
    });
    let stops = found.iter().map(|(quarter, _)| {
        let (from, to) = stretch(*quarter);
        (from, to, quarter.to_string())
    });
    let stops = stops.collect();
    Some(Chart {
        name: format!("outcome-{}", path.replace(['.', '_'], "-")),
        title: words.backtest_chart(&outcome.title),
        description: words.quarters_inside(inside(&found), found.len()),
        body: Body::Plane(Plane {
            across: Across::Time {
                period: Period { start: first.start(), end: last.end() },
                finest: Finest::Quarters,
            },
            panels: vec![Panel {
                upright: Axis { name: words.per_quarter.to_owned(), dimension: outcome.dimension },
                height: (170.0, 150.0),
                layers,
            }],
            stops,
            divider: None,
        }),
    })
}

fn inside(found: &[(Quarter, &OutcomeSummary)]) -> usize {
    found.iter().filter(|(_, outcome)| outcome.inside).count()
}

/// What the forecast of each year got wrong, and on which side.
fn misses(words: &Words, years: &[&OutcomeSummary]) -> Markup {
    let mut missed: Vec<&OutcomeSummary> = years.iter().copied().filter(|outcome| !outcome.inside).collect();
    missed.sort_by(|a, b| relative_error(b).abs().total_cmp(&relative_error(a).abs()));
    let mut whens: Vec<&str> = missed.iter().map(|outcome| outcome.when.as_str()).collect();
    whens.sort_unstable();
    whens.dedup();
    html! {
        @if missed.is_empty() {
            p { (words.none_missed) }
        } @else {
            h3 { (words.missed) }
            ul.missed {
                @for when in whens {
                    @for (above, side) in [(true, words.too_low), (false, words.too_high)] {
                        @let misses: Vec<String> = missed
                            .iter()
                            .filter(|outcome| outcome.when == when && lies_above(outcome) == above)
                            .filter_map(|outcome| miss(words, outcome))
                            .collect();
                        @if !misses.is_empty() { li { strong { (when) ", " (side) ": " } (misses.join("; ")) "." } }
                    }
                }
            }
        }
    }
}

fn miss(words: &Words, outcome: &OutcomeSummary) -> Option<String> {
    let forecast = range(outcome.dimension, outcome.forecast.p10?, outcome.forecast.p90?);
    Some(words.miss(&outcome.title, &format_quantity(outcome.dimension, outcome.known.value), &forecast))
}

fn lies_above(outcome: &OutcomeSummary) -> bool {
    outcome.forecast.p90.is_some_and(|high| outcome.known.value > high)
}

/// Difference of the median from the outcome, over the outcome unless that is nothing.
fn relative_error(outcome: &OutcomeSummary) -> f64 {
    let difference = outcome.forecast.p50.unwrap_or(outcome.known.value) - outcome.known.value;
    if outcome.known.value == 0.0 { difference } else { difference / outcome.known.value.abs() }
}

/// By how much the median missed: in per cent of the outcome, or in points where the result is itself a share.
fn error(words: &Words, outcome: &OutcomeSummary) -> String {
    let Some(median) = outcome.forecast.p50 else { return shown(Dimension::Ratio, None) };
    let difference = median - outcome.known.value;
    match outcome.dimension {
        Dimension::Ratio => words.error_in_points(&signed(Dimension::Ratio, difference)),
        _ if outcome.known.value == 0.0 => signed(outcome.dimension, difference),
        _ => signed(Dimension::Ratio, relative_error(outcome)),
    }
}

/// What the same plan says of the same number with what was learnt later.
fn with_hindsight<'a>(view: &View<'a>, outcome: &OutcomeSummary) -> Option<&'a Value> {
    view.hindsight?.value(&outcome.path, &outcome.when)
}

fn table(view: &View<'_>, outcomes: &[&OutcomeSummary]) -> Markup {
    let words = view.words;
    let hindsight = outcomes.iter().any(|outcome| with_hindsight(view, outcome).is_some());
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (words.when) } th { (words.result) } th.number { (words.forecast_column) } @if !hindsight { th { "" } }
                th.number { (words.outcome) } th { (words.verdict) } th.number { (words.error) } @if hindsight { th.number { (words.hindsight_column) } } th { (words.source) }
            } }
            tbody {
                @for outcome in outcomes {
                    tr {
                        td.nowrap { (outcome.when) }
                        th scope="row" { (outcome.title) }
                        td.number {
                            (median_over_spread(outcome.dimension, &outcome.forecast))
                        }
                        // Beside another forecast there is no room for it.
                        @if !hindsight { td { @if let Some(strip) = strip(words, outcome) { (strip) } } }
                        td.number { (format_quantity(outcome.dimension, outcome.known.value)) }
                        td.nowrap { (side(words, outcome)) }
                        td.number { (error(words, outcome)) }
                        @if hindsight {
                            td.number { @if let Some(value) = with_hindsight(view, outcome) { (median_over_spread(outcome.dimension, value)) } }
                        }
                        td { (view.citation(&outcome.known.source)) }
                    }
                }
            }
        } }
    }
}

fn side(words: &Words, outcome: &OutcomeSummary) -> Markup {
    html! {
        @if outcome.inside {
            span.yes { "✓ " (words.inside) }
        } @else if lies_above(outcome) {
            span.no { "▲ " (words.above) }
        } @else {
            span.no { "▼ " (words.below) }
        }
    }
}

fn strip(words: &Words, outcome: &OutcomeSummary) -> Option<Markup> {
    let interval = Interval {
        p10: outcome.forecast.p10?,
        p50: outcome.forecast.p50?,
        p90: outcome.forecast.p90?,
        at_least: None,
        at_most: None,
        outcome: Some(outcome.known.value),
    };
    let description = words.interval_description(
        &format_quantity(outcome.dimension, interval.p50),
        &range(outcome.dimension, interval.p10, interval.p90),
    );
    let title = format!("{}, {}", outcome.title, outcome.when);
    Some(interval_strip(&interval, &title, &description))
}
