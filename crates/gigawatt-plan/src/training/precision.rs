//! Number formats of a training run.

use serde::{Deserialize, Serialize};

/// The number format of the operands of linear layers; what surrounds them stays in 16 and 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 16 bits, 8 of exponent.
    Bf16,
    /// 16 bits, 5 of exponent.
    Fp16,
    /// 8 bits with one factor for a tensor.
    Fp8,
    /// 8 bits with a factor for each block of 32.
    Mxfp8,
    /// 4 bits with a factor for each block of 16.
    Nvfp4,
}

impl Precision {
    /// All of them with the words in which they are written.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Bf16, "bf16"),
        (Self::Fp16, "fp16"),
        (Self::Fp8, "fp8"),
        (Self::Mxfp8, "mxfp8"),
        (Self::Nvfp4, "nvfp4"),
    ];

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(precision, _)| precision)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(precision, _)| *precision == self).map_or("", |(_, word)| word)
    }

    /// The fact of an accelerator that holds its dense peak rate.
    pub fn peak_fact(self) -> &'static str {
        match self {
            Self::Bf16 | Self::Fp16 => "bf16",
            Self::Fp8 | Self::Mxfp8 => "fp8",
            Self::Nvfp4 => "fp4",
        }
    }
}
