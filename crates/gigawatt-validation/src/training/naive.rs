//! A predictor to be better than: each row reaches the median share of the peak of its kind.

use std::collections::BTreeMap;

use super::asked::Asked;
use crate::statistics::{Prediction, percentile};

/// Predictions from the median model-FLOP utilisation over rows of the same family of accelerator, number format and
/// architecture, the row itself among them. It states no interval.
pub fn predictions(rows: &[&Asked]) -> Vec<Prediction> {
    let key = |asked: &Asked| {
        (asked.row.gpu_family.clone(), asked.row.precision_class.clone(), asked.architecture())
    };
    let mut shares: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for asked in rows {
        shares.entry(key(asked)).or_default().push(asked.measured / asked.question.at_peak());
    }
    let medians: BTreeMap<_, f64> =
        shares.into_iter().map(|(key, mut shares)| (key, percentile(&mut shares, 0.5))).collect();
    rows.iter()
        .map(|asked| {
            let predicted = asked.question.at_peak() * medians.get(&key(asked)).copied().unwrap_or(0.0);
            Prediction { measured: asked.measured, predicted, low: predicted, high: predicted }
        })
        .collect()
}
