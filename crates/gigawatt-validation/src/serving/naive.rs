//! A predictor to be better than: the median of rows of its kind, and no law.

use std::collections::BTreeMap;

use gigawatt_engine::model::parameters;
use gigawatt_engine::serving::Quantity;
use gigawatt_plan::training::Precision;

use super::asked::Asked;
use crate::number::count;
use crate::statistics::{Prediction, percentile};

/// Predictions from the median, over rows of the same accelerator, metric and architecture, of the measured value over what
/// the memory's bandwidth alone gives for the active weights, or for a first token what the peak rate gives for the prompt;
/// the row itself is among them. It states no interval.
pub fn predictions(rows: &[&Asked]) -> Vec<(&'static str, Prediction)> {
    let key = |asked: &Asked| (asked.row.gpu.clone(), asked.metric(), asked.question.architecture());
    let mut ratios: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for asked in rows {
        ratios.entry(key(asked)).or_default().push(asked.measured / at_peak(asked));
    }
    let medians: BTreeMap<_, f64> =
        ratios.into_iter().map(|(key, mut ratios)| (key, percentile(&mut ratios, 0.5))).collect();
    rows.iter()
        .map(|asked| {
            let predicted = at_peak(asked) * medians.get(&key(asked)).copied().unwrap_or(0.0);
            let prediction =
                Prediction { measured: asked.measured, predicted, low: predicted, high: predicted };
            (asked.metric(), prediction)
        })
        .collect()
}

/// What peak rates alone give, in the row's unit.
fn at_peak(asked: &Asked) -> f64 {
    let question = &asked.question;
    let facts = question.facts();
    let ranks = question.layouts.first().map_or(1, |layout| layout.accelerators());
    let active = count(parameters(&question.shape).active);
    let bytes = active * question.formats.feed_forward.weight_bytes();
    let pass = bytes / (facts.memory_bandwidth * count(ranks));
    let prompt =
        2.0 * active * question.request.prompt / (facts.matrix_rate(Precision::Bf16).0 * count(ranks));
    question.unit
        * match question.quantity {
            Quantity::EachToken => pass,
            // The weights of an iteration serve many sequences; how many is in the median.
            Quantity::Throughput => count(question.accelerators) / count(ranks) / pass,
            Quantity::FirstToken | Quantity::LoadedFirstToken => prompt,
        }
}
