//! Training runs of a plan as data: what a step is made of, and what the run takes.

use std::collections::BTreeMap;

use gigawatt_engine::WHOLE;
use gigawatt_engine::training::legality::Fault;
use gigawatt_engine::training::memory::{Memory, MemoryCoefficients};
use gigawatt_engine::training::{FLOP_PER_PARAMETER, PhasePrice, Prices, RunPrice, StepPart};
use gigawatt_plan::plan::{Input, Plan, RunStart, TrainingPlan};
use gigawatt_plan::quantity::Dimension;
use jiff::civil::Date;
use serde::Serialize;

use crate::{Summary, Value};

/// A training run. Values are in base units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Id of its system in the catalogue.
    pub system: String,
    /// Number format of its matrices.
    pub precision: String,
    /// The stack of software.
    pub framework: String,
    /// Parameters that a token passes through, in the reference case.
    pub active_parameters: f64,
    /// All of them.
    pub parameters: f64,
    /// Dense peak of the number format, in FLOP/s.
    pub peak: f64,
    /// Dense peak of BF16, in FLOP/s.
    pub bf16_peak: f64,
    /// The first day, where it is given and not another run's end; delays come on top.
    pub start: Option<Date>,
    /// Its phases.
    pub phases: Vec<PhaseSummary>,
    /// Its results by the last part of their path: `gpu_hours`, `duration`.
    pub results: BTreeMap<String, QuantitySummary>,
    /// What was published of it, by the result that it is compared with.
    pub published: BTreeMap<String, f64>,
}

/// A result of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuantitySummary {
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Base unit.
    pub unit: String,
    /// Over the draws.
    pub value: Value,
}

/// A part of a run with one layout, in the reference case, without the error of the law of steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseSummary {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Accelerators.
    pub accelerators: u64,
    /// Tokens of a sequence.
    pub sequence: u64,
    /// Sequences of a step.
    pub batch_sequences: u64,
    /// Tensor, context, pipeline and data parallelism.
    pub parallelism: [u64; 4],
    /// Bytes that the fullest accelerator needs, by what fills it; cached blocks that the allocator gives back are not
    /// among them.
    pub memory_parts: BTreeMap<String, f64>,
    /// Their sum.
    pub memory_needed: f64,
    /// Bytes that an accelerator has.
    pub memory_available: f64,
    /// Pipeline stage of the fullest accelerator, from 0.
    pub fullest_stage: usize,
    /// What is wrong with the layout, each with what would be right.
    pub faults: Vec<String>,
    /// Seconds of a step.
    pub step_time: f64,
    /// Seconds of its parts, which add up to it.
    pub step_parts: BTreeMap<String, f64>,
    /// Tokens per second and accelerator.
    pub tokens_per_second: f64,
    /// FLOP/s of an accelerator, six for each active parameter and token.
    pub rate: f64,
    /// FLOP/s of an accelerator with attention over the tokens before.
    pub model_rate: f64,
    /// The same with attention as if each token saw its whole sequence, which some publishers count.
    pub uncausal_rate: f64,
    /// Model FLOPs utilisation: that over the dense peak of the number format.
    pub model_flops_utilisation: f64,
    /// Hardware FLOPs utilisation: the same with what is computed again.
    pub hardware_flops_utilisation: f64,
}

/// Every run of a plan that could be priced, in its order.
pub fn runs(plan: &Plan, summary: &Summary) -> Vec<RunSummary> {
    let Prices { laws, runs } = Prices::new(plan);
    let Some(laws) = laws else { return Vec::new() };
    let priced = plan.training.iter().zip(runs);
    priced.filter_map(|(run, price)| Some(one(plan, summary, run, &price?, &laws.memory))).collect()
}

fn one(
    plan: &Plan,
    summary: &Summary,
    run: &TrainingPlan,
    price: &RunPrice,
    memory: &MemoryCoefficients,
) -> RunSummary {
    let prefix = format!("training.{}.", run.name);
    let own = summary.results.iter().filter_map(|(path, result)| {
        let name = path.strip_prefix(&prefix)?;
        let value = result.values.get(WHOLE)?;
        let title = result.title.strip_prefix(&format!("{}: ", run.title)).unwrap_or(&result.title);
        let shown = QuantitySummary {
            title: title.to_owned(),
            dimension: result.dimension,
            unit: result.unit.clone(),
            value: *value,
        };
        Some((name.to_owned(), shown))
    });
    let system = &plan.systems[run.system];
    let mut published = BTreeMap::new();
    published.extend(run.reported_hours.map(|hours| ("gpu_hours".to_owned(), reference(plan, hours))));
    published.extend(run.reported_rate.map(|rate| ("model_rate".to_owned(), reference(plan, rate))));
    RunSummary {
        name: run.name.clone(),
        title: run.title.clone(),
        system: system.id.clone(),
        precision: run.precision.word().to_owned(),
        framework: run.framework.name.word().to_owned(),
        active_parameters: price.active,
        parameters: price.total,
        peak: price.peak,
        bf16_peak: reference(plan, system.bf16),
        start: match run.start {
            RunStart::At(moment) => Some(moment.day()),
            RunStart::After(_) => None,
        },
        phases: run
            .phases
            .iter()
            .zip(&price.phases)
            .map(|(phase, priced)| {
                let layout = &phase.layout;
                let held = price.memory(run, phase, memory);
                let parts = StepPart::ALL.iter();
                let at = priced.step_tokens / (priced.step.seconds * priced.accelerators);
                PhaseSummary {
                    name: phase.name.clone(),
                    title: phase.title.clone(),
                    accelerators: layout.accelerators,
                    sequence: layout.sequence_length,
                    batch_sequences: layout.global_batch,
                    parallelism: [layout.tensor, layout.context, layout.pipeline, layout.data()],
                    memory_parts: memory_parts(&held.memory),
                    memory_needed: held.memory.needed(),
                    memory_available: held.available,
                    fullest_stage: held.fullest,
                    faults: held.faults.iter().map(told).collect(),
                    step_time: priced.step.seconds,
                    step_parts: parts
                        .map(|(part, name)| ((*name).to_owned(), part.seconds(&priced.step.breakdown)))
                        .collect(),
                    tokens_per_second: at,
                    rate: FLOP_PER_PARAMETER * price.active * at,
                    model_rate: priced.model_flop * at,
                    uncausal_rate: priced.uncausal_flop * at,
                    model_flops_utilisation: utilisation(priced, priced.model_flop, price.peak),
                    hardware_flops_utilisation: utilisation(priced, priced.hardware_flop, price.peak),
                }
            })
            .collect(),
        results: own.collect(),
        published,
    }
}

/// What fills an accelerator, by name.
fn memory_parts(memory: &Memory) -> BTreeMap<String, f64> {
    let given_back = Memory { cached: 0.0, ..*memory };
    let parts = Memory::PARTS.iter().zip(given_back.parts());
    parts.filter(|(_, bytes)| *bytes > 0.0).map(|(name, bytes)| ((*name).to_owned(), bytes)).collect()
}

/// A fault with what would be right.
pub(crate) fn told(fault: &Fault) -> String {
    let message = fault.message();
    fault.help().map_or_else(|| message.clone(), |help| format!("{message}; {help}"))
}

/// FLOP of a token as a part of the dense peak.
fn utilisation(phase: &PhasePrice, flop: f64, peak: f64) -> f64 {
    flop * phase.step_tokens / (phase.step.seconds * phase.accelerators * peak)
}

fn reference<Q>(plan: &Plan, input: Input<Q>) -> f64 {
    plan.input(input.id()).distribution.reference()
}
