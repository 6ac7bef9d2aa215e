//! `gw size`: deployments of services of a scenario and of the command line.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn size(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gw"))
        .arg("size")
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SCENARIO: &str = r#"
name = "services"
as_of = 2026-01-01
period = { from = 2026-01-01, to = 2026-12-31 }

[[service]]
name = "chat"
model = "llama-3-1-8b"
system = "hgx-h200"
weights = "fp8"
tensor = 1
token_budget = 4096
prompt = 1000
output = 100
rate = "100 request/s"
target_first_token = "300 ms"
target_each_token = "20 ms"
hour_price = "3 $/h"

[[service]]
name = "traced"
model = "llama-3-1-8b"
system = "hgx-h200"
trace = "requests.csv"
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.toml"), SCENARIO).unwrap();
    folder
}

#[test]
fn a_service_of_a_scenario_is_sized_in_its_layout() {
    let folder = folder();
    let output =
        size(folder.path(), &["plan.toml", "chat", "--arrangement", "together", "--json", "--quiet"]);
    let document = json(&output);
    let service = &document["services"][0];
    assert_eq!((service["name"].as_str(), service["rate"].as_f64()), (Some("chat"), Some(100.0)));
    let best = &service["best"][0];
    let worker = &best["workers"][0];
    assert_eq!((worker["tensor"].as_u64(), worker["token_budget"].as_u64()), (Some(1), Some(4096)));
    let replicas = worker["number"].as_f64().unwrap();
    assert_eq!(best["accelerators"].as_f64(), Some(replicas));
    // 3 dollars an hour for each, over 100 requests of 100 tokens a second.
    let cost = best["cost_per_million_tokens"].as_f64().unwrap();
    assert!((cost - replicas * 3.0 / 3600.0 / 1e4 * 1e6).abs() < 1e-9, "{cost}");
    assert!(best["first_token"].as_f64().unwrap() <= 0.3 && best["each_token"].as_f64().unwrap() <= 0.02);
    assert!(best["simulated"]["requests"].as_u64().unwrap() >= 2000);
    assert!(service["optimality"].as_str().unwrap().starts_with("none of the space is cheaper"));
    // What it prints for a scenario is one.
    let toml = worker["toml"].as_str().unwrap().replace(", ", "\n");
    let fixed = SCENARIO.replacen("tensor = 1\ntoken_budget = 4096", &toml, 1);
    std::fs::write(folder.path().join("fixed.toml"), fixed).unwrap();
    let checked = Command::new(env!("CARGO_BIN_EXE_gw"))
        .args(["check", "fixed.toml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", told(&checked));
}

#[test]
fn a_service_of_the_command_line_is_shown_with_its_front() {
    let folder = folder();
    let asked = [
        "--model",
        "llama-3-1-8b",
        "--system",
        "hgx-h200",
        "--weights",
        "fp8",
        "--prompt",
        "1000",
        "--output",
        "100",
        "--tpot",
        "15ms",
        "--ttft",
        "300ms",
        "--tensor",
        "1",
        "--pareto",
        "--svg",
        "front.svg",
        "--quiet",
    ];
    let output = size(folder.path(), &asked);
    assert!(output.status.success(), "{}", told(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "Llama 3.1 8B",
        "USD/M tokens",
        "p99 of TTFT 300 ms and TPOT 15.0 ms or less",
        "tensor = 1",
        "prompts and answers apart",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let drawing = std::fs::read_to_string(folder.path().join("front.svg")).unwrap();
    assert!(drawing.starts_with("<svg") && drawing.contains("prompts and answers together"));
}

#[test]
fn what_cannot_be_served_says_why() {
    let folder = folder();
    let asked = [
        "--model",
        "llama-3-1-70b",
        "--system",
        "hgx-h200",
        "--prompt",
        "1000",
        "--output",
        "100",
        "--tensor",
        "1",
        "--largest",
        "1",
    ];
    let output = size(folder.path(), &asked);
    assert!(output.status.success(), "{}", told(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("none keeps the promise") && text.contains("does not fit by"), "{text}");
}

#[test]
fn mistakes_are_told_with_what_would_be_right() {
    let folder = folder();
    let wrong = |arguments: &[&str]| {
        let output = size(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        told(&output)
    };
    assert!(wrong(&["plan.toml", "chad"]).contains("did you mean `chat`?"));
    assert!(wrong(&["plan.toml", "traced"]).contains("give prompt, output and rate instead"));
    // A mistake in what all systems share is told once.
    let twice = wrong(&[
        "--model",
        "llama-3-1-8",
        "--system",
        "hgx-h200,hgx-h100",
        "--prompt",
        "10",
        "--output",
        "10",
    ]);
    assert_eq!(twice.matches("did you mean `llama-3-1-8b`?").count(), 1, "{twice}");
    let missing = wrong(&["--model", "llama-3-1-8b", "--system", "hgx-h200"]);
    assert!(missing.contains("`prompt` is missing") && missing.contains("`output` is missing"), "{missing}");
    assert!(wrong(&["--model", "llama-3-1-8b"]).contains("--system"));
    let heads = wrong(&[
        "--model",
        "llama-3-1-8b",
        "--system",
        "hgx-h200",
        "--prompt",
        "10",
        "--output",
        "10",
        "--tensor",
        "3",
    ]);
    assert!(heads.contains("`tensor` may be 2 or 4"), "{heads}");
}

#[test]
fn a_scenario_without_services_has_nothing_to_size() {
    let folder = tempfile::tempdir().unwrap();
    let bare = "name = \"none\"\nas_of = 2026-01-01\nperiod = { from = 2026-01-01, to = 2026-12-31 }\n";
    std::fs::write(folder.path().join("plan.toml"), bare).unwrap();
    let output = size(folder.path(), &["plan.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("add [[service]]"));
}
