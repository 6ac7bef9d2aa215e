//! From the facts of a plan's machine to what prices kernels and links: the only place that makes devices and networks of a
//! plan.

use gigawatt_plan::plan::Machine;

use crate::device::{Device, DeviceCoefficients, DeviceFacts};
use crate::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp};

/// Seconds that a message takes through a switch of a fabric.
const SWITCH_LATENCY: f64 = 5e-7;

/// A machine's accelerator and what joins so many of them, with its facts by their names in the catalogue, in base units:
/// accelerators in their scale-up domains, joined at full bisection by the ports of their systems. None where facts make no
/// network.
pub(crate) fn device_and_network(
    machine: &Machine,
    accelerators: u64,
    (device, network): (&DeviceCoefficients, &NetworkCoefficients),
    fact: &dyn Fn(&str) -> Option<f64>,
) -> Option<(Device, Network)> {
    let device = Device::new(DeviceFacts::read(&machine.generation, fact).ok()?, device);
    let up = ScaleUp::from_facts(fact, &machine.wiring);
    let endpoints = accelerators.max(2 * up.map_or(1, |up| up.domain));
    let out = ScaleOut::own_port(fact("network_per_accelerator")?);
    let fabric = Fabric::full_bisection(endpoints, SWITCH_LATENCY);
    Some((device, Network::of_system(up.as_ref(), &out, &fabric, network).ok()?))
}
