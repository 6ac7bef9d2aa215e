//! From a run of a plan to a job that the law of steps prices: the only place that knows the laws of kernels and
//! links.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::TrainingPlan;
use gigawatt_plan::training::{Layout, Precision};

use super::super::job::Job;
use super::super::stub::{self, Device, Generation, Network};

/// What a job borrows.
#[derive(Clone, Copy, Debug)]
pub struct Machines {
    device: Device,
    network: Network,
}

impl Machines {
    /// The machines of a run, with its facts by their names in the catalogue, in base units.
    pub fn new(run: &TrainingPlan, fact: &dyn Fn(&str) -> f64) -> Self {
        let (generation, processors) = generation(&run.machine.accelerator);
        let (bf16, peak) = (fact("bf16"), fact(run.precision.peak_fact()));
        let domain = fact("scale_up_domain");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "accelerators of a domain"
        )]
        let domain = domain.clamp(1.0, 1e6) as u64;
        Self {
            device: Device {
                generation,
                bf16,
                fp8: peak,
                fp4: peak,
                bandwidth: fact("memory_bandwidth"),
                memory: fact("memory"),
                sms: processors,
            },
            network: Network {
                domain,
                scale_up: fact("scale_up"),
                nic: fact("network_per_accelerator"),
                node: domain,
            },
        }
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

/// Generation and processors of an accelerator.
fn generation(accelerator: &str) -> (Generation, f64) {
    let starts = |names: &[&str]| names.iter().any(|name| accelerator.starts_with(name));
    if starts(&["a100"]) {
        (Generation::Ampere, 108.0)
    } else if starts(&["h100", "h200", "h800", "h20", "gh200"]) {
        (Generation::Hopper, 132.0)
    } else {
        (Generation::Blackwell, 148.0)
    }
}
