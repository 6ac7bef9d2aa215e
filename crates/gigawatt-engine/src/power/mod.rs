//! Power: what accelerators, servers and racks draw, and what comes of it on the way to the grid.
//!
//! [`load`] turns what a job does (arithmetic, memory and link traffic) into watts. Everything is in base units: W, J,
//! s, B, FLOP/s.

mod coefficients;
pub mod load;

pub use coefficients::PowerCoefficients;
