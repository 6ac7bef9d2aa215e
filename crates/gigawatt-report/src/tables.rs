//! Everything a run knows as tables: one row per record, readable by DuckDB, Polars and pandas.
//!
//! Values are in base units, named in a column of their own where a table holds several. Days are ISO dates;
//! stretches hold their first and their last day.

use gigawatt_engine::Results;
use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::plan::{Behaviour, Grid, Plan, ResultId};
use gigawatt_plan::quantity::Dimension;

use crate::columns::{Column, TableError, table};
use crate::training::runs;
use crate::tune::TuningSummary;
use crate::{SubjectSummary, Summary, Value};

/// A table under construction: columns that are filled row by row.
pub(crate) struct Rows {
    columns: Vec<(String, Column)>,
    next: usize,
}

impl Rows {
    pub(crate) fn new() -> Self {
        Self { columns: Vec::new(), next: 0 }
    }

    /// Starts the next row.
    pub(crate) fn row(&mut self) -> &mut Self {
        self.next = 0;
        self
    }

    pub(crate) fn text(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Column::Texts(values) = self.at(name, || Column::Texts(Vec::new())) {
            values.push(value.map(str::to_owned));
        }
        self
    }

    pub(crate) fn number(&mut self, name: &str, value: Option<f64>) -> &mut Self {
        if let Column::Numbers(values) = self.at(name, || Column::Numbers(Vec::new())) {
            values.push(value.unwrap_or(f64::NAN));
        }
        self
    }

    fn value(&mut self, value: Option<&Value>) -> &mut Self {
        self.number("p10", value.and_then(|value| value.p10))
            .number("p50", value.and_then(|value| value.p50))
            .number("p90", value.and_then(|value| value.p90))
            .number("mean", value.and_then(|value| value.mean))
    }

    fn when(&mut self, when: &str) -> &mut Self {
        let days = stretch(when);
        self.text("when", Some(when))
            .text("start", days.as_ref().map(|days| days.0.as_str()))
            .text("end", days.as_ref().map(|days| days.1.as_str()))
    }

    fn subject(&mut self, subject: &SubjectSummary) -> &mut Self {
        self.text("path", Some(&subject.path))
            .text("claim", subject.claim.as_deref())
            .text("when", Some(&subject.when))
            .text("unit", Some(&subject.unit))
    }

    /// The next column of the row; made by the first row.
    fn at(&mut self, name: &str, make: impl FnOnce() -> Column) -> &mut Column {
        if self.columns.len() == self.next {
            self.columns.push((name.to_owned(), make()));
        }
        let column = &mut self.columns[self.next].1;
        self.next += 1;
        column
    }
}

/// First and last day of `2025`, `2025Q3` or a day; `None` for the whole plan and for other words.
fn stretch(when: &str) -> Option<(String, String)> {
    let period = match (when.len(), when.split_once('Q')) {
        (6, Some((year, quarter))) => {
            Period::quarter(Quarter::new(year.parse().ok()?, quarter.parse().ok()?))
        }
        (4, None) => Period::year(when.parse().ok()?),
        (10, None) => return Some((when.to_owned(), when.to_owned())),
        _ => return None,
    };
    Some((period.start.day().to_string(), period.end.day_before().to_string()))
}

/// Every table under the name of its file in the folder of a run. A table without rows is left out.
///
/// # Errors
/// Where a table cannot be written; that is a bug.
pub fn tables(
    plan: &Plan,
    results: &Results,
    summary: &Summary,
    tunings: &[TuningSummary],
) -> Result<Vec<(String, Vec<u8>)>, TableError> {
    let all = [
        ("values", values(summary)),
        ("days", days(plan, results)),
        ("claims", claims(summary)),
        ("outcomes", outcomes(summary)),
        ("inputs", inputs(summary)),
        ("training", training(plan, summary)),
        ("layouts", layouts(tunings)),
        ("sensitivity", sensitivity(summary)),
        ("exceedance", exceedance(summary)),
        ("convergence", convergence(summary)),
    ];
    files(all)
}

/// Tables under the names of their files; those without rows are left out.
pub(crate) fn files<const N: usize>(all: [(&str, Rows); N]) -> Result<Vec<(String, Vec<u8>)>, TableError> {
    all.into_iter()
        .filter(|(_, rows)| !rows.columns.is_empty())
        .map(|(name, rows)| Ok((format!("results/{name}.parquet"), table(&rows.columns)?)))
        .collect()
}

/// Every phase of every training run, in the reference case.
fn training(plan: &Plan, summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for run in runs(plan, summary) {
        for phase in &run.phases {
            let [tensor, context, pipeline, data] = phase.parallelism;
            let counts = [
                ("accelerators", phase.accelerators),
                ("sequence", phase.sequence),
                ("batch_sequences", phase.batch_sequences),
                ("tensor", tensor),
                ("context", context),
                ("pipeline", pipeline),
                ("data", data),
            ];
            let numbers = [
                ("step_time", phase.step_time),
                ("tokens_per_second_per_accelerator", phase.tokens_per_second),
                ("rate", phase.rate),
                ("model_rate", phase.model_rate),
                ("model_flops_utilisation", phase.model_flops_utilisation),
                ("hardware_flops_utilisation", phase.hardware_flops_utilisation),
            ];
            let row = rows
                .row()
                .text("run", Some(&run.name))
                .text("phase", Some(&phase.name))
                .text("system", Some(&run.system))
                .text("precision", Some(&run.precision));
            for (name, value) in counts {
                #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
                row.number(name, Some(value as f64));
            }
            for (name, value) in numbers {
                row.number(name, Some(value));
            }
            for (name, seconds) in &phase.step_parts {
                row.number(&format!("step_{name}"), Some(*seconds));
            }
        }
    }
    rows
}

/// Every layout that was found, with the planned one as rank 0 and those on other numbers of accelerators without a rank.
fn layouts(tunings: &[TuningSummary]) -> Rows {
    let mut rows = Rows::new();
    for tuning in tunings {
        let ranked = (1..).zip(&tuning.best).map(|(rank, one)| (Some(f64::from(rank)), one));
        let others = tuning.frontier.iter().filter(|one| one.accelerators != tuning.accelerators);
        let planned = tuning.planned.iter().map(|one| (Some(0.0), one));
        for (rank, one) in planned.chain(ranked).chain(others.map(|one| (None, one))) {
            #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
            let accelerators = one.accelerators as f64;
            rows.row()
                .text("run", Some(&tuning.run))
                .text("phase", Some(&tuning.phase))
                .number("rank", rank)
                .number("accelerators", Some(accelerators))
                .text("layout", Some(&one.toml))
                .number("step_time", Some(one.step_time))
                .number("tokens_per_second_per_accelerator", Some(one.tokens_per_second))
                .number("model_flops_utilisation", Some(one.model_flops_utilisation))
                .number("memory_needed", Some(one.memory_needed))
                .number("memory_available", Some(tuning.memory_available))
                .number("duration", Some(one.duration))
                .number("gpu_hours", Some(one.gpu_hours))
                .number("cost", Some(one.cost))
                .number("energy", Some(one.energy));
        }
    }
    rows
}

/// Every result at every year and quarter.
fn values(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for (path, result) in &summary.results {
        for (when, value) in &result.values {
            rows.row()
                .text("path", Some(path))
                .text("title", Some(&result.title))
                .text("unit", Some(&result.unit))
                .when(when)
                .number("reference", value.reference)
                .value(Some(value));
        }
    }
    rows
}

/// Every stock and flow of the reference case by day.
fn days(plan: &Plan, results: &Results) -> Rows {
    let mut rows = Rows::new();
    for (index, path) in plan.vocabulary.paths.iter().enumerate() {
        let kind = match path.behaviour {
            Behaviour::Stock => "level at the end of the day",
            Behaviour::Flow => "amount of the day",
            _ => continue,
        };
        let values = results.daily.series.get(ResultId(u32::try_from(index).unwrap_or(u32::MAX)));
        if path.grid != Grid::Moments || values.len() != results.daily.moments.len() {
            continue;
        }
        // The first moment is the start of the first day: no day ends there.
        for (moment, value) in results.daily.moments.iter().zip(values).skip(1) {
            rows.row()
                .text("path", Some(&path.path))
                .text("unit", Some(path.dimension.base_unit()))
                .text("kind", Some(kind))
                .text("day", Some(&moment.day_before().to_string()))
                .number("reference", Some(*value));
        }
    }
    rows
}

fn claims(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for claim in &summary.claims {
        rows.row()
            .text("name", Some(&claim.name))
            .text("says", Some(&claim.says))
            .text("verdict", Some(claim.verdict.words()))
            .text("path", claim.path.as_deref())
            .text("when", claim.when.as_deref())
            .text("unit", claim.unit.as_deref())
            .number("at_least", claim.at_least)
            .number("at_most", claim.at_most)
            .number("confidence", claim.confidence)
            .number("probability", claim.probability)
            .value(claim.value.as_ref())
            .number("outcome", claim.outcome.as_ref().map(|known| known.value))
            .text("source", claim.source.as_deref());
    }
    rows
}

fn outcomes(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for outcome in &summary.outcomes {
        rows.row()
            .text("path", Some(&outcome.path))
            .text("unit", Some(outcome.dimension.base_unit()))
            .when(&outcome.when)
            .number("outcome", Some(outcome.known.value))
            .text("published", Some(&outcome.known.published.to_string()))
            .text("source", Some(&outcome.known.source))
            .number("reference", outcome.forecast.reference)
            .value(Some(&outcome.forecast))
            .text("inside", Some(if outcome.inside { "yes" } else { "no" }));
    }
    rows
}

fn inputs(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for (path, input) in &summary.inputs {
        let (p10, p90) = input.distribution.central();
        rows.row()
            .text("path", Some(path))
            .text("unit", Some(&input.unit))
            .number("reference", Some(input.distribution.reference()))
            .number("p10", Some(p10))
            .number("p90", Some(p90))
            .text("distribution", serde_json::to_string(&input.distribution).ok().as_deref())
            .text("kind", Some(input.kind.name()))
            .text("source", input.source.as_deref())
            .text("known_from", input.known_from.map(|day| day.to_string()).as_deref())
            .text("note", input.note.as_deref())
            .text("place", Some(&input.place));
    }
    rows
}

fn sensitivity(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for one in &summary.sensitivity {
        for driver in &one.inputs {
            let unit: Dimension = driver.dimension;
            rows.row()
                .subject(&one.subject)
                .text("input", Some(&driver.input))
                .text("input_unit", Some(unit.base_unit()))
                .number("rank_correlation", Some(driver.rank_correlation))
                .number("input_p10", Some(driver.low))
                .number("input_p90", Some(driver.high))
                .number("at_input_p10", driver.at_low)
                .number("at_input_p90", driver.at_high);
        }
    }
    rows
}

fn exceedance(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for one in &summary.exceedance {
        for (value, probability) in one.values.iter().zip(&one.probabilities) {
            rows.row()
                .subject(&one.subject)
                .number("value", Some(*value))
                .number("probability_of_more", Some(*probability));
        }
    }
    rows
}

fn convergence(summary: &Summary) -> Rows {
    let mut rows = Rows::new();
    for one in &summary.convergence {
        for step in &one.steps {
            rows.row()
                .subject(&one.subject)
                .number("draws", Some(f64::from(step.draws)))
                .number("mean", Some(step.mean))
                .number("mean_error", Some(step.mean_error))
                .number("p10", Some(step.p10))
                .number("p10_error", Some(step.p10_error))
                .number("p50", Some(step.p50))
                .number("p50_error", Some(step.p50_error))
                .number("p90", Some(step.p90))
                .number("p90_error", Some(step.p90_error));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_have_their_first_and_last_day() {
        let days = |when: &str| stretch(when).map(|(start, end)| format!("{start} {end}"));
        assert_eq!(days("2025").as_deref(), Some("2025-01-01 2025-12-31"));
        assert_eq!(days("2025Q3").as_deref(), Some("2025-07-01 2025-09-30"));
        assert_eq!(days("2025-12-31").as_deref(), Some("2025-12-31 2025-12-31"));
        assert_eq!(days("plan"), None);
    }
}
