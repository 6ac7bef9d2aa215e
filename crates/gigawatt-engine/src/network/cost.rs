//! What a collective costs, and where.

use super::MOST_TIERS;

/// A collective operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collective {
    /// Every rank ends with the sum of all vectors.
    AllReduce,
    /// Every rank ends with its part of the sum.
    ReduceScatter,
    /// Every rank ends with the parts of all.
    AllGather,
    /// Every rank ends with one rank's vector.
    Broadcast,
    /// Every rank sends each other a part of its own.
    AllToAll,
}

/// How a stage is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Around a ring.
    Ring,
    /// Along two binary trees that complement each other.
    Trees,
    /// Recursive halving, doubling back.
    Halving,
    /// Sums made by the switch.
    InSwitch,
    /// Every pair for itself.
    Direct,
    /// Every rank reads whole vectors of all others.
    OneShot,
    /// Every rank sums its part and the others read it.
    TwoShot,
}

/// The part of a collective on one tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Index of the tier.
    pub tier: usize,
    /// How it is done.
    pub algorithm: Algorithm,
    /// Latency of one step, which each further chunk pays, s.
    pub step: f64,
    /// Latency of all its steps, s.
    pub latency: f64,
    /// Time that its bytes take, s.
    pub transfer: f64,
    /// Bytes that a rank puts on its link of the tier in one direction.
    pub wire_bytes: f64,
}

/// Time of a collective, with its stages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Time from the first rank's start to the last rank's end, s.
    pub seconds: f64,
    /// Chunks in which the vector went through the tiers.
    pub chunks: u32,
    stages: [Stage; MOST_TIERS],
    used: usize,
}

const NOTHING: Stage =
    Stage { tier: 0, algorithm: Algorithm::Ring, step: 0.0, latency: 0.0, transfer: 0.0, wire_bytes: 0.0 };

impl Cost {
    /// Of doing nothing.
    pub const FREE: Self = Self { seconds: 0.0, chunks: 1, stages: [NOTHING; MOST_TIERS], used: 0 };

    /// The stages, smallest tier first.
    pub fn stages(&self) -> &[Stage] {
        &self.stages[..self.used]
    }

    pub(super) fn push(&mut self, stage: Stage) {
        if let Some(place) = self.stages.get_mut(self.used) {
            *place = stage;
            self.used += 1;
        }
    }
}
