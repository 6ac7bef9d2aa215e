//! Exchange of tokens between the ranks that hold experts.
//!
//! A token goes to `k` of `E` experts. Across scale-up domains it is sent once to each domain that holds one of them, and
//! passed on inside (DeepSeek-V3, arXiv 2412.19437, section 3.2.2). With experts spread evenly over `D` domains, a
//! uniform choice of `k` visits `D (1 - C(E - E/D, k) / C(E, k))` of them; with at most `L` domains for a token, the same
//! holds among the `L` chosen.

use super::cost::{Algorithm, Cost, Stage};
use super::pipeline::{finish, finish_at_once};
use super::topology::Network;
use super::{Group, collectives::sane};

/// How tokens find their experts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertRouting {
    /// Tokens of a rank.
    pub tokens: f64,
    /// Bytes of one token on the wire.
    pub bytes_per_token: f64,
    /// Routed experts of the layer.
    pub experts: u64,
    /// Experts that a token visits.
    pub visited: u64,
    /// The most scale-up domains that a token may visit; none where routing has no such limit.
    pub domain_limit: Option<u64>,
}

/// Expected number of domains that hold at least one of a token's experts.
///
/// `experts` lie evenly in `domains`; the choice of `visited` is uniform, within `limit` domains where one is given.
pub fn distinct_domains(experts: u64, visited: u64, domains: u64, limit: Option<u64>) -> f64 {
    let domains = domains.max(1);
    let open = limit.map_or(domains, |limit| limit.clamp(1, domains)) as f64;
    let in_one = experts as f64 / domains as f64;
    let among = in_one * open;
    // The chance that none of the visited experts lies in one given domain.
    let mut none = 1.0;
    for already in 0..visited.min(experts) {
        let left = among - already as f64;
        none *= if left > 0.0 { ((left - in_one) / left).max(0.0) } else { 0.0 };
    }
    open * (1.0 - none)
}

impl Network {
    /// Time to send every token to its experts' ranks, or to collect what they return, s.
    ///
    /// For large batches: tokens cross the port once for each distant domain and are passed on over the scale-up links,
    /// both at the same time, chunk by chunk.
    pub fn expert_exchange(&self, group: &Group, routing: &ExpertRouting) -> Cost {
        let sent = sane(routing.tokens) * sane(routing.bytes_per_token);
        if group.ranks() <= 1 || sent == 0.0 {
            return Cost::FREE;
        }
        let ranks = group.ranks();
        let inside = self.scale_up().map_or(1, |top| group.members(top));
        let domains = ranks.div_ceil(inside);
        let near = distinct_domains(routing.experts, routing.visited, domains, routing.domain_limit);
        let mut cost = Cost::FREE;
        if let Some(top) = self.scale_up().filter(|_| inside > 1) {
            let tier = self.tier_used(group, top);
            // Ranks visited in one domain that is visited: the same choice among its ranks.
            let limit = routing.domain_limit.map(|limit| limit.saturating_mul(inside));
            let copies = distinct_domains(routing.experts, routing.visited, ranks, limit);
            let wire_bytes = sent * copies * (inside - 1) as f64 / inside as f64;
            cost.push(Stage {
                tier,
                algorithm: Algorithm::Direct,
                step: self.tiers()[tier].latency,
                latency: self.tiers()[tier].latency,
                transfer: wire_bytes / self.inner_rate(group, top, |shares| shares.exchange),
                wire_bytes,
            });
        }
        let port = self.distant(group, sent * near, domains, &mut cost);
        finish(cost, port, self.coefficients().launch, self.coefficients().fill)
    }

    /// The same for small batches, by kernels that send each copy straight to its expert's rank.
    ///
    /// One copy for each visited expert, over scale-up links where the whole group shares them.
    pub fn expert_exchange_low_latency(&self, group: &Group, routing: &ExpertRouting) -> Cost {
        let copies = sane(routing.tokens) * sane(routing.bytes_per_token) * routing.visited as f64;
        if group.ranks() <= 1 || copies == 0.0 {
            return Cost::FREE;
        }
        let inside = self.scale_up().map_or(1, |top| group.members(top));
        let launch = self.coefficients().expert_launch;
        let mut cost = Cost::FREE;
        if let Some(top) = self.scale_up().filter(|_| inside == group.ranks()) {
            let tier = self.tier_used(group, top);
            cost.push(Stage {
                tier,
                algorithm: Algorithm::Direct,
                step: self.tiers()[tier].latency,
                latency: self.tiers()[tier].latency,
                transfer: copies / self.inner_rate(group, top, |shares| shares.exchange),
                wire_bytes: copies,
            });
            return finish_at_once(cost, 0.0, launch, 0.0);
        }
        let domains = group.ranks().div_ceil(inside);
        let port =
            self.distant(group, copies * domains as f64 / (domains - 1).max(1) as f64, domains, &mut cost);
        finish_at_once(cost, port, launch, 0.0)
    }

    /// Stages of the tiers outside for `sent` bytes spread evenly over `domains`, of which one is near.
    fn distant(&self, group: &Group, sent: f64, domains: u64, cost: &mut Cost) -> f64 {
        let outer_start = self.scale_up().map_or(0, |top| top + 1);
        let top = self.tier_used(group, self.tiers().len() - 1);
        let inside = self.scale_up().map_or(1, |top| group.members(top));
        let mut port = 0.0_f64;
        for tier in (outer_start..=top).filter(|tier| group.parts(*tier) > 1) {
            let below = tier.checked_sub(1).map_or(1, |below| group.members(below));
            let near = (below / inside).max(1) as f64;
            let wire_bytes = sent * (domains as f64 - near).max(0.0) / domains as f64;
            port = port.max(wire_bytes / self.port_rate(tier, group, |shares| shares.exchange));
            let messages = (group.members(tier) - below) as f64 / inside as f64;
            let rounds = libm::ceil(messages / self.coefficients().concurrent_peers.max(1.0));
            cost.push(Stage {
                tier,
                algorithm: Algorithm::Direct,
                step: self.tiers()[tier].latency,
                latency: rounds * self.tiers()[tier].latency,
                transfer: wire_bytes / self.rate(tier, group, |shares| shares.exchange),
                wire_bytes,
            });
        }
        port
    }
}
