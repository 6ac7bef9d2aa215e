//! What happens where results cannot be written: exit codes that say so, and nothing half-written.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn small() -> OsString {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/small.toml").into()
}

/// `gw run` of the small scenario with a few draws.
fn run(folder: &Path, out: &OsStr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.arg("run").arg(small()).args(["--samples", "50", "--out"]).arg(out);
    command.current_dir(folder).env("NO_COLOR", "1");
    command
}

/// A command line of the shell, with `gw` as `$0` and the small scenario as `$1`.
fn shell(folder: &Path, line: &str) -> Output {
    let mut command = Command::new("bash");
    command.args(["-c", line, env!("CARGO_BIN_EXE_gw")]).arg(small());
    command.current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn names_in(folder: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// A folder of results is whole.
fn assert_whole(folder: &Path) {
    let text = std::fs::read_to_string(folder.join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert!(summary["results"].is_object());
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(report.trim_end().ends_with("</html>"));
}

#[test]
fn a_disk_that_fills_up_leaves_nothing() {
    let here = tempfile::tempdir().unwrap();
    // A file may grow to 8 KiB and not further, which to a program is a full disk.
    let output = shell(here.path(), "trap '' XFSZ; ulimit -f 8; exec \"$0\" run \"$1\" --out out");
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    assert!(told(&output).contains("cannot write `out/summary.json`"), "{}", told(&output));
    assert!(names_in(here.path()).is_empty(), "{:?}", names_in(here.path()));
}

#[test]
fn a_place_where_nobody_may_write_is_told() {
    let here = tempfile::tempdir().unwrap();
    // Not even the superuser makes folders there.
    let output = run(here.path(), OsStr::new("/proc/gigawatt/out")).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(told(&output).contains("cannot write `/proc/gigawatt`"), "{}", told(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_output_that_is_full_exits_4() {
    let here = tempfile::tempdir().unwrap();
    for line in [
        "check \"$1\"",
        "check \"$1\" --json",
        "explain \"$1\"",
        "schema",
        "man",
        "completions bash",
        "--help",
    ] {
        let output = shell(here.path(), &format!("exec \"$0\" {line} > /dev/full"));
        assert_eq!(output.status.code(), Some(4), "{line}: {}", told(&output));
        assert!(told(&output).contains("cannot write to standard output"), "{line}: {}", told(&output));
    }
}

#[test]
fn a_reader_that_takes_one_byte_is_no_crash() {
    let here = tempfile::tempdir().unwrap();
    for line in ["run \"$1\" --json", "explain \"$1\" --json", "schema", "completions zsh", "new -"] {
        let output =
            shell(here.path(), &format!("\"$0\" {line} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"));
        // What fits into the pipe is written before the reader goes.
        assert!(matches!(output.status.code(), Some(0 | 4)), "{line}: {:?}", output.status);
        assert_eq!(told(&output), "", "{line}");
    }
}

#[test]
fn odd_names_are_names() {
    let here = tempfile::tempdir().unwrap();
    let names: [&[u8]; 5] = [b"two words", "über ☃".as_bytes(), b"a\x1b[31m\nb", b"-dash", b"caf\xe9"];
    for name in names {
        let name = OsStr::from_bytes(name);
        let mut out = OsString::from("./");
        out.push(name);
        let output = run(here.path(), &out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name:?}: {}", told(&output));
        assert!(!output.stdout.contains(&0x1b), "{name:?} steers the terminal");
        assert_whole(&here.path().join(name));
        let output = run(here.path(), &out).arg("--json").output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["reused"], true, "{name:?}");
    }
}

#[test]
fn a_scenario_with_an_odd_name_is_read() {
    let here = tempfile::tempdir().unwrap();
    for name in [&b"caf\xe9.toml"[..], b"two words.toml", b"--.toml"] {
        let path = here.path().join(OsStr::from_bytes(name));
        std::fs::copy(small(), &path).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_gw")).arg("check").arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name:?}: {}", told(&output));
    }
}

#[test]
fn runs_into_one_folder_at_once_leave_one_whole_result() {
    let here = tempfile::tempdir().unwrap();
    let start = |_| {
        let mut command = run(here.path(), OsStr::new("out"));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = (0..6).map(start).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    }
    assert_eq!(names_in(here.path()), ["out"], "drafts are left");
    assert_whole(&here.path().join("out"));
}

#[test]
fn other_runs_into_one_folder_at_once_leave_one_whole_result_and_are_told() {
    let here = tempfile::tempdir().unwrap();
    let start = |seed: u32| {
        let mut command = run(here.path(), OsStr::new("out"));
        command.args(["--seed", &seed.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = (0..4).map(start).collect();
    let codes: Vec<Option<i32>> =
        children.into_iter().map(|child| child.wait_with_output().unwrap().status.code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 4))), "{codes:?}");
    assert_eq!(names_in(here.path()), ["out"], "drafts are left");
    assert_whole(&here.path().join("out"));
}

/// Waits until a process handles interruptions, which it does before its first draw.
#[cfg(target_os = "linux")]
fn until_it_listens(process: u32) {
    const INTERRUPT: u64 = 1 << 1;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & INTERRUPT != 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[cfg(not(target_os = "linux"))]
fn until_it_listens(_process: u32) {
    std::thread::sleep(std::time::Duration::from_secs(2));
}

#[test]
fn a_termination_is_an_interruption() {
    let here = tempfile::tempdir().unwrap();
    for signal in ["-INT", "-TERM", "-HUP"] {
        let child = Command::new(env!("CARGO_BIN_EXE_gw"))
            .arg("run")
            .arg(small())
            .args(["--samples", "100000", "--threads", "1", "--set", "period='2025..2049'", "--out", "out"])
            .current_dir(here.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until_it_listens(child.id());
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}: {}", told(&output));
        assert!(told(&output).contains("interrupted, nothing was written"), "{}", told(&output));
        assert!(names_in(here.path()).is_empty(), "{signal} left {:?}", names_in(here.path()));
    }
}
