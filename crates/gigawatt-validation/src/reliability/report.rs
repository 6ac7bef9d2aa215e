//! All rows of a file: answers, coverage, the test of causes.

use std::collections::BTreeMap;

use gigawatt_engine::reliability::{ChiSquared, chi_squared};
use serde::Serialize;

use super::known::Known;
use super::predict::predict;
use super::row::ReliabilityRow;
use crate::report::Line;
use crate::statistics::Prediction;
use crate::table::Table;

/// A row with its prediction, in the row's unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowAnswer {
    /// Its number in the file, the header being 1.
    pub row: usize,
    /// Where it was published.
    pub source: String,
    /// What it is of.
    pub cluster: String,
    /// What was measured.
    pub metric: String,
    /// In which unit.
    pub unit: String,
    /// Accelerators, where they are said.
    pub gpus: Option<f64>,
    /// The published value.
    pub published: f64,
    /// The prediction.
    pub predicted: f64,
    /// Lower end of its 80 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether the published value lies inside, or a bound allows what does.
    pub inside: bool,
    /// `calibrated` or `predicted`.
    pub kind: &'static str,
    /// From what.
    pub note: String,
}

/// A row that was not predicted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowSkipped {
    /// Its number in the file.
    pub row: usize,
    /// What it is of.
    pub cluster: String,
    /// What was measured.
    pub metric: String,
    /// Why.
    pub reason: String,
}

/// How many published values lie inside their intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Rows.
    pub rows: usize,
    /// Those inside.
    pub inside: usize,
}

/// Counts by cause of one cluster against the catalogue's shares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CausesTest {
    /// The cluster.
    pub cluster: String,
    /// `calibrated` where the shares are its own, so that nothing is tested.
    pub kind: &'static str,
    /// The test.
    #[serde(flatten)]
    pub test: ChiSquared,
}

/// Everything that is told of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReliabilityReport {
    /// Rows with a prediction, in the order of the file.
    pub rows: Vec<RowAnswer>,
    /// Share of predicted rows, calibrated ones left out, that lie inside; none where there are none.
    pub coverage: Option<f64>,
    /// The same as numbers, by kind.
    pub coverage_by_kind: BTreeMap<&'static str, Coverage>,
    /// Counts by cause.
    pub causes: Vec<CausesTest>,
    /// Rows without one.
    pub skipped: Vec<RowSkipped>,
}

/// The kind of a cluster's rows by cause, with their counts and shares.
type CountedCauses = (&'static str, Vec<(f64, f64)>);

/// The name of rows that the laws were calibrated on.
const CALIBRATED: &str = "calibrated";
/// The name of all others.
const PREDICTED: &str = "predicted";

/// Predicts the rows of a file.
pub fn answers(table: &Table, known: &Known<'_>) -> ReliabilityReport {
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    let mut coverage_by_kind: BTreeMap<&'static str, Coverage> = BTreeMap::new();
    // Counts and shares by cluster, in the order of names.
    let mut causes: BTreeMap<String, CountedCauses> = BTreeMap::new();
    for read in ReliabilityRow::read(table) {
        let row = match read {
            Ok(row) => row,
            Err((row, cluster, metric, reason)) => {
                skipped.push(RowSkipped { row, cluster, metric, reason });
                continue;
            }
        };
        match predict(&row, known) {
            Err(reason) => {
                let ReliabilityRow { number, cluster, metric, .. } = row;
                skipped.push(RowSkipped { row: number, cluster, metric, reason });
            }
            Ok(answer) => {
                let kind = if answer.calibrated { CALIBRATED } else { PREDICTED };
                let coverage = coverage_by_kind.entry(kind).or_default();
                coverage.rows += 1;
                coverage.inside += usize::from(answer.inside);
                if let Some(cause) = answer.cause
                    && row.value >= 0.0
                {
                    let share =
                        known.facts.causes.iter().find(|(name, _)| name == cause).map_or(0.0, |one| one.1);
                    causes
                        .entry(row.cluster.clone())
                        .or_insert((kind, Vec::new()))
                        .1
                        .push((row.value, share));
                }
                rows.push(RowAnswer {
                    row: row.number,
                    source: row.source,
                    cluster: row.cluster,
                    metric: row.metric,
                    unit: row.unit,
                    gpus: row.gpus,
                    published: row.value,
                    predicted: answer.predicted.value,
                    low: answer.predicted.low,
                    high: answer.predicted.high,
                    inside: answer.inside,
                    kind,
                    note: answer.note,
                });
            }
        }
    }
    let predicted = coverage_by_kind.get(PREDICTED).filter(|coverage| coverage.rows > 0);
    #[expect(clippy::cast_precision_loss, reason = "rows of a file")]
    let coverage = predicted.map(|coverage| coverage.inside as f64 / coverage.rows as f64);
    let tests = causes.into_iter().filter_map(|(cluster, (kind, counts))| {
        Some(CausesTest { cluster, kind, test: chi_squared(&counts)? })
    });
    ReliabilityReport { rows, coverage, coverage_by_kind, causes: tests.collect(), skipped }
}

/// The rows as lines of a CSV file, in their order.
pub fn csv_lines(report: &ReliabilityReport) -> Vec<Line> {
    let line = |row: usize, cluster: &str, metric: &str, measured, outcome, note: String| {
        let id = format!("row {row}: {cluster}");
        (
            row,
            Line {
                id,
                metric: metric.to_owned(),
                measured,
                outcome,
                scored: true,
                note,
                cause: String::new(),
                groups: Vec::new(),
            },
        )
    };
    let predicted = report.rows.iter().map(|row| {
        let prediction =
            Prediction { measured: row.published, predicted: row.predicted, low: row.low, high: row.high };
        let inside = if row.inside { "inside" } else { "outside" };
        let note = format!("{}, {inside}; {}", row.kind, row.note);
        line(row.row, &row.cluster, &row.metric, Some(row.published), Ok(prediction), note)
    });
    let skipped = report.skipped.iter();
    let skipped = skipped
        .map(|row| line(row.row, &row.cluster, &row.metric, None, Err(row.reason.clone()), String::new()));
    let mut lines: Vec<(usize, Line)> = predicted.chain(skipped).collect();
    lines.sort_by_key(|(row, _)| *row);
    lines.into_iter().map(|(_, line)| line).collect()
}
