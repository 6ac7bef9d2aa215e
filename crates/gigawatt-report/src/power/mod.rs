//! Sites as their grids see them: as data, drawings and a table of minutes.

mod chart;
mod cooled;
mod emissions;
mod emitted;
mod minutes;
mod months;
mod parts;
mod plant;
mod second;
mod site;
mod stored;
mod swings;
mod tables;

pub use chart::charts;
pub(crate) use chart::connection;
pub use cooled::{CoolingSummary, DesignSummary};
pub(crate) use emissions::{beside_chart, shifting_chart};
pub use emitted::{BillSummary, EmbodiedSummary, EmissionsSummary, RangeSummary, ShiftingSummary};
pub use minutes::minutes_csv;
pub use months::MonthSummary;
pub(crate) use plant::{carbon_chart, plant_charts, water_chart};
pub(crate) use second::measure_name;
pub use site::{
    CappingSummary, DaySummary, EnergySummary, LimitsSummary, SiteSummary, StageSummary, SupplySummary,
};
pub use stored::StorageSummary;
pub use swings::{
    FeedLossSummary, JobSwingSummary, KeepsSummary, MeasureSummary, SwingSummary, SwingsSummary,
};

pub use tables::power_tables;

use std::collections::BTreeMap;

use gigawatt_engine::power::grid::{SiteYear, Years};
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Plan, Redundancy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A grid study. Powers are in W, energies in J, times in seconds, money in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PowerSummary {
    /// Name of the scenario.
    pub name: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Whether loads are those of a simulated history; else what is online draws its utilisation.
    pub simulated: bool,
    /// Sites by name.
    pub sites: BTreeMap<String, SiteSummary>,
}

/// How a redundancy is written.
pub fn redundancy_text(redundancy: Redundancy) -> String {
    match redundancy {
        Redundancy::None => "N".to_owned(),
        Redundancy::Spare(spare) => format!("N+{spare}"),
        Redundancy::Double => "2N".to_owned(),
        Redundancy::Shared { of, make } => format!("{of}-to-make-{make}"),
    }
}

/// A minute from the start of a period: `2025-07-01 14:03`.
pub fn minute_text(start: Moment, minute: usize) -> String {
    let day = Moment(start.0 + i32::try_from(minute / 1440).unwrap_or(0)).day();
    let of_day = minute % 1440;
    format!("{day} {:02}:{:02}", of_day / 60, of_day % 60)
}

impl PowerSummary {
    /// The sites of a plan over the days that were studied.
    pub fn new(plan: &Plan, years: &Years) -> Self {
        let start = years.period.start;
        let site = |year: &SiteYear| {
            let of = &plan.sites[year.study.site];
            (of.name.clone(), SiteSummary::new(&of.title, years.period, year))
        };
        Self {
            name: plan.name.clone(),
            from: start.day().to_string(),
            to: years.period.end.day_before().to_string(),
            simulated: years.loads.simulated,
            sites: years.sites.iter().map(site).collect(),
        }
    }
}
