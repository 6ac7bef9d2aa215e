//! Tiers of links and what a rank gets of them.

use super::NetworkCoefficients;
use super::group::{Group, Neighbours};

/// The most tiers that a network has.
pub const MOST_TIERS: usize = 8;

/// How the links of a tier lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Switches: any endpoint reaches any other over its own port, domains below share their uplinks.
    Switched,
    /// Every endpoint has a link of its own to each other; a group uses those among its members.
    Mesh,
    /// Rings in one to three dimensions, with the numbers of endpoints in each, innermost first.
    Torus([u64; 3]),
    /// One medium that all endpoints share.
    Bus,
}

/// Shares of a link that kernels reach, by what they do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Rings, trees and halving.
    pub ring: f64,
    /// Reduction in the switch.
    pub in_switch: f64,
    /// Sends between pairs: all-to-all, pipeline.
    pub exchange: f64,
    /// Loads and stores of low-latency kernels.
    pub direct: f64,
}

impl Shares {
    /// The same share for everything.
    pub fn uniform(share: f64) -> Self {
        Self { ring: share, in_switch: share, exchange: share, direct: share }
    }
}

/// The links that join domains of the tier below (endpoints, for the first tier).
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// Endpoints in one domain of the tier, all tiers below included.
    pub size: u64,
    /// What one endpoint can send into the tier in one direction while all send, before oversubscription, B/s.
    pub bandwidth: f64,
    /// The most that one endpoint can send while others are silent, B/s: a whole port that it shares, for example.
    pub port: f64,
    /// Ports below a domain over its uplinks; 1 is full bisection.
    pub oversubscription: f64,
    /// Latency of one step between two endpoints that meet in this tier, software included, s.
    pub latency: f64,
    /// How its links lie.
    pub shape: Shape,
    /// Whether its switches can add.
    pub in_network_reduction: bool,
    /// Latency of a sum in its switches, there and back, s.
    pub reduction_latency: f64,
    /// Copy of a rank's own part within its memory, relative to sending it; 0 where that is negligible.
    pub own_copy: f64,
    /// Whether accelerators load and store over it: rings run here, but no trees and no halving.
    pub scale_up: bool,
    /// What kernels reach of the bandwidth.
    pub shares: Shares,
}

/// Why tiers are no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkError {
    /// No tier, or more than [`MOST_TIERS`].
    Tiers,
    /// A tier is not larger than the one below, or a torus has another size than its sides give.
    Size,
    /// A bandwidth, latency, share or oversubscription is not a number that makes sense.
    Number,
    /// A scale-up tier lies above one that is not.
    Order,
}

/// Tiers of links, smallest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    tiers: Vec<Tier>,
    coefficients: NetworkCoefficients,
}

/// What moves over a link: which share of it counts.
pub(super) type ShareOf = fn(&Shares) -> f64;

impl Network {
    /// A network of some tiers.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(tiers: Vec<Tier>, coefficients: NetworkCoefficients) -> Result<Self, NetworkError> {
        if tiers.is_empty() || tiers.len() > MOST_TIERS {
            return Err(NetworkError::Tiers);
        }
        let mut below = (0, true);
        for tier in &tiers {
            if tier.size <= below.0 {
                return Err(NetworkError::Size);
            }
            if let Shape::Torus([x, y, z]) = tier.shape
                && x.checked_mul(y).and_then(|plane| plane.checked_mul(z)) != Some(tier.size)
            {
                return Err(NetworkError::Size);
            }
            if tier.scale_up && !below.1 {
                return Err(NetworkError::Order);
            }
            let positive = |value: f64| value.is_finite() && value > 0.0;
            let Shares { ring, in_switch, exchange, direct } = tier.shares;
            let shares =
                [ring, in_switch, exchange, direct].iter().all(|share| positive(*share) && *share <= 1.0);
            let rates = positive(tier.bandwidth) && tier.port.is_finite() && tier.port >= tier.bandwidth;
            let times = [tier.latency, tier.reduction_latency, tier.own_copy];
            let rest = tier.oversubscription.is_finite() && tier.oversubscription >= 1.0;
            if !(shares && rates && rest && times.iter().all(|time| time.is_finite() && *time >= 0.0)) {
                return Err(NetworkError::Number);
            }
            below = (tier.size, tier.scale_up);
        }
        Ok(Self { tiers, coefficients })
    }

    /// The tiers, smallest first.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// The coefficients that its times use.
    pub fn coefficients(&self) -> &NetworkCoefficients {
        &self.coefficients
    }

    /// The first tier whose domain holds a number of endpoints; the last where none does.
    pub fn tier_that_holds(&self, endpoints: u64) -> usize {
        self.tiers.iter().position(|tier| tier.size >= endpoints).unwrap_or(self.tiers.len() - 1)
    }

    /// The topmost tier that accelerators load and store over.
    pub(super) fn scale_up(&self) -> Option<usize> {
        self.tiers.iter().rposition(|tier| tier.scale_up)
    }

    /// What one rank of a group gets of a tier, B/s: of its uplinks if traffic crosses it with others.
    pub(super) fn rate(&self, tier: usize, group: &Group, share: ShareOf) -> f64 {
        let link = &self.tiers[tier];
        let size = link.size as f64;
        let of_links = match link.shape {
            Shape::Switched => self.of_uplinks(tier, group),
            Shape::Bus => {
                let senders = match group.neighbours() {
                    Neighbours::Busy => size,
                    Neighbours::Silent => group.members(tier) as f64,
                };
                link.port.min(link.bandwidth * size / senders)
            }
            Shape::Mesh => {
                link.bandwidth * (group.members(tier) as f64 - 1.0).max(1.0) / (size - 1.0).max(1.0)
            }
            Shape::Torus(sides) => link.bandwidth * group.torus(sides).share_of_links,
        };
        of_links * share(&link.shares) / group.contention(tier)
    }

    /// What one rank gets of its port into a tier whatever lies above it, B/s.
    pub(super) fn port_rate(&self, tier: usize, group: &Group, share: ShareOf) -> f64 {
        let link = &self.tiers[tier];
        link.port.min(link.bandwidth / self.senders_below(tier, group)) * share(&link.shares)
            / group.contention(tier)
    }

    /// Share of the endpoints of a domain below a tier that send at once.
    fn senders_below(&self, tier: usize, group: &Group) -> f64 {
        match (group.neighbours(), tier.checked_sub(1)) {
            (Neighbours::Busy, _) | (_, None) => 1.0,
            (Neighbours::Silent, Some(below)) => group.members(below) as f64 / self.tiers[below].size as f64,
        }
    }

    fn of_uplinks(&self, tier: usize, group: &Group) -> f64 {
        let link = &self.tiers[tier];
        let fair = link.bandwidth / link.oversubscription / self.senders_below(tier, group);
        link.port.min(fair)
    }
}
