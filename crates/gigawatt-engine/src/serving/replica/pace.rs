//! Runs of iterations between two changes of the batch, in closed form.
//!
//! In a run of iterations that only decode, what is cached grows by the same number in each, so the i-th takes
//!
//! ```text
//! t(i) = max(floor, first + i · growth)
//! ```
//!
//! ticks. With `m` iterations below the floor, `n` of them take
//!
//! ```text
//! T(n) = floor · min(n, m) + Σ_{i = m}^{n - 1} (first + i · growth)
//! ```
//!
//! which is exact, since all are whole numbers. How many fit before a moment is the root of a parabola, put right in whole
//! numbers.

use super::table::Pace;

/// A run of iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Ticks of its first iteration, above no floor.
    first: u64,
    /// Ticks by which each takes more than the one before.
    growth: u64,
    floor: u64,
    /// Iterations at the floor.
    flat: u64,
}

impl Run {
    /// Of a pace, over cached parts of tokens (in all, within windows) that grow so much in each iteration.
    pub fn new(pace: &Pace, cached: (u64, u64), grows: (u64, u64)) -> Self {
        let first = pace.fixed + pace.each * cached.0 + pace.windowed * cached.1;
        let growth = pace.each * grows.0 + pace.windowed * grows.1;
        let flat = match (pace.floor.checked_sub(first), growth) {
            (None, _) => 0,
            (Some(_), 0) => u64::MAX,
            (Some(below), growth) => below.div_ceil(growth),
        };
        Self { first, growth, floor: pace.floor, flat }
    }

    /// Ticks of so many iterations.
    pub fn ticks(&self, iterations: u64) -> u128 {
        let wide = u128::from;
        if iterations <= self.flat {
            return wide(self.floor) * wide(iterations);
        }
        let straight = |count: u64| {
            wide(self.first) * wide(count)
                + wide(self.growth) * (wide(count) * wide(count.saturating_sub(1)) / 2)
        };
        let whole = straight(iterations);
        if self.flat == 0 { whole } else { whole - straight(self.flat) + wide(self.floor) * wide(self.flat) }
    }

    /// The least number of iterations, at least 1 and at most `most`, that take so many ticks or more; `most` where even
    /// they take less.
    pub fn until(&self, ticks: u128, most: u64) -> u64 {
        if most <= 1 || self.ticks(most) <= ticks {
            return most;
        }
        let mut count = self.guess(ticks).clamp(1, most);
        while count < most && self.ticks(count) < ticks {
            count += 1;
        }
        while count > 1 && self.ticks(count - 1) >= ticks {
            count -= 1;
        }
        count
    }

    /// The root of the parabola, near to the number that is sought.
    #[expect(clippy::cast_precision_loss, reason = "the guess is put right in whole numbers")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a root of numbers above 0")]
    fn guess(&self, ticks: u128) -> u64 {
        let flat = u128::from(self.floor) * u128::from(self.flat.min(1 << 32));
        if self.flat > 0 && ticks <= flat {
            return ticks.div_ceil(u128::from(self.floor.max(1))) as u64;
        }
        let (gap, before) = if self.flat > 0 { (ticks - flat, self.flat) } else { (ticks, 0) };
        let gap = u64::try_from(gap).map_or(gap as f64, |gap| gap as f64);
        let growth = self.growth as f64;
        let half = self.first as f64 + growth * (before as f64 - 0.5);
        let root = 2.0 * gap / (half + (half * half + 2.0 * growth * gap).sqrt());
        before + root as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_closed_form_is_the_sum(
            fixed in 0_u64..1_000_000, each in 0_u64..50, floor in 0_u64..2_000_000,
            cached in 0_u64..100_000, grows in 0_u64..3_000, iterations in 0_u64..400,
        ) {
            let pace = Pace { fixed, each, windowed: each / 3, floor };
            let run = Run::new(&pace, (cached, cached / 2), (grows, grows / 5));
            let mut sum = 0_u128;
            for at in 0..iterations {
                let seen = (cached + at * grows, cached / 2 + at * (grows / 5));
                sum += u128::from((fixed + each * seen.0 + each / 3 * seen.1).max(floor));
            }
            prop_assert_eq!(run.ticks(iterations), sum);
        }

        #[test]
        fn as_many_iterations_as_a_time_takes(
            fixed in 1_u64..1_000_000, each in 0_u64..50, floor in 0_u64..2_000_000,
            cached in 0_u64..100_000, grows in 0_u64..3_000, ticks in 0_u128..1_000_000_000, most in 1_u64..5_000,
        ) {
            let run = Run::new(&Pace { fixed, each, windowed: 0, floor }, (cached, 0), (grows, 0));
            let count = run.until(ticks, most);
            prop_assert!((1..=most).contains(&count));
            prop_assert!(count == most || run.ticks(count) >= ticks);
            prop_assert!(count == 1 || run.ticks(count - 1) < ticks || (count == most && run.ticks(most) <= ticks));
        }
    }
}
