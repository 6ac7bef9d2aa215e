//! Time stamps as they stand in files.

use jiff::civil::{Date, Time};

use super::{DAY, HOUR};
use crate::period::Moment;

/// How to write a time stamp, for messages.
pub(super) const EXAMPLES: &str = "write 2025-01-01T00:00Z, 2025-01-01T00:00-06:00, 2025-01-01 00:00, 2025-01-01 for a day or 2025-01 for a month";

/// A time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// What the clock shows, in seconds from 1970-01-01T00:00.
    pub wall: i64,
    /// Seconds by which that clock is ahead of UTC, where the stamp says so.
    pub offset: Option<i32>,
    /// Whether it names a time of day.
    pub timed: bool,
}

impl Stamp {
    /// Reads a stamp; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 7 {
            return Some(Self::of_day(format!("{text}-01").parse().ok()?));
        }
        let day: Date = text.get(..10)?.parse().ok()?;
        let rest = text.get(10..)?;
        if rest.is_empty() {
            return Some(Self::of_day(day));
        }
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let split = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, offset) = rest.split_at(split);
        let time: Time = time.trim_end().parse().ok()?;
        let offset = if offset.is_empty() { None } else { Some(parse_offset(offset)?) };
        let seconds =
            i64::from(time.hour()) * HOUR + i64::from(time.minute()) * 60 + i64::from(time.second());
        Some(Self { wall: Self::of_day(day).wall + seconds, offset, timed: true })
    }

    fn of_day(day: Date) -> Self {
        Self { wall: i64::from(Moment::start_of(day).0) * DAY, offset: None, timed: false }
    }

    /// Seconds of UTC, or of its own clock where it names no offset.
    pub fn seconds(self) -> i64 {
        self.wall - i64::from(self.offset.unwrap_or(0))
    }

    /// Hour of the day that its clock shows.
    pub fn hour(self) -> i64 {
        self.wall.rem_euclid(DAY) / HOUR
    }

    /// Months from 1970-01.
    pub fn month(self) -> i64 {
        let day = date(self.wall);
        (i64::from(day.year()) - 1970) * 12 + i64::from(day.month()) - 1
    }
}

/// The day of a time in seconds from 1970-01-01T00:00.
pub(super) fn date(seconds: i64) -> Date {
    Moment(i32::try_from(seconds.div_euclid(DAY)).unwrap_or(0)).day()
}

/// Reads `Z`, `+05:30`, `-0600` or `-06` as seconds ahead of UTC.
pub fn parse_offset(text: &str) -> Option<i32> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|character| *character != ':').collect();
    let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit()) && matches!(digits.len(), 2 | 4);
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| well_formed)?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes * 60;
    (seconds <= 14 * 3600 && minutes < 60).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read_with_and_without_offset() {
        let utc = Stamp::parse("2025-01-01T06:00Z").expect("UTC");
        for same in ["2025-01-01T00:00-06:00", "2025-01-01 00:00:00 -0600", "2025-01-01t11:30+05:30"] {
            assert_eq!(Stamp::parse(same).expect(same).seconds(), utc.seconds(), "{same}");
        }
        let local = Stamp::parse("2025-03-09 02:00").expect("local");
        assert_eq!((local.offset, local.hour()), (None, 2));
        assert_eq!(Stamp::parse("2025-02").expect("month"), Stamp::parse("2025-02-01").expect("day"));
        assert_eq!(Stamp::parse("1971-03").expect("month").month(), 14);
    }

    #[test]
    fn what_is_no_stamp_is_none() {
        for text in [
            "",
            "2025",
            "1/1/2025",
            "2025-13",
            "2025-02-30",
            "2025-01-01T25:00",
            "2025-01-01X00:00",
            "☃☃☃☃",
            "2025-01-01T00:00+99:00",
            "2025-01-01T00:00+1",
        ] {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
    }
}
