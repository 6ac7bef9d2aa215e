//! What the deployment needs of an engine, and what it is made from.

use crate::serving::replica::{Arrival, Load, Outcome, Role, Work};

/// An engine that works on requests. Times never go back from one call to the next.
pub trait Server {
    /// Takes a request that arrives at `arrival.at`.
    fn offer(&mut self, arrival: &Arrival<'_>);
    /// A time before which, if nothing else comes, nothing ends; later than what it has been advanced to, and `None` while it has
    /// nothing to do.
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
