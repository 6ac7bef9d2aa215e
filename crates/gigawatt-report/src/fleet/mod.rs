//! What a fleet goes through, as data: pools, jobs, services and failures over its histories.

mod jobs;
mod summary;

pub use jobs::{Analytic, JobLoss, JobSummary, ResponsePoint};
pub use summary::{
    BatchSummary, FailureSummary, FleetAsked, FleetSummary, PoolSummary, ServiceSummary, SizeSummary, Spread,
    StateShare, WaitSummary,
};
