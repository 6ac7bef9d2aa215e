//! The forecast of every quarter beside what was reported later.

use std::collections::BTreeSet;

use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::plan::{Plan, ResultId};
use gigawatt_plan::quantity::Dimension;
use serde::Serialize;

use crate::{KnownSummary, Summary, Value};

/// A quarter of a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BacktestRow {
    /// Path of the result.
    pub path: String,
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// The quarter.
    pub quarter: String,
    /// The forecast.
    pub forecast: Value,
    /// What was reported; absent where nothing was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<KnownSummary>,
    /// Whether it lies between the forecast's p10 and p90.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<bool>,
    /// The same quarter in the scenario that stands beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Value>,
}

/// The forecast of capital expenditure, owned GPUs, depreciation and free cash flow, quarter by quarter.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Backtest {
    /// Results in turn, each by quarter.
    pub rows: Vec<BacktestRow>,
    /// Outcomes between p10 and p90.
    pub inside: usize,
    /// Outcomes known.
    pub known: usize,
}

impl Backtest {
    /// Puts another run of the same paths beside the forecast.
    pub fn put_beside(&mut self, other: &Summary) {
        for row in &mut self.rows {
            let value = |when: &str| other.value(&row.path, when).copied();
            row.beside = value(&row.quarter).or_else(|| value(&end_of(&row.quarter)?));
        }
    }
}

/// The last day of a quarter written as `2025Q1`.
fn end_of(quarter: &str) -> Option<String> {
    let (year, number) = quarter.split_once('Q')?;
    let quarter = Quarter::new(year.parse().ok()?, number.parse().ok()?);
    Some(Period::quarter(quarter).end.day_before().to_string())
}

pub(super) fn backtest(plan: &Plan, summary: &Summary) -> Backtest {
    let Some(finance) = &plan.vocabulary.finance else { return Backtest::default() };
    let results: [ResultId; 4] =
        [finance.capex, plan.vocabulary.buildout.owned, finance.depreciation, finance.free_cash_flow];
    let paths = results.map(|id| plan.vocabulary.get(id).path.as_str());
    // Quarters of which anything of the four became known.
    let known: BTreeSet<&str> = summary
        .outcomes
        .iter()
        .filter(|outcome| outcome.when.contains('Q') && paths.contains(&outcome.path.as_str()))
        .map(|outcome| outcome.when.as_str())
        .collect();
    let mut rows = Vec::new();
    for path in paths {
        let Some(result) = summary.results.get(path) else { continue };
        for quarter in &known {
            let value = |when: &str| result.values.get(when).copied();
            let Some(forecast) = value(quarter).or_else(|| value(&end_of(quarter)?)) else { continue };
            let outcome =
                summary.outcomes.iter().find(|outcome| outcome.path == path && outcome.when == **quarter);
            rows.push(BacktestRow {
                path: path.to_owned(),
                title: result.title.clone(),
                dimension: result.dimension,
                quarter: (*quarter).to_owned(),
                forecast,
                outcome: outcome.map(|outcome| outcome.known.clone()),
                inside: outcome.map(|outcome| outcome.inside),
                beside: None,
            });
        }
    }
    let inside = rows.iter().filter(|row| row.inside == Some(true)).count();
    let known = rows.iter().filter(|row| row.inside.is_some()).count();
    Backtest { rows, inside, known }
}
