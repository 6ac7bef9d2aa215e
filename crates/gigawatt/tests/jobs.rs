//! `gw jobs`: what it prints of a trace, and what it says of files that are none.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn gw(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jobs");
    command.arg("jobs").args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Standard output and standard error, for snapshots.
fn both(output: &Output) -> String {
    format!("{}\n--- standard error\n{}", text(&output.stdout), text(&output.stderr))
}

fn bound(run: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/jobs");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(run);
}

#[test]
fn a_trace_with_broken_rows_is_told_whole() {
    bound(|| {
        for (name, arguments) in [
            ("swf", &["broken.swf"][..]),
            ("sacct", &["broken.sacct", "--capacity", "train=64", "--capacity", "short=8"]),
        ] {
            let output = gw(arguments);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            insta::assert_snapshot!(name, both(&output));
        }
    });
}

#[test]
fn a_file_that_is_no_trace_is_bad_input() {
    bound(|| {
        for name in ["neither.csv", "padded.txt", "submit_missing.txt"] {
            let output = gw(&[name]);
            assert_eq!(output.status.code(), Some(2), "{name}");
            assert!(output.stdout.is_empty());
            insta::assert_snapshot!(name, text(&output.stderr));
        }
    });
    let output = gw(&["neither.csv", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &document["exit_code"]), (Some(2), &Value::from(2)));
    assert_eq!(document["errors"][0]["places"][0]["place"], "neither.csv:1");
    assert_eq!(gw(&["not-there.swf"]).status.code(), Some(4));
}

#[test]
fn standard_input_and_files_give_one_document() {
    let output = command(&["-", "--json"])
        .stdin(Stdio::from(
            File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jobs/broken.swf")).unwrap(),
        ))
        .output()
        .unwrap();
    let piped: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(piped["file"], "standard input");
    assert_eq!(piped["warnings"][0]["places"][0]["place"], "standard input:8");
    let file: Value = serde_json::from_slice(&gw(&["broken.swf", "--json"]).stdout).unwrap();
    for field in ["jobs", "findings", "machine", "states", "left_out", "span"] {
        assert!(!file[field].is_null(), "{field}");
        assert_eq!(file[field], piped[field], "{field}");
    }
    assert_eq!(file["header"]["origin"], 1_700_000_000);
}

#[test]
fn capacities_that_mean_nothing_are_refused() {
    let told = |arguments: &[&str]| {
        let output = gw(arguments);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr).to_owned()
    };
    let unknown = told(&["broken.sacct", "--capacity", "trian=64"]);
    assert!(unknown.contains("no pool `trian`") && unknown.contains("did you mean `train`?"), "{unknown}");
    let twice = told(&["broken.sacct", "--capacity", "64", "--capacity", "32"]);
    assert!(twice.contains("--capacity is given twice: 64 and 32"), "{twice}");
    assert!(told(&["broken.sacct", "--capacity", "many"]).contains("train=16384"));
}
