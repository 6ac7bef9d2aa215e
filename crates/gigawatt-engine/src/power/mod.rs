//! Power: what accelerators, servers and racks draw, and what comes of it on the way to the grid.
//!
//! [`load`] turns what a job does (arithmetic, memory and link traffic) into watts; [`swing`] has the course of a training
//! step as a periodic signal with its spectrum, and what smooths it; [`storage`] buffers swings and carries loads while a
//! feed is lost; [`chain`] is the tree from the grid to the racks with its losses and limits;
//! [`grid`] puts the minutes of a year through it; [`operation`] has what sites draw on average in closed form, for every draw. Everything is in base units: W, J, s, B, FLOP/s.

pub mod chain;
mod coefficients;
mod facts;
pub mod grid;
pub mod load;
pub mod operation;
pub mod storage;
pub mod swing;

pub use coefficients::PowerCoefficients;
pub use facts::{ElectricalFacts, MissingElectrical, RackStorage, SiteBattery, StageFacts};
