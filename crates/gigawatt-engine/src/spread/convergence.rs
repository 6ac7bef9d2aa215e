//! Convergence: what growing numbers of draws say of a result, and how far that is to be trusted.
//!
//! The standard error of the mean of `n` draws is `s / √n`, `s` their standard deviation. That of the quantile at
//! probability `p` is half the distance between the sample's quantiles at `p ± √(p (1-p) / n)`: the number of
//! draws below a quantile is binomial, so no density has to be estimated (David and Nagaraja, *Order
//! Statistics*, 3rd ed., 7.1).

use serde::{Deserialize, Serialize};

use crate::uncertainty::sorted_quantile;

/// Part of the result's own size within which mean, p10, p50 and p90 are to be known: their standard errors.
pub const TOLERANCE: f64 = 0.01;

/// What the first so many draws say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Step {
    /// Draws.
    pub draws: u32,
    /// Their mean.
    pub mean: f64,
    /// Standard error of the mean.
    pub mean_error: f64,
    /// Below it lies a tenth of them.
    pub p10: f64,
    /// Standard error of `p10`.
    pub p10_error: f64,
    /// Their median.
    pub p50: f64,
    /// Standard error of the median.
    pub p50_error: f64,
    /// Above it lies a tenth of them.
    pub p90: f64,
    /// Standard error of `p90`.
    pub p90_error: f64,
}

impl Step {
    /// The greatest standard error over the greatest of |p10|, |p50| and |p90|: a result near nothing is
    /// measured by its spread.
    pub fn relative_error(&self) -> f64 {
        let size = self.p10.abs().max(self.p50.abs()).max(self.p90.abs());
        let error = self.mean_error.max(self.p10_error).max(self.p50_error).max(self.p90_error);
        if error == 0.0 { 0.0 } else { error / size }
    }
}

/// Whether there are enough draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// The first 50, 100, 200, 500, 1,000 ... draws, and all of them.
    pub steps: Vec<Step>,
    /// Whether the standard errors of all draws are within [`TOLERANCE`].
    pub reached: bool,
    /// Draws after which they would be, as errors fall with the root of the number; `None` where the sample
    /// does not say.
    pub draws_needed: Option<u64>,
}

/// The convergence of a sample in the order of the draws; `None` for an empty one.
pub(crate) fn convergence(values: &[f64]) -> Option<Convergence> {
    let counts = [1, 2, 5].into_iter();
    let mut ends: Vec<usize> = (1..=9)
        .flat_map(|power| counts.clone().map(move |digit| digit * 10_usize.pow(power)))
        .filter(|count| (50..values.len()).contains(count))
        .collect();
    ends.push(values.len());
    let steps: Vec<Step> = ends.into_iter().filter_map(|end| step(&values[..end])).collect();
    let last = steps.last()?;
    let error = last.relative_error();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the cast saturates"
    )]
    let draws_needed =
        error.is_finite().then(|| ((error / TOLERANCE).powi(2) * values.len() as f64).ceil().max(1.0) as u64);
    Some(Convergence { reached: error <= TOLERANCE, draws_needed, steps })
}

#[expect(clippy::cast_precision_loss, reason = "a sample has fewer than 2^53 draws")]
fn step(values: &[f64]) -> Option<Step> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (least, greatest) = (sorted[0], sorted[sorted.len() - 1]);
    let mean = (values.iter().sum::<f64>() / n).clamp(least, greatest);
    let variance = if least == greatest {
        0.0
    } else {
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
    };
    let at = |probability: f64| {
        let half = (probability * (1.0 - probability) / n).sqrt();
        let upper = sorted_quantile(&sorted, (probability + half).min(1.0));
        let lower = sorted_quantile(&sorted, (probability - half).max(0.0));
        (sorted_quantile(&sorted, probability), 0.5 * (upper - lower))
    };
    let ((p10, p10_error), (p50, p50_error), (p90, p90_error)) = (at(0.1), at(0.5), at(0.9));
    let draws = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let mean_error = (variance / n).sqrt();
    Some(Step { draws, mean, mean_error, p10, p10_error, p50, p50_error, p90, p90_error })
}
