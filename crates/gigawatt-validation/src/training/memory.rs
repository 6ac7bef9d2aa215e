//! Published peaks of memory, and which published configurations have to fit.

use gigawatt_engine::training::memory::{
    Logits, Memory, MemoryCoefficients, MemoryJob, StateBytes, footprint,
};
use gigawatt_engine::training::{Framework, FrameworkName, Offload, Precision, Sharding};
use gigawatt_plan::catalog::Catalogue;

use super::Laws;
use super::question::Question;
use super::row::TrainingRow;

/// What a published peak of memory counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// The allocator's reserved memory (torchtitan prints `max_reserved`).
    Reserved,
    /// Memory in use on the device.
    Device,
}

impl Counted {
    /// What a row's source prints.
    pub fn of(row: &TrainingRow) -> Self {
        if row.framework == "torchtitan" { Self::Reserved } else { Self::Device }
    }

    /// That of a memory, in bytes.
    pub fn bytes(self, memory: &Memory) -> f64 {
        match self {
            Self::Reserved => memory.reserved(),
            Self::Device => memory.total(),
        }
    }
}

/// A row as a question about memory: documented defaults stand for what memory needs and the row leaves out.
///
/// # Errors
/// Why it cannot be asked.
pub fn question(row: &TrainingRow, catalogue: &Catalogue, laws: &Laws) -> Result<MemoryQuestion, String> {
    let mut row = row.clone();
    if row.framework == "torchtitan" {
        // The default: as many micro-batches as stages.
        if row.flags.contains("Interleaved") && row.virtual_stages.is_none() {
            row.virtual_stages = Some(2);
        }
        let stages = row.pipeline.unwrap_or(1) * row.virtual_stages.unwrap_or(1);
        if let (None, Some(local)) = (row.micro_batch, local_batch(&row.flags)) {
            row.micro_batch = Some((local / stages).max(1));
            row.global_batch = row.global_batch.or(row.data.map(|data| data * local));
        }
        if row.recompute.is_empty() {
            // Its training configurations select by operation unless they say otherwise.
            row.recompute = "selective".into();
        }
    }
    if row.global_batch.is_none() {
        row.global_batch = row.data.zip(row.micro_batch).map(|(data, micro)| data * micro);
    }
    if row.micro_batch.is_none() {
        return Err("micro_batch is not published".into());
    }
    let mut question = Question::of(&row, catalogue, laws)?;
    let (mut states, logits) = held(&row, question.framework, question.precision);
    if row.sharding.contains("DeepSpeed ZeRO-3 + CPU optimizer offload") {
        question.layout.sharding = Sharding::Parameters(u64::MAX);
        question.layout.offload = Offload::Optimizer;
        // 16-bit parameters and gradients here; and two buckets of 5e8 16-bit numbers, DeepSpeed's default, in which
        // gradients are gathered for their sum.
        states = StateBytes { gradient: 2.0, whole_gradient: 2.0, buckets: 2e9, ..states };
    }
    Ok(MemoryQuestion { question, states, logits })
}

/// What a row's software holds for each parameter, and how much of the logits at once.
pub(super) fn held(row: &TrainingRow, framework: Framework, precision: Precision) -> (StateBytes, Logits) {
    let logits = if row.flags.contains("Liger") {
        Logits::Chunks
    } else if framework.name == FrameworkName::Torchtitan && row.source.contains("_2025") {
        // Its loss has been compiled since early 2025.
        Logits::Fused
    } else {
        Logits::of(&framework)
    };
    (StateBytes::of(&framework, precision), logits)
}

/// Sequences of a step on one data-parallel rank, as torchtitan's rows print them.
fn local_batch(flags: &str) -> Option<u64> {
    let at = flags.find("local batch ")? + "local batch ".len();
    let digits: String = flags[at..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A question about memory.
#[derive(Clone, Debug)]
pub struct MemoryQuestion {
    /// What the row says.
    pub question: Question,
    /// What its software holds for each parameter.
    pub states: StateBytes,
    /// How much of the logits it holds at once.
    pub logits: Logits,
}

impl MemoryQuestion {
    /// As the engine takes it.
    pub fn job(&self) -> MemoryJob<'_> {
        MemoryJob { states: self.states, logits: self.logits, ..MemoryJob::of(&self.question.job()) }
    }

    /// The memory of its fullest accelerator at the fullest moment.
    pub fn memory(&self, with: &MemoryCoefficients) -> Memory {
        footprint(&self.job(), with).peak()
    }

    /// That of the accelerator that needs most.
    pub fn needed(&self, with: &MemoryCoefficients) -> Memory {
        footprint(&self.job(), with).needed()
    }
}
