//! `gw tune`.

mod narrowing;

use std::process::ExitCode;

use gigawatt_engine::training::search::Space;
use gigawatt_engine::training::{Extent, StepLaws, Tuning, TuningAsked, tune as search};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::training::{Framework, Layout};
use gigawatt_report::Summary;
use gigawatt_report::launch::launches;
use gigawatt_report::training::{RunSummary, runs};
use gigawatt_report::tune::{LayoutSummary, TuningSummary};
use serde_json::json;

use super::launch::told;
use super::train::{BATCH_TOKENS, SEQUENCE, alone_plan, known, wanted};
use crate::arguments::{Objective, RunAlone, ScenarioOptions, TuneOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{scenario, terminal, tune_terminal};

pub use narrowing::Narrowing;

/// What is shown of a phase.
pub struct Shown {
    /// The layouts.
    pub tuning: TuningSummary,
    /// The best of those that a user named, if one was.
    pub why: Option<TuningSummary>,
    /// Where the phase stands in the plan.
    place: (usize, usize),
    /// The best layout with the software's switches, if any can be run.
    best: Option<(Framework, Layout)>,
}

/// Layouts of each phase that a run's folder holds.
const SHOWN: usize = 5;

/// Prints the best layouts of training runs.
pub fn tune(options: &TuneOptions) -> Result<ExitCode, Failure> {
    let mut plan = match &options.scenario {
        Some(path) => {
            let settings = options.settings.clone();
            let scenario = ScenarioOptions { path: path.clone(), settings, manner: options.manner.clone() };
            scenario::read(&scenario, &options.settings)?
        }
        None => alone_plan(&begun(&options.alone), &options.settings, &options.manner)?,
    };
    let watcher = Watcher::new(options.manner.quiet);
    let summary = Summary::new(&plan, &gigawatt_engine::run(&plan, &watcher)?);
    let all = wanted(runs(&plan, &summary), options.name.as_deref())?;
    let shown = phases(options, &plan, &all, &watcher)?;
    drop(watcher);
    if let Some(tool) = options.emit {
        let mut launched = Vec::new();
        for one in &shown {
            let Some((framework, layout)) = one.best else {
                terminal::note(&format!("{}: no layout can be run", one.tuning.run_title));
                continue;
            };
            let (run, phase) = one.place;
            plan.training[run].framework = framework;
            plan.training[run].phases[phase].layout = layout;
            launched.push((one.tuning.run.clone(), one.tuning.phase.clone()));
        }
        let mut launches = launches(&plan, tool);
        launches.retain(|one| launched.contains(&(one.run.clone(), one.phase.clone())));
        return told(&launches, &options.manner);
    }
    if options.manner.json {
        let documents: Vec<serde_json::Value> = shown.iter().map(|one| to_json(one, options.by)).collect();
        terminal::print_json(&json!({ "name": summary.name, "run": summary.run, "phases": documents }))?;
    } else {
        terminal::print(&tune_terminal::shown(&shown, options))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A run of the command line with a layout from which its batch can be shared out, where it says none: the search
/// replaces it.
fn begun(run: &RunAlone) -> RunAlone {
    let mut run = run.clone();
    if let (true, Some(accelerators)) = (run.has_no_layout(), run.gpus) {
        let batch = run.batch.unwrap_or(BATCH_TOKENS / run.sequence.unwrap_or(SEQUENCE).max(1)).max(1);
        // Accelerators for each of as many data-parallel ranks as the batch can have.
        let each = accelerators / common_divisor(accelerators, batch).max(1);
        let tensor = common_divisor(each, 8);
        run.batch = Some(batch);
        (run.tensor, run.pipeline) = (Some(tensor), Some(each / tensor.max(1)));
    }
    run
}

/// The greatest number that divides both.
fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The best layouts of every phase, and for the phase with most tokens of each run those on a quarter, half and twice
/// its accelerators.
pub(super) fn layouts(
    plan: &Plan,
    summary: &Summary,
    watcher: &Watcher,
) -> Result<Vec<TuningSummary>, Failure> {
    let laws = StepLaws::embedded().map_err(Failure::internal)?;
    let mut tunings = Vec::new();
    for run in runs(plan, summary) {
        let Some(index) = plan.training.iter().position(|planned| planned.name == run.name) else { continue };
        let longest = run.longest_phase();
        for (phase, of) in run.phases.iter().enumerate() {
            let others = [of.accelerators / 4, of.accelerators / 2, of.accelerators.saturating_mul(2)];
            let others = others.into_iter().filter(|number| *number > 0 && longest == phase);
            let accelerators: Vec<u64> = others.collect();
            let asked = TuningAsked {
                number: SHOWN,
                accelerators: &accelerators,
                extent: Extent::Usual,
                narrow: &|_| {},
            };
            let found: Option<Tuning> = search(plan, (index, phase), &laws, &asked, watcher)?;
            tunings.extend(found.and_then(|found| TuningSummary::new(&run, phase, &found)));
        }
    }
    Ok(tunings)
}

fn phases(
    options: &TuneOptions,
    plan: &Plan,
    all: &[RunSummary],
    watcher: &Watcher,
) -> Result<Vec<Shown>, Failure> {
    let names: Vec<&str> =
        all.iter().flat_map(|run| run.phases.iter().map(|phase| phase.name.as_str())).collect();
    known(options.phase.as_deref(), "phase", "the run", &names)?;
    let laws = StepLaws::embedded().map_err(Failure::internal)?;
    let mut shown = Vec::new();
    for run in all {
        let Some(index) = plan.training.iter().position(|planned| planned.name == run.name) else { continue };
        for (phase, of) in run.phases.iter().enumerate() {
            if options.phase.as_ref().is_some_and(|name| *name != of.name) {
                continue;
            }
            let narrowed = |space: &mut Space| options.space.iter().for_each(|one| one.apply(space));
            let ask = |accelerators: &[u64], number: usize, narrow: &dyn Fn(&mut Space)| {
                let asked = TuningAsked { number, accelerators, extent: Extent::Everything, narrow };
                let found: Option<Tuning> = search(plan, (index, phase), &laws, &asked, watcher)?;
                Ok::<_, Failure>(found.and_then(|found| {
                    let best = found.search.best.first().map(|best| (best.framework, best.layout));
                    let mut summary = TuningSummary::new(run, phase, &found)?;
                    if options.alone.has_no_layout() {
                        // Where the search began is nobody's plan.
                        (summary.planned, summary.planned_faults) = (None, Vec::new());
                    }
                    Some((summary, best))
                }))
            };
            let Some((tuning, best)) = ask(&options.accelerators, options.top, &narrowed)? else { continue };
            let why = match &options.why {
                Some(why) => ask(&[], 1, &|space| {
                    narrowed(space);
                    why.apply(space);
                })?,
                None => None,
            };
            let why = why.map(|(why, _)| why);
            shown.push(Shown { tuning, why, place: (index, phase), best });
        }
    }
    Ok(shown)
}

fn to_json(shown: &Shown, by: Objective) -> serde_json::Value {
    let mut document = serde_json::to_value(&shown.tuning).unwrap_or_default();
    document["gain"] = shown.tuning.gain().into();
    document["cheapest"] = best_by(&shown.tuning.frontier, by).map_or(json!(null), |one| json!(one));
    if let Some(why) = &shown.why {
        document["why"] = serde_json::to_value(why).unwrap_or_default();
    }
    document
}

/// The one of some that is best.
pub fn best_by(frontier: &[LayoutSummary], by: Objective) -> Option<&LayoutSummary> {
    let of = |one: &LayoutSummary| match by {
        Objective::Time => one.duration,
        Objective::Cost => one.cost,
        Objective::Energy => one.energy,
    };
    frontier.iter().min_by(|a, b| of(a).total_cmp(&of(b)))
}
