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
mod proof;
mod search;
mod sharing;
mod space;
#[cfg(test)]
mod tests;
mod trial;
mod worker;

use gigawatt_plan::world::Observer;
use rayon::prelude::*;

pub use asked::{Choice, Objective, Promise, SizingAsked};
pub use design::{Counts, Design, Out, Part, Reason, Units, WorkerDesign};
pub use front::{FrontPoint, Fronts};
pub use space::{Arrangements, SizingSpace};
pub use trial::Simulated;

use super::coefficients::ServingCoefficients;
use super::laws::ServingLaws;
use crate::Cancelled;
use estimate::{Estimate, arranged, estimate};
use proof::{Proof, Prover};
use search::{Ground, Survey, survey};
use worker::one_by_one;

/// Designs that are kept of each part beside those that are wanted, and how much worse others may be and still be looked at.
const KEPT: usize = 8;
const SLACK: f64 = 1.25;
/// Designs that are simulated side by side, and in all.
const SIDE_BY_SIDE: usize = 2;
const MOST_SIMULATED: usize = 16;

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
    /// The simulation that shows it; none where it is estimated, as it cannot be the best.
    pub simulated: Option<Simulated>,
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
        let (mut best, mut counts) = simulated(&survey, &grounds, asked, observer)?;
        // What was passed over may be better than the best is once requests come at random.
        let value = best.first().map(|(value, _)| *value);
        if value.is_none_or(|value| value >= survey.passed) && survey.passed.is_finite() {
            kept = (usize::MAX, f64::INFINITY);
            continue;
        }
        counts.add(&survey.counts);
        best.truncate(asked.number);
        let best = best.into_iter().map(|(_, one)| one).collect();
        return Ok(Sizing { best, out: survey.out, counts });
    }
}

/// Simulates designs in the order of their bounds until none is left that could be better, and puts them in order: those that
/// were simulated by what that showed, the others by an estimate.
fn simulated(
    survey: &Survey,
    grounds: &[Ground<'_>],
    asked: &SizingAsked,
    observer: &dyn Observer,
) -> Result<(Vec<(f64, Sized)>, Counts), Cancelled> {
    let estimates: Vec<Estimate> = arranged(&survey.found, grounds.len())
        .par_iter()
        .filter_map(|one| estimate(&grounds[one.0], *one, asked))
        .collect();
    let mut counts = Counts::default();
    let mut best: Vec<(f64, Sized)> = Vec::new();
    let mut least = f64::INFINITY;
    let mut rest = estimates.as_slice();
    while !rest.is_empty() {
        if observer.cancelled() {
            return Err(Cancelled);
        }
        let worth = rest.partition_point(|one| one.bound < least);
        let left = MOST_SIMULATED.saturating_sub(usize::try_from(counts.simulated).unwrap_or(usize::MAX));
        let (now, later) = rest.split_at(worth.min(SIDE_BY_SIDE).min(left));
        if now.is_empty() {
            counts.unproved = worth as u64;
            break;
        }
        rest = later;
        let proved: Vec<(Option<Proof>, u64)> = now
            .par_iter()
            .map(|one| {
                let mut prover = Prover::new(&grounds[one.choice], one, asked);
                (prover.prove(one), prover.simulations)
            })
            .collect();
        for (one, (proof, simulations)) in now.iter().zip(proved) {
            counts.simulated += 1;
            counts.simulations += simulations;
            let Some(proof) = proof else { continue };
            let found = sized(one, Some(&proof), grounds, asked);
            least = least.min(found.0);
            best.push(found);
        }
        observer.progress("designs", counts.simulated, estimates.len() as u64);
    }
    best.extend(rest.iter().map(|one| sized(one, None, grounds, asked)));
    best.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok((best, counts))
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

/// A design with what it counts for: its units in all where there is a demand, else for each request per second.
fn sized(one: &Estimate, proof: Option<&Proof>, grounds: &[Ground<'_>], asked: &SizingAsked) -> (f64, Sized) {
    let (units, rate) = proof.map_or((one.units, one.rate), |proof| (proof.units, proof.rate));
    let accelerators = one.design.accelerators(units);
    #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
    let all = accelerators as f64;
    let each = all / (rate * asked.request.output);
    let ground = &grounds[one.choice];
    let hour = ground.choice.hour;
    let simulated = proof.map(|proof| proof.simulated);
    let found = Sized {
        choice: one.choice,
        design: one.design,
        units,
        accelerators,
        rate,
        first_token: simulated.map_or(one.seen.first_token, |seen| seen.first_token),
        each_token: simulated.map_or(one.seen.each_token, |seen| seen.each_token),
        cost: hour.price * each,
        energy: hour.power * each,
        throughput: 1.0 / each,
        simulated,
    };
    let value = all * ground.weight;
    (if asked.rate.is_some() { value } else { value / rate }, found)
}
