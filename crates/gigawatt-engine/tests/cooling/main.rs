//! Cooling: energy closes, hours have the answers of hand arithmetic, and years of real weather stand beside what
//! owners publish.

mod balance;
mod by_hand;
mod plans;
mod published;
