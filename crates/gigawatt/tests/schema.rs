//! The schemas say what the program does: their copies are in step, what it reads and writes is valid, and what
//! it refuses is not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use gigawatt_plan::quantity::{Dimension, parse_quantity};
use gigawatt_report::schema;
use jsonschema::Validator;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The schema, with days checked as days.
fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap()
}

/// A scenario as an editor hands it to its schema: days are texts.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(boolean) => boolean.into(),
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_json(value))).collect(),
    }
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    as_json(toml::Value::Table(text.parse().unwrap()))
}

fn scenarios_in(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect();
    files.sort();
    assert!(!files.is_empty(), "no scenario in {}", folder.display());
    files
}

#[test]
fn the_copies_are_in_step() {
    for (file, what, schema) in [
        ("gigawatt.schema.json", "scenario", schema::scenario()),
        ("summary.schema.json", "summary", schema::summary()),
    ] {
        let kept = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(
            kept == schema::to_text(&schema),
            "{file} is out of step: `cargo run -- schema {what} > {file}`"
        );
    }
}

#[test]
fn the_schemas_are_schemas() {
    for schema in [schema::scenario(), schema::summary()] {
        jsonschema::draft7::meta::validate(&schema).unwrap();
    }
}

#[test]
fn every_scenario_is_valid() {
    let schema = validator(&schema::scenario());
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root().join("scenarios"), here.join("tests/scenarios"), here.join("src/starters")];
    for path in folders.iter().flat_map(|folder| scenarios_in(folder)) {
        let scenario = read(&path);
        let faults: Vec<String> = schema
            .iter_errors(&scenario)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{}:\n{}", path.display(), faults.join("\n"));
    }
}

#[test]
fn what_one_field_alone_gets_wrong_is_not_valid() {
    let schema = validator(&schema::scenario());
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    for name in [
        "date_not_a_date",
        "fields_missing_at_top",
        "key_unknown",
        "period_unreadable",
        "section_not_a_list",
        "types_wrong",
        "unit_missing",
        "unit_of_another_dimension",
        "unit_unknown",
    ] {
        let scenario = read(&broken.join(format!("{name}.toml")));
        assert!(!schema.is_valid(&scenario), "{name} is valid");
    }
}

#[test]
fn a_variant_says_only_what_differs() {
    let schema = validator(&schema::scenario());
    let variant = json!({ "extends": "base.toml", "site": [{ "name": "hall", "pue": 1.2 }] });
    assert!(schema.is_valid(&variant));
    let mut whole = variant;
    whole.as_object_mut().unwrap().remove("extends");
    assert!(!schema.is_valid(&whole));
}

#[test]
fn what_is_read_as_a_quantity_is_valid_as_one() {
    let texts = [
        "65 B$",
        "65B$",
        "65 G$",
        "USD 65 B",
        "$65 B",
        "65 BUSD",
        "65e9 $",
        "65_000 M$",
        "US$ 65 B",
        "-2 B$",
        "11 M$/MW",
        "80 $/MWh",
        "USD 1 M/year",
        "3 EFLOP/s",
        "400 Gbit/s",
        "75 %",
        "75%",
        "1.3 M",
        "+5 k",
        "0.5",
        ".5",
        "5.",
        "  5 MW ",
        "5 M W",
        "2250 acre",
        "9.1 km²",
        "16 week",
        "0.6 M$ / year",
        "-3 points",
        "80 GiB",
        "3.35 TB/s",
        "1 kWh",
        "2e3 h",
        "2.5 $/h",
        "5 W/W",
        "",
        "MW",
        "x MW",
        "5 mw",
        "5 MW MW",
        "5 M",
        "USD",
        "--5 W",
    ];
    let whole = schema::scenario();
    let (mut read, mut refused) = (0, 0);
    for dimension in Dimension::ALL {
        let name = serde_json::to_value(dimension).unwrap();
        let mut schema = whole["definitions"][format!("{}_amount", name.as_str().unwrap())].clone();
        schema["definitions"] = whole["definitions"].clone();
        let schema = validator(&schema);
        for text in texts {
            let valid = schema.is_valid(&text.into());
            match parse_quantity(dimension, text) {
                Ok(_) => {
                    read += 1;
                    assert!(valid, "`{text}` is {}, and not valid", dimension.noun());
                }
                // Signs and sizes are left to the program.
                Err(error) if error.message.contains("negative") => {}
                Err(error) => {
                    refused += 1;
                    assert!(!valid, "`{text}` is valid, and not {}: {error}", dimension.noun());
                }
            }
        }
    }
    assert!(read > 40 && refused > 300, "{read} read, {refused} refused");
}

#[test]
fn what_a_run_writes_is_valid() {
    let here = tempfile::tempdir().unwrap();
    let schema = validator(&schema::summary());
    let small = "../crates/gigawatt/tests/scenarios/small.toml";
    let fleet = "../crates/gigawatt/tests/scenarios/fleet.toml";
    // A short stretch of the largest fleet is enough: a test has no year's time.
    let month = ["--set", "fleet.period={ from = 2025-03-01, to = 2025-03-31 }"];
    for (name, settings) in [("meta-2025.toml", &month[..]), (small, &[]), (fleet, &[])] {
        let scenario = root().join("scenarios").join(name);
        let out = here.path().join("out");
        let output = Command::new(env!("CARGO_BIN_EXE_gw"))
            .arg("run")
            .arg(scenario)
            .args(settings)
            .args(["--samples", "20", "--out"])
            .arg(&out)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(out.join("summary.json")).unwrap();
        let summary: Value = serde_json::from_str(&text).unwrap();
        let faults: Vec<String> =
            schema.iter_errors(&summary).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
        // Without its results it is none: the schema asks for something.
        let mut cut = summary;
        cut.as_object_mut().unwrap().remove("results");
        assert!(!schema.is_valid(&cut));
        std::fs::remove_dir_all(&out).unwrap();
    }
}
