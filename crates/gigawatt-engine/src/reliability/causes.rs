//! Why jobs were interrupted: counts by cause against the shares of a calibration.

use super::special::chi_squared_above;

/// Expected counts below this are put together, so that the statistic has its distribution (Cochran 1954).
const LEAST: f64 = 5.0;

/// Pearson's test of counts against shares.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct ChiSquared {
    /// `Σ (observed - expected)² / expected`.
    pub statistic: f64,
    /// Classes less one.
    pub degrees: u32,
    /// The probability of a statistic at least as large where the shares are right.
    pub probability: f64,
}

/// Counts beside the shares that they should have. Shares are scaled to add up to one over the given causes; causes that are expected
/// less than five times are one class. None where nothing was counted or fewer than two classes are left.
pub fn chi_squared(observed_and_share: &[(f64, f64)]) -> Option<ChiSquared> {
    let counted: f64 = observed_and_share.iter().map(|one| one.0).sum();
    let shares: f64 = observed_and_share.iter().map(|one| one.1).sum();
    if !(counted > 0.0 && shares > 0.0) {
        return None;
    }
    let (mut statistic, mut classes, mut rest) = (0.0, 0_u32, (0.0, 0.0));
    let mut add = |observed: f64, expected: f64| {
        statistic += (observed - expected) * (observed - expected) / expected;
        classes += 1;
    };
    for (observed, share) in observed_and_share {
        let expected = counted * share / shares;
        if expected < LEAST {
            rest = (rest.0 + observed, rest.1 + expected);
        } else {
            add(*observed, expected);
        }
    }
    if rest.1 > 0.0 {
        add(rest.0, rest.1);
    } else if rest.0 > 0.0 {
        // What should never happen did.
        return Some(ChiSquared { statistic: f64::INFINITY, degrees: classes, probability: 0.0 });
    }
    let degrees = classes.checked_sub(1).filter(|degrees| *degrees > 0)?;
    Some(ChiSquared { statistic, degrees, probability: chi_squared_above(statistic, degrees) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_die_is_tested_by_hand() {
        let rolls = [5.0, 8.0, 9.0, 8.0, 10.0, 20.0].map(|count| (count, 1.0));
        let test = chi_squared(&rolls).unwrap();
        // Expected 10 each: (25 + 4 + 1 + 4 + 0 + 100) / 10.
        assert!((test.statistic - 13.4).abs() < 1e-12);
        assert_eq!(test.degrees, 5);
        assert!((test.probability - 0.0199).abs() < 1e-4, "{}", test.probability);
    }

    #[test]
    fn rare_causes_are_one_class() {
        let counts = [(60.0, 0.6), (38.0, 0.38), (1.0, 0.01), (1.0, 0.01)];
        let test = chi_squared(&counts).unwrap();
        assert_eq!((test.statistic, test.degrees, test.probability), (0.0, 2, 1.0));
        assert!(chi_squared(&[(0.0, 1.0)]).is_none() && chi_squared(&[(3.0, 1.0)]).is_none());
        assert_eq!(chi_squared(&[(50.0, 1.0), (1.0, 0.0)]).unwrap().probability, 0.0);
    }
}
