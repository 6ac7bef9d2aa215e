//! The report on a trace's quality, as it is written to JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reader::TraceHeader;
use super::record::{JobState, SizeUnit};
use crate::trace::faults::LeftOut;

/// What a trace is worth before it is replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceQuality {
    /// What the trace says of itself.
    pub header: TraceHeader,
    /// In what sizes, loads and work are counted.
    pub unit: SizeUnit,
    /// Jobs read.
    pub jobs: u64,
    /// Rows that are steps or partial executions of a job which another row sums up.
    pub parts: u64,
    /// Lines left out, by cause.
    pub left_out: Vec<LeftOut>,
    /// Users, or accounts where the trace has no users; beyond 65,536 they are counted as one.
    pub users: u64,
    /// The time covered; none without jobs.
    pub span: Option<Span>,
    /// The order of submissions.
    pub order: Order,
    /// What is missing or impossible; what never occurs is not listed.
    pub findings: Vec<Finding>,
    /// How jobs ended; states without jobs are not listed.
    pub states: Vec<StateShare>,
    /// Sizes of jobs that have one above 0, in the unit.
    pub sizes: Percentiles,
    /// Run times, in seconds.
    pub runs: Percentiles,
    /// Limits that were asked for, in seconds.
    pub limits: Percentiles,
    /// Waits as recorded, in seconds; negative ones are not in it.
    pub waits: Percentiles,
    /// Run time over limit of jobs with both, in parts of a thousand.
    pub limit_used: Percentiles,
    /// All work that was asked for against capacity, where this is known.
    pub machine: Pool,
    /// The same by partition or queue, by work; the smallest of very many are put together.
    pub pools: Vec<Pool>,
}

/// The time that a trace covers, on its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The first submission, in seconds.
    pub first_submit: i64,
    /// The last submission, in seconds.
    pub last_submit: i64,
    /// The last end of a job, in seconds; the last submission where none is known or all are before it.
    pub last_end: i64,
}

impl Span {
    /// Seconds from the first submission to the last end.
    pub fn seconds(self) -> u64 {
        self.last_end.abs_diff(self.first_submit)
    }
}

/// How far submissions are from their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Jobs that were submitted before one that stands above them.
    pub rows: u64,
    /// By how much at most, in seconds.
    pub furthest: u64,
    /// Rows of the buffer by which a replay puts jobs into order.
    pub buffer: u64,
    /// Jobs that this buffer cannot put into order: the trace has to be sorted where there is one.
    pub beyond: u64,
}

/// Something that jobs lack or that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// Jobs that have it.
    pub jobs: u64,
    /// Line of the first, from 1.
    pub first_line: u64,
}

/// What may be amiss with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Its size is missing.
    SizeMissing,
    /// Its size is 0: of a job with `sacct` it had no accelerator.
    SizeZero,
    /// It is larger than its pool or the machine.
    LargerThanPool,
    /// Its run time is missing, or it has not ended.
    RunMissing,
    /// It ran for 0 seconds.
    RunZero,
    /// It has no limit of time.
    LimitMissing,
    /// It ran for more than a minute beyond its limit.
    LongerThanLimit,
    /// It ended before it started.
    EndBeforeStart,
    /// It started before it was submitted.
    StartBeforeSubmit,
    /// The times of start and end are more than a minute from the run time: suspended, run again, or a change of clocks.
    RunDiffers,
    /// Its id was in one of the last 65,536 jobs too: run again, or written twice.
    IdRepeated,
    /// It was submitted before a job that stands above it.
    OutOfOrder,
}

impl FindingKind {
    /// All, in the order of reports.
    pub const ALL: [Self; 12] = [
        Self::SizeMissing,
        Self::SizeZero,
        Self::LargerThanPool,
        Self::RunMissing,
        Self::RunZero,
        Self::LimitMissing,
        Self::LongerThanLimit,
        Self::EndBeforeStart,
        Self::StartBeforeSubmit,
        Self::RunDiffers,
        Self::IdRepeated,
        Self::OutOfOrder,
    ];

    /// How people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::SizeMissing => "size missing",
            Self::SizeZero => "size 0",
            Self::LargerThanPool => "larger than the pool",
            Self::RunMissing => "run time missing, or not ended",
            Self::RunZero => "run time 0",
            Self::LimitMissing => "no limit of time",
            Self::LongerThanLimit => "ran beyond the limit",
            Self::EndBeforeStart => "ended before the start",
            Self::StartBeforeSubmit => "started before submission",
            Self::RunDiffers => "run time is not end less start",
            Self::IdRepeated => "id repeated",
            Self::OutOfOrder => "submitted out of order",
        }
    }
}

/// Jobs and work that ended in one way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateShare {
    /// How.
    pub state: JobState,
    /// Jobs.
    pub jobs: u64,
    /// Their share of all jobs.
    pub job_share: f64,
    /// Their share of all work, size × run time.
    pub work_share: f64,
}

/// A distribution. Quantiles are right to 1.6 %, the mean and the largest value exact; none without values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// Values.
    pub count: u64,
    /// Their mean.
    pub mean: Option<f64>,
    /// Exceeded by nine of ten.
    pub p10: Option<u64>,
    /// The median.
    pub p50: Option<u64>,
    /// Exceeded by one of ten.
    pub p90: Option<u64>,
    /// Exceeded by one of a hundred.
    pub p99: Option<u64>,
    /// The largest.
    pub max: Option<u64>,
}

/// Work that was asked of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pool {
    /// Its name in the trace.
    pub name: String,
    /// Jobs.
    pub jobs: u64,
    /// Its capacity in the unit: as it was said, else the machine's as the header of the trace has it.
    pub capacity: Option<u64>,
    /// Work in unit-seconds: size × run time over its jobs.
    pub work: f64,
    /// Units that this keeps busy on average over the time covered.
    pub mean_busy: Option<f64>,
    /// Work over capacity × time covered.
    pub load: Option<f64>,
    /// The week in which most work was submitted.
    pub peak: Option<WeekLoad>,
    /// Work by the week in which it was submitted, counted from the day of the first job of the file; only of the machine as a whole.
    pub weeks: Vec<WeekLoad>,
}

/// Work submitted in a week.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WeekLoad {
    /// When the week starts, in seconds on the clock of the trace.
    pub start: i64,
    /// Work in unit-seconds.
    pub work: f64,
    /// Work over capacity × a week.
    pub load: Option<f64>,
}
