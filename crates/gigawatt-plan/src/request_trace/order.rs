//! Requests in the order of their arrival.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::io::{self, BufRead};

use super::reader::{RequestReader, Row};
use super::record::RequestRecord;

/// Ids of blocks that the buffer holds at most: 32 MiB.
const BLOCKS: usize = 1 << 22;
/// Lists of blocks that are kept to be used again.
const SPARE: usize = 16;

/// Why a trace cannot be put into order.
#[derive(Debug, thiserror::Error)]
pub enum OutOfOrder {
    /// The stream failed.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// A request comes too late in the file.
    #[error(
        "the request of line {line} arrived {seconds} s before one that stands more than {rows} rows above it; sort the trace by time"
    )]
    TooFar {
        /// Line of the request, from 1.
        line: u64,
        /// By how much it is too late, in seconds.
        seconds: f64,
        /// Rows that the buffer held.
        rows: usize,
    },
}

/// What waits in a buffer: the earliest, of equal ones the first of the file, is the greatest.
#[derive(Debug)]
struct Held<T> {
    time: i64,
    row: u64,
    content: T,
}

impl<T> Held<T> {
    fn key(&self) -> (i64, u64) {
        (self.time, self.row)
    }
}

impl<T> PartialEq for Held<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Held<T> {}

impl<T> PartialOrd for Held<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Held<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

/// A buffer that gives back the earliest. What comes in order costs no more than a queue; only strays are in a heap.
#[derive(Debug)]
pub(super) struct Buffer<T> {
    run: VecDeque<Held<T>>,
    strays: BinaryHeap<Held<T>>,
    rows: u64,
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self { run: VecDeque::new(), strays: BinaryHeap::new(), rows: 0 }
    }
}

impl<T> Buffer<T> {
    pub fn len(&self) -> usize {
        self.run.len() + self.strays.len()
    }

    pub fn push(&mut self, time: i64, content: T) {
        let held = Held { time, row: self.rows, content };
        self.rows += 1;
        if self.run.back().is_none_or(|last| last.time <= time) {
            self.run.push_back(held);
        } else {
            self.strays.push(held);
        }
    }

    pub fn pop(&mut self) -> Option<(i64, T)> {
        let stray_first = match (self.run.front(), self.strays.peek()) {
            (Some(next), Some(stray)) => stray > next,
            (None, stray) => stray.is_some(),
            (Some(_), None) => false,
        };
        let held = if stray_first { self.strays.pop() } else { self.run.pop_front() };
        held.map(|held| (held.time, held.content))
    }
}

/// The requests of a trace by the time of their arrival, of equal times in the order of the file, with times since the
/// first. It holds a bounded number of them; a trace in greater disorder is an error, after which there is no further
/// request.
#[derive(Debug)]
pub struct Ordered<R> {
    reader: RequestReader<R>,
    buffer: Buffer<(Row, Vec<u64>)>,
    rows: usize,
    /// Ids of blocks in the buffer.
    blocks: usize,
    /// Blocks of the request that was given last.
    current: Vec<u64>,
    spare: Vec<Vec<u64>>,
    first: Option<i64>,
    given: i64,
    ended: bool,
}

impl<R: BufRead> Ordered<R> {
    /// Rows that are held where nothing else is said.
    pub const ROWS: usize = 1 << 16;

    /// Puts requests into order with a buffer of so many rows, fewer where they have many blocks.
    pub fn new(reader: RequestReader<R>, rows: usize) -> Self {
        Self {
            reader,
            buffer: Buffer::default(),
            rows,
            blocks: 0,
            current: Vec::new(),
            spare: Vec::new(),
            first: None,
            given: i64::MIN,
            ended: false,
        }
    }

    /// What it reads from.
    pub fn reader(&self) -> &RequestReader<R> {
        &self.reader
    }

    /// Gives back what it reads from.
    pub fn into_reader(self) -> RequestReader<R> {
        self.reader
    }

    /// The next request; `None` at the end.
    ///
    /// # Errors
    /// Where the stream fails or a request comes too late in the file; after that there is none.
    pub fn next_request(&mut self) -> Result<Option<RequestRecord<'_>>, OutOfOrder> {
        if let Err(error) = self.fill() {
            self.ended = true;
            self.buffer = Buffer::default();
            return Err(error);
        }
        let Some((time, (row, blocks))) = self.buffer.pop() else { return Ok(None) };
        self.blocks -= blocks.len();
        let last = std::mem::replace(&mut self.current, blocks);
        if last.capacity() > 0 && self.spare.len() < SPARE {
            self.spare.push(last);
        }
        self.given = time;
        let first = *self.first.get_or_insert(time);
        Ok(Some(RequestRecord {
            arrival: time.abs_diff(first),
            prompt: row.prompt,
            output: row.output,
            session: row.session,
            priority: row.priority,
            blocks: &self.current,
        }))
    }

    /// Reads until the buffer is full.
    fn fill(&mut self) -> Result<(), OutOfOrder> {
        while !self.ended && self.buffer.len() <= self.rows && self.blocks <= BLOCKS {
            let held = self.buffer.len();
            let Some(row) = self.reader.next_row()? else {
                self.ended = true;
                break;
            };
            if row.time < self.given {
                #[expect(clippy::cast_precision_loss, reason = "a message")]
                let seconds = self.given.abs_diff(row.time) as f64 / 1e9;
                return Err(OutOfOrder::TooFar { line: self.reader.line(), seconds, rows: held });
            }
            let mut blocks = Vec::new();
            if !row.blocks.is_empty() {
                blocks = self.spare.pop().unwrap_or_default();
                blocks.clear();
                blocks.extend_from_slice(row.blocks);
            }
            self.blocks += blocks.len();
            let crate::request_trace::RequestRow { time, prompt, output, session, priority, .. } = row;
            self.buffer.push(time, (Row { time, prompt, output, session, priority }, blocks));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_buffer_gives_back_what_a_stable_sort_gives(times in prop::collection::vec(-20_i64..20, 0..200)) {
            let mut buffer = Buffer::default();
            times.iter().enumerate().for_each(|(at, time)| buffer.push(*time, at));
            let mut expected: Vec<(i64, usize)> = times.iter().copied().zip(0..).collect();
            expected.sort();
            let given: Vec<(i64, usize)> = std::iter::from_fn(|| buffer.pop()).collect();
            prop_assert_eq!(given, expected);
        }
    }
}
