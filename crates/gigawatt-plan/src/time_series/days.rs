//! Series on the days of a plan.

use jiff::civil::Date;

use super::stamp::date;
use super::{DAY, HOUR, Step, TimeSeries};
use crate::period::{Moment, Period};
use crate::plan::DayMoments;

/// The clock of a site: seconds by which its standard time is ahead of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock(pub i32);

/// A series on the clock of a site. Outside of what it covers it repeats: a time takes the value of the same month,
/// day and hour in the nearest year that has one, and 29 February that of 28 February where that year has none.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    series: &'a TimeSeries,
    /// When it starts on the site's clock; in months where it is monthly.
    start: i64,
}

impl<'a> Placed<'a> {
    /// Lays a series on a clock.
    pub fn new(series: &'a TimeSeries, clock: Clock) -> Self {
        let ahead = if series.in_utc { i64::from(clock.0) } else { 0 };
        Self { series, start: series.start + ahead }
    }

    /// How many steps it has.
    fn len(&self) -> i64 {
        i64::try_from(self.series.values.len()).unwrap_or(i64::MAX)
    }

    /// First and last day that it covers wholly or in part.
    pub fn days(&self) -> (Date, Date) {
        match self.series.step {
            Step::Month => (first_of(self.start), date(Self::seconds(first_of(self.start + self.len())) - 1)),
            step => (date(self.start), date(self.start + self.len() * step.seconds() - 1)),
        }
    }

    /// Whether it covers a whole period, so that nothing repeats.
    pub fn covers(&self, period: Period) -> bool {
        let (first, last) = (i64::from(period.start.0) * DAY, i64::from(period.end.0) * DAY - 1);
        self.index(first).is_some() && self.index(last).is_some()
    }

    fn seconds(day: Date) -> i64 {
        i64::from(Moment::start_of(day).0) * DAY
    }

    /// The step that holds a time of the site's clock.
    fn index(&self, time: i64) -> Option<usize> {
        let step = match self.series.step {
            Step::Month => {
                let day = date(time);
                (i64::from(day.year()) - 1970) * 12 + i64::from(day.month()) - 1 - self.start
            }
            step => (time - self.start).div_euclid(step.seconds()),
        };
        usize::try_from(step).ok().filter(|step| *step < self.series.values.len())
    }

    /// The value at a time of a day; `None` where no year has one.
    fn at(&self, day: Date, second: i64) -> Option<f64> {
        if let Some(index) = self.index(Self::seconds(day) + second) {
            return Some(self.series.values[index]);
        }
        let (first, last) = self.days();
        let towards = if day < first { 1 } else { -1 };
        let years = (i32::from(day.year()) - i32::from(first.year()))
            .abs()
            .max((i32::from(day.year()) - i32::from(last.year())).abs());
        (1..=years + 1).find_map(|away| {
            let year = i16::try_from(i32::from(day.year()) + towards * away).ok()?;
            let same = Date::new(year, day.month(), day.day())
                .or_else(|_| Date::new(year, day.month(), day.day() - 1))
                .ok()?;
            self.index(Self::seconds(same) + second).map(|index| self.series.values[index])
        })
    }

    /// Means over the hours of a year without its 29 February; `None` where an hour has no value in any year.
    pub fn by_hour(&self, year: i16) -> Option<Vec<f64>> {
        let period = Period::year(year);
        let days = (period.start.0..period.end.0).map(|day| Moment(day).day());
        let steps = (HOUR / self.series.step.seconds()).max(1);
        let mut hours = Vec::with_capacity(8760);
        for day in days.filter(|day| (day.month(), day.day()) != (2, 29)) {
            for hour in 0..24 {
                let mut sum = 0.0;
                for step in 0..steps {
                    sum += self.at(day, hour * HOUR + step * HOUR / steps)?;
                }
                #[expect(clippy::cast_precision_loss, reason = "steps of an hour")]
                hours.push(sum / steps as f64);
            }
        }
        Some(hours)
    }

    /// Seconds of a day at which one step ends and the next starts.
    fn cuts(&self) -> impl Iterator<Item = i64> {
        let step = self.series.step.seconds();
        let phase = match self.series.step {
            Step::Seconds(_) => self.start.rem_euclid(step),
            Step::Day | Step::Month => 0,
        };
        (0..=DAY / step).map(move |number| phase + number * step)
    }
}

fn first_of(month: i64) -> Date {
    let year = i16::try_from(1970 + month.div_euclid(12)).unwrap_or(i16::MAX);
    let month = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
    Date::new(year, month, 1).unwrap_or(Date::MAX)
}

/// Mean and first moment, day by day over a period, of the product of series.
///
/// # Errors
/// The first day on which one of them has no value in any year.
pub fn day_moments(factors: &[Placed<'_>], period: Period) -> Result<DayMoments, Date> {
    let mut cuts: Vec<i64> = factors.iter().flat_map(Placed::cuts).chain([0, DAY]).collect();
    cuts.retain(|cut| (0..=DAY).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let mut moments = DayMoments::default();
    for day in period.start.0..period.end.0 {
        let day = Moment(day).day();
        let (mut mean, mut first) = (0.0, 0.0);
        for piece in cuts.windows(2) {
            let mut value = 1.0;
            for factor in factors {
                value *= factor.at(day, piece[0]).ok_or(day)?;
            }
            #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
            let (from, to) = (piece[0] as f64, piece[1] as f64);
            mean += value * (to - from);
            first += value * (to * to - from * from);
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
        let length = DAY as f64;
        moments.mean.push(mean / length);
        moments.first.push(0.5 * first / (length * length));
    }
    Ok(moments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    fn hourly(start: Date, hours: usize, value: impl Fn(usize) -> f64) -> TimeSeries {
        TimeSeries {
            step: Step::Seconds(HOUR),
            start: Placed::seconds(start),
            in_utc: false,
            first_offset: None,
            values: (0..hours).map(value).collect(),
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn a_typical_year_repeats_by_day_and_hour_and_leap_days_take_the_day_before() {
        let year = hourly(day(2025, 1, 1), 8760, |hour| hour as f64);
        let placed = Placed::new(&year, Clock(0));
        for other in [2019, 2023, 2026, 2028, 2035] {
            assert_eq!(placed.at(day(other, 1, 1), 5 * HOUR), Some(5.0));
            assert_eq!(placed.at(day(other, 12, 31), 23 * HOUR), Some(8759.0));
        }
        assert_eq!(placed.at(day(2028, 2, 29), 0), placed.at(day(2025, 2, 28), 0));
        assert!(placed.covers(Period::year(2025)) && !placed.covers(Period::year(2026)));
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn the_clock_of_the_site_decides_which_hour_it_is() {
        let year = TimeSeries { in_utc: true, ..hourly(day(2025, 1, 1), 8760, |hour| hour as f64) };
        let placed = Placed::new(&year, Clock(-6 * 3600));
        assert_eq!(placed.at(day(2025, 1, 1), 0), Some(6.0));
        // The last hours of the year are those that the file starts with.
        assert_eq!(placed.at(day(2025, 12, 31), 20 * HOUR), Some(2.0));
        assert!(day_moments(&[placed], Period::year(2026)).is_ok());
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn hours_of_a_year_are_means_of_what_is_finer_and_leap_days_are_left_out() {
        let halves = TimeSeries {
            step: Step::Seconds(HOUR / 2),
            ..hourly(day(2028, 1, 1), 2 * 8784, |half| half as f64)
        };
        let hours = Placed::new(&halves, Clock(0)).by_hour(2028).expect("a year");
        assert_eq!((hours.len(), hours[0], hours[59 * 24 - 1]), (8760, 0.5, 2830.5));
        assert_eq!(hours[59 * 24], 2880.5, "the first of March");
        let months = TimeSeries { step: Step::Month, start: 58 * 12, values: vec![3.0; 12], ..halves };
        assert_eq!(Placed::new(&months, Clock(0)).by_hour(2026).expect("a year"), [3.0; 8760]);
        assert!(Placed::new(&hourly(day(2025, 1, 1), 24, |_| 1.0), Clock(0)).by_hour(2025).is_none());
    }

    #[test]
    fn what_does_not_cover_a_year_has_no_value() {
        let short = hourly(day(2025, 1, 1), 24 * 300, |_| 1.0);
        let error = day_moments(&[Placed::new(&short, Clock(0))], Period::year(2026)).expect_err("short");
        assert_eq!(error, day(2026, 10, 28));
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn moments_of_a_product_are_those_of_its_hours() {
        let price = hourly(day(2025, 1, 1), 8760, |hour| (hour % 24) as f64);
        let months = TimeSeries {
            step: Step::Month,
            start: 55 * 12,
            values: (0..12).map(f64::from).collect(),
            ..price.clone()
        };
        let placed = [Placed::new(&price, Clock(0)), Placed::new(&months, Clock(0))];
        let moments = day_moments(&placed, Period::year(2025)).expect("a year");
        // 15 March is day 73; its month has the value 2, its hours 0 to 23.
        assert!((moments.mean[73] - 2.0 * 11.5).abs() < 1e-12);
        let first: f64 = (0..24).map(|hour| 2.0 * f64::from(hour) * (f64::from(hour) + 0.5) / 576.0).sum();
        assert!((moments.first[73] - first).abs() < 1e-12);
        assert_eq!(placed[1].days(), (day(2025, 1, 1), day(2025, 12, 31)));
    }
}
