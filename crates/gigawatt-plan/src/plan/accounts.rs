//! The quarters of the accounts.

use serde::{Deserialize, Serialize};

use crate::period::Quarter;

/// The quarters in which money is accounted for, the same for every company of a plan: from a year before the
/// plan, for growth over a year, to the end of the last year of the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// First quarter.
    pub first: Quarter,
    /// Number of quarters.
    pub quarters: usize,
    /// Index of the first quarter inside the plan's period.
    pub plan_from: usize,
}

impl Accounts {
    /// The quarter at an index.
    pub fn quarter(&self, index: usize) -> Quarter {
        Quarter(self.first.0 + i32::try_from(index).unwrap_or(i32::MAX))
    }

    /// Start and end of a quarter in days.
    pub fn days(&self, index: usize) -> (f64, f64) {
        let quarter = self.quarter(index);
        (quarter.start().days(), quarter.end().days())
    }

    /// Index of a quarter, clipped to the accounts.
    pub fn index(&self, quarter: Quarter) -> usize {
        usize::try_from((quarter.0 - self.first.0).max(0)).unwrap_or(0).min(self.quarters)
    }
}
