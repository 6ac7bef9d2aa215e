//! Jobs on many servers: effective time, when they are done, what interrupts the largest, and its life.

use gigawatt_engine::fleet::{Activity, CauseKind, DAY, Drawn, Time};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::operation::{Operation, weeks};
use crate::chart::{
    Across, Axis, Body, Chart, Datum, Finest, Group, Layer, Panel, Plane, Row, RowMark, Rows, Shape, Style,
};
use crate::operation::{GangOf, JobSummary, all_held, gangs_of, held, share};
use crate::{Value, Words, grouped};

/// Causes of losses that are shown.
const CAUSES: usize = 10;

/// Seconds of a day.
const SECONDS: f64 = 86_400.0;

/// Every chart with its caption.
pub(super) fn charts(of: &Operation<'_>) -> Vec<(Chart, String)> {
    let words = of.words();
    let mut charts = Vec::new();
    let mut add = |chart: Option<Chart>, caption: &str| {
        charts.extend(chart.map(|chart| (chart, caption.to_owned())));
    };
    add(goodput(of), words.operation_goodput_caption);
    add(completion(of), words.operation_completion_caption);
    add(time_of_jobs(of), words.operation_jobs_caption);
    if let Some(gang) = largest(&of.histories.reference) {
        let chart = losses(of, &gang);
        let caption = chart.as_ref().map(|chart| chart.description.clone()).unwrap_or_default();
        add(chart, &caption);
        let chart = life(of, &gang);
        let caption = chart.as_ref().map(|chart| chart.description.clone()).unwrap_or_default();
        add(chart, &caption);
    }
    charts
}

/// The job that held most accelerator-time in a history.
fn largest(drawn: &Drawn) -> Option<GangOf<'_>> {
    gangs_of(drawn).filter(|gang| gang.held() > 0).max_by_key(GangOf::held)
}

/// Jobs with their names, training runs before reinforcement learning, in the order of the reference history.
fn summaries<'a>(of: &Operation<'a>) -> Vec<(&'a str, &'a JobSummary, bool)> {
    let summary = of.summary;
    let runs = of.view.plan.training.iter().map(|run| run.name.as_str());
    let training = runs.filter_map(|name| Some((name, summary.training.get(name)?, false)));
    let learning = summary.reinforcement.iter().map(|(name, job)| (name.as_str(), job, true));
    training.chain(learning).collect()
}

/// Low, middle and high over the drawn histories; of the reference history where none was drawn.
fn interval(value: &Value) -> Option<(f64, f64, f64)> {
    match (value.p10, value.p50, value.p90) {
        (Some(low), Some(middle), Some(high)) => Some((low, middle, high)),
        _ => value.reference.map(|value| (value, value, value)),
    }
}

/// A chart of one group of rows.
fn rows_of(
    (name, title, description): (&str, &str, &str),
    axis: (&str, Dimension),
    layers: &[(&str, Style)],
    rows: Vec<Row>,
) -> Option<Chart> {
    if rows.is_empty() {
        return None;
    }
    Some(Chart {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: axis.0.to_owned(), dimension: axis.1 },
            base: 0.0,
            layers: layers.iter().map(|(name, style)| ((*name).to_owned(), *style)).collect(),
            groups: vec![Group { name: String::new(), rows }],
        }),
    })
}

/// Effective time of every job beside what the plan assumes.
fn goodput(of: &Operation<'_>) -> Option<Chart> {
    let words = of.words();
    let row = |(name, job, reinforcement): (&str, &JobSummary, bool)| {
        let (low, middle, high) = interval(&job.goodput)?;
        let mut marks = vec![RowMark::spread(0, low, middle, high)];
        let run = of.view.plan.training.iter().find(|run| !reinforcement && run.name == name);
        let assumed = run.map(|run| of.view.plan.input(run.effective_time.id()).distribution.reference());
        marks.extend(assumed.map(|value| RowMark { layer: 1, low: value, value, high: value }));
        let shown = |value| format_quantity(Dimension::Ratio, value);
        let count = job.interruptions.p50.or(job.interruptions.reference).unwrap_or(0.0);
        let count = format_quantity(Dimension::Count, count.round());
        let text = words.operation_goodput(&shown(middle), assumed.map(shown).as_deref(), &count);
        Some(Row { name: job.title.clone(), text, marks })
    };
    let rows: Vec<Row> = summaries(of).into_iter().filter_map(row).collect();
    // What is lost is a few per cent: the axis starts at the tenth below the least, unless that is most of it.
    let least = rows.iter().flat_map(|row| &row.marks).map(|mark| mark.low).fold(1.0, f64::min);
    let base = (least * 10.0).floor() / 10.0;
    let mut chart = rows_of(
        ("fleet-goodput", words.operation_goodput, words.operation_goodput_caption),
        (words.operation_effective_time, Dimension::Ratio),
        &[(words.operation_over_histories, Style::Spread("")), (words.operation_assumed, Style::Diamond)],
        rows,
    )?;
    if let Body::Rows(rows) = &mut chart.body {
        rows.base = if least >= 0.5 { base } else { 0.0 };
    }
    Some(chart)
}

/// When jobs are done, in days from the first that is simulated.
fn completion(of: &Operation<'_>) -> Option<Chart> {
    let (words, first) = (of.words(), of.period.start);
    let last = (of.period.end.days() - first.days()) * SECONDS;
    // Ends in the summary count from the first day of the plan.
    let before = (first.days() - of.view.plan.period.start.days()) * SECONDS;
    let from_first = |value: Option<f64>| value.map(|value| value - before);
    let day = |seconds: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "days of a plan")]
        let days = (seconds / SECONDS).floor().clamp(-1e5, 1e5) as i32;
        Moment(first.0.saturating_add(days)).day().to_string()
    };
    let row = |(name, job, reinforcement): (&str, &JobSummary, bool)| {
        let end = Value {
            p10: from_first(job.end.p10),
            p50: from_first(job.end.p50),
            p90: from_first(job.end.p90),
            mean: None,
            reference: from_first(job.end.reference),
        };
        // Quantiles exist from the lowest up to where histories end before the job.
        let low = end.p10.or(if job.completed.is_none() { end.reference } else { None });
        let high = if job.completed.is_none() { end.reference } else { end.p90 };
        let middle = end.p50.or(if job.completed.is_none() { end.reference } else { None });
        let mut marks: Vec<RowMark> = low
            .map(|low| RowMark::spread(0, low, middle.unwrap_or(last), high.unwrap_or(last)))
            .into_iter()
            .collect();
        let path = format!("training.{name}.end");
        let planned = of.view.summary.results.get(&path).filter(|_| !reinforcement);
        let planned = from_first(planned.and_then(|result| result.values.values().next()?.p50));
        marks.extend(planned.map(|value| RowMark { layer: 1, low: value, value, high: value }));
        let end = |value: Option<f64>| value.map_or_else(|| words.operation_later.to_owned(), day);
        let range = match (low, high) {
            (low, high) if low == high => end(low),
            (low, high) => format!("{} – {}", end(low), end(high)),
        };
        let text = match job.completed {
            Some(part) if part < 1.0 => {
                words.operation_done_in(&range, &format_quantity(Dimension::Ratio, part))
            }
            _ => range,
        };
        Some(Row { name: job.title.clone(), text, marks })
    };
    rows_of(
        ("fleet-completion", words.operation_completion, words.operation_completion_caption),
        (&words.days_from(&first.day().to_string()), Dimension::Duration),
        &[(words.operation_over_histories, Style::Spread("")), (words.operation_planned_end, Style::Diamond)],
        summaries(of).into_iter().filter_map(row).collect(),
    )
}

/// What the time of every job went to.
fn time_of_jobs(of: &Operation<'_>) -> Option<Chart> {
    let (words, reference) = (of.words(), &of.histories.reference);
    let layers = [
        (words.operation_lasting, Style::Fill("f1")),
        (words.operation_checkpoints, Style::Fill("f5")),
        (words.operation_rework, Style::Fill("f6")),
        (words.operation_stalled, Style::Fill("f4")),
        (words.operation_waiting, Style::Fill("f7")),
        (words.operation_restarting, Style::Fill("f2")),
    ];
    let row = |gang: GangOf<'_>| {
        let parts = held(gang.history)?;
        let goodput = format_quantity(Dimension::Ratio, parts[0]);
        let interval = gang.history.interval(reference.history.end);
        let text = interval.map_or(goodput.clone(), |seconds| {
            words.operation_interval(&goodput, &format_quantity(Dimension::Duration, seconds))
        });
        Some(Row { name: gang.workload.title.clone(), text, marks: stacked(&parts) })
    };
    rows_of(
        ("fleet-jobs", words.operation_jobs, words.operation_jobs_caption),
        (words.operation_of_its_time, Dimension::Ratio),
        &layers,
        gangs_of(reference).filter_map(row).collect(),
    )
}

/// Marks that stand on one another, a layer each.
fn stacked(parts: &[f64]) -> Vec<RowMark> {
    let mut marks = Vec::new();
    let mut from = 0.0;
    for (layer, part) in parts.iter().enumerate().filter(|(_, part)| **part > 0.0) {
        marks.push(RowMark { layer, low: from, value: from + part, high: from + part });
        from += part;
    }
    marks
}

/// What a job lost to the causes that cost it most.
fn losses(of: &Operation<'_>, gang: &GangOf<'_>) -> Option<Chart> {
    let words = of.words();
    let all = gang.history.held();
    let names = of.histories.reference.model.causes_of_loss();
    let mut causes: Vec<_> = names.iter().zip(&gang.history.account.losses).collect();
    causes.retain(|(_, loss)| all_held(loss) > 0);
    // Those that cost the same keep their order.
    causes.sort_by_key(|(_, loss)| std::cmp::Reverse(all_held(loss)));
    let row = |((name, title), loss): &(&(&str, &str), &gigawatt_engine::fleet::Loss)| {
        let part = |servers| share(servers, all).unwrap_or(0.0);
        let parts = [loss.rework, loss.stalled, loss.waiting, loss.restarting].map(part);
        let total = format_quantity(Dimension::Ratio, part(all_held(loss)));
        let text = words.operation_times(&total, loss.interruptions);
        Row { name: words.cause(name, title), text, marks: stacked(&parts) }
    };
    let checkpoints = share(gang.history.account.checkpoints, all)?;
    let caption = words.operation_losses_caption(&format_quantity(Dimension::Ratio, checkpoints));
    rows_of(
        ("fleet-losses", &words.operation_losses(&gang.workload.title), &caption),
        (words.operation_of_its_time, Dimension::Ratio),
        &[
            (words.operation_rework, Style::Fill("f6")),
            (words.operation_stalled, Style::Fill("f4")),
            (words.operation_waiting, Style::Fill("f7")),
            (words.operation_restarting, Style::Fill("f2")),
        ],
        causes.iter().take(CAUSES).map(row).collect(),
    )
}

/// Stretches of a job's course in which it did one thing.
fn stretches(gang: &GangOf<'_>, end: Time) -> Vec<(Time, Time, Activity)> {
    let course = &gang.history.course;
    let first = course.first().map_or(end, |(time, ..)| *time);
    let ends = course.iter().skip(1).map(|(time, ..)| *time).chain([end]);
    let told = course.iter().zip(ends).map(|((from, activity, _), to)| (*from, to, *activity));
    std::iter::once((gang.model.submit, first, Activity::Queued))
        .chain(told)
        .filter(|(from, to, activity)| to > from && *activity != Activity::Done)
        .collect()
}

/// The work that a job has done by day, the time that it lost in every week, and what interrupted it.
fn life(of: &Operation<'_>, gang: &GangOf<'_>) -> Option<Chart> {
    let (words, reference) = (of.words(), &of.histories.reference);
    let stretches = stretches(gang, reference.history.end);
    let (first, last) = (stretches.first()?.0, stretches.last()?.1);
    let start = of.period.start.0;
    let time = |moment: Moment| u64::try_from(moment.0 - start).unwrap_or(0) * DAY;
    let weeks: Vec<(Moment, Moment)> =
        weeks(of.period).filter(|(from, to)| time(*to) > first && time(*from) < last).collect();
    let period = Period { start: weeks.first()?.0, end: weeks.last()?.1 };
    let by_week = |value: &dyn Fn(Time, Time) -> f64| -> Vec<Datum> {
        let one = |(from, to): &(Moment, Moment)| {
            Datum::over((from.days(), to.days()), value(time(*from), time(*to)))
        };
        weeks.iter().map(one).collect()
    };
    let layer = |name: &str, fill: &'static str, data: Vec<Datum>| {
        let there = data.iter().any(|datum| datum.value > 0.0);
        there.then(|| Layer {
            name: name.to_owned(),
            style: Style::Fill(fill),
            shape: Shape::StackedBar,
            slot: (0, 1),
            data,
        })
    };
    let lost = [
        (words.operation_restarting, "f2", Activity::Starting),
        (words.operation_stalled, "f4", Activity::Stalled),
        (words.operation_waiting, "f7", Activity::Waiting),
        (words.operation_queued, "f8", Activity::Queued),
    ];
    let lost = lost.into_iter().filter_map(|(name, fill, activity)| {
        let within = |from: Time, to: Time| {
            let of = stretches.iter().filter(|stretch| stretch.2 == activity);
            let parts = of.map(|(start, end, _)| (*end).min(to).saturating_sub((*start).max(from)));
            #[expect(clippy::cast_precision_loss, reason = "a week has fewer than 2^53 nanoseconds")]
            let seconds = parts.sum::<Time>() as f64 / 1e9;
            seconds
        };
        layer(name, fill, by_week(&within))
    });
    let names = reference.model.causes_of_loss();
    // A change to another number of servers was planned.
    let mut interrupted = interruptions(gang);
    interrupted.retain(|(_, cause)| names.get(*cause).is_some_and(|(name, _)| *name != "resize"));
    let kinds = Interruption::ALL.into_iter().filter_map(|(kind, fill)| {
        let within = |from: Time, to: Time| {
            let causes = &reference.model;
            let of = interrupted.iter().filter(|(at, _)| (from..to).contains(at));
            f64::from(of.map(|(_, cause)| u32::from(Interruption::of(causes, *cause) == kind)).sum::<u32>())
        };
        layer(kind.name(words), fill, by_week(&within))
    });
    let panel = |name: &str, dimension: Dimension, height: (f64, f64), layers: Vec<Layer>| Panel {
        upright: Axis { name: name.to_owned(), dimension },
        height,
        layers,
    };
    let at = gangs_of(reference).position(|other| other.workload.name == gang.workload.name)?;
    let done = (start + 1..).zip(&reference.history.measures.progress);
    let done = done
        .map(|(day, gangs)| Datum::at(f64::from(day), gangs[at]))
        .filter(|datum| datum.from > period.start.days() && datum.from <= period.end.days());
    let done = Layer {
        name: words.operation_progress.to_owned(),
        style: Style::Line("t1"),
        shape: Shape::Line,
        slot: (0, 1),
        data: done.collect(),
    };
    let panels = vec![
        panel(words.operation_progress, Dimension::Ratio, (150.0, 130.0), vec![done]),
        panel(words.operation_lost_time, Dimension::Duration, (150.0, 130.0), lost.collect()),
        panel(words.operation_interrupted, Dimension::Count, (150.0, 130.0), kinds.collect()),
    ];
    Some(Chart {
        name: "fleet-life".to_owned(),
        title: words.operation_life(&gang.workload.title),
        description: words.operation_life_caption(&grouped(gang.accelerators())),
        body: Body::Plane(Plane {
            across: Across::Time { period, finest: Finest::Quarters },
            panels: panels.into_iter().filter(|panel| !panel.layers.is_empty()).collect(),
            stops: weeks
                .iter()
                .map(|(from, to)| (from.days(), to.days(), words.operation_week(&from.day().to_string())))
                .collect(),
            divider: None,
        }),
    })
    .filter(|chart| matches!(&chart.body, Body::Plane(plane) if !plane.panels.is_empty()))
}

/// When a job's work was interrupted, and by what cause.
fn interruptions(gang: &GangOf<'_>) -> Vec<(Time, usize)> {
    let course = &gang.history.course;
    let next = course.iter().zip(course.iter().skip(1));
    next.filter(|((_, before, _), (_, after, _))| {
        *before == Activity::Running && !matches!(after, Activity::Running | Activity::Done)
    })
    .map(|(_, (time, _, cause))| (*time, *cause))
    .collect()
}

/// What a job is interrupted by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Interruption {
    Hardware,
    Software,
    Domain,
    Asked,
}

impl Interruption {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Hardware, "f1"), (Self::Software, "f5"), (Self::Domain, "f6"), (Self::Asked, "f8")];

    fn of(model: &gigawatt_engine::fleet::Model, cause: usize) -> Self {
        match model.causes.get(cause) {
            Some(cause) if cause.kind == CauseKind::Software => Self::Software,
            Some(_) => Self::Hardware,
            None if cause < model.causes.len() + model.operations.domains.len() => Self::Domain,
            None => Self::Asked,
        }
    }

    fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Hardware => words.operation_hardware,
            Self::Software => words.operation_software,
            Self::Domain => words.operation_domains,
            Self::Asked => words.operation_asked,
        }
    }
}
