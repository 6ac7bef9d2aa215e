//! From a stream of bytes to requests.

use std::io::{self, BufRead};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::csv::{Columns, nearest_format};
use super::format::RequestFormat;
use super::json;
use super::record::{Finding, FindingKind, Findings, RequestRow};
use crate::text::{Diagnostic, SourceMap};
use crate::trace::faults::{Cause, Faults, GZIP, LeftOut, Mistake, OpenError};
use crate::trace::lines::{Line, Lines, Next};

/// Bytes of a line beyond which it is no row: the blocks of a prompt of millions of tokens fit.
const LONGEST: usize = 1 << 20;
/// What a trace of requests is.
const A_TRACE: &str = "a trace starts with names of columns, TIMESTAMP,ContextTokens,GeneratedTokens (Azure), Timestamp,...,Request tokens,Response tokens (BurstGPT) or arrival_s,prompt_tokens,output_tokens, or it has an object of JSON a line (Mooncake)";

/// What a trace says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestHeader {
    /// How it is written.
    pub format: RequestFormat,
    /// Tokens of a block of a prefix, where it has blocks; the last block of a prompt may have fewer.
    pub block_tokens: Option<u32>,
}

/// A row without its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Nanoseconds on the clock of the trace.
    pub time: i64,
    pub prompt: u32,
    pub output: u32,
    pub session: u64,
    pub priority: u8,
}

/// What the rows of a format need.
#[derive(Debug)]
enum Layout {
    Csv(Columns),
    Json,
}

/// A trace by its rows, in the order of the file, in constant memory.
///
/// Rows that cannot be read are left out: see [`RequestReader::left_out`] and [`RequestReader::into_diagnostics`]. A
/// trace without rows is read and gives none.
#[derive(Debug)]
pub struct RequestReader<R> {
    lines: Lines<R>,
    layout: Layout,
    header: RequestHeader,
    faults: Faults,
    findings: Findings,
    blocks: Vec<u64>,
    /// Whether the current line was read by `open` and has not been looked at.
    pending: Option<Next>,
    rows: u64,
    latest: i64,
}

impl<R: BufRead> RequestReader<R> {
    /// Opens a trace under the name that diagnostics give it. The format is told from its first line unless it is said.
    ///
    /// # Errors
    /// Where the stream fails, and where the file is in no format, empty or lacks a column.
    pub fn open(name: &str, input: R, format: Option<RequestFormat>) -> Result<Self, OpenError> {
        let mut lines = Lines::open(input, LONGEST)?;
        let mut faults = Faults::new(name);
        if lines.head().starts_with(&GZIP) {
            let help = "unpack it on the way: gzip -dc FILE, and read standard input";
            return Err(faults.unusable(Diagnostic::bare("the file is compressed with gzip").help(help)));
        }
        let mut next = lines.advance()?;
        while next == Next::Line && lines.text().trim().is_empty() {
            next = lines.advance()?;
        }
        if next == Next::End {
            return Err(faults.unusable(Diagnostic::bare("the file is empty").help(A_TRACE)));
        }
        let line = Line { text: lines.text(), number: lines.number() };
        let first = line.text.trim();
        let Some(format) = format.or_else(|| RequestFormat::detect(first)) else {
            return Err(no_trace(faults, line));
        };
        let (layout, pending) = match format {
            RequestFormat::Mooncake => (Layout::Json, Some(next)),
            _ => match Columns::of(format, first) {
                Ok(columns) => (Layout::Csv(columns), None),
                Err(missing) => {
                    let help = lacking(missing.name, missing.near);
                    let span = faults.place(line, first);
                    let message = format!("the file has no column `{}`", missing.name);
                    return Err(faults.unusable(Diagnostic::error(span, message).help(help)));
                }
            },
        };
        let header = RequestHeader { format, block_tokens: format.block_tokens() };
        let (findings, blocks) = (Findings::default(), Vec::new());
        Ok(Self { lines, layout, header, faults, findings, blocks, pending, rows: 0, latest: i64::MIN })
    }

    /// What the trace says of itself.
    pub fn header(&self) -> RequestHeader {
        self.header
    }

    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of the line read last, from 1.
    pub fn line(&self) -> u64 {
        self.lines.number()
    }

    /// Lines left out so far, by cause.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.faults.left_out()
    }

    /// What is odd about rows so far, which are kept all the same.
    pub fn findings(&self) -> Vec<Finding> {
        self.findings.told()
    }

    /// The first lines left out of each cause, with their characters.
    pub fn into_diagnostics(self) -> (Vec<Diagnostic>, SourceMap) {
        self.faults.into_told()
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// Where the stream fails, after which there is no further row.
    pub fn next_row(&mut self) -> io::Result<Option<RequestRow<'_>>> {
        let row = match self.read() {
            Ok(row) => row,
            Err(error) => {
                self.pending = Some(Next::End);
                return Err(error);
            }
        };
        Ok(row.map(|Row { time, prompt, output, session, priority }| RequestRow {
            time,
            prompt,
            output,
            session,
            priority,
            blocks: &self.blocks,
        }))
    }

    fn read(&mut self) -> io::Result<Option<Row>> {
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
                    message: "the line is longer than 1 MiB".to_owned(),
                    help: "a row of a trace is one line",
                },
                Next::NotText => Mistake {
                    cause: Cause::Encoding,
                    part: line.text,
                    message: "the line is not UTF-8".to_owned(),
                    help: "export the trace in UTF-8",
                },
                Next::Line => {
                    let text = line.text.trim_ascii();
                    if text.is_empty() {
                        continue;
                    }
                    let row = match &self.layout {
                        Layout::Csv(columns) => columns.row(text),
                        Layout::Json => json::row(text, &mut self.blocks),
                    };
                    match row {
                        Ok(row) => {
                            self.look(&row);
                            return Ok(Some(row));
                        }
                        Err(mistake) => mistake,
                    }
                }
            };
            self.faults.push(line, mistake);
        }
    }

    /// Counts a row, and what is odd about it.
    fn look(&mut self, row: &Row) {
        self.rows += 1;
        let line = self.lines.number();
        let mut find = |kind| self.findings.push(kind, line);
        if row.prompt == 0 {
            find(FindingKind::PromptZero);
        }
        if row.output == 0 {
            find(FindingKind::OutputZero);
        }
        if row.time < self.latest {
            find(FindingKind::OutOfOrder);
        }
        if let Some(tokens) = self.header.block_tokens
            && self.blocks.len() as u64 != u64::from(row.prompt.div_ceil(tokens))
        {
            find(FindingKind::BlocksDiffer);
        }
        self.latest = self.latest.max(row.time);
    }
}

/// What to do about a column that is lacking.
fn lacking(name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) if !near.is_empty() => format!("is `{near}` meant? call it `{name}`"),
        _ => A_TRACE.to_owned(),
    }
}

/// The error of a file whose format cannot be told from its first line.
fn no_trace(mut faults: Faults, line: Line<'_>) -> OpenError {
    let first = line.text.trim();
    let part = &first[..first.floor_char_boundary(200)];
    let span = faults.place(line, part);
    let diagnostic = match nearest_format(first) {
        Some(missing) => {
            let message = format!("the file has no column `{}`", missing.name);
            Diagnostic::error(span, message).help(lacking(missing.name, missing.near))
        }
        None if first.starts_with('[') => {
            let help = "write its objects one a line: jq -c '.[]' FILE";
            Diagnostic::error(span, "the file is a list of JSON, not an object a line").help(help)
        }
        None => Diagnostic::error(span, "the first line is that of no trace of requests").help(A_TRACE),
    };
    faults.unusable(diagnostic)
}
