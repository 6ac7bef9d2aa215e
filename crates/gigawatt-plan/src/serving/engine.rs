//! Presets of inference engines: how a stack schedules, admits and launches. They state facts about the software and
//! hold no number of their own but its documented settings.

use serde::{Deserialize, Serialize};

/// Known engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineName {
    /// vLLM.
    Vllm,
    /// SGLang.
    Sglang,
    /// TensorRT-LLM.
    TensorrtLlm,
}

impl EngineName {
    /// All of them with the words in which they are written.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Vllm, "vllm"), (Self::Sglang, "sglang"), (Self::TensorrtLlm, "tensorrt-llm")];

    /// The engine of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(engine, _)| engine)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(engine, _)| *engine == self).map_or("", |(_, word)| word)
    }
}

/// A release by its first two numbers: 0.12 is `(0, 12)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Release(pub u32, pub u32);

impl Release {
    /// Reads `0.14` and `1.1.2`, of which the first two numbers count.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().trim_start_matches('v').split('.');
        let own = Self(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        numbers.all(|rest| rest.starts_with(|first: char| first.is_ascii_digit())).then_some(own)
    }
}

/// How the layers of a model become kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// An ahead-of-time compiled engine, driven from C++.
    Compiled,
    /// PyTorch with recorded graphs, driven from Python.
    Graphs,
}

/// When the host prepares an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheduling {
    /// While the device computes the one before: the slower of both counts.
    Overlapped,
    /// After the results of the one before: both add up.
    Serial,
}

/// How the layers of prompts are launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromptLaunch {
    /// Few launches: compiled ahead, or by `torch.compile`.
    Compiled,
    /// One by one.
    Eager,
}

/// How new prompts meet running sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrefillOrder {
    /// In one iteration with them, up to a budget of tokens.
    Mixed,
    /// In iterations of their own, which come first.
    First,
}

/// How much memory a cache may fill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryShare {
    /// This share of what is free once weights and buffers are loaded.
    OfFree(f64),
    /// What weights and buffers leave of this share of the whole.
    OfAll(f64),
}

/// What an inference engine does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engine {
    /// Its name.
    pub name: EngineName,
    /// Its release, where it is known; the newest without one.
    pub release: Option<Release>,
    /// How layers become kernels.
    pub backend: Backend,
    /// When the host prepares an iteration.
    pub scheduling: Scheduling,
    /// How the layers of prompts are launched.
    pub prompt_launch: PromptLaunch,
    /// How new prompts meet running sequences.
    pub prefill: PrefillOrder,
    /// Tokens of an iteration at most, unless configured otherwise.
    pub token_budget: u64,
    /// Sequences of an iteration at most, unless configured otherwise.
    pub most_sequences: u64,
    /// What the cache may fill.
    pub memory: MemoryShare,
}

impl Engine {
    /// Whether its release comes before another.
    pub fn is_before(&self, release: Release) -> bool {
        self.release.is_some_and(|own| own < release)
    }

    /// Whether it keeps no more of a context than a layer's window. TensorRT-LLM before 1.0 keeps all of it unless it is
    /// told a window (`max_attention_window_size`).
    pub fn keeps_windows(&self) -> bool {
        self.name != EngineName::TensorrtLlm || !self.is_before(Release(1, 0))
    }

    /// The preset of an engine at a release; the newest without one.
    ///
    /// vLLM prepares iterations beside the device from 0.14 on (asynchronous scheduling by default). TensorRT-LLM
    /// compiled engines until it made PyTorch its default with 0.20; SGLang has overlapped since 0.4.
    pub fn of(name: EngineName, release: Option<Release>) -> Self {
        let since = |first: Release| release.is_none_or(|release| release >= first);
        match name {
            EngineName::Vllm => Self {
                name,
                release,
                backend: Backend::Graphs,
                scheduling: if since(Release(0, 14)) { Scheduling::Overlapped } else { Scheduling::Serial },
                prompt_launch: PromptLaunch::Compiled,
                prefill: PrefillOrder::Mixed,
                token_budget: 8192,
                most_sequences: 1024,
                memory: MemoryShare::OfAll(0.92),
            },
            EngineName::Sglang => Self {
                name,
                release,
                backend: Backend::Graphs,
                scheduling: if since(Release(0, 4)) { Scheduling::Overlapped } else { Scheduling::Serial },
                prompt_launch: PromptLaunch::Eager,
                prefill: PrefillOrder::First,
                token_budget: 8192,
                most_sequences: 2048,
                memory: MemoryShare::OfAll(0.92),
            },
            EngineName::TensorrtLlm => Self {
                name,
                release,
                backend: if since(Release(0, 20)) { Backend::Graphs } else { Backend::Compiled },
                scheduling: if since(Release(0, 15)) { Scheduling::Overlapped } else { Scheduling::Serial },
                prompt_launch: if since(Release(0, 20)) {
                    PromptLaunch::Eager
                } else {
                    PromptLaunch::Compiled
                },
                prefill: PrefillOrder::Mixed,
                token_budget: 8192,
                most_sequences: 2048,
                memory: MemoryShare::OfFree(0.9),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_change_what_an_engine_does() {
        let scheduling = |release| Engine::of(EngineName::Vllm, release).scheduling;
        assert_eq!(scheduling(Some(Release(0, 12))), Scheduling::Serial);
        assert_eq!(scheduling(Some(Release(0, 14))), Scheduling::Overlapped);
        assert_eq!(scheduling(None), Scheduling::Overlapped);
        let backend = |release| Engine::of(EngineName::TensorrtLlm, release).backend;
        assert_eq!(backend(Some(Release(0, 17))), Backend::Compiled);
        assert_eq!(backend(Some(Release(1, 0))), Backend::Graphs);
    }

    #[test]
    fn releases_are_read_by_their_first_two_numbers() {
        assert_eq!(Release::parse("0.14"), Some(Release(0, 14)));
        assert_eq!(Release::parse("v1.1.0rc2"), Some(Release(1, 1)));
        assert!(["", "1", "new", "1.x", "1.2.x"].iter().all(|text| Release::parse(text).is_none()));
    }

    #[test]
    fn words_name_engines() {
        for (engine, word) in EngineName::ALL {
            assert_eq!(EngineName::parse(word), Some(engine));
            assert_eq!(engine.word(), word);
        }
    }
}
