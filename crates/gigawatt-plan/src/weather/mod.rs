//! The weather of a place over a year, by the hour: read from an EPW file, or made of monthly normals.
//!
//! Hours are those of the place's standard time: rows of an EPW file know no daylight saving.

mod epw;
mod file;
pub mod moist_air;
mod normals;
mod normals_file;

use serde::{Deserialize, Serialize};

pub use epw::read_epw;
pub use file::{WeatherFile, read_weather};
pub use normals::{MonthNormal, Normals};
pub use normals_file::read_normals;

/// Hours of a year without 29 February.
pub const HOURS: usize = 8760;

/// Days of the months of a year without 29 February.
const DAYS_OF_MONTHS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The air of an hour. Temperatures are in degree Celsius, the pressure in pascal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Air {
    /// What a thermometer shows.
    pub dry_bulb: f64,
    /// What a thermometer under a wet cloth in moving air shows; computed.
    pub wet_bulb: f64,
    /// Where dew forms; at most the dry bulb.
    pub dew_point: f64,
    /// Pressure at the station.
    pub pressure: f64,
}

impl Air {
    /// Air of a temperature, a dew point and a pressure. A dew point above the dry bulb, which rounding makes, is
    /// taken as saturated air.
    pub fn new(dry_bulb: f64, dew_point: f64, pressure: f64) -> Self {
        let dew_point = dew_point.min(dry_bulb);
        let vapour = moist_air::saturation_pressure(dew_point);
        let humidity = moist_air::humidity_ratio(vapour, pressure);
        let wet_bulb = moist_air::wet_bulb(dry_bulb, dew_point, humidity, pressure);
        Self { dry_bulb, wet_bulb, dew_point, pressure }
    }

    /// Mass of vapour over that of dry air.
    pub fn humidity_ratio(&self) -> f64 {
        moist_air::humidity_ratio(moist_air::saturation_pressure(self.dew_point), self.pressure)
    }
}

/// The weather of a year at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weather {
    /// Where, and from which file.
    pub place: String,
    /// Seconds by which its standard time is ahead of UTC.
    pub utc_offset: i32,
    /// Height above the sea in metre.
    pub elevation: f64,
    /// Every hour of a year from the first of January, 8,760 or, with 29 February, 8,784.
    pub hours: Vec<Air>,
    /// Hours of which something was missing and was filled in.
    pub filled: usize,
}

impl Weather {
    /// The value of the air that all but a part of the hours stay at or below: 0.004 gives the design condition that
    /// ASHRAE's Handbook of Fundamentals (chapter 14) names 0.4 %, exceeded in 35 hours of a year.
    ///
    /// `part` is between 0, the hottest hour, and 1.
    pub fn exceeded(&self, part: f64, value: impl Fn(&Air) -> f64) -> f64 {
        let mut values: Vec<f64> = self.hours.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "hours of a year, the part kept between 0 and 1"
        )]
        let beyond = (part.clamp(0.0, 1.0) * values.len() as f64).floor() as usize;
        values.get(values.len().saturating_sub(1 + beyond)).or(values.first()).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "hours of a year")]
    fn the_design_condition_is_exceeded_in_35_hours_of_a_year() {
        let hours = (0..HOURS).map(|hour| Air::new(hour as f64 * 0.005, -5.0, 101_325.0)).collect();
        let weather = Weather { place: String::new(), utc_offset: 0, elevation: 0.0, hours, filled: 0 };
        let design = weather.exceeded(0.004, |air| air.dry_bulb);
        assert_eq!(weather.hours.iter().filter(|air| air.dry_bulb > design).count(), 35);
        assert_eq!(weather.exceeded(0.0, |air| air.dry_bulb), 8759.0 * 0.005);
        assert_eq!(weather.exceeded(1.0, |air| air.dry_bulb), 0.0);
    }

    #[test]
    fn a_dew_point_above_the_dry_bulb_is_saturated_air() {
        let air = Air::new(10.0, 10.3, 101_325.0);
        assert_eq!((air.dew_point, air.wet_bulb), (10.0, 10.0));
    }
}
