//! The machines of a row: accelerator and network, with the usual ones where a document does not say.

use gigawatt_engine::device::{Device, DeviceFacts};
use gigawatt_engine::network::{Fabric, Network, ScaleOut, ScaleUp};
use gigawatt_plan::catalog::{Catalogue, Entry, Kind};
use gigawatt_plan::training::Month;

use super::Laws;
use super::row::TrainingRow;
use crate::number::count;

/// Latency of a switch with its cables, s: what makers print for a 400 Gbit/s switch, and a few tens of metres.
const SWITCH_LATENCY: f64 = 5e-7;

/// A row's accelerator and network.
#[derive(Clone, Debug)]
pub struct Machines {
    /// The accelerator.
    pub device: Device,
    /// The month in which its generation was first delivered.
    pub shipped: Month,
    /// What joins them.
    pub network: Network,
}

impl Machines {
    /// Of a row.
    ///
    /// # Errors
    /// What is not known.
    pub fn of(
        row: &TrainingRow,
        catalogue: &Catalogue,
        laws: &Laws,
        assumed: &mut Vec<String>,
    ) -> Result<Self, String> {
        let id = accelerator(row)
            .ok_or_else(|| format!("the accelerator {} is not in the catalogue", row.gpu_type))?;
        let entry = catalogue
            .get(Kind::Accelerator, id)
            .ok_or_else(|| format!("the catalogue has no accelerator {id}"))?;
        let facts =
            DeviceFacts::of(entry).map_err(|missing| format!("{} of {id} is not known", missing.0))?;
        let shipped = catalogue.shipped(entry);
        let device = Device::new(facts, &laws.device);
        let network = network(row, entry, laws, assumed)?;
        Ok(Self { device, shipped, network })
    }
}

/// The catalogue's id of a row's accelerator.
fn accelerator(row: &TrainingRow) -> Option<&'static str> {
    let printed = row.gpu_type.as_str();
    Some(match row.gpu_family.as_str() {
        "A100" if printed.contains("40GB") => "a100-sxm-40gb",
        "A100" => "a100-sxm-80gb",
        "H100" if printed.contains("500W") => "h100-sxm-96gb",
        "H100" if printed.contains("PCIe") => "h100-pcie",
        "H100" => "h100-sxm",
        "H200" => "h200-sxm",
        "H800" => "h800-sxm",
        "H20" => "h20-sxm",
        "GH200" => "gh200",
        "B200" => "b200-sxm",
        "B300" => "b300-sxm",
        "GB200" => "gb200",
        "GB300" => "gb300",
        "L40S" => "l40s",
        "MI250X" => "mi250x",
        "MI300X" => "mi300x",
        "MI325X" => "mi325x",
        "MI350X" | "MI355X" => "mi355x",
        "TPU" if printed.contains("v5p") => "tpu-v5p",
        "TPU" if printed.contains("trillium") || printed.contains("v6e") => "tpu-v6e",
        "TPU" if printed.contains("v5e") => "tpu-v5e",
        _ => return None,
    })
}

fn network(
    row: &TrainingRow,
    entry: &Entry,
    laws: &Laws,
    assumed: &mut Vec<String>,
) -> Result<Network, String> {
    let fact = |field: &str| entry.vintages(field).last().map(|fact| fact.written.distribution.reference());
    let up = ScaleUp::from_facts(fact, entry.text("scale_up_wiring"));
    let accelerators = row.gpus.unwrap_or(1);
    let failed = |error| format!("the network makes no sense: {error:?}");
    if let Some(up) = up.filter(|up| up.domain >= accelerators) {
        return Network::of_scale_up(&up, &laws.network).map_err(failed);
    }
    let per_node = row.gpus_per_node.unwrap_or(8).max(1);
    let out = printed_ports(&row.interconnect, per_node).unwrap_or_else(|| {
        let (port, words) = usual_port(&row.gpu_family);
        assumed.push(format!("{words} for each accelerator"));
        ScaleOut::own_port(port)
    });
    let domain = up.map_or(1, |up| up.domain);
    let endpoints = accelerators.max(domain.saturating_mul(2)).max(2);
    let fabric = Fabric::full_bisection(endpoints, SWITCH_LATENCY);
    Network::of_system(up.as_ref(), &out, &fabric, &laws.network).map_err(failed)
}

/// The ports that servers of a family usually have, B/s for each accelerator (DGX and HGX reference designs).
fn usual_port(family: &str) -> (f64, &'static str) {
    match family {
        "A100" => (25e9, "200 Gbit/s"),
        "GB300" | "B300" => (100e9, "800 Gbit/s"),
        _ => (50e9, "400 Gbit/s"),
    }
}

/// Reads ports such as `1600 Gbps/node`, `4x100Gb RoCE per node`, `400 Gb/s per GPU`, `8x50 GB/s` or
/// `4x ConnectX-8 IB XDR 800 Gb/s`; `None` where nothing of the kind is printed.
fn printed_ports(text: &str, per_node: u64) -> Option<ScaleOut> {
    let words: Vec<&str> = text.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.parse::<f64>().ok().filter(|number| (1.0..1e5).contains(number));
    let nodes = count(per_node);
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied().unwrap_or_default();
        // 1600 Gbps/node
        if next.starts_with("Gbps/node") {
            return number(word).map(|all| ScaleOut::own_port(all / 8.0 * 1e9 / nodes));
        }
        // 400 Gb/s per GPU
        if next == "Gb/s" && words.get(index + 2..index + 4) == Some(&["per", "GPU"]) {
            return number(word).map(|port| ScaleOut::own_port(port / 8.0 * 1e9));
        }
        let Some((many, each)) = word.split_once('x') else { continue };
        let Some(many) = many.parse::<u64>().ok().filter(|many| (1..=64).contains(many)) else { continue };
        // 4x100Gb, 8x200G, 8x50 GB/s
        let digits = each.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let unit = &each[digits.len()..];
        if let Some(each) = number(digits) {
            let bytes = if next.starts_with("GB/s") { each * 1e9 } else { each / 8.0 * 1e9 };
            if next.starts_with("GB/s") || unit.starts_with('G') {
                return Some(ScaleOut::shared_ports(per_node, many, bytes));
            }
        }
        // 4x ConnectX-8 IB XDR 800 Gb/s
        if next.starts_with("ConnectX") && text.contains("IB") {
            let rest = words[index + 1..].iter();
            let each =
                rest.filter_map(|word| number(word.trim_end_matches("Gb/s"))).find(|rate| *rate >= 100.0)?;
            return Some(ScaleOut::shared_ports(per_node, many, each / 8.0 * 1e9));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_as_documents_print_them() {
        let port = |text: &str, per_node| printed_ports(text, per_node).map(|ports| ports.bandwidth / 1e9);
        assert_eq!(port("1600 Gbps/node RoCE", 8), Some(25.0));
        assert_eq!(port("4x100Gb RoCE per node", 8), Some(6.25));
        assert_eq!(port("8x200G NICs, Tomahawk4 CLOS", 8), Some(25.0));
        assert_eq!(port("NVLink intra; RDMA 400 Gb/s per GPU", 8), Some(50.0));
        assert_eq!(port("NVLink4; InfiniBand 8x50 GB/s", 8), Some(50.0));
        assert_eq!(
            port("NVLINK Gen5 1800 GB/s + NVSWITCH Gen5; 4x ConnectX-8 IB XDR 800 Gb/s", 4),
            Some(100.0)
        );
        assert_eq!(port("NVL72 NVLink domain", 4), None);
        assert_eq!(port("18x 5th Gen NVLink, 14.4 TB/s aggregated bandwidth", 8), None);
        assert_eq!(port("", 8), None);
    }
}
