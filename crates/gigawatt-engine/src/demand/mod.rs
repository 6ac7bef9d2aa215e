//! Demand: from people to requests and tokens, hour by hour and region by region, and from these to replicas.
//!
//! | module | law |
//! |---|---|
//! | [`Session`] | tokens of turns that see what was said before, and what a cache still holds of it |
//! | [`Habits`], [`HourlyDemand`] | requests of a population; hours that add up to it |
//! | [`DayShape`] | hours of a week in local time |
//! | [`Burst`] | what a few clients stir around it; index of dispersion |
//! | [`fit_traffic`] | both from counted rates |
//! | [`Place`], [`Reach`] | round trips; capacity that follows the sun |
//! | [`AgentWork`] | merged changes, share of the code and costs of agents |
//! | [`Response`], [`FluidService`], [`ServiceCost`] | replicas, power and money for a demand |
//! | [`served`] | what users see hour by hour, from sampled replicas |
//!
//! The stage computes for every draw what needs no replica. Everything is in base units: s, tokens, USD, W; hours of the
//! day and of memory are in hours.

mod activity;
mod agents;
mod burst;
mod day;
mod fit;
mod fluid;
mod follow;
mod places;
mod population;
mod response;
pub mod served;
mod session;
mod stage;

pub use agents::AgentWork;
pub use burst::{Burst, WINDOW, factor_at, hourly_autocorrelation};
pub use day::{DayShape, WEEK};
pub use fit::{TrafficFit, fit_traffic};
pub use fluid::{FluidService, Provision, ReplicaCost, Scaling, ServiceCost};
pub use follow::{Dealt, MOST, Reach};
pub use places::Place;
pub use population::{Habits, HourlyDemand};
pub use response::{Latency, LoadPoint, Response, ResponseError, Targets};
pub use session::{Session, Tokens};
pub use stage::{Demands, burst, day_shape, habits, hourly_demand, reach, user_days, work};
