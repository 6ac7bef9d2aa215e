//! Monthly normals from a CSV file.

use super::{MonthNormal, Normals};
use crate::text::{Diagnostic, Diagnostics, SourceId, Span, nearest};
use crate::time_series::{Faults, Rows};

/// The columns of the file; temperatures are in degree Celsius.
const COLUMNS: [&str; 4] = ["month", "high", "low", "dew_point"];
/// Temperatures of months that make sense.
const LIMITS: std::ops::RangeInclusive<f64> = -70.0..=70.0;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Ragged,
    Month,
    Value,
    Order,
}

/// Reads twelve rows of `month,high,low,dew_point`; `None` where diagnostics say why not.
pub fn read_normals(
    source: SourceId,
    text: &str,
    elevation: f64,
    named_at: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Normals> {
    let mut rows = Rows::new(source, text);
    let help =
        "it holds a row month,high,low,dew_point and twelve below it, in degree Celsius; or give an EPW file";
    if !rows.advance() {
        diagnostics.push(Diagnostic::error(named_at, "the file is empty").help(help));
        return None;
    }
    let columns = columns(&rows, help, diagnostics)?;
    let mut faults = Faults::default();
    let mut months: [Option<MonthNormal>; 12] = [None; 12];
    let mut last = rows.row_span();
    while rows.advance() {
        last = rows.row_span();
        read_row(&rows, columns, &mut months, &mut faults);
    }
    let missing: Vec<String> =
        (1..=12).filter(|month| months[month - 1].is_none()).map(|month| month.to_string()).collect();
    if faults.is_empty() && !missing.is_empty() {
        let months = if missing.len() == 1 { "month" } else { "months" };
        let message = format!("there are no normals for {months} {}", missing.join(", "));
        diagnostics.push(Diagnostic::error(last, message).help("give a row for each of the twelve months"));
    }
    faults.tell(diagnostics);
    let mut all = [MonthNormal { high: 0.0, low: 0.0, dew_point: 0.0 }; 12];
    for (normal, read) in all.iter_mut().zip(months) {
        *normal = read?;
    }
    Some(Normals { months: all, elevation })
}

/// Where each column stands.
fn columns(rows: &Rows<'_>, help: &str, diagnostics: &mut Diagnostics) -> Option<[usize; 4]> {
    let names: Vec<&str> = (0..rows.width()).map(|index| rows.field(index)).collect();
    let mut found = [0; 4];
    let mut whole = true;
    for (place, wanted) in found.iter_mut().zip(COLUMNS) {
        match names.iter().position(|name| *name == wanted) {
            Some(index) => *place = index,
            None => {
                whole = false;
                let diagnostic =
                    Diagnostic::error(rows.row_span(), format!("the file has no column `{wanted}`"));
                let near = nearest(wanted, names.iter().copied().filter(|name| !COLUMNS.contains(name)));
                diagnostics.push(match near {
                    Some(near) => diagnostic.help(format!("rename `{near}` to `{wanted}`")),
                    None => diagnostic.help(help.to_owned()),
                });
            }
        }
    }
    whole.then_some(found)
}

fn read_row(
    rows: &Rows<'_>,
    columns: [usize; 4],
    months: &mut [Option<MonthNormal>; 12],
    faults: &mut Faults<Cause>,
) {
    let at = rows.start();
    if columns.iter().any(|column| *column >= rows.width()) {
        faults.push(Cause::Ragged, || {
            Diagnostic::error(rows.row_span(), "the row has fewer fields than the first")
                .help("give every row as many")
        });
        return;
    }
    let [month, values @ ..] = columns;
    let written = rows.field(month);
    let place = written.parse::<usize>().ok().filter(|month| (1..=12).contains(month));
    if place.is_none() {
        faults.push(Cause::Month, || {
            Diagnostic::error(rows.field_span(at, month), format!("`{written}` is not a month"))
                .help("write 1 for January to 12 for December")
        });
    }
    let mut number = |column: usize, name: &str| {
        let written = rows.field(column);
        let read = written.parse::<f64>().ok().filter(|value| LIMITS.contains(value));
        if read.is_none() {
            faults.push(Cause::Value, || {
                let message = match written.parse::<f64>() {
                    Ok(value) if value.is_finite() => {
                        format!("`{name}` is {written}, expected {} to {} °C", LIMITS.start(), LIMITS.end())
                    }
                    _ => format!("`{written}` is not a temperature"),
                };
                Diagnostic::error(rows.field_span(at, column), message)
                    .help("write a bare number in degree Celsius, (F - 32) / 1.8")
            });
        }
        read
    };
    let [high, low, dew_point] = values;
    let (high_at, read) = (high, (number(high, "high"), number(low, "low"), number(dew_point, "dew_point")));
    let (Some(place), (Some(high), Some(low), Some(dew_point))) = (place, read) else { return };
    if low > high || dew_point > high {
        let what = if low > high { "low" } else { "dew_point" };
        faults.push(Cause::Order, || {
            Diagnostic::error(rows.field_span(at, high_at), format!("`high` is below `{what}`"))
                .help("are columns exchanged?")
        });
    } else if months[place - 1].replace(MonthNormal { high, low, dew_point }).is_some() {
        faults.push(Cause::Month, || {
            Diagnostic::error(rows.field_span(at, month), format!("month {place} is there twice"))
                .help("leave one of them out")
        });
    }
}
