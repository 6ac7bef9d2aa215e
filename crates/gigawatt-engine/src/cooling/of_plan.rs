//! A plan's plant, and its year.

use gigawatt_plan::plan::{CoolingPlan, LoopPlan, RejectionKind};
use gigawatt_plan::quantity::{Power, Quantity, Ratio};
use gigawatt_plan::weather::Weather;

use super::load::Load;
use super::plant::{Chiller, Loop, Plant, Rejection, Water};
use super::year::{Year, operate};
use crate::Draw;

/// Kelvin between supply and limit at least: draws of the two may cross.
const LEAST_BAND: f64 = 1.0;

/// The plant of a draw, built for an IT power.
pub fn plant_of(plan: &CoolingPlan, draw: Draw<'_>, rated: Power) -> Plant {
    let ratio = |input| draw.get::<Ratio>(input).base();
    let one = |of: &LoopPlan| {
        let supply = draw.get(of.supply).base();
        let capacity = ratio(of.chiller);
        let rejection = match of.rejection {
            RejectionKind::Air => Rejection::Air { evaporation: ratio(of.evaporation) },
            RejectionKind::Tower => Rejection::Tower,
        };
        let chiller = Chiller {
            capacity,
            efficiency: ratio(plan.chiller_efficiency),
            approach: draw.get(plan.chiller_approach).base(),
        };
        Loop {
            rated: 1.0,
            supply,
            limit: draw.get(of.limit).base().max(supply + LEAST_BAND),
            approach: draw.get(of.approach).base(),
            rejection,
            fans: ratio(of.fans),
            pumps: ratio(of.pumps),
            chiller: (capacity > 0.0).then_some(chiller),
            ride_through: draw.get(plan.ride_through).base(),
            least_flow: ratio(plan.least_flow),
        }
    };
    let plant = Plant {
        rated: rated.base(),
        liquid_share: ratio(plan.liquid_share),
        electrical_overhead: ratio(plan.electrical_overhead),
        liquid: one(&plan.liquid),
        air: one(&plan.air),
        water: Water {
            range: draw.get(plan.water_range).base(),
            air_rise: draw.get(plan.air_rise).base(),
            cycles: ratio(plan.cycles),
            drift: ratio(plan.drift),
        },
    };
    plant.sized()
}

/// A year of a plan's plant, built for an IT power, in a weather: that of the plan, or another laid over it, such as the
/// file of a command's `--weather`. `None` where there is neither.
pub fn typical_year(
    plan: &CoolingPlan,
    draw: Draw<'_>,
    rated: Power,
    load: &Load,
    weather: Option<&Weather>,
) -> Option<Year> {
    let weather = weather.or(plan.weather.as_ref())?;
    Some(operate(&plant_of(plan, draw, rated), weather, load))
}
