//! Properties of the training step that hold whatever the coefficients are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts, Host};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_engine::training::memory::{MemoryCoefficients, MemoryJob, footprint};
use gigawatt_engine::training::{Job, Parts, Step, TrainingCoefficients, step, timeline};
use gigawatt_plan::catalog::{Attention, Experts, Shape};
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::training::{
    Framework, FrameworkName, Layout, Month, Offload, Precision, Recompute, Schedule, Sharding,
};
use proptest::prelude::*;

fn facts() -> DeviceFacts {
    let fact = |name: &str| {
        Some(match name {
            "bf16" => 989e12,
            "fp8" => 1979e12,
            "memory" => 80e9,
            "memory_bandwidth" => 3.35e12,
            "power" => 700.0,
            "processors" => 132.0,
            "host_link_per_accelerator" => 63e9,
            "host_memory_per_accelerator" => 250e9,
            "host_bandwidth_per_accelerator" => 76.8e9,
            _ => return None,
        })
    };
    DeviceFacts::read("hopper", fact).unwrap()
}

struct Machines {
    facts: DeviceFacts,
    domain: f64,
    port: f64,
}

impl Machines {
    fn new() -> Self {
        Self { facts: facts(), domain: 450e9, port: 50e9 }
    }

    fn step(&self, shape: &Shape, layout: &Layout, name: FrameworkName, precision: Precision) -> Step {
        self.with_job((shape, layout, name, precision), step)
    }

    fn with_job<T>(
        &self,
        (shape, layout, name, precision): (&Shape, &Layout, FrameworkName, Precision),
        ask: impl FnOnce(Job<'_>, &TrainingCoefficients) -> T,
    ) -> T {
        let read = |law| Coefficients::embedded(law).unwrap();
        let device = Device::new(self.facts, &DeviceCoefficients::read(&read("device")).unwrap());
        let links = NetworkCoefficients::read(&read("network")).unwrap();
        let up = ScaleUp { bandwidth: self.domain, domain: 8, wiring: Wiring::AddingSwitch };
        let fabric = Fabric::full_bisection(layout.accelerators.max(16), 5e-7);
        let network = Network::of_system(Some(&up), &ScaleOut::own_port(self.port), &fabric, &links).unwrap();
        let framework = Framework::preset(name);
        let shipped = Month::new(2022, 10);
        let job = Job { shape, device: &device, shipped, network: &network, layout, precision, framework };
        ask(job, &TrainingCoefficients::read(&read("training")).unwrap())
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    (0..2_usize, 1..5_u64, 2..5_u64, any::<bool>()).prop_map(|(experts, layers, width, latent)| {
        let hidden = width * 1024;
        let attention = if latent {
            Attention::Latent {
                heads: 32,
                query_rank: 512,
                kv_rank: 256,
                plain_size: 64,
                rotary_size: 32,
                value_size: 64,
            }
        } else {
            Attention::Grouped { heads: 32, kv_heads: 8, head_size: 64, biased: false }
        };
        let mut shape = Shape::dense(layers * 8, hidden, 32_000, 8192, attention, 4 * hidden);
        if experts > 0 {
            shape.experts = Some(Experts {
                layers: layers * 8,
                routed: 32,
                active: 4,
                shared: 1,
                feed_forward: 1024,
                biased: false,
                shared_feed_forward: 1024,
                dense_first: 0,
                every: 1,
                latent: None,
                groups: None,
            });
        }
        shape
    })
}

fn layouts() -> impl Strategy<Value = Layout> {
    let powers = |most: u32| (0..=most).prop_map(|power| 1_u64 << power);
    let sharding = prop_oneof![
        Just(Sharding::None),
        Just(Sharding::Optimizer(u64::MAX)),
        Just(Sharding::Parameters(u64::MAX)),
        Just(Sharding::Parameters(8)),
    ];
    let recompute = prop_oneof![
        Just(Recompute::None),
        Just(Recompute::Elementwise),
        Just(Recompute::Selective),
        Just(Recompute::Layers(2)),
        Just(Recompute::Full),
    ];
    let whole = (powers(3), powers(2), powers(1), powers(1), powers(3), powers(5));
    let schedule = (0..Schedule::ALL.len()).prop_map(|index| Schedule::ALL[index].0);
    let offload = (0..Offload::WORDS.len()).prop_map(|index| Offload::WORDS[index].0);
    (whole, sharding, recompute, powers(1), powers(4), schedule, offload).prop_map(
        |(
            (tensor, pipeline, virtual_stages, context, expert, data),
            sharding,
            recompute,
            micro_batch,
            more,
            schedule,
            offload,
        )| {
            let schedule =
                if pipeline < schedule.least_stages() { Schedule::OneForwardOneBackward } else { schedule };
            let virtual_stages = if pipeline > 1 { virtual_stages } else { 1 };
            let virtual_stages = schedule.virtual_stages().unwrap_or(virtual_stages);
            Layout {
                accelerators: tensor * pipeline * context * data,
                tensor,
                pipeline,
                virtual_stages,
                context,
                expert: expert.min(tensor * context * data),
                sharding,
                recompute,
                micro_batch,
                schedule,
                offload,
                global_batch: data * micro_batch * pipeline * more * schedule.copies(),
                ..Layout::SINGLE
            }
        },
    )
}

fn frameworks() -> impl Strategy<Value = FrameworkName> {
    (0..FrameworkName::ALL.len()).prop_map(|index| FrameworkName::ALL[index].0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_breakdown_adds_up_to_the_step(shape in shapes(), layout in layouts(), name in frameworks()) {
        let step = Machines::new().step(&shape, &layout, name, Precision::Bf16);
        prop_assert!(step.seconds.is_finite() && step.seconds > 0.0);
        let breakdown = &step.breakdown;
        let parts = [
            breakdown.passes.total(), breakdown.again, breakdown.hops, breakdown.bubble, breakdown.data,
            breakdown.optimizer, breakdown.host, breakdown.straggler,
        ];
        prop_assert!(parts.iter().all(|part| *part >= 0.0), "{parts:?}");
        prop_assert!((parts.iter().sum::<f64>() - step.seconds).abs() <= 1e-9 * step.seconds);
        let tokens = layout.step_tokens() / layout.accelerators as f64 / step.seconds;
        prop_assert!((tokens - step.tokens_per_second).abs() <= 1e-9 * tokens);
    }

    #[test]
    fn the_timeline_is_the_step(
        shape in shapes(), layout in layouts(), name in frameworks(), most in prop_oneof![Just(0), Just(usize::MAX)],
    ) {
        let course = Machines::new().with_job((&shape, &layout, name, Precision::Bf16), |job, with| timeline(job, with, most));
        let seconds = course.step.seconds;
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * seconds;
        let end = course.tail.last().map_or(course.span(), |slice| slice.end);
        prop_assert!(near(end, seconds));
        prop_assert!(course.tail.windows(2).all(|pair| near(pair[0].end, pair[1].start)));
        let last = course.stages.iter().flatten().map(|slice| slice.end).fold(0.0, f64::max);
        prop_assert!(near(last, course.span()), "{last} is not {}", course.span());
        let left_out = course.left_out.map_or(0, |left_out| left_out.micro_batches);
        prop_assert!(left_out == 0 || most == 0);
        for (stage, slices) in course.stages.iter().enumerate() {
            let visits = slices.iter().map(|slice| {
                let (forward, backward) = slice.pass.visits();
                usize::from(forward.is_some()) + usize::from(backward.is_some())
            });
            let each = course.micro_batches - left_out;
            prop_assert_eq!(visits.sum::<usize>(), 2 * course.virtual_stages * each);
            prop_assert!(slices.windows(2).all(|pair| pair[1].start >= pair[0].end - 1e-9 * seconds));
            for slice in slices {
                prop_assert!(slice.start >= 0.0 && slice.end <= course.span() + 1e-9 * seconds);
                prop_assert!(near(slice.end - slice.start, course.parts(slice.pass).total()));
                let (forward, backward) = slice.pass.visits();
                for visit in forward.into_iter().chain(backward) {
                    prop_assert_eq!(course.placement.stage_of(visit.piece, visit.micro_batch), stage);
                }
            }
        }
        // What is left out repeats every piece of the stage.
        let (mut own, mut again, mut hops) = (Parts::default(), 0.0, 0.0);
        let each = course.micro_batches as f64 / (course.micro_batches - left_out) as f64;
        for slice in &course.stages[course.busiest] {
            let parts = course.parts(slice.pass);
            own.add(&parts.own, each);
            again += each * parts.again.total();
            hops += each * parts.message;
        }
        let told = &course.step.breakdown;
        for (sum, part) in own.by_work().iter().zip(told.passes.by_work()) {
            prop_assert!(near(sum.1, part.1), "{sum:?} is not {part:?}");
        }
        prop_assert!(near(again, told.again) && near(hops, told.hops));
        for message in course.messages() {
            prop_assert!(message.arrived >= message.sent);
            if let Some((stage, index)) = message.to {
                prop_assert!(stage != message.from.0);
                prop_assert!(course.stages[stage][index].start >= message.arrived - 1e-9 * seconds);
            }
        }
    }

    #[test]
    fn the_course_of_memory_reaches_what_its_peak_needs(shape in shapes(), layout in layouts(), name in frameworks()) {
        let read = |law| Coefficients::embedded(law).unwrap();
        let with = MemoryCoefficients::read(&read("memory")).unwrap();
        let ask = |job: Job<'_>, training: &TrainingCoefficients| {
            (footprint(&MemoryJob::of(&job), &with), timeline(job, training, 0))
        };
        let (print, course) = Machines::new().with_job((&shape, &layout, name, Precision::Bf16), ask);
        let lines = print.course(&course);
        prop_assert_eq!(lines.len(), print.stages.len());
        for (line, stage) in lines.iter().zip(&print.stages) {
            let most = line.iter().map(|instant| instant.bytes).fold(0.0, f64::max);
            // All forward passes first with several pieces: the peak takes the fullest pass of any piece.
            let bound = layout.schedule == Schedule::GPipe && layout.virtual_stages > 1;
            let least = if bound { 0.9 } else { 1.0 - 1e-9 };
            let share = most / stage.peak.needed();
            prop_assert!((least..=1.0 + 1e-9).contains(&share), "{most} {}", stage.peak.needed());
            prop_assert!((line[0].bytes - line[line.len() - 1].bytes).abs() < 1.0);
            prop_assert!(line.windows(2).all(|pair| pair[0].seconds <= pair[1].seconds));
        }
        // The timeline of another pipeline is not this footprint's.
        let other = Layout { accelerators: 3 * layout.accelerators, pipeline: 3 * layout.pipeline, ..layout };
        let (_, foreign) = Machines::new().with_job((&shape, &other, name, Precision::Bf16), ask);
        prop_assert!(print.course(&foreign).is_empty());
    }

    #[test]
    fn faster_links_and_chips_never_slow_a_step(
        shape in shapes(), layout in layouts(), name in frameworks(), which in 0..5_usize, factor in 1.0..4.0_f64,
    ) {
        let slow = Machines::new();
        let mut fast = Machines::new();
        match which {
            0 => fast.port *= factor,
            1 => fast.domain *= factor,
            2 => fast.facts.memory_bandwidth *= factor,
            3 => fast.facts.power = fast.facts.power.map(|power| power * factor),
            _ => fast.facts.bf16 *= factor,
        }
        let before = slow.step(&shape, &layout, name, Precision::Bf16).seconds;
        let after = fast.step(&shape, &layout, name, Precision::Bf16).seconds;
        // What waits for the host hides nothing: a faster chip may wait longer and hide less.
        prop_assume!(!layout.offload.activations());
        // What hides behind work or beside other traffic may come out where that becomes less, while a step that waits for
        // other stages gains nothing.
        let least = match layout.schedule {
            Schedule::GPipe | Schedule::OneForwardOneBackward => 1e-9,
            Schedule::ZeroBubbleH1 | Schedule::ZeroBubbleV | Schedule::DualPipe => 0.01,
        };
        prop_assert!(after <= before * (1.0 + least), "{which}: {before} to {after}");
    }

    #[test]
    fn a_faster_host_never_slows_a_step_and_more_on_it_never_speeds_one(
        shape in shapes(), layout in layouts(), name in frameworks(), factor in 1.0..8.0_f64,
    ) {
        let slow = Machines::new();
        let mut fast = Machines::new();
        fast.facts.host = fast.facts.host.map(|host| Host {
            link: host.link * factor,
            bandwidth: host.bandwidth * factor,
            ..host
        });
        let time = |machines: &Machines, offload| {
            machines.step(&shape, &Layout { offload, ..layout }, name, Precision::Bf16).seconds
        };
        let here = time(&slow, layout.offload);
        // Sums in another order round differently.
        prop_assert!(time(&fast, layout.offload) <= here * (1.0 + 1e-12));
        prop_assert!(time(&slow, Offload::None) <= here * (1.0 + 1e-12));
        prop_assert!(time(&slow, Offload::Both) >= here * (1.0 - 1e-12));
    }

    #[test]
    fn more_recomputation_never_saves_time(shape in shapes(), layout in layouts(), name in frameworks()) {
        let time = |recompute| {
            let layout = Layout { recompute, ..layout };
            Machines::new().step(&shape, &layout, name, Precision::Bf16).breakdown.again
        };
        let order = [Recompute::None, Recompute::Elementwise, Recompute::Selective, Recompute::Full];
        let times = order.map(time);
        prop_assert!(times.is_sorted(), "{times:?}");
        prop_assert_eq!(times[0], 0.0);
    }

    #[test]
    fn one_accelerator_communicates_nothing(shape in shapes(), name in frameworks()) {
        let layout = Layout { global_batch: 4, ..Layout::SINGLE };
        let step = Machines::new().step(&shape, &layout, name, Precision::Bf16);
        let (breakdown, passes) = (step.breakdown, step.breakdown.passes);
        prop_assert_eq!([passes.tensor, passes.context, passes.expert, breakdown.data, breakdown.hops], [0.0; 5]);
        // The difference of two sums.
        prop_assert!(breakdown.bubble <= 1e-12 * step.seconds);
    }

    #[test]
    fn unsharded_data_parallel_traffic_never_falls_with_ranks(shape in shapes(), power in 0..10_u32) {
        let data = |ranks: u64| {
            let layout = Layout { accelerators: ranks, global_batch: ranks, ..Layout::SINGLE };
            Machines::new().step(&shape, &layout, FrameworkName::Megatron, Precision::Bf16).breakdown.data
        };
        let ranks = 1 << power;
        prop_assert!(data(2 * ranks) >= data(ranks) * (1.0 - 1e-12));
    }
}
