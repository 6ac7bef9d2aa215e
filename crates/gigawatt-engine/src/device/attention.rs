//! Attention over whole sequences.

use super::{Device, Precision};

/// Which keys a query sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mask {
    /// All of them.
    Full,
    /// Those up to its own place; queries are the last tokens of the context.
    Causal,
    /// The last `window` of those up to its own place.
    Sliding {
        /// Keys that a query sees at most.
        window: f64,
    },
}

/// The shape of attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attention {
    /// Sequences.
    pub batch: f64,
    /// New tokens of each.
    pub queries: f64,
    /// All tokens of each, the new ones included.
    pub context: f64,
    /// Query heads.
    pub heads: f64,
    /// Key and value heads.
    pub kv_heads: f64,
    /// Width of a query or key of one head.
    pub key_size: f64,
    /// Width of a value of one head.
    pub value_size: f64,
    /// Which keys a query sees.
    pub mask: Mask,
}

impl Attention {
    /// Pairs of a query and a key that are multiplied, over all sequences and heads.
    pub fn scores(&self) -> f64 {
        let (queries, context) = (self.queries, self.context.max(self.queries));
        let pairs = match self.mask {
            Mask::Full => queries * context,
            Mask::Causal => queries * (context - queries / 2.0),
            Mask::Sliding { window } => {
                // A query at place p sees min(p, window) keys; the first places see fewer than the window.
                let first = context - queries;
                let growing = (window.min(context) - first).max(0.0);
                growing * (first + growing / 2.0) + (queries - growing) * window.min(context)
            }
        };
        self.batch * self.heads * pairs
    }

    /// Matrix FLOP of the forward pass.
    pub fn flops(&self) -> f64 {
        2.0 * (self.key_size + self.value_size) * self.scores()
    }

    /// Values of queries, keys and values over all sequences.
    pub fn operands(&self) -> f64 {
        let queries = self.queries * self.heads * self.key_size;
        let keys = self.context * self.kv_heads * (self.key_size + self.value_size);
        self.batch * (queries + keys)
    }

    fn is_empty(&self) -> bool {
        let sizes = [self.batch, self.queries, self.heads, self.kv_heads, self.key_size, self.value_size];
        !sizes.iter().all(|size| *size > 0.0)
    }
}

/// Seconds of attention over whole sequences, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AttentionParts {
    /// Starting the kernel.
    pub start: f64,
    /// Weighing keys and adding values.
    pub products: f64,
    /// Exponentials of the scores.
    pub softmax: f64,
    /// Queries, keys, values and results.
    pub memory: f64,
}

impl AttentionParts {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.start + self.products + self.softmax + self.memory
    }
}

impl Device {
    /// Time of attention over whole sequences \[s\], forward, with queries, keys and values in a precision.
    pub fn attention_prefill(&self, shape: &Attention, precision: Precision) -> f64 {
        self.attention_parts(shape, precision).total()
    }

    /// Seconds of attention over whole sequences by part.
    ///
    /// For callers whose kernels hide the softmax or repeat the products: the backward pass computes the scores again and
    /// four gradients from them, five products for two, one exponential for one (Dao 2023, arXiv 2307.08691, section
    /// 3.1).
    pub fn attention_parts(&self, shape: &Attention, precision: Precision) -> AttentionParts {
        if shape.is_empty() {
            return AttentionParts::default();
        }
        let results = shape.batch * shape.queries * shape.heads * shape.value_size;
        let bytes = shape.operands() * precision.activation_bytes() + results * precision.result_bytes();
        let narrow = precision.activation_bytes() < 2.0;
        let share = self.attention_share * if narrow { self.attention_narrow } else { 1.0 };
        AttentionParts {
            start: self.launch + self.attention_launch,
            products: shape.flops() / (self.sustained_rate(precision) * share),
            softmax: shape.scores() * self.softmax,
            memory: bytes / self.streaming_rate,
        }
    }

    /// Time of what inference engines do before attention \[s\], in 16 bits whatever the format of the cache: positions
    /// are turned, keys and values are cast and written into the cache.
    pub fn attention_preparation(&self, shape: &Attention) -> f64 {
        if shape.is_empty() {
            return 0.0;
        }
        let bytes = 2.0 * shape.operands();
        // What the pass before has left in the last-level cache is not read from memory again.
        let missed = if bytes < self.facts.cache { bytes / self.facts.cache } else { 1.0 };
        let passes = 1.0 + (self.preparation - 1.0).max(0.0) * missed;
        self.launch + passes * bytes / self.streaming_rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(queries: f64, context: f64, mask: Mask) -> Attention {
        let (batch, heads, kv_heads) = (1.0, 1.0, 1.0);
        Attention { batch, queries, context, heads, kv_heads, key_size: 128.0, value_size: 128.0, mask }
    }

    #[test]
    fn scores_are_counted_by_hand() {
        assert_eq!(shape(4.0, 4.0, Mask::Full).scores(), 16.0);
        // Half of a square, the diagonal counted as half.
        assert_eq!(shape(4.0, 4.0, Mask::Causal).scores(), 8.0);
        assert_eq!(shape(4.0, 10.0, Mask::Causal).scores(), 32.0);
        assert_eq!(shape(4.0, 4.0, Mask::Sliding { window: 4.0 }).scores(), 8.0);
        assert_eq!(shape(10.0, 10.0, Mask::Sliding { window: 2.0 }).scores(), 2.0 + 8.0 * 2.0);
        assert_eq!(shape(2.0, 10.0, Mask::Sliding { window: 3.0 }).scores(), 6.0);
        assert_eq!(shape(1.0, 10.0, Mask::Sliding { window: 100.0 }).scores(), 9.5);
    }
}
