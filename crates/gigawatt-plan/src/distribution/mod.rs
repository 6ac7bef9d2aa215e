//! What is known of an uncertain value.

mod normal;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use normal::Truncation;
pub use normal::{Z90, normal_probability, normal_score};

/// A distribution over one number, in base units, laid out in JSON as it is written in scenarios. Every value
/// of the type is well ordered and finite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Distribution {
    /// Known exactly.
    Constant {
        /// Its value.
        value: f64,
    },
    /// A triangle between its ends.
    Triangle {
        /// Lower end.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Upper end.
        high: f64,
    },
    /// The three-parameter lognormal through three quantiles; see [`Distribution::at_score`].
    Quantiles {
        /// Exceeded nine times in ten.
        p10: f64,
        /// The median.
        p50: f64,
        /// Exceeded once in ten.
        p90: f64,
    },
    /// As likely anywhere between its ends.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// A normal distribution, cut off at its ends where it has any.
    Normal {
        /// Its mean before it is cut off.
        mean: f64,
        /// Its standard deviation before it is cut off.
        sd: f64,
        /// Nothing is below it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        low: Option<f64>,
        /// Nothing is above it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        high: Option<f64>,
    },
    /// A lognormal distribution, four times in five within a factor of its median, cut off at its ends where it
    /// has any.
    Lognormal {
        /// Its median before it is cut off, above zero.
        median: f64,
        /// p90 over the median and the median over p10, before it is cut off; above one.
        factor: f64,
        /// Nothing is below it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        low: Option<f64>,
        /// Nothing is above it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        high: Option<f64>,
    },
}

/// Why numbers make no distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DistributionError {
    /// Ends, a mode or quantiles.
    #[error("the values are not in rising order")]
    NotRising,
    /// A standard deviation.
    #[error("the standard deviation is not above zero")]
    DeviationNotPositive,
    /// The median of a lognormal.
    #[error("the median of a lognormal is not above zero")]
    MedianNotPositive,
    /// The factor of a lognormal.
    #[error("the factor is not above 1 or too large")]
    FactorOutOfRange,
    /// The ends cut nearly everything off.
    #[error("nothing of the distribution is left between its ends")]
    NothingLeft,
}

/// The largest factor between a lognormal's median and its p90.
pub const MAX_FACTOR: f64 = 1000.0;

/// What has to be left of a distribution that is cut off: less is a mistake in a unit or a digit.
const LEAST_MASS: f64 = 1e-6;

impl Distribution {
    /// A triangle; a constant where the ends coincide.
    ///
    /// # Errors
    /// [`DistributionError::NotRising`].
    pub fn triangle(low: f64, mode: f64, high: f64) -> Result<Self, DistributionError> {
        if !(low <= mode && mode <= high) {
            return Err(DistributionError::NotRising);
        }
        Ok(if low == high { Self::Constant { value: mode } } else { Self::Triangle { low, mode, high } })
    }

    /// The curve through three quantiles; a constant where they coincide.
    ///
    /// # Errors
    /// [`DistributionError::NotRising`].
    pub fn quantiles(p10: f64, p50: f64, p90: f64) -> Result<Self, DistributionError> {
        if p10 == p50 && p50 == p90 {
            return Ok(Self::Constant { value: p50 });
        }
        if !(p10 < p50 && p50 < p90) {
            return Err(DistributionError::NotRising);
        }
        Ok(Self::Quantiles { p10, p50, p90 })
    }

    /// As likely anywhere between two ends; a constant where they coincide.
    ///
    /// # Errors
    /// [`DistributionError::NotRising`].
    pub fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        match low.partial_cmp(&high) {
            Some(std::cmp::Ordering::Less) => Ok(Self::Uniform { low, high }),
            Some(std::cmp::Ordering::Equal) => Ok(Self::Constant { value: low }),
            _ => Err(DistributionError::NotRising),
        }
    }

    /// A normal distribution, cut off at the ends that are given.
    ///
    /// # Errors
    /// The standard deviation is not positive, the ends are not in rising order or leave nothing.
    pub fn normal(
        mean: f64,
        sd: f64,
        low: Option<f64>,
        high: Option<f64>,
    ) -> Result<Self, DistributionError> {
        if sd.is_nan() || sd <= 0.0 {
            return Err(DistributionError::DeviationNotPositive);
        }
        Self::Normal { mean, sd, low, high }.checked_ends(low, high)
    }

    /// A lognormal distribution, cut off at the ends that are given.
    ///
    /// # Errors
    /// The median is not positive, the factor not above one, the ends are not in rising order or leave nothing.
    pub fn lognormal(
        median: f64,
        factor: f64,
        low: Option<f64>,
        high: Option<f64>,
    ) -> Result<Self, DistributionError> {
        if median.is_nan() || median <= 0.0 {
            return Err(DistributionError::MedianNotPositive);
        }
        if factor.is_nan() || factor <= 1.0 || factor > MAX_FACTOR {
            return Err(DistributionError::FactorOutOfRange);
        }
        Self::Lognormal { median, factor, low, high }.checked_ends(low, high)
    }

    fn checked_ends(self, low: Option<f64>, high: Option<f64>) -> Result<Self, DistributionError> {
        if let (Some(low), Some(high)) = (low, high)
            && low >= high
        {
            return Err(DistributionError::NotRising);
        }
        match self.truncation() {
            Some(truncation) if truncation.mass() < LEAST_MASS => Err(DistributionError::NothingLeft),
            _ => Ok(self),
        }
    }

    /// Cut off at zero: what a quantity that cannot be negative means by a normal distribution. Nothing changes
    /// where the mean is so many deviations above zero that no draw would ever show it.
    ///
    /// # Errors
    /// [`DistributionError::NothingLeft`].
    pub fn not_negative(self) -> Result<Self, DistributionError> {
        /// Below the mean less nine deviations lies 1e-19, and draws are by steps of 1e-16.
        const NEVER: f64 = 9.0;
        match self {
            Self::Normal { mean, sd, low: None, high } if mean < NEVER * sd => {
                Self::normal(mean, sd, Some(0.0), high)
            }
            other => Ok(other),
        }
    }

    /// Whether it has more than one value.
    pub fn is_uncertain(self) -> bool {
        !matches!(self, Self::Constant { .. })
    }

    /// The value of the reference case: the mode of a triangle, the median of anything else.
    pub fn reference(self) -> f64 {
        match self {
            Self::Constant { value } => value,
            Self::Triangle { mode, .. } => mode,
            _ => self.at_score(0.0),
        }
    }

    /// Lower and upper end of the plausible range: the ends of a triangle and a uniform distribution, the p10 and
    /// p90 of what has tails.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Triangle { low, high, .. } | Self::Uniform { low, high } => (low, high),
            _ => self.central(),
        }
    }

    /// The p10 and the p90.
    pub fn central(self) -> (f64, f64) {
        match self {
            Self::Quantiles { p10, p90, .. } => (p10, p90),
            _ => (self.at_probability(0.1), self.at_probability(0.9)),
        }
    }

    /// The value at cumulative probability `u` in `0..1`, the inverse of the distribution function.
    ///
    /// Of a triangle `low + √(u (high-low) (mode-low))` below the mode, `high - √((1-u) (high-low) (high-mode))`
    /// above it; of a distribution that is cut off at `a` and `b`, its value at the probability
    /// `F(a) + u (F(b) - F(a))`.
    pub fn at_probability(self, u: f64) -> f64 {
        match self {
            Self::Constant { value } => value,
            Self::Triangle { low, mode, high } => {
                let width = high - low;
                if u * width < mode - low {
                    low + (u * width * (mode - low)).sqrt()
                } else {
                    high - ((1.0 - u) * width * (high - mode)).sqrt()
                }
            }
            Self::Uniform { low, high } => (low + u * (high - low)).clamp(low, high),
            Self::Quantiles { .. } => self.at_score(normal_score(u)),
            Self::Normal { low, high, .. } | Self::Lognormal { low, high, .. } => {
                let z = match self.truncation() {
                    Some(truncation) => truncation.score(u),
                    None => normal_score(u),
                };
                // The way to scores and back may miss an end by a rounding.
                let value = self.whole_at_score(z);
                value.max(low.unwrap_or(f64::NEG_INFINITY)).min(high.unwrap_or(f64::INFINITY))
            }
        }
    }

    /// The value at the standard normal deviate `z`, that is at the cumulative probability `Φ(z)`.
    ///
    /// Of a curve through quantiles `x(z) = p50 + (p90 - p50) (e^{σz} - 1) / (e^{σ z90} - 1)` with
    /// `σ = ln((p90 - p50) / (p50 - p10)) / z90`, which passes through all three; it is the normal distribution
    /// where they are symmetric (σ = 0) and the lognormal where `p50² = p10 p90`. Of a normal distribution
    /// `mean + sd z`, of a lognormal `median e^{σz}` with `σ = ln(factor) / z90`.
    pub fn at_score(self, z: f64) -> f64 {
        match self.truncation() {
            Some(_) => self.at_probability(normal_probability(z)),
            None => self.whole_at_score(z),
        }
    }

    /// The value at a score of the distribution before it is cut off.
    fn whole_at_score(self, z: f64) -> f64 {
        match self {
            Self::Quantiles { p10, p50, p90 } => {
                let sigma = libm::log((p90 - p50) / (p50 - p10)) / Z90;
                if sigma.abs() < 1e-6 {
                    p50 + (p90 - p50) * z / Z90
                } else {
                    p50 + (p90 - p50) * (libm::exp(sigma * z) - 1.0) / (libm::exp(sigma * Z90) - 1.0)
                }
            }
            Self::Normal { mean, sd, .. } => mean + sd * z,
            Self::Lognormal { median, factor, .. } => median * libm::exp(libm::log(factor) / Z90 * z),
            Self::Constant { .. } | Self::Triangle { .. } | Self::Uniform { .. } => {
                self.at_probability(normal_probability(z))
            }
        }
    }

    /// The ends in scores, where it is cut off.
    fn truncation(self) -> Option<Truncation> {
        match self {
            Self::Normal { mean, sd, low, high } if low.is_some() || high.is_some() => {
                let score = |end: f64| (end - mean) / sd;
                Some(Truncation::new(low.map(score), high.map(score)))
            }
            Self::Lognormal { median, factor, low, high } if low.is_some() || high.is_some() => {
                let sigma = libm::log(factor) / Z90;
                let score =
                    |end: f64| if end > 0.0 { libm::log(end / median) / sigma } else { f64::NEG_INFINITY };
                Some(Truncation::new(low.map(score), high.map(score)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
