//! What `gw sweep` promises: the same table however it came about, mistakes told before the first run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gigawatt_report::columns::{Column, Kind, TableReader, in_memory};
use serde_json::Value;
use tempfile::TempDir;

fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name);
    path.to_string_lossy().into_owned()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.arg("sweep").arg(scenario("small.toml")).args(arguments);
    command.current_dir(folder).env("NO_COLOR", "1");
    command
}

fn sweep(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn temporary() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn table(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("sweep.parquet")).unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A column of numbers by its name.
fn numbers(folder: &Path, name: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(folder.join("sweep.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let at =
        manifest["columns"].as_array().unwrap().iter().position(|column| column["name"] == name).unwrap();
    let reader = TableReader::new(in_memory(table(folder))).unwrap();
    let mut values = Vec::new();
    for group in 0..reader.groups() {
        match reader.column(group, at, Kind::Number).unwrap() {
            Column::Numbers(numbers) => values.extend(numbers),
            _ => panic!("`{name}` holds no numbers"),
        }
    }
    values
}

/// A thousand runs over two inputs.
const THOUSAND: [&str; 10] = [
    "--vary",
    "site.hall.pue=1.05..1.5",
    "--vary",
    "purchase.h200.gpus=10 k..30 k",
    "--design",
    "lhs",
    "--runs",
    "1000",
    "--out",
    "out",
];

fn thousand<'a>(more: &[&'a str]) -> Vec<&'a str> {
    THOUSAND.iter().copied().chain(more.iter().copied()).collect()
}

mod files {
    use super::*;

    #[test]
    fn a_sweep_leaves_its_manifest_and_its_table() {
        let here = temporary();
        let output = sweep(here.path(), &thousand(&[]));
        assert_eq!(code(&output), 0, "{}", told(&output));
        let out = here.path().join("out");
        assert_eq!(names_in(&out), ["sweep.json", "sweep.parquet"]);
        let pue = numbers(&out, "site.hall.pue");
        assert_eq!(pue.len(), 1000);
        assert!(pue.iter().all(|pue| (1.05..1.5).contains(pue)));
    }

    #[test]
    fn threads_and_repetition_change_no_byte() {
        let here = temporary();
        sweep(here.path(), &thousand(&["--threads", "1"]));
        let one = table(&here.path().join("out"));
        let again = sweep(here.path(), &thousand(&["--threads", "2", "--json"]));
        let document: Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(document["computed"], 0, "a complete sweep is reused");
        std::fs::remove_dir_all(here.path().join("out")).unwrap();
        sweep(here.path(), &thousand(&["--threads", "3"]));
        assert!(one == table(&here.path().join("out")));
    }

    #[test]
    fn another_sweep_and_anything_else_are_left_alone() {
        let here = temporary();
        sweep(here.path(), &thousand(&[]));
        let before = table(&here.path().join("out"));
        let other = sweep(here.path(), &thousand(&["--seed", "8"]));
        assert_eq!(code(&other), 4);
        assert!(told(&other).contains("it holds another sweep"), "{}", told(&other));
        assert!(before == table(&here.path().join("out")));
        std::fs::create_dir(here.path().join("mine")).unwrap();
        std::fs::write(here.path().join("mine/thesis.txt"), "years of work").unwrap();
        let mut arguments = thousand(&[]);
        *arguments.last_mut().unwrap() = "mine";
        let output = sweep(here.path(), &arguments);
        assert_eq!(code(&output), 4);
        assert_eq!(names_in(&here.path().join("mine")), ["thesis.txt"]);
    }

    #[test]
    fn shards_in_any_order_make_the_same_table() {
        let here = temporary();
        sweep(here.path(), &thousand(&[]));
        let whole = table(&here.path().join("out"));
        std::fs::remove_dir_all(here.path().join("out")).unwrap();
        for shard in ["3/3", "1/3"] {
            let output = sweep(here.path(), &thousand(&["--shard", shard]));
            assert_eq!(code(&output), 0, "{}", told(&output));
            assert!(!here.path().join("out/sweep.parquet").exists());
        }
        sweep(here.path(), &thousand(&["--shard", "2/3"]));
        assert!(whole == table(&here.path().join("out")));
        assert_eq!(names_in(&here.path().join("out")), ["sweep.json", "sweep.parquet"]);
    }
}

mod interruption {
    use super::*;

    /// Kills a sweep after so many microseconds, as a power cut would.
    fn killed(here: &Path, after: u64) {
        let mut child = command(here, &thousand(&["--threads", "1"]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(after));
        // It may have finished before: then there is nothing to kill.
        let _ = child.kill();
        child.wait().unwrap();
    }

    #[test]
    fn what_is_killed_at_any_moment_goes_on_to_the_same_table() {
        let here = temporary();
        sweep(here.path(), &thousand(&[]));
        let out = here.path().join("out");
        let whole = table(&out);
        std::fs::remove_dir_all(&out).unwrap();
        // Moments that nobody chose: from the process's own number.
        let mut word = u64::from(std::process::id()) | 1;
        let (mut rounds, mut kept) = (0, 0);
        while !out.join("sweep.parquet").exists() && rounds < 200 {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            killed(here.path(), 2_000 + (word >> 33) % 60_000);
            let parts = std::fs::read_dir(out.join("parts")).map_or(0, |entries| {
                let whole = |name: &str| !name.starts_with(".gw-");
                entries.flatten().filter(|entry| whole(&entry.file_name().to_string_lossy())).count()
            });
            assert!(out.join("sweep.parquet").exists() || parts >= kept, "a finished part was lost");
            kept = parts;
            rounds += 1;
        }
        let output = sweep(here.path(), &thousand(&[]));
        assert_eq!(code(&output), 0, "{}", told(&output));
        assert!(whole == table(&out), "after {rounds} kills");
        assert_eq!(names_in(&out), ["sweep.json", "sweep.parquet"], "drafts are gone");
    }

    #[test]
    fn an_interrupted_sweep_says_that_it_goes_on() {
        let here = temporary();
        let mut arguments = thousand(&["--samples", "2000", "--threads", "1"]);
        arguments[7] = "4000";
        let child = command(here.path(), &arguments).stderr(Stdio::piped()).spawn().unwrap();
        // The handler is set when the folder is there.
        for _ in 0..2000 {
            if here.path().join("out/parts").exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 130, "{}", told(&output));
        assert!(told(&output).contains("the same command goes on from there"), "{}", told(&output));
    }
}

mod values {
    use super::*;

    const RESULT: [&str; 4] = ["--result", "facility.power.online@2025", "--out", "out"];

    #[test]
    fn a_point_is_the_scenario_with_its_values_set() {
        let here = temporary();
        let lists = ["--vary", "site.hall.pue=1.1,1.4", "--vary", "purchase.h200.gpus=10 k,20 k"];
        let arguments: Vec<&str> = lists.into_iter().chain(RESULT).collect();
        let output = sweep(here.path(), &arguments);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let found = numbers(&here.path().join("out"), "facility.power.online@2025");
        let mut expected = Vec::new();
        for pue in ["1.1", "1.4"] {
            for gpus in ["10 k", "20 k"] {
                let (pue, gpus) = (format!("site.hall.pue={pue}"), format!("purchase.h200.gpus={gpus}"));
                let run = Command::new(env!("CARGO_BIN_EXE_gw"))
                    .args([
                        "run",
                        &scenario("small.toml"),
                        "--samples",
                        "1",
                        "--set",
                        &pue,
                        "--set",
                        &gpus,
                        "--json",
                    ])
                    .current_dir(here.path())
                    .output()
                    .unwrap();
                let document: Value = serde_json::from_slice(&run.stdout).unwrap();
                let values = &document["results"]["facility.power.online"]["values"];
                expected.push(values["2025-12-31"]["reference"].as_f64().unwrap());
            }
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_resolved_anew_at_every_point_gives_the_same_numbers() {
        let here = temporary();
        let input = ["--vary", "site.hall.pue=1.05..1.5/7", "--samples", "20"];
        let direct: Vec<&str> = input.into_iter().chain(RESULT).collect();
        assert_eq!(code(&sweep(here.path(), &direct)), 0);
        let directly = numbers(&here.path().join("out"), "facility.power.online@2025.p50");
        std::fs::remove_dir_all(here.path().join("out")).unwrap();
        let resolved: Vec<&str> = direct.iter().copied().chain(["--vary", "description=one,other"]).collect();
        let output = sweep(here.path(), &resolved);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let found = numbers(&here.path().join("out"), "facility.power.online@2025.p50");
        assert_eq!(found, directly.iter().flat_map(|value| [*value, *value]).collect::<Vec<_>>());
    }

    #[test]
    fn a_claim_has_a_probability_at_every_point() {
        let here = temporary();
        let arguments = [
            "--vary",
            "site.hall.pue=1.1,1.4",
            "--samples",
            "200",
            "--result",
            "claim.a-million",
            "--out",
            "out",
        ];
        let output = sweep(here.path(), &arguments);
        assert_eq!(code(&output), 0, "{}", told(&output));
        assert_eq!(numbers(&here.path().join("out"), "claim.a-million.probability"), [0.0, 0.0]);
    }

    #[test]
    fn saltelli_says_which_input_matters() {
        let here = temporary();
        let arguments = [
            "--vary",
            "site.hall.pue=1.05..1.5",
            "--vary",
            "purchase.h200.gpus=10 k..11 k",
            "--design",
            "saltelli",
            "--runs",
            "256",
            "--json",
            "--result",
            "facility.power.online@2025",
            "--result",
            "buildout.gpus.owned@2025",
        ];
        let output = sweep(here.path(), &arguments);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["points"], 1024);
        let indices = |result: &str| document["results"][result]["indices"].as_array().unwrap().clone();
        let power = indices("facility.power.online@2025");
        assert_eq!(power[0]["input"], "site.hall.pue");
        assert!(power[0]["first"]["value"].as_f64().unwrap() > 0.5);
        let owned = indices("buildout.gpus.owned@2025");
        assert_eq!(owned[0]["input"], "purchase.h200.gpus");
        assert!((owned[0]["total"]["value"].as_f64().unwrap() - 1.0).abs() < 0.1);
        assert!(owned[1]["total"]["value"].as_f64().unwrap().abs() < 1e-9);
    }
}

mod mistakes {
    use super::*;

    /// Exit code 2, these words, and nothing written.
    fn refused(arguments: &[&str], words: &[&str]) {
        let here = temporary();
        let output = sweep(here.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", told(&output));
        for word in words {
            assert!(told(&output).contains(word), "{arguments:?} lacks {word:?}: {}", told(&output));
        }
        assert!(names_in(here.path()).is_empty(), "{arguments:?} wrote something");
    }

    #[test]
    fn of_values() {
        refused(&["--vary", "site.hall.pue="], &["`site.hall.pue` is given no value"]);
        refused(&["--vary", "site.hall.pue=1.1,,1.3"], &["a value is missing between commas"]);
        refused(&["--vary", "site.hall.pue=1.5..1.1/3"], &["does not rise"]);
        refused(&["--vary", "site.hall.pue=1.1..1.5/1000000000000000000"], &["steps are too many"]);
        refused(&["--vary", "site.hall.pue=1.1..1.5/1"], &["1 steps do not make a range"]);
        refused(&["--vary", "site.hall.pue=0.5,1.2"], &["`pue` is 0.5"]);
        refused(&["--vary", "site.hall.pue=1.1,many"], &["`pue`"]);
        refused(&["--vary", "site.hall.pue=1.1", "--vary", "site.hall.pue=1.2"], &["varies twice"]);
        refused(&["--vary", "name=a..b/3"], &["a range needs two numbers in one unit"]);
    }

    #[test]
    fn of_paths() {
        refused(&["--vary", "site.hal.pue=1.2"], &["did you mean `hall`?"]);
        refused(&["--vary", "site.hall.pu=1.2"], &["did you mean `pue`?"]);
        refused(&["--vary", "nonsense"], &["`nonsense` is not an uncertain input of this plan"]);
        refused(&["--vary", "=3"], &["a variation names no path"]);
        refused(
            &["--vary", "site.hall.pue=1.2", "--result", "facility.power.onlin"],
            &["there is no result `facility.power.onlin`", "did you mean `facility.power.online`?"],
        );
        refused(
            &["--vary", "site.hall.pue=1.2", "--result", "facility.power.online@2055"],
            &["`facility.power.online` is not computed for 2055"],
        );
        refused(
            &["--vary", "site.hall.pue=1.2", "--result", "claim.a-milion"],
            &["did you mean `claim.a-million`?"],
        );
    }

    #[test]
    fn of_designs() {
        let range = ["--vary", "site.hall.pue=1.1..1.5"];
        let with = |more: &[&'static str]| -> Vec<&'static str> {
            range.into_iter().chain(more.iter().copied()).collect()
        };
        refused(&with(&[]), &["has no steps", "--design"]);
        refused(&with(&["--design", "grid"]), &["has no steps"]);
        refused(&with(&["--design", "sobol"]), &["needs a number of runs"]);
        refused(&with(&["--design", "lhs", "--runs", "0"]), &["needs a number of runs"]);
        refused(
            &with(&["--design", "lhs", "--runs", "1000000000000000000"]),
            &["1000000000000000000 runs", "at most"],
        );
        refused(
            &with(&["--design", "saltelli", "--runs", "18000000000000000000"]),
            &["more runs than can be counted"],
        );
        refused(
            &[
                "--vary",
                "site.hall.pue=1.1..1.5/1000",
                "--vary",
                "purchase.h200.gpus=1 k..2 k/1000",
                "--vary",
                "site.hall.utilisation=0.5..0.9/1000",
            ],
            &["1000000000 runs, at most 10000000"],
        );
        refused(&["--vary", "site.hall.pue=1.1,1.2", "--runs", "5"], &["as many runs as its values give"]);
        refused(
            &["--vary", "site.hall.pue=1.1,1.2", "--vary", "purchase.h200.gpus=1 k", "--design", "list"],
            &["has 2 values and", "has 1"],
        );
    }

    #[test]
    fn of_shards() {
        let with = |shard: &'static str| ["--vary", "site.hall.pue=1.1,1.2", "--shard", shard];
        refused(&with("5/4"), &["shard 5 of 4 does not exist"]);
        refused(&with("0/4"), &["shard 0 of 4 does not exist"]);
        refused(&with("1/0"), &["1 to 65,536 processes"]);
        refused(&with("1"), &["NUMBER/OF"]);
        refused(&with("one/4"), &["NUMBER/OF"]);
    }
}

/// Folders of sweeps are named like those of runs.
#[test]
fn the_folder_is_named_after_scenario_and_sweep() {
    let here = temporary();
    let output = sweep(here.path(), &["--vary", "site.hall.pue=1.1,1.2", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = PathBuf::from("sweeps").join(format!("small-{}", document["sweep"].as_str().unwrap()));
    assert_eq!(document["folder"], expected.to_string_lossy().into_owned());
    assert!(here.path().join(expected).join("sweep.parquet").exists());
}
