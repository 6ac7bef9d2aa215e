//! Matrix products, alone and in groups.

use super::{Device, Precision};

/// Rows and columns of the tiles that kernels are built for.
const TILES: [(f64, f64); 6] =
    [(128.0, 256.0), (256.0, 128.0), (128.0, 128.0), (64.0, 128.0), (128.0, 64.0), (64.0, 64.0)];

impl Device {
    /// Time of the product of m × k activations with k × n weights \[s\], operands in their precision already.
    pub fn gemm(&self, m: f64, n: f64, k: f64, precision: Precision) -> f64 {
        self.grouped_gemm(1.0, m, n, k, precision)
    }

    /// Time of one kernel that does `groups` products of m × k with k × n \[s\], as of experts with m tokens each.
    pub fn grouped_gemm(&self, groups: f64, m: f64, n: f64, k: f64, precision: Precision) -> f64 {
        if !(groups > 0.0 && m > 0.0 && n > 0.0 && k > 0.0) {
            return 0.0;
        }
        let per_tile = 2.0 * k * self.processors / self.sustained_rate(precision);
        let mut compute = f64::INFINITY;
        for (rows, columns) in TILES {
            let tiles = groups * libm::ceil(m / rows) * libm::ceil(n / columns);
            let filled = tiles / self.processors;
            let waves =
                self.wave_rounding * libm::ceil(filled) + (1.0 - self.wave_rounding) * filled.max(1.0);
            compute = compute.min(waves * (rows * columns * per_tile + self.wave));
        }
        let bytes = groups
            * (m * k * precision.activation_bytes()
                + n * k * precision.weight_bytes()
                + m * n * precision.result_bytes());
        self.launch + norm(compute, bytes / self.memory_rate)
    }
}

/// `(a⁴ + b⁴)^¼`: the greater of two times that overlap, a little more where they are alike.
fn norm(a: f64, b: f64) -> f64 {
    let (greater, lesser) = if a > b { (a, b) } else { (b, a) };
    if !(greater > 0.0 && greater.is_finite()) {
        return greater;
    }
    let square = (lesser / greater) * (lesser / greater);
    greater * libm::sqrt(libm::sqrt(1.0 + square * square))
}
