//! Scenarios, the fact catalogue and resolved plans.
//!
//! Data flows one way: a text becomes a [`Scenario`](scenario::Scenario), which keeps every place; with the
//! [`Catalogue`](catalog::Catalogue) it resolves to a [`Plan`](plan::Plan), in which every name is looked up,
//! every default filled and every number an input with provenance. This crate touches no file, clock, random
//! number or terminal: texts come through [`World`](world::World), mistakes leave as
//! [`Diagnostic`](text::Diagnostic)s.

pub mod catalog;
pub mod coefficients;
pub mod distribution;
pub mod fact;
pub mod job_trace;
pub mod period;
pub mod plan;
pub mod quantity;
pub mod request_trace;
pub mod resolve;
pub mod scenario;
pub mod serving;
pub mod text;
pub mod time_series;
mod trace;
pub mod training;
pub mod vary;
pub mod weather;
pub mod world;

pub use resolve::{Options, Resolved, load};
