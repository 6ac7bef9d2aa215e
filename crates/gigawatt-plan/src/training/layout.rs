//! How a training run is laid out over its accelerators.

use serde::{Deserialize, Serialize};

/// The layout of a run. Every number is at least one.
///
/// `tensor x context x pipeline x data` accelerators hold one copy of the batch's work; experts are cut over
/// `expert x expert_tensor` of them within a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Accelerators in all.
    pub accelerators: u64,
    /// Tensor parallelism: each matrix and the heads are cut over so many.
    pub tensor: u64,
    /// Whether the residual stream between the cut matrices is cut along the sequence too.
    pub sequence: SequenceParallel,
    /// Pipeline stages.
    pub pipeline: u64,
    /// Pieces of the model that each stage holds (interleaved schedule); 1 is plain.
    pub virtual_stages: u64,
    /// Context parallelism: each sequence is cut over so many.
    pub context: u64,
    /// How context-parallel ranks see each other's keys and values.
    pub context_exchange: ContextExchange,
    /// Expert parallelism: the experts of a layer are spread over so many.
    pub expert: u64,
    /// Tensor parallelism inside an expert.
    pub expert_tensor: u64,
    /// What data-parallel ranks share out among them.
    pub sharding: Sharding,
    /// Sequences of one micro-batch.
    pub micro_batch: u64,
    /// Sequences of one step over the whole run.
    pub global_batch: u64,
    /// Tokens of a sequence.
    pub sequence_length: u64,
    /// Order of a stage's micro-batches.
    pub schedule: Schedule,
    /// What the backward pass computes again.
    pub recompute: Recompute,
    /// Which neighbours in rank are which.
    pub rank_order: RankOrder,
    /// What lies in the memory of the host.
    pub offload: Offload,
}

/// Whether tensor parallelism cuts norms and residual stream along the sequence (Korthikanti et al. 2022, arXiv
/// 2205.05198).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SequenceParallel {
    /// Norms are computed once on each rank's part: all-gather and reduce-scatter.
    On,
    /// Norms are computed on every rank: all-reduce.
    Off,
}

/// How ranks that share a sequence attend over all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextExchange {
    /// Keys and values go round from rank to rank while attention works (Liu et al. 2023, arXiv 2310.01889).
    Ring,
    /// Keys and values are gathered before attention (Llama 3, arXiv 2407.21783, 3.3.2).
    AllGather,
    /// Heads are exchanged for sequence (DeepSpeed-Ulysses, arXiv 2309.14509).
    Ulysses,
}

/// What is cut over data-parallel ranks instead of being held by each (Rajbhandari et al. 2020, arXiv 1910.02054).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharding {
    /// Nothing: gradients are all-reduced.
    None,
    /// Optimiser states, over groups of so many ranks (ZeRO-1, distributed optimiser).
    Optimizer(u64),
    /// Optimiser states and gradients (ZeRO-2).
    Gradients(u64),
    /// Parameters too (ZeRO-3, FSDP); groups smaller than all ranks are hybrid sharding.
    Parameters(u64),
}

impl Sharding {
    /// Ranks that share a copy; all of `data` where the group is larger.
    pub fn group(self, data: u64) -> u64 {
        match self {
            Self::None => 1,
            Self::Optimizer(group) | Self::Gradients(group) | Self::Parameters(group) => {
                group.clamp(1, data.max(1))
            }
        }
    }
}

/// The order of a pipeline's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// All forward passes, then all backward (Huang et al. 2019, arXiv 1811.06965).
    GPipe,
    /// One forward, one backward; interleaved where stages hold several pieces (Narayanan et al. 2021, arXiv
    /// 2104.04473).
    OneForwardOneBackward,
    /// One forward, one backward, where gradients of weights come later and fill what would be waiting, with the
    /// activations of one forward, one backward (Qi et al. 2023, arXiv 2401.10241, 3.1: ZB-H1).
    ZeroBubbleH1,
    /// Two pieces a stage that a micro-batch passes there and back, gradients of weights apart (Qi et al. 2023, arXiv
    /// 2401.10241, 6: ZB-V; the V-ZB of Qi et al. 2024, arXiv 2405.15362).
    ZeroBubbleV,
    /// Micro-batches from both ends, each stage with two pieces of which there are two copies; a forward pass of one
    /// direction and a backward pass of the other run together (DeepSeek-V3, arXiv 2412.19437, 3.2.1).
    DualPipe,
}

impl Schedule {
    /// All of them with the words in which they are written.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::OneForwardOneBackward, "one-forward-one-backward"),
        (Self::GPipe, "gpipe"),
        (Self::ZeroBubbleH1, "zb-h1"),
        (Self::ZeroBubbleV, "zb-v"),
        (Self::DualPipe, "dualpipe"),
    ];

    /// The schedule of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(schedule, _)| schedule)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(schedule, _)| *schedule == self).map_or("", |(_, word)| word)
    }

    /// Copies of the model that a pipeline holds.
    pub fn copies(self) -> u64 {
        if self == Self::DualPipe { 2 } else { 1 }
    }

    /// Virtual stages that it is made for; none where it takes any number.
    pub fn virtual_stages(self) -> Option<u64> {
        match self {
            Self::GPipe | Self::OneForwardOneBackward => None,
            Self::ZeroBubbleH1 | Self::DualPipe => Some(1),
            Self::ZeroBubbleV => Some(2),
        }
    }

    /// Of what the number of stages is a multiple.
    pub fn stage_unit(self) -> u64 {
        if self == Self::DualPipe { 2 } else { 1 }
    }

    /// The least number of stages.
    pub fn least_stages(self) -> u64 {
        match self {
            Self::ZeroBubbleV | Self::DualPipe => 2,
            Self::GPipe | Self::OneForwardOneBackward | Self::ZeroBubbleH1 => 1,
        }
    }

    /// The least number of micro-batches for so many stages.
    pub fn least_micro_batches(self, stages: u64) -> u64 {
        if self == Self::DualPipe { stages.saturating_mul(2) } else { 1 }
    }
}

/// What is not kept from the forward pass but computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recompute {
    /// Nothing, beyond what a fused attention kernel does by itself.
    None,
    /// Norms and activation functions: memory traffic, no matrices.
    Elementwise,
    /// Attention's core, norms and activation functions: the matrices' products are kept.
    Selective,
    /// Of so many layers of every stage everything but their input.
    Layers(u64),
    /// Of every layer everything but its input.
    Full,
}

/// What lies in the memory of the host instead of the accelerator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offload {
    /// Nothing.
    None,
    /// Optimiser states and master copies, which the host's processors update (ZeRO-Offload, Ren et al. 2021, arXiv
    /// 2101.06840; Megatron-Core's `HybridDeviceOptimizer`).
    Optimizer,
    /// Activations that layers keep, from their forward to their backward pass (`SSDTrain`, Wu et al. 2024, arXiv
    /// 2408.10013; Megatron-Core's offloading of activations).
    Activations,
    /// Both.
    Both,
}

impl Offload {
    /// Whether optimiser states do.
    pub fn optimizer(self) -> bool {
        matches!(self, Self::Optimizer | Self::Both)
    }

    /// Whether activations do.
    pub fn activations(self) -> bool {
        matches!(self, Self::Activations | Self::Both)
    }

    /// Whether all that another takes off the accelerator is taken off by this one too.
    pub fn includes(self, other: Self) -> bool {
        self.optimizer() >= other.optimizer() && self.activations() >= other.activations()
    }
}

/// Which ranks are neighbours, innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankOrder {
    /// Tensor, context, data, pipeline (Megatron's default).
    DataBeforePipeline,
    /// Tensor, context, pipeline, data (Llama 3).
    PipelineBeforeData,
}

impl Layout {
    /// One of everything on one accelerator.
    pub const SINGLE: Self = Self {
        accelerators: 1,
        tensor: 1,
        sequence: SequenceParallel::On,
        pipeline: 1,
        virtual_stages: 1,
        context: 1,
        context_exchange: ContextExchange::Ring,
        expert: 1,
        expert_tensor: 1,
        sharding: Sharding::None,
        micro_batch: 1,
        global_batch: 1,
        sequence_length: 4096,
        schedule: Schedule::OneForwardOneBackward,
        recompute: Recompute::None,
        rank_order: RankOrder::DataBeforePipeline,
        offload: Offload::None,
    };

    /// Data-parallel ranks: what the other dimensions leave.
    pub fn data(&self) -> u64 {
        let copy = self.tensor.saturating_mul(self.context).saturating_mul(self.pipeline);
        (self.accelerators / copy.max(1)).max(1)
    }

    /// Ranks that hold the same parameters, of those that are not experts', where nothing is sharded: data and context
    /// ranks of every copy of the model that the schedule has.
    pub fn parameter_copies(&self) -> u64 {
        self.data().saturating_mul(self.context).saturating_mul(self.schedule.copies())
    }

    /// Copies of an expert: what expert parallelism leaves of a stage's accelerators, for every copy of the model that the
    /// schedule has.
    pub fn expert_data(&self) -> u64 {
        let copy = self.pipeline.saturating_mul(self.expert).saturating_mul(self.expert_tensor);
        (self.accelerators / copy.max(1)).max(1).saturating_mul(self.schedule.copies())
    }

    /// Micro-batches that a pipeline works through in a step.
    pub fn micro_batches(&self) -> u64 {
        (self.global_batch / self.data().saturating_mul(self.micro_batch).max(1)).max(1)
    }

    /// Tokens of one micro-batch on a context-parallel rank.
    pub fn local_tokens(&self) -> f64 {
        count(self.micro_batch.saturating_mul(self.sequence_length)) / count(self.context)
    }

    /// Tokens of a step.
    pub fn step_tokens(&self) -> f64 {
        count(self.global_batch) * count(self.sequence_length)
    }

    /// Distance in rank between members of a tensor, context, data and pipeline group.
    pub fn strides(&self) -> Strides {
        let inner = self.tensor * self.context;
        match self.rank_order {
            RankOrder::DataBeforePipeline => {
                Strides { tensor: 1, context: self.tensor, data: inner, pipeline: inner * self.data() }
            }
            RankOrder::PipelineBeforeData => {
                Strides { tensor: 1, context: self.tensor, data: inner * self.pipeline, pipeline: inner }
            }
        }
    }
}

/// Distances in rank between neighbours of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strides {
    /// Of a tensor-parallel group.
    pub tensor: u64,
    /// Of a context-parallel group.
    pub context: u64,
    /// Of a data-parallel group.
    pub data: u64,
    /// Of a pipeline.
    pub pipeline: u64,
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn count(number: u64) -> f64 {
    number as f64
}
