//! Where the engine puts the results of training runs.

use serde::{Deserialize, Serialize};

use super::ResultId;

/// Ids of a training run's results: one number for the whole plan each, but for the first two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingIds {
    /// Tokens trained so far.
    pub tokens: ResultId,
    /// Those over all of the run.
    pub progress: ResultId,
    /// Model FLOP of all tokens, six for each active parameter.
    pub compute: ResultId,
    /// Mean time of a step.
    pub step_time: ResultId,
    /// Tokens per second of the whole run while it gets on.
    pub tokens_per_second: ResultId,
    /// Model FLOP per second and accelerator, six for each active parameter and token.
    pub rate: ResultId,
    /// The same with the arithmetic of attention.
    pub model_rate: ResultId,
    /// That over the dense peak of the run's number format.
    pub model_flops_utilisation: ResultId,
    /// From start to end.
    pub duration: ResultId,
    /// Its end, from the start of the plan.
    pub end: ResultId,
    /// Accelerator-hours.
    pub gpu_hours: ResultId,
    /// Energy at the meter.
    pub energy: ResultId,
    /// What its accelerator-hours cost.
    pub cost: ResultId,
    /// Extra work with which its accelerator-hours would be those that were published, where some were.
    pub extra_work_implied: Option<ResultId>,
    /// Its phases, in the order of the plan; none where there is only one.
    pub phases: Vec<PhaseIds>,
}

impl TrainingIds {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = ResultId> {
        let whole = [
            self.tokens,
            self.progress,
            self.compute,
            self.step_time,
            self.tokens_per_second,
            self.rate,
            self.model_rate,
            self.model_flops_utilisation,
            self.duration,
            self.end,
            self.gpu_hours,
            self.energy,
            self.cost,
        ];
        let phases = self
            .phases
            .iter()
            .flat_map(|ids| [ids.step_time, ids.rate, ids.model_rate, ids.uncausal_rate, ids.duration]);
        whole.into_iter().chain(self.extra_work_implied).chain(phases)
    }
}

/// Ids of the results of a part of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseIds {
    /// Time of a step.
    pub step_time: ResultId,
    /// Model FLOP per second and accelerator, six for each active parameter and token.
    pub rate: ResultId,
    /// The same with the arithmetic of attention.
    pub model_rate: ResultId,
    /// The same with attention as if each token saw the whole sequence, which some publishers count.
    pub uncausal_rate: ResultId,
    /// From start to end.
    pub duration: ResultId,
}
