//! What goes into the next iteration.

use super::batching::{Chunk, Replica, Running, nanoseconds, ticks};
use super::options::{Admission, Role, Victim};
use super::sequence::{NEVER, Sequence};

/// Of the tokens that others still have to answer, those that SGLang keeps free, in thousandths.
const EXPECTED: u64 = 98;

/// Tokens of an answer that SGLang reckons with at most.
const RECKONED: u32 = 4096;

impl Replica<'_> {
    /// Begins the next iteration, or a run of them that lasts to a moment at most but for the end of its last. Returns
    /// whether there was one.
    pub(super) fn begin(&mut self, limit: u128) -> bool {
        while let Some(&slot) = self.incoming.front() {
            let sequence = &self.slots[slot as usize];
            if ticks(sequence.arrived) > self.now {
                break;
            }
            let (priority, number) = (sequence.priority, sequence.number);
            self.incoming.pop_front();
            if self.waiting.push(slot, priority, number) {
                self.blocked = false;
            }
        }
        self.fill_windows();
        if self.is_mixed() {
            let room = !self.make_room();
            self.reserved = self.needed(1);
            let decoding = u32::try_from(self.running.len()).unwrap_or(u32::MAX) * self.table.queries;
            self.choose_prompts(self.token_budget.saturating_sub(decoding), room);
        } else {
            self.reserved = 0;
            self.choose_prompts(self.token_budget, true);
            if self.chunks.is_empty() {
                self.make_room();
            }
        }
        if !self.chunks.is_empty() {
            self.work_in_prompts();
        } else if !self.running.is_empty() {
            self.decode(limit);
        } else {
            return false;
        }
        true
    }

    /// Throws sequences out until the next iteration of the others fits. Returns whether there were any.
    fn make_room(&mut self) -> bool {
        let mut thrown = false;
        while !self.running.is_empty() && self.needed(1) > self.memory.free() {
            thrown = true;
            match self.victim() {
                Some(at) => self.throw_out(at),
                None => {
                    if let Some(slot) = self.partial {
                        self.throw_out_prompt(slot);
                    }
                }
            }
        }
        thrown
    }

    /// Who leaves: a place among those that decode, or none for the prompt under way, which was admitted last.
    fn victim(&self) -> Option<usize> {
        let places = 0..self.running.len();
        let of = |slot: u32| &self.slots[slot as usize];
        let running = |at: usize| of(self.running[at].slot);
        match (self.options.victim, self.by_priority()) {
            (Victim::Last, false) => self.partial.map_or(self.running.len().checked_sub(1), |_| None),
            (Victim::Last, true) => {
                let key = |sequence: &Sequence| (sequence.priority, sequence.number);
                let last = places.max_by_key(|&at| key(running(at)));
                last.filter(|&at| self.partial.is_none_or(|slot| key(of(slot)) < key(running(at))))
            }
            (Victim::Youngest, _) => {
                let key = |sequence: &Sequence, made: u32| (made, u32::MAX - sequence.prompt);
                let of_place = |at: usize| key(running(at), self.made(running(at)));
                let youngest = places.rev().min_by_key(|&at| of_place(at));
                youngest
                    .filter(|&at| self.partial.is_none_or(|slot| of_place(at) < key(of(slot), of(slot).made)))
            }
        }
    }

    /// Units that decoding sequences need for so many iterations.
    pub(super) fn needed(&self, iterations: u64) -> u64 {
        if self.memory.is_periodic() {
            return self.memory.needed(iterations);
        }
        let of = |running: &Running| {
            let sequence = &self.slots[running.slot as usize];
            self.memory.of(sequence, self.step + iterations) - self.memory.of(sequence, self.step)
        };
        self.running.iter().map(of).sum()
    }

    /// Tokens that a sequence has yielded.
    pub(super) fn made(&self, sequence: &Sequence) -> u32 {
        let made = u64::from(sequence.made) + self.table.rate.tokens(self.step - sequence.joined);
        u32::try_from(made).unwrap_or(u32::MAX).min(sequence.output)
    }

    fn throw_out(&mut self, at: usize) {
        let Running { slot, .. } = self.running.remove(at);
        let made = self.made(&self.slots[slot as usize]);
        self.fresh.retain(|fresh| *fresh != slot);
        self.leave(slot);
        self.slots[slot as usize].made = made;
        self.requeue(slot);
        self.find_next();
    }

    fn throw_out_prompt(&mut self, slot: u32) {
        self.partial = None;
        let sequence = &self.slots[slot as usize];
        self.prompt_tokens -= u64::from(sequence.context - sequence.computed);
        self.requeue(slot);
    }

    fn requeue(&mut self, slot: u32) {
        self.let_go(slot);
        let sequence = &mut self.slots[slot as usize];
        sequence.context = sequence.prompt + sequence.made;
        sequence.computed = 0;
        sequence.joined = NEVER;
        sequence.preemptions = sequence.preemptions.saturating_add(1);
        let (priority, number) = (sequence.priority, sequence.number);
        self.prompt_tokens += u64::from(sequence.context);
        self.work.preemptions += 1;
        self.blocked = false;
        match self.options.victim {
            Victim::Last => self.waiting.push_front(slot, priority, number),
            Victim::Youngest => {
                self.waiting.push(slot, priority, number);
            }
        }
    }

    /// Chooses the tokens of prompts in the next iteration: first of the one that is under way, then of those that wait.
    fn choose_prompts(&mut self, budget: u32, room: bool) {
        let mut budget = budget;
        let mut total = self.running.len() + usize::from(self.partial.is_some());
        if let Some(slot) = self.partial {
            budget -= self.take_tokens(slot, budget);
        }
        if !room || self.blocked || self.partial.is_some() {
            return;
        }
        let mut promised = 0;
        while let Some(slot) = self.waiting.first() {
            let decodes = self.options.role == Role::Decode && self.slots[slot as usize].preemptions == 0;
            let full = total >= self.most_sequences as usize || (budget == 0 && !decodes);
            if full || !self.admit(slot, total == 0, decodes, &mut promised) {
                // Where prompts fill the budget, the next iteration asks again. So it does where answers of what was just
                // admitted count in full this time, or where what is expected of others shrinks with each token, and
                // memory only with each block.
                let chosen = !self.chunks.is_empty();
                self.blocked = match self.options.admission {
                    Admission::Expected => !chosen && promised == 0 && self.memory.block() == 1,
                    Admission::Prompt | Admission::Answer => !chosen || budget > 0,
                };
                return;
            }
            self.waiting.pop();
            total += 1;
            if decodes {
                self.prompt_tokens -= u64::from(self.slots[slot as usize].context);
                self.fresh.push(slot);
                self.join(slot);
                self.reserved = if self.is_mixed() { self.needed(1) } else { 0 };
            } else {
                budget -= self.take_tokens(slot, budget);
                if self.partial.is_some() {
                    return;
                }
            }
        }
    }

    /// Puts tokens of a prompt into the next iteration. Returns how many.
    fn take_tokens(&mut self, slot: u32, budget: u32) -> u32 {
        let sequence = &self.slots[slot as usize];
        let tokens = budget.min(sequence.context - sequence.computed);
        let last = sequence.computed + tokens == sequence.context;
        self.partial = (!last).then_some(slot);
        if tokens > 0 {
            self.chunks.push(Chunk { slot, tokens, past: sequence.computed, last });
        }
        if last {
            self.name_blocks(slot);
        }
        tokens
    }

    /// Admits a request if it fits. Returns whether it does.
    fn admit(&mut self, slot: u32, alone: bool, decodes: bool, promised: &mut u64) -> bool {
        let sequence = self.slots[slot as usize];
        let free = self.memory.free().saturating_sub(self.reserved);
        let mut hit = self.find_prefix(&sequence, free, decodes);
        let mut needed = self.units_to_begin(&sequence, hit.blocks, decodes);
        if alone && needed + hit.lined_up > free {
            // A name that a prompt has twice counts twice.
            hit = Hit::default();
            self.found.clear();
            needed = self.units_to_begin(&sequence, 0, decodes);
        }
        if needed + hit.lined_up > free {
            return false;
        }
        let at_end = self.at_end(&sequence, hit.blocks);
        match self.options.admission {
            Admission::Prompt => {}
            Admission::Answer => {
                let all = self.memory.held + self.memory.promised + hit.lined_up + at_end;
                if !alone && all > self.memory.units() {
                    return false;
                }
            }
            Admission::Expected => {
                let answer = u64::from((sequence.output - sequence.made).min(RECKONED));
                let all = needed + hit.lined_up + self.units_of_tokens(answer + *promised + self.expected());
                if !alone && all > free {
                    return false;
                }
                *promised += answer;
            }
        }
        self.hold_prefix(slot, &hit);
        let own = self.memory.prompt(sequence.context, hit.blocks);
        self.memory.taken += own;
        self.memory.promised += at_end;
        // The last token is computed in any case, in the place where it is.
        let block = self.memory.block();
        let tokens = hit.blocks.min((sequence.context - 1) / block) * block;
        let now = nanoseconds(self.now);
        self.admissions += 1;
        let sequence = &mut self.slots[slot as usize];
        sequence.admitted = self.admissions;
        sequence.computed = tokens;
        if sequence.scheduled == NEVER {
            sequence.scheduled = now;
            sequence.cached = if decodes { 0 } else { tokens };
        }
        self.prompt_tokens -= u64::from(tokens);
        self.work.cached_tokens += u64::from(tokens);
        true
    }

    /// Units that a request takes to begin, named blocks left out.
    fn units_to_begin(&self, sequence: &Sequence, shared: u32, decodes: bool) -> u64 {
        if decodes {
            return self.memory.decoding(u64::from(sequence.context), shared);
        }
        self.memory.prompt(sequence.context, shared)
    }

    pub(super) fn at_end(&self, sequence: &Sequence, shared: u32) -> u64 {
        let decode_only = self.options.role == Role::Decode;
        let end = self.memory.at_end(sequence.prompt, self.output(sequence.output), decode_only, shared);
        end.max(self.memory.prompt(sequence.context, shared))
    }

    fn units_of_tokens(&self, tokens: u64) -> u64 {
        tokens.div_ceil(u64::from(self.memory.block())) * self.memory.unit()
    }

    /// Tokens that those who decode are expected to answer still.
    fn expected(&self) -> u64 {
        let left = |running: &Running| {
            let sequence = &self.slots[running.slot as usize];
            u64::from((sequence.output - self.made(sequence)).min(RECKONED))
        };
        self.running.iter().map(left).sum::<u64>() * EXPECTED / 1000
    }

    /// Looks for the beginning of a prompt in the cache: parts that stand for no more than the prompt has of them.
    fn find_prefix(&mut self, sequence: &Sequence, free: u64, decodes: bool) -> Hit {
        self.found.clear();
        let (name, block) = (self.memory.name, self.memory.block());
        let mut hit = Hit::default();
        if let Some(prefixes) = self.memory.prefixes.as_mut() {
            prefixes.shrink(free);
            if decodes {
                return hit;
            }
            let mut left = sequence.prompt / block;
            for held in self.chains.names(sequence.chain) {
                let cover = left.min(name);
                let found = prefixes.find(*held).filter(|(_, blocks)| *blocks <= cover);
                let Some((part, blocks)) = found else { break };
                hit.blocks += blocks;
                hit.lined_up += prefixes.lined_up(part);
                left -= blocks;
                self.found.push(part);
                if blocks < name {
                    break;
                }
            }
        }
        hit
    }

    fn hold_prefix(&mut self, slot: u32, hit: &Hit) {
        let sequence = &mut self.slots[slot as usize];
        sequence.shared = hit.blocks;
        if let Some(prefixes) = self.memory.prefixes.as_mut() {
            for part in self.found.drain(..) {
                let units = prefixes.hold(part);
                self.memory.taken += units;
                self.memory.held += units;
                self.chains.hold(&mut sequence.chain, part);
            }
        }
    }

    /// Gives the blocks of a prompt, all of which are computed when this iteration ends, their names, as far as these are
    /// not there already.
    fn name_blocks(&mut self, slot: u32) {
        let (name, block, unit) = (self.memory.name, self.memory.block(), self.memory.unit());
        let free = self.memory.free().saturating_sub(self.reserved);
        let sequence = &mut self.slots[slot as usize];
        let Some(prefixes) = self.memory.prefixes.as_mut().filter(|_| sequence.chain.names > 0) else {
            return;
        };
        // What its own memory has overwritten has no name any more.
        prefixes.shrink(free);
        let own = sequence.prompt / block;
        let cover = |at: u32| name.min(own.saturating_sub(name.saturating_mul(at)));
        let before = sequence.shared;
        if let Some(&last) = self.chains.parts(sequence.chain).last() {
            let (held, cover) = (prefixes.blocks(last), cover(sequence.chain.held - 1));
            if held < cover {
                if !prefixes.is_used_once(last) {
                    return;
                }
                prefixes.extend(last, cover - held);
                sequence.shared += cover - held;
            }
        }
        while sequence.chain.held < sequence.chain.names {
            let blocks = cover(sequence.chain.held);
            if blocks == 0 {
                break;
            }
            let named = self.chains.names(sequence.chain)[sequence.chain.held as usize];
            let Some(part) = prefixes.insert(named, blocks) else { break };
            self.chains.hold(&mut sequence.chain, part);
            sequence.shared += blocks;
        }
        let units = unit * u64::from(sequence.shared - before);
        self.memory.held += units;
        self.memory.promised -= units;
    }

    /// Frees the memory of a request.
    pub(super) fn let_go(&mut self, slot: u32) {
        let sequence = self.slots[slot as usize];
        let own = self.memory.of(&sequence, if sequence.joined == NEVER { 0 } else { self.step });
        self.memory.taken -= own;
        self.memory.promised -= self.at_end(&sequence, sequence.shared);
        self.slots[slot as usize].shared = 0;
        if let Some(prefixes) = self.memory.prefixes.as_mut() {
            prefixes.line_up_memory(own);
            for part in self.chains.parts(sequence.chain).iter().rev() {
                let units = prefixes.release(*part);
                self.memory.taken -= units;
                self.memory.held -= units;
            }
            self.slots[slot as usize].chain.held = 0;
        }
    }
}

/// What of a prompt is in the cache.
#[derive(Clone, Copy, Debug, Default)]
struct Hit {
    blocks: u32,
    /// Units of it that nobody uses.
    lined_up: u64,
}
