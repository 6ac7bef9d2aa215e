//! A served model as data, tables and drawings: what users see of it, what it does, what it costs.

mod charts;
mod course;
mod requests;
mod summary;

pub use course::CourseSummary;
pub use requests::RequestTable;
pub use summary::{
    Costs, DistributionSummary, GoodputSummary, MemorySummary, PrioritySummary, ReplicaClassSummary,
    RequestCounts, ServeAsked, ServeSummary, Served, Targets, Throughput,
};
