//! Hours with answers that were computed by hand.

use gigawatt_engine::cooling::{Chiller, Load, Loop, Plant, Rejection, Water, Year, design, operate};
use gigawatt_plan::weather::{Air, Weather};

const HOUR: f64 = 3600.0;

/// 1 MW, all of it into liquid at 40 to 45 °C with a dry cooler at 10 K.
///
/// Its loop is built for 1 MW / 0.98 = 1.020408 MW, pumps at 2 % of that included. It carries 102.0408 kW a kelvin and
/// stores 300 s × 1.020408 MW / 5 K = 61.2245 MJ a kelvin: a time constant of 600 s.
fn dry() -> Plant {
    let liquid = Loop {
        rated: 1.0,
        supply: 40.0,
        limit: 45.0,
        approach: 10.0,
        rejection: Rejection::Air { evaporation: 0.0 },
        fans: 0.03,
        pumps: 0.02,
        chiller: None,
        ride_through: 300.0,
        least_flow: 0.4,
    };
    Plant {
        rated: 1e6,
        liquid_share: 1.0,
        electrical_overhead: 0.0,
        liquid,
        air: liquid,
        water: Water { range: 6.0, air_rise: 12.0, cycles: 4.0, drift: 2e-5 },
    }
    .sized()
}

/// Hours with these dry bulbs; dew points far below.
fn weather(dry_bulbs: &[f64]) -> Weather {
    let hours = dry_bulbs.iter().map(|dry| Air::new(*dry, dry - 15.0, 101_325.0)).collect();
    Weather { place: String::new(), utc_offset: 0, elevation: 0.0, hours, filled: 0 }
}

fn year(plant: &Plant, dry_bulbs: &[f64]) -> Year {
    operate(plant, &weather(dry_bulbs), &Load::Constant(plant.rated))
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, expected {expected}");
}

#[test]
fn on_a_mild_day_fans_run_at_two_thirds_and_draw_their_cube() {
    // 25 °C is 15 K below the set point where 10 would do: 2/3 of the speed, 8/27 of 30.6122 kW.
    let hour = year(&dry(), &[25.0]).hours[0];
    close(hour.energy.fans / HOUR, 30_612.24 * 8.0 / 27.0, 0.1);
    close(hour.energy.pumps / HOUR, 20_408.16, 0.01);
    close(hour.energy.pue().expect("on"), 1.0 + 0.020_408_16 + 0.009_070_29, 1e-8);
    assert_eq!((hour.liquid, hour.energy.withdrawn), (40.0, 0.0));
}

#[test]
fn in_the_hottest_hour_the_loop_warms_towards_where_it_settles() {
    // At 33 °C it would settle at 43 °C; in an hour, six time constants, it comes to 43 - 3 e^-6.
    let year = year(&dry(), &[25.0, 33.0, 25.0]);
    assert_eq!(year.hottest(), 1);
    let hour = year.hours[1];
    close(hour.liquid, 43.0 - 3.0 * (-6.0_f64).exp(), 1e-9);
    close(hour.energy.pue().expect("on"), 1.0 + 0.020_408_16 + 0.030_612_24, 1e-8);
    close(hour.energy.stored, 61_224_490.0 * 2.992_563_743_470_0, 100.0);
    // At 25 °C again it falls towards 35 °C and is at its set point after 600 s × ln(7.99256 / 5).
    let back = 600.0 * ((43.0 - 3.0 * (-6.0_f64).exp() - 35.0) / 5.0_f64).ln();
    close(year.hours[2].energy.fans, 30_612.244_9 * (back + (HOUR - back) * 8.0 / 27.0), 1.0);
    assert_eq!(year.hours[2].liquid, 40.0);
}

#[test]
fn in_hours_too_hot_it_is_limited_to_what_can_be_rejected() {
    // At 38 °C and 45 °C of supply 7 K carry 714.286 kW: u MW of IT and u³ × 20.408 kW of pumps, so u = 0.70707.
    let year = year(&dry(), &[38.0; 12]);
    let last = year.hours[11];
    close(last.allowed(), 0.707_071_6, 1e-6);
    close(last.liquid, 45.0, 1e-6);
    assert_eq!(year.limited_hours(), 12);
    // The first hour has the store too: 5 K × 61.22 MJ is 85 kW over an hour, less what the loop rejects while it is cold.
    let first = year.hours[0].allowed();
    assert!(first > last.allowed() && first < last.allowed() + 0.085, "{first}");
}

#[test]
fn a_chiller_takes_what_the_tower_leaves() {
    // Wet bulb 18 °C, 5 K of approach, 20 °C of supply: 2/5 go free, 3/5 to the chiller. Its condenser is at
    // 18 + 5 × 3/5 = 21 °C, its lift 21 - 20 + 11 = 12 K, its performance 0.6 × (20 - 5.5 + 273.15) / 12 = 14.3825.
    let chiller = Chiller { capacity: 1.0, efficiency: 0.6, approach: 11.0 };
    let air = Loop {
        rated: 1.0,
        supply: 20.0,
        limit: 26.0,
        approach: 5.0,
        rejection: Rejection::Tower,
        fans: 0.01,
        pumps: 0.0,
        chiller: Some(chiller),
        ride_through: 300.0,
        least_flow: 0.4,
    };
    let plant = Plant { liquid_share: 0.0, electrical_overhead: 0.0, air, ..dry() }.sized();
    let mut weather = weather(&[24.0]);
    weather.hours[0].wet_bulb = 18.0;
    let hour = operate(&plant, &weather, &Load::Constant(1e6)).hours[0];
    let work = 600_000.0 / 14.3825;
    close(hour.energy.compressors / HOUR, work, 0.01);
    // Fans of the tower at full speed, and of the condenser for its heat.
    close(hour.energy.fans / HOUR, 10_000.0 + 0.01 * (600_000.0 + work), 0.01);
    assert_eq!(hour.air, 20.0);
    // Some 1.2 to 1.5 litres evaporate for a kilowatt-hour of the 1.042 that are rejected, a third is bled beside.
    let litres = hour.energy.wue().expect("on");
    assert!((1.5..2.1).contains(&litres), "{litres}");
}

#[test]
fn a_spray_is_used_only_where_the_set_point_needs_it() {
    let mut plant = dry();
    plant.liquid.rejection = Rejection::Air { evaporation: 0.8 };
    let year = year(&plant, &[29.0, 32.0]);
    assert_eq!(year.hours[0].energy.withdrawn, 0.0);
    // At 32 °C the air has to be 30 °C: 2 K of the 12 K by which it warms, of 1.020408 MWh, at 2.442 MJ a litre.
    let evaporated = 1.020_408_16e6 * HOUR * (2.0 / 12.0) / 2.442e6;
    close(year.hours[1].energy.evaporated, evaporated, 1e-3);
    close(year.hours[1].energy.withdrawn, evaporated * 4.0 / 3.0, 1e-3);
    assert_eq!(year.hours[1].liquid, 40.0);
}

#[test]
fn the_design_hour_tells_the_chiller_and_the_approach_that_it_takes() {
    let plant = dry();
    // 35 hours of 1,000 above; the hour that is met is at 37 °C.
    let mut dry_bulbs = vec![20.0; 996];
    dry_bulbs.extend([39.0, 39.0, 39.0, 39.0]);
    dry_bulbs[0] = 37.0;
    let [liquid, air] = design(&plant, &weather(&dry_bulbs), 0.004);
    let liquid = liquid.expect("a loop of liquid");
    assert!(air.is_none());
    assert_eq!(liquid.sink, 37.0);
    // 3 K to the set point carry 3/10; 8 K to the limit 8/10, and an approach of 8 K would do without a chiller.
    close(liquid.chiller, 0.7, 1e-12);
    close(liquid.carries, 0.8, 1e-12);
    assert_eq!(liquid.approach, Some(8.0));
}
