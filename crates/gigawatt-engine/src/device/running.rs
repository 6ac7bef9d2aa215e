//! A device in a long run: what kernels reach when they follow one another, against the same kernels alone.

use super::Device;

/// Rates of a run over those of single kernels, and what a run adds or saves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Running {
    /// Matrix rates.
    pub matrix: f64,
    /// Rate at which matrix products read weights.
    pub weights: f64,
    /// Rate at which caches are read.
    pub cache: f64,
    /// Matrix rate of experts' products, on top of that above.
    pub experts_matrix: f64,
    /// Rate at which experts' weights are read, on top of that above.
    pub experts_weights: f64,
    /// Time around a layer's experts.
    pub experts_start: f64,
    /// Least time of attention over a cache.
    pub decode_start: f64,
}

impl Device {
    /// The device as a run sees it.
    #[must_use]
    pub fn running(mut self, run: &Running) -> Self {
        self.rates = self.rates.map(|rate| rate * run.matrix);
        self.memory_rate *= run.weights;
        self.streaming_rate *= run.cache;
        self.experts *= run.experts_matrix;
        self.experts_memory *= run.experts_weights;
        self.experts_launch *= run.experts_start;
        self.decode_launch *= run.decode_start;
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::device::{DeviceCoefficients, DeviceFacts, Precision};

    use super::*;

    #[test]
    fn half_the_rates_take_twice_the_time() {
        let facts = DeviceFacts::read("hopper", |name| {
            Some(match name {
                "bf16" => 1e15,
                "memory" => 8e10,
                "memory_bandwidth" => 3e12,
                _ => return None,
            })
        });
        let device = Device::new(facts.unwrap(), &DeviceCoefficients::embedded().unwrap());
        let one = Running {
            matrix: 1.0,
            weights: 1.0,
            cache: 1.0,
            experts_matrix: 1.0,
            experts_weights: 1.0,
            experts_start: 1.0,
            decode_start: 1.0,
        };
        assert_eq!(device.running(&one), device);
        let half = device.running(&Running { weights: 0.5, ..one });
        let time = |device: &Device| device.gemm(1.0, 16384.0, 16384.0, Precision::Bf16) - device.launch();
        let slower = time(&half) / time(&device);
        // A little of it is arithmetic, which is as fast as before.
        assert!((slower - 2.0).abs() < 0.05, "{slower}");
    }
}
