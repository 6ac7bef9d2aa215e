//! Where requests come from.

use std::collections::VecDeque;

use crate::fleet::Time;
use crate::serving::replica::Arrival;

/// Requests in the order of their arrival.
pub trait Requests {
    /// The next one; one that is earlier than the last comes with it.
    fn next(&mut self) -> Option<Arrival<'_>>;

    /// Whether requests follow from others that ended, so that ends have to be known in the order of time.
    fn follows(&self) -> bool {
        false
    }

    /// A request has ended at a time, whatever its fate. What follows from it arrives then or later.
    fn finished(&mut self, _id: u32, _at: Time) -> Option<Arrival<'_>> {
        None
    }
}

/// Lengths of a request in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Of its prompt.
    pub prompt: u32,
    /// Of its answer.
    pub output: u32,
}

/// A closed loop, as benchmarks drive a deployment: so many users, each of whom asks again when answered.
///
/// All begin at the start. Requests are numbered in the order in which they are made.
#[derive(Clone, Debug)]
pub struct ClosedLoop<F> {
    lengths: F,
    left: u32,
    made: u32,
    first: VecDeque<u32>,
    think: Time,
}

impl<F: FnMut(u32) -> Length> ClosedLoop<F> {
    /// `users` who make `total` requests together, each after `think` ns with the last answer. `lengths` gives those of each number.
    pub fn new(users: u32, total: u32, think: Time, lengths: F) -> Self {
        let first = users.min(total);
        Self { lengths, left: total - first, made: first, first: (0..first).collect(), think }
    }

    fn arrival(&mut self, id: u32, at: Time) -> Arrival<'static> {
        let Length { prompt, output } = (self.lengths)(id);
        Arrival { id, at, prompt, output, priority: 0, session: 0, blocks: &[] }
    }
}

impl<F: FnMut(u32) -> Length> Requests for ClosedLoop<F> {
    fn next(&mut self) -> Option<Arrival<'_>> {
        let id = self.first.pop_front()?;
        Some(self.arrival(id, 0))
    }

    fn follows(&self) -> bool {
        true
    }

    fn finished(&mut self, _id: u32, at: Time) -> Option<Arrival<'_>> {
        self.left = self.left.checked_sub(1)?;
        let id = self.made;
        self.made += 1;
        Some(self.arrival(id, at.saturating_add(self.think)))
    }
}
