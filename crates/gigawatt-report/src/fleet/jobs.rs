//! Jobs on many servers over the histories of a fleet.

use gigawatt_engine::fleet::{Drawn, Elastic, Gang, GangHistory, Histories, Model, seconds};
use gigawatt_engine::reliability::Course;
use schemars::JsonSchema;
use serde::Serialize;

use super::summary::{FleetAsked, Spread, days};

/// A job on many servers.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct JobSummary {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its pool.
    pub pool: String,
    /// Accelerators of its largest part.
    pub accelerators: f64,
    /// Work between two checkpoints, in seconds.
    pub checkpoint_interval: Spread,
    /// Effective time: work that lasted over the time in which it held servers.
    pub goodput: Spread,
    /// The same over all time since it first worked, waiting without servers included.
    pub elapsed_goodput: Spread,
    /// Interruptions.
    pub interruptions: Spread,
    /// Mean time between them, in seconds.
    pub mean_time: Spread,
    /// Part of its work that is done at the end.
    pub progress: Spread,
    /// Days from the first day to when it is done, in the histories in which it is.
    pub done_after: Spread,
    /// Part of the histories with drawn inputs in which it is done by the end.
    pub done: Option<f64>,
    /// Part of the time that it held servers in which checkpoints stopped it.
    pub checkpoints: Spread,
    /// What it lost to which cause, the most first.
    pub losses: Vec<JobLoss>,
    /// Its effective time against the mean time between failures of a server, in the histories with drawn inputs.
    pub response: Vec<ResponsePoint>,
    /// What closed forms say of it; where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analytic: Option<Analytic>,
}

/// What a job lost to a cause, as parts of the time that it held servers.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct JobLoss {
    /// Name of the cause in paths.
    pub cause: String,
    /// Name for people.
    pub title: String,
    /// Interruptions.
    pub interruptions: Spread,
    /// Work that had to be done again.
    pub rework: Spread,
    /// Standing while nobody knew.
    pub stalled: Spread,
    /// Waiting for servers.
    pub waiting: Spread,
    /// Starting again.
    pub restarting: Spread,
}

/// A history as a point of the response of effective time to the rate of failures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ResponsePoint {
    /// Mean time between failures of a server by its constant rate, in seconds.
    pub server_interval: f64,
    /// Effective time.
    pub goodput: f64,
}

/// Closed forms of a job in the reference case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Analytic {
    /// Mean time between interruptions, in seconds.
    pub mean_time: f64,
    /// Effective time by Daly's exact form.
    pub exact: f64,
    /// Effective time by the linear formula; nothing where it does not hold.
    pub linear: Option<f64>,
    /// What the linear formula finds lost, where that is beyond its range.
    pub linear_lost: Option<f64>,
}

/// The jobs of the reference history, and of others those of the same name.
pub(super) fn job_summaries(histories: &Histories, asked: FleetAsked) -> Vec<JobSummary> {
    let model = &histories.reference.model;
    model.gangs().map(|(workload, gang)| job(histories, model, workload, gang, asked)).collect()
}

/// A job in a history, by its name.
fn found<'a>(drawn: &'a Drawn, name: &str) -> Option<(&'a GangHistory, &'a Gang)> {
    let gangs = drawn.model.gangs().zip(&drawn.history.gangs);
    gangs
        .into_iter()
        .find(|((workload, _), _)| drawn.model.workloads[*workload].name == name)
        .map(|((_, of), gang)| (gang, of))
}

fn job(histories: &Histories, model: &Model, workload: usize, gang: &Gang, asked: FleetAsked) -> JobSummary {
    let of = &model.workloads[workload];
    let name = of.name.as_str();
    let pool = &model.pools[usize::from(of.pool)];
    let spread = |value: fn(&GangHistory, &Drawn) -> Option<f64>| {
        Spread::of(histories, move |drawn| value(found(drawn, name)?.0, drawn))
    };
    let largest = gang.stages.iter().map(|stage| stage.servers).max().unwrap_or(0);
    let with: Vec<&GangHistory> =
        histories.drawn.iter().filter_map(|drawn| Some(found(drawn, name)?.0)).collect();
    let done = with.iter().filter(|gang| gang.ended.is_some()).count();
    JobSummary {
        name: name.to_owned(),
        title: of.title.clone(),
        pool: pool.name.clone(),
        accelerators: f64::from(largest) * f64::from(pool.structure.accelerators),
        checkpoint_interval: Spread::of(histories, |drawn| {
            Some(seconds(found(drawn, name)?.1.checkpoints.interval))
        }),
        goodput: spread(|gang, _| gang.goodput()),
        elapsed_goodput: spread(elapsed_goodput),
        interruptions: spread(|gang, _| Some(f64::from(gang.interruptions()))),
        mean_time: spread(|gang, drawn| gang.interval(drawn.history.end)),
        progress: spread(|gang, _| Some(gang.progress)),
        done_after: spread(|gang, _| gang.ended.map(days)),
        done: (!with.is_empty()).then(|| done as f64 / with.len() as f64),
        checkpoints: spread(|gang, _| share(gang.account.checkpoints, gang)),
        losses: losses(histories, model, name),
        response: response(histories, name),
        // One that can miss servers has no such form.
        analytic: (asked.analytic && gang.elastic == Elastic::Rigid)
            .then(|| analytic(model, usize::from(of.pool), gang, largest)),
    }
}

fn share(time: u128, gang: &GangHistory) -> Option<f64> {
    let held = gang.held();
    (held > 0).then(|| time as f64 / held as f64)
}

/// The part of the time since a job first worked that lasted, as if it had held its servers all along.
fn elapsed_goodput(gang: &GangHistory, drawn: &Drawn) -> Option<f64> {
    let goodput = gang.goodput()?;
    let all = gang.ended.unwrap_or(drawn.history.end).saturating_sub(gang.began?) as f64;
    let queued = gang.account.queued as f64;
    (all > 0.0).then(|| goodput * (1.0 - (queued / all).min(1.0)))
}

fn losses(histories: &Histories, model: &Model, name: &str) -> Vec<JobLoss> {
    let causes = model.causes_of_loss();
    let mut losses: Vec<JobLoss> = causes
        .iter()
        .enumerate()
        .map(|(at, (cause, title))| {
            let part = |value: fn(&gigawatt_engine::fleet::Loss) -> u128| {
                Spread::of(histories, move |drawn| {
                    let gang = found(drawn, name)?.0;
                    share(value(gang.account.losses.get(at)?), gang)
                })
            };
            JobLoss {
                cause: (*cause).to_owned(),
                title: (*title).to_owned(),
                interruptions: Spread::of(histories, move |drawn| {
                    Some(f64::from(found(drawn, name)?.0.account.losses.get(at)?.interruptions))
                }),
                rework: part(|loss| loss.rework),
                stalled: part(|loss| loss.stalled),
                waiting: part(|loss| loss.waiting),
                restarting: part(|loss| loss.restarting),
            }
        })
        .collect();
    losses.retain(|loss| loss.all() > 0.0);
    losses.sort_by(|one, other| other.all().total_cmp(&one.all()));
    losses
}

impl JobLoss {
    /// All of it in the reference history, or the mean where it has none.
    pub fn all(&self) -> f64 {
        let value = |spread: &Spread| spread.reference.or(spread.mean).unwrap_or(0.0);
        [&self.rework, &self.stalled, &self.waiting, &self.restarting].into_iter().map(value).sum()
    }
}

fn response(histories: &Histories, name: &str) -> Vec<ResponsePoint> {
    let point = |drawn: &Drawn| {
        let (gang, _) = found(drawn, name)?;
        let workload = drawn.model.workloads.iter().find(|workload| workload.name == name)?;
        let rate = drawn.model.pools[usize::from(workload.pool)].hazard.rate;
        Some(ResponsePoint { server_interval: 1.0 / rate, goodput: gang.goodput()? })
    };
    let mut points: Vec<ResponsePoint> = histories.drawn.iter().filter_map(point).collect();
    points.sort_by(|one, other| one.server_interval.total_cmp(&other.server_interval));
    points
}

/// Closed forms with the constant rate of servers: early failures, wear, outages of domains and waiting for spares are not
/// in them.
fn analytic(model: &Model, pool: usize, gang: &Gang, servers: u32) -> Analytic {
    let rate = f64::from(servers) * model.pools[pool].hazard.rate + 1.0 / gang.software_interval;
    let course = Course {
        rate,
        restart: seconds(model.operations.detection) + seconds(gang.restart),
        blocking: seconds(gang.checkpoints.blocking),
        lag: seconds(gang.checkpoints.delay),
    };
    let interval = seconds(gang.checkpoints.interval);
    let linear = course.linear(interval);
    Analytic {
        mean_time: course.mean_time(),
        exact: course.goodput(interval),
        linear: linear.ok(),
        linear_lost: linear.err().map(|out| out.lost),
    }
}
