//! What a row asks the law of training: the model, the machines, the layout and the software, with the documented
//! defaults for what was not published.

use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_engine::training::stub::{Device, Generation, Precision};
use gigawatt_engine::training::{
    AttentionKernel, ContextExchange, Dispatcher, Elementwise, Framework, FrameworkName, GradientSync, Job,
    Launch, Layout, Loss, Month, Overlap, RankOrder, Recompute, Schedule, SequenceParallel, Sharding,
};
use gigawatt_plan::catalog::{Attention, Experts, FeedForward, Shape, Window, WindowKind};

use super::row::TrainingRow;

/// A row that the law can be asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The model.
    pub shape: Shape,
    /// The accelerator.
    pub device: Device,
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
    pub fn of(row: &TrainingRow) -> Result<Self, String> {
        let shape = shape(row)?;
        let generation = match row.gpu_family.as_str() {
            "A100" => Generation::Ampere,
            "H100" | "H200" | "H800" => Generation::Hopper,
            "B200" | "B300" | "GB200" | "GB300" => Generation::Blackwell,
            other => return Err(format!("accelerator {other} is not known")),
        };
        let device = device(row, generation);
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
        Ok(Self { shape, device, network, layout, precision, framework })
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
    if plain {
        shape.feed_forward_kind = FeedForward::Plain;
    }
    shape.further_tokens = u64::from(
        row.model.contains("DeepSeek-V3") && !row.notes.contains("w/o MTP") && row.framework == "megatron",
    );
    Ok(shape)
}

fn device(row: &TrainingRow, generation: Generation) -> Device {
    let d = |bf16: f64, fp8: f64, fp4: f64, bandwidth: f64, memory: f64, sms: f64| Device {
        generation,
        power_ratio: power_ratio(row),
        introduced: if generation == Generation::Blackwell { 2025.15 } else { 2020.5 },
        bf16: bf16 * 1e12,
        fp8: fp8 * 1e12,
        fp4: fp4 * 1e12,
        bandwidth: bandwidth * 1e12,
        memory: memory * 1e9,
        sms,
    };
    if row.gpu_type.contains("40GB") {
        return d(312.0, 312.0, 312.0, 1.555, 42.5, 108.0);
    }
    if row.gpu_type.contains("500W") {
        return d(989.0, 1979.0, 1979.0, 2.4, 101.0, 132.0);
    }
    match row.gpu_family.as_str() {
        "A100" => d(312.0, 312.0, 312.0, 2.039, 85.0, 108.0),
        "H200" => d(989.0, 1979.0, 1979.0, 4.8, 150.0, 132.0),
        "B200" => d(2250.0, 4500.0, 9000.0, 7.7, 192.0, 148.0),
        "B300" => d(2250.0, 4500.0, 14000.0, 7.75, 288.0, 148.0),
        "GB200" => d(2500.0, 5000.0, 10000.0, 8.0, 198.0, 148.0),
        "GB300" => d(2500.0, 5000.0, 15000.0, 8.0, 298.0, 148.0),
        _ => d(989.0, 1979.0, 1979.0, 3.35, 85.0, 132.0),
    }
}

fn power_ratio(row: &TrainingRow) -> f64 {
    if row.gpu_type.contains("500W") {
        return 500.0 / 700.0;
    }
    match row.gpu_family.as_str() {
        "B200" => (1000.0 / 4500.0) / (1200.0 / 5000.0),
        "B300" => (1100.0 / 4500.0) / (1200.0 / 5000.0),
        "GB300" => 1400.0 / 1200.0,
        _ => 1.0,
    }
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
    if name == FrameworkName::Megatron {
        if framework.released < Month::new(2025, 6) {
            framework.dispatcher = Dispatcher::AllToAll;
        }
        if framework.released >= Month::new(2026, 6) && generation == Generation::Blackwell {
            framework.expert_kernels = gigawatt_engine::training::ExpertKernels::Fused;
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
