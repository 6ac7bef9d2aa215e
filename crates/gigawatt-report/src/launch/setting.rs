//! A setting of a tool.

use serde::Serialize;

/// A setting of a tool and its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// In the tool's own words: `--num-layers`, `parallelism.tensor_parallel_degree`.
    pub name: String,
    /// What it is set to.
    pub value: Value,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no; an argument that stands alone is yes.
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// A word.
    Word(String),
    /// Several words.
    Words(Vec<String>),
    /// Several whole numbers.
    Numbers(Vec<u64>),
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

impl From<String> for Value {
    fn from(word: String) -> Self {
        Self::Word(word)
    }
}

impl From<Vec<&str>> for Value {
    fn from(words: Vec<&str>) -> Self {
        Self::Words(words.into_iter().map(str::to_owned).collect())
    }
}
