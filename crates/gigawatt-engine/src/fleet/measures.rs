//! What is counted while a history runs.

use super::queue::{Time, seconds};
use super::tally::STATES;

/// Cells of a [`Spread`] for each doubling.
const CELLS: u32 = 8;

/// Times of which only their number in cells of a width of an eighth of a doubling is kept, from a second on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread {
    cells: Vec<u64>,
    count: u64,
    sum: f64,
    squares: f64,
    longest: f64,
}

impl Spread {
    /// Counts a time.
    pub fn add(&mut self, time: Time) {
        let seconds = seconds(time);
        let cell = if seconds < 1.0 { 0 } else { 1 + (libm::log2(seconds) * f64::from(CELLS)) as usize };
        if self.cells.len() <= cell {
            self.cells.resize(cell + 1, 0);
        }
        self.cells[cell] += 1;
        self.count += 1;
        self.sum += seconds;
        self.squares += seconds * seconds;
        self.longest = self.longest.max(seconds);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean, in seconds.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }

    /// Their standard deviation, in seconds.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        if self.count == 0 { 0.0 } else { (self.squares / self.count as f64 - mean * mean).max(0.0).sqrt() }
    }

    /// The longest, in seconds.
    pub fn longest(&self) -> f64 {
        self.longest
    }

    /// The time in seconds that a part of them does not exceed, to the upper end of its cell.
    pub fn quantile(&self, part: f64) -> f64 {
        let wanted = (part * self.count as f64).ceil().max(1.0);
        let mut seen = 0.0;
        for (cell, count) in self.cells.iter().enumerate() {
            seen += *count as f64;
            if seen >= wanted {
                let end = if cell == 0 { 1.0 } else { libm::exp2(cell as f64 / f64::from(CELLS)) };
                return if cell == 0 { 0.0 } else { end.min(self.longest) };
            }
        }
        self.longest
    }
}

/// What became of a batch workload's jobs. Times are accelerator-nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchMeasure {
    /// Jobs that asked.
    pub submitted: u64,
    /// Jobs that have ended.
    pub ended: u64,
    /// Times that a failure ended one too early; it starts again.
    pub killed: u64,
    /// Times that one gave its place to a job of higher priority; it starts again.
    pub preempted: u64,
    /// Work of those that have ended.
    pub done: u128,
    /// Work that has to be done again.
    pub lost: u128,
    /// Waits from asking to starting.
    pub waits: Spread,
}

/// How a service was provided for. Times are replica-nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceMeasure {
    /// Replicas wanted now.
    pub wanted: u32,
    /// Replicas that answer now.
    pub serving: u32,
    since: Time,
    /// Replicas wanted, over time.
    pub wanted_time: u128,
    /// Replicas that answered, of those wanted, over time.
    pub serving_time: u128,
    /// Replicas that failures took.
    pub lost: u64,
}

impl ServiceMeasure {
    /// Brings the sums up to a time.
    pub fn settle(&mut self, now: Time) {
        let time = u128::from(now - self.since);
        self.wanted_time += u128::from(self.wanted) * time;
        self.serving_time += u128::from(self.serving.min(self.wanted)) * time;
        self.since = now;
    }
}

/// A pool at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolDay {
    /// Accelerators by state, in the order of [`State::ALL`](super::State::ALL).
    pub counts: [u64; STATES],
    /// Part of the free servers that stand in racks which are not wholly free.
    pub fragmentation: f64,
    /// Jobs that wait.
    pub waiting: usize,
}

/// A failure of a domain that took servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageMeasure {
    /// When.
    pub time: Time,
    /// Index among the causes of losses ([`Model::causes_of_loss`](super::Model::causes_of_loss)).
    pub cause: usize,
    /// Index of its pool; the first of several.
    pub pool: u16,
    /// Servers in the domain.
    pub servers: u32,
}

/// The most outages that are kept one by one.
pub const OUTAGES: usize = 10_000;

/// Classes of sizes of jobs.
pub const SIZES: usize = 32;

/// How long jobs of a size ran between failures that stopped them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeMeasure {
    /// Job-nanoseconds of running.
    pub time: u128,
    /// Failures that stopped one.
    pub interruptions: u64,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// Events.
    pub events: u64,
    /// Failures by cause, also of servers that nobody used.
    pub failures: Vec<u64>,
    /// Batch jobs by size: those of more than half of `2^k` accelerators and at most that many stand at `k`.
    pub sizes: [SizeMeasure; SIZES],
    /// Batch workloads, by index of the workload.
    pub batch: Vec<BatchMeasure>,
    /// Services, in their order.
    pub services: Vec<ServiceMeasure>,
    /// Every pool at the end of every day.
    pub days: Vec<Vec<PoolDay>>,
    /// Part of the work of every gang that is done at the end of every day; it falls where work has to be done again.
    pub progress: Vec<Vec<f64>>,
    /// The first [`OUTAGES`] failures of domains, in the order of their time.
    pub outages: Vec<OutageMeasure>,
    /// Time from failure to return of servers, for corruption from its discovery.
    pub down: Spread,
    /// Promises to jobs that waited which were not kept: servers failed or replaced others in between.
    pub broken_promises: u64,
    /// Most events pending at once.
    pub most_pending: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::queue::SECOND;

    #[test]
    fn quantiles_lie_within_a_cell() {
        let mut spread = Spread::default();
        (1..=1000_u64).for_each(|time| spread.add(time * SECOND));
        assert!((spread.mean() - 500.5).abs() < 1e-6);
        for (part, exact) in [(0.1, 100.0), (0.5, 500.0), (0.99, 990.0)] {
            let found = spread.quantile(part);
            assert!(found >= exact && found <= exact * 1.0906, "{part}: {found}");
        }
        assert!((spread.quantile(1.0) - 1000.0).abs() < 1e-9);
        assert_eq!(Spread::default().quantile(0.5), 0.0);
    }
}
