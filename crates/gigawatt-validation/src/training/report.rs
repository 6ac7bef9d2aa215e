//! What `gw validate training` reports.

use std::collections::BTreeMap;

use gigawatt_engine::training::{Step, TrainingCoefficients};
use serde::Serialize;

use super::asked::{Asked, Read};
use super::{Laws, cause, naive};
use crate::line::Line;
use crate::statistics::{Prediction, Statistics};

/// Rows that are listed as worst.
const WORST: usize = 10;

/// Predictions of the rows of a file, and their errors.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Over all scored rows.
    pub overall: Option<Statistics>,
    /// Over groups of them, by what they have in common.
    pub by: BTreeMap<&'static str, BTreeMap<String, Statistics>>,
    /// The same with each group left out of the fit, by what was left out; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_validated: Option<BTreeMap<&'static str, Statistics>>,
    /// A predictor that knows nothing but the share of the peak that its kind of row reaches.
    pub naive: Option<Statistics>,
    /// Rows that are predicted and do not count.
    pub unscored: Option<Statistics>,
    /// Rows without a prediction.
    pub skipped: Vec<Skipped>,
    /// The scored rows with the largest errors.
    pub worst: Vec<Worst>,
    /// What the law was fitted with.
    pub coefficients: Vec<CoefficientLine>,
    /// Every row.
    #[serde(skip)]
    pub lines: Vec<Line>,
}

/// A row without a prediction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its identity.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// A row with a large error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// Its identity.
    pub id: String,
    /// `predicted / measured - 1`.
    pub error: f64,
    /// What is behind it.
    pub cause: String,
}

/// A coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CoefficientLine {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
    /// What it was fitted on.
    pub fitted_on: &'static str,
}

/// A way of grouping, and what names the group of a row.
type Grouping = (&'static str, fn(&Asked) -> String);

const GROUPS: [Grouping; 7] = [
    ("gpu_family", |asked| stated(&asked.row.gpu_family)),
    ("precision", |asked| stated(&asked.row.precision_class)),
    ("architecture", |asked| asked.architecture().to_owned()),
    ("scale", |asked| scale(asked.question.layout.accelerators).to_owned()),
    ("framework", |asked| stated(&asked.row.framework)),
    ("publisher", |asked| stated(&asked.row.publisher)),
    ("document", |asked| stated(&asked.row.document)),
];

impl Report {
    /// Predicts every row and gathers the errors.
    pub fn of(rows: &[Read], laws: &Laws) -> Self {
        let with = &laws.training;
        let mut report = Self {
            overall: None,
            by: BTreeMap::new(),
            cross_validated: None,
            naive: None,
            unscored: None,
            skipped: Vec::new(),
            worst: Vec::new(),
            coefficients: coefficients(with),
            lines: Vec::new(),
        };
        let mut scored: Vec<(&Asked, Prediction, Step)> = Vec::new();
        let mut unscored = Vec::new();
        for read in rows {
            match read {
                Read::Skipped { row, reason } => {
                    report.skipped.push(Skipped { id: row.id.clone(), reason: reason.clone() });
                    report.lines.push(skipped_line(read, reason));
                }
                Read::Asked(asked) => {
                    let step = asked.answer(with);
                    let prediction = asked.prediction(laws);
                    report.lines.push(line(asked, prediction));
                    if asked.row.scored {
                        scored.push((asked, prediction, step));
                    } else {
                        unscored.push(prediction);
                    }
                }
            }
        }
        report.overall = Statistics::of(scored.iter().map(|(_, prediction, _)| *prediction));
        report.unscored = Statistics::of(unscored);
        for (name, key) in GROUPS {
            let mut groups: BTreeMap<String, Vec<Prediction>> = BTreeMap::new();
            for (asked, prediction, _) in &scored {
                groups.entry(key(asked)).or_default().push(*prediction);
            }
            let statistics = groups.into_iter().filter_map(|(key, all)| Some((key, Statistics::of(all)?)));
            report.by.insert(name, statistics.collect());
        }
        let asked: Vec<&Asked> = scored.iter().map(|(asked, ..)| *asked).collect();
        report.naive = Statistics::of(naive::predictions(&asked));
        let off = |prediction: &Prediction| libm::log(prediction.predicted / prediction.measured).abs();
        scored.sort_by(|(_, a, _), (_, b, _)| off(b).total_cmp(&off(a)));
        report.worst = scored
            .iter()
            .take(WORST)
            .map(|(asked, prediction, step)| Worst {
                id: asked.row.id.clone(),
                error: prediction.error(),
                cause: cause::cause(asked, step),
            })
            .collect();
        report
    }
}

impl Asked {
    /// `dense` or `moe`.
    pub fn architecture(&self) -> &'static str {
        if self.question.shape.experts.is_some() { "moe" } else { "dense" }
    }
}

/// What a row says, or that it says nothing.
fn stated(text: &str) -> String {
    if text.is_empty() { "not stated" } else { text }.to_owned()
}

fn scale(accelerators: u64) -> &'static str {
    match accelerators {
        0..=8 => "1-8",
        9..=64 => "9-64",
        65..=512 => "65-512",
        _ => "513+",
    }
}

fn coefficients(with: &TrainingCoefficients) -> Vec<CoefficientLine> {
    let meanings = TrainingCoefficients::MEANINGS.iter().zip(with.values());
    meanings
        .map(|(one, value)| CoefficientLine {
            name: one.name,
            value,
            unit: one.unit,
            meaning: one.meaning,
            fitted_on: one.fitted_on,
        })
        .collect()
}

/// A line in the unit in which the row was measured.
fn line(asked: &Asked, prediction: Prediction) -> Line {
    let is_time = asked.row.metric == "step_time";
    // Tokens per second and accelerator times this is what was printed; a time is its inverse.
    let printed =
        |rate: f64| if is_time { asked.measured * asked.row.value.unwrap_or(0.0) / rate } else { rate };
    let (low, high) = (printed(prediction.low), printed(prediction.high));
    Line {
        id: asked.row.id.clone(),
        metric: asked.row.metric.clone(),
        measured: Some(printed(prediction.measured)),
        predicted: Some(printed(prediction.predicted)),
        low: Some(low.min(high)),
        high: Some(low.max(high)),
        error: Some(prediction.error()),
        scored: asked.row.scored,
        note: asked.question.assumed.join("; "),
    }
}

fn skipped_line(read: &Read, reason: &str) -> Line {
    let row = read.row();
    Line {
        id: row.id.clone(),
        metric: row.metric.clone(),
        measured: row.value,
        predicted: None,
        low: None,
        high: None,
        error: None,
        scored: row.scored,
        note: reason.to_owned(),
    }
}
