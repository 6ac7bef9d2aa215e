//! A plant through the months of its weather.

use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::plan::SitePlan;
use gigawatt_plan::quantity::{Power, Quantity, Volume};

use crate::Draw;
use crate::cooling::{Energy, Load, operate, plant_of};

/// IT power of the plant of which the months are computed: ratios do not depend on it.
const PLANT: f64 = 1e8;
/// Litres of a cubic metre.
const LITRES: f64 = 1e3;

/// What a site's plant takes by the month, in the reference case and at a steady load of the site's utilisation.
///
/// ```text
/// PUE(month)   = 1 + (PUE of the plant - 1) × (PUE of the draw - 1) / (PUE of the reference - 1)
/// water(month) = (evaporated + bled × (k of the reference - 1) / (k of the draw - 1)) / energy of the racks
/// ```
///
/// The site's own PUE says how far it may be off; that of the reference case is the plant's. `k` are cycles of
/// concentration: what is bled is `evaporated / (k - 1)` unless more drifts away, which no plant of the catalogue comes near.
#[derive(Clone, Debug, PartialEq)]
pub struct Seasons {
    /// PUE of the plant by month.
    pue: [f64; 12],
    /// Litres that evaporate for a joule of the racks by month.
    evaporated: [f64; 12],
    /// Litres that are bled for it.
    bled: [f64; 12],
    /// PUE of the site in the reference case.
    reference: f64,
    /// Cycles of concentration there.
    cycles: f64,
}

impl Seasons {
    /// Of a site; none without a plant or weather.
    pub fn new(site: &SitePlan, draw: Draw<'_>) -> Option<Self> {
        let (plan, weather) = site.plant()?;
        let plant = plant_of(plan, draw, Power::from_base(PLANT));
        let load = Load::Constant(draw.get(site.utilisation).base() * PLANT);
        let year = operate(&plant, weather, &load);
        let mut months = [Energy::default(); 12];
        for (index, hour) in year.hours.iter().enumerate() {
            months[month_of_hour(index, year.hours.len())].add(&hour.energy);
        }
        let each = |month: &Energy, amount: f64| if month.it > 0.0 { amount / month.it } else { 0.0 };
        Some(Self {
            pue: months.map(|month| month.pue().unwrap_or(1.0)),
            evaporated: months.map(|month| each(&month, month.evaporated)),
            bled: months.map(|month| each(&month, month.withdrawn - month.evaporated)),
            reference: crate::facility::factor(draw, site.pue),
            cycles: draw.get(plan.cycles).base(),
        })
    }

    /// PUE in the month that a moment ends, given the site's in the draw. A series of the site's knows better.
    pub fn pue(&self, moment: Moment, drawn: f64) -> f64 {
        let over = self.reference - 1.0;
        let times = if over > 0.0 { (drawn - 1.0) / over } else { 1.0 };
        1.0 + (self.pue[month(moment)] - 1.0) * times
    }

    /// Water that is taken in for a joule of the racks in that month, given the cycles of concentration in the draw.
    pub fn water(&self, moment: Moment, cycles: f64) -> Volume {
        let month = month(moment);
        let bled = self.bled[month] * (self.cycles - 1.0) / (cycles - 1.0);
        Volume::from_base((self.evaporated[month] + bled) / LITRES)
    }
}

/// The month that a moment ends: that of the day before it.
fn month(moment: Moment) -> usize {
    usize::try_from(moment.day_before().month() - 1).unwrap_or(0)
}

/// The month of an hour of a typical year of so many hours.
fn month_of_hour(hour: usize, hours: usize) -> usize {
    // Any year of that length has the same months.
    let year = if hours >= 8784 { 2024 } else { 2025 };
    let start = Period::year(year).start;
    let day = Moment(start.0 + i32::try_from(hour / 24).unwrap_or(0)).day();
    usize::try_from(day.month() - 1).unwrap_or(0)
}
