//! Lines that cannot be read: counted by their cause, the first of each told.

use std::collections::BTreeMap;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::Line;
use crate::text::{Diagnostic, SourceMap, Span};

/// Bytes that are kept of a line on either side of the part that is pointed at.
const AROUND: usize = 2048;
/// How many lines of one cause are shown.
const SHOWN: u64 = 3;

/// Why a line is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// It is longer than a row can be.
    Long,
    /// It is not UTF-8.
    Encoding,
    /// It has too few or too many fields.
    Fields,
    /// It is no JSON object of one line.
    Syntax,
    /// It does not say which job it is of.
    Id,
    /// A time, a duration, a count or a name cannot be read.
    Value,
    /// It does not say when the job was submitted, the failure came or the request arrived.
    Time,
}

impl Cause {
    /// How people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Long => "line too long",
            Self::Encoding => "not UTF-8",
            Self::Fields => "too few or too many fields",
            Self::Syntax => "no JSON object",
            Self::Id => "no job id",
            Self::Value => "a field that cannot be read",
            Self::Time => "no time",
        }
    }
}

/// Why a trace cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The stream failed.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// It is no trace of its kind; says why.
    #[error("the file is no such trace")]
    Unusable {
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
        /// The lines that they point at.
        sources: SourceMap,
    },
}

/// How a file that is compressed with gzip starts.
pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Lines that were left out, for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// Why.
    pub cause: Cause,
    /// How many.
    pub lines: u64,
    /// Number of the first, from 1.
    pub first_line: u64,
}

/// A mistake of one line, before it is known whether it will be shown.
#[derive(Debug)]
pub(crate) struct Mistake<'l> {
    /// Why the line is left out.
    pub cause: Cause,
    /// The characters at fault: a part of the line.
    pub part: &'l str,
    /// What is wrong with them.
    pub message: String,
    /// What would be right.
    pub help: &'static str,
}

/// Lines left out, and diagnostics of the first of each cause.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Name of the file.
    name: String,
    by_cause: BTreeMap<Cause, LeftOut>,
    told: Vec<(Cause, Diagnostic)>,
    sources: SourceMap,
}

impl Faults {
    /// None yet, of a file under its name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            by_cause: BTreeMap::new(),
            told: Vec::new(),
            sources: SourceMap::default(),
        }
    }

    /// Counts a line and keeps its diagnostic where it is one of the first.
    pub fn push(&mut self, line: Line<'_>, mistake: Mistake<'_>) {
        let cause = mistake.cause;
        let left_out =
            self.by_cause.entry(cause).or_insert(LeftOut { cause, lines: 0, first_line: line.number });
        left_out.lines += 1;
        if left_out.lines <= SHOWN {
            let span = self.place(line, mistake.part);
            self.told.push((cause, Diagnostic::error(span, mistake.message).help(mistake.help)));
        }
    }

    /// Keeps a line, of a long one what stands around the part, and gives the place of a part of it.
    pub fn place(&mut self, line: Line<'_>, part: &str) -> Span {
        let line = line.around(part, AROUND);
        let source = self.sources.add_excerpt(&self.name, line.text, line.number.saturating_sub(1));
        line.span(source, part)
    }

    /// That the whole file cannot be used, for one reason; lines left out are no longer told.
    pub fn unusable(self, diagnostic: Diagnostic) -> OpenError {
        OpenError::Unusable { diagnostics: vec![diagnostic], sources: self.sources }
    }

    /// Lines left out by cause.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.by_cause.values().copied().collect()
    }

    /// Diagnostics in the order of lines, the last of each cause saying how many more there are.
    pub fn into_told(self) -> (Vec<Diagnostic>, SourceMap) {
        let mut told = self.told;
        for left_out in self.by_cause.values().filter(|left_out| left_out.lines > SHOWN) {
            if let Some((_, last)) = told.iter_mut().rev().find(|(cause, _)| *cause == left_out.cause) {
                last.message.push_str(&format!(", and {} more lines like it", left_out.lines - SHOWN));
            }
        }
        (told.into_iter().map(|(_, diagnostic)| diagnostic).collect(), self.sources)
    }
}
