//! Designs of a deployment, and what keeps one from being chosen.

use gigawatt_plan::serving::{LayoutFault, ServingLayout};
use serde::Serialize;

use super::worker::Pace;

/// A replica, or a worker for prompts or for answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerDesign {
    /// How it lies on accelerators.
    pub layout: ServingLayout,
    /// Tokens of an iteration at most.
    pub token_budget: u64,
    /// Sequences that each group with attention of its own runs at once, at most; prompts where it only has those.
    pub most_sequences: u64,
    /// Requests per second that it cannot exceed within the promise.
    pub ceiling: f64,
    /// What users see at that rate, s.
    pub first_token: f64,
    /// The same, s.
    pub each_token: f64,
}

impl WorkerDesign {
    pub(super) fn new(layout: ServingLayout, token_budget: u64, most_sequences: u64, pace: &Pace) -> Self {
        let Pace { first_token, each_token, rate } = *pace;
        Self { layout, token_budget, most_sequences, ceiling: rate, first_token, each_token }
    }
}

/// Where prompts and answers are worked on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Design {
    /// By the same replicas.
    Together(WorkerDesign),
    /// Each by workers of its own.
    Apart {
        /// For prompts.
        prefill: WorkerDesign,
        /// For answers.
        decode: WorkerDesign,
    },
}

/// What a worker does of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// Its prompt.
    Prefill,
    /// Its answer.
    Decode,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Whole, Self::Prefill, Self::Decode];

    /// What another worker does, where there is one.
    pub(super) fn other(self) -> Option<Self> {
        match self {
            Self::Whole => None,
            Self::Prefill => Some(Self::Decode),
            Self::Decode => Some(Self::Prefill),
        }
    }
}

/// Why a layout serves nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// It does not divide.
    Fault(LayoutFault),
    /// Weights and one request miss so many bytes on an accelerator.
    Memory(f64),
    /// With a single request at once the first token takes so long, s.
    FirstToken(f64),
    /// With a single request at once each token takes so long, s.
    EachToken(f64),
}

/// A layout that serves nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Out {
    /// Index of the choice.
    pub choice: usize,
    /// What it would have done.
    pub part: Part,
    /// The layout.
    pub layout: ServingLayout,
    /// Why, with the budget of tokens that comes nearest.
    pub reason: Reason,
}

/// What became of the designs of a space. A design is a replica, or a worker for prompts or for answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// In the space; pairs of workers are not counted.
    pub declared: u64,
    /// Do not divide.
    pub illegal: u64,
    /// Do not fit.
    pub memory: u64,
    /// Are too slow with a single request at once.
    pub slow: u64,
    /// Cannot be among the best by a bound of what they serve from above.
    pub bound: u64,
    /// Whose greatest batch within the promise was sought.
    pub evaluated: u64,
    /// Replicas and pairs of workers that were simulated.
    pub simulated: u64,
    /// Simulations.
    pub simulations: u64,
    /// Replicas and pairs of workers that were not simulated though their bound lies below the best.
    pub unproved: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.declared += other.declared;
        self.illegal += other.illegal;
        self.memory += other.memory;
        self.slow += other.slow;
        self.bound += other.bound;
        self.evaluated += other.evaluated;
        self.simulated += other.simulated;
        self.simulations += other.simulations;
        self.unproved += other.unproved;
    }
}

/// How many replicas, or workers of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Units {
    /// Replicas, or workers for answers.
    pub main: u64,
    /// Workers for prompts; none where replicas work on both.
    pub prefill: u64,
}

impl Design {
    /// The workers with how many there are of each.
    pub fn workers(&self, units: Units) -> impl Iterator<Item = (Part, WorkerDesign, u64)> {
        let (first, second) = match *self {
            Self::Together(worker) => ((Part::Whole, worker, units.main), None),
            Self::Apart { prefill, decode } => {
                ((Part::Prefill, prefill, units.prefill), Some((Part::Decode, decode, units.main)))
            }
        };
        std::iter::once(first).chain(second)
    }

    /// Accelerators of so many.
    pub fn accelerators(&self, units: Units) -> u64 {
        self.workers(units)
            .map(|(_, worker, number)| worker.layout.accelerators().saturating_mul(number))
            .sum()
    }

    /// Requests per second that so many cannot exceed within the promise.
    pub fn ceiling(&self, units: Units) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "workers are few")]
        let each = |(_, worker, number): (Part, WorkerDesign, u64)| worker.ceiling * number as f64;
        self.workers(units).map(each).fold(f64::INFINITY, f64::min)
    }
}
