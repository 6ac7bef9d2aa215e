//! The law of recommendation models against arithmetic by hand, and what must hold of it anywhere.

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts, Precision};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_engine::ranking::{
    Bound, Interaction, Optimizer, RankingCoefficients, Recommender, Serving, Software, Tables, Training,
};
use proptest::prelude::*;

fn facts(bf16: f64, bandwidth: f64) -> DeviceFacts {
    DeviceFacts::read("hopper", |name| {
        Some(match name {
            "bf16" => bf16,
            "memory" => 80e9,
            "memory_bandwidth" => bandwidth,
            "processors" => 132.0,
            "host_link_per_accelerator" => 63e9,
            "host_memory_per_accelerator" => 250e9,
            "host_bandwidth_per_accelerator" => 76.8e9,
            _ => return None,
        })
    })
    .expect("complete")
}

fn device(bf16: f64, bandwidth: f64) -> Device {
    Device::new(facts(bf16, bandwidth), &DeviceCoefficients::embedded().expect("complete"))
}

fn network(scale_up: f64, port: f64, accelerators: u64) -> Network {
    let up = ScaleUp { bandwidth: scale_up, domain: 8, wiring: Wiring::Switch };
    let fabric = Fabric::full_bisection(accelerators.max(16), 5e-7);
    let coefficients = NetworkCoefficients::embedded().expect("complete");
    Network::of_system(Some(&up), &ScaleOut::own_port(port), &fabric, &coefficients).expect("a network")
}

fn coefficients() -> RankingCoefficients {
    RankingCoefficients::embedded().expect("complete")
}

fn model(lookups: f64) -> Recommender {
    Recommender {
        tables: vec![Tables { count: 100.0, rows: 1e6, lookups }],
        width: 128.0,
        bottom: vec![13.0, 512.0, 128.0],
        interaction: Interaction::Dot,
        positions: 1.0,
        top: vec![512.0, 1024.0, 256.0, 1.0],
    }
}

fn training<'a>(model: &'a Recommender, device: &'a Device) -> Training<'a> {
    Training {
        model,
        device,
        network: None,
        accelerators: 1,
        samples: 4096.0,
        precision: Precision::Fp16,
        value_bytes: 4.0,
        optimizer: Optimizer::RowWiseAdagrad,
        software: Software::HugeCtr,
    }
}

fn serving<'a>(model: &'a Recommender, device: &'a Device) -> Serving<'a> {
    Serving {
        model,
        device,
        network: None,
        precision: Precision::Fp16,
        value_bytes: 2.0,
        shared: 0.0,
        candidates: 1000.0,
        budget: 0.02,
    }
}

#[test]
fn rows_take_their_bytes_over_the_bandwidth_that_lookups_reach() {
    let (model, device, c) = (model(20.0), device(1e15, 2e12), coefficients());
    let step = training(&model, &device).step(&c);
    // Gathered: 4096 × (2000 × (512 + 8) + 100 × 128 × 2) B = 4.364697600 GB; 2 TB/s × 0.896.
    let gather = 4.364_697_6e9 / (c.gather * 2e12) + device.launch();
    assert!((step.gather / gather - 1.0).abs() < 1e-9, "{} {gather}", step.gather);
    // Updated: 8,192,000 lookups × (256 + 128) B, and of 100 million rows 100e6 (1 - e^-0.08192) = 7,865,430.8 rows
    // × 2 × (512 + 4) B.
    let rows = 100e6 * (1.0 - (-0.081_92_f64).exp());
    let update = (8.192e6 * 384.0 + rows * 1032.0) / (c.gather * 2e12) + device.launch();
    assert!((step.update / update - 1.0).abs() < 1e-9, "{} {update}", step.update);
    assert_eq!(step.fixed, c.hugectr_step);
    assert!((step.fixed + step.dense + step.gather + step.update - step.seconds).abs() < 1e-15);
    assert_eq!(step.bound(), Bound::Memory);
}

#[test]
fn what_binds_follows_what_is_scarce() {
    let (light, heavy, c) = (model(1.0), model(1.0).scaled(400.0), coefficients());
    let fast = device(1e15, 3e12);
    let bound = |training: Training<'_>| training.step(&c).bound();
    assert_eq!(bound(Training { samples: 16.0, ..training(&light, &fast) }), Bound::Software);
    assert_eq!(bound(training(&heavy, &fast)), Bound::Compute);
    assert_eq!(bound(training(&model(200.0), &fast)), Bound::Memory);
    let slow = network(450e9, 1e9, 64);
    let spread = Training { network: Some(&slow), accelerators: 64, ..training(&light, &fast) };
    assert_eq!(bound(spread), Bound::Network);
}

#[test]
fn tables_and_state_decide_how_few_can_train() {
    // 100 million rows of 128 numbers with 4 B each and 4 B of state a row: 51.6 GB; 80 GB × 0.5 less 16 B for each of
    // 924,416 dense numbers.
    let (model, device) = (model(1.0), device(1e15, 2e12));
    let dense = 13.0 * 512.0 + 512.0 * 128.0 + 512.0 * 1024.0 + 1024.0 * 256.0 + 256.0;
    assert!((model.dense_parameters() - dense).abs() < 1e-6);
    let fewest = training(&model, &device).fewest(0.5);
    assert!((fewest - 51.6e9 / (40e9 - 16.0 * dense)).abs() < 1e-9, "{fewest}");
}

#[test]
fn a_batch_is_the_largest_that_keeps_the_budget() {
    let (model, device, c) = (model(5.0), device(1e15, 2e12), coefficients());
    let asked = serving(&model, &device);
    let served = asked.served(&c).expect("within the budget");
    assert!(2.0 * served.seconds <= 0.02 && 2.0 * asked.seconds(served.batch + 1.0, &c) > 0.02);
    assert!((served.throughput * served.seconds / served.batch - 1.0).abs() < 1e-12);
    // 25.6 GB of tables in 16 bits fit on one; a hundred times as many rows do not.
    assert_eq!(served.group, 1.0);
    let larger =
        Recommender { tables: vec![Tables { count: 100.0, rows: 1e8, lookups: 5.0 }], ..model.clone() };
    assert_eq!(serving(&larger, &device).group(), (2560.0_f64 / 68.0).ceil());
    // Less time than two batches of one take is no budget.
    assert!(Serving { budget: c.serving_step, ..asked }.served(&c).is_none());
}

#[test]
fn what_is_the_requests_is_done_once_for_it() {
    let (model, device, c) = (model(40.0), device(1e15, 2e12), coefficients());
    let alone = serving(&model, &device).served(&c).expect("served").throughput;
    let shared = Serving { shared: 0.75, ..serving(&model, &device) }.served(&c).expect("served").throughput;
    // A quarter of the work and a thousandth of the rest: nearly four times the candidates, less what does not shrink.
    assert!((3.0..4.1).contains(&(shared / alone)), "{}", shared / alone);
    let single = Serving { shared: 0.75, candidates: 1.0, ..serving(&model, &device) };
    assert!((single.served(&c).expect("served").throughput / alone - 1.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_of_anything_is_never_slower(
        lookups in 1.0..300.0_f64,
        samples in 64.0..16384.0_f64,
        bf16 in 1e14..3e15_f64,
        bandwidth in 5e11..8e12_f64,
        port in 5e9..1e11_f64,
        nodes in 1..16_u64,
        more in 1.0..4.0_f64,
    ) {
        let (model, c) = (model(lookups), coefficients());
        let accelerators = 8 * nodes;
        let time = |bf16: f64, bandwidth: f64, port: f64| {
            let (device, links) = (device(bf16, bandwidth), network(450e9, port, accelerators));
            let asked = Training { network: Some(&links), accelerators, samples, ..training(&model, &device) };
            asked.step(&c).seconds
        };
        let base = time(bf16, bandwidth, port);
        prop_assert!(base.is_finite() && base > 0.0);
        for (what, faster) in [
            ("arithmetic", time(bf16 * more, bandwidth, port)),
            ("memory", time(bf16, bandwidth * more, port)),
            ("network", time(bf16, bandwidth, port * more)),
        ] {
            prop_assert!(faster <= base * (1.0 + 1e-9), "more {}: {} after {}", what, faster, base);
        }
    }

    #[test]
    fn larger_models_and_tighter_budgets_serve_less(
        lookups in 1.0..200.0_f64,
        scale in 1.0..30.0_f64,
        budget in 0.005..0.2_f64,
        shared in 0.0..1.0_f64,
        more in 1.0..5.0_f64,
    ) {
        let (model, device, c) = (model(lookups), device(1e15, 3e12), coefficients());
        let throughput = |scale: f64, budget: f64, shared: f64| {
            let model = model.scaled(scale);
            Serving { budget, shared, ..serving(&model, &device) }.served(&c).map_or(0.0, |served| served.throughput)
        };
        let base = throughput(scale, budget, shared);
        // Tiles and whole batches leave steps of a few per cent.
        prop_assert!(throughput(scale * more, budget, shared) <= base * 1.05);
        prop_assert!(throughput(scale, budget * more, shared) >= base * 0.95);
        prop_assert!(throughput(scale, budget, shared / more) <= base * 1.05);
    }
}
