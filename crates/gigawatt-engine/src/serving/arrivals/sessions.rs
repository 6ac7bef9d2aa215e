//! Requests of one user after another, each with the context of those before it.

use gigawatt_plan::distribution::normal_score;

use super::ArrivalsError;

/// Bits of a block's number within its session: contexts of up to a million blocks share them.
const BLOCK_BITS: u32 = 20;
/// Bits of a session's number within its workload.
const SESSION_BITS: u32 = 36;

/// From when a user thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkFrom {
    /// From their last request on: turns come at the same times however long answers take.
    Request,
    /// From the end of the answer, which a simulation has to tell: see [`Workload::after_answer`](super::Workload).
    Answer,
}

/// How long users think: lognormal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThinkTime {
    /// Its mean, in seconds.
    pub mean: f64,
    /// Its coefficient of variation; 0 is always the same.
    pub variation: f64,
    /// From when.
    pub from: ThinkFrom,
}

impl ThinkTime {
    /// Nanoseconds that a share of all do not exceed. At a uniform random number it is a draw.
    pub fn at(&self, share: f64) -> u64 {
        let square = libm::log1p(self.variation * self.variation);
        let seconds = self.mean * libm::exp(square.sqrt() * normal_score(share) - 0.5 * square);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        let nanoseconds = libm::round(seconds * 1e9) as u64;
        nanoseconds
    }
}

/// What the requests of a session have in common.
///
/// A session has `n` turns with `P(n) = (1 - q) q^(n - 1)` and `q = 1 - 1 / mean_turns`. A turn's prompt is the shared start,
/// everything asked and answered before, and what is asked now. Its full blocks of `block_tokens` are named, so what
/// turns have in common is the same names: a cache of prefixes that keeps them finds all but the last, partial block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sessions {
    /// Mean of the requests of a session, at least 1.
    pub mean_turns: f64,
    /// How long users think.
    pub think: ThinkTime,
    /// Tokens at the start of every prompt of every session: the instructions of an assistant.
    pub shared_start: u32,
    /// Tokens of a block.
    pub block_tokens: u32,
    /// Tokens of prompt and answer at most: a session ends before a turn that would have more.
    pub most_context: u32,
}

impl Sessions {
    /// Looks whether sessions can be so.
    pub(super) fn check(&self) -> Result<(), ArrivalsError> {
        let wrong = |told: String| Err(ArrivalsError::Sessions(told));
        let ThinkTime { mean, variation, .. } = self.think;
        if !(1.0..=1e6).contains(&self.mean_turns) {
            return wrong(format!("sessions have {} turns on average, expected 1 to 1e6", self.mean_turns));
        }
        if !(0.0..=1e9).contains(&mean) || !(0.0..=100.0).contains(&variation) {
            return wrong(format!(
                "users think for {mean} s with a coefficient of variation of {variation}, expected 0 to 1e9 and 0 to 100"
            ));
        }
        if self.block_tokens == 0 {
            return wrong("blocks have 0 tokens, expected at least 1".to_owned());
        }
        if self.shared_start >= self.most_context {
            return wrong(format!(
                "the shared start of {} tokens leaves no room in a context of {}",
                self.shared_start, self.most_context
            ));
        }
        Ok(())
    }

    /// Names the full blocks of a prompt.
    pub(super) fn name_blocks(&self, session: u64, prompt: u32, blocks: &mut Vec<u64>) {
        blocks.clear();
        let full = |tokens: u32| u64::from(tokens / self.block_tokens).min(1 << BLOCK_BITS);
        let shared = full(self.shared_start.min(prompt));
        let all = session >> SESSION_BITS << SESSION_BITS;
        blocks.extend((0..shared).map(|block| all << BLOCK_BITS | block));
        blocks.extend((shared..full(prompt)).map(|block| session << BLOCK_BITS | block));
    }
}

/// The id of a session of a workload, never 0. Ids of different workloads, and names of their blocks, differ.
pub(super) fn session_id(workload: u8, session: u64) -> u64 {
    (u64::from(workload) << SESSION_BITS) | ((session + 1) & ((1 << SESSION_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_named_by_what_stands_before_their_end() {
        let think = ThinkTime { mean: 1.0, variation: 0.0, from: ThinkFrom::Request };
        let sessions =
            Sessions { mean_turns: 2.0, think, shared_start: 40, block_tokens: 16, most_context: 1000 };
        let named = |session, prompt| {
            let mut blocks = Vec::new();
            sessions.name_blocks(session, prompt, &mut blocks);
            blocks
        };
        let (one, other) = (named(session_id(3, 0), 100), named(session_id(3, 1), 100));
        // Two blocks lie within the shared start, the third has tokens of its own, the seventh is not full.
        assert_eq!((one.len(), one[..2] == other[..2], one[2] == other[2]), (6, true, false));
        assert_eq!(named(session_id(3, 0), 64), one[..4]);
        assert!(named(session_id(4, 0), 100).iter().all(|block| !one.contains(block)));
        assert_eq!(think.at(0.9), 1_000_000_000);
    }
}
