//! Services: as many replicas as are wanted, as far as there is room.

use super::Simulation;
use crate::fleet::jobs::{Job, JobKind, Phase};
use crate::fleet::tally::State;

impl Simulation<'_> {
    /// Another number of replicas is wanted.
    pub(super) fn demand(&mut self, service: u32, index: u32) {
        let model = self.service_model(service);
        let (_, wanted) = model.replicas[index as usize];
        let workload = self.services[service as usize].workload;
        let pool = self.pool_of(workload);
        let priority = self.model.workloads[usize::from(workload)].priority;
        let level = self.level(priority);
        let measure = &mut self.measures.services[service as usize];
        measure.settle(self.now);
        measure.wanted = wanted;
        while (self.services[service as usize].jobs.len() as u64) < u64::from(wanted) {
            let job = Job::new(
                JobKind::Replica(service),
                State::Service,
                workload,
                level,
                model.accelerators.max(1),
                self.now,
            );
            let job = self.jobs.add(job);
            self.services[service as usize].jobs.push(job);
            self.pools[usize::from(pool)].backlog.enter(
                job,
                workload,
                model.accelerators.max(1),
                priority,
                self.now,
            );
        }
        while self.services[service as usize].jobs.len() as u64 > u64::from(wanted) {
            let Some(job) = self.services[service as usize].jobs.pop() else { break };
            self.stop_replica(job, service, pool);
        }
        self.dispatch(pool);
    }

    fn stop_replica(&mut self, job: u32, service: u32, pool: u16) {
        let record = *self.jobs.get(job);
        match record.phase {
            Phase::Queued => {
                self.pools[usize::from(pool)].backlog.withdraw(job, record.workload, record.accelerators);
            }
            phase => {
                self.measures.services[service as usize].serving -= u32::from(phase == Phase::Running);
                self.give_back(job);
            }
        }
        self.jobs.remove(job);
    }

    /// A replica that has its accelerators loads its model.
    pub(super) fn start_replica(&mut self, job: u32, service: u32) {
        let ready = self.now.saturating_add(self.service_model(service).start_up);
        self.announce_step(job, Phase::Starting, ready);
    }

    /// A replica answers from now on.
    pub(super) fn replica_answers(&mut self, job: u32, service: u32) {
        let measure = &mut self.measures.services[service as usize];
        measure.settle(self.now);
        measure.serving += 1;
        let record = self.jobs.get_mut(job);
        record.phase = Phase::Running;
        record.since = self.now;
    }
}
