//! `gw run`.

use std::process::ExitCode;

use gigawatt_plan::plan::Plan;
use gigawatt_report::{Summary, html, run_id};
use serde_json::json;

use crate::arguments::RunOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{folder, scenario, terminal};

/// Runs a scenario, writes its folder and shows what came out.
pub fn run(options: &RunOptions) -> Result<ExitCode, Failure> {
    let settings = &options.scenario.settings;
    let plan = scenario::read(&options.scenario, settings)?;
    let watcher = Watcher::new(options.scenario.quiet);
    // With settings, the scenario without them stands beside.
    let before = if settings.is_empty() {
        None
    } else {
        let plain = scenario::read(&options.scenario, &[])?;
        Some(Summary::new(&plain, &gigawatt_engine::run(&plain, &watcher)?))
    };
    // The identity serialises the whole plan: it is taken once.
    let id = run_id(&plan);
    let target = options.out.clone().unwrap_or_else(|| folder::default_folder(&plan.name, &id, plan.seed));
    let (summary, reused) = match folder::existing(&target, &id)? {
        Some(summary) => (summary, true),
        None => (compute(&plan, &watcher, &target)?, false),
    };
    drop(watcher);

    if options.scenario.json {
        let mut document = serde_json::to_value(&summary).map_err(Failure::internal)?;
        document["folder"] = json!(target.display().to_string());
        document["reused"] = json!(reused);
        if let Some(before) = &before {
            document["changes"] = terminal::changes_json(before, &summary);
        }
        terminal::print_json(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = match &before {
        Some(before) => terminal::comparison(before, &summary),
        None => terminal::summary(&summary),
    };
    let note = if reused { " (complete already, reused)" } else { "" };
    text.push_str(&format!(
        "\nreport   {}{note}\nresults  {}\n",
        terminal::printable(&target.join(folder::REPORT).display().to_string()),
        terminal::printable(&target.join(folder::SUMMARY).display().to_string())
    ));
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn compute(plan: &Plan, watcher: &Watcher, target: &std::path::Path) -> Result<Summary, Failure> {
    let results = gigawatt_engine::run(plan, watcher)?;
    let summary = Summary::new(plan, &results);
    let report = html::report(plan, &results, &summary);
    match folder::write(target, &[(folder::SUMMARY, &summary.to_json()), (folder::REPORT, &report)]) {
        // Another process was quicker with the same run.
        Err(_) if matches!(folder::existing(target, &summary.run), Ok(Some(_))) => Ok(summary),
        written => written.map(|()| summary),
    }
}
