//! Training runs: when they run, what a step is made of, what was published beside what is computed.

use gigawatt_engine::training::StepPart;
use gigawatt_plan::period::Moment;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::cell::cell;
use super::figure::figure;
use super::pipeline;
use super::view::View;
use crate::chart::{Axis, Body, Chart, FILLS, Group, Row, RowMark, Rows, Style};
use crate::training::{RunSummary, runs};
use crate::{Value, Words};

const DAY: f64 = 86_400.0;

/// The section; nothing without a run.
pub fn training(view: &View<'_>) -> Option<Markup> {
    let runs = runs(view.plan, view.summary);
    if runs.is_empty() {
        return None;
    }
    let words = view.words;
    Some(html! {
        p.lede { (words.training_lead) }
        (table(words, &runs))
        (figure(words, &timeline(view, &runs), words.training_timeline_caption))
        (figure(words, &steps(words, &runs), words.training_steps_caption))
        @for chart in &pipeline::charts(view, &runs) { (figure(words, chart, &chart.description)) }
        @if let Some(chart) = published(words, &runs) { (figure(words, &chart, words.training_published_caption)) }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let runs = runs(view.plan, view.summary);
    if runs.is_empty() {
        return Vec::new();
    }
    let mut charts = vec![timeline(view, &runs), steps(view.words, &runs)];
    charts.extend(pipeline::charts(view, &runs));
    charts.extend(published(view.words, &runs));
    charts
}

/// What a run takes, one row each.
fn table(words: &Words, runs: &[RunSummary]) -> Markup {
    let columns = [
        ("model_rate", words.training_rate),
        ("model_flops_utilisation", words.training_utilisation),
        ("duration", words.training_duration),
        ("gpu_hours", words.training_hours),
        ("energy", words.energy),
        ("cost", words.training_cost),
        ("extra_work_implied", words.training_extra_work),
    ];
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (words.training_run) }
                @for (_, name) in columns { th.number { (name) } }
            } }
            tbody {
                @for run in runs {
                    tr {
                        th scope="row" { (run.title) span.path { (run.system) ", " (run.precision) @if let Some(compute) = compute(run) { ", " (compute) } } }
                        @for (name, _) in columns {
                            @match run.results.get(name) {
                                Some(result) => (cell(result.dimension, Some(&result.value))),
                                None => td.number {},
                            }
                        }
                    }
                }
            }
        } }
    }
}

/// The model's computing in the median.
fn compute(run: &RunSummary) -> Option<String> {
    let compute = run.results.get("compute")?;
    Some(format_quantity(compute.dimension, compute.value.p50?))
}

/// From start to end, with the spread of the end.
fn timeline(view: &View<'_>, runs: &[RunSummary]) -> Chart {
    let words = view.words;
    let first = view.plan.period.start;
    let day = |seconds: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "days of a plan")]
        let days = (seconds / DAY).round().clamp(-1e5, 1e5) as i32;
        Moment(first.0.saturating_add(days)).day().to_string()
    };
    let row = |run: &RunSummary| {
        let (end, duration) = (run.results.get("end")?.value, run.results.get("duration")?.value);
        let (low, middle, high) = (end.p10?, end.p50?, end.p90?);
        let start = middle - duration.p50?;
        let marks = vec![
            RowMark { layer: 0, low: start, value: middle, high: middle },
            RowMark::spread(1, low, middle, high),
        ];
        let text = if low == high { day(middle) } else { format!("{} – {}", day(low), day(high)) };
        Some(Row { name: run.title.clone(), text, marks })
    };
    Chart {
        name: "training-duration".to_owned(),
        title: words.training_timeline.to_owned(),
        description: words.training_timeline_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.days_from(&first.day().to_string()), dimension: Dimension::Duration },
            base: 0.0,
            layers: vec![
                (words.training_running.to_owned(), Style::Fill("f1")),
                (words.training_end.to_owned(), Style::Whisker),
            ],
            groups: vec![Group { name: String::new(), rows: runs.iter().filter_map(row).collect() }],
        }),
    }
}

/// Words for the parts of a step.
fn part_name(words: &Words, part: StepPart) -> &'static str {
    match part {
        StepPart::Matrices => words.step_matrices,
        StepPart::Attention => words.step_attention,
        StepPart::Memory => words.step_memory,
        StepPart::Again => words.step_again,
        StepPart::Layers => words.step_layers,
        StepPart::Pipeline => words.step_pipeline,
        StepPart::Data => words.step_data,
        StepPart::Waiting => words.step_waiting,
    }
}

/// Shares of a step, stacked, for each phase of each run.
fn steps(words: &Words, runs: &[RunSummary]) -> Chart {
    let phases = runs.iter().flat_map(|run| run.phases.iter().map(move |phase| (run, phase)));
    let rows = phases.map(|(run, phase)| {
        let mut marks = Vec::new();
        let mut from = 0.0;
        for (layer, (_, name)) in StepPart::ALL.iter().enumerate() {
            let share = phase.step_parts.get(*name).copied().unwrap_or(0.0) / phase.step_time;
            if share > 0.0 {
                marks.push(RowMark { layer, low: from, value: from + share, high: from + share });
                from += share;
            }
        }
        let several = run.phases.len() > 1;
        let name = if several { format!("{}, {}", run.title, phase.title) } else { run.title.clone() };
        Row { name, text: format_quantity(Dimension::Duration, phase.step_time), marks }
    });
    let layers = StepPart::ALL.iter().zip(FILLS);
    Chart {
        name: "training-steps".to_owned(),
        title: words.training_steps.to_owned(),
        description: words.training_steps_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.share_of_step.to_owned(), dimension: Dimension::Ratio },
            base: 0.0,
            layers: layers
                .map(|((part, _), fill)| (part_name(words, *part).to_owned(), Style::Fill(fill)))
                .collect(),
            groups: vec![Group { name: String::new(), rows: rows.collect() }],
        }),
    }
}

/// What is computed over what was published.
fn published(words: &Words, runs: &[RunSummary]) -> Option<Chart> {
    let names = [("gpu_hours", words.training_hours), ("model_rate", words.training_rate)];
    let groups: Vec<Group> = names
        .into_iter()
        .map(|(result, name)| {
            let rows = runs.iter().filter_map(|run| {
                let (known, computed) = (run.published.get(result)?, run.results.get(result)?);
                let Value { p10: Some(low), p50: Some(middle), p90: Some(high), .. } = computed.value else {
                    return None;
                };
                let marks = vec![
                    RowMark::spread(0, low / known, middle / known, high / known),
                    RowMark { layer: 1, low: 1.0, value: 1.0, high: 1.0 },
                ];
                let shown = |value: f64| format_quantity(computed.dimension, value);
                Some(Row {
                    name: run.title.clone(),
                    text: words.beside_published(&shown(middle), &shown(*known)),
                    marks,
                })
            });
            Group { name: name.to_owned(), rows: rows.collect() }
        })
        .filter(|group: &Group| !group.rows.is_empty())
        .collect();
    if groups.is_empty() {
        return None;
    }
    Some(Chart {
        name: "training-published".to_owned(),
        title: words.training_published.to_owned(),
        description: words.training_published_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.over_published.to_owned(), dimension: Dimension::Ratio },
            base: 0.0,
            layers: vec![
                (words.quantiles_over_draws.to_owned(), Style::Spread("")),
                (words.training_known.to_owned(), Style::Diamond),
            ],
            groups,
        }),
    })
}
