//! A served demand as data: what `summary.json` holds of it.

use std::collections::BTreeMap;

use gigawatt_engine::demand::served::{
    HourOfPlace, SURE, SampledPoint, Served, ServedEffect, ServedSensitivity,
};
use gigawatt_engine::serving::cluster::Interval;
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{DemandPlan, Plan};
use gigawatt_plan::quantity::Dimension;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PeriodSummary;

/// Hours of a day.
const DAY: usize = 24;

/// A demand on its service, hour by hour, in the reference case. Attainment is the share of the requests that meet all targets of
/// the service, the way over the network with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedSummary {
    /// Name of the demand for people.
    pub title: String,
    /// The service that answers, by name.
    pub service: String,
    /// First and last day of the hours that were served.
    pub period: PeriodSummary,
    /// All of them.
    pub total: ServedTotal,
    /// The day with the most requests.
    pub day: ServedDay,
    /// Every week from the first day on; the last may be shorter.
    pub weeks: Vec<ServedWeekSummary>,
    /// What users of a replica see, by load.
    pub replica: Vec<ReplicaLoad>,
    /// How far the approximation may be off.
    pub error: ServedError,
    /// What moves accelerators and the cost of a user in the busiest week.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sensitivity: Option<ServedSensitivitySummary>,
}

/// What moves a served demand in its busiest week, each input at its p10 and p90 with all others as in the reference case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedSensitivitySummary {
    /// The week's first day.
    pub from: Date,
    /// Accelerators that stand for it.
    pub accelerators: MovedSummary,
    /// USD for a user and month.
    pub cost_per_user_month: MovedSummary,
}

/// A number and the inputs that move it most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovedSummary {
    /// In the reference case.
    pub reference: f64,
    /// At most ten, the strongest first.
    pub inputs: Vec<MovedInput>,
}

/// An input that moves a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovedInput {
    /// Path of the input.
    pub input: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Its p10.
    pub low: f64,
    /// Its p90.
    pub high: f64,
    /// The number with the input at its p10.
    pub at_low: f64,
    /// The number with the input at its p90.
    pub at_high: f64,
}

/// The hour of a region that comes nearest to saturation, simulated again at its own loads with other random numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedHourSummary {
    /// The region, by its name for people.
    pub region: String,
    /// The day.
    pub date: Date,
    /// The hour of the day, UTC.
    pub hour: u32,
    /// Expected requests over what its replicas answer at most.
    pub load: f64,
    /// Attainment behind the shortest way over the network, by the table.
    pub table: Estimate,
    /// The same by simulation.
    pub simulated: Estimate,
    /// Requests that were simulated for it and counted.
    pub requests: u64,
}

/// A share with the interval that holds it with a probability of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    fn share(interval: Interval) -> Self {
        let Interval { value, half } = interval;
        Self { value, low: (value - half).max(0.0), high: (value + half).min(1.0) }
    }

    fn time(interval: Interval) -> Self {
        let Interval { value, half } = interval;
        Self { value, low: (value - half).max(0.0), high: value + half }
    }
}

/// All hours together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedTotal {
    /// Requests.
    pub requests: f64,
    /// Tokens of their input, those found in a cache with them.
    pub input_tokens: f64,
    /// Tokens of their answers.
    pub output_tokens: f64,
    /// Users of a month, summed over months of 30.4375 days.
    pub user_months: f64,
    /// Share of the requests that meet all targets.
    pub attainment: Option<Estimate>,
    /// Accelerators that have to stand for the busiest hours, those that are lost with them.
    pub accelerators: f64,
    /// Accelerators that run, on average.
    pub mean_accelerators: f64,
    /// Facility power of those that stand, W.
    pub facility_power: f64,
    /// Requests per second that a replica is given at most.
    pub replica_rate: f64,
    /// Money for the accelerators that stand in each week, USD.
    pub cost: Option<f64>,
    /// Of it for the hours of those that run, USD.
    pub running_cost: Option<f64>,
    /// USD for a million tokens of input and output.
    pub cost_per_million_tokens: Option<f64>,
    /// USD for a million tokens of output.
    pub cost_per_million_output_tokens: Option<f64>,
    /// USD for a user and month.
    pub cost_per_user_month: Option<f64>,
    /// Requests that no region within reach could take.
    pub unserved: f64,
}

/// A day by hour of UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedDay {
    /// The day.
    pub date: Date,
    /// Requests.
    pub requests: f64,
    /// Share of the requests that meet all targets.
    pub attainment: Option<Estimate>,
    /// The lowest in an hour of a region.
    pub worst: Option<Estimate>,
    /// By region.
    pub regions: BTreeMap<String, ServedRegion>,
}

/// The hours of a day in a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedRegion {
    /// Name for people.
    pub title: String,
    /// Requests of its users.
    pub requests: Vec<f64>,
    /// Requests that its replicas get, of users of any region.
    pub dealt: Vec<f64>,
    /// Replicas that run there.
    pub replicas: Vec<f64>,
    /// Their accelerators.
    pub accelerators: Vec<f64>,
    /// Their facility power, W.
    pub facility_power: Vec<f64>,
    /// Requests over what its replicas answer at most.
    pub load: Vec<f64>,
    /// Share of the requests of its users that meet all targets.
    pub attainment: Vec<Option<Estimate>>,
}

/// A week of all regions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedWeekSummary {
    /// Its first day.
    pub from: Date,
    /// Requests.
    pub requests: f64,
    /// Accelerators that run, on average.
    pub mean_accelerators: f64,
    /// In the busiest hour.
    pub peak_accelerators: f64,
    /// That stand, those that are lost with them.
    pub accelerators: f64,
    /// Share of the requests that meet all targets.
    pub attainment: Option<Estimate>,
    /// The lowest in an hour of a region.
    pub worst: Option<f64>,
}

/// What users of one replica see at a load; times in s, without the network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplicaLoad {
    /// Requests per second that come.
    pub offered: f64,
    /// Requests per second that are answered.
    pub answered: f64,
    /// Whether more comes than is answered: what is seen then depends on how long one looks.
    pub saturated: bool,
    /// Median time to the first token.
    pub first_token_p50: Estimate,
    /// 99th percentile of it.
    pub first_token_p99: Estimate,
    /// Median time of each further token.
    pub each_token_p50: Estimate,
    /// 99th percentile of it.
    pub each_token_p99: Estimate,
    /// Share of the requests that meet all targets, behind the shortest way over the network.
    pub attainment: Option<Estimate>,
    /// Share of the time in iterations.
    pub busy: f64,
    /// Requests that were simulated and counted.
    pub requests: u64,
    /// Replications in which.
    pub replications: u32,
}

/// How far the approximation may be off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedError {
    /// The probability with which intervals hold.
    pub probability: f64,
    /// The most that sampling is off in attainment, below saturation: half of an interval.
    pub sampling: f64,
    /// The most that straight lines between loads are off in attainment.
    pub interpolation: f64,
    /// The most that attainment of an hour of a region may be off, by both: hours seldom have the loads that are known least.
    #[serde(default)]
    pub widest_hour: f64,
    /// Windows near saturation, simulated again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub checked: Option<CheckedHourSummary>,
    /// Requests that were simulated and counted.
    pub requests: u64,
    /// Tokens of a simulated request over those of the population's, input and output.
    pub tokens: f64,
    /// Share of the input that a replica finds in its cache, at the load that it is given.
    pub cached_share: f64,
    /// The same as the demand assumes it.
    pub assumed_cached_share: f64,
}

impl ServedSummary {
    /// Of a demand that was served.
    pub fn new(plan: &Plan, served: &Served) -> Option<Self> {
        let demand = plan.demand.iter().find(|demand| demand.name == served.demand)?;
        let hours = &served.hours;
        let (first, accelerators) = (served.busiest.start, served.costs.accelerators);
        let date = |hour: usize| moment(hours.start, hour).day();
        let weeks = hours.weeks();
        let weeks = weeks.iter().map(|week| ServedWeekSummary {
            from: date(week.first),
            requests: week.requests,
            mean_accelerators: week.mean_replicas * accelerators,
            peak_accelerators: week.peak_replicas * accelerators,
            accelerators: week.standing * accelerators,
            attainment: week.attainment.map(Estimate::share),
            worst: week.worst,
        });
        let regions = demand.regions.iter().zip(&hours.regions);
        let day_cells = || hours.regions.iter().flat_map(|region| &region[served.busiest.clone()]);
        let worst = day_cells()
            .filter_map(|cell| cell.attainment)
            .min_by(|one, other| one.value.total_cmp(&other.value));
        Some(Self {
            title: demand.title.clone(),
            service: served.service.clone(),
            period: PeriodSummary { from: date(0), to: moment(hours.start, hours.hours()).day_before() },
            total: total(served),
            day: ServedDay {
                date: date(first),
                requests: day_cells().map(|cell| cell.asked).sum(),
                attainment: hours.attainment(served.busiest.clone()).map(Estimate::share),
                worst: worst.map(Estimate::share),
                regions: regions
                    .map(|(region, cells)| {
                        let cells = &cells[served.busiest.clone()];
                        (region.name.clone(), self::region(&region.title, cells, served))
                    })
                    .collect(),
            },
            weeks: weeks.collect(),
            replica: served.table.points().iter().map(replica).collect(),
            error: error(served, demand),
            sensitivity: Some(sensitivity(plan, &served.sensitivity)),
        })
    }
}

/// The moment of an hour that begins or ends a day.
fn moment(start: i32, hour: usize) -> Moment {
    Moment(start + i32::try_from(hour / DAY).unwrap_or(0))
}

fn region(title: &str, cells: &[HourOfPlace], served: &Served) -> ServedRegion {
    let costs = &served.costs;
    ServedRegion {
        title: title.to_owned(),
        requests: cells.iter().map(|cell| cell.asked).collect(),
        dealt: cells.iter().map(|cell| cell.dealt).collect(),
        replicas: cells.iter().map(|cell| cell.replicas).collect(),
        accelerators: cells.iter().map(|cell| cell.replicas * costs.accelerators).collect(),
        facility_power: cells.iter().map(|cell| cell.replicas * costs.accelerators * costs.power).collect(),
        load: cells.iter().map(|cell| cell.load).collect(),
        attainment: cells.iter().map(|cell| cell.attainment.map(Estimate::share)).collect(),
    }
}

fn total(served: &Served) -> ServedTotal {
    let (hours, costs) = (&served.hours, &served.costs);
    let requests = hours.requests();
    let tokens = served.request.times(requests);
    let finite = |value: f64| value.is_finite().then_some(value);
    let cost = hours.standing_cost(costs);
    let replicas: f64 = hours.standing.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "hours of a year")]
    let count = hours.hours() as f64;
    let running: f64 = hours.regions.iter().flatten().map(|cell| cell.replicas).sum::<f64>() / count;
    ServedTotal {
        requests,
        input_tokens: tokens.input(),
        output_tokens: tokens.output,
        user_months: served.user_months,
        attainment: hours.attainment(0..hours.hours()).map(Estimate::share),
        accelerators: replicas * costs.accelerators,
        mean_accelerators: running * costs.accelerators,
        facility_power: replicas * costs.accelerators * costs.power,
        replica_rate: served.most,
        cost: finite(cost),
        running_cost: finite(hours.running_cost(costs)),
        cost_per_million_tokens: finite(cost / tokens.total() * 1e6),
        cost_per_million_output_tokens: finite(cost / tokens.output * 1e6),
        cost_per_user_month: finite(cost / served.user_months),
        unserved: hours.unserved,
    }
}

fn replica(point: &SampledPoint) -> ReplicaLoad {
    ReplicaLoad {
        offered: point.offered,
        answered: point.answered,
        saturated: point.saturated,
        first_token_p50: Estimate::time(point.first_p50),
        first_token_p99: Estimate::time(point.first_p99),
        each_token_p50: Estimate::time(point.each_p50),
        each_token_p99: Estimate::time(point.each_p99),
        attainment: point.attainment.first().copied().map(Estimate::share),
        busy: point.busy,
        requests: point.requests,
        replications: point.replications,
    }
}

/// Inputs that are told of.
const MOST_INPUTS: usize = 10;

fn sensitivity(plan: &Plan, found: &ServedSensitivity) -> ServedSensitivitySummary {
    let moved = |reference: f64, of: fn(&ServedEffect) -> (f64, f64)| {
        let swing = |effect: &ServedEffect| {
            let (low, high) = of(effect);
            (high - low).abs().max((low - reference).abs()).max((high - reference).abs())
        };
        let mut effects: Vec<&ServedEffect> = found.effects.iter().filter(|one| swing(one) > 0.0).collect();
        effects.sort_by(|one, other| swing(other).total_cmp(&swing(one)));
        let input = |effect: &&ServedEffect| {
            let record = plan.input(effect.input);
            let (at_low, at_high) = of(effect);
            let (low, high) = effect.range;
            MovedInput { input: record.path.clone(), dimension: record.dimension, low, high, at_low, at_high }
        };
        MovedSummary { reference, inputs: effects.iter().take(MOST_INPUTS).map(input).collect() }
    };
    ServedSensitivitySummary {
        from: Moment(found.start).day(),
        accelerators: moved(found.accelerators, |effect| effect.accelerators),
        cost_per_user_month: moved(found.cost, |effect| effect.cost),
    }
}

fn checked(served: &Served, demand: &DemandPlan) -> Option<CheckedHourSummary> {
    let found = served.checked.as_ref()?;
    Some(CheckedHourSummary {
        region: demand.regions.get(found.region)?.title.clone(),
        date: moment(served.hours.start, found.hour).day(),
        hour: u32::try_from(found.hour % DAY).unwrap_or(0),
        load: found.load,
        table: Estimate::share(found.table),
        simulated: Estimate::share(found.simulated),
        requests: found.requests,
    })
}

fn error(served: &Served, demand: &DemandPlan) -> ServedError {
    let table = &served.table;
    let below = table.points().iter().filter(|point| !point.saturated);
    let sampling =
        below.flat_map(|point| &point.attainment).map(|attained| attained.half).fold(0.0, f64::max);
    let at = |which: usize| table.read(served.most, |point| point.tokens[which]);
    ServedError {
        probability: SURE,
        sampling,
        interpolation: table.interpolation_error(),
        widest_hour: served.hours.widest(),
        checked: checked(served, demand),
        requests: table.requests(),
        tokens: (at(0) + at(2)) / served.request.total(),
        cached_share: at(1) / at(0),
        assumed_cached_share: served.request.cached / served.request.input(),
    }
}
