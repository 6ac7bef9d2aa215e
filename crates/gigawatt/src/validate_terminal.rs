//! Errors of predictions, for people.

use std::fmt::Write;

use gigawatt_validation::Statistics;
use gigawatt_validation::training::{Report, Skipped, Worst};

use crate::terminal::{columns, printable};

/// Groups with fewer rows are left to the JSON document.
const FEWEST: usize = 3;

/// Reasons for skipping that are listed.
const REASONS: usize = 12;

/// The report of training steps.
pub fn training(report: &Report) -> String {
    let mut text = String::from("errors of predicted tokens per second and accelerator\n\n");
    let mut rows = Vec::new();
    let mut add = |name: &str, statistics: &Statistics| rows.push(row(name, statistics));
    if let Some(overall) = &report.overall {
        add("all rows that count", overall);
    }
    for (way, title) in [
        ("architecture", ""),
        ("gpu_family", ""),
        ("precision", ""),
        ("scale", " accelerators"),
        ("framework", ""),
        ("publisher", " (publisher)"),
    ] {
        for (name, statistics) in report.by.get(way).into_iter().flatten() {
            if statistics.count >= FEWEST {
                add(&format!("{name}{title}"), statistics);
            }
        }
    }
    for (way, statistics) in report.cross_validated.iter().flatten() {
        let left = match *way {
            "model_gpu" => "model on accelerator",
            other => other,
        };
        add(&format!("not fitted on its {left}"), statistics);
    }
    if let Some(naive) = &report.naive {
        add("a median share of the peak instead", naive);
    }
    if let Some(unscored) = &report.unscored {
        add("rows that do not count", unscored);
    }
    text.push_str(&columns(&HEADER, rows));
    text.push_str(&worst(&report.worst));
    text.push_str(&skipped(&report.skipped));
    text
}

const HEADER: [&str; 8] = ["", "rows", "median", "90 %", "mean", "bias", "inside 80 %", "half-width"];

fn row(name: &str, statistics: &Statistics) -> Vec<String> {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    // The naive predictor states no interval.
    let stated = statistics.interval_half_width > 0.0;
    let interval = |share: f64| if stated { percent(share) } else { String::new() };
    vec![
        printable(name),
        statistics.count.to_string(),
        percent(statistics.median_abs_error),
        percent(statistics.p90_abs_error),
        percent(statistics.mape),
        format!("{:+.1} %", 100.0 * statistics.bias),
        interval(statistics.interval_coverage),
        interval(statistics.interval_half_width),
    ]
}

/// The rows with the largest errors.
fn worst(rows: &[Worst]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rows = rows
        .iter()
        .map(|one| vec![printable(&one.id), format!("{:+.1} %", 100.0 * one.error), printable(&one.cause)])
        .collect();
    format!("\nworst\n{}", columns(&["", "error", "probable cause"], rows))
}

/// Why rows have no prediction, the most frequent reasons first.
fn skipped(rows: &[Skipped]) -> String {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for one in rows {
        match reasons.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, times)) => *times += 1,
            None => reasons.push((&one.reason, 1)),
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let mut text = format!("\n{} rows without a prediction\n", rows.len());
    for (reason, times) in reasons.iter().take(REASONS) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{times:5}  {}", printable(reason));
    }
    if let Some(rest) = reasons.len().checked_sub(REASONS).filter(|rest| *rest > 0) {
        let _ = writeln!(text, "       and {rest} more reasons; `--csv` has one for each row");
    }
    text
}
