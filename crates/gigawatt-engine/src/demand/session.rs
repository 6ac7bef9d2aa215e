//! Tokens of a session of several turns, each of which sees all that was said before.
//!
//! With `s` tokens of instructions, `p` of a prompt and `o` of an answer, a turn after `k` earlier ones has
//!
//! ```text
//! before = s + k (p + o)                  what stood in a turn before
//! cached = r · before                     what of it a cache still holds
//! new    = p + (1 - r) before             what is worked in
//! ```
//!
//! All of it is straight in `k`, so the mean over turns is the turn after `K` earlier ones. Sessions have `n` turns on
//! average, with a squared coefficient of variation `c²`, and a turn taken at random lies in a long session more often:
//!
//! ```text
//! K = E[N (N - 1) / 2] / E[N] = (n (1 + c²) - 1) / 2
//! ```
//!
//! `c² = 0` is a session of fixed length, `c² = 1 - 1/n` one whose every turn is the last by the same chance. The same
//! law stands for a person and an assistant and for an agent and its tools: an answer of a tool is a prompt.

/// What the turns of a session are like, in tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Session {
    /// Turns of a session on average; at least 1.
    pub turns: f64,
    /// Squared coefficient of variation of their number.
    pub variation: f64,
    /// Instructions before the first turn.
    pub system: f64,
    /// A prompt, or what a tool gave back.
    pub prompt: f64,
    /// An answer.
    pub output: f64,
    /// Part of what stood in a turn before that a cache still holds.
    pub reuse: f64,
}

/// Tokens of a request, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tokens {
    /// Of the input, those that are worked in.
    pub new: f64,
    /// Of the input, those found in a cache.
    pub cached: f64,
    /// Of the output.
    pub output: f64,
}

impl Tokens {
    /// The whole input.
    pub fn input(&self) -> f64 {
        self.new + self.cached
    }

    /// Input and output.
    pub fn total(&self) -> f64 {
        self.input() + self.output
    }

    /// Input over input and output.
    pub fn input_share(&self) -> f64 {
        self.input() / self.total()
    }

    /// So many times as many.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self { new: self.new * factor, cached: self.cached * factor, output: self.output * factor }
    }

    /// These and others.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            new: self.new + other.new,
            cached: self.cached + other.cached,
            output: self.output + other.output,
        }
    }
}

impl Session {
    /// A call that stands alone, of which nothing was seen before.
    pub fn single(prompt: f64, output: f64) -> Self {
        Self { turns: 1.0, variation: 0.0, system: 0.0, prompt, output, reuse: 0.0 }
    }

    /// Earlier turns of a turn, on average over all turns.
    pub fn earlier_turns(&self) -> f64 {
        ((self.turns * (1.0 + self.variation) - 1.0) / 2.0).max(0.0)
    }

    /// The turn after so many earlier ones.
    pub fn turn(&self, earlier: f64) -> Tokens {
        let before = self.system + earlier * (self.prompt + self.output);
        let cached = self.reuse * before;
        Tokens { new: self.prompt + before - cached, cached, output: self.output }
    }

    /// A request, on average over all turns.
    pub fn request(&self) -> Tokens {
        self.turn(self.earlier_turns())
    }

    /// All turns of a session, on average over sessions.
    pub fn whole(&self) -> Tokens {
        self.request().times(self.turns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn session(turns: f64, variation: f64) -> Session {
        Session { turns, variation, system: 400.0, prompt: 150.0, output: 211.0, reuse: 0.7 }
    }

    proptest! {
        #[test]
        fn a_session_of_fixed_length_is_the_sum_of_its_turns(turns in 1_u32..200) {
            let session = session(f64::from(turns), 0.0);
            let summed = (0..turns).fold(Tokens::default(), |sum, turn| sum.plus(&session.turn(f64::from(turn))));
            let whole = session.whole();
            for (one, other) in [(summed.new, whole.new), (summed.cached, whole.cached), (summed.output, whole.output)] {
                prop_assert!((one - other).abs() <= 1e-9 * other.max(1.0), "{one} {other}");
            }
        }

        #[test]
        fn a_session_that_may_end_at_every_turn_is_the_sum_over_its_lengths(turns in 1.0..20.0_f64) {
            // P(N > k) = (1 - 1/n)^k: the tokens of each turn times the chance that it comes.
            let session = session(turns, 1.0 - 1.0 / turns);
            let goes_on = 1.0 - 1.0 / turns;
            let mut chance = 1.0;
            let mut summed = Tokens::default();
            for turn in 0..3_000 {
                summed = summed.plus(&session.turn(f64::from(turn)).times(chance));
                chance *= goes_on;
            }
            prop_assert!((summed.new - session.whole().new).abs() <= 1e-6 * summed.new);
            prop_assert!((summed.cached - session.whole().cached).abs() <= 1e-6 * summed.cached);
        }

        #[test]
        fn a_cache_moves_tokens_and_makes_none(turns in 1.0..100.0_f64, reuse in 0.0..1.0_f64) {
            let with = Session { reuse, ..session(turns, 0.4) }.request();
            let without = Session { reuse: 0.0, ..session(turns, 0.4) }.request();
            prop_assert!((with.input() - without.input()).abs() <= 1e-9 * with.input());
            prop_assert!(with.new <= without.new);
        }
    }

    #[test]
    fn a_single_call_has_its_own_tokens_alone() {
        let call = Session::single(1400.0, 100.0).whole();
        assert_eq!(call, Tokens { new: 1400.0, cached: 0.0, output: 100.0 });
    }
}
