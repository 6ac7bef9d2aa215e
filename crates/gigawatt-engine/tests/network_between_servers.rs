//! Collectives between servers against what users published. None of these figures decided a coefficient but the
//! latency of 16 H20.

use gigawatt_engine::network::{
    Algorithm, Collective, Fabric, Group, Network, NetworkCoefficients, ScaleOut, ScaleUp,
};
use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::text::{Diagnostics, SourceMap};

fn coefficients() -> NetworkCoefficients {
    let table = Coefficients::embedded("network").expect("the embedded file is well formed");
    NetworkCoefficients::read(&table).expect("the embedded file is complete")
}

fn catalogue() -> Catalogue {
    Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default())
}

fn fact(catalogue: &Catalogue, kind: Kind, id: &str, field: &str) -> Option<f64> {
    let newest = catalogue.get(kind, id)?.vintages(field).last()?;
    Some(newest.written.distribution.reference())
}

fn scale_up(catalogue: &Catalogue, id: &str) -> Option<ScaleUp> {
    let wiring = catalogue.get(Kind::Accelerator, id)?.text("scale_up_wiring");
    ScaleUp::from_facts(|field| fact(catalogue, Kind::Accelerator, id, field), wiring)
}

/// Servers of eight with a 400 Gbit/s port for each accelerator on one fabric.
fn servers(accelerator: &str, count: u64) -> Network {
    let catalogue = catalogue();
    let port = fact(&catalogue, Kind::Network, "quantum-2", "link").expect("the port");
    let switch = fact(&catalogue, Kind::Network, "quantum-2", "latency").expect("the switch");
    let up = scale_up(&catalogue, accelerator).expect("the links");
    let fabric = Fabric::full_bisection(8 * count, switch);
    Network::of_system(Some(&up), &ScaleOut::own_port(port), &fabric, &coefficients()).expect("a network")
}

/// Bus bandwidth as nccl-tests define it, B/s.
fn bus_bandwidth(network: &Network, ranks: u64, bytes: f64) -> f64 {
    let group = Group::strided(network, ranks, 1).alone();
    2.0 * (ranks - 1) as f64 / ranks as f64 * bytes / network.all_reduce(&group, bytes)
}

#[test]
fn published_bus_bandwidths_are_met_within_a_third() {
    // Accelerator, servers, bytes, published GB/s.
    let published = [
        // NCCL issue 1221, 4 to 8 GB: two servers, and four, where the library no longer sums in the switch.
        ("h100-sxm", 2, 8e9, 430.0),
        ("h100-sxm", 4, 8e9, 320.0),
        // nccl-tests issue 283: 512 MiB over 1,984 ranks, typically 350.
        ("h200-sxm", 248, 536_870_912.0, 350.0),
        // nccl-tests issue 212: one server, largest sizes, about 480.
        ("h100-sxm", 1, 16e9, 480.0),
    ];
    for (accelerator, count, bytes, gigabytes) in published {
        let network = servers(accelerator, count.max(2));
        let ratio = bus_bandwidth(&network, 8 * count, bytes) / (gigabytes * 1e9);
        println!("{count} servers with {accelerator}: {ratio:.2} of {gigabytes} GB/s");
        assert!((0.75..1.33).contains(&ratio), "{count} servers with {accelerator}: {ratio}");
    }
}

#[test]
fn two_servers_need_the_published_time_for_next_to_nothing() {
    // NCCL issue 1244: 46 µs for an all-reduce of a few bytes over 16 H20.
    let network = servers("h20-sxm", 2);
    let seconds = network.all_reduce(&Group::strided(&network, 16, 1).alone(), 64.0);
    println!("{:.1} µs", seconds * 1e6);
    assert!((35e-6..58e-6).contains(&seconds), "{seconds}");
}

#[test]
fn every_scale_up_link_of_the_catalogue_makes_a_network() {
    let catalogue = catalogue();
    let mut found = 0;
    for id in catalogue.ids(Kind::Accelerator) {
        if fact(&catalogue, Kind::Accelerator, id, "scale_up").is_none() {
            continue;
        }
        let up = scale_up(&catalogue, id).unwrap_or_else(|| panic!("{id} does not say how its links lie"));
        let network =
            Network::of_scale_up(&up, &coefficients()).unwrap_or_else(|error| panic!("{id}: {error:?}"));
        let group = Group::strided(&network, up.domain, 1);
        for collective in [Collective::AllReduce, Collective::AllGather, Collective::AllToAll] {
            let cost = network.price(collective, &group, 1e9);
            assert!(cost.seconds > 0.0 && cost.stages().len() == 1, "{id}");
        }
        found += 1;
    }
    assert!(found > 20, "{found}");
}

#[test]
fn a_rack_of_72_sums_in_its_switches() {
    let catalogue = catalogue();
    let up = scale_up(&catalogue, "gb200").expect("the links");
    let network = Network::of_scale_up(&up, &coefficients()).expect("a network");
    let cost = network.price(Collective::AllReduce, &Group::strided(&network, 72, 1), 1e9);
    assert_eq!(cost.stages()[0].algorithm, Algorithm::InSwitch);
    assert!(cost.stages()[0].wire_bytes / cost.seconds < up.bandwidth);
}

#[test]
fn the_fabric_of_llama_3_is_read_from_the_catalogue() {
    let catalogue = catalogue();
    let facts = |field: &str| fact(&catalogue, Kind::Network, "meta-roce-24k", field);
    let fabric = Fabric::from_facts(facts, 0.5e-6).expect("a fabric");
    let out = ScaleOut::own_port(facts("link").expect("the port"));
    let up = scale_up(&catalogue, "h100-sxm").expect("the links");
    let network = Network::of_system(Some(&up), &out, &fabric, &coefficients()).expect("a network");
    let sizes: Vec<(&str, u64, f64)> =
        network.tiers().iter().map(|tier| (tier.name.as_str(), tier.size, tier.oversubscription)).collect();
    assert_eq!(
        sizes,
        [("scale-up", 8, 1.0), ("rack", 16, 1.0), ("pod", 3072, 1.0), ("cluster", 24_576, 7.0)]
    );
    // Tens of microseconds between pods, as the paper says.
    assert!(network.tiers()[3].latency >= 20e-6);
}
