//! A site's plant through the hours of a profile.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::SitePlan;
use gigawatt_plan::quantity::{Power, Quantity};
use gigawatt_plan::weather::Air;

use super::overhead::Overhead;
use crate::cooling::{Hour, LoopDesign, Plant, Year, design, operate_hours, plant_of};
use crate::{Draw, TypicalHours};

/// Part of the hours that the hour for which a plant is designed is hotter than: ASHRAE's 0.4 %.
const DESIGN: f64 = 0.004;
const HOUR: f64 = 3600.0;

/// The plant of a site, and what it did in the hours of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteCooling {
    /// What its plant is called.
    pub title: String,
    /// Of which place the weather is.
    pub place: String,
    /// The plant, built for the nameplate of the racks.
    pub plant: Plant,
    /// What its loops have to be for the design hour, the liquid first.
    pub design: [Option<LoopDesign>; 2],
    /// The air of every hour.
    pub air: Vec<Air>,
    /// What it did.
    pub year: Year,
}

impl SiteCooling {
    /// The plant of a site in hours from a moment on, in which the racks want so much on average; none where the site has no
    /// plant or no weather.
    pub(super) fn operated(
        site: &SitePlan,
        draw: Draw<'_>,
        nameplate: f64,
        start: Moment,
        wanted: &[f64],
    ) -> Option<Self> {
        let (plan, weather) = site.plant()?;
        if nameplate <= 0.0 {
            return None;
        }
        let clock = TypicalHours::new(start, site.utc_offset.unwrap_or(weather.utc_offset));
        let length = weather.hours.len();
        let air: Vec<Air> = (0..wanted.len()).map(|hour| weather.hours[clock.of(hour, length)]).collect();
        let plant = plant_of(plan, draw, Power::from_base(nameplate));
        let year = operate_hours(&plant, &air, wanted);
        Some(Self {
            title: plan.title.clone(),
            place: weather.place.clone(),
            design: design(&plant, weather, DESIGN),
            plant,
            air,
            year,
        })
    }

    /// The same in other hours of the same length, in which the racks got so much.
    pub(super) fn again(&mut self, got: &[f64]) {
        self.year = operate_hours(&self.plant, &self.air, got);
    }

    /// What it takes for each watt of the racks, and the racks that it carries. What the plant says of electrical losses and
    /// light beyond those of a chain, over the racks' power, is taken too.
    pub(super) fn overhead(&self, chain: f64) -> Overhead {
        let rest = (self.plant.electrical_overhead - chain).max(0.0);
        let part = |hour: &Hour| {
            let of = &hour.energy;
            let cooling = of.pumps + of.fans + of.compressors;
            rest + if of.it > 0.0 { cooling / of.it } else { 0.0 }
        };
        let carries = |hour: &Hour| {
            let of = &hour.energy;
            if of.it < of.wanted { of.it / HOUR } else { f64::INFINITY }
        };
        let hours = &self.year.hours;
        Overhead::hourly(hours.iter().map(part).collect(), hours.iter().map(carries).collect())
    }
}
