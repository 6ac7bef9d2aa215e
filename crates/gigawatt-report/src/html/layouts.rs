//! The best layouts of training runs beside those that the scenario has, and days against accelerators.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::view::View;
use crate::chart::{Axis, Body, Chart, Group, Row, RowMark, Rows, Style};
use crate::tune::{LayoutSummary, TuningSummary};
use crate::{Words, grouped};

/// Bytes of a gigabyte.
const GIGABYTE: f64 = 1e9;

/// The section; nothing where no layout was sought.
pub fn layouts(view: &View<'_>) -> Option<Markup> {
    if view.tunings.is_empty() {
        return None;
    }
    let words = view.words;
    Some(html! {
        p.lede { (words.layouts_lead) }
        @if let Some(chart) = steps(words, view.tunings) { (figure(words, &chart, words.layouts_steps_caption)) }
        (table(words, view.tunings))
        @if let Some(chart) = frontier(words, view.tunings) { (figure(words, &chart, words.layouts_frontier_caption)) }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    [steps(view.words, view.tunings), frontier(view.words, view.tunings)].into_iter().flatten().collect()
}

/// Name of a phase among those of all runs.
fn name(tuning: &TuningSummary) -> String {
    if tuning.run_title == tuning.phase_title {
        tuning.run_title.clone()
    } else {
        format!("{}, {}", tuning.run_title, tuning.phase_title)
    }
}

/// Planned and best layout of every phase with what they take.
fn table(words: &Words, tunings: &[TuningSummary]) -> Markup {
    let row = |which: &str, one: &LayoutSummary| {
        html! {
            td { (which) }
            td { code { (one.toml) } }
            td.number { (format_quantity(Dimension::Duration, one.step_time)) }
            td.number { (format_quantity(Dimension::Ratio, one.model_flops_utilisation)) }
            td.number { (format!("{:.0} GB", one.memory_needed / GIGABYTE)) }
        }
    };
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (words.training_run) }
                th {}
                th { (words.layouts_layout) }
                th.number { (words.layouts_step) }
                th.number { (words.training_utilisation) }
                th.number { (words.layouts_memory) }
            } }
            tbody {
                @for tuning in tunings {
                    @if let Some(planned) = &tuning.planned {
                        tr {
                            th scope="row" { (name(tuning)) span.path { (grouped(tuning.accelerators)) " × " (tuning.system) } }
                            (row(words.layouts_planned, planned))
                        }
                    }
                    @if let Some(best) = tuning.best.first() {
                        tr { th scope="row" {} (row(words.layouts_best, best)) }
                    }
                    @for fault in &tuning.planned_faults {
                        tr { th scope="row" {} td { (words.layouts_fault) } td colspan="4" { (fault) } }
                    }
                    tr { th scope="row" {} td { (words.layouts_searched) } td colspan="4" { (tuning.optimality) } }
                }
            }
        } }
    }
}

/// The step of the planned layout over that of the best.
fn steps(words: &Words, tunings: &[TuningSummary]) -> Option<Chart> {
    let row = |tuning: &TuningSummary| {
        let (planned, best) = (tuning.planned.as_ref()?, tuning.best.first()?);
        let share = planned.step_time / best.step_time;
        let layer = usize::from(!tuning.planned_faults.is_empty());
        let shown = |one: &LayoutSummary| format_quantity(Dimension::Duration, one.step_time);
        let marks = vec![
            RowMark { layer, low: 0.0, value: share, high: share },
            RowMark { layer: 2, low: 1.0, value: 1.0, high: 1.0 },
        ];
        Some(Row { name: name(tuning), text: words.planned_and_best(&shown(planned), &shown(best)), marks })
    };
    let rows: Vec<Row> = tunings.iter().filter_map(row).collect();
    if rows.is_empty() {
        return None;
    }
    Some(Chart {
        name: "layouts-steps".to_owned(),
        title: words.layouts_steps.to_owned(),
        description: words.layouts_steps_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.layouts_over_best.to_owned(), dimension: Dimension::Ratio },
            base: 0.0,
            layers: vec![
                (words.layouts_planned.to_owned(), Style::Fill("f1")),
                (words.layouts_planned_unfit.to_owned(), Style::Fill("f4")),
                (words.layouts_best.to_owned(), Style::Diamond),
            ],
            groups: vec![Group { name: String::new(), rows }],
        }),
    })
}

/// Days on each number of accelerators.
fn frontier(words: &Words, tunings: &[TuningSummary]) -> Option<Chart> {
    let group = |tuning: &TuningSummary| {
        let row = |one: &LayoutSummary| {
            let layer = usize::from(one.accelerators == tuning.accelerators);
            Row {
                name: grouped(one.accelerators),
                text: words.days_and_money(
                    &format_quantity(Dimension::Duration, one.duration),
                    &format_quantity(Dimension::Money, one.cost),
                ),
                marks: vec![RowMark { layer, low: 0.0, value: one.duration, high: one.duration }],
            }
        };
        Group { name: name(tuning), rows: tuning.frontier.iter().map(row).collect() }
    };
    let groups: Vec<Group> = tunings.iter().filter(|tuning| tuning.frontier.len() > 1).map(group).collect();
    if groups.is_empty() {
        return None;
    }
    Some(Chart {
        name: "layouts-frontier".to_owned(),
        title: words.layouts_frontier.to_owned(),
        description: words.layouts_frontier_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.training_duration.to_owned(), dimension: Dimension::Duration },
            base: 0.0,
            layers: vec![
                (words.layouts_other_number.to_owned(), Style::Fill("f2")),
                (words.layouts_own_number.to_owned(), Style::Fill("f1")),
            ],
            groups,
        }),
    })
}
