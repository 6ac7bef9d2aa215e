//! The fleet over its histories.

use gigawatt_engine::fleet::{BatchMeasure, DAY, Drawn, Histories, Kind, State, seconds};
use gigawatt_engine::quantiles;
use gigawatt_plan::plan::FleetPlan;
use schemars::JsonSchema;
use serde::Serialize;

use super::jobs::{JobSummary, job_summaries};

/// A value in the reference history and over those with drawn inputs; these are nothing where there are none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// With every input at its reference.
    pub reference: Option<f64>,
    /// A tenth of the histories lies below.
    pub p10: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// A tenth of the histories lies above.
    pub p90: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
}

impl Spread {
    /// Of a value in every history; histories in which it has none are left out.
    pub fn of(histories: &Histories, value: impl Fn(&Drawn) -> Option<f64>) -> Self {
        let mut drawn: Vec<f64> =
            histories.drawn.iter().filter_map(&value).filter(|value| value.is_finite()).collect();
        let reference = value(&histories.reference).filter(|value| value.is_finite());
        if drawn.is_empty() {
            return Self { reference, p10: None, p50: None, p90: None, mean: None };
        }
        let of = quantiles(&mut drawn);
        Self { reference, p10: Some(of.p10), p50: Some(of.p50), p90: Some(of.p90), mean: Some(of.mean) }
    }
}

/// What is asked beside the histories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetAsked {
    /// Whether closed forms stand beside what was simulated.
    pub analytic: bool,
}

/// A fleet over its histories.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FleetSummary {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Histories with drawn inputs, beside the one in the reference case.
    pub histories: usize,
    /// Whether the user stopped before all were whole.
    pub partial: bool,
    /// Events of the reference history.
    pub events: u64,
    /// Pools, in the order of the plan.
    pub pools: Vec<PoolSummary>,
    /// Jobs on many servers.
    pub jobs: Vec<JobSummary>,
    /// Services.
    pub services: Vec<ServiceSummary>,
    /// Batch workloads.
    pub batch: Vec<BatchSummary>,
    /// Mean time between failures of batch jobs, by their size.
    pub sizes: Vec<SizeSummary>,
    /// Failures of servers, domains and software by cause, the most frequent first.
    pub failures: Vec<FailureSummary>,
    /// How long servers that failed were out of use, in seconds, mean of a history.
    pub server_downtime: Spread,
}

/// Servers of one kind at one site.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PoolSummary {
    /// Name: site and system.
    pub name: String,
    /// Accelerators online on the first and on the last day.
    pub accelerators: [Spread; 2],
    /// Parts of the accelerator-time online, by state.
    pub states: Vec<StateShare>,
    /// Part of the time in which a job waited for a server and none was free.
    pub exhausted: Spread,
    /// Part of the wholly free servers that stand in racks which are not wholly free, mean over days.
    pub fragmentation: Spread,
}

/// Part of a pool's time in a state.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StateShare {
    /// The state.
    pub state: String,
    /// The part.
    pub share: Spread,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ServiceSummary {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its pool.
    pub pool: String,
    /// Replicas wanted, mean over time.
    pub wanted: Spread,
    /// Part of the wanted replicas that answered, mean over time.
    pub availability: Spread,
    /// Replicas that failures took.
    pub lost: Spread,
}

/// A batch workload.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BatchSummary {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its pool.
    pub pool: String,
    /// Jobs that were simulated.
    pub simulated: Spread,
    /// Jobs that stand behind each of them: of the same size, one after the other.
    pub stands_for: Spread,
    /// Accelerator-hours of work that was done.
    pub accelerator_hours: Spread,
    /// Part of the accelerator-time in use that had to be done again.
    pub lost: Spread,
    /// Times that a failure ended a job, for a million accelerator-hours of work.
    pub killed: Spread,
    /// Times that one gave its place to a job of higher priority.
    pub preempted: Spread,
    /// Waits of simulated jobs, in seconds.
    pub wait: WaitSummary,
}

/// Waits, in seconds: quantiles over the jobs of a history.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WaitSummary {
    /// The mean.
    pub mean: Spread,
    /// The median.
    pub p50: Spread,
    /// Nine of ten jobs do not wait longer.
    pub p90: Spread,
    /// 99 of 100 do not.
    pub p99: Spread,
}

/// Batch jobs of a size.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SizeSummary {
    /// More than half of these accelerators and at most these.
    pub accelerators: f64,
    /// Hours for which such jobs ran, one after the other.
    pub hours: Spread,
    /// Failures that stopped one.
    pub interruptions: Spread,
    /// Mean time between them, in seconds; nothing where there was none.
    pub mean_time: Spread,
}

/// Failures of one cause.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FailureSummary {
    /// Name in paths.
    pub cause: String,
    /// Name for people.
    pub title: String,
    /// How many, over the period.
    pub count: Spread,
}

impl FleetSummary {
    /// Of the histories of a plan's fleet.
    pub fn new(fleet: &FleetPlan, histories: &Histories, asked: FleetAsked) -> Self {
        let reference = &histories.reference;
        Self {
            from: fleet.period.start.day().to_string(),
            to: fleet.period.end.day_before().to_string(),
            histories: histories.drawn.len(),
            partial: histories.partial,
            events: reference.history.measures.events,
            pools: (0..reference.model.pools.len()).map(|pool| pool_summary(histories, pool)).collect(),
            jobs: job_summaries(histories, asked),
            services: services(histories),
            batch: batches(histories),
            sizes: sizes(histories),
            failures: failures(histories),
            server_downtime: Spread::of(histories, |drawn| {
                let down = &drawn.history.measures.down;
                (down.count() > 0).then(|| down.mean())
            }),
        }
    }
}

fn part(of: u128, all: u128) -> Option<f64> {
    (all > 0).then(|| of as f64 / all as f64)
}

fn pool_summary(histories: &Histories, pool: usize) -> PoolSummary {
    let accelerators = |drawn: &Drawn, day: fn(&[_]) -> Option<&_>| {
        let days: &Vec<Vec<gigawatt_engine::fleet::PoolDay>> = &drawn.history.measures.days;
        let day: Option<&Vec<gigawatt_engine::fleet::PoolDay>> = day(days);
        day.map(|pools| pools[pool].counts.iter().sum::<u64>() as f64)
    };
    let share = |state: State| {
        Spread::of(histories, move |drawn| {
            let of = &drawn.history.pools[pool];
            part(of.times[state as usize], of.online)
        })
    };
    PoolSummary {
        name: histories.reference.model.pools[pool].name.clone(),
        accelerators: [
            Spread::of(histories, |drawn| accelerators(drawn, <[_]>::first)),
            Spread::of(histories, |drawn| accelerators(drawn, <[_]>::last)),
        ],
        states: State::ALL
            .iter()
            .map(|(state, name)| StateShare { state: (*name).to_owned(), share: share(*state) })
            .collect(),
        exhausted: Spread::of(histories, |drawn| {
            part(u128::from(drawn.history.pools[pool].exhausted), u128::from(drawn.history.end))
        }),
        fragmentation: Spread::of(histories, |drawn| {
            let days = &drawn.history.measures.days;
            (!days.is_empty())
                .then(|| days.iter().map(|day| day[pool].fragmentation).sum::<f64>() / days.len() as f64)
        }),
    }
}

fn services(histories: &Histories) -> Vec<ServiceSummary> {
    let model = &histories.reference.model;
    let services = model.workloads.iter().filter(|workload| matches!(workload.kind, Kind::Service(_)));
    let of = |(at, workload): (usize, &gigawatt_engine::fleet::Workload)| {
        let measure = |drawn: &Drawn| drawn.history.measures.services.get(at).cloned();
        ServiceSummary {
            name: workload.name.clone(),
            title: workload.title.clone(),
            pool: model.pools[usize::from(workload.pool)].name.clone(),
            wanted: Spread::of(histories, |drawn| {
                part(measure(drawn)?.wanted_time, u128::from(drawn.history.end))
            }),
            availability: Spread::of(histories, |drawn| {
                let measure = measure(drawn)?;
                part(measure.serving_time, measure.wanted_time)
            }),
            lost: Spread::of(histories, |drawn| measure(drawn).map(|measure| measure.lost as f64)),
        }
    };
    services.enumerate().map(of).collect()
}

fn batches(histories: &Histories) -> Vec<BatchSummary> {
    let model = &histories.reference.model;
    let of = |(at, name): (usize, &str)| {
        let measure = |drawn: &Drawn| -> Option<(BatchMeasure, f64)> {
            let index = drawn.model.workloads.iter().position(|workload| workload.name == name)?;
            Some((drawn.history.measures.batch[index].clone(), *drawn.stands_for.get(at)?))
        };
        let number = |value: fn(&BatchMeasure) -> f64| {
            Spread::of(histories, move |drawn| Some(value(&measure(drawn)?.0)))
        };
        let quantile =
            |part: f64| Spread::of(histories, move |drawn| Some(measure(drawn)?.0.waits.quantile(part)));
        let workload = model.workloads.iter().find(|workload| workload.name == name);
        BatchSummary {
            name: name.to_owned(),
            title: workload.map(|workload| workload.title.clone()).unwrap_or_default(),
            pool: workload
                .map(|workload| model.pools[usize::from(workload.pool)].name.clone())
                .unwrap_or_default(),
            simulated: number(|measure| measure.submitted as f64),
            stands_for: Spread::of(histories, |drawn| drawn.stands_for.get(at).copied()),
            accelerator_hours: number(|measure| hours(measure.done)),
            lost: Spread::of(histories, |drawn| {
                let (measure, _) = measure(drawn)?;
                part(measure.lost, measure.lost + measure.done)
            }),
            killed: Spread::of(histories, |drawn| {
                let (measure, _) = measure(drawn)?;
                (measure.done > 0).then(|| measure.killed as f64 / hours(measure.done) * 1e6)
            }),
            preempted: number(|measure| measure.preempted as f64),
            wait: WaitSummary {
                mean: number(|measure| measure.waits.mean()),
                p50: quantile(0.5),
                p90: quantile(0.9),
                p99: quantile(0.99),
            },
        }
    };
    let names = model
        .workloads
        .iter()
        .filter(|workload| workload.kind == Kind::Batch)
        .map(|workload| workload.name.as_str());
    names.enumerate().map(of).collect()
}

fn sizes(histories: &Histories) -> Vec<SizeSummary> {
    let summary = |size: usize| {
        let of = move |drawn: &Drawn| drawn.history.measures.sizes[size];
        SizeSummary {
            accelerators: (1_u64 << size) as f64,
            hours: Spread::of(histories, move |drawn| Some(hours(of(drawn).time))),
            interruptions: Spread::of(histories, move |drawn| Some(of(drawn).interruptions as f64)),
            mean_time: Spread::of(histories, move |drawn| {
                let of = of(drawn);
                (of.interruptions > 0).then(|| hours(of.time) * 3600.0 / of.interruptions as f64)
            }),
        }
    };
    let ran = |size: &usize| histories.reference.history.measures.sizes[*size].time > 0;
    (0..histories.reference.history.measures.sizes.len()).filter(ran).map(summary).collect()
}

fn hours(time: u128) -> f64 {
    time as f64 * 1e-9 / 3600.0
}

fn failures(histories: &Histories) -> Vec<FailureSummary> {
    let causes = histories.reference.model.causes_of_loss();
    let counted = histories.reference.history.measures.failures.len();
    let mut failures: Vec<FailureSummary> = causes[..counted]
        .iter()
        .enumerate()
        .map(|(at, (cause, title))| FailureSummary {
            cause: (*cause).to_owned(),
            title: (*title).to_owned(),
            count: Spread::of(histories, |drawn| {
                drawn.history.measures.failures.get(at).map(|count| *count as f64)
            }),
        })
        .collect();
    failures.sort_by(|one, other| {
        let count = |of: &FailureSummary| of.count.reference.unwrap_or(0.0);
        count(other).total_cmp(&count(one))
    });
    failures
}

/// A time of a history as a number of days from its start.
pub(super) fn days(time: u64) -> f64 {
    seconds(time) / seconds(DAY)
}
