//! Layouts in the words of a scenario.

use super::layout::{ContextExchange, Layout, Offload, RankOrder, Recompute, SequenceParallel, Sharding};

impl ContextExchange {
    /// All of them with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 3] =
        [(Self::Ring, "ring"), (Self::AllGather, "all-gather"), (Self::Ulysses, "ulysses")];
}

impl RankOrder {
    /// All of them with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 2] = [
        (Self::DataBeforePipeline, "data-before-pipeline"),
        (Self::PipelineBeforeData, "pipeline-before-data"),
    ];
}

impl Offload {
    /// All of them with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::None, "none"),
        (Self::Optimizer, "optimizer"),
        (Self::Activations, "activations"),
        (Self::Both, "both"),
    ];
}

impl Sharding {
    /// Each over all ranks, with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::Optimizer(u64::MAX), "optimizer"),
        (Self::None, "none"),
        (Self::Gradients(u64::MAX), "gradients"),
        (Self::Parameters(u64::MAX), "parameters"),
    ];

    /// The same over groups of so many ranks.
    #[must_use]
    pub fn over(self, group: u64) -> Self {
        match self {
            Self::None => Self::None,
            Self::Optimizer(_) => Self::Optimizer(group),
            Self::Gradients(_) => Self::Gradients(group),
            Self::Parameters(_) => Self::Parameters(group),
        }
    }

    /// Its word; the group stands beside it.
    pub fn word(self) -> &'static str {
        word(&Self::WORDS, &self.over(u64::MAX))
    }
}

impl Recompute {
    /// Those that hold for every layer, with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::None, "none"),
        (Self::Elementwise, "elementwise"),
        (Self::Selective, "selective"),
        (Self::Full, "full"),
    ];

    /// In words: `full`, `3 layers of a stage`.
    pub fn words(self) -> String {
        match self {
            Self::Layers(some) => format!("{some} layers of a stage"),
            other => word(&Self::WORDS, &other).to_owned(),
        }
    }
}

/// The word of a value; nothing for one without.
pub fn word<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    words.iter().find(|(known, _)| known == value).map_or("", |(_, word)| word)
}

/// The value of a word.
pub fn value<T: Copy>(words: &[(T, &'static str)], text: &str) -> Option<T> {
    words.iter().find(|(_, word)| *word == text).map(|(value, _)| *value)
}

impl Layout {
    /// The fields of a scenario's `layout` that say it, with their values as TOML; what is as it is unless said is left
    /// out, but for tensor and pipeline parallelism and the micro-batch.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let single = Self::SINGLE;
        let quoted = |word: &str| format!("\"{word}\"");
        let mut fields = vec![("tensor", self.tensor.to_string())];
        if self.sequence != single.sequence {
            fields.push(("sequence_parallel", (self.sequence == SequenceParallel::On).to_string()));
        }
        fields.push(("pipeline", self.pipeline.to_string()));
        if self.virtual_stages != self.schedule.virtual_stages().unwrap_or(1) {
            fields.push(("virtual_stages", self.virtual_stages.to_string()));
        }
        let numbers =
            [("context", self.context), ("expert", self.expert), ("expert_tensor", self.expert_tensor)];
        fields.extend(numbers.iter().filter(|(_, one)| *one > 1).map(|(name, one)| (*name, one.to_string())));
        if self.context > 1 && self.context_exchange != single.context_exchange {
            fields.push(("context_exchange", quoted(word(&ContextExchange::WORDS, &self.context_exchange))));
        }
        if self.schedule != single.schedule {
            fields.push(("schedule", quoted(self.schedule.word())));
        }
        fields.push(("micro_batch", self.micro_batch.to_string()));
        match self.recompute {
            Recompute::None => {}
            Recompute::Layers(some) => fields.push(("recompute_layers", some.to_string())),
            other => fields.push(("recompute", quoted(word(&Recompute::WORDS, &other)))),
        }
        let ranks = self.parameter_copies();
        if self.sharding.word() != "optimizer" {
            fields.push(("sharding", quoted(self.sharding.word())));
        }
        if self.sharding != Sharding::None && self.sharding.group(ranks) < ranks {
            fields.push(("sharding_group", self.sharding.group(ranks).to_string()));
        }
        if self.rank_order != single.rank_order {
            fields.push(("rank_order", quoted(word(&RankOrder::WORDS, &self.rank_order))));
        }
        if self.offload != single.offload {
            fields.push(("offload", quoted(word(&Offload::WORDS, &self.offload))));
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::fields_training::{
        CONTEXT_EXCHANGES, OFFLOADS, RANK_ORDERS, RECOMPUTES, SCHEDULES, SHARDINGS,
    };
    use crate::training::Schedule;

    #[test]
    fn what_a_scenario_may_say_has_a_meaning() {
        assert!(CONTEXT_EXCHANGES.iter().all(|word| value(&ContextExchange::WORDS, word).is_some()));
        assert!(SCHEDULES.iter().all(|word| Schedule::parse(word).is_some()));
        assert!(RANK_ORDERS.iter().all(|word| value(&RankOrder::WORDS, word).is_some()));
        assert!(SHARDINGS.iter().all(|word| value(&Sharding::WORDS, word).is_some()));
        assert!(OFFLOADS.iter().all(|word| value(&Offload::WORDS, word).is_some()));
        assert!(RECOMPUTES.iter().all(|word| value(&Recompute::WORDS, word).is_some()));
    }

    #[test]
    fn a_layout_says_what_is_not_as_usual() {
        let layout = Layout {
            accelerators: 64,
            tensor: 8,
            recompute: Recompute::Layers(2),
            sharding: Sharding::Parameters(4),
            offload: Offload::Both,
            ..Layout::SINGLE
        };
        let text: Vec<String> =
            layout.fields().iter().map(|(name, value)| format!("{name} = {value}")).collect();
        assert_eq!(
            text.join(", "),
            "tensor = 8, pipeline = 1, micro_batch = 1, recompute_layers = 2, sharding = \"parameters\", sharding_group = 4, offload = \"both\""
        );
    }
}
