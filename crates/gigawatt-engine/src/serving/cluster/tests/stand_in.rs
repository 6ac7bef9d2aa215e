//! An engine with so many places that serves each request for a time of its own, and requests that come by chance.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use crate::fleet::{Stream, Time, Unwatched};
use crate::serving::cluster::{
    Blueprint, Class, Cluster, ClusterResult, Ended, Requests, Room, Router, Server, simulate,
};
use crate::serving::replica::{Arrival, End, Load, Outcome, Refusal, Role, Work};

/// Serves in the order of arrival, each request for `prompt` and `output` ns a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub places: u32,
    pub prompt: u64,
    pub output: u64,
    pub role: Role,
    pub room: Room,
}

impl Places {
    /// One place, 1 ns for an output token and nothing for a prompt: exponential lengths make exponential times.
    pub const SINGLE: Self = Self {
        places: 1,
        prompt: 0,
        output: 1,
        role: Role::Whole,
        room: Room { sequences: u32::MAX, tokens: u64::MAX },
    };
}

#[derive(Clone, Copy, Debug)]
struct Job {
    id: u32,
    at: Time,
    prompt: u32,
    output: u32,
    begun: Time,
    cached: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Queue {
    of: Places,
    waiting: VecDeque<Job>,
    /// Those who are served, by when they end and the order in which they began.
    served: BinaryHeap<Reverse<(Time, u64)>>,
    jobs: Vec<(u64, Job)>,
    begun: u64,
    refused: VecDeque<Outcome>,
    held: BTreeSet<u64>,
    work: Work,
    /// The latest call, which none may precede.
    now: Time,
}

impl Queue {
    fn begin(&mut self, job: Job, at: Time) {
        let time = u64::from(job.prompt - job.cached) * self.of.prompt
            + if self.of.role == Role::Prefill { 0 } else { u64::from(job.output) * self.of.output };
        self.served.push(Reverse((at + time, self.begun)));
        self.jobs.push((self.begun, Job { begun: at, ..job }));
        self.begun += 1;
        self.work.decoding += time;
    }
}

impl Server for Queue {
    fn offer(&mut self, arrival: &Arrival<'_>) {
        assert!(arrival.at >= self.now, "time goes back");
        self.now = arrival.at;
        let &Arrival { id, at, prompt, output, blocks, .. } = arrival;
        let job = Job { id, at, prompt, output, begun: at, cached: 0 };
        if u64::from(prompt) > self.of.room.tokens {
            let end = End::Refused(Refusal::Memory);
            self.refused.push_back(Outcome {
                id,
                arrived: at,
                scheduled: at,
                first_token: at,
                finished: at,
                prompt,
                output,
                cached: 0,
                preemptions: 0,
                end,
            });
            return;
        }
        let cached =
            if blocks.is_empty() { 0 } else { self.longest_match(blocks) * (prompt / blocks.len() as u32) };
        self.held.extend(blocks);
        let job = Job { cached, ..job };
        if self.jobs.len() < self.of.places as usize {
            self.begin(job, at)
        } else {
            self.waiting.push_back(job)
        }
    }

    fn next_change(&mut self) -> Option<u64> {
        let refused = self.refused.front().map(|outcome| outcome.finished);
        let served = self.served.peek().map(|Reverse((time, _))| *time);
        refused.into_iter().chain(served).min()
    }

    fn advance(&mut self, until: u64, told: &mut dyn FnMut(&Outcome)) {
        assert!(until >= self.now, "time goes back");
        self.now = until;
        self.refused.drain(..).for_each(|outcome| told(&outcome));
        while let Some(&Reverse((finished, number))) = self.served.peek()
            && finished <= until
        {
            self.served.pop();
            let at = self.jobs.iter().position(|(begun, _)| *begun == number).unwrap();
            let (_, Job { id, at, prompt, output, begun, cached }) = self.jobs.swap_remove(at);
            let first_token = begun + u64::from(prompt - cached) * self.of.prompt;
            self.work.prompt_tokens += u64::from(prompt - cached);
            self.work.output_tokens += if self.of.role == Role::Prefill { 1 } else { u64::from(output) };
            self.work.served += 1;
            told(&Outcome {
                id,
                arrived: at,
                scheduled: begun,
                first_token,
                finished,
                prompt,
                output,
                cached,
                preemptions: 0,
                end: End::Done,
            });
            if let Some(next) = self.waiting.pop_front() {
                self.begin(next, finished);
            }
        }
    }

    fn load(&self) -> Load {
        Load { running: self.jobs.len() as u32, waiting: self.waiting.len() as u32, ..Load::default() }
    }

    fn longest_match(&self, blocks: &[u64]) -> u32 {
        blocks.iter().take_while(|block| self.held.contains(block)).count() as u32
    }

    fn fail(&mut self, at: u64, lost: &mut dyn FnMut(u32)) {
        assert!(at >= self.now && self.refused.is_empty());
        self.now = at;
        self.jobs.sort_by_key(|(begun, _)| *begun);
        self.jobs.drain(..).for_each(|(_, job)| lost(job.id));
        self.waiting.drain(..).for_each(|job| lost(job.id));
        self.served.clear();
        self.held.clear();
    }

    fn work(&self) -> Work {
        self.work
    }
}

impl Blueprint for Places {
    type Server = Queue;

    fn build(&self) -> Queue {
        Queue {
            of: *self,
            waiting: VecDeque::new(),
            served: BinaryHeap::new(),
            jobs: Vec::new(),
            begun: 0,
            refused: VecDeque::new(),
            held: BTreeSet::new(),
            work: Work::default(),
            now: 0,
        }
    }

    fn role(&self) -> Role {
        self.role
    }

    fn room(&self) -> Room {
        self.room
    }
}

/// Requests that arrive as a Poisson process, with exponential answers of 10^6 tokens on average.
pub(super) struct Poisson {
    stream: Stream,
    /// Mean ns between two.
    between: f64,
    left: u32,
    id: u32,
    at: f64,
}

/// Mean tokens of an answer of [`Poisson`].
pub(super) const MEAN: f64 = 1e6;

impl Poisson {
    /// So many requests with a mean ns between two.
    pub fn new(seed: u64, between: f64, count: u32) -> Self {
        Self { stream: Stream::new(seed, "test", "poisson"), between, left: count, id: 0, at: 0.0 }
    }
}

impl Requests for Poisson {
    fn next(&mut self) -> Option<Arrival<'_>> {
        self.left = self.left.checked_sub(1)?;
        self.at += self.between * self.stream.exponential();
        let output = (MEAN * self.stream.exponential()).ceil() as u32;
        let id = self.id;
        self.id += 1;
        Some(Arrival { id, at: self.at as u64, prompt: 1, output, priority: 0, session: 0, blocks: &[] })
    }
}

/// Requests that are listed.
pub(super) struct Listed<'a> {
    pub all: std::slice::Iter<'a, Arrival<'a>>,
}

impl<'a> Listed<'a> {
    pub fn new(all: &'a [Arrival<'a>]) -> Self {
        Self { all: all.iter() }
    }
}

impl Requests for Listed<'_> {
    fn next(&mut self) -> Option<Arrival<'_>> {
        self.all.next().copied()
    }
}

/// A deployment of one class.
pub(super) fn cluster(of: Places, replicas: u32, router: Router) -> Cluster<Places> {
    Cluster::new(vec![Class::new(of, replicas)], router)
}

/// What becomes of it, and of each request in the order of their ids.
pub(super) fn run(model: &Cluster<Places>, requests: &mut dyn Requests) -> (ClusterResult, Vec<Ended>) {
    let mut all = Vec::new();
    let result = simulate(model, requests, &mut |ended| all.push(*ended), &mut Unwatched).unwrap();
    all.sort_by_key(|ended| ended.outcome.id);
    (result, all)
}
