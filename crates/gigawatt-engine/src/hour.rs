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
    let (utilisation, overhead, pue) = around(plan, draw, place, facility);
    nameplate(plan, draw, system) * overhead * utilisation * pue
}

/// Facility power in watt of one accelerator of a training run with its share of server and network: what its steps draw, and the
/// network all the time. Where its steps have no power it is that of the place on average.
pub(crate) fn run_power(plan: &Plan, draw: Draw<'_>, run: usize, facility: &Facility) -> f64 {
    let (system, place) = (plan.training[run].system, plan.training[run].place);
    match facility.run_part(run) {
        None => power(plan, draw, (system, place), facility),
        Some(part) => {
            let (_, overhead, pue) = around(plan, draw, place, facility);
            nameplate(plan, draw, system) * (part + overhead - 1.0) * pue
        }
    }
}

/// An accelerator's share of its system's nameplate, in W.
fn nameplate(plan: &Plan, draw: Draw<'_>, system: usize) -> f64 {
    let system = &plan.systems[system];
    draw.get(system.power).base() / system.accelerators
}

/// Utilisation of power, overhead of networks as a factor, and PUE of a place.
fn around(plan: &Plan, draw: Draw<'_>, place: RunPlace, facility: &Facility) -> (f64, f64, f64) {
    match place {
        RunPlace::Site(site) => {
            let here = &plan.sites[site];
            let (utilisation, overhead) = (draw.get(here.utilisation), draw.get(here.network_overhead));
            (utilisation.base(), overhead.base(), facility.means(site).0)
        }
        RunPlace::Anywhere { utilisation, network_overhead, pue } => {
            (draw.get(utilisation).base(), draw.get(network_overhead).base(), draw.get(pue).base())
        }
    }
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
