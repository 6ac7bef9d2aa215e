//! Distributions of whole numbers in a fixed amount of memory.

/// Bins of each doubling: a value is known to 1 part in 64.
const PER_DOUBLING: usize = 32;
/// Bits of a value that choose a bin within its doubling.
const BITS: u32 = PER_DOUBLING.trailing_zeros();

/// A histogram over all whole numbers with bins that widen with the value. Values below 64 are exact, quantiles of
/// larger ones are right to 1.6 %. Count, sum, least and largest are exact.
#[derive(Clone, Debug, PartialEq)]
pub struct LogHistogram {
    bins: Vec<u64>,
    count: u64,
    sum: u128,
    least: u64,
    largest: u64,
}

impl Default for LogHistogram {
    fn default() -> Self {
        let bins = vec![0; bin(u64::MAX) + 1];
        Self { bins, count: 0, sum: 0, least: u64::MAX, largest: 0 }
    }
}

/// The bin of a value.
fn bin(value: u64) -> usize {
    let doubling = value.checked_ilog2().unwrap_or(0).saturating_sub(BITS);
    // The shifted value has its leading bit at `BITS` once it does not fit into the first bins.
    let within = usize::try_from(value >> doubling).unwrap_or(usize::MAX);
    doubling as usize * PER_DOUBLING + within
}

/// The middle of a bin.
fn middle(bin: usize) -> u64 {
    if bin < 2 * PER_DOUBLING {
        return bin as u64;
    }
    let doubling = bin / PER_DOUBLING - 1;
    let within = (bin - doubling * PER_DOUBLING) as u64;
    (within << doubling).saturating_add((1 << doubling) / 2)
}

impl LogHistogram {
    /// Counts a value.
    pub fn add(&mut self, value: u64) {
        self.add_many(value, 1);
    }

    /// Counts a value so many times.
    pub fn add_many(&mut self, value: u64, times: u64) {
        if times == 0 {
            return;
        }
        self.bins[bin(value)] += times;
        self.count += times;
        self.sum += u128::from(value) * u128::from(times);
        self.least = self.least.min(value);
        self.largest = self.largest.max(value);
    }

    /// Counts all that another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.bins.iter_mut().zip(&other.bins).for_each(|(bin, more)| *bin += more);
        self.count += other.count;
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.largest = self.largest.max(other.largest);
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Their mean; `None` of none.
    pub fn mean(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a mean to 15 digits")]
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The least; `None` of none.
    pub fn least(&self) -> Option<u64> {
        (self.count > 0).then_some(self.least)
    }

    /// The largest; `None` of none.
    pub fn largest(&self) -> Option<u64> {
        (self.count > 0).then_some(self.largest)
    }

    /// The value that a share of all values does not exceed, within 1.6 %; `None` of none.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank from 1 to the count"
        )]
        let rank = (share.clamp(0.0, 1.0) * self.count as f64).ceil() as u64;
        self.at_rank(rank)
    }

    /// The value at a rank from 1 to the count, within 1.6 %; `None` of none.
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let rank = rank.clamp(1, self.count);
        let mut below = 0;
        let at = self.bins.iter().position(|count| {
            below += count;
            below >= rank
        });
        at.map(|bin| middle(bin).clamp(self.least, self.largest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_is_known_to_one_part_in_64(value: u64) {
            let shown = middle(bin(value));
            prop_assert!(shown.abs_diff(value) <= value / 64, "{value} in {}: {shown}", bin(value));
        }
    }

    #[test]
    fn bins_follow_one_another_without_gap() {
        for value in 0..100_000_u64 {
            let step = bin(value + 1) - bin(value);
            assert!(step <= 1 && (value >= 63 || step == 1), "{value}");
        }
    }

    #[test]
    fn quantiles_of_a_thousand_numbers() {
        let mut histogram = LogHistogram::default();
        (1..=1000).for_each(|value| histogram.add(value));
        for (share, exact) in [(0.01, 10.0), (0.5, 500.0), (0.9, 900.0), (1.0, 1000.0)] {
            let found = histogram.quantile(share).expect("values") as f64;
            assert!((found / exact - 1.0).abs() <= 1.0 / 64.0, "{share}: {found}");
        }
        assert_eq!((histogram.mean(), histogram.largest()), (Some(500.5), Some(1000)));
        assert_eq!(LogHistogram::default().quantile(0.5), None);
    }

    #[test]
    fn parts_together_are_the_whole() {
        let (mut whole, mut parts) =
            (LogHistogram::default(), [LogHistogram::default(), LogHistogram::default()]);
        for value in 0..1000_u64 {
            let times = value % 3;
            (0..times).for_each(|_| whole.add(value * value));
            parts[usize::from(value > 300)].add_many(value * value, times);
        }
        let [mut together, other] = parts;
        together.merge(&other);
        assert_eq!(together, whole);
        assert_eq!((whole.least(), LogHistogram::default().least()), (Some(1), None));
    }
}
