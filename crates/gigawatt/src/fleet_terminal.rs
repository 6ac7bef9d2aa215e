//! A fleet's histories in the terminal.

use anstyle::Style;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_range};
use gigawatt_report::fleet::{
    BatchSummary, FailureSummary, FleetSummary, JobSummary, PoolSummary, ServiceSummary, SizeSummary, Spread,
};

use crate::terminal::{columns, printable};

/// Causes of failures that are shown.
const CAUSES: usize = 12;
/// Causes of a job's losses that are shown.
const LOSSES: usize = 6;

/// Everything, jobs first.
pub fn shown(name: &str, summary: &FleetSummary) -> String {
    let bold = Style::new().bold();
    let mut text = format!(
        "{bold}{}{bold:#}, {} to {}: {} histories with drawn inputs beside the reference; p10 – p90 in brackets,\noutside of which the reference may lie: its inputs are at the modes of skewed ranges\n",
        printable(name),
        summary.from,
        summary.to,
        summary.histories
    );
    if summary.partial {
        text.push_str("partial: it was stopped before the end\n");
    }
    let mut section = |title: &str, table: Option<String>| {
        if let Some(table) = table {
            text.push_str(&format!("\n{bold}{title}{bold:#}\n{table}"));
        }
    };
    section("Jobs on many servers", jobs(&summary.jobs));
    for job in &summary.jobs {
        section(
            &format!("Losses of {}, of the time that it held servers", printable(&job.title)),
            losses(job),
        );
    }
    section("Pools, of the time online", pools(&summary.pools));
    section("Services", services(&summary.services));
    section("Batch jobs", batches(&summary.batch));
    section("Batch jobs by size", sizes(&summary.sizes));
    section("Failures", failures(&summary.failures));
    text
}

/// A value with its range below or beside it.
fn value(dimension: Dimension, spread: &Spread) -> String {
    let Some(reference) = spread.reference.or(spread.p50) else { return "–".to_owned() };
    let shown = format_quantity(dimension, reference);
    match (spread.p10, spread.p90) {
        (Some(low), Some(high)) => match format_range(dimension, low, high) {
            // All histories have the same, to the digits shown.
            range if range.is_empty() => shown,
            range => format!("{shown} ({range})"),
        },
        _ => shown,
    }
}

fn table(header: &[&str], rows: Vec<Vec<String>>) -> Option<String> {
    (!rows.is_empty()).then(|| columns(header, rows))
}

fn jobs(jobs: &[JobSummary]) -> Option<String> {
    let row = |job: &JobSummary| {
        let done = match (job.done_after.reference, job.done) {
            (Some(_), _) => value(Dimension::Duration, &scaled(&job.done_after, 86_400.0)),
            (None, Some(part)) if part > 0.0 => format!("in {}", format_quantity(Dimension::Ratio, part)),
            _ => format!("{} by the end", value(Dimension::Ratio, &job.progress)),
        };
        vec![
            printable(&job.title),
            format_quantity(Dimension::Count, job.accelerators),
            value(Dimension::Ratio, &job.goodput),
            value(Dimension::Count, &job.interruptions),
            value(Dimension::Duration, &job.mean_time),
            value(Dimension::Duration, &job.checkpoint_interval),
            done,
        ]
    };
    let mut text = table(
        &[
            "job",
            "accelerators",
            "effective time",
            "interruptions",
            "mean time between",
            "checkpoint every",
            "done after",
        ],
        jobs.iter().map(row).collect(),
    )?;
    for job in jobs {
        let Some(of) = job.analytic else { continue };
        let linear = match (of.linear, of.linear_lost) {
            (Some(linear), _) => format!("linear {}", format_quantity(Dimension::Ratio, linear)),
            (None, Some(lost)) => {
                format!(
                    "the linear formula finds {} lost and does not hold",
                    format_quantity(Dimension::Ratio, lost)
                )
            }
            (None, None) => "the linear formula does not hold".to_owned(),
        };
        text.push_str(&format!(
            "{}: closed form {}, {linear}, an interruption in {}; simulated {}\n",
            printable(&job.title),
            format_quantity(Dimension::Ratio, of.exact),
            format_quantity(Dimension::Duration, of.mean_time),
            value(Dimension::Ratio, &job.goodput)
        ));
    }
    Some(text)
}

fn scaled(spread: &Spread, factor: f64) -> Spread {
    let by = |value: Option<f64>| value.map(|value| value * factor);
    Spread {
        reference: by(spread.reference),
        p10: by(spread.p10),
        p50: by(spread.p50),
        p90: by(spread.p90),
        mean: by(spread.mean),
    }
}

fn losses(job: &JobSummary) -> Option<String> {
    let part =
        |spread: &Spread| format_quantity(Dimension::Ratio, spread.reference.or(spread.p50).unwrap_or(0.0));
    let rows = job.losses.iter().take(LOSSES).map(|loss| {
        vec![
            printable(&loss.title),
            value(Dimension::Count, &loss.interruptions),
            part(&loss.rework),
            part(&loss.stalled),
            part(&loss.waiting),
            part(&loss.restarting),
        ]
    });
    table(&["cause", "interruptions", "done again", "unnoticed", "waiting", "starting"], rows.collect())
}

fn pools(pools: &[PoolSummary]) -> Option<String> {
    let share = |pool: &PoolSummary, states: &[&str]| {
        let of = |value: fn(&Spread) -> Option<f64>| {
            let parts = pool.states.iter().filter(|state| states.contains(&state.state.as_str()));
            parts.map(|state| value(&state.share).unwrap_or(0.0)).sum::<f64>()
        };
        format_quantity(Dimension::Ratio, of(|spread| spread.reference.or(spread.p50)))
    };
    let row = |pool: &PoolSummary| {
        vec![
            printable(&pool.name),
            value(Dimension::Count, &pool.accelerators[1]),
            share(pool, &["idle"]),
            share(pool, &["training", "reinforcement"]),
            share(pool, &["service"]),
            share(pool, &["batch"]),
            share(
                pool,
                &[
                    "undetected",
                    "diagnosis",
                    "awaiting_technician",
                    "repair",
                    "awaiting_replacement",
                    "burn_in",
                    "outage",
                ],
            ),
            share(pool, &["maintenance"]),
            value(Dimension::Ratio, &pool.exhausted),
            value(Dimension::Ratio, &pool.fragmentation),
        ]
    };
    table(
        &[
            "pool",
            "accelerators at the end",
            "idle",
            "training",
            "service",
            "batch",
            "broken",
            "maintenance",
            "no spares",
            "free, scattered",
        ],
        pools.iter().map(row).collect(),
    )
    .map(|text| {
        text + "idle: without a job of the scenario; `gw power` takes it to do work that is not described, but for `fleet.undescribed`. free, scattered: of the\nwholly free servers those outside wholly free racks; in its own measure, as is no spares\n"
    })
}

fn services(services: &[ServiceSummary]) -> Option<String> {
    let row = |service: &ServiceSummary| {
        vec![
            printable(&service.title),
            value(Dimension::Count, &service.wanted),
            value(Dimension::Ratio, &service.availability),
            value(Dimension::Count, &service.lost),
        ]
    };
    table(
        &["service", "replicas wanted", "answering", "lost to failures"],
        services.iter().map(row).collect(),
    )
}

fn batches(batches: &[BatchSummary]) -> Option<String> {
    let row = |batch: &BatchSummary| {
        vec![
            printable(&batch.title),
            value(Dimension::Count, &batch.simulated),
            value(Dimension::Count, &batch.stands_for),
            value(Dimension::Count, &batch.accelerator_hours),
            value(Dimension::Duration, &batch.wait.p50),
            value(Dimension::Duration, &batch.wait.p99),
            value(Dimension::Ratio, &batch.lost),
        ]
    };
    table(
        &[
            "workload",
            "jobs simulated",
            "each stands for",
            "accelerator-hours",
            "wait p50",
            "wait p99",
            "done again",
        ],
        batches.iter().map(row).collect(),
    )
}

fn sizes(sizes: &[SizeSummary]) -> Option<String> {
    let row = |size: &SizeSummary| {
        vec![
            format_quantity(Dimension::Count, size.accelerators),
            value(Dimension::Count, &size.hours),
            value(Dimension::Count, &size.interruptions),
            value(Dimension::Duration, &size.mean_time),
        ]
    };
    table(
        &["accelerators up to", "job-hours", "stopped by failures", "mean time between"],
        sizes.iter().map(row).collect(),
    )
}

fn failures(failures: &[FailureSummary]) -> Option<String> {
    let row =
        |failure: &FailureSummary| vec![printable(&failure.title), value(Dimension::Count, &failure.count)];
    table(&["cause", "failures"], failures.iter().take(CAUSES).map(row).collect())
}
