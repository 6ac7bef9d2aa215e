//! `gw validate`: published training runs, what is printed and written of them, and files that are none.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Map, Value};

/// 61 published runs of every framework, generation and number format; 48 count, some cannot be predicted.
const SAMPLE: &str = include_str!("points/training.csv");

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(["validate", "training"]).args(arguments);
    command.current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The report of a file that holds a text.
fn report(text: &str) -> Value {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("points.csv"), text).unwrap();
    let output = gw(here.path(), &["--points", "points.csv", "--json"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn group<'a>(report: &'a Value, way: &str) -> &'a Map<String, Value> {
    report["by"][way].as_object().unwrap()
}

/// The columns of a CSV text by name, in the order of its header.
fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

fn written(header: &[String], rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

mod sample {
    use super::*;

    #[test]
    fn published_runs_are_predicted() {
        let report = report(SAMPLE);
        let overall = &report["overall"];
        assert_eq!(overall["count"], 48);
        let error = |of: &Value, percentile: &str| number(&of[percentile]);
        assert!(error(overall, "median_abs_error") < 0.06, "{overall}");
        assert!(error(overall, "p90_abs_error") < 0.20, "{overall}");
        assert!(error(overall, "bias").abs() < 0.03, "{overall}");
        // The sample is of rare kinds more than of frequent ones, so that fewer lie inside.
        assert!(error(overall, "interval_coverage") > 0.6, "{overall}");
        assert!(error(&report["naive"], "median_abs_error") > error(overall, "median_abs_error"));
        assert!(error(&group(&report, "architecture")["dense"], "median_abs_error") < 0.05);
        assert!(error(&group(&report, "architecture")["moe"], "median_abs_error") < 0.12);
    }

    #[test]
    fn every_group_is_told() {
        let report = report(SAMPLE);
        assert_eq!(keys(&report), ["by", "coefficients", "naive", "overall", "skipped", "unscored", "worst"]);
        let statistics = [
            "bias",
            "count",
            "interval_coverage",
            "interval_half_width",
            "mape",
            "median_abs_error",
            "p90_abs_error",
        ];
        let ways = ["architecture", "document", "framework", "gpu_family", "precision", "publisher", "scale"];
        assert_eq!(keys(&report["by"]), ways);
        for way in ways {
            let mut all = 0;
            for statistics_of_group in group(&report, way).values() {
                assert_eq!(keys(statistics_of_group), statistics, "{way}");
                all += statistics_of_group["count"].as_u64().unwrap();
            }
            assert_eq!(all, 48, "{way}");
        }
        for key in ["overall", "naive", "unscored"] {
            assert_eq!(keys(&report[key]), statistics, "{key}");
        }
        assert_eq!(keys(&report["by"]["architecture"]), ["dense", "moe"]);
        assert_eq!(keys(&report["by"]["scale"]), ["1-8", "513+", "65-512", "9-64"]);
        assert_eq!(
            keys(&report["by"]["gpu_family"]),
            ["A100", "B200", "B300", "GB200", "GB300", "H100", "H200"]
        );
        assert_eq!(keys(&report["by"]["precision"]), ["BF16", "FP16", "FP8", "MXFP8", "NVFP4"]);
        assert_eq!(keys(&report["worst"][0]), ["cause", "error", "id"]);
        assert_eq!(keys(&report["skipped"][0]), ["id", "reason"]);
        let coefficient = ["fitted_on", "meaning", "name", "unit", "value"];
        assert!(!report["coefficients"].as_array().unwrap().is_empty());
        for one in report["coefficients"].as_array().unwrap() {
            assert_eq!(keys(one), coefficient);
        }
    }

    #[test]
    fn every_row_that_is_skipped_has_its_reason() {
        let report = report(SAMPLE);
        let skipped = report["skipped"].as_array().unwrap();
        let reasons: Vec<&str> = skipped.iter().map(|one| one["reason"].as_str().unwrap()).collect();
        for words in [
            "`time_to_train` does not compare across sources",
            "`mfu` does not compare across sources",
            "only adapters are trained",
            "the batch is not published",
            "the micro-batch is not published",
            "the length of sequences is not published",
            "the number format is not published",
            "its layers are not published",
        ] {
            assert!(reasons.iter().any(|reason| reason.contains(words)), "{words}: {reasons:?}");
        }
        let predicted =
            report["overall"]["count"].as_u64().unwrap() + report["unscored"]["count"].as_u64().unwrap();
        assert_eq!(predicted + skipped.len() as u64, table(SAMPLE).1.len() as u64);
    }

    #[test]
    fn the_table_has_a_line_for_each_row() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("points.csv"), SAMPLE).unwrap();
        let output = gw(here.path(), &["--points", "points.csv", "--csv", "out.csv"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let (header, lines) = table(&std::fs::read_to_string(here.path().join("out.csv")).unwrap());
        let columns = ["id", "metric", "measured", "predicted", "low", "high", "error", "scored", "note"];
        assert_eq!(header, columns);
        let (source, rows) = table(SAMPLE);
        assert_eq!(lines.len(), rows.len());
        let column = |name: &str| source.iter().position(|column| column == name).unwrap();
        for (line, row) in lines.iter().zip(&rows) {
            assert_eq!(line[0], row[column("id")]);
            assert_eq!(line[7], row[column("scored")]);
            let [measured, predicted, low, high, error] = [2, 3, 4, 5, 6].map(|at| line[at].parse::<f64>());
            let Ok(predicted) = predicted else {
                assert!(line[3..7].iter().all(String::is_empty) && !line[8].is_empty(), "{line:?}");
                let value: f64 = row[column("value")].parse().unwrap();
                assert!(row[column("metric")] != "throughput" || measured == Ok(value), "{line:?}");
                continue;
            };
            // Steps' times are told as rates, so that signs agree.
            assert_eq!(line[1], "tokens_per_s_per_gpu");
            let cell = |name: &str| row[column(name)].parse::<f64>().unwrap();
            let rate = match row[column("metric")].as_str() {
                "step_time" => cell("global_batch") * cell("seq_len") / cell("value") / cell("gpus"),
                _ => cell("value"),
            };
            let measured = measured.unwrap();
            assert!((measured / rate - 1.0).abs() < 1e-12, "{line:?}");
            assert!(low.unwrap() < predicted && predicted < high.unwrap(), "{line:?}");
            assert!((error.unwrap() - (predicted / measured - 1.0)).abs() < 1e-9, "{line:?}");
        }
    }

    #[test]
    fn a_prediction_does_not_see_the_measurement() {
        let (header, mut rows) = table(SAMPLE);
        let value = header.iter().position(|column| column == "value").unwrap();
        for row in &mut rows {
            row[value] = "17".to_owned();
        }
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("a.csv"), SAMPLE).unwrap();
        std::fs::write(here.path().join("b.csv"), written(&header, &rows)).unwrap();
        let predicted = |points: &str| -> Vec<Option<f64>> {
            let output = gw(here.path(), &["--points", points, "--csv", "out.csv"]);
            assert_eq!(code(&output), 0, "{}", told(&output));
            let lines = table(&std::fs::read_to_string(here.path().join("out.csv")).unwrap()).1;
            lines.iter().map(|line| line[3].parse().ok()).collect()
        };
        for (one, other) in predicted("a.csv").into_iter().zip(predicted("b.csv")) {
            assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                assert!((one / other - 1.0).abs() < 1e-9, "{one} {other}");
            }
        }
    }

    #[test]
    fn the_drawing_shows_the_rows_that_count() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("points.csv"), SAMPLE).unwrap();
        let output = gw(here.path(), &["--points", "points.csv", "--svg", "out.svg"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let drawing = std::fs::read_to_string(here.path().join("out.svg")).unwrap();
        assert!(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        // One of each kind stands in the legend.
        assert_eq!(drawing.matches("class=\"mark f1\"").count(), 36 + 1);
        assert_eq!(drawing.matches("class=\"mark f2\"").count(), 12 + 1);
        assert!(drawing.contains("prefers-color-scheme: dark") && drawing.contains("of 48 runs"));
        let output = gw(here.path(), &["--points", "points.csv", "--svg", "no/such/out.svg"]);
        assert_eq!(code(&output), 4);
        assert!(told(&output).contains("there is no folder `no/such`"), "{}", told(&output));
    }

    #[test]
    fn what_is_left_out_is_predicted_from_the_rest() {
        let here = tempfile::tempdir().unwrap();
        let (header, rows) = table(SAMPLE);
        // Three publishers are enough to see that each is left out.
        let publisher = header.iter().position(|column| column == "publisher").unwrap();
        let few: Vec<Vec<String>> = rows
            .into_iter()
            .filter(|row| ["torchtitan", "mlperf", "internevo"].contains(&row[publisher].as_str()))
            .collect();
        std::fs::write(here.path().join("points.csv"), written(&header, &few)).unwrap();
        let output = gw(here.path(), &["--points", "points.csv", "--json", "--cross-validate", "--quiet"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        assert!(told(&output).is_empty(), "{}", told(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(keys(&report["cross_validated"]), ["document", "model_gpu", "publisher"]);
        for (_, of) in report["cross_validated"].as_object().unwrap() {
            assert_eq!(of["count"], report["overall"]["count"]);
        }
    }
}

mod layouts {
    use super::*;

    #[test]
    fn a_file_without_the_column_counts_whole() {
        let (header, rows) = table(SAMPLE);
        let scored = header.iter().position(|column| column == "scored").unwrap();
        let without = |mut row: Vec<String>| {
            row.remove(scored);
            row
        };
        let text = written(&without(header), &rows.into_iter().map(without).collect::<Vec<_>>());
        let (all, some) = (report(&text), report(SAMPLE));
        assert!(all["unscored"].is_null());
        assert_eq!(
            all["overall"]["count"].as_u64().unwrap(),
            some["overall"]["count"].as_u64().unwrap() + some["unscored"]["count"].as_u64().unwrap()
        );
    }

    #[test]
    fn the_order_of_columns_and_further_ones_do_not_matter() {
        let (mut header, mut rows) = table(SAMPLE);
        header.reverse();
        header.insert(3, "weather".to_owned());
        for row in &mut rows {
            row.reverse();
            row.insert(3, "rain, \"heavy\"".to_owned());
        }
        assert_eq!(report(&written(&header, &rows)), report(SAMPLE));
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_do_not_matter() {
        let text = format!("\u{feff}{}", SAMPLE.replace('\n', "\r\n"));
        assert_eq!(report(&text), report(SAMPLE));
    }

    #[test]
    fn without_a_row_that_counts_there_are_no_statistics() {
        let header = SAMPLE.lines().next().unwrap();
        let skipped = SAMPLE.lines().find(|line| line.contains("time_to_train")).unwrap();
        for text in [format!("{header}\n"), format!("{header}\n{skipped}\n")] {
            let report = report(&text);
            for key in ["overall", "naive", "unscored"] {
                assert!(report[key].is_null(), "{key}");
            }
            assert!(group(&report, "architecture").is_empty());
            assert_eq!(report["skipped"].as_array().unwrap().len(), text.lines().count() - 1);
            let here = tempfile::tempdir().unwrap();
            std::fs::write(here.path().join("points.csv"), &text).unwrap();
            let output = gw(here.path(), &["--points", "points.csv", "--csv", "out.csv", "--svg", "out.svg"]);
            assert_eq!(code(&output), 0, "{}", told(&output));
            let lines = std::fs::read_to_string(here.path().join("out.csv")).unwrap();
            assert_eq!(lines.lines().count(), text.lines().count(), "{lines}");
            assert!(lines.starts_with("id,metric,measured,predicted,low,high,error,scored,note\n"));
            assert!(std::fs::read_to_string(here.path().join("out.svg")).unwrap().contains("no row counts"));
        }
    }
}

mod hostile {
    use super::*;

    /// An exit code, words, and nothing written.
    fn refused(bytes: Option<&[u8]>, expected: i32, words: &str) {
        let here = tempfile::tempdir().unwrap();
        if let Some(bytes) = bytes {
            std::fs::write(here.path().join("points.csv"), bytes).unwrap();
        }
        let arguments = ["--points", "points.csv", "--csv", "out.csv", "--svg", "out.svg"];
        let output = gw(here.path(), &arguments);
        assert_eq!(code(&output), expected, "{}", told(&output));
        assert!(told(&output).contains(words), "{words}: {}", told(&output));
        assert!(!here.path().join("out.csv").exists() && !here.path().join("out.svg").exists());
        let output = gw(here.path(), &[&arguments[..], &["--json"]].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["exit_code"], expected);
    }

    #[test]
    fn files_that_are_none() {
        refused(None, 4, "points.csv");
        refused(Some(b""), 2, "id, model, gpus, metric, value");
        refused(Some(b"\n\n\n"), 2, "id, model, gpus, metric, value");
        refused(Some(b"id,model,metric\nx,y,throughput\n"), 2, "no column `gpus`, `value`");
        refused(Some(b"id,model,gpus,metric,valu\n"), 2, "no column `value`");
        refused(Some(&[0; 4096]), 2, "no column");
    }

    #[test]
    fn measurements_are_not_written_over() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("points.csv"), SAMPLE).unwrap();
        for option in ["--csv", "--svg"] {
            let output = gw(here.path(), &["--points", "points.csv", option, "./points.csv"]);
            assert_eq!(code(&output), 2);
            assert!(told(&output).contains("holds the measurements and was left alone"), "{}", told(&output));
        }
        assert_eq!(std::fs::read_to_string(here.path().join("points.csv")).unwrap(), SAMPLE);
    }

    #[test]
    fn a_folder_is_no_file() {
        let here = tempfile::tempdir().unwrap();
        assert_eq!(code(&gw(here.path(), &["--points", "."])), 4);
    }

    #[test]
    fn ragged_and_unclosed_rows_are_rows() {
        let text = "id,model,gpus,metric,value\na\nb,c,8,throughput,5,6,7,8,9\n\"d,e,8,throughput,1\nf,g\n";
        let report = report(text);
        assert_eq!(report["skipped"].as_array().unwrap().len(), 3);
        assert!(report["overall"].is_null());
    }

    #[test]
    fn cells_do_not_steer_the_terminal() {
        let text = "id,model,gpus,metric,value\n\u{1b}[31mred,\u{1b}[2Jmodel,\u{7}8,throughput,5\n";
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("points.csv"), text).unwrap();
        let output = gw(here.path(), &["--points", "points.csv"]);
        assert_eq!(code(&output), 0);
        assert!(!output.stdout.iter().any(|byte| byte.is_ascii_control() && *byte != b'\n'));
    }
}

/// The bars that the law has to pass on all published rows.
#[test]
fn all_published_rows_within_their_bars() {
    let path: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/training_points.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let report = report(&text);
    let (header, rows) = table(&text);
    let scored = header.iter().position(|column| column == "scored").unwrap();
    let of_these = rows.iter().filter(|row| row[scored] == "1").count() as f64;
    let count = |of: &Value| number(&of["count"]);
    assert!(count(&report["overall"]) >= 0.97 * of_these, "{} of {of_these}", report["overall"]["count"]);

    for (of, median, p90) in [
        (&report["overall"], 0.04, 0.16),
        (&report["by"]["architecture"]["dense"], 0.03, 0.10),
        (&report["by"]["architecture"]["moe"], 0.09, 0.24),
    ] {
        assert!(number(&of["median_abs_error"]) <= median, "{of}");
        assert!(number(&of["p90_abs_error"]) <= p90, "{of}");
    }
    let overall = &report["overall"];
    assert!(number(&overall["bias"]).abs() <= 0.02, "{overall}");
    assert!((0.75..=0.85).contains(&number(&overall["interval_coverage"])), "{overall}");
    assert!(number(&overall["interval_half_width"]) <= 0.10, "{overall}");
    for way in ["gpu_family", "precision", "framework", "scale"] {
        for (name, of) in group(&report, way).iter().filter(|(_, of)| count(of) >= 15.0) {
            assert!(number(&of["bias"]).abs() <= 0.05, "{way} {name}: {of}");
        }
    }
}
