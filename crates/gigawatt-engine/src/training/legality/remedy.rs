//! What makes a job fit.

use gigawatt_plan::training::{Layout, Recompute, Schedule, Sharding};

use super::{Remedy, least_multiple, structure};
use crate::training::memory::{Inferred, MemoryCoefficients, MemoryJob, footprint, infer_recompute};

/// The cheapest change with which a job fits: more recomputation; then, every layer recomputed, more sharing out over
/// data-parallel ranks; then more stages on the same accelerators; then more accelerators, or another layout of them.
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
        .or_else(|| fewest(job.layout, fits).map(Remedy::Accelerators))
}

/// The fewest accelerators with which a job fits in one stage, everything shared out and computed again, sequences one by
/// one: over the degrees of tensor parallelism of one server.
fn fewest(layout: &Layout, fits: impl Fn(&Layout) -> bool) -> Option<Layout> {
    let base = Layout {
        pipeline: 1,
        virtual_stages: 1,
        micro_batch: 1,
        schedule: Schedule::OneForwardOneBackward,
        recompute: Recompute::Full,
        sharding: Sharding::Parameters(u64::MAX),
        ..*layout
    };
    let experts = base.expert.saturating_mul(base.expert_tensor);
    let of_tensor = |tensor: u64| {
        let copy = tensor.saturating_mul(base.context);
        // Data-parallel ranks come in as many as make whole groups of experts.
        let unit = least_multiple(experts, copy) / copy;
        let with = |units: u64| {
            let data = unit * units;
            Layout {
                tensor,
                accelerators: copy.saturating_mul(data),
                global_batch: base.global_batch / data * data,
                ..base
            }
        };
        // Every rank has at least one of the step's sequences. What each holds falls with their number.
        let (mut short, mut enough) = (0, base.global_batch / unit);
        if enough == 0 || !fits(&with(enough)) {
            return None;
        }
        while enough - short > 1 {
            let middle = short + (enough - short) / 2;
            if fits(&with(middle)) { enough = middle } else { short = middle }
        }
        Some(with(enough))
    };
    [1, 2, 4, 8].into_iter().filter_map(of_tensor).min_by_key(|layout| layout.accelerators)
}

/// Pipelines deeper than this are not tried.
const MOST_STAGES: u64 = 256;
