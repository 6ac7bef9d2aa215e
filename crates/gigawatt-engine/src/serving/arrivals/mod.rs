//! Requests that are made up: when they come, how long they are, and what the turns of a session share.
//!
//! ## When
//!
//! A [`Rate`] says how many requests come per second, constant or in straight lines over time. With
//! `Λ(t) = ∫ rate` a [`Process`] of rate 1 in `u = Λ(t)` becomes one of that rate in `t`:
//!
//! | process | gaps in `u` |
//! |---|---|
//! | constant | 1 |
//! | Poisson | exponential |
//! | Gamma | Gamma with shape `1/c²` and scale `c²`: their coefficient of variation is `c` |
//! | bursts | a Poisson process whose rate has two levels, `r` apart, each for an exponential time (W. Fischer and K. Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation 18(2), 1993) |
//!
//! All but the constant one start in their steady state: the first gap of Gamma is what is left of one that a random
//! moment falls into, and a burst is under way with the share of time that bursts take. Levels of bursts last in seconds, not
//! in `u`: a burst is as long by night as by day.
//!
//! ## What
//!
//! [`Lengths`] gives prompts and answers their tokens: fixed, lognormal, or with the quantiles of a trace. [`Sessions`] makes
//! several requests of one arrival, each with the context of those before it, whose blocks are shared.
//!
//! ## Which random numbers
//!
//! Gaps, levels of bursts and contents have ChaCha8 streams of their own, keyed by seed, purpose and the name of the
//! workload. Content is drawn by number of session and turn, so it does not depend on what else comes or on when answers
//! are done. Same options and seed, same requests.

mod feed;
mod gamma;
mod lengths;
mod process;
mod rate;
mod sessions;
mod workload;

pub use lengths::Lengths;
pub use process::{Arrivals, Bursts, Process};
pub use rate::{Beyond, Rate};
pub use sessions::{Sessions, ThinkFrom, ThinkTime};
pub use workload::{DrawnRequest, Workload, WorkloadOptions};

/// Why requests cannot be made up.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ArrivalsError {
    /// A rate is no number from 0 on.
    #[error("the rate of arrivals is {0} requests/s, expected a number from 0 to 1e9")]
    Rate(f64),
    /// A rate is 0 at all times.
    #[error("the rate of arrivals is 0 at all times")]
    NoRate,
    /// Times of a rate do not start at 0 or go back.
    #[error("the times of a rate start at 0 s and grow: {0} s is out of order")]
    Times(f64),
    /// A coefficient of variation cannot be.
    #[error("the coefficient of variation is {0}, expected a number above {1} and up to 100")]
    Variation(f64, f64),
    /// Bursts cannot be so.
    #[error(
        "bursts last {mean_burst} s, what is between them {mean_calm} s, with {ratio} times the rate: expected times above 0 and a ratio from 1 to 1e6"
    )]
    Bursts {
        /// Mean length of a burst in seconds.
        mean_burst: f64,
        /// Mean time between two in seconds.
        mean_calm: f64,
        /// Rate in a burst over the rate between two.
        ratio: f64,
    },
    /// Bursts are so short that they make no difference.
    #[error(
        "bursts and the time between them last {cycle} s together, less than 1/10,000 of the time between two requests: a Poisson process has the same arrivals"
    )]
    ShortBursts {
        /// Mean length of a burst and the time to the next, in seconds.
        cycle: f64,
    },
    /// Lengths cannot be so.
    #[error("{0}")]
    Lengths(String),
    /// Sessions cannot be so.
    #[error("{0}")]
    Sessions(String),
}
