//! The scenario as written: every field optional or with its place, nothing looked up yet.

pub mod fields;
mod read;
mod read_correlation;
mod read_items;
mod read_series;
mod sections;

pub use read::{Texts, read_scenario};
pub use sections::{
    ClaimSection, CompanySection, CorrelationSection, DatedValue, FundingSection, InvestorSection,
    OpeningSection, Point, PurchaseSection, Scenario, SegmentSection, SeriesSection, SiteSection,
    StaffSection, TargetSection, WrittenMatrix, WrittenOver,
};
