//! Servers are mended, replaced and maintained.

use super::{Event, Simulation};
use crate::fleet::hazard::Cohort;
use crate::fleet::jobs::{Held, JobKind, NONE, Phase};
use crate::fleet::places::Level;
use crate::fleet::pool::{Condition, DUE, LEAVING};
use crate::fleet::queue::{DAY, NEVER, Time, nanoseconds};

/// Servers that replaced others within this time share a cohort.
const COHORT: Time = 7 * DAY;

impl Simulation<'_> {
    /// The next step of a server that is out of use.
    pub(super) fn server_step(&mut self, pool: u16, generation: u16, server: u32) {
        let at = usize::from(pool);
        if self.pools[at].generation[server as usize] != generation {
            return;
        }
        let operations = &self.model.operations;
        match self.pools[at].condition[server as usize] {
            Condition::Undetected => {
                self.evict(pool, server);
                let given = self.given.remove(&(pool, server));
                match given {
                    // Whoever gave the failure gave also when it is over.
                    Some(downtime) => self.down(pool, server, Condition::BurnIn, downtime),
                    None => self.down(pool, server, Condition::Diagnosis, operations.diagnosis),
                }
                self.recover_hurt();
                self.dispatch(pool);
            }
            Condition::Diagnosis => {
                let reset = self.streams[at].repairs.uniform() < operations.reset_share;
                if reset {
                    self.down(pool, server, Condition::Reset, operations.reset);
                } else {
                    self.pools[at].turn(self.now, server, Condition::AwaitingTechnician, &self.jobs);
                    self.pools[at].awaiting.push_back(server);
                    self.send_technicians(pool);
                }
            }
            Condition::Repair => {
                self.pools[at].technicians_busy -= 1;
                let stream = &mut self.streams[at].repairs;
                let replaced = stream.uniform() < operations.replacement_share;
                let time = nanoseconds(operations.replacement * stream.exponential());
                if replaced || self.is_lemon(pool, server) {
                    self.down(pool, server, Condition::AwaitingReplacement, time);
                } else {
                    self.down(pool, server, Condition::BurnIn, operations.burn_in);
                }
                self.send_technicians(pool);
            }
            Condition::AwaitingReplacement => {
                self.replace(pool, server);
                self.down(pool, server, Condition::BurnIn, operations.burn_in);
            }
            Condition::Reset | Condition::BurnIn | Condition::Maintenance => {
                self.bring_back(pool, server);
                self.dispatch(pool);
            }
            Condition::Absent | Condition::Up | Condition::Outage | Condition::AwaitingTechnician => {}
        }
    }

    /// Whether a server has failed too often of late.
    fn is_lemon(&self, pool: u16, server: u32) -> bool {
        let operations = &self.model.operations;
        let record = self.pools[usize::from(pool)].record(server);
        operations.lemon_failures > 0
            && record.recent >= operations.lemon_failures
            && self.now.saturating_sub(record.window) <= operations.lemon_window
    }

    /// Gives servers that wait to technicians who are free.
    fn send_technicians(&mut self, pool: u16) {
        let at = usize::from(pool);
        let on_duty = self.model.pools[at].technicians * f64::from(self.pools[at].there) / 1000.0;
        // A pool that has any technicians has at least one.
        let on_duty = if on_duty > 0.0 { on_duty.max(1.0) as u32 } else { 0 };
        while self.pools[at].technicians_busy < on_duty {
            let Some(server) = self.pools[at].awaiting.pop_front() else { return };
            self.pools[at].technicians_busy += 1;
            let time = nanoseconds(self.model.operations.repair * self.streams[at].repairs.exponential());
            self.down(pool, server, Condition::Repair, time);
        }
    }

    /// Another server stands in the place of one: it begins anew, and its failures leave with the old one.
    fn replace(&mut self, pool: u16, server: u32) {
        let at = usize::from(pool);
        self.leave_cohort(pool, server);
        let cohort = match self.replacements[at] {
            Some((begun, cohort)) if self.now - begun < COHORT => cohort,
            _ => {
                let cohort = self.cohorts.len() as u32;
                let hazard = &self.model.pools[at].hazard;
                self.cohorts.push(Cohort::new(pool, hazard, self.now, 0.0, 0, 0));
                self.replacements[at] = Some((self.now, cohort));
                cohort
            }
        };
        self.cohorts[cohort as usize].join(server);
        self.pools[at].cohort[server as usize] = cohort;
        self.announce_failure(cohort);
    }

    /// A server's failures leave its cohort with it.
    fn leave_cohort(&mut self, pool: u16, server: u32) {
        let marks = self.pools[usize::from(pool)].forget(server);
        let cohort = self.pools[usize::from(pool)].cohort[server as usize];
        if marks > 0 && cohort != NONE {
            self.cohorts[cohort as usize].leave(marks);
            // The next failure was drawn with them.
            self.announce_failure(cohort);
        }
    }

    /// A server on which nobody works leaves for good.
    fn depart(&mut self, pool: u16, server: u32) {
        self.leave_cohort(pool, server);
        self.pools[usize::from(pool)].depart(self.now, server);
    }

    /// A server is ready again; whoever called offers it to jobs.
    pub(super) fn bring_back(&mut self, pool: u16, server: u32) {
        let out = self.is_out(pool, server);
        let state = &mut self.pools[usize::from(pool)];
        state.clear(server, DUE);
        if out {
            state.turn(self.now, server, Condition::Outage, &self.jobs);
        } else if state.is(server, LEAVING) {
            self.depart(pool, server);
        } else {
            state.turn(self.now, server, Condition::Up, &self.jobs);
            if let Some(since) = state.note_up(server) {
                self.measures.down.add(self.now - since);
            }
        }
    }

    /// How long the rotation of maintenance stays at a rack.
    pub(super) fn maintenance_step(&self, pool: u16) -> Option<Time> {
        let at = usize::from(pool);
        let racks =
            self.pools[at].capacity.div_ceil(self.model.pools[at].structure.servers(Level::Rack).max(1));
        let interval = self.model.operations.maintenance_interval;
        (interval != NEVER && racks > 0).then(|| (interval / u64::from(racks)).max(1))
    }

    /// The rotation comes to the next rack: its servers are maintained as soon as nobody works on them. Replicas move
    /// away, a gang keeps them until it is interrupted anyway.
    pub(super) fn maintain(&mut self, pool: u16) {
        let at = usize::from(pool);
        let structure = self.model.pools[at].structure;
        let capacity = self.pools[at].capacity;
        let racks = capacity.div_ceil(structure.servers(Level::Rack).max(1));
        let rack = self.pools[at].rotation % racks.max(1);
        self.pools[at].rotation = rack + 1;
        for server in structure.range(Level::Rack, rack, capacity) {
            if self.pools[at].condition[server as usize] == Condition::Up {
                self.pools[at].set(server, DUE);
                self.move_away(pool, server);
            }
        }
        if let Some(step) = self.maintenance_step(pool) {
            self.queue.announce(self.now + step, Event::Maintenance { pool });
        }
        self.recover_hurt();
        self.dispatch(pool);
    }

    /// Replicas of a server that is to be left move elsewhere; if nobody is on it then, it is left.
    pub(super) fn move_away(&mut self, pool: u16, server: u32) {
        let mut job = self.pools[usize::from(pool)].head(server);
        while job != NONE {
            let record = *self.jobs.get(job);
            if let JobKind::Replica(service) = record.kind {
                if record.phase == Phase::Running {
                    let measure = &mut self.measures.services[service as usize];
                    measure.settle(self.now);
                    measure.serving -= 1;
                }
                self.give_back(job);
                self.queue_again(job);
            }
            job = record.next;
        }
        self.leave_if_unused(pool, server);
    }

    /// A server that is due or leaving goes where it has to as soon as nobody works on it.
    pub(super) fn leave_if_unused(&mut self, pool: u16, server: u32) {
        let state = &mut self.pools[usize::from(pool)];
        if state.used(server) > 0 || state.condition[server as usize] != Condition::Up {
            return;
        }
        if state.is(server, LEAVING) {
            self.depart(pool, server);
        } else if state.is(server, DUE) {
            self.down(pool, server, Condition::Maintenance, self.model.operations.maintenance);
        }
    }

    /// Takes every job off a server. Gangs that lose it are put down in `hurt`.
    pub(super) fn evict(&mut self, pool: u16, server: u32) {
        loop {
            let job = self.pools[usize::from(pool)].head(server);
            if job == NONE {
                return;
            }
            match self.jobs.get(job).kind {
                JobKind::Batch | JobKind::Replica(_) => {
                    self.give_back(job);
                    self.queue_again(job);
                }
                JobKind::Gang(gang) => {
                    self.lose_servers(gang, pool, &[server]);
                    if self.hurt.last() != Some(&gang) && !self.hurt.contains(&gang) {
                        self.hurt.push(gang);
                    }
                }
            }
        }
    }

    /// A job gives all its servers back.
    pub(super) fn give_back(&mut self, job: u32) {
        let record = *self.jobs.get(job);
        let pool = self.pool_of(record.workload);
        let now = self.now;
        self.release_quota(record.workload, record.accelerators);
        match record.held {
            Held::None => {}
            Held::One(server) => {
                self.pools[usize::from(pool)].vacate(now, server, job, &mut self.jobs);
                self.leave_if_unused(pool, server);
            }
            Held::Many(list) => {
                let servers = std::mem::take(self.jobs.servers_mut(list));
                for &server in &servers {
                    self.pools[usize::from(pool)].vacate(now, server, job, &mut self.jobs);
                    self.leave_if_unused(pool, server);
                }
                *self.jobs.servers_mut(list) = servers;
                self.jobs.drop_list(list);
            }
        }
        self.jobs.get_mut(job).held = Held::None;
    }

    /// A job asks once more, from where it stood.
    pub(super) fn queue_again(&mut self, job: u32) {
        let now = self.now;
        let record = self.jobs.get_mut(job);
        record.generation += 1;
        record.phase = Phase::Queued;
        record.since = now;
        record.until = NEVER;
        let (workload, accelerators, submit) = (record.workload, record.accelerators, record.submit);
        let priority = self.model.workloads[usize::from(workload)].priority;
        let pool = usize::from(self.pool_of(workload));
        self.pools[pool].backlog.enter(job, workload, accelerators, priority, submit);
    }
}
