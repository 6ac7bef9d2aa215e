//! From people to requests and tokens.
//!
//! With `U(t)` users of a month, of whom a part `a` comes on a day, each with `s` sessions of `n` turns, and `x` calls of one turn
//! beside each session,
//!
//! ```text
//! requests / s = U(t) · a · s · (n + x) / 86,400
//! ```
//!
//! An hour of a region has its part of the integral of `U` over the hour, times the shape of its week. Shapes are brought to
//! the integral of the whole stretch by one factor, so that hours add up to what the people ask, whatever the stretch.

use super::day::WEEK;
use super::session::{Session, Tokens};

/// Hours of a day.
const HOURS: u32 = 24;
/// 1970-01-01, from which days are counted, was a Thursday: days from a Monday to then.
const THURSDAY: i64 = 3;

/// What users do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Habits {
    /// Users of a day over those of a month.
    pub daily_share: f64,
    /// Sessions of such a user on such a day.
    pub sessions: f64,
    /// What they are like.
    pub session: Session,
    /// Calls of one turn beside each.
    pub side_calls: f64,
    /// What those are like.
    pub side: Session,
}

impl Habits {
    /// Sessions of a user of the month in a day.
    pub fn sessions_per_day(&self) -> f64 {
        self.daily_share * self.sessions
    }

    /// Requests of a session, with those beside it.
    pub fn requests_per_session(&self) -> f64 {
        self.session.turns + self.side_calls
    }

    /// Requests of a user of the month in a day.
    pub fn requests_per_day(&self) -> f64 {
        self.sessions_per_day() * self.requests_per_session()
    }

    /// Tokens of a session, with those of the calls beside it.
    pub fn tokens_per_session(&self) -> Tokens {
        self.session.whole().plus(&self.side.whole().times(self.side_calls))
    }

    /// Tokens of a user of the month in a day.
    pub fn tokens_per_day(&self) -> Tokens {
        self.tokens_per_session().times(self.sessions_per_day())
    }

    /// A request, on average over all.
    pub fn request(&self) -> Tokens {
        self.tokens_per_session().times(1.0 / self.requests_per_session())
    }
}

/// Requests of every hour of a stretch, by region.
#[derive(Clone, Debug, PartialEq)]
pub struct HourlyDemand {
    /// The day that it starts with, in days from 1970-01-01.
    pub start: i32,
    /// Requests in each hour of UTC, for each region.
    pub regions: Vec<Vec<f64>>,
    /// A request on average.
    pub request: Tokens,
}

impl HourlyDemand {
    /// The hours of the days `start..end`. `user_days` is the integral of the number of users from anywhere to a time in days;
    /// each region has a part of them and the shape of its week.
    pub fn new(
        (start, end): (i32, i32),
        user_days: impl Fn(f64) -> f64,
        habits: &Habits,
        regions: &[(f64, [f64; WEEK])],
    ) -> Self {
        let hours = u32::try_from(i64::from(end) - i64::from(start)).unwrap_or(0).saturating_mul(HOURS);
        let at = |hour: u32| user_days(f64::from(start) + f64::from(hour) / f64::from(HOURS));
        let per_day = habits.requests_per_day();
        let total = per_day * (at(hours) - at(0));
        let first = usize::try_from((i64::from(start) + THURSDAY).rem_euclid(7)).unwrap_or(0) * 24;
        let of_region = |(share, week): &(f64, [f64; WEEK])| {
            let mut before = at(0);
            let mut requests: Vec<f64> = (0..hours)
                .map(|hour| {
                    let until = at(hour + 1);
                    let here = per_day * (until - before) * week[(first + hour as usize) % WEEK];
                    before = until;
                    here
                })
                .collect();
            let sum: f64 = requests.iter().sum();
            let factor = if sum > 0.0 { share * total / sum } else { 0.0 };
            requests.iter_mut().for_each(|requests| *requests *= factor);
            requests
        };
        Self { start, regions: regions.iter().map(of_region).collect(), request: habits.request() }
    }

    /// Hours.
    pub fn hours(&self) -> usize {
        self.regions.first().map_or(0, Vec::len)
    }

    /// Requests of an hour in all regions.
    pub fn in_hour(&self, hour: usize) -> f64 {
        self.regions.iter().map(|requests| requests[hour]).sum()
    }

    /// Requests of the whole stretch.
    pub fn requests(&self) -> f64 {
        self.regions.iter().flatten().sum()
    }

    /// Tokens of the whole stretch.
    pub fn tokens(&self) -> Tokens {
        self.request.times(self.requests())
    }

    /// The hour with the most requests, counted from the start.
    pub fn peak(&self) -> Option<usize> {
        (0..self.hours()).max_by(|one, other| self.in_hour(*one).total_cmp(&self.in_hour(*other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::DayShape;
    use proptest::prelude::*;

    fn habits(daily_share: f64, sessions: f64, turns: f64, side_calls: f64) -> Habits {
        let session =
            Session { turns, variation: 0.3, system: 300.0, prompt: 120.0, output: 200.0, reuse: 0.6 };
        Habits { daily_share, sessions, session, side_calls, side: Session::single(900.0, 50.0) }
    }

    proptest! {
        #[test]
        fn hours_add_up_to_what_the_people_ask(
            start in 19_000_i32..21_000,
            days in 1_i32..60,
            from in 1e3..1e9_f64,
            growth in -0.5..3.0_f64,
            side in 0.0..9.0_f64,
            ahead in -11.0..13.0_f64,
        ) {
            let habits = habits(0.2, 1.4, 3.0, side);
            let shape = DayShape { day_swing: 0.7, day_peak: 19.0, weekend: 0.6, ..DayShape::FLAT };
            let regions = [(0.3, shape.week(ahead)), (0.7, shape.week(0.0))];
            let (first, last) = (f64::from(start), f64::from(start + days));
            let slope = from * growth / 365.0;
            let user_days = |time: f64| (time - first) * (from + slope * (time - first) / 2.0);
            let demand = HourlyDemand::new((start, start + days), user_days, &habits, &regions);
            prop_assert_eq!(demand.hours(), usize::try_from(24 * days).unwrap());
            let asked = habits.requests_per_day() * user_days(last);
            prop_assert!((demand.requests() / asked - 1.0).abs() < 1e-12);
            let tokens = habits.tokens_per_day().times(user_days(last));
            prop_assert!((demand.tokens().total() / tokens.total() - 1.0).abs() < 1e-12);
            prop_assert!((demand.tokens().cached / tokens.cached - 1.0).abs() < 1e-12);
            let of_first: f64 = demand.regions[0].iter().sum();
            prop_assert!((of_first / asked - 0.3).abs() < 1e-12);
        }
    }

    #[test]
    fn weekends_are_those_of_the_calendar() {
        // 2025-01-04 was a Saturday, day 20,092.
        let shape = DayShape { weekend: 0.5, ..DayShape::FLAT };
        let regions = [(1.0, shape.week(0.0))];
        let demand = HourlyDemand::new((20_090, 20_097), |time| time, &habits(0.1, 1.0, 1.0, 0.0), &regions);
        let day = |day: usize| demand.regions[0][24 * day..24 * (day + 1)].iter().sum::<f64>();
        for (index, working) in [true, true, false, false, true, true, true].into_iter().enumerate() {
            let expected = if working { day(0) } else { 0.5 * day(0) };
            assert!((day(index) / expected - 1.0).abs() < 1e-9, "{index}");
        }
    }

    #[test]
    fn nobody_asks_nothing() {
        let regions = [(1.0, DayShape::FLAT.week(0.0))];
        let none = HourlyDemand::new((20_000, 20_002), |_| 0.0, &habits(0.1, 1.0, 2.0, 1.0), &regions);
        assert_eq!((none.requests(), none.hours()), (0.0, 48));
        let empty = HourlyDemand::new((20_000, 20_000), |time| time, &habits(0.1, 1.0, 2.0, 1.0), &[]);
        assert_eq!((empty.requests(), empty.hours(), empty.peak()), (0.0, 0, None));
    }
}
