//! When each pass of a schedule starts and ends.

use gigawatt_plan::training::Schedule;

use super::order::fill;
use super::placement::Placement;
use super::{Pass, Pieces, Pipeline, Visit};

/// Runs a schedule: each pass starts when its stage is free and what it needs has arrived.
pub fn simulate(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> Pipeline {
    run(schedule, pieces, micro_batches, |_, _, _, _| {})
}

/// Stage, pass, start and end of every pass in seconds, each stage's in the order in which it runs them.
pub fn timeline(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> Vec<(usize, Pass, f64, f64)> {
    let mut passes = Vec::new();
    run(schedule, pieces, micro_batches, |stage, pass, start, end| passes.push((stage, pass, start, end)));
    passes
}

/// When passes ended, in seconds; not a number while they have not.
struct Ends<'a> {
    pieces: &'a Pieces,
    placement: Placement,
    /// Pieces of the model.
    all: usize,
    forward: Vec<f64>,
    backward: Vec<f64>,
}

impl Ends<'_> {
    fn at(&self, visit: Visit) -> usize {
        visit.micro_batch * self.all + visit.piece
    }

    /// The time of a message to the piece after this one.
    fn hop(&self, piece: usize) -> f64 {
        if self.placement.stays(piece) { 0.0 } else { self.pieces.hop }
    }

    /// When a forward pass has what it needs.
    fn forward_ready(&self, visit: Visit) -> f64 {
        match visit.piece.checked_sub(1) {
            None => 0.0,
            Some(before) => self.forward[self.at(visit) - 1] + self.hop(before),
        }
    }

    /// When a backward pass has what it needs.
    fn backward_ready(&self, visit: Visit) -> f64 {
        if visit.piece + 1 == self.all {
            self.forward[self.at(visit)]
        } else {
            self.backward[self.at(visit) + 1] + self.hop(visit.piece)
        }
    }

    fn forward_ends(&mut self, visit: Visit, end: f64) {
        let at = self.at(visit);
        self.forward[at] = end;
    }

    fn backward_ends(&mut self, visit: Visit, end: f64) {
        let at = self.at(visit);
        self.backward[at] = end;
    }

    /// When a pass has what it needs, and its time.
    fn ready(&self, pass: Pass) -> (f64, f64) {
        let pieces = self.pieces;
        match pass {
            Pass::Forward { micro_batch, piece } => {
                (self.forward_ready(Visit { micro_batch, piece }), pieces.forward[piece])
            }
            Pass::Backward { micro_batch, piece } => {
                (self.backward_ready(Visit { micro_batch, piece }), pieces.backward[piece])
            }
            Pass::Inputs { micro_batch, piece } => {
                let time = pieces.backward[piece] - pieces.weights[piece];
                (self.backward_ready(Visit { micro_batch, piece }), time)
            }
            Pass::Weights { piece, .. } => (0.0, pieces.weights[piece]),
            Pass::Together { forward, backward } => {
                let (one, other) = (self.forward_ready(forward), self.backward_ready(backward));
                // Unlike the greater of two, a sum is not a number where one of them is none.
                let ready = if (one + other).is_nan() { f64::NAN } else { one.max(other) };
                (ready, pieces.together[forward.piece])
            }
        }
    }

    fn ends(&mut self, pass: Pass, end: f64) {
        match pass {
            Pass::Forward { micro_batch, piece } => self.forward_ends(Visit { micro_batch, piece }, end),
            Pass::Backward { micro_batch, piece } | Pass::Inputs { micro_batch, piece } => {
                self.backward_ends(Visit { micro_batch, piece }, end);
            }
            Pass::Weights { .. } => {}
            Pass::Together { forward, backward } => {
                self.forward_ends(forward, end);
                self.backward_ends(backward, end);
            }
        }
    }
}

/// Pieces of micro-batches that a pass begins and ends to hold.
fn holds(pass: Pass) -> (u64, u64) {
    match pass {
        Pass::Forward { .. } => (1, 0),
        Pass::Backward { .. } | Pass::Weights { .. } => (0, 1),
        // Gradients of weights need what the forward pass kept.
        Pass::Inputs { .. } => (0, 0),
        Pass::Together { .. } => (1, 1),
    }
}

fn run(
    schedule: Schedule,
    pieces: &Pieces,
    micro_batches: usize,
    mut seen: impl FnMut(usize, Pass, f64, f64),
) -> Pipeline {
    let (stages, all) = (pieces.stages, pieces.forward.len());
    let placement = Placement::of(schedule, stages, pieces.virtual_stages());
    let mut passes = Vec::with_capacity(3 * all * micro_batches);
    // Where each stage's passes that are still to run begin, and where they end.
    let (mut next, mut last) = (Vec::with_capacity(stages), Vec::with_capacity(stages));
    for stage in 0..stages {
        next.push(passes.len());
        fill(&mut passes, schedule, placement, stage, micro_batches);
        last.push(passes.len());
    }
    let unknown = vec![f64::NAN; all * micro_batches];
    let mut ends = Ends { pieces, placement, all, forward: unknown.clone(), backward: unknown };
    let mut free = vec![0.0_f64; stages];
    let (mut holding, mut held) = (vec![0_u64; stages], vec![0_u64; stages]);
    loop {
        let mut idle = true;
        for stage in 0..stages {
            for pass in &passes[next[stage]..last[stage]] {
                let pass = *pass;
                let (ready, time) = ends.ready(pass);
                if ready.is_nan() {
                    break;
                }
                let start = ready.max(free[stage]);
                let end = start + time;
                ends.ends(pass, end);
                seen(stage, pass, start, end);
                free[stage] = end;
                let (more, less) = holds(pass);
                holding[stage] += more;
                held[stage] = held[stage].max(holding[stage]);
                holding[stage] = holding[stage].saturating_sub(less);
                next[stage] += 1;
                idle = false;
            }
        }
        // All have run: no order of a schedule waits for itself.
        if idle {
            break;
        }
    }
    Pipeline { makespan: free.into_iter().fold(0.0, f64::max), held }
}

/// Rounds of as many micro-batches as stages that are simulated at least before the last of them is taken to repeat.
pub(super) const WARM_ROUNDS: usize = 3;

/// Forward and backward passes up to which a step is simulated to its end: some milliseconds.
const MOST_PASSES: usize = 1 << 20;

/// Rounding of sums of times.
const TOLERANCE: f64 = 1e-9;

/// The makespan of many micro-batches: the whole is simulated, or a few rounds where the rest is known to repeat the last.
///
/// The makespan is the longest chain of passes that wait for each other. Where stages hold one piece each and messages take
/// no time of their own, no chain through several stages grows faster from round to round than the one on the busiest
/// stage: once this is the longest, which the last round shows, it stays so. Interleaved pieces that differ have chains
/// that grow faster, and may need any number of rounds to become the longest. A test compares with the whole simulation.
/// Only of steps with more than a million passes the rest is taken to repeat the last round without that being known.
pub fn makespan(schedule: Schedule, pieces: &Pieces, micro_batches: usize) -> f64 {
    let round = pieces.stages.max(1);
    let repeats = match schedule {
        Schedule::OneForwardOneBackward | Schedule::ZeroBubbleH1 => {
            pieces.virtual_stages() == 1 && pieces.hop == 0.0
        }
        Schedule::GPipe | Schedule::ZeroBubbleV | Schedule::DualPipe => false,
    };
    // Beyond so many micro-batches two short simulations are less work than the whole one.
    if repeats && micro_batches > 2 * (WARM_ROUNDS + 1) * round + round {
        let (makespan, period) = extrapolated(schedule, pieces, micro_batches, WARM_ROUNDS);
        let work = (0..round).map(|stage| pieces.work(schedule, stage)).fold(0.0, f64::max) * count(round);
        if (period - work).abs() <= TOLERANCE * work {
            return makespan;
        }
    }
    let warm = (MOST_PASSES / (2 * pieces.forward.len() * round).max(1)).max(WARM_ROUNDS);
    if schedule == Schedule::GPipe || micro_batches / round <= warm + 1 {
        return simulate(schedule, pieces, micro_batches).makespan;
    }
    extrapolated(schedule, pieces, micro_batches, warm).0
}

/// The makespan where all rounds after so many take what the last of them takes, and what that is.
fn extrapolated(schedule: Schedule, pieces: &Pieces, micro_batches: usize, warm: usize) -> (f64, f64) {
    let round = pieces.stages.max(1);
    let few = warm * round + micro_batches % round;
    let start = simulate(schedule, pieces, few).makespan;
    let period = simulate(schedule, pieces, few + round).makespan - start;
    (start + count((micro_batches - few) / round) * period, period)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}
