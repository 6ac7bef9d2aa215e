//! Gamma variates.

use crate::fleet::Stream;

/// A Gamma variate with a shape and scale 1 (G. Marsaglia and W. W. Tsang, "A Simple Method for Generating Gamma
/// Variables", ACM Transactions on Mathematical Software 26(3), 2000; below a shape of 1 by a power of a uniform number).
pub(super) fn gamma(stream: &mut Stream, shape: f64) -> f64 {
    if shape < 1.0 {
        let smaller = libm::exp(libm::log(stream.uniform()) / shape);
        return gamma(stream, shape + 1.0) * smaller;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = stream.normal();
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if libm::log(stream.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return d * v;
        }
    }
}
