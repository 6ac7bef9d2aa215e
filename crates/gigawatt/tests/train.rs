//! `gw train`: runs of a scenario, runs of the command line, sizes, scaling laws, and what is told of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.arg("train").args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn document(arguments: &[&str]) -> Value {
    let output = gw(&[arguments, &["--json", "--samples", "200"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn january() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/meta-2025.toml");
    path.to_string_lossy().into_owned()
}

/// Llama 3.1 405B on 16,384 H100, as it was published.
const ALONE: [&str; 16] = [
    "--model",
    "llama-3-1-405b",
    "--system",
    "hgx-h100",
    "--gpus",
    "16384",
    "--tokens",
    "15.6T",
    "--tensor",
    "8",
    "--pipeline",
    "16",
    "--virtual-stages",
    "8",
    "--start",
    "2024-02-01",
];

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

#[test]
fn the_parts_of_every_step_add_up_to_it() {
    let scenario = january();
    for arguments in [vec![scenario.as_str()], ALONE.to_vec()] {
        let document = document(&arguments);
        let runs = document["runs"].as_array().unwrap();
        assert!(!runs.is_empty());
        for phase in runs.iter().flat_map(|run| run["phases"].as_array().unwrap()) {
            let parts: f64 = phase["step_parts"].as_object().unwrap().values().map(number).sum();
            let step = number(&phase["step_time"]);
            assert!((parts / step - 1.0).abs() < 1e-9, "{parts} is not {step}");
            assert!(
                number(&phase["hardware_flops_utilisation"]) >= number(&phase["model_flops_utilisation"])
            );
        }
    }
}

#[test]
fn memory_by_stage_reaches_its_peak_within_the_step() {
    let document = document(&ALONE);
    let phase = &document["runs"][0]["phases"][0];
    let stages = phase["memory_by_stage"].as_array().unwrap();
    assert_eq!(stages.len(), 16);
    let fullest = stages.iter().map(|stage| number(&stage["peak_bytes"])).fold(0.0, f64::max);
    assert!((fullest - number(&phase["memory_needed"])).abs() < 1.0);
    for stage in stages {
        let numbers = |key: &str| stage[key].as_array().unwrap().iter().map(number).collect::<Vec<f64>>();
        let (seconds, bytes) = (numbers("seconds"), numbers("bytes"));
        assert_eq!(seconds.len(), bytes.len());
        assert!(seconds.is_sorted() && seconds[seconds.len() - 1] <= number(&phase["step_time"]));
        let most = bytes.iter().copied().fold(0.0, f64::max);
        assert!((most - number(&stage["peak_bytes"])).abs() < 1.0);
    }
    assert!(phase["left_out"].is_null());
}

#[test]
fn a_trace_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("step.perfetto");
    let trace = path.to_string_lossy().into_owned();
    let output = gw(&[&ALONE[..], &["--samples", "200", "--quiet", "--trace", &trace]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The first packet of a trace: field 1, of some bytes.
    assert_eq!(std::fs::read(&path).unwrap()[0], 0x0a);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
    let nowhere = folder.path().join("nowhere/step.perfetto").to_string_lossy().into_owned();
    let output = gw(&[&ALONE[..], &["--samples", "200", "--quiet", "--trace", &nowhere]].concat());
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    let output = gw(&["--scaling", "5.76e23 FLOP", "--trace", &trace]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_run_of_the_command_line_is_that_of_a_scenario() {
    let alone = &document(&ALONE)["runs"][0];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    let text = "name = \"run\"\nas_of = 2026-02-15\nperiod = { from = 2024-01-01, to = 2026-12-31 }\n[[training]]\nname = \"run\"\nmodel = \"llama-3-1-405b\"\nsystem = \"hgx-h100\"\naccelerators = 16384\ntokens = \"15.6 T\"\nsequence = 8192\nbatch_sequences = 2048\nstart = 2024-02-01\nlayout = { tensor = 8, pipeline = 16, virtual_stages = 8 }\n";
    std::fs::write(&path, text).unwrap();
    let written = &document(&[path.to_str().unwrap()])["runs"][0];
    for result in ["step_time", "gpu_hours", "model_rate", "energy"] {
        let value = |run: &Value| number(&run["results"][result]["value"]["reference"]);
        assert_eq!(value(alone), value(written), "{result}");
    }
}

#[test]
fn a_configuration_file_is_a_model_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    // The numbers of Llama 3.1 8B, in the words of its configuration file.
    let text = r#"{ "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
        "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "vocab_size": 128256,
        "max_position_embeddings": 131072, "tie_word_embeddings": false }"#;
    std::fs::write(&path, text).unwrap();
    let of = |model: &str| {
        let arguments = [
            "--model",
            model,
            "--system",
            "hgx-h100",
            "--gpus",
            "256",
            "--tokens",
            "1T",
            "--start",
            "2025-01-01",
        ];
        document(&arguments)["runs"][0].clone()
    };
    let (file, entry) = (of(path.to_str().unwrap()), of("llama-3-1-8b"));
    assert_eq!(file["parameters"], entry["parameters"]);
    assert_eq!(file["phases"], entry["phases"]);
    let output =
        gw(&["--model", "nowhere/config.json", "--system", "hgx-h100", "--gpus", "8", "--tokens", "1T"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere/config.json"));
}

#[test]
fn one_run_of_a_scenario_can_be_named() {
    let document = document(&[&january(), "llama-3-1-405b"]);
    let runs = document["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["phases"].as_array().unwrap().len(), 4);
    assert_eq!(number(&runs[0]["published"]["gpu_hours"]), 30.84e6);
    // The rates of the whole stand between those of its phases.
    let rate = number(&runs[0]["results"]["model_rate"]["value"]["reference"]);
    let phases = runs[0]["phases"].as_array().unwrap().iter().map(|phase| number(&phase["model_rate"]));
    let (low, high) = phases.fold((f64::MAX, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
    assert!(low < rate && rate < high);
}

#[test]
fn no_size_is_told_that_another_beats() {
    // As planned this run ends on 1 June: a later date may cost no more, and never takes longer for more money.
    let scenario = january();
    let at = |day: &str| {
        let sized = document(&[&scenario, "llama-3-1-405b", "--for-date", day]);
        sized["runs"][0]["for_date"].clone()
    };
    let (early, late) = (at("2024-06-15"), at("2024-06-30"));
    assert!(early["end"].as_str().unwrap() <= "2024-06-15");
    assert!(number(&late["cost"]) <= number(&early["cost"]), "{early} {late}");
    let phases: Vec<f64> = early["accelerators_by_phase"].as_array().unwrap().iter().map(number).collect();
    assert_eq!(phases.len(), 4);
    assert_eq!(phases.iter().copied().fold(0.0, f64::max), number(&early["accelerators"]));
}

#[test]
fn a_claim_on_a_run_that_does_not_fit_says_so() {
    let faults = |text: &str| {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("january.toml");
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
        let output = command.arg("check").arg(path).args(["--json", "--samples", "100"]).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let claims = document["claims"].as_array().unwrap();
        claims.iter().find(|claim| claim["name"] == "llama-4-trained").unwrap()["cannot_run"].clone()
    };
    let text = std::fs::read_to_string(january()).unwrap();
    assert!(faults(&text).is_null(), "the successor fits");
    // Nothing computed again: the activations of 98,304 accelerators are too many.
    let plain = text.replace("virtual_stages = 4, recompute = \"elementwise\"", "virtual_stages = 4");
    assert!(plain != text, "the layout of the successor is written otherwise");
    let fault = faults(&plain)[0].as_str().unwrap().to_owned();
    assert!(fault.contains("GB short"), "{fault}");
}

#[test]
fn a_date_and_a_budget_are_kept_and_more_would_not_be_needed() {
    let sized = document(&[&ALONE[..], &["--for-date", "2024-06-30", "--budget", "60 M$"]].concat());
    let run = &sized["runs"][0];
    let accelerators = number(&run["for_date"]["accelerators"]);
    assert!(run["for_date"]["end"].as_str().unwrap() <= "2024-06-30");
    // One data-parallel rank less, of 128 accelerators, ends later.
    let fewer = format!("{}", accelerators - 128.0);
    let mut arguments = ALONE.to_vec();
    arguments[5] = &fewer;
    let later = &document(&arguments)["runs"][0]["results"]["duration"]["value"]["reference"];
    assert!(number(later) > number(&run["for_date"]["duration"]));
    assert!(number(&run["for_budget"]["cost"]) <= 60e6);
    let cheap = document(&[&ALONE[..], &["--budget", "1 M$"]].concat());
    assert!(cheap["runs"][0]["for_budget"].is_null());
}

#[test]
fn scaling_laws_answer_alone() {
    let document = document(&["--scaling", "5.76e23 FLOP"]);
    let law = &document["scaling"]["laws"][0];
    assert!((number(&law["parameters"]) * number(&law["tokens"]) * 6.0 / 5.76e23 - 1.0).abs() < 1e-9);
    assert!(document["runs"].as_array().unwrap().is_empty());
}

#[test]
fn what_is_shown_names_its_conventions() {
    let output = gw(&[&ALONE[..], &["--samples", "200"]].concat());
    let shown = String::from_utf8(output.stdout).unwrap();
    for words in [
        "time of a step",
        "100.0 %",
        "6ND: 6 for each active parameter",
        "(HFU)",
        "p10 – p90",
        "accelerator-hours",
    ] {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
}

#[test]
fn mistakes_are_told_with_what_would_be_right() {
    let scenario = january();
    let wrong: [(&[&str], &str); 7] = [
        (&[], "SCENARIO"),
        (&[&scenario, "llama-3-1-405"], "did you mean `llama-3-1-405b`?"),
        (
            &["--model", "llama-3-1-405", "--system", "hgx-h100", "--gpus", "8", "--tokens", "1T"],
            "did you mean `llama-3-1-405b`?",
        ),
        (
            &[
                "--model",
                "llama-3-1-8b",
                "--system",
                "hgx-h100",
                "--gpus",
                "12",
                "--tokens",
                "1T",
                "--tensor",
                "8",
            ],
            "not a whole number of copies",
        ),
        (
            &["--model", "llama-3-1-8b", "--system", "hgx-h100", "--gpus", "8", "--tokens", "1 TB"],
            "`TB` is a unit for an amount of memory",
        ),
        (&["--scaling", "5 TW"], "3.8e25 FLOP"),
        (&[&scenario, "--budget", "0 $"], "above 0"),
    ];
    for (arguments, told) in wrong {
        let output = gw(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
    let output =
        gw(&["--model", "llama-3-1-405", "--system", "hgx-h100", "--gpus", "8", "--tokens", "1T", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["exit_code"], 2);
}

#[test]
fn a_scenario_without_runs_says_so() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/stargate-2025.toml");
    let output = gw(&[path.to_str().unwrap(), "--samples", "200"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[[training]]"));
}
