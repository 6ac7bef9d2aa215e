//! Sweeps: a scenario evaluated at many points, in parts that are written whole, so that it can be stopped, go on
//! and be shared between processes.

mod axis;
mod design;
mod folder;
mod manifest;
mod merge;
mod readings;
mod resolver;
mod work;

pub use axis::axes;
pub use design::{Choice, Design};
pub use folder::Folder;
pub use manifest::Manifest;
pub use merge::{column, merge};
pub use readings::readings;
pub use resolver::Resolver;
pub use work::Work;

/// Points that one sweep may have.
pub const MAXIMUM_POINTS: u64 = 10_000_000;
