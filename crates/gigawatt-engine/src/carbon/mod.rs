//! Energy and carbon by the hour: what contracts cost, what electricity and hardware emit, and what is gained by moving
//! work that can wait.
//!
//! Everything here takes hours: energies in joule, prices in US dollar per joule, intensities in kilogram of CO2e per
//! joule, of as many hours as the year has. Hours of a site's series come from its plan ([`hourly`]), energies from a
//! plant ([`crate::cooling`]) or from the chain of power.

mod contracts;
mod embodied;
mod emissions;
mod hours;
mod shifting;
mod tree;

pub use contracts::{Bill, Contract, bill};
pub use embodied::{Embodied, Footprint};
pub use emissions::{Attribute, Emissions, emissions};
pub use hours::{Hourly, hourly};
pub use shifting::{Deferrable, Shifted, shift};
