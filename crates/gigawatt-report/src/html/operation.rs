//! The fleet in operation: what accelerators do, what becomes of large jobs, services and batch jobs.

use std::collections::BTreeMap;

use gigawatt_engine::fleet::{Group, Histories, State};
use gigawatt_plan::period::Period;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::cell::cell;
use super::figure::figure;
use super::operation_jobs as jobs;
use super::view::View;
use crate::chart::{
    Across, Axis, Body, Chart, Datum, Finest, Group as RowGroup, Layer, Panel, Plane, Row, RowMark, Rows,
    Shape, Style,
};
use crate::operation::{OperationSummary, is_gpu, uses_of};
use crate::{Value, Words};

/// What the section is made of.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    pub view: &'a View<'a>,
    pub summary: &'a OperationSummary,
    pub histories: &'a Histories,
    pub period: Period,
}

impl<'a> Operation<'a> {
    /// Nothing for a run without a fleet.
    fn of(view: &'a View<'a>) -> Option<Self> {
        let period = view.plan.fleet.as_ref()?.period;
        Some(Self { view, summary: view.summary.fleet.as_ref()?, histories: view.fleet?, period })
    }

    pub fn words(&self) -> &'a Words {
        self.view.words
    }
}

/// The section; nothing for a run without a fleet.
pub fn operation(view: &View<'_>) -> Option<Markup> {
    let of = Operation::of(view)?;
    let (words, summary) = (view.words, of.summary);
    let (from, to) = (summary.period.from.to_string(), summary.period.to.to_string());
    Some(html! {
        p.lede { (words.operation_lead(&from, &to, summary.histories)) }
        (figure(words, &states(&of), &words.operation_states_caption(others(&of).as_deref())))
        (figure(words, &uses(&of), words.operation_use_caption))
        (pools(&of))
        @for (chart, caption) in &jobs::charts(&of) { (figure(words, chart, caption)) }
        @if !summary.service.is_empty() { (services(words, summary)) }
        @if !summary.batch.is_empty() { (batches(words, summary)) }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let Some(of) = Operation::of(view) else { return Vec::new() };
    let mut charts = vec![states(&of), uses(&of)];
    charts.extend(jobs::charts(&of).into_iter().map(|(chart, _)| chart));
    charts
}

/// A kind of work: its name, its fill, and whether a state belongs to it.
type Kind = (&'static str, &'static str, fn(State) -> bool);

/// What GPUs do over time, from the lowest area up.
fn kinds(words: &Words) -> [Kind; 7] {
    [
        (words.operation_training, "f1", |state| state == State::Training),
        (words.operation_reinforcement, "f5", |state| state == State::Reinforcement),
        (words.operation_service, "f3", |state| state == State::Service),
        (words.operation_batch, "f2", |state| state == State::Batch),
        (words.operation_idle, "f8", |state| state.group() == Group::Idle),
        (words.operation_maintenance, "f7", |state| state.group() == Group::Maintenance),
        (words.operation_broken, "f6", |state| state.group() == Group::Broken),
    ]
}

/// GPUs by state at the ends of days, in the reference history.
#[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
fn states(of: &Operation<'_>) -> Chart {
    let (words, reference) = (of.words(), &of.histories.reference);
    let gpus: Vec<usize> =
        (0..reference.model.pools.len()).filter(|pool| is_gpu(of.view.plan, reference, *pool)).collect();
    let days = &reference.history.measures.days;
    let start = of.period.start;
    let layer = |(name, fill, sums): Kind| {
        let data: Vec<Datum> = (start.0 + 1..)
            .zip(days)
            .map(|(day, pools)| {
                let counts = gpus.iter().flat_map(|pool| State::ALL.iter().zip(pools[*pool].counts));
                let count: u64 = counts.filter(|((state, _), _)| sums(*state)).map(|(_, count)| count).sum();
                Datum::at(f64::from(day), count as f64)
            })
            .collect();
        let there = data.iter().any(|datum| datum.value > 0.0);
        Layer {
            name: name.to_owned(),
            style: Style::Fill(fill),
            shape: Shape::StackedArea,
            slot: (0, 1),
            data: if there { data } else { Vec::new() },
        }
    };
    let layers = kinds(words).into_iter().map(layer).filter(|layer| !layer.data.is_empty()).collect();
    let weeks = weeks(of.period).map(|(from, to)| (from.days(), to.days(), to.day_before().to_string()));
    Chart {
        name: "fleet-states".to_owned(),
        title: words.operation_states.to_owned(),
        description: words.operation_states_caption(None),
        body: Body::Plane(Plane {
            across: Across::Time { period: of.period, finest: Finest::Quarters },
            panels: vec![Panel {
                upright: Axis { name: words.operation_gpus.to_owned(), dimension: Dimension::Count },
                height: (270.0, 210.0),
                layers,
            }],
            stops: weeks.collect(),
            divider: None,
        }),
    }
}

/// The weeks of a period from its first day on; the last may be shorter.
pub(super) fn weeks(
    period: Period,
) -> impl Iterator<Item = (gigawatt_plan::period::Moment, gigawatt_plan::period::Moment)> {
    use gigawatt_plan::period::Moment;
    let (start, end) = (period.start.0, period.end.0);
    (start..end).step_by(7).map(move |day| (Moment(day), Moment((day + 7).min(end))))
}

/// Accelerators online that are no GPUs, at the end of the reference history.
fn others(of: &Operation<'_>) -> Option<String> {
    let reference = &of.histories.reference;
    let last = reference.history.measures.days.last()?;
    let others = last.iter().enumerate().filter(|(pool, _)| !is_gpu(of.view.plan, reference, *pool));
    let count: u64 = others.flat_map(|(_, day)| day.counts).sum();
    #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
    (count > 0).then(|| format_quantity(Dimension::Count, count as f64))
}

/// The name of a pool for people: its system, and its site where there are several.
fn pool_title(of: &Operation<'_>, pool: usize) -> String {
    let plan = of.view.plan;
    let pools = &of.histories.reference.pools;
    let (system, site) = pools[pool];
    let several = pools.iter().any(|(_, other)| *other != site);
    let title = &plan.systems[system].title;
    if several { format!("{title}, {}", plan.sites[site].title) } else { title.clone() }
}

/// What the time of all GPUs and of every pool went to, in the reference history.
fn uses(of: &Operation<'_>) -> Chart {
    let (words, reference) = (of.words(), &of.histories.reference);
    let layers = [
        (words.operation_training, "f1", &["training"][..]),
        (words.operation_reinforcement, "f5", &["reinforcement"]),
        (words.operation_service, "f3", &["service"]),
        (words.operation_batch, "f2", &["batch"]),
        (words.operation_lost, "f4", &["training_lost", "reinforcement_lost", "batch_lost"]),
        (words.operation_idle, "f8", &["idle"]),
        (words.operation_maintenance, "f7", &["maintenance"]),
        (words.operation_broken, "f6", &["broken"]),
    ];
    let row = |name: String, pools: &[usize]| {
        let shares = uses_of(reference, pools)?;
        let mut marks = Vec::new();
        let (mut from, mut useful) = (0.0, 0.0);
        for (layer, (_, _, names)) in layers.iter().enumerate() {
            let share: f64 = names.iter().map(|name| shares[name]).sum();
            if layer < 4 {
                useful += share;
            }
            if share > 0.0 {
                marks.push(RowMark { layer, low: from, value: from + share, high: from + share });
                from += share;
            }
        }
        let text = words.operation_useful(&format_quantity(Dimension::Ratio, useful));
        Some(Row { name, text, marks })
    };
    let all: Vec<usize> = (0..reference.model.pools.len()).collect();
    let gpus: Vec<usize> =
        all.iter().copied().filter(|pool| is_gpu(of.view.plan, reference, *pool)).collect();
    let mut rows: Vec<Row> = row(words.operation_all_gpus.to_owned(), &gpus).into_iter().collect();
    if all.len() > 1 {
        rows.extend(all.iter().filter_map(|pool| row(pool_title(of, *pool), &[*pool])));
    }
    Chart {
        name: "fleet-use".to_owned(),
        title: words.operation_use.to_owned(),
        description: words.operation_use_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: words.operation_share.to_owned(), dimension: Dimension::Ratio },
            base: 0.0,
            layers: layers.iter().map(|(name, fill, _)| ((*name).to_owned(), Style::Fill(fill))).collect(),
            groups: vec![RowGroup { name: String::new(), rows }],
        }),
    }
}

/// A table of values over histories: a row for each name, a column for each reading of it.
fn table<'a, Of>(
    heading: &str,
    columns: &[(&str, Dimension)],
    rows: impl Iterator<Item = (String, &'a Of)>,
    values: impl Fn(&Of) -> Vec<Value>,
) -> Markup
where
    Of: 'a,
{
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (heading) }
                @for (name, _) in columns { th.number { (name) } }
            } }
            tbody {
                @for (title, one) in rows {
                    tr {
                        th scope="row" { (title) }
                        @for ((_, dimension), value) in columns.iter().zip(values(one)) {
                            (cell(*dimension, Some(&value)))
                        }
                    }
                }
            }
        } }
    }
}

fn pools(of: &Operation<'_>) -> Markup {
    let words = of.words();
    let columns = [
        (words.operation_online, Dimension::Count),
        (words.operation_allocated, Dimension::Ratio),
        (words.operation_idle, Dimension::Ratio),
        (words.operation_broken, Dimension::Ratio),
        (words.operation_maintenance, Dimension::Ratio),
        (words.operation_exhausted, Dimension::Ratio),
        (words.operation_fragmentation, Dimension::Ratio),
    ];
    let known = of.histories.reference.model.pools.iter().enumerate();
    let rows =
        known.filter_map(|(index, pool)| Some((pool_title(of, index), of.summary.pool.get(&pool.name)?)));
    let values = |pool: &crate::operation::PoolSummary| {
        vec![
            pool.accelerators,
            pool.allocated,
            pool.idle,
            pool.broken,
            pool.maintenance,
            pool.exhausted,
            pool.fragmentation,
        ]
    };
    html! {
        h3 { (words.operation_pools) }
        p.soft { (words.operation_pools_note) }
        (table(words.operation_pool, &columns, rows, values))
    }
}

/// Titles of what stands in a map by name.
fn titled<'a, Of>(
    all: &'a BTreeMap<String, Of>,
    title: impl Fn(&'a Of) -> &'a str,
) -> impl Iterator<Item = (String, &'a Of)> {
    all.values().map(move |one| (title(one).to_owned(), one))
}

fn services(words: &Words, summary: &OperationSummary) -> Markup {
    let columns = [
        (words.operation_wanted, Dimension::Count),
        (words.operation_serving, Dimension::Count),
        (words.operation_unavailable, Dimension::Ratio),
        (words.operation_replicas_lost, Dimension::Count),
    ];
    let rows = titled(&summary.service, |service| service.title.as_str());
    let values = |service: &crate::operation::ServiceSummary| {
        // What is not there: quantiles change places.
        let rest = |value: Option<f64>| value.map(|value| 1.0 - value);
        let of = service.availability;
        let unavailable = Value {
            p10: rest(of.p90),
            p50: rest(of.p50),
            p90: rest(of.p10),
            mean: rest(of.mean),
            reference: rest(of.reference),
        };
        vec![service.wanted, service.serving, unavailable, service.lost]
    };
    html! {
        h3 { (words.operation_services) }
        (table(words.operation_service_name, &columns, rows, values))
    }
}

fn batches(words: &Words, summary: &OperationSummary) -> Markup {
    let columns = [
        (words.operation_submitted, Dimension::Count),
        (words.operation_ended, Dimension::Count),
        (words.operation_wait_p50, Dimension::Duration),
        (words.operation_wait_p90, Dimension::Duration),
        (words.operation_wait_p99, Dimension::Duration),
        (words.operation_batch_lost, Dimension::Ratio),
        (words.operation_stands_for, Dimension::Count),
    ];
    let rows = titled(&summary.batch, |batch| batch.title.as_str());
    let values = |batch: &crate::operation::BatchSummary| {
        vec![
            batch.submitted,
            batch.ended,
            batch.wait_p50,
            batch.wait_p90,
            batch.wait_p99,
            batch.lost,
            batch.stands_for,
        ]
    };
    html! {
        h3 { (words.operation_batches) }
        p.soft { (words.operation_batches_note) }
        (table(words.operation_workload, &columns, rows, values))
    }
}
