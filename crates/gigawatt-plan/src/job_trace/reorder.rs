//! Records in the order in which their jobs were submitted.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::io;

use super::record::JobRecord;

/// Why a trace cannot be put into order.
#[derive(Debug, thiserror::Error)]
pub enum OutOfOrder {
    /// The stream failed.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// A job comes too late in the file.
    #[error(
        "job {job} was submitted {seconds} s before one that stands more than {rows} rows above it; sort the trace by the time of submission"
    )]
    TooFar {
        /// Number of the job.
        job: u64,
        /// By how much it is too late, in seconds.
        seconds: u64,
        /// Rows that the buffer holds.
        rows: usize,
    },
}

/// A record in the buffer: the earliest, of equal ones the first in the file, is the greatest.
#[derive(Debug)]
struct Held {
    job: JobRecord,
    row: u64,
}

impl Held {
    fn key(&self) -> (i64, u64) {
        (self.job.submit, self.row)
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Held {}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

/// An iterator over the same records by their time of submission, of equal times in the order of the file. It holds a
/// bounded number of them; a trace in greater disorder is an error, after which there is no further record.
#[derive(Debug)]
pub struct Reordered<I> {
    input: I,
    held: BinaryHeap<Held>,
    rows: usize,
    read: u64,
    given: i64,
    ended: bool,
}

impl<I: Iterator<Item = io::Result<JobRecord>>> Reordered<I> {
    /// Rows that are held where nothing else is said: 65,536, as the report on quality assumes.
    pub const ROWS: usize = super::window::WINDOW;

    /// Puts records into order with a buffer of so many rows.
    pub fn new(input: I, rows: usize) -> Self {
        Self { input, held: BinaryHeap::new(), rows, read: 0, given: i64::MIN, ended: false }
    }

    /// What it reads from.
    pub fn input(&self) -> &I {
        &self.input
    }

    /// Gives back what it reads from.
    pub fn into_input(self) -> I {
        self.input
    }

    fn fail(&mut self, error: OutOfOrder) -> Option<Result<JobRecord, OutOfOrder>> {
        self.ended = true;
        self.held.clear();
        Some(Err(error))
    }
}

impl<I: Iterator<Item = io::Result<JobRecord>>> Iterator for Reordered<I> {
    type Item = Result<JobRecord, OutOfOrder>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended && self.held.len() <= self.rows {
            match self.input.next() {
                None => self.ended = true,
                Some(Err(error)) => return self.fail(error.into()),
                Some(Ok(job)) if job.submit < self.given => {
                    let (job, seconds) = (job.id.number, self.given.abs_diff(job.submit));
                    let rows = self.rows;
                    return self.fail(OutOfOrder::TooFar { job, seconds, rows });
                }
                Some(Ok(job)) => {
                    self.held.push(Held { job, row: self.read });
                    self.read += 1;
                }
            }
        }
        let held = self.held.pop()?;
        self.given = held.job.submit;
        Some(Ok(held.job))
    }
}
