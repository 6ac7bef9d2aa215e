//! Published failures, and files that nobody has seen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::LazyLock;

use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::reliability::{Known, NEEDED, ReliabilityReport, answers, csv_lines};
use gigawatt_validation::{Table, to_csv};
use proptest::prelude::*;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default()));

const SAMPLE: &str = include_str!("../../gigawatt/tests/points/reliability.csv");
const HEADER: &str = "source,cluster,gpus,days,metric,value,unit,notes,provenance\n";

fn report(text: &str) -> ReliabilityReport {
    answers(&Table::parse(text.as_bytes(), &NEEDED).unwrap(), &Known::of(&CATALOGUE).unwrap())
}

/// The prediction of one row.
fn predicted(row: &str) -> (f64, f64, f64, bool, &'static str) {
    let report = report(&format!("{HEADER}{row}\n"));
    let row = report.rows.first().unwrap_or_else(|| panic!("{:?}", report.skipped));
    (row.predicted, row.low, row.high, row.inside, row.kind)
}

#[test]
fn published_rows_are_predicted_as_the_book_says() {
    let report = report(SAMPLE);
    let row = |metric: &str, gpus: f64| {
        report.rows.iter().find(|row| row.metric.starts_with(metric) && row.gpus == Some(gpus)).unwrap()
    };
    for (metric, gpus, kind, inside) in [
        ("unexpected interruptions", 16_384.0, "calibrated", true),
        ("effective training time", 16_384.0, "calibrated", true),
        ("job MTTF (measured)", 1024.0, "calibrated", true),
        ("job MTTF (projected)", 16_384.0, "predicted", true),
        ("job MTTF (projected)", 131_072.0, "predicted", true),
        ("r_f node failure rate", 16_000.0, "predicted", true),
        ("r_f node failure rate", 8000.0, "predicted", true),
        ("scale-normalised MTBF", 18_688.0, "predicted", false),
        // 10 minutes of restart were lost there and more failed than anywhere else that is published.
        ("effective training time", 100_000.0, "predicted", true),
    ] {
        let row = row(metric, gpus);
        assert_eq!((row.kind, row.inside), (kind, inside), "{row:?}");
    }
    assert!((row("job MTTF (projected)", 16_384.0).predicted - 1.803).abs() < 2e-3);
    assert!((row("job MTTF (projected)", 131_072.0).predicted - 0.2254).abs() < 3e-4);
    assert!((row("job MTTF (measured)", 1024.0).predicted - 7.9).abs() < 0.01);
    assert_eq!(report.skipped.len(), 1);
    assert!(report.skipped[0].reason.contains("people plan"));
}

#[test]
fn predictions_do_not_look_at_values() {
    let spoilt: String = SAMPLE
        .lines()
        .map(|line| {
            // Values are the only cells with these texts.
            [
                ",148,", ",72,", ",419,", ",90,", ",6.5,", ",2.34,", ",7.9,", ",1.8,", ",0.23,", ",27.1,",
                ",44,",
            ]
            .iter()
            .fold(line.to_owned(), |line, value| line.replace(value, ",12345,"))
                + "\n"
        })
        .collect();
    let (as_it_is, spoilt) = (report(SAMPLE), report(&spoilt));
    assert_eq!(as_it_is.rows.len(), spoilt.rows.len());
    for (left, right) in as_it_is.rows.iter().zip(&spoilt.rows) {
        assert_eq!((left.predicted, left.low, left.high), (right.predicted, right.low, right.high));
        assert_eq!(right.published, 12_345.0);
    }
}

#[test]
fn other_clusters_units_and_bounds() {
    // Three published rates: geometric mean 3.863 in 1,000 server-days; a server has eight.
    let mean = libm::cbrt(2.34 * 3.79 * 6.5);
    let (rate, low, high, ..) = predicted("s,New cluster,4096,30,node failure rate,4,per 1000 node-days,,");
    assert!((rate / mean - 1.0).abs() < 2e-3 && low < 1.4 && high > 11.0, "{rate} {low} {high}");
    let (daily, ..) = predicted("s,New cluster,4096,30,node failure rate,0.004,per node-day,,");
    assert!((daily * 1000.0 / rate - 1.0).abs() < 1e-12);
    let (count, low, high, inside, kind) =
        predicted("s,New cluster,4096,30,unexpected interruptions,70,count,,");
    assert!((count / (512.0 * 30.0 * mean / 1000.0) - 1.0).abs() < 2e-3, "{count}");
    assert!(low < count / 2.0 && high > 1.5 * count && inside && kind == "predicted");
    let (hours, ..) = predicted("s,New cluster,16384,,job MTTF (measured),2,h,,");
    let (minutes, ..) = predicted("s,New cluster,16384,,job MTTF (measured),120,min,,");
    assert!((minutes / hours / 60.0 - 1.0).abs() < 1e-12);
    // Hardware of 2,048 servers and the software's 0.0919 an hour.
    assert!((1.0 / hours - (2048.0 * mean / 24_000.0 + 0.0919)).abs() < 1e-3);
    assert!(predicted("s,New cluster,16384,,job MTTF lower bound,0.001,h,,").3);
    assert!(!predicted("s,New cluster,16384,,job MTTF lower bound,1000,h,,").3);
    // The run of the calibration on another number of accelerators is a prediction.
    let (_, _, _, _, kind) =
        predicted("Llama 3 Herd,Meta 24k H100,8192,54,unexpected interruptions,210,count,,");
    assert_eq!(kind, "predicted");
    assert_eq!(predicted("s,RSC-2,1024,,job MTTF (measured),9,h,,").4, "predicted");
}

#[test]
fn causes_of_another_cluster_are_tested() {
    let rows =
        [("Faulty GPU", 150), ("HBM3 Memory", 70), ("Software Bug", 50), ("Network Switch", 40), ("NIC", 8)];
    let file = |of: &dyn Fn(usize, i32) -> i32| {
        let rows = rows.iter().enumerate().map(|(index, (cause, count))| {
            format!("s,Other,1024,54,unexpected interruptions: {cause},{},count,,\n", of(index, *count))
        });
        format!("{HEADER}{}", rows.collect::<String>())
    };
    let alike = report(&file(&|_, count| count));
    assert_eq!((alike.causes.len(), alike.causes[0].kind), (1, "predicted"));
    assert!(alike.causes[0].test.probability > 0.3, "{:?}", alike.causes);
    let other = report(&file(&|index, count| if index == 4 { 80 } else { count }));
    assert!(other.causes[0].test.probability < 1e-6, "{:?}", other.causes);
}

#[test]
fn the_shared_file_is_covered_as_often_as_is_said() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/facts/reliability.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let report = report(&text);
    let of = |kind| report.coverage_by_kind[kind];
    assert_eq!(of("calibrated").rows, of("calibrated").inside);
    // Four of five are meant: of 30 rows, 19 or fewer would be found by chance once in forty.
    let predicted = of("predicted");
    assert!(predicted.rows >= 30 && predicted.inside >= 20, "{predicted:?}");
    assert!(report.skipped.iter().all(|row| !row.reason.is_empty()) && report.skipped.len() <= 5);
}

/// What may stand in a cell by mistake or on purpose.
const CELLS: [&str; 22] = [
    "",
    "0",
    "-1",
    "1e-300",
    "1e300",
    "nan",
    "inf",
    "16384",
    "RSC-1",
    "RSC-1+2",
    "count",
    "h",
    "%",
    "s",
    "per 1000 node-days",
    "per GPU-year",
    "job MTTF (measured)",
    "checkpoint staging 1e300 GiB",
    "scale-normalised MTBF (0k comps)",
    "unexpected interruptions",
    "\"a\u{202e}b\"",
    "🦀",
];
const METRICS: [&str; 13] = [
    "unexpected interruptions: NIC",
    "unexpected interruptions",
    "job MTTF (measured)",
    "mean time between failures",
    "r_f node failure rate",
    "GPU+HBM interruptions per GPU-year",
    "effective training time",
    "checkpoint staging 3 GiB",
    "GPU jobs failed",
    "mean queue time",
    "mean GPUs per job",
    "GPU-hours analysed",
    "MTBF (10k comps)",
];
const UNITS: [&str; 8] = ["count", "h", "per 1000 node-days", "per GPU-year", "%", "s", "fraction", "GPUs"];

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(&CELLS[..]).prop_map(str::to_owned),
        "[ -~]{0,12}".prop_map(|text| text.replace([',', '"'], " "))
    ]
}

proptest! {
    #[test]
    fn any_row_is_predicted_in_finite_numbers_or_has_a_reason(
        cells in proptest::collection::vec(cell(), 9),
        metric in proptest::option::of(proptest::sample::select(&METRICS[..])),
        unit in proptest::option::of(proptest::sample::select(&UNITS[..])),
        kept in 0..12_usize,
    ) {
        let mut cells = cells;
        if let Some(metric) = metric { cells[4] = metric.to_owned(); }
        if let Some(unit) = unit { cells[6] = unit.to_owned(); }
        cells.truncate(kept);
        let text = format!("{HEADER}{}\nlast,New,8,1,unexpected interruptions,1,count,,\n", cells.join(","));
        let table = Table::parse(text.as_bytes(), &NEEDED).unwrap();
        let report = answers(&table, &Known::of(&CATALOGUE).unwrap());
        prop_assert!((1..=2).contains(&(report.rows.len() + report.skipped.len())));
        for row in &report.rows {
            prop_assert!([row.predicted, row.low, row.high].iter().all(|value| value.is_finite()), "{row:?}");
            // Of a number that is expected far below one, nine in ten are nothing.
            prop_assert!(row.low <= row.high && (row.low <= row.predicted && row.predicted <= row.high || row.unit == "count"), "{row:?}");
        }
        prop_assert!(report.skipped.iter().all(|row| !row.reason.is_empty()));
        prop_assert!(serde_json::to_string(&report).is_ok() && to_csv(&csv_lines(&report)).is_ok());
    }
}
