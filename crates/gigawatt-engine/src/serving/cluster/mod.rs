//! A deployment of many replicas: who gets which request, how many replicas there are, what befalls them, and what users see.
//!
//! [`simulate`] takes a [`Cluster`] and [`Requests`] in the order of their arrival. Engines advance only where something
//! has to be known of them: a router that looks at none ([`Router::Random`]) costs one visit a request, one that weighs all
//! ([`Router::LeastLoaded`]) follows their next changes in a tournament. At one time changes of engines come first, by index,
//! then what was announced, in the order of announcement, then arrivals.
//!
//! Every request ends once, so that at the end
//!
//! ```text
//! offered = done + refused + lost + in flight
//! ```

mod batches;
mod course;
mod model;
mod observed;
mod requests;
mod result;
mod routing;
mod scaling;
mod server;
mod simulation;
mod statistics;
#[cfg(test)]
mod tests;
mod tournament;

pub use batches::{Batches, Interval};
pub use course::{Bin, Course, Level, Point};
pub use model::{
    Admission, Class, Cluster, ClusterError, Incident, IncidentKind, Measured, PrefixRule, Router, Scaling,
    ScalingLoad, Targets, Transfer,
};
pub use observed::Observed;
pub use requests::{ClosedLoop, Length, Requests};
pub use result::{ClassResult, ClusterResult, Counts, Ended, Rates};
pub use server::{Batching, Blueprint, Room, Server};
pub use simulation::{ReplicaState, STATES};
pub use statistics::{Group, Metric};

use crate::fleet::Watch;

/// Simulates a deployment until every request has ended, its end has come, or whoever watches has seen enough.
///
/// `told` hears of every request once when it is known how it ended: in the order of time where the router or anything else
/// of the model needs that, else in the order of each engine. `watch` hears of the time and of the requests that have ended.
///
/// # Errors
/// [`ClusterError`] where the model cannot serve anything or names what it does not have.
pub fn simulate<B: Blueprint>(
    model: &Cluster<B>,
    requests: &mut dyn Requests,
    told: &mut dyn FnMut(&Ended),
    watch: &mut dyn Watch,
) -> Result<ClusterResult, ClusterError> {
    model.check()?;
    Ok(simulation::Simulation::new(model, requests, told).run(watch))
}
