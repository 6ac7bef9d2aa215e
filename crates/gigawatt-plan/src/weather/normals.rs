//! A year of weather from monthly normals, as a stated approximation.
//!
//! The mean of a day and its range follow the course of the year through the twelve months: the first two harmonics of
//! the monthly values, whose mean over a year is kept. Within a day the temperature is a cosine, warmest at 15:00 and
//! coldest at 3:00 of standard time. The dew point keeps its course all day and stops at the dry bulb. There are no
//! hot spells and no cold ones: the hottest hours are milder than those of a measured year, and a plant that is sized
//! by them is too small. How much so is told in the chapter on weather.

use std::f64::consts::TAU;

use super::{Air, DAYS_OF_MONTHS, HOURS, Weather, moist_air};

/// The hour, in standard time, in which a day is warmest.
const WARMEST: f64 = 15.0;
/// Harmonics of a year that twelve months are told by.
const HARMONICS: usize = 2;

/// Means of a month over the years of a normal period, in degree Celsius.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthNormal {
    /// Of the highest temperatures of the days.
    pub high: f64,
    /// Of the lowest.
    pub low: f64,
    /// Of the dew point.
    pub dew_point: f64,
}

/// Monthly normals of a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Normals {
    /// January to December.
    pub months: [MonthNormal; 12],
    /// Height above the sea in metre, which gives the pressure.
    pub elevation: f64,
}

impl Normals {
    /// The normals of a single year: means over its days of the highest and the lowest hour, and of the dew point.
    /// 29 February is left out.
    pub fn of(weather: &Weather) -> Self {
        let mut months = [MonthNormal { high: 0.0, low: 0.0, dew_point: 0.0 }; 12];
        let leap = weather.hours.len() > HOURS;
        let mut day = 0;
        for (month, (normal, days)) in months.iter_mut().zip(DAYS_OF_MONTHS).enumerate() {
            for _ in 0..days {
                let hours = weather.hours.get(24 * day..24 * (day + 1)).unwrap_or_default();
                let fold = |start: f64, pick: fn(f64, f64) -> f64| {
                    hours.iter().fold(start, |found, air| pick(found, air.dry_bulb))
                };
                let share = 1.0 / f64::from(u8::try_from(days).unwrap_or(u8::MAX));
                normal.high += share * fold(f64::MIN, f64::max);
                normal.low += share * fold(f64::MAX, f64::min);
                normal.dew_point += share * hours.iter().map(|air| air.dew_point).sum::<f64>() / 24.0;
                day += 1;
            }
            // The day after 28 February.
            day += usize::from(leap && month == 1);
        }
        Self { months, elevation: weather.elevation }
    }

    /// The weather of a year whose months have these normals.
    pub fn year(&self, place: String, utc_offset: i32) -> Weather {
        let course = |value: fn(&MonthNormal) -> f64| Course::of(self.months.map(|month| value(&month)));
        let mean = course(|month| 0.5 * (month.high + month.low));
        let range = course(|month| month.high - month.low);
        let dew_point = course(|month| month.dew_point);
        let pressure = moist_air::standard_pressure(self.elevation);
        let daily: [f64; 24] =
            std::array::from_fn(|hour| 0.5 * libm::cos(TAU * (middle_of(hour) - WARMEST) / 24.0));
        let mut hours = Vec::with_capacity(HOURS);
        for day in 0..HOURS / 24 {
            let part = middle_of(day) / 365.0;
            let (mean, range, dew) = (mean.at(part), range.at(part).max(0.0), dew_point.at(part));
            hours.extend(daily.iter().map(|shape| Air::new(mean + range * shape, dew, pressure)));
        }
        Weather { place, utc_offset, elevation: self.elevation, hours, filled: 0 }
    }
}

fn middle_of(step: usize) -> f64 {
    f64::from(u16::try_from(step).unwrap_or(u16::MAX)) + 0.5
}

/// The first harmonics of twelve values.
struct Course {
    mean: f64,
    cosines: [f64; HARMONICS],
    sines: [f64; HARMONICS],
}

impl Course {
    fn of(months: [f64; 12]) -> Self {
        let mean = months.iter().sum::<f64>() / 12.0;
        let part = |harmonic: usize, wave: fn(f64) -> f64| {
            // The mean of a wave over a month is that in its middle times sin(x) / x of half its width: without this
            // the course would be flatter than the months.
            let half = TAU * f64::from(u8::try_from(harmonic + 1).unwrap_or(1)) / 24.0;
            let sum: f64 = months
                .iter()
                .enumerate()
                .map(|(month, value)| value * wave(2.0 * half * middle_of(month)))
                .sum();
            sum / 6.0 * half / libm::sin(half)
        };
        Self {
            mean,
            cosines: std::array::from_fn(|harmonic| part(harmonic, libm::cos)),
            sines: std::array::from_fn(|harmonic| part(harmonic, libm::sin)),
        }
    }

    /// The value at a part of the year, 0 to 1.
    fn at(&self, part: f64) -> f64 {
        let waves = self.cosines.iter().zip(&self.sines).enumerate().map(|(harmonic, (cosine, sine))| {
            let angle = TAU * part * f64::from(u8::try_from(harmonic + 1).unwrap_or(1));
            cosine * libm::cos(angle) + sine * libm::sin(angle)
        });
        self.mean + waves.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seasons(mean: f64, swing: f64, range: f64) -> Normals {
        let months = std::array::from_fn(|month| {
            let middle = mean - swing * libm::cos(TAU * middle_of(month) / 12.0);
            MonthNormal { high: middle + 0.5 * range, low: middle - 0.5 * range, dew_point: middle - range }
        });
        Normals { months, elevation: 0.0 }
    }

    #[test]
    fn months_of_the_year_that_is_made_have_the_normals_it_is_made_of() {
        let normals = seasons(18.0, 9.0, 11.0);
        let year = normals.year("here".to_owned(), -21_600);
        assert_eq!(year.hours.len(), HOURS);
        let made = Normals::of(&year);
        for (written, made) in normals.months.iter().zip(&made.months) {
            // Hours stand for their middle, half an hour from the warmest moment; months are not a twelfth each.
            assert!((written.high - made.high).abs() < 0.4, "{written:?} {made:?}");
            assert!((written.low - made.low).abs() < 0.4, "{written:?} {made:?}");
            assert!((written.dew_point - made.dew_point).abs() < 0.4, "{written:?} {made:?}");
        }
    }

    #[test]
    fn the_warmest_hours_of_a_day_are_around_three_in_the_afternoon() {
        let year = seasons(18.0, 9.0, 11.0).year(String::new(), 0);
        let day = &year.hours[200 * 24..201 * 24];
        let hottest = (0..24).max_by(|a, b| day[*a].dry_bulb.total_cmp(&day[*b].dry_bulb));
        assert!(matches!(hottest, Some(14 | 15)), "{hottest:?}");
    }

    #[test]
    fn air_is_saturated_where_the_night_is_colder_than_the_dew_point() {
        let mut normals = seasons(18.0, 9.0, 11.0);
        for month in &mut normals.months {
            month.dew_point = month.high;
        }
        let year = normals.year(String::new(), 0);
        assert!(
            year.hours.iter().all(|air| air.dew_point <= air.dry_bulb && air.wet_bulb <= air.dry_bulb + 1e-9)
        );
    }

    #[test]
    fn a_leap_day_is_left_out_of_the_normals() {
        let year = seasons(18.0, 9.0, 11.0).year(String::new(), 0);
        let mut leap = year.clone();
        let hot = Air::new(60.0, 0.0, 101_325.0);
        leap.hours.splice(59 * 24..59 * 24, std::iter::repeat_n(hot, 24));
        assert_eq!(Normals::of(&leap), Normals::of(&year));
    }
}
