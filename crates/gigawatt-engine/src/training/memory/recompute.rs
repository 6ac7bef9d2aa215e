//! The least recomputation that fits.

use gigawatt_plan::training::{Layout, Recompute};

use super::{MemoryCoefficients, MemoryJob, footprint};

/// What a job needs to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inferred {
    /// This recomputation, with so many bytes left.
    Fits {
        /// The least that fits.
        recompute: Recompute,
        /// Bytes left on the fullest accelerator.
        left: f64,
    },
    /// Not even full recomputation fits.
    Short {
        /// Bytes that it lacks.
        by: f64,
    },
}

/// The least recomputation with which a job fits into `memory` bytes: none; norms and activation functions; attention's
/// core too; some layers of every stage, as few as can be; every layer.
pub fn infer_recompute(job: &MemoryJob<'_>, memory: f64, with: &MemoryCoefficients) -> Inferred {
    let left = |recompute: Recompute| {
        let layout = Layout { recompute, ..*job.layout };
        memory - footprint(&job.with_layout(&layout), with).needed().needed()
    };
    for recompute in [Recompute::None, Recompute::Elementwise, Recompute::Selective] {
        let left = left(recompute);
        if left >= 0.0 {
            return Inferred::Fits { recompute, left };
        }
    }
    // Memory falls with the number of layers but for what the first of them works with again.
    let (mut low, mut high) = (0, job.shape.layers.div_ceil(job.layout.pipeline.max(1)));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if left(Recompute::Layers(middle)) >= 0.0 { high = middle } else { low = middle }
    }
    for recompute in [Recompute::Layers(high), Recompute::Full] {
        let left = left(recompute);
        if left >= 0.0 {
            let whole = high >= job.shape.layers.div_ceil(job.layout.pipeline.max(1));
            let recompute = if whole { Recompute::Full } else { recompute };
            return Inferred::Fits { recompute, left };
        }
    }
    Inferred::Short { by: -left(Recompute::Full) }
}
