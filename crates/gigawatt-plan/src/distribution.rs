//! What is known of an uncertain value.

use serde::{Deserialize, Serialize};

/// The 90 % quantile of the standard normal distribution.
const Z90: f64 = 1.281_551_565_544_600_4;

/// A distribution over one number, in base units. Every value of the type is well ordered and finite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Known exactly.
    Constant(f64),
    /// A triangle between its ends.
    Triangle {
        /// Lower end.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Upper end.
        high: f64,
    },
    /// The three-parameter lognormal through three quantiles; see [`Distribution::at_normal`].
    Quantiles {
        /// Exceeded nine times in ten.
        p10: f64,
        /// The median.
        p50: f64,
        /// Exceeded once in ten.
        p90: f64,
    },
}

impl Distribution {
    /// A triangle; a constant where the ends coincide.
    ///
    /// # Errors
    /// Says what is out of order.
    pub fn triangle(low: f64, mode: f64, high: f64) -> Result<Self, String> {
        if !(low <= mode && mode <= high) {
            return Err("low, mode and high are not in rising order".to_owned());
        }
        Ok(if low == high { Self::Constant(mode) } else { Self::Triangle { low, mode, high } })
    }

    /// The curve through three quantiles; a constant where they coincide.
    ///
    /// # Errors
    /// Says what is out of order.
    pub fn quantiles(p10: f64, p50: f64, p90: f64) -> Result<Self, String> {
        if p10 == p50 && p50 == p90 {
            return Ok(Self::Constant(p50));
        }
        if !(p10 < p50 && p50 < p90) {
            return Err("p10, p50 and p90 are not in rising order".to_owned());
        }
        Ok(Self::Quantiles { p10, p50, p90 })
    }

    /// Whether it has more than one value.
    pub fn is_uncertain(self) -> bool {
        !matches!(self, Self::Constant(_))
    }

    /// The value of the reference case: the mode of a triangle, the median of a curve.
    pub fn reference(self) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Triangle { mode, .. } => mode,
            Self::Quantiles { p50, .. } => p50,
        }
    }

    /// Lower and upper end of the plausible range: a triangle's ends, a curve's p10 and p90.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Constant(value) => (value, value),
            Self::Triangle { low, high, .. } => (low, high),
            Self::Quantiles { p10, p90, .. } => (p10, p90),
        }
    }

    /// The triangle's value at cumulative probability `u` in `0..1`; the reference of any other shape.
    ///
    /// Inverse of the triangular distribution function: `low + √(u (high-low) (mode-low))` below the mode,
    /// `high - √((1-u) (high-low) (high-mode))` above it.
    pub fn at_probability(self, u: f64) -> f64 {
        match self {
            Self::Triangle { low, mode, high } => {
                let width = high - low;
                if u * width < mode - low {
                    low + (u * width * (mode - low)).sqrt()
                } else {
                    high - ((1.0 - u) * width * (high - mode)).sqrt()
                }
            }
            other => other.reference(),
        }
    }

    /// The curve's value at the standard normal deviate `z`; the reference of any other shape.
    ///
    /// `x(z) = p50 + (p90 - p50) (e^{σz} - 1) / (e^{σ z90} - 1)` with `σ = ln((p90 - p50) / (p50 - p10)) / z90`
    /// passes through all three quantiles; it is the normal distribution where they are symmetric (σ = 0) and
    /// the lognormal where `p50² = p10 p90`. `exp` and `ln` are handed in so that every platform gives the
    /// same bytes.
    pub fn at_normal(self, z: f64, exp: impl Fn(f64) -> f64, ln: impl Fn(f64) -> f64) -> f64 {
        match self {
            Self::Quantiles { p10, p50, p90 } => {
                let sigma = ln((p90 - p50) / (p50 - p10)) / Z90;
                if sigma.abs() < 1e-6 {
                    p50 + (p90 - p50) * z / Z90
                } else {
                    p50 + (p90 - p50) * (exp(sigma * z) - 1.0) / (exp(sigma * Z90) - 1.0)
                }
            }
            other => other.reference(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(distribution: Distribution, z: f64) -> f64 {
        distribution.at_normal(z, f64::exp, f64::ln)
    }

    #[test]
    fn a_curve_passes_through_its_quantiles() {
        for (p10, p50, p90) in [(1.0, 2.0, 3.0), (1.0, 2.0, 4.0), (-5.0, 2.0, 3.0), (10.0, 11.0, 40.0)] {
            let curve = Distribution::quantiles(p10, p50, p90).expect("ordered");
            for (z, expected) in [(-Z90, p10), (0.0, p50), (Z90, p90)] {
                assert!((normal(curve, z) - expected).abs() < 1e-9, "{p10} {p50} {p90} at {z}");
            }
        }
    }

    #[test]
    fn a_geometric_curve_is_the_lognormal() {
        let curve = Distribution::quantiles(1.0, 2.0, 4.0).expect("ordered");
        let sigma = std::f64::consts::LN_2 / Z90;
        for z in [-3.0, -0.5, 1.0, 2.5] {
            assert!((normal(curve, z) - 2.0 * (sigma * z).exp()).abs() < 1e-9);
        }
    }

    proptest! {
        #[test]
        fn a_triangle_inverts_its_distribution_function(low in -1e3..1e3_f64, a in 0.0..1e3_f64, b in 1e-3..1e3_f64, u in 0.0..1.0_f64) {
            let (mode, high) = (low + a, low + a + b);
            let triangle = Distribution::triangle(low, mode, high).expect("ordered");
            let x = triangle.at_probability(u);
            let cumulative = if x <= mode {
                if a == 0.0 { 0.0 } else { (x - low).powi(2) / ((high - low) * (mode - low)) }
            } else {
                1.0 - (high - x).powi(2) / ((high - low) * (high - mode))
            };
            prop_assert!((low..=high).contains(&x));
            prop_assert!((cumulative - u).abs() < 1e-6);
        }
    }
}
