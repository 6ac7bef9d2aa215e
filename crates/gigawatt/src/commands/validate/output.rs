//! What `gw validate` prints and writes, whatever was measured.

use std::collections::BTreeMap;

use gigawatt_validation::serving::ServingReport;
use gigawatt_validation::{Line, Report, Skipped, Statistics, Worst, to_csv};

use crate::arguments::PointsOptions;
use crate::failure::Failure;
use crate::{file, terminal};

/// How many of the worst rows, and of the reasons for skipping, are printed.
const SHOWN: usize = 10;

/// Writes the lines and prints the report: tables by the groups named, and then all rows together.
pub(super) fn tell(
    options: &PointsOptions,
    lines: &[Line],
    report: &Report,
    tables: &[&str],
) -> Result<(), Failure> {
    if let Some(path) = &options.csv {
        file::replace(path, to_csv(lines).map_err(Failure::internal)?)?;
    }
    if options.json {
        return terminal::print_json(&serde_json::to_value(report).map_err(Failure::internal)?);
    }
    let mut text = String::new();
    for by in tables {
        if let Some(groups) = report.by.get(by) {
            text.push_str(&table(groups.iter().map(|(name, group)| (name.as_str(), group))));
            text.push('\n');
        }
    }
    let left_out = report.cross_validated.iter().flatten().map(|(way, group)| match *way {
        "document" => ("not fitted on its document", Some(group)),
        "publisher" => ("not fitted on its publisher", Some(group)),
        _ => ("not fitted on its model and accelerator", Some(group)),
    });
    let all = [("all scored rows", report.overall.as_ref())].into_iter().chain(left_out).chain([
        ("a median share of the peak instead", report.naive.as_ref()),
        ("rows that do not count", report.unscored.as_ref()),
    ]);
    let all: Vec<(&str, &Statistics)> = all.filter_map(|(name, group)| Some((name, group?))).collect();
    match all.is_empty() {
        true => text.push_str("no row was predicted\n"),
        false => text.push_str(&table(all.into_iter())),
    }
    text.push_str(&worst(&report.worst));
    text.push_str(&skipped(&report.skipped));
    terminal::print(&text)
}

/// Writes the lines and prints the report of serving: a table for each way of grouping, by metric, and then all rows.
pub(super) fn tell_serving(
    options: &PointsOptions,
    lines: &[Line],
    report: &ServingReport,
) -> Result<(), Failure> {
    if let Some(path) = &options.csv {
        file::replace(path, to_csv(lines).map_err(Failure::internal)?)?;
    }
    if options.json {
        return terminal::print_json(&serde_json::to_value(report).map_err(Failure::internal)?);
    }
    let mut text = String::new();
    for by in ["architecture", "gpu", "engine", "source_key", "scenario", "load"] {
        let Some(groups) = report.by.get(by) else { continue };
        let named: Vec<(String, &Statistics)> = groups
            .iter()
            .flat_map(|(name, metrics)| {
                metrics.iter().map(move |(metric, group)| (format!("{name}: {metric}"), group))
            })
            .collect();
        text.push_str(&table(named.iter().map(|(name, group)| (name.as_str(), *group))));
        text.push('\n');
    }
    let mut all: Vec<(String, &Statistics)> = Vec::new();
    all.extend(report.overall.iter().map(|(metric, group)| (format!("all scored rows: {metric}"), group)));
    for (way, metrics) in report.cross_validated.iter().flatten() {
        let left_out = match *way {
            "gpu_generation" => "not fitted on its generation",
            _ => "not fitted on its model and accelerator",
        };
        all.extend(metrics.iter().map(|(metric, group)| (format!("{left_out}: {metric}"), group)));
    }
    all.extend(report.naive.iter().map(|(metric, group)| (format!("medians instead: {metric}"), group)));
    all.extend(
        report.unscored.iter().map(|(metric, group)| (format!("rows that do not count: {metric}"), group)),
    );
    match all.is_empty() {
        true => text.push_str("no row was predicted\n"),
        false => text.push_str(&table(all.iter().map(|(name, group)| (name.as_str(), *group)))),
    }
    text.push_str(&format!(
        "\n{:.1} % of the rows that count are predicted\n",
        100.0 * report.predicted_share
    ));
    text.push_str(&worst(&report.worst));
    text.push_str(&skipped(&report.skipped));
    terminal::print(&text)
}

/// The rows that are furthest off.
fn worst(worst: &[Worst]) -> String {
    if worst.is_empty() {
        return String::new();
    }
    let rows = worst.iter().take(SHOWN);
    let rows = rows.map(|row| {
        vec![terminal::printable(&row.id), format!("{:+.0} %", row.error * 100.0), row.cause.clone()]
    });
    format!("\n{}", terminal::columns(&["furthest off", "error", "what is known of it"], rows.collect()))
}

fn table<'r>(groups: impl Iterator<Item = (&'r str, &'r Statistics)>) -> String {
    let share = |value: f64| format!("{:.1} %", value * 100.0);
    let rows = groups.map(|(name, group)| {
        vec![
            name.to_owned(),
            group.count.to_string(),
            share(group.median_abs_error),
            share(group.p90_abs_error),
            format!("{:+.1} %", percent(group.bias)),
            share(group.interval_coverage),
            format!("± {}", share(group.interval_half_width)),
        ]
    });
    terminal::columns(&["", "rows", "median", "p90", "bias", "inside 80 %", "half width"], rows.collect())
}

/// A logarithm as percent.
fn percent(logarithm: f64) -> f64 {
    logarithm.exp_m1() * 100.0
}

/// Why rows were skipped, the most frequent reason first.
fn skipped(skipped: &[Skipped]) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for row in skipped {
        *reasons.entry(&row.reason).or_default() += 1;
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut reasons: Vec<(&str, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rows = reasons
        .iter()
        .take(SHOWN)
        .map(|(reason, count)| vec![count.to_string(), terminal::printable(reason)]);
    format!("\n{}", terminal::columns(&["skipped", "why"], rows.collect()))
}
