//! How the rows of a file follow one another in time.

use std::collections::BTreeMap;

use super::faults::{Cause, Faults};
use super::stamp::{Stamp, date};
use super::{DAY, HOUR, Step, TimeSeries};
use crate::text::{Diagnostic, Span};

/// Rows from which the step is judged.
const JUDGED: usize = 500;

/// A row that could be read.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// When its value starts.
    pub stamp: Stamp,
    /// Its value, in the unit of the file.
    pub value: f64,
    /// First byte in the text.
    pub at: u32,
}

/// How the rows of a file lie in time.
pub(super) struct Frame {
    step: Step,
    /// Whether stamps are instants; else they are what the clock of the site shows.
    instants: bool,
}

impl Frame {
    /// The frame of most of the first rows; `None` of fewer than two.
    pub fn of(rows: &[Row]) -> Option<Self> {
        let first = rows.first()?.stamp;
        let judged = &rows[..rows.len().min(JUDGED)];
        let most = |position: &dyn Fn(Stamp) -> i64| {
            let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
            for pair in judged.windows(2) {
                let step = position(pair[1].stamp) - position(pair[0].stamp);
                if step > 0 {
                    *counts.entry(step).or_default() += 1;
                }
            }
            counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(step, _)| step)
        };
        let wall = most(&|stamp| stamp.wall)?;
        let midnight = first.wall.rem_euclid(DAY) == 0;
        if midnight && wall == DAY {
            return Some(Self { step: Step::Day, instants: false });
        }
        if midnight && (28 * DAY..=31 * DAY).contains(&wall) && date(first.wall).day() == 1 {
            return Some(Self { step: Step::Month, instants: false });
        }
        let instants = first.offset.is_some();
        let step = if instants { most(&|stamp| stamp.seconds())? } else { wall };
        Some(Self { step: Step::Seconds(step), instants })
    }

    /// Whether the site has to say what its clock is.
    pub fn needs_clock(&self, first: &Row) -> bool {
        matches!(self.step, Step::Seconds(_)) && !self.instants && first.stamp.timed
    }

    /// Where a stamp stands, in seconds or, by months, in months.
    fn position(&self, stamp: Stamp) -> i64 {
        match self.step {
            Step::Month => stamp.month(),
            Step::Seconds(_) if self.instants => stamp.seconds(),
            Step::Seconds(_) | Step::Day => stamp.wall,
        }
    }

    /// How far the position moves from one value to the next.
    fn stride(&self) -> i64 {
        match self.step {
            Step::Month => 1,
            step => step.seconds(),
        }
    }

    /// Checks that every row follows the one before it by one step.
    pub fn check(&self, rows: &[Row], place: &dyn Fn(&Row) -> Span, faults: &mut Faults<Cause>) {
        let [first, second, ..] = rows else { return };
        if let Step::Seconds(seconds) = self.step
            && (seconds % 60 != 0 || DAY % seconds != 0)
        {
            faults.push(Cause::MixedSteps, || {
                Diagnostic::error(place(second), format!("the stamps are {} apart", length(seconds)))
                    .also(place(first), "the row before")
                    .help("give months, days, hours, or minutes that divide an hour")
            });
            return;
        }
        let mut last = first;
        for row in &rows[1..] {
            if row.stamp.offset.is_some() != first.stamp.offset.is_some() {
                faults.push(Cause::MixedClocks, || {
                    let (these, those) = if row.stamp.offset.is_some() { ("an", "no") } else { ("no", "an") };
                    Diagnostic::error(
                        place(row),
                        format!("the stamp has {these} offset from UTC, the first has {those} offset"),
                    )
                    .help("write all stamps with their offset, or all in UTC, or none with one")
                });
                continue;
            }
            let moved = self.position(row.stamp) - self.position(last.stamp);
            let hour_again = moved != self.stride() && self.fault(last, row, moved, place, faults);
            if moved > 0 || hour_again {
                last = row;
            }
        }
    }

    /// Tells what is wrong between two rows. Returns whether it is an hour that daylight-saving time repeats.
    fn fault(
        &self,
        before: &Row,
        row: &Row,
        moved: i64,
        place: &dyn Fn(&Row) -> Span,
        faults: &mut Faults<Cause>,
    ) -> bool {
        let stride = self.stride();
        let stride_seconds = self.step.seconds();
        let by_local_hours = matches!(self.step, Step::Seconds(seconds) if seconds <= HOUR) && !self.instants;
        let told = |message: String, help: String| {
            Diagnostic::error(place(row), message).also(place(before), "the row before").help(help)
        };
        let at_night = by_local_hours && (0..=4).contains(&row.stamp.hour());
        let standard = "write the stamps with their offset, such as 2025-11-02T01:00-05:00, in UTC, or in standard time all year";
        if at_night && moved == stride - HOUR {
            faults.push(Cause::DaylightSaving, || {
                told(
                    "an hour stands twice, as where daylight-saving time ends".to_owned(),
                    standard.to_owned(),
                )
            });
            return true;
        } else if at_night && moved == stride + HOUR {
            faults.push(Cause::DaylightSaving, || {
                told(
                    "an hour is missing, as where daylight-saving time starts".to_owned(),
                    standard.to_owned(),
                )
            });
        } else if moved == 0 {
            faults.push(Cause::Repeated, || {
                told("the time stamp stands twice".to_owned(), format!("give every {} once", self.step))
            });
        } else if moved < 0 {
            faults.push(Cause::Disorder, || {
                told(
                    "the time stamp is before that of the row before".to_owned(),
                    "sort the rows by time".to_owned(),
                )
            });
        } else if moved % stride == 0 {
            faults.push(Cause::Gap, || {
                let missing = moved / stride - 1;
                let (verb, noun) = if missing == 1 { ("is", "value") } else { ("are", "values") };
                told(
                    format!("{missing} {noun} {verb} missing before this row, one for every {}", self.step),
                    "fill the gap, such as with the values of the day before".to_owned(),
                )
            });
        } else {
            faults.push(Cause::MixedSteps, || {
                told(
                    format!(
                        "the row does not follow by one step: most rows are {} apart",
                        length(stride_seconds)
                    ),
                    "give all rows the same step; a file of its own for another".to_owned(),
                )
            });
        }
        false
    }

    /// The series that the rows make.
    pub fn series(&self, rows: &[Row], factor: f64) -> TimeSeries {
        let first = rows[0].stamp;
        TimeSeries {
            step: self.step,
            start: self.position(first),
            in_utc: self.instants,
            first_offset: first.offset,
            values: rows.iter().map(|row| row.value * factor).collect(),
        }
    }
}

/// A length of time in words.
fn length(seconds: i64) -> String {
    let (count, unit) = match seconds {
        seconds if seconds % DAY == 0 => (seconds / DAY, "day"),
        seconds if seconds % HOUR == 0 => (seconds / HOUR, "hour"),
        seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
