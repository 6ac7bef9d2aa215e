//! `gw catalog`, and catalogues laid over the built-in one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn gw(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gw")).args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", printed(output)))
}

fn small() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/small.toml").to_string_lossy().into_owned()
}

/// A folder with one catalogue file.
fn folder(file: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), text).unwrap();
    folder
}

/// A scenario that extends the small one.
fn scenario(text: &str) -> (TempDir, String) {
    let here = tempfile::tempdir().unwrap();
    std::fs::copy(small(), here.path().join("small.toml")).unwrap();
    let path = here.path().join("over.toml");
    std::fs::write(&path, format!("extends = 'small.toml'\n{text}")).unwrap();
    let name = path.to_string_lossy().into_owned();
    (here, name)
}

/// An input of a scenario as `gw explain` gives it.
fn input(arguments: &[&str], path: &str) -> Value {
    let mut all = vec!["explain"];
    all.extend(arguments);
    all.extend([path, "--json", "--samples", "10", "--quiet"]);
    let output = gw(&all);
    assert_eq!(code(&output), 0, "{}", told(&output));
    document(&output)["input"].clone()
}

mod list {
    use super::*;

    #[test]
    fn lists_every_entry_or_one_kind_or_those_that_hold_a_text() {
        let all = document(&gw(&["catalog", "list", "--json"]))["entries"].as_array().unwrap().len();
        assert!(all > 100, "{all}");
        let accelerators = document(&gw(&["catalog", "list", "accelerator", "--json"]));
        assert_eq!(accelerators["entries"].as_array().unwrap().len(), 32);
        let google = document(&gw(&["catalog", "list", "accelerator", "--where", "GOOGLE", "--json"]));
        assert_eq!(google["entries"].as_array().unwrap().len(), 5);
        let table = printed(&gw(&["catalog", "list", "accelerator", "--where", "google"]));
        assert!(table.contains("tpu-v5p") && !table.contains("h100"), "{table}");
        assert!(table.lines().next().unwrap().contains("memory bandwidth"), "{table}");
        let nothing = gw(&["catalog", "list", "--where", "abacus"]);
        assert_eq!((code(&nothing), printed(&nothing).contains("no entry")), (0, true));
    }

    #[test]
    fn a_kind_that_is_none_gets_the_nearest() {
        let output = gw(&["catalog", "list", "acelerator"]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("did you mean `accelerator`?"), "{}", told(&output));
        let output = gw(&["catalog", "list", "acelerator", "--json"]);
        assert_eq!(document(&output)["exit_code"], 2);
    }
}

mod show {
    use super::*;

    #[test]
    fn every_entry_is_shown_with_fields_ranges_and_sources() {
        let entries = document(&gw(&["catalog", "list", "--json"]));
        let paths =
            entries["entries"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap());
        // One of each kind: a process each is slow.
        let mut kinds = std::collections::BTreeMap::new();
        for path in paths {
            kinds.entry(path.split_once('.').unwrap().0.to_owned()).or_insert(path.to_owned());
        }
        assert!(kinds.len() >= 13, "{kinds:?}");
        for path in kinds.values() {
            let output = gw(&["catalog", "show", path]);
            assert_eq!(code(&output), 0, "{path}");
            let text = printed(&output);
            assert!(text.starts_with(path.as_str()) && text.contains("\nSources\n"), "{text}");
        }
    }

    #[test]
    fn a_fact_stands_with_its_range_vintages_and_source() {
        let text = printed(&gw(&["catalog", "show", "gb200-nvl72"]));
        for expected in [
            "126 kW (120 – 132 kW)",
            "derived, known from 2024-10-15, supermicro-gb200-nvl72",
            "    earlier                 USD 44.0 k",
            "https://www.supermicro.com/",
            "Bernstein, 2025-10-28 (estimate)",
        ] {
            assert!(text.contains(expected), "`{expected}` is missing in\n{text}");
        }
        let json = document(&gw(&["catalog", "show", "system.gb200-nvl72", "--json"]));
        assert_eq!(json["facts"]["power"][0]["low"], 120_000.0);
        assert_eq!(json["facts"]["power"][0]["unit"], "W");
        assert_eq!(json["facts"]["price_per_accelerator"].as_array().unwrap().len(), 2);
        assert_eq!(json["sources"]["bernstein-2025-10"]["published"], "2025-10-28");
    }

    #[test]
    fn one_field_can_be_asked_for() {
        let text = printed(&gw(&["catalog", "show", "system.gb200-nvl72.power"]));
        assert!(text.contains("126 kW") && !text.contains("lead_time"), "{text}");
        let output = gw(&["catalog", "show", "system.gb200-nvl72.powr"]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("did you mean `system.gb200-nvl72.power`?"), "{}", told(&output));
    }

    #[test]
    fn a_model_shows_what_its_architecture_gives() {
        let text = printed(&gw(&["catalog", "show", "llama-3-1-405b"]));
        assert!(text.contains("406 G (405,853,388,800)") && text.contains("516 kB a token"), "{text}");
        let json = document(&gw(&["catalog", "show", "deepseek-v3", "--json"]));
        assert_eq!(json["computed"]["parameters"], 671_026_404_352_u64);
        assert_eq!(json["computed"]["active_parameters"], 37_552_282_624_u64);
        assert_eq!(json["computed"]["further_token_parameters"], 11_610_067_968_u64);
        let hybrid = printed(&gw(&["catalog", "show", "Nemotron-H 56B"]));
        assert!(hybrid.contains("model.nemotron-h-56b") && hybrid.contains("460 MB a sequence"), "{hybrid}");
        let behemoth = printed(&gw(&["catalog", "show", "llama-4-behemoth"]));
        assert!(!behemoth.contains("Architecture"), "{behemoth}");
    }

    #[test]
    fn a_name_that_is_none_gets_the_nearest() {
        let output = gw(&["catalog", "show", "lama-3-1-405b"]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("did you mean `llama-3-1-405b`?"), "{}", told(&output));
    }
}

#[test]
fn sources_have_address_day_and_the_number_of_their_citations() {
    let json = document(&gw(&["catalog", "sources", "--where", "llama3-paper", "--json"]));
    let paper = &json["sources"]["llama3-paper"];
    assert_eq!(paper["url"], "https://arxiv.org/abs/2407.21783");
    assert!(paper["cited"].as_u64().unwrap() > 20);
    let text = printed(&gw(&["catalog", "sources", "--where", "ARXIV"]));
    assert!(text.contains("The Llama 3 Herd of Models. Meta Platforms, 2024-07-23 (secondary)"), "{text}");
}

mod diff {
    use super::*;

    const OURS: &str = "[france]\ntitle = 'France'\ncarbon_intensity = { value = '31 g/kWh', kind = 'reported', source = 'gentic-grids', known_from = 2024-10-17 }\n[moon]\ntitle = 'Moon'\n";

    #[test]
    fn what_a_folder_changes_is_shown_field_by_field() {
        let ours = folder("grids.toml", OURS);
        let path = ours.path().to_string_lossy().into_owned();
        let json = document(&gw(&["catalog", "diff", "built-in", "--catalog", &path, "--json"]));
        assert_eq!(json["added"], serde_json::json!(["grid.moon"]));
        assert_eq!(json["removed"], serde_json::json!([]));
        let changed = json["changed"].as_array().unwrap();
        let added =
            changed.iter().find(|change| change["field"] == "carbon_intensity of 2024-10-17").unwrap();
        assert!(added["old"].is_null());
        assert_eq!(added["new"], "31.0 g/kWh");
        let gone = changed.iter().find(|change| change["field"] == "carbon_intensity of 2025-06-30").unwrap();
        assert_eq!(gone["old"], "50.0 g/kWh (30.0 – 70.0 g/kWh)");
        assert!(gone["new"].is_null());
        let text = printed(&gw(&["catalog", "diff", "built-in", "--catalog", &path]));
        assert!(text.contains("1 added, 0 removed"), "{text}");
    }

    #[test]
    fn an_export_is_a_catalogue_to_compare_with() {
        let here = tempfile::tempdir().unwrap();
        let old = here.path().join("old.json");
        let export = gw(&["catalog", "export"]);
        std::fs::write(&old, &export.stdout).unwrap();
        let old = old.to_string_lossy().into_owned();
        assert_eq!(printed(&gw(&["catalog", "diff", &old, "built-in"])), "the two say the same\n");
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
        assert_eq!(printed(&gw(&["catalog", "diff", &old, shipped])), "the two say the same\n");
        let mut document = document(&export);
        document["entries"].as_object_mut().unwrap().remove("grid.iceland");
        document["entries"]["grid.france"]["facts"]["carbon_intensity"][0]["distribution"] =
            serde_json::json!({ "value": 1e-8 });
        let new = here.path().join("new.json");
        std::fs::write(&new, document.to_string()).unwrap();
        let text = printed(&gw(&["catalog", "diff", &old, &new.to_string_lossy()]));
        assert!(text.contains("removed  grid.iceland"), "{text}");
        assert!(text.contains("36.0 g/kWh"), "{text}");
    }

    #[test]
    fn what_is_no_catalogue_is_told() {
        let output = gw(&["catalog", "diff", "nowhere"]);
        assert_eq!(code(&output), 4);
        assert!(told(&output).contains("there is no such file"), "{}", told(&output));
        let output = gw(&["catalog", "diff", &small()]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("is not an exported catalogue"), "{}", told(&output));
    }
}

mod overlay {
    use super::*;

    const POWER: &str = "system.hgx-h100.power";
    const H100: &str = "[hgx-h100]\ntitle = 'Ours'\naccelerator = 'h100-sxm'\naccelerators = 8\npower = { value = '9.1 kW', kind = 'measured', source = 'nvidia-dgx-h100-guide', known_from = 2022-09-20 }\nprice_per_accelerator = { value = '30 k$', kind = 'reported', source = 'nvidia-dgx-h100-guide', known_from = 2022-09-20 }\nlead_time = { value = '8 week', kind = 'reported', source = 'nvidia-dgx-h100-guide', known_from = 2022-09-20 }\nracks = { value = 0.5, kind = 'reported', source = 'nvidia-dgx-h100-guide', known_from = 2022-09-20 }\n";

    #[test]
    fn files_of_a_folder_replace_entries_for_every_command_that_reads_a_scenario() {
        let before = input(&[&small()], POWER);
        assert_eq!(before["distribution"]["value"].as_f64(), Some(10_200.0), "{before}");
        let ours = folder("systems.toml", H100);
        let path = ours.path().to_string_lossy().into_owned();
        let after = input(&[&small(), "--catalog", &path], POWER);
        assert_eq!(after["distribution"]["value"].as_f64(), Some(9_100.0), "{after}");
        assert!(after["place"].as_str().unwrap().ends_with("systems.toml:5"), "{after}");
        let online = |arguments: &[&str]| {
            let mut all = vec!["check", "--json", "--quiet", "--samples", "50"];
            all.extend(arguments);
            let output = gw(&all);
            assert!(matches!(code(&output), 0 | 1), "{}", told(&output));
            document(&output)["run"].clone()
        };
        assert_ne!(
            online(&[&small()]),
            online(&[&small(), "--catalog", &path]),
            "a run of other facts is another run"
        );
    }

    #[test]
    fn mistakes_in_the_folder_are_shown_at_their_characters() {
        let broken = folder("systems.toml", &H100.replace("9.1 kW", "9.1 kg"));
        let path = broken.path().to_string_lossy().into_owned();
        for arguments in
            [vec!["check", &small(), "--catalog", &path], vec!["catalog", "list", "--catalog", &path]]
        {
            let output = gw(&arguments);
            assert_eq!(code(&output), 2);
            let told = told(&output);
            assert!(told.contains("systems.toml:5:") && told.contains("`kg`"), "{told}");
        }
    }

    #[test]
    fn folders_that_hold_no_catalogue_are_told() {
        let empty = tempfile::tempdir().unwrap();
        let output = gw(&["catalog", "list", "--catalog", &empty.path().to_string_lossy()]);
        assert_eq!(code(&output), 4);
        let misnamed = folder("system.toml", H100);
        let output = gw(&["catalog", "list", "--catalog", &misnamed.path().to_string_lossy()]);
        assert_eq!(code(&output), 2);
        assert!(told(&output).contains("did you mean `systems.toml`?"), "{}", told(&output));
        let output = gw(&["check", &small(), "--catalog", "/no/such/folder"]);
        assert_eq!(code(&output), 4);
    }

    #[test]
    fn facts_that_lack_what_every_fact_has_are_warned_of() {
        let ours = folder("systems.toml", &H100.replace("'measured'", "'estimate'"));
        let path = ours.path().to_string_lossy().into_owned();
        let output = gw(&["catalog", "show", "hgx-h100", "--catalog", &path]);
        assert_eq!(code(&output), 0);
        assert!(told(&output).contains("is judged and has no range"), "{}", told(&output));
        assert!(told(&gw(&["catalog", "show", "hgx-h100", "--catalog", &path, "--quiet"])).is_empty());
    }
}

mod overrides {
    use super::*;

    #[test]
    fn a_fact_is_replaced_for_the_scenario() {
        let (_here, path) = scenario(
            "[override.system.hgx-h100]\npower = { value = '9 kW', source = 'nvidia-dgx-h100-guide' }\n",
        );
        let input = input(&[&path], "system.hgx-h100.power");
        assert_eq!(input["distribution"]["value"].as_f64(), Some(9_000.0), "{input}");
        assert_eq!(input["origin"], "scenario");
    }

    #[test]
    fn texts_and_integers_are_replaced_too() {
        let (_here, path) =
            scenario("[override.system.hgx-h100]\naccelerators = 4\naccelerator = 'h200-sxm'\n");
        let inputs = document(&gw(&["explain", &path, "--json", "--quiet"]));
        assert!(inputs["inputs"].get("accelerator.h200-sxm.bf16").is_some());
        let run = |path: &str| {
            document(&gw(&["check", path, "--json", "--quiet", "--samples", "50"]))["run"].clone()
        };
        assert_ne!(run(&path), run(&small()));
    }

    #[test]
    fn every_kind_can_be_overridden_and_what_changes_nothing_is_warned_of() {
        let fields = [
            ("accelerator.mi355x", "power = '1.3 kW'"),
            ("system.catalina", "power = '140 kW'"),
            ("electricity.ohio-industrial", "price = '60 $/MWh'"),
            ("construction.reno", "cost = '14 M$/MW'"),
            ("campus.abilene", "power = '1 GW'"),
            ("model.kimi-k2", "parameters = '1.1 T'"),
            ("network.quantum-2", "latency = '0.0002 ms'"),
            ("rental.h100-index", "price = '2.2 $/h'"),
            ("grid.erct", "carbon_intensity = '300 g/kWh'"),
            ("reliability.rsc-1", "server_interval = '200 day'"),
            ("company.amazon", "server_life = '5.5 year'"),
        ];
        for (entry, field) in fields {
            let (_here, path) = scenario(&format!("[override.{entry}]\n{field}\n"));
            let output = gw(&["check", &path, "--samples", "10"]);
            assert!(matches!(code(&output), 0 | 1), "{entry}: {}", told(&output));
            assert!(
                told(&output).contains("is not a fact that this plan uses"),
                "{entry}: {}",
                told(&output)
            );
        }
    }

    #[test]
    fn mistakes_in_overrides_are_found() {
        let cases = [
            ("[override.system.hgx-h1000]\npower = '9 kW'\n", "is not a fact that this plan uses"),
            ("[override.grid.erct]\ncarbon_intensity = '300 g/W'\n", "g/W"),
            ("[override.grid.erct]\ncarbon_intensty = '300 g/kWh'\n", "did you mean `carbon_intensity`?"),
            ("[override.system.hgx-h100]\naccelerators = 'eight'\n", "not a positive integer"),
            ("[override.system.hgx-h1000]\naccelerators = 4\n", "is not a fact that this plan uses"),
            ("[override.model.kimi-k2.architecture]\nlayers = 3\n", "is missing in an architecture"),
        ];
        for (text, expected) in cases {
            let (_here, path) = scenario(text);
            let output = gw(&["check", &path, "--samples", "10"]);
            assert_eq!(code(&output), 2, "{text}");
            assert!(told(&output).contains(expected), "{text}: {}", told(&output));
        }
    }
}
