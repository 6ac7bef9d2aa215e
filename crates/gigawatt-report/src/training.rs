//! Training runs of a plan as data: what a step is made of, and what the run takes.

use std::collections::BTreeMap;

use gigawatt_engine::WHOLE;
use gigawatt_engine::training::legality::Fault;
use gigawatt_engine::training::memory::{Instant, Memory};
use gigawatt_engine::training::{
    FLOP_PER_PARAMETER, PhaseCourse, PhasePrice, Prices, RunPrice, StepLaws, StepPart,
};
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
    /// Memory of an accelerator of each stage through a step. Empty for a layout with more stages than layers.
    pub memory_by_stage: Vec<StageSummary>,
    /// What is left out of the course, where many rounds of micro-batches are alike.
    pub left_out: Option<LeftOutSummary>,
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

/// Memory that an accelerator of a stage needs, blocks apart that the allocator gives back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageSummary {
    /// Bytes at its fullest moment.
    pub peak_bytes: f64,
    /// Seconds from the start of the step, for each of `bytes`.
    pub seconds: Vec<f64>,
    /// Bytes: of each of [`STRETCHES`] even stretches of the course the least and the most, in their order in time.
    pub bytes: Vec<f64>,
}

/// Rounds of micro-batches that are like those before and are left out of a course.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LeftOutSummary {
    /// Micro-batches.
    pub micro_batches: usize,
    /// When they begin, in seconds from the start of the step.
    pub from_seconds: f64,
    /// How long they take.
    pub seconds: f64,
}

/// Stretches of a course of memory of which the least and the most are told.
pub const STRETCHES: usize = 50;
/// Passes of a course at most: of more, rounds that repeat one another are left out.
pub const MOST_PASSES: usize = 20_000;

/// The courses of a step of every phase, with names for people: of the run with that name, or of all runs. Each has at
/// most some 20,000 passes, beyond which rounds that repeat one another are left out.
pub fn courses(plan: &Plan, only: Option<&str>) -> Vec<(String, PhaseCourse)> {
    let Prices { laws, runs } = Prices::new(plan);
    let Some(laws) = laws else { return Vec::new() };
    let wanted = |(run, _): &(&TrainingPlan, _)| only.is_none_or(|name| run.name == name);
    let mut courses = Vec::new();
    for (run, price) in plan.training.iter().zip(runs).filter(wanted) {
        let Some(price) = price else { continue };
        for phase in &run.phases {
            let several = run.phases.len() > 1;
            let name = if several { format!("{}, {}", run.title, phase.title) } else { run.title.clone() };
            courses.push((name, price.course(run, phase, &laws, MOST_PASSES)));
        }
    }
    courses
}

impl RunSummary {
    /// The phase that takes longest in the middle of its draws; the first where there is one only.
    pub fn longest_phase(&self) -> usize {
        let duration = |index: &usize| {
            let result = self.results.get(&format!("phase.{}.duration", self.phases[*index].name));
            result.and_then(|result| result.value.p50).unwrap_or(0.0)
        };
        (0..self.phases.len()).max_by(|a, b| duration(a).total_cmp(&duration(b))).unwrap_or(0)
    }
}

/// Every run of a plan that could be priced, in its order.
pub fn runs(plan: &Plan, summary: &Summary) -> Vec<RunSummary> {
    let Prices { laws, runs } = Prices::new(plan);
    let Some(laws) = laws else { return Vec::new() };
    let priced = plan.training.iter().zip(runs);
    priced.filter_map(|(run, price)| Some(one(plan, summary, run, &price?, &laws))).collect()
}

fn one(plan: &Plan, summary: &Summary, run: &TrainingPlan, price: &RunPrice, laws: &StepLaws) -> RunSummary {
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
                let held = price.memory(run, phase, &laws.memory);
                let course = price.course(run, phase, laws, MOST_PASSES);
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
                    memory_by_stage: stages(&course),
                    left_out: course.timeline.left_out.map(|left_out| LeftOutSummary {
                        micro_batches: left_out.micro_batches,
                        from_seconds: left_out.from,
                        seconds: left_out.seconds,
                    }),
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

/// Memory by stage.
fn stages(course: &PhaseCourse) -> Vec<StageSummary> {
    let lines = course.memory.iter().zip(&course.stages);
    lines
        .map(|(line, stage)| {
            let thin = thinned(line, STRETCHES);
            StageSummary {
                peak_bytes: stage.peak.needed().round(),
                seconds: thin.iter().map(|instant| (instant.seconds * 1e6).round() / 1e6).collect(),
                bytes: thin.iter().map(|instant| instant.bytes.round()).collect(),
            }
        })
        .collect()
}

/// Of each of so many even stretches of time the least and the most, in their order.
pub fn thinned(line: &[Instant], stretches: usize) -> Vec<Instant> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return Vec::new() };
    #[expect(clippy::cast_precision_loss, reason = "stretches are few")]
    let width = ((last.seconds - first.seconds) / stretches as f64).max(f64::MIN_POSITIVE);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the stretches")]
    let stretch =
        |instant: &Instant| (((instant.seconds - first.seconds) / width) as usize).min(stretches - 1);
    let mut thin = Vec::with_capacity(2 * stretches);
    for part in line.chunk_by(|a, b| stretch(a) == stretch(b)) {
        let by_bytes = |a: &usize, b: &usize| part[*a].bytes.total_cmp(&part[*b].bytes);
        let (low, high) = ((0..part.len()).min_by(by_bytes), (0..part.len()).max_by(by_bytes));
        let (low, high) = (low.unwrap_or(0), high.unwrap_or(0));
        thin.push(part[low.min(high)]);
        if low != high {
            thin.push(part[low.max(high)]);
        }
    }
    thin
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
