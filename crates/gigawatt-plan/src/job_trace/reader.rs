//! From a stream of bytes to records of jobs.

use std::io::{self, BufRead};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::record::{JobRecord, SizeUnit};
use super::{sacct, swf};
use crate::text::{Diagnostic, SourceMap};
use crate::trace::faults::{Cause, Faults, GZIP, LeftOut, Mistake, OpenError};
use crate::trace::lines::{LONGEST, Line, Lines, Next};

/// How a trace is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TraceFormat {
    /// The Standard Workload Format, version 2.2.
    Swf,
    /// What `sacct --parsable2` prints.
    Sacct,
}

impl TraceFormat {
    /// Its names, as the command line and scenarios take them.
    pub const NAMES: [&str; 2] = ["swf", "sacct"];

    /// The format of a name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "swf" => Some(Self::Swf),
            "sacct" => Some(Self::Sacct),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Swf => "swf",
            Self::Sacct => "sacct",
        }
    }

    /// The format of a file that starts with some bytes: `sacct` names its columns, SWF starts with a comment or a row
    /// of eighteen numbers.
    fn detect(head: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(head);
        let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        if sacct::delimiter(first).is_some() {
            return Some(Self::Sacct);
        }
        let numbers = first.split_ascii_whitespace();
        let row = numbers.clone().count() == 18 && numbers.clone().all(|field| field.parse::<f64>().is_ok());
        (first.starts_with(';') || row).then_some(Self::Swf)
    }
}

/// What a trace says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceHeader {
    /// How it is written.
    pub format: TraceFormat,
    /// In what sizes are counted: accelerators where the start of a file of `sacct` lists any.
    pub unit: SizeUnit,
    /// Time 0 of the trace, in seconds from 1970-01-01T00:00: of UTC in SWF, of the clock that `sacct` printed; `None`
    /// where the file does not say.
    pub origin: Option<i64>,
    /// Processors of the machine (`MaxProcs`).
    pub processors: Option<u64>,
    /// Servers of the machine (`MaxNodes`).
    pub servers: Option<u64>,
    /// The longest run that the system allowed, in seconds (`MaxRuntime`).
    pub longest_run: Option<u64>,
    /// Name of the time zone (`TimeZoneString`).
    pub time_zone: Option<String>,
    /// What the machine was (`Computer`).
    pub computer: Option<String>,
}

/// Names in a trace.
#[derive(Debug, Default)]
pub(super) struct TraceNames {
    pub users: Names,
    pub pools: Names,
}

/// What a line was.
#[derive(Debug)]
pub(super) enum Parsed {
    /// A job.
    Job(JobRecord),
    /// A step or an execution of a job that another row sums up.
    Part,
}

/// What the rows of a format need.
#[derive(Debug)]
enum Layout {
    Swf,
    Sacct(sacct::Columns),
}

/// A trace as an iterator over its jobs, in the order of the file, in constant memory.
///
/// An item is an error where the stream failed, after which there is none. Lines that cannot be read are left out: see
/// [`JobReader::left_out`] and [`JobReader::into_diagnostics`].
#[derive(Debug)]
pub struct JobReader<R> {
    lines: Lines<R>,
    layout: Layout,
    header: TraceHeader,
    names: TraceNames,
    faults: Faults,
    /// Whether the current line was read by `open` and has not been looked at.
    pending: Option<Next>,
    jobs: u64,
    parts: u64,
}

impl<R: BufRead> JobReader<R> {
    /// Opens a trace under the name that diagnostics give it. The format is told from its start unless it is said.
    ///
    /// # Errors
    /// Where the stream fails, and where the file is in neither format, empty or lacks a column.
    pub fn open(name: &str, input: R, format: Option<TraceFormat>) -> Result<Self, OpenError> {
        let lines = Lines::open(input, LONGEST)?;
        let detected = TraceFormat::detect(lines.head());
        let mut faults = Faults::new(name);
        let Some(format) = format.or(detected) else {
            return Err(neither(lines, faults));
        };
        let listed = lines.head().windows(GPU.len()).any(|bytes| bytes == GPU);
        let unit = match format {
            TraceFormat::Sacct if listed => SizeUnit::Accelerators,
            _ => SizeUnit::Processors,
        };
        let header = TraceHeader {
            format,
            unit,
            origin: (format == TraceFormat::Sacct).then_some(0),
            processors: None,
            servers: None,
            longest_run: None,
            time_zone: None,
            computer: None,
        };
        let mut lines = lines;
        let mut next = lines.advance()?;
        while next == Next::Line && lines.text().trim().is_empty() {
            next = lines.advance()?;
        }
        let line = Line { text: lines.text(), number: lines.number() };
        let layout = match format {
            TraceFormat::Swf => Layout::Swf,
            TraceFormat::Sacct => match sacct::Columns::of(line.text) {
                Ok(columns) => {
                    next = Next::Line;
                    Layout::Sacct(columns)
                }
                Err((part, message, help)) => {
                    let span = faults.place(line, part);
                    return Err(faults.unusable(Diagnostic::error(span, message).help(help)));
                }
            },
        };
        let pending = match layout {
            // The header of `sacct` has been read; a comment or row of SWF has not.
            Layout::Sacct(_) => None,
            Layout::Swf => Some(next),
        };
        let names = TraceNames::default();
        let mut reader = Self { lines, layout, header, names, faults, pending, jobs: 0, parts: 0 };
        reader.read_comments()?;
        Ok(reader)
    }

    /// Reads the comments at the start of SWF, so that the header is known before the first job.
    fn read_comments(&mut self) -> io::Result<()> {
        while self.pending == Some(Next::Line) {
            let text = self.lines.text().trim();
            if !text.is_empty() && !text.starts_with(';') {
                return Ok(());
            }
            swf::comment(text, &mut self.header);
            self.pending = Some(self.lines.advance()?);
        }
        Ok(())
    }

    /// What the trace says of itself.
    pub fn header(&self) -> &TraceHeader {
        &self.header
    }

    /// Names of users, or of accounts where it has no users.
    pub fn users(&self) -> &Names {
        &self.names.users
    }

    /// Names of partitions, or of queues.
    pub fn pools(&self) -> &Names {
        &self.names.pools
    }

    /// Jobs read so far.
    pub fn jobs(&self) -> u64 {
        self.jobs
    }

    /// Rows so far that are steps or executions of a job which another row sums up.
    pub fn parts(&self) -> u64 {
        self.parts
    }

    /// Number of the line read last, from 1.
    pub fn line(&self) -> u64 {
        self.lines.number()
    }

    /// Lines left out so far, by cause.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.faults.left_out()
    }

    /// The first lines left out of each cause, with their characters.
    pub fn into_diagnostics(self) -> (Vec<Diagnostic>, SourceMap) {
        self.faults.into_told()
    }

    fn next_job(&mut self) -> io::Result<Option<JobRecord>> {
        loop {
            let next = match self.pending.take() {
                Some(next) => next,
                None => self.lines.advance()?,
            };
            let line = Line { text: self.lines.text(), number: self.lines.number() };
            let mistake = match next {
                Next::End => {
                    self.pending = Some(Next::End);
                    return Ok(None);
                }
                Next::TooLong => Mistake {
                    cause: Cause::Long,
                    part: &line.text[..line.text.floor_char_boundary(40)],
                    message: "the line is longer than 64 KiB".to_owned(),
                    help: "a row of a trace is one line",
                },
                Next::NotText => Mistake {
                    cause: Cause::Encoding,
                    part: line.text,
                    message: "the line is not UTF-8".to_owned(),
                    help: "export the trace in UTF-8, or leave out the field that is not",
                },
                Next::Line => {
                    let text = line.text.trim();
                    if text.is_empty() {
                        continue;
                    }
                    let parsed = match &self.layout {
                        Layout::Swf if text.starts_with(';') => continue,
                        Layout::Swf => swf::row(text, &mut self.names),
                        Layout::Sacct(columns) => sacct::row(line.text, columns, &mut self.names),
                    };
                    match parsed {
                        Ok(Parsed::Job(job)) => {
                            self.jobs += 1;
                            return Ok(Some(job));
                        }
                        Ok(Parsed::Part) => {
                            self.parts += 1;
                            continue;
                        }
                        Err(mistake) => mistake,
                    }
                }
            };
            self.faults.push(line, mistake);
        }
    }
}

impl<R: BufRead> Iterator for JobReader<R> {
    type Item = io::Result<JobRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_job().transpose();
        if matches!(next, Some(Err(_))) {
            self.pending = Some(Next::End);
        }
        next
    }
}

/// How Slurm lists accelerators.
const GPU: &[u8] = b"gpu";

/// The error of a file whose format cannot be told.
fn neither<R: BufRead>(mut lines: Lines<R>, mut faults: Faults) -> OpenError {
    if lines.head().starts_with(&GZIP) {
        let help = "unpack it on the way: gzip -dc FILE | gw jobs -";
        return faults.unusable(Diagnostic::bare("the file is compressed with gzip").help(help));
    }
    loop {
        match lines.advance() {
            Err(error) => return OpenError::Stream(error),
            Ok(Next::End) => {
                let help = "it holds jobs in the Standard Workload Format, or what `sacct -P` prints";
                return faults.unusable(Diagnostic::bare("the file is empty").help(help));
            }
            Ok(_) if lines.text().trim().is_empty() => {}
            Ok(_) => break,
        }
    }
    let line = Line { text: lines.text(), number: lines.number() };
    let part = line.text.trim();
    let part = &part[..part.floor_char_boundary(200)];
    let padded = part.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("JobID"));
    let help = match padded {
        true => "this looks like a table of `sacct`: add -P, so that fields are parted by `|`".to_owned(),
        false => format!(
            "a trace starts with a comment `; ...` or a row of 18 numbers (Standard Workload Format), or with names of columns such as JobID|Submit|Start|State (`sacct -P`); {}",
            sacct::HOW
        ),
    };
    let span = faults.place(line, part);
    let message = "the first line is neither of the Standard Workload Format nor of `sacct -P`";
    faults.unusable(Diagnostic::error(span, message).help(help))
}
