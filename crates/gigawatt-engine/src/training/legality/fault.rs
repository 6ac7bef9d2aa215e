//! What is wrong with a layout, in words, and the nearest choice that is right.

use gigawatt_plan::training::{Layout, Offload, Precision, Recompute, Schedule, Sharding};

use super::divisors::Nearest;

/// A number of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Accelerators.
    Accelerators,
    /// Tensor parallelism.
    Tensor,
    /// Pipeline stages.
    Pipeline,
    /// Pieces of a stage.
    VirtualStages,
    /// Context parallelism.
    Context,
    /// Expert parallelism.
    Expert,
    /// Tensor parallelism inside an expert.
    ExpertTensor,
    /// Sequences of a micro-batch.
    MicroBatch,
    /// Sequences of a step.
    GlobalBatch,
    /// Tokens of a sequence.
    SequenceLength,
    /// Ranks that share a copy.
    ShardingGroup,
}

impl Dimension {
    /// Its name in a layout.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accelerators => "accelerators",
            Self::Tensor => "tensor",
            Self::Pipeline => "pipeline",
            Self::VirtualStages => "virtual_stages",
            Self::Context => "context",
            Self::Expert => "expert",
            Self::ExpertTensor => "expert_tensor",
            Self::MicroBatch => "micro_batch",
            Self::GlobalBatch => "global_batch",
            Self::SequenceLength => "sequence_length",
            Self::ShardingGroup => "sharding",
        }
    }

    /// Sets it.
    pub fn set(self, layout: &mut Layout, value: u64) {
        let number = match self {
            Self::Accelerators => &mut layout.accelerators,
            Self::Tensor => &mut layout.tensor,
            Self::Pipeline => &mut layout.pipeline,
            Self::VirtualStages => &mut layout.virtual_stages,
            Self::Context => &mut layout.context,
            Self::Expert => &mut layout.expert,
            Self::ExpertTensor => &mut layout.expert_tensor,
            Self::MicroBatch => &mut layout.micro_batch,
            Self::GlobalBatch => &mut layout.global_batch,
            Self::SequenceLength => &mut layout.sequence_length,
            Self::ShardingGroup => match &mut layout.sharding {
                Sharding::None => return,
                Sharding::Optimizer(group) | Sharding::Gradients(group) | Sharding::Parameters(group) => {
                    group
                }
            },
        };
        *number = value;
    }
}

/// What cannot be cut as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Attention heads.
    Heads,
    /// Heads of keys and values.
    KvHeads,
    /// Heads of a tensor-parallel rank, which context parallelism exchanges for sequence.
    LocalHeads,
    /// Heads of recurrent mixers.
    RecurrentHeads,
    /// Width of a feed-forward network.
    FeedForward,
    /// Width of an expert.
    ExpertFeedForward,
    /// Routed experts.
    Experts,
    /// Layers, the ends counted as the split counts them.
    Layers,
    /// Accelerators of a stage.
    StageAccelerators,
    /// Data- and context-parallel ranks.
    Ranks,
}

impl Whole {
    fn words(self) -> &'static str {
        match self {
            Self::Heads => "attention heads",
            Self::KvHeads => "heads of keys and values",
            Self::LocalHeads => "heads of a tensor-parallel rank",
            Self::RecurrentHeads => "heads of recurrent mixers",
            Self::FeedForward => "columns of the feed-forward network",
            Self::ExpertFeedForward => "columns of an expert",
            Self::Experts => "experts",
            Self::Layers => "layers",
            Self::StageAccelerators => "accelerators of a stage",
            Self::Ranks => "data-parallel ranks",
        }
    }
}

/// What would make a job fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Computing more again.
    Recompute(Recompute),
    /// Sharing out more.
    Sharding(Sharding),
    /// More stages.
    Pipeline(u64),
    /// More accelerators, or another layout of as many: the fewest of this kind that are enough.
    Accelerators(Layout),
}

/// Something wrong with a layout.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// A number is zero.
    Zero(Dimension),
    /// Something is not a multiple of what cuts it.
    NotDivisible {
        /// What is cut.
        whole: Whole,
        /// How much there is of it.
        number: u64,
        /// What cuts it.
        by: Dimension,
        /// Into how many.
        parts: u64,
        /// The nearest that divide it.
        nearest: Nearest,
    },
    /// Accelerators are not a multiple of what one copy of the model takes.
    Product {
        /// Accelerators.
        accelerators: u64,
        /// Tensor x context x pipeline.
        product: u64,
        /// The nearest numbers of accelerators.
        nearest: Nearest,
    },
    /// A number is not a multiple of what it is worked off in.
    NotMultiple {
        /// The number.
        of: Dimension,
        /// Its value.
        value: u64,
        /// Of what it has to be a multiple.
        unit: u64,
        /// What that is.
        because: &'static str,
        /// The nearest multiples.
        nearest: Nearest,
    },
    /// There are more pieces than layers.
    Pieces {
        /// Pipeline x virtual stages.
        pieces: u64,
        /// Layers.
        layers: u64,
        /// The most that is legal, and of which number.
        most: (Dimension, u64),
    },
    /// Stages hold several pieces though there is one stage only.
    OneStage {
        /// Pieces.
        virtual_stages: u64,
    },
    /// A schedule needs another number of stages.
    ScheduleStages {
        /// The schedule.
        schedule: Schedule,
        /// Stages.
        pipeline: u64,
        /// The nearest numbers that it can run on.
        nearest: Nearest,
    },
    /// A schedule needs another number of pieces of a stage.
    SchedulePieces {
        /// The schedule.
        schedule: Schedule,
        /// Pieces.
        virtual_stages: u64,
        /// How many it needs.
        right: u64,
    },
    /// A schedule needs more micro-batches to fill its stages.
    FewMicroBatches {
        /// The schedule.
        schedule: Schedule,
        /// Micro-batches of a step.
        micro_batches: u64,
        /// The least that it needs.
        least: u64,
        /// The batch that has so many.
        global_batch: u64,
    },
    /// Experts are spread though the model has none.
    NoExperts {
        /// Expert parallelism.
        by: Dimension,
        /// Into how many.
        parts: u64,
    },
    /// The accelerator has no arithmetic of the format.
    Format {
        /// The format that was asked for.
        asked: Precision,
        /// The narrowest wider one that it has.
        nearest: Precision,
    },
    /// A schedule does not go with activations on the host.
    OffloadSchedule(Schedule),
    /// Something is to lie on a host of which nothing is known.
    NoHost,
    /// The host's memory is short.
    HostMemory {
        /// The stage that moves most.
        stage: usize,
        /// Bytes of each of its accelerators on the host.
        needed: f64,
        /// Bytes of the host's memory for an accelerator.
        available: f64,
    },
    /// Memory is short.
    Memory {
        /// The stage that needs most.
        stage: usize,
        /// Bytes that it needs.
        needed: f64,
        /// Bytes that an accelerator has.
        available: f64,
        /// The largest part, and its bytes.
        largest: (&'static str, f64),
        /// The least that makes it fit, where something does.
        remedy: Option<Remedy>,
    },
}

impl Fault {
    /// What is wrong: a lower-case sentence that names the value.
    pub fn message(&self) -> String {
        match self {
            Self::Zero(dimension) => format!("`{}` is 0", dimension.word()),
            Self::NotDivisible { whole, number, by, parts, .. } => {
                format!("{number} {} are not divisible by `{}` {parts}", whole.words(), by.word())
            }
            Self::Product { accelerators, product, .. } => {
                format!(
                    "{accelerators} accelerators are not a multiple of tensor x context x pipeline, {product}"
                )
            }
            Self::NotMultiple { of, value, unit, because, .. } => {
                format!("`{}` {value} is not a multiple of {unit}, {because}", of.word())
            }
            Self::Pieces { pieces, layers, .. } => {
                format!("{pieces} pieces of a pipeline are more than {layers} layers")
            }
            Self::OneStage { virtual_stages } => {
                format!("`virtual_stages` is {virtual_stages} though there is one stage")
            }
            Self::ScheduleStages { schedule, pipeline, .. } => {
                format!("`pipeline` {pipeline} is no number of stages for `schedule` {}", schedule.word())
            }
            Self::SchedulePieces { schedule, virtual_stages, .. } => {
                format!(
                    "`virtual_stages` {virtual_stages} is no number of pieces for `schedule` {}",
                    schedule.word()
                )
            }
            Self::FewMicroBatches { schedule, micro_batches, least, .. } => format!(
                "{micro_batches} micro-batches are fewer than the {least} that `schedule` {} takes",
                schedule.word()
            ),
            Self::NoExperts { by, parts } => {
                format!("`{}` is {parts} though the model has no experts", by.word())
            }
            Self::Format { asked, .. } => {
                format!("the accelerator has no {} arithmetic", format_word(*asked))
            }
            Self::OffloadSchedule(schedule) => {
                format!("`offload` of activations does not go with `schedule` {}", schedule.word())
            }
            Self::NoHost => {
                "`offload` moves something to a host, and how fast that is reached is not known".into()
            }
            Self::HostMemory { stage, needed, available } => format!(
                "stage {stage} moves {} of each accelerator to a host that has {} for it",
                gigabytes(*needed),
                gigabytes(*available),
            ),
            Self::Memory { stage, needed, available, largest, .. } => format!(
                "stage {stage} needs {} and an accelerator has {}: {} short, {} are {}",
                gigabytes(*needed),
                gigabytes(*available),
                gigabytes(needed - available),
                gigabytes(largest.1),
                largest.0,
            ),
        }
    }

    /// What would be right, where something would.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Zero(dimension) => Some(format!("`{}` is at least 1", dimension.word())),
            Self::NotDivisible { by, nearest, .. } => {
                nearest.words().map(|words| format!("`{}` may be {words}", by.word()))
            }
            Self::Product { nearest, .. } => nearest.words().map(|words| format!("{words} accelerators")),
            Self::NotMultiple { of, nearest, .. } => {
                nearest.words().map(|words| format!("`{}` may be {words}", of.word()))
            }
            Self::Pieces { most: (dimension, most), .. } => {
                Some(format!("`{}` is at most {most}", dimension.word()))
            }
            Self::OneStage { .. } => Some("`virtual_stages` is 1".into()),
            Self::ScheduleStages { nearest, .. } => {
                nearest.words().map(|words| format!("`pipeline` may be {words}"))
            }
            Self::SchedulePieces { right, .. } => Some(format!("`virtual_stages` is {right}")),
            Self::FewMicroBatches { global_batch, .. } => {
                Some(format!("`global_batch` is at least {global_batch}"))
            }
            Self::NoExperts { by, .. } => Some(format!("`{}` is 1", by.word())),
            Self::Format { nearest, .. } => Some(format!("it has {}", format_word(*nearest))),
            Self::OffloadSchedule(_) => Some("`schedule` may be one-forward-one-backward or gpipe".into()),
            Self::NoHost => Some("`offload` is none".into()),
            Self::HostMemory { .. } => None,
            Self::Memory { remedy, .. } => remedy.map(|remedy| match remedy {
                Remedy::Recompute(Recompute::Layers(some)) => {
                    format!("recomputing {some} layers of every stage fits")
                }
                Remedy::Recompute(Recompute::Full) => "recomputing every layer fits".into(),
                Remedy::Recompute(Recompute::None) => "it fits without recomputation".into(),
                Remedy::Recompute(Recompute::Elementwise) => {
                    "recomputing norms and activation functions fits".into()
                }
                Remedy::Recompute(Recompute::Selective) => {
                    "recomputing norms, activation functions and attention's core fits".into()
                }
                Remedy::Sharding(Sharding::Optimizer(_)) => "sharing out optimiser states fits".into(),
                Remedy::Sharding(Sharding::Gradients(_)) => "sharing out gradients too fits".into(),
                Remedy::Sharding(_) => "sharing out parameters too fits".into(),
                Remedy::Pipeline(stages) => format!("`pipeline` {stages} with full recomputation fits"),
                Remedy::Accelerators(layout) => format!(
                    "it takes at least {} accelerators of this kind, with `tensor` {}, parameters shared out over {} data-parallel ranks, one sequence at a time and full recomputation",
                    layout.accelerators,
                    layout.tensor,
                    layout.data()
                ),
            }),
        }
    }

    /// The layout with what the help says, where that is a change of the layout.
    pub fn mended(&self, layout: &Layout) -> Option<Layout> {
        let mut mended = *layout;
        match self {
            Self::Zero(dimension) => dimension.set(&mut mended, 1),
            Self::NotDivisible { by, nearest, .. } => by.set(&mut mended, nearest.first()?),
            Self::Product { nearest, .. } => mended.accelerators = nearest.first()?,
            Self::NotMultiple { of, nearest, .. } => of.set(&mut mended, nearest.first()?),
            Self::Pieces { most: (dimension, most), .. } => {
                mended.virtual_stages = layout.schedule.virtual_stages().unwrap_or(1);
                dimension.set(&mut mended, *most);
            }
            Self::OneStage { .. } => mended.virtual_stages = 1,
            Self::ScheduleStages { nearest, .. } => mended.pipeline = nearest.first()?,
            Self::SchedulePieces { right, .. } => mended.virtual_stages = *right,
            Self::FewMicroBatches { global_batch, .. } => mended.global_batch = *global_batch,
            Self::NoExperts { by, .. } => by.set(&mut mended, 1),
            Self::OffloadSchedule(_) => {
                mended.schedule = Schedule::OneForwardOneBackward;
                mended.virtual_stages = 1;
            }
            Self::NoHost => mended.offload = Offload::None,
            Self::Format { .. } | Self::HostMemory { .. } => return None,
            Self::Memory { remedy, .. } => match (*remedy)? {
                Remedy::Recompute(recompute) => mended.recompute = recompute,
                Remedy::Sharding(sharding) => {
                    (mended.sharding, mended.recompute) = (sharding, Recompute::Full);
                }
                Remedy::Accelerators(layout) => mended = layout,
                Remedy::Pipeline(stages) => {
                    mended.pipeline = stages;
                    mended.virtual_stages = layout.schedule.virtual_stages().unwrap_or(1);
                    mended.recompute = Recompute::Full;
                }
            },
        }
        Some(mended)
    }
}

fn gigabytes(bytes: f64) -> String {
    format!("{:.1} GB", bytes / 1e9)
}

fn format_word(precision: Precision) -> &'static str {
    match precision {
        Precision::Fp32 => "FP32",
        Precision::Tf32 => "TF32",
        Precision::Bf16 => "BF16",
        Precision::Fp16 => "FP16",
        Precision::Fp8 => "FP8",
        Precision::Fp8Block => "block-scaled FP8",
        Precision::Mxfp8 => "MXFP8",
        Precision::Nvfp4 => "NVFP4",
        Precision::Mxfp4 | Precision::Mxfp4Weights => "MXFP4",
        Precision::Int8 => "INT8",
    }
}
