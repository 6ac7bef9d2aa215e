//! Random numbers of a history: one stream for each component and purpose, so that another workload or another
//! pool does not move what befalls the others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a purpose, such as `"failures"`, for one component of a history.
    pub fn new(seed: u64, purpose: &str, component: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        for part in [purpose, component] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// Uniform in `(0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform among the whole numbers below `count`, which is not zero: the high word of a product (Lemire 2019),
    /// whose bias of less than `count / 2^64` no history is long enough to show.
    pub fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(count)) >> 64) as u64
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Normal with mean 0 and variance 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * libm::cos(core::f64::consts::TAU * self.uniform())
    }

    /// Gamma distributed with a mean, and a variation (variance over the square of the mean) of more than 0, by Marsaglia and Tsang
    /// (2000, *A simple method for generating gamma variables*): `d (1 + x / sqrt(9 d))³` with a normal `x`, accepted as their equation 3
    /// has it; shapes below 1 from one more and a uniform number.
    pub fn gamma(&mut self, mean: f64, variation: f64) -> f64 {
        let shape = 1.0 / variation;
        let (above, less) = if shape < 1.0 { (shape + 1.0, true) } else { (shape, false) };
        let d = above - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let drawn = loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            if libm::log(self.uniform()) < 0.5 * x * x + d * (1.0 - cube + libm::log(cube)) {
                break d * cube;
            }
        };
        let drawn = if less { drawn * libm::pow(self.uniform(), 1.0 / shape) } else { drawn };
        drawn * mean * variation
    }

    /// The generator itself, for whoever makes something else of its bits.
    pub fn generator(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::special::gamma_quantile;

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::new(1, "test", "moments");
        let count = 200_000;
        let mean =
            |mut draw: Box<dyn FnMut() -> f64>| (0..count).map(|_| draw()).sum::<f64>() / f64::from(count);
        // Six standard errors of the mean.
        let within = |deviation: f64| 6.0 * deviation / f64::from(count).sqrt();
        let mut other = stream.clone();
        assert!((mean(Box::new(move || stream.exponential())) - 1.0).abs() < within(1.0));
        let mut third = other.clone();
        assert!(mean(Box::new(move || other.normal())).abs() < within(1.0));
        assert!((mean(Box::new(move || third.below(10) as f64)) - 4.5).abs() < within(2.87));
    }

    #[test]
    fn gamma_has_its_mean_its_variance_and_its_quantiles() {
        let mut stream = Stream::new(2, "test", "gamma");
        let count = 200_000;
        for (mean, variation) in [(3.0, 0.2), (24.0, 1.0), (1.5, 4.0)] {
            let drawn: Vec<f64> = (0..count).map(|_| stream.gamma(mean, variation)).collect();
            let average = drawn.iter().sum::<f64>() / f64::from(count);
            let deviation = mean * f64::sqrt(variation);
            assert!(
                (average - mean).abs() < 6.0 * deviation / f64::from(count).sqrt(),
                "{average} of {mean}"
            );
            let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(count);
            assert!((variance / (deviation * deviation) - 1.0).abs() < 0.05, "{variance}");
            let median = gamma_quantile(1.0 / variation, 0.5) * mean * variation;
            let below = drawn.iter().filter(|x| **x < median).count() as f64 / f64::from(count);
            assert!((below - 0.5).abs() < 6.0 * 0.5 / f64::from(count).sqrt(), "{below}");
        }
    }

    #[test]
    fn purposes_have_streams_of_their_own() {
        let first = |purpose, component| Stream::new(7, purpose, component).generator().next_u64();
        assert_eq!(first("failures", "a"), first("failures", "a"));
        assert_ne!(first("failures", "a"), first("repairs", "a"));
        assert_ne!(first("failures", "ab"), first("failuresa", "b"));
    }
}
