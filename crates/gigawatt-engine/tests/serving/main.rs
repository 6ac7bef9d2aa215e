//! The simulated replica: its table against the law, its closed forms against one token at a time, its queues against
//! theory.

mod agreement;
mod deployments;
mod queueing;
mod random;
mod table;
mod traces;
