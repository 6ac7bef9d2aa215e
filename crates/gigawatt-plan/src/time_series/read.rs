//! From the text of a CSV file to a series.

use std::ops::RangeInclusive;

use super::TimeSeries;
use super::faults::{Cause, Faults};
use super::frame::{Frame, Row};
use super::rows::Rows;
use super::stamp::{EXAMPLES, Stamp, date};
use crate::quantity::format_significant;
use crate::text::{Diagnostic, Diagnostics, SourceId, Span, Spanned, nearest};

/// Values that a series may have: five minutes over nineteen years.
const MAXIMUM_VALUES: usize = 2_000_000;

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
    let mut left_out = false;
    while rows.advance() {
        match read_row(&rows, (time, value, width), columns, &mut faults) {
            Some(row) => read.push(row),
            None => left_out = true,
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
            // Where stamps could not be read nothing can be said of gaps.
            if !left_out {
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
    // Rows that stand elsewhere leave gaps where they belong.
    faults.forget(&Cause::Gap, &Cause::Disorder);
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
    faults: &mut Faults<Cause>,
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
    faults: &mut Faults<Cause>,
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
