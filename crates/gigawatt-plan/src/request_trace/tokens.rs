//! Distributions of counts of tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::trace::LogHistogram;

/// Counts of tokens below this have a bin each.
const EXACT: usize = 1 << 17;

/// A distribution of counts of tokens in bounded memory: exact below 131,072, above that quantiles are right to 1.6 %.
#[derive(Clone, Debug, Default)]
pub struct TokenCounts {
    small: Vec<u64>,
    /// How many are in `small`.
    few: u64,
    sum: u128,
    largest: u32,
    large: LogHistogram,
}

impl TokenCounts {
    /// Counts a value.
    pub fn add(&mut self, tokens: u32) {
        let value = tokens as usize;
        if value < EXACT {
            if self.small.len() <= value {
                // Grown by doubling, or a trace that grows by a token each would copy it each time.
                self.small.resize((value + 1).next_power_of_two(), 0);
            }
            self.small[value] += 1;
            self.few += 1;
        } else {
            self.large.add(u64::from(tokens));
        }
        self.sum += u128::from(tokens);
        self.largest = self.largest.max(tokens);
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.few + self.large.count()
    }

    /// Sum of all.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// A value such that this share of all are at most as large: the one at the place `share × (count - 1)`, rounded down,
    /// of the sorted values counted from 0; `None` of none.
    pub fn quantile(&self, share: f64) -> Option<u32> {
        let last = self.count().checked_sub(1)?;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place from 0 to the last; counts are exact below 2^53"
        )]
        let place = ((share.clamp(0.0, 1.0) * last as f64) as u64).min(last);
        let mut passed = 0;
        let found = self.small.iter().position(|count| {
            passed += count;
            passed > place
        });
        let value =
            found.map_or_else(|| self.large.at_rank(place - self.few + 1).unwrap_or(0), |value| value as u64);
        Some(u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// The distribution in a few figures.
    pub fn percentiles(&self) -> TokenPercentiles {
        let count = self.count();
        #[expect(clippy::cast_precision_loss, reason = "a mean to 15 digits")]
        let mean = (count > 0).then(|| self.sum as f64 / count as f64);
        TokenPercentiles {
            total: u64::try_from(self.sum).unwrap_or(u64::MAX),
            mean,
            p10: self.quantile(0.1),
            p50: self.quantile(0.5),
            p90: self.quantile(0.9),
            p99: self.quantile(0.99),
            max: (count > 0).then_some(self.largest),
        }
    }
}

/// A distribution of counts of tokens. Quantiles are exact up to 131,072 tokens and right to 1.6 % beyond; none without
/// requests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenPercentiles {
    /// Tokens of all requests.
    pub total: u64,
    /// Their mean.
    pub mean: Option<f64>,
    /// Exceeded by nine of ten.
    pub p10: Option<u32>,
    /// The median.
    pub p50: Option<u32>,
    /// Exceeded by one of ten.
    pub p90: Option<u32>,
    /// Exceeded by one of a hundred.
    pub p99: Option<u32>,
    /// The largest.
    pub max: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut counts = TokenCounts::default();
        assert_eq!((counts.quantile(0.5), counts.count()), (None, 0));
        [40, 10, 20, 30].into_iter().for_each(|value| counts.add(value));
        let at = |share| counts.quantile(share).expect("values");
        assert_eq!((at(0.0), at(0.5), at(0.99), at(1.0)), (10, 20, 30, 40));
    }

    #[test]
    fn large_values_are_right_to_one_part_in_64() {
        let mut counts = TokenCounts::default();
        [5, 200_000, 4_000_000_000].into_iter().for_each(|value| counts.add(value));
        assert_eq!(counts.percentiles().max, Some(4_000_000_000));
        let median = f64::from(counts.quantile(0.5).expect("values"));
        assert!((median / 2e5 - 1.0).abs() <= 1.0 / 64.0, "{median}");
        assert_eq!(counts.quantile(0.0), Some(5));
    }
}
