//! The vocabulary of results: every path that a claim, a sweep or a report can name.

use serde::{Deserialize, Serialize};

use crate::quantity::Dimension;

/// Which result of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResultId(pub u32);

/// How a result lives in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// A level at a moment.
    Stock,
    /// An amount over a stretch.
    Flow,
    /// One result over another, of the same stretch or moment.
    Ratio {
        /// Numerator.
        over: ResultId,
        /// Denominator.
        under: ResultId,
    },
    /// A flow over the flow of the stretch before, or a stock over its level at the stretch's start, less one.
    Growth {
        /// What grows.
        of: ResultId,
    },
    /// The greatest level of a stock within a stretch.
    Peak {
        /// The stock.
        of: ResultId,
    },
}

/// The steps on which a result is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grid {
    /// The moments of [`super::Plan::axis`]: ends of months and the dates that claims name.
    Moments,
    /// The quarters of the company's accounts.
    Quarters,
}

/// A path with its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultPath {
    /// The stable name.
    pub path: String,
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// How it lives in time.
    pub behaviour: Behaviour,
    /// Its steps.
    pub grid: Grid,
    /// Whether it is reported by quarter as well as by year.
    pub by_quarter: bool,
    /// How it is computed, in one line.
    pub law: String,
}

/// A stretch of a grid: moments `lo..=hi`, or quarters `lo..hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bin {
    /// Index of its start.
    pub lo: u32,
    /// Index of its end.
    pub hi: u32,
}

/// What is made of a result over a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The level at a moment.
    At,
    /// The amount over the stretch, or the ratio over it.
    Sum,
    /// The mean: of a stock over time, of anything else over the bins.
    Mean,
    /// The greatest: of a stock at any of its moments, of anything else over the bins.
    Max,
    /// The least, likewise.
    Min,
    /// The end less the start of a stock; the stretch less the one before of anything else.
    Change,
}

/// A number to be read from the results of one draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Which result.
    pub result: ResultId,
    /// What is made of it.
    pub aggregate: Aggregate,
    /// The stretches, one unless the aggregate goes over years or quarters.
    pub bins: Vec<Bin>,
    /// For each of them the stretch of the same kind before; empty where none is needed.
    pub before: Vec<Bin>,
}

/// Ids of the build-out's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuildoutIds {
    /// GPUs owned.
    pub owned: ResultId,
    /// GPUs online.
    pub online: ResultId,
    /// GPUs between the supplier and the hall.
    pub in_transit: ResultId,
    /// GPUs that wait for power or space.
    pub awaiting_power: ResultId,
    /// GPUs energised and not yet accepted.
    pub burn_in: ResultId,
    /// GPUs retired since the start.
    pub retired: ResultId,
    /// Accelerators of every class owned.
    pub accelerators_owned: ResultId,
    /// Accelerators of every class online.
    pub accelerators_online: ResultId,
    /// H100 equivalents owned.
    pub h100_owned: ResultId,
    /// H100 equivalents online.
    pub h100_online: ResultId,
    /// Nameplate IT power with accepted racks behind it.
    pub power_online: ResultId,
    /// Per system: accelerators owned and online.
    pub systems: Vec<(ResultId, ResultId)>,
    /// Per site: accelerators and nameplate IT power online.
    pub sites: Vec<(ResultId, ResultId)>,
}

/// Ids of the facility's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FacilityIds {
    /// Nameplate facility power online.
    pub online: ResultId,
    /// Facility power drawn on average.
    pub drawn: ResultId,
    /// IT power that the sites can energise.
    pub provisioned: ResultId,
    /// Energy at the meter.
    pub energy: ResultId,
    /// Ground of all sites that name it.
    pub land: ResultId,
    /// Per site: provisioned IT power, and ground where it is known.
    pub sites: Vec<(ResultId, Option<ResultId>)>,
    /// Ground of Manhattan, to compare with.
    pub manhattan: ResultId,
}

/// Ids of the results in money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinanceIds {
    /// Revenue.
    pub revenue: ResultId,
    /// Capital expenditure, cash.
    pub capex: ResultId,
    /// Cash for AI hardware.
    pub capex_hardware: ResultId,
    /// Cash for the halls of AI hardware.
    pub capex_halls: ResultId,
    /// Cash for both.
    pub capex_ai: ResultId,
    /// Cash for everything else.
    pub capex_other: ResultId,
    /// AI hardware and halls as they are delivered.
    pub accrued_ai: ResultId,
    /// AI hardware as it is delivered.
    pub accrued_hardware: ResultId,
    /// AI halls as they are built.
    pub accrued_halls: ResultId,
    /// Capital expenditure as it is delivered.
    pub accrued: ResultId,
    /// AI hardware as it is ordered.
    pub committed: ResultId,
    /// Net cash from operating activities.
    pub operating_cash_flow: ResultId,
    /// Operating cash flow less capital expenditure.
    pub free_cash_flow: ResultId,
    /// Depreciation and amortisation.
    pub depreciation: ResultId,
    /// Depreciation of AI hardware and halls of the plan.
    pub depreciation_ai: ResultId,
    /// Total costs and expenses.
    pub costs: ResultId,
    /// Electricity of the fleet.
    pub energy_cost: ResultId,
    /// Cost of the named staff.
    pub staff_cost: ResultId,
    /// Revenue less costs.
    pub operating_income: ResultId,
    /// Depreciation of AI, electricity and AI staff together.
    pub ai_cost: ResultId,
    /// People of each named staff at the end of a quarter.
    pub headcount: Vec<ResultId>,
    /// Loss of each named segment.
    pub segments: Vec<ResultId>,
}

/// Every result of a plan, and where each engine puts its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// All paths; the id is the index.
    pub paths: Vec<ResultPath>,
    /// The build-out's.
    pub buildout: BuildoutIds,
    /// The facility's.
    pub facility: FacilityIds,
    /// The money's, where the scenario has a company.
    pub finance: Option<FinanceIds>,
}

impl Vocabulary {
    /// The result under a path.
    pub fn find(&self, path: &str) -> Option<ResultId> {
        let at = self.paths.iter().position(|entry| entry.path == path)?;
        u32::try_from(at).ok().map(ResultId)
    }

    /// What a result means.
    pub fn get(&self, id: ResultId) -> &ResultPath {
        &self.paths[id.0 as usize]
    }
}
