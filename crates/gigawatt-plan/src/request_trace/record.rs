//! One request of a trace.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request as a row has it, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRow<'b> {
    /// When it arrived, in nanoseconds on the clock of the trace.
    pub time: i64,
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens of the answer.
    pub output: u32,
    /// Which session it belongs to; 0 where the trace does not say.
    pub session: u64,
    /// The lower, the earlier it is served; 0 where the trace does not say.
    pub priority: u8,
    /// Ids of the blocks of its prompt, each of which stands for all before it too; empty where the trace has none.
    pub blocks: &'b [u64],
}

/// A request with the time since the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord<'b> {
    /// When it arrives, in nanoseconds from the start.
    pub arrival: u64,
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens of the answer.
    pub output: u32,
    /// Which session it belongs to; 0 where nothing is said.
    pub session: u64,
    /// The lower, the earlier it is served.
    pub priority: u8,
    /// Ids of the blocks of its prompt, each of which stands for all before it too.
    pub blocks: &'b [u64],
}

/// What may be odd about a request, which is kept all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Its prompt has no token.
    PromptZero,
    /// Its answer has no token: it failed, or only the prompt was wanted.
    OutputZero,
    /// Its blocks are not as many as its prompt fills.
    BlocksDiffer,
    /// It arrived before one that stands above it.
    OutOfOrder,
}

impl FindingKind {
    /// All, in the order of reports.
    pub const ALL: [Self; 4] = [Self::PromptZero, Self::OutputZero, Self::BlocksDiffer, Self::OutOfOrder];

    /// How people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::PromptZero => "prompt of 0 tokens",
            Self::OutputZero => "answer of 0 tokens",
            Self::BlocksDiffer => "blocks that are not those of the prompt's length",
            Self::OutOfOrder => "arrived out of order",
        }
    }
}

/// Something odd, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// Requests that have it.
    pub requests: u64,
    /// Line of the first, from 1.
    pub first_line: u64,
}

/// How often each kind was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Findings([Option<Finding>; FindingKind::ALL.len()]);

impl Findings {
    /// Counts one that stands in a line.
    pub fn push(&mut self, kind: FindingKind, line: u64) {
        let found = self.0[kind as usize].get_or_insert(Finding { kind, requests: 0, first_line: line });
        found.requests += 1;
    }

    /// Those that were found.
    pub fn told(&self) -> Vec<Finding> {
        self.0.iter().flatten().copied().collect()
    }
}
