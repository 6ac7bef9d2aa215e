//! Uncertainty: quantiles of sampled results.

use serde::{Deserialize, Serialize};

/// What a sample says of a result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Below it lies a tenth of the draws.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// Above it lies a tenth of the draws.
    pub p90: f64,
    /// The mean.
    pub mean: f64,
}

/// Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). The mean is
/// summed in the order given; the sample is reordered. Not a number where the sample has one or is empty.
pub fn quantiles(sample: &mut [f64]) -> Quantiles {
    #[expect(clippy::cast_precision_loss, reason = "a sample has fewer than 2^53 draws")]
    let mean = sample.iter().sum::<f64>() / sample.len() as f64;
    if mean.is_nan() {
        return Quantiles { p10: mean, p50: mean, p90: mean, mean };
    }
    let least = sample.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = sample.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least == greatest {
        return Quantiles { p10: least, p50: least, p90: least, mean: least };
    }
    Quantiles {
        p10: quantile(sample, 0.1),
        p50: quantile(sample, 0.5),
        p90: quantile(sample, 0.9),
        // A sum of nearly equal numbers can miss them by a rounding; a mean never leaves its sample.
        mean: mean.clamp(least, greatest),
    }
}

/// A quantile of a sample that is not empty; the sample is reordered, and one that is sorted stays so.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the position lies within the sample"
)]
pub(crate) fn quantile(sample: &mut [f64], probability: f64) -> f64 {
    let position = probability * (sample.len() - 1) as f64;
    let below = position as usize;
    let (_, from, rest) = sample.select_nth_unstable_by(below, f64::total_cmp);
    let from = *from;
    match rest.iter().copied().reduce(f64::min) {
        Some(to) => from + (to - from) * (position - below as f64),
        None => from,
    }
}

/// A quantile of a sorted sample that is not empty, likewise.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the position lies within the sample"
)]
pub(crate) fn sorted_quantile(sorted: &[f64], probability: f64) -> f64 {
    let position = probability * (sorted.len() - 1) as f64;
    let below = position as usize;
    let from = sorted[below];
    match sorted.get(below + 1) {
        Some(to) => from + (to - from) * (position - below as f64),
        None => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_order_statistics() {
        let mut sample = [4.0, 1.0, 3.0, 2.0, 5.0];
        let found = quantiles(&mut sample);
        assert_eq!(found.p50, 3.0);
        assert!((found.p10 - 1.4).abs() < 1e-12);
        assert!((found.p90 - 4.6).abs() < 1e-12);
        assert_eq!(found.mean, 3.0);
    }

    #[test]
    fn equal_draws_give_their_value_exactly() {
        let mut sample = [0.1; 1000];
        let found = quantiles(&mut sample);
        assert_eq!((found.p10, found.p50, found.p90, found.mean), (0.1, 0.1, 0.1, 0.1));
    }
}
