//! The sections of a scenario about its fleet in operation.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::sections::Point;
use crate::fact::Written;
use crate::period::Period;
use crate::text::{Span, Spanned};

/// `[fleet]`.
#[derive(Clone, Debug)]
pub struct FleetSection {
    /// Where it stands.
    pub span: Span,
    /// What is simulated.
    pub period: Option<Spanned<Period>>,
    /// Number of histories.
    pub histories: Option<u32>,
    /// Seed.
    pub seed: Option<u64>,
    /// The catalogue's operations that give defaults.
    pub operations: Option<Spanned<String>>,
    /// The catalogue's experience with failures that gives their causes.
    pub reliability: Option<Spanned<String>>,
    /// Which jobs may overtake others.
    pub backfill: Option<Spanned<String>>,
    /// Whether lower priorities make room.
    pub preemption: Option<bool>,
    /// How checkpoints are written.
    pub checkpoint: Option<Spanned<String>>,
    /// The rule of how often they are.
    pub interval_rule: Option<Spanned<String>>,
    /// Single values by field name, how often checkpoints are written among them.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// `[[workload]]`.
#[derive(Clone, Debug)]
pub struct WorkloadSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// What its jobs are.
    pub kind: Option<Spanned<String>>,
    /// The system in the catalogue.
    pub system: Option<Spanned<String>>,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// Higher goes first.
    pub priority: Option<i32>,
    /// Whose it is.
    pub team: Option<String>,
    /// The cluster whose jobs they are like.
    pub like: Option<Spanned<String>>,
    /// Accelerators of one replica.
    pub replica: Option<Spanned<u32>>,
    /// Replicas over time.
    pub replicas: Vec<Point>,
    /// Accelerators of a trainer.
    pub accelerators: Option<Spanned<u32>>,
    /// Accelerators that generate for it.
    pub rollout: Option<Spanned<u32>>,
    /// Its first day.
    pub start: Option<Spanned<Date>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}
