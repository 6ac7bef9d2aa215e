//! From a run of a plan to a job that the law of steps prices: the only place that knows the laws of kernels and
//! links.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::TrainingPlan;
use gigawatt_plan::training::Layout;

use super::super::job::Job;
use super::laws::StepLaws;
use crate::device::{Device, DeviceFacts};
use crate::network::{Fabric, Network, ScaleOut, ScaleUp};

/// Seconds that a message takes through a switch of a fabric.
const SWITCH_LATENCY: f64 = 5e-7;

/// What a job borrows.
#[derive(Clone, Debug, PartialEq)]
pub struct Machines {
    device: Device,
    network: Network,
}

impl Machines {
    /// So many accelerators of a run's machines, with its facts by their names in the catalogue, in base units: accelerators in their
    /// scale-up domains, joined at full bisection by the ports of their systems. None where facts make no network.
    pub fn new(
        run: &TrainingPlan,
        accelerators: u64,
        laws: &StepLaws,
        fact: &dyn Fn(&str) -> Option<f64>,
    ) -> Option<Self> {
        let device = Device::new(DeviceFacts::read(&run.machine.generation, fact).ok()?, &laws.device);
        let up = ScaleUp::from_facts(fact, &run.machine.wiring);
        let endpoints = accelerators.max(2 * up.map_or(1, |up| up.domain));
        let out = ScaleOut::own_port(fact("network_per_accelerator")?);
        let fabric = Fabric::full_bisection(endpoints, SWITCH_LATENCY);
        Some(Self { device, network: Network::of_system(up.as_ref(), &out, &fabric, &laws.network).ok()? })
    }

    /// The accelerator, and what joins them.
    pub fn parts(&self) -> (&Device, &Network) {
        (&self.device, &self.network)
    }

    /// The job of a shape in a layout.
    pub fn job_of<'a>(&'a self, run: &TrainingPlan, shape: &'a Shape, layout: &'a Layout) -> Job<'a> {
        Job {
            shape,
            device: &self.device,
            shipped: run.machine.shipped,
            network: &self.network,
            layout,
            precision: run.precision,
            framework: run.framework,
        }
    }
}
