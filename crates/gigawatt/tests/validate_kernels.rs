//! `gw validate`: what it prints, writes, and says of files that are of no use.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const POINTS: &str = "\
id,gpu,op,dtype,m,n,k,time_us,scored
large,H100,gemm,bf16,4096,8192,8192,672.8,1
aside,H100,gemm,bf16,4096,8192,8192,700,0
strange,Z80,gemm,bf16,4096,8192,8192,700,1
";

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command
        .args(["validate", "kernels"])
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn one_document_and_one_line_for_each_row() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("points.csv"), POINTS).unwrap();
    let output = gw(folder.path(), &["--points", "points.csv", "--csv", "out.csv", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["overall"]["count"], 1);
    assert_eq!(document["by"]["op_gpu"]["gemm/h100"]["count"], 1);
    assert_eq!(document["unscored"]["count"], 1);
    assert_eq!(document["skipped"][0]["id"], "strange");
    assert_eq!(document["worst"][0]["id"], "large");
    let coefficients = document["coefficients"].as_array().unwrap();
    assert!(coefficients.iter().all(|one| one["value"].is_f64() && one["meaning"].is_string()));
    let written = std::fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert_eq!(written.lines().next(), Some("id,metric,measured,predicted,low,high,error,scored,note"));
    assert_eq!(written.lines().count(), 4);
    assert!(written.contains("strange,time,0.0007,,,,,1,"), "{written}");
}

#[test]
fn a_table_with_every_group() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("points.csv"), POINTS).unwrap();
    let output = gw(folder.path(), &["--points", "points.csv"]);
    let printed = text(&output.stdout);
    for word in ["gemm/h100", "gemm/hopper", "median", "p90", "all scored rows", "furthest off", "Z80"] {
        assert!(printed.contains(word), "{word}:\n{printed}");
    }
}

#[test]
fn files_of_no_use_are_told_from_files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[u8], &str); 4] = [
        (b"", "empty"),
        (b"a,b\n1,2\n", "`gpu`"),
        (b"\xff\xfe\x00\n", "no column"),
        (b"op,gpu\n", "`time_us`"),
    ];
    for (bytes, word) in cases {
        std::fs::write(folder.path().join("points.csv"), bytes).unwrap();
        let output = gw(folder.path(), &["--points", "points.csv", "--csv", "out.csv"]);
        assert_eq!(output.status.code(), Some(2), "{word}");
        assert!(text(&output.stderr).contains(word), "{}", text(&output.stderr));
    }
    for missing in ["nowhere.csv", "."] {
        let output = gw(folder.path(), &["--points", missing, "--json"]);
        assert_eq!(output.status.code(), Some(4), "{missing}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["exit_code"], 4);
    }
    assert!(!folder.path().join("out.csv").exists());
}
