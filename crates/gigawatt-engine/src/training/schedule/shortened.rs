//! The course of a pipeline without what repeats.

use gigawatt_plan::training::Schedule;

use super::simulate::WARM_ROUNDS;
use super::{Pass, Pieces, makespan, timeline};

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
    let repeats = matches!(schedule, Schedule::OneForwardOneBackward | Schedule::ZeroBubbleH1);
    if !repeats || micro_batches <= (WARM_ROUNDS + 2) * round {
        return (timeline(schedule, pieces, micro_batches), None);
    }
    let few = WARM_ROUNDS * round + micro_batches % round;
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
