//! A plant through the months of its weather.

use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::plan::SitePlan;
use gigawatt_plan::quantity::{Power, Quantity};

use crate::Draw;
use crate::cooling::{Energy, Load, operate, plant_of};

/// IT power of the plant of which the months are computed: ratios do not depend on it.
const PLANT: f64 = 1e8;

/// What a site's plant takes by the month, in the reference case and at a steady load of the site's utilisation.
///
/// ```text
/// PUE(month) = 1 + (PUE of the plant - 1) × (PUE of the draw - 1) / (PUE of the reference - 1)
/// ```
///
/// The site's own PUE says how far it may be off; that of the reference case is the plant's.
#[derive(Clone, Debug, PartialEq)]
pub struct Seasons {
    /// PUE of the plant by month.
    pue: [f64; 12],
    /// Litres for a joule of IT by month.
    water: [f64; 12],
    /// PUE of the site in the reference case.
    reference: f64,
}

impl Seasons {
    /// Of a site; none without a plant or weather, and where the site's PUE follows a series, which knows better.
    pub fn new(site: &SitePlan, draw: Draw<'_>) -> Option<Self> {
        let plan = site.cooling.as_ref()?;
        let weather = plan.weather.as_ref()?;
        if site.pue.is_series() || weather.hours.is_empty() {
            return None;
        }
        let plant = plant_of(plan, draw, Power::from_base(PLANT));
        let load = Load::Constant(draw.get(site.utilisation).base() * PLANT);
        let year = operate(&plant, weather, &load);
        let mut months = [Energy::default(); 12];
        for (index, hour) in year.hours.iter().enumerate() {
            let month = month_of_hour(index, year.hours.len());
            months[month].it += hour.energy.it;
            months[month].drawn += hour.energy.drawn;
            months[month].withdrawn += hour.energy.withdrawn;
        }
        Some(Self {
            pue: months.map(|month| month.pue().unwrap_or(1.0)),
            water: months.map(|month| month.wue().unwrap_or(0.0) / 3.6e6),
            reference: crate::facility::factor(draw, site.pue),
        })
    }

    /// PUE in the month that a moment ends, given the site's in the draw.
    pub fn pue(&self, moment: Moment, drawn: f64) -> f64 {
        let over = self.reference - 1.0;
        let times = if over > 0.0 { (drawn - 1.0) / over } else { 1.0 };
        1.0 + (self.pue[month(moment)] - 1.0) * times
    }

    /// Litres for a joule of IT in that month.
    pub fn water(&self, moment: Moment) -> f64 {
        self.water[month(moment)]
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
