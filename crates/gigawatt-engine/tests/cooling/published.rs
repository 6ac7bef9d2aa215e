//! Years of measured weather beside what owners publish, and the weather of normals beside measured years.
//!
//! No weather file is part of this repository. Where the environment names a folder of EPW files, `GIGAWATT_WEATHER`, the
//! tables of the chapters on weather and cooling are printed from them; without one these tests only say so.

#![expect(clippy::print_stderr, reason = "why nothing is printed")]

use std::path::{Path, PathBuf};

use gigawatt_engine::Draw;
use gigawatt_engine::cooling::{Load, operate, plant_of};
use gigawatt_plan::quantity::{Power, Quantity};
use gigawatt_plan::text::{Diagnostics, SourceId, Span};
use gigawatt_plan::weather::{Normals, Weather, read_epw};

use crate::plans::{self, PLANTS};

/// Every EPW file of the folder, by name.
fn files() -> Vec<Weather> {
    let Some(folder) = std::env::var_os("GIGAWATT_WEATHER") else {
        eprintln!("GIGAWATT_WEATHER names no folder of EPW files: nothing is printed");
        return Vec::new();
    };
    let entries =
        std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "epw")).collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Weather {
    let text: String = std::fs::read(path).expect("a file").into_iter().map(char::from).collect();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let named_at = Span { source: SourceId(0), start: 0, end: 0 };
    let mut diagnostics = Diagnostics::default();
    let weather = read_epw(SourceId(0), name, &text, named_at, &mut diagnostics);
    weather.unwrap_or_else(|| panic!("{name}: {:#?}", diagnostics.into_sorted()))
}

#[test]
fn years_of_every_plant_in_measured_weather() {
    for weather in files() {
        println!("{} ({} hours filled)", weather.place, weather.filled);
        let dry = weather.exceeded(0.004, |air| air.dry_bulb);
        let wet = weather.exceeded(0.004, |air| air.wet_bulb);
        println!("  0.4 % design: {dry:.1} °C dry, {wet:.1} °C wet");
        for name in PLANTS {
            for liquid in [0.0, 0.85] {
                let plan =
                    plans::site(&format!("[site.cooling]\nplant = \"{name}\"\nliquid_share = {liquid}\n"));
                let draw = Draw::reference(&plan);
                let cooling = plan.sites[0].cooling.as_ref().expect("cooling");
                let plant = plant_of(cooling, Draw::new(&draw), Power::from_base(1e8));
                let year = operate(&plant, &weather, &Load::Constant(1e8));
                let total = year.total;
                println!(
                    "  {name:24} liquid {liquid:.2}: PUE {:.3}, hottest {:.3}, WUE {:.3} L/kWh, {} hours limited, {:.4} % of energy not served",
                    total.pue().unwrap_or(f64::NAN),
                    year.hours[year.hottest()].energy.pue().unwrap_or(f64::NAN),
                    total.wue().unwrap_or(f64::NAN),
                    year.limited_hours(),
                    100.0 * (1.0 - total.it / total.wanted)
                );
                assert!((total.drawn - total.rejected - total.stored).abs() < 1e-9 * total.drawn);
            }
        }
    }
}

#[test]
fn normals_make_milder_years_than_measured_ones() {
    for weather in files() {
        let made = Normals::of(&weather).year(String::new(), weather.utc_offset);
        let count = f64::from(u32::try_from(made.hours.len()).expect("hours"));
        let pairs = || weather.hours.iter().zip(&made.hours);
        let root = |value: fn(&gigawatt_plan::weather::Air) -> f64| {
            let sum: f64 = pairs().map(|(measured, made)| (value(measured) - value(made)).powi(2)).sum();
            (sum / count).sqrt()
        };
        let mean: f64 =
            pairs().map(|(measured, made)| made.dry_bulb - measured.dry_bulb).sum::<f64>() / count;
        let design = |value: fn(&gigawatt_plan::weather::Air) -> f64| {
            made.exceeded(0.004, value) - weather.exceeded(0.004, value)
        };
        println!(
            "{}: mean {mean:+.2} K, root mean square {:.2} K dry and {:.2} K wet, 0.4 % condition {:+.2} K dry and {:+.2} K wet",
            weather.place,
            root(|air| air.dry_bulb),
            root(|air| air.wet_bulb),
            design(|air| air.dry_bulb),
            design(|air| air.wet_bulb)
        );
        assert!(mean.abs() < 0.5 && design(|air| air.dry_bulb) < 0.5);
    }
}
