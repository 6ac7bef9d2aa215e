//! `gw validate reliability`.

use gigawatt_plan::quantity::format_significant;
use gigawatt_report::grouped;
use gigawatt_validation::reliability::{
    CausesTest, Coverage, Known, NEEDED, ReliabilityReport, RowAnswer, RowSkipped, answers, csv_lines,
};
use gigawatt_validation::{Table, to_csv};

use super::{read, spare, unusable};
use crate::arguments::{CatalogueOption, PointsOptions};
use crate::failure::Failure;
use crate::{catalogue, file, terminal};

/// Rows that are printed; all are in `--json` and `--csv`.
const SHOWN: usize = 200;

/// Predicts published failures.
pub(super) fn reliability(options: &PointsOptions) -> Result<(), Failure> {
    spare(&options.points, [&options.csv])?;
    let bytes = read(&options.points)?;
    let table =
        Table::parse(&bytes, &NEEDED).map_err(|reason| unusable(&options.points, &reason, &NEEDED))?;
    let catalogue = catalogue::in_use(&CatalogueOption::default(), options.quiet)?;
    let known = Known::of(&catalogue).map_err(Failure::internal)?;
    let report = answers(&table, &known);
    if let Some(path) = &options.csv {
        file::replace(path, to_csv(&csv_lines(&report)).map_err(Failure::internal)?)?;
    }
    if options.json {
        return terminal::print_json(&serde_json::to_value(&report).map_err(Failure::internal)?);
    }
    terminal::print(&shown(&report))
}

fn shown(report: &ReliabilityReport) -> String {
    let mut text = String::new();
    for (kind, heading) in [("calibrated", "calibrated"), ("predicted", "predicted")] {
        let rows: Vec<&RowAnswer> = report.rows.iter().filter(|row| row.kind == kind).collect();
        if rows.is_empty() {
            continue;
        }
        let lines = rows.iter().take(SHOWN).map(|row| line(row)).collect();
        let header =
            [heading, "accelerators", "metric", "published", "predicted", "80 % interval", "inside", "from"];
        text.push_str(&terminal::columns(&header, lines));
        text.push_str(&more(rows.len()));
        text.push('\n');
    }
    if report.rows.is_empty() {
        text.push_str("no row was predicted\n");
    }
    for (kind, Coverage { rows, inside }) in &report.coverage_by_kind {
        text.push_str(&format!("{inside} of {rows} {kind} rows lie inside\n"));
    }
    for test in &report.causes {
        text.push_str(&causes(test));
    }
    if !report.skipped.is_empty() {
        let lines = report.skipped.iter().take(SHOWN).map(skipped).collect();
        text.push_str(&format!("\n{}", terminal::columns(&["skipped", "metric", "why"], lines)));
        text.push_str(&more(report.skipped.len()));
    }
    text
}

fn line(row: &RowAnswer) -> Vec<String> {
    vec![
        terminal::printable(&row.cluster),
        row.gpus.map(accelerators).unwrap_or_default(),
        terminal::printable(&format!("{}, {}", row.metric, row.unit)),
        format_significant(row.published),
        format_significant(row.predicted),
        format!("{} – {}", format_significant(row.low), format_significant(row.high)),
        if row.inside { "yes" } else { "no" }.to_owned(),
        terminal::printable(&row.note),
    ]
}

/// Whole numbers as they are.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive whole number in bounds"
)]
fn accelerators(number: f64) -> String {
    if number.fract() == 0.0 && number < 1e15 { grouped(number as u64) } else { format_significant(number) }
}

fn causes(of: &CausesTest) -> String {
    let test = of.test;
    let own = if of.kind == "calibrated" { ", its own shares" } else { "" };
    format!(
        "causes of {}: chi-squared {} with {} degrees of freedom, p = {}{own}\n",
        terminal::printable(&of.cluster),
        format_significant(test.statistic),
        test.degrees,
        format_significant(test.probability)
    )
}

fn skipped(row: &RowSkipped) -> Vec<String> {
    vec![
        terminal::printable(&row.cluster),
        terminal::printable(&row.metric),
        terminal::printable(&row.reason),
    ]
}

fn more(rows: usize) -> String {
    match rows.checked_sub(SHOWN).filter(|left| *left > 0) {
        Some(left) => format!("and {left} more: --csv or --json has them\n"),
        None => String::new(),
    }
}
