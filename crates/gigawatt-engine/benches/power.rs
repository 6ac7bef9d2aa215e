//! Speed of power: `cargo bench -p gigawatt-engine --bench power`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;

use divan::AllocProfiler;
use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts, Precision};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_engine::power::PowerCoefficients;
use gigawatt_engine::power::chain::{Chain, Redundancy, Stage};
use gigawatt_engine::power::grid::{
    Level, Limits, Overhead, Profile, SiteJob, SiteLoad, Stretch, Supply, profile,
};
use gigawatt_engine::power::load::{AcceleratorPower, Links, StepPower, SystemPower};
use gigawatt_engine::power::storage::{Battery, SiteStorage};
use gigawatt_engine::power::swing::{JobPower, Swing, step_waveform};
use gigawatt_engine::training::{Job, Timeline, TrainingCoefficients, timeline};
use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::training::{Framework, FrameworkName, Layout, Month, Recompute, Sharding};

/// Counts allocations.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn h100() -> Device {
    let facts = DeviceFacts::read("hopper", |name| {
        Some(match name {
            "bf16" => 989e12,
            "memory" => 80e9,
            "memory_bandwidth" => 3.35e12,
            "power" => 700.0,
            "processors" => 132.0,
            _ => return None,
        })
    });
    Device::new(facts.unwrap(), &DeviceCoefficients::embedded().unwrap())
}

/// The course of a step of Llama 3.1 405B on 100,096 H100.
fn course() -> Timeline {
    let attention = Attention::Grouped { heads: 128, kv_heads: 8, head_size: 128, biased: false };
    let shape = Shape::dense(126, 16_384, 128_256, 8192, attention, 53_248);
    let layout = Layout {
        accelerators: 100_096,
        tensor: 8,
        pipeline: 16,
        virtual_stages: 8,
        sharding: Sharding::Optimizer(u64::MAX),
        recompute: Recompute::Elementwise,
        micro_batch: 1,
        global_batch: 782 * 16,
        sequence_length: 8192,
        ..Layout::SINGLE
    };
    let up = ScaleUp { bandwidth: 450e9, domain: 8, wiring: Wiring::AddingSwitch };
    let fabric = Fabric::full_bisection(100_096, 5e-7);
    let links = NetworkCoefficients::embedded().unwrap();
    let network = Network::of_system(Some(&up), &ScaleOut::own_port(50e9), &fabric, &links).unwrap();
    let device = h100();
    let job = Job {
        shape: &shape,
        device: &device,
        shipped: Month::new(2022, 10),
        network: &network,
        layout: &layout,
        precision: Precision::Bf16,
        framework: Framework::preset(FrameworkName::Torchtitan),
    };
    timeline(job, &TrainingCoefficients::embedded().unwrap(), usize::MAX)
}

fn system(with: &PowerCoefficients) -> SystemPower {
    SystemPower::new(AcceleratorPower::new(&h100(), Precision::Bf16, with).unwrap(), 8.0, 10_200.0, with)
}

fn job(course: &Timeline, with: &PowerCoefficients) -> JobPower {
    let system = system(with);
    let links = Links { scale_up: 450e9, network: 50e9, host: 63e9 };
    let law = StepPower::new(system.accelerator, links, with);
    step_waveform(course, 100_096.0, &law, &system, with)
}

/// The signal of a step with its swing and spectrum.
#[divan::bench]
fn waveform_of_100_000(bencher: divan::Bencher<'_, '_>) {
    let (course, with) = (course(), PowerCoefficients::embedded().unwrap());
    bencher.bench(|| Swing::of(&job(black_box(&course), &with).step));
}

/// The same with the simulation of the pipeline.
#[divan::bench]
fn waveform_of_100_000_from_its_layout(bencher: divan::Bencher<'_, '_>) {
    let with = PowerCoefficients::embedded().unwrap();
    bencher.bench(|| Swing::of(&job(&black_box(course()), &with).step));
}

fn supply() -> Supply {
    let stage = |name: &str, above, units, efficiency| Stage {
        name: name.to_owned(),
        above,
        rating: 1e6,
        units,
        redundancy: Redundancy::None,
        efficiency,
        fixed_loss: 2e3,
    };
    let chain = Chain::new(vec![
        stage("feed", None, 1500, 0.997),
        stage("transformer", Some(0), 1400, 0.993),
        stage("ups", Some(1), 1300, 0.975),
    ]);
    Supply {
        chain: chain.unwrap(),
        shares: vec![0.0, 0.0, 1.0],
        generators: Vec::new(),
        battery: Battery { energy: 0.0, power: 0.0 },
        storage: None,
        events: Vec::new(),
        limits: Limits { ramp: 1e6, range: 1e6, band: 1e6 },
        described: true,
    }
}

/// A site of a third of 1.3 million accelerators with a job of 100,000 that restarts 5,000 times in a year.
fn site(power: &JobPower) -> SiteLoad {
    let stretches = (0..10_000)
        .map(|at| {
            let from = 52.56 * f64::from(at);
            let level = if at % 2 == 0 { Level::Working } else { Level::Waiting };
            Stretch { from, to: from + if at % 2 == 0 { 52.56 } else { 10.0 }, level }
        })
        .collect();
    SiteLoad {
        network: vec![2e7; 366],
        idle: vec![8e7; 366],
        undescribed: vec![1e8; 366],
        undescribed_fixed: 0.6,
        batch: vec![2e8; 366],
        batch_deviation: vec![1e7; 366],
        batch_memory: 30.0,
        batch_fixed: 0.5,
        service: vec![(1e8, 5e7); 366],
        daily: (0.3, 15.0),
        jobs: vec![SiteJob {
            name: "job".to_owned(),
            title: "Job".to_owned(),
            power: power.clone(),
            stopped: 0.01,
            stretches,
        }],
        accelerators: vec![433_333.0; 366],
    }
}

/// A year of three sites with 1.3 million accelerators, minute by minute.
#[divan::bench(sample_count = 10)]
fn year_of_three_sites(bencher: divan::Bencher<'_, '_>) {
    let with = PowerCoefficients::embedded().unwrap();
    let load = site(&job(&course(), &with));
    let supply = supply();
    bencher.bench(|| -> Vec<Profile> {
        ["one", "two", "three"]
            .map(|name| profile(black_box(&load), &supply, &Overhead::even(0.06), 1, name))
            .into()
    });
}

/// A year of one of them with storage that holds the least level that it can: two passes and the search for the level.
#[divan::bench(sample_count = 10)]
fn year_with_storage(bencher: divan::Bencher<'_, '_>) {
    let with = PowerCoefficients::embedded().unwrap();
    let load = site(&job(&course(), &with));
    let storage = SiteStorage { energy: 1.44e12, power: 1e8, round_trip: 0.85, hold: None };
    let supply = Supply { storage: Some(storage), ..supply() };
    bencher.bench(|| profile(black_box(&load), &supply, &Overhead::even(0.06), 1, "one"));
}
