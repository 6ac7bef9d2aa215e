//! A row of a file of failures.

use crate::table::{Row, Table};

/// Columns without which no row says anything.
pub const NEEDED: [&str; 3] = ["cluster", "metric", "value"];

/// A row as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReliabilityRow {
    /// Its number in the file, the header being 1.
    pub number: usize,
    /// Where it was published.
    pub source: String,
    /// What it is of.
    pub cluster: String,
    /// What was measured.
    pub metric: String,
    /// In which unit.
    pub unit: String,
    /// Accelerators, or what stands for them.
    pub gpus: Option<f64>,
    /// Days of observation.
    pub days: Option<f64>,
    /// The published value.
    pub value: f64,
}

/// The most characters of a text that are kept: names are shorter.
const MOST: usize = 200;

impl ReliabilityRow {
    /// The rows of a file, or why one cannot be used, with its number, cluster and metric.
    pub fn read(table: &Table) -> Vec<Result<Self, (usize, String, String, String)>> {
        let of = |row: Row<'_>| {
            let lossy = |column: &str| kept(row.text(column).unwrap_or_default());
            let read = || -> Result<Self, String> {
                let positive = |column: &str| match row.number(column)? {
                    Some(number) if number <= 0.0 => Err(format!("`{column}` is {number}, not positive")),
                    number => Ok(number),
                };
                let text = |column: &str| row.text(column).map(kept);
                Ok(Self {
                    number: row.number,
                    source: text("source")?,
                    cluster: text("cluster")?,
                    metric: text("metric")?,
                    unit: text("unit")?,
                    gpus: positive("gpus")?,
                    days: positive("days")?,
                    value: row.number("value")?.ok_or("`value` is empty")?,
                })
            };
            read().map_err(|reason| (row.number, lossy("cluster"), lossy("metric"), reason))
        };
        table.rows().map(of).collect()
    }
}

fn kept(text: &str) -> String {
    text.chars().take(MOST).collect()
}
