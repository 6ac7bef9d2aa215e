//! Starters, completions, manual pages, and what is told of a wrong command line.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
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

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn starters(folder: &Path) -> Vec<String> {
    let document = document(&gw(folder, &["new", "--list", "--json"]));
    let starters = document["starters"].as_array().unwrap();
    starters.iter().map(|starter| starter["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_starter_runs_as_it_is() {
    let here = tempfile::tempdir().unwrap();
    let names = starters(here.path());
    assert!(names.contains(&"starter".to_owned()), "{names:?}");
    for name in names {
        let file = format!("{name}.toml");
        let output = gw(here.path(), &["new", &file, "--from", &name]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        assert!(output.stdout.is_empty() && told(&output).contains(&format!("gw run {file}")));
        let output = gw(here.path(), &["run", &file, "--samples", "200", "--out", &name]);
        assert_eq!(code(&output), 0, "{name}: {}", told(&output));
        assert_eq!(told(&output), "", "{name} warns");
    }
}

#[test]
fn the_first_starter_passes_its_own_check() {
    let here = tempfile::tempdir().unwrap();
    assert_eq!(code(&gw(here.path(), &["new"])), 0);
    let output = gw(here.path(), &["check", "scenario.toml"]);
    assert_eq!(code(&output), 0, "{}", printed(&output));
}

#[test]
fn a_starter_overwrites_nothing() {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("scenario.toml"), "years of work").unwrap();
    let output = gw(here.path(), &["new"]);
    assert_eq!(code(&output), 4);
    assert!(told(&output).contains("it is there already and was left alone"), "{}", told(&output));
    assert_eq!(std::fs::read_to_string(here.path().join("scenario.toml")).unwrap(), "years of work");
    assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 1, "a draft is left");
    assert_eq!(code(&gw(here.path(), &["new", "."])), 4);
    let output = gw(here.path(), &["new", "no/such/folder.toml"]);
    assert_eq!(code(&output), 4);
    assert!(told(&output).contains("there is no folder `no/such`"), "{}", told(&output));
}

#[test]
fn a_starter_goes_to_standard_output_too() {
    let here = tempfile::tempdir().unwrap();
    let text = printed(&gw(here.path(), &["new", "-"]));
    assert!(text.starts_with("# A scenario to start from"), "{text}");
    assert_eq!(document(&gw(here.path(), &["new", "-", "--json"]))["text"], text);
    assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0);
    let output = gw(here.path(), &["new", "--from", "startr"]);
    assert_eq!(code(&output), 2);
    assert!(told(&output).contains("did you mean `starter`?"), "{}", told(&output));
}

#[test]
fn every_shell_gets_every_command() {
    let here = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = gw(here.path(), &["completions", shell]);
        assert_eq!(code(&output), 0, "{shell}");
        for word in ["run", "check", "explain", "schema", "hindsight", "validate", "cross-validate"] {
            assert!(printed(&output).contains(word), "{shell} does not know {word}");
        }
        assert_eq!(document(&gw(here.path(), &["completions", shell, "--json"]))["shell"], shell);
    }
}

/// Commands that have a page of their own and say how they are typed.
const COMMANDS: [&str; 13] = [
    "run",
    "check",
    "finance",
    "checkpoint",
    "fleet",
    "explain",
    "sweep",
    "validate",
    "jobs",
    "new",
    "schema",
    "completions",
    "man",
];

#[test]
fn every_command_has_a_page() {
    let here = tempfile::tempdir().unwrap();
    let page = printed(&gw(here.path(), &["man"]));
    assert!(page.contains(".TH GW 1"), "{page}");
    assert_eq!(code(&gw(here.path(), &["man", "--out", "pages/man1"])), 0);
    for name in COMMANDS {
        let page = std::fs::read_to_string(here.path().join(format!("pages/man1/gw-{name}.1"))).unwrap();
        for word in
            [format!(".TH GW-{} 1", name.to_uppercase()), "Examples:".to_owned(), "Exit codes:".to_owned()]
        {
            assert!(page.contains(&word), "the page of {name} lacks `{word}`:\n{page}");
        }
    }
    // Written again, the pages are replaced.
    assert_eq!(code(&gw(here.path(), &["man", "--out", "pages/man1"])), 0);
}

#[test]
fn every_command_shows_how_it_is_typed() {
    let here = tempfile::tempdir().unwrap();
    for name in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = printed(&gw(here.path(), &[name, flag]));
            assert!(help.contains(&format!("Examples:\n  gw {name}")), "{name} {flag}:\n{help}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_one_json_document_where_asked_for() {
    let here = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str, &str); 10] = [
        (&["chekc", "--json"], "unrecognized subcommand 'chekc'", "'check'"),
        (&["check", "--json"], "required arguments were not provided", "Usage: gw check"),
        (&["check", "x.toml", "--json", "--sampels", "3"], "unexpected argument '--sampels'", "'--samples'"),
        (&["check", "x.toml", "--json", "--samples", "0"], "invalid value '0'", "from 1 to 100000"),
        (
            &["check", "x.toml", "--json", "--samples", "1000000000000000000"],
            "invalid value '1000",
            "to 100000",
        ),
        (
            &["check", "x.toml", "--json", "--samples", "1e4"],
            "invalid value '1e4'",
            "expected a whole number",
        ),
        (&["check", "x.toml", "--json", "--seed", "-1"], "invalid value '-1'", "expected a whole number"),
        (
            &["check", "x.toml", "--json", "--threads", "0"],
            "invalid value '0'",
            "expected a whole number from 1",
        ),
        (&["schema", "--json", "plan"], "invalid value 'plan'", "scenario"),
        (&["completions", "cmd", "--json"], "invalid value 'cmd'", "bash"),
    ];
    for (arguments, message, word) in cases {
        let output = gw(here.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert_eq!(told(&output), "", "{arguments:?}");
        let document = document(&output);
        assert_eq!(document["exit_code"], 2);
        let error = &document["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(message), "{arguments:?}: {error}");
        assert!(error.to_string().contains(word), "{arguments:?}: {error}");
        // The same in words without it.
        let plain: Vec<&str> = arguments.iter().copied().filter(|word| *word != "--json").collect();
        let output = gw(here.path(), &plain);
        assert_eq!(code(&output), 2, "{plain:?}");
        assert!(output.stdout.is_empty() && told(&output).contains(message), "{plain:?}: {}", told(&output));
    }
}

#[test]
fn explain_lists_what_there_is_although_a_claim_is_wrong() {
    let here = tempfile::tempdir().unwrap();
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/claim_path_near.toml");
    let broken = broken.to_str().unwrap();
    let output = gw(here.path(), &["explain", broken]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert!(printed(&output).contains("buildout.gpus.owned"), "{}", printed(&output));
    assert!(told(&output).contains("there is no result") && told(&output).contains("passed over"));
    let document = document(&gw(here.path(), &["explain", broken, "--json"]));
    assert!(document["results"]["buildout.gpus.owned"].is_object());
    assert!(document["errors"][0]["message"].as_str().unwrap().contains("there is no result"));
    // What is wrong elsewhere is not passed over.
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/unit_missing.toml");
    assert_eq!(code(&gw(here.path(), &["explain", broken.to_str().unwrap()])), 2);
}
