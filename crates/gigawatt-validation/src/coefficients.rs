//! Files of fitted coefficients.

use std::fmt::Write as _;

use gigawatt_engine::coefficients::Meaning;

/// Significant digits that are kept: more than any measurement decides, few enough to read.
const DIGITS: usize = 6;

/// A number with the digits that a file keeps.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// The text of a file of coefficients, `title` being what its comment says they belong to.
pub fn document<'a>(title: &str, coefficients: impl IntoIterator<Item = (&'a Meaning, f64)>) -> String {
    let mut text = format!(
        "# Coefficients of the law of {title}. Written by `cargo xtask fit`; the engine names each with its meaning.\n"
    );
    for (one, value) in coefficients {
        let value = toml_float(rounded(value));
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[{}]\nvalue = {value}\nunit = {:?}\nmeaning = {:?}\nfitted_on = {:?}\n",
            one.name, one.unit, one.meaning, one.fitted_on,
        );
    }
    text
}

/// A number as TOML has it: with a point or an exponent.
fn toml_float(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 { format!("{value:e}") } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::coefficients::Coefficients;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let meaning = |name, unit| Meaning {
            name,
            unit,
            least: 0.0,
            most: 1.0,
            meaning: "Share of a \"thing\".",
            fitted_on: "rows",
        };
        let (share, time) = (meaning("share", "1"), meaning("time", "µs"));
        let text = document("things", [(&share, 0.123_456_789), (&time, 5e-6)]);
        let read = Coefficients::parse(&text).unwrap();
        assert_eq!(read.value("share"), Some(0.123_457));
        assert_eq!(read.value("time"), Some(5e-6));
        assert_eq!(read.iter().next().unwrap().1.meaning, "Share of a \"thing\".");
    }
}
