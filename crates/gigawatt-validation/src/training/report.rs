//! What `gw validate training` reports.

use gigawatt_engine::training::TrainingCoefficients;

use super::asked::{Asked, Read, measured};
use super::{Laws, cause, naive};
use crate::report::{Line, Report, Told};
use crate::statistics::Statistics;

/// Names the group of a row.
type Group = fn(&Asked) -> String;

/// Ways of grouping rows.
const GROUPS: [(&str, Group); 7] = [
    ("gpu_family", |asked| stated(&asked.row.gpu_family)),
    ("precision", |asked| stated(&asked.row.precision_class)),
    ("architecture", |asked| asked.architecture().to_owned()),
    ("scale", |asked| scale(asked.question.layout.accelerators).to_owned()),
    ("framework", |asked| stated(&asked.row.framework)),
    ("publisher", |asked| stated(&asked.row.publisher)),
    ("document", |asked| stated(&asked.row.document)),
];

/// Every row with its prediction, in tokens per second and accelerator.
pub fn lines(reads: &[Read], laws: &Laws) -> Vec<Line> {
    reads.iter().map(|read| line(read, laws)).collect()
}

fn line(read: &Read, laws: &Laws) -> Line {
    let row = read.row();
    let mut line = Line {
        id: row.id.clone(),
        metric: "tokens_per_s_per_gpu".to_owned(),
        measured: None,
        outcome: Err(String::new()),
        scored: row.scored,
        note: String::new(),
        cause: String::new(),
        groups: Vec::new(),
    };
    match read {
        Read::Skipped { row, reason } => {
            line.measured = measured(row).ok();
            line.outcome = Err(reason.clone());
        }
        Read::Asked(asked) => {
            let answer = asked.answer(&laws.training);
            let prediction = asked.prediction_of(&answer, laws);
            line.measured = Some(asked.measured);
            if !(prediction.predicted.is_finite() && prediction.predicted > 0.0) {
                line.outcome = Err("the step has no finite time".to_owned());
                return line;
            }
            line.note = asked.question.assumed.join("; ");
            line.cause = cause::cause(asked, &answer, prediction);
            line.groups = GROUPS.iter().map(|(name, group)| (*name, group(asked))).collect();
            line.outcome = Ok(prediction);
        }
    }
    line
}

/// The errors of rows and lines, with those of a naive predictor.
pub fn report(reads: &[Read], lines: &[Line], laws: &Laws) -> Report {
    let mut coefficients = Told::all(&laws.training.values(), TrainingCoefficients::MEANINGS);
    coefficients
        .extend(Told::all(&laws.spread.values(), gigawatt_engine::training::TrainingSpread::MEANINGS));
    let naive = Statistics::of(naive::predictions(&scored(reads)));
    let mut report = Report { naive, ..Report::of(lines, coefficients) };
    for (way, _) in GROUPS {
        report.by.entry(way).or_default();
    }
    report
}

/// The rows that count and can be asked.
pub fn scored(reads: &[Read]) -> Vec<&Asked> {
    let asked = reads.iter().filter_map(|read| match read {
        Read::Asked(asked) if asked.row.scored => Some(&**asked),
        _ => None,
    });
    asked.collect()
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
