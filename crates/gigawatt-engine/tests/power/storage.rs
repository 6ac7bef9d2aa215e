//! A battery after the loss of a feed, by hand.

use gigawatt_engine::power::storage::{Battery, RideThrough, Source, ride_through};

const MEGA: f64 = 1e6;
/// 10 MW for 5 minutes.
const BATTERY: Battery = Battery { energy: 3000.0 * MEGA, power: 10.0 * MEGA };

fn source(delay: f64, ramp: f64, power: f64) -> Source {
    Source { delay, ramp: ramp * MEGA, power: power * MEGA }
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0), "{found} is not {wanted}");
}

#[test]
fn generators_take_over_before_the_battery_is_empty() {
    // 8 MW; 10 s alone are 80 MJ, then 16 s of a ramp of 0.5 MW/s another 64.
    let course = ride_through(8.0 * MEGA, 0.0, &BATTERY, &[source(10.0, 0.5, 12.0)]);
    near(course.given, 144.0 * MEGA);
    assert_eq!((course.empty, course.unserved, course.unserved_energy), (None, 0.0, 0.0));
    near(course.carried.unwrap(), 26.0);
}

#[test]
fn an_empty_battery_leaves_what_the_sources_do_not_carry() {
    // 5 MW of 8 are left over by a source that gives 3 after 100 s at once, nearly: 100 s take 800 MJ of 1000.
    let small = Battery { energy: 1000.0 * MEGA, power: 10.0 * MEGA };
    let course = ride_through(8.0 * MEGA, 0.0, &small, &[source(100.0, 3e6, 3.0)]);
    // 200 MJ more at 5 MW last 40 s.
    assert!((course.empty.unwrap() - 140.0).abs() < 1e-3, "{course:?}");
    assert_eq!(course.carried, None);
    assert!((course.unserved / (5.0 * MEGA) - 1.0).abs() < 1e-6);
}

#[test]
fn the_moment_of_an_empty_battery_on_a_ramp() {
    // A gap of 10 MW that falls by 1 MW/s holds 50 MJ; 32 MJ are used after 4 s: 10 t - t²/2 = 32.
    let battery = Battery { energy: 32.0 * MEGA, power: 20.0 * MEGA };
    let course = ride_through(10.0 * MEGA, 0.0, &battery, &[source(0.0, 1.0, 10.0)]);
    near(course.empty.unwrap(), 4.0);
    near(course.carried.unwrap(), 10.0);
    near(course.unserved, 6.0 * MEGA);
    near(course.unserved_energy, 18.0 * MEGA);
}

#[test]
fn a_rating_too_small_leaves_its_excess_from_the_start() {
    // 14 MW, 2 of them still fed, on a battery of 10: 2 MW are dropped until a source of 1 MW/s has given them, at 2 s.
    let course = ride_through(14.0 * MEGA, 2.0 * MEGA, &BATTERY, &[source(0.0, 1.0, 20.0)]);
    near(course.unserved, 2.0 * MEGA);
    near(course.unserved_energy, 2.0 * MEGA);
    // 10 MW for 2 s and a ramp down over 10 s.
    near(course.given, 70.0 * MEGA);
    near(course.carried.unwrap(), 12.0);
}

#[test]
fn what_is_fed_needs_nothing() {
    let course = ride_through(5.0 * MEGA, 6.0 * MEGA, &BATTERY, &[]);
    let nothing =
        RideThrough { given: 0.0, empty: None, carried: Some(0.0), unserved: 0.0, unserved_energy: 0.0 };
    assert_eq!(course, nothing);
    // And without sources it ends when the battery does: 3000 MJ at 5 MW.
    let course = ride_through(5.0 * MEGA, 0.0, &BATTERY, &[]);
    near(course.empty.unwrap(), 600.0);
    near(course.unserved, 5.0 * MEGA);
}
