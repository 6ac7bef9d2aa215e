//! Rows made to crash, hang or swell the prediction of serving: each is predicted in finite numbers, or has a reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::LazyLock;

use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::serving::{self, NEEDED, Read, ServingLaws, ServingRow};
use gigawatt_validation::{Line, Table};
use proptest::prelude::*;

/// Published rows, to be spoilt.
const SAMPLE: &str = include_str!("../../gigawatt/tests/points/serving.csv");

/// Columns that hold numbers, or texts with numbers.
const NUMBERS: [&str; 11] =
    ["gpus", "tp", "pp", "ep", "dp", "isl", "osl", "concurrency_or_rate", "value", "scored", "notes"];

/// What may stand in a cell by mistake or on purpose.
const CELLS: [&str; 26] = [
    "",
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "10",
    "64",
    "97",
    "511",
    "512",
    "1000",
    "9999",
    "10000",
    "999983",
    "10000000",
    "100000000",
    "1000000000000",
    "999999999999999",
    "1e18",
    "-1e300",
    "1e308",
    "5e-324",
    "NaN",
    "inf",
];

struct World {
    laws: ServingLaws,
    catalogue: Catalogue,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let mut reader = csv::Reader::from_reader(SAMPLE.as_bytes());
    World {
        laws: ServingLaws::embedded().unwrap(),
        catalogue: Catalogue::embedded(&mut sources, &mut diagnostics),
        header: reader.headers().unwrap().iter().map(str::to_owned).collect(),
        rows: reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect(),
    }
});

/// Predicts a table, and checks that every row has finite numbers or a reason.
fn predicted(text: &str) -> Vec<Line> {
    let table = Table::parse(text.as_bytes(), &NEEDED).unwrap();
    let rows = ServingRow::read(&table);
    let reads: Vec<Read> = rows.into_iter().map(|row| Read::of(row, &WORLD.catalogue, &WORLD.laws)).collect();
    let lines = serving::lines(&reads, &WORLD.laws);
    assert_eq!(lines.len(), table.rows().count());
    for line in &lines {
        match &line.outcome {
            Err(reason) => assert!(!reason.is_empty() && reason.len() < 1000, "{line:?}"),
            Ok(one) => {
                let numbers = [one.measured, one.predicted, one.low, one.high, one.error()];
                assert!(numbers.iter().all(|number| number.is_finite()), "{line:?}\n{text}");
                assert!(0.0 < one.predicted, "{line:?}\n{text}");
                assert!(one.low <= one.predicted && one.predicted <= one.high, "{line:?}\n{text}");
            }
        }
    }
    let report = serving::report(&reads, &lines, &WORLD.laws);
    for one in report.overall.values().chain(report.naive.values()) {
        let numbers = [one.median_abs_error, one.p90_abs_error, one.mape, one.bias];
        assert!(numbers.iter().all(|number| number.is_finite()), "{one:?}\n{text}");
    }
    lines
}

fn written(rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&WORLD.header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn column(name: &str) -> usize {
    WORLD.header.iter().position(|column| column == name).unwrap()
}

/// Rows that count, with some of their cells replaced.
fn spoilt(cells: &[(&str, &str)]) -> Vec<Line> {
    let counts = column("scored");
    let mut rows: Vec<Vec<String>> = WORLD.rows.iter().filter(|row| row[counts] == "1").cloned().collect();
    for row in &mut rows {
        for (name, cell) in cells {
            row[column(name)] = (*cell).to_owned();
        }
    }
    predicted(&written(&rows))
}

#[test]
fn any_number_in_any_column() {
    for name in NUMBERS {
        for cell in CELLS {
            spoilt(&[(name, cell)]);
        }
    }
}

#[test]
fn any_number_after_a_word_in_the_notes() {
    for word in [
        "num_requests=",
        "max_num_seqs=",
        "nextn=",
        "kv_cache_free_gpu_mem_fraction ",
        "requested isl/osl 1/",
    ] {
        for cell in CELLS {
            spoilt(&[("notes", &format!("{word}{cell}"))]);
            spoilt(&[("concurrency_or_rate", &format!("target_qps {cell}"))]);
        }
    }
}

#[test]
fn impossible_numbers_are_told() {
    for (name, cell, words) in [
        ("gpus", "1e18", "`gpus` is 1000000000000000000, not a whole number"),
        ("gpus", "-8", "`gpus` is -8"),
        ("gpus", "100000000000000", "beyond all bounds"),
        ("gpus", "", "the number of accelerators is not published"),
        ("tp", "2.5", "`tp` is 2.5"),
        ("isl", "many", "`isl` is `many`"),
        ("osl", "1e300", "beyond all bounds"),
        ("value", "NaN", "`value` is `NaN`"),
        ("value", "1e300", "beyond all bounds"),
        ("value", "-5", "no value was measured"),
        ("quant_weights", "fp3", "the format `fp3` is not known"),
        ("engine_version", "llama.cpp b4000", "the engine `llama.cpp b4000` is not known"),
        ("unit", "furlongs", "the unit `furlongs`"),
        ("metric_kind", "latency", "`latency` is not predicted"),
    ] {
        for line in spoilt(&[(name, cell)]) {
            assert!(line.outcome.as_ref().is_err_and(|told| told.contains(words)), "{name} {cell}: {line:?}");
        }
    }
    let layout = spoilt(&[("tp", "16"), ("gpus", "8"), ("disagg", ""), ("dp", ""), ("pp", "")]);
    for line in layout {
        assert!(line.outcome.as_ref().is_err_and(|told| told.contains("does not fit 8")), "{line:?}");
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(&CELLS[..]).prop_map(str::to_owned),
        2 => (1_u64..200_000).prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_cells_in_a_row(
        row in 0..WORLD.rows.len(),
        cells in proptest::collection::vec((0..WORLD.header.len(), cell()), 1..6),
    ) {
        let mut rows = vec![WORLD.rows[row].clone()];
        for (column, cell) in cells {
            rows[0][column] = cell;
        }
        predicted(&written(&rows));
    }
}
