//! Sensitivity: which inputs drive a result over the draws.

use gigawatt_plan::plan::{InputId, Plan};
use rayon::prelude::*;

use super::ranks::{correlation, ranks};
use crate::draw::Sampler;
use crate::influence::Influence;

/// An input that drives a result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Driver {
    /// The input.
    pub input: InputId,
    /// Spearman's rank correlation of input and result over the draws: above zero where the result rises with
    /// the input.
    pub rank_correlation: f64,
    /// The input's p10 and p90.
    pub range: (f64, f64),
    /// The result with the input at its p10 and at its p90, every other input as in the reference case.
    pub result: (f64, f64),
}

impl Driver {
    /// How far the result moves between the input's p10 and p90.
    pub fn swing(&self) -> f64 {
        self.result.1 - self.result.0
    }
}

/// Inputs that are named for a result.
const MOST: usize = 10;

/// A rank correlation of `n` draws without a connection has a standard error of about `1 / √n`; below this many
/// of them it is no more than chance.
const SIGNIFICANT: f64 = 2.0;

/// The inputs that drive each of several results, the strongest first: those that move it when they alone are
/// moved, and whose rank correlation with it is more than chance. An input that only moves together with such a
/// one is not among them.
///
/// `columns` holds the values of each result in the order of the draws; one that does not exist in every draw
/// has no drivers. `influences` are those of the same results.
pub(crate) fn drivers(
    plan: &Plan,
    columns: &[&[f64]],
    influences: &[&[Influence]],
    memory: usize,
) -> Vec<Vec<Driver>> {
    let exists = |column: &[f64]| column.iter().all(|value| value.is_finite());
    let results: Vec<Option<Vec<f32>>> =
        columns.par_iter().map(|column| exists(column).then(|| ranks(column))).collect();
    let draws = columns.first().map_or(0, |column| column.len());
    #[expect(clippy::cast_precision_loss, reason = "a sample has fewer than 2^53 draws")]
    let significant = SIGNIFICANT / (draws as f64).sqrt();
    let uncertain: Vec<usize> = (0..plan.inputs.len())
        .filter(|&input| plan.inputs[input].distribution.is_uncertain())
        .filter(|&input| influences.iter().any(|of| of[input].depends))
        .collect();
    let mut found = vec![Vec::new(); columns.len()];
    // The inputs are drawn again, as many at a time as there is memory for.
    let at_once = (memory / (size_of::<f64>() * draws.max(1))).max(1);
    for group in uncertain.chunks(at_once) {
        let drawn = drawn_columns(plan, group, draws);
        let by_input: Vec<Vec<f64>> = drawn
            .par_iter()
            .map(|column| {
                let input = ranks(column);
                let with = |result: &Option<Vec<f32>>| {
                    result.as_ref().map_or(0.0, |result| correlation(&input, result))
                };
                results.iter().map(with).collect()
            })
            .collect();
        for (&input, correlations) in group.iter().zip(by_input) {
            for (result, rank_correlation) in correlations.into_iter().enumerate() {
                let influence = influences[result][input];
                if influence.depends && rank_correlation.abs() > significant {
                    let Influence { input, range, result: moved, .. } = influence;
                    found[result].push(Driver { input, rank_correlation, range, result: moved });
                }
            }
        }
    }
    for drivers in &mut found {
        let strength = |driver: &Driver| driver.rank_correlation.abs();
        drivers.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then(a.input.cmp(&b.input)));
        drivers.truncate(MOST);
    }
    found
}

/// The drawn values of some inputs, each in the order of the draws.
fn drawn_columns(plan: &Plan, inputs: &[usize], draws: usize) -> Vec<Vec<f64>> {
    let sampler = Sampler::new(plan, plan.seed);
    let starts: Vec<usize> = (0..draws).step_by(CHUNK).collect();
    let chunks: Vec<Vec<f64>> = starts
        .into_par_iter()
        .map_init(Vec::new, |rows, start| {
            let count = CHUNK.min(draws - start);
            rows.clear();
            rows.resize(count * sampler.inputs(), 0.0);
            sampler.fill(start as u64, rows);
            let row = |draw: usize| &rows[draw * sampler.inputs()..];
            inputs.iter().flat_map(|&input| (0..count).map(move |draw| row(draw)[input])).collect()
        })
        .collect();
    (0..inputs.len())
        .map(|at| {
            let part = |chunk: &Vec<f64>| {
                let count = chunk.len() / inputs.len();
                chunk[at * count..(at + 1) * count].to_vec()
            };
            chunks.iter().flat_map(part).collect()
        })
        .collect()
}

/// Draws that one task takes.
const CHUNK: usize = 500;
