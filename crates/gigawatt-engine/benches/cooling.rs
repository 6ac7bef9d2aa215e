//! Speed of a year of cooling and of moving work: `cargo bench -p gigawatt-engine --bench cooling`.

use std::hint::black_box;

use divan::AllocProfiler;
use gigawatt_engine::carbon::{Deferrable, shift};
use gigawatt_engine::cooling::{Chiller, Load, Loop, Plant, Rejection, Water, operate};
use gigawatt_plan::weather::{MonthNormal, Normals, Weather};

/// Counts allocations.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// A warm place, made for this benchmark.
fn normals() -> Normals {
    let months = [13.0, 16.0, 20.0, 25.0, 29.0, 33.0, 34.0, 34.0, 31.0, 26.0, 19.0, 14.0];
    let months = months.map(|high| MonthNormal { high, low: high - 11.0, dew_point: high - 12.0 });
    Normals { months, elevation: 24.0 }
}

fn weather() -> Weather {
    normals().year("here".to_owned(), 0)
}

fn plant(rejection: Rejection) -> Plant {
    let liquid = Loop {
        rated: 1.0,
        supply: 32.0,
        limit: 40.0,
        approach: 6.0,
        rejection,
        fans: 0.02,
        pumps: 0.02,
        chiller: None,
        ride_through: 180.0,
        least_flow: 0.4,
    };
    let chiller = Chiller { capacity: 1.2, efficiency: 0.55, approach: 6.0 };
    let air = Loop { supply: 22.0, limit: 28.0, chiller: Some(chiller), pumps: 0.045, ..liquid };
    let water = Water { range: 6.0, air_rise: 12.0, cycles: 4.5, drift: 2e-5 };
    Plant { rated: 1e9, liquid_share: 0.85, electrical_overhead: 0.035, liquid, air, water }.sized()
}

#[divan::bench]
fn weather_of_a_year_from_normals(bencher: divan::Bencher<'_, '_>) {
    let normals = normals();
    bencher.bench(|| black_box(&normals).year(String::new(), 0));
}

#[divan::bench(args = ["sprayed", "tower"])]
fn year_of_a_site(bencher: divan::Bencher<'_, '_>, kind: &str) {
    let rejection = if kind == "tower" { Rejection::Tower } else { Rejection::Air { evaporation: 0.7 } };
    let (plant, weather) = (plant(rejection), weather());
    bencher.bench(|| operate(black_box(&plant), black_box(&weather), &Load::Constant(0.8e9)));
}

#[divan::bench(args = [4, 24, 168])]
fn a_year_of_work_moved(bencher: divan::Bencher<'_, '_>, window: usize) {
    let hours = 0..8760_u32;
    let loads: Vec<f64> = hours.clone().map(|hour| 1.0 + 0.3 * f64::from(hour % 24) / 24.0).collect();
    let costs: Vec<f64> = hours.map(|hour| f64::from(hour.wrapping_mul(2_654_435_761) % 1000)).collect();
    let deferrable = Deferrable { share: 0.3, window, capacity: 2.0 };
    bencher.bench(|| shift(black_box(&loads), black_box(&costs), &deferrable));
}
