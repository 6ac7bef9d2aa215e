//! EPW files, as the data dictionary of EnergyPlus's auxiliary programs describes them: eight header lines, then a row
//! of 35 fields for every hour.

mod fill;
mod rows;

use super::{Weather, moist_air};
use crate::text::{Diagnostic, Diagnostics, SourceId, Span};

use rows::Calendar;

/// What the header lines start with, in their order.
const HEADERS: [&str; 8] = [
    "LOCATION",
    "DESIGN CONDITIONS",
    "TYPICAL/EXTREME PERIODS",
    "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVING",
    "COMMENTS 1",
    "COMMENTS 2",
    "DATA PERIODS",
];
/// Which of them holds holidays and leap years.
const HOLIDAYS: usize = 4;
/// Which of them says how many rows an hour has.
const PERIODS: usize = 7;

/// Reads a year of weather; `None` where a diagnostic says why not. What the file lacks for a few hours is filled in,
/// which a warning tells.
pub fn read_epw(
    source: SourceId,
    name: &str,
    text: &str,
    named_at: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Weather> {
    let lines = Line::all(source, text);
    let first = lines.first().filter(|line| line.upper(0).starts_with(HEADERS[0]));
    let Some(first) = first else {
        let place = lines.first().map_or(named_at, Line::span);
        let message =
            if lines.is_empty() { "the file is empty" } else { "this is not the start of an EPW file" };
        diagnostics.push(Diagnostic::error(place, message).help(
            "an EPW file starts with a line such as LOCATION,Monroe Regional,LA,USA,TMY3,722486,32.5,-92.0,-6.0,24.0",
        ));
        return None;
    };
    let whole = check_headers(&lines, named_at, diagnostics);
    let location = Location::read(first, diagnostics);
    let single = lines.get(PERIODS).is_none_or(|line| check_periods(line, diagnostics));
    let leap_observed = lines.get(HOLIDAYS).is_none_or(|line| line.upper(1) != "NO");
    if !whole || !single {
        return None;
    }
    let calendar = Calendar { leap_observed };
    let rows = rows::read(&lines[HEADERS.len()..], calendar, named_at, diagnostics);
    let (location, rows) = (location?, rows?);
    let (air, filled) = fill::complete(&rows, location.elevation, diagnostics)?;
    let title = [first.field(1), first.field(2), first.field(3)];
    let title: Vec<&str> = title.into_iter().filter(|part| !matches!(*part, "" | "-" | "unknown")).collect();
    let place = if title.is_empty() { name.to_owned() } else { format!("{} ({name})", title.join(", ")) };
    Some(Weather {
        place,
        utc_offset: location.utc_offset,
        elevation: location.elevation,
        hours: air,
        filled,
    })
}

/// Checks that each header line stands where it belongs.
fn check_headers(lines: &[Line<'_>], named_at: Span, diagnostics: &mut Diagnostics) -> bool {
    let mut whole = true;
    for (index, wanted) in HEADERS.iter().enumerate() {
        let Some(line) = lines.get(index) else {
            let message = format!("the file ends before its header line {wanted}");
            let place = lines.last().map_or(named_at, Line::span);
            diagnostics.push(Diagnostic::error(place, message).help(header_help()));
            return false;
        };
        if !line.upper(0).starts_with(wanted) {
            whole = false;
            let message = format!("line {} is `{}`, expected {wanted}", index + 1, line.field(0));
            diagnostics.push(Diagnostic::error(line.field_span(0), message).help(header_help()));
        }
    }
    whole
}

fn header_help() -> String {
    format!("an EPW file starts with eight lines: {}", HEADERS.join(", "))
}

/// Checks that the file is one period with one row an hour.
fn check_periods(line: &Line<'_>, diagnostics: &mut Diagnostics) -> bool {
    let mut sound = true;
    for (field, what, help) in [
        (1, "data periods", "give one period from 1/1 to 12/31"),
        (2, "rows an hour", "give means over hours, one row for each"),
    ] {
        if line.field(field).parse::<f64>() != Ok(1.0) {
            sound = false;
            let message = format!("the file has `{}` {what}, expected 1", line.field(field));
            diagnostics.push(Diagnostic::error(line.field_span(field), message).help(help));
        }
    }
    sound
}

/// What the first line says.
struct Location {
    utc_offset: i32,
    elevation: f64,
}

impl Location {
    fn read(line: &Line<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut number = |field: usize, what: &str, low: f64, high: f64, example: &str| {
            let written = line.field(field);
            let read = written.parse::<f64>().ok().filter(|value| (low..=high).contains(value));
            if read.is_none() {
                let message = if written.parse::<f64>().is_ok_and(f64::is_finite) {
                    format!("{what} is {written}, expected {low} to {high}")
                } else {
                    format!("`{written}` is not {what}")
                };
                diagnostics.push(
                    Diagnostic::error(line.field_span(field), message)
                        .help(format!("write a number such as {example}")),
                );
            }
            read
        };
        // Coordinates are not used; one that makes no sense means that fields are shifted.
        let latitude = number(6, "the latitude", -90.0, 90.0, "32.5");
        let longitude = number(7, "the longitude", -180.0, 180.0, "-92.0");
        let zone = number(8, "the time zone", -12.0, 14.0, "-6.0, in hours ahead of UTC");
        let elevation = number(9, "the elevation", -1000.0, 9999.9, "24.0, in metre");
        latitude.and(longitude)?;
        #[expect(clippy::cast_possible_truncation, reason = "hours between -12 and 14")]
        Some(Self { utc_offset: (zone? * 3600.0).round() as i32, elevation: elevation? })
    }
}

/// A line that is not empty, and where it stands.
#[derive(Clone, Copy)]
struct Line<'a> {
    source: SourceId,
    text: &'a str,
    start: usize,
}

impl<'a> Line<'a> {
    fn all(source: SourceId, text: &'a str) -> Vec<Self> {
        let mut lines = Vec::new();
        let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for line in text[start..].split('\n') {
            let body = line.strip_suffix('\r').unwrap_or(line);
            if !body.trim().is_empty() {
                lines.push(Self { source, text: body, start });
            }
            start += line.len() + 1;
        }
        lines
    }

    /// A field without the blanks around it; empty where the line has fewer.
    fn field(&self, index: usize) -> &'a str {
        self.text.split(',').nth(index).unwrap_or_default().trim()
    }

    fn upper(&self, index: usize) -> String {
        self.field(index).to_ascii_uppercase()
    }

    /// How many fields it has.
    fn width(&self) -> usize {
        self.text.split(',').count()
    }

    fn span_of(&self, from: usize, to: usize) -> Span {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: place(self.start + from), end: place(self.start + to) }
    }

    /// The characters of the whole line.
    fn span(&self) -> Span {
        self.span_of(0, self.text.len())
    }

    /// The characters of a field; the comma before it where it is empty, the end of the line where it has none.
    fn field_span(&self, index: usize) -> Span {
        let mut from = 0_usize;
        for (number, field) in self.text.split(',').enumerate() {
            if number == index {
                let blanks = field.len() - field.trim_start().len();
                let length = field.trim().len();
                return match length {
                    0 => self.span_of(from.saturating_sub(1), from + field.len()),
                    length => self.span_of(from + blanks, from + blanks + length),
                };
            }
            from += field.len() + 1;
        }
        self.span_of(self.text.len().saturating_sub(1), self.text.len())
    }
}

/// What a row says of an hour; `None` where the file marks it as missing.
#[derive(Clone, Copy)]
struct Reading {
    /// Where it stands.
    span: Span,
    dry_bulb: Option<f64>,
    dew_point: Option<f64>,
    relative_humidity: Option<f64>,
    pressure: Option<f64>,
}

impl Reading {
    /// The dew point as written, else from the relative humidity, which files round to whole percents.
    fn dew_point(&self, dry_bulb: f64) -> Option<f64> {
        self.dew_point.or_else(|| {
            // Air that is drier than a hundredth of a percent is a mark for what was not measured.
            let relative = self.relative_humidity?.clamp(0.01, 100.0) / 100.0;
            Some(moist_air::dew_point(relative * moist_air::saturation_pressure(dry_bulb)))
        })
    }
}
