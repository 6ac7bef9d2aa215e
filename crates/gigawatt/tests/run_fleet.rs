//! `gw run` of a scenario with a fleet: what it writes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn run(out: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_gw"))
        .args(["run", "tests/scenarios/fleet.toml", "--quiet", "--out"])
        .arg(out)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Numbers with four figures: the snapshot is to be read.
fn rounded(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let short: f64 = format!("{:.3e}", number.as_f64().unwrap()).parse().unwrap();
            *value = serde_json::json!(short);
        }
        Value::Array(all) => all.iter_mut().for_each(rounded),
        Value::Object(all) => all.values_mut().for_each(rounded),
        _ => {}
    }
}

#[test]
fn the_block_of_the_summary_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    run(&out, &[]);
    let summary = std::fs::read_to_string(out.join("summary.json")).unwrap();
    let mut fleet = serde_json::from_str::<Value>(&summary).unwrap()["fleet"].take();
    rounded(&mut fleet);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/run_fleet");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let text = serde_json::to_string_pretty(&fleet).unwrap();
    settings.bind(|| insta::assert_snapshot!("summary", text));
}

#[test]
fn every_file_is_the_same_on_one_thread_and_on_several() {
    let folder = tempfile::tempdir().unwrap();
    let outs = ["1", "3"].map(|threads| {
        let out = folder.path().join(threads);
        run(&out, &["--threads", threads]);
        out
    });
    let names = [
        "summary.json",
        "report.html",
        "results/fleet.perfetto",
        "results/fleet_states.parquet",
        "results/fleet_jobs.parquet",
        "results/fleet_losses.parquet",
        "charts/fleet-life.vl.json",
        "results/power_days.parquet",
        "results/power_hours.parquet",
        "charts/power-year-hall.vl.json",
    ];
    for name in names {
        let [one, several] = outs.each_ref().map(|out| std::fs::read(out.join(name)).unwrap());
        assert!(!one.is_empty() && one == several, "{name}");
    }
}
