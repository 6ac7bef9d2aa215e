//! From a run of a plan to a job that the law of steps prices: the only place that knows the laws of kernels and
//! links.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::plan::TrainingPlan;
use gigawatt_plan::training::{Layout, Precision};

use super::super::job::Job;
use super::super::stub::{self, Device, Generation};
use crate::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp};

/// What a job borrows.
#[derive(Clone, Debug)]
pub struct Machines {
    device: Device,
    network: Network,
}

impl Machines {
    /// The machines of a run, with its facts by their names in the catalogue, in base units: accelerators in their
    /// scale-up domains, joined at full bisection by the ports of their systems. None where facts or coefficients
    /// make no network.
    pub fn new(run: &TrainingPlan, fact: &dyn Fn(&str) -> Option<f64>) -> Option<Self> {
        let (generation, sms, introduced) = generation(&run.machine.accelerator);
        let peak = fact(run.precision.peak_fact())?;
        let coefficients = NetworkCoefficients::read(&Coefficients::embedded("network").ok()?).ok()?;
        let up = ScaleUp::from_facts(fact, &run.machine.wiring);
        let accelerators = run.phases.iter().map(|phase| phase.layout.accelerators).max()?;
        let endpoints = accelerators.max(2 * up.map_or(1, |up| up.domain));
        let out = ScaleOut::own_port(fact("network_per_accelerator")?);
        let fabric = Fabric::full_bisection(endpoints, SWITCH_LATENCY);
        Some(Self {
            device: Device {
                generation,
                bf16: fact("bf16")?,
                fp8: peak,
                fp4: peak,
                bandwidth: fact("memory_bandwidth")?,
                memory: fact("memory")?,
                sms,
                power_ratio: 1.0,
                introduced,
            },
            network: Network::of_system(up.as_ref(), &out, &fabric, &coefficients).ok()?,
        })
    }

    /// The job of a shape in a layout.
    pub fn job_of<'a>(&'a self, run: &TrainingPlan, shape: &'a Shape, layout: &'a Layout) -> Job<'a> {
        Job {
            shape,
            device: &self.device,
            network: &self.network,
            layout,
            precision: match run.precision {
                Precision::Bf16 => stub::Precision::Bf16,
                Precision::Fp16 => stub::Precision::Fp16,
                Precision::Fp8 => stub::Precision::Fp8,
                Precision::Mxfp8 => stub::Precision::Mxfp8,
                Precision::Nvfp4 => stub::Precision::Nvfp4,
            },
            framework: run.framework,
        }
    }
}

/// Seconds that a message takes through a switch of a fabric.
const SWITCH_LATENCY: f64 = 5e-7;

/// Generation, processors and year of an accelerator.
fn generation(accelerator: &str) -> (Generation, f64, f64) {
    let starts = |names: &[&str]| names.iter().any(|name| accelerator.starts_with(name));
    if starts(&["a100"]) {
        (Generation::Ampere, 108.0, 2020.5)
    } else if starts(&["h100", "h200", "h800", "h20", "gh200"]) {
        (Generation::Hopper, 132.0, 2020.5)
    } else {
        (Generation::Blackwell, 148.0, 2025.15)
    }
}
