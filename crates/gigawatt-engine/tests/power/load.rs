//! Loads of training and serving.

use gigawatt_engine::device::Precision;
use gigawatt_engine::power::load::{AcceleratorPower, Activity, Links, iteration_power, step_power};
use gigawatt_engine::serving::{
    Batch, Deployment, IterationLaw, ServingCoefficients, ServingFormats, ServingLayout,
};
use gigawatt_engine::training::{Step, step};
use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::serving::{Engine, EngineName};
use gigawatt_plan::training::{Layout, Recompute, Sharding};

use super::machines::{coefficients, h100, h100_power, layout, llama, network, server, step_law, with_job};

/// Mean power of an accelerator over a step, its parts printed.
fn mean(step: &Step) -> f64 {
    let phases = step_power(step, &step_law());
    let seconds: f64 = phases.iter().map(|phase| phase.seconds).sum();
    assert!((seconds / step.seconds - 1.0).abs() < 1e-9);
    for phase in &phases {
        println!("  {:32} {:7.3} s {:4.0} W", phase.name, phase.seconds, phase.power);
    }
    // Computing draws several times what waiting does.
    let of = |name: &str| phases.iter().find(|phase| phase.name == name).map_or(0.0, |phase| phase.power);
    assert!(of("matrix products") > 3.0 * of("waiting for the slowest rank"));
    phases.iter().map(|phase| phase.seconds * phase.power).sum::<f64>() / seconds
}

#[test]
fn a_training_servers_mean_power_is_near_what_was_measured() {
    // arXiv 2506.14551 and 2412.08602: one server of eight H100, Llama 2 13B; intensive training runs at 76 % of 10.2 kW.
    let attention = Attention::Grouped { heads: 40, kv_heads: 40, head_size: 128, biased: false };
    let shape = Shape::dense(40, 5120, 32_000, 4096, attention, 13_824);
    let layout = Layout {
        accelerators: 8,
        sharding: Sharding::Parameters(8),
        recompute: Recompute::Full,
        micro_batch: 2,
        global_batch: 64,
        sequence_length: 4096,
        ..Layout::SINGLE
    };
    let each = mean(&with_job(&shape, &layout, step));
    let input = server().steady(each);
    println!("accelerator {each:.0} W, server {input:.0} W, error {:+.1} %", 100.0 * (input / 7752.0 - 1.0));
    assert!((input / 7752.0 - 1.0).abs() < 0.10, "{input}");
}

#[test]
fn a_large_job_waits_more_and_draws_less() {
    // Operators quote 6.5 to 8.5 kW for servers of eight H100 by workload.
    let each = mean(&with_job(&llama(), &layout(128), step));
    let input = server().steady(each);
    println!("Llama 3.1 405B on 16,384: accelerator {each:.0} W, server {input:.0} W");
    assert!((5900.0..8500.0).contains(&input), "{input}");
}

#[test]
fn decoding_reads_and_prompts_compute() {
    let attention = Attention::Grouped { heads: 64, kv_heads: 8, head_size: 128, biased: false };
    let shape = Shape::dense(80, 8192, 128_256, 131_072, attention, 28672);
    let (device, network) = (h100(), network(8));
    let with = ServingCoefficients::embedded().unwrap();
    let deployment = Deployment {
        shape: &shape,
        device: &device,
        network: &network,
        layout: ServingLayout::tensor(2),
        formats: ServingFormats::uniform(Precision::Fp8, Precision::Fp8),
        engine: Engine::of(EngineName::TensorrtLlm, None),
        speculation: None,
    };
    let law = IterationLaw::new(deployment, &with);
    let links = Links { scale_up: 450e9, network: 50e9, host: 63e9 };
    let power = h100_power();
    let of = |batch: &Batch| {
        iteration_power(&power, &law.parts(batch), law.seconds(batch), &links, coefficients().link_use)
    };
    let decoding: Vec<f64> =
        [1.0, 8.0, 64.0, 256.0].iter().map(|sequences| of(&Batch::decoding(*sequences, 1024.0))).collect();
    println!(
        "decode of 1, 8, 64, 256 sequences: {decoding:.0?} W; prompts: {:.0} W",
        of(&Batch::prompts(8.0, 2048.0))
    );
    assert!(decoding.windows(2).all(|pair| pair[0] <= pair[1] + 1.0), "{decoding:?}");
    let prompts = of(&Batch::prompts(8.0, 2048.0));
    // arXiv 2308.12908: prompts reach the limit, tokens stay well below it.
    assert!(prompts > 1.25 * decoding[1] && prompts > 0.75 * power.limit, "{prompts} {decoding:?}");
    assert!(decoding[1] < 0.7 * power.limit);
}

#[test]
fn the_best_cap_of_a_gb200_is_where_an_owner_of_83_000_found_it() {
    // arXiv 2605.24461: work for each watt of the cluster was best near 1,000 W of a limit of 1,200 W. Of a facility of
    // 150 MW for 83,000 each has 1.8 kW, 0.6 kW beside its own.
    let power = AcceleratorPower::of_limit(1200.0, &coefficients());
    let governor = power.governor(&Activity { matrix: 1.0, ..Activity::WAITING });
    let best = |clock_bound: f64| {
        let worth = |cap: f64| {
            let capped = governor.capped(cap, clock_bound);
            capped.speed / (capped.power + 600.0)
        };
        (0..=1200).map(f64::from).max_by(|one, other| worth(*one).total_cmp(&worth(*other))).unwrap()
    };
    let [all, most, less] = [1.0, 0.85, 0.7].map(best);
    println!("best cap where 100, 85 and 70 % of the time follow the clock: {all}, {most}, {less} W");
    assert!(less < 1000.0 && 1000.0 < all);
    assert!((most / 1000.0 - 1.0).abs() < 0.10, "{most}");
}

#[test]
fn a_cap_of_600_watts_costs_an_h100_what_operators_say() {
    // 10 to 15 % of the steps' rate.
    let governor = h100_power().governor(&Activity { matrix: 1.0, ..Activity::WAITING });
    let lost = 1.0 - governor.capped(600.0, 1.0).speed;
    println!("a cap of 600 W loses {:.1} %", 100.0 * lost);
    assert!((0.07..0.17).contains(&lost), "{lost}");
}
