//! `gw train --emit`, `--from-megatron` and `--from-torchtitan`: what is written for tools, what is read of theirs, and
//! what is told where it is not understood.
//!
//! What is told and written stands in `snapshots/launch/`; `INSTA_UPDATE=always cargo test --test launch` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.arg("train").args(arguments).args(["--samples", "100"]).current_dir(folder).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn assert_snapshot(name: &str, text: String) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/launch");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A run on the command line whose model and layout come from what is added.
const MACHINES: [&str; 6] = ["--system", "hgx-h100", "--gpus", "2048", "--start", "2026-01-01"];

#[test]
fn what_launches_a_run_is_written_for_each_tool() {
    let layout = [
        "--model",
        "deepseek-v3",
        "--tokens",
        "14.8T",
        "--sequence",
        "4096",
        "--batch",
        "15360",
        "--pipeline",
        "16",
        "--expert",
        "64",
        "--precision",
        "fp8",
        "--recompute",
        "selective",
    ];
    for tool in ["megatron", "torchtitan", "nemo"] {
        let output = gw(&root(), &[&layout[..], &MACHINES, &["--emit", tool]].concat());
        assert!(output.status.success());
        assert_snapshot(tool, String::from_utf8(output.stdout.clone()).unwrap());
        // What cannot be said stands in a comment and on standard error.
        let told = String::from_utf8(output.stderr).unwrap();
        let written = String::from_utf8(output.stdout).unwrap();
        let comments = written.lines().filter(|line| line.starts_with("# not expressed: ")).count();
        assert!(comments > 0, "{tool}: {written}");
        assert_eq!(comments, told.lines().filter(|line| line.contains("not expressed: ")).count());
    }
}

#[test]
fn the_phases_of_a_scenario_are_data_too() {
    let arguments = ["scenarios/meta-2025.toml", "llama-3-1-405b", "--emit", "megatron", "--json"];
    let output = gw(&root(), &arguments);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let launches = document["launches"].as_array().unwrap();
    assert_eq!(launches.len(), 4);
    assert_eq!(launches[0]["tool"], "megatron");
    let of = |launch: &Value, name: &str| {
        let arguments = launch["arguments"].as_array().unwrap();
        arguments.iter().find(|one| one["name"] == name).map(|one| one["value"].clone())
    };
    let last = &launches[3];
    assert_eq!(of(last, "--context-parallel-size"), Some(16.into()));
    assert_eq!(of(last, "--seq-length"), Some(131_072.into()));
    assert!(!last["not_expressed"].as_array().unwrap().is_empty());
    let missing = gw(&root(), &[&arguments[..4], &["--phase", "gpus-1638"]].concat());
    assert_eq!(missing.status.code(), Some(2));
    let told = String::from_utf8(missing.stderr).unwrap();
    assert!(told.contains("did you mean `gpus-16384`?"), "{told}");
}

#[test]
fn a_run_that_is_written_and_read_is_priced_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = |arguments: &[&str]| {
        let output = gw(folder.path(), &[arguments, &MACHINES, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        document["runs"][0]["phases"][0]["step_time"].as_f64().unwrap()
    };
    let run = [
        "--model",
        "llama-3-1-70b",
        "--tokens",
        "1T",
        "--tensor",
        "4",
        "--pipeline",
        "4",
        "--virtual-stages",
        "2",
        "--recompute",
        "selective",
    ];
    let before = seconds(&run);
    let output = gw(folder.path(), &[&run[..], &MACHINES, &["--emit", "megatron"]].concat());
    std::fs::write(folder.path().join("run.sh"), output.stdout).unwrap();
    let read = ["--from-megatron", "run.sh", "--tokens", "1T"];
    assert_eq!(seconds(&read), before);
    // What the command line says is laid over it.
    assert!(seconds(&[&read[..], &["--recompute", "full"]].concat()) > before);
    let output = gw(folder.path(), &[&read[..], &MACHINES].concat());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_lies_on_the_host_is_read_and_what_is_a_part_of_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["--model", "llama-3-1-70b", "--tokens", "1T", "--tensor", "8", "--pipeline", "2"];
    let emit = [&run[..], &["--recompute", "elementwise", "--offload", "both"], &MACHINES].concat();
    let output = gw(folder.path(), &[&emit[..], &["--emit", "megatron"]].concat());
    let written = String::from_utf8(output.stdout).unwrap();
    for option in
        ["--optimizer-cpu-offload\n", "--use-precision-aware-optimizer\n", "--offload-modules attn_norm"]
    {
        assert!(written.contains(option), "{written}");
    }
    let step = |text: &str| {
        std::fs::write(folder.path().join("run.sh"), text).unwrap();
        let read = ["--from-megatron", "run.sh", "--tokens", "1T", "--json"];
        let output = gw(folder.path(), &[&read[..], &MACHINES].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}"));
        (document["runs"][0]["phases"][0]["step_time"].as_f64().unwrap(), told)
    };
    let direct = gw(folder.path(), &[&emit[..], &["--json"]].concat());
    let direct: Value = serde_json::from_slice(&direct.stdout).unwrap();
    let (seconds, told) = step(&written);
    assert_eq!(Some(seconds), direct["runs"][0]["phases"][0]["step_time"].as_f64(), "{told}");
    let (faster, told) =
        step(&written.replace("--optimizer-offload-fraction 1.0", "--optimizer-offload-fraction 0.5"));
    assert_eq!(faster, seconds);
    assert!(
        told.contains("a fraction of 0.5 of the optimiser states on the host is priced as all of them"),
        "{told}"
    );
    let (_, told) = step(&written.replace("attn_norm qkv_linear", "attn_norm"));
    assert!(told.contains("`--offload-modules` leaves out qkv_linear"), "{told}");
}

/// A script as people write them: variables, arrays, a list in quotes, and options of which nothing is known here.
const SCRIPT: &str = r#"#!/bin/bash
export CUDA_DEVICE_MAX_CONNECTIONS=1
TP=${TP:-8}
PP=4

DISTRIBUTED_ARGS=(--nproc_per_node 8 --nnodes 256)

MODEL_ARGS=(
    --num-layers 80            # Llama 3 70B
    --hidden-size 8192
    --ffn-hidden-size 28672
    --num-attention-heads 64
    --group-query-attention
    --num-query-groups 8
    --seq-length 8192
    --max-position-embeddings 8192
    --position-embedding-type rope
    --swiglu
    --normalization RMSNorm
    --disable-bias-linear
    --untie-embeddings-and-output-weights
    --vocab-size 128256
)

TRAINING="--micro-batch-size 1 \
    --global-batch-size 1024 \
    --train-samples 1953125000 \
    --lr 1.5e-4 --bf16"

PARALLEL_ARGS=(
    --tensor-model-parallel-size ${TP}
    --pipeline-model-parallel-size $PP
    --sequence-parallel
    --use-distributed-optimizer
    --overlap-grad-reduce
    --overlap-param-gather
    --cross-entropy-loss-fusion
    --delay-wgrad-compute
    "--no-load-optim --no-load-rng"
    --tensorboard-dir "$HOME/runs"
)

torchrun ${DISTRIBUTED_ARGS[@]} pretrain_gpt.py ${MODEL_ARGS[@]} $TRAINING ${PARALLEL_ARGS[@]}
"#;

fn told(script: &str, flag: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("run"), script).unwrap();
    let output = gw(folder.path(), &[&[flag, "run"][..], &MACHINES].concat());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_script_is_read_through_its_variables_and_what_is_not_understood_is_told() {
    let (code, told) = told(SCRIPT, "--from-megatron");
    assert_eq!(code, Some(0), "{told}");
    assert_snapshot("script", told);
}

#[test]
fn mistakes_of_a_script_are_told_at_their_characters() {
    let broken = SCRIPT
        .replace("--num-layers 80 ", "--num-layer 80 ")
        .replace("--normalization RMSNorm", "--normalization RMSNorn")
        .replace("PP=4", "PP_SIZE=4")
        .replace(
            "--train-samples",
            "--recompute-modules core_attn attention --recompute-granularity selective --train-samples",
        );
    let (code, told) = told(&broken, "--from-megatron");
    assert_eq!(code, Some(2), "{told}");
    assert_snapshot("script-broken", told);
}

#[test]
fn what_does_not_divide_is_told_in_the_script() {
    let (code, told) =
        told(&SCRIPT.replace("--global-batch-size 1024", "--global-batch-size 1000"), "--from-megatron");
    assert_eq!(code, Some(2), "{told}");
    assert_snapshot("script-does-not-fit", told);
}

#[test]
fn mistakes_of_a_configuration_of_torchtitan_are_told_at_their_characters() {
    let text = r#"
[model]
name = "llama3"
flavor = "70"

[training]
seq_len = "8192"
local_batch_size = 8

[parallelism]
data_parallel_shard_degree = 100
tensor_parallel_degree = 8
enable_asynch_tensor_parallel = true
pipeline_parallel_degree = 4
pipeline_parallel_schedule = "ZBVZero"

[activation_checkpoint]
mode = "ful"
"#;
    let (code, told) = told(text, "--from-torchtitan");
    assert_eq!(code, Some(2), "{told}");
    assert_snapshot("torchtitan-broken", told);
}
