//! Power: laws against closed forms, hand arithmetic and published figures.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "the errors are read with --nocapture")]

mod chain;
mod cluster;
mod grid;
mod load;
mod machines;
mod site;
mod storage;
mod swing;
