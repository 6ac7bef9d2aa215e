//! Exceedance: how probable a result is to be greater than a value.

use serde::{Deserialize, Serialize};

use crate::uncertainty::sorted_quantile;

/// Points of the curve: probabilities from 0.99 down to 0.01 in steps of 0.02.
pub const PROBABILITIES: usize = 50;

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exceedance {
    /// A value of the result, in base units.
    pub value: f64,
    /// Part of the draws in which the result is greater.
    pub probability: f64,
}

/// The curve from a sorted sample that is not empty. Values rise, probabilities fall.
pub(crate) fn exceedance(sorted: &[f64]) -> Vec<Exceedance> {
    (0..PROBABILITIES)
        .map(|point| {
            #[expect(clippy::cast_precision_loss, reason = "few points")]
            let below = (2 * point + 1) as f64 / (2 * PROBABILITIES) as f64;
            Exceedance { value: sorted_quantile(sorted, below), probability: 1.0 - below }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_of_even_numbers_is_straight() {
        let sorted: Vec<f64> = (0..=1000).map(f64::from).collect();
        let curve = exceedance(&sorted);
        assert_eq!(curve.len(), PROBABILITIES);
        for point in &curve {
            assert!((point.value - 1000.0 * (1.0 - point.probability)).abs() < 1e-9);
        }
        assert!((curve[0].probability - 0.99).abs() < 1e-12);
        assert!((curve[PROBABILITIES - 1].probability - 0.01).abs() < 1e-12);
    }
}
