//! How requests end.

use super::super::result::{ClassResult, Counts, Ended};
use super::super::server::Blueprint;
use super::super::statistics::{Group, Seen};
use super::{Arrival, Event, Role, Simulation};
use crate::serving::replica::{End, Outcome, Refusal};

impl<B: Blueprint> Simulation<'_, B> {
    /// An engine is done with a request.
    pub(super) fn settle(&mut self, engine: u32, outcome: &Outcome) {
        let (class, replica) = {
            let of = &self.engines[engine as usize];
            (of.class, of.replica)
        };
        let record = self.records.get(outcome.id);
        let (prompt, more) = (record.prompt, record.output > 1);
        self.release(engine, prompt);
        let role = self.model.classes[class as usize].blueprint.role();
        if role == Role::Prefill && outcome.end == End::Done && more {
            self.keep(engine, outcome);
        } else {
            self.end(outcome.id, outcome, Some(engine));
        }
        self.leave_if_idle(replica);
    }

    /// A request is turned away.
    pub(super) fn refuse(&mut self, record: u32, refusal: Refusal) {
        self.end_unserved(record, End::Refused(refusal));
    }

    /// A request has lost its engine: it begins again or is lost.
    pub(super) fn lose(&mut self, record: u32) {
        let of = self.records.get_mut(record);
        of.prefilled = None;
        if of.attempts > self.model.retries {
            self.end_unserved(record, End::Lost);
        } else {
            self.counts.retried += 1;
            // After all that befalls at this time, so that it does not go to one that is about to fail.
            self.queue.announce(self.now, Event::Retry { record });
        }
    }

    fn end_unserved(&mut self, record: u32, end: End) {
        let of = self.records.get(record);
        let outcome = Outcome {
            id: record,
            arrived: of.at,
            scheduled: self.now,
            first_token: self.now,
            finished: self.now,
            prompt: of.prompt,
            output: of.output,
            cached: 0,
            preemptions: 0,
            end,
        };
        self.end(record, &outcome, None);
    }

    /// A request has ended.
    fn end(&mut self, record: u32, outcome: &Outcome, engine: Option<u32>) {
        let of = self.records.get(record);
        let mut outcome =
            Outcome { id: of.id, arrived: of.at, prompt: of.prompt, output: of.output, ..*outcome };
        // A prefilling engine tells when its cache is ready, which is before a user has the token.
        outcome.finished = outcome.finished.max(outcome.first_token);
        let replica_of = |engine: u32| self.engines[engine as usize].replica;
        let mut prefilled_by = None;
        if let Some(prefilled) = of.prefilled {
            outcome.scheduled = prefilled.scheduled;
            outcome.first_token = prefilled.arrived;
            outcome.cached = prefilled.cached;
            outcome.preemptions = outcome.preemptions.saturating_add(prefilled.preemptions);
            prefilled_by = Some(replica_of(prefilled.engine));
        }
        let seen = Seen::of(&outcome, &self.model.targets);
        let done = outcome.end == End::Done;
        let ended = Ended {
            outcome,
            replica: engine.map(replica_of),
            prefilled_by,
            attempts: of.attempts,
            priority: of.priority,
            good: done && seen.good,
        };
        let number = of.number;
        let class = engine.map(|engine| self.engines[engine as usize].class as usize);
        self.count(&ended, &seen, number, class);
        let blocks = self.records.remove(record);
        if blocks.capacity() > 0 {
            self.spare = blocks;
        }
        (self.told)(&ended);
        self.follow_from(ended.outcome.id, ended.outcome.finished.max(self.now));
    }

    fn count(&mut self, ended: &Ended, seen: &Seen, number: Option<u64>, class: Option<usize>) {
        let outcome = &ended.outcome;
        self.latest = self.latest.max(outcome.finished);
        let (point, offset) = self.course.at(outcome.finished);
        point.in_flight(offset, -1);
        if outcome.end != End::Done {
            point.failed += 1;
            self.failed += u64::from(number.is_some());
            match outcome.end {
                End::Refused(refusal) => self.counts.refuse(refusal),
                End::Lost | End::Done => self.counts.lost += 1,
            }
            return;
        }
        self.counts.done += 1;
        point.done += 1;
        point.good += u64::from(ended.good);
        point.output_tokens += u64::from(outcome.output);
        point.time_to_first_token += u128::from(outcome.first_token.saturating_sub(outcome.arrived));
        if outcome.finished >= self.model.measured.start() {
            self.rates.requests += 1;
            self.rates.good += u64::from(ended.good);
            self.rates.prompt_tokens += u64::from(outcome.prompt);
            self.rates.output_tokens += u64::from(outcome.output);
        }
        if let Some(number) = number {
            self.batches.add(number, seen);
            let by_priority = &mut self.by_priority;
            let at = by_priority
                .binary_search_by_key(&ended.priority, |(priority, _)| *priority)
                .unwrap_or_else(|at| {
                    by_priority.insert(at, (ended.priority, Group::default()));
                    at
                });
            by_priority[at].1.add(seen);
            if let Some(class) = class {
                self.classes[class].answered.add(seen);
            }
        }
    }

    /// What the source makes of an end arrives later.
    fn follow_from(&mut self, id: u32, at: u64) {
        let Some(arrival) = self.requests.finished(id, at) else { return };
        let arrival = Arrival { at: arrival.at.max(self.now), ..arrival };
        let blocks = arrival.blocks.to_vec();
        let record = self.records.add(&arrival, blocks);
        self.coming += 1;
        self.queue.announce(arrival.at, Event::Follow { record });
    }
}

impl Counts {
    /// Requests that have ended.
    pub(super) fn ended(&self) -> u64 {
        self.done + self.all_refused() + self.lost
    }
}

impl ClassResult {
    /// Nothing has happened.
    pub(super) fn new(engines: u32) -> Self {
        Self {
            answered: Group::default(),
            routed: 0,
            work: super::Work::default(),
            times: [0; super::STATES],
            engines,
            ready: super::Course::default(),
            present: super::Course::default(),
        }
    }
}
