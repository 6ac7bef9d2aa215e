//! What is bought and where it stands.

use serde::{Deserialize, Serialize};

use super::{CoolingPlan, Course, HourlyCourses, Input, Profile};
use crate::period::{Moment, Period};
use crate::quantity::{
    Area, CarbonPerEnergy, ComputeRate, Count, Duration, Money, MoneyPerEnergy, MoneyPerPower, Power, Ratio,
};
use crate::weather::Weather;

/// Whether an accelerator counts as a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceleratorClass {
    /// A GPU.
    Gpu,
    /// A chip of the owner's own design or another that is not a GPU; counted apart.
    Asic,
}

/// A system that the plan uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemPlan {
    /// Id in the catalogue.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Whether its accelerators count as GPUs.
    pub class: AcceleratorClass,
    /// Accelerators per system.
    pub accelerators: f64,
    /// Dense BF16 rate of one accelerator.
    pub bf16: Input<ComputeRate>,
    /// Nameplate input power of the whole system.
    pub power: Input<Power>,
    /// Limit of the power of one accelerator, where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator_power: Option<Input<Power>>,
    /// Rack positions that one system takes.
    pub racks: Input<Count>,
}

/// A value that is given at moments and runs straight between them: nothing before the first, constant after
/// the last.
pub type Curve<Q> = Vec<(Moment, Input<Q>)>;

/// How the money of a building is spread over its time of construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Slow, fast, slow: the rate of spending is a parabola, `6 τ (1 - τ)` over the time `τ` from 0 to 1.
    SCurve,
    /// The same amount every day.
    Even,
}

impl Schedule {
    /// Both with the words in which they are written.
    pub const ALL: [(Self, &'static str); 2] = [(Self::SCurve, "s-curve"), (Self::Even, "even")];
}

/// A site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SitePlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Index of the company that pays for its halls and its electricity; 0 in a plan without one.
    pub company: usize,
    /// IT power that is energised and can be used.
    pub online: Curve<Power>,
    /// Rack positions; empty where space does not bind.
    pub racks: Curve<Count>,
    /// Power of network and storage on top of the servers', as a factor of at least 1.
    pub network_overhead: Input<Ratio>,
    /// Average power drawn over nameplate power.
    pub utilisation: Input<Ratio>,
    /// Facility power over IT power.
    pub pue: Course<Ratio>,
    /// From the supplier's dock to the hall.
    pub transit: Input<Duration>,
    /// From energised to accepted.
    pub burn_in: Input<Duration>,
    /// Price of electricity.
    pub electricity_price: Course<MoneyPerEnergy>,
    /// Emissions per electricity taken from the grid.
    pub carbon_intensity: Course<CarbonPerEnergy>,
    /// The series that PUE, price and carbon intensity follow, by day.
    pub profile: Profile,
    /// Shell, power and cooling per IT power.
    pub construction_cost: Input<MoneyPerPower>,
    /// How long before energisation that money is spent.
    pub construction_time: Input<Duration>,
    /// How that money is spread over the time.
    pub construction_schedule: Schedule,
    /// Area of the ground.
    pub land: Option<Input<Area>>,
    /// Floor area of the buildings.
    pub floor_area: Option<Input<Area>>,
    /// The plant that takes the heat away, and the weather; `None` where the scenario says nothing of either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooling: Option<CoolingPlan>,
    /// Its series by the hour, where its price or carbon intensity follows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<HourlyCourses>,
    /// Seconds by which its clock is ahead of UTC, where the scenario or its weather says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset: Option<i32>,
}

impl SitePlan {
    /// The plant with the weather that it runs through; none where the scenario says nothing of the one or the other.
    pub fn plant(&self) -> Option<(&CoolingPlan, &Weather)> {
        let cooling = self.cooling.as_ref()?;
        let weather = cooling.weather.as_ref().filter(|weather| !weather.hours.is_empty())?;
        Some((cooling, weather))
    }
}

/// How many accelerators a lot has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotSize {
    /// A given number.
    Fixed(Input<Count>),
    /// A part of what a target still lacks; parts are normalised over the target's lots.
    Share {
        /// Index of the target.
        target: usize,
        /// The part.
        share: Input<Ratio>,
    },
}

/// When a lot arrives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Owned, energised and accepted before the plan starts.
    Opening,
    /// Bought: ownership passes at an even rate over a period, on terms.
    Delivered(Delivery),
}

/// A purchase's delivery and its terms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// When ownership passes.
    pub period: Period,
    /// Price per accelerator with its share of server and network.
    pub price: Input<Money>,
    /// From order to delivery.
    pub lead_time: Input<Duration>,
    /// From delivery to payment of what the deposit leaves.
    pub payment_terms: Input<Duration>,
    /// Part of the price that is paid at the order.
    pub deposit: Option<Input<Ratio>>,
    /// Life over which it is written off, where it is not the company's for servers.
    pub life: Option<Input<Duration>>,
}

/// Accelerators of one kind that are bought for one site under one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    /// Name in paths.
    pub name: String,
    /// Index of the system.
    pub system: usize,
    /// Index of the site.
    pub site: usize,
    /// Index of the company that pays for it; 0 in a plan without one.
    pub company: usize,
    /// How many accelerators.
    pub size: LotSize,
    /// When they arrive.
    pub arrival: Arrival,
    /// When they leave, at an even rate.
    pub retire: Option<Period>,
}

/// A stock of GPUs that purchases are to reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Name in paths.
    pub name: String,
    /// GPUs owned.
    pub gpus: Input<Count>,
    /// When.
    pub on: Moment,
}
