//! Servers that fail more often than others.
//!
//! The rate of a server is its mean times a gamma variate of shape `k` and mean 1: few *lemon* servers have much of all failures where `k` is
//! small, and all are alike where it is large. The number of failures of one server is negative binomial with the same shape; that of a
//! job on many servers is nearly Poisson, because its rate is a sum.

use super::special::{gamma_below_above, gamma_quantile};

/// The share of all failures that the worst servers have, `share` of all servers being the worst.
///
/// With `q` the rate that so many exceed, `P(k, k q) = 1 - share`, their part of the mean is `Q(k + 1, k q)`.
pub fn worst_part(shape: f64, share: f64) -> f64 {
    if share <= 0.0 {
        return 0.0;
    }
    if share >= 1.0 {
        return 1.0;
    }
    gamma_below_above(shape + 1.0, gamma_quantile(shape, 1.0 - share)).1
}

/// The shape that a coefficient of variation between servers means: `k = 1 / variation²`.
pub fn shape_of(variation: f64) -> f64 {
    1.0 / (variation * variation)
}

/// The variation that a job's rate has where its servers are a random choice: that between servers over the root of their number.
pub fn variation_of_job(variation: f64, servers: f64) -> f64 {
    variation / servers.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_rates_have_a_known_lorenz_curve() {
        // Shape 1: the worst p have p (1 - ln p) of all.
        for share in [0.01, 0.1, 0.5] {
            let expected = share * (1.0 - libm::log(share));
            assert!((worst_part(1.0, share) - expected).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn servers_that_are_alike_fail_alike() {
        assert!((worst_part(1e4, 0.1) - 0.1).abs() < 0.002);
        assert!(worst_part(0.2, 0.1) > worst_part(1.0, 0.1) && worst_part(1.0, 0.1) > worst_part(5.0, 0.1));
        assert_eq!((worst_part(1.0, 0.0), worst_part(1.0, 1.0)), (0.0, 1.0));
        assert_eq!(variation_of_job(1.0, 2048.0 * 2048.0), 1.0 / 2048.0);
        assert_eq!(shape_of(0.5), 4.0);
    }
}
