//! Attention of new tokens over a cache.

use super::gemm::norm;
use super::{Device, Generation, Precision};

/// What is cached of a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cached {
    /// Keys and values of some heads.
    Heads {
        /// Key and value heads.
        count: f64,
        /// Width of a key of one head.
        key_size: f64,
        /// Width of a value of one head.
        value_size: f64,
    },
    /// One latent vector for all heads, of which keys and values are made by weights that queries and results have
    /// absorbed (multi-head latent attention).
    Latent {
        /// Width of what serves as key: the latent vector and the part with positions.
        key_size: f64,
        /// Width of what serves as value.
        value_size: f64,
    },
}

/// Where a cache is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residence {
    /// From memory: between two readings a model reads much else.
    Memory,
    /// Partly from the last-level cache: the same is read again with nothing between, as benchmarks do.
    Repeated,
}

/// The shape of attention over a cache.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decoding {
    /// Sequences.
    pub batch: f64,
    /// New tokens of each, one unless tokens are guessed ahead.
    pub queries: f64,
    /// Cached tokens of each.
    pub context: f64,
    /// Query heads.
    pub heads: f64,
    /// What is cached.
    pub cached: Cached,
}

impl Decoding {
    /// Values that are cached of one token.
    pub fn cached_values(&self) -> f64 {
        match self.cached {
            Cached::Heads { count, key_size, value_size } => count * (key_size + value_size),
            Cached::Latent { key_size, .. } => key_size,
        }
    }

    /// Matrix FLOP.
    pub fn flops(&self) -> f64 {
        let (Cached::Heads { key_size, value_size, .. } | Cached::Latent { key_size, value_size }) =
            self.cached;
        2.0 * (key_size + value_size) * self.batch * self.queries * self.context * self.heads
    }
}

impl Device {
    /// Time of attention of new tokens over a cache in a precision \[s\].
    pub fn attention_decode(&self, shape: &Decoding, cache: Precision, residence: Residence) -> f64 {
        let values = shape.batch * shape.context * shape.cached_values();
        if !(values > 0.0 && shape.queries > 0.0 && shape.heads > 0.0) {
            return 0.0;
        }
        let bytes = values * cache.activation_bytes();
        let missed = match residence {
            Residence::Repeated if bytes < self.facts.cache => bytes / self.facts.cache,
            _ => 1.0,
        };
        let memory = bytes * missed / self.streaming_rate;
        let arithmetic = match self.facts.generation {
            Generation::Blackwell | Generation::BlackwellWorkstation => cache,
            // Their kernels widen a narrow cache to 16 bits.
            _ => Precision::Bf16,
        };
        let rate = self.sustained_rate(arithmetic);
        let (compute, more) = match shape.cached {
            Cached::Heads { .. } => (shape.flops() / (rate * self.attention_share), 0.0),
            Cached::Latent { .. } => {
                let walk = shape.context * self.latent_token;
                (norm(shape.flops() / (rate * self.latent_share), walk), self.latent_launch)
            }
        };
        self.launch + self.decode_launch + more + norm(memory, compute)
    }
}
