//! The results of training runs.

use super::vocabulary::Builder;
use crate::plan::{Behaviour, Grid, PhaseIds, ResultId, TrainingIds, TrainingPlan};
use crate::quantity::Dimension as D;

pub(super) fn runs(b: &mut Builder, runs: &[TrainingPlan]) -> Vec<TrainingIds> {
    runs.iter().map(|run| ids_of(b, run)).collect()
}

const STEP_TIME: &str =
    "time of the busiest stage with what it waits for, from kernels and collectives × model error";
const RATE: &str = "6 × active parameters × tokens of a step / (time of a step × accelerators); attention's arithmetic, work computed again and lost time not counted";
const MODEL_RATE: &str = "3 × forward FLOP (2 for each weight of a matrix, attention over the tokens before) × tokens of a step / (time of a step × accelerators)";
const UNCAUSAL_RATE: &str = "3 × forward FLOP (2 for each weight of a matrix, attention over the whole sequence) × tokens of a step / (time of a step × accelerators)";

fn ids_of(b: &mut Builder, run: &TrainingPlan) -> TrainingIds {
    let title = |words: &str| format!("{}: {words}", run.title);
    let path = |what: &str| format!("training.{}.{what}", run.name);
    b.grid = Grid::Moments;
    let mut level = |what: &str, words: &str, dimension, law| {
        b.add(&path(what), &title(words), dimension, Behaviour::Stock, law)
    };
    let tokens =
        level("tokens", "tokens trained", D::Count, "phase by phase, at an even rate from start to end");
    let progress =
        level("progress", "part of the tokens trained", D::Ratio, "tokens trained / tokens of the run");
    b.grid = Grid::Plan;
    let mut whole = |what: &str, words: &str, dimension, law: &str| -> ResultId {
        b.add(&path(what), &title(words), dimension, Behaviour::Whole, law)
    };
    let compute =
        whole("compute", "computing (6ND)", D::Compute, "6 × active parameters × tokens, without extra work");
    let step_time = whole(
        "step_time",
        "time of a step",
        D::Duration,
        &of_phases(run, STEP_TIME, "Σ time of steps / Σ steps"),
    );
    let tokens_per_second = whole(
        "tokens_per_second",
        "tokens per second of all accelerators",
        D::TokenRate,
        "Σ tokens / Σ time of steps, lost time and extra work not counted",
    );
    let rate = whole(
        "rate",
        "rate of an accelerator (6ND)",
        D::ComputeRate,
        &of_phases(run, RATE, "Σ FLOP / Σ (time of steps × accelerators)"),
    );
    let model_rate = whole(
        "model_rate",
        "rate of an accelerator with attention",
        D::ComputeRate,
        &of_phases(run, MODEL_RATE, "Σ FLOP / Σ (time of steps × accelerators)"),
    );
    let model_flops_utilisation = whole(
        "model_flops_utilisation",
        "model FLOPs utilisation",
        D::Ratio,
        &format!("rate with attention / dense peak of {}", run.precision.peak_fact().to_uppercase()),
    );
    let duration = whole(
        "duration",
        "duration",
        D::Duration,
        "Σ steps × time of a step × (1 + extra work) / effective time",
    );
    let end =
        whole("end", "end, counted from the first day of the plan", D::Duration, "start + delay + duration");
    let gpu_hours = whole(
        "gpu_hours",
        "accelerator-hours",
        D::Count,
        "Σ accelerators × duration, lost time and extra work counted",
    );
    let energy = whole(
        "energy",
        "energy at the meter",
        D::Energy,
        "Σ accelerators / accelerators per system × system power × network overhead × utilisation × PUE × duration",
    );
    let cost =
        whole("cost", "cost of its accelerator-hours", D::Money, "accelerator-hours × price of an hour");
    let extra_work_implied = run.reported_hours.map(|_| {
        whole(
            "extra_work_implied",
            "extra work with which it took the hours published",
            D::Ratio,
            "accelerator-hours published / accelerator-hours without extra work - 1",
        )
    });
    let phases = if run.phases.len() > 1 {
        run.phases
            .iter()
            .map(|phase| {
                let path = |what: &str| format!("training.{}.phase.{}.{what}", run.name, phase.name);
                let title = |words: &str| format!("{}, {}: {words}", run.title, phase.title);
                let mut whole = |what: &str, words: &str, dimension, law| {
                    b.add(&path(what), &title(words), dimension, Behaviour::Whole, law)
                };
                PhaseIds {
                    step_time: whole("step_time", "time of a step", D::Duration, STEP_TIME),
                    rate: whole("rate", "rate of an accelerator (6ND)", D::ComputeRate, RATE),
                    model_rate: whole(
                        "model_rate",
                        "rate of an accelerator with attention",
                        D::ComputeRate,
                        MODEL_RATE,
                    ),
                    uncausal_rate: whole(
                        "uncausal_rate",
                        "rate of an accelerator with attention over whole sequences",
                        D::ComputeRate,
                        UNCAUSAL_RATE,
                    ),
                    duration: whole(
                        "duration",
                        "duration",
                        D::Duration,
                        "steps × time of a step × (1 + extra work) / effective time",
                    ),
                }
            })
            .collect()
    } else {
        Vec::new()
    };
    TrainingIds {
        tokens,
        progress,
        compute,
        step_time,
        tokens_per_second,
        rate,
        model_rate,
        model_flops_utilisation,
        duration,
        end,
        gpu_hours,
        energy,
        cost,
        extra_work_implied,
        phases,
    }
}

/// The law of a mean over phases, or that of the only one.
fn of_phases(run: &TrainingPlan, one: &str, several: &str) -> String {
    if run.phases.len() > 1 { format!("{several}, over phases: {one}") } else { one.to_owned() }
}
