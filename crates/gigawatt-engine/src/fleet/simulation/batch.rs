//! Jobs of batch workloads: they ask, run and end.

use super::{Event, Simulation};
use crate::fleet::jobs::{Held, Job, JobKind, Phase};
use crate::fleet::measures::SIZES;
use crate::fleet::tally::State;

/// The class of a job of so many accelerators: `⌈log₂⌉` of their number.
fn size_class(accelerators: u32) -> usize {
    let doublings = u32::BITS - accelerators.saturating_sub(1).leading_zeros();
    (doublings as usize).min(SIZES - 1)
}

impl Simulation<'_> {
    /// Announces the next job of a workload's source.
    pub(super) fn next_arrival(&mut self, workload: u16) {
        let at = usize::from(workload);
        self.coming[at] = self.sources[at].as_mut().and_then(Iterator::next);
        if let Some(job) = self.coming[at] {
            self.queue.announce(job.submit, Event::Arrival { workload });
        }
    }

    /// A job asks for its accelerators.
    pub(super) fn arrive(&mut self, workload: u16) {
        let Some(asked) = self.coming[usize::from(workload)].take() else { return };
        let of = &self.model.workloads[usize::from(workload)];
        let (pool, priority) = (of.pool, of.priority);
        let level = self.level(priority);
        let accelerators = asked.accelerators.max(1);
        let job = Job {
            run: asked.run,
            limit: asked.limit.max(asked.run),
            part: asked.part.max(1),
            beside: asked.beside.max(1),
            ..Job::new(JobKind::Batch, State::Batch, workload, level, accelerators, self.now)
        };
        let job = self.jobs.add(job);
        self.measures.batch[usize::from(workload)].submitted += 1;
        self.next_arrival(workload);
        let first =
            self.pools[usize::from(pool)].backlog.enter(job, workload, accelerators, priority, self.now);
        // Behind another of its class it has to wait, whatever is free.
        if first {
            self.dispatch(pool);
        }
    }

    /// A batch job or a replica takes accelerators that are free.
    pub(super) fn hold(&mut self, job: u32, pool: u16, servers: &[u32]) {
        let at = usize::from(pool);
        let accelerators = self.pools[at].accelerators;
        let wanted = self.jobs.get(job).accelerators;
        if let [server] = servers {
            self.pools[at].occupy(self.now, *server, job, wanted.min(accelerators), &mut self.jobs);
            self.jobs.get_mut(job).held = Held::One(*server);
        } else {
            for &server in servers {
                self.pools[at].occupy(self.now, server, job, accelerators, &mut self.jobs);
            }
            let list = self.jobs.list(servers);
            self.jobs.get_mut(job).held = Held::Many(list);
        }
    }

    /// A batch job that has its accelerators runs.
    pub(super) fn run_batch(&mut self, job: u32) {
        let record = self.jobs.get_mut(job);
        let (run, limit, workload) = (record.run, record.limit, record.workload);
        if !record.started {
            record.started = true;
            self.measures.batch[usize::from(workload)].waits.add(self.now - record.submit);
        }
        self.announce_step(job, Phase::Running, self.now.saturating_add(run.min(limit)));
    }

    /// A batch job that works is stopped: it loses what it has not finished, and of several side by side only those lose
    /// it that stood on the accelerators which are gone.
    pub(super) fn cut_batch(&mut self, job: u32, gone: u32) {
        let now = self.now;
        let record = self.jobs.get_mut(job);
        if record.phase != Phase::Running {
            return;
        }
        let ran = now - record.since;
        let unfinished = ran % record.part;
        let accelerators = u128::from(record.accelerators);
        let (kept, lost) = if record.beside > 1 && gone < record.accelerators {
            let lost = u128::from(unfinished) * u128::from(gone);
            (ran, lost)
        } else {
            (ran - unfinished, u128::from(unfinished) * accelerators)
        };
        let failed = gone < u32::MAX;
        record.run -= kept.min(record.run);
        record.limit -= kept.min(record.limit);
        let (workload, beside, size) = (record.workload, record.beside, record.accelerators / record.beside);
        let of_size = &mut self.measures.sizes[size_class(size)];
        of_size.time += u128::from(ran) * u128::from(beside);
        of_size.interruptions += u64::from(failed);
        let measure = &mut self.measures.batch[usize::from(workload)];
        measure.lost += lost;
        measure.done += (u128::from(ran) * accelerators).saturating_sub(lost);
    }

    /// A batch job ends.
    pub(super) fn batch_ends(&mut self, job: u32) {
        let record = *self.jobs.get(job);
        let of_size = &mut self.measures.sizes[size_class(record.accelerators / record.beside)];
        of_size.time += u128::from(self.now - record.since) * u128::from(record.beside);
        let measure = &mut self.measures.batch[usize::from(record.workload)];
        measure.ended += 1;
        measure.done += u128::from(self.now - record.since) * u128::from(record.accelerators);
        self.give_back(job);
        self.jobs.remove(job);
        self.dispatch(self.pool_of(record.workload));
    }
}
