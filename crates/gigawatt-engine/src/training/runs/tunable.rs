//! A run of a plan as a question for the search of layouts.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::{PhasePlan, Plan, TrainingPlan};

use super::super::search::Problem;
use super::laws::StepLaws;
use super::machine::Machines;
use super::price::{reference_fact, reference_shape};

/// A run's model and machines in the reference case.
#[derive(Clone, Debug, PartialEq)]
pub struct Tunable {
    machines: Machines,
    shape: Shape,
    accelerators: u64,
}

impl Tunable {
    /// A run on so many accelerators; none where its machines cannot be priced.
    pub fn new(plan: &Plan, run: &TrainingPlan, laws: &StepLaws, accelerators: u64) -> Option<Self> {
        let fact = |name: &str| reference_fact(plan, run, name);
        let machines = Machines::new(run, accelerators, laws, &fact)?;
        Some(Self { machines, shape: reference_shape(plan, run), accelerators })
    }

    /// The question for a phase's batches and sequences.
    pub fn problem<'a>(&'a self, run: &TrainingPlan, phase: &PhasePlan, laws: &'a StepLaws) -> Problem<'a> {
        let (device, network) = self.machines.parts();
        Problem {
            shape: &self.shape,
            device,
            shipped: run.machine.shipped,
            network,
            precision: run.precision,
            framework: run.framework,
            accelerators: self.accelerators,
            global_batch: phase.layout.global_batch,
            sequence_length: phase.layout.sequence_length,
            laws,
        }
    }
}
