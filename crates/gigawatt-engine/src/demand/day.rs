//! How requests come over the hours of a week.
//!
//! In local time, with waves of a day and of half a day on the logarithm of the rate,
//!
//! ```text
//! ln r(h) = a₁ cos(2π (h - h₁) / 24) + a₂ cos(4π (h - h₂) / 24)
//! ```
//!
//! a day of the weekend `w` times a working day, and the whole over its mean of the week. The form has no negative rate
//! and four numbers that can be read off a picture of a day; a third wave explains 1 % more of the trace that decided them
//! (ServeGen, arXiv 2505.09999).

use core::f64::consts::TAU;

/// Hours of a week.
pub const WEEK: usize = 168;
/// Hours of a day.
pub(super) const DAY: f64 = 24.0;
/// The first day of the weekend, counted from Monday.
const WEEKEND: f64 = 5.0;

/// A shape of the day and the week in local time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayShape {
    /// Amplitude of the day's wave.
    pub day_swing: f64,
    /// Its hour.
    pub day_peak: f64,
    /// Amplitude of the wave of half a day.
    pub half_day_swing: f64,
    /// Its hour; twelve hours later it peaks again.
    pub half_day_peak: f64,
    /// A day of the weekend over a working day.
    pub weekend: f64,
}

impl DayShape {
    /// The same rate at all times.
    pub const FLAT: Self =
        Self { day_swing: 0.0, day_peak: 0.0, half_day_swing: 0.0, half_day_peak: 0.0, weekend: 1.0 };

    /// The rate at an hour of a working day, over that of a day without waves.
    pub fn rate(&self, hour: f64) -> f64 {
        let wave = |swing: f64, peak: f64, times: f64| swing * libm::cos(times * TAU * (hour - peak) / DAY);
        libm::exp(
            wave(self.day_swing, self.day_peak, 1.0) + wave(self.half_day_swing, self.half_day_peak, 2.0),
        )
    }

    /// The hours of a week from Monday, 0:00 UTC, where clocks are `ahead` hours of UTC: mean 1.
    ///
    /// An hour has the rate of its middle. Clocks are less than a week apart.
    pub fn week(&self, ahead: f64) -> [f64; WEEK] {
        let mut day = [0.0; 24];
        for (hour, rate) in (0_u32..).zip(&mut day) {
            *rate = self.rate(f64::from(hour) + 0.5 + ahead);
        }
        let mut week = [0.0; WEEK];
        let mut sum = 0.0;
        for (hour, rate) in (0_u32..).zip(&mut week) {
            // Clocks are less than a week apart: one turn at most, without a division.
            let mut local = f64::from(hour) + 0.5 + ahead;
            if local < 0.0 {
                local += 7.0 * DAY;
            } else if local >= 7.0 * DAY {
                local -= 7.0 * DAY;
            }
            let factor = if local >= WEEKEND * DAY { self.weekend } else { 1.0 };
            *rate = day[hour as usize % 24] * factor;
            sum += *rate;
        }
        let mean = sum / (7.0 * DAY);
        week.iter_mut().for_each(|rate| *rate /= mean);
        week
    }

    /// The busiest hour of a working day over its quietest.
    pub fn peak_to_trough(&self) -> f64 {
        let hours = (0_u32..24).map(|hour| self.rate(f64::from(hour) + 0.5));
        let (low, high) =
            hours.fold((f64::MAX, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
        high / low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shapes() -> impl Strategy<Value = DayShape> {
        (0.0..2.0_f64, 0.0..24.0_f64, 0.0..0.6_f64, 0.0..12.0_f64, 0.1..1.5_f64).prop_map(
            |(day_swing, day_peak, half_day_swing, half_day_peak, weekend)| DayShape {
                day_swing,
                day_peak,
                half_day_swing,
                half_day_peak,
                weekend,
            },
        )
    }

    proptest! {
        #[test]
        fn a_week_adds_up_to_its_hours_wherever_it_is(shape in shapes(), ahead in -12.0..14.0_f64) {
            let week = shape.week(ahead);
            prop_assert!((week.iter().sum::<f64>() - 168.0).abs() < 1e-9);
            prop_assert!(week.iter().all(|rate| *rate > 0.0));
        }

        #[test]
        fn clocks_turn_the_week_and_do_not_change_it(shape in shapes(), ahead in -12_i32..14) {
            let (here, there) = (shape.week(0.0), shape.week(f64::from(ahead)));
            for hour in 0..168_i32 {
                // What is 9:00 at UTC is 9:00 elsewhere, `ahead` hours earlier.
                let turned = usize::try_from((hour - ahead).rem_euclid(168)).unwrap();
                let here = here[usize::try_from(hour).unwrap()];
                prop_assert!((there[turned] - here).abs() < 1e-9 * here);
            }
        }
    }

    #[test]
    fn without_waves_every_hour_is_alike() {
        assert_eq!(DayShape::FLAT.week(5.5), [1.0; WEEK]);
        assert_eq!(DayShape::FLAT.peak_to_trough(), 1.0);
    }

    #[test]
    fn one_wave_has_a_peak_to_trough_of_twice_its_swing() {
        let shape = DayShape { day_swing: 0.5, day_peak: 17.5, ..DayShape::FLAT };
        assert!((shape.peak_to_trough() - libm::exp(1.0)).abs() < 1e-12);
    }

    #[test]
    fn the_weekend_is_that_of_local_time() {
        let shape = DayShape { weekend: 0.5, ..DayShape::FLAT };
        let (utc, ahead) = (shape.week(0.0), shape.week(8.0));
        let falls = |week: &[f64; WEEK]| (1..WEEK).find(|hour| week[*hour] < 0.9 * week[hour - 1]);
        assert_eq!((falls(&utc), falls(&ahead)), (Some(120), Some(112)));
    }
}
