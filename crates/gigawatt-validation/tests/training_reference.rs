//! Published training runs that no coefficient was fitted on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gigawatt_engine::device::{Device, DeviceFacts};
use gigawatt_engine::network::{Fabric, Network, ScaleOut, ScaleUp};
use gigawatt_engine::training::{Job, Step, step};
use gigawatt_plan::catalog::{Catalogue, Kind, Shape, find_model};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::training::{
    Framework, FrameworkName, Layout, Month, Precision, RankOrder, Recompute, Schedule, Sharding,
};
use gigawatt_validation::training::Laws;

fn catalogue() -> Catalogue {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    Catalogue::embedded(&mut sources, &mut diagnostics)
}

fn shape(catalogue: &Catalogue, name: &str) -> Shape {
    find_model(catalogue, name).and_then(|entry| entry.architecture.as_ref()).unwrap().shape
}

/// The step of a layout on accelerators with a port of 400 Gbit/s each.
fn priced(
    accelerator: &str,
    shape: &Shape,
    layout: &Layout,
    framework: Framework,
    precision: Precision,
    fabric: Fabric,
) -> Step {
    let (catalogue, laws) = (catalogue(), Laws::embedded().unwrap());
    let entry = catalogue.get(Kind::Accelerator, accelerator).unwrap();
    let device = Device::new(DeviceFacts::of(entry).unwrap(), &laws.device);
    let fact = |field: &str| entry.vintages(field).last().map(|fact| fact.written.distribution.reference());
    let up = ScaleUp::from_facts(fact, entry.text("scale_up_wiring")).unwrap();
    let network = Network::of_system(Some(&up), &ScaleOut::own_port(50e9), &fabric, &laws.network).unwrap();
    let shipped = catalogue.shipped(entry);
    let job = Job { shape, device: &device, shipped, network: &network, layout, precision, framework };
    step(job, &laws.training)
}

/// Meta's fabric of 24,576 (arXiv 2407.21783, 3.3.1): pods of 3,072 with full bisection, seven to one between them.
fn meta_fabric() -> Fabric {
    Fabric { pod: Some(3072), oversubscription: 7.0, ..Fabric::full_bisection(24_576, 5e-7) }
}

/// Llama 3.1 405B, Table 4 of arXiv 2407.21783. The stack is Meta's own of PyTorch: no overlap of tensor parallelism, attention
/// of the second generation, optimiser and gradients cut over data-parallel ranks. Which attention its FLOP count is not
/// said: as Megatron's, whole sequences.
#[test]
fn llama_3_at_three_scales() {
    let catalogue = catalogue();
    let shape = shape(&catalogue, "llama-3.1-405b");
    let framework = Framework::preset(FrameworkName::Torchtitan).at(Month::new(2024, 3));
    for (accelerators, context, sequence_length, global_batch, published) in
        [(8192, 1, 8192, 2048, 430.0), (16_384, 1, 8192, 2048, 400.0), (16_384, 16, 131_072, 128, 380.0)]
    {
        let layout = Layout {
            accelerators,
            tensor: 8,
            pipeline: 16,
            virtual_stages: 8,
            context,
            sharding: Sharding::Gradients(u64::MAX),
            micro_batch: 1,
            global_batch,
            sequence_length,
            rank_order: RankOrder::PipelineBeforeData,
            ..Layout::SINGLE
        };
        let step = priced("h100-sxm", &shape, &layout, framework, Precision::Bf16, meta_fabric());
        let attention = 12.0 * 126.0 * 16_384.0 * sequence_length as f64;
        let rate = step.tokens_per_second * (6.0 * 405.85e9 + attention) / 1e12;
        let error = rate / published - 1.0;
        println!(
            "{accelerators} GPUs, {sequence_length} tokens: {rate:.0} TFLOP/s, published {published:.0}: {:+.1} %",
            100.0 * error
        );
        assert!(error.abs() < 0.1, "{accelerators} {sequence_length}: {rate}");
    }
}

/// DeepSeek-V3: 2.664 million hours of H800 for 14.8 T tokens (arXiv 2412.19437, table 1 and sections 3 and 4.2): 2,048 H800,
/// 16 pipeline stages under `DualPipe`, 64-way expert parallelism over 8 nodes of which a token visits 4 at most, ZeRO-1, no
/// tensor parallelism, norms computed again, FP8 with block factors, dispatch in FP8, sequences of 4,096, batches of
/// 15,360. The micro-batch is not published: one sequence.
#[test]
fn deepseek_v3_in_hours() {
    let catalogue = catalogue();
    let shape = shape(&catalogue, "deepseek-v3");
    let framework = Framework::preset(FrameworkName::HaiLlm);
    let layout = Layout {
        accelerators: 2048,
        pipeline: 16,
        expert: 64,
        sharding: Sharding::Optimizer(u64::MAX),
        micro_batch: 1,
        global_batch: 15_360,
        sequence_length: 4096,
        schedule: Schedule::DualPipe,
        recompute: Recompute::Elementwise,
        ..Layout::SINGLE
    };
    let fabric = Fabric::full_bisection(2048, 5e-7);
    let precision = Precision::Fp8Block;
    let step = priced("h800-sxm", &shape, &layout, framework, precision, fabric);
    let hours = 14.8e12 / step.tokens_per_second / 3600.0;
    let error = hours / 2.664e6 - 1.0;
    println!(
        "DeepSeek-V3: {:.3} M hours, published 2.664 M: {:+.1} %; {:?}",
        hours / 1e6,
        100.0 * error,
        step.breakdown
    );
    assert!(error.abs() < 0.1, "{hours}");
}
