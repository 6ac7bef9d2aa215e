//! Layouts that a search found, as data.

use std::collections::BTreeMap;

use gigawatt_engine::training::search::{Counts, Examined, Found, Space};
use gigawatt_engine::training::{StepPart, Tuning};
use gigawatt_plan::training::written::word;
use gigawatt_plan::training::{
    ContextExchange, Framework, FrameworkName, Offload, Overlap, RankOrder, Recompute, SequenceParallel,
    Sharding,
};
use serde::Serialize;

use crate::grouped;
use crate::training::{PhaseSummary, QuantitySummary, RunSummary, told};

/// The layouts of a phase. Values are in base units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TuningSummary {
    /// The run's name in paths.
    pub run: String,
    /// The run's name for people.
    pub run_title: String,
    /// The phase's name in paths.
    pub phase: String,
    /// The phase's name for people.
    pub phase_title: String,
    /// Id of its system in the catalogue.
    pub system: String,
    /// Accelerators.
    pub accelerators: u64,
    /// Tokens of a sequence.
    pub sequence: u64,
    /// Sequences of a step.
    pub batch_sequences: u64,
    /// Bytes that an accelerator has.
    pub memory_available: f64,
    /// What each dimension may be.
    pub space: BTreeMap<String, Vec<String>>,
    /// What became of the layouts of the space.
    pub counts: Counts,
    /// In which sense the first of `best` is the best.
    pub optimality: String,
    /// The layout that the scenario has; none where it cannot be cut so.
    pub planned: Option<LayoutSummary>,
    /// What is wrong with it.
    pub planned_faults: Vec<String>,
    /// The fastest, fastest first, that differ in more than sharding, order of ranks, recomputation, schedule, exchange of keys and
    /// switches.
    pub best: Vec<LayoutSummary>,
    /// The fastest on each number of accelerators that was asked for, ascending; numbers on which nothing fits are left
    /// out.
    pub frontier: Vec<LayoutSummary>,
}

/// A layout with what it takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayoutSummary {
    /// Accelerators.
    pub accelerators: u64,
    /// Its fields as a scenario's `layout` has them.
    pub layout: BTreeMap<String, serde_json::Value>,
    /// The same as one line of TOML.
    pub toml: String,
    /// Data-parallel ranks.
    pub data: u64,
    /// Switches of the software that differ from its preset.
    pub switches: Vec<String>,
    /// Seconds of a step.
    pub step_time: f64,
    /// Seconds of its parts.
    pub step_parts: BTreeMap<String, f64>,
    /// Tokens per second and accelerator.
    pub tokens_per_second: f64,
    /// Model FLOPs utilisation.
    pub model_flops_utilisation: f64,
    /// Bytes that the fullest accelerator needs.
    pub memory_needed: f64,
    /// Seconds of the phase, in the middle of its draws.
    pub duration: f64,
    /// Accelerator-hours of the phase.
    pub gpu_hours: f64,
    /// Dollars of the phase.
    pub cost: f64,
    /// Joules of the phase.
    pub energy: f64,
}

impl TuningSummary {
    /// Of a phase of a run by its place in the run.
    pub fn new(run: &RunSummary, phase: usize, tuning: &Tuning) -> Option<Self> {
        let of = Phase::new(run, run.phases.get(phase)?);
        let Phase { phase, .. } = of;
        let Examined { found, faults } = &tuning.planned;
        let others = tuning.others.iter().filter_map(|(_, search)| search.best.first());
        let mut frontier: Vec<&Found> = others.chain(tuning.search.best.first()).collect();
        frontier.sort_by_key(|found| found.layout.accelerators);
        Some(Self {
            run: run.name.clone(),
            run_title: run.title.clone(),
            phase: phase.name.clone(),
            phase_title: phase.title.clone(),
            system: run.system.clone(),
            accelerators: phase.accelerators,
            sequence: phase.sequence,
            batch_sequences: phase.batch_sequences,
            memory_available: phase.memory_available,
            space: space(&tuning.space),
            counts: tuning.search.counts,
            optimality: optimality(&tuning.search.counts, tuning.search.best.is_empty()),
            planned: found.as_ref().map(|found| of.layout(found)),
            planned_faults: faults.iter().map(told).collect(),
            best: tuning.search.best.iter().map(|found| of.layout(found)).collect(),
            frontier: frontier.into_iter().map(|found| of.layout(found)).collect(),
        })
    }

    /// How much of the planned layout's time the best takes off, where it is legal and fits.
    pub fn gain(&self) -> Option<f64> {
        let planned = self.planned.as_ref().filter(|_| self.planned_faults.is_empty())?;
        Some(1.0 - self.best.first()?.step_time / planned.step_time)
    }
}

/// What a layout's numbers are scaled from: the phase as planned.
struct Phase<'a> {
    phase: &'a PhaseSummary,
    framework: &'a str,
    /// Seconds of the phase for each second of a step.
    duration: f64,
    /// Dollars and joules of an accelerator's second.
    cost: f64,
    energy: f64,
}

impl<'a> Phase<'a> {
    fn new(run: &'a RunSummary, phase: &'a PhaseSummary) -> Self {
        let middle = |name: &str| {
            let value = run.results.get(name).map(|result: &QuantitySummary| result.value);
            value.and_then(|value| value.p50.or(value.mean)).unwrap_or(f64::NAN)
        };
        let seconds = middle("gpu_hours") * 3600.0;
        Self {
            phase,
            framework: &run.framework,
            duration: if run.phases.len() > 1 {
                middle(&format!("phase.{}.duration", phase.name))
            } else {
                middle("duration")
            } / phase.step_time,
            cost: middle("cost") / seconds,
            energy: middle("energy") / seconds,
        }
    }

    fn layout(&self, found: &Found) -> LayoutSummary {
        let Found { layout, framework, step, memory } = found;
        let duration = self.duration * step.seconds;
        #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
        let seconds = duration * layout.accelerators as f64;
        let fields = layout.fields();
        let line: Vec<String> = fields.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let json = |value: &str| serde_json::from_str(value).unwrap_or(serde_json::Value::Null);
        let utilisation = self.phase.model_flops_utilisation / self.phase.tokens_per_second;
        LayoutSummary {
            accelerators: layout.accelerators,
            toml: line.join(", "),
            layout: fields.iter().map(|(name, value)| ((*name).to_owned(), json(value))).collect(),
            data: layout.data(),
            switches: switches(self.framework, framework),
            step_time: step.seconds,
            step_parts: StepPart::ALL
                .iter()
                .map(|(part, name)| ((*name).to_owned(), part.seconds(&step.breakdown)))
                .collect(),
            tokens_per_second: step.tokens_per_second,
            model_flops_utilisation: utilisation * step.tokens_per_second,
            memory_needed: *memory,
            duration,
            gpu_hours: seconds / 3600.0,
            cost: self.cost * seconds,
            energy: self.energy * seconds,
        }
    }
}

/// Overlaps that are not as the preset has them.
fn switches(name: &str, framework: &Framework) -> Vec<String> {
    let preset = FrameworkName::parse(name).map(Framework::preset).unwrap_or(*framework);
    let differs = |name: &str, preset: Overlap, own: Overlap| {
        let word = if own == Overlap::On { "on" } else { "off" };
        (preset != own).then(|| format!("{name} {word}"))
    };
    [
        differs("tensor_overlap", preset.tensor_overlap, framework.tensor_overlap),
        differs("data_overlap", preset.data_overlap, framework.data_overlap),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// In which sense the first is the best.
fn optimality(counts: &Counts, nothing: bool) -> String {
    let of = [counts.declared, counts.illegal, counts.memory, counts.bound, counts.evaluated];
    let [declared, illegal, memory, bound, evaluated] = of.map(grouped);
    if nothing {
        return format!(
            "none of the {declared} layouts in the space can be run: {illegal} of those looked at break a rule, {memory} do not fit"
        );
    }
    format!(
        "no layout of the {declared} in the space is faster by these laws: {illegal} of those looked at break a rule, {memory} do not fit, {bound} cannot be faster by a bound of their step from below, {evaluated} were evaluated in full; {} schedules were simulated",
        grouped(counts.simulated)
    )
}

/// The dimensions of a space in words.
fn space(space: &Space) -> BTreeMap<String, Vec<String>> {
    let numbers = |all: &[u64]| all.iter().map(u64::to_string).collect::<Vec<_>>();
    let on = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let mut overlaps: Vec<String> = Vec::new();
    for framework in &space.frameworks {
        let text = format!(
            "tensor {}, data {}",
            on(framework.tensor_overlap == Overlap::On),
            on(framework.data_overlap == Overlap::On)
        );
        if !overlaps.contains(&text) {
            overlaps.push(text);
        }
    }
    let sharding = |sharding: &Sharding| match sharding {
        Sharding::None => "none".to_owned(),
        Sharding::Optimizer(group) | Sharding::Gradients(group) | Sharding::Parameters(group) => {
            let word = sharding.word();
            if *group == u64::MAX { word.to_owned() } else { format!("{word} over {group}") }
        }
    };
    let recompute = |some: &Recompute| match some {
        Recompute::Layers(layers) => layers.to_string(),
        other => other.words(),
    };
    let dimensions: [(&str, Vec<String>); 15] = [
        ("overlap", overlaps),
        ("tensor", numbers(&space.tensor)),
        ("sequence_parallel", space.sequence.iter().map(|one| on(*one == SequenceParallel::On)).collect()),
        ("context", numbers(&space.context)),
        (
            "context_exchange",
            space.context_exchange.iter().map(|one| word(&ContextExchange::WORDS, one).to_owned()).collect(),
        ),
        ("expert", numbers(&space.expert)),
        ("expert_tensor", numbers(&space.expert_tensor)),
        ("pipeline", numbers(&space.pipeline)),
        ("virtual_stages", numbers(&space.virtual_stages)),
        ("schedule", space.schedule.iter().map(|one| one.word().to_owned()).collect()),
        ("micro_batch", numbers(&space.micro_batch)),
        ("recompute", space.recompute.iter().map(recompute).collect()),
        ("sharding", space.sharding.iter().map(sharding).collect()),
        ("rank_order", space.rank_order.iter().map(|one| word(&RankOrder::WORDS, one).to_owned()).collect()),
        ("offload", space.offload.iter().map(|one| word(&Offload::WORDS, one).to_owned()).collect()),
    ];
    dimensions.into_iter().map(|(name, values)| (name.to_owned(), values)).collect()
}
