//! Loads: the power of an accelerator, of the system around it, and of what jobs do.
//!
//! An accelerator draws
//!
//! ```text
//! P = min(limit, base + (full - waiting) u + m B + l L)
//! ```
//!
//! `base` is its idle power, or the waiting power where it holds a job; `u` the achieved matrix rate over the rate that
//! large products sustain, `full` what these draw (the law of the [device](crate::device) has both from one energy of a
//! FLOP), `B` memory traffic, `L` link traffic with energies of a byte `m` and `l`. Power is driven by what is achieved:
//! in published traces the median accelerator is 97 % utilised and draws a quarter of its limit.

mod accelerator;
mod clock;
mod population;
mod serving;
mod states;
mod system;
mod training;

pub use accelerator::{AcceleratorPower, Activity, Links};
pub use clock::{Capped, Governor};
pub use population::{Mixture, Population};
pub use serving::iteration_power;
pub use states::StatePower;
pub use system::SystemPower;
pub use training::{Phase, StepPower, step_power};
