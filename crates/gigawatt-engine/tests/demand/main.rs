//! Demand held against traces, published facts, arithmetic by other ways, and itself.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and tells what it measured"
)]

mod catalogue;
mod conservation;
mod published;
mod service;
mod trace;
