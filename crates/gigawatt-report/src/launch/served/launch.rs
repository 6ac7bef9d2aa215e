//! What is served and how.

use gigawatt_engine::serving::{EngineName, MemoryShare, ServingLayout};
use gigawatt_plan::training::Precision;

/// A model that is served.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedLaunch {
    /// What it is called in a cluster.
    pub name: KubernetesName,
    /// Its name on the hub, or a path.
    pub model: String,
    /// The engine.
    pub engine: EngineName,
    /// The image of a container in which the engine is.
    pub image: String,
    /// How a replica lies on accelerators.
    pub layout: ServingLayout,
    /// Whether it has experts.
    pub experts: bool,
    /// Formats of weights.
    pub weights: WeightFormat,
    /// Format of keys and values.
    pub cache: Precision,
    /// Limits of a scheduler.
    pub limits: ServedLimits,
    /// Whether what prompts have in common is kept.
    pub prefix_caching: PrefixCaching,
    /// In which order requests are taken.
    pub order: Order,
    /// Tokens guessed ahead.
    pub guesses: Option<Guesses>,
    /// How many replicas.
    pub replicas: Replicas,
    /// What a node has.
    pub node: Acceleration,
    /// Seconds until a replica serves, at most: beyond it the cluster starts it again.
    pub start_up: u64,
    /// A secret of the cluster with a token for the hub under the key `token`.
    pub token_secret: Option<KubernetesName>,
    /// What else stands above a manifest, a sentence each.
    pub remarks: Vec<String>,
}

/// A name as Kubernetes takes it: lower-case letters, digits and dashes, a letter first, at most 40 characters, so that
/// what a cluster adds to it fits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesName(String);

impl KubernetesName {
    /// Characters at most.
    pub const LONGEST: usize = 40;

    /// The name of anything: other characters become dashes, and `served` stands where nothing is left.
    pub fn of(text: &str) -> Self {
        let plain = text.chars().map(|letter| match letter.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => letter,
            _ => '-',
        });
        let mut name = String::new();
        for letter in plain {
            let begins = name.is_empty() && !letter.is_ascii_lowercase();
            if name.len() < Self::LONGEST && !begins && !(letter == '-' && name.ends_with('-')) {
                name.push(letter);
            }
        }
        let name = name.trim_end_matches('-');
        Self(if name.is_empty() { "served".to_owned() } else { name.to_owned() })
    }

    /// Its characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Formats of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightFormat {
    /// Those of the checkpoint, which the engine finds in it.
    OfCheckpoint,
    /// Made from a checkpoint of 16 bits as it is loaded.
    MadeOnLoad(Precision),
}

/// Limits of a scheduler; an engine that is not told one has its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServedLimits {
    /// Sequences of an iteration at most, of one group of ranks that share their attention.
    pub most_sequences: Option<u64>,
    /// Tokens of an iteration at most, likewise.
    pub token_budget: Option<u64>,
    /// Tokens of prompt and answer at most.
    pub context: Option<u64>,
    /// What the cache may fill.
    pub memory: Option<MemoryShare>,
}

/// Whether what prompts have in common is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefixCaching {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// In which order requests are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they come.
    Arrival,
    /// By priority, lower numbers first.
    Priority,
}

/// Tokens guessed ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guesses {
    /// By layers of the model that predict several tokens.
    MultiToken {
        /// How many.
        tokens: u64,
    },
    /// By an EAGLE-3 head, a model of its own on the hub.
    Eagle3 {
        /// How many.
        tokens: u64,
        /// The head.
        head: String,
    },
    /// From what stands in the prompt.
    Prompt {
        /// How many.
        tokens: u64,
    },
}

impl Guesses {
    /// How many tokens.
    pub fn tokens(&self) -> u64 {
        match self {
            Self::MultiToken { tokens } | Self::Eagle3 { tokens, .. } | Self::Prompt { tokens } => *tokens,
        }
    }
}

/// How many replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replicas {
    /// Always as many.
    Fixed(u32),
    /// As many as a metric asks for.
    Scaled {
        /// The fewest.
        least: u32,
        /// The most.
        most: u32,
        /// A metric of pods, as the cluster's adapter calls it.
        metric: String,
        /// What it should be per replica.
        target: u32,
        /// Seconds for which it has to ask for fewer before any goes.
        patience: u32,
    },
}

/// Who makes accelerators, by which a cluster counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// `nvidia.com/gpu`.
    Nvidia,
    /// `amd.com/gpu`.
    Amd,
}

impl Maker {
    /// What a cluster calls its accelerators.
    pub fn resource(self) -> &'static str {
        match self {
            Self::Nvidia => "nvidia.com/gpu",
            Self::Amd => "amd.com/gpu",
        }
    }
}

/// Accelerators of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceleration {
    /// Their maker.
    pub maker: Maker,
    /// How many a node has.
    pub per_node: u64,
}

/// Why something cannot be launched so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// Accelerators that do not divide.
    #[error("a replica of {accelerators} accelerators does not fill whole nodes of {per_node}")]
    Uneven {
        /// Accelerators of a replica.
        accelerators: u64,
        /// Accelerators of a node.
        per_node: u64,
    },
    /// An engine that takes more than a manifest on several nodes.
    #[error(
        "TensorRT-LLM on several nodes is started by MPI: {nodes} nodes take an operator for it, for which no manifest is written"
    )]
    NeedsMpi {
        /// Nodes of a replica.
        nodes: u64,
    },
}

impl ServedLaunch {
    /// Nodes of a replica.
    ///
    /// # Errors
    /// Where it takes more than one and does not fill them.
    pub fn nodes(&self) -> Result<u64, LaunchError> {
        let (accelerators, per_node) = (self.layout.accelerators(), self.node.per_node.max(1));
        if accelerators <= per_node {
            Ok(1)
        } else if accelerators.is_multiple_of(per_node) {
            Ok(accelerators / per_node)
        } else {
            Err(LaunchError::Uneven { accelerators, per_node })
        }
    }

    /// Ranks over which experts can be spread in whole: all of a stage.
    pub(super) fn expert_ranks(&self) -> u64 {
        self.layout.stage_ranks()
    }
}

/// A format in words.
pub(super) fn format_words(format: Precision) -> &'static str {
    match format {
        Precision::Fp32 => "32 bits",
        Precision::Tf32 => "TF32",
        Precision::Bf16 => "bfloat16",
        Precision::Fp16 => "float16",
        Precision::Fp8 => "8 bits",
        Precision::Fp8Block => "8 bits with scales of blocks",
        Precision::Mxfp8 => "MXFP8",
        Precision::Nvfp4 => "NVFP4",
        Precision::Mxfp4 | Precision::Mxfp4Weights => "MXFP4",
        Precision::Int8 => "8-bit integers",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name() {
        let cases = [
            ("assistant", "assistant"),
            ("Meta AI / 2025", "meta-ai-2025"),
            ("405B", "b"),
            ("--", "served"),
            ("é", "served"),
            ("", "served"),
        ];
        for (text, name) in cases {
            assert_eq!(KubernetesName::of(text).as_str(), name, "{text}");
        }
        assert_eq!(KubernetesName::of(&"a".repeat(100)).as_str().len(), KubernetesName::LONGEST);
    }
}
