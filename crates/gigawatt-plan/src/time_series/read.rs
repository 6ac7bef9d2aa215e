//! From the text of a CSV file to a series.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::faults::{Cause, Faults};
use super::rows::Rows;
use super::stamp::{EXAMPLES, Stamp, date};
use super::{DAY, HOUR, Step, TimeSeries};
use crate::quantity::format_significant;
use crate::text::{Diagnostic, Diagnostics, SourceId, Span, Spanned, nearest};

/// Values that a series may have: five minutes over nineteen years.
const MAXIMUM_VALUES: usize = 2_000_000;
/// Rows from which the step is judged.
const JUDGED: usize = 500;

/// What is wanted of a file.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The column with time stamps; the first unless named.
    pub time: Option<&'a Spanned<String>>,
    /// The column with values; the only other one unless named.
    pub value: Option<&'a Spanned<String>>,
    /// Where the scenario names the file.
    pub named_at: Span,
    /// Base units in one unit of the file.
    pub factor: f64,
    /// Values that make sense, in units of the file.
    pub allowed: (f64, f64),
    /// Whether the site says by how much its clock is ahead of UTC, which stamps without an offset need.
    pub clock_known: bool,
}

/// A row that could be read.
#[derive(Clone, Copy)]
struct Row {
    stamp: Stamp,
    value: f64,
    /// First byte in the text.
    at: u32,
}

/// Reads a series; `None` where a diagnostic says why not.
pub fn read_time_series(
    source: SourceId,
    text: &str,
    columns: &Columns<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<TimeSeries> {
    let mut rows = Rows::new(source, text);
    let empty = |what: &str| {
        Diagnostic::error(columns.named_at, format!("the file {what}"))
            .help("it holds a row with the names of its columns, such as time,price, and a row for every hour, day or month")
    };
    if !rows.advance() {
        diagnostics.push(empty("is empty"));
        return None;
    }
    let (time, value) = header(&rows, columns, diagnostics)?;
    let width = rows.width();
    let mut faults = Faults::default();
    let mut read: Vec<Row> = Vec::new();
    while rows.advance() {
        if let Some(row) = read_row(&rows, (time, value, width), columns, &mut faults) {
            read.push(row);
        }
        if read.len() > MAXIMUM_VALUES {
            let message = format!("there are more than {MAXIMUM_VALUES} rows");
            diagnostics.push(
                Diagnostic::error(rows.row_span(), message).help("give means over hours or days instead"),
            );
            return None;
        }
    }
    let mut clock_missing = false;
    let series = match (read.first(), Frame::of(&read)) {
        (None, _) if faults.is_empty() => {
            diagnostics.push(empty("has no values"));
            None
        }
        (Some(first), None) if faults.is_empty() => {
            diagnostics.push(
                Diagnostic::error(
                    rows.field_span(first.at, time),
                    "one row does not say how long its value holds",
                )
                .help("give at least two rows"),
            );
            None
        }
        (Some(first), Some(frame)) => {
            let place = |row: &Row| rows.field_span(row.at, time);
            // Between rows whose stamps could not be read nothing can be said of gaps.
            if !faults.has(Cause::Stamp) {
                frame.check(&read, &place, &mut faults);
            }
            if frame.needs_clock(first) && !columns.clock_known {
                clock_missing = true;
                diagnostics.push(
                    Diagnostic::error(place(first), "the time stamps do not say how far they are ahead of UTC").help(
                        "say it of the site, in standard time: utc_offset = \"-06:00\"; or write stamps such as 2025-01-01T00:00-06:00 or 2025-01-01T06:00Z",
                    ),
                );
            }
            Some(frame.series(&read, columns.factor))
        }
        _ => None,
    };
    let sound = faults.is_empty() && !clock_missing;
    faults.tell(diagnostics);
    series.filter(|_| sound)
}

/// The columns with time stamps and with values.
fn header(rows: &Rows<'_>, columns: &Columns<'_>, diagnostics: &mut Diagnostics) -> Option<(usize, usize)> {
    let names: Vec<&str> = (0..rows.width()).map(|index| rows.field(index)).collect();
    if names.iter().any(|name| Stamp::parse(name).is_some()) {
        diagnostics.push(
            Diagnostic::error(rows.row_span(), "the first row holds values, not the names of the columns")
                .help("write a first row such as time,price"),
        );
        return None;
    }
    let mut find = |name: &Spanned<String>| {
        let mut found = (0..names.len()).filter(|index| names[*index] == name.value);
        let first = found.next();
        let message = match (first, found.next()) {
            (Some(first), None) => return Some(first),
            (Some(_), Some(_)) => format!("the file has two columns `{}`", name.value),
            (None, _) => format!("the file has no column `{}`", name.value),
        };
        let diagnostic = Diagnostic::error(name.span, message);
        let diagnostic = match nearest(&name.value, names.iter().copied()) {
            Some(near) if first.is_none() => diagnostic.help(format!("did you mean `{near}`?")),
            _ => diagnostic.help(format!("its columns are `{}`", names.join("`, `"))),
        };
        diagnostics.push(diagnostic.also(rows.row_span(), "its columns"));
        None
    };
    let time = match columns.time {
        Some(name) => find(name)?,
        None => 0,
    };
    let value = match columns.value {
        Some(name) => find(name)?,
        None if names.len() == 2 => 1 - time,
        None => {
            let diagnostic = if names.len() < 2 {
                Diagnostic::error(rows.row_span(), "the file has one column, expected time stamps and values")
                    .help("part them with commas, semicolons or tabs")
            } else {
                Diagnostic::error(columns.named_at, "the file has several columns of values").help(format!(
                    "say which: column = \"{}\"; it has `{}`",
                    names[1],
                    names.join("`, `")
                ))
            };
            diagnostics.push(diagnostic);
            return None;
        }
    };
    if time == value {
        let name = columns.value.or(columns.time).map_or(columns.named_at, |name| name.span);
        diagnostics.push(
            Diagnostic::error(name, format!("`{}` is the column with the time stamps", names[time]))
                .help("name another for the values, or say which holds the stamps: time = \"...\""),
        );
        return None;
    }
    Some((time, value))
}

/// A row whose time stamp can be read, so that a wrong value does not look like a gap.
fn read_row(
    rows: &Rows<'_>,
    (time, value, width): (usize, usize, usize),
    columns: &Columns<'_>,
    faults: &mut Faults,
) -> Option<Row> {
    let at = rows.start();
    let written = rows.field(time);
    let stamp = Stamp::parse(written).filter(|stamp| crate::period::YEARS.contains(&date(stamp.wall).year()));
    if rows.width() != width {
        faults.push(Cause::Ragged, || {
            let fields = if rows.width() == 1 { "1 field" } else { &format!("{} fields", rows.width()) };
            let message = format!("the row has {fields}, the first row has {width}");
            let help = if rows.by_commas() && rows.width() > width {
                "give every row as many fields; numbers are written with a point, 12.5, or in quotes"
            } else {
                "give every row as many fields as the first"
            };
            Diagnostic::error(rows.row_span(), message).help(help)
        });
        return Some(Row { stamp: stamp?, value: f64::NAN, at });
    }
    if stamp.is_none() {
        faults.push(Cause::Stamp, || {
            Diagnostic::error(rows.field_span(at, time), format!("`{written}` is not a time stamp"))
                .help(EXAMPLES)
        });
    }
    let value = number(rows, at, value, &(columns.allowed.0..=columns.allowed.1), faults);
    Some(Row { stamp: stamp?, value: value.unwrap_or(f64::NAN), at })
}

fn number(
    rows: &Rows<'_>,
    at: u32,
    column: usize,
    allowed: &RangeInclusive<f64>,
    faults: &mut Faults,
) -> Option<f64> {
    let written = rows.field(column);
    let help = "write a bare number such as 41.7; its unit stands in the scenario";
    let place = || rows.field_span(at, column);
    match written.parse::<f64>() {
        Ok(value) if allowed.contains(&value) => return Some(value),
        Ok(value) if value.is_finite() => faults.push(Cause::Range, || {
            let [low, high] = [allowed.start(), allowed.end()].map(|bound| format_significant(*bound));
            let message = format!("{written} is not between {low} and {high}");
            Diagnostic::error(place(), message).help("check the column and the unit that the scenario names")
        }),
        Ok(_) => faults.push(Cause::Value, || {
            Diagnostic::error(place(), format!("`{written}` is not a number that can be used"))
                .help("give a value, such as that of the row before")
        }),
        Err(_) if written.is_empty() => {
            faults.push(Cause::Value, || Diagnostic::error(place(), "the value is missing").help(help));
        }
        Err(_) => faults.push(Cause::Value, || {
            let comma = written.replacen(',', ".", 1);
            let help = if comma != written && comma.parse::<f64>().is_ok() {
                format!("write it as {comma}")
            } else {
                help.to_owned()
            };
            Diagnostic::error(place(), format!("`{written}` is not a number")).help(help)
        }),
    }
    None
}

/// How the rows of a file lie in time.
struct Frame {
    step: Step,
    /// Whether stamps are instants; else they are what the clock of the site shows.
    instants: bool,
}

impl Frame {
    /// The frame of most of the first rows; `None` of fewer than two.
    fn of(rows: &[Row]) -> Option<Self> {
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
    fn needs_clock(&self, first: &Row) -> bool {
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
    fn check(&self, rows: &[Row], place: &dyn Fn(&Row) -> Span, faults: &mut Faults) {
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
        faults: &mut Faults,
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

    fn series(&self, rows: &[Row], factor: f64) -> TimeSeries {
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
