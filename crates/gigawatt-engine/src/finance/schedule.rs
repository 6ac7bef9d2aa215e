//! How the money of halls is spread over time.

use gigawatt_plan::plan::Schedule;

use crate::curve::Polyline;

/// What of a capacity `C` has been built by `time` when each part of it takes `length` days before it is energised.
///
/// With `k(τ)` the rate of spending over the time of construction, `τ` from 0 to 1, it is
/// `B(t) = ∫_t^{t+T} C(u) k((u - t) / T) du / T`.
///
/// - Even: `k = 1`, so `B = (I₁(t+T) - I₁(t)) / T` with `Iₙ` the n-fold integral of `C`.
/// - S-curve: `k = 6 τ (1 - τ)`, the simplest symmetric curve that starts and ends at rest (Beta(2, 2), whose sum is
///   `3τ² - 2τ³`; planners draw construction cost this way, e.g. Miskawi, "An S-curve equation for project control",
///   1989). Three integrations by parts give
///   `B = 6/T² (I₂(t+T) + I₂(t)) - 12/T³ (I₃(t+T) - I₃(t))`.
///
/// What is built of a capacity that never falls never falls either; differences of integrals leave rounding of the
/// size of the integrals, which callers cut off at nothing. A construction of less than a day is paid as it is energised.
pub fn built(capacity: &Polyline, schedule: Schedule, time: f64, length: f64) -> f64 {
    if length < 1.0 {
        return capacity.at(time);
    }
    let [first, second, third] = capacity.integrals(time);
    let [first_end, second_end, third_end] = capacity.integrals(time + length);
    match schedule {
        Schedule::Even => (first_end - first) / length,
        Schedule::SCurve => {
            6.0 / length.powi(2) * (second_end + second) - 12.0 / length.powi(3) * (third_end - third)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_hand(capacity: &Polyline, schedule: Schedule, time: f64, length: f64) -> f64 {
        let steps = 4000;
        let sum: f64 = (0..steps)
            .map(|step| {
                let way = (f64::from(step) + 0.5) / f64::from(steps);
                let rate = match schedule {
                    Schedule::Even => 1.0,
                    Schedule::SCurve => 6.0 * way * (1.0 - way),
                };
                capacity.at(time + way * length) * rate
            })
            .sum();
        sum / f64::from(steps)
    }

    proptest! {
        #[test]
        fn the_closed_form_is_the_integral(
            levels in proptest::collection::vec(0.0..3.0_f64, 1..6), time in -500.0..2500.0_f64, length in 2.0..900.0_f64,
        ) {
            let points = levels.iter().enumerate().map(|(index, level)| (400.0 * index as f64, *level)).collect();
            let capacity = Polyline::from_points(points);
            for (schedule, _) in Schedule::ALL {
                let expected = by_hand(&capacity, schedule, time, length);
                let found = built(&capacity, schedule, time, length);
                prop_assert!((found - expected).abs() < 3e-3, "{schedule:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn half_of_a_step_is_built_half_way_whatever_the_schedule() {
        let capacity = Polyline::from_points(vec![(1000.0, 5.0)]);
        for (schedule, _) in Schedule::ALL {
            assert!((built(&capacity, schedule, 900.0, 200.0) - 2.5).abs() < 1e-9);
            assert!(built(&capacity, schedule, 700.0, 200.0).abs() < 1e-9);
            assert!((built(&capacity, schedule, 1000.0, 200.0) - 5.0).abs() < 1e-9);
        }
    }
}
