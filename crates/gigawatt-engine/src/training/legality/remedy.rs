//! What makes a job fit.

use gigawatt_plan::training::{Layout, Recompute, Sharding};

use super::{Remedy, structure};
use crate::training::memory::{Inferred, MemoryCoefficients, MemoryJob, footprint, infer_recompute};

/// The cheapest change with which a job fits: more recomputation; then, every layer recomputed, more sharing out over
/// data-parallel ranks; then more stages on the same accelerators.
pub(super) fn remedy(job: &MemoryJob<'_>, available: f64, with: &MemoryCoefficients) -> Option<Remedy> {
    if let Inferred::Fits { recompute, .. } = infer_recompute(job, available, with) {
        return Some(Remedy::Recompute(recompute));
    }
    let fits = |layout: &Layout| {
        let job = job.with_layout(layout);
        structure(&job).is_empty() && footprint(&job, with).needed().needed() <= available
    };
    let base = Layout { recompute: Recompute::Full, ..*job.layout };
    let ranks = base.parameter_copies();
    let further = match base.sharding {
        Sharding::None | Sharding::Optimizer(_) => {
            &[Sharding::Optimizer(ranks), Sharding::Gradients(ranks), Sharding::Parameters(ranks)][..]
        }
        Sharding::Gradients(_) => &[Sharding::Gradients(ranks), Sharding::Parameters(ranks)][..],
        Sharding::Parameters(_) => &[Sharding::Parameters(ranks)][..],
    };
    if let Some(sharding) = further.iter().find(|sharding| fits(&Layout { sharding: **sharding, ..base })) {
        return Some(Remedy::Sharding(*sharding));
    }
    let virtual_stages = base.schedule.virtual_stages().unwrap_or(1);
    (base.pipeline + 1..=job.shape.layers.min(MOST_STAGES))
        .find(|stages| fits(&Layout { pipeline: *stages, virtual_stages, ..base }))
        .map(Remedy::Pipeline)
}

/// Pipelines deeper than this are not tried.
const MOST_STAGES: u64 = 256;
