//! The deployment that serves a demand within a promise for the least: of systems, layouts, budgets of tokens, batches, and
//! prompts together with answers or apart from them.
//!
//! ```text
//! least  accelerators · weight      with   TTFT <= promise, TPOT <= promise, memory >= weights + caches
//! weight = price of an hour, 1, or power
//! ```
//!
//! Every design of a declared [`SizingSpace`] is priced in the steady state ([`survey`](search)): the greatest batch that keeps the
//! promise is sought, for both times grow with it, and what it serves is the most that the design can: a bound of what the
//! demand takes of it. Requests come at random and not one for each that ends: how many replicas keep the promise then is
//! estimated by a queue ([`sharing`]) and shown by simulation ([`proof`]). The search ends when no bound is left below what
//! the best was simulated to take (Land and Doig 1960).

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
use estimate::{Estimate, estimates, seen};
use proof::Prover;
use search::{Ground, survey};
use trial::Engines;
use worker::one_by_one;

/// Designs of each part that are taken on beside those that are wanted, and how much worse others may be and still be looked
/// at; and what is done where that was too few.
const NARROW: (usize, f64) = (12, 1.25);
const WIDE: (usize, f64) = (64, f64::INFINITY);
/// Designs that are simulated side by side, and in all.
const SIDE_BY_SIDE: usize = 2;
const MOST_SIMULATED: usize = 12;

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
#[derive(Clone, Debug, Default, PartialEq)]
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
    let mut field = Field { grounds: &grounds, asked, engines: Engines::default(), proved: Vec::new() };
    for (more, slack) in [NARROW, WIDE] {
        let most = asked.number.saturating_add(more);
        let survey = survey(&grounds, asked, (most, slack), observer)?;
        let (estimates, left_out) = estimates(&survey.found, &grounds, asked, most);
        let mut counts = field.prove(&estimates, observer)?;
        let others = survey.passed.min(left_out);
        // What was passed over may be better than the best is once requests come at random.
        if field.least() > others && slack.is_finite() {
            continue;
        }
        counts.unproved += u64::from(field.least() > others);
        counts.add(&survey.counts);
        return Ok(Sizing { best: field.shown(&estimates), out: survey.out, counts });
    }
    Ok(Sizing::default())
}

/// A design that was simulated, with what that showed; nothing where it cannot be better than others.
struct Proved {
    choice: usize,
    design: Design,
    simulations: u64,
    found: Option<(f64, Sized)>,
}

/// Designs that are simulated.
struct Field<'a> {
    grounds: &'a [Ground<'a>],
    asked: &'a SizingAsked,
    engines: Engines,
    proved: Vec<Proved>,
}

impl Field<'_> {
    /// What the best counts for.
    fn least(&self) -> f64 {
        let found = self.proved.iter().filter_map(|one| one.found.as_ref());
        found.map(|(value, _)| *value).fold(f64::INFINITY, f64::min)
    }

    fn knows(&self, one: &Estimate) -> bool {
        self.proved.iter().any(|proved| proved.choice == one.choice && proved.design == one.design)
    }

    /// Simulates designs until none is left whose bound lies below the best, and the best of the other arrangement.
    fn prove(&mut self, estimates: &[Estimate], observer: &dyn Observer) -> Result<Counts, Cancelled> {
        let unproved = loop {
            if observer.cancelled() {
                return Err(Cancelled);
            }
            let least = self.least();
            // Of those that could be better the ones that are thought to be best: they leave the fewest to be looked at.
            let worth = &estimates[..estimates.partition_point(|one| one.bound < least)];
            let mut open: Vec<&Estimate> = worth.iter().filter(|one| !self.knows(one)).collect();
            let left = MOST_SIMULATED.saturating_sub(self.proved.len());
            if open.is_empty() || left == 0 {
                break open.len() as u64;
            }
            open.sort_by(|a, b| (a.value.total_cmp(&b.value)).then(a.share.total_cmp(&b.share)));
            open.truncate(SIDE_BY_SIDE.min(left));
            self.simulate(&open, least);
            observer.progress("designs", self.proved.len() as u64, estimates.len() as u64);
        };
        for apart in [false, true] {
            let is_so = |design: &Design| matches!(design, Design::Apart { .. }) == apart;
            if !self.proved.iter().any(|one| one.found.is_some() && is_so(&one.design)) {
                let other: Vec<&Estimate> =
                    estimates.iter().filter(|one| is_so(&one.design)).take(1).collect();
                self.simulate(&other, f64::INFINITY);
            }
        }
        Ok(Counts {
            simulated: self.proved.len() as u64,
            simulations: self.proved.iter().map(|one| one.simulations).sum(),
            unproved,
            ..Counts::default()
        })
    }

    fn simulate(&mut self, some: &[&Estimate], limit: f64) {
        self.engines.make(some, self.grounds, self.asked);
        let (grounds, asked, engines) = (self.grounds, self.asked, &self.engines);
        let proved: Vec<Proved> = some
            .par_iter()
            .map(|one| {
                let ground = &grounds[one.choice];
                let mut prover = Prover::new(ground, one, asked, (engines, limit));
                let proof = prover.prove(one);
                let found = proof.map(|proof| {
                    let Simulated { first_token, each_token, .. } = proof.simulated;
                    let times = (first_token, each_token, Some(proof.simulated));
                    sized(one, ground, (proof.units, proof.rate), times, asked)
                });
                Proved { choice: one.choice, design: one.design, simulations: prover.simulations, found }
            })
            .collect();
        self.proved.extend(proved);
    }

    /// The best few, simulated or estimated: of pairs of workers that differ in prompts alone the best, and one of each
    /// arrangement that there is.
    fn shown(&self, estimates: &[Estimate]) -> Vec<Sized> {
        let mut all: Vec<(f64, Sized)> = self.proved.iter().filter_map(|one| one.found).collect();
        let others = estimates.iter().filter(|one| !self.knows(one)).map(|one| {
            let times = (f64::NAN, f64::NAN, None);
            sized(one, &self.grounds[one.choice], (one.units, one.rate), times, self.asked)
        });
        all.extend(others);
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut shown: Vec<Sized> = Vec::new();
        let (mut layouts, mut arrangements) = (Vec::new(), Vec::new());
        for (_, mut one) in all {
            let (apart, layout) = match one.design {
                Design::Together(worker) => (false, worker.layout),
                Design::Apart { decode, .. } => (true, decode.layout),
            };
            let key = (one.choice, apart, layout);
            let first = !arrangements.contains(&apart);
            if layouts.contains(&key) || shown.len() >= self.asked.number && !first {
                continue;
            }
            if one.simulated.is_none() {
                let Some((first_token, each_token)) = self.estimated(&one, estimates) else { continue };
                (one.first_token, one.each_token) = (first_token, each_token);
            }
            layouts.push(key);
            if first {
                arrangements.push(apart);
            }
            shown.push(one);
        }
        shown
    }

    /// The times that users are thought to see of a design that was not simulated.
    fn estimated(&self, one: &Sized, estimates: &[Estimate]) -> Option<(f64, f64)> {
        let of = estimates.iter().find(|other| other.choice == one.choice && other.design == one.design)?;
        let seen = seen(&self.grounds[one.choice], of, self.asked)?;
        Some((seen.first_token, seen.each_token))
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

/// A design with what it counts for: its units in all where there is a demand, else for each request per second.
fn sized(
    one: &Estimate,
    ground: &Ground<'_>,
    (units, rate): (Units, f64),
    (first_token, each_token, simulated): (f64, f64, Option<Simulated>),
    asked: &SizingAsked,
) -> (f64, Sized) {
    let accelerators = one.design.accelerators(units);
    #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
    let all = accelerators as f64;
    let each = all / (rate * asked.request.output);
    let hour = ground.choice.hour;
    let found = Sized {
        choice: one.choice,
        design: one.design,
        units,
        accelerators,
        rate,
        first_token,
        each_token,
        cost: hour.price * each,
        energy: hour.power * each,
        throughput: 1.0 / each,
        simulated,
    };
    let value = all * ground.weight;
    (if asked.rate.is_some() { value } else { value / rate }, found)
}
