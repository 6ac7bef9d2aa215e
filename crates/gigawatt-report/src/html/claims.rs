//! Claims: what was said, what is to be thought of it, and what it would take.

use gigawatt_engine::Verdict;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::legend;
use super::view::{View, code};
use crate::chart::{
    Axis, Body, Chart, Group, Interval, IntervalWords, Row, RowMark, Rows, Style, interval_chart,
};
use crate::number::{AxisUnit, is_certain, range, shown, signed, spread};
use crate::{ClaimSummary, RemedySummary, Words};

/// The section; nothing where the scenario claims nothing.
pub fn claims(view: &View<'_>) -> Option<Markup> {
    let words = view.words;
    let claims = &view.summary.claims;
    if claims.is_empty() {
        return None;
    }
    let verdicts =
        [Verdict::Holds, Verdict::Undecided, Verdict::Fails, Verdict::RestatesInput, Verdict::NotJudged];
    Some(html! {
        p.lede { (words.claims_lead) }
        ul.tally {
            @for verdict in verdicts {
                @let count = claims.iter().filter(|claim| claim.verdict == verdict).count();
                @if count > 0 { li { (badge(verdict, &words.tally(count, verdict))) } }
            }
        }
        @if claims.iter().any(|claim| claim.value.is_some()) { (key(words, claims)) }
        @for claim in claims.iter().filter(|claim| claim.verdict != Verdict::NotJudged) { (card(view, claim)) }
        @for claim in claims.iter().filter(|claim| claim.verdict == Verdict::NotJudged) { (card(view, claim)) }
    })
}

fn key(words: &Words, claims: &[ClaimSummary]) -> Markup {
    let mut entries = vec![
        (Style::Spread(""), words.spread.to_owned()),
        (Style::Line("median"), words.median.to_owned()),
        (Style::Allowed, words.allowed.to_owned()),
    ];
    if claims.iter().any(|claim| claim.outcome.is_some()) {
        entries.push((Style::Diamond, words.outcome.to_owned()));
    }
    legend("", &entries)
}

/// A verdict with a sign and a word, so that it does not rest on colour.
fn badge(verdict: Verdict, text: &str) -> Markup {
    let (class, sign) = match verdict {
        Verdict::Holds => ("badge holds", "✓"),
        Verdict::Fails => ("badge fails", "✗"),
        Verdict::Undecided => ("badge undecided", "?"),
        Verdict::RestatesInput => ("badge restates", "="),
        Verdict::NotJudged => ("badge unjudged", "–"),
    };
    html! { span class=(class) { (sign) " " (text) } }
}

fn card(view: &View<'_>, claim: &ClaimSummary) -> Markup {
    let words = view.words;
    let chart = drawing(words, claim);
    html! {
        article class=(if chart.is_some() { "claim" } else { "claim wide-text" }) id=(format!("claim-{}", claim.name)) {
            div {
                h3 { (claim.says) }
                div.verdict {
                    (badge(claim.verdict, words.verdict_of(claim.verdict)))
                    @if let (Some(found), Some(asked)) = (claim.probability, claim.confidence) && claim.verdict != Verdict::RestatesInput {
                        span { (words.probability_asked(&percent(found), &percent(asked))) }
                    }
                    @if claim.informative && claim.verdict != Verdict::NotJudged { span.soft { (words.informative) } }
                }
                p.source { (source(view, claim)) }
                @if matches!(claim.verdict, Verdict::Fails | Verdict::Undecided | Verdict::RestatesInput) { (take(words, claim)) }
                @if let Some(needs) = &claim.judged_by { p.take { strong { (words.judged_by) } " " (needs) } }
            }
            @if let Some(chart) = chart {
                div {
                    (chart)
                    (figures(view, claim))
                }
            }
        }
    }
}

/// A probability; one that only rounds to certainty does not read as certain.
fn percent(probability: f64) -> String {
    if (0.9995..1.0).contains(&probability) {
        return "> 99.9 %".to_owned();
    }
    format_quantity(Dimension::Ratio, probability)
}

fn source(view: &View<'_>, claim: &ClaimSummary) -> Markup {
    let known = claim.source.as_ref().map(|id| (id, view.summary.sources.get(id)));
    html! {
        @match known {
            Some((id, Some(source))) => {
                (source.title) ", " (source.publisher) ", " (source.published) " " (view.citation(id))
            }
            Some((id, None)) => (id),
            None => (view.words.no_source),
        }
    }
}

fn figures(view: &View<'_>, claim: &ClaimSummary) -> Markup {
    let words = view.words;
    let (Some(dimension), Some(value)) = (claim.dimension, claim.value) else { return html! {} };
    let spread = spread(dimension, &value).unwrap_or_else(|| words.same_in_every_draw.to_owned());
    html! {
        p.figures {
            (words.median_and_range(&shown(dimension, value.p50), &spread))
            @if let Some(outcome) = &claim.outcome {
                @let least = claim.at_least.is_none_or(|least| outcome.value >= least);
                @let most = claim.at_most.is_none_or(|most| outcome.value <= most);
                br;
                (words.claim_outcome(&format_quantity(dimension, outcome.value), least && most, &outcome.published.to_string())) " " (view.citation(&outcome.source))
            }
            @for fault in &claim.cannot_run { br; (words.claim_cannot_run) (fault) "." }
            @if let (Some(path), Some(when)) = (&claim.path, &claim.when) { br; span.path { (code(path)) " " (when) } }
        }
    }
}

/// What it would take, or why nothing is gained.
fn take(words: &Words, claim: &ClaimSummary) -> Markup {
    if claim.verdict == Verdict::RestatesInput {
        let inputs = claim.depends_on.iter().take(2);
        return html! {
            p.take {
                (words.restates)
                @for (index, input) in inputs.enumerate() { (if index == 0 { " (" } else { ", " }) (code(input)) }
                @if !claim.depends_on.is_empty() { ")" } "."
            }
        };
    }
    let dimension = claim.dimension.unwrap_or(Dimension::Ratio);
    let (enough, lacking): (Vec<&RemedySummary>, Vec<&RemedySummary>) =
        claim.remedies.iter().partition(|remedy| remedy.enough);
    html! {
        p.take {
            @match claim.shift {
                Some(shift) => (words.by_shift(&signed(dimension, shift))),
                None => (words.no_shift),
            }
            @for remedy in enough {
                (words.or_with) (code(&remedy.input)) " " (words.by_input(&format_quantity(remedy.dimension, remedy.value)))
            }
            "."
            @for remedy in lacking {
                " " (words.not_enough(&format_quantity(remedy.dimension, remedy.value), &percent(remedy.probability)))
                " (" (code(&remedy.input)) ")."
            }
            @if claim.remedies.is_empty() && claim.shift.is_none() { " " (words.nothing_takes) }
        }
    }
}

/// The forecast of a claim's value, as a line of its own scale.
fn interval(claim: &ClaimSummary) -> Option<(Dimension, Interval)> {
    let dimension = claim.dimension?;
    let value = claim.value?;
    // What shows as one value is drawn as one: a target may be missed by a rounding.
    let certain = is_certain(dimension, &value);
    let median = value.p50?;
    let interval = Interval {
        p10: if certain { median } else { value.p10? },
        p50: median,
        p90: if certain { median } else { value.p90? },
        at_least: claim.at_least,
        at_most: claim.at_most,
        outcome: claim.outcome.as_ref().map(|outcome| outcome.value),
    };
    Some((dimension, interval))
}

fn drawing(words: &Words, claim: &ClaimSummary) -> Option<Markup> {
    let (dimension, interval) = interval(claim)?;
    let largest = [Some(interval.p90), claim.at_most, claim.at_least, interval.outcome];
    let largest = largest.into_iter().flatten().fold(interval.p10.abs(), |a, b| a.max(b.abs()));
    let unit = AxisUnit::of(words, dimension, largest);
    let bound = |word: &str, value: Option<f64>| format!("{word} {}", shown(dimension, value));
    let outcome =
        interval.outcome.map(|value| format!("{} {}", words.outcome, format_quantity(dimension, value)));
    let texts = IntervalWords {
        title: &claim.says,
        description: &words.interval_description(
            &format_quantity(dimension, interval.p50),
            &range(dimension, interval.p10, interval.p90),
        ),
        at_least: &bound(words.at_least, claim.at_least),
        at_most: &bound(words.at_most, claim.at_most),
        unit: unit.name,
        outcome: outcome.as_deref().unwrap_or_default(),
    };
    Some(interval_chart(&interval, &texts, unit.factor))
}

/// The forecasts of all claims as charts of data, each with a row.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let words = view.words;
    let claims = view.summary.claims.iter();
    claims
        .filter_map(|claim| {
            let (dimension, interval) = interval(claim)?;
            let allowed = interval.at_least.is_some() || interval.at_most.is_some();
            let ends = [
                interval.at_least,
                interval.at_most,
                interval.outcome,
                Some(interval.p10),
                Some(interval.p90),
            ];
            let ends = || ends.into_iter().flatten();
            let least = interval.at_least.unwrap_or(ends().fold(f64::INFINITY, f64::min));
            let most = interval.at_most.unwrap_or(ends().fold(f64::NEG_INFINITY, f64::max));
            let mut marks = Vec::new();
            if allowed {
                marks.push(RowMark::spread(0, least, f64::midpoint(least, most), most));
            }
            marks.push(RowMark::spread(1, interval.p10, interval.p50, interval.p90));
            marks.extend(interval.outcome.map(|outcome| RowMark::value(2, outcome, outcome)));
            let layers = [
                (words.allowed, Style::Allowed),
                (words.spread, Style::Spread("")),
                (words.outcome, Style::Diamond),
            ];
            let text = words.interval_description(
                &format_quantity(dimension, interval.p50),
                &range(dimension, interval.p10, interval.p90),
            );
            Some(Chart {
                name: format!("claim-{}", claim.name),
                title: claim.says.clone(),
                description: text.clone(),
                body: Body::Rows(Rows {
                    axis: Axis { name: claim.path.clone().unwrap_or_default(), dimension },
                    base: interval.p50,
                    layers: layers.map(|(name, style)| (name.to_owned(), style)).to_vec(),
                    groups: vec![Group {
                        name: String::new(),
                        rows: vec![Row { name: claim.name.clone(), text, marks }],
                    }],
                }),
            })
        })
        .collect()
}
