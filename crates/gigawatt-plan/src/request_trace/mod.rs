//! Requests that came to a served model, read as a stream: Azure's CSV, Mooncake's lines of JSON, BurstGPT's CSV and a
//! plain CSV.
//!
//! A trace is read line by line in constant memory. A [`RequestReader`] gives the rows in the order of the file, leaves
//! out lines that cannot be read, counts them by [`Cause`] and keeps the first of each as a diagnostic with its
//! characters. [`Ordered`] gives the requests in the order of their arrival, [`Replay`] a part of them, faster or slower
//! and several times over. [`RequestQuality`] says what a trace holds: rates, gaps, lengths, and how much of the prompts
//! a cache of prefixes could share.

mod csv;
mod distinct;
mod format;
mod json;
mod number;
mod order;
mod quality;
mod reader;
mod record;
mod replay;
mod tokens;

pub use crate::trace::{Cause, LeftOut, OpenError};
pub use format::RequestFormat;
pub use order::{Ordered, OutOfOrder};
pub use quality::{BlockReuse, Gaps, Order, Quality, RequestQuality, Span};
pub use reader::{RequestHeader, RequestReader};
pub use record::{Finding, FindingKind, RequestRecord, RequestRow};
pub use replay::{Replay, ReplayError, ReplayOptions, TimeScale};
pub use tokens::{TokenCounts, TokenPercentiles};
