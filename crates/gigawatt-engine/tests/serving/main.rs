//! The simulated replica: its table against the law, its closed forms against one token at a time, its queues against
//! theory.

#![expect(clippy::print_stdout, reason = "what agreed and how near theory is is read with --nocapture")]

mod agreement;
mod deployments;
mod queueing;
mod random;
mod table;
mod traces;
