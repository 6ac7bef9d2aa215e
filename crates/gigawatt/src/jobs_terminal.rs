//! What `gw jobs` prints.

use anstyle::Style;
use gigawatt_plan::job_trace::{Percentiles, Pool, TraceQuality};
use gigawatt_plan::period::Moment;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_significant};

use crate::terminal::{columns, printable};

/// Pools that are printed; the others stand in JSON.
const POOLS: usize = 20;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// What stands where nothing is known.
const NOTHING: &str = "–";

/// The report on a trace.
pub fn quality(name: &str, report: &TraceQuality) -> String {
    let sections = [title(name, report), distributions(report), states(report), pools(report), amiss(report)];
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n")
}

fn title(name: &str, report: &TraceQuality) -> String {
    let bold = Style::new().bold();
    let name = printable(name);
    let mut text =
        format!("{bold}{name}{bold:#}: {} jobs of {} users", grouped(report.jobs), grouped(report.users));
    if let Some(span) = report.span {
        let days = format_significant(real(span.seconds()) / 86_400.0);
        let (from, to) = (day(report, span.first_submit), day(report, span.last_end));
        text.push_str(&format!(", {from} to {to} ({days} days)"));
    }
    text.push_str(&format!("; {}, sizes in {}\n", report.header.format.name(), report.unit.words()));
    if report.parts > 0 {
        text.push_str(&format!("rows that are steps or parts of jobs: {}\n", grouped(report.parts)));
    }
    for left_out in &report.left_out {
        let (lines, why) = (grouped(left_out.lines), left_out.cause.words());
        text.push_str(&format!("lines left out: {lines} ({why}, first in line {})\n", left_out.first_line));
    }
    text
}

fn distributions(report: &TraceQuality) -> String {
    let plain = |value: f64| format_significant(value);
    let time = |value: f64| format_quantity(Dimension::Duration, value);
    let share = |value: f64| format!("{} %", format_significant(value / 10.0));
    let row = |name: &str, values: &Percentiles, shown: &dyn Fn(f64) -> String| {
        let whole = |value: Option<u64>| value.map_or(NOTHING.to_owned(), |value| shown(real(value)));
        vec![
            name.to_owned(),
            grouped(values.count),
            values.mean.map_or(NOTHING.to_owned(), shown),
            whole(values.p10),
            whole(values.p50),
            whole(values.p90),
            whole(values.p99),
            whole(values.max),
        ]
    };
    let rows = vec![
        row("size", &report.sizes, &plain),
        row("run time", &report.runs, &time),
        row("limit asked for", &report.limits, &time),
        row("share of it used", &report.limit_used, &share),
        row("wait", &report.waits, &time),
    ];
    columns(&["", "jobs", "mean", "p10", "p50", "p90", "p99", "largest"], rows)
}

fn states(report: &TraceQuality) -> String {
    let rows = report.states.iter().map(|one| {
        let state = one.state.words().to_owned();
        vec![state, grouped(one.jobs), percent(one.job_share), percent(one.work_share)]
    });
    columns(&["ended", "jobs", "of all jobs", "of all work"], rows.collect())
}

fn pools(report: &TraceQuality) -> String {
    let unknown = || NOTHING.to_owned();
    let row = |pool: &Pool| {
        let peak = pool.peak;
        let busiest = peak.and_then(|week| week.load).map(percent);
        let busiest = busiest.or(peak.map(|week| format_significant(week.work / (7.0 * 86_400.0)) + " busy"));
        vec![
            printable(&pool.name),
            grouped(pool.jobs),
            pool.capacity.map_or_else(unknown, grouped),
            pool.mean_busy.map_or_else(unknown, format_significant),
            pool.load.map_or_else(unknown, percent),
            busiest.unwrap_or_else(unknown),
            peak.map_or_else(unknown, |week| day(report, week.start)),
        ]
    };
    let single = report.pools.len() == 1 && report.pools[0].capacity.is_none();
    let each = report.pools.iter().take(if single { 0 } else { POOLS });
    let rows = std::iter::once(&report.machine).chain(each).map(row).collect();
    let mut text =
        columns(&["asked of", "jobs", "capacity", "mean busy", "load", "busiest week", "from"], rows);
    if report.pools.len() > POOLS {
        text.push_str(&format!("and {} more\n", report.pools.len() - POOLS));
    }
    if report.machine.capacity.is_none() {
        text.push_str("load is not known: say with --capacity what there is\n");
    }
    text
}

/// What is missing or impossible, and whether a replay can use it as it stands.
fn amiss(report: &TraceQuality) -> String {
    let mut text = String::new();
    if !report.findings.is_empty() {
        let rows = report.findings.iter().map(|finding| {
            let share = percent(real(finding.jobs) / real(report.jobs.max(1)));
            vec![finding.kind.words().to_owned(), grouped(finding.jobs), share, grouped(finding.first_line)]
        });
        text = columns(&["amiss", "jobs", "of all jobs", "first in line"], rows.collect());
    }
    let order = report.order;
    if order.rows > 0 {
        let furthest = format_quantity(Dimension::Duration, real(order.furthest));
        let end = match order.beyond {
            0 => format!("a replay sorts them in a buffer of {} jobs", grouped(order.buffer)),
            jobs => format!(
                "{} of them are further away than a buffer of {} jobs: sort the trace by submission before a replay",
                grouped(jobs),
                grouped(order.buffer)
            ),
        };
        text.push_str(&format!("jobs out of order were submitted up to {furthest} earlier; {end}\n"));
    }
    text
}

/// A day of the calendar, or of the trace where it does not say when it starts.
fn day(report: &TraceQuality, time: i64) -> String {
    match report
        .header
        .origin
        .and_then(|origin| i32::try_from(origin.checked_add(time)?.div_euclid(DAY)).ok())
    {
        Some(day) => Moment(day).day().to_string(),
        None => format!("day {}", time.div_euclid(DAY)),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A whole number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "for the reader's eye")]
fn real(number: u64) -> f64 {
    number as f64
}
