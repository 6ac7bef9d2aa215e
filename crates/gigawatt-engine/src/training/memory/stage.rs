//! A stage's memory through the passes of its schedule.

use gigawatt_plan::training::Schedule;

use crate::training::schedule::{Pass, Placement, order};

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
    /// Of each micro-batch in the host's memory from its forward to its backward pass.
    pub sent: f64,
}

impl PieceMemory {
    /// With what its layers keep in the host's memory, but for two layers' worth while a pass works: one in use and one on its
    /// way. `layers` are the bytes of all, `largest` those of the largest.
    pub fn offloaded(self, layers: f64, largest: f64) -> Self {
        let here = layers.min(2.0 * largest);
        let loss = if self.loss > 0.0 { self.loss + here } else { 0.0 };
        Self {
            kept: (self.kept - layers).max(0.0),
            loss,
            forward: self.forward + here,
            backward: self.backward + here,
            sent: layers,
        }
    }
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
    /// The most bytes that are in the host's memory at once.
    pub sent: f64,
}

/// The fullest moment of `stage`.
pub(super) fn peak(
    schedule: Schedule,
    pieces: &[PieceMemory],
    placement: Placement,
    stage: usize,
    micro_batches: usize,
) -> Peak {
    let piece = placement.held(stage).next().unwrap_or(stage);
    let mut fullest = Fullest::new(Pass::Forward { micro_batch: 0, piece });
    if schedule == Schedule::GPipe {
        all_forward_first(&mut fullest, pieces, placement, stage, micro_batches);
        return fullest.end();
    }
    // From some rounds on, one round is like the one before.
    let stages = placement.stages();
    let few = micro_batches.min(4 * stages + micro_batches % stages);
    let (mut kept, mut sent, mut in_flight) = (0.0, 0.0, 0_u64);
    for pass in order(schedule, stages, placement.pieces() / stages, stage, few) {
        let (begun, ended) = turns(pass);
        if let Some(piece) = begun {
            kept += pieces[piece].kept;
            sent += pieces[piece].sent;
            in_flight += 1;
        }
        // With the pass that runs, before what it frees is freed.
        fullest.see(pass, pieces, kept, in_flight);
        fullest.sent = fullest.sent.max(sent);
        if let Some(piece) = ended {
            kept = f64::max(kept - pieces[piece].kept, 0.0);
            sent = f64::max(sent - pieces[piece].sent, 0.0);
            in_flight = in_flight.saturating_sub(1);
        }
    }
    fullest.end()
}

/// The pieces whose activations a pass begins to keep, and no longer keeps in the end.
///
/// Gradients of weights need the operands of the forward pass and the gradients of what came of them: together about
/// what was kept (Qi et al. 2023, arXiv 2401.10241, table 1: `32 s b h` of `34 s b h`), which is taken to stay whole.
pub(super) fn turns(pass: Pass) -> (Option<usize>, Option<usize>) {
    match pass {
        Pass::Forward { piece, .. } => (Some(piece), None),
        Pass::Backward { piece, .. } | Pass::Weights { piece, .. } => (None, Some(piece)),
        Pass::Inputs { .. } => (None, None),
        Pass::Together { forward, backward } => (Some(forward.piece), Some(backward.piece)),
    }
}

/// What is alive for the fullest moment of a pass beside what is kept, in bytes, and what fills it.
pub(super) fn passing(pass: Pass, pieces: &[PieceMemory]) -> (f64, Filling) {
    let forward = |piece: usize| {
        let PieceMemory { loss, forward, .. } = pieces[piece];
        if loss > forward { (loss, Filling::Loss) } else { (forward, Filling::Forward) }
    };
    match pass {
        Pass::Forward { piece, .. } => forward(piece),
        Pass::Backward { piece, .. } | Pass::Inputs { piece, .. } => {
            (pieces[piece].backward, Filling::Backward)
        }
        // Sums into gradients that are there.
        Pass::Weights { .. } => (0.0, Filling::Backward),
        Pass::Together { forward: one, backward: other } => {
            let ((ahead, filling), back) = (forward(one.piece), pieces[other.piece].backward);
            (ahead + back, if ahead > back { filling } else { Filling::Backward })
        }
    }
}

/// With all forward passes before all backward ones, the fullest moments are where they meet.
fn all_forward_first(
    fullest: &mut Fullest,
    pieces: &[PieceMemory],
    placement: Placement,
    stage: usize,
    micro_batches: usize,
) {
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    let number = micro_batches as f64;
    let kept = number * placement.held(stage).map(|piece| pieces[piece].kept).sum::<f64>();
    fullest.sent = number * placement.held(stage).map(|piece| pieces[piece].sent).sum::<f64>();
    let in_flight = (micro_batches as u64).saturating_mul(placement.held(stage).count() as u64);
    let micro_batch = micro_batches.saturating_sub(1);
    for piece in placement.held(stage) {
        for pass in [Pass::Forward { micro_batch, piece }, Pass::Backward { micro_batch, piece }] {
            fullest.see(pass, pieces, kept, in_flight);
        }
    }
}

/// The fullest moment so far.
struct Fullest {
    moment: Moment,
    kept: f64,
    passing: f64,
    /// The most that is alive for a moment of a forward pass.
    forward: f64,
    /// The most that is in the host's memory.
    sent: f64,
}

impl Fullest {
    fn new(pass: Pass) -> Self {
        Self {
            moment: Moment { pass, filling: Filling::Forward, in_flight: 0 },
            kept: 0.0,
            passing: 0.0,
            forward: 0.0,
            sent: 0.0,
        }
    }

    fn see(&mut self, pass: Pass, pieces: &[PieceMemory], kept: f64, in_flight: u64) {
        if let (Some(piece), _) = turns(pass) {
            self.forward = self.forward.max(pieces[piece].forward);
        }
        let (passing, filling) = passing(pass, pieces);
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
        Peak { moment: self.moment, kept: self.kept, passing: self.passing, other, sent: self.sent }
    }
}
