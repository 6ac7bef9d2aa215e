//! What a run of a deployment gives.

use super::batches::Batches;
use super::course::{Course, Level, Point};
use super::simulation::{ReplicaState, STATES};
use super::statistics::{Group, Metric};
use crate::fleet::Time;
use crate::serving::replica::{Outcome, Refusal, Work};

/// How a request ended, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// As users saw it: from its first arrival, with the times of its last attempt. Of a request that was prefilled elsewhere, with
    /// both.
    pub outcome: Outcome,
    /// The replica, numbered through all classes; that which decodes where two worked on it. None where it reached none.
    pub replica: Option<u32>,
    /// The replica that prefilled it, where that was another.
    pub prefilled_by: Option<u32>,
    /// How often it began.
    pub attempts: u8,
    /// Its priority.
    pub priority: u8,
    /// Whether it was answered and met all targets.
    pub good: bool,
}

/// Requests by how they ended. Whatever is measured, all are counted:
///
/// ```text
/// offered = done + refused + lost + in flight
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// That arrived.
    pub offered: u64,
    /// That were answered.
    pub done: u64,
    /// That were refused, by reason, in the order of reasons. A full front counts as [`Refusal::Queue`].
    pub refused: Vec<(Refusal, u64)>,
    /// That were lost with their replica.
    pub lost: u64,
    /// That had not ended, those held because no replica took them included.
    pub in_flight: u64,
    /// Of these, such as were held.
    pub held: u64,
    /// Times that a request began again because its replica was lost.
    pub retried: u64,
}

impl Counts {
    /// That were refused, for any reason.
    pub fn all_refused(&self) -> u64 {
        self.refused.iter().map(|(_, count)| count).sum()
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        match self.refused.binary_search_by_key(&refusal, |(reason, _)| *reason) {
            Ok(at) => self.refused[at].1 += 1,
            Err(at) => self.refused.insert(at, (refusal, 1)),
        }
    }
}

/// What became of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassResult {
    /// Requests that it answered, or decoded, and that are measured.
    pub answered: Group,
    /// Requests that were routed to it, retries included.
    pub routed: u64,
    /// What its engines did.
    pub work: Work,
    /// Replica-nanoseconds in each state, by [`ReplicaState`].
    pub times: [u128; STATES],
    /// Engines of a replica.
    pub engines: u32,
    /// Replicas that are ready, over time.
    pub ready: Course<Level>,
    /// Replicas that start, are ready or finish what they have, over time.
    pub present: Course<Level>,
}

impl ClassResult {
    /// Replica-nanoseconds in a state.
    pub fn time(&self, state: ReplicaState) -> u128 {
        self.times[state as usize]
    }

    /// Replica-nanoseconds for which accelerators are held: while it starts, is ready, or finishes what it has.
    pub fn present_time(&self) -> u128 {
        [ReplicaState::Starting, ReplicaState::Ready, ReplicaState::Draining]
            .map(|state| self.time(state))
            .iter()
            .sum()
    }

    /// Share of the time in which engines were there to work that they spent in iterations; `None` where there were none.
    pub fn utilisation(&self) -> Option<f64> {
        let there =
            (self.time(ReplicaState::Ready) + self.time(ReplicaState::Draining)) * u128::from(self.engines);
        (there > 0).then(|| self.work.busy() as f64 / there as f64)
    }
}

/// What ended from the start of what is measured on, whenever it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Requests that were answered.
    pub requests: u64,
    /// Of these, such as met all targets.
    pub good: u64,
    /// Tokens of their prompts.
    pub prompt_tokens: u64,
    /// Tokens of their answers.
    pub output_tokens: u64,
}

/// What became of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterResult {
    /// When the last request ended, or the run was stopped.
    pub end: Time,
    /// From when on requests are measured.
    pub measured_from: Time,
    /// Whether whoever watched stopped it.
    pub partial: bool,
    /// All requests.
    pub counts: Counts,
    /// What ended while measured.
    pub rates: Rates,
    /// Measured requests that were refused or lost.
    pub failed: u64,
    /// Measured requests that were answered, by priority.
    pub by_priority: Vec<(u8, Group)>,
    /// The same by order of arrival.
    pub batches: Batches,
    /// Classes in their order.
    pub classes: Vec<ClassResult>,
    /// What happened over time.
    pub course: Course<Point>,
}

impl ClusterResult {
    /// All measured requests that were answered.
    pub fn all(&self) -> Group {
        let mut all = Group::default();
        self.by_priority.iter().for_each(|(_, group)| all.merge(group));
        all
    }

    /// A number for each second of what is measured; `None` where that is no time.
    pub fn per_second(&self, number: u64) -> Option<f64> {
        let time = self.end.saturating_sub(self.measured_from);
        (time > 0).then(|| number as f64 * 1e9 / time as f64)
    }

    /// Share of the measured requests that have ended that met all targets; `None` of none.
    pub fn good_share(&self) -> Option<f64> {
        let (ended, good) = self
            .by_priority
            .iter()
            .fold((self.failed, 0), |(ended, good), (_, group)| (ended + group.requests, good + group.good));
        (ended > 0).then(|| good as f64 / ended as f64)
    }

    /// Mean of a metric in seconds; `None` of none.
    pub fn mean(&self, metric: Metric) -> Option<f64> {
        self.all().times(metric).mean().map(|time| time * 1e-9)
    }
}
