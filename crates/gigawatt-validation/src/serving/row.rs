//! A row of published serving, as it was printed.

use crate::table::{Row, Table};

/// A row. Columns that are empty are none; what cannot be read is a fault, told when the row is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServingRow {
    /// What it is called.
    pub id: String,
    /// The document.
    pub source: String,
    /// Who published it.
    pub source_key: String,
    /// The engine with its version.
    pub engine: String,
    /// The model as printed.
    pub model: String,
    /// The model's usual name.
    pub model_norm: String,
    /// Format of the weights.
    pub weights: String,
    /// Format of the cache.
    pub cache: String,
    /// The accelerator as printed.
    pub gpu_type: String,
    /// Its usual name.
    pub gpu: String,
    /// Accelerators in all.
    pub gpus: Option<u64>,
    /// Tensor-parallel ranks.
    pub tensor: Option<u64>,
    /// Stages.
    pub pipeline: Option<u64>,
    /// Expert-parallel ranks.
    pub expert: Option<u64>,
    /// Attention's data-parallel groups.
    pub data: Option<u64>,
    /// Workers of prompts and answers apart.
    pub apart: String,
    /// Tokens of a prompt.
    pub prompt: Option<f64>,
    /// Tokens of an answer.
    pub output: Option<f64>,
    /// Requests in flight, a rate, or that all are queued.
    pub load: String,
    /// Offline, server, interactive.
    pub scenario: String,
    /// What was measured, normalised.
    pub kind: String,
    /// What was measured, as printed.
    pub metric: String,
    /// The value.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// What was noted.
    pub notes: String,
    /// What is known against it.
    pub flag: String,
    /// Whether it counts.
    pub scored: bool,
    /// Why it cannot be used.
    pub fault: Option<String>,
}

impl ServingRow {
    /// All rows of a file in order.
    pub fn read(table: &Table) -> Vec<Self> {
        table.rows().map(Self::of).collect()
    }

    fn of(row: Row<'_>) -> Self {
        let identity = Self { id: row.id(), scored: row.is_scored(), ..Self::default() };
        Self::cells(row, identity.clone()).unwrap_or_else(|fault| Self { fault: Some(fault), ..identity })
    }

    fn cells(row: Row<'_>, mut read: Self) -> Result<Self, String> {
        let text = |column: &str| row.text(column).map(str::to_owned);
        read.source = text("source")?;
        read.source_key = text("source_key")?;
        read.engine = text("engine_version")?;
        read.model = text("model")?;
        read.model_norm = text("model_norm")?;
        read.weights = text("quant_weights")?;
        read.cache = text("quant_kv")?;
        read.gpu_type = text("gpu_type")?;
        read.gpu = text("gpu_norm")?;
        read.gpus = row.whole("gpus")?;
        read.tensor = row.whole("tp")?;
        read.pipeline = row.whole("pp")?;
        read.expert = row.whole("ep")?;
        read.data = row.whole("dp")?;
        read.apart = text("disagg")?;
        read.load = text("concurrency_or_rate")?;
        read.scenario = text("scenario")?;
        read.kind = text("metric_kind")?;
        read.metric = text("metric")?;
        read.unit = text("unit")?;
        read.notes = text("notes")?;
        read.flag = text("flag")?;
        read.prompt = row.number("isl")?;
        read.output = row.number("osl")?;
        read.value = row.number("value")?;
        Ok(read)
    }

    /// What it asks, whatever was measured: all of it but its identity and its measurement, as a key.
    pub(super) fn asks(&self) -> String {
        let none = String::new;
        let asks = Self {
            id: none(),
            kind: none(),
            metric: none(),
            value: None,
            unit: none(),
            flag: none(),
            scored: false,
            ..self.clone()
        };
        format!("{asks:?}")
    }

    /// The number after a word in the notes or the load, such as `max_num_seqs=1500`.
    pub(super) fn noted(&self, word: &str) -> Option<f64> {
        [&self.load, &self.notes].into_iter().find_map(|text| {
            let rest = text.split_once(word)?.1.trim_start_matches(['=', ' ', ':']);
            let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
            rest[..end.unwrap_or(rest.len())].trim_end_matches('.').parse().ok()
        })
    }

    /// Whether it is a submission to MLPerf.
    pub(super) fn is_mlperf(&self) -> bool {
        self.source.contains("MLPerf") || self.notes.contains("MLPerf")
    }
}
