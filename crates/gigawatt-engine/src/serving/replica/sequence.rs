//! A request in a replica.

use super::chains::Chain;
use super::request::{End, Outcome};

/// No moment, no step, no slot.
pub(super) const NEVER: u64 = u64::MAX;

/// A request that waits or runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence {
    pub id: u32,
    pub prompt: u32,
    pub output: u32,
    /// Tokens found in the cache at its first admission.
    pub cached: u32,
    /// ns.
    pub arrived: u64,
    /// ns; [`NEVER`] before.
    pub scheduled: u64,
    /// When the batch yields its first token, ns; [`NEVER`] before.
    pub first: u64,
    /// What the user waits beyond the batch, ns.
    pub beyond: u64,
    /// Its place in the order of arrival.
    pub number: u64,
    /// Its place in the order of admission.
    pub admitted: u64,
    /// The step from which it decodes; [`NEVER`] before.
    pub joined: u64,
    /// The step from which windows are full; [`NEVER`] where that does not come.
    pub full: u64,
    /// Tokens that it has yielded when it was last admitted, or when it began to decode.
    pub made: u32,
    /// Tokens to compute before it decodes; tokens in the cache when it began to.
    pub context: u32,
    /// Of these, tokens that are computed.
    pub computed: u32,
    /// Blocks of named parts that stand for its first blocks.
    pub shared: u32,
    /// Its names, where prefixes are kept.
    pub chain: Chain,
    pub preemptions: u16,
    pub priority: u8,
    /// Whether its windows fill up still.
    pub growing: bool,
}

impl Sequence {
    /// What became of it, finished by the batch at a moment.
    pub fn outcome(&self, finished: u64, output: u32, end: End) -> Outcome {
        Outcome {
            id: self.id,
            arrived: self.arrived,
            scheduled: self.scheduled,
            first_token: self.first + self.beyond,
            finished,
            prompt: self.prompt,
            output,
            cached: self.cached,
            preemptions: self.preemptions,
            end,
        }
    }
}
