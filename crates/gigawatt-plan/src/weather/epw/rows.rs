//! The rows of an EPW file and how they follow one another.

use super::{Line, Reading};
use crate::text::{Diagnostic, Diagnostics, Span};
use crate::time_series::Faults;

/// Fields up to the pressure, the last that is used.
const FIELDS: usize = 10;
/// Rows of a year with 29 February.
const LEAP_HOURS: usize = 8784;
/// Days before each month in a year with 29 February.
const DAYS_BEFORE: [usize; 12] = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];
/// Days of each month in a year with 29 February.
const DAYS: [usize; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// The first hour of 29 February, and of 1 March.
const LEAP_DAY: (usize, usize) = (59 * 24, 60 * 24);

/// Why a row cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Ragged,
    Stamp,
    Value,
    Range,
    Gap,
    Repeated,
    Disorder,
    DaylightSaving,
    Ends,
}

/// Which days the file has.
#[derive(Clone, Copy)]
pub(super) struct Calendar {
    /// Whether rows of 29 February count; the header of a file without leap years says that they do not.
    pub leap_observed: bool,
}

/// A row with its place in a year with 29 February.
struct Row {
    hour: usize,
    reading: Reading,
    stamp: Span,
}

/// Reads the rows of a whole year; `None` where diagnostics say why not.
pub(super) fn read(
    lines: &[Line<'_>],
    calendar: Calendar,
    named_at: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Reading>> {
    let mut faults = Faults::default();
    let mut rows: Vec<Row> = Vec::with_capacity(LEAP_HOURS);
    let mut left_out = false;
    // What goes on for more than two years is not a year, and is not read to its end.
    for line in lines.iter().take(2 * LEAP_HOURS) {
        match read_row(line, &mut faults) {
            Some(row) if !calendar.leap_observed && (LEAP_DAY.0..LEAP_DAY.1).contains(&row.hour) => {}
            Some(row) => rows.push(row),
            None => left_out = true,
        }
    }
    if !left_out {
        follow(&rows, named_at, &mut faults);
    }
    let sound = faults.is_empty();
    // Rows that stand elsewhere leave gaps where they belong, and ends that are none.
    faults.forget(&Cause::Gap, &Cause::Disorder);
    faults.forget(&Cause::Gap, &Cause::DaylightSaving);
    faults.forget(&Cause::Repeated, &Cause::DaylightSaving);
    faults.forget(&Cause::Ends, &Cause::Disorder);
    faults.tell(diagnostics);
    sound.then(|| rows.into_iter().map(|row| row.reading).collect())
}

fn read_row(line: &Line<'_>, faults: &mut Faults<Cause>) -> Option<Row> {
    if line.width() < FIELDS {
        faults.push(Cause::Ragged, || {
            let message = format!("the row has {} fields, expected 35", line.width());
            Diagnostic::error(line.span(), message).help("a row is year,month,day,hour,minute,flags,dry bulb,dew point,relative humidity,pressure and 25 more")
        });
        return None;
    }
    let mut fields = line.text.split(',').map(str::trim);
    let mut next = || fields.next().unwrap_or_default();
    let (_year, month, day, hour, _minute, _flags) = (next(), next(), next(), next(), next(), next());
    let stamp = (whole(month, 1, 12), whole(day, 1, 31), whole(hour, 1, 24));
    let hour = match stamp {
        (Some(month), Some(day), Some(hour)) if day <= DAYS[month - 1] => {
            Some((DAYS_BEFORE[month - 1] + day - 1) * 24 + hour - 1)
        }
        _ => None,
    };
    let from_month = line.field_span(1);
    let stamp_span = Span { end: line.field_span(3).end, ..from_month };
    if hour.is_none() {
        faults.push(Cause::Stamp, || {
            let message = format!(
                "month `{month}`, day `{day}` and hour `{hour}` are no hour of a year",
                hour = line.field(3)
            );
            Diagnostic::error(stamp_span, message).help("months go from 1 to 12 and hours from 1 to 24")
        });
    }
    let mut value = |field: usize, rule: &Rule| number(line, field, next(), rule, faults);
    let read = [value(6, &DRY_BULB), value(7, &DEW_POINT), value(8, &HUMIDITY), value(9, &PRESSURE)];
    let [Ok(dry_bulb), Ok(dew_point), Ok(relative_humidity), Ok(pressure)] = read else { return None };
    let reading = Reading { span: line.span(), dry_bulb, dew_point, relative_humidity, pressure };
    Some(Row { hour: hour?, reading, stamp: stamp_span })
}

fn whole(text: &str, low: usize, high: usize) -> Option<usize> {
    text.parse().ok().filter(|number| (low..=high).contains(number))
}

/// What the data dictionary says of a field.
struct Rule {
    name: &'static str,
    /// Values that make sense, in the unit of the file.
    low: f64,
    high: f64,
    unit: &'static str,
    /// From here on a value means that there is none.
    missing: f64,
}

const DRY_BULB: Rule = Rule { name: "the dry bulb", low: -70.0, high: 70.0, unit: " °C", missing: 99.9 };
const DEW_POINT: Rule = Rule { name: "the dew point", low: -70.0, high: 70.0, unit: " °C", missing: 99.9 };
const HUMIDITY: Rule =
    Rule { name: "the relative humidity", low: 0.0, high: 110.0, unit: " %", missing: 999.0 };
const PRESSURE: Rule =
    Rule { name: "the pressure", low: 31_000.0, high: 120_000.0, unit: " Pa", missing: 999_999.0 };

/// A value; `Ok(None)` where it is blank or marked as missing, `Err` where it was told what is wrong.
fn number(
    line: &Line<'_>,
    field: usize,
    written: &str,
    rule: &Rule,
    faults: &mut Faults<Cause>,
) -> Result<Option<f64>, ()> {
    let Rule { name, low, high, unit, missing } = rule;
    let place = || line.field_span(field);
    match written.parse::<f64>() {
        _ if written.is_empty() => Ok(None),
        Ok(value) if value >= *missing => Ok(None),
        Ok(value) if (*low..=*high).contains(&value) => Ok(Some(value)),
        Ok(value) if value.is_finite() => {
            faults.push(Cause::Range, || {
                let message = format!("{name} is {written}, expected {low} to {high}{unit}");
                Diagnostic::error(place(), message).help(format!("write {missing} where it was not measured"))
            });
            Err(())
        }
        _ => {
            faults.push(Cause::Value, || {
                Diagnostic::error(place(), format!("`{written}` is not a number, expected {name} in{unit}"))
                    .help(format!("write {missing} where it was not measured"))
            });
            Err(())
        }
    }
}

/// Checks that every row follows the one before it by an hour, from the first hour of a year to its last.
fn follow(rows: &[Row], named_at: Span, faults: &mut Faults<Cause>) {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        faults.push(Cause::Ends, || {
            Diagnostic::error(named_at, "the file has a header and no rows")
                .help("a row for every hour of a year follows, 8,760 or 8,784 of them")
        });
        return;
    };
    let (mut skipped, mut twice) = (Vec::new(), Vec::new());
    for pair in rows.windows(2) {
        let [before, row] = pair else { continue };
        let over_leap_day = before.hour + 1 == LEAP_DAY.0 && row.hour == LEAP_DAY.1;
        if row.hour == before.hour + 1 || over_leap_day {
            continue;
        }
        if row.hour > before.hour {
            let missing = row.hour - before.hour - 1;
            skipped.push((missing, row.stamp));
            faults.push(Cause::Gap, || {
                let (hours, verb) = if missing == 1 { ("hour", "is") } else { ("hours", "are") };
                Diagnostic::error(row.stamp, format!("{missing} {hours} before this row {verb} missing"))
                    .also(before.stamp, "the row before")
                    .help("give a row for every hour, with 99.9 for temperatures that were not measured")
            });
        } else if row.hour == before.hour {
            twice.push(row.stamp);
            faults.push(Cause::Repeated, || {
                Diagnostic::error(row.stamp, "the hour has two rows")
                    .also(before.stamp, "the other")
                    .help("leave one out")
            });
        } else {
            faults.push(Cause::Disorder, || {
                Diagnostic::error(row.stamp, "the row lies before the one above it")
                    .also(before.stamp, "the row above")
                    .help("put the rows into the order of a year, from month 1, day 1, hour 1")
            });
        }
    }
    if let ([(1, spring)], [autumn]) = (skipped.as_slice(), twice.as_slice()) {
        faults.push(Cause::DaylightSaving, || {
            Diagnostic::error(*spring, "an hour is missing here and another is there twice: the rows follow a clock with daylight saving")
                .also(*autumn, "the hour that is there twice")
                .help("rows of an EPW file stand in standard time: move those between by an hour")
        });
    }
    let ends = [
        (first, 0, "starts", "month 1, day 1, hour 1"),
        (last, LEAP_HOURS - 1, "ends", "month 12, day 31, hour 24"),
    ];
    for (row, hour, verb, wanted) in ends {
        if row.hour != hour {
            faults.push(Cause::Ends, || {
                let message = format!("the year {verb} here after {} rows, expected {wanted}", rows.len());
                let message = if verb == "starts" {
                    format!("the year starts here, expected {wanted}")
                } else {
                    message
                };
                Diagnostic::error(row.stamp, message)
                    .help("give a row for every hour of one year, 8,760 or 8,784 of them")
            });
        }
    }
}
