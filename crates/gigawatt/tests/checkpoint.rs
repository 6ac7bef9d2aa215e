//! `gw checkpoint` and `gw validate reliability`: what they print, write, and say of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1").output().unwrap()
}

fn checkpoint(arguments: &[&str]) -> String {
    let output = gw(&[&["checkpoint"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&checkpoint(&[arguments, &["--json"]].concat())).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/checkpoint");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

const LLAMA: [&str; 6] =
    ["--accelerators", "16384", "--model", "llama-3-1-405b", "--reference", "llama3-54-days"];

#[test]
fn llama_3_as_it_is_printed() {
    assert_snapshot(
        "llama-3",
        &checkpoint(&[&LLAMA[..], &["--interval", "30min", "--spares", "2%"]].concat()),
    );
}

#[test]
fn a_hundred_thousand_as_they_are_printed() {
    let printed = checkpoint(&["--accelerators", "100000", "--state", "28 TB", "--restart", "10min"]);
    assert!(printed.contains("the linear formula does not hold here"), "{printed}");
    assert_snapshot("hundred-thousand", &printed);
}

#[test]
fn numbers_are_those_of_the_laws() {
    let found = document(&LLAMA);
    assert!((number(&found["mean_time"]["value"]) / 3600.0 - 3.093).abs() < 1e-3);
    assert!((number(&found["moves"]["write"]) - number(&found["state"]) / 2e12).abs() < 1e-9);
    for strategy in found["strategies"].as_array().unwrap() {
        let shares = &strategy["shares"];
        let sum: f64 =
            ["work", "writing", "lost", "restart", "waiting"].iter().map(|name| number(&shares[name])).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{strategy}");
        let goodput = &strategy["goodput"];
        assert!((number(&goodput["value"]) - number(&shares["work"])).abs() < 1e-12);
        assert!(
            number(&goodput["low"]) <= number(&goodput["value"])
                && number(&goodput["value"]) <= number(&goodput["high"])
        );
    }
    // No point of the curve beats the best.
    let best = number(&found["strategies"][0]["goodput"]["value"]) / (1.0 - number(&found["waiting"]));
    let curve = found["curve"].as_array().unwrap();
    assert!(curve.len() > 50 && curve.iter().all(|point| number(&point["blocking"]) <= best + 1e-12));
    let goodputs: Vec<f64> =
        found["spares_table"].as_array().unwrap().iter().map(|row| number(&row["goodput"])).collect();
    assert!(goodputs.is_sorted() && goodputs.len() > 3);
}

#[test]
fn more_failures_longer_restarts_and_fewer_spares_cost_time() {
    let goodput = |further: &[&str]| {
        let found = document(&[&["--accelerators", "32768", "--model", "llama-3-1-405b"], further].concat());
        number(&found["strategies"][1]["goodput"]["value"])
    };
    let usual = goodput(&["--server-rate", "4", "--spares", "40"]);
    assert!(goodput(&["--server-rate", "6", "--spares", "40"]) < usual);
    assert!(goodput(&["--server-rate", "4", "--spares", "20"]) < usual);
    assert!(goodput(&["--server-rate", "4", "--spares", "40", "--restart", "1h"]) < usual);
    assert!(goodput(&["--server-rate", "4", "--spares", "40", "--teams", "15"]) < usual);
    assert!(goodput(&["--server-rate", "4", "--spares", "40", "--repair", "3day"]) < usual);
    assert!(goodput(&["--server-rate", "4", "--spares", "40", "--storage", "100 GB/s"]) <= usual);
}

#[test]
fn a_run_of_a_scenario_is_its_model_and_its_largest_phase() {
    let scenario = Path::new("../../scenarios/meta-2025.toml").to_string_lossy().into_owned();
    let found = document(&[&scenario, "--run", "llama-3-1-405b", "--quiet"]);
    assert_eq!(found["accelerators"], 16_384);
    assert!((number(&found["state"]) / document(&LLAMA)["state"].as_f64().unwrap() - 1.0).abs() < 0.01);
    let output = gw(&["checkpoint", &scenario, "--quiet"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--run llama-3-1-405b"));
}

#[test]
fn the_drawing_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("intervals.svg");
    let path = path.to_str().unwrap();
    checkpoint(&[&LLAMA[..], &["--svg", path]].concat());
    let drawn = std::fs::read_to_string(path).unwrap();
    assert!(drawn.starts_with("<svg xmlns=") && drawn.contains("<style>"));
    for word in ["Young", "Daly", "best", "effective time", "storage, blocking"] {
        assert!(drawn.contains(word), "{word}");
    }
    assert!(!drawn.contains("NaN") && !drawn.contains("inf\""));
    // A job that gets nothing done has no curve, and leaves the file alone.
    let hopeless =
        ["--accelerators", "2000000000", "--state", "1 TB", "--server-rate", "100000", "--svg", path];
    assert_eq!(gw(&[&["checkpoint"], &hopeless[..]].concat()).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(path).unwrap(), drawn);
}

#[test]
fn what_cannot_be_is_told_with_what_can() {
    let told = |arguments: &[&str]| {
        let output = gw(&[&["checkpoint"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let with = |further: &[&str]| {
        told(&[&["--accelerators", "1024", "--model", "llama-3-1-405b"], further].concat())
    };
    assert!(told(&[]).contains("SCENARIO"));
    assert!(told(&["--accelerators", "1024"]).contains("--model or --state"));
    assert!(told(&["--accelerators", "0", "--state", "1 TB"]).contains("from 1"));
    assert!(told(&["--accelerators", "8", "--state", "1 TW"]).contains("TW"));
    assert!(
        told(&["--accelerators", "8", "--model", "llama-3-1-405"]).contains("did you mean `llama-3-1-405b`")
    );
    assert!(with(&["--system", "hgx-h10"]).contains("did you mean `hgx-h100`"));
    assert!(with(&["--reference", "rsc-3"]).contains("did you mean `rsc-"));
    assert!(with(&["--server-rate", "-1"]).contains("1,000 server-days"));
    assert!(with(&["--spares", "120%"]).contains("up to 100 %"));
    assert!(with(&["--interval", "0 s"]).contains("above 0"));
    assert!(with(&["--copies", "0"]).contains("1..=8"));
}

#[test]
fn published_failures_are_held_against_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("out.csv");
    let points = ["validate", "reliability", "--points", "tests/points/reliability.csv"];
    let output = gw(&[&points[..], &["--csv", csv.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_snapshot("validate", std::str::from_utf8(&output.stdout).unwrap());
    let written = std::fs::read_to_string(csv).unwrap();
    assert_eq!(written.lines().next(), Some("id,metric,measured,predicted,low,high,error,scored,note"));
    assert_eq!(written.lines().count(), 13);
    let document: Value = serde_json::from_slice(&gw(&[&points[..], &["--json"]].concat()).stdout).unwrap();
    for key in
        ["source", "cluster", "metric", "unit", "published", "predicted", "low", "high", "inside", "kind"]
    {
        assert!(!document["rows"][0][key].is_null(), "{key}");
    }
    assert!((0.0..=1.0).contains(&number(&document["coverage"])));
    assert_eq!(document["skipped"][0]["metric"], "planned interruptions");
}

#[test]
fn files_of_no_use_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    for (text, word) in [("", "empty"), ("a,b\n1,2\n", "`cluster`")] {
        std::fs::write(&path, text).unwrap();
        let output = gw(&["validate", "reliability", "--points", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(word));
    }
    assert_eq!(gw(&["validate", "reliability", "--points", "nowhere.csv"]).status.code(), Some(4));
}
