//! A replica: continuous batching from change to change.

use std::collections::VecDeque;

use gigawatt_plan::serving::PrefillOrder;

use super::chains::{Chain, Chains};
use super::memory::Memory;
use super::options::{Order, ReplicaOptions, Role};
use super::queue::Queue;
use super::request::{Arrival, Load, Outcome, Refusal, Work};
use super::sequence::{NEVER, Sequence};
use super::table::{IterationTable, TICKS};
use crate::serving::number::count;

/// A sequence that decodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    /// The step after which it ends.
    pub end: u64,
    pub slot: u32,
}

/// Tokens of a prompt in an iteration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub slot: u32,
    pub tokens: u32,
    pub past: u32,
    /// Whether it is the last of its prompt.
    pub last: bool,
}

/// What is known of the iteration that ends at `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// Its end is dealt with.
    Nothing,
    /// Its end is not dealt with yet.
    Iteration,
}

/// One engine that serves: requests come, outcomes are told.
///
/// Time is that of iterations: between two of them requests are admitted and leave. It goes on by
/// [`advance`](Self::advance) alone, in any pieces, with the same outcomes.
#[derive(Debug)]
pub struct Replica<'t> {
    pub(super) table: &'t IterationTable,
    pub(super) options: &'t ReplicaOptions,
    /// Sequences of an iteration at most, as table and budget admit.
    pub(super) most_sequences: u32,
    pub(super) token_budget: u32,
    /// The end of the last iteration that was begun, ticks.
    pub(super) now: u128,
    pub(super) pending: Pending,
    /// Iterations in which sequences decoded.
    pub(super) step: u64,
    /// What decodes, in the order of admission.
    pub(super) running: Vec<Running>,
    /// The prompt that is worked in over several iterations.
    pub(super) partial: Option<u32>,
    /// Prompts of the iteration under way.
    pub(super) chunks: Vec<Chunk>,
    /// What decodes for the first time here and has not yielded a token.
    pub(super) fresh: Vec<u32>,
    pub(super) slots: Vec<Sequence>,
    pub(super) empty_slots: Vec<u32>,
    pub(super) chains: Chains,
    /// Parts of the cache that a request in question finds.
    pub(super) found: Vec<u32>,
    /// What came after the iteration under way began, with its time in ticks.
    pub(super) incoming: VecDeque<u32>,
    pub(super) waiting: Queue,
    /// Whether the next that waits can be admitted only after something has changed.
    pub(super) blocked: bool,
    refused: VecDeque<Outcome>,
    number: u64,
    pub(super) admissions: u64,
    /// Parts of tokens that decoding sequences have in the cache: all, and within windows.
    pub(super) cached: (u64, u64),
    /// Decoding sequences whose windows fill up still.
    pub(super) growing: u64,
    pub(super) next_end: u64,
    pub(super) next_full: u64,
    pub(super) memory: Memory,
    /// Units that the next iteration of what decodes needs, while prompts are chosen to go beside it.
    pub(super) reserved: u64,
    /// Tokens of prompts that wait.
    pub(super) prompt_tokens: u64,
    pub(super) work: Work,
    /// Ticks of iterations that only decode, and of those with prompts.
    pub(super) spent: (u128, u128),
}

/// A moment in ticks.
pub(super) fn ticks(at: u64) -> u128 {
    u128::from(at) * u128::from(TICKS)
}

impl<'t> Replica<'t> {
    /// A replica without requests.
    pub fn new(table: &'t IterationTable, options: &'t ReplicaOptions) -> Self {
        let token_budget = options.token_budget.min(table.most_tokens()).max(1);
        let most = options.most_sequences.min(table.most_sequences());
        Self {
            table,
            options,
            most_sequences: most.min(token_budget / table.queries).max(1),
            token_budget,
            now: 0,
            pending: Pending::Nothing,
            step: 0,
            running: Vec::new(),
            partial: None,
            chunks: Vec::new(),
            fresh: Vec::new(),
            slots: Vec::new(),
            empty_slots: Vec::new(),
            chains: Chains::default(),
            found: Vec::new(),
            incoming: VecDeque::new(),
            waiting: Queue::new(options.order),
            blocked: false,
            refused: VecDeque::new(),
            number: 0,
            admissions: 0,
            cached: (0, 0),
            growing: 0,
            next_end: NEVER,
            next_full: NEVER,
            memory: Memory::new(table, options.blocks, options.prefix),
            reserved: 0,
            prompt_tokens: 0,
            work: Work::default(),
            spent: (0, 0),
        }
    }

    /// Takes a request, or refuses it, which is told like any outcome. Requests come in the order of their times, and none
    /// before the moment up to which the replica was advanced.
    pub fn offer(&mut self, arrival: &Arrival<'_>) {
        if let Some(refusal) = self.refusal(arrival) {
            self.refused.push_back(Outcome::refused(arrival, refusal));
            return;
        }
        let keeps = self.memory.prefixes.is_some();
        let chain = if keeps { self.chains.add(arrival.blocks) } else { Chain::default() };
        let sequence = Sequence {
            id: arrival.id,
            prompt: arrival.prompt,
            output: arrival.output,
            cached: 0,
            arrived: arrival.at,
            scheduled: NEVER,
            first: NEVER,
            beyond: 0,
            number: self.number,
            admitted: 0,
            joined: NEVER,
            full: NEVER,
            made: 0,
            context: arrival.prompt,
            computed: 0,
            shared: 0,
            chain,
            preemptions: 0,
            priority: arrival.priority,
            growing: false,
        };
        self.number += 1;
        self.prompt_tokens += u64::from(arrival.prompt);
        let slot = if let Some(slot) = self.empty_slots.pop() {
            self.slots[slot as usize] = sequence;
            slot
        } else {
            self.slots.push(sequence);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        self.incoming.push_back(slot);
    }

    fn refusal(&self, arrival: &Arrival<'_>) -> Option<Refusal> {
        let output = self.output(arrival.output);
        let decode_only = self.options.role == Role::Decode;
        let length = u64::from(arrival.prompt) + u64::from(arrival.output);
        if arrival.prompt == 0 {
            Some(Refusal::NoPrompt)
        } else if arrival.output == 0 {
            Some(Refusal::NoOutput)
        } else if length > u64::from(self.options.context) {
            Some(Refusal::Context)
        } else if self.memory.at_end(arrival.prompt, output, decode_only, 0) > self.memory.units() {
            Some(Refusal::Memory)
        } else if self.waiting.len() + self.incoming.len() >= self.options.most_waiting as usize {
            Some(Refusal::Queue)
        } else {
            None
        }
    }

    /// Tokens that this replica yields of an answer.
    pub(super) fn output(&self, output: u32) -> u32 {
        if self.options.role == Role::Prefill { 1 } else { output }
    }

    /// Goes on up to and including a moment, and tells what became of requests whose last iteration has ended by then.
    pub fn advance(&mut self, until: u64, told: &mut dyn FnMut(&Outcome)) {
        let limit = ticks(until);
        loop {
            if self.pending == Pending::Iteration {
                if self.now > limit {
                    break;
                }
                // What ends at a moment is told before what comes at it.
                self.tell_refused(self.now - 1, told);
                self.complete(told);
            }
            if self.is_idle() {
                let Some(&next) = self.incoming.front() else { break };
                self.now = self.now.max(ticks(self.slots[next as usize].arrived));
            }
            // What begins at the moment itself may be joined by what comes then.
            if self.now >= limit || !self.begin(limit) {
                break;
            }
        }
        self.tell_refused(limit, told);
    }

    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.partial.is_none() && self.waiting.is_empty()
    }

    fn tell_refused(&mut self, until: u128, told: &mut dyn FnMut(&Outcome)) {
        while let Some(outcome) = self.refused.front().filter(|outcome| ticks(outcome.arrived) <= until) {
            told(outcome);
            self.refused.pop_front();
        }
    }

    /// A moment, ns, before which nothing is told and the batch does not change, if nothing else comes: advance to it and
    /// ask again. None while there is nothing to do.
    pub fn next_change(&mut self) -> Option<u64> {
        let refused = self.refused.front().map(|outcome| outcome.arrived);
        let change = if self.pending == Pending::Iteration {
            let more = if self.chunks.is_empty() && self.fresh.is_empty() { self.undisturbed() } else { 0 };
            Some(nanoseconds(self.now + more))
        } else if self.is_idle() {
            // What is idle begins when the next comes, and that moment has to pass.
            let begins = |&slot: &u32| self.slots[slot as usize].arrived.max(nanoseconds(self.now));
            self.incoming.front().map(|slot| begins(slot) + 1)
        } else {
            Some(nanoseconds(self.now) + 1)
        };
        match (refused, change) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        }
    }

    /// What it has to do.
    pub fn load(&self) -> Load {
        let prompts = self.chunks.iter().filter(|chunk| Some(chunk.slot) != self.partial).count();
        let running = self.running.len() + prompts + usize::from(self.partial.is_some());
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Load {
            running: small(running),
            waiting: small(self.waiting.len() + self.incoming.len()),
            prompt_tokens: self.prompt_tokens,
            cache: count(self.memory.taken) / count(self.memory.units().max(1)),
        }
    }

    /// How many of the first names of a prompt are in the cache whole.
    pub fn longest_match(&self, blocks: &[u64]) -> u32 {
        let Some(prefixes) = &self.memory.prefixes else { return 0 };
        let found = blocks
            .iter()
            .take_while(|name| prefixes.find(**name).is_some_and(|(_, held)| held >= self.memory.name));
        u32::try_from(found.count()).unwrap_or(u32::MAX)
    }

    /// Loses all that it has at a moment, the cache too. It is ready for new requests from then on.
    pub fn fail(&mut self, at: u64, lost: &mut dyn FnMut(u32)) {
        let running = self.running.iter().map(|running| running.slot);
        let prompts = self.chunks.iter().map(|chunk| chunk.slot);
        let partial = self.partial.filter(|slot| self.chunks.iter().all(|chunk| chunk.slot != *slot));
        for slot in running.chain(prompts).chain(partial) {
            lost(self.slots[slot as usize].id);
        }
        while let Some(slot) = self.waiting.pop() {
            lost(self.slots[slot as usize].id);
        }
        for slot in &self.incoming {
            lost(self.slots[*slot as usize].id);
        }
        let empty = Self::new(self.table, self.options);
        let before = std::mem::replace(self, empty);
        self.now = ticks(at);
        self.refused = before.refused;
        self.number = before.number;
        self.work = before.work;
        self.spent = before.spent;
    }

    /// What it did.
    pub fn work(&self) -> Work {
        let whole = |ticks: u128| u64::try_from(ticks / u128::from(TICKS)).unwrap_or(u64::MAX);
        Work { decoding: whole(self.spent.0), prompting: whole(self.spent.1), ..self.work }
    }

    /// Whether prompts go into one iteration with what decodes.
    pub(super) fn is_mixed(&self) -> bool {
        self.options.prefill == PrefillOrder::Mixed
    }

    /// Whether priorities count.
    pub(super) fn by_priority(&self) -> bool {
        self.options.order == Order::Priority
    }
}

/// The first whole ns that is not before a moment.
pub(super) fn nanoseconds(ticks: u128) -> u64 {
    u64::try_from(ticks.div_ceil(u128::from(TICKS))).unwrap_or(u64::MAX)
}
