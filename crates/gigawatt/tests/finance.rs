//! `gw finance` on the reference scenario.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path).to_string_lossy().into_owned()
}

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn document(arguments: &[&str]) -> Value {
    let output = gw(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// `gw finance` of the reference scenario with its hindsight beside it, as JSON.
fn reference() -> Value {
    let (january, hindsight) =
        (repository("scenarios/meta-2025.toml"), repository("scenarios/meta-2025-hindsight.toml"));
    document(&["finance", &january, "--samples", "200", "--beside", &hindsight, "--json"])["finance"].clone()
}

#[test]
fn the_back_test_has_every_quarter_with_what_was_published_and_the_share_inside() {
    let finance = reference();
    let rows = finance["backtest"]["rows"].as_array().unwrap();
    for path in
        ["finance.capex.cash", "buildout.gpus.owned", "finance.depreciation", "finance.free_cash_flow"]
    {
        for quarter in ["2025Q1", "2025Q2", "2025Q3", "2025Q4"] {
            let row = rows.iter().find(|row| row["path"] == path && row["quarter"] == quarter).unwrap();
            assert!(
                row["forecast"]["p50"].is_number() && row["beside"]["p50"].is_number(),
                "{path} {quarter}"
            );
            // Nobody has published how many GPUs there were in any quarter.
            assert_eq!(
                row["outcome"]["published"].is_string(),
                path.starts_with("finance."),
                "{path} {quarter}"
            );
        }
    }
    let inside = rows.iter().filter(|row| row["inside"] == true).count();
    assert_eq!(finance["backtest"]["inside"], inside);
    assert_eq!(finance["backtest"]["known"], rows.iter().filter(|row| row["outcome"].is_object()).count());
}

#[test]
fn a_longer_life_of_servers_lowers_depreciation_of_the_year_and_raises_income() {
    let finance = reference();
    assert_eq!(finance["lives"][0]["title"], "Meta Platforms");
    let lives = finance["lives"].as_array().unwrap();
    let of = |life: f64| {
        let found = lives
            .iter()
            .find(|entry| (entry["life"].as_f64().unwrap() / life / 31_557_600.0 - 1.0).abs() < 1e-6);
        found.unwrap()["years"]["2025"].clone()
    };
    let (four, five, longer) = (of(4.0), of(5.0), of(5.5));
    let value = |entry: &Value, key: &str| entry[key].as_f64().unwrap();
    assert!(value(&four, "depreciation") > value(&five, "depreciation"));
    assert!(value(&five, "depreciation") > value(&longer, "depreciation") + 1e9);
    assert!(value(&longer, "operating_income") > value(&five, "operating_income"));
    // The same lives, but the plan's own, are what `gw run` computes.
    assert!(lives.iter().any(|entry| entry["own"] == true));
}

#[test]
fn statements_are_read_in_full_and_lines_of_nothing_are_left_out() {
    let finance = reference();
    let lines = finance["companies"][0]["lines"].as_array().unwrap();
    let paths: Vec<&str> = lines.iter().map(|line| line["path"].as_str().unwrap()).collect();
    for path in [
        "finance.revenue",
        "finance.tax",
        "finance.net_income",
        "finance.cash.change",
        "finance.book_value.ai",
    ] {
        let line = &lines[paths.iter().position(|known| *known == path).unwrap()];
        assert_eq!(line["values"].as_object().unwrap().len(), 7, "{path} has every year to 2030");
    }
    assert!(!paths.contains(&"finance.debt"), "{paths:?}");
    assert!(finance["purchases"].as_array().unwrap().len() >= 6);
    let text = gw(&["finance", &repository("scenarios/meta-2025.toml"), "--samples", "100", "--quiet"]);
    let text = String::from_utf8(text.stdout).unwrap();
    for part in [
        "income, B$",
        "cash flow, B$",
        "net present value",
        "break-even rent",
        "if servers lived",
        "outcomes lie between",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn without_a_company_there_is_no_money() {
    let hall = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/small.toml");
    let hall = hall.to_string_lossy();
    assert!(document(&["finance", &hall, "--json"])["finance"].is_null());
    let told = gw(&["finance", &hall]);
    assert!(told.status.success());
    assert!(String::from_utf8(told.stdout).unwrap().contains("no company"));
}

#[test]
fn a_second_scenario_that_is_not_there_is_a_failed_input() {
    let output = gw(&["finance", &repository("scenarios/meta-2025.toml"), "--beside", "nowhere.toml"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.is_empty());
}
