//! How many requests come per second, over time.

use super::ArrivalsError;

/// The largest rate in requests per second.
const LARGEST: f64 = 1e9;

/// What a rate does after its last point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Stays as it is there.
    Hold,
    /// Starts again, as the hours of a day do.
    Repeat,
}

/// A point of a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Knot {
    /// Seconds.
    time: f64,
    /// Requests per second.
    rate: f64,
    /// Requests expected until then.
    sum: f64,
}

/// Requests per second over time: straight lines between points, `Λ(t) = ∫ rate` of which has a closed form both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    knots: Vec<Knot>,
    beyond: Beyond,
}

impl Rate {
    /// The same at all times, in requests per second.
    ///
    /// # Errors
    /// Where it is not above 0.
    pub fn constant(rate: f64) -> Result<Self, ArrivalsError> {
        Self::lines(&[(0.0, rate)], Beyond::Hold)
    }

    /// Straight lines between points of seconds and requests per second; two points at one time are a step.
    ///
    /// # Errors
    /// Where times do not start at 0 and grow, a rate is negative or no number, or no request would ever come.
    pub fn lines(points: &[(f64, f64)], beyond: Beyond) -> Result<Self, ArrivalsError> {
        let mut knots: Vec<Knot> = Vec::with_capacity(points.len());
        for &(time, rate) in points {
            if !(0.0..=LARGEST).contains(&rate) {
                return Err(ArrivalsError::Rate(rate));
            }
            let in_order = match knots.last() {
                None => time == 0.0,
                Some(last) => time >= last.time && time <= 1e10,
            };
            if !in_order {
                return Err(ArrivalsError::Times(time));
            }
            let sum =
                knots.last().map_or(0.0, |last| last.sum + 0.5 * (last.rate + rate) * (time - last.time));
            knots.push(Knot { time, rate, sum });
        }
        let last = knots.last().copied().ok_or(ArrivalsError::NoRate)?;
        let comes = match beyond {
            Beyond::Hold => last.sum > 0.0 || last.rate > 0.0,
            Beyond::Repeat => last.sum > 0.0,
        };
        if comes { Ok(Self { knots, beyond }) } else { Err(ArrivalsError::NoRate) }
    }

    /// Requests expected until a time in seconds: `Λ(t)`.
    pub fn expected(&self, time: f64) -> f64 {
        let last = self.last();
        if time < last.time {
            return self.within(time);
        }
        match self.beyond {
            Beyond::Hold => last.sum + last.rate * (time - last.time),
            Beyond::Repeat => {
                let rounds = (time / last.time).floor();
                rounds * last.sum + self.within((time - rounds * last.time).clamp(0.0, last.time))
            }
        }
    }

    /// The time in seconds until which so many are expected: the inverse of [`Rate::expected`]; `None` where there never
    /// will be as many.
    pub fn time_of(&self, expected: f64) -> Option<f64> {
        let last = self.last();
        if expected < last.sum {
            return Some(self.time_within(expected));
        }
        match self.beyond {
            Beyond::Hold if last.rate > 0.0 => Some(last.time + (expected - last.sum) / last.rate),
            Beyond::Hold => None,
            Beyond::Repeat => {
                let rounds = (expected / last.sum).floor();
                let rest = (expected - rounds * last.sum).clamp(0.0, last.sum);
                Some(rounds * last.time + self.time_within(rest))
            }
        }
    }

    /// Requests per second in the long run, or over the time in which any come.
    pub fn mean(&self) -> f64 {
        let last = self.last();
        let held = self.beyond == Beyond::Hold && last.rate > 0.0;
        if held { last.rate } else { last.sum / last.time }
    }

    /// Requests per second at a time.
    pub fn at(&self, time: f64) -> f64 {
        let last = self.last();
        let time = match self.beyond {
            _ if time < last.time => time,
            Beyond::Hold => return last.rate,
            Beyond::Repeat => time % last.time,
        };
        let after = self.knots.partition_point(|knot| knot.time <= time);
        let (from, to) = (self.knots[after - 1], self.knots[after.min(self.knots.len() - 1)]);
        if to.time > from.time {
            from.rate + (to.rate - from.rate) * (time - from.time) / (to.time - from.time)
        } else {
            from.rate
        }
    }

    /// The last point. There is one: a rate without points is refused.
    fn last(&self) -> Knot {
        self.knots[self.knots.len() - 1]
    }

    fn within(&self, time: f64) -> f64 {
        let after = self.knots.partition_point(|knot| knot.time <= time).max(1);
        let from = self.knots[after - 1];
        from.sum + 0.5 * (from.rate + self.at(time)) * (time - from.time)
    }

    /// The time at which `Λ` reaches a value below its last: with `d` to go on a line that starts at rate `a` and has the
    /// slope `s`, `2d / (a + √(a² + 2sd))`, which loses no digits where `s` or `a` is 0.
    fn time_within(&self, expected: f64) -> f64 {
        let after = self.knots.partition_point(|knot| knot.sum <= expected).max(1);
        let from = self.knots[after - 1];
        let Some(to) = self.knots.get(after) else { return from.time };
        let slope = (to.rate - from.rate) / (to.time - from.time);
        let rest = expected - from.sum;
        let root = (from.rate * from.rate + 2.0 * slope * rest).max(0.0).sqrt();
        let gone = if rest > 0.0 { 2.0 * rest / (from.rate + root) } else { 0.0 };
        (from.time + gone).min(to.time)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_with_a_step_and_an_hour_without_requests() {
        let points = [(0.0, 0.0), (10.0, 2.0), (10.0, 1.0), (20.0, 1.0), (20.0, 0.0), (30.0, 0.0)];
        let once = Rate::lines(&points, Beyond::Hold).expect("a rate");
        assert_eq!((once.expected(10.0), once.expected(15.0), once.expected(1e6)), (10.0, 15.0, 20.0));
        assert_eq!((once.at(5.0), once.at(10.0), once.at(25.0)), (1.0, 1.0, 0.0));
        assert_eq!(
            (once.time_of(2.5), once.time_of(15.0), once.time_of(20.0)),
            (Some(5.0), Some(15.0), None)
        );
        let daily = Rate::lines(&points, Beyond::Repeat).expect("a rate");
        assert_eq!((daily.expected(45.0), daily.time_of(22.5)), (35.0, Some(35.0)));
        assert_eq!(daily.at(65.0), 1.0);
    }

    #[test]
    fn a_rate_that_cannot_be_is_refused() {
        let of = |points: &[(f64, f64)]| Rate::lines(points, Beyond::Hold).expect_err("no rate");
        assert_eq!(of(&[]), ArrivalsError::NoRate);
        assert_eq!(of(&[(0.0, 0.0), (5.0, 0.0)]), ArrivalsError::NoRate);
        assert_eq!(of(&[(1.0, 1.0)]), ArrivalsError::Times(1.0));
        assert_eq!(of(&[(0.0, 1.0), (2.0, 1.0), (1.0, 1.0)]), ArrivalsError::Times(1.0));
        assert_eq!(of(&[(0.0, -1.0)]), ArrivalsError::Rate(-1.0));
        assert!(matches!(of(&[(0.0, f64::NAN)]), ArrivalsError::Rate(_)));
        assert!(Rate::lines(&[(0.0, 1.0)], Beyond::Repeat).is_err());
    }

    proptest! {
        #[test]
        fn time_and_expectation_are_each_others_inverse(
            steps in prop::collection::vec((0.1_f64..50.0, 0.01_f64..20.0), 1..8),
            share in 0.0_f64..3.0,
            repeat: bool,
        ) {
            let mut points = vec![(0.0, 1.0)];
            for (length, rate) in steps {
                points.push((points[points.len() - 1].0 + length, rate));
            }
            let beyond = if repeat { Beyond::Repeat } else { Beyond::Hold };
            let rate = Rate::lines(&points, beyond).expect("a rate");
            let time = share * points[points.len() - 1].0;
            let back = rate.time_of(rate.expected(time)).expect("a time");
            prop_assert!((back - time).abs() <= 1e-9 * (1.0 + time), "{time} {back}");
        }
    }
}
