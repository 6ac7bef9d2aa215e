//! What a row asks the law of training: the model, the machines, the layout and the software, with the documented
//! defaults for what was not published.

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts, Generation};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_engine::training::{
    AttentionKernel, ContextExchange, Dispatcher, Elementwise, Framework, FrameworkName, GradientSync, Job,
    Launch, Layout, Loss, Month, Overlap, Precision, RankOrder, Recompute, Schedule, SequenceParallel,
    Sharding,
};
use gigawatt_plan::catalog::{Attention, Catalogue, Experts, FeedForward, Kind, Shape, Window, WindowKind};

use super::row::TrainingRow;

/// A row that the law can be asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The model.
    pub shape: Shape,
    /// The accelerator.
    pub device: Device,
    /// When its generation was announced.
    pub announced: Month,
    /// What joins them.
    pub network: Network,
    /// The layout.
    pub layout: Layout,
    /// The number format of linear layers.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
}

impl Question {
    /// As the engine takes it.
    pub fn job(&self) -> Job<'_> {
        Job {
            shape: &self.shape,
            device: &self.device,
            announced: self.announced,
            network: &self.network,
            layout: &self.layout,
            precision: self.precision,
            framework: self.framework,
        }
    }

    /// What a row asks.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub fn of(row: &TrainingRow, catalogue: &Catalogue) -> Result<Self, String> {
        let shape = shape(row)?;
        let generation = match row.gpu_family.as_str() {
            "A100" => Generation::Ampere,
            "H100" | "H200" | "H800" => Generation::Hopper,
            "B200" | "B300" | "GB200" | "GB300" => Generation::Blackwell,
            other => return Err(format!("accelerator {other} is not known")),
        };
        let (device, announced) = device(row, catalogue)?;
        let network = network(row, generation);
        let precision = match row.precision_class.as_str() {
            "FP16" => Precision::Fp16,
            "BF16" => Precision::Bf16,
            "FP8" => Precision::Fp8,
            "MXFP8" => Precision::Mxfp8,
            "NVFP4" => Precision::Nvfp4,
            other => return Err(format!("precision {other} is not known")),
        };
        let framework = framework(row, generation);
        let layout = layout(row, &shape, framework)?;
        Ok(Self { shape, announced, device, network, layout, precision, framework })
    }
}

fn need<T>(value: Option<T>, what: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("{what} is not published"))
}

fn shape(row: &TrainingRow) -> Result<Shape, String> {
    let layers = need(row.layers, "layers")?;
    let hidden = need(row.hidden, "hidden")?;
    let heads = need(row.heads, "heads")?;
    let head_size = row.head_size.unwrap_or(hidden / heads);
    let kv_heads = row.kv_heads.unwrap_or(heads);
    let lower = row.model.to_lowercase();
    let mla = row.attention.contains("MLA") || lower.contains("deepseek") || lower.contains("kimi");
    let attention = if mla {
        Attention::Latent {
            heads,
            query_rank: 1536,
            kv_rank: 512,
            plain_size: 128,
            rotary_size: 64,
            value_size: 128,
        }
    } else {
        Attention::Grouped { heads, kv_heads, head_size, biased: false }
    };
    let plain = ["mpt", "gpt-3", "nemotron-4", "megatron"].iter().any(|name| lower.starts_with(name));
    let vocabulary = row.vocabulary.unwrap_or(if lower.contains("kimi") { 163_840 } else { 51_200 });
    let experts = match (row.experts, row.active_experts) {
        (Some(routed), Some(active)) => {
            let feed_forward = row.expert_feed_forward.or(if lower.contains("grok") {
                Some(32768)
            } else if lower.contains("gpt-oss") {
                Some(2880)
            } else if lower.contains("30b") {
                Some(768)
            } else if lower.contains("235b") {
                Some(1536)
            } else {
                Some(2048)
            });
            let dense = if lower.contains("deepseek") {
                3
            } else if lower.contains("kimi") {
                1
            } else {
                0
            };
            Some(Experts {
                layers: layers - dense,
                routed,
                active,
                shared: if mla { row.shared_experts.unwrap_or(1) } else { row.shared_experts.unwrap_or(0) },
                feed_forward: need(feed_forward, "moe_ffn")?,
                biased: false,
                shared_feed_forward: need(feed_forward, "moe_ffn")?,
                dense_first: dense,
                every: 1,
                latent: None,
            })
        }
        _ => None,
    };
    let window = lower.contains("gpt-oss").then_some(Window {
        layers: layers / 2,
        tokens: 128,
        kind: WindowKind::Sliding,
    });
    let mut shape =
        Shape::dense(layers, hidden, vocabulary, 8192, attention, row.feed_forward.unwrap_or(4 * hidden));
    shape.experts = experts;
    shape.window = window;
    shape.attention_sinks = lower.contains("gpt-oss");
    if plain {
        shape.feed_forward_kind = FeedForward::Plain;
    }
    shape.further_tokens = u64::from(
        row.model.contains("DeepSeek-V3") && !row.notes.contains("w/o MTP") && row.framework == "megatron",
    );
    Ok(shape)
}

fn device(row: &TrainingRow, catalogue: &Catalogue) -> Result<(Device, Month), String> {
    let id = if row.gpu_type.contains("40GB") {
        "a100-sxm-40gb"
    } else {
        match row.gpu_family.as_str() {
            "A100" => "a100-sxm-80gb",
            "H100" => "h100-sxm",
            "H200" => "h200-sxm",
            "H800" => "h800-sxm",
            "B200" => "b200-sxm",
            "B300" => "b300-sxm",
            "GB200" => "gb200",
            "GB300" => "gb300",
            other => return Err(format!("accelerator {other} is not known")),
        }
    };
    let entry = catalogue.get(Kind::Accelerator, id).ok_or_else(|| format!("the catalogue has no {id}"))?;
    let mut facts = DeviceFacts::of(entry).map_err(|error| format!("{error:?}"))?;
    if row.gpu_type.contains("500W") {
        facts.power = Some(500.0);
        facts.memory_bandwidth = 2.4e12;
    }
    let coefficients =
        DeviceCoefficients::read(&gigawatt_plan::coefficients::Coefficients::embedded("device").unwrap())
            .unwrap();
    let announced = match facts.generation {
        Generation::Ampere => Month::new(2020, 5),
        Generation::Hopper => Month::new(2022, 9),
        _ => Month::new(2024, 3),
    };
    Ok((Device::new(facts, &coefficients), announced))
}

fn network(row: &TrainingRow, generation: Generation) -> Network {
    let node = row.gpus_per_node.unwrap_or(8);
    let (domain, scale_up, nic) = match (generation, row.gpu_family.as_str()) {
        (Generation::Ampere, _) => (8, 300e9, 25e9),
        (Generation::Hopper, _) => (8, 450e9, 50e9),
        (_, "GB200") => (72, 900e9, 50e9),
        (_, "GB300") => (72, 900e9, 100e9),
        (_, "B300") => (8, 900e9, 100e9),
        _ => (8, 900e9, 50e9),
    };
    let nic = if row.interconnect.contains("4x100Gb") { 6.25e9 } else { nic };
    let out = if row.interconnect.contains("4x100Gb") {
        ScaleOut::shared_ports(8, 4, 12.5e9)
    } else {
        ScaleOut::own_port(nic)
    };
    let coefficients =
        NetworkCoefficients::read(&gigawatt_plan::coefficients::Coefficients::embedded("network").unwrap())
            .unwrap();
    let wiring = if generation == Generation::Ampere { Wiring::Switch } else { Wiring::AddingSwitch };
    let _ = node;
    let up = ScaleUp { bandwidth: scale_up, domain, wiring };
    let fabric = Fabric::full_bisection(row.gpus.unwrap_or(8).max(2 * domain), 5e-7);
    Network::of_system(Some(&up), &out, &fabric, &coefficients).unwrap()
}

fn framework(row: &TrainingRow, generation: Generation) -> Framework {
    let name = FrameworkName::parse(&row.framework).unwrap_or(FrameworkName::Megatron);
    let mut framework = Framework::preset(name);
    if row.document.starts_with("dgxc") && row.sharding.contains("Paxml") || row.sharding.contains("MaxText")
    {
        framework = Framework::preset(FrameworkName::Jax);
    }
    if let Some(month) = released(&row.document) {
        framework.released = month;
    }
    if framework.released < Month::new(2026, 6) {
        framework.sinks = gigawatt_engine::training::Sinks::Unfused;
    }
    if name == FrameworkName::Megatron {
        if framework.released < Month::new(2025, 6) {
            framework.dispatcher = Dispatcher::AllToAll;
        }
        if framework.released >= Month::new(2026, 6) && generation == Generation::Blackwell {
            framework.expert_kernels = gigawatt_engine::training::ExpertKernels::Fused;
            framework.expert_overlap = Overlap::On;
        }
        if row.document.starts_with("korthikanti") {
            framework.attention = AttentionKernel::First;
            framework.tensor_overlap = Overlap::Off;
        }
    }
    if row.flags.contains("A2A dispatcher") {
        framework.dispatcher = Dispatcher::AllToAll;
    }
    if name == FrameworkName::Megatron
        && row.publisher == "megatron-bridge"
        && row.virtual_stages.unwrap_or(1) > 1
        && row.expert.unwrap_or(1) > if row.gpu_family.starts_with("GB") { 72 } else { 8 }
    {
        framework.expert_overlap = Overlap::On;
    }
    if row.flags.contains("A2A overlap") {
        framework.expert_overlap = Overlap::On;
    }
    if row.flags.contains("eager") {
        framework.elementwise = Elementwise::Eager;
    }
    if row.flags.contains("AsyncTP") {
        framework.tensor_overlap = Overlap::On;
    }
    if row.flags.contains("PURE") {
        framework.gradient_bytes = 2;
    }
    let _ = (Launch::Host, Loss::Fused, GradientSync::LastMicroBatch);
    framework
}

fn released(document: &str) -> Option<Month> {
    match document {
        "nemo-launcher" => return Some(Month::new(2024, 5)),
        "korthikanti22" => return Some(Month::new(2022, 5)),
        "mlperf" => return Some(Month::new(2025, 9)),
        "moe-modelzoo" => return Some(Month::new(2025, 10)),
        "megatron-lm-llama" => return Some(Month::new(2024, 6)),
        _ => {}
    }
    let (_, version) = document.rsplit_once('-')?;
    let mut parts = version.split('.');
    let year: u16 = parts.next()?.parse().ok().filter(|year| (20..40).contains(year))?;
    let month = parts.next()?.parse().ok()?;
    Some(Month::new(2000 + year, month))
}

fn layout(row: &TrainingRow, shape: &Shape, framework: Framework) -> Result<Layout, String> {
    let accelerators = need(row.gpus, "gpus")?;
    let one = |value: Option<u64>| value.unwrap_or(1);
    let tensor = one(row.tensor);
    let mut layout = Layout {
        accelerators,
        tensor,
        sequence: if row.flags.contains("no sequence parallel") {
            SequenceParallel::Off
        } else {
            SequenceParallel::On
        },
        pipeline: one(row.pipeline),
        virtual_stages: one(row.virtual_stages),
        context: one(row.context),
        context_exchange: ContextExchange::Ring,
        expert: one(row.expert),
        expert_tensor: row.expert_tensor.unwrap_or(if row.model.contains("Grok") { tensor } else { 1 }),
        sharding: Sharding::Optimizer(u64::MAX),
        micro_batch: need(row.micro_batch, "micro_batch")?,
        global_batch: need(row.global_batch, "global_batch")?,
        sequence_length: need(row.sequence_length, "seq_len")?,
        schedule: Schedule::OneForwardOneBackward,
        recompute: Recompute::None,
        rank_order: RankOrder::DataBeforePipeline,
    };
    if shape.experts.is_none() {
        (layout.expert, layout.expert_tensor) = (1, 1);
    }
    let product = layout.tensor * layout.pipeline * layout.context;
    if !accelerators.is_multiple_of(product) {
        return Err(format!("{accelerators} GPUs are not a multiple of {product}"));
    }
    let sharding = row.sharding.as_str();
    if let Some(at) = sharding.find("group=") {
        let digits: String = sharding[at + 6..].chars().take_while(char::is_ascii_digit).collect();
        if let Ok(group) = digits.parse() {
            layout.sharding = if sharding.starts_with("ZeRO-1") {
                Sharding::Optimizer(group)
            } else {
                Sharding::Parameters(group)
            };
        }
    } else if sharding.contains("FSDP") {
        layout.sharding = Sharding::Parameters(u64::MAX);
        if sharding.contains("GRAD_OP") {
            layout.sharding = Sharding::Gradients(u64::MAX);
        }
    }
    layout.recompute = match row.recompute.as_str() {
        "full" => Recompute::Full,
        text if text.contains("norm") => Recompute::Elementwise,
        "selective" if framework.name == FrameworkName::Torchtitan => Recompute::Selective,
        "selective" => Recompute::Selective,
        _ => Recompute::None,
    };
    Ok(layout)
}
