//! The vocabulary of results: every path that a claim, a sweep or a report can name.

use serde::{Deserialize, Serialize};

use super::{DemandIds, RankingIds, TrainingIds};
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
    /// One number for the whole plan, such as a present value.
    Whole,
}

/// The steps on which a result is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grid {
    /// The moments of [`super::Plan::axis`]: ends of months and the dates that claims name.
    Moments,
    /// The quarters of the accounts.
    Quarters,
    /// One number for the whole plan.
    Plan,
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
    /// Facility power that the sites can energise.
    pub energised: ResultId,
    /// Nameplate facility power online.
    pub online: ResultId,
    /// Facility power drawn on average.
    pub drawn: ResultId,
    /// IT power drawn on average.
    pub it_drawn: ResultId,
    /// IT power that the sites can energise.
    pub provisioned: ResultId,
    /// Energy at the meter.
    pub energy: ResultId,
    /// What the energy costs.
    pub electricity_cost: ResultId,
    /// Emissions of the energy, location-based.
    pub carbon: ResultId,
    /// Water that plants take in, where a site has a plant and weather.
    pub water: Option<ResultId>,
    /// Per site: energy at the meter and its emissions.
    pub site_flows: Vec<(ResultId, ResultId)>,
    /// Ground of all sites that name it.
    pub land: ResultId,
    /// Per site: its powers and ground.
    pub sites: Vec<SiteIds>,
    /// Ground of Manhattan, to compare with.
    pub manhattan: ResultId,
}

/// Ids of one site's powers, and of its ground and water where they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteIds {
    /// Facility power that it can energise.
    pub energised: ResultId,
    /// Nameplate facility power online.
    pub online: ResultId,
    /// Facility power drawn on average.
    pub drawn: ResultId,
    /// IT power drawn on average.
    pub it_drawn: ResultId,
    /// IT power that it can energise.
    pub provisioned: ResultId,
    /// Ground.
    pub land: Option<ResultId>,
    /// Water that its plant takes in, where it has one and weather.
    pub water: Option<ResultId>,
}

/// Ids of the results in money of one company, or of all together.
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
    /// Principal of finance leases of the plan.
    pub capex_leases: ResultId,
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
    /// What lessors and ventures spend on the plan.
    pub spent_elsewhere: ResultId,
    /// Net cash from operating activities.
    pub operating_cash_flow: ResultId,
    /// The part of it that income and depreciation do not explain.
    pub other_operating_cash: ResultId,
    /// Operating cash flow less capital expenditure.
    pub free_cash_flow: ResultId,
    /// Depreciation and amortisation.
    pub depreciation: ResultId,
    /// Depreciation of AI hardware and halls of the plan.
    pub depreciation_ai: ResultId,
    /// Depreciation of AI hardware of the plan.
    pub depreciation_hardware: ResultId,
    /// Depreciation of AI halls of the plan.
    pub depreciation_halls: ResultId,
    /// Depreciation of everything else.
    pub depreciation_other: ResultId,
    /// Total costs and expenses.
    pub costs: ResultId,
    /// Electricity of the fleet.
    pub energy_cost: ResultId,
    /// Cost of the named staff.
    pub staff_cost: ResultId,
    /// Rent of leases and ventures off the balance sheet.
    pub rent_cost: ResultId,
    /// Costs that nothing else here explains.
    pub other_cost: ResultId,
    /// Revenue less costs.
    pub operating_income: ResultId,
    /// Interest on the plan's debt and finance leases.
    pub interest: ResultId,
    /// Tax on income.
    pub tax: ResultId,
    /// Income after interest and tax.
    pub net_income: ResultId,
    /// Depreciation of AI, electricity, rent and AI staff together.
    pub ai_cost: ResultId,
    /// Money paid into ventures.
    pub contributions: ResultId,
    /// Debt and equity that come in.
    pub drawn: ResultId,
    /// Debt paid back.
    pub repaid: ResultId,
    /// Dividends and buybacks.
    pub shareholder_returns: ResultId,
    /// Change of cash.
    pub cash_change: ResultId,
    /// Debt of the plan that is owed.
    pub debt: ResultId,
    /// Principal of finance leases that is owed.
    pub lease_liability: ResultId,
    /// Hardware ordered and not delivered, and rent that is owed for what has been built.
    pub commitments: ResultId,
    /// Hardware ordered and not delivered.
    pub commitments_hardware: ResultId,
    /// Cost less depreciation of AI hardware and halls of the plan.
    pub book_value_ai: ResultId,
    /// Time that the purchases' accelerators are online, summed over them.
    pub accelerator_time: ResultId,
    /// What the purchases cost: depreciation, electricity, upkeep, rent.
    pub purchase_cost: ResultId,
    /// What the purchases would earn at the market's rent.
    pub rental_value: ResultId,
    /// People of each named staff at the end of a quarter.
    pub headcount: Vec<ResultId>,
    /// Loss of each named segment.
    pub segments: Vec<ResultId>,
}

/// Ids of one company's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompanyIds {
    /// Its accounts.
    pub finance: FinanceIds,
    /// What its capital costs after tax.
    pub capital_cost: ResultId,
    /// Present value of the plan's purchases, rented out at the market's price.
    pub net_present_value: ResultId,
    /// Internal rate of return of the same flows.
    pub internal_rate_of_return: ResultId,
    /// Its contracts, in the order of the plan.
    pub funding: Vec<FundingIds>,
    /// Its investors, in the order of the plan.
    pub investors: Vec<InvestorIds>,
    /// What all of them announced and committed, where there are any.
    pub investors_total: Option<InvestorIds>,
}

/// Ids of a contract's results.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingIds {
    /// What it pays for.
    pub spent: ResultId,
    /// What the company pays under it.
    pub paid: ResultId,
    /// What is owed.
    pub outstanding: ResultId,
}

/// Ids of an investor's results.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvestorIds {
    /// What was announced.
    pub announced: ResultId,
    /// What is committed or at hand.
    pub committed: ResultId,
}

/// Ids of the unit economics of a purchase, one number for the whole plan each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LotIds {
    /// Index of the lot.
    pub lot: usize,
    /// Cost of an hour in which an accelerator works, before tax.
    pub hour_cost: ResultId,
    /// Rent of an hour at which it is worth buying, after tax.
    pub break_even_rent: ResultId,
    /// Capital per installed compute rate, hall included.
    pub capital_per_rate: ResultId,
    /// Cost of the useful computing.
    pub computing_cost: ResultId,
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
    /// The money's, of all companies together, where the scenario has one.
    pub finance: Option<FinanceIds>,
    /// The money's by company; those of an only company are the ones above.
    pub companies: Vec<CompanyIds>,
    /// Unit economics of the purchases, where the scenario has a company.
    pub lots: Vec<LotIds>,
    /// The training runs', in the order of the plan.
    pub training: Vec<TrainingIds>,
    /// The demands', in the order of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<DemandIds>,
    /// Ranking's, where the plan has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<RankingIds>,
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
