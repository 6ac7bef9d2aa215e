//! The money of a company that builds.

use serde::{Deserialize, Serialize};

use super::{FundingPlan, Input, Investor};
use crate::quantity::{Count, Duration, HourlyPrice, Money, MoneyPerTime, Ratio};

/// How a quarter of a line of the accounts is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Reported.
    Reported(Input<Money>),
    /// An equal part of what a given total leaves after the quarters reported within it.
    Remainder {
        /// The total of the stretch.
        total: Input<Money>,
        /// First quarter of the stretch, as an index.
        first: usize,
        /// One past its last quarter.
        end: usize,
    },
    /// The quarter a year earlier, grown.
    Growth(Input<Ratio>),
    /// A share of the quarter's revenue.
    ShareOfRevenue(Input<Ratio>),
    /// Computed from the fleet.
    Modelled,
    /// Not part of the accounts in this quarter.
    Nothing,
}

/// An equal part of an amount that is given for a stretch of quarters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The amount of the stretch.
    pub total: Input<Money>,
    /// Its quarters.
    pub quarters: u32,
}

/// A line of the accounts, one rule per quarter.
pub type Line = Vec<Rule>;

/// A company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompanyPlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Revenue.
    pub revenue: Line,
    /// Net cash from operating activities.
    pub operating_cash_flow: Line,
    /// Capital expenditure, cash.
    pub capital_expenditure: Line,
    /// Capital expenditure outside AI per quarter.
    pub outside_ai: Vec<Option<Part>>,
    /// Depreciation and amortisation.
    pub depreciation: Line,
    /// Total costs and expenses.
    pub total_costs: Line,
    /// Growth over a year of the costs that nothing else here explains, where total costs are modelled.
    pub other_cost_growth: Vec<Option<Input<Ratio>>>,
    /// Dividends and buybacks.
    pub shareholder_returns: Vec<Option<Part>>,
    /// How assets are written off.
    pub assets: AssetPolicy,
    /// What capital costs.
    pub capital: CapitalPolicy,
    /// What an accelerator's time is worth and how it is used.
    pub economics: UnitEconomics,
    /// Business segments whose loss is shown.
    pub segments: Vec<Segment>,
    /// Staff whose cost is shown.
    pub staff: Vec<Staff>,
    /// Contracts that pay for parts of the plan.
    pub funding: Vec<FundingPlan>,
    /// Who has promised the company money.
    pub investors: Vec<Investor>,
}

/// How a company writes its assets off: straight line, by class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssetPolicy {
    /// Life of servers and network.
    pub server_life: Input<Duration>,
    /// Life of servers under which the depreciation of the last report was computed; that of new ones unless known.
    pub server_life_reported: Input<Duration>,
    /// Life of buildings.
    pub building_life: Input<Duration>,
    /// Part of the capital expenditure outside AI that is written off over the life of servers.
    pub short_lived_share: Input<Ratio>,
    /// Part that lives as long as servers of the capital expenditure on AI that no purchase of the plan names.
    pub ai_hardware_share: Input<Ratio>,
    /// Time over which the depreciation of the assets that exist at the start of the forecast falls to zero.
    pub existing_asset_runoff: Input<Duration>,
    /// Part of that depreciation that is of servers and network.
    pub existing_server_share: Input<Ratio>,
}

/// What a company's capital costs, by the year.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapitalPolicy {
    /// Return that shareholders ask for.
    pub cost_of_equity: Input<Ratio>,
    /// Interest on new debt before tax.
    pub cost_of_debt: Input<Ratio>,
    /// Debt over debt and the market value of equity.
    pub debt_share: Input<Ratio>,
    /// Tax over income before tax.
    pub tax_rate: Input<Ratio>,
}

/// What an accelerator's time is worth on the market, and what its owner does with it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitEconomics {
    /// Rent of one H100 for one hour at the date of the scenario.
    pub rental_price: Input<HourlyPrice>,
    /// How much of it goes in a year.
    pub rental_decline: Input<Ratio>,
    /// How much of an accelerator's price on the market goes in a year.
    pub value_decline: Input<Ratio>,
    /// Part of the time of an accelerator that is online in which it works for somebody.
    pub allocation: Input<Ratio>,
    /// Upkeep in a year over the price of the hardware.
    pub maintenance: Input<Ratio>,
    /// Model FLOP over the dense BF16 peak while a job runs.
    pub model_flops_utilisation: Input<Ratio>,
    /// Part of the computing that goes into runs which failed or explored.
    pub overhead_share: Input<Ratio>,
}

/// A business segment that loses money: a cash line of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Operating loss, positive.
    pub loss: Line,
}

/// People who are paid for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Staff {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// People at the start of the plan.
    pub people: Input<Count>,
    /// Growth within each quarter's year, spread evenly over the year's quarters; by quarter of the accounts.
    pub growth: Vec<Option<Input<Ratio>>>,
    /// Loaded cost of one person.
    pub cost: Input<MoneyPerTime>,
}
