//! Points of a sweep: a plan evaluated with some of its inputs at given values.

use gigawatt_plan::plan::{Bounds, InputId, Plan, Query};
use gigawatt_plan::world::Observer;
use rayon::prelude::*;

use crate::claims::part;
use crate::draw::{Draw, Sampler};
use crate::run::{Cancelled, Evaluation, Tables};
use crate::uncertainty::{Quantiles, quantiles};

/// A number that is read at every point.
#[derive(Clone, Debug)]
pub struct Reading {
    /// How it is read.
    pub query: Query,
    /// Bounds that it may keep: with draws, how probable that is.
    pub bounds: Option<Bounds>,
}

/// What the draws of a point say of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// Its spread.
    pub quantiles: Quantiles,
    /// Part of the draws that keep its bounds.
    pub probability: Option<f64>,
}

/// Points that one task takes.
const CHUNK: usize = 16;

/// The readings of the reference case at every point: each holds the values of the `varied` inputs;
/// the answer holds the readings, point after point. Points are independent, so the number of threads changes
/// nothing.
///
/// # Errors
/// [`Cancelled`] when the observer says so.
pub fn reference_runs(
    plan: &Plan,
    varied: &[InputId],
    points: &[Vec<f64>],
    readings: &[Reading],
    observer: &dyn Observer,
) -> Result<Vec<f64>, Cancelled> {
    let reference = Draw::reference(plan);
    let tables = Tables::new(plan);
    let chunks: Result<Vec<Vec<f64>>, Cancelled> = points
        .par_chunks(CHUNK)
        .map_init(
            || (Evaluation::with(plan, &tables), reference.clone()),
            |(evaluation, row), points| {
                if observer.cancelled() {
                    return Err(Cancelled);
                }
                let mut out = Vec::with_capacity(CHUNK * readings.len());
                for point in points {
                    for (input, value) in varied.iter().zip(point) {
                        row[input.0 as usize] = *value;
                    }
                    let series = evaluation.run(plan, Draw::new(row));
                    out.extend(readings.iter().map(|reading| series.read(plan, &reading.query)));
                }
                Ok(out)
            },
        )
        .collect();
    Ok(chunks?.concat())
}

/// The same over `draws` draws of every other input, which are the same at every point: what differs between points
/// differs by what is varied alone.
///
/// # Errors
/// [`Cancelled`] when the observer says so.
pub fn sampled_runs(
    plan: &Plan,
    varied: &[InputId],
    points: &[Vec<f64>],
    readings: &[Reading],
    draws: u32,
    observer: &dyn Observer,
) -> Result<Vec<Sampled>, Cancelled> {
    let sampler = Sampler::new(plan, plan.seed);
    let inputs = sampler.inputs().max(1);
    let mut rows = vec![0.0; draws as usize * inputs];
    sampler.fill(0, &mut rows);
    let tables = Tables::new(plan);
    let all: Result<Vec<Vec<Sampled>>, Cancelled> = points
        .par_iter()
        .map_init(
            || (Evaluation::with(plan, &tables), vec![0.0; inputs], vec![Vec::new(); readings.len()]),
            |(evaluation, drawn, columns), point| {
                if observer.cancelled() {
                    return Err(Cancelled);
                }
                columns.iter_mut().for_each(Vec::clear);
                for row in rows.chunks_exact(inputs) {
                    drawn.copy_from_slice(row);
                    for (input, value) in varied.iter().zip(point) {
                        drawn[input.0 as usize] = *value;
                    }
                    let series = evaluation.run(plan, Draw::new(drawn));
                    for (reading, column) in readings.iter().zip(columns.iter_mut()) {
                        column.push(series.read(plan, &reading.query));
                    }
                }
                let sampled = readings.iter().zip(columns).map(|(reading, column)| Sampled {
                    probability: reading.bounds.as_ref().map(|bounds| part(column, bounds)),
                    quantiles: quantiles(column),
                });
                Ok(sampled.collect())
            },
        )
        .collect();
    Ok(all?.concat())
}
