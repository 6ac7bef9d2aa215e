//! What the commands promise: exit codes, one JSON document, results written whole or not at all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name);
    path.to_string_lossy().into_owned()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command
}

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The only JSON document on standard output: anything before or after it is an error.
fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("not one JSON document ({error}):\n{}\n{}", printed(output), told(output))
    })
}

fn claim<'a>(document: &'a Value, name: &str) -> &'a Value {
    let claims = document["claims"].as_array().unwrap();
    claims.iter().find(|claim| claim["name"] == name).unwrap()
}

fn temporary() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

mod check {
    use super::*;

    #[test]
    fn exits_0_where_every_claim_that_counts_holds() {
        let here = temporary();
        let output = gw(here.path(), &["check", &scenario("small.toml")]);
        assert_eq!(code(&output), 0, "{}", printed(&output));
        assert!(printed(&output).contains("every claim that counts holds"));
        assert!(names_in(here.path()).is_empty(), "check writes no files");
    }

    #[test]
    fn exits_1_and_names_the_claims_that_do_not_hold() {
        let here = temporary();
        let output = gw(here.path(), &["check", &scenario("failing.toml"), "--json"]);
        assert_eq!(code(&output), 1);
        let document = document(&output);
        assert_eq!(document["passed"], false);
        assert_eq!(document["open"], serde_json::json!(["gpus", "power"]));
        assert_eq!(claim(&document, "gpus")["verdict"], "fails");
        assert_eq!(claim(&document, "power")["verdict"], "undecided");
    }

    #[test]
    fn exits_2_where_the_scenario_is_wrong() {
        let here = temporary();
        let output = gw(here.path(), &["check", &scenario("small.toml"), "--set", "site.hall.pue=0.5"]);
        assert_eq!(code(&output), 2);
        assert!(output.stdout.is_empty());
        assert!(told(&output).contains("`pue` is 0.5"), "{}", told(&output));
    }

    #[test]
    fn a_claim_about_its_own_input_restates_it() {
        let here = temporary();
        let document = document(&gw(here.path(), &["check", &scenario("small.toml"), "--json"]));
        assert_eq!(claim(&document, "hopper-restated")["verdict"], "restates_input");
        let table = printed(&gw(here.path(), &["check", &scenario("small.toml")]));
        assert!(table.contains("restates an input"), "{table}");
    }

    #[test]
    fn the_same_claim_of_somebody_else_is_judged() {
        let here = temporary();
        let other = "claim.hopper-restated.source=stargate-2025-01-21";
        let document =
            document(&gw(here.path(), &["check", &scenario("small.toml"), "--json", "--set", other]));
        assert_eq!(claim(&document, "hopper-restated")["verdict"], "holds");
    }

    #[test]
    fn an_informative_claim_fails_without_failing_the_check() {
        let here = temporary();
        let output = gw(here.path(), &["check", &scenario("small.toml"), "--json"]);
        assert_eq!(claim(&document(&output), "a-million")["verdict"], "fails");
        assert_eq!(code(&output), 0);
        let counts = "claim.a-million.informative=false";
        let output = gw(here.path(), &["check", &scenario("small.toml"), "--json", "--set", counts]);
        assert_eq!(document(&output)["open"], serde_json::json!(["a-million"]));
        assert_eq!(code(&output), 1);
    }

    #[test]
    fn what_nothing_here_computes_is_not_judged() {
        let here = temporary();
        let document = document(&gw(here.path(), &["check", &scenario("small.toml"), "--json"]));
        assert_eq!(claim(&document, "useful")["verdict"], "not_judged");
        assert!(claim(&document, "useful")["probability"].is_null());
    }

    #[test]
    fn hindsight_admits_what_became_known_later() {
        let here = temporary();
        let output = gw(here.path(), &["check", &scenario("early.toml")]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("was not known on 2023-06-30"), "{}", told(&output));
        let output = gw(here.path(), &["check", &scenario("early.toml"), "--hindsight"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
    }
}

mod run {
    use super::*;

    /// Runs the small scenario into a folder and returns summary.json and report.html.
    fn files(here: &Path, name: &str, arguments: &[&str]) -> (String, String) {
        let scenario = scenario("small.toml");
        let mut all = vec!["run", scenario.as_str(), "--out", name];
        all.extend_from_slice(arguments);
        let output = gw(here, &all);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let read = |file: &str| std::fs::read_to_string(here.join(name).join(file)).unwrap();
        (read("summary.json"), read("report.html"))
    }

    fn results(summary: &str) -> Value {
        serde_json::from_str::<Value>(summary).unwrap()["results"].clone()
    }

    #[test]
    fn writes_its_results_below_runs_unless_told_where() {
        let here = temporary();
        let output = gw(here.path(), &["run", &scenario("small.toml"), "--json"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let document = document(&output);
        let folder = PathBuf::from(document["folder"].as_str().unwrap());
        assert!(folder.starts_with("runs"), "{}", folder.display());
        assert_eq!(
            names_in(&here.path().join(&folder)),
            ["charts", "report.html", "results", "summary.json"]
        );
        assert_eq!(names_in(&here.path().join("runs")).len(), 1, "no drafts are left");
    }

    #[test]
    fn another_scenario_stands_beside_and_makes_another_report() {
        let here = temporary();
        let (small, larger) = (scenario("small.toml"), scenario("larger.toml"));
        let beside = ["run", small.as_str(), "--beside", larger.as_str(), "--json"];
        let first = document(&gw(here.path(), &beside));
        assert_eq!(document(&gw(here.path(), &beside))["reused"], true);
        let alone = document(&gw(here.path(), &["run", &small, "--json"]));
        assert_ne!(first["folder"], alone["folder"], "the report is another one");
        assert_eq!(first["results"], alone["results"]);
        let output = gw(here.path(), &[&beside[..], &["--out", alone["folder"].as_str().unwrap()]].concat());
        assert_eq!(code(&output), 4, "a report without it is left alone");
    }

    #[test]
    fn a_complete_identical_result_is_reused() {
        let here = temporary();
        let arguments = ["run", &scenario("small.toml"), "--json"];
        let first = document(&gw(here.path(), &arguments));
        let summary = here.path().join(first["folder"].as_str().unwrap()).join("summary.json");
        let written = std::fs::metadata(&summary).unwrap().modified().unwrap();
        let second = document(&gw(here.path(), &arguments));
        assert_eq!(first["reused"], false);
        assert_eq!(second["reused"], true);
        assert_eq!(first["results"], second["results"]);
        assert_eq!(std::fs::metadata(&summary).unwrap().modified().unwrap(), written);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
        let here = temporary();
        let one = files(here.path(), "one", &["--threads", "1"]);
        let two = files(here.path(), "two", &["--threads", "2"]);
        assert_eq!(one.0, two.0, "summary.json");
        assert_eq!(one.1, two.1, "report.html");
    }

    #[test]
    fn another_seed_gives_other_draws_of_the_same_plan() {
        let here = temporary();
        let (one, two) = (files(here.path(), "one", &[]).0, files(here.path(), "two", &["--seed", "8"]).0);
        let (one, two) = (results(&one), results(&two));
        assert_ne!(one, two);
        let reference =
            |results: &Value| results["buildout.gpus.owned"]["values"]["2025-12-31"]["reference"].clone();
        assert!(reference(&one).is_number());
        assert_eq!(reference(&one), reference(&two), "the reference case draws nothing");
    }

    #[test]
    fn results_hold_neither_place_nor_version_nor_clock() {
        let here = temporary();
        let (summary, _) = files(here.path(), "out", &[]);
        for foreign in [
            env!("CARGO_MANIFEST_DIR"),
            &here.path().to_string_lossy(),
            env!("CARGO_PKG_VERSION"),
            "tests/scenarios",
        ] {
            assert!(!summary.contains(foreign), "summary.json holds `{foreign}`");
        }
        let time = |bytes: &[u8]| matches!(bytes, [a, b, b':', c, d, b':', e, f] if [a, b, c, d, e, f].iter().all(|byte| byte.is_ascii_digit()));
        assert!(!summary.as_bytes().windows(8).any(time), "summary.json holds a clock time");
        assert!(summary.contains("small.toml:"), "inputs name the line they were written in");
    }

    #[test]
    fn a_setting_changes_the_result_and_shows_both() {
        let here = temporary();
        let more = ["run", &scenario("small.toml"), "--set", "purchase.h200.gpus=8_000"];
        let text = printed(&gw(here.path(), &more));
        assert!(text.contains("before") && text.contains("after"), "{text}");
        let document = document(&gw(here.path(), &[&more[..], &["--json"]].concat()));
        let change = &document["changes"]["results"]["buildout.gpus.owned@2025-12-31"];
        assert_eq!(change["after"]["p50"], 10_000.0);
        assert!(change["before"]["p50"].as_f64().unwrap() < 8_000.0);
        assert_eq!(document["inputs"]["purchase.h200.gpus"]["origin"], "setting");
    }

    #[test]
    fn a_fact_of_the_catalogue_can_be_set() {
        let here = temporary();
        let set = ["run", &scenario("small.toml"), "--json", "--set", "system.hgx-h200.power=20 kW"];
        let document = document(&gw(here.path(), &set));
        assert_eq!(document["inputs"]["system.hgx-h200.power"]["distribution"]["value"], 20_000.0);
        assert!(document["changes"]["results"]["buildout.power.online@2025-12-31"].is_object());
    }

    #[test]
    fn a_setting_that_leads_nowhere_exits_2_and_suggests() {
        let here = temporary();
        let cases = [
            ("purchase.h20.gpus=5", "did you mean `h200`?"),
            ("purchase.h200.gpu=5", "did you mean `gpus`?"),
            ("system.hgx-h20.power=5 kW", "did you mean `system.hgx-h200.power`?"),
            ("nothing=5", "expected one of"),
            ("purchase.h200.gpus", "path=value"),
        ];
        for (setting, help) in cases {
            let output = gw(here.path(), &["run", &scenario("small.toml"), "--set", setting]);
            assert_eq!(code(&output), 2, "{setting}");
            assert!(told(&output).contains(help), "{setting}:\n{}", told(&output));
            assert!(names_in(here.path()).is_empty(), "{setting} wrote something");
        }
    }

    #[test]
    fn a_folder_with_anything_else_is_left_alone() {
        let here = temporary();
        let folder = here.path().join("mine");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("summary.json"), "{ \"run\": \"another\" }").unwrap();
        std::fs::write(folder.join("notes.txt"), "years of work").unwrap();
        let output = gw(here.path(), &["run", &scenario("small.toml"), "--out", "mine"]);
        assert_eq!(code(&output), 4);
        assert!(told(&output).contains("it holds something else, which was left alone"), "{}", told(&output));
        assert_eq!(std::fs::read_to_string(folder.join("notes.txt")).unwrap(), "years of work");
        assert_eq!(names_in(&folder), ["notes.txt", "summary.json"]);
        assert_eq!(names_in(here.path()), ["mine"], "no drafts are left");
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_left_alone() {
        let here = temporary();
        std::fs::write(here.path().join("mine"), "a file").unwrap();
        let output = gw(here.path(), &["run", &scenario("small.toml"), "--out", "mine"]);
        assert_eq!(code(&output), 4, "{}", told(&output));
        assert_eq!(std::fs::read_to_string(here.path().join("mine")).unwrap(), "a file");
    }

    #[test]
    fn an_empty_folder_is_used() {
        let here = temporary();
        std::fs::create_dir(here.path().join("empty")).unwrap();
        let (summary, _) = files(here.path(), "empty", &[]);
        assert!(results(&summary).is_object());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_written_exits_4() {
        use std::os::unix::fs::PermissionsExt;
        let here = temporary();
        let closed = here.path().join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
        // Permissions do not bind whoever may do everything.
        if std::fs::write(closed.join("probe"), "").is_ok() {
            return;
        }
        let output = gw(here.path(), &["run", &scenario("small.toml"), "--out", "closed/out"]);
        assert_eq!(code(&output), 4);
        assert!(told(&output).contains("permission denied"), "{}", told(&output));
    }

    #[cfg(unix)]
    #[test]
    fn an_interrupted_run_exits_130_and_leaves_nothing() {
        let here = temporary();
        let scenario = scenario("small.toml");
        let long = ["--samples", "100000", "--threads", "1", "--set", "period='2025..2049'"];
        let child = command(here.path(), &[&["run", &scenario, "--out", "out"], &long[..]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The handler is set before the first draw; all of them take much longer than this.
        std::thread::sleep(std::time::Duration::from_millis(500));
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 130, "{}", told(&output));
        assert!(names_in(here.path()).is_empty(), "something was written");
    }
}

mod explain {
    use super::*;

    #[test]
    fn lists_results_and_inputs_without_a_path() {
        let here = temporary();
        let document = document(&gw(here.path(), &["explain", &scenario("small.toml"), "--json"]));
        assert_eq!(document["results"]["buildout.gpus.owned"]["unit"], "1");
        assert_eq!(document["inputs"]["purchase.h200.gpus"]["origin"], "scenario");
    }

    #[test]
    fn follows_a_result_back_to_its_inputs() {
        let here = temporary();
        let arguments = ["explain", &scenario("small.toml"), "buildout.gpus.owned"];
        let document = document(&gw(here.path(), &[&arguments[..], &["--json"]].concat()));
        let inputs: Vec<&str> = document["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|input| input["path"].as_str().unwrap())
            .collect();
        assert_eq!(inputs[0], "purchase.h200.gpus", "the most influential first");
        assert!(inputs.contains(&"opening.hopper.gpus"));
        assert!(!inputs.contains(&"electricity.us-industrial.price"), "the price of power buys no GPU");
        let text = printed(&gw(here.path(), &arguments));
        assert!(text.contains("purchase.h200.gpus") && text.contains("small.toml:"), "{text}");
    }

    #[test]
    fn follows_an_input_to_its_source_and_to_what_it_moves() {
        let here = temporary();
        let arguments = ["explain", &scenario("small.toml"), "opening.hopper.gpus", "--json"];
        let document = document(&gw(here.path(), &arguments));
        assert_eq!(document["path"], "opening.hopper.gpus");
        assert_eq!(document["input"]["unit"], "1");
        assert_eq!(document["source"]["publisher"], "Meta");
        let moves = document["moves"].as_array().unwrap();
        assert!(moves.iter().any(|moved| moved["path"] == "buildout.gpus.owned"));
    }

    #[test]
    fn shows_the_shape_of_an_input_and_what_it_moves_with() {
        let here = temporary();
        let text = |path: &str| printed(&gw(here.path(), &["explain", &scenario("shapes.toml"), path]));
        let pue = text("site.hall.pue");
        assert!(pue.contains("120 % (normal p10 114 % – p90 126 %, at least 100 %)"), "{pue}");
        assert!(pue.contains("site.hall.online.2024-12-31, correlation -0.60 (hall)"), "{pue}");
        let utilisation = text("site.hall.utilisation");
        assert!(utilisation.contains("75.0 % (uniform 60.0 – 90.0 %)"), "{utilisation}");
        assert!(!utilisation.contains("moves with"), "{utilisation}");
        let arguments = ["explain", &scenario("shapes.toml"), "purchase.first.gpus", "--json"];
        let document = document(&gw(here.path(), &arguments));
        let written = serde_json::json!({ "median": 8000.0, "factor": 1.3, "high": 15000.0 });
        assert_eq!(document["input"]["distribution"], written);
        let partners = document["moves_with"].as_array().unwrap();
        assert_eq!(partners.len(), 2);
        assert!((partners[1]["correlation"].as_f64().unwrap() - 0.2).abs() < 1e-12, "{partners:?}");
    }

    #[test]
    fn an_unknown_path_exits_2_and_suggests() {
        let here = temporary();
        let arguments = ["explain", &scenario("small.toml"), "buildout.gpu.owned"];
        let output = gw(here.path(), &arguments);
        assert_eq!(code(&output), 2);
        assert!(output.stdout.is_empty());
        assert!(told(&output).contains("did you mean `buildout.gpus.owned`?"), "{}", told(&output));
        let output = gw(here.path(), &[&arguments[..], &["--json"]].concat());
        assert_eq!(document(&output)["errors"][0]["help"], "did you mean `buildout.gpus.owned`?");
    }

    #[test]
    fn hindsight_takes_the_newest_vintage_of_a_fact() {
        let here = temporary();
        let path = "system.hgx-h200.price_per_accelerator";
        let arguments = ["explain", &scenario("small.toml"), path, "--json"];
        let then = document(&gw(here.path(), &arguments));
        let now = document(&gw(here.path(), &[&arguments[..], &["--hindsight"]].concat()));
        let known_from = |document: &Value| document["input"]["known_from"].as_str().unwrap().to_owned();
        assert!(known_from(&then).as_str() <= "2025-01-24");
        assert!(known_from(&now).as_str() > "2025-01-24");
        assert_ne!(then["input"]["distribution"], now["input"]["distribution"]);
    }
}

mod every_command {
    use super::*;

    const COMMANDS: [&str; 3] = ["run", "check", "explain"];

    #[test]
    fn writes_one_json_document_and_nothing_beside_it() {
        let here = temporary();
        for name in COMMANDS {
            let output = gw(here.path(), &[name, &scenario("small.toml"), "--json"]);
            assert_eq!(code(&output), 0, "{name}");
            assert!(document(&output).is_object(), "{name}");
            assert_eq!(told(&output), "", "{name}");
        }
    }

    #[test]
    fn tells_an_error_as_one_json_document() {
        let here = temporary();
        let broken = scenario("../broken/unit_missing.toml");
        for name in COMMANDS {
            let output = gw(here.path(), &[name, &broken, "--json"]);
            assert_eq!(code(&output), 2, "{name}");
            assert_eq!(told(&output), "", "{name}");
            let document = document(&output);
            assert_eq!(document["exit_code"], 2, "{name}");
            let place = &document["errors"][0]["places"][0];
            assert_eq!(place["place"], "unit_missing.toml:5", "{name}");
            assert_eq!(place["text"], "50", "{name}");
        }
    }

    #[test]
    fn says_nothing_on_standard_error_when_quiet() {
        let here = temporary();
        for name in COMMANDS {
            let output = gw(here.path(), &[name, &scenario("small.toml"), "--quiet"]);
            assert_eq!(code(&output), 0, "{name}");
            assert_eq!(told(&output), "", "{name}");
            assert!(!output.stdout.is_empty(), "{name}: quiet is about notes, not about results");
        }
    }

    #[test]
    fn tells_errors_even_when_quiet() {
        let here = temporary();
        let output = gw(here.path(), &["check", &scenario("../broken/unit_missing.toml"), "--quiet"]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("has no unit"), "{}", told(&output));
    }

    #[test]
    fn a_missing_scenario_exits_4_and_suggests() {
        let here = temporary();
        for name in COMMANDS {
            let output = gw(here.path(), &[name, &scenario("smal.toml")]);
            assert_eq!(code(&output), 4, "{name}");
            assert!(output.stdout.is_empty(), "{name}");
            let told = told(&output);
            assert!(
                told.contains("there is no such file") && told.contains("small.toml`?"),
                "{name}: {told}"
            );
            let output = gw(here.path(), &[name, &scenario("smal.toml"), "--json"]);
            assert_eq!(document(&output)["exit_code"], 4, "{name}");
        }
    }

    #[test]
    fn a_reader_that_has_gone_is_no_crash() {
        let here = temporary();
        for name in COMMANDS {
            for json in [&[][..], &["--json"]] {
                let scenario = scenario("small.toml");
                let mut child = command(here.path(), &[&[name, scenario.as_str()], json].concat())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                drop(child.stdout.take());
                let output = child.wait_with_output().unwrap();
                assert_eq!(code(&output), 4, "{name} {json:?}: {}", told(&output));
                assert_eq!(told(&output), "", "{name} {json:?}");
            }
        }
    }

    #[test]
    fn a_wrong_command_line_exits_2() {
        let here = temporary();
        let small = scenario("small.toml");
        for arguments in [
            &["check"][..],
            &["chekc", &small],
            &["check", &small, "--frobnicate"],
            &["check", &small, "--samples", "0"],
            &["check", &small, "--samples", "1000000000000000000"],
            &["check", &small, "--threads", "0"],
            &["check", &small, "--seed", "-1"],
        ] {
            let output = gw(here.path(), arguments);
            assert_eq!(code(&output), 2, "{arguments:?}");
            assert!(output.stdout.is_empty(), "{arguments:?}");
        }
    }

    #[test]
    fn help_tells_flags_and_exit_codes() {
        let here = temporary();
        let output = gw(here.path(), &["--help"]);
        assert_eq!(code(&output), 0);
        for name in COMMANDS {
            assert!(printed(&output).contains(name), "{name} is not in the help");
        }
        for name in COMMANDS {
            let output = gw(here.path(), &[name, "--help"]);
            assert_eq!(code(&output), 0, "{name}");
            let help = printed(&output);
            let words = ["--set", "--hindsight", "--seed", "--samples", "--json", "--quiet", "--threads"];
            for word in words.into_iter().chain(["Exit codes:", "130  interrupted"]) {
                assert!(help.contains(word), "{name} --help does not mention {word}:\n{help}");
            }
        }
    }
}

mod compare {
    use super::*;

    fn compared(here: &Path, more: &[&str]) -> Value {
        let (small, other) = (scenario("small.toml"), scenario("larger.toml"));
        let arguments =
            [&["compare", small.as_str(), other.as_str(), "--samples", "200", "--json"], more].concat();
        let output = gw(here, &arguments);
        assert_eq!(code(&output), 0, "{}", told(&output));
        document(&output)
    }

    #[test]
    fn what_differs_stands_in_order_and_names_what_moves_it() {
        let here = temporary();
        let document = compared(here.path(), &[]);
        let results = document["results"].as_array().unwrap();
        let owned = results.iter().find(|result| result["path"] == "buildout.gpus.owned").unwrap();
        assert_eq!(owned["main"]["when"], "2025-12-31");
        assert_eq!(owned["moved_by"][0]["input"], "purchase.h200.gpus");
        assert_eq!(owned["moved_by"][0]["computed"], true);
        let effect = owned["moved_by"][0]["effect"].as_f64().unwrap();
        let reference = |run: usize| owned["main"]["values"][run]["reference"].as_f64().unwrap();
        assert!((effect - (reference(1) - reference(0))).abs() < 1e-6, "the only cause explains all of it");
        let first: Vec<bool> = results.iter().map(|result| result["stands_first"] == true).collect();
        assert!(first.is_sorted_by(|a, b| a >= b), "headlines and what claims judge stand first");
        assert_eq!(document["inputs"][0]["path"], "purchase.h200.gpus");
        let sources = document["inputs"].as_array().unwrap().iter();
        assert!(
            sources.clone().any(|input| input["value_differs"] == false && input["source_differs"] == true)
        );
    }

    #[test]
    fn claims_that_are_judged_differently_and_what_only_one_has_are_told() {
        let here = temporary();
        let document = compared(here.path(), &[]);
        let claims = document["claims"].as_array().unwrap();
        assert!(claims.iter().any(|claim| claim["verdict_differs"] == true), "{claims:?}");
        let only = document["only"].as_array().unwrap();
        assert!(only.iter().any(|only| only["runs"] == "B" && only["what"] == "inputs"), "{only:?}");
        let text = printed(&gw(here.path(), &["compare", &scenario("small.toml"), &scenario("larger.toml")]));
        assert!(text.contains("only in B: results:") && text.contains("second-hall"), "{text}");
    }

    #[test]
    fn a_finished_run_is_the_same_as_its_scenario() {
        let here = temporary();
        let small = scenario("small.toml");
        assert_eq!(code(&gw(here.path(), &["run", &small, "--out", "done"])), 0);
        for run in ["done", "done/summary.json"] {
            let output = gw(here.path(), &["compare", run, &small, "--json"]);
            let document = document(&output);
            assert_eq!(document["results"], serde_json::json!([]), "{run}");
            assert_eq!(document["inputs"], serde_json::json!([]), "{run}");
            assert!(document["common_results"].as_u64().unwrap() > 10, "{run}");
        }
        let text = printed(&gw(here.path(), &["compare", "done", "done"]));
        assert!(text.contains("nothing differs"), "{text}");
    }

    #[test]
    fn finished_runs_are_explained_by_their_sensitivities() {
        let here = temporary();
        for (name, out) in [("small.toml", "a"), ("larger.toml", "b")] {
            assert_eq!(code(&gw(here.path(), &["run", &scenario(name), "--out", out])), 0);
        }
        let document = document(&gw(here.path(), &["compare", "a", "b", "--json"]));
        let results = document["results"].as_array().unwrap();
        let moved = results.iter().filter_map(|result| result["moved_by"].as_array()).flatten();
        let estimates: Vec<_> = moved.collect();
        assert!(!estimates.is_empty() && estimates.iter().all(|mover| mover["computed"] == false));
    }

    #[test]
    fn a_page_is_written_over_a_page_and_over_nothing_else() {
        let here = temporary();
        for _ in 0..2 {
            compared(here.path(), &["--html", "page.html"]);
        }
        let page = std::fs::read_to_string(here.path().join("page.html")).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && !page.contains("<script"));
        assert_eq!(names_in(here.path()), ["page.html"], "no drafts are left");
        std::fs::write(here.path().join("mine.html"), "years of work").unwrap();
        let small = scenario("small.toml");
        let output = gw(here.path(), &["compare", &small, &small, "--html", "mine.html"]);
        assert_eq!(code(&output), 4);
        assert!(told(&output).contains("left alone"), "{}", told(&output));
        assert_eq!(std::fs::read_to_string(here.path().join("mine.html")).unwrap(), "years of work");
    }

    #[test]
    fn wrong_arguments_are_told() {
        let here = temporary();
        let small = scenario("small.toml");
        std::fs::write(here.path().join("other.json"), "{ \"run\": 5 }").unwrap();
        std::fs::write(here.path().join("binary.json"), [0xff, 0xfe, 0x00]).unwrap();
        std::fs::create_dir(here.path().join("empty")).unwrap();
        let broken = scenario("../broken/unit_missing.toml");
        for (run, expected, says) in [
            ("other.json", 2, "is no summary of a run"),
            ("binary.json", 2, "is no text"),
            ("empty", 4, "name a scenario, a folder that `gw run` wrote"),
            ("missing.toml", 4, "there is no such file"),
            (broken.as_str(), 2, "has no unit"),
        ] {
            let output = gw(here.path(), &["compare", &small, run]);
            assert_eq!(code(&output), expected, "{run}: {}", told(&output));
            assert!(told(&output).contains(says), "{run}: {}", told(&output));
            let output = gw(here.path(), &["compare", &small, run, "--json"]);
            assert_eq!(document(&output)["exit_code"], expected, "{run}");
            assert_eq!(told(&output), "", "{run}");
        }
        assert_eq!(code(&gw(here.path(), &["compare", &small])), 2, "one run has nothing beside it");
    }
}
