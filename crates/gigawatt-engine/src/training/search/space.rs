//! The declared space of a search.

use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::training::{
    ContextExchange, Framework, FrameworkName, Layout, Month, Offload, RankOrder, Recompute, Schedule,
    SequenceParallel, Sharding,
};

use super::Problem;
use crate::training::legality;

/// What each dimension of a layout may be. A search looks at every combination in which tensor, context and pipeline
/// parallelism divide the accelerators.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// Software with its switches for overlaps.
    pub frameworks: Vec<Framework>,
    /// Tensor parallelism.
    pub tensor: Vec<u64>,
    /// Whether tensor parallelism cuts norms along the sequence.
    pub sequence: Vec<SequenceParallel>,
    /// Context parallelism.
    pub context: Vec<u64>,
    /// How context-parallel ranks see each other's keys; one choice is looked at without context parallelism.
    pub context_exchange: Vec<ContextExchange>,
    /// Expert parallelism.
    pub expert: Vec<u64>,
    /// Tensor parallelism inside experts.
    pub expert_tensor: Vec<u64>,
    /// Pipeline stages.
    pub pipeline: Vec<u64>,
    /// Pieces of each stage.
    pub virtual_stages: Vec<u64>,
    /// Order of a stage's micro-batches.
    pub schedule: Vec<Schedule>,
    /// Sequences of a micro-batch.
    pub micro_batch: Vec<u64>,
    /// What is computed again: of so many layers only where stages have more.
    pub recompute: Vec<Recompute>,
    /// What data-parallel ranks share out; larger groups than there are ranks are all of them.
    pub sharding: Vec<Sharding>,
    /// Which ranks are neighbours.
    pub rank_order: Vec<RankOrder>,
    /// What lies in the memory of the host.
    pub offload: Vec<Offload>,
}

impl Space {
    /// Everything that can be laid out: all divisors of accelerators and heads, of the experts, of the batch; every number
    /// of stages and pieces up to the layers; every way to compute again, down to single layers; every way to share out
    /// over all ranks; both orders of ranks; the schedules that the software has.
    ///
    /// Sequence parallelism is on wherever there is tensor parallelism: without it the same bytes are sent and norms
    /// are computed and kept by every rank. Nothing lies on the host: of what that takes only the least is known, so that a
    /// space has it where somebody asks for it.
    pub fn of(problem: &Problem<'_>) -> Self {
        let (shape, accelerators) = (problem.shape, problem.accelerators);
        let of_accelerators = divisors(accelerators);
        let heads = heads(shape);
        let below = |most: u64| of_accelerators.iter().copied().filter(move |one| *one <= most);
        let tensor = below(MOST_TENSOR).filter(|one| heads.is_multiple_of(*one)).collect();
        let context = below((problem.sequence_length / LEAST_TOKENS).max(1)).collect();
        let (expert, expert_tensor) = match shape.experts {
            Some(experts) => (
                divisors(experts.routed),
                below(MOST_EXPERT_TENSOR).filter(|one| experts.feed_forward.is_multiple_of(*one)).collect(),
            ),
            None => (vec![1], vec![1]),
        };
        let layers = shape.layers + shape.further_tokens;
        let recompute = [Recompute::None, Recompute::Elementwise, Recompute::Selective]
            .into_iter()
            .chain((1..layers).map(Recompute::Layers))
            .chain([Recompute::Full]);
        Self {
            frameworks: vec![problem.framework],
            tensor,
            sequence: vec![SequenceParallel::On],
            context,
            context_exchange: vec![
                ContextExchange::Ring,
                ContextExchange::AllGather,
                ContextExchange::Ulysses,
            ],
            expert,
            expert_tensor,
            pipeline: below(layers + 2).collect(),
            virtual_stages: (1..=layers).collect(),
            schedule: schedules(&problem.framework),
            micro_batch: divisors(problem.global_batch)
                .into_iter()
                .filter(|one| *one <= MOST_MICRO_BATCH)
                .collect(),
            recompute: recompute.collect(),
            sharding: vec![
                Sharding::Optimizer(u64::MAX),
                Sharding::Gradients(u64::MAX),
                Sharding::Parameters(u64::MAX),
                Sharding::None,
            ],
            rank_order: vec![RankOrder::DataBeforePipeline, RankOrder::PipelineBeforeData],
            offload: vec![Offload::None],
        }
    }

    /// Of the space what is usual: tensor parallelism within a scale-up domain, experts whole, few sequences at once, keys
    /// exchanged in a ring, layers computed again all or none.
    #[must_use]
    pub fn usual(mut self, problem: &Problem<'_>) -> Self {
        let inside = problem.network.tiers().iter().filter(|tier| tier.scale_up);
        let domain = inside.map(|tier| tier.size).max().unwrap_or(1);
        self.tensor.retain(|one| *one <= domain.min(USUAL_TENSOR));
        self.expert_tensor.retain(|one| *one == 1);
        self.micro_batch.retain(|one| *one <= USUAL_MICRO_BATCH);
        self.context_exchange.truncate(1);
        self.recompute.retain(|one| !matches!(one, Recompute::Layers(_)));
        self
    }

    /// The space with what a layout has too, so that its best is at least as fast as that.
    #[must_use]
    pub fn with(mut self, framework: Framework, layout: &Layout) -> Self {
        fn add<T: PartialEq>(values: &mut Vec<T>, value: T) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        add(&mut self.frameworks, framework);
        add(&mut self.tensor, layout.tensor);
        add(&mut self.sequence, layout.sequence);
        add(&mut self.context, layout.context);
        add(&mut self.context_exchange, layout.context_exchange);
        add(&mut self.expert, layout.expert);
        add(&mut self.expert_tensor, layout.expert_tensor);
        add(&mut self.pipeline, layout.pipeline);
        add(&mut self.virtual_stages, layout.virtual_stages);
        add(&mut self.schedule, layout.schedule);
        add(&mut self.micro_batch, layout.micro_batch);
        add(&mut self.recompute, layout.recompute);
        let all = layout.parameter_copies();
        let group = layout.sharding.group(all);
        add(&mut self.sharding, layout.sharding.over(if group == all { u64::MAX } else { group }));
        add(&mut self.rank_order, layout.rank_order);
        add(&mut self.offload, layout.offload);
        self
    }

    /// What may lie on the host with a schedule, each after all that have less there.
    pub(super) fn offloads(&self, schedule: Schedule) -> impl Iterator<Item = Offload> {
        let known = Offload::WORDS.map(|(offload, _)| offload).into_iter();
        known.filter(move |one| self.offload.contains(one) && legality::can_offload(schedule, *one))
    }

    /// The schedules of which a cut of a kind is priced: those that run passes together, or the others.
    pub(super) fn schedules(&self, kind: Schedule) -> impl Iterator<Item = Schedule> {
        let together = |schedule: Schedule| schedule == Schedule::DualPipe;
        self.schedule.iter().copied().filter(move |one| together(*one) == together(kind))
    }

    /// Layouts that the space has on `accelerators` of which tensor, context and pipeline parallelism are these.
    pub(super) fn declared(&self, layers: u64, layout: &Layout) -> u64 {
        let (pipeline, data, global_batch) = (layout.pipeline, layout.data(), layout.global_batch);
        let schedules = self.schedules(layout.schedule).count();
        let pieces = self.virtual_stages.iter().filter(|one| **one == 1 || pipeline > 1).count();
        let micro = self.micro_batches(data, global_batch).count();
        let recompute = self.recomputes(layers, pipeline).count();
        let kept = [self.sharding.len(), self.rank_order.len(), self.offload.len()];
        let all = [pieces, schedules, micro, recompute].into_iter().chain(kept);
        all.map(|number| number as u64).product()
    }

    /// Micro-batches into which the batch of a data-parallel rank can be cut.
    pub(super) fn micro_batches(&self, data: u64, global_batch: u64) -> impl Iterator<Item = u64> {
        self.micro_batch
            .iter()
            .copied()
            .filter(move |one| global_batch.is_multiple_of(data.saturating_mul(*one).max(1)))
    }

    /// What can be computed again on stages of so many layers, none twice.
    pub(super) fn recomputes(&self, layers: u64, pipeline: u64) -> impl Iterator<Item = Recompute> {
        let each = layers.div_ceil(pipeline.max(1));
        self.recompute
            .iter()
            .copied()
            .filter(move |one| !matches!(one, Recompute::Layers(some) if *some > each || *some == 0))
    }

    /// Whether a layout is one of the space's, given its accelerators, batch and sequence.
    pub fn has(&self, framework: &Framework, layout: &Layout) -> bool {
        let group = |sharding: &Sharding| {
            let ranks = layout.parameter_copies();
            (std::mem::discriminant(sharding), sharding.group(ranks))
        };
        self.frameworks.contains(framework)
            && self.tensor.contains(&layout.tensor)
            && (layout.tensor == 1 || self.sequence.contains(&layout.sequence))
            && self.context.contains(&layout.context)
            && (layout.context == 1 || self.context_exchange.contains(&layout.context_exchange))
            && self.expert.contains(&layout.expert)
            && self.expert_tensor.contains(&layout.expert_tensor)
            && self.pipeline.contains(&layout.pipeline)
            && self.virtual_stages.contains(&layout.virtual_stages)
            && self.schedule.contains(&layout.schedule)
            && self.micro_batch.contains(&layout.micro_batch)
            && self.recompute.contains(&layout.recompute)
            && self.sharding.iter().any(|one| group(one) == group(&layout.sharding))
            && self.rank_order.contains(&layout.rank_order)
            && self.offload.contains(&layout.offload)
    }
}

/// Tensor parallelism beyond this many ranks is not looked at: no published run has more than 16.
const MOST_TENSOR: u64 = 64;
/// Tensor parallelism inside experts beyond this many ranks is not looked at.
const MOST_EXPERT_TENSOR: u64 = 16;
/// Larger micro-batches are not looked at.
const MOST_MICRO_BATCH: u64 = 1 << 12;
/// Tensor parallelism that is usual at most.
const USUAL_TENSOR: u64 = 16;
/// Sequences of a micro-batch that are usual at most.
const USUAL_MICRO_BATCH: u64 = 4;
/// Context-parallel ranks have at least so many tokens of a sequence each.
const LEAST_TOKENS: u64 = 1024;

/// Schedules that a stack has at its release: PyTorch has ZB-V since 2.6 of January 2025.
fn schedules(framework: &Framework) -> Vec<Schedule> {
    let mut schedules = vec![Schedule::OneForwardOneBackward];
    match framework.name {
        FrameworkName::Torchtitan => {
            schedules.push(Schedule::GPipe);
            if framework.released >= Month::new(2025, 1) {
                schedules.push(Schedule::ZeroBubbleV);
            }
        }
        FrameworkName::HaiLlm => schedules.extend([Schedule::ZeroBubbleH1, Schedule::DualPipe]),
        _ => {}
    }
    schedules
}

/// Heads over which tensor parallelism may cut.
fn heads(shape: &Shape) -> u64 {
    match shape.attention {
        Attention::Grouped { heads, .. } | Attention::Latent { heads, .. } => heads,
        Attention::Absent => shape.hidden,
    }
}

/// The divisors of a number in order.
fn divisors(number: u64) -> Vec<u64> {
    let mut all = legality::divisors::divisors(number);
    all.sort_unstable();
    all
}
