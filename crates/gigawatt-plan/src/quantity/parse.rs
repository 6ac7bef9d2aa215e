//! Reading a quantity with its unit.

use super::dimension::{Dimension, Unit};

/// Why a text is not a quantity of the dimension asked for.
///
/// `range` is the part of the text that is at fault, in bytes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct QuantityError {
    /// What is wrong, as a sentence without a final period.
    pub message: String,
    /// Which bytes of the text are wrong.
    pub range: std::ops::Range<usize>,
    /// What would be right, where that is not plain from the message.
    pub help: Option<String>,
}

/// Symbols that may stand before an amount of money.
pub(super) const CURRENCIES: [&str; 3] = ["USD", "US$", "$"];

pub(super) const PREFIXES: &[(&str, f64)] =
    &[("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9), ("B", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18)];

/// Reads `text` as a quantity of `dimension` and returns it in base units.
///
/// Reads `"65 B$"`, `"USD 64.2 B"`, `"1.3 M"`, `"75 %"`, `"11 M$/MW"`, `"2250 acre"`; digits may be grouped
/// with `_`.
///
/// # Errors
/// [`QuantityError`] when there is no number, the number is not finite or out of place below zero, or the
/// unit is not one of the dimension's.
pub fn parse_quantity(dimension: Dimension, text: &str) -> Result<f64, QuantityError> {
    let whole = 0..text.len();
    let fail = |message: String, range, help| Err(QuantityError { message, range, help });
    let example = || Some(format!("write it as {}", dimension.example()));

    let leading = text.len() - text.trim_start().len();
    let mut start = leading;
    let mut currency = None;
    for symbol in CURRENCIES {
        if text[start..].starts_with(symbol) {
            currency = Some(symbol);
            start += symbol.len();
            start += text[start..].len() - text[start..].trim_start().len();
            break;
        }
    }
    let end = start + number_length(&text[start..]);
    let not_a_quantity = || fail(format!("`{text}` is not {}", dimension.noun()), whole.clone(), example());
    if end == start {
        return not_a_quantity();
    }
    let digits: String = text[start..end].chars().filter(|&c| c != '_').collect();
    let Ok(number) = digits.parse::<f64>() else {
        return not_a_quantity();
    };

    let unit_start = end + (text[end..].len() - text[end..].trim_start().len());
    let written = text[unit_start..].trim_end();
    let unit_range = if written.is_empty() { whole.clone() } else { unit_start..unit_start + written.len() };
    let unit = match currency {
        Some(_) => with_currency(written),
        None => written.to_owned(),
    };
    let Some(factor) = unit_factor(dimension, &unit) else {
        let noun = dimension.noun();
        let shown = if written.is_empty() { unit.as_str() } else { written };
        if unit.is_empty() {
            return fail(format!("a unit is missing, expected {noun}"), unit_range, example());
        }
        if let Some(other) = measured_by(&unit) {
            let message = format!("`{shown}` is a unit for {}, expected {noun}", other.noun());
            return fail(message, unit_range, example());
        }
        let near = nearest_unit(dimension, &unit).map(|unit| format!("did you mean `{unit}`?"));
        return fail(format!("`{shown}` is not a unit for {noun}"), unit_range, near.or_else(example));
    };
    let value = number * factor;
    if value.is_nan() || value.abs() > dimension.limit() {
        return fail(format!("`{}` is too large", text.trim()), whole, example());
    }
    if value < 0.0 && !dimension.may_be_negative() {
        return fail(format!("{} cannot be negative", dimension.noun()), whole, example());
    }
    Ok(value)
}

/// What else a unit is for. A bare prefix is for anything and tells nothing.
fn measured_by(unit: &str) -> Option<Dimension> {
    let bare = PREFIXES.iter().any(|(symbol, _)| *symbol == unit);
    Dimension::ALL.into_iter().find(|other| !bare && unit_factor(*other, unit).is_some())
}

/// `64.2 B` after `USD` means `64.2 B$`; a rate keeps its denominator: `B/year` means `B$/year`.
fn with_currency(unit: &str) -> String {
    match unit.split_once('/') {
        Some((numerator, denominator)) => format!("{}$/{denominator}", numerator.trim_end()),
        None => format!("{unit}$"),
    }
}

/// Length of the longest prefix of `text` that looks like a decimal number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    if matches!(bytes.first(), Some(b'+' | b'-')) {
        at += 1;
    }
    let digits_from = at;
    while at < bytes.len() && (bytes[at].is_ascii_digit() || matches!(bytes[at], b'.' | b'_')) {
        at += 1;
    }
    if !bytes[digits_from..at].iter().any(u8::is_ascii_digit) {
        return 0;
    }
    // An exponent only if digits follow: in `3 EFLOP/s` and `2e` the letter belongs to the unit.
    if at < bytes.len() && matches!(bytes[at], b'e' | b'E') {
        let mut exponent = at + 1;
        if exponent < bytes.len() && matches!(bytes[exponent], b'+' | b'-') {
            exponent += 1;
        }
        let digits = bytes[exponent..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            at = exponent + digits;
        }
    }
    at
}

fn unit_factor(dimension: Dimension, unit: &str) -> Option<f64> {
    let (numerators, denominators) = dimension.units();
    match denominators {
        None => one_unit(numerators, unit),
        Some(denominators) => {
            let (numerator, denominator) = unit.split_once('/')?;
            Some(one_unit(numerators, numerator.trim())? / one_unit(denominators, denominator.trim())?)
        }
    }
}

fn one_unit(units: &[Unit], written: &str) -> Option<f64> {
    for unit in units {
        if let Some(prefix) = written.strip_suffix(unit.symbol) {
            if prefix.is_empty() {
                return Some(unit.factor);
            }
            let prefix = prefix.trim_end();
            if unit.prefixes
                && let Some((_, factor)) = PREFIXES.iter().find(|(symbol, _)| *symbol == prefix)
            {
                return Some(unit.factor * factor);
            }
        }
    }
    None
}

/// Longer than any unit: what is longer resembles none.
const LONGEST_UNIT: usize = 40;

/// The unit of `dimension` that is spelt most like `written`.
fn nearest_unit(dimension: Dimension, written: &str) -> Option<String> {
    if written.len() > LONGEST_UNIT {
        return None;
    }
    let (numerators, denominators) = dimension.units();
    // A prefix whose unit was forgotten.
    if denominators.is_none()
        && let Some(unit) = numerators.iter().find(|unit| unit.prefixes)
        && PREFIXES.iter().any(|(symbol, _)| *symbol == written)
    {
        return Some(format!("{written}{}", unit.symbol));
    }
    let spell = |units: &[Unit]| -> Vec<String> {
        let mut all = Vec::new();
        for unit in units {
            all.push(unit.symbol.to_owned());
            if unit.prefixes {
                all.extend(["k", "M", "G", "T"].iter().map(|prefix| format!("{prefix}{}", unit.symbol)));
                if unit.symbol == "$" {
                    all.push("B$".to_owned());
                }
            }
        }
        all
    };
    let mut candidates = spell(numerators);
    if let Some(denominators) = denominators {
        let below = spell(denominators);
        candidates = candidates
            .iter()
            .flat_map(|above| below.iter().map(move |unit| format!("{above}/{unit}")))
            .collect();
    }
    candidates.retain(|candidate| !candidate.is_empty());
    let folded = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
            (distance * 2 + strsim::damerau_levenshtein(written, &candidate), candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= 2 * candidate.len().max(2))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dimension: Dimension, text: &str) -> f64 {
        parse_quantity(dimension, text).expect(text)
    }

    #[test]
    fn money_is_read_in_every_usual_form() {
        for text in
            ["65 B$", "65B$", "65 G$", "USD 65 B", "$65 B", "65 BUSD", "65e9 $", "65_000 M$", "US$ 65 B"]
        {
            assert_eq!(read(Dimension::Money, text), 65e9, "{text}");
        }
        assert_eq!(read(Dimension::Money, "-2 B$"), -2e9);
    }

    #[test]
    fn rates_divide_their_units() {
        assert_eq!(read(Dimension::MoneyPerPower, "11 M$/MW"), 11.0);
        assert!((read(Dimension::MoneyPerEnergy, "80 $/MWh") - 80.0 / 3.6e9).abs() < 1e-20);
        assert_eq!(read(Dimension::MoneyPerTime, "USD 1 M/year"), 1e6 / (365.25 * 86_400.0));
        assert_eq!(read(Dimension::ComputeRate, "3 EFLOP/s"), 3e18);
        assert_eq!(read(Dimension::Bandwidth, "400 Gbit/s"), 50e9);
        assert_eq!(read(Dimension::Carbon, "1.2 Mt"), 1.2e9);
        for text in ["370 g/kWh", "370 gCO2e/kWh", "370 kg/MWh", "0.37 kgCO2/kWh", "0.37 t/MWh"] {
            assert!((read(Dimension::CarbonPerEnergy, text) / (0.37 / 3.6e6) - 1.0).abs() < 1e-12, "{text}");
        }
        let pounds = read(Dimension::CarbonPerEnergy, "801 lb/MWh") * 3.6e9;
        assert!((pounds - 363.327).abs() < 1e-3, "{pounds}");
    }

    #[test]
    fn water_is_read_in_litres_cubic_metres_and_gallons() {
        for text in ["15 ML", "15_000 m3", "15e3 m³", "15_000_000 L", "15e6L"] {
            assert_eq!(read(Dimension::Volume, text), 15_000.0, "{text}");
        }
        // A US gallon is 231 cubic inches.
        let gallon = 231.0 * 0.0254_f64.powi(3);
        assert!((read(Dimension::Volume, "1.3 M gal") / (1.3e6 * gallon) - 1.0).abs() < 1e-12);
        for (text, help) in [("3 Ml", "did you mean `ML`?"), ("3 M", "did you mean `ML`?")] {
            let error = parse_quantity(Dimension::Volume, text).expect_err(text);
            assert_eq!(error.help.as_deref(), Some(help), "{text}");
        }
        // A thousand cubic metres or a cube of a kilometre: not read.
        assert!(parse_quantity(Dimension::Volume, "3 km3").is_err());
    }

    #[test]
    fn bare_numbers_are_for_ratios_and_counts_only() {
        assert_eq!(read(Dimension::Ratio, "75 %"), 0.75);
        assert_eq!(read(Dimension::Count, "1.3 M"), 1.3e6);
        assert!(
            parse_quantity(Dimension::Power, "2").expect_err("no unit").message.contains("unit is missing")
        );
    }

    #[test]
    fn a_wrong_unit_is_located_and_the_nearest_is_suggested() {
        let error = parse_quantity(Dimension::Power, "2.1 Gw").expect_err("not a unit");
        assert_eq!(error.range, 4..6);
        assert_eq!(error.help.as_deref(), Some("did you mean `GW`?"));
        let error = parse_quantity(Dimension::MoneyPerPower, "11 M$/Mw").expect_err("not a unit");
        assert_eq!(error.help.as_deref(), Some("did you mean `M$/MW`?"));
    }

    #[test]
    fn a_unit_of_something_else_is_called_so() {
        let error = parse_quantity(Dimension::Power, "5 MWh").expect_err("an energy");
        assert_eq!(error.message, "`MWh` is a unit for an energy, expected a power");
        // A prefix alone is a forgotten unit, not a count of things.
        let error = parse_quantity(Dimension::Power, "5 M").expect_err("no unit");
        assert_eq!(error.help.as_deref(), Some("did you mean `MW`?"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "GW", "1e999 W", "-3 MW", "1..2 W", "NaN W", "--1 W", "1 W W", "²"] {
            assert!(parse_quantity(Dimension::Power, text).is_err(), "{text}");
        }
    }
}
