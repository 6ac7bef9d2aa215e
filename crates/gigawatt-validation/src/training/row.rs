//! Rows of a file of training measurements, as published.

use std::cell::RefCell;

use crate::table::{Row, Table};

/// One row; what is empty in the file is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingRow {
    /// Identity.
    pub id: String,
    /// Where it was published.
    pub source: String,
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
    /// The first cell that is not what its column holds.
    pub fault: Option<String>,
}

impl TrainingRow {
    /// Reads every row of a table.
    pub fn read(table: &Table) -> Vec<Self> {
        table.rows().map(|row| Self::of(&Cells { row, fault: RefCell::default() })).collect()
    }

    fn of(cells: &Cells<'_>) -> Self {
        let text = |name| cells.text(name);
        let whole = |name| cells.whole(name);
        let number = |name| cells.number(name);
        Self {
            id: cells.row.id(),
            source: text("source"),
            model: text("model"),
            parameters: number("params_total_b"),
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
            value: number("value"),
            memory: number("also_mem_gib"),
            tier: text("tier"),
            workload: text("workload"),
            framework: text("framework"),
            publisher: text("publisher"),
            document: text("document"),
            flag: text("flag_reason"),
            scored: cells.row.is_scored(),
            fault: cells.fault.borrow().clone(),
        }
    }
}

/// The cells of a row, with the first fault among those that were asked for.
struct Cells<'a> {
    row: Row<'a>,
    fault: RefCell<Option<String>>,
}

impl Cells<'_> {
    /// What a cell holds; nothing where it is at fault, which is kept.
    fn told<T: Default>(&self, cell: Result<T, String>) -> T {
        cell.unwrap_or_else(|fault| {
            self.fault.borrow_mut().get_or_insert(fault);
            T::default()
        })
    }

    fn text(&self, name: &str) -> String {
        self.told(self.row.text(name)).to_owned()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.told(self.row.number(name))
    }

    /// A whole number from 1 on; 0 stands for nothing.
    fn whole(&self, name: &str) -> Option<u64> {
        self.number(name).filter(|number| *number != 0.0)?;
        self.told(self.row.whole(name))
    }
}
