//! Accelerators of a cluster by what a meter shows of each: a mixture of states.
//!
//! An accelerator is idle, holds a job and waits, works at its limit, or was metered while it did both, which is even
//! between waiting and the limit. Idle and waiting power are lognormal over accelerators, that at the limit is normal:
//!
//! ```text
//! F(p) = a Φ(ln(p / idle) / σ_i) + b Φ(ln(p / waiting) / σ_w) + c Φ((p - top) / σ_l) + (1 - a - b - c) U(p; waiting, top)
//! ```

use super::AcceleratorPower;
use crate::power::PowerCoefficients;

/// Parts of the accelerator-time of a cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// Without a job.
    pub idle: f64,
    /// With one that waits.
    pub waiting: f64,
    /// At the limit.
    pub at_limit: f64,
}

impl Mixture {
    /// Between waiting and the limit.
    pub fn between(&self) -> f64 {
        1.0 - self.idle - self.waiting - self.at_limit
    }

    /// The mixture with so many times the work, at the limit and below, as there can be.
    #[must_use]
    pub fn with_work(&self, times: f64) -> Self {
        let work = 1.0 - self.idle - self.waiting;
        let times = if work > 0.0 { times.clamp(0.0, 1.0 / work) } else { 1.0 };
        let rest = if work < 1.0 { (1.0 - work * times) / (1.0 - work) } else { 1.0 };
        Self { idle: self.idle * rest, waiting: self.waiting * rest, at_limit: self.at_limit * times }
    }
}

/// The power of the accelerators of a cluster, in W.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    mixture: Mixture,
    idle: f64,
    waiting: f64,
    top: f64,
    /// Spreads: of logarithms of idle and waiting power, and at the limit in W.
    spreads: [f64; 3],
}

/// Halvings of the interval in which a quantile lies.
const HALVINGS: u32 = 60;

impl Population {
    /// Accelerators of one kind in a mixture of states.
    pub fn new(accelerator: &AcceleratorPower, mixture: Mixture, with: &PowerCoefficients) -> Self {
        Self {
            mixture,
            idle: accelerator.idle,
            waiting: accelerator.waiting,
            top: with.at_limit * accelerator.limit,
            spreads: [with.idle_spread, with.waiting_spread, with.limit_spread * accelerator.limit],
        }
    }

    /// The part of the accelerators that draw no more than a power.
    pub fn below(&self, power: f64) -> f64 {
        if power <= 0.0 {
            return 0.0;
        }
        let logarithm = |level: f64, spread: f64| normal(libm::log(power / level) / spread);
        let between = ((power - self.waiting) / (self.top - self.waiting)).clamp(0.0, 1.0);
        let of = &self.mixture;
        of.idle * logarithm(self.idle, self.spreads[0])
            + of.waiting * logarithm(self.waiting, self.spreads[1])
            + of.at_limit * normal((power - self.top) / self.spreads[2])
            + of.between() * between
    }

    /// The power that a part of the accelerators does not exceed.
    pub fn quantile(&self, part: f64) -> f64 {
        let (mut low, mut high) = (0.0, 2.0 * self.top);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.below(middle) < part { low = middle } else { high = middle }
        }
        high
    }

    /// Mean power of an accelerator.
    pub fn mean(&self) -> f64 {
        let of = &self.mixture;
        let lognormal = |level: f64, spread: f64| level * libm::exp(0.5 * spread * spread);
        of.idle * lognormal(self.idle, self.spreads[0])
            + of.waiting * lognormal(self.waiting, self.spreads[1])
            + of.at_limit * self.top
            + of.between() * 0.5 * (self.waiting + self.top)
    }

    /// The population of the same mixture but for how much of the time is work, so that its mean is given.
    #[must_use]
    pub fn with_mean(&self, mean: f64) -> Self {
        let of = |times: f64| Self { mixture: self.mixture.with_work(times), ..*self };
        let work = 1.0 - self.mixture.idle - self.mixture.waiting;
        let (mut low, mut high) = (0.0, 1.0 / work.max(f64::MIN_POSITIVE));
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if of(middle).mean() < mean { low = middle } else { high = middle }
        }
        of(0.5 * (low + high))
    }
}

/// The distribution function of the standard normal law.
fn normal(value: f64) -> f64 {
    0.5 * libm::erfc(-value / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn population() -> Population {
        let with = PowerCoefficients::embedded().unwrap();
        let mixture = Mixture { idle: 0.3, waiting: 0.3, at_limit: 0.25 };
        Population::new(&AcceleratorPower::of_limit(400.0, &with), mixture, &with)
    }

    #[test]
    fn quantiles_undo_the_distribution_and_its_integral_is_the_mean() {
        let of = population();
        for part in [0.05, 0.3, 0.5, 0.62, 0.9, 0.99] {
            assert!((of.below(of.quantile(part)) - part).abs() < 1e-9);
        }
        let steps = 200_000;
        let integral: f64 =
            (0..steps).map(|step| 1.0 - of.below((f64::from(step) + 0.5) * 0.004)).sum::<f64>() * 0.004;
        assert!((integral - of.mean()).abs() < 1e-3, "{integral} {}", of.mean());
    }

    #[test]
    fn more_work_raises_the_mean_to_what_is_asked() {
        let of = population();
        assert!((of.with_mean(250.0).mean() - 250.0).abs() < 1e-6);
        assert!((of.with_mean(of.mean()).mean() - of.mean()).abs() < 1e-6);
        let whole = of.mixture.with_work(1.0);
        assert!((whole.idle - 0.3).abs() < 1e-12 && (whole.between() - 0.15).abs() < 1e-12);
    }
}
