//! Progress of a run.

use gigawatt_plan::world::Observer;

use crate::fleet::{Time, Watch};

/// Passes on how many requests have ended, and stops where the user asked for it.
pub struct Observed<'a> {
    observer: &'a dyn Observer,
    total: u64,
}

impl<'a> Observed<'a> {
    /// Of so many requests, 0 where nobody knows.
    pub fn new(observer: &'a dyn Observer, total: u64) -> Self {
        Self { observer, total }
    }
}

impl Watch for Observed<'_> {
    fn reached(&mut self, _now: Time, ended: u64) -> bool {
        self.observer.progress("requests", ended, self.total);
        !self.observer.cancelled()
    }
}
