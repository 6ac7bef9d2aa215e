//! The standard normal distribution, with `libm` so that every platform gives the same bytes.

/// The 90 % quantile of the standard normal distribution.
pub const Z90: f64 = 1.281_551_565_544_600_4;

/// The standard normal distribution function, `Φ(z) = erfc(-z/√2) / 2`.
pub fn normal_probability(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The inverse of the standard normal distribution function: Acklam's rational approximation (relative error
/// 1.15e-9) with one step of Halley's method, which takes it to machine precision. Probabilities of nothing and
/// of one are taken as the nearest that a number can hold between them.
pub fn normal_score(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    const TAIL: f64 = 0.024_25;
    const LEAST: f64 = 1e-300;
    const GREATEST: f64 = 1.0 - f64::EPSILON / 2.0;

    let probability = probability.clamp(LEAST, GREATEST);
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * libm::log(p)).sqrt();
        polynomial(&C, q) / (polynomial(&D, q) * q + 1.0)
    };
    let z = if probability < TAIL {
        tail(probability)
    } else if probability > 1.0 - TAIL {
        -tail(1.0 - probability)
    } else {
        let q = probability - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
    };
    let error = normal_probability(z) - probability;
    let step = error * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(0.5 * z * z);
    z - step / (1.0 + 0.5 * z * step)
}

/// Ends of a normal distribution in scores, either of them open where it is infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Truncation {
    low: f64,
    high: f64,
}

impl Truncation {
    pub(super) fn new(low: Option<f64>, high: Option<f64>) -> Self {
        Self { low: low.unwrap_or(f64::NEG_INFINITY), high: high.unwrap_or(f64::INFINITY) }
    }

    /// The part of the distribution between the ends.
    pub(super) fn mass(self) -> f64 {
        // Small differences are exact in the lower tail: what lies in the upper is mirrored.
        if self.low > 0.0 {
            normal_probability(-self.low) - normal_probability(-self.high)
        } else {
            normal_probability(self.high) - normal_probability(self.low)
        }
    }

    /// The score below which the part `u` of what is between the ends lies.
    pub(super) fn score(self, u: f64) -> f64 {
        let score = if self.low > 0.0 {
            -normal_score(normal_probability(-self.high) + (1.0 - u) * self.mass())
        } else {
            normal_score(normal_probability(self.low) + u * self.mass())
        };
        score.clamp(self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_score_inverts_the_distribution_function() {
        for probability in [1e-9, 1e-4, 0.024, 0.1, 0.3, 0.5, 0.75, 0.976, 0.9999] {
            let z = normal_score(probability);
            assert!((normal_probability(z) / probability - 1.0).abs() < 1e-12, "{probability}");
        }
        assert!((normal_score(0.9) - Z90).abs() < 1e-14);
    }

    #[test]
    fn the_score_of_nothing_and_of_one_is_finite() {
        assert!(normal_score(0.0) < -37.0 && normal_score(0.0).is_finite());
        assert!(normal_score(1.0) > 8.0 && normal_score(1.0).is_finite());
    }

    #[test]
    fn a_far_tail_keeps_its_shape_on_either_side() {
        let (upper, lower) = (Truncation::new(Some(6.0), None), Truncation::new(None, Some(-6.0)));
        for u in [0.01, 0.5, 0.99] {
            assert!((upper.score(u) + lower.score(1.0 - u)).abs() < 1e-9, "{u}");
        }
        assert!(upper.score(0.01) > 6.0 && upper.score(0.99) < 7.5);
    }
}
