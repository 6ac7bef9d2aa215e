//! What a step of each phase takes: priced once for a plan, as a table over the numbers of parameters where these are
//! uncertain.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::{Input, InputId, PhasePlan, Plan, TrainingPlan};
use gigawatt_plan::quantity::Count;
use gigawatt_plan::training::{Layout, Recompute};

use super::super::legality::{Fault, faults};
use super::super::memory::{Instant, Memory, MemoryCoefficients, MemoryJob, StageMemory, footprint};
use super::super::step::{Step, step};
use super::super::timeline::{Timeline, timeline};
use super::laws::StepLaws;
use super::machine::Machines;
use super::scaled::{Size, scaled};
use crate::Draw;
use crate::device::Device;
use crate::model::{ForwardFlop, LookedBack, forward_flop_by_part};

/// Forward and backward pass over the forward pass alone: the backward pass has two products for each of the forward's.
const PASSES: f64 = 3.0;
/// Model FLOP of a token for each active parameter, both passes: a product and a sum each (Kaplan et al. 2020, arXiv
/// 2001.08361, 2.1).
pub const FLOP_PER_PARAMETER: f64 = 6.0;

/// A phase in the reference case.
#[derive(Clone, Debug, PartialEq)]
pub struct PhasePrice {
    /// A step without the error of its law.
    pub step: Step,
    /// Half-width of the 80 % interval of the step's time, as a logarithm; the plan's model error is as wide.
    pub half_width: f64,
    /// Tokens of a step.
    pub step_tokens: f64,
    /// Accelerators.
    pub accelerators: f64,
    /// Model FLOP of a token with attention, both passes.
    pub model_flop: f64,
    /// The same as if each token's attention saw its whole sequence.
    pub uncausal_flop: f64,
    /// Model FLOP with what is computed again on purpose; not what fused attention repeats by itself.
    pub hardware_flop: f64,
    /// Seconds of a step at the nodes of the table, active parameters the slower index.
    table: Vec<f64>,
}

/// What a phase holds in the reference case.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseMemory {
    /// What fills an accelerator of the pipeline stage that needs most, cached blocks being given back.
    pub memory: Memory,
    /// That stage.
    pub fullest: usize,
    /// Memory of an accelerator in bytes.
    pub available: f64,
    /// What is wrong with the layout.
    pub faults: Vec<Fault>,
}

/// The course of a step of a phase in the reference case.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseCourse {
    /// What each stage does when.
    pub timeline: Timeline,
    /// Bytes that each stage needs, cached blocks apart, before, at the fullest moment of and after each of its passes.
    /// Empty for a layout with more stages than layers.
    pub memory: Vec<Vec<Instant>>,
    /// What fills each stage at its fullest moment.
    pub stages: Vec<StageMemory>,
    /// Memory of an accelerator in bytes.
    pub available: f64,
}

/// A run priced.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPrice {
    /// Its phases.
    pub phases: Vec<PhasePrice>,
    /// Active parameters in the reference case.
    pub active: f64,
    /// All parameters in the reference case.
    pub total: f64,
    /// Dense peak of its number format in FLOP/s.
    pub peak: f64,
    machines: Machines,
    /// The model in the reference case.
    shape: Shape,
    active_nodes: Nodes,
    total_nodes: Nodes,
    /// The constant facts of its machines with the values it was priced with.
    facts: Vec<(InputId, f64)>,
}

/// Values of an input at which steps are priced.
#[derive(Clone, Debug, PartialEq)]
struct Nodes {
    input: Option<InputId>,
    at: Vec<f64>,
}

impl Nodes {
    /// Ends and reference of an uncertain input, the only value of a certain one.
    fn new(plan: &Plan, input: Option<Input<Count>>, own: f64) -> Self {
        let Some(input) = input else { return Self { input: None, at: vec![own] } };
        let distribution = plan.input(input.id()).distribution;
        let ((low, high), reference) = (distribution.range(), distribution.reference());
        let mut at = vec![low, reference, high];
        at.dedup();
        Self { input: Some(input.id()), at }
    }

    /// The value of a draw, and the node before it with the share of the way to the next, by logarithms.
    fn place(&self, draw: Draw<'_>) -> (f64, usize, f64) {
        let Some(input) = self.input else { return (self.at[0], 0, 0.0) };
        let value = draw.base(input);
        let last = self.at.len() - 1;
        if last == 0 {
            return (value, 0, 0.0);
        }
        let below = self.at[1..last].iter().filter(|node| **node <= value).count();
        let (low, high) = (libm::log(self.at[below]), libm::log(self.at[below + 1]));
        (value, below, (libm::log(value) - low) / (high - low))
    }
}

/// The part of a draw that a run's steps depend on, looked up.
#[derive(Clone, Copy, Debug)]
pub struct Sized {
    /// Active parameters.
    pub active: f64,
    places: [(usize, f64); 2],
}

impl RunPrice {
    /// Prices a run; uncertain facts of its machines are taken in the reference case, constant ones from `draw`.
    ///
    /// None where its machines cannot be priced.
    pub fn new(plan: &Plan, run: &TrainingPlan, laws: &StepLaws, draw: Option<Draw<'_>>) -> Option<Self> {
        let value = |input: InputId| {
            let distribution = plan.input(input).distribution;
            match draw {
                Some(draw) if !distribution.is_uncertain() => draw.base(input),
                _ => distribution.reference(),
            }
        };
        let fact = |name: &str| run.machine.fact(name).map(value);
        let accelerators = run.phases.iter().map(|phase| phase.layout.accelerators).max()?;
        let machines = Machines::new(run, accelerators, laws, &fact)?;
        let own = Size::of(&run.model.shape);
        let active_nodes = Nodes::new(plan, run.model.active_parameters, own.active);
        let total_nodes = Nodes::new(plan, run.model.parameters, own.total);
        let shapes: Vec<Shape> = active_nodes
            .at
            .iter()
            .flat_map(|active| total_nodes.at.iter().map(move |total| (*active, *total)))
            .map(|(active, total)| {
                let asked = |number: f64, nodes: &Nodes| nodes.input.map(|_| number);
                scaled(&run.model.shape, asked(active, &active_nodes), asked(total, &total_nodes))
            })
            .collect();
        let constant = |input: &InputId| !plan.input(*input).distribution.is_uncertain();
        let facts = run.machine.facts.iter().map(|fact| fact.input).filter(constant);
        let (active, total) = reference_size(plan, run);
        let shape = reference_shape(plan, run);
        let phases =
            run.phases.iter().map(|phase| PhasePrice::new(run, phase, &machines, laws, &shapes, &shape));
        let phases = phases.collect();
        Some(Self {
            phases,
            active,
            total,
            peak: fact(run.precision.peak_fact())?,
            machines,
            shape,
            active_nodes,
            total_nodes,
            facts: facts.map(|input| (input, value(input))).collect(),
        })
    }

    /// What a phase of the run that was priced holds. No draw needs it, so that it is computed where it is shown.
    pub fn memory(&self, run: &TrainingPlan, phase: &PhasePlan, with: &MemoryCoefficients) -> PhaseMemory {
        let job = self.machines.job_of(run, &self.shape, &phase.layout);
        let (held, facts) = (MemoryJob::of(&job), job.device.facts());
        let (fullest, memory) = footprint(&held, with).neediest();
        PhaseMemory { memory, fullest, available: facts.memory, faults: faults(&held, facts, with) }
    }

    /// The course of a phase's step with at most so many passes, and of the memory that each stage needs through it. No
    /// draw needs it, so that it is computed where it is shown.
    pub fn course(&self, run: &TrainingPlan, phase: &PhasePlan, laws: &StepLaws, most: usize) -> PhaseCourse {
        let job = self.machines.job_of(run, &self.shape, &phase.layout);
        let timeline = timeline(job, &laws.training, most);
        let footprint = footprint(&MemoryJob::of(&job), &laws.memory);
        let memory = footprint.course(&timeline);
        PhaseCourse { timeline, memory, stages: footprint.stages, available: job.device.facts().memory }
    }

    /// The accelerator that was priced.
    pub fn device(&self) -> &Device {
        self.machines.parts().0
    }

    /// Whether a draw has the machines that were priced.
    pub fn is_of(&self, draw: Draw<'_>) -> bool {
        self.facts.iter().all(|(input, value)| draw.base(*input) == *value)
    }

    /// The place of a draw in the tables.
    pub fn sized(&self, draw: Draw<'_>) -> Sized {
        let (active, first, share) = self.active_nodes.place(draw);
        let (_, second, second_share) = self.total_nodes.place(draw);
        Sized { active, places: [(first, share), (second, second_share)] }
    }

    /// All parameters in a draw; where only the active ones are uncertain, as many more or fewer as these.
    pub fn all_parameters(&self, draw: Draw<'_>) -> f64 {
        if self.total_nodes.input.is_some() {
            return self.total_nodes.place(draw).0;
        }
        self.total * self.active_nodes.place(draw).0 / self.active
    }

    /// Seconds of a step of a phase.
    pub fn seconds(&self, phase: usize, at: Sized) -> f64 {
        let (table, width) = (&self.phases[phase].table, self.total_nodes.at.len());
        let [(row, down), (column, across)] = at.places;
        let cell = |row: usize, column: usize| libm::log(table[row * width + column]);
        let along = |row: usize| {
            let here = cell(row, column);
            if across == 0.0 { here } else { here + across * (cell(row, column + 1) - here) }
        };
        let here = along(row);
        libm::exp(if down == 0.0 { here } else { here + down * (along(row + 1) - here) })
    }

    /// Model FLOP of a token of a phase with attention: what widths add are matrices.
    pub fn model_flop(&self, phase: usize, at: Sized) -> f64 {
        self.phases[phase].model_flop + FLOP_PER_PARAMETER * (at.active - self.active)
    }
}

/// A fact of a run's machines in the reference case, by its name in the catalogue.
pub(super) fn reference_fact(plan: &Plan, run: &TrainingPlan, name: &str) -> Option<f64> {
    run.machine.fact(name).map(|input| plan.input(input).distribution.reference())
}

/// Active parameters and all of them in the reference case.
fn reference_size(plan: &Plan, run: &TrainingPlan) -> (f64, f64) {
    let own = Size::of(&run.model.shape);
    let reference = |input: Option<Input<Count>>, own: f64| {
        input.map_or(own, |input| plan.input(input.id()).distribution.reference())
    };
    (reference(run.model.active_parameters, own.active), reference(run.model.parameters, own.total))
}

/// A run's model in the reference case.
pub(super) fn reference_shape(plan: &Plan, run: &TrainingPlan) -> Shape {
    let (active, total) = reference_size(plan, run);
    let asked = |input: Option<Input<Count>>, number: f64| input.map(|_| number);
    scaled(&run.model.shape, asked(run.model.active_parameters, active), asked(run.model.parameters, total))
}

impl PhasePrice {
    fn new(
        run: &TrainingPlan,
        phase: &PhasePlan,
        machines: &Machines,
        laws: &StepLaws,
        shapes: &[Shape],
        reference: &Shape,
    ) -> Self {
        let layout = &phase.layout;
        let price = |shape: &Shape| step(machines.job_of(run, shape, layout), &laws.training);
        let tokens = LookedBack::Sequence(layout.sequence_length);
        let forward = forward_flop_by_part(reference, tokens);
        let job = machines.job_of(run, reference, layout);
        #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
        let accelerators = layout.accelerators as f64;
        Self {
            step: price(reference),
            half_width: laws.spread.half_width(&job),
            step_tokens: layout.step_tokens(),
            accelerators,
            model_flop: PASSES * forward.total(),
            uncausal_flop: PASSES
                * forward_flop_by_part(reference, LookedBack::Uncausal(layout.sequence_length)).total(),
            hardware_flop: PASSES * forward.total() + again(&forward, layout, reference.layers),
            table: shapes.iter().map(|shape| price(shape).seconds).collect(),
        }
    }
}

/// FLOP of a token that the backward pass computes again.
fn again(forward: &ForwardFlop, layout: &Layout, layers: u64) -> f64 {
    let of_layers = forward.total() - forward.output;
    match layout.recompute {
        Recompute::None | Recompute::Elementwise => 0.0,
        Recompute::Selective => forward.attention_scores,
        #[expect(clippy::cast_precision_loss, reason = "layers are few")]
        Recompute::Layers(some) => {
            of_layers * ((some * layout.pipeline) as f64 / layers.max(1) as f64).min(1.0)
        }
        Recompute::Full => of_layers,
    }
}
