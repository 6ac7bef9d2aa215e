//! The two callbacks through which the pure core meets the outside.

use std::io::Read;

use crate::period::Moment;

/// Opens named sources: an extended scenario, a model's configuration, a trace.
pub trait World {
    /// Opens `name` as a stream. `relative_to` is the name of the source that asks, as this world gave it out;
    /// the answer carries the name under which the new source is known.
    ///
    /// # Errors
    /// [`WorldError`] where there is no such source or it cannot be read.
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError>;
}

/// A source that could not be opened.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot read `{name}`: {reason}")]
pub struct WorldError {
    /// The name asked for.
    pub name: String,
    /// Why, as a sentence without a final period.
    pub reason: String,
    /// Names that do exist nearby.
    pub nearby: Vec<String>,
}

/// Hears of progress and says when to stop. Called from several threads.
pub trait Observer: Sync {
    /// `done` of `total` units of the named work are finished.
    fn progress(&self, work: &'static str, done: u64, total: u64);
    /// What is simulated has come to a moment, on average over what is simulated at once, after so many events.
    fn simulated(&self, _moment: Moment, _events: u64) {}
    /// Whether the user asked to stop.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Hears nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn progress(&self, _work: &'static str, _done: u64, _total: u64) {}
}
