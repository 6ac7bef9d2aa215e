//! The events to come, in the order of their time and, at the same time, in that in which they were announced.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Nanoseconds from the start of a history.
pub type Time = u64;

/// Nanoseconds of a second.
pub const SECOND: Time = 1_000_000_000;

/// Nanoseconds of a day.
pub const DAY: Time = 86_400 * SECOND;

/// A time after every history.
pub const NEVER: Time = Time::MAX;

/// Seconds as whole nanoseconds; what is not a number or below zero is zero, what is too long is [`NEVER`].
pub fn nanoseconds(seconds: f64) -> Time {
    // A cast of a float saturates.
    (seconds * 1e9) as Time
}

/// Nanoseconds as seconds.
pub fn seconds(time: Time) -> f64 {
    time as f64 * 1e-9
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    time: Time,
    sequence: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        (self.time, self.sequence) == (other.time, other.sequence)
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    /// The earliest is the greatest, as the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.time, other.sequence).cmp(&(self.time, self.sequence))
    }
}

/// A queue of events. What costs is how many are pending, never how many components could have one.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Entry<E>>,
    announced: u64,
    now: Time,
}

impl<E: Copy> EventQueue<E> {
    /// An empty queue at time zero.
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), announced: 0, now: 0 }
    }

    /// Announces an event; one whose time has passed comes next.
    pub fn announce(&mut self, time: Time, event: E) {
        if time == NEVER {
            return;
        }
        let sequence = self.announced;
        self.announced += 1;
        self.heap.push(Entry { time: time.max(self.now), sequence, event });
    }

    /// The next event up to a time, with its time.
    pub fn next_until(&mut self, end: Time) -> Option<(Time, E)> {
        if self.heap.peek()?.time > end {
            return None;
        }
        let entry = self.heap.pop()?;
        self.now = entry.time;
        Some((entry.time, entry.event))
    }

    /// When the next one comes.
    pub fn next_time(&self) -> Option<Time> {
        self.heap.peek().map(|entry| entry.time)
    }

    /// How many are pending.
    pub fn pending(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_then_as_they_were_announced() {
        let mut queue = EventQueue::new();
        for (time, event) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b'), (NEVER, 'x'), (9, 'z')] {
            queue.announce(time, event);
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.next_until(5)).collect();
        assert_eq!(order, [(1, 'a'), (3, 'b'), (5, 'c'), (5, 'd')]);
        queue.announce(2, 'e');
        assert_eq!(queue.next_time(), Some(5), "no event comes before what has happened");
        assert_eq!(queue.next_until(5), Some((5, 'e')));
        assert_eq!(queue.pending(), 1);
    }
}
