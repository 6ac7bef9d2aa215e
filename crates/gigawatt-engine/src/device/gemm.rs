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
        self.products(std::iter::once((groups, m)), n, k, precision, Reach::PLAIN)
    }

    /// Time of one kernel that does products of unlike numbers of rows with k × n each \[s\]: `groups` yields how many
    /// there are of which number of rows.
    pub(super) fn products(
        &self,
        groups: impl Iterator<Item = (f64, f64)> + Clone,
        n: f64,
        k: f64,
        precision: Precision,
        reach: Reach,
    ) -> f64 {
        let groups = groups.filter(|(count, rows)| *count > 0.0 && *rows > 0.0);
        let (mut weights, mut rows) = (0.0, 0.0);
        for (count, each) in groups.clone() {
            weights += count;
            rows += count * each;
        }
        if !(weights > 0.0 && n > 0.0 && k > 0.0) {
            return 0.0;
        }
        let per_tile = 2.0 * k * self.processors / (self.sustained_rate(precision) * reach.compute);
        let mut compute = f64::INFINITY;
        for (tile_rows, tile_columns) in TILES {
            let across = libm::ceil(n / tile_columns);
            let tiles: f64 =
                groups.clone().map(|(count, rows)| count * libm::ceil(rows / tile_rows) * across).sum();
            let filled = tiles / self.processors;
            let waves =
                self.wave_rounding * libm::ceil(filled) + (1.0 - self.wave_rounding) * filled.max(1.0);
            compute = compute.min(waves * (tile_rows * tile_columns * per_tile + self.wave));
        }
        let bytes = rows * k * precision.activation_bytes()
            + weights * n * k * precision.weight_bytes()
            + rows * n * precision.result_bytes();
        self.launch + norm(compute, bytes / (self.memory_rate * reach.memory))
    }
}

/// What a kind of kernel reaches of the rates of plain products.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    pub compute: f64,
    pub memory: f64,
}

impl Reach {
    pub const PLAIN: Self = Self { compute: 1.0, memory: 1.0 };
}

/// `(a⁴ + b⁴)^¼`: the greater of two times that overlap, a little more where they are alike.
pub(super) fn norm(a: f64, b: f64) -> f64 {
    let (greater, lesser) = if a > b { (a, b) } else { (b, a) };
    if !(greater > 0.0 && greater.is_finite()) {
        return greater;
    }
    let square = (lesser / greater) * (lesser / greater);
    greater * libm::sqrt(libm::sqrt(1.0 + square * square))
}
