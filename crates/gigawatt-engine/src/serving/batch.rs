//! What one iteration works on.

use super::number::count;
use crate::device::Mask;
use crate::model::Mixer;

/// Prompts, or parts of them, in an iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prompts {
    /// How many; a part of a prompt that is worked in over several iterations counts as one.
    pub count: f64,
    /// Tokens of each in this iteration.
    pub tokens: f64,
    /// Tokens of each that are cached already.
    pub past: f64,
}

/// The work of one iteration on one group of ranks that share their attention.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Batch {
    /// Sequences that decode.
    pub sequences: f64,
    /// Mean tokens that are cached of each.
    pub context: f64,
    /// New prompts.
    pub prompts: Prompts,
}

impl Batch {
    /// Sequences that decode, and no prompts.
    pub fn decoding(sequences: f64, context: f64) -> Self {
        Self { sequences, context, prompts: Prompts::default() }
    }

    /// Whole prompts, and nothing that decodes.
    pub fn prompts(count: f64, tokens: f64) -> Self {
        Self { prompts: Prompts { count, tokens, past: 0.0 }, ..Self::default() }
    }

    /// Tokens of prompts.
    pub fn prompt_tokens(&self) -> f64 {
        self.prompts.count * self.prompts.tokens
    }

    /// The batch in so many equal parts.
    #[must_use]
    pub(super) fn divided(&self, parts: f64) -> Self {
        Self {
            sequences: self.sequences / parts,
            context: self.context,
            prompts: Prompts { count: self.prompts.count / parts, ..self.prompts },
        }
    }
}

/// What prompts weigh in a layer: so many pieces of so many queries, each with a context.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SeenByPrompts {
    pub batch: f64,
    pub queries: f64,
    pub context: f64,
    pub mask: Mask,
}

impl SeenByPrompts {
    /// Of prompts in a layer with a mixer. Chunks cut a prompt into pieces, of which the first begins anywhere in its
    /// chunk.
    pub fn of(mixer: Mixer, prompts: &Prompts) -> Self {
        let context = prompts.past + prompts.tokens;
        let whole = Self { batch: prompts.count, queries: prompts.tokens, context, mask: Mask::Causal };
        match mixer {
            Mixer::Sliding { tokens } => Self { mask: Mask::Sliding { window: count(tokens) }, ..whole },
            Mixer::Chunked { tokens } if count(tokens) < context => {
                let size = count(tokens).min(prompts.tokens);
                Self {
                    batch: prompts.count * prompts.tokens / size,
                    queries: size,
                    context: size.max(count(tokens) / 2.0),
                    mask: Mask::Causal,
                }
            }
            _ => whole,
        }
    }
}
