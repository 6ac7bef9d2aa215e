//! What a site's electricity costs and emits, what making the site emitted, and what moving work would save, as data.

use gigawatt_engine::carbon::{Bill, Emissions, Footprint};
use gigawatt_engine::power::grid::Shifting;
use gigawatt_plan::plan::ShiftBy;
use gigawatt_plan::quantity::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What electricity costs, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BillSummary {
    /// At the prices of the hours alone.
    pub spot: f64,
    /// What suppliers add.
    pub markup: f64,
    /// What contracts for volumes add, or less than nothing what they save.
    pub settled: f64,
}

impl From<&Bill> for BillSummary {
    fn from(bill: &Bill) -> Self {
        Self { spot: bill.spot, markup: bill.markup, settled: bill.settled }
    }
}

/// Emissions of a site's electricity in kg, by the methods of the GHG Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmissionsSummary {
    /// With the grid's intensity in every hour.
    pub location: f64,
    /// Market-based, what is claimed matched over all hours together.
    pub market: f64,
    /// Market-based, matched hour by hour.
    pub market_hourly: f64,
    /// Part of the energy that is covered over all hours together.
    pub covered: f64,
    /// Part of the energy that is covered in its own hour.
    pub covered_hourly: f64,
}

impl From<&Emissions> for EmissionsSummary {
    fn from(of: &Emissions) -> Self {
        Self {
            location: of.location,
            market: of.market,
            market_hourly: of.market_hourly,
            covered: of.covered,
            covered_hourly: of.covered_hourly,
        }
    }
}

/// An amount with its range in kg.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RangeSummary {
    /// The least.
    pub low: f64,
    /// At the references of the facts.
    pub value: f64,
    /// The most.
    pub high: f64,
}

/// What making a site emitted, once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmbodiedSummary {
    /// Of accelerators with their servers.
    pub hardware: RangeSummary,
    /// Of halls.
    pub halls: RangeSummary,
}

impl From<&Footprint> for EmbodiedSummary {
    fn from(of: &Footprint) -> Self {
        let range = |[low, value, high]: [f64; 3]| RangeSummary { low, value, high };
        Self { hardware: range(of.hardware.map(Quantity::base)), halls: range(of.halls.map(Quantity::base)) }
    }
}

/// What moving work to other hours saves against doing nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShiftingSummary {
    /// What is made least: `price` or `carbon`.
    pub by: String,
    /// How long work can wait, in seconds.
    pub wait: f64,
    /// Energy that runs in another hour than its own, in J.
    pub moved: f64,
    /// Cost at the prices of the hours as work comes, in US dollars.
    pub cost_before: f64,
    /// The same with work moved.
    pub cost_after: f64,
    /// Emissions as work comes, in kg.
    pub carbon_before: f64,
    /// The same with work moved.
    pub carbon_after: f64,
}

impl From<&Shifting> for ShiftingSummary {
    fn from(of: &Shifting) -> Self {
        let by = ShiftBy::ALL.iter().find(|(by, _)| *by == of.by).map_or("", |(_, word)| word);
        Self {
            by: by.to_owned(),
            wait: 3600.0 * of.wait as f64,
            moved: of.moved,
            cost_before: of.cost.0,
            cost_after: of.cost.1,
            carbon_before: of.carbon.0,
            carbon_after: of.carbon.1,
        }
    }
}
