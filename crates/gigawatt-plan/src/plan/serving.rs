//! Models that a plan serves.

use serde::{Deserialize, Serialize};

use super::{HourPrice, Input, Machine, RunPlace};
use crate::catalog::Shape;
use crate::quantity::{Count, Duration, Ratio, RequestRate};
use crate::serving::{Engine, RouterName, ServingFormats, ServingLayout, TargetAt};

/// A model that is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServingPlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The model's architecture.
    pub shape: Shape,
    /// Index of the system that it runs on.
    pub system: usize,
    /// What of the accelerator and its system decides the time of an iteration.
    pub machine: Machine,
    /// Accelerators of a server.
    pub server: u64,
    /// The engine, with its limits as the scenario has them.
    pub engine: Engine,
    /// Number formats.
    pub formats: ServingFormats,
    /// Tokens guessed ahead, where they are.
    pub speculation: Option<SpeculationPlan>,
    /// How a replica lies on accelerators.
    pub layout: LayoutChoice,
    /// Replicas.
    pub replicas: u64,
    /// Whether a replica keeps prefixes of prompts to share.
    pub prefix_cache: bool,
    /// How requests find a replica.
    pub router: RouterName,
    /// What is asked.
    pub traffic: Traffic,
    /// What users are promised.
    pub targets: Targets,
    /// What power it takes and where.
    pub place: RunPlace,
    /// What an hour of an accelerator costs.
    pub price: HourPrice,
}

/// Tokens guessed ahead and checked in one iteration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpeculationPlan {
    /// Tokens guessed in an iteration.
    pub guessed: u64,
    /// The chance that a guess holds whose predecessors held.
    pub acceptance: Input<Ratio>,
}

/// Whether a scenario says how a replica lies on accelerators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutChoice {
    /// It says nothing: the cheapest is sought.
    Search,
    /// As said.
    Fixed(ServingLayout),
}

/// What is asked of a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// Requests of a mean length.
    Lengths {
        /// Mean tokens of a prompt.
        prompt: Input<Count>,
        /// Mean tokens of an answer.
        output: Input<Count>,
        /// Requests that come, where that is said.
        rate: Option<Input<RequestRate>>,
    },
    /// The requests of a trace.
    Trace(TraceFile),
}

/// A file of requests, read by whoever simulates it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceFile {
    /// Its name as written.
    pub name: String,
    /// The text that it is named in, relative to which it lies.
    pub named_in: String,
}

/// What users are promised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// Time to the first token.
    pub first_token: Option<Input<Duration>>,
    /// Time of each further token, as the mean over an answer.
    pub each_token: Option<Input<Duration>>,
    /// Of which requests they hold.
    pub at: TargetAt,
}
