//! Who gets what is free: order, quotas, backfill and preemption.

use std::cmp::Reverse;

use super::Simulation;
use crate::fleet::backlog::Key;
use crate::fleet::free_times::Course;
use crate::fleet::jobs::{Job, JobKind, NONE, Phase};
use crate::fleet::model::{Backfill, Preemption};
use crate::fleet::pool::{Condition, Promise};
use crate::fleet::queue::{NEVER, Time};

/// The most jobs that conservative backfill plans for in one pass.
const DEPTH: usize = 500;

/// Where a job can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// On a server that others use already.
    Shared(u32),
    /// On so many servers that are wholly free.
    Whole(u32),
}

/// What a look at those that wait has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The one at this place has started.
    Started(usize),
    /// Others wait than before.
    Changed,
    /// Nobody can start.
    Nothing,
}

impl Simulation<'_> {
    /// Servers that a job of so many accelerators takes when it stands alone.
    fn servers_of(&self, pool: u16, accelerators: u32) -> u32 {
        accelerators.div_ceil(self.pools[usize::from(pool)].accelerators).max(1)
    }

    /// Gives what is free in a pool to those that wait for it.
    pub(super) fn dispatch(&mut self, pool: u16) {
        self.serve_refills(pool);
        let at = usize::from(pool);
        if self.pools[at].backlog.len() == 0 {
            self.pools[at].promise = None;
            return;
        }
        if self.model.rules.backfill == Backfill::Conservative {
            self.dispatch_in_order(pool);
            return;
        }
        let mut heads = std::mem::take(&mut self.heads);
        let mut preempted = false;
        let mut next = Next::Changed;
        while next != Next::Nothing {
            match next {
                Next::Started(place) => {
                    // Only the class of who started has another first job.
                    let (_, _, class) = heads.remove(place);
                    if let Some((key, job)) = self.pools[at].backlog.head(class) {
                        let place = heads.partition_point(|other| other.0 > key);
                        heads.insert(place, (key, job, class));
                    }
                }
                Next::Changed | Next::Nothing => {
                    heads.clear();
                    heads.extend(self.pools[at].backlog.heads());
                    heads.sort_unstable_by_key(|head| Reverse(head.0));
                }
            }
            let before = preempted;
            next = self.start_one(pool, &heads, &mut preempted);
            if preempted != before && next != Next::Nothing {
                next = Next::Changed;
            }
        }
        self.heads = heads;
    }

    /// Starts the first of the classes' first jobs that can start.
    fn start_one(&mut self, pool: u16, heads: &[(Key, u32, usize)], preempted: &mut bool) -> Next {
        let at = usize::from(pool);
        let mut promise: Option<Promise> = None;
        for (index, &(_, job, class)) in heads.iter().enumerate() {
            let record = self.jobs.get(job);
            let (workload, accelerators, limit, level) =
                (record.workload, record.accelerators, record.limit, record.level);
            if !self.within_quota(workload, accelerators) {
                continue;
            }
            let mut place = self.place(pool, accelerators);
            if let (Some(found), Some(promise)) = (place, promise.as_mut())
                && !self.may_pass(pool, found, limit, promise)
            {
                place = None;
            }
            if place.is_none() && promise.is_none() && !*preempted {
                // Once in a pass: those that made room may start again elsewhere.
                *preempted = true;
                let servers = self.servers_of(pool, accelerators);
                let waiting = self.pools[at].backlog.len();
                if self.make_room(pool, level, servers, self.pools[at].kept) {
                    place = self.place(pool, accelerators);
                } else if self.pools[at].backlog.len() > waiting {
                    // Some gave up their servers in vain and may be the first of their classes now.
                    return Next::Changed;
                }
            }
            if let Some(place) = place {
                self.pools[at].backlog.take(class);
                if promise.is_some() {
                    self.pools[at].promise = promise;
                }
                self.start(job, pool, place);
                return Next::Started(index);
            }
            if promise.is_none() {
                if self.model.rules.backfill == Backfill::None {
                    return Next::Nothing;
                }
                promise = Some(self.promise(pool, job));
                self.pools[at].promise = promise;
            }
        }
        Next::Nothing
    }

    /// Where a job of so many accelerators could start now.
    fn place(&self, pool: u16, accelerators: u32) -> Option<Place> {
        let state = &self.pools[usize::from(pool)];
        if accelerators < state.accelerators
            && let Some(server) = state.places.partial_with(accelerators)
        {
            return Some(Place::Shared(server));
        }
        let servers = self.servers_of(pool, accelerators);
        (state.startable(state.kept) >= servers).then_some(Place::Whole(servers))
    }

    /// When the first job that waits has its servers at the latest, and how many are free then beside them.
    fn promise(&mut self, pool: u16, job: u32) -> Promise {
        let state = &self.pools[usize::from(pool)];
        let servers = self.servers_of(pool, self.jobs.get(job).accelerators);
        // Replacements that are in use come back first.
        let wanted = servers.saturating_add(state.kept);
        let free = state.places.whole_servers();
        let time = state.free_times.when_free(wanted.saturating_sub(free).max(1));
        let extra =
            if time == NEVER { 0 } else { (free + state.free_times.free_by(time)).saturating_sub(wanted) };
        let new = Promise { job, time, extra };
        let promise = match state.promise {
            // A promise is kept as long as it can be, and improved where it can be.
            Some(old) if old.job == job && old.time < time && self.now < old.time => old,
            _ => new,
        };
        let record = self.jobs.get_mut(job);
        record.promised = record.promised.min(promise.time);
        promise
    }

    /// Whether a job may start before the first that waits without delaying it; takes what it uses of the promise.
    fn may_pass(&self, pool: u16, place: Place, limit: Time, promise: &mut Promise) -> bool {
        if self.now.saturating_add(limit) <= promise.time {
            return true;
        }
        let taken = match place {
            // A server that is not free by then was not counted on.
            Place::Shared(server) => u32::from(self.pools[usize::from(pool)].free_at(server) <= promise.time),
            Place::Whole(servers) => servers,
        };
        let passes = taken <= promise.extra;
        if passes {
            promise.extra -= taken;
        }
        passes
    }

    /// Starts a job that waited.
    fn start(&mut self, job: u32, pool: u16, place: Place) {
        let record = *self.jobs.get(job);
        if record.promised < self.now {
            self.measures.broken_promises += 1;
        }
        self.take_quota(record.workload, record.accelerators);
        self.jobs.get_mut(job).promised = NEVER;
        self.jobs.get_mut(job).until = self.now.saturating_add(record.limit);
        if let JobKind::Gang(gang) = record.kind {
            self.begin_gang(gang, pool);
            return;
        }
        match place {
            Place::Shared(server) => self.hold(job, pool, &[server]),
            Place::Whole(1) => {
                if let Some(server) = self.pools[usize::from(pool)].places.whole_server() {
                    self.hold(job, pool, &[server]);
                }
            }
            Place::Whole(servers) => {
                let mut chosen = std::mem::take(&mut self.chosen);
                self.pools[usize::from(pool)].places.choose(servers, &mut chosen);
                self.hold(job, pool, &chosen);
                self.chosen = chosen;
            }
        }
        match record.kind {
            JobKind::Replica(service) => self.start_replica(job, service),
            JobKind::Batch | JobKind::Gang(_) => self.run_batch(job),
        }
    }

    /// Conservative backfill: every job has its place in a plan of free servers over time. In their order, each moves to
    /// an earlier place if there is one, while all others keep theirs (Mu'alem and Feitelson 2001).
    fn dispatch_in_order(&mut self, pool: u16) {
        let at = usize::from(pool);
        let mut waiting = self.pools[at].backlog.in_order();
        waiting.truncate(DEPTH);
        waiting.retain(|&(_, job, _)| {
            let record = self.jobs.get(job);
            self.within_quota(record.workload, record.accelerators)
        });
        let mut plan = self.planned(pool, &waiting);
        let mut preempted = false;
        for (_, job, class) in waiting.iter().copied() {
            let record = *self.jobs.get(job);
            if !self.within_quota(record.workload, record.accelerators) {
                continue;
            }
            let servers = i64::from(self.servers_of(pool, record.accelerators));
            self.plan_for(&mut plan, &record, -servers);
            let end = self.now.saturating_add(record.limit);
            let mut place = self.place(pool, record.accelerators);
            let beside =
                matches!(place, Some(Place::Shared(server)) if self.pools[at].free_at(server) >= end);
            let from = plan.earliest(servers, record.limit);
            if !beside && from != self.now {
                place = None;
            }
            if place.is_none() && !preempted && record.level > 0 {
                preempted = true;
                if self.make_room(pool, record.level, servers as u32, self.pools[at].kept) {
                    place = self.place(pool, record.accelerators);
                }
                // What was given up changes the plan of everyone who is still to come.
                let later =
                    waiting.iter().skip_while(|entry| entry.1 != job).skip(1).copied().collect::<Vec<_>>();
                plan = self.planned(pool, &later);
            }
            if let Some(place) = place {
                if !beside {
                    plan.take(self.now, end, servers);
                }
                self.start_planned(job, class, pool, place);
            } else {
                self.jobs.get_mut(job).promised = from;
                let record = *self.jobs.get(job);
                self.plan_for(&mut plan, &record, servers);
            }
        }
    }

    /// Free servers over time, less those that jobs which wait were promised.
    fn planned(&self, pool: u16, waiting: &[(Key, u32, usize)]) -> Course {
        let state = &self.pools[usize::from(pool)];
        let mut plan = {
            // Below zero where replacements are in use, which come back first.
            let free = i64::from(state.places.whole_servers()) - i64::from(state.kept);
            state.free_times.course(self.now, free)
        };
        for &(_, job, _) in waiting {
            let record = self.jobs.get(job);
            let servers = i64::from(self.servers_of(pool, record.accelerators));
            self.plan_for(&mut plan, record, servers);
        }
        plan
    }

    /// Takes what a job was promised of a plan, or gives it back.
    fn plan_for(&self, plan: &mut Course, record: &Job, servers: i64) {
        if record.promised != NEVER {
            let from = record.promised.max(self.now);
            plan.take(from, from.saturating_add(record.limit), servers);
        }
    }

    fn start_planned(&mut self, job: u32, class: usize, pool: u16, place: Place) {
        let record = *self.jobs.get(job);
        let backlog = &mut self.pools[usize::from(pool)].backlog;
        if backlog.head(class).is_some_and(|(_, first)| first == job) {
            backlog.take(class);
        } else {
            backlog.withdraw(job, record.workload, record.accelerators);
        }
        self.start(job, pool, place);
    }

    /// Frees servers for a job of a level by taking them from those of lower levels, the lowest first: whether so many
    /// are free then, beside those that are kept.
    pub(super) fn make_room(&mut self, pool: u16, level: u8, servers: u32, kept: u32) -> bool {
        let at = usize::from(pool);
        if self.model.rules.preemption == Preemption::Never {
            return false;
        }
        let state = &self.pools[at];
        let lower = 0..usize::from(level).min(state.by_level.len());
        let takeable: u32 = lower.clone().map(|level| state.by_level[level].count()).sum();
        if takeable == 0 || state.startable(kept).saturating_add(takeable) < servers {
            return false;
        }
        for level in lower {
            let mut from = 0;
            while self.pools[at].startable(kept) < servers
                && let Some(server) = self.pools[at].by_level[level].next_from(from)
            {
                from = server + 1;
                if self.pools[at].condition[server as usize] == Condition::Up {
                    self.preempt(pool, server);
                }
            }
        }
        self.pools[at].startable(kept) >= servers
    }

    /// The jobs of a server give it to others.
    fn preempt(&mut self, pool: u16, server: u32) {
        loop {
            let job = self.pools[usize::from(pool)].head(server);
            if job == NONE {
                return;
            }
            let record = *self.jobs.get(job);
            match record.kind {
                JobKind::Gang(gang) => self.preempt_gang(gang),
                JobKind::Batch => {
                    self.measures.batch[usize::from(record.workload)].preempted += 1;
                    self.cut_batch(job, u32::MAX);
                    self.give_back(job);
                    self.queue_again(job);
                }
                JobKind::Replica(service) => {
                    let measure = &mut self.measures.services[service as usize];
                    measure.settle(self.now);
                    measure.serving -= u32::from(record.phase == Phase::Running);
                    self.give_back(job);
                    self.queue_again(job);
                }
            }
        }
    }

    /// Whether a workload's team may hold so many accelerators more.
    fn within_quota(&self, workload: u16, accelerators: u32) -> bool {
        let Some(team) = self.model.workloads[usize::from(workload)].team else { return true };
        let team = usize::from(team);
        self.team_used[team].saturating_add(u64::from(accelerators)) <= self.model.teams[team].quota
    }

    /// A workload's team holds more.
    pub(super) fn take_quota(&mut self, workload: u16, accelerators: u32) {
        if let Some(team) = self.model.workloads[usize::from(workload)].team {
            self.team_used[usize::from(team)] += u64::from(accelerators);
        }
    }

    /// A workload's team holds less.
    pub(super) fn release_quota(&mut self, workload: u16, accelerators: u32) {
        if let Some(team) = self.model.workloads[usize::from(workload)].team {
            let used = &mut self.team_used[usize::from(team)];
            *used = used.saturating_sub(u64::from(accelerators));
        }
    }
}
