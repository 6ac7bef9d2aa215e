//! The fit of the coefficients of serving, and its cross-validation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use gigawatt_engine::serving::{Quantity, ServingCoefficients, ServingSpread};
use rayon::prelude::*;

use super::ServingLaws;
use super::asked::Asked;
use super::question::Answer;
use super::report::{OfMetric, by_metric};
use crate::fit::{Fit, Method, Parameter, Prior, fit};
use crate::statistics::Statistics;

/// A residual (a logarithm of predicted over measured) beyond which a row counts less than by its square.
const THRESHOLD: f64 = 0.1;

/// Where each coefficient is expected before these rows are seen, and how far from there: in logarithms where it is
/// positive, else as a share of its range.
const PRIORS: &[Prior] = &[
    ("matrix_ampere", 0.9, 0.2),
    ("matrix_hopper", 0.9, 0.2),
    ("matrix_blackwell", 0.9, 0.2),
    ("matrix_other", 0.7, 0.3),
    ("weights", 1.0, 0.15),
    ("weights_other", 0.8, 0.3),
    ("cache", 0.9, 0.2),
    ("layer_compiled", 1e-5, 0.7),
    ("layer_hopper", 3e-5, 0.7),
    ("layer_blackwell", 2e-5, 0.7),
    ("cast_start", 2e-6, 0.7),
    ("activation_passes", 8.0, 0.7),
    ("decode_start", 0.5, 0.7),
    ("experts_start", 0.8, 0.7),
    ("experts_matrix_hopper", 0.8, 0.4),
    ("experts_matrix_blackwell", 0.8, 0.4),
    ("expert_width", 300.0, 1.0),
    ("agreement", 0.2, 0.3),
    ("imbalance", 0.3, 0.3),
    ("collectives", 1.0, 0.4),
    ("host_vllm", 4e-3, 0.7),
    ("host_sglang", 3e-3, 0.7),
    ("host_tensorrt_llm", 3e-3, 0.7),
    ("sequence", 1e-5, 0.4),
    ("request_vllm", 2e-2, 1.0),
    ("request_sglang", 5e-2, 1.0),
    ("request_tensorrt_llm_first", 5e-2, 1.0),
    ("request_tensorrt_llm", 2e-2, 1.0),
    ("request_compiled", 5e-3, 1.0),
    ("eager_layer", 3e-4, 1.0),
    ("eager_latent", 5e-4, 1.0),
    ("eager_experts", 5e-4, 1.0),
    ("eager_exchange", 5e-4, 1.0),
    ("arrival", 2e-3, 1.0),
    ("burst", 0.05, 0.2),
    ("together", 0.3, 0.3),
    ("reserve", 0.04, 0.03),
    ("activations", 0.7, 0.5),
    ("sequence_early", 2e-5, 1.0),
    ("unshared", 0.5, 0.3),
    ("tuned", 1.15, 0.2),
    ("acceptance", 0.7, 0.2),
];

/// Share of measurements that an interval is to hold.
const COVERED: f64 = 0.8;

/// Steps of the search at most, for a fit and for one that begins at the fit of all rows.
const ITERATIONS: usize = 40;
const AGAIN: usize = 2;
/// A fit without a group sees each third of many rows: series are so dense that the others tell nothing more.
const THINNED: usize = 3;
const MANY: usize = 300;

/// How much a residual of a quantity weighs: the time to the first token repeats worst.
fn weight(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::EachToken => 1.0,
        Quantity::Throughput => 1.2,
        Quantity::FirstToken => 1.0,
        Quantity::LoadedFirstToken => 0.9,
    }
}

/// Fits the coefficients on some rows, from where they are expected.
pub fn fitted(rows: &[&Asked]) -> (ServingCoefficients, Fit) {
    run(rows, None, ITERATIONS)
}

fn run(
    rows: &[&Asked],
    start: Option<&ServingCoefficients>,
    iterations: usize,
) -> (ServingCoefficients, Fit) {
    let method = Method { threshold: THRESHOLD, iterations, tolerance: 1e-4 };
    let start = start.map(ServingCoefficients::values);
    let parameters = Parameter::of(ServingCoefficients::MEANINGS, PRIORS, start.as_deref());
    let (firsts, place) = alike(rows);
    let residuals = |values: &[f64]| -> Vec<f64> {
        let Some(with) = ServingCoefficients::with_values(values) else { return Vec::new() };
        let answers: Vec<Option<Answer>> = firsts.iter().map(|asked| asked.question.answer(&with)).collect();
        let each = rows.iter().zip(&place).map(|(asked, place)| {
            let residual = answers[*place].as_ref().map_or(f64::NAN, |answer| asked.residual(answer));
            residual * weight(asked.question.quantity)
        });
        each.collect()
    };
    let found = fit(&parameters, method, residuals);
    let with = ServingCoefficients::with_values(&found.values)
        .unwrap_or_else(|| unreachable!("there are as many values as coefficients"));
    (with, found)
}

/// The first of all rows that ask the same and differ in what was measured, and the place of each row among these.
fn alike<'r>(rows: &[&'r Asked]) -> (Vec<&'r Asked>, Vec<usize>) {
    let (mut firsts, mut known) = (Vec::new(), BTreeMap::new());
    let place = rows.iter().map(|asked| {
        *known.entry(asked.row.asks()).or_insert_with(|| {
            firsts.push(*asked);
            firsts.len() - 1
        })
    });
    let place = place.collect();
    (firsts, place)
}

/// Names what is left out of a fit together with a row.
type Key = fn(&Asked) -> String;

/// Ways of leaving groups out: by model and accelerator, and by generation of accelerators.
const WAYS: [(&str, Key); 2] = [
    ("model_gpu", |asked| format!("{} on {}", asked.row.model_norm, asked.row.gpu)),
    ("gpu_generation", |asked| asked.question.facts().generation.name().to_owned()),
];

/// Errors by metric of rows that the fit has not seen.
pub type CrossValidated = BTreeMap<&'static str, BTreeMap<&'static str, Statistics>>;

/// Errors of rows that the fit has not seen: each group is left out in turn, the rest is fitted from `laws` on, and the
/// group is predicted. `progress` is told how many of how many fits are done; nothing comes of it once `cancelled` says so.
pub fn cross_validated(
    rows: &[&Asked],
    laws: &ServingLaws,
    progress: &(dyn Fn(usize, usize) + Sync),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<CrossValidated> {
    let folds: Vec<(usize, String)> = WAYS
        .iter()
        .enumerate()
        .flat_map(|(way, (_, key))| {
            let groups: BTreeSet<String> = rows.iter().map(|asked| key(asked)).collect();
            groups.into_iter().map(move |group| (way, group))
        })
        .collect();
    let done = AtomicUsize::new(0);
    let predictions: Option<Vec<(usize, Vec<OfMetric>)>> = folds
        .par_iter()
        .map(|(way, group)| {
            if cancelled() {
                return None;
            }
            let key = WAYS[*way].1;
            let (out, kept): (Vec<&Asked>, Vec<&Asked>) = rows.iter().partition(|asked| key(asked) == *group);
            let step = if kept.len() > MANY { THINNED } else { 1 };
            let kept: Vec<&Asked> = kept.into_iter().step_by(step).collect();
            let (serving, _) = run(&kept, Some(&laws.serving), AGAIN);
            let laws = ServingLaws { serving, ..*laws };
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, folds.len());
            let predicted = out.iter().filter_map(|asked| {
                let answer = asked.answer(&laws.serving)?;
                Some((asked.metric(), asked.prediction_of(&answer, &laws)))
            });
            Some((*way, predicted.collect()))
        })
        .collect();
    let predictions = predictions?;
    let by_way = WAYS.iter().enumerate().map(|(way, (name, _))| {
        let of_way = predictions.iter().filter(|(of, _)| *of == way);
        (*name, by_metric(of_way.flat_map(|(_, all)| all.iter().copied())))
    });
    Some(by_way.collect())
}

/// Half-widths of the stated intervals with the least mean interval score (Gneiting and Raftery 2007, 4.3): width, and
/// ten times what a measurement lies outside.
///
/// Widths are searched one after the other by shrinking steps, which is enough for few numbers on a convex loss.
pub fn fitted_spread(rows: &[&Asked], with: &ServingCoefficients) -> ServingSpread {
    let errors: Vec<(&Asked, Answer, f64)> = rows
        .iter()
        .filter_map(|asked| {
            let answer = asked.answer(with)?;
            Some((*asked, answer, asked.residual(&answer).abs()))
        })
        .collect();
    let score = |values: &[f64]| {
        ServingSpread::with_values(values).map_or(f64::INFINITY, |spread| {
            let each = errors.iter().map(|(asked, answer, error)| {
                let deployment = asked.question.deployment(answer.layout, with);
                let width =
                    spread.half_width(asked.question.quantity, &deployment, answer.state.waiting > 0.0);
                2.0 * width + 2.0 / (1.0 - COVERED) * (error - width).max(0.0)
            });
            each.sum::<f64>()
        })
    };
    let meanings = ServingSpread::MEANINGS;
    let mut values: Vec<f64> = meanings.iter().map(|_| 0.2).collect();
    let (mut best, mut step) = (score(&values), 0.1);
    while step > 1e-3 {
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
    ServingSpread::with_values(&values).unwrap_or_else(|| unreachable!("there are as many values as widths"))
}
