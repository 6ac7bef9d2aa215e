//! Which stage holds which pieces.

use gigawatt_plan::training::{Layout, Schedule};

/// Where the pieces of a model lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    stages: usize,
    virtual_stages: usize,
    form: Form,
}

/// How a micro-batch passes the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// From the first to the last, and from the first again.
    Rounds,
    /// From the first to the last and back.
    There,
    /// Every second one from the first to the last, the others from the last to the first.
    BothWays,
}

impl Placement {
    /// The placement that a schedule asks for; in rounds where the numbers are not those that it is made for.
    pub fn of(schedule: Schedule, stages: usize, virtual_stages: usize) -> Self {
        let form = match (schedule, virtual_stages) {
            (Schedule::ZeroBubbleV, 2) if stages > 1 => Form::There,
            (Schedule::DualPipe, 1) if stages > 0 && stages.is_multiple_of(2) => Form::BothWays,
            _ => Form::Rounds,
        };
        Self { stages: stages.max(1), virtual_stages: virtual_stages.max(1), form }
    }

    /// That of a layout.
    pub fn of_layout(layout: &Layout) -> Self {
        let whole = |number: u64| usize::try_from(number).unwrap_or(1);
        Self::of(layout.schedule, whole(layout.pipeline), whole(layout.virtual_stages))
    }

    pub(super) fn form(self) -> Form {
        self.form
    }

    /// Stages.
    pub fn stages(self) -> usize {
        self.stages
    }

    /// Pieces into which the model is cut.
    pub fn pieces(self) -> usize {
        self.stages * self.virtual_stages
    }

    /// The stage on which a micro-batch passes a piece.
    pub fn stage_of(self, piece: usize, micro_batch: usize) -> usize {
        match self.form {
            Form::There if piece >= self.stages => 2 * self.stages - 1 - piece,
            Form::BothWays if !micro_batch.is_multiple_of(2) => self.stages - 1 - piece,
            _ => piece % self.stages,
        }
    }

    /// The pieces that a stage holds, in the order in which a micro-batch passes them.
    pub fn held(self, stage: usize) -> impl Iterator<Item = usize> {
        let last = self.pieces() - 1;
        let first = if self.form == Form::BothWays { stage.min(last - stage.min(last)) } else { stage };
        let (step, number) = match self.form {
            Form::Rounds => (self.stages, self.virtual_stages),
            Form::There | Form::BothWays => (last.saturating_sub(2 * first).max(1), 2),
        };
        (first..=last).step_by(step).take(number)
    }

    /// Copies of each piece.
    pub fn copies(self) -> usize {
        if self.form == Form::BothWays { 2 } else { 1 }
    }

    /// Whether the piece after this one is on the same stage: no message goes between them.
    pub fn stays(self, piece: usize) -> bool {
        self.form == Form::There && piece + 1 == self.stages
    }
}
