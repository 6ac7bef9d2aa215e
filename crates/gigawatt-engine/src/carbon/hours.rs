//! Prices and intensities of a site by the hour of a typical year.

use gigawatt_plan::plan::SitePlan;

use crate::Draw;

/// A site's prices and intensities by the hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Hourly {
    /// In US dollar per joule.
    pub price: Vec<f64>,
    /// In kilogram of CO2e per joule.
    pub carbon: Vec<f64>,
}

/// What a draw makes of a site's price and intensity in each of so many hours: a series times its factor where the plan
/// keeps its hours, else the same all the time. A leap day at the end of February repeats the day before.
pub fn hourly(site: &SitePlan, draw: Draw<'_>, hours: usize) -> Hourly {
    let kept = site.hours.as_ref();
    let spread = |values: Option<&Vec<f64>>, factor: f64| -> Vec<f64> {
        let Some(values) = values else { return vec![factor; hours] };
        let leap = hours > values.len();
        let of_year = |hour: usize| if leap && hour >= LEAP_DAY { hour - 24 } else { hour };
        (0..hours).filter_map(|hour| values.get(of_year(hour))).map(|value| factor * value).collect()
    };
    Hourly {
        price: spread(kept.and_then(|kept| kept.price.as_ref()), draw.base(site.electricity_price.id())),
        carbon: spread(kept.and_then(|kept| kept.carbon.as_ref()), draw.base(site.carbon_intensity.id())),
    }
}

/// The first hour after 28 February.
const LEAP_DAY: usize = 59 * 24;
