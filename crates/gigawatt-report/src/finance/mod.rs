//! The money of a run: statements by year, what an hour costs, what the build-out is worth, what useful lives do, and
//! the forecast beside the outcome.

mod backtest;
mod lives;
mod statements;

use gigawatt_engine::WHOLE;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::Dimension;
use serde::Serialize;

use crate::{Summary, Value};

pub use backtest::{Backtest, BacktestRow};
pub use lives::{LifeEffect, LifeSummary};
pub use statements::{CompanyStatements, ContractSummary, Line, Section};

/// The money of a run, for `gw finance`. Values are in base units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FinanceSummary {
    /// Whole years of the accounts.
    pub years: Vec<i16>,
    /// Statements of every company, in the order of the scenario.
    pub companies: Vec<CompanyStatements>,
    /// Unit economics of every purchase.
    pub purchases: Vec<PurchaseSummary>,
    /// What other useful lives of servers would do.
    pub lives: Vec<LifeSummary>,
    /// The forecast of every quarter beside the outcome.
    pub backtest: Backtest,
}

/// Unit economics of a purchase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PurchaseSummary {
    /// Name in paths.
    pub name: String,
    /// Name of its system.
    pub system: String,
    /// Levelised cost of an hour that is used, before tax.
    pub cost_per_hour: Value,
    /// Constant rent of an hour at which buying pays, after tax.
    pub break_even_rent: Value,
    /// What the market asks for one of its hours on the scenario's date, in proportion to dense BF16 rate.
    pub market_rent: f64,
    /// Capital per installed compute rate, hall included.
    pub capital_per_compute_rate: Value,
    /// Cost of useful computing.
    pub cost_per_computing: Value,
}

impl PurchaseSummary {
    /// Its columns with what they measure.
    pub const COLUMNS: [(&'static str, Dimension); 4] = [
        ("cost of an hour", Dimension::HourlyPrice),
        ("break-even rent", Dimension::HourlyPrice),
        ("capital installed", Dimension::MoneyPerComputeRate),
        ("useful computing", Dimension::MoneyPerCompute),
    ];

    /// The values of [`Self::COLUMNS`].
    pub fn values(&self) -> [&Value; 4] {
        [&self.cost_per_hour, &self.break_even_rent, &self.capital_per_compute_rate, &self.cost_per_computing]
    }
}

impl FinanceSummary {
    /// The money of a run; `None` for a plan without a company.
    pub fn new(plan: &Plan, summary: &Summary) -> Option<Self> {
        let accounts = plan.accounts?;
        let first = accounts.quarter(accounts.plan_from).year();
        let last = accounts.quarter(accounts.quarters - 1).year();
        let years: Vec<i16> = (first..=last).collect();
        Some(Self {
            companies: statements::companies(plan, summary, &years),
            purchases: purchases(plan, summary),
            lives: lives::lives(plan, &years),
            backtest: backtest::backtest(plan, summary),
            years,
        })
    }
}

fn purchases(plan: &Plan, summary: &Summary) -> Vec<PurchaseSummary> {
    let all = plan.vocabulary.lots.iter().filter_map(|ids| {
        let lot = &plan.lots[ids.lot];
        let system = &plan.systems[lot.system];
        let reference = |id| plan.input(id).distribution.reference();
        let whole = |id| summary.value(&plan.vocabulary.get(id).path, WHOLE).copied();
        let rent = plan.companies[lot.company].economics.rental_price.id();
        Some(PurchaseSummary {
            name: lot.name.clone(),
            system: system.title.clone(),
            cost_per_hour: whole(ids.hour_cost)?,
            break_even_rent: whole(ids.break_even_rent)?,
            market_rent: reference(rent) * reference(system.bf16.id()) / reference(plan.h100.id()),
            capital_per_compute_rate: whole(ids.capital_per_rate)?,
            cost_per_computing: whole(ids.computing_cost)?,
        })
    });
    all.collect()
}
