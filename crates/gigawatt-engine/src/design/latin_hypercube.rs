//! Latin hypercube sampling without its tables: each dimension's permutation is a cipher on the numbers of the
//! points, so that any point is made alone.

use super::{mixed, unit};

/// A Latin hypercube of `runs` points.
pub(super) struct LatinHypercube {
    runs: u64,
    keys: Vec<u64>,
    half_bits: u32,
}

/// Rounds of the Feistel network; four make it indistinguishable from a random permutation (Luby and Rackoff,
/// 1988), two more make up for the simple round function.
const ROUNDS: u64 = 6;

impl LatinHypercube {
    pub fn new(runs: u64, keys: Vec<u64>) -> Self {
        let bits = u64::BITS - runs.saturating_sub(1).leading_zeros();
        Self { runs, keys, half_bits: bits.div_ceil(2).max(1) }
    }

    /// The coordinates of a point: its slice in every dimension, and a random place within.
    #[expect(clippy::cast_precision_loss, reason = "numbers of runs are far below 2^52")]
    pub fn point(&self, number: u64, out: &mut [f64]) {
        for (key, out) in self.keys.iter().zip(out) {
            let slice = self.permuted(*key, number);
            *out = (slice as f64 + unit(mixed(!*key, number))) / self.runs as f64;
        }
    }

    /// Where a key's permutation puts a number: a Feistel network on the next even number of bits, walked until it
    /// falls below `runs` (Black and Rogaway, 2002). The domain is at most four times as large, so few steps do.
    fn permuted(&self, key: u64, number: u64) -> u64 {
        let mask = (1_u64 << self.half_bits) - 1;
        let mut at = number;
        loop {
            let (mut left, mut right) = (at >> self.half_bits, at & mask);
            for round in 0..ROUNDS {
                let turned = left ^ (mixed(key ^ round.wrapping_mul(0xd6e8_feb8_6659_fd93), right) & mask);
                (left, right) = (right, turned);
            }
            at = (left << self.half_bits) | right;
            if at < self.runs {
                return at;
            }
        }
    }
}
