//! Influence: which inputs a result depends on, and how far each moves it.

use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::plan::{InputId, InputRecord, Plan, Query};
use gigawatt_plan::quantity::{Dimension, Duration};
use rayon::prelude::*;

use crate::draw::{Draw, Sampler};
use crate::run::{Evaluation, Tables};

/// What one input does to one result, every other input as in the reference case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Influence {
    /// The input.
    pub input: InputId,
    /// The input's own low and high: p10 and p90 of its distribution, a tenth either way of a constant, or
    /// an amount that would show where a constant is nothing.
    pub range: (f64, f64),
    /// The result with the input at its low and at its high.
    pub result: (f64, f64),
    /// Whether the result moves at all, here or at either of two draws.
    pub depends: bool,
}

impl Influence {
    /// How far the result moves between the input's low and high.
    pub fn swing(&self) -> f64 {
        (self.result.1 - self.result.0).abs()
    }
}

/// Draws beside the reference case at which dependence is looked for: a result that is flat at one point, as
/// behind a limit that does not bind, may move at another.
const OTHER_POINTS: u64 = 2;
/// A result that moves by less than this part of itself does not move.
const STILL: f64 = 1e-9;

/// Low and high at which an input is tried.
fn range(input: &InputRecord) -> (f64, f64) {
    match input.distribution {
        Distribution::Constant { value: 0.0 } => {
            let step = step(input.dimension);
            (if input.dimension.may_be_negative() { -step } else { 0.0 }, step)
        }
        Distribution::Constant { value } => (value * 0.9, value * 1.1),
        uncertain => uncertain.central(),
    }
}

/// How far a constant of nothing is moved: an amount that would show in any fleet.
fn step(dimension: Dimension) -> f64 {
    match dimension {
        Dimension::Ratio | Dimension::Points => 0.1,
        Dimension::Count => 1e3,
        Dimension::Power => 10e6,
        Dimension::Energy => 1e9 * 3600.0,
        Dimension::Money => 1e6,
        Dimension::MoneyPerPower => 1.0,
        Dimension::MoneyPerEnergy => 10.0 / 3.6e9,
        Dimension::MoneyPerTime => 1e5 / (365.25 * Duration::DAY),
        Dimension::HourlyPrice => 1.0 / 3600.0,
        Dimension::MoneyPerComputeRate => 1e-12,
        Dimension::MoneyPerCompute => 1e-18,
        Dimension::Area => 1e4,
        Dimension::Volume => 1e4,
        Dimension::Length => 1e2,
        Dimension::Duration => 30.0 * Duration::DAY,
        Dimension::ComputeRate => 1e15,
        Dimension::Compute => 1e21,
        Dimension::TokenRate => 1e3,
        Dimension::RequestRate => 1.0,
        Dimension::Bytes => 1e12,
        Dimension::Bandwidth => 1e12,
        Dimension::Carbon => 1e6,
        Dimension::CarbonPerEnergy => 0.1 / 3.6e6,
        Dimension::CarbonPerPower => 1.0,
        Dimension::Temperature | Dimension::TemperatureDifference => 1.0,
    }
}

/// For each query, the influence of every input of the plan, in the order of the inputs.
pub fn influences(plan: &Plan, queries: &[&Query]) -> Vec<Vec<Influence>> {
    influences_with(plan, &Tables::new(plan), queries)
}

/// [`influences`] in a plan whose tables are there.
pub(crate) fn influences_with(plan: &Plan, tables: &Tables, queries: &[&Query]) -> Vec<Vec<Influence>> {
    let sampler = Sampler::new(plan, plan.seed);
    let mut points = vec![Draw::reference(plan)];
    for draw in 0..OTHER_POINTS {
        let mut row = vec![0.0; sampler.inputs()];
        sampler.fill(draw, &mut row);
        points.push(row);
    }
    let read = |evaluation: &mut Evaluation, row: &[f64]| -> Vec<f64> {
        let series = evaluation.run(plan, Draw::new(row));
        queries.iter().map(|query| series.read(plan, query)).collect()
    };
    let mut evaluation = Evaluation::with(plan, tables);
    let bases: Vec<Vec<f64>> = points.iter().map(|row| read(&mut evaluation, row)).collect();

    let by_input: Vec<Vec<Influence>> = (0..plan.inputs.len())
        .into_par_iter()
        .map_init(
            || (Evaluation::with(plan, tables), points.clone()),
            |(evaluation, points), index| {
                let input = InputId(u32::try_from(index).unwrap_or(u32::MAX));
                let range = range(plan.input(input));
                let mut found: Vec<Influence> = Vec::new();
                for (point, base) in points.iter_mut().zip(&bases) {
                    let kept = point[index];
                    point[index] = range.0;
                    let low = read(evaluation, point);
                    point[index] = range.1;
                    let high = read(evaluation, point);
                    point[index] = kept;
                    for (query, base) in base.iter().enumerate() {
                        let (low, high) = (low[query], high[query]);
                        let scale = STILL * base.abs().max(f64::MIN_POSITIVE);
                        let moves = (low - base).abs() > scale || (high - base).abs() > scale;
                        match found.get_mut(query) {
                            Some(influence) => influence.depends |= moves,
                            None => {
                                found.push(Influence { input, range, result: (low, high), depends: moves })
                            }
                        }
                    }
                }
                found
            },
        )
        .collect();
    (0..queries.len()).map(|query| by_input.iter().map(|all| all[query]).collect()).collect()
}
