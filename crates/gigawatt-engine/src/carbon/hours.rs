//! Prices and intensities of a site by the hour.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::SitePlan;

use crate::{Draw, TypicalHours};

/// A site's prices and intensities by the hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Hourly {
    /// In US dollar per joule.
    pub price: Vec<f64>,
    /// In kilogram of CO2e per joule.
    pub carbon: Vec<f64>,
}

/// What a draw makes of a site's price and intensity in each of so many hours from a moment on: a series times its factor
/// where the plan keeps its hours, else the same all the time.
pub fn hourly(site: &SitePlan, draw: Draw<'_>, start: Moment, hours: usize) -> Hourly {
    let kept = site.hours.as_ref();
    let clock = TypicalHours::new(start, site.utc_offset.unwrap_or(0));
    let spread = |values: Option<&Vec<f64>>, factor: f64| -> Vec<f64> {
        let Some(values) = values else { return vec![factor; hours] };
        (0..hours).map(|hour| factor * values[clock.of(hour, values.len())]).collect()
    };
    Hourly {
        price: spread(kept.and_then(|kept| kept.price.as_ref()), draw.base(site.electricity_price.id())),
        carbon: spread(kept.and_then(|kept| kept.carbon.as_ref()), draw.base(site.carbon_intensity.id())),
    }
}
