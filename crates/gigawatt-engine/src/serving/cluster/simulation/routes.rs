//! The way of a request to an engine.

use super::super::routing::{Choice, EngineLoad, Routing};
use super::super::server::{Blueprint, Server};
use super::replicas::ReplicaState;
use super::{Role, Simulation};
use crate::serving::replica::{Arrival, Refusal};

/// Which of the two routers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// For what comes in.
    Front,
    /// For what is to be decoded.
    Decode,
}

impl<B: Blueprint> Simulation<'_, B> {
    fn routing(&mut self, side: Side) -> &mut Routing {
        match side {
            Side::Front => &mut self.front,
            Side::Decode => &mut self.decode,
        }
    }

    /// Sends a request to an engine, or holds it.
    pub(super) fn route(&mut self, record: u32) {
        let blocks = std::mem::take(&mut self.records.get_mut(record).blocks);
        let arrival = Arrival { id: record, at: self.now, ..self.records.get(record).arrival(&blocks) };
        let engine = self.choose(Side::Front, &arrival);
        if let Some(engine) = engine {
            self.records.get_mut(record).attempts += 1;
            self.take(engine, arrival.prompt);
            self.offer(engine, &arrival);
            self.front.sent(engine, &arrival);
        }
        if self.keeps_blocks || engine.is_none() {
            self.records.get_mut(record).blocks = blocks;
        } else {
            self.spare = blocks;
        }
        if engine.is_none() {
            if self.held.len() >= self.model.admission.held as usize {
                self.refuse(record, Refusal::Queue);
            } else {
                self.held.push_back(record);
            }
        }
    }

    /// Asks a router.
    pub(super) fn choose(&mut self, side: Side, arrival: &Arrival<'_>) -> Option<u32> {
        let mut choice = self.routing(side).choose(arrival)?;
        loop {
            match choice {
                Choice::Engine(engine) => return Some(engine),
                Choice::Either(first, second) => {
                    self.advance(first, self.now);
                    self.advance(second, self.now);
                    let load = |engine: u32| self.engines[engine as usize].outstanding;
                    return Some(if load(second) < load(first) { second } else { first });
                }
                Choice::Check(engine) => {
                    self.advance(engine, self.now);
                    let held = self.engines[engine as usize].server.longest_match(arrival.blocks);
                    choice = self.routing(side).checked(engine, held)?;
                }
            }
        }
    }

    /// An engine has one request more outstanding.
    pub(super) fn take(&mut self, engine: u32, prompt: u32) {
        let of = &mut self.engines[engine as usize];
        of.outstanding += 1;
        of.tokens += u64::from(prompt);
        self.outstanding[of.class as usize] += 1;
        self.classes[of.class as usize].routed += 1;
        self.tell_router(engine);
    }

    /// An engine has one request less outstanding.
    pub(super) fn release(&mut self, engine: u32, prompt: u32) {
        let of = &mut self.engines[engine as usize];
        of.outstanding -= 1;
        of.tokens -= u64::from(prompt);
        self.outstanding[of.class as usize] -= 1;
        self.tell_router(engine);
    }

    /// Hands a request over to its engine.
    pub(super) fn offer(&mut self, engine: u32, arrival: &Arrival<'_>) {
        self.advance(engine, self.now);
        self.engines[engine as usize].server.offer(arrival);
        self.follow(engine);
    }

    /// Works an engine up to a time and takes what ended.
    pub(super) fn advance(&mut self, engine: u32, until: u64) {
        let mut outcomes = std::mem::take(&mut self.outcomes);
        self.engines[engine as usize].server.advance(until, &mut |outcome| outcomes.push(*outcome));
        outcomes.iter().for_each(|outcome| self.settle(engine, outcome));
        outcomes.clear();
        self.outcomes = outcomes;
    }

    /// Tells the router of an engine what load it has, or that it takes nothing.
    pub(super) fn tell_router(&mut self, engine: u32) {
        let of = &self.engines[engine as usize];
        let class = &self.model.classes[of.class as usize];
        let (role, room) = (class.blueprint.role(), class.blueprint.room());
        let ready = self.replicas[of.replica as usize].state == ReplicaState::Ready;
        let takes = ready
            && match role {
                Role::Whole => of.outstanding < self.model.admission.each,
                // Caches that nobody takes fill the memory that prompts need.
                Role::Prefill => of.outstanding < self.model.admission.each && of.kept_tokens < room.tokens,
                Role::Decode => of.outstanding < room.sequences,
            };
        let load = takes.then_some(EngineLoad { requests: of.outstanding, tokens: of.tokens });
        if role == Role::Decode {
            self.decode.set(engine, load);
            self.decode_changed = true;
        } else {
            self.front.set(engine, load);
        }
    }
}
