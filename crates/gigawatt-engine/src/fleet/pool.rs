//! Servers of a pool as they are: their condition, who works on them, when they become free.

use std::collections::VecDeque;

use super::backlog::Backlog;
use super::free_times::FreeTimes;
use super::index_set::IndexSet;
use super::jobs::{Jobs, NONE};
use super::model::{Model, Pool as PoolModel};
use super::places::Places;
use super::queue::{NEVER, Time};
use super::tally::{State, Tally};

/// What is the matter with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Condition {
    /// It has not come yet, or it has left.
    Absent,
    /// Nothing.
    Up,
    /// It has failed and nobody knows.
    Undetected,
    /// What to do is found out.
    Diagnosis,
    /// It is reset.
    Reset,
    /// It waits for a technician.
    AwaitingTechnician,
    /// A technician works on it.
    Repair,
    /// It waits for another in its place.
    AwaitingReplacement,
    /// It is tested.
    BurnIn,
    /// Its domain is down.
    Outage,
    /// It is being maintained.
    Maintenance,
}

impl Condition {
    /// What its accelerators count as; nothing for those that are not there, and idle for those that can work.
    pub fn state(self) -> Option<State> {
        Some(match self {
            Self::Absent => return None,
            Self::Up => State::Idle,
            Self::Undetected => State::Undetected,
            Self::Diagnosis | Self::Reset => State::Diagnosis,
            Self::AwaitingTechnician => State::AwaitingTechnician,
            Self::Repair => State::Repair,
            Self::AwaitingReplacement => State::AwaitingReplacement,
            Self::BurnIn => State::BurnIn,
            Self::Outage => State::Outage,
            Self::Maintenance => State::Maintenance,
        })
    }
}

/// Why a server takes no new jobs although it is up.
pub const DUE: u8 = 1;
/// It leaves as soon as nobody works on it.
pub const LEAVING: u8 = 2;

/// A promise to the first job that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The job.
    pub job: u32,
    /// When enough servers are free at the latest.
    pub time: Time,
    /// Servers free then beyond what it wants: others may hold them longer.
    pub extra: u32,
}

/// What is known of a server that has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its marks in its cohort: failures that were drawn, since it began.
    pub marks: u32,
    /// How often in the window that began at `window`.
    pub recent: u32,
    /// When that window began.
    pub window: Time,
    /// Since when it is broken, if it is.
    pub broken: Option<Time>,
}

/// A pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Accelerators of a server.
    pub accelerators: u32,
    /// Servers that there will ever be.
    pub capacity: u32,
    /// Servers that have come so far.
    pub deployed: u32,
    /// Servers that are there.
    pub there: u32,
    /// Part of these that is kept free to replace others.
    spares: f64,
    /// Servers that are kept free beside that part.
    reserved: u32,
    /// How many are kept in all.
    pub kept: u32,
    /// What is free where.
    pub places: Places,
    /// When servers in use are free at the latest.
    pub free_times: FreeTimes,
    /// Condition of every server.
    pub condition: Vec<Condition>,
    /// Its accelerators in use.
    used: Vec<u8>,
    /// The first of the jobs on it.
    head: Vec<u32>,
    /// Its place in the list of the gang that holds it.
    pub place: Vec<u32>,
    /// When it is free at the latest; zero where it is.
    free_at: Vec<Time>,
    /// The highest priority of its jobs, by place among the levels.
    top: Vec<u8>,
    flags: Vec<u8>,
    /// Servers with a flag.
    pub flagged: IndexSet,
    /// Servers that compute wrong and nobody knows, with their generation then.
    pub corrupt: Vec<(u32, u16)>,
    /// Its cohort.
    pub cohort: Vec<u32>,
    /// Raised whenever what was announced for it holds no longer.
    pub generation: Vec<u16>,
    record: Vec<u32>,
    records: Vec<Record>,
    /// Servers in use by the highest priority of their jobs.
    pub by_level: Vec<IndexSet>,
    /// Accelerators by state.
    pub tally: Tally,
    /// Jobs that wait for it.
    pub backlog: Backlog,
    /// Gangs that hold servers and want more.
    pub refills: Vec<u32>,
    /// Since when some wait so that nobody is free for them.
    pub exhausted_since: Time,
    /// Nanoseconds in which some did.
    pub exhausted: Time,
    /// What the first that waits was promised.
    pub promise: Option<Promise>,
    /// Servers that wait for a technician.
    pub awaiting: VecDeque<u32>,
    /// Technicians at work.
    pub technicians_busy: u32,
    /// Where the rotation of maintenance has come to.
    pub rotation: u32,
    /// Up to where servers were told to leave.
    pub leaving: u32,
}

impl Pool {
    /// A pool without servers.
    pub fn new(model: &Model, of: &PoolModel, levels: usize) -> Self {
        let capacity = of.deliveries.iter().fold(0_u32, |sum, delivery| sum.saturating_add(delivery.servers));
        let servers = capacity as usize;
        Self {
            accelerators: of.structure.accelerators,
            capacity,
            deployed: 0,
            there: 0,
            spares: of.spares,
            reserved: of.reserved,
            kept: of.reserved,
            places: Places::new(of.structure, capacity),
            free_times: FreeTimes::new(model.span.saturating_mul(2)),
            condition: vec![Condition::Absent; servers],
            used: vec![0; servers],
            head: vec![NONE; servers],
            place: vec![0; servers],
            free_at: vec![0; servers],
            top: vec![0; servers],
            flags: vec![0; servers],
            flagged: IndexSet::new(capacity),
            corrupt: Vec::new(),
            cohort: vec![NONE; servers],
            generation: vec![0; servers],
            record: vec![NONE; servers],
            records: Vec::new(),
            by_level: (0..levels).map(|_| IndexSet::new(capacity)).collect(),
            tally: Tally::new(),
            backlog: Backlog::new(model.rules.aging),
            refills: Vec::new(),
            exhausted_since: NEVER,
            exhausted: 0,
            promise: None,
            awaiting: VecDeque::new(),
            technicians_busy: 0,
            rotation: 0,
            leaving: 0,
        }
    }

    /// Servers whose accelerators are all free and that no replacement is kept of, with so many kept.
    pub fn startable(&self, kept: u32) -> u32 {
        self.places.whole_servers().saturating_sub(kept)
    }

    /// Accelerators of a server in use.
    pub fn used(&self, server: u32) -> u32 {
        u32::from(self.used[server as usize])
    }

    /// The first of the jobs on a server.
    pub fn head(&self, server: u32) -> u32 {
        self.head[server as usize]
    }

    /// When a server is free at the latest.
    pub fn free_at(&self, server: u32) -> Time {
        self.free_at[server as usize]
    }

    /// Whether a flag of a server is set.
    pub fn is(&self, server: u32, flag: u8) -> bool {
        self.flags[server as usize] & flag != 0
    }

    /// Sets a flag of a server.
    pub fn set(&mut self, server: u32, flag: u8) {
        self.flags[server as usize] |= flag;
        self.flagged.insert(server);
        self.offer(server);
    }

    /// Clears a flag of a server.
    pub fn clear(&mut self, server: u32, flag: u8) {
        self.flags[server as usize] &= !flag;
        if self.flags[server as usize] == 0 {
            self.flagged.remove(server);
        }
        self.offer(server);
    }

    /// Says what of a server is free for jobs.
    fn offer(&mut self, server: u32) {
        let at = server as usize;
        let takes_jobs = self.condition[at] == Condition::Up && self.flags[at] == 0;
        let free = if takes_jobs { self.accelerators - self.used(server) } else { 0 };
        self.places.set_free(server, free);
    }

    fn keep(&mut self) {
        let part = libm::ceil(f64::from(self.there) * self.spares) as u32;
        self.kept = part.saturating_add(self.reserved);
    }

    /// A server comes.
    pub fn arrive(&mut self, now: Time, server: u32, cohort: u32) {
        self.condition[server as usize] = Condition::Up;
        self.cohort[server as usize] = cohort;
        self.there += 1;
        self.keep();
        self.tally.arrive(now, self.accelerators, State::Idle);
        self.offer(server);
    }

    /// A server on which nobody works leaves for good.
    pub fn depart(&mut self, now: Time, server: u32) {
        let at = server as usize;
        if let Some(state) = self.condition[at].state() {
            self.tally.leave(now, self.accelerators, state);
            self.there -= 1;
            self.keep();
        }
        self.condition[at] = Condition::Absent;
        self.cohort[at] = NONE;
        self.generation[at] = self.generation[at].wrapping_add(1);
        self.offer(server);
    }

    /// Changes a server's condition. Jobs that are on it count as what it is, not as what they are, while it is not up.
    /// One that has left stays away.
    pub fn turn(&mut self, now: Time, server: u32, to: Condition, jobs: &Jobs) {
        let at = server as usize;
        let from = self.condition[at];
        if from == Condition::Absent {
            return;
        }
        if let (Some(before), Some(after)) = (from.state(), to.state()) {
            // The part in use counts by its jobs while the server is up.
            let mut idle = self.accelerators;
            let mut job = self.head[at];
            while job != NONE {
                let count = self.part(server, jobs, job);
                idle -= count;
                let own = jobs.get(job).state;
                let (before, after) = (
                    if from == Condition::Up { own } else { before },
                    if to == Condition::Up { own } else { after },
                );
                self.tally.change(now, count, before, after);
                job = jobs.get(job).next;
            }
            self.tally.change(now, idle, before, after);
        }
        self.condition[at] = to;
        self.generation[at] = self.generation[at].wrapping_add(1);
        self.offer(server);
    }

    /// Accelerators of a server that a job on it holds.
    fn part(&self, server: u32, jobs: &Jobs, job: u32) -> u32 {
        let alone = self.head[server as usize] == job && jobs.get(job).next == NONE;
        if alone { self.used(server) } else { jobs.get(job).accelerators }
    }

    /// A job takes accelerators of a server.
    pub fn occupy(&mut self, now: Time, server: u32, job: u32, count: u32, jobs: &mut Jobs) {
        let at = server as usize;
        let record = jobs.get_mut(job);
        record.next = self.head[at];
        let (level, until, state) = (record.level, record.until, record.state);
        self.head[at] = job;
        self.used[at] += count as u8;
        self.tally.change(now, count, State::Idle, state);
        self.set_times(server, self.free_at[at].max(until), Some(self.top[at].max(level)));
        self.offer(server);
    }

    fn set_times(&mut self, server: u32, free_at: Time, top: Option<u8>) {
        let at = server as usize;
        self.free_times.change(self.free_at[at], free_at);
        self.free_at[at] = free_at;
        self.by_level[self.top[at] as usize].remove(server);
        if let Some(top) = top {
            self.by_level[top as usize].insert(server);
        }
        self.top[at] = top.unwrap_or(0);
    }

    /// A job gives its accelerators of a server back.
    pub fn vacate(&mut self, now: Time, server: u32, job: u32, jobs: &mut Jobs) {
        let at = server as usize;
        let count = self.part(server, jobs, job);
        let (next, state) = (jobs.get(job).next, jobs.get(job).state);
        if self.head[at] == job {
            self.head[at] = next;
        } else {
            let mut before = self.head[at];
            while jobs.get(before).next != job {
                before = jobs.get(before).next;
            }
            jobs.get_mut(before).next = next;
        }
        jobs.get_mut(job).next = NONE;
        self.used[at] -= count as u8;
        if let Some(now_is) = self.condition[at].state() {
            let was = if self.condition[at] == Condition::Up { state } else { now_is };
            self.tally.change(now, count, was, now_is);
        }
        let (mut free_at, mut top, mut job) = (0, None, self.head[at]);
        while job != NONE {
            free_at = free_at.max(jobs.get(job).until);
            top = top.max(Some(jobs.get(job).level));
            job = jobs.get(job).next;
        }
        self.set_times(server, free_at, top);
        self.offer(server);
    }

    fn record_mut(&mut self, server: u32) -> &mut Record {
        let at = &mut self.record[server as usize];
        if *at == NONE {
            *at = self.records.len() as u32;
            self.records.push(Record::default());
        }
        &mut self.records[*at as usize]
    }

    /// A server has failed; failures outside a window count for less than a lemon.
    pub fn note_failure(&mut self, now: Time, server: u32, window: Time) {
        let record = self.record_mut(server);
        if record.recent == 0 || now.saturating_sub(record.window) > window {
            (record.window, record.recent) = (now, 0);
        }
        record.recent += 1;
    }

    /// A failure of a server was put down in its cohort.
    pub fn note_mark(&mut self, server: u32) {
        self.record_mut(server).marks += 1;
    }

    /// A server is broken from now on.
    pub fn note_down(&mut self, now: Time, server: u32) {
        self.record_mut(server).broken.get_or_insert(now);
    }

    /// A server is back: since when it was broken, if it was.
    pub fn note_up(&mut self, server: u32) -> Option<Time> {
        let at = self.record[server as usize];
        if at == NONE { None } else { self.records[at as usize].broken.take() }
    }

    /// The failures of a server.
    pub fn record(&self, server: u32) -> Record {
        let at = self.record[server as usize];
        if at == NONE { Record::default() } else { self.records[at as usize] }
    }

    /// Another server stands at its place, or none: gives the marks of the old one.
    pub fn forget(&mut self, server: u32) -> u32 {
        let at = self.record[server as usize];
        if at == NONE {
            return 0;
        }
        let record = &mut self.records[at as usize];
        let broken = record.broken;
        std::mem::replace(record, Record { broken, ..Record::default() }).marks
    }
}
