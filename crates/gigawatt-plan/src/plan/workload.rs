//! What runs on a fleet beside the training runs of a plan.

use serde::{Deserialize, Serialize};

use super::{Curve, Input};
use crate::period::Moment;
use crate::quantity::{Count, Duration, Ratio};

/// Jobs of one kind on the accelerators of one system at one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Index of the system that it runs on.
    pub system: usize,
    /// Index of the site.
    pub site: usize,
    /// Higher goes first.
    pub priority: i32,
    /// Whose it is.
    pub team: Option<String>,
    /// Accelerators that it may hold at once; as many as there are unless said.
    pub quota: Option<Input<Count>>,
    /// What its jobs are.
    pub kind: WorkloadKind,
}

/// What the jobs of a workload are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadKind {
    /// Many jobs that come, run and end.
    Batch(BatchPlan),
    /// Replicas that run on.
    Service(ServicePlan),
    /// One job with a trainer and those that generate for it.
    Reinforcement(ReinforcementPlan),
}

/// Many jobs that come, run and end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchPlan {
    /// The cluster in the catalogue whose jobs they are like.
    pub like: String,
    /// How many come.
    pub demand: Demand,
    /// What those jobs were like.
    pub jobs: JobStatistics,
}

/// How many jobs of a batch workload come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// As many as ask for this part of the accelerator-time of their pool; may be above 1.
    Load(Input<Ratio>),
    /// So many in the fleet's period.
    Jobs(Input<Count>),
}

/// The jobs of a cluster, as published.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobStatistics {
    /// Mean run time of a job.
    pub run_time: Input<Duration>,
    /// Median run time.
    pub run_time_median: Input<Duration>,
    /// The longest.
    pub run_time_longest: Input<Duration>,
    /// Mean accelerators of a job.
    pub accelerators: Input<Count>,
    /// The median.
    pub accelerators_median: Input<Count>,
    /// The most.
    pub accelerators_largest: Input<Count>,
    /// How they ended, where that was published.
    pub outcomes: Option<JobOutcomes>,
}

/// How jobs ended: parts of their number and of their accelerator-time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobOutcomes {
    /// Jobs that ended well.
    pub completed_jobs: Input<Ratio>,
    /// Jobs that their users ended.
    pub cancelled_jobs: Input<Ratio>,
    /// Jobs that ended in an error, of their users or of the cluster.
    pub failed_jobs: Input<Ratio>,
    /// Accelerator-time of jobs that ended well.
    pub completed_time: Input<Ratio>,
    /// Accelerator-time of jobs that their users ended.
    pub cancelled_time: Input<Ratio>,
    /// Accelerator-time of jobs that ended in an error.
    pub failed_time: Input<Ratio>,
}

/// Replicas that run on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// Accelerators of one replica; at least one.
    pub replica: u32,
    /// Replicas that are asked for.
    pub replicas: Curve<Count>,
}

/// One job that learns from what it generates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReinforcementPlan {
    /// Accelerators of the trainer; at least one.
    pub accelerators: u32,
    /// Accelerators that generate for it beside those; 0 where the trainer's take turns.
    pub rollout: u32,
    /// When it starts.
    pub start: Moment,
    /// How long it takes if nothing is lost.
    pub work: Input<Duration>,
}
