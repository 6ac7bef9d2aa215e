//! Deployments of models of the catalogue.

use std::sync::LazyLock;

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp};
use gigawatt_engine::serving::replica::{IterationTable, ReplicaOptions};
use gigawatt_engine::serving::{
    Deployment, Engine, EngineName, IterationLaw, Release, ServingCoefficients, ServingFormats,
    ServingLayout, Speculation,
};
use gigawatt_plan::catalog::{Catalogue, Kind, Shape, find_model, read_configuration};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::training::Precision;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default()));

/// A deployment of its own.
pub struct Served {
    pub name: String,
    shape: Shape,
    device: Device,
    network: Network,
    layout: ServingLayout,
    formats: ServingFormats,
    engine: Engine,
    speculation: Option<Speculation>,
    with: ServingCoefficients,
}

impl Served {
    pub fn new(model: &str, accelerator: &str, layout: ServingLayout, engine: Engine) -> Self {
        let entry = CATALOGUE.get(Kind::Accelerator, accelerator).expect(accelerator);
        let fact =
            |field: &str| entry.vintages(field).last().map(|fact| fact.written.distribution.reference());
        let device = Device::new(
            DeviceFacts::of(entry).expect(accelerator),
            &DeviceCoefficients::embedded().expect("complete"),
        );
        let up = ScaleUp::from_facts(fact, entry.text("scale_up_wiring"));
        let with = NetworkCoefficients::embedded().expect("complete");
        let network = match up {
            Some(up) if up.domain >= layout.accelerators() => Network::of_scale_up(&up, &with),
            _ => {
                let fabric = Fabric::full_bisection(layout.accelerators().max(16), 5e-7);
                Network::of_system(up.as_ref(), &ScaleOut::own_port(50e9), &fabric, &with)
            }
        };
        Self {
            name: format!("{model} on {} {accelerator}, {}", layout.accelerators(), engine.name.word()),
            shape: shape(model),
            device,
            network: network.expect("a network"),
            layout,
            formats: ServingFormats::SIXTEEN,
            engine,
            speculation: None,
            with: ServingCoefficients::embedded().expect("complete"),
        }
    }

    pub fn formats(self, formats: ServingFormats) -> Self {
        Self { formats, ..self }
    }

    pub fn speculating(self, guessed: f64, acceptance: f64) -> Self {
        let name = format!("{}, {guessed} guesses", self.name);
        Self { name, speculation: Some(Speculation { guessed, acceptance }), ..self }
    }

    /// Tokens of a sequence that an iteration checks.
    pub fn queries(&self) -> u32 {
        self.speculation.map_or(1, |speculation| 1 + speculation.guessed as u32)
    }

    pub fn deployment(&self) -> Deployment<'_> {
        Deployment {
            shape: &self.shape,
            device: &self.device,
            network: &self.network,
            layout: self.layout,
            formats: self.formats,
            engine: self.engine,
            speculation: self.speculation,
        }
    }

    pub fn law(&self) -> IterationLaw<'_> {
        IterationLaw::new(self.deployment(), &self.with)
    }

    pub fn options(&self) -> ReplicaOptions {
        ReplicaOptions::of(&self.deployment(), &self.with)
    }

    pub fn table(&self, options: &ReplicaOptions) -> IterationTable {
        IterationTable::new(&self.law(), options.most_sequences, options.token_budget)
    }
}

fn shape(model: &str) -> Shape {
    if model == "gemma-3-27b" {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let source = sources.add(model, include_str!("../configurations/gemma-3-27b.json"));
        return read_configuration(&sources, source, &mut diagnostics).expect(model);
    }
    let entry = find_model(&CATALOGUE, model).expect(model);
    entry.architecture.as_ref().expect(model).shape
}

pub fn engine(name: EngineName) -> Engine {
    Engine::of(name, None)
}

/// Models of all kinds, on the engines that differ: overlapped and serial hosts, compiled and not.
pub fn all() -> Vec<Served> {
    let single = ServingLayout::SINGLE;
    let vllm = engine(EngineName::Vllm);
    let sglang = engine(EngineName::Sglang);
    let tensorrt = engine(EngineName::TensorrtLlm);
    let fp8 = ServingFormats::uniform(Precision::Fp8, Precision::Fp8);
    let wide = ServingLayout { attention_data: 8, expert: 8, ..ServingLayout::SINGLE };
    let staged = ServingLayout { pipeline: 2, ..ServingLayout::tensor(4) };
    vec![
        Served::new("llama-3-1-8b", "h100-sxm", single, vllm),
        Served::new("llama-3-1-8b", "h100-sxm", single, Engine::of(EngineName::Vllm, Some(Release(0, 10)))),
        Served::new(
            "llama-3-1-8b",
            "h100-sxm",
            single,
            Engine::of(EngineName::TensorrtLlm, Some(Release(0, 17))),
        ),
        Served::new("llama-3-1-70b", "h100-sxm", ServingLayout::tensor(8), vllm),
        Served::new("llama-3-1-70b", "h100-sxm", ServingLayout::tensor(8), sglang).formats(fp8),
        Served::new("llama-3-1-70b", "h100-sxm", staged, tensorrt),
        Served::new("deepseek-v3", "h200-sxm", ServingLayout::tensor(8), vllm).formats(fp8),
        Served::new("deepseek-v3", "h200-sxm", wide, sglang).formats(fp8).speculating(3.0, 0.8),
        Served::new("gpt-oss-20b", "h100-sxm", ServingLayout::tensor(2), tensorrt),
        Served::new("gemma-3-27b", "h100-sxm", ServingLayout::tensor(2), vllm),
        Served::new("llama-4-maverick", "h200-sxm", ServingLayout::tensor(8), vllm).formats(fp8),
        Served::new("llama-4-maverick", "b200-sxm", wide, sglang).formats(fp8),
        Served::new("qwen3-next-80b-a3b", "h100-sxm", ServingLayout::tensor(4), vllm),
    ]
}
