//! A site whose price, PUE and carbon intensity follow CSV files, through the commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SCENARIO: &str = "tests/scenarios/series.toml";

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn explained(arguments: &[&str]) -> Value {
    let output = gw(&[&["explain", "--quiet", "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The reference value of a result in 2025, in base units.
fn reference(path: &str, settings: &[&str]) -> f64 {
    let settings: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    explained(&[&[SCENARIO, path], &settings[..]].concat())["values"]["2025"]["reference"].as_f64().unwrap()
}

#[test]
fn claims_about_carbon_and_price_are_judged_and_what_repeats_is_told() {
    let output = gw(&["check", SCENARIO]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let table = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(table.contains("carbon") && table.contains("price"), "{table}");
    let warnings = told(&output);
    assert_eq!(warnings.matches("  ⚠ ").count(), 3, "{warnings}");
    assert!(warnings.contains("`series/price.csv` runs from 2025-01-01 to 2025-12-31"), "{warnings}");
    assert!(gw(&["check", "--quiet", SCENARIO]).stderr.is_empty());
}

#[test]
fn an_input_says_what_it_is_a_factor_on() {
    let input = explained(&[SCENARIO, "site.hall.electricity_price.scale"]);
    let note = input["input"]["note"].as_str().unwrap();
    assert!(note.starts_with("invented; a factor on series/price.csv: one value for every day"), "{note}");
    let moved: Vec<&str> =
        input["moves"].as_array().unwrap().iter().map(|result| result["path"].as_str().unwrap()).collect();
    assert!(moved.contains(&"facility.electricity.cost"), "{moved:?}");
    assert!(!moved.contains(&"facility.carbon"), "a price emits nothing");
}

#[test]
fn a_setting_replaces_a_series_by_a_flat_value_or_scales_it() {
    let flat = reference("facility.electricity.price", &["site.hall.electricity_price=60 $/MWh"]);
    assert!((flat * 3.6e9 / 60.0 - 1.0).abs() < 1e-12, "{flat}");
    let carbon = reference("facility.carbon", &[]);
    let doubled = reference("facility.carbon", &["site.hall.carbon_intensity.scale=2"]);
    assert!((doubled / carbon - 2.0).abs() < 1e-12);
}

#[test]
fn a_setting_names_files_beside_the_scenario() {
    let here = tempfile::tempdir().unwrap();
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/small.toml");
    std::fs::copy(small, here.path().join("small.toml")).unwrap();
    let mut hours = "hour,price\n".to_owned();
    for (index, day) in (1..=31).flat_map(|day| [day; 24]).enumerate() {
        hours.push_str(&format!("2025-01-{day:02} {:02}:00,50\n", index % 24));
    }
    std::fs::write(here.path().join("prices.csv"), hours).unwrap();
    let scenario = here.path().join("small.toml").to_string_lossy().into_owned();
    let price = "site.hall.electricity_price={ csv = \"prices.csv\", unit = \"$/MWh\" }";
    let period = "period={ from = 2025-01-01, to = 2025-01-31 }";
    let output = gw(&["check", &scenario, "--set", price, "--set", "site.hall.utc_offset=-06:00"]);
    assert_eq!(output.status.code(), Some(2), "a month does not cover two years");
    assert!(told(&output).contains("`prices.csv` runs from 2025-01-01 to 2025-01-31"), "{}", told(&output));
    let output = gw(&["check", &scenario, "--set", price, "--set", period]);
    assert!(told(&output).contains("prices.csv:2:1"), "the clock is not said: {}", told(&output));
}
