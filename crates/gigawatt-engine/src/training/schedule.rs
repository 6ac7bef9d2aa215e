//! The order of a pipeline's micro-batches, simulated with stages that need not be alike.
//!
//! `p` stages hold `v` pieces each, `m` micro-batches pass. With even pieces of forward time `f` and backward time
//! `b` for a whole stage, both schedules end after
//!
//! ```text
//! (m + (p - 1) / v) (f + b)
//! ```
//!
//! where `v = 1` for GPipe (Huang et al. 2019, arXiv 1811.06965) and plain one-forward-one-backward, and `m` is a
//! multiple of `p` for the interleaved one (Narayanan et al. 2021, arXiv 2104.04473, 2.2.2). A test holds the
//! simulation against it.

use gigawatt_plan::training::Schedule;

/// What a pipeline does in a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// From the first forward pass to the last backward pass, in seconds.
    pub makespan: f64,
    /// Pieces of micro-batches whose activations a stage holds at most, by stage.
    pub held: Vec<u64>,
}

/// The times of a pipeline's pieces: those of stage `s` and piece `c` at `c * stages + s`, so that a micro-batch passes
/// them in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Pieces {
    /// Stages.
    pub stages: usize,
    /// Forward time of each, in seconds.
    pub forward: Vec<f64>,
    /// Backward time of each, in seconds.
    pub backward: Vec<f64>,
    /// From one piece to the next, beyond what hides behind work, in seconds.
    pub hop: f64,
}

impl Pieces {
    /// Pieces that each stage holds.
    pub fn virtual_stages(&self) -> usize {
        (self.forward.len() / self.stages.max(1)).max(1)
    }

    /// The time that a stage works on a micro-batch.
    pub fn work(&self, stage: usize) -> f64 {
        let pieces = (stage..self.forward.len()).step_by(self.stages.max(1));
        pieces.map(|piece| self.forward[piece] + self.backward[piece]).sum()
    }
}

/// A pass of one micro-batch through one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pass {
    /// Forward through a piece.
    Forward {
        /// The micro-batch.
        micro_batch: usize,
        /// The piece, in the order in which a micro-batch passes them.
        piece: usize,
    },
    /// Backward through a piece.
    Backward {
        /// The micro-batch.
        micro_batch: usize,
        /// The piece, in the order in which a micro-batch passes them.
        piece: usize,
    },
}

impl Pass {
    /// The micro-batch.
    pub fn micro_batch(self) -> usize {
        match self {
            Self::Forward { micro_batch, .. } | Self::Backward { micro_batch, .. } => micro_batch,
        }
    }

    /// The piece, in the order in which a micro-batch passes them.
    pub fn piece(self) -> usize {
        match self {
            Self::Forward { piece, .. } | Self::Backward { piece, .. } => piece,
        }
    }

    /// The pass on another stage that waits for what this one sends, where a model has so many pieces.
    pub fn next(self, pieces: usize) -> Option<Self> {
        match self {
            Self::Forward { micro_batch, piece } => {
                (piece + 1 < pieces).then_some(Self::Forward { micro_batch, piece: piece + 1 })
            }
            Self::Backward { micro_batch, piece } => {
                piece.checked_sub(1).map(|piece| Self::Backward { micro_batch, piece })
            }
        }
    }

    /// The same pass of a micro-batch so many later.
    fn later(mut self, by: usize) -> Self {
        match &mut self {
            Self::Forward { micro_batch, .. } | Self::Backward { micro_batch, .. } => *micro_batch += by,
        }
        self
    }
}

/// The passes of a stage in the order in which it runs them.
pub fn order(
    schedule: Schedule,
    stages: usize,
    virtual_stages: usize,
    stage: usize,
    micro_batches: usize,
) -> Vec<Pass> {
    let total = micro_batches * virtual_stages;
    // The n-th forward or backward pass of an interleaved stage: groups of `stages` micro-batches go piece by piece.
    let group = if virtual_stages > 1 { stages } else { micro_batches.max(1) };
    let nth = |index: usize, backward: bool| {
        let round = group * virtual_stages;
        let (start, within) = (index / round * group, index % round);
        let width = group.min(micro_batches - start);
        let (chunk, offset) = (within / width, within % width);
        let chunk = if backward { virtual_stages - 1 - chunk } else { chunk };
        (start + offset, chunk * stages + stage)
    };
    let forward = |index| {
        let (micro_batch, piece) = nth(index, false);
        Pass::Forward { micro_batch, piece }
    };
    let backward = |index| {
        let (micro_batch, piece) = nth(index, true);
        Pass::Backward { micro_batch, piece }
    };
    let ahead = match schedule {
        Schedule::GPipe => total,
        Schedule::OneForwardOneBackward if virtual_stages > 1 => {
            ((stages - stage - 1) * 2 + (virtual_stages - 1) * stages).min(total)
        }
        Schedule::OneForwardOneBackward => (stages - stage - 1).min(total),
    };
    let mut passes: Vec<Pass> = (0..ahead).map(forward).collect();
    for index in 0..total - ahead {
        passes.push(forward(ahead + index));
        passes.push(backward(index));
    }
    passes.extend((total - ahead..total).map(backward));
    passes
}

/// Runs a schedule: each pass starts when its stage is free and what it needs has arrived.
pub fn simulate(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> Pipeline {
    run(schedule, pieces, micro_batches, |_, _, _, _| {})
}

/// Stage, pass, start and end of every pass in seconds, each stage's in the order in which it runs them.
pub fn timeline(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> Vec<Timed> {
    let mut passes = Vec::new();
    run(schedule, pieces, micro_batches, |stage, pass, start, end| passes.push((stage, pass, start, end)));
    passes
}

fn run(
    schedule: Schedule,
    pieces: &Pieces,
    micro_batches: usize,
    mut seen: impl FnMut(usize, Pass, f64, f64),
) -> Pipeline {
    let (stages, all) = (pieces.stages, pieces.forward.len());
    let virtual_stages = pieces.virtual_stages();
    let orders: Vec<Vec<Pass>> =
        (0..stages).map(|stage| order(schedule, stages, virtual_stages, stage, micro_batches)).collect();
    // When each pass ended; not a number while it has not.
    let mut forward_end = vec![f64::NAN; all * micro_batches];
    let mut backward_end = vec![f64::NAN; all * micro_batches];
    let (mut next, mut free) = (vec![0_usize; stages], vec![0.0_f64; stages]);
    let (mut holding, mut held) = (vec![0_u64; stages], vec![0_u64; stages]);
    let mut left: usize = orders.iter().map(Vec::len).sum();
    while left > 0 {
        let before = left;
        for stage in 0..stages {
            while let Some(pass) = orders[stage].get(next[stage]) {
                let (ready, end, time, kept) = match *pass {
                    Pass::Forward { micro_batch, piece } => {
                        let at = micro_batch * all + piece;
                        let ready = if piece == 0 { 0.0 } else { forward_end[at - 1] + pieces.hop };
                        (ready, &mut forward_end[at], pieces.forward[piece], 1_i64)
                    }
                    Pass::Backward { micro_batch, piece } => {
                        let at = micro_batch * all + piece;
                        let ready = if piece + 1 == all {
                            forward_end[at]
                        } else {
                            backward_end[at + 1] + pieces.hop
                        };
                        (ready, &mut backward_end[at], pieces.backward[piece], -1)
                    }
                };
                if ready.is_nan() {
                    break;
                }
                let start = ready.max(free[stage]);
                *end = start + time;
                seen(stage, *pass, start, *end);
                free[stage] = *end;
                holding[stage] = holding[stage].saturating_add_signed(kept);
                held[stage] = held[stage].max(holding[stage]);
                next[stage] += 1;
                left -= 1;
            }
        }
        if left == before {
            // No order of a schedule waits for itself; an order that did would end here instead of turning for ever.
            break;
        }
    }
    Pipeline { makespan: free.into_iter().fold(0.0, f64::max), held }
}

/// Micro-batches, in rounds of the pipeline's stages, after which one more round adds always the same time.
const WARM_ROUNDS: usize = 3;

/// Micro-batches of a run to whose end further rounds add always the same time; none where all have to be simulated.
fn warm(schedule: Schedule, stages: usize, micro_batches: usize) -> Option<usize> {
    let round = stages.max(1);
    let few = schedule == Schedule::GPipe || micro_batches <= (WARM_ROUNDS + 2) * round;
    (!few).then_some(WARM_ROUNDS * round + micro_batches % round)
}

/// The makespan of many micro-batches: a few rounds are simulated, the rest repeats the last of them.
///
/// Exact where the pipeline has become periodic, which a test compares with the whole simulation.
pub fn makespan(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> f64 {
    let round = pieces.stages.max(1);
    let Some(few) = warm(schedule, round, micro_batches) else {
        return simulate(schedule, pieces, micro_batches).makespan;
    };
    let start = simulate(schedule, pieces, few).makespan;
    let period = simulate(schedule, pieces, few + round).makespan - start;
    start + real((micro_batches - few) / round) * period
}

/// What a course leaves out where each round is like the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeftOut {
    /// Micro-batches whose passes are left out of every piece, a whole number of rounds.
    pub micro_batches: usize,
    /// When that begins, in seconds: passes that start later are not in the course until it ends.
    pub from: f64,
    /// How long it takes, in seconds.
    pub seconds: f64,
}

/// A pass of a stage with its start and end in seconds.
pub type Timed = (usize, Pass, f64, f64);

/// The [`timeline`] without the rounds that repeat one another, which are told beside it.
///
/// It ends when the whole one ends. With even pieces all that is there stands where it stands in the whole one; with
/// uneven ones, passes that wait for others may stand earlier, because their delay takes more rounds to build up.
pub fn shortened(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> (Vec<Timed>, Option<LeftOut>) {
    let round = pieces.stages.max(1);
    let Some(few) = warm(schedule, round, micro_batches) else {
        return (timeline(schedule, pieces, micro_batches), None);
    };
    let mut passes = timeline(schedule, pieces, few + round);
    let end = passes.iter().map(|pass| pass.3).fold(0.0, f64::max);
    let seconds = makespan(schedule, pieces, micro_batches) - end;
    // Every stage is in its steady part when the first begins with the last whole round.
    let last = passes.iter().filter(|(_, pass, ..)| pass.micro_batch() >= WARM_ROUNDS * round);
    let from = last.map(|pass| pass.2).fold(f64::INFINITY, f64::min);
    let left_out = LeftOut { micro_batches: micro_batches - few - round, from, seconds };
    for (_, pass, start, end) in passes.iter_mut().filter(|pass| pass.2 >= from) {
        *pass = pass.later(left_out.micro_batches);
        (*start, *end) = (*start + left_out.seconds, *end + left_out.seconds);
    }
    (passes, Some(left_out))
}

#[expect(clippy::cast_precision_loss, reason = "rounds stay below 2^53")]
fn real(rounds: usize) -> f64 {
    rounds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(stages: usize, virtual_stages: usize) -> Pieces {
        let piece = 1.0 / virtual_stages as f64;
        Pieces {
            stages,
            forward: vec![piece; stages * virtual_stages],
            backward: vec![2.0 * piece; stages * virtual_stages],
            hop: 0.0,
        }
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

    #[test]
    fn many_micro_batches_are_extrapolated_exactly() {
        for virtual_stages in [1, 3] {
            let mut pieces = even(4, virtual_stages);
            pieces.forward[0] *= 1.3;
            *pieces.backward.last_mut().unwrap() *= 1.7;
            pieces.hop = 0.01;
            for micro_batches in [64, 129, 200] {
                let schedule = Schedule::OneForwardOneBackward;
                let whole = simulate(schedule, &pieces, micro_batches).makespan;
                let quick = makespan(schedule, &pieces, micro_batches);
                assert!(
                    (whole - quick).abs() < 1e-6 * whole,
                    "{virtual_stages} {micro_batches}: {whole} {quick}"
                );
            }
        }
    }

    #[test]
    fn every_pass_is_run_once() {
        for (stages, virtual_stages, micro_batches) in [(4, 2, 10), (3, 4, 7), (2, 2, 1)] {
            for stage in 0..stages {
                let passes =
                    order(Schedule::OneForwardOneBackward, stages, virtual_stages, stage, micro_batches);
                assert_eq!(passes.len(), 2 * virtual_stages * micro_batches);
                let distinct: std::collections::BTreeSet<String> =
                    passes.iter().map(|pass| format!("{pass:?}")).collect();
                assert_eq!(distinct.len(), passes.len());
            }
            let run = simulate(Schedule::OneForwardOneBackward, &even(stages, virtual_stages), micro_batches);
            assert!(run.makespan >= 3.0 * micro_batches as f64 - 1e-9);
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
}
