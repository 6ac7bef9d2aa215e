//! Replicas that start, fail, leave, and how many there are.

use std::ops::Range;

use super::super::model::{Incident, IncidentKind, ScalingLoad};
use super::super::server::{Blueprint, Server};
use super::{ABSENT, Event, Role, Simulation, Time};

/// What a replica is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplicaState {
    /// There is none.
    Absent,
    /// It loads weights and warms up.
    Starting,
    /// It takes requests.
    Ready,
    /// It takes no more and finishes what it has.
    Draining,
    /// It has failed, or was taken out of use.
    Out,
}

impl ReplicaState {
    /// All of them, with their names in paths.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Absent, "absent"),
        (Self::Starting, "starting"),
        (Self::Ready, "ready"),
        (Self::Draining, "draining"),
        (Self::Out, "out"),
    ];

    fn is_present(self) -> bool {
        matches!(self, Self::Starting | Self::Ready | Self::Draining)
    }
}

/// How many states there are.
pub const STATES: usize = ReplicaState::ALL.len();

/// An engine with what is outstanding there.
#[derive(Clone, Debug)]
pub(super) struct Engine<S> {
    pub server: S,
    pub replica: u32,
    pub class: u32,
    /// Requests that it has or that are on their way to it.
    pub outstanding: u32,
    /// Tokens of their prompts.
    pub tokens: u64,
    /// Prompts whose caches it keeps until they are sent.
    pub kept: u32,
    /// Tokens of these.
    pub kept_tokens: u64,
}

impl<S> Engine<S> {
    pub fn new(server: S, replica: u32, class: u32) -> Self {
        Self { server, replica, class, outstanding: 0, tokens: 0, kept: 0, kept_tokens: 0 }
    }

    fn is_idle(&self) -> bool {
        self.outstanding == 0 && self.kept == 0
    }
}

/// A replica.
#[derive(Clone, Debug)]
pub(super) struct Replica {
    pub class: u32,
    pub engines: Range<u32>,
    pub state: ReplicaState,
    since: Time,
    /// How often it has started.
    generation: u32,
    /// How often it has lost all that it held.
    pub losses: u32,
    /// When it may start again after it was out of use; nothing for never.
    back: Option<Time>,
    /// Whether it is one too many.
    leaving: bool,
}

impl Replica {
    pub fn new(class: u32, engines: Range<u32>) -> Self {
        let state = ReplicaState::Absent;
        Self { class, engines, state, since: 0, generation: 0, losses: 0, back: None, leaving: false }
    }

    /// Whether it is or will be there to serve.
    fn counts(&self) -> bool {
        match self.state {
            ReplicaState::Starting | ReplicaState::Ready => true,
            ReplicaState::Out => self.back.is_some(),
            ReplicaState::Draining => !self.leaving && self.back.is_some(),
            ReplicaState::Absent => false,
        }
    }
}

impl<B: Blueprint> Simulation<'_, B> {
    /// A replica does something else from now on; the same state brings its time up to now.
    pub(super) fn change_state(&mut self, replica: u32, state: ReplicaState) {
        let now = self.now;
        let of = &mut self.replicas[replica as usize];
        let before = std::mem::replace(&mut of.state, state);
        let class = &mut self.classes[of.class as usize];
        class.times[before as usize] += u128::from(now - of.since);
        of.since = now;
        if before == state {
            return;
        }
        let changes = [
            (&mut class.ready, state == ReplicaState::Ready, before == ReplicaState::Ready),
            (&mut class.present, state.is_present(), before.is_present()),
        ];
        for (course, is, was) in changes {
            if is != was {
                let (level, offset) = course.at(now);
                level.change(offset, if is { 1 } else { -1 });
            }
        }
        of.engines.clone().for_each(|engine| self.tell_router(engine));
    }

    fn start(&mut self, replica: u32) {
        let of = &mut self.replicas[replica as usize];
        (of.leaving, of.back) = (false, None);
        of.generation += 1;
        let generation = of.generation;
        let start_up = self.model.classes[of.class as usize].start_up;
        self.change_state(replica, ReplicaState::Starting);
        self.queue.announce(self.now.saturating_add(start_up), Event::Ready { replica, generation });
    }

    pub(super) fn ready(&mut self, replica: u32, generation: u32) {
        let of = &self.replicas[replica as usize];
        if of.state == ReplicaState::Starting && of.generation == generation {
            self.change_state(replica, ReplicaState::Ready);
        }
    }

    pub(super) fn back(&mut self, replica: u32) {
        let of = &self.replicas[replica as usize];
        // A later incident may have put it off.
        if of.state == ReplicaState::Out && of.back.is_some_and(|back| back <= self.now) {
            self.start(replica);
        }
    }

    /// An incident happens. One of a replica that is not there has no effect.
    pub(super) fn befall(&mut self, index: u32) {
        let Incident { class, replica, kind, duration, .. } = self.model.incidents[index as usize];
        let replica = self.first[class] + replica;
        let back = duration.map(|duration| self.now.saturating_add(duration));
        let of = &mut self.replicas[replica as usize];
        match (of.state, kind) {
            (ReplicaState::Absent, _) => return,
            (ReplicaState::Out, _) => {
                // Out for the longer of the two.
                of.back = of.back.zip(back).map(|(one, other)| one.max(other));
            }
            (ReplicaState::Draining, IncidentKind::Drain) => return,
            (ReplicaState::Ready, IncidentKind::Drain) => {
                of.back = back;
                self.change_state(replica, ReplicaState::Draining);
                let engines = self.replicas[replica as usize].engines.clone();
                engines.for_each(|engine| self.follow(engine));
                self.leave_if_idle(replica);
            }
            (ReplicaState::Starting, IncidentKind::Drain) => {
                of.back = back;
                self.change_state(replica, ReplicaState::Out);
            }
            (_, IncidentKind::Failure) => self.fail(replica, back),
        }
        if let Some(back) = self.replicas[replica as usize].back {
            self.queue.announce(back, Event::Back { replica });
        }
    }

    /// A replica loses all that it has.
    fn fail(&mut self, replica: u32, back: Option<Time>) {
        let engines = self.replicas[replica as usize].engines.clone();
        // What ended up to now has ended.
        engines.clone().for_each(|engine| self.advance(engine, self.now));
        let of = &mut self.replicas[replica as usize];
        let next = if of.leaving { ReplicaState::Absent } else { ReplicaState::Out };
        of.back = if of.leaving { None } else { back };
        let mut lost = Vec::new();
        for engine in engines {
            self.empty(engine, &mut lost);
        }
        self.change_state(replica, next);
        self.replicas[replica as usize].losses += 1;
        lost.extend(self.lost_caches());
        lost.into_iter().for_each(|record| self.lose(record));
    }

    /// Takes everything from an engine.
    fn empty(&mut self, engine: u32, lost: &mut Vec<u32>) {
        let of = &mut self.engines[engine as usize];
        of.server.fail(self.now, &mut |record| lost.push(record));
        self.outstanding[of.class as usize] -= u64::from(of.outstanding);
        (of.outstanding, of.tokens, of.kept, of.kept_tokens) = (0, 0, 0, 0);
        self.changes.set(engine, ABSENT);
        if self.model.classes[of.class as usize].blueprint.role() == Role::Decode {
            self.decode.forget(engine);
        } else {
            self.front.forget(engine);
        }
    }

    /// A replica that takes no more stops once it has nothing left.
    pub(super) fn leave_if_idle(&mut self, replica: u32) {
        let of = &self.replicas[replica as usize];
        let engines = of.engines.clone();
        let idle = engines.clone().all(|engine| self.engines[engine as usize].is_idle());
        if of.state != ReplicaState::Draining || !idle {
            return;
        }
        let mut none = Vec::new();
        engines.for_each(|engine| self.empty(engine, &mut none));
        let of = &mut self.replicas[replica as usize];
        of.losses += 1;
        let (leaving, back) = (of.leaving, of.back);
        self.change_state(replica, if leaving { ReplicaState::Absent } else { ReplicaState::Out });
        if !leaving && back.is_some_and(|back| back <= self.now) {
            self.start(replica);
        }
    }

    /// An autoscaler looks.
    pub(super) fn scale(&mut self, class: u32) {
        let Some(scaling) = self.model.classes[class as usize].scaling else { return };
        self.looks -= 1;
        let first = self.first[class as usize];
        let all = first..first + self.model.classes[class as usize].most();
        let load = self.scaling_load(class, scaling.load, all.clone());
        let count = all.clone().filter(|&replica| self.replicas[replica as usize].counts()).count() as u32;
        let Some(scaler) = &mut self.scalers[class as usize] else { return };
        let wanted = scaler.decide(self.now, load, count);
        if wanted > count {
            let absent = all.filter(|&replica| self.replicas[replica as usize].state == ReplicaState::Absent);
            let absent: Vec<u32> = absent.take((wanted - count) as usize).collect();
            absent.into_iter().for_each(|replica| self.start(replica));
        } else {
            self.shrink(all, count - wanted);
        }
        // Where nothing else can happen, looking for longer than it takes to grow does not help what waits.
        let alone =
            self.ahead.is_none() && self.queue.pending() == self.looks && self.changes.least().is_none();
        let patience = scaling.up_window.saturating_add(2 * scaling.interval);
        if !alone || self.now <= self.lively.saturating_add(patience) {
            self.looks += 1;
            self.queue.announce(self.now.saturating_add(scaling.interval), Event::Scale { class });
        }
    }

    fn scaling_load(&mut self, class: u32, load: ScalingLoad, all: Range<u32>) -> u64 {
        let decodes = self.model.classes[class as usize].blueprint.role() == Role::Decode;
        let held = if decodes { self.for_decode.len() } else { self.held.len() } as u64;
        let own = match load {
            ScalingLoad::Outstanding => self.outstanding[class as usize],
            ScalingLoad::Waiting => {
                let mut waiting = 0;
                for engine in all
                    .flat_map(|replica| self.replicas[replica as usize].engines.clone())
                    .collect::<Vec<_>>()
                {
                    if self.engines[engine as usize].outstanding > 0 {
                        self.advance(engine, self.now);
                        waiting += u64::from(self.engines[engine as usize].server.load().waiting);
                    }
                }
                waiting
            }
        };
        own + held
    }

    /// Takes replicas away: those that start first, then those that are ready, of each the newest first.
    fn shrink(&mut self, all: Range<u32>, count: u32) {
        let may_go = |replica: &u32| {
            let state = self.replicas[*replica as usize].state;
            matches!(state, ReplicaState::Starting | ReplicaState::Ready)
        };
        let mut going: Vec<u32> = all.filter(may_go).collect();
        going.sort_by_key(|&replica| {
            let of = &self.replicas[replica as usize];
            (of.state, std::cmp::Reverse((of.since, replica)))
        });
        for replica in going.into_iter().take(count as usize) {
            let of = &mut self.replicas[replica as usize];
            of.leaving = true;
            if of.state == ReplicaState::Starting {
                self.change_state(replica, ReplicaState::Absent);
            } else {
                self.change_state(replica, ReplicaState::Draining);
                self.leave_if_idle(replica);
            }
        }
    }
}
