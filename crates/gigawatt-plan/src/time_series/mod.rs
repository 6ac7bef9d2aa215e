//! Series of hours, days or months, read from CSV and laid on a plan's days.

mod days;
mod faults;
mod frame;
mod read;
mod rows;
mod stamp;

pub use days::{Clock, Placed, day_moments};
pub(crate) use faults::Faults;
pub use read::{Columns, read_time_series};
pub(crate) use rows::Rows;
pub(crate) use stamp::parse_offset;

/// How the values of a series follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many seconds, a part of a day.
    Seconds(i64),
    /// Whole days of the site's calendar.
    Day,
    /// Whole months of the site's calendar.
    Month,
}

impl Step {
    /// Seconds of a step that has always as many.
    fn seconds(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Day | Self::Month => DAY,
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seconds(HOUR) => write!(formatter, "hour"),
            Self::Seconds(seconds) if seconds % HOUR == 0 => write!(formatter, "{} hours", seconds / HOUR),
            Self::Seconds(seconds) => write!(formatter, "{} minutes", seconds / 60),
            Self::Day => write!(formatter, "day"),
            Self::Month => write!(formatter, "month"),
        }
    }
}

/// Seconds in a day.
const DAY: i64 = 86_400;
/// Seconds in an hour.
const HOUR: i64 = 3600;

/// A series without gaps: each value holds from its time stamp to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeSeries {
    /// How its values follow one another.
    pub step: Step,
    /// When the first value starts: seconds from 1970-01-01T00:00, months from 1970-01 where it is monthly.
    pub start: i64,
    /// Whether `start` is in UTC; else it is on the clock of the site.
    pub in_utc: bool,
    /// Seconds by which the clock of the first time stamp is ahead of UTC, where it says so.
    pub first_offset: Option<i32>,
    /// Values in base units.
    pub values: Vec<f64>,
}

impl TimeSeries {
    /// The mean of its values.
    pub fn mean(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most two million values")]
        let count = self.values.len() as f64;
        self.values.iter().sum::<f64>() / count
    }
}
