//! Failures to inject into a simulation, read from CSV.
//!
//! The first line names the columns, in any order; fields are parted by commas, semicolons or tabs.
//!
//! | column | holds |
//! |---|---|
//! | `time` | when it fails: `2025-03-01T12:34:56`, or seconds from the start of the simulation |
//! | `server` | what fails: a server by its number from 0 or its name |
//! | `domain` | or everything that depends on a part: a rack, a hall, a switch, by its name |
//! | `cause` | what it is called; may be left out |
//! | `downtime` | until it is repaired: `4 h`, `90 min`, `1-02:03:04`, or seconds; drawn where it is left out |
//!
//! A row names a server or a domain. Further columns are passed over.

use std::io::{self, BufRead};

use super::names::{NameId, Names};
use super::time::{clock_duration, integer, timestamp};
use crate::quantity::{Dimension, parse_quantity};
use crate::text::{Diagnostic, SourceMap, nearest};
use crate::trace::faults::{Cause, Faults, LeftOut, Mistake, OpenError};
use crate::trace::lines::{LONGEST, Line, Lines, Next};

/// Bytes of a name beyond which it is none.
const LONGEST_NAME: usize = 256;
/// Columns.
const COLUMNS: [&str; 5] = ["time", "server", "domain", "cause", "downtime"];
/// How such a file looks.
const AN_EXAMPLE: &str = "the first line is time,server,cause,downtime and a row 2025-03-01T12:34:56,17,gpu-memory,4 h; domain stands in place of server for what several servers depend on";

/// When a failure comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureTime {
    /// Seconds from the start of the simulation.
    SinceStart(i64),
    /// Seconds from 1970-01-01T00:00, on the clock of the simulation or, with an offset, of UTC.
    Calendar(i64),
}

/// A server, as a file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerName {
    /// By its number, from 0.
    Number(u32),
    /// By a name in [`FailureReader::names`].
    Name(NameId),
}

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureTarget {
    /// One server.
    Server(ServerName),
    /// Everything that depends on a part, by its name in [`FailureReader::names`].
    Domain(NameId),
}

/// A failure to inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureRecord {
    /// When.
    pub time: FailureTime,
    /// What.
    pub target: FailureTarget,
    /// Why, by its name in [`FailureReader::causes`].
    pub cause: Option<NameId>,
    /// Seconds until it is repaired; drawn where the file does not say.
    pub downtime: Option<u64>,
    /// Line of the file, from 1.
    pub line: u64,
}

/// Failures as an iterator, in the order of the file, in constant memory. Rows that cannot be read are left out, counted
/// and told as those of a trace.
#[derive(Debug)]
pub struct FailureReader<R> {
    lines: Lines<R>,
    delimiter: char,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; 5],
    names: Names,
    causes: Names,
    faults: Faults,
    ended: bool,
}

impl<R: BufRead> FailureReader<R> {
    /// Opens a file under the name that diagnostics give it.
    ///
    /// # Errors
    /// Where the stream fails, the file is empty or lacks a column.
    pub fn open(name: &str, input: R) -> Result<Self, OpenError> {
        let mut lines = Lines::open(input, LONGEST)?;
        let mut faults = Faults::new(name);
        let mut next = lines.advance()?;
        while next == Next::Line && lines.text().trim().is_empty() {
            next = lines.advance()?;
        }
        if next == Next::End {
            let diagnostic = Diagnostic::bare("the file is empty").help(AN_EXAMPLE);
            return Err(faults.unusable(diagnostic));
        }
        let line = Line { text: lines.text(), number: lines.number() };
        let text = line.text.trim();
        let delimiter = [',', ';', '\t'].into_iter().find(|one| text.contains(*one)).unwrap_or(',');
        let header: Vec<&str> = text.split(delimiter).map(|name| name.trim().trim_matches('"')).collect();
        let places = COLUMNS.map(|column| header.iter().position(|name| name.eq_ignore_ascii_case(column)));
        let missing = match places {
            [None, ..] => Some("time"),
            [_, None, None, ..] => Some("server"),
            _ => None,
        };
        if let Some(missing) = missing {
            let help = match nearest(missing, header.iter().copied()) {
                Some(near) => format!("is `{near}` meant? call it `{missing}`"),
                None => AN_EXAMPLE.to_owned(),
            };
            let span = faults.place(line, text);
            let message = format!("the file has no column `{missing}`");
            return Err(faults.unusable(Diagnostic::error(span, message).help(help)));
        }
        let (names, causes) = (Names::default(), Names::default());
        Ok(Self { lines, delimiter, places, names, causes, faults, ended: false })
    }

    /// Names of servers and domains.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Names of causes.
    pub fn causes(&self) -> &Names {
        &self.causes
    }

    /// Lines left out so far, by cause.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.faults.left_out()
    }

    /// The first lines left out of each cause, with their characters.
    pub fn into_diagnostics(self) -> (Vec<Diagnostic>, SourceMap) {
        self.faults.into_told()
    }

    fn next_failure(&mut self) -> io::Result<Option<FailureRecord>> {
        loop {
            let next = self.lines.advance()?;
            let line = Line { text: self.lines.text(), number: self.lines.number() };
            let mistake = match next {
                Next::End => return Ok(None),
                Next::TooLong => Mistake {
                    cause: Cause::Long,
                    part: &line.text[..line.text.floor_char_boundary(40)],
                    message: "the line is longer than 64 KiB".to_owned(),
                    help: AN_EXAMPLE,
                },
                Next::NotText => Mistake {
                    cause: Cause::Encoding,
                    part: line.text,
                    message: "the line is not UTF-8".to_owned(),
                    help: AN_EXAMPLE,
                },
                Next::Line if line.text.trim().is_empty() => continue,
                Next::Line => {
                    let fields = fields(line.text, self.delimiter, self.places);
                    match row(line, fields, &mut self.names, &mut self.causes) {
                        Ok(failure) => return Ok(Some(failure)),
                        Err(mistake) => mistake,
                    }
                }
            };
            self.faults.push(line, mistake);
        }
    }
}

impl<R: BufRead> Iterator for FailureReader<R> {
    type Item = io::Result<FailureRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_failure().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The fields of the known columns; quotes around a field guard the delimiter.
fn fields(line: &str, delimiter: char, places: [Option<usize>; 5]) -> [&str; 5] {
    let mut found = [""; 5];
    let mut keep = |number: usize, field| {
        if let Some(column) = places.iter().position(|place| *place == Some(number)) {
            found[column] = bare(field);
        }
    };
    let (mut number, mut from, mut quoted) = (0, 0, false);
    for (at, character) in line.char_indices() {
        if character == '"' {
            quoted = !quoted;
        } else if character == delimiter && !quoted {
            keep(number, &line[from..at]);
            (number, from) = (number + 1, at + delimiter.len_utf8());
        }
    }
    keep(number, &line[from..]);
    found
}

/// A field without the blanks and the quotes around it.
fn bare(field: &str) -> &str {
    let field = field.trim();
    match field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.trim(),
        None => field,
    }
}

fn row<'l>(
    line: Line<'l>,
    [time, server, domain, cause, downtime]: [&'l str; 5],
    names: &mut Names,
    causes: &mut Names,
) -> Result<FailureRecord, Mistake<'l>> {
    let wrong = |part: &'l str, what: &str, help| Mistake {
        cause: Cause::Value,
        part,
        message: format!("`{part}` is no {what}"),
        help,
    };
    if time.is_empty() {
        return Err(Mistake {
            cause: Cause::Time,
            part: line.text,
            message: "the row does not say when it fails".to_owned(),
            help: AN_EXAMPLE,
        });
    }
    let since_start = integer(time).filter(|seconds| *seconds >= 0).map(FailureTime::SinceStart);
    let calendar = || timestamp(time).filter(|_| integer(time).is_none()).map(FailureTime::Calendar);
    let when = since_start.or_else(calendar).ok_or_else(|| {
        wrong(time, "time", "write 2025-03-01T12:34:56, or seconds from the start of the simulation")
    })?;
    let named = |name: &'l str, names: &mut Names| match name.len() {
        0 => Ok(None),
        1..=LONGEST_NAME => Ok(Some(names.intern(name))),
        _ => Err(wrong(name, "name: it is longer than 256 bytes", "give names that are shorter")),
    };
    let target = match (server, domain) {
        ("", "") => None,
        ("", domain) => named(domain, names)?.map(FailureTarget::Domain),
        (server, "") => {
            let server = match server.parse() {
                Ok(number) => Some(ServerName::Number(number)),
                Err(_) => named(server, names)?.map(ServerName::Name),
            };
            server.map(FailureTarget::Server)
        }
        (_, domain) => {
            return Err(Mistake {
                cause: Cause::Fields,
                part: domain,
                message: "the row names a server and a domain".to_owned(),
                help: "write two rows, one for each",
            });
        }
    };
    let target = target.ok_or_else(|| Mistake {
        cause: Cause::Id,
        part: line.text,
        message: "the row does not say what fails".to_owned(),
        help: "name a server by its number or name, or a domain",
    })?;
    let downtime = match downtime {
        "" => None,
        text => Some(
            duration(text)
                .ok_or_else(|| wrong(text, "duration", "write 4 h, 90 min, 1-02:03:04, or seconds"))?,
        ),
    };
    Ok(FailureRecord { time: when, target, cause: named(cause, causes)?, downtime, line: line.number })
}

/// Seconds of `4 h`, `1-02:03:04` or `3600`.
fn duration(text: &str) -> Option<u64> {
    if let Some(seconds) = integer(text).or_else(|| i64::try_from(clock_duration(text)?).ok()) {
        return u64::try_from(seconds).ok();
    }
    let seconds = parse_quantity(Dimension::Duration, text).ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
    (seconds >= 0.0).then_some(seconds.round() as u64)
}
