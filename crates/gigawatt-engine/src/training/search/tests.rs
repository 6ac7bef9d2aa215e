use gigawatt_plan::catalog::{Attention, Experts, Shape};
use gigawatt_plan::training::{
    ContextExchange, Framework, FrameworkName, Layout, Month, Offload, Overlap, Precision, RankOrder,
    Recompute, Schedule, SequenceParallel, Sharding,
};
use gigawatt_plan::world::Silent;

use super::shortlist::Key;
use super::*;
use crate::device::DeviceFacts;
use crate::network::{Fabric, ScaleOut, ScaleUp, Wiring};
use crate::training::legality::structure;

/// Accelerators of a Hopper-like kind in domains of eight.
struct Machines {
    laws: StepLaws,
    device: Device,
    network: Network,
}

impl Machines {
    fn new(memory: f64) -> Self {
        Self::with_host(memory, 63e9, 250e9)
    }

    fn with_host(memory: f64, host_link: f64, host_memory: f64) -> Self {
        let laws = StepLaws::embedded().unwrap();
        let fact = |name: &str| {
            Some(match name {
                "bf16" => 989e12,
                "fp8" => 1979e12,
                "memory" => memory,
                "memory_bandwidth" => 3.35e12,
                "power" => 700.0,
                "processors" => 132.0,
                "host_link_per_accelerator" => host_link,
                "host_memory_per_accelerator" => host_memory,
                "host_bandwidth_per_accelerator" => 76.8e9,
                _ => return None,
            })
        };
        let device = Device::new(DeviceFacts::read("hopper", fact).unwrap(), &laws.device);
        let up = ScaleUp { bandwidth: 450e9, domain: 8, wiring: Wiring::AddingSwitch };
        let fabric = Fabric::full_bisection(1024, 5e-7);
        let network =
            Network::of_system(Some(&up), &ScaleOut::own_port(50e9), &fabric, &laws.network).unwrap();
        Self { laws, device, network }
    }

    fn problem<'a>(&'a self, shape: &'a Shape, accelerators: u64, global_batch: u64) -> Problem<'a> {
        Problem {
            shape,
            device: &self.device,
            shipped: Month::new(2022, 10),
            network: &self.network,
            precision: Precision::Bf16,
            framework: Framework::preset(FrameworkName::Megatron),
            accelerators,
            global_batch,
            sequence_length: 4096,
            laws: &self.laws,
        }
    }
}

fn dense(layers: u64) -> Shape {
    let attention = Attention::Grouped { heads: 32, kv_heads: 8, head_size: 128, biased: false };
    Shape::dense(layers, 4096, 128_256, 8192, attention, 14_336)
}

fn mixture(layers: u64) -> Shape {
    let mut shape = dense(layers);
    shape.experts = Some(Experts {
        layers: layers - 1,
        routed: 32,
        active: 4,
        shared: 1,
        feed_forward: 2048,
        biased: false,
        shared_feed_forward: 2048,
        dense_first: 1,
        every: 1,
        latent: None,
        groups: None,
    });
    shape
}

/// Every layout of a space, one after another.
fn every(problem: &Problem<'_>, space: &Space) -> Vec<(Framework, Layout)> {
    let mut all = vec![(
        problem.framework,
        Layout {
            accelerators: problem.accelerators,
            global_batch: problem.global_batch,
            sequence_length: problem.sequence_length,
            ..Layout::SINGLE
        },
    )];
    all = times(&all, &space.frameworks, |one, value| one.0 = value);
    all = times(&all, &space.tensor, |one, value| one.1.tensor = value);
    all = times(&all, &space.sequence, |one, value| one.1.sequence = value);
    all = times(&all, &space.context, |one, value| one.1.context = value);
    all = times(&all, &space.context_exchange, |one, value| one.1.context_exchange = value);
    all = times(&all, &space.expert, |one, value| one.1.expert = value);
    all = times(&all, &space.expert_tensor, |one, value| one.1.expert_tensor = value);
    all = times(&all, &space.pipeline, |one, value| one.1.pipeline = value);
    all.retain(|one| {
        let copy = one.1.tensor * one.1.context * one.1.pipeline;
        problem.accelerators.is_multiple_of(copy)
    });
    all = times(&all, &space.virtual_stages, |one, value| one.1.virtual_stages = value);
    all = times(&all, &space.schedule, |one, value| one.1.schedule = value);
    all = times(&all, &space.micro_batch, |one, value| one.1.micro_batch = value);
    all = times(&all, &space.recompute, |one, value| one.1.recompute = value);
    all = times(&all, &space.sharding, |one, value| one.1.sharding = value);
    all = times(&all, &space.rank_order, |one, value| one.1.rank_order = value);
    times(&all, &space.offload, |one, value| one.1.offload = value)
}

fn times<T: Copy>(
    all: &[(Framework, Layout)],
    values: &[T],
    set: impl Fn(&mut (Framework, Layout), T),
) -> Vec<(Framework, Layout)> {
    let with = |one: &(Framework, Layout), value: T| {
        let mut one = *one;
        set(&mut one, value);
        one
    };
    all.iter().flat_map(|one| values.iter().map(move |value| with(one, *value))).collect()
}

/// The seconds of the best layouts by the laws alone, one of each kind.
fn by_brute_force(problem: &Problem<'_>, space: &Space, number: usize) -> Vec<f64> {
    let mut best: BTreeMap<Key, f64> = BTreeMap::new();
    for (framework, layout) in every(problem, space) {
        let job = problem.job(framework, &layout);
        let held = MemoryJob::of(&job);
        if !structure(&held).is_empty() {
            continue;
        }
        if !fits(problem, &footprint(&held, &problem.laws.memory)) {
            continue;
        }
        let seconds = step(job, &problem.laws.training).seconds;
        let known = best.entry(Key::of(&layout)).or_insert(f64::INFINITY);
        *known = known.min(seconds);
    }
    let mut best: Vec<f64> = best.into_values().collect();
    best.sort_by(f64::total_cmp);
    best.truncate(number);
    best
}

/// Every bound is below what it bounds, and nothing that fits is left out.
fn bounds_hold(problem: &Problem<'_>, space: &Space) {
    let cuts = cuts(problem, space);
    let mut bounds = Vec::new();
    for (of_branch, branch) in branches(problem, space, &cuts) {
        let mut list = Shortlist::new(usize::MAX);
        branch.bound_all(f64::INFINITY, &mut list);
        let variants = list.into_rows().into_iter().flat_map(|row| row.variants);
        bounds.extend(variants.map(|one| (of_branch, one)));
    }
    for (framework, layout) in every(problem, space) {
        let job = problem.job(framework, &layout);
        let held = MemoryJob::of(&job);
        let looked_at = bounds.iter().find(|(_, one)| one.layout == layout && one.framework == framework);
        if !structure(&held).is_empty() || !fits(problem, &footprint(&held, &problem.laws.memory)) {
            continue;
        }
        // What moves more to the host than another that may fit is looked at with that.
        let less = |one: &Candidate| Layout { offload: layout.offload, ..one.layout } == layout;
        let more_than = |one: &Candidate| less(one) && layout.offload.includes(one.layout.offload);
        if looked_at.is_none() && bounds.iter().any(|(_, one)| more_than(one) && one.framework == framework) {
            continue;
        }
        // The space leaves out what is the same as another: fewer layers computed again than a stage has.
        let Some((of_branch, one)) = looked_at else {
            let all = Space { offload: space.offload.clone(), ..Space::of(problem) };
            assert!(!all.has(&framework, &layout) || is_twin(problem, &layout), "{layout:?}");
            continue;
        };
        let seconds = step(job, &problem.laws.training).seconds;
        assert!(one.bound <= seconds * (1.0 + 1e-9), "{layout:?}: {} {seconds}", one.bound);
        assert!(*of_branch <= seconds * (1.0 + 1e-9), "{layout:?}: {of_branch} {seconds}");
        let plain = matches!(layout.schedule, Schedule::GPipe | Schedule::OneForwardOneBackward);
        if plain
            && layout.virtual_stages == 1
            && layout.offload == Offload::None
            && problem.shape.layers.is_multiple_of(layout.pipeline)
        {
            assert!(one.bound > 0.9 * seconds, "{layout:?}: {} {seconds}", one.bound);
        }
    }
}

/// Whether another layout of the space is the same.
fn is_twin(problem: &Problem<'_>, layout: &Layout) -> bool {
    let each = problem.shape.layers.div_ceil(layout.pipeline);
    matches!(layout.recompute, Recompute::Layers(some) if some >= each)
        || layout.context == 1 && layout.context_exchange != ContextExchange::Ring
        || layout.tensor == 1 && layout.sequence != SequenceParallel::On
}

fn agrees(problem: &Problem<'_>, space: &Space) -> Search {
    let found = search(problem, space, 5, &Silent).unwrap();
    let times: Vec<f64> = found.best.iter().map(|found| found.step.seconds).collect();
    let all = by_brute_force(problem, space, 5);
    assert_eq!(times, all, "{space:?}");
    let Counts { declared, illegal, memory, bound, evaluated, .. } = found.counts;
    assert_eq!(declared, illegal + memory + bound + evaluated);
    bounds_hold(problem, space);
    found
}

/// A space small enough to be computed whole.
fn reduced(problem: &Problem<'_>) -> Space {
    let space = Space::of(problem);
    let up_to = |all: &[u64], most: u64| all.iter().copied().filter(|one| *one <= most).collect();
    Space {
        tensor: up_to(&space.tensor, 8),
        pipeline: up_to(&space.pipeline, 8),
        virtual_stages: up_to(&space.virtual_stages, 2),
        expert: up_to(&space.expert, 8),
        expert_tensor: vec![1],
        micro_batch: up_to(&space.micro_batch, 2),
        recompute: vec![Recompute::None, Recompute::Selective, Recompute::Layers(2), Recompute::Full],
        sharding: vec![Sharding::Optimizer(u64::MAX), Sharding::Parameters(u64::MAX)],
        ..space
    }
}

const OFFLOADS: [Offload; 4] = [Offload::None, Offload::Optimizer, Offload::Activations, Offload::Both];

#[test]
fn the_best_of_reduced_spaces_is_what_computing_all_of_them_finds() {
    let machines = Machines::new(80e9);
    for (layers, accelerators, batch) in [(16, 16, 64), (16, 64, 128), (18, 32, 96), (24, 64, 64)] {
        let shape = dense(layers);
        let problem = machines.problem(&shape, accelerators, batch);
        let found = agrees(&problem, &reduced(&problem));
        assert!(!found.best.is_empty());
    }
}

#[test]
fn experts_and_uneven_layers_too() {
    let machines = Machines::new(80e9);
    for (layers, accelerators, batch) in [(9, 16, 64), (12, 32, 64)] {
        let shape = mixture(layers);
        let problem = machines.problem(&shape, accelerators, batch);
        agrees(&problem, &Space { tensor: vec![1, 2], ..reduced(&problem) });
    }
    let mut shape = mixture(9);
    shape.further_tokens = 1;
    let problem = machines.problem(&shape, 16, 32);
    agrees(&problem, &Space { tensor: vec![1], ..reduced(&problem) });
}

#[test]
fn memory_decides_where_it_is_short() {
    let shape = dense(32);
    for memory in [24e9, 32e9, 48e9] {
        let machines = Machines::new(memory);
        let problem = machines.problem(&shape, 32, 64);
        let found = agrees(&problem, &reduced(&problem));
        assert!(found.counts.memory > 0);
    }
    let machines = Machines::new(2e9);
    let problem = machines.problem(&shape, 32, 64);
    assert!(agrees(&problem, &reduced(&problem)).best.is_empty());
}

#[test]
fn what_lies_on_the_host_too() {
    let (dense, mixture) = (dense(16), mixture(9));
    let mut moved = Vec::new();
    // Links that hide little and much, and a host that is short of memory itself.
    for (memory, link, host) in
        [(16e9, 8e9, 250e9), (20e9, 63e9, 250e9), (24e9, 225e9, 12e9), (14e9, 225e9, 250e9)]
    {
        let machines = Machines::with_host(memory, link, host);
        for shape in [&dense, &mixture] {
            let problem = machines.problem(shape, 8, 64);
            let space = Space {
                tensor: vec![1, 2],
                context: vec![1, 2],
                expert: if shape.experts.is_some() { vec![1, 2] } else { vec![1] },
                offload: OFFLOADS.to_vec(),
                schedule: vec![Schedule::OneForwardOneBackward, Schedule::GPipe, Schedule::ZeroBubbleH1],
                ..reduced(&problem)
            };
            let without = agrees(&problem, &Space { offload: vec![Offload::None], ..space.clone() });
            let with = agrees(&problem, &space);
            let first = |found: &Search| found.best.first().map_or(f64::INFINITY, |one| one.step.seconds);
            assert!(first(&with) <= first(&without));
            moved.extend(with.best.iter().map(|one| one.layout.offload));
        }
    }
    assert!(OFFLOADS.iter().all(|offload| moved.contains(offload)), "{moved:?}");
}

/// A step takes at least as long, and the accelerator holds at most as much, where more lies on the host.
#[test]
fn moving_more_to_the_host_is_never_faster_and_never_fuller() {
    let machines = Machines::with_host(80e9, 16e9, 250e9);
    let mut shape = mixture(13);
    shape.further_tokens = 1;
    let problem = machines.problem(&shape, 32, 64);
    let space = Space {
        tensor: vec![1, 2],
        context: vec![1],
        expert: vec![8],
        schedule: vec![Schedule::OneForwardOneBackward, Schedule::GPipe],
        ..reduced(&problem)
    };
    let mut waited = 0;
    for (framework, layout) in every(&problem, &space) {
        if !structure(&MemoryJob::of(&problem.job(framework, &layout))).is_empty() {
            continue;
        }
        let numbers = OFFLOADS.map(|offload| {
            let layout = Layout { offload, ..layout };
            let job = problem.job(framework, &layout);
            let print = footprint(&MemoryJob::of(&job), &problem.laws.memory);
            let step = step(job, &problem.laws.training);
            waited += usize::from(step.breakdown.passes.offload > 0.0);
            (offload, step.seconds, fullest(&print), print.most_on_host().1)
        });
        for (one, seconds, needed, host) in &numbers {
            for (other, seconds_of_more, needed_of_more, host_of_more) in &numbers {
                if other.includes(*one) {
                    assert!(seconds_of_more >= seconds, "{layout:?}: {one:?} {other:?}");
                    assert!(*needed_of_more <= needed * (1.0 + 1e-12), "{layout:?}: {one:?} {other:?}");
                    assert!(host_of_more >= host, "{layout:?}: {one:?} {other:?}");
                }
            }
        }
    }
    assert!(waited > 0);
}

#[test]
fn schedules_switches_and_contexts_too() {
    let machines = Machines::new(80e9);
    let shape = dense(16);
    let problem = machines.problem(&shape, 32, 64);
    let off = Framework { tensor_overlap: Overlap::Off, ..problem.framework };
    let space = Space {
        frameworks: vec![problem.framework, off],
        schedule: vec![Schedule::GPipe, Schedule::OneForwardOneBackward],
        sequence: vec![SequenceParallel::On, SequenceParallel::Off],
        recompute: vec![Recompute::None, Recompute::Full],
        ..reduced(&problem)
    };
    agrees(&problem, &space);
    let space = Space {
        context: vec![1, 2, 4],
        context_exchange: vec![ContextExchange::Ring, ContextExchange::AllGather, ContextExchange::Ulysses],
        tensor: vec![1, 2, 4],
        rank_order: vec![RankOrder::PipelineBeforeData],
        recompute: vec![Recompute::None],
        ..reduced(&problem)
    };
    let problem = Problem { sequence_length: 16_384, ..problem };
    agrees(&problem, &space);
}

#[test]
fn zero_bubbles_and_both_ways_too() {
    let machines = Machines::new(80e9);
    let (dense, mixture) = (dense(16), mixture(16));
    for shape in [&dense, &mixture] {
        let problem = machines.problem(shape, 32, 128);
        let space = Space {
            schedule: vec![
                Schedule::OneForwardOneBackward,
                Schedule::ZeroBubbleH1,
                Schedule::ZeroBubbleV,
                Schedule::DualPipe,
            ],
            tensor: vec![1, 2],
            context: vec![1],
            expert: vec![1, 8],
            pipeline: vec![1, 2, 4, 8],
            ..reduced(&problem)
        };
        agrees(
            &problem,
            &Space {
                expert: space
                    .expert
                    .iter()
                    .copied()
                    .filter(|one| shape.experts.is_some() || *one == 1)
                    .collect(),
                ..space
            },
        );
    }
}

/// Expert traffic between nodes, which `DualPipe` hides and others do not, through many micro-batches.
#[test]
fn experts_between_nodes_are_hidden_by_passes_that_run_together() {
    let machines = Machines::new(80e9);
    let mut shape = mixture(15);
    shape.further_tokens = 1;
    let problem = machines.problem(&shape, 64, 1024);
    let space = Space {
        schedule: vec![Schedule::OneForwardOneBackward, Schedule::DualPipe],
        tensor: vec![1],
        context: vec![1],
        expert: vec![16],
        pipeline: vec![2, 4],
        ..reduced(&problem)
    };
    agrees(&problem, &space);
}

#[test]
fn results_do_not_depend_on_threads() {
    let machines = Machines::new(80e9);
    let shape = dense(16);
    let problem = machines.problem(&shape, 64, 128);
    let space = reduced(&problem);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| search(&problem, &space, 10, &Silent).unwrap())
    };
    assert_eq!(with(1), with(3));
}
