//! Jobs on many servers: they start, work, lose servers and find others.

use super::failures::chosen;
use super::{Event, Extra, Simulation};
use crate::fleet::gang::{Activity, Ending};
use crate::fleet::jobs::Phase;
use crate::fleet::model::Elastic;

impl Simulation<'_> {
    /// A gang asks for its servers.
    pub(super) fn submit_gang(&mut self, number: u32) {
        let start = self.extra(Extra::Start);
        let model = self.gang_model(number);
        let gang = &mut self.gangs[number as usize];
        if gang.wanted(model) == 0 {
            return;
        }
        gang.cause = start;
        gang.since = self.now;
        let job = gang.job;
        self.queue_again(job);
        self.dispatch(self.pool_of(self.jobs.get(job).workload));
    }

    /// A gang that waited has been chosen: takes its first servers, which are free.
    pub(super) fn begin_gang(&mut self, number: u32, pool: u16) {
        let wanted = self.gangs[number as usize].wanted(self.gang_model(number));
        self.take_servers(number, pool, wanted);
        self.start_gang(number);
    }

    /// A gang takes free servers.
    fn take_servers(&mut self, number: u32, pool: u16, count: u32) {
        let mut chosen = std::mem::take(&mut self.chosen);
        let state = &mut self.pools[usize::from(pool)];
        state.places.choose(count, &mut chosen);
        let gang = &mut self.gangs[number as usize];
        for &server in &chosen {
            state.occupy(self.now, server, gang.job, state.accelerators, &mut self.jobs);
        }
        gang.take(&chosen, &mut state.place);
        self.chosen = chosen;
        // Among them may be servers that compute wrong already.
        let model = self.gang_model(number);
        let gang = &mut self.gangs[number as usize];
        let state = &mut self.pools[usize::from(pool)];
        state.corrupt.retain(|&(server, generation)| state.generation[server as usize] == generation);
        for &(server, _) in &state.corrupt {
            if state.head(server) == gang.job {
                gang.taint(self.now, server, model);
            }
        }
    }

    /// A gang that has its servers starts.
    fn start_gang(&mut self, number: u32) {
        let restart = self.gang_model(number).restart;
        let gang = &mut self.gangs[number as usize];
        gang.turn(self.now, Activity::Starting);
        let job = gang.job;
        self.announce_step(job, Phase::Starting, self.now.saturating_add(restart));
    }

    /// Announces the end of a job's phase.
    pub(super) fn announce_step(&mut self, job: u32, phase: Phase, time: u64) {
        let record = self.jobs.get_mut(job);
        record.generation += 1;
        record.phase = phase;
        record.since = self.now;
        let generation = record.generation;
        self.queue.announce(time, Event::Job { job, generation });
    }

    /// A gang has started, has done a part of its work, or a failure of its software has been noticed.
    pub(super) fn gang_step(&mut self, number: u32) {
        match self.gangs[number as usize].activity {
            Activity::Starting => self.run_gang(number),
            Activity::Stalled => self.seek(number),
            Activity::Running => self.end_stage(number),
            Activity::Queued | Activity::Waiting | Activity::Done => {}
        }
    }

    fn run_gang(&mut self, number: u32) {
        let model = self.gang_model(number);
        let gang = &mut self.gangs[number as usize];
        gang.deep = false;
        let end = gang.run(self.now, model);
        let job = gang.job;
        self.announce_step(job, Phase::Running, end);
        if !self.software_causes.is_empty() && model.software_interval.is_finite() {
            let time =
                Self::after(self.now, model.software_interval, &mut self.gang_streams[number as usize]);
            let generation = self.jobs.get(job).generation;
            if time < end {
                self.queue.announce(time, Event::Software { job, generation });
            }
        }
    }

    fn end_stage(&mut self, number: u32) {
        let model = self.gang_model(number);
        let resize = self.extra(Extra::Resize);
        let pool = self.pool_of(self.gang_workloads[number as usize]);
        let gang = &mut self.gangs[number as usize];
        gang.stop(self.now, model, Ending::Done);
        if gang.advance(model).is_some() {
            gang.cause = resize;
            self.resize(number, pool);
            self.seek(number);
        } else {
            gang.ended = Some(self.now);
            gang.turn(self.now, Activity::Done);
            self.release_gang(number, pool);
        }
        self.dispatch(pool);
    }

    /// A gang asks for what its part of the work wants, and gives back what is beyond that.
    pub(super) fn resize(&mut self, number: u32, pool: u16) {
        let model = self.gang_model(number);
        let gang = &self.gangs[number as usize];
        let (job, wanted) = (gang.job, gang.wanted(model));
        let mut surplus = gang.servers.get(wanted as usize..).unwrap_or_default().to_vec();
        surplus.sort_unstable();
        let workload = self.gang_workloads[number as usize];
        let before = self.jobs.get(job).accelerators;
        let after = wanted.saturating_mul(self.pools[usize::from(pool)].accelerators);
        self.jobs.get_mut(job).accelerators = after;
        self.release_quota(workload, before);
        self.take_quota(workload, after);
        self.lose_servers(number, pool, &surplus);
    }

    /// A gang gives all its servers back.
    fn release_gang(&mut self, number: u32, pool: u16) {
        let job = self.gangs[number as usize].job;
        let record = *self.jobs.get(job);
        self.release_quota(record.workload, record.accelerators);
        self.jobs.get_mut(job).generation += 1;
        let servers = self.gangs[number as usize].forget_all();
        for &server in &servers {
            self.pools[usize::from(pool)].vacate(self.now, server, job, &mut self.jobs);
            self.leave_if_unused(pool, server);
        }
        self.pools[usize::from(pool)].refills.retain(|&other| other != number);
    }

    /// A gang loses servers, which are given in the order of their numbers.
    pub(super) fn lose_servers(&mut self, number: u32, pool: u16, servers: &[u32]) {
        if servers.is_empty() {
            return;
        }
        let model = self.gang_model(number);
        let gang = &mut self.gangs[number as usize];
        let job = gang.job;
        if gang.activity == Activity::Running {
            gang.stop(self.now, model, Ending::Continued);
            self.jobs.get_mut(job).generation += 1;
        } else {
            gang.settle(self.now);
        }
        gang.forget(servers, &mut self.pools[usize::from(pool)].place, model);
        for &server in servers {
            self.pools[usize::from(pool)].vacate(self.now, server, job, &mut self.jobs);
            self.leave_if_unused(pool, server);
        }
    }

    /// Gangs that lost servers in the event at hand look for others.
    pub(super) fn recover_hurt(&mut self) {
        let hurt = std::mem::take(&mut self.hurt);
        for &number in &hurt {
            match self.gangs[number as usize].activity {
                Activity::Running => self.go_on(number),
                Activity::Stalled | Activity::Starting => self.seek(number),
                Activity::Queued | Activity::Waiting | Activity::Done => {}
            }
        }
        self.hurt = hurt;
        self.hurt.clear();
    }

    /// A gang that can miss some of its servers works on without them, and takes others as they come.
    fn go_on(&mut self, number: u32) {
        let model = self.gang_model(number);
        let pool = self.pool_of(self.gang_workloads[number as usize]);
        self.refill(number, pool);
        let gang = &self.gangs[number as usize];
        let (there, wanted) = (gang.servers.len() as u32, gang.wanted(model));
        if there < gang.least(model) {
            // Too few are left to go on: it stops as if all had failed.
            let gang = &mut self.gangs[number as usize];
            gang.stop(self.now, model, Ending::Lost);
            gang.account.losses[gang.cause].interruptions += 1;
            gang.turn(self.now, Activity::Stalled);
            self.seek(number);
            return;
        }
        if there < wanted {
            self.await_refill(number, pool);
        }
        self.run_gang(number);
    }

    /// Takes as many of the servers that a gang lacks as are free.
    fn refill(&mut self, number: u32, pool: u16) {
        let model = self.gang_model(number);
        let gang = &self.gangs[number as usize];
        let lacking = gang.wanted(model).saturating_sub(gang.servers.len() as u32);
        let count = lacking.min(self.pools[usize::from(pool)].places.whole_servers());
        if count > 0 {
            self.gangs[number as usize].settle(self.now);
            self.take_servers(number, pool, count);
        }
    }

    fn await_refill(&mut self, number: u32, pool: u16) {
        let refills = &mut self.pools[usize::from(pool)].refills;
        if !refills.contains(&number) {
            refills.push(number);
        }
    }

    /// A gang that stands looks for what it lacks: starts with enough servers, else waits for them. While another of its
    /// servers is dead and nobody knows it does not get on.
    pub(super) fn seek(&mut self, number: u32) {
        if !self.gangs[number as usize].dead.is_empty() {
            let gang = &mut self.gangs[number as usize];
            let job = gang.job;
            gang.turn(self.now, Activity::Stalled);
            self.jobs.get_mut(job).generation += 1;
            return;
        }
        let model = self.gang_model(number);
        let workload = self.gang_workloads[number as usize];
        let pool = self.pool_of(workload);
        self.leave_due(number, pool);
        self.refill(number, pool);
        let gang = &self.gangs[number as usize];
        let (there, wanted, least) = (gang.servers.len() as u32, gang.wanted(model), gang.least(model));
        let level = self.jobs.get(gang.job).level;
        if there < wanted && self.make_room(pool, level, wanted - there, 0) {
            self.refill(number, pool);
        }
        let there = self.gangs[number as usize].servers.len() as u32;
        if there < wanted {
            self.await_refill(number, pool);
        }
        if there >= least {
            self.start_gang(number);
        } else {
            self.gangs[number as usize].turn(self.now, Activity::Waiting);
            let job = self.gangs[number as usize].job;
            let record = self.jobs.get_mut(job);
            record.generation += 1;
            record.phase = Phase::Queued;
        }
    }

    /// A gang that stands anyway gives servers back that are due for maintenance or leaving, if others are free.
    fn leave_due(&mut self, number: u32, pool: u16) {
        let model = self.gang_model(number);
        let state = &self.pools[usize::from(pool)];
        let gang = &self.gangs[number as usize];
        let due: Vec<u32> = state.flagged.iter().filter(|&server| state.head(server) == gang.job).collect();
        let lacking = gang.wanted(model).saturating_sub(gang.servers.len() as u32);
        if due.len() as u32 + lacking <= state.places.whole_servers() {
            self.lose_servers(number, pool, &due);
        }
    }

    /// Gangs that lack servers take those that have become free, the most important first.
    pub(super) fn serve_refills(&mut self, pool: u16) {
        let at = usize::from(pool);
        if self.pools[at].refills.is_empty() {
            return;
        }
        let mut refills = std::mem::take(&mut self.pools[at].refills);
        refills
            .sort_by_key(|&number| std::cmp::Reverse(self.jobs.get(self.gangs[number as usize].job).level));
        let mut waiting = false;
        for &number in &refills {
            let model = self.gang_model(number);
            let resize = self.extra(Extra::Resize);
            let free = self.pools[at].places.whole_servers();
            let gang = &mut self.gangs[number as usize];
            let lacking = gang.wanted(model).saturating_sub(gang.servers.len() as u32);
            match gang.activity {
                Activity::Waiting
                    if gang.servers.len() as u32 + free.min(lacking) >= gang.least(model)
                        && gang.dead.is_empty() =>
                {
                    self.refill(number, pool);
                    self.start_gang(number);
                    if free < lacking {
                        self.pools[at].refills.push(number);
                    }
                }
                Activity::Waiting => {
                    waiting = true;
                    self.pools[at].refills.push(number);
                }
                Activity::Running
                    if lacking > 0 && free > 0 && matches!(model.elastic, Elastic::Rollout { .. }) =>
                {
                    gang.stop(self.now, model, Ending::Continued);
                    self.refill(number, pool);
                    self.run_gang(number);
                    if free < lacking {
                        self.pools[at].refills.push(number);
                    }
                }
                Activity::Running if lacking > 0 && free >= lacking => {
                    gang.stop(self.now, model, Ending::Kept);
                    gang.cause = resize;
                    self.refill(number, pool);
                    self.start_gang(number);
                }
                Activity::Starting | Activity::Running | Activity::Stalled if lacking > 0 => {
                    self.pools[at].refills.push(number);
                }
                _ => {}
            }
        }
        let state = &mut self.pools[at];
        if waiting && state.exhausted_since > self.now {
            state.exhausted_since = self.now;
        } else if !waiting && state.exhausted_since <= self.now {
            state.exhausted += self.now - state.exhausted_since;
            state.exhausted_since = u64::MAX;
        }
    }

    /// A gang gives its servers to a job of higher priority; what it has done is written first.
    pub(super) fn preempt_gang(&mut self, number: u32) {
        let model = self.gang_model(number);
        let cause = self.extra(Extra::Preemption);
        let gang = &mut self.gangs[number as usize];
        if gang.activity == Activity::Running {
            gang.stop(self.now, model, Ending::Kept);
        }
        gang.settle(self.now);
        gang.cause = cause;
        gang.account.losses[cause].interruptions += 1;
        gang.turn(self.now, Activity::Queued);
        let job = gang.job;
        let pool = self.pool_of(self.gang_workloads[number as usize]);
        self.release_gang(number, pool);
        self.queue_again(job);
    }

    /// The software of a gang fails.
    pub(super) fn software_fails(&mut self, job: u32, generation: u32) {
        let record = *self.jobs.get(job);
        let crate::fleet::jobs::JobKind::Gang(number) = record.kind else { return };
        if record.generation != generation {
            return;
        }
        let model = self.gang_model(number);
        let Some(cause) = chosen(&self.software_causes, &mut self.gang_streams[number as usize]) else {
            return;
        };
        self.measures.failures[cause] += 1;
        let gang = &mut self.gangs[number as usize];
        gang.cause = cause;
        gang.stop(self.now, model, Ending::Lost);
        gang.account.losses[cause].interruptions += 1;
        gang.turn(self.now, Activity::Stalled);
        self.announce_step(job, Phase::Stalled, self.now.saturating_add(self.model.operations.detection));
    }

    /// Books a gang's time up to the end of the history.
    pub(super) fn close_gang(&mut self, number: u32) {
        let model = self.gang_model(number);
        let now = self.now;
        let gang = &mut self.gangs[number as usize];
        match gang.activity {
            Activity::Running => gang.stop(now, model, Ending::Continued),
            Activity::Queued if gang.since > now => {}
            _ => gang.settle(now),
        }
    }
}
