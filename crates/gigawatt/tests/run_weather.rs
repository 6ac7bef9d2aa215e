//! `gw run` and `gw check` with another year of weather: the plant at work, and what is said of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const TOWERS: &str = r#"
name    = "Towers"
as_of   = 2025-11-01
period  = { from = 2025-01-01, to = 2025-12-31 }

[[site]]
name   = "hall"
online = [{ on = 2024-12-31, power = "24 MW" }]

[site.cooling]
plant        = "tower-chiller"
liquid_share = 0.2

[[opening]]
name   = "hopper"
system = "hgx-h100"
site   = "hall"
gpus   = 16_384
"#;
const CLAIM: &str = r#"
[[claim]]
name    = "water"
says    = "less than half a million cubic metres of water in 2025"
value   = "facility.water"
over    = { sum = 2025 }
at_most = "0.5 GL"
"#;
/// Normals of a warm and humid place; made for this test.
const NORMALS: &str = "month,high,low,dew_point\n1,13,2,2\n2,16,4,4\n3,20,8,8\n4,25,12,12\n5,29,17,17\n6,33,21,21\n7,34,23,22\n8,34,22,21\n9,31,19,18\n10,26,12,12\n11,19,7,7\n12,14,3,4\n";

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gw")).args(arguments).current_dir(folder).output().unwrap()
}

fn folder(scenario: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("towers.toml"), scenario).unwrap();
    std::fs::write(here.path().join("normals.csv"), NORMALS).unwrap();
    here
}

fn summary(folder: &Path, arguments: &[&str]) -> Value {
    let all = [&["run", "towers.toml", "--quiet", "--json", "--samples", "100"], arguments].concat();
    let output = gw(folder, &all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn water_is_a_result_where_the_plant_has_weather() {
    let here = folder(TOWERS);
    let plain = summary(here.path(), &["--out", "plain"]);
    assert!(plain["results"].get("facility.water").is_none(), "not known is not nothing");
    let wet = summary(here.path(), &["--weather", "normals.csv", "--out", "wet"]);
    assert!(wet["run"] != plain["run"]);
    let water = &wet["results"]["facility.water"];
    assert_eq!(water["unit"], "m3");
    let year = &water["values"]["2025"];
    let number = |value: &Value| value.as_f64().unwrap();
    // About 13 MW of racks for 8,760 h at 1.8 L/kWh or so.
    assert!((1e5..4e5).contains(&number(&year["reference"])), "{year}");
    assert!(number(&year["p10"]) < number(&year["p90"]));
    let quarter = |name: &str| number(&water["values"][name]["reference"]);
    assert!(quarter("2025Q3") > quarter("2025Q1"), "towers evaporate more in summer");
    // The year by the hour stands in the same file.
    let hourly = number(&wet["power"]["sites"]["hall"]["cooling"]["withdrawn"]) / 1e3;
    assert!((number(&year["reference"]) / hourly - 1.0).abs() < 0.02, "{year} {hourly}");
    // What changed against the scenario as it is written is told, as with a setting.
    assert!(wet["changes"].is_object() || wet["changes"].is_array());
}

#[test]
fn a_claim_on_water_needs_the_weather() {
    let here = folder(&format!("{TOWERS}{CLAIM}"));
    let without = gw(here.path(), &["check", "towers.toml", "--quiet"]);
    assert_eq!(without.status.code(), Some(2), "there is no such result");
    let with = gw(here.path(), &["check", "towers.toml", "--quiet", "--weather", "normals.csv"]);
    assert!(with.status.success(), "{}", String::from_utf8_lossy(&with.stderr));
    // Beside stands the scenario as it is written, without the claim that it cannot judge.
    let run = summary(here.path(), &["--weather", "normals.csv", "--out", "run"]);
    assert_eq!(run["claims"][0]["verdict"], "holds");
}

#[test]
fn of_several_sites_one_is_named() {
    let two = TOWERS.replace(
        "[[opening]]",
        "[[site]]\nname = \"other\"\nonline = [{ on = 2025-01-01, power = \"1 MW\" }]\n\n[[opening]]",
    );
    let here = folder(&two);
    for command in ["run", "check"] {
        let output = gw(here.path(), &[command, "towers.toml", "--weather", "normals.csv"]);
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("--site hall or --site other"), "{told}");
    }
    let run = summary(here.path(), &["--weather", "normals.csv", "--site", "hall", "--out", "run"]);
    let results = &run["results"];
    assert!(results.get("facility.site.hall.water").is_some());
    assert!(results.get("facility.site.other.water").is_none());
    // A file that is not there is a mistake with its place.
    let output = gw(here.path(), &["run", "towers.toml", "--weather", "none.epw", "--site", "hall"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("none.epw"));
}
