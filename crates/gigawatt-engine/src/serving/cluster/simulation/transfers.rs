//! Prompts that are computed by one engine and answered by another.

use super::super::server::Blueprint;
use super::records::Prefilled;
use super::routes::Side;
use super::{Arrival, Event, Outcome, Simulation};

impl<B: Blueprint> Simulation<'_, B> {
    fn losses(&self, engine: u32) -> u32 {
        self.replicas[self.engines[engine as usize].replica as usize].losses
    }

    /// An engine keeps the cache of a prompt until it is sent.
    pub(super) fn keep(&mut self, engine: u32, outcome: &Outcome) {
        let losses = self.losses(engine);
        let of = self.records.get_mut(outcome.id);
        of.prefilled = Some(Prefilled {
            engine,
            losses,
            scheduled: outcome.scheduled,
            cached: outcome.cached,
            preemptions: outcome.preemptions,
            target: None,
            arrived: 0,
        });
        let holder = &mut self.engines[engine as usize];
        holder.kept += 1;
        holder.kept_tokens += u64::from(of.prompt);
        self.tell_router(engine);
        self.queue.announce(outcome.finished, Event::Prefilled { record: outcome.id });
    }

    /// A cache can be sent.
    pub(super) fn prefilled(&mut self, record: u32) {
        let Some(prefilled) = self.records.get(record).prefilled else { return };
        if prefilled.losses == self.losses(prefilled.engine) {
            self.for_decode.push_back(record);
            self.decode_changed = true;
        } else {
            self.lose(record);
        }
    }

    /// Sends caches, the first that was ready first, as long as those who decode have room.
    pub(super) fn send_caches(&mut self) {
        self.decode_changed = false;
        while let Some(&record) = self.for_decode.front() {
            let blocks = std::mem::take(&mut self.records.get_mut(record).blocks);
            let arrival = Arrival { id: record, at: self.now, ..self.records.get(record).arrival(&blocks) };
            let target = self.choose(Side::Decode, &arrival).filter(|&engine| {
                let of = &self.engines[engine as usize];
                let room = self.model.classes[of.class as usize].blueprint.room();
                // What is too large for an empty engine is refused by it.
                of.outstanding == 0 || of.tokens + u64::from(arrival.prompt) <= room.tokens
            });
            if let Some(engine) = target {
                self.decode.sent(engine, &arrival);
                self.take(engine, arrival.prompt);
                let time = self.model.transfer.time(arrival.prompt);
                self.queue.announce(self.now.saturating_add(time), Event::Transferred { record });
            }
            let losses = target.map(|engine| (engine, self.losses(engine)));
            let of = self.records.get_mut(record);
            of.blocks = blocks;
            if target.is_none() {
                break;
            }
            if let Some(prefilled) = &mut of.prefilled {
                prefilled.target = losses;
            }
            self.for_decode.pop_front();
        }
    }

    /// A cache has come, with the first token.
    pub(super) fn transferred(&mut self, record: u32) {
        let of = self.records.get(record);
        let (Some(prefilled), prompt) = (of.prefilled, of.prompt) else { return };
        let Some((target, losses)) = prefilled.target else { return };
        let source_lives = prefilled.losses == self.losses(prefilled.engine);
        let target_lives = losses == self.losses(target);
        if source_lives {
            self.let_go(prefilled.engine, prompt);
        }
        if !(source_lives && target_lives) {
            if target_lives {
                self.release(target, prompt);
                self.leave_if_idle(self.engines[target as usize].replica);
            }
            return self.lose(record);
        }
        let now = self.now;
        let of = self.records.get_mut(record);
        of.prefilled = Some(Prefilled { arrived: now, ..prefilled });
        let blocks = std::mem::take(&mut of.blocks);
        // The first token came with the cache.
        let output = of.output - 1;
        let arrival = Arrival { id: record, at: now, output, ..of.arrival(&blocks) };
        self.offer(target, &arrival);
        self.records.get_mut(record).blocks = blocks;
    }

    /// An engine need not keep a cache any more.
    fn let_go(&mut self, engine: u32, prompt: u32) {
        let holder = &mut self.engines[engine as usize];
        holder.kept -= 1;
        holder.kept_tokens -= u64::from(prompt);
        self.tell_router(engine);
        self.leave_if_idle(self.engines[engine as usize].replica);
    }

    /// Takes out of those who wait to be sent whose cache is lost, in their order.
    pub(super) fn lost_caches(&mut self) -> Vec<u32> {
        let waiting = std::mem::take(&mut self.for_decode);
        let lives = |record: &u32| {
            let prefilled = self.records.get(*record).prefilled;
            prefilled.is_none_or(|prefilled| prefilled.losses == self.losses(prefilled.engine))
        };
        let (kept, lost): (Vec<u32>, Vec<u32>) = waiting.iter().partition(|record| lives(record));
        self.for_decode = kept.into();
        lost
    }
}
