//! Users over time, each as active as an intensity says.
//!
//! Both run straight between their days, so their product is a parabola between the days of either, and Simpson's rule
//! integrates it exactly.

use crate::curve::Polyline;

/// Users and how active they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// Users of a month; none before the first day.
    pub users: Polyline,
    /// What a user asks over what the habits say; empty where it is always 1, and as on its first day before that.
    pub intensity: Polyline,
}

impl Activity {
    /// Users times intensity at a time in days.
    pub fn at(&self, time: f64) -> f64 {
        self.users.at(time) * self.factor(time)
    }

    fn factor(&self, time: f64) -> f64 {
        match self.intensity.days().next() {
            Some(first) => self.intensity.at(time.max(first)),
            None => 1.0,
        }
    }

    /// The integral of that up to `time`, in user-days.
    pub fn integral(&self, time: f64) -> f64 {
        let Some(first) = self.users.days().next() else { return 0.0 };
        if self.intensity.is_empty() {
            return self.users.integral(time);
        }
        let (mut sum, mut start) = (0.0, first);
        while start < time {
            let later = self.users.days().chain(self.intensity.days()).filter(|day| *day > start);
            let end = later.fold(time, f64::min);
            let middle = f64::midpoint(start, end);
            sum += (end - start) / 6.0 * (self.at(start) + 4.0 * self.at(middle) + self.at(end));
            start = end;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(days: &[(f64, f64)]) -> Polyline {
        Polyline::from_points(days.to_vec())
    }

    #[test]
    fn users_who_ask_more_count_for_more() {
        let users = line(&[(0.0, 100.0), (10.0, 200.0)]);
        let activity = Activity { users, intensity: line(&[(5.0, 1.0), (15.0, 3.0)]) };
        assert_eq!((activity.at(0.0), activity.at(10.0), activity.at(20.0)), (100.0, 400.0, 600.0));
        // Five days of 100 to 150; five of (150 + 10 u) (1 + 0.2 u); five of 200 (2 + 0.2 u); five of 600.
        let expected = 625.0 + (750.0 + 40.0 * 12.5 + 2.0 * 125.0 / 3.0) + 200.0 * 12.5 + 3000.0;
        assert!((activity.integral(20.0) - expected).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn the_integral_is_the_area(
            users in proptest::collection::vec(0.0..9.0_f64, 1..5),
            factors in proptest::collection::vec(0.0..3.0_f64, 0..5),
            to in 0.0..60.0_f64,
        ) {
            let points = |values: &[f64], step: f64| {
                line(&(0_u32..).zip(values).map(|(at, value)| (3.0 + step * f64::from(at), *value)).collect::<Vec<_>>())
            };
            let activity = Activity { users: points(&users, 10.0), intensity: points(&factors, 7.0) };
            let steps = 20_000;
            let width = to / f64::from(steps);
            let sum: f64 = (0..steps).map(|step| activity.at((f64::from(step) + 0.5) * width) * width).sum();
            prop_assert!((activity.integral(to) - sum).abs() < 1e-2 * (1.0 + sum));
        }
    }
}
