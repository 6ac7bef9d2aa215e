//! What a row asks the law of training: the model, the machines, the layout and the software, with the documented
//! defaults for what was not published.

use gigawatt_engine::device::Device;
use gigawatt_engine::model::{LookedBack, forward_flop_by_part, further_token_flop};
use gigawatt_engine::network::Network;
use gigawatt_engine::training::Job;
use gigawatt_plan::catalog::{Catalogue, Shape};
use gigawatt_plan::training::{
    ContextExchange, Framework, Layout, Month, Precision, RankOrder, Recompute, Schedule, SequenceParallel,
    Sharding,
};

use super::machines::Machines;
use super::row::TrainingRow;
use super::{Laws, bounds, model, software};

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
        let layout = layout(row, &shape, framework, &mut assumed)?;
        bounds::check(row, &shape, &layout)?;
        Ok(Self { shape, device, shipped, network, layout, precision, framework, assumed })
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

fn layout(
    row: &TrainingRow,
    shape: &Shape,
    framework: Framework,
    assumed: &mut Vec<String>,
) -> Result<Layout, String> {
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
    if row.recompute.is_empty() {
        assumed.push("nothing recomputed beyond fused attention".to_owned());
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

fn recompute(printed: &str) -> Recompute {
    match printed {
        "full" => Recompute::Full,
        text if text.contains("norm") || text.contains("act") => Recompute::Elementwise,
        text if text.starts_with("selective") => Recompute::Selective,
        _ => Recompute::None,
    }
}
