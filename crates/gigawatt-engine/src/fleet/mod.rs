//! The fleet over a year: jobs, failures, repairs and who gets what, event by event.
//!
//! A [`Model`] says in numbers what is there, what works on it and how it is kept; [`simulate`] makes one [`History`] of
//! it and a seed. What costs is the number of events: servers that are well have no timer (`hazard`), free capacity
//! is found in a few steps (`places`, `free_times`), checkpoints are no events (`segment`), and jobs that are alike
//! wait as one (`backlog`). Time is in whole nanoseconds and simultaneous events keep the order in which they were
//! announced, so a model and a seed give the same history everywhere.
//!
//! At every change of every pool
//!
//! ```text
//! online = idle + allocated + broken + in maintenance
//! ```
//!
//! holds in accelerators, and the integrals of both sides over time are equal ([`Tally`]).

mod backlog;
mod batch_source;
mod free_times;
mod gang;
mod hazard;
mod histories;
mod history;
pub(crate) mod index_set;
mod jobs;
mod measures;
mod model;
mod of_buildout;
mod of_plan;
mod of_training;
mod places;
mod pool;
pub(crate) mod queue;
mod random;
mod segment;
mod simulation;
mod tally;

pub(crate) use batch_source::statistics;
pub use gang::{Account, Activity, Loss};
pub use hazard::Hazard;
pub use histories::{Drawn, Given, Histories, Trace, histories};
pub use history::{GangHistory, History, PoolHistory};
pub use measures::{
    BatchMeasure, Measures, OUTAGES, OutageMeasure, PoolDay, ServiceMeasure, SizeMeasure, Spread,
};
pub use model::{
    Backfill, BatchJob, Cause, CauseKind, Delivery, Domain, Elastic, Gang, Injected, Kind, Model, Operations,
    Pool, Preemption, Rules, Service, Stage, Team, Workload,
};
pub(crate) use of_buildout::RATED_SERVER;
pub use of_plan::{Detail, Fleet, FleetError};
pub use places::{Level, Structure};
pub use queue::{DAY, NEVER, SECOND, Time, nanoseconds, seconds};
pub use random::Stream;
pub use segment::Checkpoints;
pub use simulation::{Extra, Source, Unwatched, Watch};
pub use tally::{Group, STATES, State, Tally};

/// One history of a model. `sources` give the jobs of its batch workloads, in the order of these.
pub fn simulate(model: &Model, seed: u64, sources: Vec<Source<'_>>, watch: &mut dyn Watch) -> History {
    simulation::Simulation::new(model, seed, sources).run(watch)
}
