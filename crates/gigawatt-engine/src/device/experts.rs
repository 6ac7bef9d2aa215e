//! A layer of experts: two grouped products and what surrounds them.

use super::gemm::Reach;
use super::{Device, Precision};

/// The part of a layer of experts that one device computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experts<'l> {
    /// How many experts of the device have how many tokens each; experts without any are not read.
    pub loads: &'l [(f64, f64)],
    /// Width of the model.
    pub width: f64,
    /// Inner width of an expert, the device's part of it.
    pub inner: f64,
}

impl Device {
    /// Time of a layer of gated experts \[s\]: tokens are sorted by expert and cast, multiplied into gate and up,
    /// activated, multiplied down, and summed.
    pub fn experts(&self, layer: &Experts<'_>, precision: Precision) -> f64 {
        let rows: f64 = layer.loads.iter().map(|(experts, tokens)| experts.max(0.0) * tokens.max(0.0)).sum();
        if !(rows > 0.0 && layer.width > 0.0 && layer.inner > 0.0) {
            return 0.0;
        }
        let groups = layer.loads.iter().copied();
        let reach = Reach { compute: self.experts, memory: self.experts_memory };
        let up = self.products(groups.clone(), 2.0 * layer.inner, layer.width, precision, reach);
        let down = self.products(groups, layer.width, layer.inner, precision, reach);
        // 16 bits each: tokens read and written when sorted, gate and up read, product written, results read and
        // summed.
        let moved = 2.0 * rows * (4.0 * layer.width + 3.0 * layer.inner);
        self.experts_launch + up + down + moved / self.streaming_rate
    }
}
