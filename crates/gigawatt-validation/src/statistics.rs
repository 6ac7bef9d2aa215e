//! Errors of predictions over groups of rows.

use serde::Serialize;

/// A prediction beside what was measured, in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The published value.
    pub measured: f64,
    /// The prediction.
    pub predicted: f64,
    /// Lower end of the stated 80 % interval.
    pub low: f64,
    /// Upper end of the stated 80 % interval.
    pub high: f64,
}

impl Prediction {
    /// `predicted / measured - 1`.
    pub fn error(&self) -> f64 {
        self.predicted / self.measured - 1.0
    }
}

/// The errors of a group, as fractions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// Rows.
    pub count: usize,
    /// Median of the absolute errors.
    pub median_abs_error: f64,
    /// 90th percentile of the absolute errors.
    pub p90_abs_error: f64,
    /// Mean of the absolute errors.
    pub mape: f64,
    /// Median of `ln(predicted / measured)`.
    pub bias: f64,
    /// Share of measured values inside the stated 80 % interval.
    pub interval_coverage: f64,
    /// Median half-width of the interval, relative to the prediction.
    pub interval_half_width: f64,
}

impl Statistics {
    /// Of some predictions; `None` where there are none.
    pub fn of(predictions: impl IntoIterator<Item = Prediction>) -> Option<Self> {
        let all: Vec<Prediction> = predictions.into_iter().collect();
        if all.is_empty() {
            return None;
        }
        let column = |value: fn(&Prediction) -> f64| all.iter().map(value).collect::<Vec<f64>>();
        let mut errors = column(|one| one.error().abs());
        let inside = all.iter().filter(|one| (one.low..=one.high).contains(&one.measured)).count();
        Some(Self {
            count: all.len(),
            median_abs_error: percentile(&mut errors, 0.5),
            p90_abs_error: percentile(&mut errors, 0.9),
            mape: errors.iter().sum::<f64>() / count(all.len()),
            bias: percentile(&mut column(|one| libm::log(one.predicted / one.measured)), 0.5),
            interval_coverage: count(inside) / count(all.len()),
            interval_half_width: percentile(
                &mut column(|one| (one.high - one.low) / 2.0 / one.predicted),
                0.5,
            ),
        })
    }
}

/// The value below which a share of the values lies, by linear interpolation; sorts them. Nothing has 0.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let at = share.clamp(0.0, 1.0) * count(last);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let below = at as usize;
    let above = (below + 1).min(last);
    values[below] + (at - count(below)) * (values[above] - values[below])
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows stay below 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_interpolated() {
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0, 4.0], 0.5), 2.5);
        assert_eq!(percentile(&mut [0.0, 10.0], 0.9), 9.0);
        assert_eq!(percentile(&mut [], 0.5), 0.0);
    }

    #[test]
    fn a_group_is_summarised_by_hand() {
        let one = |measured, predicted| Prediction { measured, predicted, low: 0.9, high: 1.1 };
        let group = Statistics::of([one(1.0, 1.1), one(1.0, 0.8), one(2.0, 1.0)]).unwrap();
        assert_eq!(group.count, 3);
        assert!((group.median_abs_error - 0.2).abs() < 1e-12);
        assert!((group.bias - libm::log(0.8)).abs() < 1e-12);
        assert!((group.interval_coverage - 2.0 / 3.0).abs() < 1e-12);
        assert!((group.interval_half_width - 0.1).abs() < 1e-12);
        assert!(Statistics::of([]).is_none());
    }
}
