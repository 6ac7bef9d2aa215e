//! What is known of a history when it is over.

use super::gang::{Account, Activity, Gang, Loss};
use super::measures::Measures;
use super::model::{Kind, Model};
use super::pool::Pool;
use super::queue::{Time, seconds};
use super::simulation::Extra;
use super::tally::STATES;

/// One course that the fleet could take.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// How far it went.
    pub end: Time,
    /// Whether it was ended before its time.
    pub partial: bool,
    /// Every pool, in the order of the model.
    pub pools: Vec<PoolHistory>,
    /// Every gang, in the order of the workloads.
    pub gangs: Vec<GangHistory>,
    /// Everything else that was counted.
    pub measures: Measures,
}

/// A pool over a history.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolHistory {
    /// Accelerator-nanoseconds by state, in the order of [`State::ALL`](super::State::ALL).
    pub times: [u128; STATES],
    /// Accelerator-nanoseconds online.
    pub online: u128,
    /// Nanoseconds in which a gang waited for a server and none was free.
    pub exhausted: Time,
    /// Jobs that wait at the end.
    pub waiting: usize,
}

/// A job on many servers over a history.
#[derive(Clone, Debug, PartialEq)]
pub struct GangHistory {
    /// Index of its workload.
    pub workload: usize,
    /// Where its time went.
    pub account: Account,
    /// When it first worked.
    pub began: Option<Time>,
    /// When it was done.
    pub ended: Option<Time>,
    /// Part of its work that is done.
    pub progress: f64,
    /// What it did from when on, and to what cause it lost time.
    pub course: Vec<(Time, Activity, usize)>,
}

impl Model {
    /// Causes of losses with their names in paths and for people: those of servers and software, domains, and the
    /// simulator's own.
    pub fn causes_of_loss(&self) -> Vec<(&str, &str)> {
        let causes = self.causes.iter().map(|cause| (cause.name.as_str(), cause.title.as_str()));
        let domains =
            self.operations.domains.iter().map(|domain| (domain.name.as_str(), domain.title.as_str()));
        causes.chain(domains).chain(Extra::ALL.iter().map(|(_, name)| (*name, *name))).collect()
    }

    /// The workloads that are gangs, in their order.
    pub fn gangs(&self) -> impl Iterator<Item = (usize, &super::model::Gang)> {
        self.workloads.iter().enumerate().filter_map(|(index, workload)| match &workload.kind {
            Kind::Gang(gang) => Some((index, gang)),
            Kind::Batch | Kind::Service(_) => None,
        })
    }
}

impl GangHistory {
    /// Interruptions of all causes but the first start, changes of size and what it was asked for.
    pub fn interruptions(&self) -> u32 {
        self.account.losses.iter().map(|loss| loss.interruptions).sum()
    }

    /// Sum of what it lost to all causes.
    pub fn loss(&self) -> Loss {
        let mut sum = Loss::default();
        for loss in &self.account.losses {
            sum.rework += loss.rework;
            sum.stalled += loss.stalled;
            sum.waiting += loss.waiting;
            sum.restarting += loss.restarting;
            sum.interruptions += loss.interruptions;
        }
        sum
    }

    /// Server-nanoseconds that it held.
    pub fn held(&self) -> u128 {
        let loss = self.loss();
        self.account.productive
            + self.account.checkpoints
            + loss.rework
            + loss.stalled
            + loss.waiting
            + loss.restarting
    }

    /// Effective training time: what lasted over all the time in which it held servers. Nothing where it held none.
    pub fn goodput(&self) -> Option<f64> {
        let held = self.held();
        (held > 0).then(|| self.account.productive as f64 / held as f64)
    }

    /// Mean time in seconds between interruptions while it held its servers; nothing where there was none.
    pub fn interval(&self, until: Time) -> Option<f64> {
        let began = self.began?;
        let count = self.interruptions();
        let time =
            self.ended.unwrap_or(until).saturating_sub(began).saturating_sub(self.account.queued as Time);
        (count > 0).then(|| seconds(time) / f64::from(count))
    }
}

pub(super) fn collect(
    model: &Model,
    end: Time,
    partial: bool,
    pools: Vec<Pool>,
    gangs: Vec<Gang>,
    measures: Measures,
) -> History {
    let pools = pools.iter().map(|pool| PoolHistory {
        times: pool.tally.times(),
        online: pool.tally.online_time(),
        exhausted: pool.exhausted,
        waiting: pool.backlog.len(),
    });
    let gangs = gangs.into_iter().zip(model.gangs()).map(|(gang, (workload, of))| {
        let all: f64 = of.stages.iter().map(|stage| seconds(stage.work)).sum();
        let later = of.stages.iter().skip(gang.stage + 1).map(|stage| seconds(stage.work)).sum::<f64>();
        let left = seconds(gang.rest) + later;
        GangHistory {
            workload,
            account: gang.account,
            began: gang.began,
            ended: gang.ended,
            progress: if gang.ended.is_some() || all <= 0.0 {
                1.0
            } else {
                (1.0 - left / all).clamp(0.0, 1.0)
            },
            course: gang.course,
        }
    });
    History { end, partial, pools: pools.collect(), gangs: gangs.collect(), measures }
}
