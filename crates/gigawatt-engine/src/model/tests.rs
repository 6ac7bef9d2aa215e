use gigawatt_plan::catalog::{
    Attention, Biases, Experts, FeedForward, Norm, Pattern, Position, Recurrence, Recurrent, Shape, Window,
    WindowKind,
};

use super::*;

const TWO_HEADS: Attention = Attention::Grouped { heads: 2, kv_heads: 1, head_size: 2, biased: false };

/// Two layers of width 4 with two heads: every weight can be counted on paper.
fn small() -> Shape {
    Shape::dense(2, 4, 10, 16, TWO_HEADS, 8)
}

const FEW_EXPERTS: Experts = Experts {
    layers: 1,
    routed: 4,
    active: 1,
    shared: 1,
    feed_forward: 2,
    biased: false,
    shared_feed_forward: 2,
    dense_first: 1,
    every: 1,
    latent: None,
    groups: None,
};

#[test]
fn a_small_model_is_counted_on_paper() {
    // Tables 80, norms 20, attention 2 x (16 + 8 + 8 + 16 = 48), feed-forward 2 x 96.
    assert_eq!(parameters(&small()), Parameters { total: 388, active: 388 });
    let tied = Shape { tied_embedding: true, ..small() };
    assert_eq!(parameters(&tied).total, 348);
    // Keys and values of 2 numbers each in 2 layers, at 2 bytes.
    assert_eq!(kv_bytes_per_token(&small(), 2.0), 16.0);
    // Matrices 388 - 40 - 20 = 328 twice; one earlier token meets 4 numbers of keys and 4 of values in 2 layers.
    assert_eq!(forward_flop(&small(), 0), 656.0);
    assert_eq!(forward_flop(&small(), 1), 656.0 + 32.0);
    assert_eq!(forward_flop(&tied, 0), forward_flop(&small(), 0));
}

#[test]
fn plain_parts_biases_places_and_shifts_are_counted_on_paper() {
    let plain = Shape { feed_forward_kind: FeedForward::Plain, ..small() };
    assert_eq!(parameters(&plain).total, 388 - 2 * 32);
    let biased = Shape { biases: Biases::Linear, ..plain };
    // Queries 4, keys and values 4, output 4; inner width 8, outer 4.
    assert_eq!(parameters(&biased).total, 388 - 64 + 2 * (12 + 12));
    let biased = Shape { biases: Biases::QueryKeyValue, ..small() };
    assert_eq!(parameters(&biased).total, 388 + 2 * 8);
    assert_eq!(forward_flop(&biased, 0), forward_flop(&small(), 0));
    let placed = Shape { position: Position::Learned, norm: Norm::Layer, ..small() };
    assert_eq!(parameters(&placed).total, 388 + 16 * 4 + 20);
    let gated = Shape { gated_attention: true, ..small() };
    assert_eq!(parameters(&gated).total, 388 + 2 * 16);
}

#[test]
fn experts_count_whole_and_are_visited_in_part() {
    let shape = Shape { experts: Some(FEW_EXPERTS), ..small() };
    // One dense layer of 96 gives way to a router of 16 and experts of 24.
    assert_eq!(parameters(&shape), Parameters { total: 388 - 96 + 16 + 120, active: 388 - 96 + 16 + 48 });
    let all = Shape { experts: Some(Experts { active: 4, ..FEW_EXPERTS }), ..small() };
    assert_eq!(parameters(&all).active, parameters(&all).total);
    // A latent width of 2 halves routed experts, and projections of 2 x 4 x 2 come with it.
    let latent = Shape { experts: Some(Experts { latent: Some(2), ..FEW_EXPERTS }), ..small() };
    assert_eq!(parameters(&latent).total, parameters(&shape).total - 4 * 12 + 16);
}

#[test]
fn a_window_bounds_what_its_layers_keep_and_look_back_on() {
    let window = Window { layers: 1, tokens: 3, kind: WindowKind::Sliding };
    let shape = Shape { window: Some(window), ..small() };
    assert_eq!(kv_bytes(&shape, 2, 2.0), kv_bytes(&small(), 2, 2.0));
    assert_eq!(kv_bytes(&shape, 10, 2.0), 4.0 * (10.0 + 3.0) * 2.0);
    assert_eq!(forward_flop(&shape, 10) - forward_flop(&shape, 0), 16.0 * 13.0);
}

#[test]
fn what_a_sequence_looks_back_on_is_the_sum_over_its_tokens() {
    let (sliding, chunked) = (Mixer::Sliding { tokens: 64 }, Mixer::Chunked { tokens: 64 });
    for sequence in [1_u64, 63, 64, 65, 200, 1000, 1024] {
        // Each token sees itself and those before it; half of itself is counted, so that n tokens see n / 2.
        let mean = |seen: fn(u64) -> u64| {
            (0..sequence).map(|place| number(seen(place)) + 0.5).sum::<f64>() / number(sequence)
        };
        let full = looked_back(Mixer::Attention, LookedBack::Sequence(sequence));
        assert!((full - mean(|place| place)).abs() < 1e-9, "{sequence}: {full}");
        let chunks = looked_back(chunked, LookedBack::Sequence(sequence));
        assert!((chunks - mean(|place| place % 64)).abs() < 1e-9, "{sequence}: {chunks}");
        let slid = looked_back(sliding, LookedBack::Sequence(sequence));
        // A window's token at its far end counts half as the token itself does.
        assert!((slid - mean(|place| place.min(64))).abs() <= 0.5, "{sequence}: {slid}");
        assert!(chunks <= slid && slid <= full);
    }
    assert_eq!(looked_back(chunked, LookedBack::Past(10)), 10.0);
    assert_eq!(looked_back(chunked, LookedBack::Past(1_000_000)), 32.0);
    assert_eq!(looked_back(sliding, LookedBack::Uncausal(1000)), 64.0);
    assert_eq!(looked_back(Mixer::Recurrent, LookedBack::Sequence(1000)), 0.0);
}

/// The layers in order as a text: `A` attention, `w` with a window, `M` recurrent, `.` none; `d`, `x` or `.` after it.
fn drawn(shape: &Shape) -> String {
    let mut text = String::new();
    for run in layers(shape) {
        let mixer = match run.mixer {
            Mixer::Attention => 'A',
            Mixer::Sliding { .. } | Mixer::Chunked { .. } => 'w',
            Mixer::Recurrent => 'M',
            Mixer::None => '.',
        };
        let feed_forward = match run.feed_forward {
            LayerFeedForward::Dense => 'd',
            LayerFeedForward::Experts => 'x',
            LayerFeedForward::None => '.',
        };
        for _ in 0..run.count {
            text.extend([mixer, feed_forward]);
        }
    }
    text
}

const STATE: Recurrence =
    Recurrence::StateSpace { heads: 2, head_size: 4, groups: 1, state_size: 3, convolution: 4 };

#[test]
fn layers_stand_in_the_order_in_which_models_have_them() {
    let of = |layers| Shape { layers, ..small() };
    assert_eq!(drawn(&of(2)), "AdAd");
    let window = |layers, windowed| Shape {
        window: Some(Window { layers: windowed, tokens: 3, kind: WindowKind::Sliding }),
        ..of(layers)
    };
    assert_eq!(drawn(&window(4, 2)), "wdAdwdAd");
    assert_eq!(drawn(&window(8, 6)), "wdwdwdAdwdwdwdAd");
    // Five of six, and a rest of two: as Gemma 3.
    assert_eq!(drawn(&window(14, 12)), "wdwdwdwdwdwdAdwdwdwdwdwdwdAd");
    assert_eq!(drawn(&window(3, 3)), "wdwdwd");
    let experts = Experts { layers: 2, dense_first: 2, ..FEW_EXPERTS };
    assert_eq!(drawn(&Shape { experts: Some(experts), ..of(4) }), "AdAdAxAx");
    let experts = Experts { layers: 2, dense_first: 0, every: 2, ..FEW_EXPERTS };
    assert_eq!(drawn(&Shape { experts: Some(experts), ..of(5) }), "AdAxAdAxAd");
    let recurrent = Some(Recurrent { layers: 3, recurrence: STATE });
    assert_eq!(drawn(&Shape { recurrent, ..of(4) }), "MdMdMdAd");
    let pattern = Some(Pattern::parse("M-M*ME").expect("a pattern"));
    let experts = Some(Experts { layers: 1, ..FEW_EXPERTS });
    assert_eq!(drawn(&Shape { pattern, recurrent, experts, ..of(6) }), "M..dM.A.M..x");
}

#[test]
fn a_state_space_is_counted_on_paper() {
    let recurrent = Some(Recurrent { layers: 1, recurrence: STATE });
    let shape = Shape { recurrent, layer_norms: 2, ..small() };
    // Inner width 8; convolved 8 + 2 x 3 = 14; input 4 x (8 + 14 + 2) = 96, convolution 14 x 5, vectors 3 x 2 + 8,
    // output 32. It takes the place of attention of 48.
    assert_eq!(parameters(&shape).total, 388 - 48 + 96 + 70 + 14 + 32);
    // A state of 8 x 3, and 3 tokens of 14 numbers that wait for the convolution.
    assert_eq!(state_bytes(&shape, 4.0), 4.0 * (24.0 + 42.0));
    assert_eq!(kv_bytes_per_token(&shape, 2.0), 8.0);
    let flop = forward_flop_by_part(&shape, LookedBack::Past(0));
    assert_eq!(flop.recurrent_projections, 2.0 * 128.0);
    assert_eq!(flop.recurrent_states, 5.0 * 24.0 + 2.0 * 14.0 * 4.0);
    assert_eq!(widths(&shape).recurrent_input, 24.0);
}

#[test]
fn a_delta_net_is_counted_on_paper() {
    let recurrence =
        Recurrence::DeltaNet { key_heads: 1, value_heads: 2, key_size: 3, value_size: 3, convolution: 4 };
    let shape = Shape { recurrent: Some(Recurrent { layers: 1, recurrence }), ..small() };
    // Convolved 2 x 3 + 6 = 12; input 4 x (12 + 6 + 4) = 88, convolution 48, vectors 4 + 3, output 24.
    assert_eq!(parameters(&shape).total, 388 - 48 + 88 + 48 + 7 + 24);
    assert_eq!(state_bytes(&shape, 1.0), 18.0 + 36.0);
}

#[test]
fn parts_add_up_to_the_whole_and_further_tokens_stand_apart() {
    let shape = Shape { experts: Some(FEW_EXPERTS), further_tokens: 1, ..small() };
    let flop = forward_flop_by_part(&shape, LookedBack::Past(7));
    assert_eq!(flop.total(), forward_flop(&shape, 7));
    let without = Shape { further_tokens: 0, ..shape };
    assert_eq!(parameters(&shape), parameters(&without));
    // The last layer (attention 48, router 16, experts 5 x 24, norms 8), two streams to one 32, norms 12.
    assert_eq!(further_token_parameters(&shape).total, 48 + 16 + 120 + 8 + 32 + 12);
    assert_eq!(further_token_parameters(&without).total, 0);
    let further = further_token_flop(&shape, LookedBack::Past(0));
    assert_eq!(further.total(), 2.0 * (48.0 + 16.0 + 48.0 + 32.0 + 40.0));
}

#[test]
fn a_further_token_of_layers_of_one_part_takes_attention_and_experts() {
    let shape = Shape {
        layers: 4,
        pattern: Some(Pattern::parse("M*EM").expect("a pattern")),
        recurrent: Some(Recurrent { layers: 2, recurrence: STATE }),
        experts: Some(FEW_EXPERTS),
        layer_norms: 1,
        further_tokens: 2,
        ..small()
    };
    // Attention 48 and a norm 4, router 16, experts 5 x 24 and a norm 4, two streams to one 32, norms 12; for two tokens.
    assert_eq!(further_token_parameters(&shape).total, 2 * (52 + 140 + 44));
}

#[test]
fn an_absurd_shape_overflows_nothing() {
    let most = u64::MAX;
    let attention = Attention::Grouped { heads: most, kv_heads: most, head_size: most, biased: true };
    let shape = Shape::dense(3, most, most, most, attention, most);
    assert_eq!(parameters(&shape).total, most);
    assert!(forward_flop(&shape, most).is_finite() && kv_bytes(&shape, most, 2.0).is_finite());
}
