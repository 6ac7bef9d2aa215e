//! Predictions of the rows of a file, and what comes of them.

use std::collections::BTreeMap;

use gigawatt_engine::coefficients::Meaning;
use serde::Serialize;

use crate::statistics::{Prediction, Statistics};

/// How many of the worst rows are told.
const WORST: usize = 10;

/// A row of a file with its prediction, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What the row is called.
    pub id: String,
    /// What was measured, such as `time`.
    pub metric: String,
    /// The published value, where there is one.
    pub measured: Option<f64>,
    /// The prediction beside it, or the reason why the row was skipped.
    pub outcome: Result<Prediction, String>,
    /// Whether it counts in the statistics.
    pub scored: bool,
    /// What was assumed of it.
    pub note: String,
    /// Why it may be far off.
    pub cause: String,
    /// Names of the groups it belongs to, by what they are grouped by.
    pub groups: Vec<(&'static str, String)>,
}

/// A row that was not predicted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Which.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// A row whose prediction is far off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// Which.
    pub id: String,
    /// `predicted / measured - 1`.
    pub error: f64,
    /// What is known of the reason.
    pub cause: String,
}

/// A coefficient behind the predictions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Its name in the file of coefficients.
    pub name: &'static str,
    /// The number, in its unit.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
    /// The measurements that decided it.
    pub fitted_on: &'static str,
}

impl Told {
    /// A whole set, from values and meanings in the same order.
    pub fn all(values: &[f64], meanings: &'static [Meaning]) -> Vec<Self> {
        let told = |(value, one): (&f64, &'static Meaning)| Self {
            name: one.name,
            value: *value,
            unit: one.unit,
            meaning: one.meaning,
            fitted_on: one.fitted_on,
        };
        values.iter().zip(meanings).map(told).collect()
    }
}

/// Errors over all scored rows and by groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// All scored rows; nothing where none was predicted.
    pub overall: Option<Statistics>,
    /// Scored rows, by what they are grouped by and by name.
    pub by: BTreeMap<&'static str, BTreeMap<String, Statistics>>,
    /// Scored rows whose groups were left out of the fit, by what was left out; where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_validated: Option<BTreeMap<&'static str, Statistics>>,
    /// Scored rows with a predictor that knows next to nothing; where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naive: Option<Statistics>,
    /// Rows that were predicted and do not count.
    pub unscored: Option<Statistics>,
    /// Rows that were not predicted.
    pub skipped: Vec<Skipped>,
    /// Scored rows that are furthest off, the worst first.
    pub worst: Vec<Worst>,
    /// The coefficients behind the predictions.
    pub coefficients: Vec<Told>,
}

impl Report {
    /// What comes of some lines.
    pub fn of(lines: &[Line], coefficients: Vec<Told>) -> Self {
        let predicted = |scored: bool| {
            let lines = lines.iter().filter(move |line| line.scored == scored);
            lines.filter_map(|line| Some((line, *line.outcome.as_ref().ok()?)))
        };
        let mut groups: BTreeMap<&'static str, BTreeMap<String, Vec<Prediction>>> = BTreeMap::new();
        for (line, prediction) in predicted(true) {
            for (by, name) in &line.groups {
                groups.entry(*by).or_default().entry(name.clone()).or_default().push(prediction);
            }
        }
        let by = groups.into_iter().map(|(by, named)| {
            let named = named.into_iter().filter_map(|(name, all)| Some((name, Statistics::of(all)?)));
            (by, named.collect())
        });
        let far = |prediction: &Prediction| libm::log(prediction.predicted / prediction.measured).abs();
        let mut worst: Vec<(&Line, Prediction)> = predicted(true).collect();
        worst.sort_by(|(_, left), (_, right)| far(right).total_cmp(&far(left)));
        let skipped = lines.iter().filter_map(|line| {
            let reason = line.outcome.as_ref().err()?.clone();
            Some(Skipped { id: line.id.clone(), reason })
        });
        Self {
            overall: Statistics::of(predicted(true).map(|(_, prediction)| prediction)),
            by: by.collect(),
            cross_validated: None,
            naive: None,
            unscored: Statistics::of(predicted(false).map(|(_, prediction)| prediction)),
            skipped: skipped.collect(),
            worst: worst
                .into_iter()
                .take(WORST)
                .map(|(line, prediction)| Worst {
                    id: line.id.clone(),
                    error: prediction.error(),
                    cause: line.cause.clone(),
                })
                .collect(),
            coefficients,
        }
    }
}

/// The lines as CSV, one for each row read; a skipped row has its reason as note.
///
/// # Errors
/// Where the writer fails, which memory does not.
pub fn to_csv(lines: &[Line]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "id",
        "metric",
        "measured",
        "predicted",
        "low",
        "high",
        "error",
        "scored",
        "note",
    ])?;
    for line in lines {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let prediction = line.outcome.as_ref().ok();
        let told = [line.note.as_str(), line.cause.as_str()].into_iter().filter(|text| !text.is_empty());
        let told: Vec<&str> = told.collect();
        let note = line.outcome.as_ref().err().cloned().unwrap_or_else(|| told.join("; "));
        writer.write_record([
            line.id.as_str(),
            &line.metric,
            &number(line.measured),
            &number(prediction.map(|one| one.predicted)),
            &number(prediction.map(|one| one.low)),
            &number(prediction.map(|one| one.high)),
            &number(prediction.map(Prediction::error)),
            if line.scored { "1" } else { "0" },
            note.as_str(),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
