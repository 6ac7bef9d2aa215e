//! A demand of a plan on its service, in the reference case.

use core::ops::Range;

use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{DemandPlan, Input, LayoutChoice, Plan, ServingPlan};
use gigawatt_plan::quantity::{Duration, Quantity};
use gigawatt_plan::world::Observer;

use super::check::{CheckedHour, again};
use super::hours::{Costs, ServedHours, ServingSite};
use super::replication::{RequestTargets, SampledEngine};
use super::requests::Conversation;
use super::sampling::{Effort, SamplingAsked, sample};
use super::sensitivity::{Moved, ServedSensitivity};
use super::table::SampledResponse;
use crate::demand::stage::{COVERED, regions};
use crate::demand::{
    FluidService, Reach, Scaling, Tokens, WEEK, burst, habits, hourly_demand, reach, user_days,
};
use crate::draw::Draw;
use crate::fleet::nanoseconds;
use crate::run::{Evaluation, Tables};
use crate::serving::replica::{IterationTable, Prefix, ReplicaOptions};
use crate::serving::{Deployment, IterationLaw, ServingLaws, ServingMachine};

/// Hours busier than this part of what replicas do at most are near saturation.
const NEAR: f64 = 0.85;
/// Tokens that a name of a prefix stands for, at least and at most, and names of a prompt on average that are enough: what is found ends
/// with a whole name, so that one in so many is the most that is missed.
const BLOCK: (f64, f64, f64) = (64.0, 1024.0, 100.0);
/// Round trips that differ by less are one, s.
const SAME: f64 = 0.005;
/// Part of what a replica answers at most that it is given, where nothing is promised.
const SAFE: f64 = 0.95;

/// Why a demand is not served.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ServedError {
    /// It is not known how a replica lies on accelerators.
    #[error("nothing says how a replica of `{service}` lies on accelerators")]
    Layout {
        /// The service.
        service: String,
    },
    /// What is known of the system makes no machine, or a replica has no room for a request.
    #[error("a replica of `{service}` does not fit its accelerators")]
    Fit {
        /// The service.
        service: String,
    },
    /// Even under a light load the targets are missed.
    #[error(
        "`{service}` misses its targets even under a light load: a first token takes {first_token:.2} s and each further one \
         {each_token:.3} s for 99 of 100 requests, and {attainment:.1} % of the requests meet all"
    )]
    Targets {
        /// The service.
        service: String,
        /// 99th percentile of the time to the first token, s.
        first_token: f64,
        /// The same of each further token, s.
        each_token: f64,
        /// Share of the requests, in per cent.
        attainment: f64,
    },
    /// The user asked to stop.
    #[error("stopped")]
    Cancelled,
    /// Nobody may serve, or sessions cannot be drawn.
    #[error("the demand of `{demand}` cannot be simulated: {told}")]
    Demand {
        /// The demand.
        demand: String,
        /// Why.
        told: String,
    },
}

/// A demand on its service, hour by hour of a year.
#[derive(Clone, Debug)]
pub struct Served {
    /// Name of the demand in paths.
    pub demand: String,
    /// The service.
    pub service: String,
    /// What users of a replica see, by load.
    pub table: SampledResponse,
    /// Every hour.
    pub hours: ServedHours,
    /// The hours of the day with the most requests.
    pub busiest: Range<usize>,
    /// Requests per second that a replica is given at most.
    pub most: f64,
    /// A request on average, as the population has it.
    pub request: Tokens,
    /// Users of a month, summed over months of 30.4375 days.
    pub user_months: f64,
    /// What accelerators take.
    pub costs: Costs,
    /// Seconds from the decision to start a replica to its first token; none where replicas do not come and go.
    pub start_up: f64,
    /// Part of the replicas that is lost at any time.
    pub lost: f64,
    /// The hour nearest to saturation, simulated again.
    pub checked: Option<CheckedHour>,
    /// What moves accelerators and the cost of a user.
    pub sensitivity: ServedSensitivity,
}

/// Serves the demand over the part of the plan's year that is planned; none where it names no service or nobody asks then.
///
/// # Errors
/// [`ServedError`] where the service cannot answer.
pub fn serve(
    plan: &Plan,
    demand: &DemandPlan,
    laws: &ServingLaws,
    tables: &Tables,
    effort: Effort,
    observer: &dyn Observer,
) -> Result<Option<Served>, ServedError> {
    let named = demand.service.as_ref();
    let Some(service) = named.and_then(|name| plan.serving.iter().find(|service| service.name == *name))
    else {
        return Ok(None);
    };
    let reference = Draw::reference(plan);
    let draw = Draw::new(&reference);
    let hourly = hourly_demand(demand, draw, days(plan));
    if hourly.requests() <= 0.0 {
        return Ok(None);
    }
    let site = place(demand, draw)?;
    let (ways, network) = ways(&site.reach);
    let LayoutChoice::Fixed(layout) = service.layout else {
        return Err(ServedError::Layout { service: service.name.clone() });
    };
    let unfit = || ServedError::Fit { service: service.name.clone() };
    let machine = ServingMachine::new(plan, service, layout.accelerators(), laws).ok_or_else(unfit)?;
    let deployment = machine.deployment(service, layout);
    let law = IterationLaw::new(deployment, &laws.serving);
    let options = options(service, &deployment, laws, habits(demand, draw).request().input());
    if options.blocks.units == 0 {
        return Err(unfit());
    }
    let times = IterationTable::new(&law, options.most_sequences, options.token_budget);
    #[expect(clippy::cast_precision_loss, reason = "counts of accelerators")]
    let [engines, accelerators] =
        [layout.attention_data.max(1), layout.accelerators()].map(|count| count as f64);
    let engine = SampledEngine { table: &times, options: &options, engines };
    let seconds = |input: Input<Duration>| draw.get(input).base();
    let asked = SamplingAsked {
        conversation: conversation(demand, draw),
        targets: RequestTargets {
            first_token: service.targets.first_token.map(|target| nanoseconds(seconds(target))),
            each_token: service.targets.each_token.map(|target| nanoseconds(seconds(target))),
        },
        network: &network,
        effort,
        seed: plan.seed,
    };
    let impossible = |told: String| ServedError::Demand { demand: demand.name.clone(), told };
    let table = sample(&engine, &asked).map_err(|error| impossible(error.to_string()))?.ok_or_else(unfit)?;
    if observer.cancelled() {
        return Err(ServedError::Cancelled);
    }
    let most = most(service, &table, &seconds)?;
    let fluid = FluidService {
        most,
        saturated: table.saturated(),
        speed: 1.0,
        lost: draw.get(demand.lost_share).base(),
        scaling: start_up(demand, draw),
        covered: COVERED,
        near: NEAR,
    };
    let site = ServingSite { ways, ..site };
    let burst = burst(&demand.traffic, draw);
    let hours = ServedHours::new(&hourly, &site, (&fluid, &burst), &table);
    let checked = again(&engine, &asked, &hours, fluid.unforeseen(&burst), &table);
    let checked = checked.map_err(|error| impossible(error.to_string()))?;
    let first = hours.busiest_day().unwrap_or(0);
    let mut evaluation = Evaluation::with(plan, tables);
    evaluation.run(plan, draw);
    let hour = evaluation.accelerator_hour(plan, draw, service);
    let day = hours.start + i32::try_from(first / 24).unwrap_or(0);
    let (engine, asked) = (&engine, &asked);
    let start = (day - 6).max(hours.start);
    let sensitivity =
        Moved { plan, demand, service, tables, engine, asked, fluid, accelerators, start }.all()?;
    Ok(Some(Served {
        demand: demand.name.clone(),
        service: service.name.clone(),
        busiest: first..(first + 24).min(hours.hours()),
        most,
        request: hourly.request,
        user_months: user_days(demand, draw, days(plan)) / 30.4375,
        costs: Costs { accelerators, power: hour.power, price: hour.price },
        start_up: seconds(demand.start_up),
        lost: fluid.lost,
        table,
        hours,
        checked,
        sensitivity,
    }))
}

/// The days of the plan's year that it covers, from 1970-01-01.
fn days(plan: &Plan) -> (i32, i32) {
    let year = Period::year(plan.year);
    (year.start.0.max(plan.period.start.0), year.end.0.min(plan.period.end.0))
}

/// What sessions of a demand are like in a draw.
pub(super) fn conversation(demand: &DemandPlan, draw: Draw<'_>) -> Conversation {
    Conversation {
        habits: habits(demand, draw),
        turn_gap: draw.get(demand.session.turn_gap).base(),
        length_variation: draw.get(demand.session.length_variation).base(),
    }
}

/// How replicas of a demand come and go in a draw.
pub(super) fn start_up(demand: &DemandPlan, draw: Draw<'_>) -> Scaling {
    Scaling::Follows { start_up: draw.get(demand.start_up).base() / 3600.0 }
}

/// Who serves whom, and the capacity of each place over requests of an average hour; ways over the network are not told apart yet.
pub(super) fn place(demand: &DemandPlan, draw: Draw<'_>) -> Result<ServingSite, ServedError> {
    let reach = reach(demand, draw);
    let weeks: Vec<[f64; WEEK]> =
        regions(demand, draw).iter().map(|(share, week)| week.map(|rate| share * rate)).collect();
    let capacity = reach.capacity(&weeks).ok_or_else(|| ServedError::Demand {
        demand: demand.name.clone(),
        told: "no region serves".to_owned(),
    })?;
    Ok(ServingSite { reach, capacity, ways: Vec::new() })
}

/// Round trips that are told apart, ns, and which of them is that of each region and place.
fn ways(reach: &Reach) -> (Vec<Vec<usize>>, Vec<u64>) {
    let regions = 0..reach.regions();
    let mut times: Vec<f64> = regions
        .clone()
        .flat_map(|region| regions.clone().filter_map(move |place| reach.round_trip(region, place)))
        .collect();
    times.sort_by(f64::total_cmp);
    // Of those that are nearly the same the longest stands for all.
    let mut kept: Vec<f64> = Vec::new();
    for time in times.into_iter().rev() {
        if kept.last().is_none_or(|last| last - time > SAME) {
            kept.push(time);
        }
    }
    kept.reverse();
    let way = |region: usize, place: usize| {
        reach.round_trip(region, place).map_or(0, |time| kept.partition_point(|kept| *kept < time))
    };
    let ways =
        regions.clone().map(|region| regions.clone().map(|place| way(region, place)).collect()).collect();
    (ways, kept.iter().map(|time| nanoseconds(*time)).collect())
}

/// How engines of a service schedule, with prefixes of prompts of so many tokens where it keeps them.
fn options(
    service: &ServingPlan,
    deployment: &Deployment<'_>,
    laws: &ServingLaws,
    input: f64,
) -> ReplicaOptions {
    let own = ReplicaOptions::of(deployment, &laws.serving);
    let tokens = own.blocks.tokens.max(1);
    let (least, most, names) = BLOCK;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 64 and 1024")]
    let block = (input / names).clamp(least, most) as u32;
    let named = tokens * block.div_ceil(tokens);
    let prefix = if service.prefix_cache { Prefix::Tokens(named) } else { Prefix::Off };
    ReplicaOptions { prefix, ..own }
}

/// Requests per second of a replica with which it keeps what is promised.
fn most(
    service: &ServingPlan,
    table: &SampledResponse,
    seconds: &dyn Fn(Input<Duration>) -> f64,
) -> Result<f64, ServedError> {
    let targets = &service.targets;
    let kept = match targets.at.share() {
        Some(share) => table.most_at(share),
        None => table.most_on_average(targets.first_token.map(seconds), targets.each_token.map(seconds)),
    };
    let light = &table.points()[0];
    let missed = || ServedError::Targets {
        service: service.name.clone(),
        first_token: light.first_p99.value,
        each_token: light.each_p99.value,
        attainment: 100.0 * light.attainment.last().map_or(0.0, |attained| attained.value),
    };
    kept.map(|most| most.min(SAFE * table.saturated())).ok_or_else(missed)
}
