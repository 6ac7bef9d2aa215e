//! `gw run`.

use std::process::ExitCode;

use gigawatt_engine::Tables;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::plan::Plan;
use gigawatt_report::economics::economics;
use gigawatt_report::html::Report;
use gigawatt_report::operation::{OperationSummary, fleet_tables};
use gigawatt_report::power::{PowerSummary, power_tables};
use gigawatt_report::trace::fleet_trace;
use gigawatt_report::{Summary, run_id, tables as parquet};
use serde_json::json;

use super::studies::{Answered, beside, fleet, power, served};
use super::tune::layouts;
use crate::arguments::{RunOptions, ScenarioOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{catalogue, folder, scenario, terminal};

/// Runs a scenario, writes its folder and shows what came out.
pub fn run(options: &RunOptions) -> Result<ExitCode, Failure> {
    let (weather, site) = (options.weather.weather.as_deref(), options.weather.site.as_deref());
    let settings = scenario::with_weather(&options.scenario, weather, site)?;
    let plan = scenario::read(&options.scenario, &settings)?;
    let watcher = Watcher::new(options.scenario.manner.quiet);
    let beside = hindsight(options, &watcher)?;
    // With settings or another weather, the scenario without them stands beside.
    let before = if settings.is_empty() {
        None
    } else {
        // A claim may be on a result that only the weather gives.
        let (plain, _) = scenario::read_despite_claims(&options.scenario, &[])?;
        Some(Summary::new(&plain, &gigawatt_engine::run(&plain, &watcher)?))
    };
    // The identity serialises the whole plan: it is taken once.
    let id = run_id(&plan);
    let target = options.out.clone().unwrap_or_else(|| {
        // Beside another scenario the report is another.
        let shown = beside.as_ref().map_or_else(|| id.clone(), |beside| format!("{id}-{}", beside.run));
        folder::default_folder(&plan.name, &shown, plan.seed)
    });
    let (summary, reused) = match folder::existing(&target, &id, beside.as_ref())? {
        Some(summary) => (summary, true),
        None => {
            let manner = &options.scenario.manner;
            // What the plan's catalogue told was told when it was read.
            let catalogue = catalogue::in_use(&manner.catalogue, true)?;
            (compute(&plan, &catalogue, beside.as_ref(), &watcher, &target)?, false)
        }
    };
    drop(watcher);

    if options.scenario.manner.json {
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
    for (demand, why) in &summary.unserved {
        text.push_str(&format!("\ndemand {} is not served: {why}\n", terminal::printable(demand)));
    }
    let note = if reused { " (complete already, reused)" } else { "" };
    text.push_str(&format!(
        "\nreport   {}{note}\nresults  {}\n",
        terminal::printable(&target.join(folder::REPORT).display().to_string()),
        terminal::printable(&target.join(folder::SUMMARY).display().to_string())
    ));
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The scenario that stands beside outcomes, run.
fn hindsight(options: &RunOptions, watcher: &Watcher) -> Result<Option<Summary>, Failure> {
    let Some(path) = &options.beside else { return Ok(None) };
    let options = ScenarioOptions { path: path.clone(), ..options.scenario.clone() };
    let plan = scenario::read(&options, &[])?;
    Ok(Some(Summary::new(&plan, &gigawatt_engine::run(&plan, watcher)?)))
}

/// Histories of a fleet beside the reference one: enough for a range, and few enough for a folder that is made again and
/// again.
const HISTORIES: u32 = 5;

fn compute(
    plan: &Plan,
    catalogue: &Catalogue,
    hindsight: Option<&Summary>,
    watcher: &Watcher,
    target: &std::path::Path,
) -> Result<Summary, Failure> {
    let tables = Tables::new(plan);
    let results = gigawatt_engine::run_with(plan, &tables, watcher)?;
    let mut summary = Summary::new(plan, &results);
    let count = plan.fleet.as_ref().map_or(0, |fleet| fleet.histories.min(HISTORIES));
    let fleet = fleet(plan, tables.prices(), count, watcher)?;
    summary.fleet = fleet.as_ref().and_then(|fleet| OperationSummary::new(plan, fleet));
    let Answered { served, unserved } = served(plan, &tables, watcher)?;
    (summary.served, summary.unserved) = (served, unserved);
    summary.economics = economics(plan, &results, &summary);
    let sites: Vec<usize> = (0..plan.sites.len()).collect();
    let power = match sites.as_slice() {
        [] => None,
        sites => Some(power(plan, &beside(catalogue, plan)?, tables.prices(), fleet.as_ref(), sites)?),
    };
    summary.power = power.as_ref().map(|years| PowerSummary::new(plan, years));
    let tunings = layouts(plan, &summary, watcher)?;
    let report = Report {
        hindsight,
        tunings: &tunings,
        fleet: fleet.as_ref(),
        power: power.as_ref(),
        ..Report::new(plan, &results, &summary)
    };
    let mut files = vec![
        (folder::SUMMARY.to_owned(), summary.to_json().into_bytes()),
        (folder::REPORT.to_owned(), report.page().into_bytes()),
    ];
    files.extend(report.specifications().into_iter().map(|(name, text)| (name, text.into_bytes())));
    files.extend(parquet(plan, &results, &summary, &tunings).map_err(Failure::internal)?);
    if let Some(power) = &power {
        files.extend(power_tables(plan, power).map_err(Failure::internal)?);
    }
    if let Some(fleet) = &fleet {
        files.extend(fleet_tables(plan, fleet).map_err(Failure::internal)?);
        files.push((folder::FLEET_TRACE.to_owned(), fleet_trace(&fleet.reference)));
    }
    match folder::write(target, &files) {
        // Another process was quicker with the same run.
        Err(_) if matches!(folder::existing(target, &summary.run, hindsight), Ok(Some(_))) => Ok(summary),
        written => written.map(|()| summary),
    }
}
