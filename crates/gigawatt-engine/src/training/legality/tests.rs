use gigawatt_plan::catalog::Recurrent;
use gigawatt_plan::training::{Framework, Recompute, Schedule};
use proptest::prelude::*;

use super::*;
use crate::device::Host;
use crate::training::memory::{Logits, StateBytes};

/// An accelerator with 8-bit matrices and so much memory.
fn device(memory: f64) -> DeviceFacts {
    DeviceFacts::read("hopper", |fact| match fact {
        "bf16" => Some(1e15),
        "fp8" => Some(2e15),
        "memory" => Some(memory),
        "memory_bandwidth" => Some(3e12),
        _ => None,
    })
    .unwrap()
}

fn shape(with_experts: bool) -> Shape {
    let attention = Attention::Grouped { heads: 32, kv_heads: 8, head_size: 128, biased: false };
    Shape {
        experts: with_experts.then_some(Experts {
            layers: 32,
            routed: 64,
            active: 4,
            shared: 0,
            feed_forward: 1024,
            biased: false,
            shared_feed_forward: 0,
            dense_first: 0,
            every: 1,
            latent: None,
            groups: None,
        }),
        ..Shape::dense(32, 4096, 128_256, 8192, attention, 14336)
    }
}

fn job<'a>(shape: &'a Shape, layout: &'a Layout) -> MemoryJob<'a> {
    let framework = Framework::preset(FrameworkName::Megatron);
    MemoryJob {
        shape,
        layout,
        precision: Precision::Bf16,
        framework,
        states: StateBytes::of(&framework, Precision::Bf16),
        logits: Logits::of(&framework),
    }
}

fn coefficients() -> MemoryCoefficients {
    MemoryCoefficients::embedded().expect("complete")
}

fn found(shape: &Shape, layout: &Layout) -> Vec<Fault> {
    structure(&job(shape, layout))
}

/// The message and the help of the only fault.
fn only(shape: &Shape, layout: &Layout) -> (String, String) {
    let faults = found(shape, layout);
    assert_eq!(faults.len(), 1, "{faults:?}");
    (faults[0].message(), faults[0].help().unwrap_or_default())
}

#[test]
fn each_fault_is_said_with_what_would_be_right() {
    let (dense, mixture) = (shape(false), shape(true));
    let one = Layout::SINGLE;
    let said = |shape: &Shape, layout: Layout| only(shape, &layout);
    let tensor = Layout { accelerators: 12, tensor: 12, sequence_length: 6144, ..one };
    let messages: Vec<String> = found(&dense, &tensor).iter().map(Fault::message).collect();
    assert!(messages.contains(&"32 attention heads are not divisible by `tensor` 12".into()), "{messages:?}");
    assert!(messages.contains(&"8 heads of keys and values are not divisible by `tensor` 12".into()));
    assert_eq!(
        said(&dense, Layout { accelerators: 10, pipeline: 10, ..one }),
        ("32 layers are not divisible by `pipeline` 10".into(), "`pipeline` may be 8 or 11".into())
    );
    assert_eq!(
        said(&dense, Layout { accelerators: 64, pipeline: 64, ..one }),
        ("64 pieces of a pipeline are more than 32 layers".into(), "`pipeline` is at most 32".into())
    );
    assert_eq!(
        said(&dense, Layout { virtual_stages: 2, ..one }),
        ("`virtual_stages` is 2 though there is one stage".into(), "`virtual_stages` is 1".into())
    );
    assert_eq!(said(&dense, Layout { accelerators: 6, tensor: 4, ..one }).1, "4 or 8 accelerators");
    assert_eq!(
        said(&dense, Layout { accelerators: 8, global_batch: 12, ..one }),
        (
            "`global_batch` 12 is not a multiple of 8, data-parallel ranks x micro_batch".into(),
            "`global_batch` may be 8 or 16".into()
        )
    );
    assert_eq!(
        said(&dense, Layout { accelerators: 4, pipeline: 4, virtual_stages: 2, global_batch: 6, ..one }).1,
        "`global_batch` may be 4 or 8"
    );
    assert_eq!(
        said(&dense, Layout { accelerators: 2, context: 2, sequence_length: 4098, ..one }).1,
        "`sequence_length` may be 4096 or 4100"
    );
    assert_eq!(
        said(&mixture, Layout { accelerators: 48, expert: 48, global_batch: 48, ..one }),
        ("64 experts are not divisible by `expert` 48".into(), "`expert` may be 32 or 64".into())
    );
    assert_eq!(
        said(&mixture, Layout { accelerators: 8, expert: 16, global_batch: 8, ..one }),
        ("8 accelerators of a stage are not divisible by `expert` 16".into(), "`expert` may be 8".into())
    );
    assert_eq!(said(&dense, Layout { expert: 2, ..one }).0, "`expert` is 2 though the model has no experts");
    let ulysses = ContextExchange::Ulysses;
    let layout = Layout { accelerators: 64, context: 64, context_exchange: ulysses, ..one };
    assert_eq!(
        said(&dense, layout).0,
        "32 heads of a tensor-parallel rank are not divisible by `context` 64"
    );
    assert_eq!(
        said(&dense, Layout { accelerators: 8, global_batch: 8, sharding: Sharding::Parameters(3), ..one }).0,
        "8 data-parallel ranks are not divisible by `sharding` 3"
    );
    assert_eq!(said(&dense, Layout { pipeline: 0, ..one }).0, "`pipeline` is 0");
}

#[test]
fn what_lies_on_the_host_is_asked_of_its_schedule_and_of_the_host() {
    let shape = shape(false);
    let with = coefficients();
    let eight = Layout { accelerators: 8, pipeline: 8, global_batch: 16, ..Layout::SINGLE };
    let both = Layout { offload: Offload::Both, ..eight };
    assert_eq!(
        only(&shape, &Layout { schedule: Schedule::ZeroBubbleH1, ..both }),
        (
            "`offload` of activations does not go with `schedule` zb-h1".into(),
            "`schedule` may be one-forward-one-backward or gpipe".into()
        )
    );
    let states = Layout { offload: Offload::Optimizer, schedule: Schedule::ZeroBubbleH1, ..eight };
    assert!(found(&shape, &states).is_empty());
    let unknown = faults(&job(&shape, &both), &device(80e9), &with);
    assert_eq!(unknown, [Fault::NoHost]);
    assert_eq!(unknown[0].mended(&both).unwrap().offload, Offload::None);
    let host = |memory| Some(Host { link: 63e9, memory, bandwidth: 76.8e9 });
    let of = |memory| faults(&job(&shape, &both), &DeviceFacts { host: host(memory), ..device(80e9) }, &with);
    assert!(of(250e9).is_empty());
    let [Fault::HostMemory { needed, available, .. }] = of(1e9)[..] else { panic!("{:?}", of(1e9)) };
    let on_host = footprint(&job(&shape, &both), &with).most_on_host().1;
    assert_eq!((needed, available), (on_host, 1e9));
}

/// Counted by hand for the first of two stages of a model of 32 layers, with what one micro-batch of 4,096 tokens keeps.
#[test]
fn hosts_hold_what_leaves_the_accelerator() {
    let shape = shape(false);
    let with = coefficients();
    let here =
        Layout { accelerators: 2, pipeline: 2, global_batch: 8, sequence_length: 4096, ..Layout::SINGLE };
    let there = Layout { offload: Offload::Both, ..here };
    let (here, there) = (footprint(&job(&shape, &here), &with), footprint(&job(&shape, &there), &with));
    let (before, after) = (here.stages[0].peak, there.stages[0].peak);
    // 16-bit parameters; 12 bytes of optimiser states each on the accelerator, 16 with the gradient on the host.
    let parameters = before.parameters / 2.0;
    assert_eq!((before.optimizer, after.optimizer), (12.0 * parameters, 0.0));
    // Both stages' first has two micro-batches in flight: 4 h + 2 w h, 4 q + 2 kv + 4 heads and 4 f + w f bytes a token.
    let (h, f, kv) = (4096.0, 14_336.0, 2048.0);
    let token = 8.0 * h + 4.0 * h + 2.0 * kv + 4.0 * 32.0 + 6.0 * f;
    let sent = 2.0 * 16.0 * 4096.0 * token;
    assert!((there.stages[0].host / (16.0 * parameters + sent) - 1.0).abs() < 1e-12);
    // Two layers of one micro-batch stay.
    assert_eq!(after.activations, 0.0);
    let stay = after.working - before.working;
    assert!((stay / (2.0 * 4096.0 * token) - 1.0).abs() < 1e-12, "{stay}");
}

#[test]
fn schedules_say_what_they_need() {
    let shape = shape(false);
    let said = |layout: Layout| only(&shape, &layout);
    let eight = Layout { accelerators: 8, pipeline: 8, global_batch: 16, ..Layout::SINGLE };
    let two_way = Layout { schedule: Schedule::DualPipe, ..eight };
    assert!(found(&shape, &two_way).is_empty());
    assert!(found(&shape, &Layout { schedule: Schedule::ZeroBubbleH1, ..eight }).is_empty());
    assert!(
        found(&shape, &Layout { schedule: Schedule::ZeroBubbleV, virtual_stages: 2, ..eight }).is_empty()
    );
    assert_eq!(
        said(Layout { pipeline: 3, accelerators: 3, ..two_way }),
        (
            "`pipeline` 3 is no number of stages for `schedule` dualpipe".into(),
            "`pipeline` may be 2 or 4".into()
        )
    );
    assert_eq!(said(Layout { pipeline: 1, accelerators: 8, ..two_way }).1, "`pipeline` may be 2");
    assert_eq!(
        said(Layout { global_batch: 14, ..two_way }),
        (
            "14 micro-batches are fewer than the 16 that `schedule` dualpipe takes".into(),
            "`global_batch` is at least 16".into()
        )
    );
    assert_eq!(said(Layout { global_batch: 17, ..two_way }).1, "`global_batch` may be 16 or 18");
    assert_eq!(
        said(Layout { schedule: Schedule::ZeroBubbleV, ..eight }),
        (
            "`virtual_stages` 1 is no number of pieces for `schedule` zb-v".into(),
            "`virtual_stages` is 2".into()
        )
    );
    assert_eq!(
        said(Layout { schedule: Schedule::ZeroBubbleH1, virtual_stages: 2, ..eight }).1,
        "`virtual_stages` is 1"
    );
    let one = Layout { schedule: Schedule::ZeroBubbleV, virtual_stages: 2, ..Layout::SINGLE };
    assert_eq!(said(one).1, "`pipeline` may be 2");
}

#[test]
fn a_model_without_attention_cuts_the_heads_of_its_mixers() {
    let recurrence =
        Recurrence::StateSpace { heads: 24, head_size: 64, groups: 8, state_size: 128, convolution: 4 };
    let shape = Shape {
        attention: Attention::Absent,
        recurrent: Some(Recurrent { layers: 32, recurrence }),
        ..shape(false)
    };
    let layout = Layout { accelerators: 8, tensor: 8, ..Layout::SINGLE };
    assert!(found(&shape, &layout).is_empty());
    let (message, help) = only(&shape, &Layout { accelerators: 16, tensor: 16, ..layout });
    assert_eq!(message, "24 heads of recurrent mixers are not divisible by `tensor` 16");
    assert_eq!(help, "`tensor` may be 12 or 24");
}

#[test]
fn layers_may_count_the_ends() {
    let shape = Shape { layers: 126, ..shape(false) };
    let layout =
        Layout { accelerators: 8, pipeline: 8, virtual_stages: 8, global_batch: 8, ..Layout::SINGLE };
    assert!(found(&shape, &layout).is_empty());
}

#[test]
fn a_format_that_is_missing_is_said_with_the_next_wider() {
    let (shape, layout) = (Shape { layers: 2, ..shape(false) }, Layout::SINGLE);
    let asked = MemoryJob { precision: Precision::Nvfp4, ..job(&shape, &layout) };
    let faults = faults(&asked, &device(1e12), &coefficients());
    assert_eq!(faults, [Fault::Format { asked: Precision::Nvfp4, nearest: Precision::Fp8 }]);
    assert_eq!(faults[0].message(), "the accelerator has no NVFP4 arithmetic");
    assert_eq!(faults[0].help().unwrap(), "it has FP8");
}

#[test]
fn short_memory_is_said_with_what_fits() {
    let shape = shape(false);
    let layout =
        Layout { accelerators: 8, tensor: 1, global_batch: 8, sharding: Sharding::None, ..Layout::SINGLE };
    let accelerator = device(85e9);
    let all = faults(&job(&shape, &layout), &accelerator, &coefficients());
    let [fault @ Fault::Memory { needed, remedy: Some(remedy), .. }] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert!(*needed > 8.03e9 * 18.0);
    assert!(matches!(remedy, Remedy::Sharding(Sharding::Optimizer(8))), "{remedy:?}");
    let mended = fault.mended(&layout).unwrap();
    assert!(faults(&job(&shape, &mended), &accelerator, &coefficients()).is_empty());
}

#[test]
fn a_model_that_fits_nowhere_is_said_with_the_accelerators_that_it_takes() {
    // Llama 3.1 405B on one server.
    let attention = Attention::Grouped { heads: 128, kv_heads: 8, head_size: 128, biased: false };
    let shape = Shape::dense(126, 16_384, 128_256, 131_072, attention, 53_248);
    let layout = Layout { accelerators: 8, tensor: 8, global_batch: 2048, ..Layout::SINGLE };
    let accelerator = device(85e9);
    let all = faults(&job(&shape, &layout), &accelerator, &coefficients());
    let [fault @ Fault::Memory { remedy: Some(Remedy::Accelerators(fewest)), .. }] = all.as_slice() else {
        panic!("{all:?}");
    };
    // 405e9 parameters of 18 bytes are 86 times what one holds.
    assert!((86..=128).contains(&fewest.accelerators), "{fewest:?}");
    assert!(fault.help().unwrap().starts_with("it takes at least"), "{fault:?}");
    let mended = fault.mended(&layout).unwrap();
    assert!(faults(&job(&shape, &mended), &accelerator, &coefficients()).is_empty());
    // One data-parallel rank less does not hold it, with any degree of tensor parallelism.
    for tensor in [1, 2, 4, 8] {
        let data = (mended.accelerators - 1) / tensor;
        let layout = Layout { tensor, accelerators: tensor * data, global_batch: data, ..mended };
        assert!(!faults(&job(&shape, &layout), &accelerator, &coefficients()).is_empty(), "{tensor}");
    }
}

fn kind(fault: &Fault) -> (std::mem::Discriminant<Fault>, Option<Whole>, Option<Dimension>) {
    let (whole, dimension) = match fault {
        Fault::NotDivisible { whole, by, .. } => (Some(*whole), Some(*by)),
        Fault::NotMultiple { of, .. } => (None, Some(*of)),
        Fault::Zero(dimension) | Fault::NoExperts { by: dimension, .. } => (None, Some(*dimension)),
        _ => (None, None),
    };
    (std::mem::discriminant(fault), whole, dimension)
}

proptest! {
    #[test]
    fn the_suggested_choice_removes_the_fault(
        accelerators in 0_u64..200, tensor in 1_u64..20, pipeline in 1_u64..40, virtual_stages in 1_u64..5,
        context in 1_u64..5, expert in 1_u64..80, expert_tensor in 1_u64..4, micro_batch in 1_u64..4,
        global_batch in 1_u64..300, sequence_length in 1_u64..9000, group in 0_u64..10, experts: bool, cut: bool,
        ulysses: bool, schedule in 0..Schedule::ALL.len(),
    ) {
        let shape = shape(experts);
        let layout = Layout {
            accelerators, tensor, pipeline, virtual_stages, context, expert, expert_tensor, micro_batch,
            global_batch, sequence_length,
            schedule: Schedule::ALL[schedule].0,
            sharding: Sharding::Parameters(group),
            sequence: if cut { SequenceParallel::On } else { SequenceParallel::Off },
            context_exchange: if ulysses { ContextExchange::Ulysses } else { ContextExchange::Ring },
            ..Layout::SINGLE
        };
        for fault in found(&shape, &layout) {
            prop_assert!(!fault.message().is_empty());
            let Some(mended) = fault.mended(&layout) else { continue };
            let left = found(&shape, &mended);
            prop_assert!(left.iter().all(|one| kind(one) != kind(&fault)), "{fault:?} {left:?}");
        }
    }

    #[test]
    fn a_remedy_of_memory_fits(memory in 2e10_f64..3e11, micro_batch in 1_u64..9, data in 0_u32..4, experts: bool) {
        let (shape, data) = (shape(experts), 1 << data);
        let layout = Layout {
            accelerators: 8 * data, tensor: 8, micro_batch, global_batch: 4 * data * micro_batch,
            sharding: Sharding::Optimizer(u64::MAX), recompute: Recompute::None, ..Layout::SINGLE
        };
        let accelerator = device(memory);
        for fault in faults(&job(&shape, &layout), &accelerator, &coefficients()) {
            prop_assert!(matches!(fault, Fault::Memory { .. }), "not memory");
            if let Some(mended) = fault.mended(&layout) {
                prop_assert_eq!(faults(&job(&shape, &mended), &accelerator, &coefficients()), Vec::new());
            }
        }
    }
}
