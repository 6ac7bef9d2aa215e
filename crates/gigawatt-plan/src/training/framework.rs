//! Presets of training frameworks: which overlaps, fusions and launches a stack has. They state facts about the
//! software and hold no number of their own.

use serde::{Deserialize, Serialize};

/// What a stack of software does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framework {
    /// Its name, as written in a scenario.
    pub name: FrameworkName,
    /// How norms, activation functions and residual sums run.
    pub elementwise: Elementwise,
    /// How much of a recomputed layer is computed.
    pub checkpoint: Checkpoint,
    /// The attention kernel.
    pub attention: AttentionKernel,
    /// How logits and loss are computed.
    pub loss: Loss,
    /// Whether tensor-parallel communication runs beside the matrices that it feeds.
    pub tensor_overlap: Overlap,
    /// Whether gradients and parameters of data parallelism move beside the passes.
    pub data_overlap: Overlap,
    /// Whether expert traffic runs beside another micro-batch's work.
    pub expert_overlap: Overlap,
    /// How tokens travel to experts.
    pub dispatcher: Dispatcher,
    /// Format in which tokens, and backward their gradients, travel to their experts; what comes back is in 16 bit.
    pub dispatch_format: DispatchFormat,
    /// Among which experts a token chooses.
    pub routing: Routing,
    /// How a rank works through the experts that it holds.
    pub expert_kernels: ExpertKernels,
    /// How kernels are launched.
    pub launch: Launch,
    /// Bytes of a gradient when it is summed over ranks.
    pub gradient_bytes: u64,
    /// Whether every micro-batch sums its gradients over ranks, or only the last.
    pub gradient_sync: GradientSync,
    /// The month in which its release was current: libraries for a new generation and mixtures of experts in particular
    /// became faster from release to release.
    pub released: Month,
}

/// Known stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameworkName {
    /// Megatron-LM, Megatron-Bridge, NeMo.
    Megatron,
    /// torchtitan.
    Torchtitan,
    /// PyTorch FSDP as llm-foundry (Composer) uses it.
    LlmFoundry,
    /// InternEvo.
    Internevo,
    /// NeMo AutoModel: PyTorch FSDP2 with Transformer Engine.
    Automodel,
    /// JAX with XLA (MaxText, Paxml).
    Jax,
    /// HAI-LLM, in which DeepSeek-V3 was trained (arXiv 2412.19437, 3.2).
    HaiLlm,
}

impl FrameworkName {
    /// All of them with the words in which they are written.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Megatron, "megatron"),
        (Self::Torchtitan, "torchtitan"),
        (Self::LlmFoundry, "llm-foundry"),
        (Self::Internevo, "internevo"),
        (Self::Automodel, "automodel"),
        (Self::Jax, "jax"),
        (Self::HaiLlm, "hai-llm"),
    ];

    /// The framework of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(framework, _)| framework)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(framework, _)| *framework == self).map_or("", |(_, word)| word)
    }
}

/// How memory-bound work is grouped into kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elementwise {
    /// Hand-fused or compiled kernels.
    Fused,
    /// One kernel for each operation of the program.
    Eager,
}

/// How much of a layer is computed again where only its input was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checkpoint {
    /// The whole layer.
    Whole,
    /// All but what nothing backward reads: the product that ends it (PyTorch's checkpoint with early stop).
    UntilNeeded,
}

/// Generations of fused attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKernel {
    /// `FlashAttention` 1 and its contemporaries of 2022 and early 2023 (Dao et al., arXiv 2205.14135).
    First,
    /// `FlashAttention` 2 (Dao 2023, arXiv 2307.08691): does not use Hopper's own matrix instructions.
    Second,
    /// cuDNN and `FlashAttention` 3 (Shah et al. 2024, arXiv 2407.08608) and later: made for the generation.
    Native,
}

/// How the loss over the vocabulary is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// One fused kernel over the logits.
    Fused,
    /// Logits are written in 32 bit and read again by each operation.
    Unfused,
}

/// Whether a communication runs beside computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It does, as far as there is something to run beside.
    On,
    /// It stands in the way.
    Off,
}

/// How tokens travel to their experts and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dispatcher {
    /// A copy for each expert through an all-to-all of the collective library.
    AllToAll,
    /// Each token once to each node, then on inside it (`DeepEP`, `HybridEP`).
    NodeLimited,
}

/// Format of tokens on their way to experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchFormat {
    /// 16 bit.
    Sixteen,
    /// That of the matrices' operands with its scales (DeepSeek-V3, arXiv 2412.19437, 3.3.3).
    Operands,
}

/// Among which experts a token chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// All of them, evenly: benchmarks that force a balance of their own.
    Anywhere,
    /// Those of the groups that the model's router chooses, where it has groups.
    Groups,
}

/// How a rank works through its experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpertKernels {
    /// Sorting, scaling, products and activation in kernels of their own, whose sizes the host waits for.
    Separate,
    /// Fused over all experts, with sizes that stay on the device, in recorded graphs.
    Fused,
}

/// How kernels reach the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Launch {
    /// One by one by the host.
    Host,
    /// As recorded graphs.
    Graph,
}

/// When gradients are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradientSync {
    /// After the last micro-batch.
    LastMicroBatch,
    /// After every micro-batch.
    EveryMicroBatch,
}

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Month {
    /// The year.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
}

impl Month {
    /// A month of a year; one beyond December counts as December.
    pub const fn new(year: u16, month: u8) -> Self {
        Self {
            year,
            month: if month > 12 {
                12
            } else if month == 0 {
                1
            } else {
                month
            },
        }
    }

    /// Reads `2025-02`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self { year, month })
    }

    /// Its middle in years.
    pub fn years(self) -> f64 {
        f64::from(self.year) + (f64::from(self.month) - 0.5) / 12.0
    }
}

impl Framework {
    /// The stack as it was in another month.
    ///
    /// Expert dispatch by node came with the releases of mid 2025, fused expert kernels with
    /// those of June 2026; attention of before December 2022 is of the first kind.
    #[must_use]
    pub fn at(self, month: Month) -> Self {
        let since = |year, of_year| month >= Month::new(year, of_year);
        Self {
            released: month,
            attention: if since(2022, 12) { self.attention } else { AttentionKernel::First },
            tensor_overlap: if since(2023, 6) { self.tensor_overlap } else { Overlap::Off },
            dispatcher: match self.name {
                FrameworkName::HaiLlm => self.dispatcher,
                _ if since(2025, 6) => self.dispatcher,
                _ => Dispatcher::AllToAll,
            },
            expert_kernels: match self.name {
                FrameworkName::Megatron if since(2026, 6) => ExpertKernels::Fused,
                _ => ExpertKernels::Separate,
            },
            ..self
        }
    }

    /// What a stack of the name does by default.
    pub fn preset(name: FrameworkName) -> Self {
        let megatron = Self {
            name,
            elementwise: Elementwise::Fused,
            checkpoint: Checkpoint::Whole,
            attention: AttentionKernel::Native,
            loss: Loss::Fused,
            tensor_overlap: Overlap::On,
            data_overlap: Overlap::On,
            expert_overlap: Overlap::Off,
            dispatcher: Dispatcher::NodeLimited,
            dispatch_format: DispatchFormat::Sixteen,
            routing: Routing::Anywhere,
            expert_kernels: ExpertKernels::Separate,
            launch: Launch::Host,
            gradient_bytes: 2,
            gradient_sync: GradientSync::LastMicroBatch,
            released: Month::new(2026, 4),
        };
        match name {
            FrameworkName::Megatron => megatron,
            FrameworkName::Torchtitan => Self {
                checkpoint: Checkpoint::UntilNeeded,
                attention: AttentionKernel::Second,
                loss: Loss::Unfused,
                tensor_overlap: Overlap::Off,
                gradient_bytes: 4,
                gradient_sync: GradientSync::EveryMicroBatch,
                released: Month::new(2025, 1),
                ..megatron
            },
            FrameworkName::LlmFoundry => Self {
                checkpoint: Checkpoint::UntilNeeded,
                elementwise: Elementwise::Eager,
                attention: AttentionKernel::First,
                // Its loss comes from the flash-attention library and writes gradients over the logits.
                loss: Loss::Fused,
                tensor_overlap: Overlap::Off,
                gradient_bytes: 4,
                gradient_sync: GradientSync::EveryMicroBatch,
                released: Month::new(2023, 9),
                ..megatron
            },
            FrameworkName::Internevo => Self {
                elementwise: Elementwise::Eager,
                attention: AttentionKernel::First,
                loss: Loss::Unfused,
                tensor_overlap: Overlap::Off,
                released: Month::new(2023, 9),
                ..megatron
            },
            FrameworkName::Automodel => Self {
                elementwise: Elementwise::Eager,
                checkpoint: Checkpoint::UntilNeeded,
                loss: Loss::Unfused,
                tensor_overlap: Overlap::Off,
                gradient_sync: GradientSync::LastMicroBatch,
                released: Month::new(2025, 11),
                ..megatron
            },
            FrameworkName::Jax => Self {
                loss: Loss::Unfused,
                released: Month::new(2024, 11),
                launch: Launch::Graph,
                gradient_sync: GradientSync::EveryMicroBatch,
                ..megatron
            },
            // Gradients are summed in 32 bit (3.3.2); its schedule hides expert traffic.
            FrameworkName::HaiLlm => Self {
                dispatch_format: DispatchFormat::Operands,
                routing: Routing::Groups,
                gradient_bytes: 4,
                released: Month::new(2024, 12),
                ..megatron
            },
        }
    }
}
