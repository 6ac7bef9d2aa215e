//! What is studied of a plan beside its draws: its fleet in operation, its sites as their grids see them, its demands served.

use std::collections::BTreeMap;

use gigawatt_engine::demand::served::{Effort, ServedError, serve};
use gigawatt_engine::fleet::{Detail, Given, Histories, histories};
use gigawatt_engine::power::PowerCoefficients;
use gigawatt_engine::power::grid::{Beside, Years, years};
use gigawatt_engine::serving::ServingLaws;
use gigawatt_engine::training::Prices;
use gigawatt_engine::{Draw, Tables};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Observer;
use gigawatt_report::served::ServedSummary;

use crate::failure::Failure;
use crate::observer::Watcher;

/// Jobs of a batch workload in a history; where a workload has more, each stands for several.
const JOBS: u64 = 20_000;

/// What the plan's fleet may go through, in so many histories beside the reference one; nothing where it has none.
pub fn fleet(
    plan: &Plan,
    prices: &Prices,
    count: u32,
    watcher: &Watcher,
) -> Result<Option<Histories>, Failure> {
    if plan.fleet.is_none() {
        return Ok(None);
    }
    let found = histories(plan, prices, count, Detail { jobs: JOBS }, &Given::default(), watcher)
        .map_err(|error| Failure::BadArgument { message: error.to_string(), help: None })?;
    if found.partial { Err(Failure::Interrupted) } else { Ok(Some(found)) }
}

/// What the catalogue knows of power beside the plan.
pub fn beside(catalogue: &Catalogue, plan: &Plan) -> Result<Beside, Failure> {
    let with = PowerCoefficients::embedded().map_err(Failure::internal)?;
    Beside::of(catalogue, plan, with).map_err(|missing| Failure::BadArgument {
        message: missing.to_string(),
        help: Some("a folder of --catalog replaces whole entries: write the fact there".to_owned()),
    })
}

/// Sites of the plan as their grids see them, in the reference history of its fleet.
pub fn power(
    plan: &Plan,
    beside: &Beside,
    prices: &Prices,
    fleet: Option<&Histories>,
    sites: &[usize],
) -> Result<Years, Failure> {
    let reference = Draw::reference(plan);
    let history = fleet.map(|fleet| &fleet.reference);
    years(plan, Draw::new(&reference), prices, history, beside, sites).map_err(Failure::internal)
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
pub fn served(plan: &Plan, tables: &Tables, watcher: &Watcher) -> Result<Answered, Failure> {
    let named: Vec<_> = plan.demand.iter().filter(|demand| demand.service.is_some()).collect();
    let laws = ServingLaws::embedded().map_err(Failure::internal)?;
    let mut answered = Answered::default();
    for (done, demand) in (0..).zip(&named) {
        watcher.progress("demands served", done, named.len() as u64);
        if watcher.cancelled() {
            return Err(Failure::Interrupted);
        }
        match serve(plan, demand, &laws, tables, Effort::default(), watcher) {
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
