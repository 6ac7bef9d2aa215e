//! Collectives: NCCL's, those of inference engines, and the exchanges of DeepEP.
//!
//! `bytes` of a row is the whole vector, as in nccl-tests: what each rank sums, gathers or sends in all. Rows of DeepEP
//! give tokens instead, and some only a rate, which counts what goes to a rank's own domain too.

use gigawatt_engine::network::{
    Cost, ExpertRouting, Fabric, Group, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring,
    distinct_domains,
};
use gigawatt_plan::catalog::{Catalogue, Kind};
use serde::Deserialize;

use crate::table::Row;

/// What a row of measurements says of a collective, without the measured value.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CollectiveRow {
    /// Its name.
    pub id: String,
    /// The accelerator, as the publisher writes it.
    pub gpu: String,
    /// The library.
    pub engine: String,
    /// The operation.
    pub op: String,
    /// Tokens of a rank.
    pub m: Option<f64>,
    /// Width of a token.
    pub k: Option<f64>,
    /// Experts.
    pub groups_or_experts: Option<u64>,
    /// Experts that a token visits.
    pub topk: Option<u64>,
    /// Ranks.
    pub num_gpus: Option<u64>,
    /// Bytes of the vector.
    pub bytes: Option<f64>,
    /// Remarks of the publisher, which tell how ranks were placed.
    #[serde(default)]
    pub notes: String,
}

/// What is predicted of a row, with the ends of an 80 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// Time, s.
    pub seconds: f64,
    /// Bytes over time as such rows state it, B/s; none where a row states none.
    pub rate: Option<f64>,
    /// Lower end of the time, s.
    pub low: f64,
    /// Upper end of the time, s.
    pub high: f64,
}

/// Why a row is not predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// The accelerator is not in the catalogue.
    Accelerator,
    /// The row says too little of its network.
    Network,
    /// A number is missing.
    Number,
    /// The operation is no collective that is known here.
    Operation,
}

impl Skipped {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Accelerator => "the accelerator or its links are not in the catalogue",
            Self::Network => "the network between the servers is not stated",
            Self::Number => "ranks, bytes or tokens are not stated",
            Self::Operation => "not a collective",
        }
    }
}

/// The accelerators of published rows: what their publishers' names contain, the catalogue's name, and for those on PCIe
/// how their servers join them. The servers with L40S gave groups of four a sixth of what a pair had: without access
/// from switch to switch, everything passed the host's memory.
const ACCELERATORS: &[(&str, &str, Option<Wiring>)] = &[
    ("a100", "a100-sxm-80gb", None),
    ("h100", "h100-sxm", None),
    ("h200", "h200-sxm", None),
    ("h800", "h800-sxm", None),
    ("gb200", "gb200", None),
    ("gb300", "gb300", None),
    ("b200", "b200-sxm", None),
    ("b300", "b300-sxm", None),
    ("l40s", "l40s", Some(Wiring::PcieStaged)),
    ("rtx_pro_6000", "rtx-pro-6000-server", Some(Wiring::Pcie)),
    ("a40", "a40", Some(Wiring::Pcie)),
    // DeepEP names instruction sets.
    ("sm90", "h100-sxm", None),
    ("sm100", "b200-sxm", None),
];

/// The accelerator that a publisher's name in lower case contains; the longest part counts.
fn named(gpu: &str) -> Option<&'static (&'static str, &'static str, Option<Wiring>)> {
    ACCELERATORS.iter().filter(|(part, ..)| gpu.contains(part)).max_by_key(|(part, ..)| part.len())
}

/// Whether an operation is one of collectives, by its name in rows.
pub fn is_collective(op: &str) -> bool {
    ["nccl_", "custom_allreduce", "deepep"].iter().any(|start| op.starts_with(start))
}

/// The catalogue's id of a row's accelerator.
pub fn accelerator(gpu: &str) -> Option<&'static str> {
    named(&gpu.to_lowercase()).map(|(_, id, _)| *id)
}

/// Accelerators in a server; DeepEP's rows and the two-server log have eight.
const SERVER: u64 = 8;

/// The batch of DeepEP's published tests, where a row does not state one.
const TOKENS: f64 = 4096.0;
const WIDTH: f64 = 7168.0;
const EXPERTS: u64 = 256;
const VISITED: u64 = 8;
/// Numbers of FP8 that share a scale of four bytes.
const SCALED_TOGETHER: f64 = 128.0;

/// Predicts rows from facts and coefficients.
#[derive(Clone, Debug)]
pub struct Collectives<'a> {
    catalogue: &'a Catalogue,
    coefficients: NetworkCoefficients,
}

impl CollectiveRow {
    /// Reads a row.
    ///
    /// # Errors
    /// Which cell is not what its column holds.
    pub fn read(row: &Row<'_>) -> Result<Self, String> {
        let text = |name| row.text(name).map(str::to_owned);
        Ok(Self {
            id: row.id(),
            gpu: text("gpu")?,
            engine: text("engine")?,
            op: text("op")?,
            m: row.number("m")?,
            k: row.number("k")?,
            groups_or_experts: row.whole("groups_or_experts")?,
            topk: row.whole("topk")?,
            num_gpus: row.whole("num_gpus")?,
            bytes: row.number("bytes")?,
            notes: text("notes")?,
        })
    }
}

impl<'a> Collectives<'a> {
    /// With the facts of a catalogue.
    pub fn new(catalogue: &'a Catalogue, coefficients: NetworkCoefficients) -> Self {
        Self { catalogue, coefficients }
    }

    /// Predicts a row.
    ///
    /// # Errors
    /// Why it is not predicted.
    pub fn predict(&self, row: &CollectiveRow) -> Result<Predicted, Skipped> {
        if row.op.starts_with("deepep") {
            return self.experts(row);
        }
        let bytes = row.bytes.ok_or(Skipped::Number)?;
        let ranks = row.num_gpus.ok_or(Skipped::Number)?;
        let (network, group) = self.placed(row, ranks)?;
        let group = group.alone();
        let seconds = match row.op.as_str() {
            "nccl_all_reduce" => network.all_reduce(&group, bytes),
            "nccl_all_gather" => network.all_gather(&group, bytes),
            "nccl_reduce_scatter" => network.reduce_scatter(&group, bytes),
            "nccl_alltoall" => network.all_to_all(&group, bytes),
            "nccl_broadcast" => network.broadcast(&group, bytes),
            "nccl_send_recv" => network.point_to_point(network.tier_that_holds(ranks), bytes),
            "custom_allreduce" => {
                let call = if row.notes.contains("eager") { self.coefficients.eager_call } else { 0.0 };
                call + network.all_reduce_direct(&group, bytes).seconds
            }
            _ => return Err(Skipped::Operation),
        };
        let spread = if network.tiers().iter().any(|tier| tier.name == "host") {
            self.coefficients.pcie_spread
        } else {
            self.coefficients.spread
        };
        Ok(within(seconds, None, spread))
    }

    /// Residuals `ln(predicted / measured)` of rows with their measured seconds, with other coefficients; rows that
    /// are not predicted have none.
    pub fn residuals(&self, rows: &[(CollectiveRow, f64)], coefficients: NetworkCoefficients) -> Vec<f64> {
        let with = Self { catalogue: self.catalogue, coefficients };
        let residual = |(row, measured): &(CollectiveRow, f64)| {
            Some(libm::log(with.predict(row).ok()?.seconds / measured))
        };
        rows.iter().filter_map(residual).collect()
    }

    /// The newest known value of a fact.
    fn fact(&self, kind: Kind, id: &str, field: &str) -> Option<f64> {
        let newest = self.catalogue.get(kind, id)?.vintages(field).last()?;
        Some(newest.written.distribution.reference())
    }

    fn scale_up(&self, gpu: &str) -> Result<ScaleUp, Skipped> {
        let gpu = gpu.to_lowercase();
        let (_, id, wiring) = named(&gpu).ok_or(Skipped::Accelerator)?;
        let fact = |field: &str| self.fact(Kind::Accelerator, id, field);
        let found = match wiring {
            _ if gpu.contains("pairwise") => fact("scale_up").and_then(|bandwidth| {
                let wiring = Wiring::BridgedPairs(fact("host_link")?);
                Some(ScaleUp { bandwidth, domain: SERVER, wiring })
            }),
            Some(wiring) => {
                fact("host_link").map(|bandwidth| ScaleUp { bandwidth, domain: SERVER, wiring: *wiring })
            }
            None => {
                let entry = self.catalogue.get(Kind::Accelerator, id);
                entry.and_then(|entry| ScaleUp::from_facts(fact, entry.text("scale_up_wiring")))
            }
        };
        found.ok_or(Skipped::Accelerator)
    }

    /// Servers on the ports of a network of the catalogue.
    fn servers(&self, up: Option<&ScaleUp>, ranks: u64, network: &str) -> Result<Network, Skipped> {
        let port = self.fact(Kind::Network, network, "link").ok_or(Skipped::Network)?;
        let switch = self.fact(Kind::Network, "quantum-2", "latency").unwrap_or(0.0);
        let fabric = Fabric::full_bisection(ranks.max(SERVER + 1), switch);
        Network::of_system(up, &ScaleOut::own_port(port), &fabric, &self.coefficients)
            .map_err(|_| Skipped::Network)
    }

    /// The network of a row and its group in it.
    fn placed(&self, row: &CollectiveRow, ranks: u64) -> Result<(Network, Group), Skipped> {
        let up = self.scale_up(&row.gpu)?;
        let in_server = noted(&row.notes, "devices_per_node=");
        if in_server.is_some_and(|in_server| in_server < ranks) {
            return Err(Skipped::Network);
        }
        let network = if ranks <= up.domain {
            Network::of_scale_up(&up, &self.coefficients).map_err(|_| Skipped::Accelerator)?
        } else if row.notes.contains("TCPXO") {
            self.servers(Some(&up), ranks, "google-a3-mega")?
        } else {
            return Err(Skipped::Network);
        };
        let group = Group::strided(&network, ranks, 1);
        Ok((network, group))
    }

    fn experts(&self, row: &CollectiveRow) -> Result<Predicted, Skipped> {
        let direct = row.op.starts_with("deepep_ll");
        let ranks = row.num_gpus.unwrap_or(SERVER);
        let width = row.k.unwrap_or(WIDTH);
        // Dispatch in FP8 with its scales, combine in BF16.
        let bytes_per_token =
            if row.op.ends_with("dispatch") { width * (1.0 + 4.0 / SCALED_TOGETHER) } else { width * 2.0 };
        let visited = row.topk.unwrap_or(VISITED);
        let experts = row.groups_or_experts.unwrap_or(EXPERTS);
        let limit = if row.notes.contains("top-4 groups") { Some(4) } else { None };
        let tokens = row.m.unwrap_or(TOKENS);
        let routing = ExpertRouting { tokens, bytes_per_token, experts, visited, domain_limit: limit };
        let up = self.scale_up(&row.gpu)?;
        // The first low-latency kernels used the ports for everything, within a server too.
        let only_ports = direct && row.gpu.contains("IB");
        let inside = if only_ports { 1 } else { ranks.min(if ranks > SERVER { SERVER } else { up.domain }) };
        let network = if ranks > inside {
            self.servers((!only_ports).then_some(&up), ranks, "quantum-2")?
        } else {
            Network::of_scale_up(&up, &self.coefficients).map_err(|_| Skipped::Accelerator)?
        };
        let group = Group::strided(&network, ranks, 1);
        let cost: Cost = if direct {
            network.expert_exchange_low_latency(&group, &routing)
        } else {
            network.expert_exchange(&group, &routing)
        };
        let domains = ranks / inside;
        let copies = match (direct, domains) {
            (true, _) => visited as f64,
            (false, 1) => distinct_domains(experts, visited, ranks, None),
            (false, domains) => distinct_domains(experts, visited, domains, limit),
        };
        let rate = tokens * bytes_per_token * copies / cost.seconds;
        Ok(within(cost.seconds, Some(rate), self.coefficients.spread))
    }
}

fn within(seconds: f64, rate: Option<f64>, spread: f64) -> Predicted {
    let factor = libm::exp(spread);
    Predicted { seconds, rate, low: seconds / factor, high: seconds * factor }
}

/// The number that follows a word in a remark.
fn noted(notes: &str, word: &str) -> Option<u64> {
    let after = &notes[notes.find(word)? + word.len()..];
    let digits = after.find(|character: char| !character.is_ascii_digit()).unwrap_or(after.len());
    after[..digits].parse().ok()
}
