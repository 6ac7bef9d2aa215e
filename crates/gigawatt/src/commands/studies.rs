//! What a run studies beside the draws: its fleet in operation, its sites as their grids see them, its demands served.

use std::collections::BTreeMap;

use gigawatt_engine::Draw;
use gigawatt_engine::demand::served::{Effort, ServedError, serve};
use gigawatt_engine::fleet::{Detail, Given, Histories, histories};
use gigawatt_engine::power::PowerCoefficients;
use gigawatt_engine::power::grid::{Beside, Years, years};
use gigawatt_engine::serving::ServingLaws;
use gigawatt_engine::training::Prices;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Observer;
use gigawatt_report::served::ServedSummary;

use crate::failure::Failure;
use crate::observer::Watcher;

/// Histories of a fleet beside the reference one: enough for a range, and few enough for a folder that is made again and
/// again.
const HISTORIES: u32 = 5;

/// Jobs of a batch workload in a history; where a workload has more, each stands for several.
const JOBS: u64 = 20_000;

/// What the plan's fleet may go through; nothing where it has none.
pub fn fleet(plan: &Plan, prices: &Prices, watcher: &Watcher) -> Result<Option<Histories>, Failure> {
    let Some(fleet) = &plan.fleet else { return Ok(None) };
    let count = fleet.histories.min(HISTORIES);
    let found = histories(plan, prices, count, Detail { jobs: JOBS }, &Given::default(), watcher)
        .map_err(|error| Failure::BadArgument { message: error.to_string(), help: None })?;
    if found.partial { Err(Failure::Interrupted) } else { Ok(Some(found)) }
}

/// The plan's sites as their grids see them, in the reference history of its fleet; nothing where it has no sites.
pub fn power(
    plan: &Plan,
    catalogue: &Catalogue,
    prices: &Prices,
    fleet: Option<&Histories>,
) -> Result<Option<Years>, Failure> {
    if plan.sites.is_empty() {
        return Ok(None);
    }
    let with = PowerCoefficients::embedded().map_err(Failure::internal)?;
    let beside = Beside::of(catalogue, plan, with).map_err(|missing| Failure::BadArgument {
        message: missing.to_string(),
        help: Some("a folder of --catalog replaces whole entries: write the fact there".to_owned()),
    })?;
    let reference = Draw::reference(plan);
    let sites: Vec<usize> = (0..plan.sites.len()).collect();
    let history = fleet.map(|fleet| &fleet.reference);
    let found = years(plan, Draw::new(&reference), prices, history, &beside, &sites);
    found.map(Some).map_err(Failure::internal)
}

/// What became of the plan's demands on the services that they name.
#[derive(Default)]
pub struct Answered {
    /// By name of the demand.
    pub served: BTreeMap<String, ServedSummary>,
    /// Why a service does not keep its targets.
    pub unserved: BTreeMap<String, String>,
}

/// The plan's demands on the services that they name, hour by hour.
pub fn served(plan: &Plan, watcher: &Watcher) -> Result<Answered, Failure> {
    let named: Vec<_> = plan.demand.iter().filter(|demand| demand.service.is_some()).collect();
    let laws = ServingLaws::embedded().map_err(Failure::internal)?;
    let mut answered = Answered::default();
    for (done, demand) in (0..).zip(&named) {
        watcher.progress("demands served", done, named.len() as u64);
        if watcher.cancelled() {
            return Err(Failure::Interrupted);
        }
        match serve(plan, demand, &laws, Effort::default(), watcher) {
            Ok(served) => {
                let summary = served.and_then(|served| ServedSummary::new(plan, &served));
                answered.served.extend(summary.map(|summary| (demand.name.clone(), summary)));
            }
            // It is an answer, and the rest of the plan has its own.
            Err(error @ ServedError::Targets { .. }) => {
                answered.unserved.insert(demand.name.clone(), error.to_string());
            }
            Err(ServedError::Cancelled) => return Err(Failure::Interrupted),
            Err(error) => {
                let help = Some(way_out(&error).to_owned());
                return Err(Failure::BadArgument { message: error.to_string(), help });
            }
        }
    }
    Ok(answered)
}

/// What may help where a demand cannot be served.
fn way_out(error: &ServedError) -> &'static str {
    match error {
        ServedError::Layout { .. } => "write how, such as tensor = 8: `gw size` finds the cheapest",
        ServedError::Fit { .. } => "spread a replica over more accelerators, or take weights of fewer bits",
        ServedError::Targets { .. } | ServedError::Demand { .. } | ServedError::Cancelled => {
            "look at the demand's regions and sessions"
        }
    }
}
