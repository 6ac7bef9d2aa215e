//! Spread: what the draws say of a result beyond three quantiles. Which inputs drive it, how probable it is to
//! exceed a value, and whether there are enough draws to say so.

mod convergence;
mod exceedance;
mod ranks;
mod sensitivity;

pub use convergence::{Convergence, Step, TOLERANCE};
pub use exceedance::{Exceedance, PROBABILITIES};
pub use sensitivity::Driver;

use gigawatt_plan::plan::{Plan, Query};
use rayon::prelude::*;

use crate::influence::Influence;
use crate::run::Table;

/// What a spread is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A headline: the table at this index of [`crate::Results::tables`].
    Table(usize),
    /// The value of the claim at this index of the plan's claims.
    Claim(usize),
}

impl Subject {
    /// How the subject is read.
    pub fn query<'a>(self, plan: &'a Plan, tables: &'a [Table]) -> Option<&'a Query> {
        match self {
            Self::Table(index) => tables.get(index).map(|table| &table.query),
            Self::Claim(index) => plan.claims.get(index)?.test.query(),
        }
    }
}

/// The spread of one result over the draws. Its lists are empty where the result does not exist in every draw,
/// as a ratio to nothing.
#[derive(Clone, Debug)]
pub struct Spread {
    /// What it is of.
    pub subject: Subject,
    /// The inputs that drive it, the strongest first.
    pub drivers: Vec<Driver>,
    /// How probable it is to exceed a value, the least value first.
    pub exceedance: Vec<Exceedance>,
    /// What growing numbers of draws say.
    pub convergence: Option<Convergence>,
}

/// A result to be described: what it is, its values in the order of the draws, and its inputs' influence.
pub(crate) struct Described<'a> {
    /// What it is.
    pub subject: Subject,
    /// Its values.
    pub values: &'a [f64],
    /// The influence of every input on it.
    pub influence: &'a [Influence],
}

/// The spreads of results; `memory` bounds what is kept of the drawn inputs at a time.
pub(crate) fn spreads(plan: &Plan, described: &[Described<'_>], memory: usize) -> Vec<Spread> {
    let values: Vec<&[f64]> = described.iter().map(|one| one.values).collect();
    let influences: Vec<&[Influence]> = described.iter().map(|one| one.influence).collect();
    let drivers = sensitivity::drivers(plan, &values, &influences, memory);
    described
        .par_iter()
        .zip(drivers)
        .map(|(one, drivers)| {
            let subject = one.subject;
            if one.values.is_empty() || one.values.iter().any(|value| !value.is_finite()) {
                return Spread { subject, drivers, exceedance: Vec::new(), convergence: None };
            }
            let mut sorted = one.values.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            let exceedance = exceedance::exceedance(&sorted);
            Spread { subject, drivers, exceedance, convergence: convergence::convergence(one.values) }
        })
        .collect()
}
