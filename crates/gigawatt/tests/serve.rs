//! `gw serve`: what it prints, writes, and says of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1").output().unwrap()
}

/// Llama 3.1 8B on one H100, with further arguments.
fn serve(arguments: &[&str]) -> Output {
    let model = [
        "serve",
        "--model",
        "llama-3-1-8b",
        "--system",
        "hgx-h100",
        "--tensor",
        "1",
        "--hour-price",
        "2.5 USD/h",
    ];
    gw(&[&model[..], arguments].concat())
}

fn printed(arguments: &[&str]) -> String {
    let output = serve(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(&[arguments, &["--json", "--quiet"]].concat())).unwrap()
}

fn told(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/serve");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

const AZURE: &str = "tests/serve/azure.csv";
const MADE_UP: [&str; 8] = ["--rate", "10", "--prompt", "1000", "--output", "200", "--requests", "2000"];

#[test]
fn a_trace_as_it_is_printed() {
    assert_snapshot("trace", &printed(&["--trace", AZURE, "--ttft", "200ms", "--tpot", "20ms"]));
}

#[test]
fn made_up_requests_as_they_are_printed() {
    assert_snapshot("made-up", &printed(&MADE_UP));
}

#[test]
fn every_request_is_accounted_for() {
    let found = document(&["--trace", AZURE]);
    let requests = &found["requests"];
    assert_eq!(number(&requests["offered"]), 60.0);
    let ended = number(&requests["done"]) + number(&requests["lost"]) + number(&requests["in_flight"]);
    let refused: f64 = requests["refused"].as_object().unwrap().values().map(number).sum();
    assert_eq!(ended + refused, 60.0);
    let latency = &found["latency"];
    for metric in ["time_to_first_token", "time_per_output_token", "end_to_end"] {
        let of = |name: &str| number(&latency[metric][name]);
        assert!(of("p50") <= of("p90") && of("p90") <= of("p95") && of("p95") <= of("p99"), "{metric}");
        assert!(of("p99") <= of("max") * 1.016 && of("mean") > 0.0, "{metric}");
    }
    // A replica is paid for from the first moment to the last; users see the last answer a little later.
    let costs = &found["costs"];
    let hours = number(&found["end"]) / 3600.0;
    let held = number(&costs["accelerator_hours"]);
    assert!(held <= hours && held > 0.99 * hours, "{held} {hours}");
    assert!((number(&costs["cost"]) / (held * 2.5) - 1.0).abs() < 1e-9);
}

#[test]
fn the_same_run_has_the_same_numbers_and_another_seed_has_others() {
    let once = printed(&[&MADE_UP[..], &["--json"]].concat());
    assert_eq!(once, printed(&[&MADE_UP[..], &["--json"]].concat()));
    assert_ne!(once, printed(&[&MADE_UP[..], &["--json", "--seed", "2"]].concat()));
}

#[test]
fn what_befalls_replicas_is_told_and_nothing_is_lost_on_the_way() {
    let with = ["--replicas", "3", "--incidents", "tests/serve/incidents.csv", "--start-up", "5s"];
    let found = document(&[&MADE_UP[..], &with].concat());
    let requests = &found["requests"];
    assert!(number(&requests["retried"]) > 0.0);
    assert_eq!(number(&requests["done"]) + number(&requests["lost"]), 2000.0);
    assert!(number(&found["classes"][0]["times"]["out"]) > 19.0);
    let wrong = told(&serve(&[&MADE_UP[..], &["--incidents", "tests/serve/incidents.csv"]].concat()));
    assert!(wrong.contains("line 3: there is no replica 1"), "{wrong}");
}

#[test]
fn prefixes_are_found_again_where_they_are_kept() {
    let trace = ["--trace", "tests/serve/mooncake.jsonl"];
    assert!(number(&document(&trace)["cached_share"]) > 0.15);
    let found = document(&[&trace[..], &["--no-prefix-cache"]].concat());
    assert_eq!(number(&found["cached_share"]), 0.0);
}

#[test]
fn prompts_and_answers_can_lie_apart() {
    let found = document(&[&MADE_UP[..], &["--prefill", "1", "--replicas", "2"]].concat());
    assert_eq!(found["classes"].as_array().unwrap().len(), 2);
    assert_eq!(number(&found["requests"]["done"]), 2000.0);
    assert_eq!(number(&found["served"]["replicas"]), 3.0);
}

#[test]
fn a_constant_number_in_flight_is_near_the_steady_state() {
    let flight = ["--concurrency", "32", "--prompt", "1000", "--output", "200", "--requests", "2000"];
    let found = document(&flight);
    let (latency, rate) = (&found["latency"], number(&found["throughput"]["requests"]));
    // Little's law: what is in flight is what passes in the time that a request takes.
    let in_flight = rate * number(&latency["end_to_end"]["mean"]);
    assert!((in_flight / 32.0 - 1.0).abs() < 0.02, "{in_flight}");
}

#[test]
fn files_are_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (table, trace, charts) = (at("requests.parquet"), at("requests.perfetto"), at("charts"));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (t, p, c) = (text(&table), text(&trace), text(&charts));
    printed(&["--trace", AZURE, "--table", &t, "--perfetto", &p, "--charts", &c, "--ttft", "200ms"]);
    let bytes = std::fs::read(&table).unwrap();
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (b"PAR1".as_slice(), b"PAR1".as_slice()));
    assert!(std::fs::metadata(&trace).unwrap().len() > 1000);
    for name in ["serving-first-token", "serving-each-token", "serving-course"] {
        let image = std::fs::read_to_string(charts.join(format!("{name}.svg"))).unwrap();
        assert!(image.starts_with("<svg") && image.contains("Llama 3.1 8B"), "{name}");
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 3, "nothing else is left: {names:?}");
}

#[test]
fn mistakes_are_told_with_what_is_right() {
    let nothing = told(&serve(&["--prompt", "100", "--output", "10"]));
    assert!(nothing.contains("how often requests come") && nothing.contains("--rate"), "{nothing}");
    let large = gw(&[
        "serve",
        "--model",
        "llama-3-1-405b",
        "--system",
        "hgx-h100",
        "--tensor",
        "4",
        "--rate",
        "1",
        "--prompt",
        "100",
        "--output",
        "10",
    ]);
    let large = told(&large);
    assert!(large.contains("does not fit") && large.contains("--tensor 8"), "{large}");
    let uneven = gw(&[
        "serve",
        "--model",
        "llama-3-1-8b",
        "--system",
        "hgx-h100",
        "--tensor",
        "5",
        "--rate",
        "1",
        "--prompt",
        "100",
        "--output",
        "10",
    ]);
    assert!(told(&uneven).contains("tensor"));
    let long = told(&serve(&["--rate", "1", "--prompt", "200000", "--output", "10"]));
    assert!(long.contains("context"), "{long}");
    let missing = serve(&["--trace", "tests/serve/none.csv"]);
    assert_eq!(missing.status.code(), Some(4));
    let no_trace = told(&serve(&["--trace", "tests/serve.rs"]));
    assert!(no_trace.contains("no trace of requests"), "{no_trace}");
    let limits = told(&serve(&[&MADE_UP[..], &["--autoscale", "9..2", "--load-target", "8"]].concat()));
    assert!(limits.contains("2..16"), "{limits}");
}

#[test]
fn overload_ends_and_says_so() {
    let found = document(&[
        "--rate",
        "500",
        "--prompt",
        "4000",
        "--output",
        "400",
        "--requests",
        "3000",
        "--ttft",
        "1s",
    ]);
    assert_eq!(number(&found["requests"]["done"]), 3000.0);
    assert!(number(&found["goodput"]["share"]) < 0.2);
    assert!(number(&found["classes"][0]["utilisation"]) > 0.99);
}

#[test]
fn what_cannot_be_served_is_refused_by_reason() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("odd.csv");
    std::fs::write(&trace, "arrival_s,prompt_tokens,output_tokens\n0,0,10\n1,10,0\n2,200000,10\n3,100,10\n")
        .unwrap();
    let found = document(&["--trace", trace.to_str().unwrap()]);
    let refused = found["requests"]["refused"].as_object().unwrap();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert_eq!(number(&found["requests"]["done"]), 1.0);
    let empty = folder.path().join("empty.csv");
    std::fs::write(&empty, "arrival_s,prompt_tokens,output_tokens\n").unwrap();
    assert!(printed(&["--trace", empty.to_str().unwrap()]).contains("no request was answered"));
}

#[test]
fn a_service_is_written_as_what_launches_it() {
    let emit =
        ["--prompt", "1000", "--output", "200", "--hub-model", "meta-llama/Llama-3.1-8B-Instruct", "--emit"];
    let command = printed(&[&emit[..], &["command", "--quiet"]].concat());
    assert!(command.contains("vllm serve meta-llama/Llama-3.1-8B-Instruct"), "{command}");
    let scaled = ["kubernetes", "--autoscale", "2..8", "--load-target", "32"];
    let manifests = printed(&[&emit[..], &scaled].concat());
    for kind in ["kind: Deployment", "kind: Service", "kind: HorizontalPodAutoscaler", "nvidia.com/gpu"] {
        assert!(manifests.contains(kind), "{kind}: {manifests}");
    }
    let without = told(&serve(&["--prompt", "1000", "--output", "200", "--emit", "command"]));
    assert!(without.contains("--hub-model"), "{without}");
}
