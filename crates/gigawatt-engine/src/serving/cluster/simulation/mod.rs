//! The events of a deployment and what they do.

mod outcomes;
mod records;
mod replicas;
mod routes;
mod transfers;

use std::collections::VecDeque;

use records::Records;
use replicas::{Engine, Replica};
pub use replicas::{ReplicaState, STATES};

use super::batches::Batches;
use super::course::Course;
use super::model::{Cluster, IncidentKind};
use super::requests::Requests;
use super::result::{ClassResult, ClusterResult, Counts, Ended, Rates};
use super::routing::Routing;
use super::scaling::Recommendations;
use super::server::{Blueprint, Server};
use super::statistics::Group;
use super::tournament::{ABSENT, Tournament};
use crate::fleet::queue::EventQueue;
use crate::fleet::{NEVER, Time, Watch};
use crate::serving::replica::{Arrival, Outcome, Role, Work};

/// Requests that may be in flight before engines that nobody looks at are asked what has ended.
const UNSETTLED: usize = 1 << 14;

/// Steps between two words to whoever watches.
const WATCHED: u64 = 4_096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// A replica is hit.
    Incident { index: u32 },
    /// A replica that was out of use may start.
    Back { replica: u32 },
    /// A replica has started.
    Ready { replica: u32, generation: u32 },
    /// An autoscaler looks.
    Scale { class: u32 },
    /// A request that has lost its engine begins again.
    Retry { record: u32 },
    /// A request arrives that followed from another.
    Follow { record: u32 },
    /// A prompt is computed and its cache can be sent.
    Prefilled { record: u32 },
    /// A cache has come.
    Transferred { record: u32 },
}

/// A deployment while it runs.
pub(super) struct Simulation<'a, B: Blueprint> {
    model: &'a Cluster<B>,
    requests: &'a mut dyn Requests,
    told: &'a mut dyn FnMut(&Ended),
    now: Time,
    queue: EventQueue<Event>,
    engines: Vec<Engine<B::Server>>,
    replicas: Vec<Replica>,
    /// First replica of every class.
    first: Vec<u32>,
    /// Among engines that take requests as they come.
    front: Routing,
    /// Among engines that decode only.
    decode: Routing,
    /// Next changes of engines, where they are followed.
    changes: Tournament,
    /// Whether changes are followed: else engines are looked at only when they get something.
    followed: bool,
    /// How many requests may be in flight before engines are asked what has ended.
    bound: usize,
    /// Whether prefix blocks are needed again after a request was handed over.
    keeps_blocks: bool,
    records: Records,
    /// The next request, without its blocks.
    ahead: Option<Arrival<'static>>,
    ahead_blocks: Vec<u64>,
    /// A buffer for the blocks of another.
    spare: Vec<u64>,
    /// Requests that nobody takes.
    held: VecDeque<u32>,
    /// Prompts whose cache nobody takes.
    for_decode: VecDeque<u32>,
    /// Whether a decoding engine may take one now.
    decode_changed: bool,
    /// Requests that follow from others and have not arrived.
    coming: u64,
    scalers: Vec<Option<Recommendations>>,
    /// Requests outstanding of every class.
    outstanding: Vec<u64>,
    /// When something other than a look of an autoscaler happened last.
    lively: Time,
    /// Looks of autoscalers that are announced.
    looks: usize,
    outcomes: Vec<Outcome>,
    latest: Time,
    counts: Counts,
    rates: Rates,
    failed: u64,
    by_priority: Vec<(u8, Group)>,
    batches: Batches,
    classes: Vec<ClassResult>,
    course: Course<super::course::Point>,
}

impl<'a, B: Blueprint> Simulation<'a, B> {
    pub fn new(
        model: &'a Cluster<B>,
        requests: &'a mut dyn Requests,
        told: &'a mut dyn FnMut(&Ended),
    ) -> Self {
        let (mut engines, mut replicas, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for (class, of) in (0..).zip(&model.classes) {
            first.push(replicas.len() as u32);
            for _ in 0..of.most() {
                let begin = engines.len() as u32;
                let replica = replicas.len() as u32;
                engines.extend((0..of.engines).map(|_| Engine::new(of.blueprint.build(), replica, class)));
                replicas.push(Replica::new(class, begin..engines.len() as u32));
            }
        }
        let count = engines.len() as u32;
        let apart = model.classes.iter().any(|class| class.blueprint.role() != Role::Whole);
        let scaled = model.classes.iter().any(|class| class.scaling.is_some());
        let limited = model.admission.each < u32::MAX;
        let decode_engines = if apart { count } else { 0 };
        let fails = model.incidents.iter().any(|incident| incident.kind == IncidentKind::Failure);
        let mut simulation = Self {
            followed: false,
            bound: UNSETTLED,
            keeps_blocks: apart || (fails && model.retries > 0),
            front: Routing::new(model.router, count, model.seed, "front"),
            decode: Routing::new(model.decode_router, decode_engines, model.seed, "decode"),
            changes: Tournament::new(engines.len()),
            scalers: model
                .classes
                .iter()
                .map(|class| class.scaling.map(|scaling| Recommendations::new(scaling, class.replicas)))
                .collect(),
            outstanding: vec![0; model.classes.len()],
            classes: model.classes.iter().map(|class| ClassResult::new(class.engines)).collect(),
            model,
            requests,
            told,
            now: 0,
            queue: EventQueue::new(),
            engines,
            replicas,
            first,
            records: Records::default(),
            ahead: None,
            ahead_blocks: Vec::new(),
            spare: Vec::new(),
            held: VecDeque::new(),
            for_decode: VecDeque::new(),
            decode_changed: false,
            coming: 0,
            lively: 0,
            looks: 0,
            outcomes: Vec::new(),
            latest: 0,
            counts: Counts::default(),
            rates: Rates::default(),
            failed: 0,
            by_priority: Vec::new(),
            batches: Batches::default(),
            course: Course::default(),
        };
        let weighs = Routing::weighs_all(model.router);
        if weighs || apart || scaled || limited || simulation.requests.follows() {
            simulation.follow_changes();
        }
        simulation.announce_all();
        simulation
    }

    fn announce_all(&mut self) {
        for (class, of) in self.model.classes.iter().enumerate() {
            let first = self.first[class];
            (first..first + of.replicas).for_each(|replica| self.change_state(replica, ReplicaState::Ready));
            if let Some(scaling) = of.scaling {
                self.looks += 1;
                self.queue.announce(scaling.interval, Event::Scale { class: class as u32 });
            }
        }
        for (index, incident) in (0..).zip(&self.model.incidents) {
            self.queue.announce(incident.at, Event::Incident { index });
        }
    }

    /// Runs until all has ended.
    pub fn run(mut self, watch: &mut dyn Watch) -> ClusterResult {
        let (mut partial, mut steps) = (false, 0_u64);
        let end = self.model.end.unwrap_or(NEVER);
        self.look_ahead();
        loop {
            if self.ahead.is_none() {
                // What is left has to end before the run does, so engines are waited for.
                self.follow_changes();
                if self.records.count() == 0 {
                    break;
                }
            }
            let arrival = self.ahead.map_or(NEVER, |arrival| arrival.at);
            let event = self.queue.next_time().unwrap_or(NEVER);
            let (change, engine) = self.changes.least().unwrap_or((ABSENT, 0));
            let next = arrival.min(event).min(change);
            if next > end {
                self.now = end;
                break;
            }
            if next == NEVER {
                break;
            }
            if change == next {
                self.now = self.now.max(change);
                self.advance(engine, self.now);
                self.follow(engine);
                if self.changes.key(engine) <= self.now {
                    // A run must not hang on an engine that stands still; what it has stays in flight.
                    debug_assert!(false, "engine {engine} stands still");
                    self.changes.set(engine, ABSENT);
                }
            } else if event <= arrival {
                let Some((now, event)) = self.queue.next_until(event) else { break };
                self.now = self.now.max(now);
                self.happen(event);
            } else {
                self.now = self.now.max(arrival);
                self.arrive();
            }
            self.hand_out();
            self.catch_up();
            steps += 1;
            if steps.is_multiple_of(WATCHED) && !watch.reached(self.now, self.counts.ended()) {
                partial = true;
                break;
            }
        }
        self.finish(partial)
    }

    fn happen(&mut self, event: Event) {
        if !matches!(event, Event::Scale { .. }) {
            self.lively = self.now;
        }
        match event {
            Event::Incident { index } => self.befall(index),
            Event::Back { replica } => self.back(replica),
            Event::Ready { replica, generation } => self.ready(replica, generation),
            Event::Scale { class } => self.scale(class),
            Event::Retry { record } => self.route(record),
            Event::Follow { record } => {
                self.coming -= 1;
                self.enter(record);
            }
            Event::Prefilled { record } => self.prefilled(record),
            Event::Transferred { record } => self.transferred(record),
        }
    }

    /// Reads the next request of the source.
    fn look_ahead(&mut self) {
        self.ahead_blocks.clear();
        self.ahead = self.requests.next().map(|arrival| {
            self.ahead_blocks.extend_from_slice(arrival.blocks);
            Arrival { at: arrival.at.max(self.now), blocks: &[], ..arrival }
        });
    }

    /// The next request of the source arrives.
    fn arrive(&mut self) {
        self.lively = self.now;
        let Some(arrival) = self.ahead else { return };
        let blocks = std::mem::replace(&mut self.ahead_blocks, std::mem::take(&mut self.spare));
        let record = self.records.add(&arrival, blocks);
        self.look_ahead();
        self.enter(record);
    }

    /// A request arrives.
    fn enter(&mut self, record: u32) {
        self.counts.offered += 1;
        let (point, offset) = self.course.at(self.now);
        point.arrived += 1;
        point.in_flight(offset, 1);
        if self.now >= self.model.measured.start() {
            self.records.get_mut(record).number = Some(self.batches.arrive());
        }
        self.route(record);
    }

    /// From now on every change of an engine is followed.
    fn follow_changes(&mut self) {
        if !self.followed {
            self.followed = true;
            (0..self.engines.len() as u32).for_each(|engine| self.follow(engine));
        }
    }

    /// Lets all engines come up to now where requests that may have ended long ago fill memory, which they do where nobody looks
    /// at engines. Twice as many as are left then have to come before it is done again, so that it costs little.
    fn catch_up(&mut self) {
        if self.followed || self.records.count() < self.bound {
            return;
        }
        (0..self.engines.len() as u32).for_each(|engine| self.advance(engine, self.now));
        self.bound = (2 * self.records.count()).max(UNSETTLED);
    }

    /// Looks when an engine changes next. Of one that leaves when it has nothing left that always has to be known.
    fn follow(&mut self, engine: u32) {
        let replica = self.engines[engine as usize].replica as usize;
        if self.followed || self.replicas[replica].state == ReplicaState::Draining {
            let next = self.engines[engine as usize].server.next_change();
            self.changes.set(engine, next.unwrap_or(ABSENT));
        } else {
            self.changes.set(engine, ABSENT);
        }
    }

    /// Gives out what is held to whoever takes it.
    fn hand_out(&mut self) {
        while self.front.any()
            && let Some(record) = self.held.pop_front()
        {
            self.route(record);
        }
        if self.decode_changed && !self.for_decode.is_empty() {
            self.send_caches();
        }
    }

    /// Brings every sum up to the end.
    fn finish(mut self, partial: bool) -> ClusterResult {
        if !self.followed {
            (0..self.engines.len() as u32).for_each(|engine| self.advance(engine, self.now));
        }
        for replica in 0..self.replicas.len() as u32 {
            let state = self.replicas[replica as usize].state;
            self.change_state(replica, state);
        }
        for engine in &self.engines {
            add(&mut self.classes[engine.class as usize].work, &engine.server.work());
        }
        self.counts.in_flight = self.records.count() as u64 - self.coming;
        self.counts.held = self.held.len() as u64;
        ClusterResult {
            end: self.now.max(self.latest),
            measured_from: self.model.measured.start(),
            partial,
            counts: self.counts,
            rates: self.rates,
            failed: self.failed,
            by_priority: self.by_priority,
            batches: self.batches,
            classes: self.classes,
            course: self.course,
        }
    }
}

/// Adds what an engine did.
fn add(sum: &mut Work, work: &Work) {
    let Work {
        iterations,
        prompt_iterations,
        decoding,
        prompting,
        prompt_tokens,
        cached_tokens,
        output_tokens,
        preemptions,
        served,
    } = work;
    sum.iterations += iterations;
    sum.prompt_iterations += prompt_iterations;
    sum.decoding += decoding;
    sum.prompting += prompting;
    sum.prompt_tokens += prompt_tokens;
    sum.cached_tokens += cached_tokens;
    sum.output_tokens += output_tokens;
    sum.preemptions += preemptions;
    sum.served += served;
}
