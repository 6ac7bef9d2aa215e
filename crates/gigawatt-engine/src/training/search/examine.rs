//! One layout that somebody names.

use gigawatt_plan::training::{Framework, Layout};

use super::{Found, Problem, fullest};
use crate::training::legality::{Fault, faults, structure};
use crate::training::memory::{MemoryJob, footprint};
use crate::training::step::step;

/// A layout by the laws, and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// Its step and memory, whether it fits or not; none where it cannot be cut so.
    pub found: Option<Found>,
    /// What is wrong with it, each with the nearest right choice.
    pub faults: Vec<Fault>,
}

/// Computes a layout.
pub fn examine(problem: &Problem<'_>, framework: Framework, layout: &Layout) -> Examined {
    let job = problem.job(framework, layout);
    let held = MemoryJob::of(&job);
    let faults = faults(&held, problem.device.facts(), &problem.laws.memory);
    let found = structure(&held).is_empty().then(|| Found {
        layout: *layout,
        framework,
        step: step(job, &problem.laws.training),
        memory: fullest(&footprint(&held, &problem.laws.memory)),
    });
    Examined { found, faults }
}
