//! The deployment that serves a demand within a promise for the least: of systems, layouts, budgets of tokens, batches, and
//! prompts together with answers or apart from them.
//!
//! ```text
//! least  accelerators · weight      with   TTFT <= promise, TPOT <= promise, memory >= weights + caches
//! weight = price of an hour, 1, or power
//! ```
//!
//! Every design of a declared [`SizingSpace`] is priced in the steady state ([`survey`](search)): the greatest batch that keeps the
//! promise is found by bisection, for both times grow with it, and what it serves is the most that the design can. Designs are
//! taken in the order of what the demand takes of them at least, so that the first whose bound is not below what was
//! found ends the search (Land and Doig 1960). Requests come at random and not one for each that ends: how many replicas keep
//! the promise then is estimated by a queue ([`sharing`]).

mod asked;
mod design;
mod estimate;
mod front;
mod search;
mod sharing;
mod space;
#[cfg(test)]
mod tests;
mod worker;

use gigawatt_plan::world::Observer;
use rayon::prelude::*;

pub use asked::{Choice, Objective, Promise, SizingAsked};
pub use design::{Counts, Design, Out, Part, Reason, Units, WorkerDesign};
pub use front::{FrontPoint, Fronts};
pub use space::{Arrangements, SizingSpace};

use super::coefficients::ServingCoefficients;
use super::laws::ServingLaws;
use crate::Cancelled;
use estimate::{Estimate, arranged, estimate};
use search::{Ground, survey};
use worker::one_by_one;

/// Designs that are kept of each part beside those that are wanted, and how much worse others may be and still be looked at.
const KEPT: usize = 8;
const SLACK: f64 = 1.25;

/// A design with how many of it there are and what users see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sized {
    /// Index of the choice.
    pub choice: usize,
    /// The design.
    pub design: Design,
    /// How many.
    pub units: Units,
    /// Accelerators in all.
    pub accelerators: u64,
    /// Requests per second that they serve: the demand, or the most within the promise.
    pub rate: f64,
    /// Time to the first token, s, of the requests for which the promise holds.
    pub first_token: f64,
    /// Time of each further token, s, likewise.
    pub each_token: f64,
    /// US dollars for each output token.
    pub cost: f64,
    /// Joules for each output token.
    pub energy: f64,
    /// Output tokens per second and accelerator.
    pub throughput: f64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizing {
    /// The best designs that differ in layouts or choice, best first.
    pub best: Vec<Sized>,
    /// Layouts that serve nothing, in the order of the space.
    pub out: Vec<Out>,
    /// What became of the designs of the space.
    pub counts: Counts,
}

/// Finds the best designs.
///
/// # Errors
/// Where the observer cancels it.
pub fn size(
    choices: &[Choice<'_>],
    asked: &SizingAsked,
    laws: &ServingLaws,
    observer: &dyn Observer,
) -> Result<Sizing, Cancelled> {
    let with = one_by_one(&laws.serving);
    let grounds = grounds(choices, asked, &with);
    let mut kept = (asked.number + KEPT, SLACK);
    loop {
        let survey = survey(&grounds, asked, kept, observer)?;
        let arranged = arranged(&survey.found, choices);
        let mut estimates: Vec<Estimate> =
            arranged.par_iter().filter_map(|one| estimate(&grounds[one.0], *one, asked)).collect();
        let value = |one: &Estimate| one.value(grounds[one.choice].weight, asked);
        estimates.sort_by(|a, b| value(a).total_cmp(&value(b)).then(a.share.total_cmp(&b.share)));
        // What was passed over may be better than what is left of the best once requests come at random.
        let worst = estimates.get(asked.number.saturating_sub(1)).or(estimates.last()).map(value);
        if worst.is_none_or(|worst| worst >= survey.passed) && survey.passed.is_finite() {
            kept = (usize::MAX, f64::INFINITY);
            continue;
        }
        let best = estimates.iter().take(asked.number).map(|one| sized(one, choices, asked)).collect();
        return Ok(Sizing { best, out: survey.out, counts: survey.counts });
    }
}

/// The fronts of throughput against speed in the steady state.
///
/// # Errors
/// Where the observer cancels it.
pub fn fronts(
    choices: &[Choice<'_>],
    asked: &SizingAsked,
    laws: &ServingLaws,
    observer: &dyn Observer,
) -> Result<Fronts, Cancelled> {
    let with = one_by_one(&laws.serving);
    front::fronts(&grounds(choices, asked, &with), asked, observer)
}

fn grounds<'a>(
    choices: &'a [Choice<'a>],
    asked: &SizingAsked,
    with: &'a ServingCoefficients,
) -> Vec<Ground<'a>> {
    choices.iter().map(|choice| Ground { choice, with, weight: asked.by.weight(&choice.hour) }).collect()
}

fn sized(one: &Estimate, choices: &[Choice<'_>], asked: &SizingAsked) -> Sized {
    let accelerators = one.design.accelerators(one.units);
    let tokens = one.rate * asked.request.output;
    #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
    let each = accelerators as f64 / tokens;
    let hour = choices[one.choice].hour;
    Sized {
        choice: one.choice,
        design: one.design,
        units: one.units,
        accelerators,
        rate: one.rate,
        first_token: one.seen.first_token,
        each_token: one.seen.each_token,
        cost: hour.price * each,
        energy: hour.power * each,
        throughput: 1.0 / each,
    }
}
