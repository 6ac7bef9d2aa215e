//! Rows of a file of training measurements, as published.

use crate::table::{Record, Table};

/// One row; what is empty in the file is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingRow {
    /// Identity.
    pub id: String,
    /// The model's name.
    pub model: String,
    /// All parameters in thousand millions, where printed.
    pub parameters: Option<f64>,
    /// Layers.
    pub layers: Option<u64>,
    /// Width.
    pub hidden: Option<u64>,
    /// Width of a dense feed-forward network.
    pub feed_forward: Option<u64>,
    /// Query heads.
    pub heads: Option<u64>,
    /// Heads of keys and values.
    pub kv_heads: Option<u64>,
    /// Width of a head.
    pub head_size: Option<u64>,
    /// Vocabulary.
    pub vocabulary: Option<u64>,
    /// Routed experts.
    pub experts: Option<u64>,
    /// Experts that a token visits.
    pub active_experts: Option<u64>,
    /// Experts that every token visits.
    pub shared_experts: Option<u64>,
    /// Width of an expert.
    pub expert_feed_forward: Option<u64>,
    /// Kind of attention.
    pub attention: String,
    /// Tokens of a sequence.
    pub sequence_length: Option<u64>,
    /// The accelerator as printed.
    pub gpu_type: String,
    /// Its family.
    pub gpu_family: String,
    /// How many.
    pub gpus: Option<u64>,
    /// How many a server or tray has.
    pub gpus_per_node: Option<u64>,
    /// What joins them, as printed.
    pub interconnect: String,
    /// Number format as printed.
    pub precision: String,
    /// Number format, normalised.
    pub precision_class: String,
    /// Tensor parallelism.
    pub tensor: Option<u64>,
    /// Pipeline stages.
    pub pipeline: Option<u64>,
    /// Pieces of a stage.
    pub virtual_stages: Option<u64>,
    /// Context parallelism.
    pub context: Option<u64>,
    /// Expert parallelism.
    pub expert: Option<u64>,
    /// Tensor parallelism of experts.
    pub expert_tensor: Option<u64>,
    /// Data parallelism as printed.
    pub data: Option<u64>,
    /// Sharding as printed.
    pub sharding: String,
    /// Sequences of a micro-batch.
    pub micro_batch: Option<u64>,
    /// Sequences of a step.
    pub global_batch: Option<u64>,
    /// Recomputation as printed.
    pub recompute: String,
    /// What else was printed.
    pub flags: String,
    /// Notes of who collected it.
    pub notes: String,
    /// Which measurement.
    pub metric: String,
    /// Its value.
    pub value: Option<f64>,
    /// Peak memory in GiB, where printed.
    pub memory: Option<f64>,
    /// Tier.
    pub tier: String,
    /// What was trained.
    pub workload: String,
    /// The framework, normalised.
    pub framework: String,
    /// Who published it.
    pub publisher: String,
    /// In which document.
    pub document: String,
    /// What was contradicted or needs a default.
    pub flag: String,
    /// Whether it counts.
    pub scored: bool,
    /// Numbers that are printed and are none, in words.
    pub unreadable: Vec<String>,
}

impl TrainingRow {
    /// Reads every row of a table.
    pub fn read(table: &Table) -> Vec<Self> {
        let scored = table.has("scored");
        table.records().map(|record| Self::of(&record, scored)).collect()
    }

    fn of(record: &Record<'_>, has_scored: bool) -> Self {
        let text = |name| record.text(name).to_owned();
        let mut unreadable = Vec::new();
        let mut number = |name| {
            record.printed_number(name).unwrap_or_else(|reason| {
                unreadable.push(reason);
                None
            })
        };
        let [parameters, value, memory] = ["params_total_b", "value", "also_mem_gib"].map(&mut number);
        let mut whole = |name| {
            record.printed_count(name).unwrap_or_else(|reason| {
                unreadable.push(reason);
                None
            })
        };
        Self {
            id: text("id"),
            model: text("model"),
            parameters,
            layers: whole("layers"),
            hidden: whole("hidden"),
            feed_forward: whole("ffn"),
            heads: whole("heads"),
            kv_heads: whole("kv_heads"),
            head_size: whole("head_dim"),
            vocabulary: whole("vocab"),
            experts: whole("experts"),
            active_experts: whole("topk"),
            shared_experts: whole("shared_experts"),
            expert_feed_forward: whole("moe_ffn"),
            attention: text("attention_type"),
            sequence_length: whole("seq_len"),
            gpu_type: text("gpu_type"),
            gpu_family: text("gpu_family"),
            gpus: whole("gpus"),
            gpus_per_node: whole("gpus_per_node"),
            interconnect: text("interconnect"),
            precision: text("precision"),
            precision_class: text("precision_class"),
            tensor: whole("tp"),
            pipeline: whole("pp"),
            virtual_stages: whole("vpp"),
            context: whole("cp"),
            expert: whole("ep"),
            expert_tensor: whole("etp"),
            data: whole("dp"),
            sharding: text("fsdp_or_zero"),
            micro_batch: whole("micro_batch"),
            global_batch: whole("global_batch"),
            recompute: text("recompute"),
            flags: text("other_flags"),
            notes: text("notes"),
            metric: text("metric"),
            value,
            memory,
            tier: text("tier"),
            workload: text("workload"),
            framework: text("framework"),
            publisher: text("publisher"),
            document: text("document"),
            flag: text("flag_reason"),
            scored: !has_scored || record.number("scored") == Some(1.0),
            unreadable,
        }
    }
}
