//! Networks of the usual kinds of systems, from facts about their parts.
//!
//! The scale-up domain is that of the accelerator, the ports are those of the server, and the fabric joins ports: racks,
//! pods with full bisection, and above them a tier that is often oversubscribed. Facts come from the catalogue
//! (`scale_up`, `scale_up_domain`, `link`, `pod_endpoints` and so on) or from a description in a scenario.

use super::{Network, NetworkCoefficients, NetworkError, Shape, Shares, Tier};

/// How accelerators of one scale-up domain are joined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wiring {
    /// By switches.
    Switch,
    /// By switches that can add (NVLink from its fourth generation on).
    AddingSwitch,
    /// By a link between each two.
    Mesh,
    /// In rings of so many accelerators by dimension.
    Torus([u64; 3]),
    /// In pairs by a bridge, pairs by PCIe links of so many B/s in one direction.
    BridgedPairs(f64),
    /// In pairs on PCIe switches, pairs through the host.
    Pcie,
    /// On PCIe without access to each other's memory: everything goes through the host's.
    PcieStaged,
}

/// The links inside a server or rack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleUp {
    /// Of one accelerator in one direction, B/s.
    pub bandwidth: f64,
    /// Accelerators that they join.
    pub domain: u64,
    /// How.
    pub wiring: Wiring,
}

impl Wiring {
    /// Reads how the catalogue names it; a torus of a domain has sides as equal as they get.
    pub fn parse(name: &str, domain: u64) -> Option<Self> {
        Some(match name {
            "switch" => Self::Switch,
            "adding-switch" => Self::AddingSwitch,
            "mesh" => Self::Mesh,
            "torus-2d" => {
                let short = side(domain, 2.0);
                Self::Torus([short, domain / short, 1])
            }
            "torus-3d" => {
                let shortest = side(domain, 3.0);
                let middle = side(domain / shortest, 2.0);
                Self::Torus([shortest, middle, domain / shortest / middle])
            }
            _ => return None,
        })
    }
}

/// The greatest divisor of a count that is no longer than a side of equal sides.
fn side(count: u64, dimensions: f64) -> u64 {
    let equal = libm::floor(libm::pow(count as f64, 1.0 / dimensions) + 1e-9) as u64;
    (1..=equal.clamp(1, 4096)).rev().find(|side| count.is_multiple_of(*side)).unwrap_or(1)
}

impl ScaleUp {
    /// Reads an accelerator's links by the names of the catalogue's fields; none where it has none.
    pub fn from_facts(fact: impl Fn(&str) -> Option<f64>, wiring: &str) -> Option<Self> {
        let domain = fact("scale_up_domain").filter(|domain| *domain >= 1.0)? as u64;
        Some(Self { bandwidth: fact("scale_up")?, domain, wiring: Wiring::parse(wiring, domain)? })
    }
}

/// The ports of a server into the fabric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleOut {
    /// All ports of a server over its accelerators, one direction, B/s.
    pub bandwidth: f64,
    /// One port, B/s: more than `bandwidth` where a server has fewer ports than accelerators.
    pub port: f64,
}

impl ScaleOut {
    /// A port of its own for every accelerator.
    pub fn own_port(bandwidth: f64) -> Self {
        Self { bandwidth, port: bandwidth }
    }

    /// Servers of so many accelerators with so many ports of a bandwidth.
    pub fn shared_ports(accelerators: u64, ports: u64, port: f64) -> Self {
        let bandwidth = port * ports.max(1) as f64 / accelerators.max(1) as f64;
        Self { bandwidth, port: port.max(bandwidth) }
    }
}

/// Switches that join ports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fabric {
    /// Endpoints below one leaf, where it matters.
    pub rack: Option<u64>,
    /// Endpoints with full bisection among them; all, where none is given.
    pub pod: Option<u64>,
    /// Endpoints in all.
    pub endpoints: u64,
    /// Between pods.
    pub oversubscription: f64,
    /// Latency of one switch with its cables, s.
    pub switch_latency: f64,
    /// Latency of a step between pods, where it is known, s.
    pub top_latency: Option<f64>,
    /// Share of a port that traffic reaches, where it is known.
    pub port_share: Option<f64>,
    /// Whether its switches can add.
    pub in_network_reduction: bool,
}

impl Fabric {
    /// Reads a fabric by the names of the catalogue's fields; `switch_latency` is that of its switches, s.
    ///
    /// Without `endpoints` there is no fabric.
    pub fn from_facts(fact: impl Fn(&str) -> Option<f64>, switch_latency: f64) -> Option<Self> {
        let count = |name: &str| fact(name).filter(|count| *count >= 1.0).map(|count| count as u64);
        Some(Self {
            rack: count("rack_endpoints"),
            pod: count("pod_endpoints"),
            endpoints: count("endpoints")?,
            oversubscription: fact("oversubscription").unwrap_or(1.0).max(1.0),
            switch_latency,
            top_latency: fact("latency"),
            port_share: fact("throughput_share"),
            in_network_reduction: false,
        })
    }

    /// A fabric with full bisection for some endpoints.
    pub fn full_bisection(endpoints: u64, switch_latency: f64) -> Self {
        Self {
            rack: None,
            pod: None,
            endpoints,
            oversubscription: 1.0,
            switch_latency,
            top_latency: None,
            port_share: None,
            in_network_reduction: false,
        }
    }
}

/// A link between places that have a fabric each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// What it is called.
    pub name: &'static str,
    /// Places of the same kind that are joined.
    pub places: u64,
    /// All links of one place to the others, one direction, B/s.
    pub bandwidth: f64,
    /// Latency one way, s.
    pub latency: f64,
}

impl Network {
    /// The scale-up domain alone.
    ///
    /// # Errors
    /// What is wrong with the numbers.
    pub fn of_scale_up(up: &ScaleUp, coefficients: &NetworkCoefficients) -> Result<Self, NetworkError> {
        Self::new(scale_up_tiers(up, coefficients), *coefficients)
    }

    /// Scale-up domains that a fabric joins.
    ///
    /// # Errors
    /// What is wrong with the numbers.
    pub fn of_system(
        up: Option<&ScaleUp>,
        out: &ScaleOut,
        fabric: &Fabric,
        coefficients: &NetworkCoefficients,
    ) -> Result<Self, NetworkError> {
        let mut tiers = up.map_or_else(Vec::new, |up| scale_up_tiers(up, coefficients));
        let pod = fabric.pod.unwrap_or(fabric.endpoints);
        let share = Shares::uniform(fabric.port_share.unwrap_or(coefficients.port_share));
        // Switches on the way: the leaf; leaf, spine, leaf; and two more through the tier above.
        let levels = [
            ("rack", fabric.rack.unwrap_or(0), 1.0, 1.0),
            ("pod", pod, 3.0, 1.0),
            ("cluster", fabric.endpoints, 5.0, fabric.oversubscription),
        ];
        for (name, size, switches, oversubscription) in levels {
            if tiers.last().is_some_and(|below| below.size >= size) || size == 0 {
                continue;
            }
            let ways = coefficients.port_step + switches * fabric.switch_latency;
            let latency = match fabric.top_latency {
                Some(known) if size == fabric.endpoints => known.max(ways),
                _ => ways,
            };
            tiers.push(Tier {
                name: name.to_owned(),
                size,
                bandwidth: out.bandwidth,
                port: out.port,
                oversubscription,
                latency,
                shape: Shape::Switched,
                in_network_reduction: fabric.in_network_reduction,
                reduction_latency: 2.0 * latency,
                own_copy: 0.0,
                scale_up: false,
                shares: share,
            });
        }
        Self::new(tiers, *coefficients)
    }

    /// The network as one of several places, whose links all of its endpoints share.
    ///
    /// # Errors
    /// What is wrong with the numbers.
    pub fn joined(self, site: &Site) -> Result<Self, NetworkError> {
        let coefficients = *self.coefficients();
        let mut tiers = self.tiers().to_vec();
        if let Some(below) = tiers.last().cloned() {
            let bandwidth = (site.bandwidth / below.size as f64).min(below.port);
            tiers.push(Tier {
                name: site.name.to_owned(),
                size: below.size.saturating_mul(site.places),
                bandwidth,
                port: below.port,
                oversubscription: 1.0,
                latency: below.latency + site.latency,
                shape: Shape::Switched,
                in_network_reduction: false,
                reduction_latency: 0.0,
                own_copy: 0.0,
                scale_up: false,
                shares: Shares::uniform(coefficients.port_share),
            });
        }
        Self::new(tiers, coefficients)
    }
}

fn scale_up_tiers(up: &ScaleUp, coefficients: &NetworkCoefficients) -> Vec<Tier> {
    let shares = Shares {
        ring: coefficients.ring_share,
        in_switch: coefficients.in_switch_share,
        exchange: coefficients.exchange_share,
        direct: coefficients.direct_share,
    };
    let tier = |name: &str, size: u64, shape: Shape, shares: Shares| Tier {
        name: name.to_owned(),
        size,
        bandwidth: up.bandwidth,
        port: up.bandwidth,
        oversubscription: 1.0,
        latency: coefficients.scale_up_step,
        shape,
        in_network_reduction: up.wiring == Wiring::AddingSwitch,
        reduction_latency: coefficients.in_switch_latency,
        own_copy: if matches!(up.wiring, Wiring::Pcie | Wiring::PcieStaged) {
            0.0
        } else {
            coefficients.own_copy
        },
        scale_up: true,
        shares,
    };
    let pair =
        || tier("pair", up.domain.min(2), Shape::Switched, Shares::uniform(coefficients.pcie_pair_share));
    let mut tiers = match up.wiring {
        Wiring::Switch | Wiring::AddingSwitch => vec![tier("scale-up", up.domain, Shape::Switched, shares)],
        Wiring::Mesh => vec![tier("scale-up", up.domain, Shape::Mesh, shares)],
        Wiring::Torus(sides) => vec![tier("torus", up.domain, Shape::Torus(sides), shares)],
        Wiring::BridgedPairs(link) => {
            // Each link carries one flow of the ring and no neighbour's.
            let mut host =
                tier("host", up.domain, Shape::Switched, Shares::uniform(coefficients.pcie_pair_share));
            (host.bandwidth, host.port, host.own_copy) = (link, link, 0.0);
            vec![tier("scale-up", up.domain.min(2), Shape::Switched, shares), host]
        }
        Wiring::Pcie => {
            let share = Shares::uniform(coefficients.pcie_host_share);
            vec![pair(), tier("host", up.domain, Shape::Switched, share)]
        }
        Wiring::PcieStaged => {
            let mut host = tier("host", up.domain, Shape::Bus, Shares::uniform(coefficients.pcie_pair_share));
            host.bandwidth = up.bandwidth / up.domain.max(1) as f64;
            vec![pair(), host]
        }
    };
    tiers.dedup_by(|above, below| above.size <= below.size);
    tiers
}
