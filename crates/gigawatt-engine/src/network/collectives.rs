//! Collectives that a library runs tier by tier.

use super::cost::{Algorithm, Collective, Cost, Stage};
use super::pipeline::finish;
use super::topology::{Network, Shape};
use super::{Group, Shares};

/// More than any vector: keeps sums finite.
const MOST_BYTES: f64 = 1e30;

pub(super) fn sane(bytes: f64) -> f64 {
    if bytes.is_nan() { 0.0 } else { bytes.clamp(0.0, MOST_BYTES) }
}

/// Steps of an algorithm that doubles what it reaches: `⌈log₂ p⌉`.
fn doublings(parts: u64) -> f64 {
    f64::from(u64::BITS - parts.saturating_sub(1).leading_zeros())
}

/// What a stage does to the vector.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Reduce-scatter or all-gather: once around.
    Half,
    /// Both, with other stages between them.
    Both,
    /// A whole all-reduce.
    Whole,
    /// A broadcast.
    Spread,
}

impl Network {
    /// Time of an all-reduce of a vector of `bytes` that every rank has, s.
    pub fn all_reduce(&self, group: &Group, bytes: f64) -> f64 {
        self.price(Collective::AllReduce, group, bytes).seconds
    }

    /// Time of a reduce-scatter of a vector of `bytes` that every rank has, s.
    pub fn reduce_scatter(&self, group: &Group, bytes: f64) -> f64 {
        self.price(Collective::ReduceScatter, group, bytes).seconds
    }

    /// Time of an all-gather into a vector of `bytes` on every rank, s.
    pub fn all_gather(&self, group: &Group, bytes: f64) -> f64 {
        self.price(Collective::AllGather, group, bytes).seconds
    }

    /// Time to give `bytes` of one rank to all others, s.
    pub fn broadcast(&self, group: &Group, bytes: f64) -> f64 {
        self.price(Collective::Broadcast, group, bytes).seconds
    }

    /// Time of an all-to-all in which a rank sends `bytes` in all, the part that it keeps included, s.
    pub fn all_to_all(&self, group: &Group, bytes: f64) -> f64 {
        self.price(Collective::AllToAll, group, bytes).seconds
    }

    /// Time of a collective with its stages. One rank, or no bytes, costs nothing.
    pub fn price(&self, collective: Collective, group: &Group, bytes: f64) -> Cost {
        let bytes = sane(bytes);
        if group.ranks() <= 1 || bytes == 0.0 {
            return Cost::FREE;
        }
        match collective {
            Collective::AllReduce => self.tier_by_tier(group, bytes, Part::Both, Part::Whole),
            Collective::ReduceScatter | Collective::AllGather => {
                self.tier_by_tier(group, bytes, Part::Half, Part::Half)
            }
            Collective::Broadcast => self.tier_by_tier(group, bytes, Part::Spread, Part::Spread),
            Collective::AllToAll => self.exchange(group, bytes),
        }
    }

    /// Time to send `bytes` from one endpoint to another that it meets in a tier, while all endpoints do so, s.
    ///
    /// A single message has no chunks to fill.
    pub fn point_to_point(&self, tier: usize, bytes: f64) -> f64 {
        let tier = tier.min(self.tiers().len() - 1);
        let bytes = sane(bytes);
        if bytes == 0.0 {
            return 0.0;
        }
        let below = tier.checked_sub(1).map_or(1, |below| self.tiers()[below].size);
        let pair = Group::strided(self, 2, below);
        let rate = self.rate(tier, &pair, |shares| shares.exchange);
        let transfer = bytes / rate;
        let mut cost = Cost::FREE;
        let latency = self.tiers()[tier].latency;
        cost.push(Stage {
            tier,
            algorithm: Algorithm::Direct,
            step: latency,
            latency,
            transfer,
            wire_bytes: bytes,
        });
        finish(cost, 0.0, self.coefficients().launch, 0.0).seconds
    }

    /// All-reduce by the kernels of an inference engine where the group stays in a scale-up domain; else the library's.
    ///
    /// One shot reads `(p-1) S` in one step, two shots `2 S (p-1)/p` in two; the cheaper is taken. It is priced inside a
    /// recorded graph; outside one, [`eager_call`](super::NetworkCoefficients::eager_call) comes on top.
    pub fn all_reduce_direct(&self, group: &Group, bytes: f64) -> Cost {
        let bytes = sane(bytes);
        let inside = self.scale_up().filter(|top| group.members(*top) == group.ranks());
        let (Some(top), true) = (inside, group.ranks() > 1 && bytes > 0.0) else {
            return self.price(Collective::AllReduce, group, bytes);
        };
        let tier = self.tier_used(group, top);
        let parts = group.ranks() as f64;
        let rate = self.inner_rate(group, top, |shares| shares.direct);
        let step = self.tiers()[tier].latency;
        let one = (Algorithm::OneShot, 1.0, (parts - 1.0) * bytes);
        let two = (Algorithm::TwoShot, 2.0, 2.0 * (parts - 1.0) / parts * bytes);
        let priced = [one, two].map(|(algorithm, steps, wire_bytes)| {
            let mut cost = Cost::FREE;
            let (latency, transfer) = (steps * step, wire_bytes / rate);
            cost.push(Stage { tier, algorithm, step, latency, transfer, wire_bytes });
            finish(cost, 0.0, self.coefficients().direct_launch, 0.0)
        });
        if priced[1].seconds < priced[0].seconds { priced[1] } else { priced[0] }
    }

    /// The topmost tier up to `top` that the group crosses.
    pub(super) fn tier_used(&self, group: &Group, top: usize) -> usize {
        (0..=top).rev().find(|tier| group.parts(*tier) > 1).unwrap_or(0)
    }

    /// One ring runs over all scale-up tiers, at the pace of the slowest that it crosses.
    pub(super) fn inner_rate(&self, group: &Group, top: usize, share: fn(&Shares) -> f64) -> f64 {
        (0..=top)
            .filter(|tier| group.parts(*tier) > 1)
            .map(|tier| self.rate(tier, group, share))
            .fold(f64::INFINITY, f64::min)
    }

    /// The tiers in turn. The outermost stage has alternatives: each is priced with all the others, the cheapest is taken.
    fn tier_by_tier(&self, group: &Group, bytes: f64, inner: Part, outermost: Part) -> Cost {
        let outer_start = self.scale_up().map_or(0, |top| top + 1);
        let top = self.tier_used(group, self.tiers().len() - 1);
        let mut cost = Cost::FREE;
        let mut last = [None; 3];
        if let Some(scale_up) = self.scale_up()
            && group.members(scale_up) > 1
        {
            if top <= scale_up {
                last = self.inside(group, scale_up, bytes, outermost);
            } else {
                self.inside(group, scale_up, bytes, inner)
                    .into_iter()
                    .flatten()
                    .for_each(|stage| cost.push(stage));
            }
        }
        let mut port = 0.0;
        for tier in (outer_start..=top).filter(|tier| group.parts(*tier) > 1) {
            let share = bytes / tier.checked_sub(1).map_or(1, |below| group.members(below)) as f64;
            if tier == top {
                last = self.across(group, tier, share, outermost);
            } else {
                for stage in self.across(group, tier, share, inner).into_iter().flatten() {
                    port += stage.wire_bytes / self.port_rate(tier, group, |shares| shares.ring);
                    cost.push(stage);
                }
            }
        }
        let mut best: Option<Cost> = None;
        for stage in last.into_iter().flatten() {
            let mut whole = cost;
            whole.push(stage);
            let own = if top >= outer_start {
                stage.wire_bytes / self.port_rate(top, group, |shares| shares.ring)
            } else {
                0.0
            };
            let whole = finish(whole, port + own, self.coefficients().launch, self.coefficients().fill);
            if best.is_none_or(|best| whole.seconds < best.seconds) {
                best = Some(whole);
            }
        }
        best.unwrap_or(Cost::FREE)
    }

    /// A stage inside the scale-up domain: a ring, or sums in the switch.
    fn inside(&self, group: &Group, scale_up: usize, bytes: f64, part: Part) -> [Option<Stage>; 3] {
        let tier = self.tier_used(group, scale_up);
        let link = &self.tiers()[tier];
        let parts = group.members(scale_up) as f64;
        let rounds = if matches!(part, Part::Half | Part::Spread) { 1.0 } else { 2.0 };
        let steps = match link.shape {
            Shape::Torus(sides) => group.torus(sides).steps,
            _ => parts - 1.0,
        };
        let around = rounds * (parts - 1.0) / parts * bytes;
        let (wire_bytes, own) = match part {
            Part::Spread => (bytes, 0.0),
            _ => (around, link.own_copy * bytes / parts),
        };
        let ring = Stage {
            tier,
            algorithm: Algorithm::Ring,
            step: link.latency,
            latency: rounds * steps * link.latency,
            transfer: (wire_bytes + own) / self.inner_rate(group, scale_up, |shares| shares.ring),
            wire_bytes,
        };
        let sums = part == Part::Whole && link.in_network_reduction;
        [Some(ring), sums.then(|| self.in_switch(group, tier, parts, bytes)), None]
    }

    /// A stage between scale-up domains, of the share of the vector that a rank carries.
    fn across(&self, group: &Group, tier: usize, bytes: f64, part: Part) -> [Option<Stage>; 3] {
        let link = &self.tiers()[tier];
        let count = group.parts(tier);
        let parts = count as f64;
        let rate = self.rate(tier, group, |shares| shares.ring);
        let stage = |algorithm, steps: f64, wire_bytes: f64| Stage {
            tier,
            algorithm,
            step: link.latency,
            latency: steps * link.latency,
            transfer: wire_bytes / rate,
            wire_bytes,
        };
        let around = (parts - 1.0) / parts * bytes;
        match part {
            Part::Half => [Some(stage(Algorithm::Halving, doublings(count), around)), None, None],
            Part::Both => [Some(stage(Algorithm::Halving, 2.0 * doublings(count), 2.0 * around)), None, None],
            Part::Spread => [Some(stage(Algorithm::Trees, doublings(count), bytes)), None, None],
            Part::Whole => {
                let both = if count == 2 { 1.0 } else { 2.0 };
                let sums = link.in_network_reduction.then(|| self.in_switch(group, tier, parts, bytes));
                [
                    Some(stage(Algorithm::Ring, 2.0 * (parts - 1.0), 2.0 * around)),
                    Some(stage(Algorithm::Trees, 2.0 * doublings(count), both * bytes)),
                    sums,
                ]
            }
        }
    }

    /// Every rank gives its vector to the switch once, and its part of the sum once more to be spread.
    fn in_switch(&self, group: &Group, tier: usize, parts: f64, bytes: f64) -> Stage {
        let wire_bytes = (1.0 + 1.0 / parts) * bytes;
        Stage {
            tier,
            algorithm: Algorithm::InSwitch,
            step: self.tiers()[tier].latency,
            latency: self.tiers()[tier].reduction_latency,
            transfer: wire_bytes / self.rate(tier, group, |shares| shares.in_switch),
            wire_bytes,
        }
    }
}
