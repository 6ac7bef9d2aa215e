//! `gw fleet`: what it prints, that it is the same every time, and what it says of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

use serde_json::Value;

const CLUSTER: &str = "tests/fleet/cluster.toml";

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1").output().unwrap()
}

fn fleet(arguments: &[&str]) -> String {
    let output = gw(&[&["fleet"], arguments, &["--jobs", "2000"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&fleet(&[arguments, &["--json"]].concat())).unwrap()
}

fn refused(arguments: &[&str], code: i32) -> String {
    let output = gw(&[&["fleet"], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{told}");
    told
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

#[test]
fn a_cluster_as_it_is_printed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/fleet");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("cluster", fleet(&[CLUSTER, "--analytic"])));
}

#[test]
fn threads_do_not_matter_and_seeds_do() {
    let first = document(&[CLUSTER]);
    assert_eq!(first, document(&[CLUSTER, "--threads", "1"]));
    assert_eq!(first["histories"], 3);
    assert_ne!(first, document(&[CLUSTER, "--seed", "4"]));
    let more = document(&[CLUSTER, "--seeds", "5"]);
    assert_eq!(more["histories"], 5);
    assert_eq!(more["jobs"][0]["goodput"]["reference"], first["jobs"][0]["goodput"]["reference"]);
}

#[test]
fn a_job_has_what_it_lost_and_pools_are_whole() {
    let found = document(&[CLUSTER, "--analytic"]);
    let job = &found["jobs"][0];
    assert_eq!(job["name"], "model");
    let goodput = number(&job["goodput"]["reference"]);
    let lost: f64 = job["losses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|loss| {
            ["rework", "stalled", "waiting", "restarting"]
                .iter()
                .map(|part| number(&loss[*part]["reference"]))
                .sum::<f64>()
        })
        .sum();
    let whole = goodput + lost + number(&job["checkpoints"]["reference"]);
    assert!((whole - 1.0).abs() < 1e-9, "{whole}");
    assert!((number(&job["analytic"]["exact"]) - goodput).abs() < 0.03, "{job}");
    for pool in found["pools"].as_array().unwrap() {
        let states: f64 =
            pool["states"].as_array().unwrap().iter().map(|state| number(&state["share"]["reference"])).sum();
        assert!((states - 1.0).abs() < 1e-9, "{states}");
    }
}

#[test]
fn more_failures_cost_more() {
    let goodput = |setting: &str| {
        let found = document(&[CLUSTER, "--histories", "0", "--set", setting]);
        number(&found["jobs"][0]["goodput"]["reference"])
    };
    assert!(goodput("fleet.server_interval=20 day") < goodput("fleet.server_interval=1000 day") - 0.005);
}

#[test]
fn larger_jobs_are_stopped_more_often() {
    let found = document(&[CLUSTER, "--histories", "0", "--set", "fleet.server_interval=20 day"]);
    let sizes = found["sizes"].as_array().unwrap();
    let time = |size: &Value| number(&size["hours"]["reference"]);
    let stopped = |size: &Value| number(&size["interruptions"]["reference"]);
    let of = |small: bool| {
        let these = sizes.iter().filter(|size| (number(&size["accelerators"]) <= 8.0) == small);
        these.fold((0.0, 0.0), |sum, size| (sum.0 + time(size), sum.1 + stopped(size)))
    };
    let ((small, few), (large, many)) = (of(true), of(false));
    assert!(many > 20.0 && many / large > 3.0 * few / small, "{small} {few} {large} {many}");
}

#[test]
fn an_elastic_run_does_not_wait_for_servers() {
    // Of 256 servers some 11 are broken at a time, and the run wants 240 before everyone else.
    let scarce =
        ["--histories", "0", "--set", "fleet.server_interval=20 day", "--set", "training.model.priority=90"];
    let only = ["--set", "training.model.accelerators=1920", "--set", "training.model.batch_sequences=1920"];
    let waits = |more: &[&str]| {
        let found = document(&[&[CLUSTER], &scarce[..], &only[..], more].concat());
        let losses = found["jobs"][0]["losses"].as_array().unwrap().clone();
        losses.iter().map(|loss| number(&loss["waiting"]["reference"])).sum::<f64>()
    };
    let (rigid, elastic) = (waits(&[]), waits(&["--set", "training.model.elastic=0.5"]));
    assert!(rigid > 0.001 && elastic < 0.1 * rigid, "{rigid} {elastic}");
    let told = refused(&[CLUSTER, "--set", "training.model.elastic=1.5"], 2);
    assert!(told.contains("at most 1"), "{told}");
}

#[test]
fn a_trace_is_looked_at_and_replayed() {
    let found = document(&[CLUSTER, "--histories", "0", "--replay", "tests/fleet/jobs.swf"]);
    assert_eq!(found["trace"]["jobs"], 5);
    let batch = &found["batch"][0];
    assert_eq!(batch["name"], "jobs");
    assert_eq!(number(&batch["simulated"]["reference"]), 4.0, "one never ran");
    let hours = (8.0 * 3600.0 + 16.0 * 7200.0 + 600.0 + 64.0 * 600.0) / 3600.0;
    assert!((number(&batch["accelerator_hours"]["reference"]) - hours).abs() < 1e-6);
    let failed = document(&[
        CLUSTER,
        "--histories",
        "0",
        "--replay",
        "tests/fleet/jobs.swf",
        "--failures",
        "tests/fleet/failures.csv",
    ]);
    assert!(number(&failed["batch"][0]["lost"]["reference"]) > 0.0, "server 0 had a job");
}

#[test]
fn mistakes_are_told_with_what_is_right() {
    let none = refused(&["../../scenarios/colossus.toml"], 2);
    assert!(none.contains("nothing of a fleet in operation") && none.contains("[fleet]"), "{none}");
    let pool = refused(&[CLUSTER, "--pool", "campus/hgx-h10"], 2);
    assert!(pool.contains("did you mean `campus/hgx-h100`?"), "{pool}");
    let count = refused(&[CLUSTER, "--histories", "many"], 2);
    assert!(count.contains("from 0 to 100000"), "{count}");
    let missing = refused(&[CLUSTER, "--replay", "tests/fleet/no.swf"], 4);
    assert!(missing.contains("no.swf"), "{missing}");
    let neither = refused(&[CLUSTER, "--replay", CLUSTER], 2);
    assert!(!neither.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failures.csv");
    for (row, right) in [("10,0,memry,1 h", "did you mean `memory`?"), ("10,rack-x,memory,1 h", "rack:N")] {
        std::fs::write(&file, format!("time,server,cause,downtime\n{row}\n")).unwrap();
        let told = refused(&[CLUSTER, "--failures", file.to_str().unwrap()], 2);
        assert!(told.contains(right), "{told}");
    }
}
