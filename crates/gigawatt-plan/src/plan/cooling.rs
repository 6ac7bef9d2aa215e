//! The cooling of a site.

use serde::{Deserialize, Serialize};

use super::Input;
use crate::quantity::{Duration, Ratio, Temperature, TemperatureDifference};
use crate::weather::Weather;

/// Where a loop gives its heat to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionKind {
    /// Outside air, sprayed or not.
    Air,
    /// A wet tower.
    Tower,
}

impl RejectionKind {
    /// Both with the words in which the catalogue has them.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Air, "air"), (Self::Tower, "tower")];
}

/// A loop that carries heat out of halls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoopPlan {
    /// Where its heat goes.
    pub rejection: RejectionKind,
    /// Temperature at which it supplies.
    pub supply: Input<Temperature>,
    /// Temperature that its supply may not pass.
    pub limit: Input<Temperature>,
    /// Supply above air or wet bulb at rated heat and full fans.
    pub approach: Input<TemperatureDifference>,
    /// Part of the way from dry to wet bulb that its cooler's air is sprayed to.
    pub evaporation: Input<Ratio>,
    /// Power of fans of the cooler or tower over rated heat.
    pub fans: Input<Ratio>,
    /// Power of pumps, and of fans in halls, over rated heat.
    pub pumps: Input<Ratio>,
    /// Capacity of the chiller over rated heat; 0 without one.
    pub chiller: Input<Ratio>,
}

/// The plant of a site, and its weather.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoolingPlan {
    /// Id in the catalogue.
    pub plant: String,
    /// Name for people.
    pub title: String,
    /// Part of the heat of IT that leaves through liquid.
    pub liquid_share: Input<Ratio>,
    /// The loop of liquid.
    pub liquid: LoopPlan,
    /// The loop of air.
    pub air: LoopPlan,
    /// Coefficient of performance of chillers over that of Carnot's cycle.
    pub chiller_efficiency: Input<Ratio>,
    /// Refrigerant below the loop and above the condenser, together.
    pub chiller_approach: Input<TemperatureDifference>,
    /// By which air warms in a cooler or a hall.
    pub air_rise: Input<TemperatureDifference>,
    /// By which water cools in a tower.
    pub water_range: Input<TemperatureDifference>,
    /// Cycles of concentration.
    pub cycles: Input<Ratio>,
    /// Part of a tower's water that drifts away.
    pub drift: Input<Ratio>,
    /// Time in which rated heat warms a loop from supply to limit.
    pub ride_through: Input<Duration>,
    /// Part of the rated flow that pumps do not go below.
    pub least_flow: Input<Ratio>,
    /// Electrical losses over IT power.
    pub electrical_overhead: Input<Ratio>,
    /// The weather of a year; `None` where the scenario names none, so that a constant PUE stands for the plant.
    pub weather: Option<Weather>,
}
