//! Numbers and ranges as people read them, and the units in which axes count.

use gigawatt_plan::quantity::{Dimension, format_quantity, format_range, format_significant};

use crate::chart::{shortened, text_width};
use crate::{Value, Words};

/// A value, or a dash where it does not exist.
pub fn shown(dimension: Dimension, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format_quantity(dimension, value))
}

/// A share of what should be all, with two figures of what is missed where that is little: `99.976 %`.
pub fn attained(share: f64) -> String {
    let percent = (share * 100.0).clamp(0.0, 100.0);
    let missed = 100.0 - percent;
    let places = [1.0, 0.1, 0.01, 0.001].iter().filter(|step| missed < **step).count();
    if missed < 5e-6 { "100 %".to_owned() } else { format!("{percent:.*} %", places + 1) }
}

/// A whole number with its thousands apart: `405,853,388,800`.
pub fn grouped(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A value with its sign, for shifts and errors.
pub fn signed(dimension: Dimension, value: f64) -> String {
    let text = format_quantity(dimension, value);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// How a value differs from another: in per cent, as a multiple from ten times on, as an amount where there is no
/// ratio, and shares in points.
pub fn change(dimension: Dimension, ratio: Option<f64>, difference: f64) -> String {
    match ratio {
        _ if dimension == Dimension::Ratio => signed(Dimension::Points, difference),
        Some(ratio) if ratio >= 10.0 => format!("{} ×", format_significant(ratio)),
        Some(ratio) => format!("{:+.1} %", (ratio - 1.0) * 100.0),
        None => signed(dimension, difference),
    }
}

/// `low – high`, with a unit that both share written once and spaces that do not break.
pub fn range(dimension: Dimension, low: f64, high: f64) -> String {
    let range = match format_range(dimension, low, high) {
        range if range.is_empty() => format_quantity(dimension, low),
        range => range,
    };
    // The word joiner keeps a line from ending at the dash.
    range.replace("– ", "–\u{2060} ").replace(' ', "\u{a0}")
}

/// Whether all draws gave the same value, as far as three figures show.
pub fn is_certain(dimension: Dimension, value: &Value) -> bool {
    shown(dimension, value.p10) == shown(dimension, value.p90)
}

/// `p10 – p90` of a value; what stands there where they are the same.
pub fn spread(dimension: Dimension, value: &Value) -> Option<String> {
    let (low, high) = (value.p10?, value.p90?);
    (!is_certain(dimension, value)).then(|| range(dimension, low, high))
}

/// The unit in which an axis counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisUnit {
    /// In base units.
    pub factor: f64,
    /// As it is written.
    pub name: &'static str,
}

impl AxisUnit {
    /// The unit in which a value of this size has one to three figures before the point.
    pub fn of(words: &Words, dimension: Dimension, largest: f64) -> Self {
        const HOUR: f64 = 3600.0;
        let steps: &[(f64, &'static str)] = match dimension {
            Dimension::Money => {
                &[(1e12, "USD T"), (1e9, "USD B"), (1e6, "USD M"), (1e3, "USD k"), (1.0, "USD")]
            }
            Dimension::Power => &[(1e12, "TW"), (1e9, "GW"), (1e6, "MW"), (1e3, "kW"), (1.0, "W")],
            Dimension::Count => {
                &[(1e9, words.billion), (1e6, words.million), (1e3, words.thousand), (1.0, "")]
            }
            Dimension::Energy => &[
                (1e12 * HOUR, "TWh"),
                (1e9 * HOUR, "GWh"),
                (1e6 * HOUR, "MWh"),
                (1e3 * HOUR, "kWh"),
                (HOUR, "Wh"),
            ],
            Dimension::Ratio => &[(0.01, "%")],
            Dimension::Points => &[(0.01, words.points)],
            Dimension::Area => &[(1e6, "km²"), (1.0, "m²")],
            Dimension::Volume => &[(1e6, "GL"), (1e3, "ML"), (1.0, "kL"), (1e-3, "L")],
            Dimension::Length => &[(1e3, "km"), (1.0, "m")],
            Dimension::Duration => &[(86_400.0, "d"), (HOUR, "h"), (1.0, "s")],
            Dimension::MoneyPerPower => &[(1.0, "USD M/MW")],
            Dimension::MoneyPerEnergy => &[(1.0 / (1e6 * HOUR), "USD/MWh")],
            Dimension::MoneyPerTime => {
                &[(1e6 / (365.25 * 86_400.0), "USD M/year"), (1.0 / (365.25 * 86_400.0), "USD/year")]
            }
            Dimension::HourlyPrice => &[(1.0 / HOUR, "USD/h")],
            Dimension::MoneyPerComputeRate => &[(1e6 / 1e18, "USD M/(EFLOP/s)")],
            Dimension::MoneyPerCompute => &[(1e-18, "USD/EFLOP")],
            Dimension::ComputeRate => {
                &[(1e18, "EFLOP/s"), (1e15, "PFLOP/s"), (1e12, "TFLOP/s"), (1.0, "FLOP/s")]
            }
            Dimension::Compute => &[(1e24, "1e24 FLOP"), (1e21, "1e21 FLOP"), (1e18, "EFLOP"), (1.0, "FLOP")],
            Dimension::TokenRate => {
                &[(1e9, "Gtoken/s"), (1e6, "Mtoken/s"), (1e3, "ktoken/s"), (1.0, "token/s")]
            }
            Dimension::RequestRate => &[(1e3, "krequest/s"), (1.0, "request/s")],
            Dimension::Bytes => &[(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1.0, "B")],
            Dimension::Bandwidth => &[(1e12, "TB/s"), (1e9, "GB/s"), (1e6, "MB/s"), (1.0, "B/s")],
            Dimension::Carbon => &[(1e9, "Mt"), (1e6, "kt"), (1e3, "t"), (1.0, "kg")],
            Dimension::CarbonPerEnergy => &[(1e-3 / (1e3 * HOUR), "g/kWh")],
            Dimension::CarbonPerPower => &[(1e-3, "kg/kW")],
            Dimension::Temperature => &[(1.0, "°C")],
            Dimension::TemperatureDifference => &[(1.0, "K")],
        };
        // A largest value of 0.7 GW reads better as such than as 700 MW beside others in gigawatt.
        let found = steps.iter().find(|(factor, _)| largest.abs() >= factor * 0.5);
        let (factor, name) = found.or(steps.last()).copied().unwrap_or((1.0, ""));
        Self { factor, name }
    }

    /// A name with the unit behind it, the name cut where both are wider than the room at a size of letters.
    pub fn within(self, name: &str, size: f64, room: f64) -> String {
        let unit = text_width(self.name, size) + 3.0 * size;
        self.beside(&shortened(name, size, room - unit))
    }

    /// A name with the unit behind it.
    pub fn beside(self, name: &str) -> String {
        if self.name.is_empty() { name.to_owned() } else { format!("{name} ({})", self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_unit_is_written_once() {
        let cases = [
            (Dimension::Money, 56.4e9, 66.2e9, "USD 56.4 – 66.2 B"),
            (Dimension::Money, 0.9e9, 1.2e9, "USD 900 M – USD 1.20 B"),
            (Dimension::Money, -2e9, 3e9, "-USD 2.00 B – USD 3.00 B"),
            (Dimension::Money, -57e9, -20e9, "-USD 57.0 B – -USD 20.0 B"),
            (Dimension::Ratio, -0.01, 0.02, "-1.00 – 2.00 %"),
            (Dimension::Power, 1.6e9, 2e9, "1.60 – 2.00 GW"),
            (Dimension::Count, 3.0, 72.0, "3.00 – 72.0"),
            (Dimension::MoneyPerEnergy, 60.0 / 3.6e9, 80.0 / 3.6e9, "USD 60.0 – 80.0/MWh"),
        ];
        for (dimension, low, high, expected) in cases {
            assert_eq!(range(dimension, low, high).replace('\u{a0}', " ").replace('\u{2060}', ""), expected);
        }
    }

    #[test]
    fn what_is_missed_of_all_shows() {
        let cases =
            [(1.0, "100 %"), (0.999_76, "99.976 %"), (0.9951, "99.51 %"), (0.953, "95.3 %"), (0.0, "0.0 %")];
        for (share, expected) in cases {
            assert_eq!(attained(share), expected);
        }
    }

    #[test]
    fn a_change_is_said_as_it_is_thought_of() {
        assert_eq!(change(Dimension::Money, Some(0.223), -47e9), "-77.7 %");
        assert_eq!(change(Dimension::Money, Some(121.05), 3e9), "121 ×");
        assert_eq!(change(Dimension::Ratio, Some(20.0), 0.19), "+19.0 points");
        assert_eq!(change(Dimension::Money, None, -97.1e9), "-USD 97.1 B");
    }

    #[test]
    fn thousands_stand_apart() {
        let shown: Vec<String> = [7_u32, 999, 1000, 10_000, 1_234_567].into_iter().map(grouped).collect();
        assert_eq!(shown, ["7", "999", "1,000", "10,000", "1,234,567"]);
    }

    #[test]
    fn an_axis_counts_in_a_unit_near_its_largest_value() {
        assert_eq!(AxisUnit::of(&Words::ENGLISH, Dimension::Money, 72e9).name, "USD B");
        assert_eq!(AxisUnit::of(&Words::ENGLISH, Dimension::Power, 0.7e9).name, "GW");
        assert_eq!(AxisUnit::of(&Words::ENGLISH, Dimension::Power, 0.3e9).name, "MW");
        assert_eq!(AxisUnit::of(&Words::ENGLISH, Dimension::Count, 7.0).name, "");
    }
}
