//! Times, durations and counts as traces write them.

use crate::trace::stamp;

/// The largest time, duration or count that is believed: 31 million years in seconds.
const LARGEST: i64 = 1_000_000_000_000_000;

/// Words that stand for nothing.
const NOTHING: [&str; 6] = ["", "unknown", "none", "n/a", "(null)", "none assigned"];

/// Whether a field says nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    text.len() <= 13 && NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A whole number; one with a fraction is rounded.
pub(super) fn integer(text: &str) -> Option<i64> {
    let number = match text.parse::<i64>() {
        Ok(number) => number,
        Err(_)
            if text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e')) =>
        {
            let number: f64 = text.parse().ok()?;
            #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and the limit follows")]
            let whole = number.round() as i64;
            whole
        }
        Err(_) => return None,
    };
    (number.abs() <= LARGEST).then_some(number)
}

/// A whole number from 0.
pub(super) fn count(text: &str) -> Option<u64> {
    u64::try_from(integer(text)?).ok()
}

/// A count with a binary or decimal suffix as Slurm prints large ones: `1K`, `2.5M`.
pub(super) fn suffixed(text: &str) -> Option<u64> {
    let scale = match text.as_bytes().last()? {
        b'K' | b'k' => 1 << 10,
        b'M' | b'm' => 1 << 20,
        _ => return count(text),
    };
    let number: f64 = text[..text.len() - 1].parse().ok()?;
    let value = (number * f64::from(scale)).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range asked for")]
    (0.0..=1e15).contains(&value).then_some(value as u64)
}

/// Seconds from 1970-01-01T00:00 of `2024-03-01T12:34:56`, with an offset from UTC or without, or of a number of
/// seconds. Without an offset it is what the clock of the cluster showed.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' {
        return integer(text);
    }
    stamp(text).map(|(seconds, _)| seconds)
}

/// Seconds of `D-HH:MM:SS`, `HH:MM:SS`, `MM:SS` with or without a fraction, as `sacct` prints them.
pub(super) fn clock_duration(text: &str) -> Option<u64> {
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (digits(days)?, rest),
        None => (0, text),
    };
    let rest =
        rest.split_once('.').map_or(Some(rest), |(whole, fraction)| digits(fraction).map(|_| whole))?;
    let mut parts = rest.rsplit(':');
    let seconds = digits(parts.next()?)?;
    let minutes = digits(parts.next()?)?;
    let hours = parts.next().map_or(Some(0), digits)?;
    let valid = parts.next().is_none() && seconds < 60 && minutes < 60;
    let total = days.checked_mul(86_400)?.checked_add(hours.checked_mul(3600)? + minutes * 60 + seconds)?;
    (valid && total <= LARGEST.unsigned_abs()).then_some(total)
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_seconds() {
        let noon = 1_709_296_496;
        for same in [
            "2024-03-01T12:34:56",
            "2024-03-01 12:34:56.789",
            "2024-03-01T12:34:56Z",
            "2024-03-01T14:34:56+02:00",
            "2024-03-01T04:34:56-0800",
            "1709296496",
        ] {
            assert_eq!(timestamp(same), Some(noon), "{same}");
        }
        assert_eq!(timestamp("2024-03-01T12:34"), Some(noon - 56));
        assert_eq!(timestamp("2024-03-01"), Some(noon - 45_296));
        for none in
            ["2024-02-30T00:00:00", "2024-03-01T24:00:00", "2024-03-01X00:00:00", "soon", "2024-3-1", "é"]
        {
            assert_eq!(timestamp(none), None, "{none}");
        }
    }

    #[test]
    fn durations_are_seconds() {
        let cases = [
            ("1-02:03:04", 93_784),
            ("02:03:04", 7384),
            ("03:04", 184),
            ("03:04.567", 184),
            ("365-00:00:00", 31_536_000),
        ];
        for (text, seconds) in cases {
            assert_eq!(clock_duration(text), Some(seconds), "{text}");
        }
        for none in ["", "5", "1-", "00:60:00", "00:00:75", "1:2:3:4", "-1:00:00", "999999999999-00:00:00"] {
            assert_eq!(clock_duration(none), None, "{none}");
        }
    }

    #[test]
    fn numbers_are_whole_and_bounded() {
        assert_eq!((integer("-1"), integer("12.6"), integer("1e3")), (Some(-1), Some(13), Some(1000)));
        assert_eq!((integer("NaN"), integer("inf"), integer("1e300"), integer("")), (None, None, None, None));
        assert_eq!(
            (suffixed("2.5K"), suffixed("8"), suffixed("K"), suffixed("-1K")),
            (Some(2560), Some(8), None, None)
        );
    }
}
