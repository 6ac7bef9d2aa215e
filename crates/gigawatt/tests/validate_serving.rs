//! `gw validate serving`: published measurements of serving, what is printed and written of them, and files that are none.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// 105 published measurements of every engine, generation and way of measuring; 99 count.
const SAMPLE: &str = include_str!("points/serving.csv");

const METRICS: [&str; 5] = ["throughput", "tpot", "ttft", "ttft_loaded", "ttft_static"];

fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gw"));
    command.args(["validate", "serving"]).args(arguments);
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
    fn published_measurements_are_predicted() {
        let report = report(SAMPLE);
        let overall = &report["overall"];
        assert_eq!(keys(overall), METRICS);
        // The sample is of rare kinds more than of frequent ones, so that its errors are larger.
        for (metric, median) in
            [("tpot", 0.15), ("throughput", 0.16), ("ttft_loaded", 0.25), ("ttft_static", 0.15)]
        {
            assert!(number(&overall[metric]["median_abs_error"]) < median, "{metric}: {overall}");
            let naive = number(&report["naive"][metric]["median_abs_error"]);
            // Of a request alone the sample has so few rows that the naive median is one of them.
            let better = metric == "ttft_static" || naive > number(&overall[metric]["median_abs_error"]);
            assert!(better, "{metric}: {naive}");
        }
        assert_eq!(number(&report["predicted_share"]), 1.0);
    }

    #[test]
    fn every_group_is_told_by_metric() {
        let report = report(SAMPLE);
        let document =
            ["by", "coefficients", "naive", "overall", "predicted_share", "skipped", "unscored", "worst"];
        assert_eq!(keys(&report), document);
        let ways = ["architecture", "engine", "gpu", "load", "model", "scenario", "source_key"];
        assert_eq!(keys(&report["by"]), ways);
        let count = |of: &Value, metric: &str| of[metric]["count"].as_u64().unwrap_or(0);
        for way in ways {
            for metric in METRICS {
                let groups = report["by"][way].as_object().unwrap();
                let all: u64 = groups.values().map(|of| count(of, metric)).sum();
                assert_eq!(all, count(&report["overall"], metric), "{way} {metric}");
            }
        }
        let [ttft, alone, loaded] =
            ["ttft", "ttft_static", "ttft_loaded"].map(|metric| count(&report["overall"], metric));
        assert_eq!(ttft, alone + loaded);
        assert_eq!(keys(&report["by"]["architecture"]), ["dense", "moe"]);
        assert_eq!(keys(&report["by"]["engine"]), ["sglang", "tensorrt-llm", "vllm"]);
        assert_eq!(keys(&report["worst"][0]), ["cause", "error", "id"]);
        for one in report["coefficients"].as_array().unwrap() {
            assert_eq!(keys(one), ["fitted_on", "meaning", "name", "unit", "value"]);
        }
    }

    #[test]
    fn every_row_that_is_skipped_has_its_reason() {
        let report = report(SAMPLE);
        let skipped = report["skipped"].as_array().unwrap();
        let reasons: Vec<&str> = skipped.iter().map(|one| one["reason"].as_str().unwrap()).collect();
        for words in ["the numbers of workers are not published", "`latency` is not predicted"] {
            assert!(reasons.iter().any(|reason| reason.contains(words)), "{words}: {reasons:?}");
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_row_in_its_own_unit() {
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
            assert_eq!((&line[0], &line[7]), (&row[column("id")], &row[column("scored")]));
            let [measured, predicted, low, high, error] = [2, 3, 4, 5, 6].map(|at| line[at].parse::<f64>());
            let value: f64 = row[column("value")].parse().unwrap();
            assert_eq!(measured, Ok(value), "{line:?}");
            let Ok(predicted) = predicted else {
                assert!(line[3..7].iter().all(String::is_empty) && !line[8].is_empty(), "{line:?}");
                continue;
            };
            assert!(low.unwrap() < predicted && predicted < high.unwrap(), "{line:?}");
            assert!((error.unwrap() - (predicted / value - 1.0)).abs() < 1e-9, "{line:?}");
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
        let predicted = |points: &str| -> Vec<String> {
            let output = gw(here.path(), &["--points", points, "--csv", "out.csv"]);
            assert_eq!(code(&output), 0, "{}", told(&output));
            let lines = table(&std::fs::read_to_string(here.path().join("out.csv")).unwrap()).1;
            lines.into_iter().map(|line| line[3].clone()).collect()
        };
        assert_eq!(predicted("a.csv"), predicted("b.csv"));
    }

    #[test]
    fn the_drawing_shows_latencies() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("points.csv"), SAMPLE).unwrap();
        let output = gw(here.path(), &["--points", "points.csv", "--svg", "out.svg"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let drawing = std::fs::read_to_string(here.path().join("out.svg")).unwrap();
        assert!(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(drawing.contains("time of each token") && drawing.contains("time to the first token"));
    }

    #[test]
    fn what_is_left_out_is_predicted_from_the_rest() {
        let here = tempfile::tempdir().unwrap();
        let (header, rows) = table(SAMPLE);
        // Two generations are enough to see that each is left out.
        let source = header.iter().position(|column| column == "source_key").unwrap();
        let few: Vec<Vec<String>> = rows.into_iter().filter(|row| row[source] == "trt017").collect();
        std::fs::write(here.path().join("points.csv"), written(&header, &few)).unwrap();
        let output = gw(here.path(), &["--points", "points.csv", "--json", "--cross-validate", "--quiet"]);
        assert_eq!(code(&output), 0, "{}", told(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(keys(&report["cross_validated"]), ["gpu_generation", "model_gpu"]);
        for (_, of) in report["cross_validated"].as_object().unwrap() {
            assert_eq!(of["throughput"]["count"], report["overall"]["throughput"]["count"]);
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
        assert!(all["unscored"].as_object().unwrap().is_empty());
        let count = |of: &Value| of["throughput"]["count"].as_u64().unwrap_or(0);
        assert_eq!(count(&all["overall"]), count(&some["overall"]) + count(&some["unscored"]));
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
        let report = report(&format!("{header}\n"));
        for key in ["overall", "naive", "unscored"] {
            assert!(report[key].as_object().unwrap().is_empty(), "{key}");
        }
        assert_eq!(number(&report["predicted_share"]), 0.0);
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
        assert!(report["overall"].as_object().unwrap().is_empty());
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
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/serving_points.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let report = report(&text);
    assert!(number(&report["predicted_share"]) >= 0.97);
    let overall = &report["overall"];
    let by = &report["by"];
    for (of, median, p90) in [
        (&overall["tpot"], 0.09, 0.27),
        (&by["architecture"]["dense"]["throughput"], 0.10, 0.28),
        (&by["architecture"]["moe"]["throughput"], 0.17, 0.55),
        (&by["source_key"]["mlp51"]["throughput"], 0.12, 0.40),
        (&by["source_key"]["mlp41"]["throughput"], 0.12, 0.40),
        (&by["source_key"]["trt090"]["throughput"], 0.12, 0.34),
        (&overall["ttft_static"], 0.11, 0.35),
        (&overall["ttft_loaded"], 0.22, 0.65),
    ] {
        assert!(number(&of["median_abs_error"]) <= median, "{of}");
        assert!(number(&of["p90_abs_error"]) <= p90, "{of}");
    }
    for metric in ["tpot", "throughput", "ttft"] {
        assert!(
            (0.75..=0.85).contains(&number(&overall[metric]["interval_coverage"])),
            "{metric}: {overall}"
        );
    }
    for way in ["gpu", "engine", "architecture", "source_key"] {
        for (name, metrics) in by[way].as_object().unwrap() {
            for (metric, of) in metrics.as_object().unwrap() {
                // MI300X and B300 have few rows, of one engine and one model each.
                let bar = if ["MI300X", "B300"].contains(&name.as_str()) { 0.10 } else { 0.05 };
                let many = number(&of["count"]) >= 30.0;
                assert!(!many || number(&of["bias"]).abs() <= bar, "{way} {name} {metric}: {of}");
            }
        }
    }
}
