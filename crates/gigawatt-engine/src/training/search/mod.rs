//! The best layout of a declared space.
//!
//! A branch is a way to cut layers over tensor-, context- and expert-parallel ranks with a number of stages. Layers are
//! priced once for each cut and micro-batch. Every layout of a branch is then held against memory, and its step bounded
//! from below, from tables (`pieces`, [`memory::bound`](super::memory)). Branches are taken in the order of their own
//! bound; what cannot be faster than the layouts found so far is cut off (Land and Doig 1960, branch and bound). The rest is
//! computed by the laws of `step` and [`footprint`](super::memory::footprint), schedule simulated,
//! until no bound is left below the times found: so the best is the best of the whole space by these laws, not by the
//! bound, and a test holds it against computing all of a space.
//!
//! Work is cut into the same parts whatever threads there are, so that counts and results are the same on any number.

mod branch;
mod cut;
mod examine;
mod pieces;
mod shares;
mod shortlist;
mod space;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::{Framework, Layout, Month, Precision, Schedule};
use gigawatt_plan::world::Observer;
use rayon::prelude::*;

use super::job::Job;
use super::memory::{Footprint, MemoryJob, footprint};
use super::number::count;
use super::runs::StepLaws;
use super::step::{Step, step};
use crate::Cancelled;
use crate::device::Device;
use crate::network::Network;
use branch::Branch;
use cut::Cut;
use shortlist::{Candidate, Key, Row, Shortlist};

pub use branch::Counts;
pub use examine::{Examined, examine};
pub use space::Space;

/// What is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The accelerator, with its memory.
    pub device: &'a Device,
    /// The month in which its generation was first delivered.
    pub shipped: Month,
    /// What joins them.
    pub network: &'a Network,
    /// Number format of the linear layers' operands.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
    /// Accelerators.
    pub accelerators: u64,
    /// Sequences of a step.
    pub global_batch: u64,
    /// Tokens of a sequence.
    pub sequence_length: u64,
    /// The laws.
    pub laws: &'a StepLaws,
}

impl<'a> Problem<'a> {
    /// A job of it.
    pub fn job(&self, framework: Framework, layout: &'a Layout) -> Job<'a> {
        Job {
            shape: self.shape,
            device: self.device,
            shipped: self.shipped,
            network: self.network,
            layout,
            precision: self.precision,
            framework,
        }
    }

    /// Growth of a step with the slowest of its ranks, 1 without.
    fn straggling(&self) -> f64 {
        let ranks = count(self.accelerators.max(1));
        1.0 + self.laws.training.straggler * libm::sqrt(2.0 * libm::log(ranks))
    }
}

/// A layout with its step.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The layout.
    pub layout: Layout,
    /// The software with its switches.
    pub framework: Framework,
    /// Its step, schedule simulated.
    pub step: Step,
    /// What the fullest accelerator needs, bytes.
    pub memory: f64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The fastest layouts that differ in more than sharding, order of ranks, recomputation and switches, fastest first;
    /// of each the fastest variant. Fewer than asked for where the space has no more.
    pub best: Vec<Found>,
    /// What became of the layouts of the space.
    pub counts: Counts,
}

/// Works and times nearer than this share are taken as equal: sums in another order may round differently.
pub(super) const ROUNDING: f64 = 1e-9;
/// Branches that are bounded side by side before what they found is computed.
const SIDE_BY_SIDE: usize = 32;
/// Layouts that are computed side by side.
const COMPUTED_TOGETHER: usize = 8;
/// Variants of a layout that are kept at first, and by how much more when they were too few.
const VARIANTS: usize = 4;

/// Finds the `number` fastest layouts of a space.
///
/// # Errors
/// Where the observer cancels it.
pub fn search(
    problem: &Problem<'_>,
    space: &Space,
    number: usize,
    observer: &dyn Observer,
) -> Result<Search, Cancelled> {
    let cuts = cuts(problem, space);
    let mut branches = branches(problem, space, &cuts);
    branches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut state = State { problem, space, number, found: BTreeMap::new(), counts: Counts::default() };
    let mut again: Vec<usize> = (0..branches.len()).collect();
    let mut keep = VARIANTS;
    while !again.is_empty() {
        let mut left = Vec::new();
        let mut rest = &again[..];
        // Few at first: what they find cuts off most of the others.
        let mut side_by_side = COMPUTED_TOGETHER;
        while !rest.is_empty() {
            let (some, further) = rest.split_at(side_by_side.min(rest.len()));
            (rest, side_by_side) = (further, SIDE_BY_SIDE);
            if observer.cancelled() {
                return Err(Cancelled);
            }
            let limit = state.limit();
            let bounded: Vec<(Counts, Vec<Row>)> = some
                .par_iter()
                .map(|index| {
                    let (bound, branch) = &branches[*index];
                    if *bound > limit * (1.0 + ROUNDING) {
                        let declared = branch.declared();
                        return (Counts { declared, bound: declared, ..Counts::default() }, Vec::new());
                    }
                    let mut list = Shortlist::new(keep);
                    let counts = branch.bound_all(limit, &mut list);
                    (counts, list.into_rows())
                })
                .collect();
            let mut candidates = Vec::new();
            for (index, (counts, rows)) in some.iter().zip(bounded) {
                // What is looked at again was counted before.
                if keep == VARIANTS {
                    state.counts.add(&counts);
                }
                let dropped: Vec<(Key, f64)> = rows
                    .iter()
                    .map(|row| (row.key, row.dropped))
                    .filter(|(_, bound)| bound.is_finite())
                    .collect();
                if !dropped.is_empty() {
                    left.push((*index, dropped));
                }
                candidates.extend(rows.into_iter().flat_map(|row| row.variants));
            }
            state.compute(candidates);
        }
        let limit = state.limit();
        again = left
            .into_iter()
            .filter(|(_, dropped)| dropped.iter().any(|(key, bound)| *bound <= limit.min(state.of(key))))
            .map(|(index, _)| index)
            .collect();
        keep *= VARIANTS;
    }
    Ok(state.end())
}

/// Evaluates every layout of a space from tables, nothing being cut off: how many are legal, and how many fit.
pub fn survey(problem: &Problem<'_>, space: &Space) -> Counts {
    let cuts = cuts(problem, space);
    let branches = branches(problem, space, &cuts);
    let counted =
        branches.par_iter().map(|(_, branch)| branch.bound_all(f64::INFINITY, &mut Shortlist::new(1)));
    let counted: Vec<Counts> = counted.collect();
    let mut counts = Counts::default();
    counted.iter().for_each(|some| counts.add(some));
    counts
}

/// Every way to cut layers, priced.
fn cuts(problem: &Problem<'_>, space: &Space) -> Vec<Cut> {
    let mut layouts = Vec::new();
    // Where passes run together, expert traffic hides behind them and not beside a layer: such layers are priced apart.
    let paired = [Schedule::OneForwardOneBackward, Schedule::DualPipe];
    let paired = paired.into_iter().filter(|kind| space.schedules(*kind).next().is_some());
    for (framework, schedule) in
        space.frameworks.iter().flat_map(|one| paired.clone().map(move |kind| (one, kind)))
    {
        for tensor in &space.tensor {
            for context in &space.context {
                if !problem.accelerators.is_multiple_of(tensor.saturating_mul(*context)) {
                    continue;
                }
                let sequences = if *tensor > 1 { space.sequence.len() } else { 1 };
                let exchanges = if *context > 1 { space.context_exchange.len() } else { 1 };
                for sequence in space.sequence.iter().take(sequences) {
                    for context_exchange in space.context_exchange.iter().take(exchanges) {
                        for expert in &space.expert {
                            for expert_tensor in &space.expert_tensor {
                                let layout = Layout {
                                    accelerators: problem.accelerators,
                                    global_batch: problem.global_batch,
                                    sequence_length: problem.sequence_length,
                                    tensor: *tensor,
                                    sequence: *sequence,
                                    context: *context,
                                    context_exchange: *context_exchange,
                                    expert: *expert,
                                    expert_tensor: *expert_tensor,
                                    schedule,
                                    ..Layout::SINGLE
                                };
                                layouts.push((*framework, layout));
                            }
                        }
                    }
                }
            }
        }
    }
    layouts
        .into_par_iter()
        .filter(|(_, layout)| can_hold(problem.shape, layout))
        .map(|(framework, layout)| Cut::new(problem, framework, layout, &space.micro_batch))
        .collect()
}

/// Whether experts can be cut so: what cannot is not priced, and no layout of the space.
fn can_hold(shape: &Shape, layout: &Layout) -> bool {
    match shape.experts {
        Some(experts) => {
            experts.routed.is_multiple_of(layout.expert)
                && experts.feed_forward.is_multiple_of(layout.expert_tensor)
        }
        None => layout.expert == 1 && layout.expert_tensor == 1,
    }
}

/// Every branch with its bound.
fn branches<'a>(problem: &'a Problem<'a>, space: &'a Space, cuts: &'a [Cut]) -> Vec<(f64, Branch<'a>)> {
    let mut branches = Vec::new();
    for cut in cuts {
        for pipeline in &space.pipeline {
            if problem.accelerators.is_multiple_of(cut.ranks.saturating_mul(*pipeline)) {
                let layout = Layout { pipeline: *pipeline, ..cut.layout };
                let branch = Branch { problem, space, cut, layout };
                branches.push((branch.bound(), branch));
            }
        }
    }
    branches
}

/// What was found so far.
struct State<'a> {
    problem: &'a Problem<'a>,
    space: &'a Space,
    number: usize,
    found: BTreeMap<Key, Found>,
    counts: Counts,
}

impl State<'_> {
    /// The time that a layout has to stay below to be among the best.
    fn limit(&self) -> f64 {
        let mut times: Vec<f64> = self.found.values().map(|found| found.step.seconds).collect();
        if times.len() < self.number.max(1) {
            return f64::INFINITY;
        }
        times.sort_unstable_by(f64::total_cmp);
        times[self.number.max(1) - 1]
    }

    /// The time of the fastest variant of a layout that was computed.
    fn of(&self, key: &Key) -> f64 {
        self.found.get(key).map_or(f64::INFINITY, |found| found.step.seconds)
    }

    /// Computes candidates, those first that may be fastest, as long as one may be among the best.
    fn compute(&mut self, mut candidates: Vec<Candidate>) {
        candidates.sort_by(|a, b| a.bound.total_cmp(&b.bound));
        let mut left = candidates.into_iter();
        loop {
            let limit = self.limit() * (1.0 + ROUNDING);
            let worth = |one: &Candidate| one.bound <= limit.min(self.of(&Key::of(&one.layout)));
            let some: Vec<Candidate> = left.by_ref().filter(worth).take(COMPUTED_TOGETHER).collect();
            if some.is_empty() {
                return;
            }
            let computed: Vec<Option<Found>> =
                some.par_iter().map(|one| computed(self.problem, self.space, one)).collect();
            self.counts.simulated += some.len() as u64;
            for found in computed.into_iter().flatten() {
                let key = Key::of(&found.layout);
                if found.step.seconds < self.of(&key) {
                    self.found.insert(key, found);
                }
            }
        }
    }

    fn end(self) -> Search {
        let mut best: Vec<Found> = self.found.into_values().collect();
        best.sort_by(|a, b| a.step.seconds.total_cmp(&b.step.seconds));
        best.truncate(self.number);
        Search { best, counts: self.counts }
    }
}

/// A candidate by the laws themselves; where it does not fit, the fastest that does of those that move more to the host, if
/// any.
///
/// What moves more is never faster (see [`offload`](super::offload)), so that it is not looked at where less fits by the
/// bound of memory.
fn computed(problem: &Problem<'_>, space: &Space, one: &Candidate) -> Option<Found> {
    let mut fitting: Vec<Found> = Vec::new();
    for offload in space.offloads(one.layout.schedule).filter(|more| more.includes(one.layout.offload)) {
        if fitting.iter().any(|found| offload.includes(found.layout.offload)) {
            continue;
        }
        let layout = Layout { offload, ..one.layout };
        let job = problem.job(one.framework, &layout);
        let print = footprint(&MemoryJob::of(&job), &problem.laws.memory);
        if fits(problem, &print) {
            let step = step(job, &problem.laws.training);
            fitting.push(Found { layout, framework: one.framework, step, memory: fullest(&print) });
        }
    }
    fitting.into_iter().min_by(|a, b| a.step.seconds.total_cmp(&b.step.seconds))
}

/// Whether accelerators hold what a footprint says, and their hosts.
fn fits(problem: &Problem<'_>, print: &Footprint) -> bool {
    let facts = problem.device.facts();
    let on_host = print.most_on_host().1;
    fullest(print) <= facts.memory
        && (on_host <= 0.0 || facts.host.is_some_and(|host| on_host <= host.memory))
}

fn fullest(print: &Footprint) -> f64 {
    print.needed().needed()
}
