//! What `gw validate serving` reports.

use std::collections::BTreeMap;

use gigawatt_engine::serving::{ServingCoefficients, ServingSpread};
use serde::Serialize;

use super::ServingLaws;
use super::asked::{Asked, Read};
use super::fitting::CrossValidated;
use super::{cause, naive};
use crate::report::{Line, Report, Skipped, Told, Worst};
use crate::statistics::{Prediction, Statistics};

/// Names the group of a row.
type Group = fn(&Asked) -> String;

/// Ways of grouping rows.
const GROUPS: [(&str, Group); 6] = [
    ("gpu", |asked| stated(&asked.row.gpu)),
    ("engine", |asked| asked.question.engine.name.word().to_owned()),
    ("architecture", |asked| asked.question.architecture().to_owned()),
    ("source_key", |asked| stated(&asked.row.source_key)),
    ("model", |asked| stated(&asked.row.model_norm)),
    ("scenario", |asked| stated(&asked.row.scenario)),
];

/// A prediction of a metric.
pub(super) type OfMetric = (&'static str, Prediction);

/// Statistics by metric.
pub type ByMetric = BTreeMap<&'static str, Statistics>;

/// Errors of serving rows: by metric, and by groups and metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServingReport {
    /// All scored rows, by metric.
    pub overall: ByMetric,
    /// Scored rows, by what they are grouped by, by name, and by metric.
    pub by: BTreeMap<&'static str, BTreeMap<String, ByMetric>>,
    /// Scored rows whose groups were left out of the fit, by what was left out and metric; where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_validated: Option<CrossValidated>,
    /// Scored rows with a predictor that knows next to nothing.
    pub naive: ByMetric,
    /// Rows that were predicted and do not count.
    pub unscored: ByMetric,
    /// Scored rows with a prediction, as a share of all scored rows.
    pub predicted_share: f64,
    /// Rows that were not predicted.
    pub skipped: Vec<Skipped>,
    /// Scored rows that are furthest off, the worst first.
    pub worst: Vec<Worst>,
    /// The coefficients behind the predictions.
    pub coefficients: Vec<Told>,
}

/// Statistics by metric, with `ttft` for both kinds of first tokens.
pub(super) fn by_metric(predictions: impl Iterator<Item = OfMetric>) -> ByMetric {
    let mut all: BTreeMap<&'static str, Vec<Prediction>> = BTreeMap::new();
    for (metric, prediction) in predictions {
        all.entry(metric).or_default().push(prediction);
        if metric.starts_with("ttft") {
            all.entry("ttft").or_default().push(prediction);
        }
    }
    all.into_iter().filter_map(|(metric, all)| Some((metric, Statistics::of(all)?))).collect()
}

/// Every row with its prediction, in its own unit.
pub fn lines(reads: &[Read], laws: &ServingLaws) -> Vec<Line> {
    reads.iter().map(|read| line(read, laws)).collect()
}

fn line(read: &Read, laws: &ServingLaws) -> Line {
    let row = read.row();
    let mut line = Line {
        id: row.id.clone(),
        metric: if row.kind.is_empty() { row.metric.clone() } else { row.kind.clone() },
        measured: row.value,
        outcome: Err(String::new()),
        scored: row.scored,
        note: String::new(),
        cause: String::new(),
        groups: Vec::new(),
    };
    match read {
        Read::Skipped { reason, .. } => line.outcome = Err(reason.clone()),
        Read::Asked(asked) => {
            asked.metric().clone_into(&mut line.metric);
            let Some(answer) = asked.answer(&laws.serving) else {
                line.outcome = Err("the model does not fit its accelerators".to_owned());
                return line;
            };
            let prediction = asked.prediction_of(&answer, laws);
            line.note = asked.question.assumed.join("; ");
            if answer.offered {
                line.note += if line.note.is_empty() { "" } else { "; " };
                line.note += "fewer requests are offered than could be served";
            }
            line.cause = cause::cause(asked, &answer, prediction, &laws.serving);
            line.groups = GROUPS.iter().map(|(name, group)| (*name, group(asked))).collect();
            let load = if answer.state.waiting > 0.0 { "above saturation" } else { "below saturation" };
            line.groups.push(("load", load.to_owned()));
            line.outcome = Ok(prediction);
        }
    }
    line
}

/// The errors of rows and lines, with those of a naive predictor.
pub fn report(reads: &[Read], lines: &[Line], laws: &ServingLaws) -> ServingReport {
    let mut coefficients = Told::all(&laws.serving.values(), ServingCoefficients::MEANINGS);
    coefficients.extend(Told::all(&laws.spread.values(), ServingSpread::MEANINGS));
    let plain = Report::of(lines, coefficients);
    let metrics = |read: &Read| match read {
        Read::Asked(asked) => Some(asked.metric()),
        Read::Skipped { .. } => None,
    };
    let predicted = |scored: bool| {
        let both = reads.iter().zip(lines).filter(move |(_, line)| line.scored == scored);
        both.filter_map(move |(read, line)| Some((line, metrics(read)?, *line.outcome.as_ref().ok()?)))
    };
    let mut groups: BTreeMap<&'static str, BTreeMap<String, Vec<OfMetric>>> = BTreeMap::new();
    for (line, metric, prediction) in predicted(true) {
        for (by, name) in &line.groups {
            groups.entry(*by).or_default().entry(name.clone()).or_default().push((metric, prediction));
        }
    }
    let by = groups.into_iter().map(|(by, named)| {
        (by, named.into_iter().map(|(name, all)| (name, by_metric(all.into_iter()))).collect())
    });
    let counted = lines.iter().filter(|line| line.scored).count();
    let answered = lines.iter().filter(|line| line.scored && line.outcome.is_ok()).count();
    #[expect(clippy::cast_precision_loss, reason = "numbers of rows stay below 2^53")]
    let predicted_share = if counted > 0 { answered as f64 / counted as f64 } else { 0.0 };
    ServingReport {
        overall: by_metric(predicted(true).map(|(_, metric, prediction)| (metric, prediction))),
        by: by.collect(),
        cross_validated: None,
        naive: by_metric(naive::predictions(&scored(reads)).into_iter()),
        unscored: by_metric(predicted(false).map(|(_, metric, prediction)| (metric, prediction))),
        predicted_share,
        skipped: plain.skipped,
        worst: plain.worst,
        coefficients: plain.coefficients,
    }
}

/// The rows that count and can be asked.
pub fn scored(reads: &[Read]) -> Vec<&Asked> {
    let asked = reads.iter().filter_map(|read| match read {
        Read::Asked(asked) if asked.row.scored => Some(&**asked),
        _ => None,
    });
    asked.collect()
}

/// What a row says, or that it says nothing.
fn stated(text: &str) -> String {
    if text.is_empty() { "not stated" } else { text }.to_owned()
}
