//! Which inputs move the accelerators of a served demand, and what a user costs, most.
//!
//! Every uncertain input of the plan is moved to its p10 and p90, all others as in the reference case. The busiest week is dealt and
//! provided for anew. Where the input changes what sessions are like, the load with which a replica keeps what is promised moves as
//! what it answers when overloaded:
//!
//! ```text
//! q' = q · answered(3 μ, changed sessions) / answered(3 μ, sessions as they are)
//! ```
//!
//! with the same random numbers; `μ` is what it answers at most. Where targets bind long before saturation that is an approximation.
//! Machines are those of the reference case.

use gigawatt_plan::plan::{DemandPlan, InputId, Plan, ServingPlan};
use gigawatt_plan::quantity::Quantity;
use rayon::prelude::*;

use super::hours::Dealt;
use super::replication::SampledEngine;
use super::sampling::{SamplingAsked, overloaded};
use super::stage::{ServedError, conversation, place, start_up};
use crate::demand::{FluidService, burst, hourly_demand, user_days};
use crate::draw::Draw;
use crate::run::{Evaluation, Tables};

/// Requests that come over what an engine answers at most, where it is overloaded.
const OVERLOAD: f64 = 3.0;
/// Days of a week, and its seconds.
const DAYS: i32 = 7;
const WEEK: f64 = 7.0 * 86_400.0;
/// Days of a mean month.
const MONTH: f64 = 30.4375;
/// Changes by less than this part are roundings.
const STILL: f64 = 1e-9;

/// What an input does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServedEffect {
    /// The input.
    pub input: InputId,
    /// Its p10 and p90.
    pub range: (f64, f64),
    /// Accelerators that stand for the week with the input at either.
    pub accelerators: (f64, f64),
    /// USD for a user and month, likewise.
    pub cost: (f64, f64),
}

/// What moves a served demand in its busiest week.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedSensitivity {
    /// The week's first day, from 1970-01-01.
    pub start: i32,
    /// Accelerators that stand for the week in the reference case.
    pub accelerators: f64,
    /// USD for a user and month.
    pub cost: f64,
    /// Inputs that move either, in the order of the plan.
    pub effects: Vec<ServedEffect>,
}

/// A served demand of the reference case, of which inputs are moved.
pub(super) struct Moved<'a> {
    pub plan: &'a Plan,
    pub demand: &'a DemandPlan,
    pub service: &'a ServingPlan,
    pub tables: &'a Tables,
    pub engine: &'a SampledEngine<'a>,
    pub asked: &'a SamplingAsked<'a>,
    pub fluid: FluidService,
    /// Accelerators of a replica.
    pub accelerators: f64,
    /// The first day of the week.
    pub start: i32,
}

impl Moved<'_> {
    /// Every uncertain input, moved.
    pub fn all(&self) -> Result<ServedSensitivity, ServedError> {
        let reference = Draw::reference(self.plan);
        let answered = self.answered(self.asked)?;
        let mut evaluation = Evaluation::with(self.plan, self.tables);
        let base = self.at(&mut evaluation, Draw::new(&reference), answered)?;
        let inputs =
            self.plan.inputs.iter().enumerate().filter(|(_, input)| input.distribution.is_uncertain());
        let inputs: Vec<usize> = inputs.map(|(at, _)| at).collect();
        let room = || (Evaluation::with(self.plan, self.tables), reference.clone());
        let moved = inputs.par_iter().map_init(room, |(evaluation, row), at| {
            let (low, high) = self.plan.inputs[*at].distribution.central();
            let mut of = |value: f64| {
                let kept = core::mem::replace(&mut row[*at], value);
                let found = self.at(evaluation, Draw::new(row), answered);
                row[*at] = kept;
                found
            };
            let (one, other) = (of(low)?, of(high)?);
            let still = |value: f64, base: f64| (value - base).abs() <= STILL * base.abs();
            let input = InputId(u32::try_from(*at).unwrap_or(u32::MAX));
            let all_still = [one, other].iter().all(|of| still(of.0, base.0) && still(of.1, base.1));
            Ok((!all_still).then_some(ServedEffect {
                input,
                range: (low, high),
                accelerators: (one.0, other.0),
                cost: (one.1, other.1),
            }))
        });
        let effects: Result<Vec<Option<ServedEffect>>, ServedError> = moved.collect();
        Ok(ServedSensitivity {
            start: self.start,
            accelerators: base.0,
            cost: base.1,
            effects: effects?.into_iter().flatten().collect(),
        })
    }

    /// What an engine answers that is overloaded.
    fn answered(&self, asked: &SamplingAsked<'_>) -> Result<f64, ServedError> {
        let rate = OVERLOAD * self.fluid.saturated / self.engine.engines;
        overloaded(self.engine, asked, rate).map_err(|error| ServedError::Demand {
            demand: self.demand.name.clone(),
            told: error.to_string(),
        })
    }

    /// Accelerators that stand, and USD for a user and month.
    fn at(
        &self,
        evaluation: &mut Evaluation,
        draw: Draw<'_>,
        answered: f64,
    ) -> Result<(f64, f64), ServedError> {
        let (plan, demand) = (self.plan, self.demand);
        let conversation = conversation(demand, draw);
        let faster = if conversation == self.asked.conversation {
            1.0
        } else {
            self.answered(&SamplingAsked { conversation, ..self.asked.clone() })? / answered
        };
        let days = (self.start, self.start + DAYS);
        let fluid = FluidService {
            most: self.fluid.most * faster,
            lost: draw.get(demand.lost_share).base(),
            scaling: start_up(demand, draw),
            ..self.fluid
        };
        let dealt = Dealt::new(&hourly_demand(demand, draw, days), &place(demand, draw)?);
        let provision = fluid.provision(&dealt.dealt, &burst(&demand.traffic, draw));
        let accelerators = provision.standing_total() * self.accelerators;
        evaluation.run(plan, draw);
        let hour = evaluation.accelerator_hour(plan, draw, self.service);
        let user_months = user_days(demand, draw, days) / MONTH;
        Ok((accelerators, accelerators * hour.price * WEEK / user_months))
    }
}
