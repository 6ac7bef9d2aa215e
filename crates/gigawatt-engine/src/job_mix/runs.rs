//! Run times: a lognormal cut off at the longest, laid on bins.

use super::fit::{FitError, bisect};

/// Bins below the median.
const BELOW: u16 = 96;
/// Bins above the median.
const ABOVE: u16 = 160;

/// Bins of run times with their probabilities.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Runs {
    /// Ends of the bins in seconds, rising from 0 to the longest run.
    pub edges: Vec<f64>,
    /// Probabilities of the bins.
    pub shares: Vec<f64>,
}

/// `Φ(x)`, the probability that a standard normal number is below.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

impl Runs {
    /// The law with a mean and a median, up to a longest run; in seconds.
    pub fn fit(mean: f64, median: f64, max: f64) -> Result<Self, FitError> {
        if mean <= median || median >= max {
            return Err(FitError::Run);
        }
        let step = libm::log(max / median) / f64::from(ABOVE);
        let edge = |number: u16| median * libm::exp(step * (f64::from(number) - f64::from(BELOW)));
        let mut edges = vec![0.0];
        edges.extend((1..BELOW + ABOVE).map(|number| if number == BELOW { median } else { edge(number) }));
        edges.push(max);
        let law = |sigma: f64| -> Option<Self> {
            // What is cut off lies above, so the whole law's median is not below that of what is left.
            let low = libm::log(median);
            let score = |time: f64, mu: f64| normal((libm::log(time) - mu) / sigma);
            let centre = bisect(low, low + 100.0 * sigma * (1.0 + sigma), |mu| {
                0.5 * score(max, mu) - score(median, mu)
            })?;
            let whole = score(max, centre);
            let up_to: Vec<f64> = edges
                .iter()
                .map(|edge| if *edge > 0.0 { score(*edge, centre) / whole } else { 0.0 })
                .collect();
            let shares = up_to.windows(2).map(|ends| (ends[1] - ends[0]).max(0.0)).collect();
            Some(Self { edges: edges.clone(), shares })
        };
        let off = |sigma: f64| law(sigma).map_or(f64::NAN, |law| law.mean() - mean);
        let sigma = bisect(0.01, 12.0, off).ok_or(FitError::Run)?;
        law(sigma).ok_or(FitError::Run)
    }

    /// The mean time of each bin, in seconds.
    pub fn middles(&self) -> impl Iterator<Item = f64> {
        self.edges.windows(2).map(|ends| 0.5 * (ends[0] + ends[1]))
    }

    /// The mean of all, in seconds.
    pub fn mean(&self) -> f64 {
        self.middles().zip(&self.shares).map(|(time, share)| time * share).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_median_are_those_asked_for() {
        for (mean, median, max) in
            [(1414.335, 122.0, 1_209_604.0), (18_006.0, 874.0, 4_240_676.0), (110.0, 100.0, 1e6)]
        {
            let law = Runs::fit(mean, median, max).expect("a law");
            assert!((law.mean() / mean - 1.0).abs() < 1e-9, "{mean}: {}", law.mean());
            let below: f64 = law.shares[..usize::from(BELOW)].iter().sum();
            assert!((below - 0.5).abs() < 1e-9, "{below}");
            assert_eq!((law.edges[usize::from(BELOW)], law.edges[law.edges.len() - 1]), (median, max));
        }
    }

    #[test]
    fn a_lognormal_that_is_hardly_cut_has_the_closed_form() {
        // Mean over median is exp(σ²/2), and a share Φ(1) lies below median × exp(σ).
        let sigma = 0.5_f64;
        let law = Runs::fit(100.0 * (sigma * sigma / 2.0).exp(), 100.0, 1e6).expect("a law");
        let below: f64 = law
            .edges
            .windows(2)
            .zip(&law.shares)
            .map(|(ends, share)| {
                share * ((100.0 * sigma.exp() - ends[0]) / (ends[1] - ends[0])).clamp(0.0, 1.0)
            })
            .sum();
        assert!((below - 0.841_345).abs() < 2e-3, "{below}");
    }

    #[test]
    fn a_mean_that_no_cut_off_lognormal_has_is_refused() {
        assert_eq!(Runs::fit(90.0, 100.0, 1000.0), Err(FitError::Run));
        assert_eq!(Runs::fit(900.0, 100.0, 1000.0), Err(FitError::Run));
    }
}
