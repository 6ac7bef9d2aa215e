//! Replicas as engines of a deployment.

use super::cluster::{Blueprint, Room, Server};
use super::replica::{Arrival, IterationTable, Load, Outcome, Replica, ReplicaOptions, Role, Work};

/// What replicas of a class are made from.
#[derive(Clone, Copy, Debug)]
pub struct ReplicaBlueprint<'t> {
    /// Times of their iterations.
    pub table: &'t IterationTable,
    /// How they schedule.
    pub options: &'t ReplicaOptions,
}

impl<'t> Blueprint for ReplicaBlueprint<'t> {
    type Server = Replica<'t>;

    fn build(&self) -> Replica<'t> {
        Replica::new(self.table, self.options)
    }

    fn role(&self) -> Role {
        self.options.role
    }

    fn room(&self) -> Room {
        let blocks = &self.options.blocks;
        let each = u64::from(blocks.full.saturating_add(blocks.windowed)).max(1);
        Room {
            sequences: self.options.most_sequences,
            tokens: blocks.units / each * u64::from(blocks.tokens),
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
