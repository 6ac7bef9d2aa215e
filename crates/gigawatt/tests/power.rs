//! `gw power`: what it prints and writes, and what it says of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const CAMPUS: &str = r#"
name   = "Campus"
as_of  = 2025-11-01
period = { from = 2025-01-01, to = 2025-12-31 }

[[site]]
name   = "campus"
title  = "The campus"
online = [{ on = 2024-12-31, power = "24 MW" }]
pue    = 1.12
utilisation = 0.75

[[opening]]
name   = "hopper"
system = "hgx-h100"
site   = "campus"
gpus   = 16_384

[[power]]
site   = "campus"
stages = [
  { name = "line", kind = "feed", rating = "30 MW", units = 2, redundancy = "2N" },
  { name = "yard", kind = "transformer", fed_by = "line", rating = "8 MW", units = 5, redundancy = "N+1" },
  { name = "blocks", kind = "ups", fed_by = "yard", rating = "2.5 MW", units = 16, redundancy = "4-to-make-3" },
]
battery = { energy = "0.2 MWh", power = "20 MW" }
generation = [{ name = "engines", power = "26 MW", start = "60 s", rise = "60 s" }]
events  = [{ name = "heat", kind = "curtailment", on = 2025-07-01, hour = 16, lasts = "4 h", power = "14 MW" }]
"#;

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

fn campus(text: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("campus.toml"), text).unwrap();
    here
}

fn power(folder: &Path, arguments: &[&str]) -> String {
    let output = gw(folder, &[&["power", "campus.toml"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

#[test]
fn a_campus_as_it_is_printed() {
    let here = campus(CAMPUS);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/power");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("campus", power(here.path(), &[])));
}

#[test]
fn energy_closes_and_the_curtailment_binds() {
    let here = campus(CAMPUS);
    let document: Value = serde_json::from_str(&power(here.path(), &["--json"])).unwrap();
    let site = &document["sites"]["campus"];
    let energy = &site["energy"];
    let of = |name: &str| number(&energy[name]);
    assert!(
        (of("racks") + of("overhead") + of("losses") - of("grid") - of("generation")).abs()
            < 1e-9 * of("grid")
    );
    assert!(number(&energy["imbalance"]).abs() < 1e-9);
    assert_eq!(site["capping"]["minutes"], 240);
    assert!((number(&site["least"]) - 14e6).abs() < 1.0);
    // 8.4 kW each would be more: the racks draw three quarters of their nameplate of 21.9 MW.
    let mean = number(&site["energy"]["racks"]) / (365.0 * 86_400.0);
    assert!((mean / (0.75 * number(&site["nameplate"])) - 1.0).abs() < 0.001, "{mean}");
    // 720 MJ at 16.5 MW last 43.7 s, before the generators give anything.
    let lost = &site["all_feeds_lost"];
    let empty = number(&lost["empty_after"]);
    assert!((empty - 720e6 / number(&lost["racks"])).abs() < 1e-6, "{empty}");
    assert!(number(&lost["carried_after"]) > 60.0 && number(&lost["unserved"]) > 0.0);
    assert_eq!(number(&site["one_feed_lost"]["unserved"]), 0.0);
    assert_eq!(site["swings"]["assumed"], true);
    assert_eq!(site["supply"]["stages"].as_array().unwrap().len(), 3);
    let duration: Vec<f64> = site["duration"].as_array().unwrap().iter().map(number).collect();
    assert!(duration.len() == 101 && duration.windows(2).all(|pair| pair[0] >= pair[1]));
}

#[test]
fn minutes_and_drawings_are_written() {
    let here = campus(CAMPUS);
    std::fs::create_dir(here.path().join("charts")).unwrap();
    power(here.path(), &["--csv", "minutes.csv", "--svg", "charts"]);
    let table = std::fs::read_to_string(here.path().join("minutes.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 365 * 1440);
    assert_eq!(
        table.lines().next(),
        Some("time_utc,racks_w,overhead_w,losses_w,generation_w,grid_w,storage_w")
    );
    let row: Vec<&str> = table.lines().nth(1 + 181 * 1440 + 16 * 60).unwrap().split(',').collect();
    assert_eq!((row[0], row[5]), ("2025-07-01 16:00", "14000000"));
    for chart in ["year", "duration", "step", "spectrum"] {
        let text = std::fs::read_to_string(here.path().join(format!("charts/campus-{chart}.svg"))).unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"), "{chart}");
    }
    // Nothing is made where there is no folder.
    let output = gw(here.path(), &["power", "campus.toml", "--svg", "nowhere"]);
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn storage_gives_what_a_curtailment_lacks_and_is_drawn() {
    let storage = r#"storage = { energy = "4 MWh", power = "3 MW", hold = "19 MW" }"#;
    let here = campus(&format!("{CAMPUS}{storage}\n"));
    std::fs::create_dir(here.path().join("charts")).unwrap();
    let text = power(here.path(), &["--csv", "minutes.csv", "--svg", "charts", "--json"]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let site = &document["sites"]["campus"];
    let of = |name: &str| number(&site["storage"][name]);
    // 18.5 MW are drawn all the year and 14 given for four hours: 3 of the 4.5 MW for 80 minutes, and then it is empty.
    assert_eq!((of("level"), of("least"), of("above")), (19e6, 0.0, 0.0));
    assert!((of("gave") / (4.0 * 3.6e9) - 1.0).abs() < 1e-9 && (of("cycles") - 1.0).abs() < 1e-9);
    assert!((of("lost") / (4.0 * 3.6e9 * (1.0 / 0.85 - 1.0)) - 1.0).abs() < 1e-9);
    assert!(number(&site["energy"]["imbalance"]).abs() < 1e-9);
    let parts = ["racks", "overhead", "losses", "storage", "stored"];
    let went: f64 = parts.iter().map(|name| number(&site["energy"][*name])).sum();
    assert!((went / number(&site["energy"]["grid"]) - 1.0).abs() < 1e-9);
    assert!(here.path().join("charts/campus-storage.svg").is_file());
    let table = std::fs::read_to_string(here.path().join("minutes.csv")).unwrap();
    let at = |hour: usize, minute: usize| {
        let row = table.lines().nth(1 + 181 * 1440 + hour * 60 + minute).unwrap();
        let cells: Vec<f64> = row.split(',').skip(5).map(|cell| cell.parse().unwrap()).collect();
        (cells[0], cells[1])
    };
    assert_eq!((at(16, 0), at(17, 19), at(17, 20)), ((14e6, 3e6), (14e6, 3e6), (14e6, 0.0)));
    // It is filled again with what is left below the level.
    let (grid, storage) = at(20, 0);
    assert!((grid - 19e6).abs() < 1.0 && storage < 0.0, "{grid} {storage}");
}

#[test]
fn a_site_without_a_described_chain_works() {
    let here = campus(CAMPUS.split("[[power]]").next().unwrap());
    let document: Value = serde_json::from_str(&power(here.path(), &["--json"])).unwrap();
    let supply = &document["sites"]["campus"]["supply"];
    assert_eq!(supply["described"], false);
    assert!(number(&supply["provisioned"]) >= 0.999 * number(&document["sites"]["campus"]["nameplate"]));
}

#[test]
fn mistakes_are_told() {
    let here = campus(&CAMPUS.replace("fed_by = \"line\"", "fed_by = \"blocks\""));
    let output = gw(here.path(), &["power", "campus.toml"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("stages feed one another in a circle"), "{told}");
    let here = campus(CAMPUS);
    let output = gw(here.path(), &["power", "campus.toml", "--site", "campsu"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("did you mean `campus`?"), "{told}");
    let two = CAMPUS.replace(
        "[[opening]]",
        "[[site]]\nname = \"other\"\nonline = [{ on = 2025-01-01, power = \"1 MW\" }]\n\n[[opening]]",
    );
    let here = campus(&two);
    let output = gw(here.path(), &["power", "campus.toml", "--csv", "minutes.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--site campus or --site other"));
}

#[test]
fn a_file_of_weather_cools_the_site_hour_by_hour() {
    let here = campus(CAMPUS);
    std::fs::write(
        here.path().join("normals.csv"),
        "month,high,low,dew_point\n1,13,2,2\n2,16,4,4\n3,20,8,8\n4,25,12,12\n5,29,17,17\n6,33,21,21\n7,34,23,22\n8,34,22,21\n9,31,19,18\n10,26,12,12\n11,19,7,7\n12,14,3,4\n",
    )
    .unwrap();
    let data: Value =
        serde_json::from_str(&power(here.path(), &["--weather", "normals.csv", "--json"])).unwrap();
    let site = &data["sites"]["campus"];
    let peak = site["peak_at"].as_str().unwrap();
    assert!(peak.starts_with("2025-07") || peak.starts_with("2025-08"), "{peak}");
    assert!(number(&site["energy"]["imbalance"]).abs() < 1e-9);
    let plain: Value = serde_json::from_str(&power(here.path(), &["--json"])).unwrap();
    assert!(site["energy"]["overhead"] != plain["sites"]["campus"]["energy"]["overhead"]);
}

#[test]
fn what_is_wrong_with_a_contract_is_told() {
    let here = campus(&format!(
        "{CAMPUS}contracts = [\n  {{ name = \"block\", kind = \"fixed\", power = \"5 MW\" }},\n  {{ name = \"index\", kind = \"indexed\", markup = \"3 $/MWh\", power = \"5 MW\" }},\n]\n"
    ));
    let output = gw(here.path(), &["power", "campus.toml"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(told.contains("`price` is missing in a contract of the kind `fixed`"), "{told}");
    assert!(told.contains("a contract of the kind `indexed` has no `power`"), "{told}");
}
