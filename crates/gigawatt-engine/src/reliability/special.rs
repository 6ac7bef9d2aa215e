//! Distribution functions that the laws need: gamma, beta, and what follows from them.
//!
//! Series and continued fractions of Abramowitz and Stegun 1964, 6.5.29, 6.5.31 and 26.5.8, evaluated by Lentz's method. Within
//! about 1e-12 for arguments up to 1e6.

/// Terms after which a series or fraction is taken as it stands.
const TERMS: u32 = 100_000;
/// Relative change at which it has converged.
const ENOUGH: f64 = 1e-15;
/// What stands for nothing in a denominator.
const TINY: f64 = 1e-300;
/// Halvings of a bracket: more than a number has bits.
const HALVINGS: u32 = 200;

/// The regularised incomplete gamma functions `P(a, x)` and `Q(a, x) = 1 - P(a, x)`: the probabilities that a gamma variate
/// of shape `a` and scale 1 is below and above `x`. `a` is positive; `x` below nothing is taken as nothing.
pub fn gamma_below_above(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..TERMS {
            term *= x / (a + f64::from(n));
            sum += term;
            if term < sum * ENOUGH {
                break;
            }
        }
        let below = (sum * front).min(1.0);
        return (below, 1.0 - below);
    }
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..TERMS {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / nonzero(numerator * d + b);
        c = nonzero(b + numerator / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < ENOUGH {
            break;
        }
    }
    let above = (front * fraction).min(1.0);
    (1.0 - above, above)
}

/// The regularised incomplete beta function `I_x(a, b)`, `x` in 0 to 1, `a` and `b` positive.
pub fn beta_below(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let logarithm =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let front = libm::exp(logarithm);
    // The fraction converges fast on one side of the mean only.
    if x < (a + 1.0) / (a + b + 2.0) {
        (front * beta_fraction(a, b, x) / a).min(1.0)
    } else {
        (1.0 - front * beta_fraction(b, a, 1.0 - x) / b).max(0.0)
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() < ENOUGH {
            break;
        }
    }
    fraction
}

fn nonzero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// The value below which a gamma variate of shape `a` and scale 1 lies with a probability.
pub fn gamma_quantile(a: f64, probability: f64) -> f64 {
    let mut high = a + 1.0;
    while gamma_below_above(a, high).0 < probability && high < 1e12 {
        high *= 2.0;
    }
    bisect(0.0, high, |x| gamma_below_above(a, x).0 < probability)
}

/// The probability that chi-squared with some degrees of freedom is above a value: `Q(k/2, x/2)`.
pub fn chi_squared_above(statistic: f64, degrees: u32) -> f64 {
    if degrees == 0 { 1.0 } else { gamma_below_above(f64::from(degrees) / 2.0, statistic / 2.0).1 }
}

/// The value that Student's t with some degrees of freedom stays below with a probability from a half on.
///
/// `P(T > t) = I_x(k/2, 1/2) / 2` with `x = k / (k + t²)` (Abramowitz and Stegun 1964, 26.7.1).
pub fn student_quantile(degrees: u32, probability: f64) -> f64 {
    let k = f64::from(degrees.max(1));
    let above = |t: f64| 0.5 * beta_below(k / 2.0, 0.5, k / (k + t * t));
    let mut high = 2.0;
    while above(high) > 1.0 - probability && high < 1e9 {
        high *= 2.0;
    }
    bisect(0.0, high, |t| above(t) > 1.0 - probability)
}

/// Where a condition that holds from `low` on ceases to hold.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(left: f64, right: f64) -> bool {
        (left - right).abs() <= 1e-10 * right.abs().max(1.0)
    }

    #[test]
    fn gamma_of_shape_one_is_the_exponential() {
        for x in [1e-6, 0.1, 1.0, 5.0, 40.0] {
            let (below, above) = gamma_below_above(1.0, x);
            assert!(near(below, -libm::expm1(-x)) && near(above, libm::exp(-x)), "{x}");
        }
        // Half of a gamma variate's mass of a large shape lies about its mean less a third.
        assert!((gamma_quantile(1e4, 0.5) - (1e4 - 1.0 / 3.0)).abs() < 1e-3);
    }

    #[test]
    fn beta_is_the_tail_of_the_binomial() {
        // I_p(k, n-k+1) = P(X >= k): 3 or more of 5 fair coins is a half; 2 or more of 4 with 0.3 is 0.3483.
        assert!(near(beta_below(3.0, 3.0, 0.5), 0.5));
        assert!(near(beta_below(2.0, 3.0, 0.3), 0.3483));
        assert!(near(beta_below(3.0, 2.0, 0.7), 1.0 - 0.3483));
    }

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        // Student's t at 0.9: 3.078, 1.886, 1.638, 1.476 for 1, 2, 3 and 5 degrees of freedom.
        for (degrees, expected) in [(1, 3.077_683_5), (2, 1.885_618_1), (3, 1.637_744_4), (5, 1.475_884)] {
            assert!((student_quantile(degrees, 0.9) - expected).abs() < 1e-6, "{degrees}");
        }
        // Chi-squared at 5 %: 3.841, 11.070, 27.587.
        for (degrees, statistic) in [(1, 3.841_459), (5, 11.070_498), (17, 27.587_112)] {
            assert!((chi_squared_above(statistic, degrees) - 0.05).abs() < 1e-7, "{degrees}");
        }
    }
}
