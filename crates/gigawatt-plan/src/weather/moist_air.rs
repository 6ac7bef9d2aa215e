//! Moist air: saturation, humidity, enthalpy, wet bulb.
//!
//! Equations of ASHRAE's Handbook of Fundamentals (2017), chapter 1, in SI units: saturation over ice and water after
//! Hyland and Wexler (1983, equations 5 and 6), the humidity ratio (20), enthalpy (30), the thermodynamic wet bulb
//! (33, below freezing 35), and the standard atmosphere (3). Temperatures are in degree Celsius, pressures in pascal,
//! humidity ratios in kilogram of vapour per kilogram of dry air, enthalpies in joule per kilogram of dry air.

/// Zero degree Celsius in kelvin.
pub const FREEZING: f64 = 273.15;
/// Mass of a mole of water over that of air.
const MOLE_MASSES: f64 = 0.621_945;
/// Triple point of water.
const TRIPLE_POINT: f64 = 0.01;
/// Temperature that the search for a dew point stays above.
const COLDEST: f64 = -100.0;
/// Temperature that the search for a dew point stays below.
const HOTTEST: f64 = 200.0;
/// A wet bulb is found to this many kelvin.
const TOLERANCE: f64 = 1e-9;
/// Steps of a search; each at least halves the bracket once in two.
const STEPS: usize = 100;

/// Heat that evaporates a kilogram of water at 25 °C, in joule: the enthalpy of vapour less that of water, from the
/// same chapter.
pub const LATENT_HEAT: f64 = 2_442_000.0;
/// Heat that warms a kilogram of dry air by a kelvin, in joule.
pub const HEAT_OF_AIR: f64 = 1006.0;
/// Heat that warms a kilogram of water by a kelvin, in joule.
pub const HEAT_OF_WATER: f64 = 4186.0;

/// Pressure of vapour over ice, from the triple point on over water, from -100 to 200 °C.
pub fn saturation_pressure(temperature: f64) -> f64 {
    let kelvin = temperature + FREEZING;
    let logarithm = if temperature <= TRIPLE_POINT {
        -5.674_535_9e3 / kelvin + 6.392_524_7 - 9.677_843e-3 * kelvin
            + 6.221_570_1e-7 * kelvin * kelvin
            + 2.074_782_5e-9 * kelvin.powi(3)
            - 9.484_024e-13 * kelvin.powi(4)
            + 4.163_501_9 * libm::log(kelvin)
    } else {
        -5.800_220_6e3 / kelvin + 1.391_499_3 - 4.864_023_9e-2 * kelvin + 4.176_476_8e-5 * kelvin * kelvin
            - 1.445_209_3e-8 * kelvin.powi(3)
            + 6.545_967_3 * libm::log(kelvin)
    };
    libm::exp(logarithm)
}

/// Humidity ratio of air with a pressure of vapour. Vapour alone, which no air under the sky is, has none: the vapour
/// is kept at nine tenths of the pressure.
pub fn humidity_ratio(vapour: f64, pressure: f64) -> f64 {
    let vapour = vapour.min(0.9 * pressure);
    MOLE_MASSES * vapour / (pressure - vapour)
}

/// Enthalpy of moist air over that of dry air and liquid water at 0 °C.
pub fn enthalpy(temperature: f64, humidity: f64) -> f64 {
    1000.0 * (1.006 * temperature + humidity * (2501.0 + 1.86 * temperature))
}

/// Temperature at which a pressure of vapour saturates air: the dew or frost point.
pub fn dew_point(vapour: f64) -> f64 {
    let wanted = libm::log(vapour.max(1e-6));
    between(COLDEST, HOTTEST, |temperature| libm::log(saturation_pressure(temperature)) - wanted)
}

/// Thermodynamic wet bulb of air, which lies between dew point and dry bulb.
pub fn wet_bulb(dry_bulb: f64, dew_point: f64, humidity: f64, pressure: f64) -> f64 {
    let excess = |wet: f64| {
        let saturated = humidity_ratio(saturation_pressure(wet), pressure);
        let of_wet = if wet >= 0.0 {
            ((2501.0 - 2.326 * wet) * saturated - 1.006 * (dry_bulb - wet))
                / (2501.0 + 1.86 * dry_bulb - 4.186 * wet)
        } else {
            ((2830.0 - 0.24 * wet) * saturated - 1.006 * (dry_bulb - wet))
                / (2830.0 + 1.86 * dry_bulb - 2.1 * wet)
        };
        of_wet - humidity
    };
    between(dew_point.min(dry_bulb), dry_bulb, excess)
}

/// Pressure of the standard atmosphere at a height in metre.
pub fn standard_pressure(elevation: f64) -> f64 {
    101_325.0 * libm::pow((1.0 - 2.255_77e-5 * elevation).max(0.0), 5.2559)
}

/// Where a growing function is zero between two bounds; the nearer bound where it has one sign. False position after
/// the Illinois rule, and a halving where that does not shrink the bracket.
fn between(mut low: f64, mut high: f64, excess: impl Fn(f64) -> f64) -> f64 {
    let (mut below, mut above) = (excess(low), excess(high));
    if below >= 0.0 {
        return low;
    }
    if above <= 0.0 {
        return high;
    }
    let mut last_was_low = None;
    for step in 0..STEPS {
        if high - low <= TOLERANCE {
            break;
        }
        let chord = low - below * (high - low) / (above - below);
        let middle = if step % 4 == 3 || !(low..=high).contains(&chord) { 0.5 * (low + high) } else { chord };
        let value = excess(middle);
        if value == 0.0 {
            return middle;
        }
        if value < 0.0 {
            (low, below) = (middle, value);
            if last_was_low == Some(true) {
                above *= 0.5;
            }
            last_was_low = Some(true);
        } else {
            (high, above) = (middle, value);
            if last_was_low == Some(false) {
                below *= 0.5;
            }
            last_was_low = Some(false);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wet bulb after Stull (2011): a fit at 101.325 kPa, within -1 and 0.65 K of the truth by its own account.
    fn stull(temperature: f64, relative: f64) -> f64 {
        temperature * libm::atan(0.151_977 * libm::sqrt(relative + 8.313_659))
            + libm::atan(temperature + relative)
            - libm::atan(relative - 1.676_331)
            + 0.003_918_38 * libm::pow(relative, 1.5) * libm::atan(0.023_101 * relative)
            - 4.686_035
    }

    fn of_relative(temperature: f64, relative: f64, pressure: f64) -> f64 {
        let vapour = relative / 100.0 * saturation_pressure(temperature);
        wet_bulb(temperature, dew_point(vapour), humidity_ratio(vapour, pressure), pressure)
    }

    #[test]
    fn saturation_is_that_of_the_tables() {
        // ASHRAE Fundamentals (2017), chapter 1, table 3, in pascal.
        for (temperature, pressure) in [
            (-20.0, 103.24),
            (-5.0, 401.74),
            (5.0, 872.6),
            (25.0, 3169.7),
            (50.0, 12_351.3),
            (100.0, 101_418.0),
        ] {
            let ratio = saturation_pressure(temperature) / pressure;
            assert!((ratio - 1.0).abs() < 3e-4, "{temperature} °C: {ratio}");
            assert!((dew_point(saturation_pressure(temperature)) - temperature).abs() < 1e-6);
        }
    }

    #[test]
    fn the_example_of_the_handbook_is_met() {
        // ASHRAE Fundamentals (2017), chapter 1, example 1: 40 °C dry, 20 °C wet, 101.325 kPa; the answers are read from
        // the chart: 6.5 g/kg, a dew point of 7 °C, 56.7 kJ/kg.
        let pressure = 101_325.0;
        let humidity = 0.0065;
        let dew = dew_point(pressure * humidity / (MOLE_MASSES + humidity));
        assert!((dew - 7.0).abs() < 1.0, "{dew}");
        assert!((wet_bulb(40.0, dew, humidity, pressure) - 20.0).abs() < 0.2);
        assert!((enthalpy(40.0, humidity) / 1000.0 - 56.7).abs() < 0.4);
    }

    #[test]
    fn wet_bulbs_agree_with_an_independent_library() {
        // PsychroLib 2.5.0, GetTWetBulbFromRelHum, searched to 0.001 K there.
        for (temperature, relative, pressure, wet) in WET_BULBS {
            let own = of_relative(temperature, relative, pressure);
            assert!((own - wet).abs() < 2e-3, "{temperature} °C, {relative} %: {own} against {wet}");
        }
    }

    /// Dry bulb, relative humidity in percent, pressure, wet bulb.
    const WET_BULBS: [(f64, f64, f64, f64); 7] = [
        (-10.0, 60.0, 101_325.0, -11.3055),
        (2.0, 90.0, 101_325.0, 1.3850),
        (20.0, 50.0, 101_325.0, 13.7834),
        (30.0, 40.0, 95_461.0, 19.8783),
        (35.0, 70.0, 101_325.0, 30.0593),
        (45.0, 10.0, 85_000.0, 19.9233),
        (38.0, 25.0, 101_325.0, 22.2547),
    ];

    #[test]
    fn the_fit_of_stull_stays_within_its_own_bounds() {
        assert!((stull(20.0, 50.0) - 13.7).abs() < 0.05, "the example of the paper");
        // Where it is cold and dry it does not hold, as the paper says.
        for temperature in [10.0, 20.0, 30.0, 40.0] {
            for relative in [20.0, 40.0, 60.0, 80.0, 99.0] {
                let off = stull(temperature, relative) - of_relative(temperature, relative, 101_325.0);
                // His forward equations are not quite those of ASHRAE: 0.65 K there are 0.75 K here, and 1.1 K at 50 °C.
                assert!((-1.0..0.8).contains(&off), "{temperature} °C, {relative} %: {off}");
            }
        }
    }

    #[test]
    fn the_wet_bulb_lies_between_dew_point_and_dry_bulb() {
        for temperature in [-30.0, -1.0, 0.005, 0.5, 15.0, 45.0] {
            for relative in [1.0, 30.0, 70.0, 100.0] {
                let wet = of_relative(temperature, relative, 90_000.0);
                let dew = dew_point(relative / 100.0 * saturation_pressure(temperature));
                assert!(
                    wet >= dew - 1e-6 && wet <= temperature + 1e-9,
                    "{temperature} °C, {relative} %: {wet}"
                );
            }
        }
    }

    #[test]
    fn the_standard_atmosphere_thins_with_height() {
        // ASHRAE Fundamentals (2017), chapter 1, table 1, in kilopascal.
        for (height, pressure) in [(0.0, 101.325), (500.0, 95.461), (1500.0, 84.556), (3000.0, 70.108)] {
            assert!((standard_pressure(height) / 1000.0 - pressure).abs() < 0.01, "{height} m");
        }
    }
}
