//! The machines of a row: accelerator and network.

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp, Wiring};
use gigawatt_plan::catalog::{Catalogue, Kind};

use super::row::ServingRow;

/// Latency of a switch with its cables, s: as for training.
const SWITCH_LATENCY: f64 = 5e-7;

/// A port of a server for each accelerator, B/s: 400 Gbit/s, as HGX reference designs have.
const PORT: f64 = 50e9;

/// A row's accelerator and what joins so many of them.
///
/// # Errors
/// What is not known.
pub fn machines(
    row: &ServingRow,
    ranks: u64,
    catalogue: &Catalogue,
    device: &DeviceCoefficients,
    network: &NetworkCoefficients,
) -> Result<(Device, Network), String> {
    let id = accelerator(row).ok_or_else(|| {
        let printed = if row.gpu_type.is_empty() { &row.gpu } else { &row.gpu_type };
        format!("the accelerator {printed} is not in the catalogue")
    })?;
    let entry = catalogue
        .get(Kind::Accelerator, id)
        .ok_or_else(|| format!("the catalogue has no accelerator {id}"))?;
    let facts = DeviceFacts::of(entry).map_err(|missing| format!("{} of {id} is not known", missing.0))?;
    let fact = |field: &str| entry.vintages(field).last().map(|fact| fact.written.distribution.reference());
    let failed = |error| format!("the network makes no sense: {error:?}");
    let up = ScaleUp::from_facts(fact, entry.text("scale_up_wiring")).map(|up| match fact("host_link") {
        // Cards with a bridge between two meet the others over the host's links.
        Some(link) if up.domain == 2 => ScaleUp { domain: 8, wiring: Wiring::BridgedPairs(link), ..up },
        _ => up,
    });
    let network = match up {
        Some(up) if up.domain >= ranks => Network::of_scale_up(&up, network).map_err(failed)?,
        _ => {
            let endpoints = ranks.max(up.map_or(1, |up| up.domain).saturating_mul(2)).max(2);
            let fabric = Fabric::full_bisection(endpoints, SWITCH_LATENCY);
            Network::of_system(up.as_ref(), &ScaleOut::own_port(PORT), &fabric, network).map_err(failed)?
        }
    };
    Ok((Device::new(facts, device), network))
}

/// The catalogue's id of a row's accelerator.
fn accelerator(row: &ServingRow) -> Option<&'static str> {
    let printed = row.gpu_type.to_uppercase();
    let usual = if row.gpu.is_empty() { printed.clone() } else { row.gpu.to_uppercase() };
    let has = |word: &str| usual.contains(word);
    Some(match () {
        () if has("GB300") => "gb300",
        () if has("GB200") => "gb200",
        () if has("GH200") && printed.contains("144") => "gh200-144gb",
        () if has("GH200") => "gh200",
        () if has("B300") => "b300-sxm",
        () if has("B200") => "b200-sxm",
        () if has("H200") && has("NVL") => return None,
        () if has("H200") => "h200-sxm",
        () if has("H100") && has("NVL") => return None,
        () if has("H100") && has("PCIE") => "h100-pcie",
        () if has("H100") => "h100-sxm",
        () if has("H800") => "h800-sxm",
        () if has("H20") => "h20-sxm",
        () if has("A100") && has("PCIE") => "a100-pcie-80gb",
        () if has("A100") && printed.contains("40") => "a100-sxm-40gb",
        () if has("A100") => "a100-sxm-80gb",
        () if has("L40S") => "l40s",
        () if has("RTX") && has("6000") => "rtx-pro-6000-server",
        () if has("MIXED") => return None,
        () if has("MI300X") => "mi300x",
        () if has("MI325X") => "mi325x",
        () if has("MI355X") => "mi355x",
        () => return None,
    })
}
