//! What waits.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::options::Order;

/// Requests that wait, by slot.
#[derive(Debug)]
pub(super) enum Queue {
    /// In the order of arrival.
    Arrival(VecDeque<u32>),
    /// By priority, number of arrival; the slot stands last.
    Priority(BinaryHeap<Reverse<(u8, u64, u32)>>),
}

impl Queue {
    pub fn new(order: Order) -> Self {
        match order {
            Order::Arrival => Self::Arrival(VecDeque::new()),
            Order::Priority => Self::Priority(BinaryHeap::new()),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Arrival(queue) => queue.len(),
            Self::Priority(heap) => heap.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a request behind those that go before it. Returns whether it is the next.
    pub fn push(&mut self, slot: u32, priority: u8, number: u64) -> bool {
        match self {
            Self::Arrival(queue) => queue.push_back(slot),
            Self::Priority(heap) => heap.push(Reverse((priority, number, slot))),
        }
        self.first() == Some(slot)
    }

    /// Adds a request in front of all of its priority that came later.
    pub fn push_front(&mut self, slot: u32, priority: u8, number: u64) {
        match self {
            Self::Arrival(queue) => queue.push_front(slot),
            Self::Priority(heap) => heap.push(Reverse((priority, number, slot))),
        }
    }

    /// The next.
    pub fn first(&self) -> Option<u32> {
        match self {
            Self::Arrival(queue) => queue.front().copied(),
            Self::Priority(heap) => heap.peek().map(|Reverse((_, _, slot))| *slot),
        }
    }

    /// Takes the next.
    pub fn pop(&mut self) -> Option<u32> {
        match self {
            Self::Arrival(queue) => queue.pop_front(),
            Self::Priority(heap) => heap.pop().map(|Reverse((_, _, slot))| slot),
        }
    }
}
