//! What one iteration works on.

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
