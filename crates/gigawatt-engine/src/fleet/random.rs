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

    /// The generator itself, for whoever makes something else of its bits.
    pub fn generator(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn purposes_have_streams_of_their_own() {
        let first = |purpose, component| Stream::new(7, purpose, component).generator().next_u64();
        assert_eq!(first("failures", "a"), first("failures", "a"));
        assert_ne!(first("failures", "a"), first("repairs", "a"));
        assert_ne!(first("failures", "ab"), first("failuresa", "b"));
    }
}
