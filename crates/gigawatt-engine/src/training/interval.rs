//! How far a predicted step may be off.
//!
//! The half-width of the 80 % interval of a step's time, as a logarithm, is a sum in quadrature of what each property of
//! a job adds:
//!
//! ```text
//! w² = base² + Σ added²    over: model parallelism, 8-bit or narrower products, libraries that are not mature, experts
//! ```
//!
//! The numbers were chosen so that 80 % of published measurements of each kind lie inside.

use super::job::Job;
use crate::coefficients::coefficients;
use crate::device::Generation;

coefficients! {
    /// Half-widths of the 80 % interval of a step's time, as logarithms.
    pub struct TrainingSpread of "training" {
        /// Of any step.
        base: "1", [0.005, 0.5], "errors of training rows";
        /// Added where tensor or pipeline parallelism cuts layers.
        model_parallel: "1", [0.0, 0.5], "errors of training rows";
        /// Added where products have operands of 8 bit or fewer.
        narrow: "1", [0.0, 0.5], "errors of training rows";
        /// Added on generations whose libraries still change from release to release.
        young: "1", [0.0, 0.5], "errors of training rows";
        /// Added where layers have experts.
        experts: "1", [0.0, 0.5], "errors of training rows";
    }
}

/// Years after first deliveries from which a generation counts as settled.
const SETTLED: f64 = 2.0;

impl TrainingSpread {
    /// The half-width of the 80 % interval of a job's step, as a logarithm.
    pub fn half_width(&self, job: &Job<'_>) -> f64 {
        let layout = job.layout;
        let age = job.framework.released.years() - job.shipped.years();
        let parts = [
            (true, self.base),
            (layout.tensor > 1 || layout.pipeline > 1, self.model_parallel),
            (job.precision.weight_bytes() < 1.5, self.narrow),
            (age < SETTLED && job.device.facts().generation == Generation::Blackwell, self.young),
            (job.shape.experts.is_some(), self.experts),
        ];
        libm::sqrt(parts.iter().filter(|(has, _)| *has).map(|(_, width)| width * width).sum())
    }
}
