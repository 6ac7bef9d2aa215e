//! `gw finance`.

use std::process::ExitCode;

use gigawatt_report::Summary;
use gigawatt_report::finance::FinanceSummary;
use serde_json::json;

use crate::arguments::{FinanceOptions, ScenarioOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{finance_terminal, scenario, terminal};

/// Prints a scenario's statements, unit costs, values and back-test.
pub fn finance(options: &FinanceOptions) -> Result<ExitCode, Failure> {
    let plan = scenario::read(&options.scenario, &options.scenario.settings)?;
    // Both are read before either runs: a mistake in the second is told at once.
    let beside = options
        .beside
        .as_ref()
        .map(|path| {
            let options = ScenarioOptions { path: path.clone(), ..options.scenario.clone() };
            scenario::read(&options, &[])
        })
        .transpose()?;
    let watcher = Watcher::new(options.scenario.manner.quiet);
    let summary = Summary::new(&plan, &gigawatt_engine::run(&plan, &watcher)?);
    let beside = beside
        .map(|plan| Ok::<_, Failure>(Summary::new(&plan, &gigawatt_engine::run(&plan, &watcher)?)))
        .transpose()?;
    drop(watcher);
    let mut finance = FinanceSummary::new(&plan, &summary);
    if let (Some(finance), Some(beside)) = (&mut finance, &beside) {
        finance.backtest.put_beside(beside);
    }
    if options.scenario.manner.json {
        terminal::print_json(&json!({
            "name": summary.name,
            "run": summary.run,
            "as_of": summary.as_of,
            "beside": beside.as_ref().map(|beside| &beside.name),
            "finance": finance,
        }))?;
    } else {
        let text = match &finance {
            Some(finance) => finance_terminal::finance(&summary, finance, beside.as_ref()),
            None => "the scenario has no company, so it has no accounts: add [company]\n".to_owned(),
        };
        terminal::print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}
