//! The deployment with engines whose queues have known laws.

mod conservation;
mod disaggregation;
mod engines;
mod incidents;
mod queueing;
mod scaling;
mod stand_in;
