//! Which ranks talk to which, and what a run gets of their links.

use gigawatt_plan::training::{Layout, Sharding};

use super::coefficients::TrainingCoefficients;
use super::number::count;
use crate::network::{Group, Network};

/// The groups of a layout, placed on a network.
#[derive(Clone, Copy, Debug)]
pub struct Groups {
    /// Tensor parallelism.
    pub tensor: Group,
    /// Context parallelism.
    pub context: Group,
    /// Expert parallelism.
    pub expert: Group,
    /// Tensor parallelism inside experts.
    pub expert_tensor: Group,
    /// Ranks over which common parameters are shared out or, without sharding, copied.
    pub common: Group,
    /// Ranks over which experts are shared out or copied.
    pub routed: Group,
    /// Copies of what is shared out, where sharding stops before all ranks.
    pub copies: Group,
    /// The tier over which neighbouring pipeline stages talk.
    pub hop: usize,
}

impl Groups {
    /// Places the groups of a layout.
    pub fn of(layout: &Layout, network: &Network) -> Self {
        let strides = layout.strides();
        let ranks = layout.parameter_copies();
        let shard = match layout.sharding {
            Sharding::None => ranks,
            sharding => sharding.group(ranks),
        };
        // Context ranks hold copies of the same parameters, data ranks do, and the other copy of a two-way pipeline, which
        // is half a pipeline away on average.
        let inner = shard.min(layout.context);
        let outer = (shard / inner.max(1)).clamp(1, layout.data());
        let other = (shard / (inner * outer).max(1)).max(1);
        let across = strides.pipeline.saturating_mul((layout.pipeline / 2).max(1));
        let mut levels = [(inner, strides.context), (outer, strides.data), (other, across)];
        levels.sort_by_key(|(_, stride)| *stride);
        let common = Group::nested(network, &levels);
        let copies =
            Group::strided(network, (ranks / shard.max(1)).max(1), strides.data.saturating_mul(outer));
        let experts = layout.expert.saturating_mul(layout.expert_tensor);
        Self {
            tensor: Group::strided(network, layout.tensor, strides.tensor),
            context: Group::strided(network, layout.context, strides.context),
            expert: Group::strided(network, layout.expert, layout.expert_tensor),
            expert_tensor: Group::strided(network, layout.expert_tensor, 1),
            common,
            routed: Group::strided(network, layout.expert_data().min(shard), experts),
            copies,
            hop: network.tier_that_holds(strides.pipeline.saturating_mul(2)),
        }
    }
}

/// The network as a run sees it: between scale-up domains other traffic leaves it a share of what a collective gets alone.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    network: &'a Network,
    fabric_share: f64,
    congestion: f64,
}

impl<'a> Links<'a> {
    /// The links of a network.
    pub fn new(network: &'a Network, with: &TrainingCoefficients) -> Self {
        Self { network, fabric_share: with.fabric_share, congestion: with.congestion }
    }

    /// The network.
    pub fn network(&self) -> &'a Network {
        self.network
    }

    /// Whether a group stays inside one scale-up domain.
    pub fn is_inside(&self, group: &Group) -> bool {
        let tier = self.network.tiers().iter().rposition(|tier| tier.scale_up);
        tier.is_some_and(|tier| group.members(tier) >= group.ranks())
    }

    /// The share of its links that a group gets.
    pub fn share(&self, group: &Group) -> f64 {
        if self.is_inside(group) {
            return 1.0;
        }
        let domains = count(group.ranks()) / count(self.inside(group));
        self.fabric_share / (1.0 + self.congestion * libm::log2(domains.max(1.0)))
    }

    /// Scale-up domains over which a group is spread.
    pub fn domains(&self, group: &Group) -> u64 {
        group.ranks().div_ceil(self.inside(group))
    }

    /// Ranks of a group in one scale-up domain.
    fn inside(&self, group: &Group) -> u64 {
        let tier = self.network.tiers().iter().rposition(|tier| tier.scale_up);
        tier.map_or(1, |tier| group.members(tier)).max(1)
    }

    /// Seconds to gather a vector of so many bytes, or to reduce and scatter one.
    pub fn gather(&self, group: &Group, bytes: f64) -> f64 {
        self.network.all_gather(group, bytes) / self.share(group)
    }

    /// Seconds to sum a vector of so many bytes on every rank.
    pub fn sum(&self, group: &Group, bytes: f64) -> f64 {
        self.network.all_reduce(group, bytes) / self.share(group)
    }

    /// Seconds to exchange so many bytes of each rank with all.
    pub fn exchange(&self, group: &Group, bytes: f64) -> f64 {
        self.network.all_to_all(group, bytes) / self.share(group)
    }

    /// Seconds of a message of so many bytes over a tier.
    pub fn message(&self, tier: usize, bytes: f64) -> f64 {
        let inside = self.network.tiers().get(tier).is_some_and(|tier| tier.scale_up);
        self.network.point_to_point(tier, bytes) / if inside { 1.0 } else { self.fabric_share }
    }
}
