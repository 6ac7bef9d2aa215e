//! Schedules against the closed forms of their papers.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const ALL: [Schedule; 5] = [
    Schedule::GPipe,
    Schedule::OneForwardOneBackward,
    Schedule::ZeroBubbleH1,
    Schedule::ZeroBubbleV,
    Schedule::DualPipe,
];

/// Even stages of forward time `f`, and backward time `b` of which `w` go to weights.
fn stages_of(stages: usize, virtual_stages: usize, [f, b, w]: [f64; 3]) -> Pieces {
    let piece = |time: f64| vec![time / virtual_stages as f64; stages * virtual_stages];
    Pieces {
        stages,
        forward: piece(f),
        backward: piece(b),
        weights: piece(w),
        together: piece(f + b),
        hop: 0.0,
    }
}

fn even(stages: usize, virtual_stages: usize) -> Pieces {
    stages_of(stages, virtual_stages, [1.0, 2.0, 1.0])
}

/// Stages that differ, and messages between them.
fn uneven(stages: usize, virtual_stages: usize) -> Pieces {
    let mut pieces = even(stages, virtual_stages);
    pieces.forward[0] *= 1.3;
    pieces.backward[1] *= 1.4;
    *pieces.backward.last_mut().unwrap() *= 1.7;
    for piece in 0..pieces.forward.len() {
        pieces.together[piece] =
            0.8 * (pieces.forward[piece] + pieces.backward[pieces.forward.len() - 1 - piece]);
    }
    pieces.hop = 0.01;
    pieces
}

fn virtual_stages(schedule: Schedule) -> usize {
    schedule.virtual_stages().map_or(1, |number| number as usize)
}

/// From the first pass of a stage to its last, what it does not work.
fn waits(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> Vec<f64> {
    let mut spans = vec![(f64::INFINITY, 0.0_f64, 0.0); pieces.stages];
    for (stage, _, start, end) in timeline(schedule, pieces, micro_batches) {
        let (first, last, busy) = &mut spans[stage];
        (*first, *last) = (first.min(start), last.max(end));
        *busy += end - start;
    }
    spans.into_iter().map(|(first, last, busy)| last - first - busy).collect()
}

/// What the whole pipeline waits: the step without the work of a stage.
fn bubble(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> f64 {
    let passes = timeline(schedule, pieces, micro_batches);
    let makespan = passes.iter().map(|pass| pass.3).fold(0.0, f64::max);
    let busy =
        |stage: usize| passes.iter().filter(|pass| pass.0 == stage).map(|pass| pass.3 - pass.2).sum::<f64>();
    makespan - (0..pieces.stages).map(busy).fold(0.0, f64::max)
}

#[test]
fn even_stages_have_the_bubbles_of_the_closed_forms() {
    for (stages, virtual_stages, micro_batches) in
        [(1, 1, 5), (4, 1, 4), (4, 1, 7), (8, 1, 32), (4, 2, 8), (8, 5, 16), (2, 3, 6), (4, 4, 4)]
    {
        let pieces = even(stages, virtual_stages);
        let closed = (micro_batches as f64 + (stages - 1) as f64 / virtual_stages as f64) * 3.0;
        let run = simulate(Schedule::OneForwardOneBackward, &pieces, micro_batches);
        assert!(
            (run.makespan - closed).abs() < 1e-9,
            "{stages} {virtual_stages} {micro_batches}: {}",
            run.makespan
        );
        if virtual_stages == 1 {
            let all_first = simulate(Schedule::GPipe, &pieces, micro_batches);
            assert!((all_first.makespan - closed).abs() < 1e-9);
            assert_eq!(all_first.held[0], micro_batches as u64);
            assert_eq!(run.held[0], stages.min(micro_batches) as u64);
        }
    }
}

/// Qi et al. 2023, table 2, with `b` the whole backward pass: `(p - 1)(f + b - 2 w)`, and no more activations than one
/// forward, one backward.
#[test]
fn zb_h1_waits_less_and_holds_as_much() {
    for (stages, micro_batches) in [(1, 3), (2, 4), (4, 8), (4, 13), (8, 16), (16, 64)] {
        for [f, b, w] in [[1.0, 2.0, 1.0], [1.0, 2.3, 0.9], [1.0, 2.5, 1.0]] {
            let pieces = stages_of(stages, 1, [f, b, w]);
            let closed = (stages - 1) as f64 * (f + b - 2.0 * w);
            let found = bubble(Schedule::ZeroBubbleH1, &pieces, micro_batches);
            assert!((found - closed).abs() < 1e-9, "{stages} {micro_batches} {f} {b} {w}: {found} {closed}");
            let held = simulate(Schedule::ZeroBubbleH1, &pieces, micro_batches).held;
            let most = simulate(Schedule::OneForwardOneBackward, &pieces, micro_batches).held[0];
            assert!(held.iter().all(|held| *held == most), "{held:?} {most}");
        }
    }
}

/// Qi et al. 2023, section 6: where the three passes take as long as each other, no stage waits between its first pass
/// and its last, with the activations of one forward, one backward: `p` whole stages' of the first.
#[test]
fn zb_v_waits_only_for_the_first_micro_batch() {
    for (stages, micro_batches) in [(2, 4), (4, 8), (4, 11), (8, 16), (8, 32), (16, 40)] {
        let pieces = even(stages, 2);
        let waits = waits(Schedule::ZeroBubbleV, &pieces, micro_batches);
        assert!(waits.iter().all(|wait| wait.abs() < 1e-9), "{stages} {micro_batches}: {waits:?}");
        let run = simulate(Schedule::ZeroBubbleV, &pieces, micro_batches);
        let closed = 3.0 * micro_batches as f64 + (stages - 1) as f64 / 2.0;
        assert!((run.makespan - closed).abs() < 1e-9, "{stages} {micro_batches}: {} {closed}", run.makespan);
        assert!(run.held.iter().all(|held| *held == 2 * stages as u64), "{:?}", run.held);
    }
}

/// DeepSeek-V3, table 2: where a backward pass has two halves as long as the forward pass, `(p / 2 - 1)(t + b - 3 w)` on
/// the stages in the middle, and `p + 1` micro-batches held. Those at the ends run fewer passes together, and wait less.
#[test]
fn dualpipe_waits_and_holds_as_its_paper_says() {
    for (stages, micro_batches) in [(2, 4), (4, 8), (4, 20), (8, 16), (8, 24), (16, 120)] {
        for t in [3.0, 2.8, 2.5, 2.0] {
            let mut pieces = even(stages, 1);
            pieces.together.fill(t);
            let passes = timeline(Schedule::DualPipe, &pieces, micro_batches);
            let makespan = passes.iter().map(|pass| pass.3).fold(0.0, f64::max);
            let busy = |stage: usize| {
                passes.iter().filter(|pass| pass.0 == stage).map(|pass| pass.3 - pass.2).sum::<f64>()
            };
            let closed = (stages as f64 / 2.0 - 1.0) * (t + 2.0 - 3.0);
            let found = makespan - busy(stages / 2);
            assert!((found - closed).abs() < 1e-9, "{stages} {micro_batches} {t}: {found} {closed}");
            assert!(bubble(Schedule::DualPipe, &pieces, micro_batches) <= closed + 1e-9);
            let held = simulate(Schedule::DualPipe, &pieces, micro_batches).held;
            assert!(held.iter().all(|held| *held == stages as u64 + 1), "{held:?}");
        }
    }
}

prop_compose! {
    /// Any schedule with stages that differ and messages between them.
    fn any_pipeline()(
        schedule in (0..ALL.len()).prop_map(|index| ALL[index]), half in 1_usize..5, more in 0_usize..2,
        number in 1_usize..4, hop in prop_oneof![Just(0.0), 0.0_f64..0.6],
        times in prop::collection::vec((0.5_f64..2.0, 0.2_f64..0.8, 0.6_f64..1.0), 27),
    ) -> (Schedule, Pieces) {
        let stages = if schedule == Schedule::DualPipe { 2 * half } else { 2 * half + more - 1 };
        let number = schedule.virtual_stages().map_or(number, |own| own as usize);
        let times = &times[..stages * number];
        let backward = |piece: usize| 2.0 * times[piece].0;
        let pieces = Pieces {
            stages,
            forward: times.iter().map(|time| time.0).collect(),
            backward: (0..times.len()).map(backward).collect(),
            weights: times.iter().map(|time| 2.0 * time.0 * time.1).collect(),
            together: (0..times.len()).map(|piece| times[piece].2 * (times[piece].0 + backward(times.len() - 1 - piece))).collect(),
            hop,
        };
        (schedule, pieces)
    }
}

proptest! {
    #[test]
    fn many_micro_batches_are_extrapolated_exactly((schedule, pieces) in any_pipeline(), micro_batches in 1_usize..300) {
        let whole = simulate(schedule, &pieces, micro_batches).makespan;
        let quick = makespan(schedule, &pieces, micro_batches);
        prop_assert!((whole - quick).abs() < 1e-6 * whole, "{:?} {} {} {}", schedule, micro_batches, whole, quick);
    }

    #[test]
    fn no_step_is_shorter_than_the_work_of_its_stages((schedule, pieces) in any_pipeline(), micro_batches in 1_usize..100) {
        let passes = timeline(schedule, &pieces, micro_batches);
        let makespan = simulate(schedule, &pieces, micro_batches).makespan;
        for stage in 0..pieces.stages {
            let own = || passes.iter().filter(|pass| pass.0 == stage);
            prop_assert!(own().map(|pass| pass.3 - pass.2).sum::<f64>() <= makespan * (1.0 + 1e-12));
            // One after the other.
            let ends = own().zip(own().skip(1)).all(|(one, next)| one.3 <= next.2 + 1e-9);
            prop_assert!(ends);
        }
    }
}

/// Nothing else would end: ten million micro-batches through 512 pieces.
#[test]
fn the_longest_steps_are_extrapolated() {
    for schedule in [Schedule::OneForwardOneBackward, Schedule::ZeroBubbleV, Schedule::DualPipe] {
        let number = schedule.virtual_stages().map_or(2, |own| own as usize);
        let pieces = uneven(512 / number, number);
        let busiest = (0..pieces.stages).map(|stage| pieces.work(schedule, stage)).fold(0.0, f64::max);
        let makespan = makespan(schedule, &pieces, 10_000_000);
        assert!((1.0..1.5).contains(&(makespan / (1e7 * busiest))), "{schedule:?} {makespan} {busiest}");
    }
}

/// Each micro-batch goes once forward and once backward through each piece, on the stage that holds it, and gradients of
/// weights are computed once, after the others; no stage holds anything in the end, and none ends before its work.
#[test]
fn every_pass_is_run_once_where_it_belongs() {
    for schedule in ALL {
        for (stages, micro_batches) in
            [(4, 10), (3, 7), (2, 1), (1, 3), (4, 8), (8, 16), (6, 13), (2, 4), (8, 3)]
        {
            for number in schedule.virtual_stages().map_or(vec![1, 2, 4], |own| vec![own as usize]) {
                let placement = Placement::of(schedule, stages, number);
                let pieces = uneven(stages.max(2), number);
                let pieces = if stages == 1 { even(1, number) } else { pieces };
                let (mut forward, mut backward, mut weights) =
                    (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
                let once = |stage, set: &mut BTreeSet<(usize, usize)>, micro_batch, piece| {
                    assert!(set.insert((micro_batch, piece)), "{schedule:?} {micro_batch} {piece}");
                    assert!(placement.held(stage).any(|held| held == piece), "{schedule:?} {stage} {piece}");
                };
                for (stage, pass, ..) in timeline(schedule, &pieces, micro_batches) {
                    match pass {
                        Pass::Forward { micro_batch, piece } => once(stage, &mut forward, micro_batch, piece),
                        Pass::Inputs { micro_batch, piece } => once(stage, &mut backward, micro_batch, piece),
                        Pass::Backward { micro_batch, piece } => {
                            once(stage, &mut backward, micro_batch, piece);
                            once(stage, &mut weights, micro_batch, piece);
                        }
                        Pass::Weights { micro_batch, piece } => {
                            assert!(backward.contains(&(micro_batch, piece)));
                            once(stage, &mut weights, micro_batch, piece);
                        }
                        Pass::Together { forward: one, backward: other } => {
                            once(stage, &mut forward, one.micro_batch, one.piece);
                            once(stage, &mut backward, other.micro_batch, other.piece);
                            once(stage, &mut weights, other.micro_batch, other.piece);
                        }
                    }
                }
                let all = stages * number * micro_batches;
                assert_eq!(
                    (forward.len(), backward.len(), weights.len()),
                    (all, all, all),
                    "{schedule:?} {stages} {number} {micro_batches}"
                );
            }
        }
    }
}

#[test]
fn pieces_lie_where_their_schedule_wants_them() {
    let held = |schedule, virtual_stages, stage| -> Vec<usize> {
        Placement::of(schedule, 4, virtual_stages).held(stage).collect()
    };
    assert_eq!(held(Schedule::OneForwardOneBackward, 3, 1), [1, 5, 9]);
    assert_eq!(
        (held(Schedule::ZeroBubbleV, 2, 0), held(Schedule::ZeroBubbleV, 2, 3)),
        (vec![0, 7], vec![3, 4])
    );
    assert_eq!((held(Schedule::DualPipe, 1, 1), held(Schedule::DualPipe, 1, 3)), (vec![1, 2], vec![0, 3]));
    for schedule in ALL {
        let placement = Placement::of(schedule, 4, virtual_stages(schedule));
        for micro_batch in 0..4 {
            for piece in 0..placement.pieces() {
                let stage = placement.stage_of(piece, micro_batch);
                assert!(placement.held(stage).any(|held| held == piece), "{schedule:?} {piece}");
            }
        }
    }
}

#[test]
fn what_a_shortened_course_shows_stands_where_it_stands_in_the_whole_one() {
    let schedule = Schedule::OneForwardOneBackward;
    for (stages, virtual_stages, micro_batches) in [(4, 1, 64), (4, 3, 65), (3, 2, 50), (1, 1, 30)] {
        let pieces = Pieces { hop: 0.01, ..even(stages, virtual_stages) };
        let whole = timeline(schedule, &pieces, micro_batches);
        let (short, left_out) = shortened(schedule, &pieces, micro_batches);
        let left_out = left_out.unwrap();
        assert_eq!(
            whole.len() - short.len(),
            2 * stages * virtual_stages * left_out.micro_batches,
            "{stages} {virtual_stages}"
        );
        for (stage, pass, start, _) in &short {
            let same = whole.iter().find(|other| (other.0, other.1) == (*stage, *pass)).unwrap();
            assert!((same.2 - start).abs() < 1e-6 * start.max(1.0), "{pass:?}: {start} {}", same.2);
            let within = *start >= left_out.from && *start < left_out.from + left_out.seconds - 1e-9;
            assert!(!within, "{pass:?} at {start} is left out");
        }
        let end = short.iter().map(|pass| pass.3).fold(0.0, f64::max);
        assert!((end - makespan(schedule, &pieces, micro_batches)).abs() < 1e-9 * end);
    }
    let mut uneven = even(4, 3);
    uneven.forward[0] *= 1.3;
    let end = shortened(schedule, &uneven, 65).0.iter().map(|pass| pass.3).fold(0.0, f64::max);
    assert!((end - makespan(schedule, &uneven, 65)).abs() < 1e-9 * end);
    let all = shortened(schedule, &even(4, 1), 20);
    assert_eq!(all, (timeline(schedule, &even(4, 1), 20), None));
}
