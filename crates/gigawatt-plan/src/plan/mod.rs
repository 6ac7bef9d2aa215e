//! The plan: what a scenario means, with every name looked up and every default filled.

mod accounts;
mod claim;
mod company;
mod cooling;
mod course;
mod demand;
mod fleet;
mod funding;
mod input;
mod operations;
mod power;
mod ranking;
mod results;
mod results_demand;
mod results_ranking;
mod results_training;
mod serving;
mod training;
mod workload;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use accounts::Accounts;
pub use claim::{Bounds, Claim, ClaimTest, Known, Outcome};
pub use company::{AssetPolicy, CapitalPolicy, CompanyPlan, Line, Part, Rule, Segment, Staff, UnitEconomics};
pub use cooling::{CoolingPlan, LoopPlan, RejectionKind};
pub use course::{Course, DayMoments, HourlyCourses, Profile};
pub use demand::{AgentsPlan, DemandKind, DemandPlan, DemandRegion, SessionPlan, TrafficPlan};
pub use fleet::{
    AcceleratorClass, Arrival, Curve, Delivery, Lot, LotSize, Schedule, SitePlan, SystemPlan, Target,
};
pub use funding::{FundingKind, FundingPlan, Investor};
pub use input::{Correlation, Dependence, Input, InputId, InputRecord, Origin};
pub use operations::{
    Backfill, Cause, CauseKind, Checkpoint, CheckpointInterval, FaultDomain, FleetPlan, FleetRun,
    OperationsPlan, ServerPlan,
};
pub use power::{
    BatteryPlan, ContractKind, ContractPlan, DeferrablePlan, GenerationPlan, GenerationShape, GridLimits,
    PowerEvent, PowerEventKind, PowerPlan, Redundancy, Running, ShiftBy, StagePlan, StoragePlan,
};
pub use ranking::{
    RankingPlace, RankingPlan, RankingReturns, RankingStage, RankingTraining, RecommenderPlan, UpliftMetric,
    UpliftPlan,
};
pub use results::{
    Aggregate, Behaviour, Bin, BuildoutIds, CompanyIds, FacilityIds, FinanceIds, FundingIds, Grid,
    InvestorIds, LotIds, Query, ResultId, ResultPath, SiteIds, Vocabulary,
};
pub use results_demand::{AgentIds, DemandIds};
pub use results_ranking::{RankingIds, RankingReturnIds};
pub use results_training::{PhaseIds, TrainingIds};
pub use serving::{LayoutChoice, ServingPlan, SpeculationPlan, Targets, TraceFile, Traffic};
pub use training::{
    HourPrice, Machine, MachineFact, PhasePlan, RunPlace, RunStart, TrainedModel, TrainingPlan,
};

pub use workload::{
    BatchPlan, Demand, JobOutcomes, JobStatistics, ReinforcementPlan, ServicePlan, Workload, WorkloadKind,
};

use crate::catalog::Reference;
use crate::period::{Moment, Period};
use crate::quantity::{Area, ComputeRate, Length};

/// A complete, typed plan. Engines see nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Name for people.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The day whose knowledge it uses.
    pub as_of: Date,
    /// The stretch that is planned.
    pub period: Period,
    /// The year that headlines are about.
    pub year: i16,
    /// Draws of the Monte Carlo simulation.
    pub samples: u32,
    /// Seed of its random streams.
    pub seed: u64,
    /// Every number from outside.
    pub inputs: Vec<InputRecord>,
    /// Which of them move together.
    pub correlations: Vec<Correlation>,
    /// Sources that the plan's inputs, claims and outcomes cite.
    pub bibliography: BTreeMap<String, Reference>,
    /// Kinds of system.
    pub systems: Vec<SystemPlan>,
    /// Dense BF16 rate of the H100, the unit of equivalents.
    pub h100: Input<ComputeRate>,
    /// Manhattan, to compare with.
    pub manhattan: PlacePlan,
    /// Sites.
    pub sites: Vec<SitePlan>,
    /// What is owned and bought.
    pub lots: Vec<Lot>,
    /// Stocks to be reached.
    pub targets: Vec<Target>,
    /// The quarters of the accounts; `None` for a plan without a company.
    pub accounts: Option<Accounts>,
    /// Companies; the first is the one that claims mean unless they name another.
    pub companies: Vec<CompanyPlan>,
    /// Training runs, each after those that it follows.
    pub training: Vec<TrainingPlan>,
    /// Models that are served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serving: Vec<ServingPlan>,
    /// Who asks how much of a service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<DemandPlan>,
    /// The fleet in operation; `None` for a scenario that says nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fleet: Option<FleetPlan>,
    /// Ranking and recommendation; `None` for a scenario that says nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<RankingPlan>,
    /// How electricity comes to sites, where the scenario says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub power: Vec<PowerPlan>,
    /// Moments at which stocks are computed and flows cut: ends of months, days on which something starts or ends,
    /// and the dates that claims name.
    pub axis: Vec<Moment>,
    /// Which of these moments carry integrals; the others are only read.
    pub integrated: Vec<bool>,
    /// Every result.
    pub vocabulary: Vocabulary,
    /// Statements to be judged.
    pub claims: Vec<Claim>,
    /// What became known after `as_of`.
    pub outcomes: Vec<Outcome>,
}

/// A place to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlacePlan {
    /// Area of its land.
    pub land: Input<Area>,
    /// Its length.
    pub length: Input<Length>,
    /// Its greatest width.
    pub width: Input<Length>,
}

impl Plan {
    /// The record behind an input.
    pub fn input(&self, id: InputId) -> &InputRecord {
        &self.inputs[id.0 as usize]
    }

    /// The input under a path.
    pub fn find_input(&self, path: &str) -> Option<InputId> {
        let at = self.inputs.iter().position(|input| input.path == path)?;
        u32::try_from(at).ok().map(InputId)
    }
}
