//! The checkpoints of a job in the terminal.

use anstyle::Style;
use gigawatt_engine::reliability::{LINEAR_LIMIT, Ranged, Strategy};
use gigawatt_plan::quantity::{Dimension, format_quantity, format_range, format_significant};
use gigawatt_report::checkpoint::{CheckpointSummary, CurvePoint, SizeRow, SparesRow, StrategySummary};
use gigawatt_report::grouped;

use crate::terminal::{columns, printable};

/// Of the curve's points every so manyth is printed.
const EVERY: usize = 4;

/// Everything, the answer first.
pub fn shown(summary: &CheckpointSummary, asked: Option<f64>) -> String {
    let bold = Style::new().bold();
    let mut text = format!(
        "{bold}{}{bold:#} on {} accelerators of {}, a state of {}\n\n",
        printable(&summary.title),
        grouped(summary.accelerators),
        summary.system,
        format_quantity(Dimension::Bytes, summary.state)
    );
    if let Some(best) = summary.best() {
        text.push_str(&answer(summary, best));
    }
    text.push_str(&premises(summary));
    text.push('\n');
    text.push_str(&strategies(summary, asked));
    text.push_str(&beyond(summary));
    if !summary.curve.is_empty() {
        text.push_str(&format!("\n{}", curve(summary)));
    }
    text.push_str(&format!("\n{}", spares(summary)));
    text.push_str(&format!("\n{}", sizes(summary)));
    text
}

fn answer(summary: &CheckpointSummary, best: &StrategySummary) -> String {
    let duration = |seconds| format_quantity(Dimension::Duration, seconds);
    if best.goodput.value <= 0.0 {
        return "it gets nothing done: interruptions come faster than restarts end\n\n".to_owned();
    }
    if best.interval.is_infinite() {
        return "nothing interrupts it: checkpoints cost and save nothing\n\n".to_owned();
    }
    let in_storage = match best.strategy {
        Strategy::Memory => format!(", every {} in storage", duration(best.storage_interval)),
        _ => String::new(),
    };
    format!(
        "best: {}, every {} of work{in_storage}; {} spare servers; effective time {} ({})\n\n",
        best.strategy.words(),
        duration(best.interval),
        grouped(summary.spares),
        format_quantity(Dimension::Ratio, best.goodput.value),
        range(Dimension::Ratio, best.goodput)
    )
}

/// What went in.
fn premises(summary: &CheckpointSummary) -> String {
    let duration = |seconds| format_quantity(Dimension::Duration, seconds);
    let bandwidth = |bytes| format_quantity(Dimension::Bandwidth, bytes);
    let rate = summary.server_rate;
    let software = match summary.software_interval {
        Some(seconds) => format!("; software once in {} whatever the size", duration(seconds)),
        None => "; all causes counted".to_owned(),
    };
    let steps: Vec<String> = summary
        .restart_steps
        .iter()
        .map(|step| format!("{} {}", step.name.replace('_', "-"), duration(step.seconds.value)))
        .collect();
    let restart = if steps.is_empty() { "as said".to_owned() } else { steps.join(", ") };
    let row =
        |name: &str, value: String, range: String, note: String| vec![name.to_owned(), value, range, note];
    let (moves, speed) = (summary.moves, summary.bandwidth);
    let rows = vec![
        row(
            "server failures in 1,000 days",
            format_significant(rate.value),
            span(rate),
            summary.rate_from.clone(),
        ),
        row(
            "between interruptions",
            duration(summary.mean_time.value),
            range(Dimension::Duration, summary.mean_time),
            format!("{} servers of eight{software}", grouped(whole(summary.servers))),
        ),
        row(
            "restart, without load",
            duration(summary.restart.value),
            range(Dimension::Duration, summary.restart),
            restart,
        ),
        row(
            "write to storage",
            duration(moves.write),
            String::new(),
            format!(
                "{} of storage, {} of a server's link",
                bandwidth(speed.storage),
                bandwidth(speed.server_link)
            ),
        ),
        row(
            "into the servers' memory",
            duration(moves.stage),
            String::new(),
            format!("{} an accelerator", bandwidth(speed.staging)),
        ),
        row(
            "a copy in another server",
            duration(moves.copy),
            String::new(),
            format!(
                "{} an accelerator; {} of interruptions lose every copy",
                bandwidth(speed.network),
                share(summary.fallback)
            ),
        ),
    ];
    columns(&["", "", "range", ""], rows)
}

fn strategies(summary: &CheckpointSummary, asked: Option<f64>) -> String {
    let duration = |seconds: Option<f64>| match seconds {
        Some(seconds) if seconds.is_infinite() => "never".to_owned(),
        Some(seconds) => format_quantity(Dimension::Duration, seconds),
        None => "–".to_owned(),
    };
    let at = asked.map(|interval| format!("at {}", format_quantity(Dimension::Duration, interval)));
    let mut header = vec![
        "checkpoints",
        "every",
        "Young",
        "Daly",
        "writing",
        "lost work",
        "restarts",
        "waiting",
        "effective",
        "range",
        "linear",
    ];
    header.extend(at.as_deref());
    let rows = summary.strategies.iter().map(|one| {
        let mut row = vec![
            one.strategy.words().to_owned(),
            duration(Some(one.interval)),
            duration(one.young),
            duration(one.daly),
            share(one.shares.of.writing),
            share(one.shares.of.lost),
            share(one.shares.of.restart),
            share(one.shares.waiting),
            share(one.goodput.value),
            range(Dimension::Ratio, one.goodput),
            match (one.linear, one.linear_lost) {
                (Some(linear), _) => share(linear),
                (None, Some(_)) => "out of range".to_owned(),
                (None, None) => "–".to_owned(),
            },
        ];
        row.extend(one.asked.map(share));
        row
    });
    columns(&header, rows.collect())
}

/// Where the linear formula does not hold.
fn beyond(summary: &CheckpointSummary) -> String {
    let lost = summary.strategies.iter().filter_map(|one| one.linear_lost).fold(0.0, f64::max);
    if lost <= LINEAR_LIMIT {
        return String::new();
    }
    // At a hundred times the rate nothing is told but that.
    let found =
        if lost >= 1.0 { "all of the time".to_owned() } else { format!("{:.0} % of the time", 100.0 * lost) };
    format!(
        "\nthe linear formula does not hold here: it finds {found} lost, and losses add up only to about {:.0} %; the exact form is shown\n",
        100.0 * LINEAR_LIMIT
    )
}

fn curve(summary: &CheckpointSummary) -> String {
    let row = |point: &CurvePoint| {
        vec![
            format_quantity(Dimension::Duration, point.interval),
            share(point.blocking),
            share(point.background),
            share(point.memory),
        ]
    };
    let rows = summary.curve.iter().step_by(EVERY).map(row).collect();
    let [blocking, background, memory] = Strategy::ALL.map(Strategy::words);
    columns(&["effective time, checkpoints every", blocking, background, memory], rows)
}

fn spares(summary: &CheckpointSummary) -> String {
    let row = |one: &SparesRow| {
        let own = if one.spares == summary.spares { " (taken)" } else { "" };
        vec![
            format!("{}{own}", grouped(one.spares)),
            share(f64::from(one.spares) / summary.servers),
            share(one.exhausted),
            format_quantity(Dimension::Duration, one.wait),
            share(one.goodput),
        ]
    };
    let rows = summary.spares_table.iter().map(row).collect();
    columns(&["spare servers", "of the job's", "time without one", "a wait", "effective"], rows)
}

fn sizes(summary: &CheckpointSummary) -> String {
    let row = |one: &SizeRow| {
        vec![
            grouped(one.accelerators),
            format_quantity(Dimension::Duration, one.mean_time),
            one.strategy.words().to_owned(),
            match one.interval.is_finite() {
                true => format_quantity(Dimension::Duration, one.interval),
                false => "never".to_owned(),
            },
            share(one.goodput),
        ]
    };
    let rows = summary.sizes.iter().map(row).collect();
    columns(&["accelerators", "between interruptions", "best", "every", "effective, never waiting"], rows)
}

/// A share of time or of servers; what is nearly nothing is told as such.
fn share(value: f64) -> String {
    if value > 0.0 && value < 1e-7 {
        "< 0.00001 %".to_owned()
    } else {
        format_quantity(Dimension::Ratio, value)
    }
}

fn range(dimension: Dimension, range: Ranged) -> String {
    format_range(dimension, range.low, range.high)
}

fn span(range: Ranged) -> String {
    let [low, high] = [range.low, range.high].map(format_significant);
    if low == high { String::new() } else { format!("{low} – {high}") }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is meant")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}
