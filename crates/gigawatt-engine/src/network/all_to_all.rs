//! All-to-all: every rank has a part for each other.

use super::Group;
use super::cost::{Algorithm, Cost, Stage};
use super::pipeline::finish_at_once;
use super::topology::{Network, Shape};

impl Network {
    /// Parts for ranks of the same scale-up domain go over its links, all others through the port, at the same time. A
    /// tier carries what leaves the domains below it: `S (n - m) / n`, with `m` ranks of the group in such a domain.
    pub(super) fn exchange(&self, group: &Group, bytes: f64) -> Cost {
        let ranks = group.ranks() as f64;
        let top = self.tier_used(group, self.tiers().len() - 1);
        let peers = self.coefficients().concurrent_peers;
        let mut cost = Cost::FREE;
        let mut outer_start = 0;
        if let Some(scale_up) = self.scale_up() {
            outer_start = scale_up + 1;
            let members = group.members(scale_up) as f64;
            if members > 1.0 {
                let tier = self.tier_used(group, scale_up);
                let link = &self.tiers()[tier];
                let hops = match link.shape {
                    Shape::Torus(sides) => group.torus(sides).hops,
                    _ => 1.0,
                };
                let wire_bytes = hops * bytes * (members - 1.0) / ranks;
                let own = link.own_copy * bytes / ranks;
                cost.push(Stage {
                    tier,
                    algorithm: Algorithm::Direct,
                    step: self.tiers()[tier].latency,
                    latency: rounds(members - 1.0, peers) * link.latency,
                    transfer: (wire_bytes + own) / self.inner_rate(group, scale_up, |shares| shares.exchange),
                    wire_bytes,
                });
            }
        }
        let mut port = 0.0_f64;
        for tier in (outer_start..=top).filter(|tier| group.parts(*tier) > 1) {
            let below = tier.checked_sub(1).map_or(1, |below| group.members(below)) as f64;
            let wire_bytes = bytes * (ranks - below) / ranks;
            let messages = (group.members(tier) as f64).min(ranks) - below;
            port = port.max(wire_bytes / self.port_rate(tier, group, |shares| shares.exchange));
            cost.push(Stage {
                tier,
                algorithm: Algorithm::Direct,
                step: self.tiers()[tier].latency,
                latency: rounds(messages, peers) * self.tiers()[tier].latency,
                transfer: wire_bytes / self.rate(tier, group, |shares| shares.exchange),
                wire_bytes,
            });
        }
        finish_at_once(cost, port, self.coefficients().launch, self.coefficients().fill)
    }
}

/// Rounds in which messages to so many ranks go out.
fn rounds(messages: f64, at_once: f64) -> f64 {
    libm::ceil(messages / at_once.max(1.0))
}
