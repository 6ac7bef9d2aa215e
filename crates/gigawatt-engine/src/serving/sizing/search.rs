//! The designs of a space, each with the most that it serves within the promise.
//!
//! For every layout and budget of tokens the greatest batch that keeps the promise in the steady state is found by
//! bisection: both times grow with the batch. Before that, the rate of the greatest batch that memory holds bounds the rate of
//! every smaller one from above, so that what cannot be among the best is passed over.

use std::collections::BTreeMap;

use gigawatt_plan::serving::{Engine, ServingLayout};
use gigawatt_plan::world::Observer;
use rayon::prelude::*;

use super::asked::{Choice, SizingAsked};
use super::design::{Counts, Out, Part, Reason, WorkerDesign};
use super::worker::{Pace, Worker, largest};
use crate::Cancelled;
use crate::serving::coefficients::ServingCoefficients;
use crate::serving::deployment::Deployment;

/// Designs that are evaluated side by side.
const SIDE_BY_SIDE: usize = 16;

/// A choice with what its designs are priced by.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub choice: &'a Choice<'a>,
    pub with: &'a ServingCoefficients,
    /// What an accelerator counts for.
    pub weight: f64,
}

impl<'a> Ground<'a> {
    /// The deployment of a layout with a budget of tokens.
    pub fn deployment(&self, layout: ServingLayout, budget: u64) -> Deployment<'a> {
        let service = self.choice.service;
        let engine = Engine { token_budget: budget, ..service.engine };
        Deployment { engine, ..self.choice.machine(&layout).deployment(service, layout) }
    }

    pub fn worker(&self, layout: ServingLayout, budget: u64, asked: &SizingAsked) -> Worker<'a> {
        Worker::new(self.deployment(layout, budget), self.with, asked.request)
    }
}

/// A design of a worker with what it counts for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub choice: usize,
    pub part: Part,
    pub design: WorkerDesign,
    /// What the demand takes of it at least, weighted; whole units where there is one.
    pub value: f64,
    /// The same in parts of units, which orders what is equal in whole ones.
    pub share: f64,
}

impl Found {
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        (self.value.total_cmp(&other.value)).then(self.share.total_cmp(&other.share))
    }

    /// What tells designs apart that are worth showing: all but how experts are spread, and the budget of tokens.
    fn key(&self) -> (usize, Part, [u64; 3]) {
        let layout = self.design.layout;
        (self.choice, self.part, [layout.tensor, layout.attention_data, layout.pipeline])
    }
}

/// What a space has.
pub(super) struct Survey {
    /// The best spread of experts and budget of each layout, best first.
    pub found: Vec<Found>,
    /// Layouts that serve nothing, in the order of the space.
    pub out: Vec<Out>,
    pub counts: Counts,
    /// Replicas and pairs that were passed over count for as much or more.
    pub passed: f64,
}

/// A design that serves something, with what the demand takes of it at least if its greatest batch kept the promise.
struct Bounded {
    choice: usize,
    part: Part,
    layout: ServingLayout,
    budget: u64,
    most: u64,
    /// With `most` sequences.
    full: Pace,
    bound: (f64, f64),
}

/// Looks at every design. What counts for more than `slack` times the `keep` best of its part may be passed over.
///
/// # Errors
/// Where the observer cancels it.
pub(super) fn survey(
    grounds: &[Ground<'_>],
    asked: &SizingAsked,
    (keep, slack): (usize, f64),
    observer: &dyn Observer,
) -> Result<Survey, Cancelled> {
    let (mut counts, mut out) = (Counts::default(), Vec::new());
    let mut bounded: [Vec<Bounded>; Part::ALL.len()] = Default::default();
    for (choice, ground) in grounds.iter().enumerate() {
        let space = &ground.choice.space;
        let layouts = space.layouts();
        for part in Part::ALL {
            let wanted =
                if part == Part::Whole { space.arrangements.together() } else { space.arrangements.apart() };
            if !wanted {
                continue;
            }
            if observer.cancelled() {
                return Err(Cancelled);
            }
            let looked: Vec<(Vec<Bounded>, Option<Out>, Counts)> =
                layouts.par_iter().map(|layout| look(ground, (choice, part, *layout), asked)).collect();
            for (some, why, counted) in looked {
                counts.add(&counted);
                out.extend(why);
                bounded[part as usize].extend(some);
            }
        }
    }
    let mut found = BTreeMap::new();
    let (mut least, mut passed) = ([f64::INFINITY; Part::ALL.len()], [f64::INFINITY; Part::ALL.len()]);
    for (part, mut some) in bounded.into_iter().enumerate() {
        some.sort_by(|a, b| (a.bound.0.total_cmp(&b.bound.0)).then(a.bound.1.total_cmp(&b.bound.1)));
        let mut best: Vec<f64> = Vec::new();
        let mut rest = some.as_slice();
        while !rest.is_empty() {
            if observer.cancelled() {
                return Err(Cancelled);
            }
            let limit = best.get(keep.saturating_sub(1)).map_or(f64::INFINITY, |value| slack * value);
            let within = rest.partition_point(|one| one.bound.0 <= limit);
            let (now, later) = rest.split_at(within.min(SIDE_BY_SIDE));
            if now.is_empty() {
                counts.bound += rest.len() as u64;
                passed[part] = limit;
                break;
            }
            rest = later;
            let evaluated: Vec<Found> =
                now.par_iter().map(|one| evaluate(&grounds[one.choice], one, asked)).collect();
            counts.evaluated += evaluated.len() as u64;
            for one in evaluated {
                let kept = found.entry(one.key()).or_insert(one);
                if one.order(kept).is_lt() {
                    *kept = one;
                }
                best.insert(best.partition_point(|value| *value <= one.value), one.value);
            }
        }
    }
    let mut found: Vec<Found> = found.into_values().collect();
    found.sort_by(Found::order);
    for one in &found {
        let least = &mut least[one.part as usize];
        *least = least.min(one.value);
    }
    // A worker that was passed over needs another beside it.
    let with_other =
        |part: Part| passed[part as usize] + part.other().map_or(0.0, |other| least[other as usize]);
    let passed = Part::ALL.map(with_other).into_iter().fold(f64::INFINITY, f64::min);
    Ok(Survey { found, out, counts, passed })
}

/// The designs of a layout that serve something, or why none does.
fn look(
    ground: &Ground<'_>,
    (choice, part, layout): (usize, Part, ServingLayout),
    asked: &SizingAsked,
) -> (Vec<Bounded>, Option<Out>, Counts) {
    let mut counts = Counts::default();
    // The budget is for prompts; where there are none, the smallest leaves most memory.
    let mut budgets = ground.choice.space.token_budget.clone();
    if part == Part::Decode {
        budgets.sort_unstable();
        budgets.truncate(1);
    }
    counts.declared = budgets.len() as u64;
    let out = |reason| Some(Out { choice, part, layout, reason });
    if let Some(fault) = layout.fault(&ground.choice.service.shape, ground.choice.domain()) {
        counts.illegal = counts.declared;
        return (Vec::new(), out(Reason::Fault(fault)), counts);
    }
    let (mut some, mut why): (Vec<Bounded>, Option<Out>) = (Vec::new(), None);
    for budget in budgets {
        let worker = ground.worker(layout, budget, asked);
        match bounds(&worker, part, asked) {
            Ok((most, full)) => {
                let bound = weighed(ground, &worker, asked, full.rate);
                some.push(Bounded { choice, part, layout, budget, most, full, bound });
            }
            Err(reason) => {
                match reason {
                    Reason::Memory(_) => counts.memory += 1,
                    _ => counts.slow += 1,
                }
                if why.is_none_or(|before: Out| nearer(&reason, &before.reason)) {
                    why = out(reason);
                }
            }
        }
    }
    if !some.is_empty() {
        why = None;
    }
    (some, why, counts)
}

/// The greatest batch that memory holds with its pace, or why not even one request is served within the promise.
fn bounds(worker: &Worker<'_>, part: Part, asked: &SizingAsked) -> Result<(u64, Pace), Reason> {
    let request = &asked.request;
    let tokens = request.prompt + if part == Part::Prefill { 1.0 } else { request.output };
    let room = worker.room(tokens).map_err(Reason::Memory)?;
    let most = if part == Part::Prefill { room.min(worker.prompts_of_an_iteration()) } else { room };
    let single = pace(worker, part, 1);
    let exceeds = |target: Option<f64>, time: f64| target.is_some_and(|target| time > target);
    if exceeds(asked.promise.each_token, single.each_token) {
        return Err(Reason::EachToken(single.each_token));
    }
    if exceeds(asked.promise.first_token, single.first_token) {
        return Err(Reason::FirstToken(single.first_token));
    }
    Ok((most, pace(worker, part, most)))
}

#[expect(clippy::cast_precision_loss, reason = "sequences are few")]
fn pace(worker: &Worker<'_>, part: Part, sequences: u64) -> Pace {
    match part {
        Part::Whole => worker.together(sequences as f64),
        Part::Prefill => worker.prompting(sequences as f64),
        Part::Decode => worker.decoding(sequences as f64),
    }
}

/// The greatest batch of a design that keeps the promise.
fn evaluate(ground: &Ground<'_>, one: &Bounded, asked: &SizingAsked) -> Found {
    let worker = ground.worker(one.layout, one.budget, asked);
    let (mut most, mut at_most) = (one.most, one.full);
    if asked.promise.part_of(&one.full) > 1.0 {
        // One at once keeps it: that was looked at.
        most = largest(most, |sequences| asked.promise.part_of(&pace(&worker, one.part, sequences))).max(1);
        at_most = pace(&worker, one.part, most);
    }
    let (value, share) = weighed(ground, &worker, asked, at_most.rate);
    let design = WorkerDesign::new(one.layout, one.budget, most, &at_most);
    Found { choice: one.choice, part: one.part, design, value, share }
}

/// What units of a rate count for: whole ones, and parts of them.
fn weighed(ground: &Ground<'_>, worker: &Worker<'_>, asked: &SizingAsked, rate: f64) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
    let each = worker.accelerators() as f64 * ground.weight;
    (each * asked.units(rate), each / rate)
}

/// Whether a reason misses by less than another: slow is nearer than too large.
fn nearer(one: &Reason, other: &Reason) -> bool {
    match (one, other) {
        (Reason::Memory(one), Reason::Memory(other))
        | (Reason::FirstToken(one), Reason::FirstToken(other))
        | (Reason::EachToken(one), Reason::EachToken(other)) => one < other,
        (Reason::Memory(_), _) => false,
        (_, Reason::Memory(_)) => true,
        _ => false,
    }
}
