//! What became known since, beside the forecast.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::{Swatch, legend};
use crate::number::{range, shown, signed, spread};
use super::view::View;
use crate::OutcomeSummary;
use crate::chart::{Interval, interval_strip};

/// The section; nothing where nothing is known.
pub fn backtest(view: &View<'_>) -> Option<Markup> {
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
        (Swatch::Sign("spread-sign"), words.spread.to_owned()),
        (Swatch::Sign("median-sign"), words.median.to_owned()),
        (Swatch::Sign("diamond-sign"), words.outcome.to_owned()),
    ];
    Some(html! {
        p.lede { (words.inside_share(inside, outcomes.len(), &format_quantity(Dimension::Ratio, share))) }
        @if !years.is_empty() {
            (misses(&years))
            h3 { (words.years) }
            (legend("", &key))
            (table(view, &years))
        }
        @if !quarters.is_empty() {
            details {
                summary { (words.quarters) " " span { "(" (words.entries(quarters.len())) ")" } }
                (table(view, &quarters))
            }
            p.soft.folded { (words.folded_quarters) }
        }
    })
}

/// What the forecast of each year got wrong, and on which side.
fn misses(years: &[&OutcomeSummary]) -> Markup {
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
                            .filter_map(|outcome| miss(outcome))
                            .collect();
                        @if !misses.is_empty() { li { strong { (when) ", " (side) ": " } (misses.join("; ")) "." } }
                    }
                }
            }
        }
    }
}

fn miss(outcome: &OutcomeSummary) -> Option<String> {
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
fn error(outcome: &OutcomeSummary) -> String {
    let Some(median) = outcome.forecast.p50 else { return shown(Dimension::Ratio, None) };
    let difference = median - outcome.known.value;
    match outcome.dimension {
        Dimension::Ratio => words.error_in_points(&signed(Dimension::Ratio, difference)),
        _ if outcome.known.value == 0.0 => signed(outcome.dimension, difference),
        _ => signed(Dimension::Ratio, relative_error(outcome)),
    }
}

fn table(view: &View<'_>, outcomes: &[&OutcomeSummary]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th { (words.when) } th { (words.result) } th.number { (words.forecast_column) } th { "" }
                th.number { (words.outcome) } th { (words.verdict) } th.number { (words.error) } th { (words.source) }
            } }
            tbody {
                @for outcome in outcomes {
                    tr {
                        td.nowrap { (outcome.when) }
                        th scope="row" { (outcome.title) }
                        td.number {
                            (shown(outcome.dimension, outcome.forecast.p50))
                            @if let Some(spread) = spread(outcome.dimension, &outcome.forecast) { span.range { (spread) } }
                        }
                        td { @if let Some(strip) = strip(outcome) { (strip) } }
                        td.number { (format_quantity(outcome.dimension, outcome.known.value)) }
                        td.nowrap { (side(outcome)) }
                        td.number { (error(outcome)) }
                        td { (view.citation(&outcome.known.source)) }
                    }
                }
            }
        } }
    }
}

fn side(outcome: &OutcomeSummary) -> Markup {
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

fn strip(outcome: &OutcomeSummary) -> Option<Markup> {
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
