//! Every broken scenario gets a diagnostic that a person can use, and never a crash.
//!
//! One file below `broken/` is one kind of mistake; what `gw check` says of it stands in
//! `snapshots/broken/`. After a change that is meant, `INSTA_UPDATE=always cargo test --test broken` writes
//! the snapshots anew: read every one of them as the user would.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn check(scenario: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gw"))
        .arg("check")
        .arg(scenario.file_name().unwrap())
        .args(arguments)
        .current_dir(scenario.parent().unwrap())
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn broken() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Beside them stand the files that they name.
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 60, "only {} broken scenarios were found", files.len());
    files
}

/// What cannot be read at all is a failed input, everything else a wrong one.
fn expected_code(scenario: &Path) -> i32 {
    if scenario.is_dir() { 4 } else { 2 }
}

fn assert_no_crash(name: &str, output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!told.contains("internal error") && !told.contains("panicked"), "{name}:\n{told}");
    assert!(!told.contains('\u{1b}'), "{name} steers the terminal");
}

#[test]
fn every_mistake_is_told_where_it_stands() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/broken");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for scenario in broken() {
            let name = scenario.file_stem().unwrap().to_string_lossy().into_owned();
            let output = check(&scenario, &[]);
            assert_no_crash(&name, &output);
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(expected_code(&scenario)), "{name}:\n{told}");
            assert!(output.stdout.is_empty(), "{name} wrote to standard output");
            insta::assert_snapshot!(name, told);
        }
    });
}

#[test]
fn every_snapshot_has_its_scenario() {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/broken");
    for entry in std::fs::read_dir(snapshots).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".snap") else { continue };
        assert!(folder().join(format!("{name}.toml")).exists(), "no scenario for the snapshot {name}");
    }
}

#[test]
fn with_json_the_same_mistakes_are_one_document() {
    for scenario in broken() {
        let name = scenario.display().to_string();
        let plain = check(&scenario, &[]);
        let output = check(&scenario, &["--json"]);
        assert_no_crash(&name, &output);
        assert_eq!(output.status.code(), plain.status.code(), "{name}");
        assert!(output.stderr.is_empty(), "{name} wrote to standard error");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["exit_code"], expected_code(&scenario), "{name}");
        let errors = document["errors"].as_array().unwrap();
        let told = String::from_utf8(plain.stderr).unwrap();
        let marks = told.matches("  × ").count().max(1);
        assert_eq!(errors.len(), marks, "{name}: as many errors as without --json");
        // A file that is no text at all has no characters to point at.
        let shown = scenario.is_file() && String::from_utf8(std::fs::read(&scenario).unwrap()).is_ok();
        for error in errors {
            assert!(!error["message"].as_str().unwrap().is_empty(), "{name}");
            assert!(error["help"].is_string(), "{name} does not say what would be right: {error}");
            assert!(!shown || error["places"][0].is_object(), "{name} points at nothing: {error}");
        }
    }
}

#[test]
fn many_mistakes_are_told_together() {
    let output = check(&folder().join("mistakes_many.toml"), &[]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.matches("  × ").count() >= 6, "{told}");
}

#[cfg(unix)]
#[test]
fn a_file_name_with_control_characters_does_not_steer_the_terminal() {
    let here = tempfile::tempdir().unwrap();
    let scenario = here.path().join("odd\u{1b}[31m \u{7}☃.toml");
    std::fs::write(&scenario, "name = \"Odd\"\n# a comment that rings: \u{7}\nas_of = 5\n").unwrap();
    let output = check(&scenario, &[]);
    assert_no_crash("odd", &output);
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stderr.contains(&7), "the terminal would ring");
}

#[test]
fn a_scenario_of_more_than_two_mebibytes_is_refused_before_it_is_read() {
    let here = tempfile::tempdir().unwrap();
    let scenario = here.path().join("large.toml");
    std::fs::write(&scenario, "# filled\n".repeat(600_000)).unwrap();
    let output = check(&scenario, &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("`large.toml` is larger than 2 MiB"), "{told}");
}
