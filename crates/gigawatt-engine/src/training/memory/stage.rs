//! A stage's memory through the passes of its schedule.

use gigawatt_plan::training::Schedule;

use crate::training::schedule::{Pass, order};

/// What a piece of the model adds to its stage's memory, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PieceMemory {
    /// Kept of each micro-batch from its forward to its backward pass.
    pub kept: f64,
    /// Alive at the end of a forward pass: logits and their loss.
    pub loss: f64,
    /// Alive at the fullest moment of a forward pass, beside what is kept.
    pub forward: f64,
    /// Alive at the fullest moment of a backward pass, beside what is kept.
    pub backward: f64,
}

/// What fills the fullest moment of a pass, beside what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Logits, their loss and its gradient.
    Loss,
    /// A layer running forward.
    Forward,
    /// A layer running backward, with what it computes again.
    Backward,
}

/// The fullest moment of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The pass in which it is.
    pub pass: Pass,
    /// What fills it beside what is kept.
    pub filling: Filling,
    /// Passes whose activations are held: pieces of micro-batches.
    pub in_flight: u64,
}

/// A stage's fullest moment in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    pub moment: Moment,
    /// Bytes kept at that moment.
    pub kept: f64,
    /// Bytes alive for the moment.
    pub passing: f64,
    /// Bytes that were alive for a moment of a forward pass, where their blocks cannot serve at the peak.
    pub other: f64,
}

/// The fullest moment of `stage`, whose pieces are every `stages`-th of `pieces`.
pub(super) fn peak(
    schedule: Schedule,
    pieces: &[PieceMemory],
    stages: usize,
    stage: usize,
    micro_batches: usize,
) -> Peak {
    let mut fullest = Fullest::new(Pass::Forward { micro_batch: 0, piece: stage });
    let virtual_stages = (pieces.len() / stages.max(1)).max(1);
    for (pass, kept, in_flight) in held(schedule, pieces, stages, stage, virtual_stages, micro_batches) {
        fullest.see(pass, pieces, kept, in_flight);
    }
    fullest.end()
}

/// What a stage holds during each pass: with the pass that runs, before what it frees is freed.
fn held(
    schedule: Schedule,
    pieces: &[PieceMemory],
    stages: usize,
    stage: usize,
    virtual_stages: usize,
    micro_batches: usize,
) -> Vec<(Pass, f64, u64)> {
    if schedule == Schedule::GPipe {
        return all_forward_first(pieces, stages, stage, micro_batches);
    }
    // From some rounds on, one round is like the one before.
    let few = micro_batches.min(4 * stages + micro_batches % stages.max(1));
    let (mut kept, mut in_flight) = (0.0, 0_u64);
    let mut all = Vec::new();
    for pass in order(schedule, stages, virtual_stages, stage, few) {
        match pass {
            Pass::Forward { piece, .. } => {
                kept += pieces[piece].kept;
                in_flight += 1;
                all.push((pass, kept, in_flight));
            }
            Pass::Backward { piece, .. } => {
                all.push((pass, kept, in_flight));
                kept = (kept - pieces[piece].kept).max(0.0);
                in_flight = in_flight.saturating_sub(1);
            }
        }
    }
    all
}

/// With all forward passes before all backward ones, the fullest moments are where they meet.
fn all_forward_first(
    pieces: &[PieceMemory],
    stages: usize,
    stage: usize,
    micro_batches: usize,
) -> Vec<(Pass, f64, u64)> {
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    let number = micro_batches as f64;
    let own = || (stage..pieces.len()).step_by(stages.max(1));
    let kept = number * own().map(|piece| pieces[piece].kept).sum::<f64>();
    let in_flight = (micro_batches as u64).saturating_mul(own().count() as u64);
    let micro_batch = micro_batches.saturating_sub(1);
    own()
        .flat_map(|piece| [Pass::Forward { micro_batch, piece }, Pass::Backward { micro_batch, piece }])
        .map(|pass| (pass, kept, in_flight))
        .collect()
}

/// The fullest moment so far.
struct Fullest {
    moment: Moment,
    kept: f64,
    passing: f64,
    /// The most that is alive for a moment of a forward pass.
    forward: f64,
}

impl Fullest {
    fn new(pass: Pass) -> Self {
        Self {
            moment: Moment { pass, filling: Filling::Forward, in_flight: 0 },
            kept: 0.0,
            passing: 0.0,
            forward: 0.0,
        }
    }

    fn see(&mut self, pass: Pass, pieces: &[PieceMemory], kept: f64, in_flight: u64) {
        match pass {
            Pass::Forward { piece, .. } => {
                let piece = pieces[piece];
                self.forward = self.forward.max(piece.forward);
                self.moment_of(pass, Filling::Forward, kept, piece.forward, in_flight);
                self.moment_of(pass, Filling::Loss, kept, piece.loss, in_flight);
            }
            Pass::Backward { piece, .. } => {
                self.moment_of(pass, Filling::Backward, kept, pieces[piece].backward, in_flight);
            }
        }
    }

    fn moment_of(&mut self, pass: Pass, filling: Filling, kept: f64, passing: f64, in_flight: u64) {
        if kept + passing > self.kept + self.passing {
            self.moment = Moment { pass, filling, in_flight };
            (self.kept, self.passing) = (kept, passing);
        }
    }

    fn end(self) -> Peak {
        // A layer's blocks are too small for the logits; they serve its backward pass, as those of the logits do in parts.
        let other = match self.moment.filling {
            Filling::Loss => self.forward,
            Filling::Forward | Filling::Backward => 0.0,
        };
        Peak { moment: self.moment, kept: self.kept, passing: self.passing, other }
    }
}
