//! Jobs that wait for servers of a pool.
//!
//! Jobs of one workload that want as many accelerators are alike but for their order and their limits, so only the first
//! of each such class has to be looked at: what a pass costs depends on the number of classes, not of jobs that wait.
//!
//! The order over classes is that of `priority + waited / aging`. As all wait equally fast, it does not change with
//! time and every job has a fixed key, `priority × aging - submitted`. With aging, whatever waits passes everything of
//! higher priority that comes later than the difference of priorities is worth: nothing starves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use super::queue::{NEVER, Time};

/// Where a job stands: the greater goes first.
pub type Key = (i128, Reverse<u64>);

/// The jobs that wait for a pool.
#[derive(Clone, Debug)]
pub struct Backlog {
    aging: Time,
    places: BTreeMap<(u16, u32), usize>,
    classes: Vec<VecDeque<(Key, u32)>>,
    waiting: usize,
    entered: u64,
}

impl Backlog {
    /// An empty one, where waiting so long is worth one step of priority; [`NEVER`] for nothing.
    pub fn new(aging: Time) -> Self {
        Self { aging, places: BTreeMap::new(), classes: Vec::new(), waiting: 0, entered: 0 }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// A job of a workload, priority and size waits since a time; whether it is the first of its class. One that waited
    /// before goes in front.
    pub fn enter(&mut self, job: u32, workload: u16, accelerators: u32, priority: i32, submit: Time) -> bool {
        let key = if self.aging == NEVER {
            // The priority decides, and only then the time.
            i128::from(priority) * (i128::from(NEVER) + 1) - i128::from(submit)
        } else {
            i128::from(priority) * i128::from(self.aging) - i128::from(submit)
        };
        let key = (key, Reverse(self.entered));
        self.entered += 1;
        let next = self.classes.len();
        let class = *self.places.entry((workload, accelerators)).or_insert(next);
        if class == next {
            self.classes.push(VecDeque::new());
        }
        let queue = &mut self.classes[class];
        let at = queue.partition_point(|(other, _)| *other > key);
        queue.insert(at, (key, job));
        self.waiting += 1;
        queue.front().is_some_and(|(_, first)| *first == job)
    }

    /// The first job of every class with its key, in no order.
    pub fn heads<'a>(&'a self) -> impl Iterator<Item = (Key, u32, usize)> + 'a {
        self.classes
            .iter()
            .enumerate()
            .filter_map(|(class, queue)| queue.front().map(|(key, job)| (*key, *job, class)))
    }

    /// The first job of a class.
    pub fn head(&self, class: usize) -> Option<(Key, u32)> {
        self.classes[class].front().copied()
    }

    /// Takes the first job of a class out.
    pub fn take(&mut self, class: usize) {
        if self.classes[class].pop_front().is_some() {
            self.waiting -= 1;
        }
    }

    /// Takes a job out, wherever it stands in its class.
    pub fn withdraw(&mut self, job: u32, workload: u16, accelerators: u32) {
        let Some(&class) = self.places.get(&(workload, accelerators)) else { return };
        let queue = &mut self.classes[class];
        if let Some(at) = queue.iter().position(|(_, other)| *other == job) {
            queue.remove(at);
            self.waiting -= 1;
        }
    }

    /// All that wait, in their order.
    pub fn in_order(&self) -> Vec<(Key, u32, usize)> {
        let jobs = |(class, queue): (usize, &'_ VecDeque<(Key, u32)>)| {
            queue.iter().map(|&(key, job)| (key, job, class)).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = self.classes.iter().enumerate().flat_map(jobs).collect();
        all.sort_unstable_by_key(|entry| Reverse(entry.0));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_goes_first_and_waiting_is_worth_priority() {
        let order = |aging| {
            let mut backlog = Backlog::new(aging);
            backlog.enter(1, 0, 8, 0, 100);
            backlog.enter(2, 1, 8, 5, 160);
            backlog.enter(3, 0, 8, 0, 90);
            backlog.enter(4, 1, 16, 5, 700);
            backlog.in_order().iter().map(|entry| entry.1).collect::<Vec<_>>()
        };
        assert_eq!(order(NEVER), [2, 4, 3, 1]);
        assert_eq!(order(100), [2, 3, 1, 4], "five steps are 500: job 4 came too late for them");
    }

    #[test]
    fn classes_keep_their_order() {
        let mut backlog = Backlog::new(NEVER);
        for (job, submit) in [(1, 10), (2, 20), (3, 15)] {
            backlog.enter(job, 0, 1, 0, submit);
        }
        assert_eq!(backlog.heads().map(|(_, job, _)| job).collect::<Vec<_>>(), [1]);
        backlog.take(0);
        assert_eq!(backlog.head(0).map(|(_, job)| job), Some(3), "it asked earlier");
        backlog.withdraw(3, 0, 1);
        assert_eq!((backlog.head(0).map(|(_, job)| job), backlog.len()), (Some(2), 1));
    }
}
