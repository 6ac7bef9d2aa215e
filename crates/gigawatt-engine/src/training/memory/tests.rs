use gigawatt_plan::catalog::{
    Attention, Experts, FeedForward, LayerPart, Pattern, Recurrence, Recurrent, Shape, Window, WindowKind,
};
use gigawatt_plan::training::{Framework, FrameworkName, Layout, Recompute, Schedule, Sharding};
use proptest::prelude::*;

use super::states::StageParameters;
use super::*;
use crate::model::{LayerFeedForward, Mixer};
use crate::training::deal::LayerKind;
use crate::training::number::count;

mod schedules;

const LAYERS: u64 = 16;

fn dense() -> Shape {
    let attention = Attention::Grouped { heads: 32, kv_heads: 8, head_size: 128, biased: false };
    Shape::dense(LAYERS, 4096, 128_256, 8192, attention, 14336)
}

const EXPERTS: Experts = Experts {
    layers: LAYERS,
    routed: 64,
    active: 4,
    shared: 1,
    feed_forward: 1024,
    biased: false,
    shared_feed_forward: 2048,
    dense_first: 0,
    every: 1,
    latent: None,
    groups: None,
};

fn mixture() -> Shape {
    Shape { experts: Some(EXPERTS), ..dense() }
}

const STATE_SPACE: Recurrence =
    Recurrence::StateSpace { heads: 128, head_size: 64, groups: 8, state_size: 128, convolution: 4 };

/// Layers of one part each: state spaces, attention, feed-forward networks and experts.
fn hybrid() -> Shape {
    let pattern = Pattern::parse("MEM-MEM*MEM-M*M-").unwrap();
    Shape {
        pattern: Some(pattern),
        recurrent: Some(Recurrent { layers: pattern.count(LayerPart::Recurrent), recurrence: STATE_SPACE }),
        experts: Some(Experts { layers: pattern.count(LayerPart::Experts), latent: Some(1024), ..EXPERTS }),
        layer_norms: 1,
        further_tokens: 1,
        ..dense()
    }
}

/// Delta nets and gated attention in turn with experts, as a layer has both.
fn delta_nets() -> Shape {
    let recurrence = Recurrence::DeltaNet {
        key_heads: 16,
        value_heads: 32,
        key_size: 128,
        value_size: 128,
        convolution: 4,
    };
    let recurrent = Some(Recurrent { layers: LAYERS / 4 * 3, recurrence });
    Shape { recurrent, gated_attention: true, ..mixture() }
}

/// Windows on three layers of four, and norms after parts too.
fn windows() -> Shape {
    let window = Some(Window { layers: LAYERS / 4 * 3, tokens: 1024, kind: WindowKind::Sliding });
    Shape { window, layer_norms: 4, tied_embedding: true, ..dense() }
}

fn any_shape() -> impl Strategy<Value = Shape> {
    prop_oneof![Just(dense()), Just(mixture()), Just(hybrid()), Just(delta_nets()), Just(windows()),]
}

fn coefficients() -> MemoryCoefficients {
    MemoryCoefficients::embedded().expect("complete")
}

fn job<'a>(shape: &'a Shape, layout: &'a Layout, name: FrameworkName, precision: Precision) -> MemoryJob<'a> {
    let framework = Framework::preset(name);
    MemoryJob {
        shape,
        layout,
        precision,
        framework,
        states: StateBytes::of(&framework, precision),
        logits: Logits::of(&framework),
    }
}

fn any_recompute() -> impl Strategy<Value = Recompute> {
    prop_oneof![
        Just(Recompute::None),
        Just(Recompute::Elementwise),
        Just(Recompute::Selective),
        (1..=LAYERS).prop_map(Recompute::Layers),
        Just(Recompute::Full),
    ]
}

fn any_sharding() -> impl Strategy<Value = Sharding> {
    prop_oneof![
        Just(Sharding::None),
        Just(Sharding::Optimizer(u64::MAX)),
        Just(Sharding::Gradients(u64::MAX)),
        Just(Sharding::Parameters(u64::MAX)),
    ]
}

prop_compose! {
    fn any_layout()(
        tensor in 0_u32..4, pipeline in 0_u32..4, context in 0_u32..2, data in 0_u32..4, interleaved: bool,
        micro_batch in 1_u64..5, micro_batches in 1_u64..20, sequence in 1_u64..5,
        recompute in any_recompute(), sharding in any_sharding(), schedule in 0..Schedule::ALL.len(),
    ) -> Layout {
        let (tensor, pipeline, context, data) = (1 << tensor, 1 << pipeline, 1 << context, 1 << data);
        let schedule = Schedule::ALL[schedule].0;
        let schedule =
            if pipeline < schedule.least_stages() { Schedule::OneForwardOneBackward } else { schedule };
        let pieces = if interleaved && pipeline > 1 && schedule != Schedule::GPipe { 2 } else { 1 };
        let least = schedule.least_micro_batches(pipeline);
        Layout {
            accelerators: tensor * pipeline * context * data,
            tensor,
            pipeline,
            virtual_stages: schedule.virtual_stages().unwrap_or(pieces),
            context,
            sharding,
            micro_batch,
            global_batch: data * micro_batch * (least + micro_batches * schedule.copies()),
            sequence_length: 2048 * sequence,
            recompute,
            schedule,
            ..Layout::SINGLE
        }
    }
}

fn any_name() -> impl Strategy<Value = FrameworkName> {
    (0..FrameworkName::ALL.len()).prop_map(|index| FrameworkName::ALL[index].0)
}

fn any_precision() -> impl Strategy<Value = Precision> {
    (0..Precision::TRAINED.len()).prop_map(|index| Precision::TRAINED[index].0)
}

proptest! {
    #[test]
    fn more_tokens_need_more(layout in any_layout(), name in any_name(), precision in any_precision(), shape in any_shape()) {
        let with = coefficients();
        let total = |layout: &Layout| footprint(&job(&shape, layout, name, precision), &with).peak().total();
        let base = total(&layout);
        let longer = Layout { sequence_length: layout.sequence_length + 2048, ..layout };
        prop_assert!(total(&longer) >= base);
        // As many micro-batches of more sequences.
        let batch = layout.global_batch / layout.micro_batch * (layout.micro_batch + 1);
        let larger = Layout { micro_batch: layout.micro_batch + 1, global_batch: batch, ..layout };
        prop_assert!(total(&larger) >= base);
    }

    #[test]
    fn parts_are_not_negative_and_add_up(
        layout in any_layout(), name in any_name(), precision in any_precision(), shape in any_shape(),
    ) {
        for stage in &footprint(&job(&shape, &layout, name, precision), &coefficients()).stages {
            let memory = stage.peak;
            prop_assert!(memory.parts().iter().all(|part| part.is_finite() && *part >= 0.0), "{:?}", memory);
            let sum = memory.allocated() + memory.cached + memory.fragmentation + memory.outside;
            prop_assert!((memory.total() - sum).abs() <= 1e-9 * sum);
            prop_assert!(memory.needed() <= memory.total() && memory.allocated() <= memory.reserved());
        }
    }

    #[test]
    fn sharding_more_never_raises_model_states(layout in any_layout(), name in any_name(), shape in any_shape()) {
        let all = [
            Sharding::None,
            Sharding::Optimizer(2),
            Sharding::Optimizer(u64::MAX),
            Sharding::Gradients(u64::MAX),
            Sharding::Parameters(u64::MAX),
        ];
        let states: Vec<f64> = all
            .iter()
            .map(|sharding| {
                let layout = Layout { sharding: *sharding, ..layout };
                footprint(&job(&shape, &layout, name, Precision::Bf16), &coefficients()).stages[0].peak.model_states()
            })
            .collect();
        prop_assert!(states.windows(2).all(|pair| pair[1] <= pair[0]), "{:?}", states);
    }

    #[test]
    fn recomputing_more_never_keeps_more(
        layout in any_layout(), name in any_name(), precision in any_precision(), shape in any_shape(), some in 1..LAYERS,
    ) {
        let kept = |recompute| {
            let layout = Layout { recompute, ..layout };
            let print = footprint(&job(&shape, &layout, name, precision), &coefficients());
            print.pieces.iter().map(|piece| piece.kept).sum::<f64>()
        };
        let falls = |order: &[Recompute]| {
            let kept: Vec<f64> = order.iter().map(|one| kept(*one)).collect();
            kept.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12))
        };
        prop_assert!(falls(&[Recompute::None, Recompute::Elementwise, Recompute::Selective, Recompute::Full]));
        prop_assert!(falls(&[
            Recompute::None, Recompute::Layers(some), Recompute::Layers(some + 1), Recompute::Layers(LAYERS), Recompute::Full,
        ]));
    }

    #[test]
    fn what_is_inferred_fits_and_less_does_not(layout in any_layout(), name in any_name(), share in 0.2_f64..1.2, shape in any_shape()) {
        let with = coefficients();
        let needed = |recompute| {
            let layout = Layout { recompute, ..layout };
            footprint(&job(&shape, &layout, name, Precision::Bf16), &with).needed().needed()
        };
        let memory = share * needed(Recompute::None);
        match infer_recompute(&job(&shape, &layout, name, Precision::Bf16), memory, &with) {
            Inferred::Fits { recompute, .. } => {
                prop_assert!(needed(recompute) <= memory);
                if recompute != Recompute::None {
                    prop_assert!(needed(Recompute::None) > memory);
                }
            }
            Inferred::Short { by } => prop_assert!(by > 0.0 && needed(Recompute::Full) > memory),
        }
    }

    #[test]
    fn no_layout_is_too_strange(
        numbers in prop::array::uniform10(prop_oneof![0_u64..4, any::<u64>()]), shape in any_shape(), name in any_name(),
    ) {
        let [accelerators, tensor, pipeline, virtual_stages, context, expert, expert_tensor, micro_batch, global_batch, sequence_length] = numbers;
        let layout = Layout {
            accelerators, tensor, pipeline, virtual_stages, context, expert, expert_tensor, micro_batch, global_batch,
            sequence_length, ..Layout::SINGLE
        };
        let print = footprint(&job(&shape, &layout, name, Precision::Bf16), &coefficients());
        prop_assert!(print.peak().total() >= 0.0);
    }
}

const ATTENTION_AND_DENSE: LayerKind =
    LayerKind { mixer: Mixer::Attention, feed_forward: LayerFeedForward::Dense };

#[test]
fn the_file_has_every_coefficient_within_its_bounds() {
    for (meaning, value) in MemoryCoefficients::MEANINGS.iter().zip(coefficients().values()) {
        assert!((meaning.least..=meaning.most).contains(&value), "{}: {value}", meaning.name);
    }
}

#[test]
fn a_dense_layer_is_counted_by_hand() {
    let (shape, layout) = (dense(), Layout::SINGLE);
    let framework = Framework::preset(FrameworkName::Megatron);
    let law =
        LayerMemoryLaw { shape: &shape, layout: &layout, precision: Precision::Bf16, framework: &framework };
    // Stream twice and two norms; queries and output, keys and values of 1024, 32 statistics; gate, up and their product.
    let by_hand = 8.0 * 4096.0 + (4.0 * 4096.0 + 2.0 * 2048.0 + 4.0 * 32.0) + 6.0 * 14336.0;
    assert_eq!(law.kept(ATTENTION_AND_DENSE, Recompute::None).total(), by_hand);
    assert_eq!(law.kept(ATTENTION_AND_DENSE, Recompute::Full).total(), 2.0 * 4096.0);
}

#[test]
fn parts_of_a_layer_that_has_only_one_add_up_to_the_layer() {
    let (hybrid, layout) = (hybrid(), Layout::SINGLE);
    let framework = Framework::preset(FrameworkName::Megatron);
    let law =
        LayerMemoryLaw { shape: &hybrid, layout: &layout, precision: Precision::Bf16, framework: &framework };
    let kept = |mixer, feed_forward| law.kept(LayerKind { mixer, feed_forward }, Recompute::None).total();
    let whole = kept(Mixer::Attention, LayerFeedForward::Dense);
    let parts = kept(Mixer::Attention, LayerFeedForward::None) + kept(Mixer::None, LayerFeedForward::Dense);
    assert_eq!(whole, parts);
    // Stream and norm; gate and values of 8192, what is convolved with 16 x 128 more, 128 time steps; the states'
    // output and its gated norm; 128 statistics.
    let by_hand =
        4.0 * 4096.0 + 2.0 * (8192.0 + (8192.0 + 2048.0) + 128.0) + 2.0 * 8192.0 + 2.0 * 8192.0 + 4.0 * 128.0;
    assert_eq!(kept(Mixer::Recurrent, LayerFeedForward::None), by_hand);
}

#[test]
fn stages_hold_all_of_a_model() {
    let framework = Framework::preset(FrameworkName::Megatron);
    for shape in [dense(), mixture(), hybrid(), delta_nets(), windows()] {
        let layout = Layout { accelerators: 4, pipeline: 4, ..Layout::SINGLE };
        let print =
            footprint(&job(&shape, &layout, FrameworkName::Megatron, Precision::Bf16), &coefficients());
        let bytes = StateBytes::of(&framework, Precision::Bf16).parameter;
        let held: f64 = print.stages.iter().map(|stage| stage.peak.parameters / bytes).sum();
        let counted =
            crate::model::parameters(&shape).total + crate::model::further_token_parameters(&shape).total;
        // A tied table is on both ends.
        let copies = if shape.tied_embedding { shape.vocabulary * shape.hidden } else { 0 };
        let whole = count(counted + copies);
        // Norms at the end, and of further tokens the projection of two streams, are left out; layers for further
        // tokens of a model of parts are one part.
        let most = if shape.further_tokens > 0 { 0.09 } else { 1e-3 };
        assert!((held / whole - 1.0).abs() < most, "{held} {whole}");
    }
}

/// Korthikanti et al. 2022 (arXiv 2205.05198), table 2: with tensor and sequence parallelism and selective recomputation
/// a layer keeps `34 s b h / t` bytes, two of which are dropout masks that today's runs do not have.
#[test]
fn a_plain_layer_keeps_what_korthikanti_counts() {
    let plain = Shape {
        attention: Attention::Grouped { heads: 32, kv_heads: 32, head_size: 128, biased: false },
        feed_forward: 4 * 4096,
        feed_forward_kind: FeedForward::Plain,
        ..dense()
    };
    let layout = Layout { tensor: 8, accelerators: 8, ..Layout::SINGLE };
    let framework = Framework::preset(FrameworkName::Megatron);
    let law =
        LayerMemoryLaw { shape: &plain, layout: &layout, precision: Precision::Bf16, framework: &framework };
    let without_masks = 32.0 * 4096.0 / 8.0;
    let statistics = 4.0 * 32.0 / 8.0;
    assert_eq!(law.kept(ATTENTION_AND_DENSE, Recompute::None).total(), without_masks + statistics);
}

/// Rajbhandari et al. 2020 (arXiv 1910.02054), figure 1: 7.5e9 parameters on 64 accelerators take 120, 31.4, 16.6 and
/// 1.9 GB with 16-bit gradients.
#[test]
fn model_states_are_those_of_the_zero_paper() {
    let framework = Framework { gradient_bytes: 2, ..Framework::preset(FrameworkName::Megatron) };
    let bytes = StateBytes::of(&framework, Precision::Bf16);
    let parameters = StageParameters { common: 7.5e9, ..StageParameters::default() };
    for (sharding, published) in [
        (Sharding::None, 120.0),
        (Sharding::Optimizer(64), 31.4),
        (Sharding::Gradients(64), 16.6),
        (Sharding::Parameters(64), 1.9),
    ] {
        let layout = Layout { accelerators: 64, sharding, ..Layout::SINGLE };
        let states = states::states(&parameters, &layout, &bytes);
        let total = (states.parameters + states.gradients + states.optimizer) / 1e9;
        assert!((total - published).abs() < 0.06, "{sharding:?} {total}");
    }
}

#[test]
fn the_first_stage_holds_most_passes_and_interleaving_more() {
    let shape = dense();
    let plain = Layout { accelerators: 4, pipeline: 4, global_batch: 16, ..Layout::SINGLE };
    let with = coefficients();
    let held = |layout: &Layout| -> Vec<(u64, f64)> {
        let print = footprint(&job(&shape, layout, FrameworkName::Megatron, Precision::Bf16), &with);
        print.stages.iter().map(|stage| (stage.moment.in_flight, stage.peak.activations)).collect()
    };
    let one = held(&plain);
    assert_eq!(one.iter().map(|stage| stage.0).collect::<Vec<u64>>(), [4, 3, 2, 1]);
    // 1 + (p - 1) / (p v) times as much (Korthikanti et al. 2022, 4.2.3).
    let two = held(&Layout { virtual_stages: 2, ..plain });
    assert!((two[0].1 / one[0].1 - (1.0 + 3.0 / 8.0)).abs() < 1e-9, "{two:?} {one:?}");
}
