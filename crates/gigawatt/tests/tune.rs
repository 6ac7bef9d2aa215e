//! `gw tune`: the best layouts of a scenario's runs and of runs of the command line, and what is told of mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gw(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.arg("tune").args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn text(arguments: &[&str]) -> String {
    let output = gw(&[arguments, &["--samples", "50"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(&[arguments, &["--json"]].concat())).unwrap()
}

fn january() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/meta-2025.toml");
    path.to_string_lossy().into_owned()
}

/// Llama 3.1 405B on 16,384 H100, laid out anew.
const ALONE: [&str; 9] =
    ["--model", "llama-3-1-405b", "--system", "hgx-h100", "--gpus", "16384", "--tokens", "15.6T", "--quiet"];

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

/// The numbers of a phase: counts that add up, layouts in order that fit, parts that add up.
fn makes_sense(phase: &Value) {
    let counts = &phase["counts"];
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(of("declared"), of("illegal") + of("memory") + of("bound") + of("evaluated"));
    let best = phase["best"].as_array().unwrap();
    let times: Vec<f64> = best.iter().map(|one| number(&one["step_time"])).collect();
    assert!(!times.is_empty() && times.is_sorted());
    for one in best {
        assert!(number(&one["memory_needed"]) <= number(&phase["memory_available"]));
        let parts: f64 = one["step_parts"].as_object().unwrap().values().map(number).sum();
        assert!((parts / number(&one["step_time"]) - 1.0).abs() < 1e-9);
    }
    let fits = phase["planned_faults"].as_array().unwrap().is_empty();
    if let (true, Some(planned)) = (fits, phase["planned"]["step_time"].as_f64()) {
        assert!(times[0] <= planned * (1.0 + 1e-9));
    }
}

#[test]
fn what_may_lie_on_the_host_is_asked_for() {
    let run =
        ["--model", "llama-3-1-70b", "--system", "hgx-h100", "--gpus", "16", "--tokens", "1B", "--quiet"];
    let narrow = ["--batch", "128", "--space", "tensor=8", "--space", "pipeline=1,2", "--space", "context=1"];
    let best = |offload: &[&str]| {
        let document = document(&[&run[..], &narrow, offload].concat());
        makes_sense(&document["phases"][0]);
        document["phases"][0]["best"][0].clone()
    };
    let (without, with) = (best(&[]), best(&["--space", "offload=none,optimizer,activations,both"]));
    assert_eq!(without["layout"].get("offload"), None);
    assert!(number(&with["step_time"]) < number(&without["step_time"]));
    assert!(with["layout"]["offload"].is_string(), "{with}");
    let wrong = gw(&[&run[..], &["--space", "offload=optimiser"]].concat());
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(told.contains("did you mean `optimizer`?"), "{told}");
}

#[test]
fn the_best_of_every_phase_is_at_least_as_fast_as_the_planned_one() {
    let document = document(&[&january()]);
    let phases = document["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 5);
    assert!(phases.iter().all(|phase| phase["planned"]["step_time"].is_number()));
    phases.iter().for_each(makes_sense);
}

#[test]
fn a_space_can_be_narrowed_and_a_layout_asked_about() {
    let scenario = january();
    let arguments = [
        scenario.as_str(),
        "llama-3-1-405b",
        "--phase",
        "gpus-16384",
        "--space",
        "tensor=8",
        "--space",
        "context=1",
    ];
    let phase = document(&arguments)["phases"][0].clone();
    makes_sense(&phase);
    for one in phase["best"].as_array().unwrap() {
        assert_eq!(one["layout"]["tensor"], 8);
        assert!(one["layout"].get("context").is_none());
    }
    let asked = [&arguments[..], &["--why", "pipeline=32,micro_batch=2"]].concat();
    let phase = document(&asked)["phases"][0].clone();
    let why = &phase["why"]["best"][0];
    assert_eq!((&why["layout"]["pipeline"], &why["layout"]["micro_batch"]), (&32.into(), &2.into()));
    assert!(number(&why["step_time"]) >= number(&phase["best"][0]["step_time"]));
    assert!(text(&asked).contains("why not that one"));
}

#[test]
fn more_accelerators_take_fewer_days_and_more_dollars() {
    let scenario = january();
    let arguments = [
        scenario.as_str(),
        "llama-3-1-405b",
        "--phase",
        "gpus-16384",
        "--accelerators",
        "4096,8192",
        "--by",
        "cost",
        "--space",
        "tensor=4,8",
    ];
    let phase = document(&arguments)["phases"][0].clone();
    let frontier = phase["frontier"].as_array().unwrap();
    let all = |name: &str| frontier.iter().map(|one| number(&one[name])).collect::<Vec<f64>>();
    assert_eq!(all("accelerators"), [4096.0, 8192.0, 16_384.0]);
    assert!(all("duration").is_sorted_by(|a, b| a > b));
    assert!(all("cost").is_sorted());
    assert_eq!(phase["cheapest"]["accelerators"], 4096);
}

#[test]
fn a_run_of_the_command_line_is_laid_out_and_launched() {
    let space = ["--space", "context=1", "--top", "3"];
    let phase = document(&[&ALONE[..], &space].concat())["phases"][0].clone();
    makes_sense(&phase);
    // As many tokens a step as published runs have, whatever the accelerators are; nothing was planned.
    assert_eq!(phase["batch_sequences"], 2048);
    assert!(phase["planned"].is_null());
    assert_eq!(phase["best"].as_array().unwrap().len(), 3);
    let launched = text(&[&ALONE[..], &space, &["--emit", "megatron"]].concat());
    let tensor = phase["best"][0]["layout"]["tensor"].as_u64().unwrap();
    assert!(launched.contains(&format!("--tensor-model-parallel-size {tensor}")), "{launched}");
}

#[test]
fn what_cannot_be_is_told_with_what_can() {
    let told = |arguments: &[&str]| {
        let output = gw(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let scenario = january();
    let with = |further: &[&str]| told(&[&[scenario.as_str()], further].concat());
    assert!(with(&["--space", "tenser=4"]).contains("did you mean `tensor`"));
    assert!(with(&["--space", "sharding=optimiser"]).contains("did you mean `optimizer`"));
    assert!(with(&["--why", "tensor"]).contains("DIMENSION=VALUES"));
    assert!(with(&["--accelerators", "0"]).contains("from 1"));
    assert!(with(&["llama-3-1-405"]).contains("did you mean `llama-3-1-405b`"));
    assert!(with(&["--phase", "gpus-1638"]).contains("did you mean `gpus-16384`"));
    // A space in which nothing is legal says so, and why the planned layout is not in it.
    let nothing = text(&[&scenario, "llama-3-1-405b", "--phase", "gpus-16384", "--space", "tensor=3"]);
    assert!(nothing.contains("no layout of the space can be run"), "{nothing}");
}

#[test]
fn threads_change_nothing() {
    let scenario = january();
    let with = |threads: &str| {
        let arguments = ["--threads", threads, &scenario, "successor", "--space", "context=1,4"];
        text(&[&arguments[..], &["--json"]].concat())
    };
    assert_eq!(with("1"), with("3"));
}
