//! `gw check`.

use std::process::ExitCode;

use gigawatt_engine::Verdict;
use gigawatt_report::Summary;
use serde_json::json;

use crate::arguments::CheckOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{scenario, terminal};

/// Judges a scenario's claims.
pub fn check(options: &CheckOptions) -> Result<ExitCode, Failure> {
    let (weather, site) = (options.weather.weather.as_deref(), options.weather.site.as_deref());
    let settings = scenario::with_weather(&options.scenario, weather, site)?;
    let plan = scenario::read(&options.scenario, &settings)?;
    let watcher = Watcher::new(options.scenario.manner.quiet);
    let summary = Summary::new(&plan, &gigawatt_engine::run(&plan, &watcher)?);
    drop(watcher);
    let open: Vec<&str> = summary
        .claims
        .iter()
        .filter(|claim| !claim.informative && matches!(claim.verdict, Verdict::Fails | Verdict::Undecided))
        .map(|claim| claim.name.as_str())
        .collect();
    if options.scenario.manner.json {
        terminal::print_json(&json!({
            "name": summary.name,
            "run": summary.run,
            "passed": open.is_empty(),
            "open": open,
            "claims": summary.claims,
        }))?;
    } else {
        let mut text = terminal::claims(&summary);
        text.push('\n');
        text.push_str(&match open.as_slice() {
            [] if summary.claims.is_empty() => String::new(),
            [] => "every claim that counts holds or restates an input\n".to_owned(),
            [one] => format!("1 claim does not hold: {one}\n"),
            many => format!("{} claims do not hold: {}\n", many.len(), many.join(", ")),
        });
        terminal::print(&text)?;
    }
    Ok(if open.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
