//! Scenarios with a site that is cooled by the weather.

use std::io::{Cursor, Read};

use gigawatt_engine::Draw;
use gigawatt_engine::cooling::{Load, typical_year};
use gigawatt_plan::plan::{Origin, Plan};
use gigawatt_plan::quantity::{Power, Quantity};
use gigawatt_plan::weather::HOURS;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, Resolved, load};

/// Every plant of the catalogue.
pub const PLANTS: [&str; 4] =
    ["outside-air", "dry-cooler-chiller", "tower-chiller", "sprayed-cooler-chiller"];

/// Normals of a warm and humid place; made for this test.
pub const NORMALS: &str = "month,high,low,dew_point\n1,13,2,2\n2,16,4,4\n3,20,8,8\n4,25,12,12\n5,29,17,17\n6,33,21,21\n7,34,23,22\n8,34,22,21\n9,31,19,18\n10,26,12,12\n11,19,7,7\n12,14,3,4\n";

struct Files<'a>(&'a str);

impl World for Files<'_> {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let text = match name {
            "scenario.toml" => self.0.to_owned(),
            "normals.csv" => NORMALS.to_owned(),
            "odd.csv" => NORMALS.replace("34,23,22", "34,23,52"),
            _ => {
                let nearby = vec!["normals.csv".to_owned()];
                return Err(WorldError {
                    name: name.to_owned(),
                    reason: "there is no such file".to_owned(),
                    nearby,
                });
            }
        };
        Ok((name.to_owned(), Box::new(Cursor::new(text.into_bytes()))))
    }
}

fn resolved(of_site: &str, systems: &str) -> Resolved {
    let scenario = format!(
        "name = \"Cooled\"\nas_of = 2026-06-30\nperiod = {{ from = 2026-01-01, to = 2026-12-31 }}\n[[site]]\nname = \"hall\"\nonline = [{{ on = 2025-12-31, power = \"20 MW\" }}]\n{of_site}\n{systems}"
    );
    load("scenario.toml", &Options::default(), &Files(&scenario))
}

const RACKS: &str = "[[opening]]\nname = \"racks\"\nsystem = \"gb200-nvl72\"\nsite = \"hall\"\ngpus = 7200\n";
const SERVERS: &str = "[[opening]]\nname = \"servers\"\nsystem = \"hgx-h100\"\nsite = \"hall\"\ngpus = 800\n";

/// A plan with one site of racks.
pub fn site(of_site: &str) -> Plan {
    let resolved = resolved(of_site, RACKS);
    resolved.plan.unwrap_or_else(|| panic!("{:#?}", resolved.diagnostics))
}

fn told(of_site: &str, systems: &str) -> Vec<String> {
    let resolved = resolved(of_site, systems);
    let place = |one: &gigawatt_plan::text::Diagnostic| {
        one.labels.first().map_or(String::new(), |label| resolved.sources.snippet(label.span).to_owned())
    };
    resolved.diagnostics.iter().map(|one| format!("{} @ {}", one.message, place(one))).collect()
}

#[test]
fn a_site_that_says_nothing_of_cooling_has_none() {
    let plan = site("pue = 1.2");
    assert!(plan.sites[0].cooling.is_none());
    let text = serde_json::to_string(&plan).expect("JSON");
    assert!(!text.contains("\"cooling\""), "plans of before keep their bytes");
}

#[test]
fn weather_alone_takes_the_default_plant_and_the_liquid_of_its_racks() {
    let plan = site("weather = \"normals.csv\"\nelevation = \"24 m\"");
    let cooling = plan.sites[0].cooling.as_ref().expect("cooling");
    assert_eq!(cooling.plant, "dry-cooler-chiller");
    let share = &plan.inputs[cooling.liquid_share.id().0 as usize];
    assert_eq!((share.path.as_str(), share.origin), ("system.gb200-nvl72.liquid_share", Origin::Catalogue));
    let weather = cooling.weather.as_ref().expect("weather");
    assert_eq!(weather.hours.len(), HOURS);
    assert!((weather.elevation - 24.0).abs() < 1e-12);
    let again: Plan = serde_json::from_str(&serde_json::to_string(&plan).expect("JSON")).expect("a plan");
    assert_eq!(again, plan);

    let draw = Draw::reference(&plan);
    let power = Power::from_base(20e6);
    let year = typical_year(cooling, Draw::new(&draw), power, &Load::Constant(15e6), None).expect("a year");
    let pue = year.total.pue().expect("on");
    assert!((1.03..1.25).contains(&pue), "{pue}");
}

#[test]
fn what_a_site_writes_replaces_facts_of_the_plant() {
    let plan = site(
        "weather = \"normals.csv\"\n[site.cooling]\nplant = \"tower-chiller\"\nliquid_share = { low = 0.8, mode = 0.9, high = 1 }\nliquid_supply = \"27 °C\"\ncycles = 6",
    );
    let cooling = plan.sites[0].cooling.as_ref().expect("cooling");
    let record = |id: gigawatt_plan::plan::InputId| &plan.inputs[id.0 as usize];
    assert_eq!(record(cooling.liquid.supply.id()).path, "site.hall.cooling.liquid_supply");
    assert_eq!(record(cooling.cycles.id()).distribution.reference(), 6.0);
    assert_eq!(record(cooling.drift.id()).path, "cooling.tower-chiller.drift");
    assert!(record(cooling.liquid_share.id()).distribution.is_uncertain());
}

#[test]
fn mistakes_are_told_at_their_characters() {
    assert_eq!(
        told(
            "weather = \"normal.csv\"\n[site.cooling]\nplant = \"towers\"\nliquid_supply = \"40 K\"\nliquids = 1",
            RACKS
        ),
        [
            "cannot read `normal.csv`: there is no such file @ \"normal.csv\"",
            "the catalogue has no cooling `towers` @ \"towers\"",
            "`liquid_supply`: `K` is not a unit for a temperature @ K",
            "`liquids` is not a field of cooling @ liquids",
        ]
    );
    assert_eq!(
        told(
            "weather = \"normals.csv\"\n[site.cooling]\nliquid_limit = \"39 °C\"\nair_approach = \"0 K\"\ncycles = 0.5",
            RACKS
        ),
        [
            "`liquid_limit` is 39 °C, `liquid_supply` 40 °C @ \"39 °C\"",
            "`site.hall.cooling.air_approach` is 0 K, expected 0.0100 K to 60.0 K @ \"0 K\"",
            "`site.hall.cooling.cycles` is 0.5, expected 1.01 to 1000 @ 0.5",
        ]
    );
    assert_eq!(told("weather = \"odd.csv\"", RACKS), ["`high` is below `dew_point` @ 34"]);
}

#[test]
fn a_plant_without_weather_is_warned_of() {
    let told = told("[site.cooling]\nplant = \"tower-chiller\"", RACKS);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("the plant has no weather: the site's constant PUE stands for it @ "),
        "{told:?}"
    );
}

#[test]
fn systems_that_differ_in_their_liquid_need_a_word() {
    let told = told("weather = \"normals.csv\"", &format!("{RACKS}{SERVERS}"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("its systems `gb200-nvl72`, `hgx-h100` differ or do not say"), "{told:?}");
}
