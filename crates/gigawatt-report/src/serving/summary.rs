//! The summary of a simulated deployment.

use std::collections::BTreeMap;

use gigawatt_engine::AcceleratorHour;
use gigawatt_engine::serving::cluster::{Batches, ClassResult, ClusterResult, Group, Metric, ReplicaState};
use gigawatt_plan::serving::{ServingFormats, ServingLayout};
use serde::Serialize;

use super::course::CourseSummary;

/// Nanoseconds of a second.
pub(super) const NANOSECONDS: f64 = 1e9;
/// Seconds of an hour.
const HOUR: f64 = 3600.0;
/// Of so many runs the interval holds the value.
const PROBABILITY: f64 = 0.95;

/// What was simulated, besides what came of it.
#[derive(Clone, Debug)]
pub struct ServeAsked {
    /// What is served.
    pub served: Served,
    /// What a replica's memory holds, in the order of classes.
    pub memory: Vec<MemorySummary>,
    /// What an accelerator takes.
    pub hour: AcceleratorHour,
    /// Targets in seconds.
    pub targets: Targets,
    /// What binds iterations of the mean batch, in words; none where nothing decoded.
    pub binding: Option<&'static str>,
}

/// What users are promised, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Targets {
    /// Time to the first token.
    pub time_to_first_token: Option<f64>,
    /// Time of an output token after the first.
    pub time_per_output_token: Option<f64>,
}

/// What is served, on what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Served {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The system in the catalogue.
    pub system: String,
    /// The engine, with its release where one is said.
    pub engine: String,
    /// Number formats.
    pub formats: ServingFormats,
    /// How a replica lies on accelerators.
    pub layout: ServingLayout,
    /// Replicas at the start.
    pub replicas: u64,
    /// Their accelerators.
    pub accelerators: u64,
    /// Tokens of an iteration at most.
    pub token_budget: u64,
    /// Sequences of an iteration at most, on each group with attention of its own.
    pub most_sequences: u64,
    /// How requests find a replica.
    pub router: &'static str,
    /// Where requests come from, in words.
    pub requests: String,
}

/// What one accelerator holds, and what that is for caches. In bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MemorySummary {
    /// Weights.
    pub weights: f64,
    /// Driver, libraries, graphs.
    pub reserve: f64,
    /// Activations of the largest iteration.
    pub activations: f64,
    /// Caches.
    pub cache: f64,
    /// Tokens that the caches of one engine hold.
    pub cache_tokens: u64,
    /// Whether beginnings of prompts are kept to share.
    pub prefixes: bool,
}

/// The summary of a simulated deployment. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServeSummary {
    /// What is served.
    pub served: Served,
    /// What an accelerator's memory holds, by class.
    pub memory: Vec<MemorySummary>,
    /// What binds iterations of the mean batch.
    pub binding: Option<&'static str>,
    /// Whether it was stopped before its end.
    pub partial: bool,
    /// When the last request ended.
    pub end: f64,
    /// From when on requests are measured.
    pub measured_from: f64,
    /// Requests by how they ended.
    pub requests: RequestCounts,
    /// What users see, by metric; a metric that no request has is absent.
    pub latency: BTreeMap<&'static str, DistributionSummary>,
    /// What meets its targets.
    pub goodput: GoodputSummary,
    /// What is served in a second.
    pub throughput: Throughput,
    /// Share of the tokens of prompts that were found in a cache.
    pub cached_share: Option<f64>,
    /// How often sequences were thrown out and computed again.
    pub preemptions: u64,
    /// By priority, where there are several.
    pub priorities: Vec<PrioritySummary>,
    /// Classes of replicas.
    pub classes: Vec<ReplicaClassSummary>,
    /// What it takes.
    pub costs: Costs,
    /// What happened over time.
    pub course: CourseSummary,
}

/// Requests by how they ended: `offered = done + refused + lost + in flight`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RequestCounts {
    /// That arrived.
    pub offered: u64,
    /// That were answered.
    pub done: u64,
    /// That were refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// That were lost with their replica.
    pub lost: u64,
    /// That had not ended.
    pub in_flight: u64,
    /// Times that a request began again because its replica was lost.
    pub retried: u64,
}

/// How a time is distributed over requests. In seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DistributionSummary {
    /// Requests that have it.
    pub requests: u64,
    /// Mean.
    pub mean: f64,
    /// Half of the width of the mean's 95 % interval, by batch means; none of few requests.
    pub mean_half_width: Option<f64>,
    /// Median.
    pub p50: f64,
    /// See `p50`.
    pub p90: f64,
    /// See `p50`.
    pub p95: f64,
    /// See `p50`.
    pub p99: f64,
    /// The same as `mean_half_width` of the 99th percentile.
    pub p99_half_width: Option<f64>,
    /// The longest.
    pub max: f64,
}

/// What meets its targets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GoodputSummary {
    /// The targets.
    pub targets: Targets,
    /// Share of the requests that ended.
    pub share: Option<f64>,
    /// Requests in a second.
    pub requests_per_second: Option<f64>,
}

/// What is served in a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Throughput {
    /// Requests.
    pub requests: Option<f64>,
    /// Tokens of prompts.
    pub prompt_tokens: Option<f64>,
    /// Tokens of answers.
    pub output_tokens: Option<f64>,
    /// Tokens of answers, of each accelerator that was held.
    pub output_tokens_per_accelerator: Option<f64>,
}

/// Requests of one priority.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrioritySummary {
    /// The priority; lower goes first.
    pub priority: u8,
    /// Requests that were answered.
    pub done: u64,
    /// Of these, such as met all targets.
    pub good: u64,
    /// What their users see.
    pub latency: BTreeMap<&'static str, DistributionSummary>,
}

/// Replicas that are alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplicaClassSummary {
    /// Requests that were routed to it.
    pub routed: u64,
    /// Share of the time in which its engines worked.
    pub utilisation: Option<f64>,
    /// Iterations of all its engines.
    pub iterations: u64,
    /// Replica-seconds in each state.
    pub times: BTreeMap<&'static str, f64>,
}

/// What a deployment takes. Money in USD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Costs {
    /// Accelerator-hours that were held.
    pub accelerator_hours: f64,
    /// What an hour of one costs.
    pub hour_price: f64,
    /// What all that costs.
    pub cost: f64,
    /// A million tokens of answers.
    pub million_output_tokens: Option<f64>,
    /// A million tokens of prompts and answers.
    pub million_tokens: Option<f64>,
    /// Mean power of the facility for it, W.
    pub power: Option<f64>,
    /// Energy of one token of an answer, J.
    pub energy_per_output_token: Option<f64>,
}

impl ServeSummary {
    /// Of a run.
    pub fn new(asked: ServeAsked, result: &ClusterResult) -> Self {
        let all = result.all();
        let counts = &result.counts;
        let measured = seconds(result.end.saturating_sub(result.measured_from));
        let accelerators = asked.served.layout.accelerators();
        let costs = costs(&asked, result, accelerators);
        let rate = |number| result.per_second(number);
        let held = costs.accelerator_hours
            * HOUR
            * if result.end > 0 { measured / seconds(result.end) } else { 0.0 };
        let priorities = match result.by_priority.as_slice() {
            [_] => Vec::new(),
            several => several.iter().map(|(priority, group)| of_priority(*priority, group)).collect(),
        };
        Self {
            memory: asked.memory,
            binding: asked.binding,
            partial: result.partial,
            end: seconds(result.end),
            measured_from: seconds(result.measured_from),
            requests: RequestCounts {
                offered: counts.offered,
                done: counts.done,
                refused: counts.refused.iter().map(|(reason, count)| (reason.words(), *count)).collect(),
                lost: counts.lost,
                in_flight: counts.in_flight,
                retried: counts.retried,
            },
            latency: latency(&all, Some(&result.batches)),
            goodput: GoodputSummary {
                targets: asked.targets,
                share: result.good_share(),
                requests_per_second: rate(result.rates.good),
            },
            throughput: Throughput {
                requests: rate(result.rates.requests),
                prompt_tokens: rate(result.rates.prompt_tokens),
                output_tokens: rate(result.rates.output_tokens),
                output_tokens_per_accelerator: (held > 0.0)
                    .then(|| number(result.rates.output_tokens) / held),
            },
            cached_share: all.cached_share(),
            preemptions: all.preemptions,
            priorities,
            classes: result.classes.iter().map(of_class).collect(),
            costs,
            course: CourseSummary::new(result),
            served: asked.served,
        }
    }
}

fn of_priority(priority: u8, group: &Group) -> PrioritySummary {
    PrioritySummary { priority, done: group.requests, good: group.good, latency: latency(group, None) }
}

fn of_class(class: &ClassResult) -> ReplicaClassSummary {
    let times = ReplicaState::ALL.iter().map(|(state, name)| (*name, wide(class.time(*state)) / NANOSECONDS));
    ReplicaClassSummary {
        routed: class.routed,
        utilisation: class.utilisation(),
        iterations: class.work.iterations,
        times: times.collect(),
    }
}

/// What is held is paid for, whether it works or starts.
fn costs(asked: &ServeAsked, result: &ClusterResult, accelerators: u64) -> Costs {
    let held: f64 = result
        .classes
        .iter()
        .map(|class| wide(class.present_time()) / NANOSECONDS * number(accelerators))
        .sum();
    let cost = held * asked.hour.price;
    let (output, prompt) = (number(result.rates.output_tokens), number(result.rates.prompt_tokens));
    // Of a run that is measured from a moment on, the same part of what it takes.
    let end = seconds(result.end);
    let part = if end > 0.0 { (end - seconds(result.measured_from)) / end } else { 0.0 };
    let of = |amount: f64, tokens: f64| (tokens > 0.0).then(|| part * amount / tokens);
    let energy = held * asked.hour.power;
    Costs {
        accelerator_hours: held / HOUR,
        hour_price: asked.hour.price * HOUR,
        cost,
        million_output_tokens: of(cost * 1e6, output),
        million_tokens: of(cost * 1e6, output + prompt),
        power: (end > 0.0).then(|| energy / end),
        energy_per_output_token: of(energy, output),
    }
}

/// What a group of requests sees, with how sure it is where batches say so.
fn latency(group: &Group, batches: Option<&Batches>) -> BTreeMap<&'static str, DistributionSummary> {
    let one = |(metric, name): &(Metric, &'static str)| {
        let times = group.times(*metric);
        let quantile = |share| Some(number(times.quantile(share)?) / NANOSECONDS);
        let half = |interval: Option<gigawatt_engine::serving::cluster::Interval>| {
            interval.map(|interval| interval.half / NANOSECONDS)
        };
        let summary = DistributionSummary {
            requests: times.count(),
            mean: times.mean()? / NANOSECONDS,
            mean_half_width: batches.and_then(|batches| half(batches.mean(*metric, PROBABILITY))),
            p50: quantile(0.5)?,
            p90: quantile(0.9)?,
            p95: quantile(0.95)?,
            p99: quantile(0.99)?,
            p99_half_width: batches.and_then(|batches| half(batches.quantile(*metric, 0.99, PROBABILITY))),
            max: number(times.largest()?) / NANOSECONDS,
        };
        Some((*name, summary))
    };
    Metric::ALL.iter().filter_map(one).collect()
}

/// Nanoseconds in seconds.
pub(super) fn seconds(time: u64) -> f64 {
    number(time) / NANOSECONDS
}

#[expect(clippy::cast_precision_loss, reason = "a number to 15 digits")]
fn number(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a number to 15 digits")]
fn wide(count: u128) -> f64 {
    count as f64
}
