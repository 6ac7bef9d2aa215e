//! The sections of a scenario.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::sections_cooling::{CoolingSection, WeatherSection};
use super::sections_demand::DemandSection;
use super::sections_fleet::{FleetSection, WorkloadSection};
use super::sections_power::PowerSection;
use super::sections_ranking::RankingSection;
use super::sections_serving::ServiceSection;
use super::sections_training::TrainingSection;
use crate::catalog::Reference;
use crate::fact::Written;
use crate::period::Period;
use crate::plan::Aggregate;
use crate::quantity::Dimension;
use crate::text::{Node, Span, Spanned};
use crate::time_series::TimeSeries;

/// A value over a stretch of time.
#[derive(Clone, Debug)]
pub struct DatedValue {
    /// The stretch.
    pub period: Spanned<Period>,
    /// The value.
    pub value: Spanned<Written>,
}

/// A value at the end of a day.
#[derive(Clone, Debug)]
pub struct Point {
    /// The day.
    pub on: Spanned<Date>,
    /// The value.
    pub value: Spanned<Written>,
}

/// The whole scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name for people.
    pub name: Spanned<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The day whose knowledge is used.
    pub as_of: Spanned<Date>,
    /// The stretch that is planned.
    pub period: Spanned<Period>,
    /// The year that headlines are about.
    pub year: Option<Spanned<i64>>,
    /// Number of draws.
    pub samples: Option<u32>,
    /// Seed.
    pub seed: Option<u64>,
    /// Companies.
    pub companies: Vec<CompanySection>,
    /// Contracts that pay for parts of the plan.
    pub funding: Vec<FundingSection>,
    /// Who has promised money.
    pub investors: Vec<InvestorSection>,
    /// Staff.
    pub staff: Vec<StaffSection>,
    /// Segments.
    pub segments: Vec<SegmentSection>,
    /// Sites.
    pub sites: Vec<SiteSection>,
    /// What is owned at the start.
    pub openings: Vec<OpeningSection>,
    /// Targets.
    pub targets: Vec<TargetSection>,
    /// Purchases.
    pub purchases: Vec<PurchaseSection>,
    /// Training runs.
    pub training: Vec<TrainingSection>,
    /// Models that are served.
    pub services: Vec<ServiceSection>,
    /// The fleet in operation.
    pub fleet: Option<FleetSection>,
    /// What runs on it beside the training runs.
    pub workloads: Vec<WorkloadSection>,
    /// Who asks how much of a service.
    pub demands: Vec<DemandSection>,
    /// Ranking and recommendation.
    pub ranking: Option<RankingSection>,
    /// How electricity comes to sites.
    pub power: Vec<PowerSection>,
    /// Correlations.
    pub correlations: Vec<CorrelationSection>,
    /// Claims.
    pub claims: Vec<ClaimSection>,
    /// The scenario's own sources.
    pub bibliography: BTreeMap<String, Reference>,
    /// Replaced facts by path, `system.gb200-nvl72.power`.
    pub overrides: Vec<(Spanned<String>, Node)>,
}

/// `[company]`.
#[derive(Clone, Debug)]
pub struct CompanySection {
    /// Where it stands.
    pub span: Span,
    /// Name in paths.
    pub name: Option<Spanned<String>>,
    /// Name for people.
    pub title: Option<String>,
    /// The company in the catalogue.
    pub history: Option<Spanned<String>>,
    /// Last year of the accounts.
    pub until: Option<Spanned<i64>>,
    /// The practice with defaults.
    pub practice: Option<Spanned<String>>,
    /// Dated values by field name.
    pub dated: BTreeMap<&'static str, Vec<DatedValue>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// `[[staff]]`.
#[derive(Clone, Debug)]
pub struct StaffSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Name for people.
    pub title: Option<String>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// People at the start.
    pub people: Option<Spanned<Written>>,
    /// Growth by year.
    pub growth: Vec<DatedValue>,
    /// Loaded cost.
    pub cost: Option<Spanned<Written>>,
}

/// `[[segment]]`.
#[derive(Clone, Debug)]
pub struct SegmentSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Name for people.
    pub title: Option<String>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// Loss by quarter or year.
    pub loss: Vec<DatedValue>,
    /// Growth over a year.
    pub loss_growth: Vec<DatedValue>,
}

/// `[[funding]]`.
#[derive(Clone, Debug)]
pub struct FundingSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// What it is.
    pub kind: Option<Spanned<String>>,
    /// What it pays for.
    pub covers: Vec<Spanned<String>>,
    /// First day of the spending that it covers.
    pub since: Option<Spanned<Date>>,
    /// When paying starts.
    pub starts: Option<Spanned<Date>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// `[[investor]]`.
#[derive(Clone, Debug)]
pub struct InvestorSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Name for people.
    pub title: Option<String>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// What was announced.
    pub announced: Vec<Point>,
    /// What is committed.
    pub committed: Vec<Point>,
}

/// `[[site]]`.
#[derive(Clone, Debug)]
pub struct SiteSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// How construction is spread over time.
    pub construction_schedule: Option<Spanned<String>>,
    /// The catalogue's campus.
    pub campus: Option<Spanned<String>>,
    /// The practice with defaults.
    pub practice: Option<Spanned<String>>,
    /// The catalogue's electricity.
    pub electricity: Option<Spanned<String>>,
    /// The catalogue's grid.
    pub grid: Option<Spanned<String>>,
    /// The catalogue's construction.
    pub construction: Option<Spanned<String>>,
    /// Seconds by which its clock is ahead of UTC.
    pub utc_offset: Option<Spanned<i32>>,
    /// Series by field name.
    pub series: BTreeMap<&'static str, SeriesSection>,
    /// Its weather.
    pub weather: Option<WeatherSection>,
    /// Its cooling.
    pub cooling: Option<CoolingSection>,
    /// Energised IT power.
    pub online: Vec<Point>,
    /// Rack positions.
    pub racks: Vec<Point>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// A series in a CSV file.
#[derive(Clone, Debug)]
pub struct SeriesSection {
    /// Where it is written.
    pub span: Span,
    /// The file.
    pub csv: Spanned<String>,
    /// The column with time stamps.
    pub time: Option<Spanned<String>>,
    /// The column with values.
    pub column: Option<Spanned<String>>,
    /// What the values measure.
    pub dimension: Dimension,
    /// Base units in one unit of the file.
    pub factor: f64,
    /// The factor on the values, with the provenance of the whole.
    pub scale: Written,
    /// What was read; `None` where a diagnostic says why not.
    pub read: Option<TimeSeries>,
}

/// `[[opening]]`.
#[derive(Clone, Debug)]
pub struct OpeningSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// The system.
    pub system: Option<Spanned<String>>,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// Accelerators.
    pub gpus: Option<Spanned<Written>>,
    /// When they leave.
    pub retire: Option<Spanned<Period>>,
}

/// `[[target]]`.
#[derive(Clone, Debug)]
pub struct TargetSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// GPUs owned.
    pub gpus: Option<Spanned<Written>>,
    /// When.
    pub on: Option<Spanned<Date>>,
}

/// `[[purchase]]`.
#[derive(Clone, Debug)]
pub struct PurchaseSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// The system.
    pub system: Option<Spanned<String>>,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// The target it serves.
    pub target: Option<Spanned<String>>,
    /// When ownership passes.
    pub deliver: Option<Spanned<Period>>,
    /// When they leave.
    pub retire: Option<Spanned<Period>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// `[[correlation]]`.
#[derive(Clone, Debug)]
pub struct CorrelationSection {
    /// The common cause.
    pub name: Spanned<String>,
    /// Patterns of paths.
    pub inputs: Vec<Spanned<String>>,
    /// Coefficient of every two of them.
    pub coefficient: Option<Spanned<f64>>,
    /// Coefficients of each two of them, as written.
    pub matrix: Option<WrittenMatrix>,
}

/// A matrix of correlations as written: as many rows of as many numbers as there are rows, each from -1 to 1.
#[derive(Clone, Debug)]
pub struct WrittenMatrix {
    /// Where it stands.
    pub span: Span,
    /// Its rows.
    pub rows: Vec<Vec<Spanned<f64>>>,
}

/// The stretch of a claim with what is made of it.
#[derive(Clone, Debug)]
pub struct WrittenOver {
    /// What is made of it.
    pub aggregate: Aggregate,
    /// The keyword as written.
    pub keyword: &'static str,
    /// The stretch.
    pub period: Spanned<Period>,
}

/// `[[claim]]`.
#[derive(Clone, Debug)]
pub struct ClaimSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// The statement.
    pub says: Option<Spanned<String>>,
    /// Path of the value.
    pub value: Option<Spanned<String>>,
    /// The day of a level.
    pub at: Option<Spanned<Date>>,
    /// The stretch.
    pub over: Option<WrittenOver>,
    /// Least value; its unit is that of the path.
    pub at_least: Option<Node>,
    /// Greatest value.
    pub at_most: Option<Node>,
    /// Probability asked for.
    pub confidence: Option<Spanned<f64>>,
    /// Who said it.
    pub source: Option<Spanned<String>>,
    /// Whether `gw check` passes over it.
    pub informative: bool,
    /// What would judge it.
    pub judged_by: Option<Spanned<String>>,
}
