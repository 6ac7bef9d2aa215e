//! What is probably behind a large error.

use gigawatt_engine::serving::{IterationLaw, ServingCoefficients};

use super::asked::Asked;
use super::question::Answer;
use crate::statistics::Prediction;

/// What is known against the row; else, where the interval does not hold the measurement, what binds and what was assumed.
pub fn cause(asked: &Asked, answer: &Answer, prediction: Prediction, with: &ServingCoefficients) -> String {
    if !asked.row.flag.is_empty() {
        return asked.row.flag.clone();
    }
    if (prediction.low..=prediction.high).contains(&prediction.measured) {
        return "inside the stated interval".to_owned();
    }
    let state = &answer.state;
    if state.waiting > 0.0 && asked.metric().starts_with("ttft") {
        return format!(
            "{:.0} requests wait for room beside {:.0} that are served: a little more or less room moves this much",
            state.waiting, state.decoding
        );
    }
    if asked.metric() == "ttft_loaded" && prediction.measured > 3.0 * prediction.predicted {
        return "prompts queue for longer than a steady state explains: a burst at the start, or a cap on sequences that is not stated"
            .to_owned();
    }
    let law = IterationLaw::new(asked.question.deployment(answer.layout, with), with);
    let mut cause =
        format!("{} binds in this stack ({})", law.binding(&state.batch).words(), asked.row.engine);
    if state.prompt_share > 0.3 {
        cause += &format!(", and prompts take {:.0} % of the time", 100.0 * state.prompt_share);
    }
    if asked.row.notes.contains("spec-decoding state not stated") {
        cause += "; guessing ahead is not stated and taken as off";
    }
    cause
}
