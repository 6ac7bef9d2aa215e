//! What stirs the rate around the shape of its day: a few clients that are not one another's copies.
//!
//! The rate in a window of ten minutes, over that of its hour of the day, is lognormal with mean 1 and variance `κ / C`:
//! `C` clients that are independent, each with a squared coefficient of variation `κ`. Its logarithm, of variance
//! `σ² = ln(1 + κ/C)`, remembers:
//!
//! ```text
//! ρ(t) = l + (1 - f - l) exp(-t / τ)      beyond a window; f is gone at once, l lasts for days
//! ```
//!
//! So over a window of length `w` the relative variance of the rate is
//!
//! ```text
//! v(w) = κ/C [f u/w + l + (1 - f - l) g(w) / g(u)],   g(w) = 2 (τ/w)² (w/τ - 1 + exp(-w/τ)),   u = 10 min
//! ```
//!
//! and the index of dispersion of the number of requests `N`, which is 1 for a Poisson process of a known rate,
//! `Var N / E N = 1 + λ w v(w)` (Cox and Lewis 1966, for a process whose rate is itself random). It grows with the rate: a
//! large service is not smooth because it is large, but as far as its clients are many.

use gigawatt_plan::distribution::normal_score;

use super::day::{DayShape, WEEK};

/// The window in which rates were counted, in hours.
pub const WINDOW: f64 = 1.0 / 6.0;

/// How the rate stirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// Squared coefficient of variation of one client's rate in a window.
    pub client_variation: f64,
    /// Clients.
    pub clients: f64,
    /// Part of the variance that is gone by the next window.
    pub fast: f64,
    /// Part of it that lasts for days.
    pub lasting: f64,
    /// Hours in which the rest falls to `1/e`.
    pub persistence: f64,
}

impl Burst {
    /// Squared coefficient of variation of the whole rate in a window.
    pub fn variation(&self) -> f64 {
        self.client_variation / self.clients
    }

    /// Variance of the logarithm of the rate in a window.
    pub fn log_variance(&self) -> f64 {
        libm::log1p(self.variation())
    }

    /// Correlation of the logarithms of the rates of two windows, `hours` apart.
    pub fn correlation(&self, hours: f64) -> f64 {
        if hours < WINDOW {
            return 1.0;
        }
        self.lasting + self.fading() * libm::exp(-hours / self.persistence)
    }

    /// Part of the variance that falls within hours.
    fn fading(&self) -> f64 {
        (1.0 - self.fast - self.lasting).max(0.0)
    }

    /// Variance of the mean rate over a window of so many hours, ten minutes or longer, over its mean squared.
    pub fn relative_variance(&self, hours: f64) -> f64 {
        let averaged = |hours: f64| {
            let x = hours / self.persistence;
            2.0 / (x * x) * (x + libm::expm1(-x))
        };
        let fading = self.fading() * averaged(hours) / averaged(WINDOW);
        self.variation() * (self.fast * WINDOW / hours + self.lasting + fading)
    }

    /// Index of dispersion of the requests that come in so many hours at a mean rate of `per_second`.
    pub fn dispersion(&self, per_second: f64, hours: f64) -> f64 {
        1.0 + per_second * 3600.0 * hours * self.relative_variance(hours)
    }

    /// Variance of the logarithm of the rate that nobody knows `hours` before who sees the rate now.
    pub fn unforeseen(&self, hours: f64) -> f64 {
        let forgotten = -libm::expm1(-2.0 * hours / self.persistence);
        self.log_variance() * (self.fast + self.fading() * forgotten)
    }
}

/// The factor on a mean rate that a lognormal of mean 1 stays below with a probability.
pub fn factor_at(probability: f64, log_variance: f64) -> f64 {
    libm::exp(normal_score(probability) * log_variance.sqrt() - log_variance / 2.0)
}

/// Autocorrelation of hourly rates `lag` whole hours apart, of a shape with what stirs it.
///
/// Shape and stir are independent and both have mean 1, so the covariance of their product is `S B + S + B`.
pub fn hourly_autocorrelation(shape: &DayShape, burst: &Burst, lag: usize) -> f64 {
    let week = shape.week(0.0);
    let covariance = |lag: usize| {
        let products = (0..WEEK).map(|hour| (week[hour] - 1.0) * (week[(hour + lag) % WEEK] - 1.0));
        #[expect(clippy::cast_precision_loss, reason = "hours are few")]
        let (shaped, hours) = (products.sum::<f64>() / WEEK as f64, lag as f64);
        let stirred = match lag {
            0 => burst.relative_variance(1.0),
            _ => burst.variation() * burst.correlation(hours),
        };
        shaped * stirred + shaped + stirred
    };
    covariance(lag) / covariance(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bursts() -> impl Strategy<Value = Burst> {
        (0.1..9.0_f64, 1.0..500.0_f64, 0.05..0.5_f64, 0.0..0.4_f64, 0.5..48.0_f64).prop_map(
            |(client_variation, clients, fast, lasting, persistence)| Burst {
                client_variation,
                clients,
                fast,
                lasting,
                persistence,
            },
        )
    }

    proptest! {
        #[test]
        fn longer_windows_are_smoother_and_counts_in_them_more_dispersed(burst in bursts(), hours in 0.17..24.0_f64) {
            prop_assert!((burst.relative_variance(WINDOW) - burst.variation()).abs() < 1e-9 * burst.variation());
            prop_assert!(burst.relative_variance(2.0 * hours) < burst.relative_variance(hours));
            prop_assert!(burst.dispersion(10.0, 2.0 * hours) >= burst.dispersion(10.0, hours));
        }

        #[test]
        fn twice_the_clients_halve_the_variance(burst in bursts(), hours in 0.17..24.0_f64) {
            let twice = Burst { clients: 2.0 * burst.clients, ..burst };
            let ratio = burst.relative_variance(hours) / twice.relative_variance(hours);
            prop_assert!((ratio - 2.0).abs() < 1e-9);
        }

        #[test]
        fn what_is_far_ahead_is_not_foreseen(burst in bursts()) {
            prop_assert!(burst.unforeseen(0.0) <= burst.unforeseen(1.0));
            let known = burst.log_variance() * burst.lasting;
            prop_assert!((burst.unforeseen(1e6) - burst.log_variance() + known).abs() < 1e-12);
        }
    }

    #[test]
    fn the_variance_over_a_window_is_that_of_the_mean_of_its_parts() {
        // Six windows of ten minutes: the mean of correlated variables, summed pair by pair.
        let burst = Burst { client_variation: 1.1, clients: 20.0, fast: 0.2, lasting: 0.3, persistence: 8.0 };
        let mut sum = 0.0;
        for one in 0..6_i32 {
            for other in 0..6_i32 {
                sum += burst.correlation(WINDOW * f64::from((one - other).abs()));
            }
        }
        let expected = burst.variation() * sum / 36.0;
        assert!((burst.relative_variance(1.0) / expected - 1.0).abs() < 0.01);
    }

    #[test]
    fn the_median_of_a_lognormal_of_mean_one_is_below_it() {
        assert!((factor_at(0.5, 0.09) - libm::exp(-0.045)).abs() < 1e-12);
        assert_eq!(factor_at(0.99, 0.0), 1.0);
    }
}
