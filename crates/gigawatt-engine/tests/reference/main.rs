//! Tests on the scenarios that the project ships, through the same functions that the binary uses.

mod arithmetic;
mod dependence;
mod funding;
mod independent;
mod invariants;
mod ranking;
mod scenario;
mod series;
mod small;
mod spread;
mod training;
