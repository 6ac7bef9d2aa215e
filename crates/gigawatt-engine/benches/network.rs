//! Speed of pricing collectives: `cargo bench -p gigawatt-engine`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;

use divan::AllocProfiler;
use gigawatt_engine::network::{
    Collective, Cost, ExpertRouting, Fabric, Group, Network, NetworkCoefficients, ScaleOut, ScaleUp, Site,
    Wiring,
};
use gigawatt_plan::coefficients::Coefficients;

/// Counts allocations, which pricing makes none of.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Accelerators of five places of 262,144.
const EVERYTHING: u64 = 1_310_720;

fn main() {
    divan::main();
}

/// Scale-up domains of 64, pods, oversubscribed clusters, five places.
fn network() -> Network {
    let coefficients = NetworkCoefficients::read(&Coefficients::embedded("network").unwrap()).unwrap();
    let up = ScaleUp { bandwidth: 900e9, domain: 64, wiring: Wiring::AddingSwitch };
    let fabric = Fabric { pod: Some(8192), oversubscription: 4.0, ..Fabric::full_bisection(262_144, 0.5e-6) };
    let site = Site { name: "region", places: 5, bandwidth: 50e12, latency: 1e-3 };
    let network = Network::of_system(Some(&up), &ScaleOut::own_port(100e9), &fabric, &coefficients);
    network.unwrap().joined(&site).unwrap()
}

#[divan::bench(args = [64, EVERYTHING])]
fn all_reduce(bencher: divan::Bencher<'_, '_>, ranks: u64) {
    let network = network();
    bencher.bench(|| network.all_reduce(&Group::strided(&network, black_box(ranks), 1), black_box(1e9)));
}

#[divan::bench]
fn all_to_all_of_everything(bencher: divan::Bencher<'_, '_>) {
    let network = network();
    bencher.bench(|| -> Cost {
        let group = Group::strided(&network, black_box(EVERYTHING), 1);
        network.price(Collective::AllToAll, &group, black_box(1e9))
    });
}

#[divan::bench]
fn exchange_of_experts(bencher: divan::Bencher<'_, '_>) {
    let network = network();
    let routing = ExpertRouting {
        tokens: 4096.0,
        bytes_per_token: 7168.0,
        experts: 256,
        visited: 8,
        domain_limit: Some(4),
    };
    bencher
        .bench(|| network.expert_exchange(&Group::strided(&network, black_box(256), 1), black_box(&routing)));
}
