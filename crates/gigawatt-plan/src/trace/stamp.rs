//! Stamps of time as traces write them.

use jiff::civil::Date;

use crate::period::Moment;
use crate::time_series::parse_offset;

/// Seconds from 1970-01-01T00:00, and nanoseconds on top, of `2024-03-01T12:34:56.789` or of a day; a blank may stand in
/// place of the `T`. With an offset from UTC it is UTC, without one what the clock showed. Of a fraction nine digits count.
pub(crate) fn stamp(text: &str) -> Option<(i64, u32)> {
    let bytes = text.as_bytes();
    let two = |at: usize| match (bytes.get(at)?, bytes.get(at + 1)?) {
        (tens @ b'0'..=b'9', ones @ b'0'..=b'9') => {
            Some(i8::try_from((tens - b'0') * 10 + ones - b'0').ok()?)
        }
        _ => None,
    };
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = i16::from(two(0)?) * 100 + i16::from(two(2)?);
    let day = Date::new(year, two(5)?, two(8)?).ok()?;
    let midnight = i64::from(Moment::start_of(day).0) * 86_400;
    if bytes.len() == 10 {
        return Some((midnight, 0));
    }
    let (hour, minute) = (two(11)?, two(14)?);
    if !matches!(bytes[10], b'T' | b' ') || bytes[13] != b':' || hour > 23 || minute > 59 {
        return None;
    }
    let (second, rest) = match bytes.get(16) {
        Some(b':') => (two(17)?, text.get(19..)?),
        _ => (0, text.get(16..)?),
    };
    // A leap second is shown as the 60th.
    if second > 60 {
        return None;
    }
    let (nanoseconds, rest) = match rest.strip_prefix('.') {
        Some(fraction) => fraction_of_second(fraction),
        None => (0, rest),
    };
    let ahead = if rest.is_empty() { 0 } else { i64::from(parse_offset(rest)?) };
    let seconds = midnight + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second) - ahead;
    Some((seconds, nanoseconds))
}

/// Nanoseconds of the digits after a point, and what follows them.
fn fraction_of_second(text: &str) -> (u32, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut nanoseconds = 0;
    for at in 0..9 {
        let digit = text.as_bytes().get(at).filter(|_| at < digits).map_or(0, |digit| digit - b'0');
        nanoseconds = nanoseconds * 10 + u32::from(digit);
    }
    (nanoseconds, &text[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_nanoseconds() {
        let base = 1_700_158_546;
        let cases = [
            ("2023-11-16 18:15:46.6805900", 680_590_000),
            ("2023-11-16T18:15:46.009930+00:00", 9_930_000),
            ("2023-11-16 20:15:46.5+02:00", 500_000_000),
            ("2023-11-16 18:15:46.1234567899999Z", 123_456_789),
            ("2023-11-16 18:15:46.", 0),
            ("2023-11-16 18:15:46", 0),
        ];
        for (text, nanoseconds) in cases {
            assert_eq!(stamp(text), Some((base, nanoseconds)), "{text}");
        }
    }

    #[test]
    fn days_that_no_calendar_has_are_no_time() {
        let none = [
            "2023-02-29 00:00:00",
            "2023-13-01 00:00:00",
            "2023-11-31",
            "2023-11-16 24:00:00",
            "2023-11-16 18:60:00",
            "2023-11-16 18:15:61",
            "2023-11-16 18:15:46.12x",
            "16.11.2023 18:15",
            "",
        ];
        for text in none {
            assert_eq!(stamp(text), None, "{text}");
        }
    }
}
