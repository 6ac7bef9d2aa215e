//! What traces of every kind have in common: lines of bounded length, lines left out and told, stamps of time,
//! distributions in bounded memory.

pub(crate) mod faults;
pub(crate) mod lines;
mod sketch;
mod stamp;

pub use faults::{Cause, LeftOut, OpenError};
pub use sketch::LogHistogram;
pub(crate) use stamp::stamp;
