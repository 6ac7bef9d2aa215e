//! The day of a served demand by sampled replicas.
//!
//! A deployment of thousands of replicas is as many copies of one engine, each with its share of the sessions. Sessions begin at random, and so
//! do those of each replica when a router gives whole sessions to replicas at random (a Poisson process split at random is
//! Poisson processes: Kingman 1993). So [`sample`] simulates one engine, event by event, at a grid of loads, some minutes at a time, and
//! again with other random numbers until the 95 % intervals are narrow or a budget of requests is spent. A router that weighs loads
//! does better than this.
//!
//! Then every hour has its expected requests ([`HourlyDemand`](super::HourlyDemand)), dealt to the regions within reach
//! ([`Reach`](super::Reach)), and the replicas that the fluid model starts for them ([`FluidService`](super::FluidService)). With
//! `λ = d / (3600 n)` requests a second for each of `n` replicas,
//!
//! ```text
//! attainment(hour) = Σ_i f_i A(λ f_i) / Σ_i f_i,     f_i = quantiles of what nobody foresees of the hour's rate
//! ```
//!
//! where `A` is the table, straight between loads; its interval is that of sampling and what straight lines may be off. The hour that comes nearest
//! to saturation is simulated again at its own loads, with other random numbers, and stands beside what the table says of it.

mod check;
mod hours;
mod replication;
mod requests;
mod sampling;
mod sensitivity;
mod stage;
mod table;
#[cfg(test)]
mod tests;

pub use check::CheckedHour;
pub use hours::{Costs, HourOfPlace, ServedHours, ServedWeek, ServingSite};
pub use replication::{RequestTargets, SampledEngine};
pub use requests::{Context, Conversation};
pub use sampling::{Effort, SamplingAsked, sample, sample_load};
pub use sensitivity::{ServedEffect, ServedSensitivity};
pub use stage::{Served, ServedError, serve};
pub use table::{SURE, SampledPoint, SampledResponse};
