//! Servers and domains fail.

use super::{DomainProcess, Event, Outage, Simulation};
use crate::fleet::gang::{Activity, Ending};
use crate::fleet::hazard::Cohort;
use crate::fleet::jobs::{JobKind, NONE, Phase};
use crate::fleet::measures::{OUTAGES, OutageMeasure};
use crate::fleet::model::{CauseKind, Elastic};
use crate::fleet::places::Level;
use crate::fleet::pool::{Condition, LEAVING};
use crate::fleet::queue::{NEVER, Time, nanoseconds};
use crate::fleet::random::Stream;

impl Simulation<'_> {
    /// Servers come online.
    pub(super) fn deliver(&mut self, pool: u16, index: u32) {
        let delivery = self.model.pools[usize::from(pool)].deliveries[index as usize];
        let first = self.pools[usize::from(pool)].deployed;
        let cohort = self.cohorts.len() as u32;
        let hazard = &self.model.pools[usize::from(pool)].hazard;
        self.cohorts.push(Cohort::new(pool, hazard, self.now, delivery.age, first, delivery.servers));
        let now = self.now;
        let state = &mut self.pools[usize::from(pool)];
        state.deployed += delivery.servers;
        (first..state.deployed).for_each(|server| state.arrive(now, server, cohort));
        self.announce_failure(cohort);
        self.dispatch(pool);
    }

    /// Servers are told to leave, the oldest first.
    pub(super) fn retire(&mut self, pool: u16, index: u32) {
        let (_, count) = self.model.pools[usize::from(pool)].retirements[index as usize];
        for _ in 0..count {
            let state = &mut self.pools[usize::from(pool)];
            if state.leaving >= state.deployed {
                break;
            }
            let server = state.leaving;
            state.leaving += 1;
            state.set(server, LEAVING);
            self.move_away(pool, server);
        }
        self.recover_hurt();
        self.dispatch(pool);
    }

    /// Announces the next failure of a cohort.
    pub(super) fn announce_failure(&mut self, cohort: u32) {
        let at = cohort as usize;
        let pool = usize::from(self.cohorts[at].pool);
        let hazard = &self.model.pools[pool].hazard;
        self.cohorts[at].generation += 1;
        let next = self.cohorts[at].next(hazard, self.now, &mut self.streams[pool].failures);
        if let Some(time) = next.filter(|&time| time <= self.model.span) {
            let generation = self.cohorts[at].generation;
            self.queue.announce(time, Event::Failure { cohort, generation });
        }
    }

    pub(super) fn cohort_fails(&mut self, cohort: u32, generation: u32) {
        let at = cohort as usize;
        if self.cohorts[at].generation != generation {
            return;
        }
        let number = self.cohorts[at].pool;
        let pool = usize::from(number);
        let members = &self.pools[pool].cohort;
        let hazard = &self.model.pools[pool].hazard;
        let server = self.cohorts[at]
            .attribute(hazard, &mut self.streams[pool].failures, |server| members[server as usize] == cohort);
        // A server that is out of use does not fail once more.
        if let Some(server) = server
            && self.pools[pool].condition[server as usize] == Condition::Up
        {
            self.cohorts[at].mark(server);
            self.pools[pool].note_mark(server);
            if let Some(cause) = chosen(&self.server_causes, &mut self.streams[pool].causes) {
                self.fail(number, server, cause);
            }
        }
        self.announce_failure(cohort);
    }

    /// A server fails.
    fn fail(&mut self, pool: u16, server: u32, cause: usize) {
        self.measures.failures[cause] += 1;
        let window = self.model.operations.lemon_window;
        self.pools[usize::from(pool)].note_failure(self.now, server, window);
        if self.model.causes[cause].kind == CauseKind::Silent {
            self.taint(pool, server);
            let state = &mut self.pools[usize::from(pool)];
            let generation = state.generation[server as usize];
            state.corrupt.push((server, generation));
            let time = self.now.saturating_add(self.model.operations.silent_detection);
            self.queue.announce(time, Event::Corruption { pool, generation, server });
            return;
        }
        self.stall_jobs(pool, server, cause);
        self.pools[usize::from(pool)].note_down(self.now, server);
        self.down(pool, server, Condition::Undetected, self.model.operations.detection);
    }

    /// A server turns to another condition for a time.
    pub(super) fn down(&mut self, pool: u16, server: u32, condition: Condition, time: Time) {
        let state = &mut self.pools[usize::from(pool)];
        state.turn(self.now, server, condition, &self.jobs);
        let generation = state.generation[server as usize];
        self.queue.announce(self.now.saturating_add(time), Event::Server { pool, generation, server });
    }

    fn taint(&mut self, pool: u16, server: u32) {
        let mut job = self.pools[usize::from(pool)].head(server);
        while job != NONE {
            if let JobKind::Gang(gang) = self.jobs.get(job).kind {
                let model = self.gang_model(gang);
                self.gangs[gang as usize].taint(self.now, server, model);
            }
            job = self.jobs.get(job).next;
        }
    }

    /// Silent corruption of a server is found.
    pub(super) fn corruption_found(&mut self, pool: u16, generation: u16, server: u32) {
        let state = &self.pools[usize::from(pool)];
        if state.generation[server as usize] != generation {
            return;
        }
        let cause = self.model.causes.iter().position(|cause| cause.kind == CauseKind::Silent);
        let head = state.head(server);
        let cause = cause.unwrap_or(0);
        self.stall_jobs(pool, server, cause);
        let gang = match head {
            NONE => None,
            job => match self.jobs.get(job).kind {
                JobKind::Gang(gang) => Some(gang),
                JobKind::Batch | JobKind::Replica(_) => None,
            },
        };
        if let Some(gang) = gang {
            let model = self.gang_model(gang);
            self.gangs[gang as usize].go_back(server, cause, model);
        }
        self.evict(pool, server);
        if let Some(gang) = gang {
            // What it goes back to may be an earlier part of its work, on another number of servers.
            self.resize(gang, pool);
        }
        self.pools[usize::from(pool)].note_down(self.now, server);
        self.down(pool, server, Condition::Diagnosis, self.model.operations.diagnosis);
        self.recover_hurt();
        self.dispatch(pool);
    }

    /// The jobs of a server stand still.
    pub(super) fn stall_jobs(&mut self, pool: u16, server: u32, cause: usize) {
        let now = self.now;
        let mut job = self.pools[usize::from(pool)].head(server);
        while job != NONE {
            let (kind, next, was) =
                (self.jobs.get(job).kind, self.jobs.get(job).next, self.jobs.get(job).phase);
            if kind == JobKind::Batch {
                // What it did until now is lost; its time from here on is the failure's.
                self.cut_batch(job, self.pools[usize::from(pool)].accelerators);
            }
            let record = self.jobs.get_mut(job);
            match kind {
                JobKind::Batch => {
                    record.generation += 1;
                    record.phase = Phase::Stalled;
                    let measure = &mut self.measures.batch[usize::from(record.workload)];
                    measure.killed += u64::from(was != Phase::Stalled);
                }
                JobKind::Replica(service) => {
                    record.generation += 1;
                    record.phase = Phase::Stalled;
                    let measure = &mut self.measures.services[service as usize];
                    measure.settle(now);
                    measure.serving -= u32::from(was == Phase::Running);
                    measure.lost += u64::from(was != Phase::Stalled);
                }
                JobKind::Gang(gang) => self.stall_gang(gang, server, cause),
            }
            job = next;
        }
    }

    fn stall_gang(&mut self, number: u32, server: u32, cause: usize) {
        let model = self.gang_model(number);
        let now = self.now;
        let silent = self.model.causes.get(cause).is_some_and(|cause| cause.kind == CauseKind::Silent);
        let gang = &mut self.gangs[number as usize];
        gang.dead.push(server);
        if let Elastic::Rollout { servers, .. } = model.elastic
            && gang.activity == Activity::Running
            && !silent
        {
            let tutors = (f64::from(gang.wanted(model)) * (1.0 - servers)) as usize;
            let place = gang.servers.iter().position(|&held| held == server);
            if place.is_some_and(|place| place >= tutors) {
                gang.cause = cause;
                return;
            }
        }
        match gang.activity {
            Activity::Running => {
                gang.cause = cause;
                gang.stop(now, model, Ending::Lost);
            }
            Activity::Starting => gang.settle(now),
            _ => return,
        }
        gang.cause = cause;
        gang.account.losses[cause].interruptions += 1;
        gang.turn(now, Activity::Stalled);
        self.jobs.get_mut(gang.job).generation += 1;
    }

    /// A failure that is given.
    pub(super) fn inject(&mut self, index: u32) {
        let injected = self.model.injected[index as usize];
        let state = &self.pools[usize::from(injected.pool)];
        let end = injected.server.saturating_add(injected.servers).min(state.deployed);
        for server in injected.server..end {
            if self.pools[usize::from(injected.pool)].condition[server as usize] == Condition::Up {
                if let Some(downtime) = injected.downtime {
                    self.given.insert((injected.pool, server), downtime);
                }
                self.fail(injected.pool, server, usize::from(injected.cause));
            }
        }
    }

    pub(super) fn announce_domains(&mut self, seed: u64) {
        for (domain, of) in self.model.operations.domains.iter().enumerate() {
            if !of.interval.is_finite() {
                continue;
            }
            let pools = self.model.pools.iter().enumerate();
            let groups: Vec<Vec<u16>> = if of.level == Level::Site {
                let mut sites: Vec<usize> = self.model.pools.iter().map(|pool| pool.site).collect();
                sites.sort_unstable();
                sites.dedup();
                let of_site =
                    |site| pools.clone().filter(move |(_, pool)| pool.site == site).map(|(at, _)| at as u16);
                sites.into_iter().map(|site| of_site(site).collect()).collect()
            } else {
                pools.map(|(at, _)| vec![at as u16]).collect()
            };
            for pools in groups {
                let name = &self.model.pools[usize::from(pools[0])].name;
                let mut stream = Stream::new(seed, &of.name, name);
                let first = self.next_outage(domain, &pools, &mut stream);
                let process = self.processes.len() as u32;
                self.processes.push(DomainProcess { domain, pools, stream });
                self.queue.announce(first, Event::Domain { process });
            }
        }
    }

    /// When the next of a process's domains would fail if all were there.
    fn next_outage(&self, domain: usize, pools: &[u16], stream: &mut Stream) -> Time {
        let of = &self.model.operations.domains[domain];
        let pool = usize::from(pools[0]);
        let size = self.model.pools[pool].structure.servers(of.level);
        let domains =
            if of.level == Level::Site { 1 } else { self.pools[pool].capacity.div_ceil(size.max(1)) };
        if domains == 0 { NEVER } else { Self::after(self.now, of.interval / f64::from(domains), stream) }
    }

    pub(super) fn domain_fails(&mut self, process: u32) {
        let mut at = self.processes[process as usize].clone();
        let of = &self.model.operations.domains[at.domain];
        let first = usize::from(at.pools[0]);
        let ranges: Vec<_> = if of.level == Level::Site {
            at.pools.iter().map(|&pool| (pool, 0..self.pools[usize::from(pool)].deployed)).collect()
        } else {
            let structure = &self.model.pools[first].structure;
            let capacity = self.pools[first].capacity;
            let domains = capacity.div_ceil(structure.servers(of.level).max(1));
            let domain = at.stream.below(u64::from(domains)) as u32;
            let range = structure.range(of.level, domain, self.pools[first].deployed);
            vec![(at.pools[0], range)]
        };
        let length = nanoseconds(of.outage * at.stream.exponential());
        let next = self.next_outage(at.domain, &at.pools, &mut at.stream);
        self.queue.announce(next, Event::Domain { process });
        self.processes[process as usize] = at.clone();
        // A domain that has not been built yet does not fail.
        if ranges.iter().all(|(_, range)| range.is_empty()) {
            return;
        }
        let cause = self.model.causes.len() + at.domain;
        self.measures.failures[cause] += 1;
        if self.measures.outages.len() < OUTAGES {
            let servers = ranges.iter().map(|(_, range)| range.end - range.start).sum();
            self.measures.outages.push(OutageMeasure { time: self.now, cause, pool: ranges[0].0, servers });
        }
        for (pool, range) in &ranges {
            for server in range.clone() {
                if self.pools[usize::from(*pool)].condition[server as usize] == Condition::Up {
                    self.stall_deep(*pool, server, cause);
                    self.evict(*pool, server);
                    self.pools[usize::from(*pool)].turn(self.now, server, Condition::Outage, &self.jobs);
                }
            }
        }
        let outage = self.outages.iter().position(|outage| outage.over).unwrap_or(self.outages.len());
        let record = Outage { ranges, over: false };
        if outage == self.outages.len() {
            self.outages.push(record)
        } else {
            self.outages[outage] = record
        }
        self.queue.announce(self.now.saturating_add(length), Event::Restored { outage: outage as u32 });
        self.recover_hurt();
        for pool in at.pools {
            self.dispatch(pool);
        }
    }

    /// Work of a gang that is hit by the loss of several servers at once is safe only where it survives that.
    fn stall_deep(&mut self, pool: u16, server: u32, cause: usize) {
        let head = self.pools[usize::from(pool)].head(server);
        if head != NONE
            && let JobKind::Gang(gang) = self.jobs.get(head).kind
        {
            self.gangs[gang as usize].deep = true;
        }
        self.stall_jobs(pool, server, cause);
    }

    /// The servers of an outage are back, but for those that another one covers.
    pub(super) fn restore(&mut self, outage: u32) {
        let ranges = std::mem::take(&mut self.outages[outage as usize].ranges);
        self.outages[outage as usize].over = true;
        for (pool, range) in &ranges {
            for server in range.clone() {
                if self.pools[usize::from(*pool)].condition[server as usize] == Condition::Outage {
                    self.bring_back(*pool, server);
                }
            }
            self.dispatch(*pool);
        }
    }

    /// Whether a server's domain is down.
    pub(super) fn is_out(&self, pool: u16, server: u32) -> bool {
        let covers = |(at, range): &(u16, std::ops::Range<u32>)| *at == pool && range.contains(&server);
        self.outages.iter().any(|outage| !outage.over && outage.ranges.iter().any(covers))
    }
}

/// One of several, by their summed weights.
pub(super) fn chosen(summed: &[(f64, usize)], stream: &mut Stream) -> Option<usize> {
    let all = summed.last()?.0;
    let at = stream.uniform() * all;
    summed.iter().find(|(sum, _)| at < *sum).or(summed.last()).map(|(_, index)| *index)
}
