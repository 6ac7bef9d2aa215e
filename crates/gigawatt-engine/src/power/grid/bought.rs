//! How a site's electricity is bought, and what moving work would save.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{ContractKind, GenerationShape, Plan, PowerPlan, ShiftBy};
use gigawatt_plan::quantity::Quantity;

use crate::carbon::{Attribute, Bill, Contract, Deferrable, Emissions, bill, emissions, shift};
use crate::{Draw, TypicalHours};

use super::year::EnergyHours;

const HOUR: f64 = 3600.0;

/// The energy of a site moved to hours that cost or emit less, beside the energy as it came. At the prices of the hours and the
/// grid's intensity: contracts and certificates settle volumes that do not move.
#[derive(Clone, Debug, PartialEq)]
pub struct Shifting {
    /// What is made least.
    pub by: ShiftBy,
    /// Hours that work can wait.
    pub wait: usize,
    /// Energy from the grid in every hour \[J\].
    pub loads: Vec<f64>,
    /// Energy that runs in another hour than its own \[J\].
    pub moved: f64,
    /// Cost before and after \[$\].
    pub cost: (f64, f64),
    /// Emissions before and after \[kg\].
    pub carbon: (f64, f64),
}

/// What a site's electricity costs and emits under its contracts. What a purchase generates covers emissions by its
/// certificates; what nothing covers has the grid's intensity, as the catalogue knows no residual mix.
pub(super) fn bought(
    plan: &Plan,
    draw: Draw<'_>,
    start: Moment,
    site: usize,
    hours: &EnergyHours,
) -> (Bill, Emissions) {
    let clock = TypicalHours::new(start, plan.sites[site].utc_offset.unwrap_or(0));
    let (mut contracts, mut attributes) = (Vec::new(), Vec::new());
    for contract in supply(plan, site).into_iter().flat_map(|supply| &supply.contracts) {
        contracts.push(match contract.kind {
            ContractKind::Fixed { power, price } => {
                Contract::Fixed { power: draw.get(power).base(), price: draw.get(price).base() }
            }
            ContractKind::Indexed { markup } => Contract::Indexed { markup: draw.get(markup).base() },
            ContractKind::Purchase { power, price, generation, intensity } => {
                let mean = draw.get(power).base() * HOUR;
                let shape = |hour: usize| match generation {
                    GenerationShape::Flat => 1.0,
                    GenerationShape::Sun => sun(clock.of(hour, TYPICAL) % 24),
                };
                let generation: Vec<f64> = (0..hours.grid.len()).map(|hour| mean * shape(hour)).collect();
                let intensity = intensity.map_or(0.0, |intensity| draw.get(intensity).base());
                attributes.push(Attribute { generation: generation.clone(), intensity });
                Contract::PowerPurchase { generation, price: draw.get(price).base() }
            }
        });
    }
    let spent = bill(&hours.grid, &hours.price, &contracts);
    (spent, emissions(&hours.grid, &hours.carbon, &hours.carbon, &attributes))
}

/// Hours of a typical year.
const TYPICAL: usize = 8760;

/// Generation in an hour of the day over its mean: half a sine from 6:00 to 18:00, integrated over the hour.
fn sun(hour: usize) -> f64 {
    let angle = |hour: f64| std::f64::consts::PI * (hour.clamp(6.0, 18.0) - 6.0) / 12.0;
    let hour = hour as f64;
    // The half sine has an integral of 2 over π; 24 hours of mean 1 make it 12 for each unit of the cosine.
    12.0 * (libm::cos(angle(hour)) - libm::cos(angle(hour + 1.0)))
}

/// What moving the work that can wait would save; none where nothing is said to. Hours take at most what the connection gives.
pub(super) fn shifting(
    plan: &Plan,
    draw: Draw<'_>,
    site: usize,
    connection: f64,
    hours: &EnergyHours,
) -> Option<Shifting> {
    let of = supply(plan, site)?.deferrable?;
    let wait = (draw.get(of.wait).base() / HOUR).floor().max(0.0) as usize;
    let deferrable =
        Deferrable { share: draw.get(of.share).base(), window: wait, capacity: connection * HOUR };
    let costs = match of.by {
        ShiftBy::Price => &hours.price,
        ShiftBy::Carbon => &hours.carbon,
    };
    let moved = shift(&hours.grid, costs, &deferrable);
    let weighed = |loads: &[f64], weights: &[f64]| {
        loads.iter().zip(weights).map(|(load, weight)| load * weight).sum::<f64>()
    };
    Some(Shifting {
        by: of.by,
        wait,
        moved: moved.moved,
        cost: (weighed(&hours.grid, &hours.price), moved.weighed(&hours.price)),
        carbon: (weighed(&hours.grid, &hours.carbon), moved.weighed(&hours.carbon)),
        loads: moved.loads,
    })
}

fn supply(plan: &Plan, site: usize) -> Option<&PowerPlan> {
    plan.power.iter().find(|supply| supply.site == site)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_shines_by_day_and_is_one_on_average() {
        let day: Vec<f64> = (0..24).map(sun).collect();
        assert!((day.iter().sum::<f64>() / 24.0 - 1.0).abs() < 1e-12);
        assert_eq!((day[5], day[18]), (0.0, 0.0));
        // At noon the power is π times the mean; over its hour a little less.
        assert!((day[12] - std::f64::consts::PI).abs() < 0.04 && (day[11] - day[12]).abs() < 1e-12);
    }
}
