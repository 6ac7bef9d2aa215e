//! What a row asks the law of training: the model, the machines, the layout and the software, with the documented
//! defaults for what was not published.

use gigawatt_engine::device::Device;
use gigawatt_engine::model::{LookedBack, forward_flop_by_part, further_token_flop};
use gigawatt_engine::network::Network;
use gigawatt_engine::training::Job;
use gigawatt_engine::training::memory::{
    Inferred, MemoryCoefficients, MemoryJob, footprint, infer_recompute,
};
use gigawatt_plan::catalog::{Catalogue, Shape};
use gigawatt_plan::training::{
    ContextExchange, Framework, Layout, Month, Offload, Precision, RankOrder, Recompute, Schedule,
    SequenceParallel, Sharding,
};

use super::machines::Machines;
use super::row::TrainingRow;
use super::{Laws, bounds, memory, model, software};

/// A row that the law can be asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The model.
    pub shape: Shape,
    /// The accelerator.
    pub device: Device,
    /// The month in which its generation was first delivered.
    pub shipped: Month,
    /// What joins them.
    pub network: Network,
    /// The layout.
    pub layout: Layout,
    /// The number format of linear layers.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
    /// What was assumed, in words.
    pub assumed: Vec<String>,
}

impl Question {
    /// What a row asks.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub fn of(row: &TrainingRow, catalogue: &Catalogue, laws: &Laws) -> Result<Self, String> {
        if row.workload == "lora" {
            return Err("only adapters are trained: the law is of training whole models".to_owned());
        }
        let mut assumed = Vec::new();
        let shape = model::shape(row, catalogue, &mut assumed)?;
        let Machines { device, shipped, network } = Machines::of(row, catalogue, laws, &mut assumed)?;
        let precision = precision(row)?;
        let framework = software::framework(row, &device);
        let layout = layout(row, &shape, framework)?;
        bounds::check(row, &shape, &layout)?;
        let mut question = Self { shape, device, shipped, network, layout, precision, framework, assumed };
        if row.recompute.is_empty() {
            let words = question.recompute_to_fit(row, &laws.memory);
            question.assumed.push(words);
        }
        Ok(question)
    }

    /// Recomputes the least with which the accelerator's memory suffices, and says so.
    ///
    /// Nothing is recomputed where nothing suffices, and where a row moves something to the host: how much is not
    /// published.
    fn recompute_to_fit(&mut self, row: &TrainingRow, with: &MemoryCoefficients) -> String {
        let printed = [&row.flags, &row.notes, &row.sharding].map(|text| text.to_lowercase());
        if printed.iter().any(|text| text.contains("offload")) {
            return NOTHING_RECOMPUTED.to_owned();
        }
        let job = self.job();
        let (states, logits) = memory::held(row, self.framework, self.precision);
        let job = MemoryJob { states, logits, ..MemoryJob::of(&job) };
        let available = self.device.facts().memory;
        let short = footprint(&job, with).needed().needed() - available;
        if short <= 0.0 {
            return NOTHING_RECOMPUTED.to_owned();
        }
        match infer_recompute(&job, available, with) {
            Inferred::Fits { recompute, .. } => {
                self.layout.recompute = recompute;
                format!("{} recomputed: else {:.1} GB short", recomputed(recompute), short / 1e9)
            }
            Inferred::Short { by } => {
                format!("{NOTHING_RECOMPUTED}: {:.1} GB short with every layer recomputed", by / 1e9)
            }
        }
    }

    /// As the engine takes it.
    pub fn job(&self) -> Job<'_> {
        Job {
            shape: &self.shape,
            device: &self.device,
            shipped: self.shipped,
            network: &self.network,
            layout: &self.layout,
            precision: self.precision,
            framework: self.framework,
        }
    }
}

impl Question {
    /// Tokens per second and accelerator if every operation ran at the datasheet's rate of the number format: the forward
    /// pass three times, attention looking back on half a sequence on average, nothing for recomputation.
    pub fn at_peak(&self) -> f64 {
        let looked_back = LookedBack::Sequence(self.layout.sequence_length);
        let forward =
            forward_flop_by_part(&self.shape, looked_back) + further_token_flop(&self.shape, looked_back);
        self.device.facts().matrix_rate(self.precision).0 / (3.0 * forward.total())
    }
}

fn precision(row: &TrainingRow) -> Result<Precision, String> {
    let printed = if row.precision_class.is_empty() { &row.precision } else { &row.precision_class };
    let printed = printed.to_uppercase();
    Ok(match printed.as_str() {
        "FP16" => Precision::Fp16,
        "MXFP8" | "FP8-MX" => Precision::Mxfp8,
        "" => return Err("the number format is not published".to_owned()),
        text if text.contains("NVFP4") => Precision::Nvfp4,
        text if text.contains("BF16") => Precision::Bf16,
        text if text.contains("FP8") => Precision::Fp8,
        text if text.contains("TF32") => Precision::Tf32,
        text if text.contains("FP32") => Precision::Fp32,
        other => return Err(format!("the number format {other} is not known")),
    })
}

fn layout(row: &TrainingRow, shape: &Shape, framework: Framework) -> Result<Layout, String> {
    let need = |value: Option<u64>, what: &str| value.ok_or_else(|| format!("the {what} is not published"));
    let accelerators = need(row.gpus, "number of accelerators")?;
    let one = |value: Option<u64>| value.unwrap_or(1);
    let tensor = one(row.tensor);
    let (expert, expert_tensor) = if shape.experts.is_some() {
        // Until 2025 Megatron cut experts as it cut everything else, where nothing else was said.
        let default = if framework.released < Month::new(2025, 1) { tensor } else { 1 };
        (one(row.expert), row.expert_tensor.unwrap_or(default))
    } else {
        (1, 1)
    };
    let flags = row.flags.to_lowercase();
    let layout = Layout {
        accelerators,
        tensor,
        sequence: if flags.contains("no sequence parallel") {
            SequenceParallel::Off
        } else {
            SequenceParallel::On
        },
        pipeline: one(row.pipeline),
        virtual_stages: one(row.virtual_stages),
        context: one(row.context),
        context_exchange: ContextExchange::Ring,
        expert,
        expert_tensor,
        sharding: sharding(&row.sharding),
        micro_batch: need(row.micro_batch, "micro-batch")?,
        global_batch: need(row.global_batch, "batch")?,
        sequence_length: need(row.sequence_length, "length of sequences")?,
        schedule: Schedule::OneForwardOneBackward,
        recompute: recompute(&row.recompute),
        rank_order: RankOrder::DataBeforePipeline,
        // Rows that move something to the host do not print how much, but for the optimiser states of one publisher.
        offload: Offload::None,
    };
    let product = layout.tensor.saturating_mul(layout.pipeline).saturating_mul(layout.context);
    if !accelerators.is_multiple_of(product) {
        return Err(format!(
            "{accelerators} accelerators are no multiple of {product} for tensor, pipeline and context"
        ));
    }
    if row.tensor.is_none() && row.pipeline.is_none() && row.sharding.is_empty() && accelerators > 8 {
        return Err("the layout is not published".to_owned());
    }
    Ok(layout)
}

/// What is printed of sharding; nothing is printed where optimisers are shared out over data-parallel ranks.
fn sharding(printed: &str) -> Sharding {
    let number = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let group =
        printed.find("group=").and_then(|at| number(&printed[at + "group=".len()..])).unwrap_or(u64::MAX);
    if printed.contains("SHARD_GRAD_OP") || printed.to_lowercase().contains("zero-2") {
        Sharding::Gradients(group)
    } else if printed.contains("FSDP") || printed.contains("ZeRO-3") || printed.contains("HSDP") {
        Sharding::Parameters(group)
    } else {
        Sharding::Optimizer(group)
    }
}

/// What is assumed where recomputation is not published and memory suffices.
const NOTHING_RECOMPUTED: &str = "nothing recomputed beyond fused attention";

/// What is recomputed, in words.
fn recomputed(recompute: Recompute) -> String {
    match recompute {
        Recompute::None => "nothing".to_owned(),
        Recompute::Elementwise => "norms and activation functions".to_owned(),
        Recompute::Selective => "norms, activation functions and attention's core".to_owned(),
        Recompute::Layers(some) => format!("{some} layers of every stage"),
        Recompute::Full => "every layer".to_owned(),
    }
}

fn recompute(printed: &str) -> Recompute {
    match printed {
        "full" => Recompute::Full,
        text if text.contains("norm") || text.contains("act") => Recompute::Elementwise,
        text if text.starts_with("selective") => Recompute::Selective,
        _ => Recompute::None,
    }
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::text::{Diagnostics, SourceMap};

    use super::*;
    use crate::table::Table;

    /// Llama 3 8B on eight H100 with sharded parameters, so many sequences a micro-batch.
    fn asked(micro_batch: u64, recompute: &str, flags: &str) -> Question {
        let text = format!(
            "id,model,gpu_type,gpu_family,gpus,gpus_per_node,precision,fsdp_or_zero,micro_batch,global_batch,seq_len,recompute,\
             framework,document,other_flags\n\
             1,Llama 3 8B,H100,H100,8,8,BF16,FSDP,{micro_batch},512,8192,{recompute},megatron,megatron-bridge-26.04,{flags}\n"
        );
        let rows = TrainingRow::read(&Table::parse(text.as_bytes(), &[]).unwrap());
        let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
        Question::of(&rows[0], &catalogue, &super::super::laws_of_machines().unwrap()).unwrap()
    }

    #[test]
    fn the_least_recomputation_that_fits_is_assumed_and_said() {
        let nothing = |question: &Question| question.assumed.contains(&NOTHING_RECOMPUTED.to_owned());
        let one = asked(1, "", "");
        assert!(one.layout.recompute == Recompute::None && nothing(&one), "{:?}", one.assumed);
        let two = asked(4, "", "");
        assert!(matches!(two.layout.recompute, Recompute::Layers(1..)), "{:?}", two.layout.recompute);
        let said = two.assumed.iter().find(|words| words.contains("layers of every stage recomputed: else"));
        assert!(said.is_some_and(|words| words.ends_with(" GB short")), "{:?}", two.assumed);
        let many = asked(64, "", "");
        assert_eq!(many.layout.recompute, Recompute::None);
        assert!(many.assumed.iter().any(|words| words.ends_with("short with every layer recomputed")));
    }

    #[test]
    fn what_is_printed_or_moved_to_the_host_is_left_alone() {
        let printed = asked(4, "none", "");
        assert!(
            printed.layout.recompute == Recompute::None
                && printed.assumed.iter().all(|words| !words.contains("recomputed"))
        );
        assert_eq!(asked(4, "full", "").layout.recompute, Recompute::Full);
        let offloaded = asked(4, "", "activation offload");
        assert!(
            offloaded.layout.recompute == Recompute::None
                && offloaded.assumed.contains(&NOTHING_RECOMPUTED.to_owned())
        );
    }
}
