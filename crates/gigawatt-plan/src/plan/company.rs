//! The money of the company that builds.

use serde::{Deserialize, Serialize};

use super::Input;
use crate::period::Quarter;
use crate::quantity::{Count, Duration, Money, MoneyPerTime, Ratio};

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

/// A line of the accounts, one rule per quarter of the company's calendar.
pub type Line = Vec<Rule>;

/// The company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompanyPlan {
    /// Name for people.
    pub title: String,
    /// First quarter of the accounts.
    pub first: Quarter,
    /// Index of the first quarter inside the plan's period.
    pub plan_from: usize,
    /// Revenue.
    pub revenue: Line,
    /// Net cash from operating activities.
    pub operating_cash_flow: Line,
    /// Capital expenditure, cash.
    pub capital_expenditure: Line,
    /// Capital expenditure outside AI per quarter, where capital expenditure is modelled.
    pub outside_ai: Vec<Option<Part>>,
    /// Depreciation and amortisation.
    pub depreciation: Line,
    /// Total costs and expenses.
    pub total_costs: Line,
    /// Growth over a year of the costs that the fleet does not explain, where total costs are modelled.
    pub other_cost_growth: Vec<Option<Input<Ratio>>>,
    /// Life of servers and network.
    pub server_life: Input<Duration>,
    /// Life of buildings.
    pub building_life: Input<Duration>,
    /// Part of the capital expenditure outside AI that is written off over the life of servers.
    pub short_lived_share: Input<Ratio>,
    /// Time over which the depreciation of the assets that exist at the start of the forecast falls to zero.
    pub existing_asset_runoff: Input<Duration>,
    /// Business segments whose loss is shown.
    pub segments: Vec<Segment>,
    /// Staff whose cost is shown.
    pub staff: Vec<Staff>,
}

impl CompanyPlan {
    /// Number of quarters in the accounts.
    pub fn quarters(&self) -> usize {
        self.revenue.len()
    }

    /// The quarter at an index.
    pub fn quarter(&self, index: usize) -> Quarter {
        Quarter(self.first.0 + i32::try_from(index).unwrap_or(i32::MAX))
    }
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
