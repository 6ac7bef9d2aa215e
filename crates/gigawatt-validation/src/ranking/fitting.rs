//! How the coefficients of recommendation models are fitted.

use gigawatt_engine::ranking::RankingCoefficients;
use gigawatt_plan::catalog::Catalogue;

use super::predict::{Question, questions};
use crate::fit::{Method, Parameter, Prior, fit};
use crate::statistics::percentile;

/// Where coefficients are expected before a row is seen, and how far from there: few rows decide many, so each begins at what it
/// would be by its meaning, and the fit does not depend on the last one.
pub const PRIORS: &[Prior] = &[
    // Lookups of rows of 512 bytes: streaming kernels reach 0.8 to 0.9 of the bandwidth, lookups less.
    ("gather", 0.65, 0.3),
    ("matrix", 0.9, 0.15),
    ("exposed", 0.5, 0.3),
    ("tensorflow_step", 1e-3, 1.0),
    ("torchrec_step", 3e-3, 1.0),
    ("hugectr_step", 5e-4, 1.0),
];

const METHOD: Method = Method { threshold: 0.1, iterations: 200, tolerance: 1e-9 };

/// Fits what rows of training decide, and then the spread that is left; what serving alone decides stays.
///
/// # Errors
/// The first thing that is wrong with the rows.
pub fn fit_ranking(
    catalogue: &Catalogue,
    start: &RankingCoefficients,
) -> Result<RankingCoefficients, String> {
    let questions = questions(catalogue)?;
    let values = start.values();
    let all = Parameter::of(RankingCoefficients::MEANINGS, PRIORS, None);
    let free: Vec<usize> = (0..all.len())
        .filter(|index| PRIORS.iter().any(|(name, ..)| *name == RankingCoefficients::MEANINGS[*index].name))
        .collect();
    let with = |inner: &[f64]| {
        let mut all = values.clone();
        for (index, value) in free.iter().zip(inner) {
            all[*index] = *value;
        }
        RankingCoefficients::with_values(&all).unwrap_or(*start)
    };
    let parameters: Vec<Parameter> = free.iter().map(|index| all[*index]).collect();
    let found = fit(&parameters, METHOD, |inner| residuals(&questions, &with(inner)));
    let rounded: Vec<f64> = found.values.iter().map(|value| rounded(*value)).collect();
    let mut set = with(&rounded);
    let mut far: Vec<f64> = residuals(&questions, &set).into_iter().map(f64::abs).collect();
    set.spread = (percentile(&mut far, 0.8) * 100.0).ceil() / 100.0;
    Ok(set)
}

fn residuals(questions: &[Question], c: &RankingCoefficients) -> Vec<f64> {
    questions.iter().map(|question| libm::log(question.throughput(c) / question.row.throughput)).collect()
}

/// To three significant figures, which is more than the rows decide.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}
