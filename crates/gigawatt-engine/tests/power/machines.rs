//! Machines and jobs that several tests use.

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts, Precision};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_engine::power::PowerCoefficients;
use gigawatt_engine::power::load::{AcceleratorPower, Links, StepPower, SystemPower};
use gigawatt_engine::training::{Job, TrainingCoefficients};
use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::training::{Framework, FrameworkName, Layout, Month, Recompute, Sharding};

pub fn coefficients() -> PowerCoefficients {
    PowerCoefficients::embedded().unwrap()
}

pub fn h100() -> Device {
    let facts = DeviceFacts::read("hopper", |name| {
        Some(match name {
            "bf16" => 989e12,
            "fp8" => 1979e12,
            "memory" => 80e9,
            "memory_bandwidth" => 3.35e12,
            "power" => 700.0,
            "processors" => 132.0,
            _ => return None,
        })
    });
    Device::new(facts.unwrap(), &DeviceCoefficients::embedded().unwrap())
}

pub fn h100_power() -> AcceleratorPower {
    AcceleratorPower::new(&h100(), Precision::Bf16, &coefficients()).unwrap()
}

/// A DGX H100.
pub fn server() -> SystemPower {
    SystemPower::new(h100_power(), 8.0, 10_200.0, &coefficients())
}

pub fn step_law() -> StepPower {
    StepPower::new(h100_power(), Links { scale_up: 450e9, network: 50e9, host: 63e9 }, &coefficients())
}

/// A fabric of H100 with 400 Gbit/s each.
pub fn network(accelerators: u64) -> Network {
    let links = NetworkCoefficients::embedded().unwrap();
    let up = ScaleUp { bandwidth: 450e9, domain: 8, wiring: Wiring::AddingSwitch };
    let fabric = Fabric::full_bisection(accelerators.max(16), 5e-7);
    Network::of_system(Some(&up), &ScaleOut::own_port(50e9), &fabric, &links).unwrap()
}

/// Llama 3.1 405B.
pub fn llama() -> Shape {
    let attention = Attention::Grouped { heads: 128, kv_heads: 8, head_size: 128, biased: false };
    Shape::dense(126, 16_384, 128_256, 8192, attention, 53_248)
}

/// Its layout on 16,384 GPUs, or as many times more data-parallel ranks.
pub fn layout(data: u64) -> Layout {
    Layout {
        accelerators: 8 * 16 * data,
        tensor: 8,
        pipeline: 16,
        virtual_stages: 8,
        sharding: Sharding::Optimizer(u64::MAX),
        recompute: Recompute::Elementwise,
        micro_batch: 1,
        global_batch: data * 16,
        sequence_length: 8192,
        ..Layout::SINGLE
    }
}

/// Asks something of a training job on H100.
pub fn with_job<T>(
    shape: &Shape,
    layout: &Layout,
    ask: impl FnOnce(Job<'_>, &TrainingCoefficients) -> T,
) -> T {
    let (device, network) = (h100(), network(layout.accelerators));
    let job = Job {
        shape,
        device: &device,
        shipped: Month::new(2022, 10),
        network: &network,
        layout,
        precision: Precision::Bf16,
        framework: Framework::preset(FrameworkName::Torchtitan),
    };
    ask(job, &TrainingCoefficients::embedded().unwrap())
}
