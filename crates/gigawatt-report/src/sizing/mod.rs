//! The deployments that a search found, as data.

mod chart;
mod text;

use std::collections::BTreeMap;

use gigawatt_engine::serving::sizing::{
    Arrangements, Choice, Counts, Design, FrontPoint, Fronts, Objective, Out, Part, Reason, Sized, Sizing,
    SizingAsked, SizingSpace, Units, WorkerDesign,
};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::serving::{ServingFormats, ServingLayout};
use serde::Serialize;

pub use text::latency;
use text::{optimality, reason};

const HOUR: f64 = 3600.0;
const MILLION: f64 = 1e6;

/// The deployments of a service. Values are in base units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SizingSummary {
    /// Its name in paths.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Mean tokens of a prompt.
    pub prompt: f64,
    /// Mean tokens of an answer.
    pub output: f64,
    /// Requests per second that are asked; none where what an accelerator serves is to be best.
    pub rate: Option<f64>,
    /// Promised time to the first token.
    pub target_first_token: Option<f64>,
    /// Promised time of each further token.
    pub target_each_token: Option<f64>,
    /// Of which requests these hold.
    pub target_at: &'static str,
    /// What is best.
    pub by: &'static str,
    /// What was chosen from.
    pub choices: Vec<ChoiceSummary>,
    /// What became of the designs of the space.
    pub counts: Counts,
    /// In which sense the first of `best` is the best.
    pub optimality: String,
    /// The best, best first, and the best of each arrangement.
    pub best: Vec<DesignSummary>,
    /// Layouts that serve nothing.
    pub out: Vec<OutSummary>,
    /// Throughput of an accelerator against speed for a user, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fronts: Option<FrontsSummary>,
}

/// A system with formats and an engine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceSummary {
    /// Id of the system in the catalogue.
    pub system: String,
    /// Format of weights; of experts and of attention, where these differ.
    pub weights: String,
    /// Format of keys and values.
    pub cache: &'static str,
    /// The engine.
    pub engine: &'static str,
    /// Dollars for an hour of an accelerator.
    pub hour_price: f64,
    /// Facility power of an accelerator.
    pub power: f64,
    /// What each dimension may be.
    pub space: BTreeMap<&'static str, Vec<u64>>,
    /// Where prompts and answers may be worked on.
    pub arrangements: &'static str,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DesignSummary {
    /// Index of the choice.
    pub choice: usize,
    /// `together` or `apart`.
    pub arrangement: &'static str,
    /// Replicas, or workers for prompts and for answers.
    pub workers: Vec<WorkerSummary>,
    /// Accelerators in all.
    pub accelerators: u64,
    /// Requests per second.
    pub rate: f64,
    /// The same over what they could serve in a steady state.
    pub utilisation: f64,
    /// Time to the first token of the requests for which the promise holds.
    pub first_token: f64,
    /// Time of each further token, likewise.
    pub each_token: f64,
    /// Dollars for a million output tokens.
    pub cost_per_million_tokens: f64,
    /// Joules for a million output tokens.
    pub energy_per_million_tokens: f64,
    /// Dollars for an hour of all accelerators.
    pub hour_cost: f64,
    /// Facility power of all accelerators.
    pub power: f64,
    /// Output tokens per second and accelerator.
    pub throughput: f64,
    /// The simulation that shows it; none for an estimate.
    pub simulated: Option<SimulatedSummary>,
}

/// Workers that are alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkerSummary {
    /// `whole`, `prefill` or `decode`.
    pub part: &'static str,
    /// How many.
    pub number: u64,
    /// Accelerators of each.
    pub accelerators: u64,
    /// Tensor parallelism.
    pub tensor: u64,
    /// Groups with attention of their own.
    pub data: u64,
    /// Expert parallelism.
    pub expert: u64,
    /// Stages.
    pub pipeline: u64,
    /// Tokens of an iteration at most.
    pub token_budget: u64,
    /// Sequences of an iteration at most, for each group.
    pub most_sequences: u64,
    /// The fields of a `[[service]]` that say so, as one line of TOML.
    pub toml: String,
}

/// A simulation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimulatedSummary {
    /// Requests that were counted.
    pub requests: u64,
    /// Engines that were simulated with their share of the load.
    pub engines: u64,
    /// Mean time of a request.
    pub life: f64,
}

/// A layout that serves nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutSummary {
    /// Index of the choice.
    pub choice: usize,
    /// `whole`, `prefill` or `decode`.
    pub part: &'static str,
    /// The layout as one line of TOML.
    pub layout: String,
    /// Its accelerators.
    pub accelerators: u64,
    /// Why.
    pub reason: String,
    /// Whether it divides, and misses memory or time.
    #[serde(skip)]
    misses: bool,
}

impl OutSummary {
    /// Whether more memory or a longer time would help: what does not divide is left aside.
    pub fn is_near(&self) -> bool {
        self.misses
    }
}

/// What no design beats both in throughput and in speed, in the steady state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrontsSummary {
    /// Of replicas that work on prompts and answers.
    pub together: Vec<FrontSummary>,
    /// Of workers for each.
    pub apart: Vec<FrontSummary>,
}

/// A point of a front.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrontSummary {
    /// Index of the choice.
    pub choice: usize,
    /// The layout as one line of TOML; of the workers for answers where prompts have their own.
    pub layout: String,
    /// That of the workers for prompts, where they have their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// Tokens of an iteration at most.
    pub token_budget: u64,
    /// Sequences that each group runs at once.
    pub sequences: u64,
    /// Output tokens per second of a user.
    pub speed: f64,
    /// Output tokens per second of an accelerator.
    pub throughput: f64,
    /// Time to the first token without waiting.
    pub first_token: f64,
}

/// What a service is called.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// In paths.
    pub name: &'a str,
    /// For people.
    pub title: &'a str,
}

impl SizingSummary {
    /// Of a search, with fronts where they were asked.
    pub fn new(
        plan: &Plan,
        named: Named<'_>,
        (choices, asked): (&[Choice<'_>], &SizingAsked),
        sizing: &Sizing,
        fronts: Option<&Fronts>,
    ) -> Self {
        Self {
            name: named.name.to_owned(),
            title: named.title.to_owned(),
            prompt: asked.request.prompt,
            output: asked.request.output,
            rate: asked.rate,
            target_first_token: asked.promise.first_token,
            target_each_token: asked.promise.each_token,
            target_at: asked.promise.at.word(),
            by: objective(asked.by),
            choices: choices.iter().map(|choice| choice_summary(plan, choice)).collect(),
            counts: sizing.counts,
            optimality: optimality(&sizing.counts, asked, sizing.best.first()),
            best: sizing.best.iter().map(|one| design_summary(one, choices, asked)).collect(),
            out: sizing.out.iter().map(out_summary).collect(),
            fronts: fronts.map(|fronts| FrontsSummary {
                together: fronts.together.iter().map(front_summary).collect(),
                apart: fronts.apart.iter().map(front_summary).collect(),
            }),
        }
    }
}

/// The word of an objective.
pub fn objective(by: Objective) -> &'static str {
    match by {
        Objective::Cost => "cost",
        Objective::Accelerators => "accelerators",
        Objective::Energy => "energy",
    }
}

/// The word of a part.
fn part_word(part: Part) -> &'static str {
    match part {
        Part::Whole => "whole",
        Part::Prefill => "prefill",
        Part::Decode => "decode",
    }
}

fn choice_summary(plan: &Plan, choice: &Choice<'_>) -> ChoiceSummary {
    let service = choice.service;
    let ServingFormats { attention, feed_forward, cache } = service.formats;
    let weights = if attention == feed_forward {
        feed_forward.name().to_owned()
    } else {
        format!("{}, attention in {}", feed_forward.name(), attention.name())
    };
    ChoiceSummary {
        system: plan.systems[service.system].id.clone(),
        weights,
        cache: cache.name(),
        engine: service.engine.name.word(),
        hour_price: choice.hour.price * HOUR,
        power: choice.hour.power,
        space: dimensions(&choice.space),
        arrangements: match choice.space.arrangements {
            Arrangements::Any => "any",
            Arrangements::Together => "together",
            Arrangements::Apart => "apart",
        },
    }
}

fn dimensions(space: &SizingSpace) -> BTreeMap<&'static str, Vec<u64>> {
    BTreeMap::from([
        ("tensor", space.tensor.clone()),
        ("data", space.attention_data.clone()),
        ("expert", space.expert.clone()),
        ("pipeline", space.pipeline.clone()),
        ("token_budget", space.token_budget.clone()),
        ("largest", vec![space.largest]),
    ])
}

fn design_summary(one: &Sized, choices: &[Choice<'_>], asked: &SizingAsked) -> DesignSummary {
    let hour = choices[one.choice].hour;
    #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
    let accelerators = one.accelerators as f64;
    DesignSummary {
        choice: one.choice,
        arrangement: match one.design {
            Design::Together(_) => "together",
            Design::Apart { .. } => "apart",
        },
        workers: workers(&one.design, one.units),
        accelerators: one.accelerators,
        rate: one.rate,
        utilisation: one.rate / one.design.ceiling(one.units),
        first_token: one.first_token,
        each_token: one.each_token,
        cost_per_million_tokens: one.cost * MILLION,
        energy_per_million_tokens: one.energy * MILLION,
        hour_cost: one.cost * one.rate * asked.request.output * HOUR,
        power: hour.power * accelerators,
        throughput: one.throughput,
        simulated: one.simulated.map(|seen| SimulatedSummary {
            requests: seen.requests,
            engines: seen.engines,
            life: seen.life,
        }),
    }
}

fn workers(design: &Design, units: Units) -> Vec<WorkerSummary> {
    let of = |(part, worker, number): (Part, WorkerDesign, u64)| {
        let WorkerDesign { layout, token_budget, most_sequences, .. } = worker;
        WorkerSummary {
            part: part_word(part),
            number,
            accelerators: layout.accelerators(),
            tensor: layout.tensor,
            data: layout.attention_data,
            expert: layout.expert,
            pipeline: layout.pipeline,
            token_budget,
            most_sequences,
            toml: format!(
                "{}, token_budget = {token_budget}, most_sequences = {most_sequences}, replicas = {number}",
                layout_toml(layout)
            ),
        }
    };
    design.workers(units).map(of).collect()
}

/// A layout as one line of TOML; what is 1 is left out, but for tensor parallelism.
fn layout_toml(layout: ServingLayout) -> String {
    let others = [("data", layout.attention_data), ("expert", layout.expert), ("pipeline", layout.pipeline)];
    let others: String =
        others.iter().filter(|(_, one)| *one > 1).map(|(name, one)| format!(", {name} = {one}")).collect();
    format!("tensor = {}{others}", layout.tensor)
}

fn out_summary(out: &Out) -> OutSummary {
    OutSummary {
        choice: out.choice,
        part: part_word(out.part),
        layout: layout_toml(out.layout),
        accelerators: out.layout.accelerators(),
        reason: reason(&out.reason),
        misses: !matches!(out.reason, Reason::Fault(_)),
    }
}

fn front_summary(point: &FrontPoint) -> FrontSummary {
    FrontSummary {
        choice: point.choice,
        layout: layout_toml(point.layout),
        prefill: point.prefill.map(layout_toml),
        token_budget: point.token_budget,
        sequences: point.sequences,
        speed: point.speed,
        throughput: point.throughput,
        first_token: point.first_token,
    }
}
