//! The times of a pipeline's pieces, and what its busiest stage does through a step.

use gigawatt_plan::training::{Layout, Schedule};

use super::coefficients::TrainingCoefficients;
use super::number::count;
use super::parts::Passes;
use super::schedule::{Pass, Pieces, Placement, order};
use super::step::Breakdown;

/// Share of its processors that an accelerator gives to communication while that runs beside work: 20 of an H800's 132
/// saturate its links (DeepSeek-V3, arXiv 2412.19437, 3.2.2).
const COMMUNICATION_SHARE: f64 = 20.0 / 132.0;

/// A pipeline with its messages.
pub(super) struct Pipeline {
    /// The times of its pieces.
    pub(super) pieces: Pieces,
    /// Of a message between stages what a pass waits for, in seconds.
    pub(super) seen: f64,
    /// Of the communication of a forward pass of each piece, together with the backward pass that it runs with, the share
    /// that is visible.
    pub(super) visible: Vec<f64>,
}

/// Of a message between stages of `hop` seconds what a pass waits for: a plain schedule waits for all of it, one with
/// several pieces a stage has others to work on meanwhile.
pub(super) fn visible_hop(layout: &Layout, hop: f64, with: &TrainingCoefficients) -> f64 {
    if layout.virtual_stages > 1 { with.hop_visible * hop } else { hop }
}

/// Prices the pieces of a pipeline, `hop` being the time of a message between stages.
pub(super) fn pipeline(
    layout: &Layout,
    passes: &[Passes],
    hop: f64,
    with: &TrainingCoefficients,
) -> Pipeline {
    let stages = Placement::of_layout(layout).stages();
    let seen = visible_hop(layout, hop, with);
    let all = passes.len();
    let pairs: Vec<Pair> = if layout.schedule == Schedule::DualPipe {
        (0..all).map(|piece| Pair::of(&passes[piece], &passes[all - 1 - piece], 2.0 * hop)).collect()
    } else {
        Vec::new()
    };
    let pieces = Pieces {
        stages,
        forward: passes.iter().map(|passes| passes.forward.total() + seen).collect(),
        backward: passes.iter().map(|passes| passes.back() + seen).collect(),
        weights: passes.iter().map(|passes| passes.weights).collect(),
        together: pairs.iter().map(|pair| pair.seconds).collect(),
        hop: hop - seen,
    };
    Pipeline { pieces, seen, visible: pairs.iter().map(|pair| pair.visible).collect() }
}

impl Pipeline {
    /// The stage that works longest.
    pub(super) fn busiest(&self, schedule: Schedule) -> usize {
        let work = |stage: &usize| self.pieces.work(schedule, *stage);
        (0..self.pieces.stages).max_by(|a, b| work(a).total_cmp(&work(b))).unwrap_or(0)
    }

    /// What a stage does through a step: passes, what is computed again, and messages.
    pub(super) fn work(&self, layout: &Layout, passes: &[Passes], stage: usize) -> Breakdown {
        let placement = Placement::of_layout(layout);
        let number = count(layout.micro_batches());
        #[expect(clippy::cast_precision_loss, reason = "one or two copies")]
        let each = number / placement.copies() as f64;
        let mut work = Breakdown::default();
        for piece in placement.held(stage) {
            work.passes.add(&passes[piece].forward, each);
            work.passes.add(&passes[piece].backward, each);
            work.again += passes[piece].again.total() * each;
            work.hops += 2.0 * self.seen * each;
        }
        // Passes that run together hide communication behind work.
        let micro_batches = usize::try_from(layout.micro_batches()).unwrap_or(1);
        if !self.visible.is_empty() {
            for pass in order(layout.schedule, placement.stages(), 1, stage, micro_batches) {
                if let Pass::Together { forward, backward } = pass {
                    let hidden = 1.0 - self.visible[forward.piece];
                    let (one, other) = (&passes[forward.piece], &passes[backward.piece]);
                    work.passes.expert -= hidden * (one.forward.expert + other.backward.expert);
                    work.again -= hidden * other.again.expert;
                    work.hops -= hidden * 2.0 * self.seen;
                }
            }
        }
        work
    }
}

/// Seconds of work and communication that run beside each other, see [`Pair::of`].
pub(super) fn together(work: f64, communication: f64) -> f64 {
    communication.max(work + COMMUNICATION_SHARE * communication)
}

/// A forward and a backward pass that run together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pair {
    seconds: f64,
    /// Share of their communication that is visible.
    visible: f64,
}

impl Pair {
    /// Expert traffic and `messages` between stages run beside the work of both passes. While they do, they take a share
    /// `q` of the processors, so that `k` seconds of work and `c` of communication take
    ///
    /// ```text
    /// max(c, k + q c)
    /// ```
    fn of(forward: &Passes, backward: &Passes, messages: f64) -> Self {
        let communication =
            forward.forward.expert + backward.backward.expert + backward.again.expert + messages;
        let work = forward.forward.total() + backward.back() + messages - communication;
        let seconds = together(work, communication);
        let visible = if communication > 0.0 { (seconds - work) / communication } else { 0.0 };
        Self { seconds, visible }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::Parts;
    use super::*;

    #[test]
    fn communication_hides_behind_work_at_the_price_of_its_processors() {
        let passes = |matrix, expert| {
            let parts = Parts { matrix, expert, ..Parts::default() };
            Passes { forward: parts, backward: parts, ..Passes::default() }
        };
        let pair =
            |matrix, expert, messages| Pair::of(&passes(matrix, expert), &passes(matrix, expert), messages);
        assert_eq!(pair(1.0, 0.0, 0.0), Pair { seconds: 2.0, visible: 0.0 });
        let hidden = pair(1.0, 0.4, 0.2);
        assert!((hidden.seconds - (2.0 + COMMUNICATION_SHARE)).abs() < 1e-12);
        assert!((hidden.visible - COMMUNICATION_SHARE).abs() < 1e-12);
        // More communication than work: it is what takes time.
        let short = pair(1.0, 2.0, 1.0);
        assert!((short.seconds - 5.0).abs() < 1e-12 && (short.visible - 3.0 / 5.0).abs() < 1e-12);
    }
}
