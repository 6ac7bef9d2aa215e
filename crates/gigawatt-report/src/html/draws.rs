//! What the draws know beyond three quantiles: what moves the results, how likely is more, and whether there are
//! enough draws.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::view::{View, code};
use crate::chart::{
    Across, Axis, Body, Chart, Datum, Group, Layer, Panel, Plane, Row, RowMark, Rows, Shape, Style,
};
use crate::number::{range, shown};
use crate::{ConvergenceSummary, ExceedanceSummary, SensitivitySummary, SubjectSummary, Words};

/// Headlines of each engine that have a tornado drawn; the others stand in the table.
const DRAWN: usize = 2;
/// Part of the longest bar below which a bar is left out.
const SHORT: f64 = 0.005;
/// Relative errors below are roundings.
const EXACT: f64 = 1e-9;
/// Lines of one chart, each with a colour of its own.
const LINES: [Style; 6] = [
    Style::Line("t1"),
    Style::Line("t2"),
    Style::Line("t3"),
    Style::Line("t4"),
    Style::Line("t5"),
    Style::Line("t8"),
];

/// Every chart of the three sections.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let mut charts = tornadoes(view);
    charts.extend(exceedances(view));
    charts.extend(errors(view));
    charts
}

fn slug(path: &str) -> String {
    path.replace(['.', '_'], "-")
}

/// Results about which several claims ask are told once.
fn headlines<T>(all: &[T], subject: fn(&T) -> &SubjectSummary) -> Vec<&T> {
    all.iter().filter(|one| subject(one).claim.is_none()).collect()
}

/// The section on what moves the results; nothing where nothing is uncertain.
pub fn sensitivity(view: &View<'_>) -> Option<Markup> {
    let words = view.words;
    let all = &view.summary.sensitivity;
    let count = all.iter().filter(|one| !one.inputs.is_empty()).count();
    if count == 0 {
        return None;
    }
    Some(html! {
        p.lede { (words.sensitivity_lead) }
        @for chart in tornadoes(view) { (figure(words, &chart, "")) }
        details {
            summary { (words.every_driver) " " span { "(" (words.entries(count)) ")" } }
            (drivers(view, all))
        }
        p.soft.folded { (words.folded_results) }
    })
}

fn tornadoes(view: &View<'_>) -> Vec<Chart> {
    let all = headlines(&view.summary.sensitivity, |one| &one.subject);
    let mut drawn: Vec<(&str, Chart)> = Vec::new();
    for one in all {
        let engine = one.subject.path.split('.').next().unwrap_or_default();
        if drawn.iter().filter(|(of, _)| *of == engine).count() < DRAWN {
            drawn.extend(tornado(view, one).map(|chart| (engine, chart)));
        }
    }
    drawn.into_iter().map(|(_, chart)| chart).collect()
}

/// Bars from the result with an input at its p10 and at its p90, around the reference case.
fn tornado(view: &View<'_>, one: &SensitivitySummary) -> Option<Chart> {
    let words = view.words;
    let subject = &one.subject;
    let base = view.summary.value(&subject.path, &subject.when)?.reference?;
    let mut bars: Vec<Bar<'_>> = one
        .inputs
        .iter()
        .filter_map(|driver| Some((driver.input.as_str(), driver.at_low?, driver.at_high?)))
        .filter(|bar| swing(bar) > 0.0)
        .collect();
    // Longest first; equal ones keep the order of their correlation.
    bars.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    let longest = swing(bars.first()?);
    bars.retain(|bar| swing(bar) > SHORT * longest);
    let name = (format!("tornado-{}", slug(&subject.path)), words.tornado(&subject.title, &subject.when));
    let axis = Axis::new(&subject.title, subject.dimension);
    Some(bars_around(words, name, words.tornado_description(&subject.title), axis, base, &bars))
}

/// An input, and the result with it at its p10 and at its p90.
pub type Bar<'a> = (&'a str, f64, f64);

fn swing((_, low, high): &Bar<'_>) -> f64 {
    (high - low).abs()
}

/// A tornado: bars around a base, in their order.
pub fn bars_around(
    words: &Words,
    (name, title): (String, String),
    description: String,
    axis: Axis,
    base: f64,
    bars: &[Bar<'_>],
) -> Chart {
    let row = |(input, low, high): &Bar<'_>| Row {
        name: (*input).to_owned(),
        text: range(axis.dimension, low.min(*high), low.max(*high)),
        marks: vec![RowMark::value(0, base, *low), RowMark::value(1, base, *high)],
    };
    let rows = bars.iter().map(row).collect();
    Chart {
        name,
        title,
        description,
        body: Body::Rows(Rows {
            base,
            layers: vec![
                (words.at_low.to_owned(), Style::Fill("f5")),
                (words.at_high.to_owned(), Style::Fill("f1")),
            ],
            groups: vec![Group { name: String::new(), rows }],
            axis,
        }),
    }
}

fn drivers(view: &View<'_>, all: &[SensitivitySummary]) -> Markup {
    let words = view.words;
    html! {
        div.scroll { table.inputs {
            thead { tr {
                th { (words.result) } th { (words.input) } th.number { (words.input_range) }
                th.number { (words.result_range) } th.number { (words.rank_correlation) }
            } }
            tbody {
                @for one in all.iter().filter(|one| !one.inputs.is_empty()) {
                    @for (index, driver) in one.inputs.iter().enumerate() {
                        tr {
                            @if index == 0 { th scope="rowgroup" rowspan=(one.inputs.len()) { (named(view, &one.subject)) } }
                            td { (code(&driver.input)) }
                            td.number { (range(driver.dimension, driver.low, driver.high)) }
                            td.number { (shown(one.subject.dimension, driver.at_low)) " … " (shown(one.subject.dimension, driver.at_high)) }
                            td.number { (format!("{:+.2}", driver.rank_correlation)) }
                        }
                    }
                }
            }
        } }
    }
}

/// A result with when it is read, and the claim that it judges.
fn named(view: &View<'_>, subject: &SubjectSummary) -> Markup {
    let claim = view.summary.claims.iter().find(|claim| Some(&claim.name) == subject.claim.as_ref());
    html! {
        (subject.title) ", " (subject.when)
        @if let Some(claim) = claim { span.path { (view.words.of_claim(&claim.says)) } }
    }
}

/// The section on how likely is more; nothing where no result has a spread.
pub fn exceedance(view: &View<'_>) -> Option<Markup> {
    let charts = exceedances(view);
    if charts.is_empty() {
        return None;
    }
    Some(html! {
        p.lede { (view.words.exceedance_lead) }
        @for chart in &charts { (figure(view.words, chart, "")) }
    })
}

/// The curves of the headlines, those of one dimension and size in one chart.
fn exceedances(view: &View<'_>) -> Vec<Chart> {
    let mut groups: Vec<Vec<&ExceedanceSummary>> = Vec::new();
    let spreads = |one: &ExceedanceSummary| one.values.first() < one.values.last();
    // Curves of one chart differ in size by no more than one can see side by side.
    let near = |a: f64, b: f64| a.max(b) < 12.0 * a.min(b);
    let size = |one: &ExceedanceSummary| one.values.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    for one in headlines(&view.summary.exceedance, |one| &one.subject).into_iter().filter(|one| spreads(one))
    {
        let fits = |group: &&mut Vec<&ExceedanceSummary>| {
            group.len() < LINES.len()
                && group[0].subject.dimension == one.subject.dimension
                && near(size(group[0]), size(one))
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.iter().map(|group| curves(view, group)).collect()
}

fn curves(view: &View<'_>, group: &[&ExceedanceSummary]) -> Chart {
    let words = view.words;
    let subject = &group[0].subject;
    let layers = group.iter().zip(LINES).map(|(one, style)| Layer {
        name: format!("{}, {}", one.subject.title, one.subject.when),
        style,
        shape: Shape::Line,
        slot: (0, 1),
        data: one
            .values
            .iter()
            .zip(&one.probabilities)
            .map(|(value, part)| Datum::at(*value, *part))
            .collect(),
    });
    let axis = if let [_] = group { subject.title.clone() } else { words.value.to_owned() };
    let title = match group {
        [_] => words.exceedance_of_one(&subject.title, &subject.when),
        several => {
            let titles: Vec<&str> = several.iter().map(|one| one.subject.title.as_str()).collect();
            titles.join("; ")
        }
    };
    Chart {
        name: format!("exceedance-{}", slug(&subject.path)),
        title,
        description: words.exceedance_lead.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis { name: axis, dimension: subject.dimension }),
            panels: vec![Panel {
                upright: Axis { name: words.probability.to_owned(), dimension: Dimension::Ratio },
                height: (180.0, 160.0),
                layers: layers.collect(),
            }],
            stops: Vec::new(),
            divider: None,
        }),
    }
}

/// The section on the number of draws; nothing where nothing is drawn.
pub fn convergence(view: &View<'_>) -> Option<Markup> {
    let words = view.words;
    let all = headlines(&view.summary.convergence, |one| &one.subject);
    if all.is_empty() {
        return None;
    }
    let reached = all.iter().filter(|one| one.reached).count();
    Some(html! {
        p.lede { (words.convergence_lead) }
        p { (words.converged(reached, all.len(), &tolerance(all[0]))) }
        @if let Some(chart) = errors(view) { (figure(words, &chart, "")) }
        div.scroll { table {
            thead { tr {
                th { (words.result) } th.number { (words.draws) } th.number { (words.median_and_error) }
                th.number { (words.greatest_error) } th.number { (words.draws_needed) }
            } }
            tbody { @for one in &all { @if let Some(last) = one.steps.last() {
                tr {
                    th scope="row" { (one.subject.title) ", " (one.subject.when) }
                    td.number { (last.draws) }
                    td.number { (shown(one.subject.dimension, Some(last.p50))) " ± " (shown(one.subject.dimension, Some(last.p50_error))) }
                    @let error = last.relative_error();
                    td.number { (format_quantity(Dimension::Ratio, if error > EXACT { error } else { 0.0 })) }
                    td.number { @match one.draws_needed { Some(draws) => (draws), None => "–" } }
                }
            } } }
        } }
    })
}

fn tolerance(one: &ConvergenceSummary) -> String {
    format_quantity(Dimension::Ratio, one.tolerance)
}

/// How the greatest standard error of each headline falls with the draws.
fn errors(view: &View<'_>) -> Option<Chart> {
    let words = view.words;
    let all = headlines(&view.summary.convergence, |one| &one.subject);
    let tells = |one: &&ConvergenceSummary| {
        one.steps.len() > 1 && one.steps.iter().any(|step| step.relative_error() > EXACT)
    };
    let drawn: Vec<&ConvergenceSummary> = all.into_iter().filter(tells).take(LINES.len()).collect();
    let first = drawn.first()?;
    let ends = [first.steps.first()?.draws, first.steps.last()?.draws];
    let mut layers: Vec<Layer> = drawn
        .iter()
        .zip(LINES)
        .map(|(one, style)| Layer {
            name: format!("{}, {}", one.subject.title, one.subject.when),
            style,
            shape: Shape::Line,
            slot: (0, 1),
            data: one
                .steps
                .iter()
                .map(|step| Datum::at(f64::from(step.draws), step.relative_error()))
                .collect(),
        })
        .collect();
    layers.push(Layer {
        name: words.tolerance.to_owned(),
        style: Style::Dashed("t8"),
        shape: Shape::Line,
        slot: (0, 1),
        data: ends.iter().map(|draws| Datum::at(f64::from(*draws), first.tolerance)).collect(),
    });
    Some(Chart {
        name: "convergence".to_owned(),
        title: words.convergence_chart.to_owned(),
        description: words.convergence_lead.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis {
                name: words.number_of_draws.to_owned(),
                dimension: Dimension::Count,
            }),
            panels: vec![Panel {
                upright: Axis { name: words.greatest_error.to_owned(), dimension: Dimension::Ratio },
                height: (180.0, 160.0),
                layers,
            }],
            stops: Vec::new(),
            divider: None,
        }),
    })
}
