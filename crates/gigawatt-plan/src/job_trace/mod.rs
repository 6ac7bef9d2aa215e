//! Records of jobs that ran on a cluster, read as a stream: the Standard Workload Format and `sacct -P`.
//!
//! A trace is read line by line in constant memory: a [`JobReader`] gives one [`JobRecord`] after another, leaves out
//! lines that cannot be read, counts them by [`Cause`] and keeps the first of each as a diagnostic with its
//! characters. [`Reordered`] puts records into the order in which they were submitted, [`Quality`] looks at every
//! record once and says what a trace is worth before it is replayed. [`FailureReader`] reads failures to inject.

mod failures;
mod names;
mod quality;
mod reader;
mod record;
mod reorder;
mod report;
mod sacct;
mod swf;
mod time;
mod window;

pub use crate::trace::{Cause, LeftOut, LogHistogram, OpenError};
pub use failures::{FailureReader, FailureRecord, FailureTarget, FailureTime, ServerName};
pub use names::{NameId, Names};
pub use quality::{Capacity, Quality};
pub use reader::{JobReader, TraceFormat, TraceHeader};
pub use record::{JobId, JobRecord, JobState, SizeUnit};
pub use reorder::{OutOfOrder, Reordered};
pub use report::{Finding, FindingKind, Order, Percentiles, Pool, Span, StateShare, TraceQuality, WeekLoad};
