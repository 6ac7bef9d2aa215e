//! Training runs read from what launches them: argument lists of Megatron-LM and configurations of torchtitan.
//!
//! What such a file says becomes the same fields that `[[training]]` has, each with its place in the file; what the
//! scenario writes itself is laid over it. Options that change speed or memory and are not understood are told at
//! their characters, those that change neither are passed over.

mod flavors;
mod megatron;
mod megatron_layout;
mod megatron_offload;
mod megatron_shape;
mod options;
mod shell;
mod torchtitan;
mod torchtitan_table;

use super::sections::Scenario;
use super::sections_training::{PhaseFields, TrainingSection};
use crate::catalog::Shape;
use crate::text::{Diagnostics, SourceMap, Spanned, open_named};
use crate::training::Framework;
use crate::world::World;

pub use flavors::{FLAVORS, Flavor};

/// A run as a launch file describes it.
#[derive(Clone, Debug)]
struct Launch {
    /// The model in the catalogue that it names.
    model: Option<Spanned<String>>,
    /// The model's numbers, where it gives them.
    architecture: Option<Spanned<Shape>>,
    /// Word of the number format.
    precision: Option<Spanned<String>>,
    /// What its software does.
    software: Framework,
    /// Sequence, batch and layout.
    fields: PhaseFields,
    /// Tokens in all.
    tokens: Option<Spanned<f64>>,
}

/// What the scenario says beside a launch file, as far as reading the file depends on it.
#[derive(Clone, Copy, Debug)]
struct Beside {
    /// Accelerators of the run.
    accelerators: Option<u64>,
    /// Whether the model is named or described.
    model: bool,
    /// Its layers, where they are known.
    layers: Option<u64>,
}

/// Reads the launch files that runs name and lays what the runs say over them.
pub(super) fn load_launches(
    scenario: &mut Scenario,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) {
    for run in &mut scenario.training {
        let beside = Beside {
            accelerators: run.shared.accelerators.as_ref().map(|number| number.value),
            model: run.model.is_some() || run.architecture.is_some(),
            layers: match (&run.architecture, &run.model) {
                (Some(shape), _) => Some(shape.value.layers),
                (None, Some(model)) => flavors::layers_of(&model.value),
                (None, None) => None,
            },
        };
        let launch = match (&run.from_megatron, &run.from_torchtitan) {
            (Some(name), _) => open_named(name, "a script or list of arguments", world, sources, diagnostics)
                .and_then(|source| megatron::read(sources, source, beside, diagnostics)),
            (None, Some(name)) => open_named(name, "a TOML file of torchtitan", world, sources, diagnostics)
                .and_then(|source| torchtitan::read(sources, source, beside, diagnostics)),
            (None, None) => continue,
        };
        match launch {
            Some(launch) => lay_over(run, launch),
            // It was told why.
            None => run.shared.unreadable = true,
        }
    }
}

fn lay_over(run: &mut TrainingSection, launch: Launch) {
    if run.model.is_none() && run.architecture.is_none() {
        run.model = launch.model;
        run.architecture = launch.architecture;
    }
    run.precision = run.precision.take().or(launch.precision);
    run.software = run.framework.is_none().then_some(launch.software);
    run.shared = run.shared.over(&launch.fields);
    if run.phases.iter().all(|phase| phase.tokens.is_none())
        && let Some(tokens) = launch.tokens
    {
        run.values.entry("tokens").or_insert(tokens.map(crate::fact::Written::constant));
    }
}
