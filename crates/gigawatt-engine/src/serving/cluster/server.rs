//! What the deployment needs of an engine, and what it is made from.

use crate::serving::replica::{Arrival, IterationTable, Load, Outcome, Replica, ReplicaOptions, Role, Work};

/// An engine that works on requests. Times never go back from one call to the next.
pub trait Server {
    /// Takes a request that arrives at `arrival.at`.
    fn offer(&mut self, arrival: &Arrival<'_>);
    /// A time before which, if nothing else comes, nothing is told: it is advanced to it and asked again. `None` while it has nothing
    /// to do.
    fn next_change(&mut self) -> Option<u64>;
    /// Works up to and including a time and tells what ended.
    fn advance(&mut self, until: u64, told: &mut dyn FnMut(&Outcome));
    /// What it has to do.
    fn load(&self) -> Load;
    /// Of the prefix blocks of a prompt, how many it holds from the first on.
    fn longest_match(&self, blocks: &[u64]) -> u32;
    /// Loses all that it holds, its cache too, and tells the ids of the requests.
    fn fail(&mut self, at: u64, lost: &mut dyn FnMut(u32));
    /// What it has done.
    fn work(&self) -> Work;
}

/// What engines of a class are made from.
pub trait Blueprint {
    /// An engine.
    type Server: Server;
    /// A new engine without requests.
    fn build(&self) -> Self::Server;
    /// What it does of a request.
    fn role(&self) -> Role;
    /// What it holds at once.
    fn room(&self) -> Room;
}

/// What an engine holds at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Sequences.
    pub sequences: u32,
    /// Tokens in its cache.
    pub tokens: u64,
}

/// Engines with continuous batching.
#[derive(Clone, Copy, Debug)]
pub struct Batching<'t> {
    /// Times of iterations.
    pub table: &'t IterationTable,
    /// How they schedule.
    pub options: &'t ReplicaOptions,
}

impl<'t> Blueprint for Batching<'t> {
    type Server = Replica<'t>;

    fn build(&self) -> Replica<'t> {
        Replica::new(self.table, self.options)
    }

    fn role(&self) -> Role {
        self.options.role
    }

    /// Sequences of a batch, and tokens of one long sequence that fills the cache.
    fn room(&self) -> Room {
        let blocks = self.options.blocks;
        let whole = blocks.units.checked_div(u64::from(blocks.full)).unwrap_or(u64::MAX);
        Room {
            sequences: self.options.most_sequences,
            tokens: whole.saturating_mul(u64::from(blocks.tokens)),
        }
    }
}

impl Server for Replica<'_> {
    fn offer(&mut self, arrival: &Arrival<'_>) {
        Replica::offer(self, arrival);
    }

    fn next_change(&mut self) -> Option<u64> {
        Replica::next_change(self)
    }

    fn advance(&mut self, until: u64, told: &mut dyn FnMut(&Outcome)) {
        Replica::advance(self, until, told);
    }

    fn load(&self) -> Load {
        Replica::load(self)
    }

    fn longest_match(&self, blocks: &[u64]) -> u32 {
        Replica::longest_match(self, blocks)
    }

    fn fail(&mut self, at: u64, lost: &mut dyn FnMut(u32)) {
        Replica::fail(self, at, lost);
    }

    fn work(&self) -> Work {
        Replica::work(self)
    }
}
