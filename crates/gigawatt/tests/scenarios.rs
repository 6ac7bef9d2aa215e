//! Every scenario that the project ships resolves, runs and is judged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    found.sort();
    found
}

fn judged(path: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_gw"))
        .args(["check", "--samples", "400", "--json", "--quiet"])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stderr.is_empty(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn verdict(document: &Value, claim: &str) -> String {
    let claims = document["claims"].as_array().unwrap();
    let found = claims.iter().find(|known| known["name"] == claim).unwrap();
    found["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn every_scenario_is_judged_without_a_warning() {
    let found = shipped();
    assert!(found.len() >= 5, "{found:?}");
    for path in &found {
        assert!(!judged(path)["claims"].as_array().unwrap().is_empty(), "{}", path.display());
    }
}

#[test]
fn the_doubts_that_were_raised_publicly_are_judged_and_not_restated() {
    let of = |name: &str| judged(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name));
    let stargate = of("stargate-2025.toml");
    for claim in ["100-billion-immediately", "500-billion", "money-is-there"] {
        assert_eq!(verdict(&stargate, claim), "fails", "{claim}");
    }
    assert_eq!(verdict(&of("colossus.toml"), "100-k-in-122-days"), "fails");
    let llama = of("llama3-cluster.toml");
    assert_eq!(verdict(&llama, "all-online"), "holds");
    assert_eq!(verdict(&llama, "racks"), "restates_input");
}
