//! Memory of caches: what sequences take of it, and how many iterations it lasts.
//!
//! A sequence that has `c` tokens in the cache before an iteration with `q` queries takes, in units,
//!
//! ```text
//! full · (ceil((c + q) / b) - shared) + windowed · ceil((min(c, w - 1) + q) / b) + sequence
//! ```
//!
//! with blocks of `b` tokens, windows of `w` and `shared` blocks that its prefix stands for. Where each iteration adds one
//! token, a sequence needs a block in every `b`-th iteration, so what `n` iterations need is a sum over the phases of all
//! sequences modulo `b`.

use super::options::{Blocks, Prefix};
use super::prefix::Prefixes;
use super::sequence::Sequence;
use super::table::{IterationTable, Rate};

/// The memory of a replica.
#[derive(Debug)]
pub(super) struct Memory {
    blocks: Blocks,
    queries: u64,
    rate: Rate,
    /// Tokens of a window; no end where there is none.
    window: u64,
    /// Units that are in use.
    pub taken: u64,
    /// Of these, units of named blocks.
    pub held: u64,
    /// Units of all running sequences at their ends, those of named blocks left out.
    pub promised: u64,
    /// Units that are needed in iterations by their number modulo the tokens of a block.
    phases: Vec<u64>,
    /// Their sum.
    phased: u64,
    /// The phase whose sequences need a block in the next iteration.
    next: usize,
    /// The logarithm of the tokens of a block, where that is whole.
    shift: Option<u32>,
    /// What stays of what ended.
    pub prefixes: Option<Box<Prefixes>>,
    /// Blocks of a name.
    pub name: u32,
}

impl Memory {
    pub fn new(table: &IterationTable, blocks: Blocks, prefix: Prefix) -> Self {
        let tokens = blocks.tokens.max(1);
        let name = match prefix {
            Prefix::Tokens(named) if blocks.full > 0 => named / tokens,
            _ => 0,
        };
        let prefixes = (name > 0).then(|| Box::new(Prefixes::new(blocks.units, u64::from(blocks.full))));
        Self {
            blocks: Blocks { tokens, ..blocks },
            queries: u64::from(table.queries),
            rate: table.rate,
            window: table.window.map_or(u64::MAX, |window| u64::from(window.tokens).max(1)),
            taken: 0,
            held: 0,
            promised: 0,
            phases: Vec::new(),
            phased: 0,
            next: 0,
            shift: tokens.is_power_of_two().then(|| tokens.trailing_zeros()),
            prefixes,
            name,
        }
    }

    /// Units that are free, those included that still hold what ended.
    pub fn free(&self) -> u64 {
        self.blocks.units.saturating_sub(self.taken)
    }

    /// Units in all.
    pub fn units(&self) -> u64 {
        self.blocks.units
    }

    /// Tokens of a block.
    pub fn block(&self) -> u32 {
        self.blocks.tokens
    }

    /// Units of a named block.
    pub fn unit(&self) -> u64 {
        u64::from(self.blocks.full)
    }

    fn blocks_of(&self, tokens: u64) -> u64 {
        let block = u64::from(self.blocks.tokens);
        match self.shift {
            Some(shift) => (tokens + block - 1) >> shift,
            None => tokens.div_ceil(block),
        }
    }

    fn units_of(&self, tokens: u64, windowed: u64, shared: u32) -> u64 {
        let full = self.blocks_of(tokens).saturating_sub(u64::from(shared));
        let within = if self.blocks.windowed == 0 { 0 } else { self.blocks_of(windowed) };
        u64::from(self.blocks.full) * full
            + u64::from(self.blocks.windowed) * within
            + u64::from(self.blocks.sequence)
    }

    /// Units of a prompt of so many tokens.
    pub fn prompt(&self, tokens: u32, shared: u32) -> u64 {
        let tokens = u64::from(tokens);
        self.units_of(tokens, tokens.min(self.window), shared)
    }

    /// Units in an iteration before which so many tokens are cached.
    pub fn decoding(&self, cached: u64, shared: u32) -> u64 {
        let windowed = cached.min(self.window - 1) + self.queries;
        self.units_of(cached + self.queries, windowed, shared)
    }

    /// Units of a request when it ends, or of its prompt where that is more.
    pub fn at_end(&self, prompt: u32, output: u32, decode_only: bool, shared: u32) -> u64 {
        let last = (u64::from(prompt) + u64::from(output) + u64::from(decode_only)).saturating_sub(2);
        self.decoding(last, shared).max(self.prompt(prompt, shared))
    }

    /// Units that a sequence takes once the iterations before `step` are done.
    pub fn of(&self, sequence: &Sequence, step: u64) -> u64 {
        match step.checked_sub(sequence.joined) {
            Some(done) if done > 0 => {
                let cached = u64::from(sequence.context) + self.rate.tokens(done - 1);
                self.decoding(cached, sequence.shared)
            }
            _ => self.prompt(sequence.context, sequence.shared),
        }
    }

    /// Whether needs have a period.
    pub fn is_periodic(&self) -> bool {
        self.queries == 1 && self.rate.parts == self.rate.whole
    }

    fn phase(&self, sequence: &Sequence) -> usize {
        let block = u64::from(self.blocks.tokens);
        let phase = (u64::from(sequence.context) % block + block - sequence.joined % block) % block;
        usize::try_from(phase).unwrap_or(0)
    }

    /// Units of each block that a sequence needs. Without a window nothing ends the growth of what windows keep.
    fn each(&self, growing: bool) -> u64 {
        let growing = growing || self.window == u64::MAX;
        u64::from(self.blocks.full) + if growing { u64::from(self.blocks.windowed) } else { 0 }
    }

    /// Counts a sequence that begins to decode.
    pub fn join(&mut self, sequence: &Sequence) {
        if self.is_periodic() {
            if self.phases.is_empty() {
                self.phases = vec![0; self.blocks.tokens as usize];
            }
            let each = self.each(sequence.growing);
            let phase = self.phase(sequence);
            self.phases[phase] += each;
            self.phased += each;
        }
    }

    /// Counts one that ends, or whose windows are full from now on.
    pub fn leave(&mut self, sequence: &Sequence, growing_only: bool) {
        if self.is_periodic() {
            let mut each = self.each(sequence.growing);
            if growing_only {
                each -= self.each(false);
            }
            let phase = self.phase(sequence);
            self.phases[phase] -= each;
            self.phased -= each;
        }
    }

    /// So many iterations go by.
    pub fn step_on(&mut self, iterations: u64) {
        let block = u64::from(self.blocks.tokens);
        let rest = if iterations < block { iterations } else { iterations % block };
        let rest = usize::try_from(rest).unwrap_or(0);
        self.next += if rest > self.next { self.blocks.tokens as usize } else { 0 };
        self.next -= rest;
    }

    /// Units that all decoding sequences need in the next iterations, where needs have a period.
    pub fn needed(&self, iterations: u64) -> u64 {
        let block = u64::from(self.blocks.tokens);
        if iterations < block {
            return self.coming().take(usize::try_from(iterations).unwrap_or(0)).sum();
        }
        let rest = usize::try_from(iterations % block).unwrap_or(0);
        self.phased * (iterations / block) + self.coming().take(rest).sum::<u64>()
    }

    /// Units of the next iterations, one after the other, over one period.
    fn coming(&self) -> impl Iterator<Item = u64> {
        let (later, sooner) = self.phases.split_at((self.next + 1).min(self.phases.len()));
        later.iter().rev().chain(sooner.iter().rev()).copied()
    }

    /// How many iterations memory lasts, `most` at most, where needs have a period.
    pub fn lasts(&self, most: u64) -> u64 {
        let block = u64::from(self.blocks.tokens);
        let free = self.free();
        let periods = if most < block { 0 } else { most / block };
        if self.phased == 0 || self.phased.saturating_mul(periods + 1) <= free {
            return most;
        }
        let periods = free / self.phased;
        let mut left = free - periods * self.phased;
        let mut iterations = periods * block;
        for needed in self.coming() {
            if needed > left {
                break;
            }
            left -= needed;
            iterations += 1;
        }
        iterations.min(most)
    }
}
