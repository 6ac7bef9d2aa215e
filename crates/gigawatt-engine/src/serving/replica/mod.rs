//! A replica: one engine, its batch, its cache and its queue, event by event.
//!
//! Requests come ([`Arrival`]), are admitted into the batch when an iteration begins, and leave it with an [`Outcome`].
//! Iteration times come from an [`IterationTable`] of whole numbers, so that the time of a run of iterations between two
//! changes of the batch has an exact closed form.
//!
//! A replica whose attention is parallel over sequences (`attention_data` groups) is as many of these, each with the table
//! of an iteration in which all groups have equal batches.

mod batching;
mod chains;
mod memory;
mod options;
mod pace;
mod prefix;
mod progress;
mod queue;
mod reference;
mod request;
mod scheduling;
mod sequence;
mod table;
#[cfg(test)]
mod tests;

pub use batching::Replica;
pub use options::{Admission, Blocks, Order, Prefix, ReplicaOptions, Role, Victim};
pub use reference::token_by_token;
pub use request::{Arrival, End, Load, Outcome, Refusal, Work};
pub use table::{IterationTable, LinearTimes};
