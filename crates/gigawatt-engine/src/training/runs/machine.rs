//! From a run of a plan to a job that the law of steps prices.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::TrainingPlan;
use gigawatt_plan::training::Layout;

use super::super::job::Job;
use super::laws::StepLaws;
use crate::device::Device;
use crate::machine::device_and_network;
use crate::network::Network;

/// What a job borrows.
#[derive(Clone, Debug, PartialEq)]
pub struct Machines {
    device: Device,
    network: Network,
}

impl Machines {
    /// So many accelerators of a run's machines, with its facts by their names in the catalogue, in base units. None where facts make
    /// no network.
    pub fn new(
        run: &TrainingPlan,
        accelerators: u64,
        laws: &StepLaws,
        fact: &dyn Fn(&str) -> Option<f64>,
    ) -> Option<Self> {
        let (device, network) =
            device_and_network(&run.machine, accelerators, (&laws.device, &laws.network), fact)?;
        Some(Self { device, network })
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
