//! Whether a layout can be run: what divides what, what the accelerator computes in, and what its memory holds.

pub(super) mod divisors;
mod fault;
mod remedy;

#[cfg(test)]
mod tests;

use gigawatt_plan::catalog::{Attention, Experts, Recurrence, Shape};
use gigawatt_plan::training::{
    Arithmetic, ContextExchange, FrameworkName, Layout, Offload, Precision, Schedule, SequenceParallel,
    Sharding,
};

use super::memory::{MemoryCoefficients, MemoryJob, footprint};
use crate::device::{DeviceFacts, Native};
use divisors::divisors;

pub use divisors::Nearest;
pub use fault::{Dimension, Fault, Remedy, Whole};

/// Everything that is wrong with a job's layout on an accelerator; empty where it can be run.
///
/// Memory is asked only where nothing else is wrong with the layout.
pub fn faults(job: &MemoryJob<'_>, device: &DeviceFacts, with: &MemoryCoefficients) -> Vec<Fault> {
    let mut faults = structure(job);
    if faults.is_empty() {
        faults.extend(memory(job, device, with));
    }
    faults.extend(format(job.precision, device));
    faults
}

/// What is wrong with how a layout cuts a model and its work.
pub fn structure(job: &MemoryJob<'_>) -> Vec<Fault> {
    let layout = job.layout;
    let mut faults: Vec<Fault> = zeros(layout);
    if !faults.is_empty() {
        return faults;
    }
    width(job.shape, layout, &mut faults);
    let asked = faults.len();
    schedule(layout, &mut faults);
    if faults.len() == asked {
        depth(job, &mut faults);
    }
    if !can_offload(layout.schedule, layout.offload) {
        faults.push(Fault::OffloadSchedule(layout.schedule));
    }
    experts(job.shape, layout, &mut faults);
    work(job, &mut faults);
    faults
}

fn zeros(layout: &Layout) -> Vec<Fault> {
    [
        (Dimension::Accelerators, layout.accelerators),
        (Dimension::Tensor, layout.tensor),
        (Dimension::Pipeline, layout.pipeline),
        (Dimension::VirtualStages, layout.virtual_stages),
        (Dimension::Context, layout.context),
        (Dimension::Expert, layout.expert),
        (Dimension::ExpertTensor, layout.expert_tensor),
        (Dimension::MicroBatch, layout.micro_batch),
        (Dimension::GlobalBatch, layout.global_batch),
        (Dimension::SequenceLength, layout.sequence_length),
    ]
    .into_iter()
    .filter(|(_, value)| *value == 0)
    .map(|(dimension, _)| Fault::Zero(dimension))
    .collect()
}

/// `number` of `whole` into `parts`.
fn cut(faults: &mut Vec<Fault>, whole: Whole, number: u64, by: Dimension, parts: u64) {
    if !number.is_multiple_of(parts) {
        let nearest = Nearest::among(parts, divisors(number));
        faults.push(Fault::NotDivisible { whole, number, by, parts, nearest });
    }
}

/// Heads and columns over tensor-parallel ranks, heads over context-parallel ones.
fn width(shape: &Shape, layout: &Layout, faults: &mut Vec<Fault>) {
    match shape.attention {
        Attention::Grouped { heads, kv_heads, .. } => attention(heads, kv_heads, layout, faults),
        Attention::Latent { heads, .. } => attention(heads, heads, layout, faults),
        Attention::Absent => {}
    }
    if let Some(recurrent) = shape.recurrent {
        let heads = match recurrent.recurrence {
            Recurrence::StateSpace { heads, .. } => heads,
            // Heads of values come in whole groups of those of keys.
            Recurrence::DeltaNet { key_heads, .. } => key_heads,
        };
        cut(faults, Whole::RecurrentHeads, heads, Dimension::Tensor, layout.tensor);
    }
    if shape.dense_layers() > 0 {
        cut(faults, Whole::FeedForward, shape.feed_forward, Dimension::Tensor, layout.tensor);
    }
}

fn attention(heads: u64, kv_heads: u64, layout: &Layout, faults: &mut Vec<Fault>) {
    cut(faults, Whole::Heads, heads, Dimension::Tensor, layout.tensor);
    // Fewer heads of keys and values than ranks are copied, whole times.
    if !kv_heads.is_multiple_of(layout.tensor) && !layout.tensor.is_multiple_of(kv_heads.max(1)) {
        let legal = divisors(heads)
            .into_iter()
            .filter(|one| kv_heads.is_multiple_of(*one) || one.is_multiple_of(kv_heads.max(1)));
        faults.push(Fault::NotDivisible {
            whole: Whole::KvHeads,
            number: kv_heads,
            by: Dimension::Tensor,
            parts: layout.tensor,
            nearest: Nearest::among(layout.tensor, legal),
        });
    }
    if layout.context_exchange == ContextExchange::Ulysses && heads.is_multiple_of(layout.tensor) {
        cut(faults, Whole::LocalHeads, heads / layout.tensor, Dimension::Context, layout.context);
    }
}

/// Stages and their pieces, as the schedule wants them.
fn schedule(layout: &Layout, faults: &mut Vec<Fault>) {
    let Layout { schedule, pipeline, virtual_stages, .. } = *layout;
    let (unit, least) = (schedule.stage_unit(), schedule.least_stages());
    if pipeline < least || !pipeline.is_multiple_of(unit) {
        let Nearest { below, above } = Nearest::multiple(pipeline.max(least - 1), unit);
        let nearest = Nearest { below: below.filter(|stages| *stages >= least), above };
        faults.push(Fault::ScheduleStages { schedule, pipeline, nearest });
    } else if let Some(right) = schedule.virtual_stages().filter(|right| *right != virtual_stages) {
        faults.push(Fault::SchedulePieces { schedule, virtual_stages, right });
    }
}

/// Whether a schedule goes with what lies on the host: activations that gradients of weights need once more after the
/// backward pass, or whose passes run together, no software moves there.
pub(super) fn can_offload(schedule: Schedule, offload: Offload) -> bool {
    !offload.activations() || matches!(schedule, Schedule::OneForwardOneBackward | Schedule::GPipe)
}

/// Layers over stages and their pieces.
fn depth(job: &MemoryJob<'_>, faults: &mut Vec<Fault>) {
    let (shape, layout) = (job.shape, job.layout);
    if layout.pipeline == 1 {
        if layout.virtual_stages > 1 {
            faults.push(Fault::OneStage { virtual_stages: layout.virtual_stages });
        }
        return;
    }
    let pieces = layout.pipeline.saturating_mul(layout.virtual_stages);
    let most = shape.layers.saturating_add(shape.further_tokens);
    // The ends may count as layers.
    if pieces > most.saturating_add(2) {
        let each = most / layout.pipeline;
        let most = match layout.schedule.virtual_stages() {
            None if each > 0 => (Dimension::VirtualStages, each),
            own => (Dimension::Pipeline, (most / own.unwrap_or(1)).max(1)),
        };
        faults.push(Fault::Pieces { pieces, layers: shape.layers, most });
        return;
    }
    if splits(job, pieces) {
        return;
    }
    // With the stages as they are, else with the pieces of each as they are.
    let nearest = |parts: u64, other: u64, unit: u64| {
        let legal = (1..=(most / other).min(MOST_PIECES))
            .filter(|one| one.is_multiple_of(unit) && splits(job, one.saturating_mul(other)));
        Nearest::among(parts, legal)
    };
    let of_stage = nearest(layout.virtual_stages, layout.pipeline, 1);
    let any_number = layout.schedule.virtual_stages().is_none();
    let (by, parts, nearest) = if any_number && layout.virtual_stages > 1 && of_stage.first().is_some() {
        (Dimension::VirtualStages, layout.virtual_stages, of_stage)
    } else {
        let unit = layout.schedule.stage_unit();
        (Dimension::Pipeline, layout.pipeline, nearest(layout.pipeline, layout.virtual_stages, unit))
    };
    faults.push(Fault::NotDivisible { whole: Whole::Layers, number: shape.layers, by, parts, nearest });
}

/// No model has more layers than this to look through.
const MOST_PIECES: u64 = 1 << 16;

/// Whether layers can be dealt to so many pieces: evenly, with the loss or embedding and loss counted as a layer
/// (Megatron's `account-for-...-in-pipeline-split`), or by hand, which software for uneven layouts and models that
/// predict further tokens need.
fn splits(job: &MemoryJob<'_>, pieces: u64) -> bool {
    let by_hand = job.shape.further_tokens > 0
        || matches!(job.framework.name, FrameworkName::Torchtitan | FrameworkName::Automodel)
        // Virtual stages that differ, as the layers of some models are an odd number beside their dense ones.
        || job.shape.experts.is_some_and(|experts| experts.layers < job.shape.layers);
    let layers = job.shape.layers;
    by_hand || (0..=2).any(|ends| layers.saturating_add(ends).is_multiple_of(pieces.max(1)))
}

/// Experts over their ranks.
fn experts(shape: &Shape, layout: &Layout, faults: &mut Vec<Fault>) {
    let Some(Experts { routed, feed_forward, .. }) = shape.experts else {
        for (by, parts) in
            [(Dimension::Expert, layout.expert), (Dimension::ExpertTensor, layout.expert_tensor)]
        {
            if parts > 1 {
                faults.push(Fault::NoExperts { by, parts });
            }
        }
        return;
    };
    cut(faults, Whole::Experts, routed, Dimension::Expert, layout.expert);
    cut(faults, Whole::ExpertFeedForward, feed_forward, Dimension::ExpertTensor, layout.expert_tensor);
    if layout.accelerators.is_multiple_of(layout.pipeline) {
        // Experts, their tensor parallelism and their copies are a stage's accelerators.
        let stage = layout.accelerators / layout.pipeline;
        let product = layout.expert.saturating_mul(layout.expert_tensor);
        if !stage.is_multiple_of(product) {
            let legal = divisors(routed)
                .into_iter()
                .filter(|one| stage.is_multiple_of(one.saturating_mul(layout.expert_tensor)));
            faults.push(Fault::NotDivisible {
                whole: Whole::StageAccelerators,
                number: stage,
                by: Dimension::Expert,
                parts: layout.expert,
                nearest: Nearest::among(layout.expert, legal),
            });
        }
    }
}

/// Accelerators, batch and sequence.
fn work(job: &MemoryJob<'_>, faults: &mut Vec<Fault>) {
    let layout = job.layout;
    let product = layout.tensor.saturating_mul(layout.context).saturating_mul(layout.pipeline);
    if !layout.accelerators.is_multiple_of(product) {
        let nearest = Nearest::multiple(layout.accelerators, product);
        faults.push(Fault::Product { accelerators: layout.accelerators, product, nearest });
        // Data parallelism, batches and shards only follow from it.
        return;
    }
    let data = layout.data();
    let each = data.saturating_mul(layout.micro_batch);
    let multiple = |of, value: u64, unit: u64, because| Fault::NotMultiple {
        of,
        value,
        unit,
        because,
        nearest: Nearest::multiple(value, unit),
    };
    let interleaved =
        layout.schedule.virtual_stages().is_none() && layout.virtual_stages > 1 && layout.pipeline > 1;
    let ends = layout.schedule.copies();
    let unit = if interleaved { each.saturating_mul(layout.pipeline) } else { each.saturating_mul(ends) };
    let least = layout.schedule.least_micro_batches(layout.pipeline);
    if layout.micro_batches() < least {
        faults.push(Fault::FewMicroBatches {
            schedule: layout.schedule,
            micro_batches: layout.micro_batches(),
            least,
            global_batch: least.saturating_mul(each),
        });
    } else if !layout.global_batch.is_multiple_of(unit) {
        let because = if interleaved {
            "data-parallel ranks x micro_batch x pipeline, for interleaved stages work in rounds of as many micro-batches"
        } else if ends > 1 {
            "data-parallel ranks x micro_batch x 2, for as many micro-batches come from each end of the pipeline"
        } else {
            "data-parallel ranks x micro_batch"
        };
        faults.push(multiple(Dimension::GlobalBatch, layout.global_batch, unit, because));
    }
    // Each context-parallel rank takes an early and a late part, so that causal attention is even.
    let parts = if layout.context > 1 { layout.context.saturating_mul(2) } else { 1 };
    let cut = match layout.sequence {
        SequenceParallel::On => layout.tensor,
        SequenceParallel::Off => 1,
    };
    let unit = least_multiple(parts, layout.context.saturating_mul(cut));
    if !layout.sequence_length.is_multiple_of(unit) {
        let because = "two parts for each context-parallel rank, and one for each tensor-parallel rank of it";
        faults.push(multiple(Dimension::SequenceLength, layout.sequence_length, unit, because));
    }
    let ranks = layout.parameter_copies();
    if let Sharding::Optimizer(group) | Sharding::Gradients(group) | Sharding::Parameters(group) =
        layout.sharding
    {
        if group == 0 {
            faults.push(Fault::Zero(Dimension::ShardingGroup));
        } else if group < ranks {
            self::cut(faults, Whole::Ranks, ranks, Dimension::ShardingGroup, group);
        }
    }
}

/// The least number that both divide.
fn least_multiple(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a.max(1), b.max(1));
    while y > 0 {
        (x, y) = (y, x % y);
    }
    (a.max(1) / x).saturating_mul(b.max(1))
}

/// A format that the accelerator has to unpack to 16 bits before it multiplies.
fn format(asked: Precision, device: &DeviceFacts) -> Option<Fault> {
    let has = |precision: &Precision| device.matrix_rate(*precision).1 == Native::Yes;
    let wider: &[Precision] = match asked.arithmetic() {
        Arithmetic::Four => &[Precision::Fp8, Precision::Bf16],
        _ => &[Precision::Bf16],
    };
    let nearest = wider.iter().copied().find(has).unwrap_or(Precision::Bf16);
    (!has(&asked)).then_some(Fault::Format { asked, nearest })
}

fn memory(job: &MemoryJob<'_>, device: &DeviceFacts, with: &MemoryCoefficients) -> Vec<Fault> {
    let print = footprint(job, with);
    let (stage, memory) = print.neediest();
    let (needed, available) = (memory.needed(), device.memory);
    let here = (needed > available).then(|| Fault::Memory {
        stage,
        needed,
        available,
        largest: memory.largest(),
        remedy: remedy::remedy(job, available, with),
    });
    let there = match device.host {
        _ if job.layout.offload == Offload::None => None,
        None => Some(Fault::NoHost),
        Some(host) => {
            let (stage, needed) = print.most_on_host();
            (needed > host.memory).then_some(Fault::HostMemory { stage, needed, available: host.memory })
        }
    };
    here.into_iter().chain(there).collect()
}
