//! A site as its grid sees it: its load minute by minute over a year, through its chain, against what a utility allows.
//!
//! Loads are run lengths: days of states of accelerators, stretches of large jobs, a daily course of serving and, for many small
//! jobs, a random course with the variance and the memory that their sizes and run times give. At every minute
//!
//! ```text
//! racks + overhead + losses = grid + own generation + what storage gives
//! ```
//!
//! What lies within seconds is not in the minutes: swings of steps are closed forms beside them.

mod bought;
mod cooled;
mod dispatch;
mod large_jobs;
mod load;
mod of_plan;
mod overhead;
mod profile;
mod study;
mod supply;
mod swings;
mod year;

pub use bought::Shifting;
pub use cooled::SiteCooling;
pub use dispatch::profile;
pub(crate) use large_jobs::run_mean;
pub use load::{Level, LoadKind, SiteJob, SiteLoad, Stretch};
pub use of_plan::{Loads, site_averages, site_loads};
pub(crate) use of_plan::{systems_of, undescribed_part};
pub use overhead::Overhead;
pub use profile::{Held, Kind, Profile, Totals};
pub use study::{Carried, FeedLoss, SiteStudy};
pub use supply::{Event, EventKind, Generator, Limits, Supply};
pub use swings::{Measure, MeasureKind, Prices, SwingStudy, swing_study};
pub use year::{Beside, EnergyHours, SiteYear, Years, studied, years};
