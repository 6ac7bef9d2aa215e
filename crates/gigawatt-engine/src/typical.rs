//! Hours of a period as hours of a typical year.

use gigawatt_plan::period::Moment;

/// Days of a year before 1 March, without 29 February.
const BEFORE_MARCH: usize = 59;
/// Hours of a year with 29 February.
const LEAP: usize = 8784;

/// The hours of a period on a site's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypicalHours {
    start: Moment,
    /// Whole hours by which the clock is ahead of UTC, in which the period starts.
    ahead: i64,
}

impl TypicalHours {
    /// From a moment of UTC on, on a clock so many seconds ahead of it; parts of hours are left out.
    pub fn new(start: Moment, utc_offset: i32) -> Self {
        Self { start, ahead: i64::from(utc_offset.div_euclid(3600)) }
    }

    /// The hour of a typical year of so many hours that an hour from the start is. Where that has no 29 February, the day
    /// before is repeated.
    pub fn of(&self, hour: usize, hours: usize) -> usize {
        let local = i64::try_from(hour).unwrap_or(0) + self.ahead;
        let day = Moment(self.start.0 + i32::try_from(local.div_euclid(24)).unwrap_or(0)).day();
        let of_year = usize::try_from(day.day_of_year() - 1).unwrap_or(0);
        let leaps = usize::from(day.in_leap_year() && of_year >= BEFORE_MARCH);
        // Without the leap day, then with that of the typical year.
        let plain = of_year - leaps;
        let is_leap_day = leaps == 1 && of_year == BEFORE_MARCH;
        let shift = usize::from(hours >= LEAP && (is_leap_day || plain >= BEFORE_MARCH));
        let at = 24 * (plain + shift) + usize::try_from(local.rem_euclid(24)).unwrap_or(0);
        at.min(hours.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(day: &str) -> Moment {
        Moment::start_of(day.parse().expect("a day"))
    }

    #[test]
    fn hours_are_those_of_the_year_on_the_sites_clock() {
        let year = TypicalHours::new(moment("2025-01-01"), 0);
        assert_eq!((year.of(0, 8760), year.of(8759, 8760), year.of(8760, 8760)), (0, 8759, 0));
        // Six hours behind UTC the year starts at six in the evening of the day before.
        let west = TypicalHours::new(moment("2025-01-01"), -6 * 3600);
        assert_eq!((west.of(0, 8760), west.of(6, 8760)), (8754, 0));
        let summer = TypicalHours::new(moment("2025-07-01"), 3600);
        assert_eq!(summer.of(0, 8760), 181 * 24 + 1);
    }

    #[test]
    fn a_leap_day_repeats_the_day_before_where_the_year_has_none() {
        let year = TypicalHours::new(moment("2024-02-28"), 0);
        assert_eq!([0, 24, 48].map(|hour| year.of(hour, 8760)), [58 * 24, 58 * 24, 59 * 24]);
        assert_eq!([0, 24, 48].map(|hour| year.of(hour, 8784)), [58 * 24, 59 * 24, 60 * 24]);
        let plain = TypicalHours::new(moment("2025-02-28"), 0);
        assert_eq!([0, 24].map(|hour| plain.of(hour, 8784)), [58 * 24, 60 * 24]);
    }
}
