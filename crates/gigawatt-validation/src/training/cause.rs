//! What is probably behind a large error.

use gigawatt_engine::training::Step;

use super::asked::Asked;
use crate::statistics::Prediction;

/// What is known against the row; else, where the interval does not hold the measurement, which part of the step is large and told by few rows.
pub fn cause(asked: &Asked, step: &Step, prediction: Prediction) -> String {
    if !asked.row.flag.is_empty() {
        return asked.row.flag.clone();
    }
    if (prediction.low..=prediction.high).contains(&prediction.measured) {
        return "inside the stated interval".to_owned();
    }
    let breakdown = &step.breakdown;
    let share = |part: f64| part / step.seconds;
    let suspects = [
        ("visible data-parallel traffic", share(breakdown.data), 0.2),
        ("expert traffic and host time", share(breakdown.passes.expert + breakdown.passes.host), 0.25),
        ("the pipeline's bubble", share(breakdown.bubble), 0.12),
        (
            "visible tensor- and context-parallel traffic",
            share(breakdown.passes.tensor + breakdown.passes.context),
            0.12,
        ),
        ("attention", share(breakdown.passes.attention), 0.25),
    ];
    let suspect =
        suspects.into_iter().filter(|(_, share, much)| share > much).max_by(|a, b| a.1.total_cmp(&b.1));
    match suspect {
        Some((name, share, _)) => {
            format!("{name} is {:.0} % of the predicted step and known from few rows", 100.0 * share)
        }
        None => format!(
            "matrix products are {:.0} % of the predicted step: their rate in this stack ({}, {}) differs",
            100.0 * share(breakdown.passes.matrix),
            asked.row.document,
            asked.row.precision,
        ),
    }
}
