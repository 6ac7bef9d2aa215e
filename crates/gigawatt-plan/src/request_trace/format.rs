//! How traces of requests are written, and how that is told from their start.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::csv;

/// How a trace is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RequestFormat {
    /// Azure Public Dataset, 2023 and 2024: `TIMESTAMP,ContextTokens,GeneratedTokens`.
    Azure,
    /// Mooncake: an object of JSON a line, with blocks of prefixes.
    Mooncake,
    /// BurstGPT: `Timestamp,Session ID,Elapsed time,Model,Request tokens,...`.
    Burstgpt,
    /// `arrival_s,prompt_tokens,output_tokens[,session,priority]`.
    Plain,
}

impl RequestFormat {
    /// All, with the names by which the command line and scenarios call them.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Azure, "azure"),
        (Self::Mooncake, "mooncake"),
        (Self::Burstgpt, "burstgpt"),
        (Self::Plain, "plain"),
    ];

    /// The format of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(format, _)| format)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }

    /// Tokens of a block where the format has blocks of prefixes.
    pub(super) fn block_tokens(self) -> Option<u32> {
        (self == Self::Mooncake).then_some(512)
    }

    /// The format of a file whose first line with anything on it is this one.
    pub(super) fn detect(first: &str) -> Option<Self> {
        if first.starts_with('{') {
            return Some(Self::Mooncake);
        }
        [Self::Azure, Self::Burstgpt, Self::Plain]
            .into_iter()
            .find(|format| csv::Columns::of(*format, first).is_ok())
    }
}
