//! Where the ranks of one communicator sit.

use super::{MOST_TIERS, Network};

/// Whether the other endpoints send at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Neighbours {
    /// All endpoints are in groups of the same form, which communicate at once.
    Busy,
    /// Only this group communicates.
    Silent,
}

/// The ranks of a communicator, counted by tier.
///
/// Domains are taken as equally filled: where a group fills its last domain only partly, it is priced as if it were full.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    ranks: u64,
    stride: u64,
    members: [u64; MOST_TIERS],
    contention: [f64; MOST_TIERS],
    neighbours: Neighbours,
}

/// What a group uses of a torus.
pub(super) struct InTorus {
    /// Share of an endpoint's links.
    pub(super) share_of_links: f64,
    /// Steps around all its rings.
    pub(super) steps: f64,
    /// Links that a message crosses on average.
    pub(super) hops: f64,
}

impl Group {
    /// Ranks at the places 0, `stride`, 2 `stride` and so on.
    pub fn strided(network: &Network, ranks: u64, stride: u64) -> Self {
        Self::nested(network, &[(ranks, stride)])
    }

    /// Ranks at all sums of `i stride` with `i < count` over pairs of count and stride, innermost first.
    ///
    /// Each stride is at least the extent of what lies inside it: data and context parallelism together, for example,
    /// are the context ranks at the stride of tensor parallelism, repeated at the stride of data parallelism.
    pub fn nested(network: &Network, levels: &[(u64, u64)]) -> Self {
        let ranks = levels.iter().fold(1_u64, |all, (count, _)| all.saturating_mul((*count).max(1)));
        let stride = levels.iter().find(|(count, _)| *count > 1).map_or(1, |(_, stride)| (*stride).max(1));
        let mut members = [ranks; MOST_TIERS];
        let last = network.tiers().len() - 1;
        for (tier, place) in network.tiers()[..last].iter().zip(&mut members) {
            *place = levels.iter().fold(1_u64, |inside, (count, stride)| {
                inside.saturating_mul((tier.size / (*stride).max(1)).clamp(1, (*count).max(1)))
            });
        }
        Self { ranks, stride, members, contention: [1.0; MOST_TIERS], neighbours: Neighbours::Busy }
    }

    /// The group while everything else is silent, as in a benchmark. Otherwise all endpoints of the network are taken
    /// to be in groups of the same form that communicate at once, as in training.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.neighbours = Neighbours::Silent;
        self
    }

    /// The group while a tier carries `factor` times its own traffic; below 1 counts as 1.
    #[must_use]
    pub fn contended(mut self, tier: usize, factor: f64) -> Self {
        if let Some(place) = self.contention.get_mut(tier) {
            *place = factor.max(1.0);
        }
        self
    }

    /// Ranks in all.
    pub fn ranks(&self) -> u64 {
        self.ranks
    }

    /// Ranks in one domain of a tier.
    pub fn members(&self, tier: usize) -> u64 {
        self.members[tier.min(MOST_TIERS - 1)]
    }

    /// Domains of the tier below (ranks, for the first tier) that the group has in one domain of a tier.
    pub fn parts(&self, tier: usize) -> u64 {
        let below = tier.checked_sub(1).map_or(1, |below| self.members(below));
        self.members(tier).div_ceil(below)
    }

    pub(super) fn contention(&self, tier: usize) -> f64 {
        self.contention[tier.min(MOST_TIERS - 1)]
    }

    pub(super) fn neighbours(&self) -> Neighbours {
        self.neighbours
    }

    /// A group of consecutive places fills the innermost dimension first; with a stride it starts in a further one.
    pub(super) fn torus(&self, sides: [u64; 3]) -> InTorus {
        let members = self.members(0);
        let dimensions = sides.iter().filter(|side| **side > 1).count().max(1);
        let (mut used, mut steps, mut hops) = (0_u32, 0.0, 0.0);
        let (mut below, mut left, mut apart) = (1_u64, members, 1_u64);
        for side in sides.into_iter().filter(|side| *side > 1) {
            let reach = below.saturating_mul(side);
            if self.stride < reach && left > 1 {
                let step = (self.stride / below).max(1);
                let here = left.min(side.div_ceil(step));
                apart = apart.max(step);
                left = left.div_ceil(here);
                used += 1;
                steps += here as f64 - 1.0;
                // A ring of `here` members with links both ways: a quarter of the way round on average.
                hops += here as f64 / 4.0;
            }
            below = reach;
        }
        let share = f64::from(used.max(1)) / dimensions as f64 / apart as f64;
        InTorus { share_of_links: share, steps, hops: hops.max(1.0) }
    }
}
