//! What became of jobs, services and batch workloads.

use std::collections::BTreeMap;

use gigawatt_engine::fleet::{
    BatchMeasure, Drawn, Gang, GangHistory, Histories, Kind, Loss, Service, ServiceMeasure, Workload,
};
use gigawatt_engine::quantiles;
use gigawatt_plan::plan::Plan;

use super::sampled::{censored, names, sampled};
use super::{BatchSummary, JobSummary, LossSummary, ServiceSummary, seconds, share};
use crate::Value;

/// A job on many servers with what came of it.
#[derive(Clone, Copy)]
pub(crate) struct GangOf<'a> {
    pub workload: &'a Workload,
    pub model: &'a Gang,
    pub history: &'a GangHistory,
    /// Index of its pool.
    pub pool: u16,
    /// Accelerators of each of its servers.
    pub each: u128,
}

impl GangOf<'_> {
    /// Accelerator-nanoseconds that it held.
    pub fn held(&self) -> u128 {
        self.history.held() * self.each
    }

    /// The most accelerators that it wants.
    pub fn accelerators(&self) -> u64 {
        let servers = self.model.stages.iter().map(|stage| stage.servers).max().unwrap_or(0);
        u64::from(servers) * u64::try_from(self.each).unwrap_or(1)
    }
}

/// The jobs on many servers of a history.
pub(crate) fn gangs_of(drawn: &Drawn) -> impl Iterator<Item = GangOf<'_>> {
    drawn.model.gangs().zip(&drawn.history.gangs).map(|((index, model), history)| {
        let workload = &drawn.model.workloads[index];
        let each = drawn.model.pools[usize::from(workload.pool)].structure.accelerators;
        GangOf { workload, model, history, pool: workload.pool, each: u128::from(each) }
    })
}

/// A batch workload with what came of it.
#[derive(Clone, Copy)]
pub(crate) struct BatchOf<'a> {
    pub workload: &'a Workload,
    pub measure: &'a BatchMeasure,
    pub stands_for: f64,
    /// Index of its pool.
    pub pool: u16,
}

/// The batch workloads of a history.
pub(crate) fn batches(drawn: &Drawn) -> impl Iterator<Item = BatchOf<'_>> {
    let workloads = drawn.model.workloads.iter().zip(&drawn.history.measures.batch);
    workloads.filter(|(workload, _)| workload.kind == Kind::Batch).zip(&drawn.stands_for).map(
        |((workload, measure), stands_for)| BatchOf {
            workload,
            measure,
            stands_for: *stands_for,
            pool: workload.pool,
        },
    )
}

/// The services of a history.
pub(crate) fn services(drawn: &Drawn) -> impl Iterator<Item = (&Workload, &Service, &ServiceMeasure)> {
    let services = drawn.model.workloads.iter().filter_map(|workload| match &workload.kind {
        Kind::Service(service) => Some((workload, service)),
        Kind::Batch | Kind::Gang(_) => None,
    });
    services
        .zip(&drawn.history.measures.services)
        .map(|((workload, service), measure)| (workload, service, measure))
}

/// All server-nanoseconds of a loss.
pub(crate) fn all_held(loss: &Loss) -> u128 {
    loss.rework + loss.stalled + loss.waiting + loss.restarting
}

/// Parts of the time in which a job held servers: lasting, checkpoints, done again, standing, waiting, starting.
pub(crate) fn held(history: &GangHistory) -> Option<[f64; 6]> {
    let (loss, all) = (history.loss(), history.held());
    let account = &history.account;
    let parts =
        [account.productive, account.checkpoints, loss.rework, loss.stalled, loss.waiting, loss.restarting];
    (all > 0).then(|| parts.map(|part| share(part, all).unwrap_or(0.0)))
}

/// The reference history and the drawn ones.
fn every(histories: &Histories) -> impl Iterator<Item = &Drawn> {
    std::iter::once(&histories.reference).chain(&histories.drawn)
}

/// Looks for what has a name in a history: in some draws it may be missing.
#[derive(Clone, Copy)]
struct Find<'n> {
    name: &'n str,
    reinforcement: bool,
}

impl Find<'_> {
    fn gang<'a>(&self, drawn: &'a Drawn) -> Option<GangOf<'a>> {
        let wanted = |gang: &GangOf<'_>| {
            gang.model.reinforcement == self.reinforcement && gang.workload.name == self.name
        };
        gangs_of(drawn).find(wanted)
    }

    fn service<'a>(&self, drawn: &'a Drawn) -> Option<(&'a Workload, &'a Service, &'a ServiceMeasure)> {
        services(drawn).find(|(workload, ..)| workload.name == self.name)
    }

    fn batch<'a>(&self, drawn: &'a Drawn) -> Option<BatchOf<'a>> {
        batches(drawn).find(|batch| batch.workload.name == self.name)
    }
}

pub(super) fn jobs(plan: &Plan, histories: &Histories, reinforcement: bool) -> BTreeMap<String, JobSummary> {
    let wanted = move |gang: &GangOf<'_>| gang.model.reinforcement == reinforcement;
    let all =
        names(histories, |drawn| gangs_of(drawn).filter(wanted).map(|gang| gang.workload.name.as_str()));
    let summary = |name: String| {
        let find = Find { name: &name, reinforcement };
        let shown = every(histories).find_map(|drawn| find.gang(drawn))?;
        let value = |what: &dyn Fn(&Drawn, GangOf<'_>) -> Option<f64>| {
            sampled(histories, |drawn| what(drawn, find.gang(drawn)?))
        };
        let part = |part: usize| value(&|_, gang| Some(held(gang.history)?[part]));
        let drawn: Vec<bool> = histories
            .drawn
            .iter()
            .filter_map(|drawn| Some(find.gang(drawn)?.history.ended.is_some()))
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "histories are few")]
        let completed = (!drawn.is_empty())
            .then(|| drawn.iter().filter(|done| **done).count() as f64 / drawn.len() as f64);
        // Times of a history count from the start of the fleet's period.
        let before =
            plan.fleet.as_ref().map_or(0.0, |fleet| fleet.period.start.days()) - plan.period.start.days();
        let end = censored(histories, |drawn| {
            let ended = find.gang(drawn)?.history.ended;
            Some(ended.map(|ended| before * 86_400.0 + seconds(u128::from(ended))))
        });
        let job = JobSummary {
            title: shown.workload.title.clone(),
            accelerators: shown.accelerators(),
            goodput: part(0),
            interruptions: value(&|_, gang| Some(f64::from(gang.history.interruptions()))),
            time_between_interruptions: value(&|drawn, gang| gang.history.interval(drawn.history.end)),
            progress: value(&|_, gang| Some(gang.history.progress)),
            completed,
            end,
            queued: value(&|_, gang| Some(seconds(gang.history.account.queued))),
            checkpoints: part(1),
            rework: part(2),
            stalled: part(3),
            waiting: part(4),
            restarting: part(5),
            cause: causes(histories, find),
        };
        Some((name.clone(), job))
    };
    all.into_iter().filter_map(summary).collect()
}

/// What a job lost to every cause that cost it something in some history.
fn causes(histories: &Histories, find: Find<'_>) -> BTreeMap<String, LossSummary> {
    let known = histories.reference.model.causes_of_loss();
    let loss = |drawn: &Drawn, cause: usize| {
        let gang = find.gang(drawn)?;
        Some((*gang.history.account.losses.get(cause)?, gang.history.held()))
    };
    let matters = |cause: usize| {
        every(histories).any(|drawn| loss(drawn, cause).is_some_and(|(loss, _)| loss != Loss::default()))
    };
    let named = known.iter().enumerate().filter(|(cause, _)| matters(*cause));
    let summary = |(cause, (name, title)): (usize, &(&str, &str))| {
        let mut interruptions = Vec::new();
        let mut lost = Vec::new();
        for drawn in every(histories) {
            let found = loss(drawn, cause);
            interruptions.push(found.map(|(loss, _)| f64::from(loss.interruptions)));
            lost.push(found.and_then(|(loss, held)| share(all_held(&loss), held)));
        }
        let value = |all: &[Option<f64>]| {
            let mut sample: Vec<f64> = all[1..].iter().copied().flatten().collect();
            Value::new(quantiles(&mut sample), all[0])
        };
        let summary = LossSummary {
            title: (*title).to_owned(),
            interruptions: value(&interruptions),
            lost: value(&lost),
        };
        ((*name).to_owned(), summary)
    };
    named.map(summary).collect()
}

pub(super) fn service_summaries(histories: &Histories) -> BTreeMap<String, ServiceSummary> {
    let all = names(histories, |drawn| services(drawn).map(|(workload, ..)| workload.name.as_str()));
    let summary = |name: String| {
        let find = Find { name: &name, reinforcement: false };
        let (workload, service, _) = every(histories).find_map(|drawn| find.service(drawn))?;
        let value = |what: &dyn Fn(&Drawn, &ServiceMeasure) -> Option<f64>| {
            sampled(histories, |drawn| what(drawn, find.service(drawn)?.2))
        };
        let summary = ServiceSummary {
            title: workload.title.clone(),
            replica: service.accelerators,
            wanted: value(&|drawn, of| share(of.wanted_time, u128::from(drawn.history.end))),
            serving: value(&|drawn, of| share(of.serving_time, u128::from(drawn.history.end))),
            availability: value(&|_, of| share(of.serving_time, of.wanted_time)),
            #[expect(clippy::cast_precision_loss, reason = "replicas stay below 2^53")]
            lost: value(&|_, of| Some(of.lost as f64)),
        };
        Some((name.clone(), summary))
    };
    all.into_iter().filter_map(summary).collect()
}

#[expect(clippy::cast_precision_loss, reason = "jobs stay below 2^53")]
pub(super) fn batch_summaries(histories: &Histories) -> BTreeMap<String, BatchSummary> {
    let all = names(histories, |drawn| batches(drawn).map(|batch| batch.workload.name.as_str()));
    let summary = |name: String| {
        let find = Find { name: &name, reinforcement: false };
        let title = every(histories).find_map(|drawn| find.batch(drawn))?.workload.title.clone();
        let value =
            |what: &dyn Fn(BatchOf<'_>) -> Option<f64>| sampled(histories, |drawn| what(find.batch(drawn)?));
        // A wait of nobody does not exist.
        let wait = |part: f64| {
            value(&|batch| {
                let waits = &batch.measure.waits;
                (waits.count() > 0).then(|| waits.quantile(part))
            })
        };
        let summary = BatchSummary {
            title,
            stands_for: value(&|batch| Some(batch.stands_for)),
            submitted: value(&|batch| Some(batch.measure.submitted as f64 * batch.stands_for)),
            ended: value(&|batch| Some(batch.measure.ended as f64 * batch.stands_for)),
            wait_p50: wait(0.5),
            wait_p90: wait(0.9),
            wait_p99: wait(0.99),
            wait_mean: value(&|batch| {
                let waits = &batch.measure.waits;
                (waits.count() > 0).then(|| waits.mean())
            }),
            lost: value(&|batch| share(batch.measure.lost, batch.measure.done + batch.measure.lost)),
            killed: value(&|batch| Some(batch.measure.killed as f64)),
            preempted: value(&|batch| Some(batch.measure.preempted as f64)),
        };
        Some((name.clone(), summary))
    };
    all.into_iter().filter_map(summary).collect()
}
