//! A plan survives being written as JSON and read again: runs are identified by that text.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};

/// The scenarios of the repository.
struct Scenarios;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"))
}

impl World for Scenarios {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        match File::open(folder().join(name)) {
            Ok(file) => Ok((name.to_owned(), Box::new(file))),
            Err(error) => {
                Err(WorldError { name: name.to_owned(), reason: error.to_string(), nearby: Vec::new() })
            }
        }
    }
}

fn plan(scenario: &str, hindsight: bool) -> Plan {
    let resolved = load(scenario, &Options { hindsight, ..Options::default() }, &Scenarios);
    resolved.plan.unwrap_or_else(|| panic!("{scenario} does not resolve: {:#?}", resolved.diagnostics))
}

#[test]
fn a_plan_survives_json() {
    for hindsight in [false, true] {
        let plan = plan("meta-2025.toml", hindsight);
        let text = serde_json::to_string(&plan).unwrap();
        let again: Plan = serde_json::from_str(&text).unwrap();
        assert!(plan == again, "the plan read back is another");
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }
}

#[test]
fn hindsight_and_settings_are_part_of_the_plan() {
    let base = plan("meta-2025.toml", false);
    assert!(base != plan("meta-2025.toml", true), "later facts change the plan");
    let settings = ["purchase.gb200-2025.share=0.4".to_owned()];
    let set = load("meta-2025.toml", &Options { settings: &settings, ..Options::default() }, &Scenarios);
    assert!(base != set.plan.unwrap(), "a setting changes the plan");
}

#[test]
fn every_scenario_resolves_without_a_word() {
    let mut found = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !name.ends_with(".toml") {
            continue;
        }
        found += 1;
        let resolved = load(&name, &Options::default(), &Scenarios);
        assert!(resolved.diagnostics.is_empty(), "{name}: {:#?}", resolved.diagnostics);
        assert!(resolved.plan.is_some(), "{name}");
    }
    assert!(found > 0, "there are no scenarios");
}
