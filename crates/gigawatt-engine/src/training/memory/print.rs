//! Memory of all stages: the fullest, and the course of each through a step.

use super::parts::Memory;
use super::stage::{Filling, Moment, PieceMemory, passing, turns};
use crate::training::schedule::{Pass, Pieces, timeline};

/// A stage's memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageMemory {
    /// At its fullest moment.
    pub peak: Memory,
    /// When that is.
    pub moment: Moment,
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

    /// The memory of the stage that needs most.
    pub fn needed(&self) -> Memory {
        self.neediest().1
    }

    /// The course of every stage's memory through the passes of a step whose pieces take `times`: at the start and the
    /// fullest moment of every pass. Empty where `times` are not of this footprint's pieces.
    pub fn course(
        &self,
        schedule: gigawatt_plan::training::Schedule,
        times: &Pieces,
        micro_batches: usize,
    ) -> Vec<Vec<Instant>> {
        let stages = self.stages.len();
        if times.stages != stages || times.forward.len() != self.pieces.len() {
            return Vec::new();
        }
        let still: Vec<f64> = self.stages.iter().map(|one| one.peak).map(standing).collect();
        let mut kept = vec![0.0; stages];
        let mut course = vec![Vec::new(); stages];
        for (stage, pass, start, end) in timeline(schedule, times, micro_batches) {
            let at = |seconds, bytes| Instant { seconds, bytes };
            let base = still[stage];
            let line: &mut Vec<Instant> = &mut course[stage];
            line.push(at(start, base + kept[stage]));
            let (begun, ended) = turns(pass);
            kept[stage] += begun.map_or(0.0, |piece| self.pieces[piece].kept);
            // A backward pass is fullest as it begins, a forward one as it ends.
            let fullest = base + kept[stage] + passing(pass, &self.pieces).0;
            line.push(at(if begun.is_some() { end } else { start }, fullest));
            if let Some(piece) = ended {
                kept[stage] = f64::max(kept[stage] - self.pieces[piece].kept, 0.0);
                line.push(at(end, base + kept[stage]));
            }
        }
        course
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
};

/// What stays through the whole step.
fn standing(peak: Memory) -> f64 {
    peak.total() - peak.activations - peak.loss - peak.working
}
