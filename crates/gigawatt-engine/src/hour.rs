//! What an accelerator that works takes: power of the facility, and money.

use gigawatt_plan::plan::{HourPrice, Plan, RunPlace};
use gigawatt_plan::quantity::Quantity;

use crate::draw::Draw;
use crate::facility::Facility;
use crate::series::Series;

/// What a working accelerator takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AcceleratorHour {
    /// Facility power with its share of server and network, on average, W.
    pub power: f64,
    /// What a second of it costs, USD.
    pub price: f64,
}

/// Facility power in watt of one accelerator of a system with its share of server and network, on average.
pub(crate) fn power(
    plan: &Plan,
    draw: Draw<'_>,
    (system, place): (usize, RunPlace),
    facility: &Facility,
) -> f64 {
    let system = &plan.systems[system];
    let (utilisation, overhead, pue) = match place {
        RunPlace::Site(site) => {
            let here = &plan.sites[site];
            (draw.get(here.utilisation), draw.get(here.network_overhead), facility.means(site).0)
        }
        RunPlace::Anywhere { utilisation, network_overhead, pue } => {
            (draw.get(utilisation), draw.get(network_overhead), draw.get(pue).base())
        }
    };
    draw.get(system.power).base() / system.accelerators * overhead.base() * utilisation.base() * pue
}

/// What a second of an accelerator of a system costs.
pub(crate) fn price(
    plan: &Plan,
    draw: Draw<'_>,
    (system, price): (usize, HourPrice),
    series: &Series,
) -> f64 {
    match price {
        HourPrice::Given(price) => draw.get(price).base(),
        HourPrice::Owner(lot) => {
            let ids = plan.vocabulary.lots.iter().find(|ids| ids.lot == lot);
            ids.map_or(f64::NAN, |ids| series.get(ids.hour_cost)[0])
        }
        HourPrice::Rent(rent) => {
            draw.get(rent).base() * (draw.get(plan.systems[system].bf16) / draw.get(plan.h100))
        }
    }
}
