//! The time of a training step, with a breakdown that adds up to it.

use super::coefficients::TrainingCoefficients;
use super::job::Job;
use super::layer::{LayerKind, LayerLaw, LayerTime, Parts};
use super::number::count;
use super::schedule::{Pieces, makespan};
use super::weights::{HeldLayer, Piece, deal, held_layer, held_table};
use gigawatt_plan::training::{GradientSync, Overlap};
use gigawatt_plan::training::{Recompute, Sharding};

/// Where a step's time goes, in seconds of its busiest stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Breakdown {
    /// The passes of the busiest stage, what is computed again among them.
    pub passes: Parts,
    /// The part of the passes that was computed before: not to be added.
    pub again: f64,
    /// Waiting for other stages.
    pub bubble: f64,
    /// Visible data-parallel communication.
    pub data: f64,
    /// The optimiser.
    pub optimizer: f64,
    /// Host time outside the passes.
    pub host: f64,
    /// Waiting for the slowest rank.
    pub straggler: f64,
}

impl Breakdown {
    /// The step.
    pub fn total(&self) -> f64 {
        self.passes.total() + self.bubble + self.data + self.optimizer + self.host + self.straggler
    }
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its time in seconds.
    pub seconds: f64,
    /// Where the time goes.
    pub breakdown: Breakdown,
    /// Tokens of a step over its time and its accelerators.
    pub tokens_per_second: f64,
}

/// Prices a step.
pub fn step(job: Job<'_>, with: &TrainingCoefficients, further: u64) -> Step {
    let (shape, layout) = (job.shape, job.layout);
    let law = LayerLaw::new(job, with);
    let time = |kind| law.layer(kind, layout.recompute);
    let dense = time(LayerKind::Dense);
    let experts = shape.experts.map_or(dense, |_| time(LayerKind::Experts));
    let (head, embedding) = (law.head(), law.embedding());
    let typical = if shape.experts.is_some() { &experts } else { &dense };
    let weight = |one: &LayerTime| one.forward.total() + one.backward.total();
    let pieces = deal(shape, layout, further, weight(&head) / weight(typical).max(1e-12));

    let fsdp = sharded_layers(&job, with, &dense, &experts);
    let stages = usize::try_from(layout.pipeline).unwrap_or(1).max(1);
    let mut forward = Vec::with_capacity(pieces.len());
    let mut backward = Vec::with_capacity(pieces.len());
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in &pieces {
        let (mut front, mut back, mut again) = (Parts::default(), Parts::default(), Parts::default());
        let recomputed = match layout.recompute {
            Recompute::Layers(some) => {
                let full = law.layer(LayerKind::Dense, Recompute::Full);
                again = full.again.times(count(some.min(piece.dense)));
                false
            }
            _ => true,
        };
        let mut add = |one: &LayerTime, number: u64| {
            front = front.plus(&one.forward.times(count(number)));
            back = back.plus(&one.backward.times(count(number)));
            if recomputed {
                again = again.plus(&one.again.times(count(number)));
            }
        };
        add(&dense, piece.dense);
        add(&experts, piece.experts + piece.further);
        if piece.head {
            add(&head, 1 + piece.further);
        }
        if piece.embedding {
            add(&embedding, 1);
        }
        forward.push(front.total());
        backward.push(back.total() + again.total());
        parts.push((front.plus(&back).plus(&again), again.total()));
    }
    let micro_batches = usize::try_from(layout.micro_batches()).unwrap_or(1);
    let times = Pieces { stages, forward, backward, hop: hop(&job, with) };
    let busiest = (0..stages).max_by(|a, b| times.work(*a).total_cmp(&times.work(*b))).unwrap_or(0);
    let span = makespan(layout.schedule, &times, micro_batches);
    let number = count(layout.micro_batches());
    let mut breakdown = Breakdown::default();
    for (part, again) in parts.iter().skip(busiest).step_by(stages) {
        breakdown.passes = breakdown.passes.plus(&part.times(number));
        breakdown.again += again * number;
    }
    breakdown.bubble = span - breakdown.passes.total();

    let held = held_by(&job, &pieces, busiest, stages);
    let micro_forward: f64 = times.forward.iter().skip(busiest).step_by(stages).sum();
    let micro_backward: f64 = times.backward.iter().skip(busiest).step_by(stages).sum();
    breakdown.data = match layout.sharding {
        Sharding::Parameters(_) => fsdp.visible(&pieces, number, &job),
        _ => replicated(&job, with, &held, micro_forward, micro_backward),
    };
    let group = count(layout.sharding.group(layout.data() * layout.context));
    let expert_group = group.min(count(layout.expert_data()));
    let owned = held.common / group + held.routed / expert_group;
    // Read and write three numbers of 32 bits, read the gradient twice (norm and update), write 16-bit parameters.
    breakdown.optimizer = job.device.streaming(with.optimizer_traffic * 34.0 * owned);
    breakdown.host = with.step_host;
    let spread = libm::sqrt(2.0 * libm::log(count(layout.accelerators).max(1.0)));
    breakdown.straggler = with.straggler * spread * span;
    let seconds = breakdown.total();
    Step {
        seconds,
        breakdown,
        tokens_per_second: layout.step_tokens() / seconds / count(layout.accelerators),
    }
}

/// What the busiest stage holds.
fn held_by(job: &Job<'_>, pieces: &[Piece], stage: usize, stages: usize) -> HeldLayer {
    let (shape, layout) = (job.shape, job.layout);
    let dense = held_layer(shape, layout, LayerKind::Dense);
    let experts = held_layer(shape, layout, LayerKind::Experts);
    let mut held = HeldLayer::default();
    for piece in pieces.iter().skip(stage).step_by(stages) {
        let (d, e) = (count(piece.dense), count(piece.experts + piece.further));
        let tables = u64::from(piece.embedding) + u64::from(piece.head);
        held.common += d * dense.common + e * experts.common + count(tables) * held_table(shape, layout);
        held.routed += e * experts.routed;
    }
    held
}

/// The visible time of a message between stages.
fn hop(job: &Job<'_>, with: &TrainingCoefficients) -> f64 {
    let layout = job.layout;
    if layout.pipeline <= 1 {
        return 0.0;
    }
    let bytes = layout.local_tokens() * count(job.shape.hidden) * 2.0 / count(layout.tensor);
    let inside = layout.strides().pipeline * 2 <= job.network.domain;
    with.hop_visible * job.network.point_to_point(inside, bytes, (with.domain_share, with.fabric_share))
}

/// Gradients summed once a step, parameters gathered once where the optimiser is shared out.
fn replicated(
    job: &Job<'_>,
    with: &TrainingCoefficients,
    held: &HeldLayer,
    forward: f64,
    backward: f64,
) -> f64 {
    let (layout, network) = (job.layout, job.network);
    let shares = (with.domain_share, with.fabric_share);
    let common =
        network.group(layout.data() * layout.context, layout.strides().context.min(layout.strides().data));
    let routed = network.group(layout.expert_data(), layout.expert * layout.expert_tensor);
    let gradient = count(job.framework.gradient_bytes);
    let sharded = layout.sharding != Sharding::None;
    let sum = |group: &super::stub::Group, number: f64| {
        if number <= 0.0 {
            0.0
        } else if sharded {
            network.all_gather(group, number * gradient, shares)
        } else {
            network.all_reduce(group, number * gradient, shares)
        }
    };
    let scatter = sum(&common, held.common) + sum(&routed, held.routed);
    let gather = if sharded {
        network.all_gather(&common, held.common * 2.0, shares)
            + if held.routed > 0.0 { network.all_gather(&routed, held.routed * 2.0, shares) } else { 0.0 }
    } else {
        0.0
    };
    match job.framework.data_overlap {
        Overlap::Off => scatter + gather,
        Overlap::On => {
            let beside = |communication: f64, work: f64| {
                (communication - work).max(0.0) + with.data_visible * communication.min(work)
            };
            beside(scatter, backward) + beside(gather, forward)
        }
    }
}

/// Communication of fully sharded layers.
struct ShardedLayers {
    dense: f64,
    experts: f64,
    table: f64,
    sync_dense: f64,
    sync_experts: f64,
    sync_table: f64,
}

impl ShardedLayers {
    fn visible(&self, pieces: &[Piece], micro_batches: f64, job: &Job<'_>) -> f64 {
        let mut each = 0.0;
        let mut sync = 0.0;
        for piece in pieces {
            each += count(piece.dense) * self.dense + count(piece.experts + piece.further) * self.experts;
            sync += count(piece.dense) * self.sync_dense
                + count(piece.experts + piece.further) * self.sync_experts;
            let tables = count(u64::from(piece.embedding) + u64::from(piece.head));
            each += tables * self.table;
            sync += tables * self.sync_table;
        }
        let syncs = match job.framework.gradient_sync {
            GradientSync::EveryMicroBatch => micro_batches,
            GradientSync::LastMicroBatch => 1.0,
        };
        each * micro_batches + sync * syncs
    }
}

/// Visible time of gathering a layer's parameters twice and scattering its gradients once a micro-batch.
fn sharded_layers(
    job: &Job<'_>,
    with: &TrainingCoefficients,
    dense: &LayerTime,
    experts: &LayerTime,
) -> ShardedLayers {
    let (shape, layout, network) = (job.shape, job.layout, job.network);
    let Sharding::Parameters(_) = layout.sharding else {
        return ShardedLayers {
            dense: 0.0,
            experts: 0.0,
            table: 0.0,
            sync_dense: 0.0,
            sync_experts: 0.0,
            sync_table: 0.0,
        };
    };
    let shares = (with.domain_share, with.fabric_share);
    let data = layout.data() * layout.context;
    let group =
        network.group(layout.sharding.group(data), layout.strides().context.min(layout.strides().data));
    let copies = network.group(
        (data / layout.sharding.group(data)).max(1),
        layout.strides().data * layout.sharding.group(data),
    );
    let routed_group = network
        .group(layout.expert_data().min(layout.sharding.group(data)), layout.expert * layout.expert_tensor);
    let gradient = count(job.framework.gradient_bytes);
    let one = |held: &HeldLayer, time: &LayerTime| {
        let gather = network.all_gather(&group, held.common * 2.0, shares)
            + if held.routed > 0.0 {
                network.all_gather(&routed_group, held.routed * 2.0, shares)
            } else {
                0.0
            };
        let scatter = gather * gradient / 2.0
            + network.all_reduce(&copies, held.common * gradient / group.ranks, shares);
        let forward = time.forward.total();
        let backward = time.backward.total() + time.again.total();
        let visible = |communication: f64, work: f64| match job.framework.data_overlap {
            Overlap::Off => communication,
            Overlap::On => (communication - work).max(0.0) + with.data_visible * communication.min(work),
        };
        let each = visible(gather, forward) + visible(gather, backward);
        let both = visible(gather, forward) + visible(gather + scatter, backward);
        (each, both - each)
    };
    let (d, ds) = one(&held_layer(shape, layout, LayerKind::Dense), dense);
    let (e, es) = one(&held_layer(shape, layout, LayerKind::Experts), experts);
    let table = HeldLayer { common: held_table(shape, layout), routed: 0.0 };
    let (t, ts) = one(&table, &LayerTime::default());
    ShardedLayers { dense: d, experts: e, table: t, sync_dense: ds, sync_experts: es, sync_table: ts }
}
