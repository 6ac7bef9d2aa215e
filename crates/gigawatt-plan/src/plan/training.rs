//! Training runs of a plan.

use serde::{Deserialize, Serialize};

use super::{Input, InputId};
use crate::catalog::Shape;
use crate::period::Moment;
use crate::quantity::{ComputeRate, Count, Duration, HourlyPrice, Ratio};
use crate::training::{Framework, Layout, Month, Precision};

/// A training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingPlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What is trained.
    pub model: TrainedModel,
    /// Index of the system that it runs on.
    pub system: usize,
    /// What of the accelerator and its system decides the time of a step.
    pub machine: Machine,
    /// Number format of its matrices.
    pub precision: Precision,
    /// The stack of software.
    pub framework: Framework,
    /// What power it takes and where.
    pub place: RunPlace,
    /// When it starts.
    pub start: RunStart,
    /// How much later than that.
    pub delay: Option<Input<Duration>>,
    /// Tokens in all, where they are given; else the phases' add up to them.
    pub tokens: Option<Input<Count>>,
    /// Its parts, in order; at least one.
    pub phases: Vec<PhasePlan>,
    /// Work beyond that of its tokens, over that of its tokens.
    pub extra_work: Option<Input<Ratio>>,
    /// Part of its time in which it gets on.
    pub effective_time: Input<Ratio>,
    /// Factor on the time of a step: what its law may be wrong by.
    pub model_error: Input<Ratio>,
    /// What an hour of an accelerator costs.
    pub price: HourPrice,
    /// Accelerator-hours that its owner published for all stages of training.
    pub reported_hours: Option<Input<Count>>,
    /// Model FLOP per second and accelerator that its owner published.
    pub reported_rate: Option<Input<ComputeRate>>,
}

/// What a run trains.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainedModel {
    /// Its architecture.
    pub shape: Shape,
    /// Parameters that a token passes through, where they are said beside the architecture.
    pub active_parameters: Option<Input<Count>>,
    /// All its parameters, likewise.
    pub parameters: Option<Input<Count>>,
}

/// The accelerator and the system of a run, as the laws of kernels and links read them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Id of the accelerator in the catalogue.
    pub accelerator: String,
    /// Its maker, as the catalogue says.
    pub vendor: String,
    /// Its generation, as the catalogue says.
    pub generation: String,
    /// The month in which systems of it were first delivered.
    pub shipped: Month,
    /// How its scale-up links lie, as the catalogue says.
    pub wiring: String,
    /// Facts of the accelerator and of the system by their field names.
    pub facts: Vec<MachineFact>,
}

/// A fact of a machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineFact {
    /// Its field in the catalogue: `memory_bandwidth`.
    pub name: String,
    /// Its value.
    pub input: InputId,
}

impl Machine {
    /// The input of a fact.
    pub fn fact(&self, name: &str) -> Option<InputId> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.input)
    }
}

/// Where a run's power is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPlace {
    /// At a site of the plan, by its index.
    Site(usize),
    /// Nowhere in particular: as a practice has it.
    Anywhere {
        /// Average power drawn over nameplate power.
        utilisation: Input<Ratio>,
        /// IT power with network and storage over that of the servers alone.
        network_overhead: Input<Ratio>,
        /// Facility power over IT power.
        pue: Input<Ratio>,
    },
}

/// When a run starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStart {
    /// At a moment.
    At(Moment),
    /// When another ends, by its index, which is lower.
    After(usize),
}

/// What an hour of an accelerator costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HourPrice {
    /// As said.
    Given(Input<HourlyPrice>),
    /// What an hour of use costs the owner of a purchase, by the index of its unit costs in the vocabulary.
    Owner(usize),
    /// The market's rent of an H100, in proportion to the dense BF16 rate.
    Rent(Input<HourlyPrice>),
}

/// A part of a run with one layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhasePlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its tokens; none where it takes what the others leave of the run's.
    pub tokens: Option<Input<Count>>,
    /// How it is cut over its accelerators.
    pub layout: Layout,
}
