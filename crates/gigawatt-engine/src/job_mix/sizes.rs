//! Sizes of jobs: powers of two by a truncated power law.

use super::fit::{FitError, bisect};

/// By how much a share has to be clear of one half for a median to be where it is published. Some clusters' means need
/// more large jobs than the law has with their median; these lie on this edge. An assumption: papers that print
/// distributions have 0.5 to 0.9 of jobs on one accelerator.
const CLEAR: f64 = 0.02;

/// Sizes with their probabilities.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sizes {
    /// Accelerators, rising.
    pub sizes: Vec<f64>,
    /// Their probabilities.
    pub shares: Vec<f64>,
}

impl Sizes {
    /// The law with a mean and a median, up to a largest size.
    pub fn fit(mean: f64, median: f64, max: f64) -> Result<Self, FitError> {
        let exponent = libm::log2(median);
        if exponent != exponent.round() || median > max {
            return Err(FitError::MedianSize);
        }
        // Nothing is known below a median of half an accelerator: it is the smallest size.
        let mut sizes = vec![median.min(1.0)];
        while let Some(last) = sizes.last().copied().filter(|last| *last < max) {
            sizes.push((2.0 * last).min(max));
        }
        let law = |ratio: f64| Self { shares: shares(&sizes, median, ratio), sizes: sizes.clone() };
        let (low, high) = (libm::log(1e-6), libm::log(1e6));
        let ratio =
            bisect(low, high, |ratio| law(libm::exp(ratio)).mean() - mean).ok_or(FitError::MeanSize)?;
        Ok(law(libm::exp(ratio)))
    }

    /// Their mean.
    pub fn mean(&self) -> f64 {
        self.sizes.iter().zip(&self.shares).map(|(size, share)| size * share).sum()
    }
}

/// Probabilities of the law with a ratio: `r^k` below, at and above the median, where it is the median.
fn shares(sizes: &[f64], median: f64, ratio: f64) -> Vec<f64> {
    let mut shares = Vec::with_capacity(sizes.len());
    let mut share = 1.0;
    for _ in sizes {
        shares.push(share);
        share *= ratio;
    }
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= total);
    let at = sizes.iter().position(|size| *size >= median).unwrap_or(0);
    let (below, up_to): (f64, f64) = (shares[..at].iter().sum(), shares[..=at].iter().sum());
    // With one size alone nothing can be above it.
    let most = if at + 1 == sizes.len() { 1.0 } else { up_to.max(0.5 + CLEAR) };
    let least = below.min(0.5 - CLEAR);
    let above: f64 = shares[at + 1..].iter().sum();
    let scale = |part: &mut [f64], from: f64, to: f64| {
        if from > 0.0 {
            part.iter_mut().for_each(|share| *share *= to / from);
        }
    };
    scale(&mut shares[..at], below, least);
    scale(&mut shares[at + 1..], above, 1.0 - most);
    shares[at] = most - least;
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_median_and_largest_are_those_asked_for() {
        for (mean, median, max) in
            [(1.928, 1.0, 128.0), (26.77, 1.0, 1024.0), (0.683, 0.5, 8.0), (9.0, 4.0, 96.0)]
        {
            let law = Sizes::fit(mean, median, max).expect("a law");
            assert!((law.mean() / mean - 1.0).abs() < 1e-9, "{mean}: {}", law.mean());
            assert!((law.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let up_to = |size: f64| -> f64 {
                law.sizes
                    .iter()
                    .zip(&law.shares)
                    .filter(|(one, _)| **one <= size)
                    .map(|(_, share)| share)
                    .sum()
            };
            assert!(up_to(median) >= 0.5 + CLEAR - 1e-12 && up_to(median / 2.0) < 0.5, "{mean}");
            assert_eq!(law.sizes.last(), Some(&max));
        }
    }

    #[test]
    fn figures_that_contradict_one_another_are_refused() {
        assert_eq!(Sizes::fit(3.0, 3.0, 8.0), Err(FitError::MedianSize));
        assert_eq!(Sizes::fit(9.0, 1.0, 8.0), Err(FitError::MeanSize));
        assert_eq!(Sizes::fit(2.0, 16.0, 8.0), Err(FitError::MedianSize));
    }
}
