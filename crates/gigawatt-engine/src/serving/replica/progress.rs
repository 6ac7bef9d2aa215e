//! What iterations do.

use super::batching::{Pending, Replica, Running, nanoseconds, ticks};
use super::options::Role;
use super::pace::Run;
use super::request::{End, Outcome};
use super::sequence::{NEVER, Sequence};

impl Replica<'_> {
    fn run(&self) -> Run {
        let sequences = self.running.len() as u64;
        let parts = self.table.rate.parts;
        let pace = self.table.pace(u32::try_from(sequences).unwrap_or(u32::MAX));
        Run::new(&pace, self.cached, (sequences * parts, self.growing * parts))
    }

    /// Iterations to the next end, full window, or lack of memory.
    fn until_change(&self) -> u64 {
        let most = self.next_end.min(self.next_full) - self.step;
        if self.memory.is_periodic() {
            return self.memory.lasts(most);
        }
        let free = self.memory.free();
        if self.needed(most) <= free {
            return most;
        }
        let (mut fits, mut fails) = (0, most);
        while fits + 1 < fails {
            let middle = u64::midpoint(fits, fails);
            if self.needed(middle) <= free { fits = middle } else { fails = middle }
        }
        fits
    }

    /// Ticks from `now` to the next change of a batch that only decodes and is left alone; 0 where it changes at once.
    pub(super) fn undisturbed(&self) -> u128 {
        let asked = !self.waiting.is_empty() && !self.blocked;
        if self.running.is_empty() || asked || self.partial.is_some() || !self.incoming.is_empty() {
            return 0;
        }
        self.run().ticks(self.until_change())
    }

    /// A run of iterations that only decode.
    pub(super) fn decode(&mut self, limit: u128) {
        let asks = !self.waiting.is_empty() && !self.blocked;
        let most = if asks || !self.fresh.is_empty() { 1 } else { self.until_change() };
        let mut gap = limit - self.now;
        if let Some(&slot) = self.incoming.front().filter(|_| !self.blocked || self.by_priority()) {
            gap = gap.min(ticks(self.slots[slot as usize].arrived) - self.now);
        }
        let run = self.run();
        let iterations = run.until(gap, most);
        let time = run.ticks(iterations);
        self.memory.taken += self.needed(iterations);
        self.step_on(iterations);
        self.now += time;
        self.spent.0 += time;
        self.work.iterations += iterations;
        self.pending = Pending::Iteration;
    }

    fn step_on(&mut self, iterations: u64) {
        let parts = iterations * self.table.rate.parts;
        self.cached.0 += parts * self.running.len() as u64;
        self.cached.1 += parts * self.growing;
        self.step += iterations;
        self.memory.step_on(iterations);
    }

    /// An iteration with prompts.
    pub(super) fn work_in_prompts(&mut self) {
        let mixed = self.is_mixed();
        let sequences = if mixed { u32::try_from(self.running.len()).unwrap_or(u32::MAX) } else { 0 };
        let cached = if mixed { self.cached } else { (0, 0) };
        let chunks = self.chunks.iter().map(|chunk| (chunk.tokens, chunk.past));
        let mut time = self.table.iteration(sequences, cached, chunks);
        if self.options.role == Role::Prefill {
            time += self.table.alone;
        }
        if sequences > 0 {
            self.memory.taken += self.needed(1);
            self.step_on(1);
        }
        self.now += u128::from(time);
        self.spent.1 += u128::from(time);
        self.work.iterations += 1;
        self.work.prompt_iterations += 1;
        self.pending = Pending::Iteration;
    }

    /// Deals with the end of an iteration.
    pub(super) fn complete(&mut self, told: &mut dyn FnMut(&Outcome)) {
        self.pending = Pending::Nothing;
        let now = nanoseconds(self.now);
        if !self.fresh.is_empty() && (self.is_mixed() || self.chunks.is_empty()) {
            while let Some(slot) = self.fresh.pop() {
                let sequence = &mut self.slots[slot as usize];
                sequence.first = now;
                sequence.beyond = self.table.request;
            }
        }
        if self.step >= self.next_end {
            self.end_sequences(told);
        }
        if self.chunks.is_empty() {
            return;
        }
        let begins =
            |chunk: &&super::batching::Chunk| chunk.last && self.slots[chunk.slot as usize].first == NEVER;
        let together = self.chunks.iter().filter(begins).count() as u64;
        for at in 0..self.chunks.len() {
            let chunk = self.chunks[at];
            self.slots[chunk.slot as usize].computed += chunk.tokens;
            self.prompt_tokens -= u64::from(chunk.tokens);
            self.work.prompt_tokens += u64::from(chunk.tokens);
            if chunk.last {
                self.end_prompt(chunk.slot, together, told);
            }
        }
        self.chunks.clear();
    }

    fn end_sequences(&mut self, told: &mut dyn FnMut(&Outcome)) {
        let mut kept = 0;
        for at in 0..self.running.len() {
            let running = self.running[at];
            if running.end == self.step {
                self.leave(running.slot);
                self.finish(running.slot, told);
            } else {
                self.running[kept] = running;
                kept += 1;
            }
        }
        self.running.truncate(kept);
        self.find_next();
    }

    fn end_prompt(&mut self, slot: u32, together: u64, told: &mut dyn FnMut(&Outcome)) {
        let now = nanoseconds(self.now);
        let role = self.options.role;
        let sequence = &mut self.slots[slot as usize];
        sequence.made += 1;
        if sequence.first == NEVER {
            sequence.first = now;
            let launched = if role == Role::Prefill { 0 } else { sequence.scheduled + self.table.launches };
            sequence.beyond = self.table.request
                + self.table.together * together.saturating_sub(1)
                + launched.saturating_sub(now);
        }
        if role == Role::Prefill || sequence.made >= sequence.output {
            self.finish(slot, told);
        } else {
            self.join(slot);
        }
    }

    /// A sequence begins to decode.
    pub(super) fn join(&mut self, slot: u32) {
        let rate = self.table.rate;
        let step = self.step;
        let sequence = &mut self.slots[slot as usize];
        sequence.joined = step;
        let end = step + rate.iterations(u64::from(sequence.output - sequence.made));
        self.cached.0 += u64::from(sequence.context) * rate.whole;
        if let Some(window) = self.table.window {
            sequence.growing = sequence.context < window.tokens;
            let until = step + rate.iterations(u64::from(window.tokens.saturating_sub(sequence.context)));
            sequence.full = if sequence.growing && until < end { until } else { NEVER };
            self.next_full = self.next_full.min(sequence.full);
            self.growing += u64::from(sequence.growing);
            self.cached.1 += u64::from(window.seen(sequence.context)) * rate.whole;
        }
        self.memory.join(sequence);
        self.next_end = self.next_end.min(end);
        // Prompts end after sequences have joined whose prompt was computed elsewhere.
        let admitted = sequence.admitted;
        let mut at = self.running.len();
        while at > 0 && self.slots[self.running[at - 1].slot as usize].admitted > admitted {
            at -= 1;
        }
        self.running.insert(at, Running { end, slot });
    }

    fn cached_within_windows(&self, sequence: &Sequence) -> u64 {
        let rate = self.table.rate;
        match self.table.window {
            Some(_) if sequence.growing => {
                u64::from(sequence.context) * rate.whole + (self.step - sequence.joined) * rate.parts
            }
            Some(window) => u64::from(window.beyond) * rate.whole,
            None => 0,
        }
    }

    /// Windows that are full from this step on.
    pub(super) fn fill_windows(&mut self) {
        if self.step < self.next_full {
            return;
        }
        let beyond = self.table.window.map_or(0, |window| u64::from(window.beyond)) * self.table.rate.whole;
        for at in 0..self.running.len() {
            let slot = self.running[at].slot as usize;
            let sequence = self.slots[slot];
            if sequence.full <= self.step {
                self.cached.1 = self.cached.1 - self.cached_within_windows(&sequence) + beyond;
                self.growing -= 1;
                self.memory.leave(&sequence, true);
                self.slots[slot].growing = false;
                self.slots[slot].full = NEVER;
            }
        }
        self.find_next();
    }

    /// A sequence decodes no more; its memory is let go of apart.
    pub(super) fn leave(&mut self, slot: u32) {
        let sequence = self.slots[slot as usize];
        let rate = self.table.rate;
        let own = u64::from(sequence.context) * rate.whole + (self.step - sequence.joined) * rate.parts;
        self.cached.0 -= own;
        self.cached.1 -= self.cached_within_windows(&sequence);
        self.growing -= u64::from(sequence.growing);
        self.memory.leave(&sequence, false);
        self.slots[slot as usize].growing = false;
        self.slots[slot as usize].full = NEVER;
    }

    pub(super) fn find_next(&mut self) {
        self.next_end = self.running.iter().map(|running| running.end).min().unwrap_or(NEVER);
        if self.table.window.is_some() {
            let full = |running: &Running| self.slots[running.slot as usize].full;
            self.next_full = self.running.iter().map(full).min().unwrap_or(NEVER);
        }
    }

    fn finish(&mut self, slot: u32, told: &mut dyn FnMut(&Outcome)) {
        self.let_go(slot);
        self.blocked = false;
        let sequence = self.slots[slot as usize];
        let output = self.output(sequence.output);
        let now = nanoseconds(self.now);
        let finished = if self.options.role == Role::Prefill { now } else { now + sequence.beyond };
        self.work.output_tokens += u64::from(output);
        self.work.served += 1;
        self.chains.remove(sequence.chain);
        self.empty_slots.push(slot);
        told(&sequence.outcome(finished, output, End::Done));
    }
}
