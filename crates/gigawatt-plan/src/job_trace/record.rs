//! One job of a trace.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::NameId;

/// What tells jobs of a trace apart: `123`, task 4 of an array `123_4`, component 1 of a heterogeneous job `123+1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId {
    /// Number of the job, or of the array or heterogeneous job that it belongs to.
    pub number: u64,
    /// Task of an array.
    pub task: Option<u32>,
    /// Component of a heterogeneous job.
    pub component: Option<u32>,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// It ended by itself, without an error.
    Completed,
    /// It ended with an error, out of memory too.
    Failed,
    /// A user or an administrator ended it.
    Cancelled,
    /// It reached its limit of time or its deadline.
    TimedOut,
    /// A server failed or did not boot.
    NodeFail,
    /// Another job took its place.
    Preempted,
    /// The trace does not say, or the job had not ended.
    Unknown,
}

impl JobState {
    /// All, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOut,
        Self::NodeFail,
        Self::Preempted,
        Self::Unknown,
    ];

    /// How people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::NodeFail => "server failed",
            Self::Preempted => "preempted",
            Self::Unknown => "not known",
        }
    }
}

/// In what the size of a job is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SizeUnit {
    /// Processors, as the Standard Workload Format counts, whatever they are.
    Processors,
    /// Accelerators: `gres/gpu` of Slurm.
    Accelerators,
}

impl SizeUnit {
    /// Several of them, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Processors => "processors",
            Self::Accelerators => "accelerators",
        }
    }
}

/// A job as a trace records it; what it does not say is `None`.
///
/// Nothing is corrected: a job may start before it was submitted. [`Quality`](super::Quality) counts such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Which job.
    pub id: JobId,
    /// When it was submitted, in seconds on the clock of the trace ([`TraceHeader::origin`](super::TraceHeader)).
    pub submit: i64,
    /// When it started, on the same clock.
    pub start: Option<i64>,
    /// When it ended, on the same clock.
    pub end: Option<i64>,
    /// How long it ran, in seconds; `None` of a job that never started or had not ended.
    pub run: Option<u64>,
    /// The limit of time that was asked for, in seconds; `None` where there was none too.
    pub requested: Option<u64>,
    /// Processors that it had, or asked for where it never had any.
    pub processors: Option<u64>,
    /// Accelerators that it had, or asked for where it never had any; 0 where the trace lists resources without any.
    pub accelerators: Option<u64>,
    /// Servers that it had or asked for.
    pub servers: Option<u64>,
    /// Whose it was, in [`JobReader::users`](super::JobReader::users).
    pub user: Option<NameId>,
    /// Partition, else queue, in [`JobReader::pools`](super::JobReader::pools).
    pub pool: Option<NameId>,
    /// Priority that the scheduler gave it.
    pub priority: Option<u64>,
    /// How it ended.
    pub state: JobState,
}

impl JobRecord {
    /// Its size in a unit.
    pub fn size(&self, unit: SizeUnit) -> Option<u64> {
        match unit {
            SizeUnit::Processors => self.processors,
            SizeUnit::Accelerators => self.accelerators,
        }
    }

    /// Seconds from submission to start; negative where it started before it was submitted.
    pub fn wait(&self) -> Option<i64> {
        self.start.map(|start| start.saturating_sub(self.submit))
    }

    /// Size × run time, in unit-seconds.
    pub fn work(&self, unit: SizeUnit) -> Option<u128> {
        Some(u128::from(self.size(unit)?) * u128::from(self.run?))
    }
}
