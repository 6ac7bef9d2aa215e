//! Times and counts of tokens as traces of requests write them.

use crate::trace::faults::{Cause, Mistake};

/// Nanoseconds of a second.
pub(super) const SECOND: u64 = 1_000_000_000;
/// The latest time that is believed, in seconds: 285 years, so that nanoseconds fit.
const LATEST: u64 = 9_000_000_000;

/// Why a number cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is none.
    NoNumber,
    /// It is less than 0.
    Negative,
    /// It has a fraction.
    Fraction,
    /// It is beyond what is believed.
    Large,
}

/// A field with what it should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'l> {
    /// Its characters.
    pub text: &'l str,
    /// What it is called.
    pub name: &'static str,
}

impl<'l> Field<'l> {
    /// The mistake of a field that cannot be used; `line` is pointed at where the field is empty.
    pub fn mistake(self, wrong: Wrong, line: &'l str) -> Mistake<'l> {
        let Self { text, name } = self;
        let cause = Cause::Value;
        if text.is_empty() {
            let message = format!("the row has no {name}");
            return Mistake {
                cause,
                part: line,
                message,
                help: "every row needs a time and two counts of tokens",
            };
        }
        let shown = &text[..text.floor_char_boundary(60)];
        let (message, help) = match wrong {
            Wrong::NoNumber => (
                format!("`{shown}` is no {name}"),
                "write a number, as 12.5 for a time in seconds and 374 for tokens",
            ),
            Wrong::Negative => (format!("the {name} is {shown}"), "it cannot be negative"),
            Wrong::Fraction => (format!("the {name} is {shown}"), "tokens are whole numbers"),
            Wrong::Large => (
                format!("the {name} is {shown}"),
                "a time is at most 9,000,000,000 s, a count of tokens at most 4,294,967,295",
            ),
        };
        Mistake { cause, part: text, message, help }
    }
}

/// Nanoseconds of a decimal number of units that have `unit` nanoseconds each: 10^9 for seconds, 10^6 for
/// milliseconds. Digits below a nanosecond are cut off.
pub(super) fn nanoseconds(text: &str, unit: u64) -> Result<i64, Wrong> {
    let bytes = text.as_bytes();
    let whole = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let fraction = match bytes.get(whole) {
        None => &[][..],
        Some(b'.') => &bytes[whole + 1..],
        Some(_) => return float(text, unit),
    };
    // Eighteen digits fit into 64 bits; what has more takes the slower way.
    if whole == 0 || whole > 18 || fraction.iter().any(|byte| !byte.is_ascii_digit()) {
        return float(text, unit);
    }
    let units = bytes[..whole].iter().fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
    if units > LATEST.saturating_mul(SECOND / unit) {
        return Err(Wrong::Large);
    }
    let (mut rest, mut place) = (0, unit);
    for byte in fraction {
        place /= 10;
        if place == 0 {
            break;
        }
        rest += place * u64::from(byte - b'0');
    }
    i64::try_from(units * unit + rest).map_err(|_| Wrong::Large)
}

/// The same of a number in any form, `1.7e3` for example, to 15 digits.
fn float(text: &str, unit: u64) -> Result<i64, Wrong> {
    let number = finite(text)?;
    if number < 0.0 {
        return Err(Wrong::Negative);
    }
    #[expect(clippy::cast_precision_loss, reason = "powers of ten are exact")]
    let nanoseconds = number * unit as f64;
    #[expect(clippy::cast_precision_loss, reason = "a limit")]
    let limit = (LATEST * SECOND) as f64;
    if nanoseconds > limit {
        return Err(Wrong::Large);
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the limit")]
    Ok(nanoseconds.round() as i64)
}

/// A count of tokens.
pub(super) fn tokens(text: &str) -> Result<u32, Wrong> {
    if (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.bytes().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')));
    }
    let number = finite(text)?;
    if number < 0.0 {
        return Err(Wrong::Negative);
    }
    if number > f64::from(u32::MAX) {
        return Err(Wrong::Large);
    }
    if number.fract() != 0.0 {
        return Err(Wrong::Fraction);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within the range")]
    Ok(number as u32)
}

/// A number that is neither infinite nor `NaN`.
fn finite(text: &str) -> Result<f64, Wrong> {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) if number.is_infinite() && digits => Err(Wrong::Large),
        _ => Err(Wrong::NoNumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_to_the_nanosecond() {
        let cases = [
            ("0", 0),
            ("5", 5_000_000_000),
            ("1700158546.680590012", 1_700_158_546_680_590_012),
            ("0.1234567899", 123_456_789),
            ("12.", 12_000_000_000),
            (".5", 500_000_000),
            ("1.5e3", 1_500_000_000_000),
            ("+2", 2_000_000_000),
        ];
        for (text, expected) in cases {
            assert_eq!(nanoseconds(text, SECOND), Ok(expected), "{text}");
        }
        assert_eq!(nanoseconds("3536999", 1_000_000), Ok(3_536_999_000_000));
        assert_eq!(nanoseconds("0.0000019", 1_000_000), Ok(1));
    }

    #[test]
    fn what_is_no_time_says_why() {
        let cases = [
            ("", Wrong::NoNumber),
            ("NaN", Wrong::NoNumber),
            ("inf", Wrong::NoNumber),
            ("soon", Wrong::NoNumber),
            ("1.2.3", Wrong::NoNumber),
            ("-1", Wrong::Negative),
            ("9000000001", Wrong::Large),
            ("123456789012345678901234567890", Wrong::Large),
            ("1e999", Wrong::Large),
        ];
        for (text, expected) in cases {
            assert_eq!(nanoseconds(text, SECOND), Err(expected), "{text}");
        }
    }

    #[test]
    fn tokens_are_whole_and_fit_32_bits() {
        for (text, expected) in
            [("0", 0), ("374", 374), ("374.0", 374), ("1e3", 1000), ("4294967295", u32::MAX)]
        {
            assert_eq!(tokens(text), Ok(expected), "{text}");
        }
        let cases = [
            ("", Wrong::NoNumber),
            ("nan", Wrong::NoNumber),
            ("null", Wrong::NoNumber),
            ("-3", Wrong::Negative),
            ("3.5", Wrong::Fraction),
            ("4294967296", Wrong::Large),
            ("1e400", Wrong::Large),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text), Err(expected), "{text}");
        }
    }
}
