//! Whole numbers that divide another.

/// The nearest legal values of a number, below and above the one that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The greatest legal value below.
    pub below: Option<u64>,
    /// The least legal value above.
    pub above: Option<u64>,
}

impl Nearest {
    /// The one to try first: that below, which asks for less of what is short.
    pub fn first(&self) -> Option<u64> {
        self.below.or(self.above)
    }

    /// In words: `4 or 8`.
    pub fn words(&self) -> Option<String> {
        match (self.below, self.above) {
            (Some(below), Some(above)) => Some(format!("{below} or {above}")),
            (Some(one), None) | (None, Some(one)) => Some(one.to_string()),
            (None, None) => None,
        }
    }

    /// Among `legal` values around `wrong`.
    pub(super) fn among(wrong: u64, legal: impl IntoIterator<Item = u64>) -> Self {
        let mut nearest = Self { below: None, above: None };
        for value in legal {
            if value < wrong {
                nearest.below = nearest.below.max(Some(value));
            } else if value > wrong {
                nearest.above = Some(nearest.above.map_or(value, |above| above.min(value)));
            }
        }
        nearest
    }

    /// Among the multiples of `unit`, from one times it on.
    pub(super) fn multiple(wrong: u64, unit: u64) -> Self {
        let Some(times) = wrong.checked_div(unit) else { return Self { below: None, above: None } };
        Self {
            below: Some(times.saturating_mul(unit)).filter(|below| *below > 0 && *below < wrong),
            above: times.checked_add(1).and_then(|times| times.checked_mul(unit)),
        }
    }
}

/// Factors are looked for up to here; what they leave of a number counts as a divisor with its partner.
const MOST: u64 = 1 << 20;

/// The divisors of a number, not in order.
pub(in crate::training) fn divisors(number: u64) -> Vec<u64> {
    let mut all = Vec::new();
    let mut small = 1;
    while small <= MOST && small.saturating_mul(small) <= number {
        if number.is_multiple_of(small) {
            all.push(small);
            if small != number / small {
                all.push(number / small);
            }
        }
        small += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_are_found_with_their_partners() {
        let mut all = divisors(36);
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4, 6, 9, 12, 18, 36]);
        assert!(divisors(0).is_empty());
    }

    #[test]
    fn the_nearest_are_on_both_sides() {
        assert_eq!(Nearest::among(5, divisors(64)), Nearest { below: Some(4), above: Some(8) });
        assert_eq!(Nearest::multiple(100, 64), Nearest { below: Some(64), above: Some(128) });
        assert_eq!(Nearest::multiple(10, 64), Nearest { below: None, above: Some(64) });
        assert_eq!(Nearest::multiple(10, 0), Nearest { below: None, above: None });
    }
}
