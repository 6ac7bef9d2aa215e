//! Training runs: from tokens to steps, days, accelerator-hours, energy and dollars.
//!
//! With `D` tokens of a phase, `B` tokens of a step that takes `t` on `n` accelerators, `e` the model's error, `x` the
//! extra work and `g` the part of the time in which the run gets on:
//!
//! ```text
//! steps    = D / B
//! duration = steps × t e (1 + x) / g
//! hours    = n × duration
//! energy   = n × facility power of an accelerator in a step, with its share of server and network × duration
//! cost     = hours × price of an hour
//! compute  = 6 N D                      (Kaplan et al. 2020, arXiv 2001.08361)
//! rate     = 6 N B / (t e n)
//! ```
//!
//! where `N` are the active parameters. Model FLOPs utilisation is that of Chowdhery et al. 2022 (arXiv 2204.02311,
//! appendix B), attention counted over the tokens before: FLOP that the model needs, over the dense peak of the run's
//! number format. `t` is [`step`](super::step)'s, priced once for a plan; each draw multiplies.

mod laws;
mod machine;
mod price;
mod scaled;
mod shares;
mod tunable;
mod tuning;

use std::sync::Arc;

use gigawatt_plan::plan::{Plan, RunStart, TrainingIds, TrainingPlan};
use gigawatt_plan::quantity::{Duration, Quantity};

pub use laws::StepLaws;
pub use price::{FLOP_PER_PARAMETER, PhaseCourse, PhaseMemory, PhasePrice, RunPrice};
pub use scaled::{Size, scaled};
pub use shares::StepPart;
pub use tunable::Tunable;
pub use tuning::{Extent, Tuning, TuningAsked, tune};

use super::legality::Fault;
use crate::Draw;
use crate::facility::Facility;
use crate::hour;
use crate::series::Series;

const HOUR: f64 = 3600.0;

/// Every run of a plan, priced in the reference case, and the laws that did it.
#[derive(Clone, Debug)]
pub struct Prices {
    /// None where no run asks for them.
    pub laws: Option<StepLaws>,
    /// In the order of the plan; none for a run whose machines cannot be priced.
    pub runs: Vec<Option<RunPrice>>,
}

impl Prices {
    /// Prices the runs of a plan.
    pub fn new(plan: &Plan) -> Self {
        let laws = if plan.training.is_empty() { None } else { StepLaws::embedded().ok() };
        let price = |run| RunPrice::new(plan, run, laws.as_ref()?, None);
        Self { runs: plan.training.iter().map(price).collect(), laws }
    }

    /// The phases that cannot run as they are planned, of a plan whose prices these are. They are priced all the same.
    pub fn unfit(&self, plan: &Plan) -> Vec<UnfitPhase> {
        let Some(laws) = &self.laws else { return Vec::new() };
        let mut unfit = Vec::new();
        for (run, (planned, price)) in plan.training.iter().zip(&self.runs).enumerate() {
            let Some(price) = price else { continue };
            for (phase, of) in planned.phases.iter().enumerate() {
                let faults = price.memory(planned, of, &laws.memory).faults;
                if !faults.is_empty() {
                    unfit.push(UnfitPhase { run, phase, faults });
                }
            }
        }
        unfit
    }
}

/// A phase whose layout is at fault, as when it needs more memory than there is.
#[derive(Clone, Debug, PartialEq)]
pub struct UnfitPhase {
    /// Index of its run in the plan.
    pub run: usize,
    /// Its index in the run.
    pub phase: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// The stage: prices shared between tasks, and room for what a draw makes of them.
#[derive(Debug)]
pub struct Runs {
    prices: Arc<Prices>,
    /// When each run ends, in days.
    ends: Vec<f64>,
    /// Seconds of each phase of a run.
    durations: Vec<f64>,
}

/// Sums over the phases of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    tokens: f64,
    steps: f64,
    /// Time of steps, and that times accelerators.
    busy: f64,
    busy_accelerators: f64,
    model_flop: f64,
    duration: f64,
    accelerator_time: f64,
}

impl Runs {
    /// Room for a plan whose runs are priced.
    pub fn new(prices: Arc<Prices>) -> Self {
        Self { prices, ends: Vec::new(), durations: Vec::new() }
    }

    /// Computes every training result of a draw.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, facility: &Facility, series: &mut Series) {
        self.ends.clear();
        let prices = Arc::clone(&self.prices);
        for (index, (run, ids)) in plan.training.iter().zip(&plan.vocabulary.training).enumerate() {
            let priced = prices.runs.get(index).and_then(Option::as_ref);
            let Some(price) = priced else {
                // A run whose machines cannot be priced has no numbers.
                self.ends.push(f64::NAN);
                ids.all().for_each(|id| series.get_mut(id).fill(f64::NAN));
                continue;
            };
            // Other machines than those priced: a constant fact is being tried at another value.
            let laws = prices.laws.as_ref().filter(|_| !price.is_of(draw));
            let other = laws.and_then(|laws| RunPrice::new(plan, run, laws, Some(draw)));
            self.one(plan, draw, (index, ids, other.as_ref().unwrap_or(price)), facility, series);
        }
    }

    fn one(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        (index, ids, price): (usize, &TrainingIds, &RunPrice),
        facility: &Facility,
        series: &mut Series,
    ) {
        let run = &plan.training[index];
        let at = price.sized(draw);
        let error = draw.get(run.model_error).base();
        let extra = run.extra_work.map_or(0.0, |extra| draw.get(extra).base());
        let effective = draw.get(run.effective_time).base();
        let mut sums = Sums::default();
        self.durations.clear();
        let mut set = |id, value: f64| series.get_mut(id)[0] = value;
        for (index, phase) in price.phases.iter().enumerate() {
            let tokens = phase_tokens(run, index, draw);
            let steps = tokens / phase.step_tokens;
            let step = price.seconds(index, at) * error;
            let (busy, model_flop) = (steps * step, price.model_flop(index, at));
            let duration = busy * (1.0 + extra) / effective;
            sums.tokens += tokens;
            sums.steps += steps;
            sums.busy += busy;
            sums.busy_accelerators += busy * phase.accelerators;
            sums.model_flop += tokens * model_flop;
            sums.duration += duration;
            sums.accelerator_time += duration * phase.accelerators;
            self.durations.push(duration);
            if let Some(ids) = ids.phases.get(index) {
                let rate = phase.step_tokens / (step * phase.accelerators);
                set(ids.step_time, step);
                set(ids.rate, FLOP_PER_PARAMETER * at.active * rate);
                set(ids.model_rate, model_flop * rate);
                set(ids.uncausal_rate, (model_flop + phase.uncausal_flop - phase.model_flop) * rate);
                set(ids.duration, duration);
            }
        }
        let compute = FLOP_PER_PARAMETER * at.active * sums.tokens;
        let model_rate = sums.model_flop / sums.busy_accelerators;
        let hours = sums.accelerator_time / HOUR;
        set(ids.compute, compute);
        set(ids.step_time, sums.busy / sums.steps);
        set(ids.tokens_per_second, sums.tokens / sums.busy);
        set(ids.rate, compute / sums.busy_accelerators);
        set(ids.model_rate, model_rate);
        set(ids.model_flops_utilisation, model_rate / price.peak);
        set(ids.duration, sums.duration);
        set(ids.gpu_hours, hours);
        let power = hour::run_power(plan, draw, index, facility);
        set(ids.energy, power * sums.accelerator_time);
        if let (Some(id), Some(reported)) = (ids.extra_work_implied, run.reported_hours) {
            set(id, draw.get(reported).base() / (hours / (1.0 + extra)) - 1.0);
        }
        let start = match run.start {
            RunStart::At(moment) => moment.days(),
            RunStart::After(earlier) => self.ends[earlier],
        } + run.delay.map_or(0.0, |delay| draw.get(delay).days());
        let end = start + sums.duration / Duration::DAY;
        set(ids.end, (end - plan.period.start.days()) * Duration::DAY);
        self.ends.push(end);
        let price = hour::price(plan, draw, (run.system, run.price), series);
        series.get_mut(ids.cost)[0] = price * sums.accelerator_time;
        self.levels(plan, draw, (run, ids), (start, sums.tokens), series);
    }

    /// Tokens trained by every moment: each phase at an even rate.
    fn levels(
        &self,
        plan: &Plan,
        draw: Draw<'_>,
        (run, ids): (&TrainingPlan, &TrainingIds),
        (start, total): (f64, f64),
        series: &mut Series,
    ) {
        for (moment, at) in plan.axis.iter().enumerate() {
            let (mut trained, mut from) = (0.0, start);
            for (phase, duration) in self.durations.iter().enumerate() {
                let days = duration / Duration::DAY;
                let share = if days > 0.0 { ((at.days() - from) / days).clamp(0.0, 1.0) } else { 0.0 };
                trained += share * phase_tokens(run, phase, draw);
                from += days;
            }
            series.get_mut(ids.tokens)[moment] = trained;
            // All of them is all of them, however their sum was rounded.
            let complete = at.days() >= from;
            series.get_mut(ids.progress)[moment] = if complete { 1.0 } else { trained / total };
        }
    }
}

/// Tokens of a phase: as said, or what the others leave of the run's.
pub fn phase_tokens(run: &TrainingPlan, phase: usize, draw: Draw<'_>) -> f64 {
    if let Some(tokens) = run.phases[phase].tokens {
        return draw.get(tokens).base();
    }
    let others: f64 =
        run.phases.iter().filter_map(|phase| phase.tokens).map(|tokens| draw.get(tokens).base()).sum();
    run.tokens.map_or(0.0, |tokens| draw.get(tokens).base() - others)
}
