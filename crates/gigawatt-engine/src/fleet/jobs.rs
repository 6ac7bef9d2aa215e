//! Records of jobs that wait or run. Those that have ended leave their place to others.

use super::queue::{NEVER, Time};
use super::tally::State;

/// No job, no server.
pub const NONE: u32 = u32::MAX;

/// Servers that a job holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// None.
    None,
    /// A part of one, or one.
    One(u32),
    /// All accelerators of several, by the place of their list.
    Many(u32),
}

/// What a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// A job of a batch workload.
    Batch,
    /// A job on many servers, by its place among them.
    Gang(u32),
    /// A replica of a service, by the place of the service.
    Replica(u32),
}

/// What a job is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for servers.
    Queued,
    /// It has them and starts.
    Starting,
    /// It works.
    Running,
    /// One of its servers has failed and nobody knows.
    Stalled,
}

/// A job.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// What it is.
    pub kind: JobKind,
    /// Index of its workload.
    pub workload: u16,
    /// Place of its level among the priorities of the model, the lowest first.
    pub level: u8,
    /// What it is doing.
    pub phase: Phase,
    /// Accelerators that it wants.
    pub accelerators: u32,
    /// Servers that it holds.
    pub held: Held,
    /// The next job of the same server.
    pub next: u32,
    /// Raised whenever what was announced for it holds no longer.
    pub generation: u32,
    /// When it asked first.
    pub submit: Time,
    /// When its phase began.
    pub since: Time,
    /// How long it runs.
    pub run: Time,
    /// How long it may.
    pub limit: Time,
    /// Length of the jobs that follow one another in it.
    pub part: Time,
    /// How many jobs are side by side in it.
    pub beside: u32,
    /// When it gives its servers back at the latest; [`NEVER`] where nothing bounds it.
    pub until: Time,
    /// By when it was promised its servers; [`NEVER`] where it was not.
    pub promised: Time,
    /// What its accelerators count as.
    pub state: State,
    /// Whether it has been started before.
    pub started: bool,
}

impl Job {
    /// A job that asks for the first time.
    pub fn new(
        kind: JobKind,
        state: State,
        workload: u16,
        level: u8,
        accelerators: u32,
        submit: Time,
    ) -> Self {
        Self {
            kind,
            workload,
            level,
            phase: Phase::Queued,
            accelerators,
            held: Held::None,
            next: NONE,
            generation: 0,
            submit,
            since: submit,
            run: NEVER,
            limit: NEVER,
            part: NEVER,
            beside: 1,
            until: NEVER,
            promised: NEVER,
            state,
            started: false,
        }
    }
}

/// The jobs, and the lists of servers of those that hold several.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    jobs: Vec<Job>,
    free: Vec<u32>,
    lists: Vec<Vec<u32>>,
    free_lists: Vec<u32>,
}

impl Jobs {
    /// Adds a job. The generation of whoever was at its place goes on, so that its events are not taken for this one's.
    pub fn add(&mut self, mut job: Job) -> u32 {
        if let Some(at) = self.free.pop() {
            job.generation = self.jobs[at as usize].generation + 1;
            self.jobs[at as usize] = job;
            at
        } else {
            self.jobs.push(job);
            (self.jobs.len() - 1) as u32
        }
    }

    /// A job has ended.
    pub fn remove(&mut self, job: u32) {
        self.jobs[job as usize].generation += 1;
        self.free.push(job);
    }

    /// A job.
    pub fn get(&self, job: u32) -> &Job {
        &self.jobs[job as usize]
    }

    /// A job, to be changed.
    pub fn get_mut(&mut self, job: u32) -> &mut Job {
        &mut self.jobs[job as usize]
    }

    /// A new list of servers.
    pub fn list(&mut self, servers: &[u32]) -> u32 {
        if let Some(at) = self.free_lists.pop() {
            self.lists[at as usize].extend_from_slice(servers);
            at
        } else {
            self.lists.push(servers.to_vec());
            (self.lists.len() - 1) as u32
        }
    }

    /// Servers of a list, to be changed.
    pub fn servers_mut(&mut self, list: u32) -> &mut Vec<u32> {
        &mut self.lists[list as usize]
    }

    /// A list is needed no more.
    pub fn drop_list(&mut self, list: u32) {
        self.lists[list as usize].clear();
        self.free_lists.push(list);
    }
}
