//! What is drawn is rejected or stored, in every plant of the catalogue, in any weather, at any load.

use std::sync::LazyLock;

use gigawatt_engine::Draw;
use gigawatt_engine::cooling::{Load, Plant, Year, operate, plant_of};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::{Power, Quantity};
use gigawatt_plan::weather::{Air, Weather};
use proptest::prelude::*;

use crate::plans::{self, PLANTS};

/// Largest difference of what is drawn and what is rejected and stored, over what is drawn.
fn imbalance(year: &Year) -> f64 {
    let of = |drawn: f64, rejected: f64, stored: f64| (drawn - rejected - stored).abs() / drawn.max(1.0);
    let total = of(year.total.drawn, year.total.rejected, year.total.stored);
    let hours = year.hours.iter().map(|hour| &hour.energy);
    hours.map(|hour| of(hour.drawn, hour.rejected, hour.stored)).fold(total, f64::max)
}

/// The plants of the catalogue for 1 GW, read once.
static BUILT: LazyLock<Vec<Plant>> = LazyLock::new(|| {
    let built = |name: &&str| {
        let plan: Plan = plans::site(&format!("[site.cooling]\nplant = \"{name}\""));
        let draw = Draw::reference(&plan);
        let cooling = plan.sites[0].cooling.as_ref().expect("cooling");
        plant_of(cooling, Draw::new(&draw), Power::from_base(1e9))
    };
    PLANTS.iter().map(built).collect()
});

fn plant(which: usize, liquid_share: f64) -> Plant {
    Plant { liquid_share, ..BUILT[which] }.sized()
}

fn weather(hours: Vec<(f64, f64)>) -> Weather {
    let hours = hours.into_iter().map(|(dry, below)| Air::new(dry, dry - below, 95_000.0)).collect();
    Weather { place: String::new(), utc_offset: 0, elevation: 0.0, hours, filled: 0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn energy_closes(
        which in 0..PLANTS.len(),
        liquid in prop::sample::select(vec![0.0, 0.3, 0.85, 1.0]),
        hours in prop::collection::vec((-30.0_f64..55.0, 0.0_f64..40.0), 1..48),
        loads in prop::collection::vec(0.0_f64..1.1e9, 1..6),
    ) {
        let plant = plant(which, liquid);
        let weather = weather(hours);
        let mut at = 0.0;
        let steps = loads.into_iter().map(|load| { at += 7000.0; (at - 7000.0, load) }).collect();
        let year = operate(&plant, &weather, &Load::Steps(steps));
        prop_assert!(imbalance(&year) < 1e-9, "{}", imbalance(&year));
        for hour in &year.hours {
            let energy = hour.energy;
            prop_assert!(energy.it <= energy.wanted * (1.0 + 1e-12) && energy.it <= 1e9 * 3600.0 * (1.0 + 1e-12));
            prop_assert!(energy.drawn >= energy.it && energy.withdrawn >= energy.evaporated && energy.evaporated >= 0.0);
            prop_assert!(hour.liquid <= plant.liquid.limit + 1e-6 && hour.air <= plant.air.limit + 1e-6);
        }
    }

    #[test]
    fn a_hotter_hour_costs_no_less_and_allows_no_more(
        which in 0..PLANTS.len(), dry in -20.0_f64..45.0, warmer in 0.1_f64..8.0, below in 0.0_f64..30.0,
    ) {
        let plant = plant(which, 0.5);
        let hour = |dry: f64| {
            let weather = weather(vec![(dry, below); 6]);
            operate(&plant, &weather, &Load::Constant(1e9)).hours[5]
        };
        let (cool, hot) = (hour(dry), hour(dry + warmer));
        prop_assert!(hot.energy.it <= cool.energy.it * (1.0 + 1e-9));
        let pue = |hour: &gigawatt_engine::cooling::Hour| hour.energy.pue().unwrap_or(f64::MAX);
        // Limited IT leaves pumps more than they need, water saves fans, a loop that still warms up keeps heat for a later hour, and a
        // chiller spares fans that ran at their most: only hours at full power, in balance, on fans alone compare.
        let plain = |hour: &gigawatt_engine::cooling::Hour| {
            let of = hour.energy;
            of.evaporated <= 0.0 && of.compressors <= 0.0 && of.stored.abs() <= 1e-6 * of.drawn
        };
        if hot.allowed() > 1.0 - 1e-12 && plain(&hot) && plain(&cool) {
            prop_assert!(pue(&hot) >= pue(&cool) - 1e-9, "{} {}", pue(&hot), pue(&cool));
        }
    }
}

/// The closed form of an hour against small steps of the same equation.
#[test]
fn an_hour_in_closed_form_is_that_of_a_thousand_steps() {
    // Dry coolers, and nothing for the air to carry.
    let plant = Plant { electrical_overhead: 0.0, ..plant(1, 1.0) }.sized();
    let of = plant.liquid;
    let weather = weather(vec![(38.0, 20.0), (20.0, 5.0), (35.0, 9.0), (36.5, 9.0)]);
    let year = operate(&plant, &weather, &Load::Constant(0.9e9));
    let mut at = of.supply;
    for (hour, air) in year.hours.iter().zip(&weather.hours) {
        let heat = (hour.energy.it + hour.energy.pumps) / 3600.0;
        let steps = 200_000;
        let step = 3600.0 / f64::from(steps);
        for _ in 0..steps {
            let most = of.conductance() * (at - air.dry_bulb).max(0.0);
            let slope = (heat - most) / of.heat_capacity();
            at = (at + slope * step).max(of.supply);
        }
        assert!((at - hour.liquid).abs() < 1e-3, "{at} {}", hour.liquid);
    }
}
