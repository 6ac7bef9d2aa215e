//! How often a job is interrupted, and how many interruptions a stretch of time may bring.

use super::special::{beta_below, gamma_below_above, student_quantile};

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

/// A number that is known within a range.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Ranged {
    /// Best guess.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Ranged {
    /// A number without doubt.
    pub fn certain(value: f64) -> Self {
        Self { value, low: value, high: value }
    }

    /// Every number of it through a function that rises.
    pub fn map(self, rising: impl Fn(f64) -> f64) -> Self {
        Self { value: rising(self.value), low: rising(self.low), high: rising(self.high) }
    }
}

/// What interrupts a job, per second.
///
/// Failures of independent parts superpose: `λ = servers × rate of a server + rate of the software`. The second term does not depend
/// on the size of the job: on RSC-1 the servers of a job of 1,024 GPUs fail every 28.8 h and it was interrupted every 7.9 h
/// (arXiv 2410.21680), the difference being one in 10.9 h.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interruptions {
    /// From servers.
    pub hardware: f64,
    /// From the job itself, whatever its size.
    pub software: f64,
}

impl Interruptions {
    /// Of a job on so many servers.
    pub fn of(servers: f64, server_rate: f64, software: f64) -> Self {
        Self { hardware: servers * server_rate, software }
    }

    /// All of them.
    pub fn rate(self) -> f64 {
        self.hardware + self.software
    }

    /// Mean seconds between two; infinite where nothing fails.
    pub fn mean_time(self) -> f64 {
        1.0 / self.rate()
    }
}

/// Rates of other clusters as a prediction for one that is not among them.
///
/// Logarithms of rates are taken as draws of one normal distribution with unknown mean and spread, so that the next lies within
/// `mean ± t(n-1, 0.9) s √(1 + 1/n)` in four of five cases, `s` being the standard deviation of the `n` known ones. None of fewer
/// than two positive rates.
pub fn next_cluster(rates: &[f64]) -> Option<Ranged> {
    let logarithms: Vec<f64> =
        rates.iter().filter(|rate| **rate > 0.0).map(|rate| libm::log(*rate)).collect();
    predicted(&logarithms).map(|range| range.map(libm::exp))
}

/// The same for shares strictly between nothing and one, on the logit.
pub fn next_share(shares: &[f64]) -> Option<Ranged> {
    let inside = shares.iter().filter(|share| **share > 0.0 && **share < 1.0);
    let logits: Vec<f64> = inside.map(|share| libm::log(share / (1.0 - share))).collect();
    predicted(&logits).map(|range| range.map(|logit| 1.0 / (1.0 + libm::exp(-logit))))
}

fn predicted(values: &[f64]) -> Option<Ranged> {
    let degrees = u32::try_from(values.len()).ok()?.checked_sub(1).filter(|degrees| *degrees > 0)?;
    let n = f64::from(degrees) + 1.0;
    let mean = values.iter().sum::<f64>() / n;
    let variance =
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / f64::from(degrees);
    let half = student_quantile(degrees, 0.9) * (variance * (1.0 + 1.0 / n)).sqrt();
    Some(Ranged { value: mean, low: mean - half, high: mean + half })
}

/// Number of events whose mean is itself uncertain: a Poisson number whose rate is a gamma variate with a coefficient of variation
/// `spread`, hence a negative binomial one with shape `k = 1 / spread²` and `P(X ≤ x) = I_p(k, x + 1)`, `p = k / (k + mean)`. Without
/// spread `P(X ≤ x) = Q(x + 1, mean)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    /// Expected number.
    pub mean: f64,
    /// Standard deviation of the rate over the rate.
    pub spread: f64,
}

/// Halvings of a bracket of whole numbers below 2^53.
const WHOLE: f64 = 9_007_199_254_740_992.0;

impl Count {
    /// Its variance, `mean + (spread × mean)²`.
    pub fn variance(self) -> f64 {
        self.mean + (self.spread * self.mean) * (self.spread * self.mean)
    }

    /// The probability of at most `x` events.
    pub fn at_most(self, x: f64) -> f64 {
        if self.mean <= 0.0 {
            return 1.0;
        }
        let x = x.floor();
        if x < 0.0 {
            return 0.0;
        }
        if self.spread <= 0.0 {
            return gamma_below_above(x + 1.0, self.mean).1;
        }
        let shape = 1.0 / (self.spread * self.spread);
        beta_below(shape, x + 1.0, shape / (shape + self.mean))
    }

    /// The least number that is not exceeded with a probability, below 2^53.
    pub fn quantile(self, probability: f64) -> f64 {
        if self.at_most(0.0) >= probability {
            return 0.0;
        }
        let mut high = self.mean.max(1.0).floor();
        while self.at_most(high) < probability && high < WHOLE {
            high *= 2.0;
        }
        let mut low = 0.0;
        while high - low > 1.0 {
            let middle = f64::midpoint(low, high).floor();
            if self.at_most(middle) < probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// Expected number and the range from p10 to p90.
    pub fn range(self) -> Ranged {
        Ranged { value: self.mean, low: self.quantile(0.1), high: self.quantile(0.9) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 6.50 failures in 1,000 server-days.
    const RSC_1: f64 = 6.5e-3 / DAY;

    #[test]
    fn projections_of_rsc_1_follow_from_its_servers_alone() {
        let hours =
            |accelerators: f64| Interruptions::of(accelerators / 8.0, RSC_1, 0.0).mean_time() / 3600.0;
        assert!((hours(16_384.0) - 1.803).abs() < 5e-4);
        assert!((hours(131_072.0) - 0.2254).abs() < 5e-5);
        assert!((hours(1024.0) - 28.85).abs() < 5e-3);
        let software = 1.0 / (10.88 * 3600.0);
        let small = Interruptions::of(128.0, RSC_1, software).mean_time() / 3600.0;
        assert!((small - 7.9).abs() < 0.005, "{small}");
    }

    #[test]
    fn poisson_numbers_add_up() {
        let count = Count { mean: 2.0, spread: 0.0 };
        // e^-2 (1 + 2 + 2) = 0.6767.
        assert!((count.at_most(2.0) - 5.0 * libm::exp(-2.0)).abs() < 1e-12);
        assert_eq!(count.quantile(0.6), 2.0);
        assert_eq!(count.quantile(0.1), 0.0);
    }

    #[test]
    fn a_mixed_number_is_negative_binomial() {
        // Shape 1 is geometric with p = 1 / (1 + mean): P(X <= x) = 1 - (1 - p)^(x + 1).
        let count = Count { mean: 4.0, spread: 1.0 };
        for x in [0.0, 1.0, 7.0] {
            assert!((count.at_most(x) - (1.0 - libm::pow(0.8, x + 1.0))).abs() < 1e-12, "{x}");
        }
        let variance = Count { mean: 419.0, spread: 0.1 }.variance();
        assert!((variance - (419.0 + 41.9 * 41.9)).abs() < 1e-9);
    }

    #[test]
    fn the_range_of_many_is_that_of_a_normal_number() {
        let range = Count { mean: 1e6, spread: 0.0 }.range();
        assert!(
            (range.low - (1e6 - 1281.6)).abs() < 3.0 && (range.high - (1e6 + 1281.6)).abs() < 3.0,
            "{range:?}"
        );
    }

    #[test]
    fn the_next_cluster_is_as_wide_as_two_allow() {
        // Of 1 and e: mean 1/2, deviation √½, t 3.0777: half width 3.0777 × √½ × √1.5 = 2.6654.
        let next = next_cluster(&[1.0, std::f64::consts::E]).unwrap();
        assert!((libm::log(next.value) - 0.5).abs() < 1e-12);
        assert!((libm::log(next.high) - 0.5 - 2.6654).abs() < 1e-4);
        assert!(next_cluster(&[1.0]).is_none() && next_cluster(&[1.0, -1.0]).is_none());
        let share = next_share(&[0.2, 0.8]).unwrap();
        assert!((share.value - 0.5).abs() < 1e-12 && share.low > 0.0 && share.high < 1.0);
    }
}
