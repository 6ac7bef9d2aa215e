//! Collectives against closed forms, published figures and what must hold for any of them.

use gigawatt_engine::network::{
    Algorithm, Collective, ExpertRouting, Fabric, Group, Network, NetworkCoefficients, NetworkError,
    ScaleOut, ScaleUp, Shape, Site, Wiring, distinct_domains,
};
use gigawatt_plan::coefficients::Coefficients;
use proptest::prelude::*;

const GIGABYTE: f64 = 1e9;

fn coefficients() -> NetworkCoefficients {
    let table = Coefficients::embedded("network").expect("the embedded file is well formed");
    NetworkCoefficients::read(&table).expect("the embedded file is complete")
}

/// Links of full speed without latency, launch or copies, so that closed forms hold exactly.
fn ideal() -> NetworkCoefficients {
    NetworkCoefficients {
        launch: 0.0,
        scale_up_step: 0.0,
        fill: 0.0,
        ring_share: 1.0,
        own_copy: 0.0,
        in_switch_share: 1.0,
        in_switch_latency: 0.0,
        expert_launch: 0.0,
        exchange_share: 1.0,
        direct_launch: 0.0,
        direct_share: 1.0,
        eager_call: 0.0,
        pcie_pair_share: 1.0,
        pcie_host_share: 1.0,
        port_share: 1.0,
        port_step: 0.0,
        concurrent_peers: 8.0,
        spread: 0.0,
        pcie_spread: 0.0,
    }
}

fn server(wiring: Wiring) -> ScaleUp {
    ScaleUp { bandwidth: 450.0 * GIGABYTE, domain: 8, wiring }
}

/// Servers of eight in the fabric of Llama 3 (arXiv 2407.21783): 400 Gbit/s a port, pods of 3,072, 1:7 between eight pods.
fn llama(coefficients: &NetworkCoefficients, wiring: Wiring) -> Network {
    let switch_latency = if coefficients.port_step > 0.0 { 0.5e-6 } else { 0.0 };
    let fabric = Fabric {
        rack: Some(16),
        pod: Some(3072),
        oversubscription: 7.0,
        ..Fabric::full_bisection(24_576, switch_latency)
    };
    let out = ScaleOut::own_port(50.0 * GIGABYTE);
    Network::of_system(Some(&server(wiring)), &out, &fabric, coefficients).expect("a network")
}

fn near(one: f64, other: f64, tolerance: f64) {
    assert!((one / other - 1.0).abs() <= tolerance, "{one} is not {other}");
}

#[test]
fn one_rank_or_no_bytes_cost_nothing() {
    let network = llama(&coefficients(), Wiring::AddingSwitch);
    let all = [
        Collective::AllReduce,
        Collective::ReduceScatter,
        Collective::AllGather,
        Collective::Broadcast,
        Collective::AllToAll,
    ];
    for collective in all {
        assert_eq!(network.price(collective, &Group::strided(&network, 1, 1), GIGABYTE).seconds, 0.0);
        assert_eq!(network.price(collective, &Group::strided(&network, 64, 1), 0.0).seconds, 0.0);
        let odd = network.price(collective, &Group::strided(&network, 64, 0), f64::NAN).seconds;
        assert_eq!(odd, 0.0);
        assert!(
            network.price(collective, &Group::strided(&network, u64::MAX, u64::MAX), 1.0).seconds.is_finite()
        );
        assert!(
            network.price(collective, &Group::strided(&network, 64, 3), f64::INFINITY).seconds.is_finite()
        );
    }
}

#[test]
fn rings_inside_a_server_move_what_the_closed_form_says() {
    let network = Network::of_scale_up(&server(Wiring::Switch), &ideal()).unwrap();
    let group = Group::strided(&network, 8, 1);
    let bytes = 8.0 * GIGABYTE;
    near(network.all_reduce(&group, bytes), 2.0 * 7.0 / 8.0 * 8.0 / 450.0, 1e-12);
    near(network.all_gather(&group, bytes), 7.0 / 8.0 * 8.0 / 450.0, 1e-12);
    near(network.reduce_scatter(&group, bytes), 7.0 / 8.0 * 8.0 / 450.0, 1e-12);
    near(network.all_to_all(&group, bytes), 7.0 / 8.0 * 8.0 / 450.0, 1e-12);
    near(network.broadcast(&group, bytes), 8.0 / 450.0, 1e-12);
    near(network.point_to_point(0, bytes), 8.0 / 450.0, 1e-12);
}

#[test]
fn steps_of_a_ring_grow_with_its_ranks_and_those_of_trees_with_their_logarithm() {
    let steps = NetworkCoefficients { scale_up_step: 1e-6, port_step: 1e-5, ..ideal() };
    let network = Network::of_scale_up(&server(Wiring::Switch), &steps).unwrap();
    let time = |ranks| network.all_reduce(&Group::strided(&network, ranks, 1), 1e-3);
    near(time(4), 6e-6, 1e-3);
    near(time(8), 14e-6, 1e-3);
    let out = ScaleOut::own_port(50.0 * GIGABYTE);
    let wide = Network::of_system(None, &out, &Fabric::full_bisection(1 << 20, 0.0), &steps).unwrap();
    let cost = wide.price(Collective::AllReduce, &Group::strided(&wide, 1 << 20, 1), 1e-3);
    assert_eq!(cost.stages()[0].algorithm, Algorithm::Trees);
    near(cost.seconds, 40e-5, 1e-3);
    let cost = wide.price(Collective::AllReduce, &Group::strided(&wide, 4, 1), 1e12);
    assert_eq!(cost.stages()[0].algorithm, Algorithm::Ring);
}

#[test]
fn every_port_of_a_server_works_for_a_group_that_fills_it() {
    let network = llama(&ideal(), Wiring::Switch);
    let bytes = 1e12;
    // Within a pod, 16 servers: each rank carries an eighth over its own port, and the servers' links hide behind it.
    let whole = Group::strided(&network, 128, 1);
    let port = 2.0 * (15.0 / 16.0) * bytes / 8.0 / (50.0 * GIGABYTE);
    near(network.all_reduce(&whole, bytes), port, 0.03);
    // One rank of each server: the whole vector goes over one port; its seven neighbours use their own.
    let strided = Group::strided(&network, 16, 8);
    near(network.all_reduce(&strided, bytes), 8.0 * port, 0.03);
}

#[test]
fn seven_ports_share_one_uplink_between_pods() {
    let network = llama(&ideal(), Wiring::Switch);
    let bytes = 1e12;
    // One rank of each pod: every place of a pod has such a group, and all cross at once.
    let across = Group::strided(&network, 8, 3072);
    near(network.all_reduce(&across, bytes), 2.0 * (7.0 / 8.0) * bytes / (50.0 * GIGABYTE / 7.0), 1e-9);
    // Alone it has a whole port.
    near(network.all_reduce(&across.alone(), bytes), 2.0 * (7.0 / 8.0) * bytes / (50.0 * GIGABYTE), 1e-9);
    // A group of everything crosses with a 3,072nd of the vector per rank: the uplinks do not matter.
    let all = Group::strided(&network, 24_576, 1);
    let cost = network.price(Collective::AllReduce, &all, bytes);
    let uplinks = cost.stages().iter().find(|stage| network.tiers()[stage.tier].name == "cluster").unwrap();
    near(uplinks.wire_bytes, 2.0 * (7.0 / 8.0) * bytes / 3072.0, 1e-9);
    near(cost.seconds, 2.0 * bytes / 8.0 / (50.0 * GIGABYTE), 0.06);
}

#[test]
fn a_tier_that_others_use_too_is_slower_by_their_share() {
    let network = llama(&ideal(), Wiring::Switch);
    let across = Group::strided(&network, 8, 3072);
    let top = network.tiers().len() - 1;
    near(
        network.all_reduce(&across.contended(top, 1.5), GIGABYTE),
        1.5 * network.all_reduce(&across, GIGABYTE),
        1e-12,
    );
}

#[test]
fn chunks_let_tiers_work_at_the_same_time() {
    let network = llama(&ideal(), Wiring::Switch);
    let cost = network.price(Collective::AllReduce, &Group::strided(&network, 128, 1), GIGABYTE);
    let one_after_the_other: f64 = cost.stages().iter().map(|stage| stage.latency + stage.transfer).sum();
    let slowest = cost.stages().iter().map(|stage| stage.transfer).fold(0.0, f64::max);
    assert!(cost.chunks > 1);
    assert!(cost.seconds < one_after_the_other && cost.seconds >= slowest);
}

#[test]
fn only_switches_that_can_add_do() {
    let coefficients = coefficients();
    let rack = |wiring| {
        let up = ScaleUp { bandwidth: 900.0 * GIGABYTE, domain: 72, wiring };
        Network::of_scale_up(&up, &coefficients).unwrap()
    };
    let (adding, plain) = (rack(Wiring::AddingSwitch), rack(Wiring::Switch));
    let group = Group::strided(&adding, 72, 1);
    let cost = adding.price(Collective::AllReduce, &group, GIGABYTE);
    assert_eq!(cost.stages()[0].algorithm, Algorithm::InSwitch);
    near(cost.stages()[0].wire_bytes, GIGABYTE * (1.0 + 1.0 / 72.0), 1e-12);
    let ring = plain.price(Collective::AllReduce, &group, GIGABYTE);
    assert_eq!(ring.stages()[0].algorithm, Algorithm::Ring);
    assert!(cost.seconds < ring.seconds);
    // The bus bandwidth of the switch, 2 S (p-1)/p over time, may be above the link; bytes on the wire are not.
    let fast = Network::of_scale_up(
        &ScaleUp { bandwidth: 900.0 * GIGABYTE, domain: 72, wiring: Wiring::AddingSwitch },
        &ideal(),
    )
    .unwrap();
    let seconds = fast.all_reduce(&group, GIGABYTE);
    assert!(2.0 * 71.0 / 72.0 * GIGABYTE / seconds > 900.0 * GIGABYTE);
}

#[test]
fn fewer_ports_than_accelerators_are_shared_unless_the_others_are_silent() {
    let out = ScaleOut::shared_ports(8, 4, 12.5 * GIGABYTE);
    near(out.bandwidth, 6.25 * GIGABYTE, 1e-12);
    let fabric = Fabric::full_bisection(1024, 0.0);
    let network = Network::of_system(Some(&server(Wiring::Switch)), &out, &fabric, &ideal()).unwrap();
    let one_of_each = Group::strided(&network, 2, 8);
    near(network.all_reduce(&one_of_each, GIGABYTE), 1.0 / 6.25, 1e-9);
    near(network.all_reduce(&one_of_each.alone(), GIGABYTE), 1.0 / 12.5, 1e-9);
}

#[test]
fn a_torus_uses_the_links_of_the_dimensions_that_a_group_spans() {
    let up = ScaleUp { bandwidth: 600.0 * GIGABYTE, domain: 512, wiring: Wiring::Torus([8, 8, 8]) };
    let slow = NetworkCoefficients { scale_up_step: 1e-6, ..ideal() };
    let network = Network::of_scale_up(&up, &slow).unwrap();
    let line = Group::strided(&network, 8, 1);
    let cube = Group::strided(&network, 512, 1);
    let seconds = |group: &Group| network.price(Collective::AllGather, group, GIGABYTE).stages()[0].transfer;
    near(seconds(&line), 7.0 / 8.0 / 200.0, 1e-9);
    near(seconds(&cube), 511.0 / 512.0 / 600.0, 1e-9);
    let steps = network.price(Collective::AllGather, &cube, 1.0).stages()[0].latency;
    near(steps, 21e-6, 1e-9);
    // Along the second dimension alone.
    near(seconds(&Group::strided(&network, 8, 8)), 7.0 / 8.0 / 200.0, 1e-9);
    // All-to-all crosses a quarter of each ring: two links in each of three dimensions.
    let exchanged = network.price(Collective::AllToAll, &cube, GIGABYTE).stages()[0].transfer;
    near(exchanged, 6.0 * 511.0 / 512.0 / 600.0, 1e-9);
}

#[test]
fn a_mesh_gives_a_pair_one_of_its_links() {
    let up = ScaleUp { bandwidth: 448.0 * GIGABYTE, domain: 8, wiring: Wiring::Mesh };
    let network = Network::of_scale_up(&up, &ideal()).unwrap();
    near(network.all_gather(&Group::strided(&network, 2, 1), GIGABYTE), 0.5 / 64.0, 1e-9);
    near(network.all_gather(&Group::strided(&network, 8, 1), GIGABYTE), 7.0 / 8.0 / 448.0, 1e-9);
}

#[test]
fn two_places_share_their_link_and_wait_for_light() {
    let site = Site { name: "region", places: 2, bandwidth: 12.5e12, latency: 5e-3 };
    let network = llama(&ideal(), Wiring::Switch).joined(&site).unwrap();
    let pairs = Group::strided(&network, 2, 24_576);
    // 100 Tbit/s over 24,576 endpoints: half a gigabyte a second for each.
    near(network.all_reduce(&pairs, GIGABYTE), 10e-3 + 24_576.0 * GIGABYTE / 12.5e12, 1e-9);
    let whole = Group::strided(&network, 2 * 24_576, 1);
    assert!(network.all_reduce(&whole, GIGABYTE) < network.all_reduce(&pairs, GIGABYTE));
    assert!(network.all_reduce(&whole, 1.0) > 10e-3);
}

#[test]
fn nested_groups_count_what_sits_together() {
    let network = llama(&ideal(), Wiring::Switch);
    // Tensor parallelism of 2 inside, context of 4, pipeline of 16 between, data of 24: gradients go over context and data.
    let group = Group::nested(&network, &[(4, 2), (24, 128)]);
    assert_eq!(group.ranks(), 96);
    assert_eq!(group.members(0), 4);
    assert_eq!(group.members(1), 4);
    assert_eq!(group.members(2), 96);
    assert_eq!((group.parts(0), group.parts(1), group.parts(2)), (4, 1, 24));
    let strided = Group::strided(&network, 24_576 / 8, 8);
    assert_eq!((strided.members(0), strided.members(1), strided.members(2)), (1, 2, 384));
    assert_eq!(strided.parts(3), 8);
}

#[test]
fn tokens_visit_as_many_domains_as_drawing_without_replacement_says() {
    // 256 experts in 8 domains, 8 visited: 8 (1 - C(224, 8) / C(256, 8)).
    let none: f64 = (0..8).map(|i| (224.0 - f64::from(i)) / (256.0 - f64::from(i))).product();
    near(distinct_domains(256, 8, 8, None), 8.0 * (1.0 - none), 1e-12);
    near(distinct_domains(256, 1, 8, None), 1.0, 1e-12);
    near(distinct_domains(256, 256, 8, None), 8.0, 1e-12);
    assert!(distinct_domains(256, 8, 8, Some(4)) < 4.0);
    assert!(distinct_domains(256, 8, 8, Some(4)) > 3.5);
    near(distinct_domains(256, 8, 8, Some(1)), 1.0, 1e-12);
}

#[test]
fn node_limited_routing_lightens_the_ports() {
    let network = llama(&ideal(), Wiring::Switch);
    let group = Group::strided(&network, 64, 1);
    let routing = |domain_limit| ExpertRouting {
        tokens: 4096.0,
        bytes_per_token: 7168.0,
        experts: 256,
        visited: 8,
        domain_limit,
    };
    let port_bytes = |limit| {
        let cost = network.expert_exchange(&group, &routing(limit));
        cost.stages().iter().filter(|stage| stage.tier > 0).map(|stage| stage.wire_bytes).fold(0.0, f64::max)
    };
    let free = distinct_domains(256, 8, 8, None);
    near(port_bytes(None), 4096.0 * 7168.0 * free * 7.0 / 8.0, 1e-9);
    near(port_bytes(Some(4)) / port_bytes(None), distinct_domains(256, 8, 8, Some(4)) / free, 1e-9);
    // Every copy on its own would be heavier than one per server.
    assert!(port_bytes(None) < 4096.0 * 7168.0 * 8.0 * 7.0 / 8.0);
}

#[test]
fn tiers_that_make_no_sense_are_refused() {
    let coefficients = coefficients();
    let network = llama(&coefficients, Wiring::Switch);
    let with = |change: fn(&mut Vec<gigawatt_engine::network::Tier>)| {
        let mut tiers = network.tiers().to_vec();
        change(&mut tiers);
        Network::new(tiers, coefficients).unwrap_err()
    };
    assert_eq!(with(Vec::clear), NetworkError::Tiers);
    assert_eq!(with(|tiers| tiers.swap(1, 2)), NetworkError::Size);
    assert_eq!(with(|tiers| tiers[0].bandwidth = 0.0), NetworkError::Number);
    assert_eq!(with(|tiers| tiers[0].latency = f64::NAN), NetworkError::Number);
    assert_eq!(with(|tiers| tiers[2].oversubscription = 0.5), NetworkError::Number);
    assert_eq!(with(|tiers| tiers[0].shape = Shape::Torus([2, 2, 1])), NetworkError::Size);
    assert_eq!(with(|tiers| tiers[2].scale_up = true), NetworkError::Order);
}

fn collectives() -> impl Strategy<Value = Collective> {
    prop::sample::select(vec![
        Collective::AllReduce,
        Collective::ReduceScatter,
        Collective::AllGather,
        Collective::Broadcast,
        Collective::AllToAll,
    ])
}

/// A network of three tiers with some speeds.
fn network(nvlink: f64, port: f64, latency: f64, oversubscription: f64, wiring: Wiring) -> Network {
    let up = ScaleUp { bandwidth: nvlink, domain: 8, wiring };
    let fabric = Fabric { pod: Some(512), oversubscription, ..Fabric::full_bisection(65_536, latency) };
    Network::of_system(Some(&up), &ScaleOut::own_port(port), &fabric, &coefficients()).expect("a network")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wire_bytes_never_exceed_a_link(
        collective in collectives(), ranks in 2_u64..4096, stride in 1_u64..64, bytes in 1.0_f64..1e12,
        adding in any::<bool>(), oversubscription in 1.0_f64..8.0,
    ) {
        let wiring = if adding { Wiring::AddingSwitch } else { Wiring::Switch };
        let network = network(450e9, 50e9, 1e-6, oversubscription, wiring);
        let cost = network.price(collective, &Group::strided(&network, ranks, stride), bytes);
        prop_assert!(cost.seconds > 0.0);
        for stage in cost.stages() {
            prop_assert!(stage.wire_bytes <= network.tiers()[stage.tier].port * cost.seconds);
        }
        let port: f64 = if collective == Collective::AllToAll {
            cost.stages().iter().filter(|stage| stage.tier > 0).map(|stage| stage.wire_bytes).fold(0.0, f64::max)
        } else {
            cost.stages().iter().filter(|stage| stage.tier > 0).map(|stage| stage.wire_bytes).sum()
        };
        prop_assert!(port <= 50e9 * cost.seconds);
    }

    #[test]
    fn more_bytes_take_longer(
        collective in collectives(), ranks in 2_u64..100_000, stride in 1_u64..64,
        bytes in 1.0_f64..1e12, factor in 1.0_f64..3.0, adding in any::<bool>(),
    ) {
        let wiring = if adding { Wiring::AddingSwitch } else { Wiring::Switch };
        let network = network(450e9, 50e9, 1e-6, 4.0, wiring);
        let group = Group::strided(&network, ranks, stride);
        let time = |bytes| network.price(collective, &group, bytes).seconds;
        prop_assert!(time(bytes * factor) >= time(bytes));
    }

    #[test]
    fn faster_links_and_shorter_ways_are_never_slower(
        collective in collectives(), ranks in 2_u64..100_000, stride in 1_u64..64, bytes in 1.0_f64..1e12,
        up in 1.0_f64..4.0, port in 1.0_f64..4.0, latency in 0.0_f64..1.0, oversubscription in 1.0_f64..4.0,
    ) {
        let slow = network(450e9, 50e9, 2e-6, 4.0, Wiring::AddingSwitch);
        let fast = network(450e9 * up, 50e9 * port, 2e-6 * latency, oversubscription, Wiring::AddingSwitch);
        let group = Group::strided(&slow, ranks, stride);
        let (slower, faster) = (slow.price(collective, &group, bytes), fast.price(collective, &group, bytes));
        prop_assert!(faster.seconds <= slower.seconds * (1.0 + 1e-12));
    }

    #[test]
    fn further_ranks_never_speed_up_an_all_reduce_without_sums_in_switches(
        ranks in 1_u64..100_000, further in 1_u64..1000, stride in 1_u64..64, bytes in 1.0_f64..1e12,
        alone in any::<bool>(),
    ) {
        let network = network(450e9, 50e9, 1e-6, 4.0, Wiring::Switch);
        let group = |ranks| {
            let group = Group::strided(&network, ranks, stride);
            if alone { group.alone() } else { group }
        };
        let (few, many) = (group(ranks), group(ranks + further));
        prop_assert!(network.all_reduce(&many, bytes) >= network.all_reduce(&few, bytes) * (1.0 - 1e-12));
    }
}
