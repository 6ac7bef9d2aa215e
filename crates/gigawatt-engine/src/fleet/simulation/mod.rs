//! The events of a history and what they do.
//!
//! Simultaneous events happen in the order in which they were announced. A component that is well has no event: failures
//! are drawn for cohorts, outages for all domains of a level, arrivals for a workload. What is announced for a server or a
//! job carries the generation that it had then and is passed over where that has changed.

mod batch;
mod dispatch;
mod failures;
mod gangs;
mod repairs;
mod services;

use super::backlog::Key;
use super::gang::Gang;
use super::hazard::Cohort;
use super::history::{History, collect};
use super::jobs::{Job, JobKind, Jobs};
use super::measures::{BatchMeasure, Measures, PoolDay, ServiceMeasure};
use super::model::{BatchJob, CauseKind, Gang as GangModel, Kind, Model, Service as ServiceModel};
use super::pool::Pool;
use super::queue::{DAY, EventQueue, Time, nanoseconds};
use super::random::Stream;
use super::tally::State;

/// Jobs of a batch workload, in the order in which they ask.
pub type Source<'a> = Box<dyn Iterator<Item = BatchJob> + Send + 'a>;

/// Hears how far a history has come and says whether to go on.
pub trait Watch {
    /// The history has come to a time after a number of events; `false` ends it there.
    fn reached(&mut self, now: Time, events: u64) -> bool;
}

/// Hears nothing.
pub struct Unwatched;

impl Watch for Unwatched {
    fn reached(&mut self, _now: Time, _events: u64) -> bool {
        true
    }
}

/// Events between two words to whoever watches.
const WATCHED: u64 = 8_192;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Delivery { pool: u16, index: u32 },
    Retirement { pool: u16, index: u32 },
    Failure { cohort: u32, generation: u32 },
    Injected { index: u32 },
    Domain { process: u32 },
    Restored { outage: u32 },
    Server { pool: u16, generation: u16, server: u32 },
    Corruption { pool: u16, generation: u16, server: u32 },
    Submit { gang: u32 },
    Arrival { workload: u16 },
    Job { job: u32, generation: u32 },
    Software { job: u32, generation: u32 },
    Demand { service: u32, index: u32 },
    Maintenance { pool: u16 },
    Day,
}

/// Causes beyond those of the model, in this order after them and its domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// The first start.
    Start,
    /// Another part of the work on another number of servers.
    Resize,
    /// Jobs of higher priority.
    Preemption,
    /// Maintenance or retirement of servers.
    Maintenance,
}

impl Extra {
    /// All of them, with their names in paths.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Start, "start"),
        (Self::Resize, "resize"),
        (Self::Preemption, "preemption"),
        (Self::Maintenance, "maintenance"),
    ];
}

/// Domains of one level in one pool or site that fail.
#[derive(Clone, Debug)]
struct DomainProcess {
    /// Its domain in the operations.
    domain: usize,
    /// Its pools: one, or those of a site.
    pools: Vec<u16>,
    stream: Stream,
}

/// Servers that are out of use together.
#[derive(Clone, Debug)]
struct Outage {
    ranges: Vec<(u16, std::ops::Range<u32>)>,
    over: bool,
}

/// Streams of a pool.
#[derive(Clone, Debug)]
struct PoolStreams {
    failures: Stream,
    causes: Stream,
    repairs: Stream,
}

/// Replicas of a service.
#[derive(Clone, Debug)]
struct Replicas {
    workload: u16,
    jobs: Vec<u32>,
}

/// A history while it runs.
pub struct Simulation<'a> {
    model: &'a Model,
    now: Time,
    queue: EventQueue<Event>,
    pools: Vec<Pool>,
    streams: Vec<PoolStreams>,
    jobs: Jobs,
    gangs: Vec<Gang>,
    /// Workload of every gang.
    gang_workloads: Vec<u16>,
    gang_streams: Vec<Stream>,
    services: Vec<Replicas>,
    sources: Vec<Option<Source<'a>>>,
    /// Job that the source of a workload gave and that has not asked yet.
    coming: Vec<Option<BatchJob>>,
    cohorts: Vec<Cohort>,
    /// Cohort of the servers that replaced others, by pool, with the week in which it began.
    replacements: Vec<Option<(Time, u32)>>,
    processes: Vec<DomainProcess>,
    outages: Vec<Outage>,
    /// Priorities of the workloads, the lowest first.
    levels: Vec<i32>,
    /// Accelerators that teams hold.
    team_used: Vec<u64>,
    /// Summed weights of causes of servers and of software.
    server_causes: Vec<(f64, usize)>,
    software_causes: Vec<(f64, usize)>,
    /// Downtime of servers whose failure was given with one.
    given: std::collections::BTreeMap<(u16, u32), Time>,
    measures: Measures,
    /// Gangs that have lost servers in the event at hand.
    hurt: Vec<u32>,
    chosen: Vec<u32>,
    /// The first of the classes that wait, in the pass at hand.
    heads: Vec<(Key, u32, usize)>,
}

impl<'a> Simulation<'a> {
    /// A history of a model with a seed. `sources` are those of its batch workloads, in their order.
    pub fn new(model: &'a Model, seed: u64, sources: Vec<Source<'a>>) -> Self {
        let mut levels: Vec<i32> = model.workloads.iter().map(|workload| workload.priority).collect();
        levels.sort_unstable();
        levels.dedup();
        levels.truncate(usize::from(u8::MAX));
        let pools = model.pools.iter().map(|pool| Pool::new(model, pool, levels.len().max(1))).collect();
        let streams = model.pools.iter().map(|pool| PoolStreams {
            failures: Stream::new(seed, "failures", &pool.name),
            causes: Stream::new(seed, "causes", &pool.name),
            repairs: Stream::new(seed, "repairs", &pool.name),
        });
        let summed = |of: fn(CauseKind) -> bool| {
            let mut sum = 0.0;
            let causes = model.causes.iter().enumerate().filter(|(_, cause)| of(cause.kind));
            causes
                .map(|(index, cause)| {
                    sum += cause.weight;
                    (sum, index)
                })
                .collect::<Vec<_>>()
        };
        let workloads = model.workloads.len();
        let mut simulation = Self {
            model,
            now: 0,
            queue: EventQueue::new(),
            pools,
            streams: streams.collect(),
            jobs: Jobs::default(),
            gangs: Vec::new(),
            gang_workloads: Vec::new(),
            gang_streams: Vec::new(),
            services: Vec::new(),
            sources: (0..workloads).map(|_| None).collect(),
            coming: vec![None; workloads],
            cohorts: Vec::new(),
            replacements: vec![None; model.pools.len()],
            processes: Vec::new(),
            outages: Vec::new(),
            levels,
            team_used: vec![0; model.teams.len()],
            server_causes: summed(|kind| kind != CauseKind::Software),
            software_causes: summed(|kind| kind == CauseKind::Software),
            given: std::collections::BTreeMap::new(),
            measures: Measures {
                failures: vec![0; model.causes.len() + model.operations.domains.len()],
                batch: vec![BatchMeasure::default(); workloads],
                ..Measures::default()
            },
            hurt: Vec::new(),
            chosen: Vec::new(),
            heads: Vec::new(),
        };
        simulation.announce_pools();
        simulation.announce_workloads(seed, sources);
        simulation.announce_domains(seed);
        simulation.queue.announce(DAY, Event::Day);
        simulation
    }

    fn announce_pools(&mut self) {
        for (pool, of) in self.model.pools.iter().enumerate() {
            let pool = pool as u16;
            for (index, delivery) in of.deliveries.iter().enumerate() {
                self.queue.announce(delivery.time, Event::Delivery { pool, index: index as u32 });
            }
            for (index, (time, _)) in of.retirements.iter().enumerate() {
                self.queue.announce(*time, Event::Retirement { pool, index: index as u32 });
            }
            if let Some(first) = self.maintenance_step(pool) {
                self.queue.announce(first, Event::Maintenance { pool });
            }
        }
        for (index, injected) in self.model.injected.iter().enumerate() {
            self.queue.announce(injected.time, Event::Injected { index: index as u32 });
        }
    }

    fn announce_workloads(&mut self, seed: u64, sources: Vec<Source<'a>>) {
        let mut sources = sources.into_iter();
        for (index, workload) in self.model.workloads.iter().enumerate() {
            let at = index as u16;
            let accelerators = self.pools[usize::from(workload.pool)].accelerators;
            match &workload.kind {
                Kind::Batch => {
                    self.sources[index] = sources.next();
                    self.next_arrival(at);
                }
                Kind::Gang(gang) => {
                    let number = self.gangs.len() as u32;
                    let state = if gang.reinforcement { State::Reinforcement } else { State::Training };
                    let wanted =
                        gang.stages.first().map_or(0, |stage| stage.servers).saturating_mul(accelerators);
                    let level = self.level(workload.priority);
                    let job = Job::new(JobKind::Gang(number), state, at, level, wanted, gang.submit);
                    let job = self.jobs.add(job);
                    self.gangs.push(Gang::new(job, gang, self.causes()));
                    self.gang_workloads.push(at);
                    self.gang_streams.push(Stream::new(seed, "software", &workload.name));
                    self.queue.announce(gang.submit, Event::Submit { gang: number });
                }
                Kind::Service(service) => {
                    let number = self.services.len() as u32;
                    self.services.push(Replicas { workload: at, jobs: Vec::new() });
                    self.measures.services.push(ServiceMeasure::default());
                    for (step, (time, _)) in service.replicas.iter().enumerate() {
                        self.queue.announce(*time, Event::Demand { service: number, index: step as u32 });
                    }
                }
            }
        }
    }

    /// How many causes there are, with domains and those of the simulator's own.
    fn causes(&self) -> usize {
        self.model.causes.len() + self.model.operations.domains.len() + Extra::ALL.len()
    }

    fn extra(&self, extra: Extra) -> usize {
        self.model.causes.len() + self.model.operations.domains.len() + extra as usize
    }

    fn level(&self, priority: i32) -> u8 {
        self.levels.partition_point(|&level| level < priority).min(usize::from(u8::MAX)) as u8
    }

    fn gang_model(&self, gang: u32) -> &'a GangModel {
        match &self.model.workloads[usize::from(self.gang_workloads[gang as usize])].kind {
            Kind::Gang(model) => model,
            Kind::Batch | Kind::Service(_) => unreachable!("a gang's workload is a gang"),
        }
    }

    fn service_model(&self, service: u32) -> &'a ServiceModel {
        match &self.model.workloads[usize::from(self.services[service as usize].workload)].kind {
            Kind::Service(model) => model,
            Kind::Batch | Kind::Gang(_) => unreachable!("a service's workload is a service"),
        }
    }

    fn pool_of(&self, workload: u16) -> u16 {
        self.model.workloads[usize::from(workload)].pool
    }

    /// Runs to the end, or until whoever watches has seen enough.
    pub fn run(mut self, watch: &mut dyn Watch) -> History {
        let mut partial = false;
        while let Some((now, event)) = self.queue.next_until(self.model.span) {
            self.now = now;
            self.measures.events += 1;
            self.happen(event);
            if self.measures.events.is_multiple_of(WATCHED) {
                self.measures.most_pending = self.measures.most_pending.max(self.queue.pending());
                if !watch.reached(now, self.measures.events) {
                    partial = true;
                    break;
                }
            }
        }
        if !partial {
            self.now = self.model.span;
        }
        self.finish();
        collect(self.model, self.now, partial, self.pools, self.gangs, self.measures)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Delivery { pool, index } => self.deliver(pool, index),
            Event::Retirement { pool, index } => self.retire(pool, index),
            Event::Failure { cohort, generation } => self.cohort_fails(cohort, generation),
            Event::Injected { index } => self.inject(index),
            Event::Domain { process } => self.domain_fails(process),
            Event::Restored { outage } => self.restore(outage),
            Event::Server { pool, generation, server } => self.server_step(pool, generation, server),
            Event::Corruption { pool, generation, server } => self.corruption_found(pool, generation, server),
            Event::Submit { gang } => self.submit_gang(gang),
            Event::Arrival { workload } => self.arrive(workload),
            Event::Job { job, generation } => self.job_step(job, generation),
            Event::Software { job, generation } => self.software_fails(job, generation),
            Event::Demand { service, index } => self.demand(service, index),
            Event::Maintenance { pool } => self.maintain(pool),
            Event::Day => self.end_of_day(),
        }
    }

    fn job_step(&mut self, job: u32, generation: u32) {
        let record = *self.jobs.get(job);
        if record.generation != generation {
            return;
        }
        match record.kind {
            JobKind::Batch => self.batch_ends(job),
            JobKind::Gang(gang) => self.gang_step(gang),
            JobKind::Replica(service) => self.replica_answers(job, service),
        }
    }

    fn end_of_day(&mut self) {
        let day = |pool: &Pool| PoolDay {
            counts: pool.tally.counts(),
            fragmentation: pool.places.fragmentation(),
            waiting: pool.backlog.len(),
        };
        self.measures.days.push(self.pools.iter().map(day).collect());
        let models = self.model.gangs().map(|(_, model)| model);
        let progress = self.gangs.iter().zip(models).map(|(gang, model)| gang.progress(self.now, model));
        self.measures.progress.push(progress.collect());
        self.queue.announce(self.now + DAY, Event::Day);
    }

    /// Brings every sum up to the end.
    fn finish(&mut self) {
        let now = self.now;
        for pool in &mut self.pools {
            pool.tally.settle_all(now);
            if pool.exhausted_since <= now {
                pool.exhausted += now - pool.exhausted_since;
            }
        }
        for service in &mut self.measures.services {
            service.settle(now);
        }
        for gang in 0..self.gangs.len() as u32 {
            self.close_gang(gang);
        }
        self.measures.most_pending = self.measures.most_pending.max(self.queue.pending());
    }

    /// A time after now that is exponential around a mean in seconds.
    fn after(now: Time, mean: f64, stream: &mut Stream) -> Time {
        if mean.is_finite() {
            now.saturating_add(nanoseconds(mean * stream.exponential()))
        } else {
            Time::MAX
        }
    }
}
