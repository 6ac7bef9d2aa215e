//! The chain from the grid to the racks: a tree of stages with ratings, losses and redundancy, what it can carry, and who
//! gives way where it cannot.

mod capping;
mod flow;
mod stage;

pub use capping::{Given, Group, Shed};
pub use flow::{Capacity, Chain, ChainError, Flow, Overload};
pub use stage::{Redundancy, Stage};
