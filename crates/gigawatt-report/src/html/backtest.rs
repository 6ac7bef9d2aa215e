//! What became known since, beside the forecast.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::{Swatch, legend};
use super::number::{range, shown, signed, spread};
use super::view::View;
use super::words;
use crate::OutcomeSummary;
use crate::chart::{Interval, interval_strip};

/// The section; nothing where nothing is known.
pub fn backtest(view: &View<'_>) -> Option<Markup> {
    let outcomes = &view.summary.outcomes;
    if outcomes.is_empty() {
        return None;
    }
    let (years, quarters): (Vec<&OutcomeSummary>, Vec<&OutcomeSummary>) =
        outcomes.iter().partition(|outcome| !outcome.when.contains('Q'));
    let inside = outcomes.iter().filter(|outcome| outcome.inside).count();
    let share = f64::from(u32::try_from(inside).unwrap_or(0)) / f64::from(u32::try_from(outcomes.len()).unwrap_or(1));
    let key = [
        (Swatch::Sign("spread-sign"), words::SPREAD.to_owned()),
        (Swatch::Sign("median-sign"), words::MEDIAN.to_owned()),
        (Swatch::Sign("diamond-sign"), words::OUTCOME.to_owned()),
    ];
    Some(html! {
        p.lede { (words::inside_share(inside, outcomes.len(), &format_quantity(Dimension::Ratio, share))) }
        @if !years.is_empty() {
            (misses(&years))
            h3 { (words::YEARS) }
            (legend("", &key))
            (table(view, &years))
        }
        @if !quarters.is_empty() {
            details {
                summary { (words::QUARTERS) " " span { "(" (words::entries(quarters.len())) ")" } }
                (table(view, &quarters))
            }
            p.soft.folded { (words::FOLDED_QUARTERS) }
        }
    })
}

/// What the forecast of a year got wrong, in sentences.
fn misses(years: &[&OutcomeSummary]) -> Markup {
    let missed: Vec<&&OutcomeSummary> = years.iter().filter(|outcome| !outcome.inside).collect();
    html! {
        @if missed.is_empty() {
            p { (words::NONE_MISSED) }
        } @else {
            h3 { (words::MISSED) }
            ul.missed {
                @for outcome in missed {
                    @if let (Some(low), Some(high)) = (outcome.forecast.p10, outcome.forecast.p90) {
                        li { (words::miss(
                            &outcome.when,
                            &outcome.title,
                            &format_quantity(outcome.dimension, outcome.known.value),
                            &range(outcome.dimension, low, high),
                            outcome.known.value > high,
                            &error(outcome),
                        )) }
                    }
                }
            }
        }
    }
}

/// By how much the median missed: in per cent of the outcome, or in points where the result is itself a share.
fn error(outcome: &OutcomeSummary) -> String {
    let Some(median) = outcome.forecast.p50 else { return shown(Dimension::Ratio, None) };
    let difference = median - outcome.known.value;
    match outcome.dimension {
        Dimension::Ratio => words::points(&signed(Dimension::Ratio, difference)),
        _ if outcome.known.value == 0.0 => signed(outcome.dimension, difference),
        _ => signed(Dimension::Ratio, difference / outcome.known.value.abs()),
    }
}

fn table(view: &View<'_>, outcomes: &[&OutcomeSummary]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th { (words::WHEN) } th { (words::RESULT) } th.number { (words::FORECAST_COLUMN) } th { "" }
                th.number { (words::OUTCOME) } th { (words::VERDICT) } th.number { (words::ERROR) } th { (words::SOURCE) }
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
                        td { (strip(outcome)) }
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
    let above = outcome.forecast.p90.is_some_and(|high| outcome.known.value > high);
    html! {
        @if outcome.inside {
            span.yes { "✓ " (words::INSIDE) }
        } @else if above {
            span.no { "▲ " (words::ABOVE) }
        } @else {
            span.no { "▼ " (words::BELOW) }
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
    let description = words::interval_description(
        &format_quantity(outcome.dimension, interval.p50),
        &range(outcome.dimension, interval.p10, interval.p90),
    );
    let title = format!("{}, {}", outcome.title, outcome.when);
    Some(interval_strip(&interval, &title, &description))
}
