//! What a stream repeats or has in disorder, as far as a window of bounded size shows it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};

use super::record::JobId;

/// Rows that a window holds.
pub(super) const WINDOW: usize = 1 << 16;

/// Ids of the last jobs.
#[derive(Debug, Default)]
pub(super) struct RecentIds {
    order: VecDeque<JobId>,
    /// Asked and never iterated.
    known: HashSet<JobId>,
}

impl RecentIds {
    /// Whether an id is among the last, to which it is added.
    pub fn repeats(&mut self, id: JobId) -> bool {
        if !self.known.insert(id) {
            return true;
        }
        self.order.push_back(id);
        if self.order.len() > WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

/// Whether a buffer of [`WINDOW`] rows would bring times into order.
#[derive(Debug, Default)]
pub(super) struct Sorting {
    held: BinaryHeap<Reverse<i64>>,
    given: Option<i64>,
    /// Rows that came before one that was given already.
    pub failed: u64,
}

impl Sorting {
    /// Takes the next time.
    pub fn push(&mut self, time: i64) {
        if self.given.is_some_and(|given| time < given) {
            self.failed += 1;
            return;
        }
        self.held.push(Reverse(time));
        if self.held.len() > WINDOW {
            self.given = self.held.pop().map(|Reverse(time)| time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_remembered_for_the_length_of_the_window() {
        let id = |number| JobId { number, task: None, component: None };
        let mut recent = RecentIds::default();
        assert!(!recent.repeats(id(0)) && recent.repeats(id(0)));
        for number in 1..=WINDOW as u64 {
            assert!(!recent.repeats(id(number)));
        }
        assert!(!recent.repeats(id(0)) && recent.repeats(id(WINDOW as u64)));
    }
}
