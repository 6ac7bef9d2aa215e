//! Memory of all stages: the fullest, and the course of each through a step.

use super::parts::Memory;
use super::stage::{Filling, Moment, PieceMemory, passing, turns};
use crate::training::schedule::Pass;
use crate::training::timeline::{Slice, Timeline};

/// A stage's memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageMemory {
    /// At its fullest moment.
    pub peak: Memory,
    /// When that is.
    pub moment: Moment,
    /// The most bytes that an accelerator of it has in the memory of its host.
    pub host: f64,
}

/// Memory of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Footprint {
    /// By stage.
    pub stages: Vec<StageMemory>,
    pub(super) pieces: Vec<PieceMemory>,
}

/// A point of a stage's course through a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant {
    /// Seconds from the start of the first pass.
    pub seconds: f64,
    /// Bytes.
    pub bytes: f64,
}

impl Footprint {
    /// The fullest stage and its index.
    pub fn fullest(&self) -> (usize, &StageMemory) {
        let by_total = |(_, a): &(usize, &StageMemory), (_, b): &(usize, &StageMemory)| {
            a.peak.total().total_cmp(&b.peak.total())
        };
        // There is always a stage: a layout without one counts as one of one.
        self.stages.iter().enumerate().max_by(by_total).unwrap_or((0, &NO_STAGE))
    }

    /// The fullest stage's memory.
    pub fn peak(&self) -> Memory {
        self.fullest().1.peak
    }

    /// The stage that needs most and its memory, cached blocks apart.
    pub fn neediest(&self) -> (usize, Memory) {
        let stages = self.stages.iter().map(|stage| stage.peak).enumerate();
        let most = stages.max_by(|(_, a), (_, b)| a.needed().total_cmp(&b.needed()));
        most.unwrap_or_default()
    }

    /// The stage whose accelerators have most in the memory of their host, and how many bytes that is.
    pub fn most_on_host(&self) -> (usize, f64) {
        let stages = self.stages.iter().map(|stage| stage.host).enumerate();
        stages.max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap_or((0, 0.0))
    }

    /// The memory of the stage that needs most.
    pub fn needed(&self) -> Memory {
        self.neediest().1
    }

    /// The course through a step of the memory that every stage needs, cached blocks apart. For every pass of the
    /// timeline three instants: before it, its fullest moment, and after it; the highest of all is what the stage's
    /// [peak](StageMemory::peak) needs. Over what the timeline leaves out it goes up and down as before and after.
    ///
    /// Empty where the timeline is not of this footprint's pieces.
    pub fn course(&self, timeline: &Timeline) -> Vec<Vec<Instant>> {
        if timeline.stages.len() != self.stages.len() || timeline.pieces.len() != self.pieces.len() {
            return Vec::new();
        }
        let stages = self.stages.iter().zip(&timeline.stages);
        stages.map(|(stage, slices)| self.course_of(standing(stage.peak), slices)).collect()
    }

    fn course_of(&self, standing: f64, slices: &[Slice]) -> Vec<Instant> {
        let mut kept = 0.0;
        let mut line = Vec::with_capacity(3 * slices.len());
        for Slice { pass, start, end } in slices {
            let mut add = |seconds: f64, bytes: f64| line.push(Instant { seconds, bytes: standing + bytes });
            add(*start, kept);
            let (begun, ended) = turns(*pass);
            kept += begun.map_or(0.0, |piece| self.pieces[piece].kept);
            // A backward pass is fullest as it begins, a forward one as it ends.
            add(if begun.is_some() { *end } else { *start }, kept + passing(*pass, &self.pieces).0);
            kept = f64::max(kept - ended.map_or(0.0, |piece| self.pieces[piece].kept), 0.0);
            add(*end, kept);
        }
        line
    }
}

const NO_STAGE: StageMemory = StageMemory {
    peak: Memory {
        parameters: 0.0,
        gradients: 0.0,
        optimizer: 0.0,
        gathered: 0.0,
        activations: 0.0,
        loss: 0.0,
        working: 0.0,
        buffers: 0.0,
        workspace: 0.0,
        cached: 0.0,
        fragmentation: 0.0,
        outside: 0.0,
    },
    moment: Moment {
        pass: Pass::Forward { micro_batch: 0, piece: 0 },
        filling: Filling::Forward,
        in_flight: 0,
    },
    host: 0.0,
};

/// What stays through the whole step.
fn standing(peak: Memory) -> f64 {
    peak.needed() - peak.activations - peak.loss - peak.working
}
