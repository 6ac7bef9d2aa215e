//! `gw train --emit`: what launches runs with a tool.

use std::process::ExitCode;

use gigawatt_plan::plan::Plan;
use gigawatt_report::launch::{Launch, Tool, launches};
use serde_json::json;

use super::train::{known, no_run};
use crate::arguments::{RunManner, TrainOptions};
use crate::failure::Failure;
use crate::terminal;

/// Prints what launches the runs and phases that are asked for.
pub(super) fn print(options: &TrainOptions, plan: &Plan, tool: Tool) -> Result<ExitCode, Failure> {
    let mut shown = launches(plan, tool);
    if shown.is_empty() {
        return Err(no_run());
    }
    if let Some(name) = options.name.as_deref() {
        let names: Vec<&str> = plan.training.iter().map(|run| run.name.as_str()).collect();
        known(Some(name), "training run", "the scenario", &names)?;
        shown.retain(|launch| launch.run == name);
    }
    if let Some(phase) = options.phase.as_deref() {
        let mut names: Vec<&str> = shown.iter().map(|launch| launch.phase.as_str()).collect();
        names.dedup();
        known(Some(phase), "phase", "what is shown", &names)?;
        shown.retain(|launch| launch.phase == phase);
    }
    told(&shown, &options.manner)
}

/// Prints launches, and on standard error what their tool has no setting for.
pub(super) fn told(shown: &[Launch], manner: &RunManner) -> Result<ExitCode, Failure> {
    if manner.json {
        terminal::print_json(&json!({ "launches": shown }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let texts: Vec<&str> = shown.iter().map(|launch| launch.text.as_str()).collect();
    terminal::print(&texts.join("\n"))?;
    if !manner.quiet {
        for launch in shown {
            for what in &launch.not_expressed {
                terminal::note(&format!("{}, phase {}: not expressed: {what}", launch.run, launch.phase));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
