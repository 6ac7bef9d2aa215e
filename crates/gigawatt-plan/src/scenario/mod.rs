//! The scenario as written: every field optional or with its place, nothing looked up yet.

pub mod fields;
pub mod fields_cooling;
pub mod fields_demand;
pub mod fields_fleet;
pub mod fields_power;
pub mod fields_ranking;
pub mod fields_serving;
pub mod fields_training;
mod launch;
mod read;
mod read_correlation;
mod read_demand;
mod read_fleet;
mod read_items;
mod read_power;
mod read_ranking;
mod read_series;
mod read_serving;
mod read_training;
mod sections;
mod sections_cooling;
mod sections_demand;
mod sections_fleet;
mod sections_power;
mod sections_ranking;
mod sections_serving;
mod sections_training;

pub use launch::{FLAVORS, Flavor};
pub use read::{Texts, read_scenario};
pub(crate) use read_training::is_configuration;
pub use sections::{
    ClaimSection, CompanySection, CorrelationSection, DatedValue, FundingSection, InvestorSection,
    OpeningSection, Point, PurchaseSection, Scenario, SegmentSection, SeriesSection, SiteSection,
    StaffSection, TargetSection, WrittenMatrix, WrittenOver,
};
pub use sections_cooling::{CoolingSection, WeatherSection};
pub use sections_demand::{DemandSection, RegionSection};
pub use sections_fleet::{FleetSection, WorkloadSection};
pub use sections_power::{
    ContractSection, DeferrableSection, EventSection, GenerationSection, PowerSection, StageSection,
    StorageSection,
};
pub use sections_ranking::{RankingPartSection, RankingSection};
pub use sections_serving::ServiceSection;
pub use sections_training::{LayoutSection, PhaseFields, PhaseSection, TrainingSection};
