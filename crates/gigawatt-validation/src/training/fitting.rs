//! The fit of the training law's coefficients, and its cross-validation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use gigawatt_engine::training::{TrainingCoefficients, TrainingSpread};
use rayon::prelude::*;

use super::Laws;
use super::asked::Asked;
use crate::fit::{Fit, Method, Parameter, Prior, fit};
use crate::statistics::{Prediction, Statistics};

/// A residual (a logarithm of predicted over measured) beyond which a row counts less than by its square.
const THRESHOLD: f64 = 0.05;

/// Where each coefficient is expected before these rows are seen, and how far from there: in logarithms where it is
/// positive, else as a share of its range. Kernels and links alone suggest shares near one, sources of frameworks how
/// often operands are read, and published profiles the host's times.
const PRIORS: &[Prior] = &[
    ("sustained_ampere", 0.95, 0.1),
    ("sustained_hopper", 0.95, 0.1),
    ("sustained_blackwell", 0.95, 0.1),
    ("sustained_8_bit", 1.0, 0.1),
    ("sustained_4_bit", 0.95, 0.15),
    ("backward_matrix", 1.05, 0.1),
    ("softmax_visible", 0.7, 0.3),
    ("backward_attention", 0.7, 0.25),
    ("first_attention", 0.7, 0.3),
    ("second_attention", 0.65, 0.2),
    ("fused_traffic", 1.3, 0.3),
    ("eager_traffic", 1.6, 0.2),
    ("fused_loss", 12.0, 0.4),
    ("unfused_loss", 28.0, 0.4),
    ("tensor_scaling", 1.3, 0.3),
    ("block_scaling", 1.6, 0.3),
    ("launch", 5e-06, 0.3),
    ("tensor_visible", 0.35, 0.2),
    ("data_visible", 0.15, 0.3),
    ("fabric_share", 0.8, 0.2),
    ("congestion", 0.02, 0.3),
    ("expert_visible", 0.4, 0.3),
    ("permutation_traffic", 2.5, 0.5),
    ("fused_permutation", 1.0, 0.5),
    ("expert_host", 0.003, 0.3),
    ("expert_launch", 0.0002, 0.3),
    ("immaturity", 0.15, 0.3),
    ("maturing", 0.9, 0.1),
    ("expert_matrix", 0.85, 0.2),
    ("optimizer_traffic", 1.2, 0.3),
    ("step_host", 0.015, 0.3),
    ("straggler", 0.004, 0.3),
    ("hop_visible", 0.4, 0.3),
];

/// Share of measurements that an interval is to hold.
const COVERED: f64 = 0.8;

/// Steps of the search at most, for a fit and for one that begins at the fit of all rows.
const ITERATIONS: usize = 60;
const AGAIN: usize = 8;

/// Fits the coefficients on some rows, from where they are expected.
pub fn fitted(rows: &[&Asked]) -> (TrainingCoefficients, Fit) {
    run(rows, None, ITERATIONS)
}

fn run(
    rows: &[&Asked],
    start: Option<&TrainingCoefficients>,
    iterations: usize,
) -> (TrainingCoefficients, Fit) {
    let method = Method { threshold: THRESHOLD, iterations, tolerance: 1e-6 };
    let start = start.map(TrainingCoefficients::values);
    let parameters = Parameter::of(TrainingCoefficients::MEANINGS, PRIORS, start.as_deref());
    let residuals = |values: &[f64]| -> Vec<f64> {
        let Some(with) = TrainingCoefficients::with_values(values) else { return Vec::new() };
        rows.iter().map(|asked| libm::log(asked.answer(&with).tokens_per_second / asked.measured)).collect()
    };
    let found = fit(&parameters, method, residuals);
    let with = TrainingCoefficients::with_values(&found.values)
        .unwrap_or_else(|| unreachable!("there are as many values as coefficients"));
    (with, found)
}

/// Names what is left out of a fit together with a row.
type Key = fn(&Asked) -> String;

/// Ways of leaving groups out: by document (with its container), by model and family of accelerator, by publisher.
const WAYS: [(&str, Key); 3] = [
    ("document", |asked| asked.row.document.clone()),
    ("model_gpu", |asked| format!("{} on {}", asked.row.model, asked.row.gpu_family)),
    ("publisher", |asked| asked.row.publisher.clone()),
];

/// Errors of rows that the fit has not seen: each group is left out in turn, the rest is fitted from `laws` on, and the
/// group is predicted. `progress` is told how many of how many fits are done; nothing comes of it once `cancelled` says so.
pub fn cross_validated(
    rows: &[&Asked],
    laws: &Laws,
    progress: &(dyn Fn(usize, usize) + Sync),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<BTreeMap<&'static str, Statistics>> {
    let folds: Vec<(usize, String)> = WAYS
        .iter()
        .enumerate()
        .flat_map(|(way, (_, key))| {
            let groups: BTreeSet<String> = rows.iter().map(|asked| key(asked)).collect();
            groups.into_iter().map(move |group| (way, group))
        })
        .collect();
    let done = AtomicUsize::new(0);
    let predictions: Option<Vec<(usize, Vec<Prediction>)>> = folds
        .par_iter()
        .map(|(way, group)| {
            if cancelled() {
                return None;
            }
            let key = WAYS[*way].1;
            let (out, kept): (Vec<&Asked>, Vec<&Asked>) = rows.iter().partition(|asked| key(asked) == *group);
            let (training, _) = run(&kept, Some(&laws.training), AGAIN);
            let laws = Laws { training, ..*laws };
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, folds.len());
            Some((*way, out.iter().map(|asked| asked.prediction(&laws)).collect()))
        })
        .collect();
    let predictions = predictions?;
    let by_way = WAYS
        .iter()
        .enumerate()
        .filter_map(|(way, (name, _))| {
            let of_way = predictions.iter().filter(|(of, _)| *of == way);
            Some((*name, Statistics::of(of_way.flat_map(|(_, all)| all.iter().copied()))?))
        })
        .collect();
    Some(by_way)
}

/// Half-widths of the stated intervals with the least mean interval score (Gneiting and Raftery 2007, 4.3): width, and
/// ten times what a measurement lies outside.
///
/// Widths are searched one after the other by shrinking steps, which is enough for five numbers on a convex loss.
pub fn fitted_spread(rows: &[&Asked], with: &TrainingCoefficients) -> TrainingSpread {
    let errors: Vec<f64> = rows
        .iter()
        .map(|asked| libm::log(asked.answer(with).tokens_per_second / asked.measured).abs())
        .collect();
    let score = |values: &[f64]| {
        TrainingSpread::with_values(values).map_or(f64::INFINITY, |spread| {
            let each = rows.iter().zip(&errors).map(|(asked, error)| {
                let width = spread.half_width(&asked.question.job());
                2.0 * width + 2.0 / (1.0 - COVERED) * (error - width).max(0.0)
            });
            each.sum::<f64>()
        })
    };
    let meanings = TrainingSpread::MEANINGS;
    let mut values: Vec<f64> = meanings.iter().map(|_| 0.05).collect();
    let (mut best, mut step) = (score(&values), 0.04);
    while step > 1e-4 {
        let before = best;
        for (index, meaning) in meanings.iter().enumerate() {
            for moved in [values[index] - step, values[index] + step] {
                let mut next = values.clone();
                next[index] = moved.clamp(meaning.least, meaning.most);
                let found = score(&next);
                if found < best {
                    (best, values) = (found, next);
                }
            }
        }
        if best >= before {
            step /= 2.0;
        }
    }
    TrainingSpread::with_values(&values).unwrap_or_else(|| unreachable!("there are as many values as widths"))
}
