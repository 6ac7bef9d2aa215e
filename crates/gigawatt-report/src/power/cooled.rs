//! A site's plant as data.

use gigawatt_engine::cooling::{Energy, Hour, LoopDesign};
use gigawatt_engine::power::grid::{Profile, SiteCooling, SiteYear};
use gigawatt_plan::period::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::minute_text;

/// A plant through the hours that are studied. Temperatures are in degrees Celsius, energies in J, water in litres.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoolingSummary {
    /// What the plant is called.
    pub plant: String,
    /// Of which place the weather is.
    pub place: String,
    /// Energy from grid and own generation over that of the racks, all hours together.
    pub pue: Option<f64>,
    /// The least of an hour.
    pub pue_least: Option<f64>,
    /// The greatest of an hour.
    pub pue_most: Option<f64>,
    /// The hour of that, in UTC.
    pub hottest: String,
    /// Litres taken in for a kilowatt-hour of the racks.
    pub wue: Option<f64>,
    /// Water taken in.
    pub withdrawn: f64,
    /// Water that evaporated.
    pub evaporated: f64,
    /// Of pumps and of fans in halls.
    pub pumps: f64,
    /// Of fans of coolers, towers and condensers.
    pub fans: f64,
    /// Of compressors.
    pub compressors: f64,
    /// Hours in which compressors ran.
    pub chiller_hours: usize,
    /// Hours with a minute in which the racks got less than they wanted.
    pub limited_hours: usize,
    /// Part of the energy that the racks wanted and did not get.
    pub limited: f64,
    /// The warmest supply of the liquid.
    pub liquid: f64,
    /// The warmest supply of the air.
    pub air: f64,
    /// The hottest air outside.
    pub outside: f64,
    /// What the loop of liquid has to be for the design hour; absent without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub design_liquid: Option<DesignSummary>,
    /// What the loop of air has to be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub design_air: Option<DesignSummary>,
}

/// A loop against the hour that 99.6 % of the hours are no hotter than.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DesignSummary {
    /// Air or wet bulb on its cooler in that hour.
    pub sink: f64,
    /// Part of its rated heat that a chiller has to take for it to hold its set point.
    pub chiller: f64,
    /// Part of its rated heat that cooler and chiller carry at its limit, as they are.
    pub carries: f64,
}

impl From<&LoopDesign> for DesignSummary {
    fn from(design: &LoopDesign) -> Self {
        Self { sink: design.sink, chiller: design.chiller, carries: design.carries }
    }
}

/// Energy that comes to the chain, and that of the racks, in every hour \[J\].
pub(super) fn by_hour(year: &SiteYear) -> Vec<(f64, f64)> {
    const MINUTE: f64 = 60.0;
    let profile = &year.study.profile;
    let came =
        |hour: usize| MINUTE * (60 * hour..60 * (hour + 1)).map(|minute| profile.comes(minute)).sum::<f64>();
    year.hours.racks.iter().enumerate().map(|(hour, racks)| (came(hour), *racks)).collect()
}

/// Whether the racks got less than they wanted in a minute of each hour.
pub(super) fn limited(profile: &Profile) -> Vec<bool> {
    let minutes = profile.wanted.chunks(60).zip(profile.racks.chunks(60));
    minutes
        .map(|(wanted, got)| wanted.iter().zip(got).any(|(wanted, got)| *got < wanted * (1.0 - 1e-9)))
        .collect()
}

impl CoolingSummary {
    pub(super) fn new(cooling: &SiteCooling, of: &SiteYear, start: Moment) -> Self {
        let profile = &of.study.profile;
        let (hours, total): (&[Hour], &Energy) = (&cooling.year.hours, &cooling.year.total);
        let by_hour =
            || by_hour(of).into_iter().filter(|(_, racks)| *racks > 0.0).map(|(came, racks)| came / racks);
        let end = |pick: fn(f64, f64) -> f64| by_hour().reduce(pick);
        let warmest = |of: fn(&Hour) -> f64| hours.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (wanted, got) = (profile.wanted.iter().sum::<f64>(), profile.racks.iter().sum::<f64>());
        Self {
            plant: cooling.title.clone(),
            place: cooling.place.clone(),
            pue: of.pue(),
            pue_least: end(f64::min),
            pue_most: end(f64::max),
            hottest: minute_text(start, 60 * cooling.year.hottest()),
            wue: of.wue(),
            withdrawn: total.withdrawn,
            evaporated: total.evaporated,
            pumps: total.pumps,
            fans: total.fans,
            compressors: total.compressors,
            chiller_hours: hours.iter().filter(|hour| hour.energy.compressors > 0.0).count(),
            limited_hours: limited(profile).into_iter().filter(|limited| *limited).count(),
            limited: if wanted > 0.0 { (wanted - got).max(0.0) / wanted } else { 0.0 },
            liquid: warmest(|hour| hour.liquid),
            air: warmest(|hour| hour.air),
            outside: cooling.air.iter().map(|air| air.dry_bulb).fold(f64::NEG_INFINITY, f64::max),
            design_liquid: cooling.design[0].as_ref().map(DesignSummary::from),
            design_air: cooling.design[1].as_ref().map(DesignSummary::from),
        }
    }
}
