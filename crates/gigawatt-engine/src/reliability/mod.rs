//! Failures in closed form: how often jobs are interrupted, when to checkpoint, how many spares to keep.
//!
//! The analytical companion of the simulation of a fleet. Times are in seconds and rates per second, as plain numbers; what the catalogue
//! knows comes in through [`ReliabilityFacts`].
//!
//! | law | where |
//! |---|---|
//! | rates of jobs, numbers of interruptions, rates of unseen clusters | [`Interruptions`], [`Count`], [`next_cluster`] |
//! | servers that fail more often than others | [`heterogeneity`] |
//! | shares of causes | [`chi_squared`] |
//! | effective time with one level of checkpoints: Young, Daly, exact, linear | [`Course`] |
//! | with checkpoints in memory and in storage | [`TwoLevel`], [`Replicas`] |
//! | bytes and bandwidth of checkpoints | [`Moves`] |
//! | restarts | [`Timeline`] |
//! | until a failed server is back | [`Repair`] |
//! | spares | [`Spares`] |
//! | the best of these for a job | [`CheckpointedJob`] |

mod causes;
mod costs;
mod facts;
mod goodput;
pub mod heterogeneity;
mod rates;
mod repair;
mod restart;
mod spares;
pub(crate) mod special;
mod strategy;
mod two_level;

pub use causes::{ChiSquared, chi_squared};
pub use costs::{Machines, Moves, state_bytes};
pub use facts::{Cluster, MissingFact, PER_SERVER, ReliabilityFacts};
pub use goodput::{Course, LINEAR_LIMIT, OutOfRange, Shares, daly_interval, exact_interval, young_interval};
pub use rates::{Count, DAY, Interruptions, Ranged, next_cluster, next_share};
pub use repair::Repair;
pub(crate) use repair::mean_repair;
pub use restart::Timeline;
pub use spares::{Spares, Teams};
pub use strategy::{CheckpointedJob, Choice, Strategy};
pub use two_level::{Intervals, Level, Replicas, Spread, TwoLevel};
