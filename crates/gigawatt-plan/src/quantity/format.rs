//! Showing quantities to people: three significant figures and SI prefixes.

use super::dimension::{DAY, Dimension, YEAR};

/// Shows a value in base units for people: `1.09 GW`, `USD 64.2 B`, `1.30 M`, `43.0 %`.
pub fn format_quantity(dimension: Dimension, value: f64) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    match dimension {
        Dimension::Ratio => format!("{} %", format_significant(value * 100.0)),
        Dimension::Points => format!("{} points", format_significant(value * 100.0)),
        Dimension::Count => scaled(value, "", &COUNT_STEPS),
        Dimension::Power => scaled(value, "W", &STEPS),
        Dimension::Energy => scaled(value / 3600.0, "Wh", &STEPS),
        Dimension::Money => money(value),
        Dimension::MoneyPerPower => format!("{} M/MW", money(value)),
        Dimension::MoneyPerEnergy => format!("{}/MWh", money(value * 3.6e9)),
        Dimension::MoneyPerTime => format!("{}/year", money(value * YEAR)),
        Dimension::HourlyPrice => format!("{}/h", money(value * 3600.0)),
        Dimension::MoneyPerComputeRate => format!("{} per EFLOP/s", money(value * 1e18)),
        Dimension::MoneyPerCompute => format!("{}/EFLOP", money(value * 1e18)),
        Dimension::Area => {
            if value.abs() >= 1e5 {
                format!("{} km²", format_significant(value / 1e6))
            } else {
                format!("{} m²", format_significant(value))
            }
        }
        Dimension::Volume => scaled(value * 1e3, "L", &STEPS),
        Dimension::Length => {
            if value.abs() >= 1e3 {
                format!("{} km", format_significant(value / 1e3))
            } else {
                format!("{} m", format_significant(value))
            }
        }
        Dimension::Duration => duration(value),
        Dimension::ComputeRate => scaled(value, "FLOP/s", &STEPS),
        // A run's computing is told by its power of ten, which prefixes end before.
        Dimension::Compute if value.abs() >= 1e21 => format!("{value:.2e} FLOP"),
        Dimension::Compute => scaled(value, "FLOP", &STEPS),
        Dimension::TokenRate => scaled(value, "token/s", &STEPS),
        Dimension::RequestRate => scaled(value, "request/s", &STEPS),
        Dimension::Bytes => scaled(value, "B", &STEPS),
        Dimension::Bandwidth => scaled(value, "B/s", &STEPS),
        Dimension::Carbon => scaled(value / 1e3, "t", &STEPS),
        Dimension::CarbonPerEnergy => format!("{} g/kWh", format_significant(value * 3.6e9)),
        Dimension::CarbonPerPower => format!("{} kg/kW", format_significant(value * 1e3)),
        Dimension::Temperature => format!("{} °C", format_significant(value)),
        Dimension::TemperatureDifference => format!("{} K", format_significant(value)),
    }
}

type Steps = [(f64, &'static str); 7];
const STEPS: Steps = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];
const MONEY_STEPS: Steps =
    [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, "")];
const COUNT_STEPS: Steps =
    [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];

fn money(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}USD {}", scaled(value.abs(), "", &MONEY_STEPS))
}

fn duration(seconds: f64) -> String {
    let (unit, name) = duration_unit(seconds);
    format!("{} {name}", format_significant(seconds / unit))
}

/// The unit in which a duration is told, and its name.
fn duration_unit(seconds: f64) -> (f64, &'static str) {
    match seconds.abs() {
        s if s >= 2.0 * YEAR => (YEAR, "years"),
        s if s >= 120.0 * DAY => (7.0 * DAY, "weeks"),
        s if s >= 2.0 * DAY => (DAY, "days"),
        s if s >= 2.0 * 3600.0 => (3600.0, "h"),
        _ => (1.0, "s"),
    }
}

fn scaled(value: f64, unit: &str, steps: &Steps) -> String {
    // The step is chosen after rounding, so that 999.6 MW becomes 1.00 GW and not 1000 MW.
    let magnitude = round_significant(value.abs());
    let (factor, prefix) =
        steps.iter().find(|(factor, _)| magnitude >= *factor).copied().unwrap_or((1.0, ""));
    let separator = if unit.is_empty() && prefix.is_empty() { "" } else { " " };
    format!("{}{separator}{prefix}{unit}", format_significant(value / factor))
}

fn round_significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    // Through text, because it rounds exactly the way the number is then printed.
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Shows a range with its unit once where both ends share it: `USD 56.4 – 66.2 B`, `0.840 – 1.12 GW`.
/// Empty where both ends show the same.
pub fn format_range(dimension: Dimension, low: f64, high: f64) -> String {
    let (from, to) = (format_quantity(dimension, low), format_quantity(dimension, high));
    if from == to {
        return String::new();
    }
    if dimension == Dimension::Duration {
        let (unit, name) = duration_unit(high);
        if low == 0.0 || low >= unit {
            return format!(
                "{} – {} {name}",
                format_significant(low / unit),
                format_significant(high / unit)
            );
        }
    }
    let (before, first, unit) = split_number(&from);
    let (before_last, last, unit_last) = split_number(&to);
    // A sign before a currency and a power of ten behind the figures belong to one number alone.
    let apart = before.starts_with('-') || unit.starts_with('e');
    if (before, unit) == (before_last, unit_last) && !unit.is_empty() && !apart {
        format!("{before}{first} – {last}{unit}")
    } else {
        format!("{from} – {to}")
    }
}

/// What stands before the digits of a shown quantity, the digits, and what follows them.
fn split_number(shown: &str) -> (&str, &str, &str) {
    let digits = shown.find(|character: char| character.is_ascii_digit()).unwrap_or(shown.len());
    // A sign directly before the digits is theirs; that before a currency belongs to the whole.
    let start = if shown[..digits].ends_with('-') { digits - 1 } else { digits };
    let length = shown[start..]
        .find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | '-'))
        .unwrap_or(shown.len() - start);
    (&shown[..start], &shown[start..start + length], &shown[start + length..])
}

/// Three significant figures without an exponent for ordinary magnitudes: `0.0123`, `1.09`, `72.2`, `405`.
pub fn format_significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let rounded = round_significant(value);
    let magnitude = rounded.abs();
    if !(1e-4..1e7).contains(&magnitude) {
        return format!("{value:.2e}");
    }
    let decimals = match magnitude {
        m if m >= 100.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        m if m >= 0.1 => 3,
        m if m >= 0.01 => 4,
        _ => 5,
    };
    format!("{rounded:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_three_figures_and_a_prefix() {
        let cases = [
            (Dimension::Power, 1.0904e9, "1.09 GW"),
            (Dimension::Power, 999.6e6, "1.00 GW"),
            (Dimension::Power, 1275.0, "1.27 kW"),
            (Dimension::Money, 64.23e9, "USD 64.2 B"),
            (Dimension::Money, -2e9, "-USD 2.00 B"),
            (Dimension::Count, 1.3e6, "1.30 M"),
            (Dimension::Count, 72.0, "72.0"),
            (Dimension::Ratio, 0.43, "43.0 %"),
            (Dimension::Energy, 3.6e15, "1.00 TWh"),
            (Dimension::Area, 9.105e6, "9.11 km²"),
            (Dimension::Volume, 1.5e4, "15.0 ML"),
            (Dimension::Volume, 2e-3, "2.00 L"),
            (Dimension::MoneyPerEnergy, 80.6 / 3.6e9, "USD 80.6/MWh"),
            (Dimension::Duration, 5.0 * 365.25 * 86_400.0, "5.00 years"),
            (Dimension::Money, 0.0, "USD 0"),
            (Dimension::Carbon, 1.2e9, "1.20 Mt"),
            (Dimension::CarbonPerEnergy, 0.37 / 3.6e6, "370 g/kWh"),
            (Dimension::CarbonPerPower, 1.5, "1500 kg/kW"),
            (Dimension::Temperature, -3.5, "-3.50 °C"),
            (Dimension::TemperatureDifference, 8.0, "8.00 K"),
            (Dimension::Compute, 3.8e25, "3.80e25 FLOP"),
            (Dimension::Compute, 2.5e15, "2.50 PFLOP"),
            (Dimension::TokenRate, 2.96e6, "2.96 Mtoken/s"),
        ];
        for (dimension, value, shown) in cases {
            assert_eq!(format_quantity(dimension, value), shown);
        }
    }

    #[test]
    fn a_range_shows_its_unit_once() {
        assert_eq!(format_range(Dimension::Money, 56.4e9, 66.2e9), "USD 56.4 – 66.2 B");
        assert_eq!(format_range(Dimension::Power, 0.84e9, 1.12e9), "840 MW – 1.12 GW");
        assert_eq!(format_range(Dimension::Money, -2e9, 1e9), "-USD 2.00 B – USD 1.00 B");
        assert_eq!(format_range(Dimension::Money, -266e6, -147e6), "-USD 266 M – -USD 147 M");
        assert_eq!(format_range(Dimension::Ratio, 0.404, 0.483), "40.4 – 48.3 %");
        assert_eq!(format_range(Dimension::Points, -0.009, 0.03), "-0.900 – 3.00 points");
        assert_eq!(format_range(Dimension::Count, 1.3e6, 1.3e6), "");
        assert_eq!(format_range(Dimension::Duration, 91.0 * DAY, 364.0 * DAY), "13.0 – 52.0 weeks");
        assert_eq!(format_range(Dimension::Duration, 1.0 * DAY, 364.0 * DAY), "24.0 h – 52.0 weeks");
    }

    #[test]
    fn money_per_power_reads_as_it_is_written() {
        assert_eq!(format_quantity(Dimension::MoneyPerPower, 11.0), "USD 11.0 M/MW");
    }
}
