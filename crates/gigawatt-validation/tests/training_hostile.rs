//! Rows made to crash, hang or swell the prediction of training steps: each is predicted in finite numbers, or has a reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::LazyLock;

use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::training::{self, Laws, NEEDED, Read, TrainingRow};
use gigawatt_validation::{Line, Table};
use proptest::prelude::*;

/// Published runs, to be spoilt.
const SAMPLE: &str = include_str!("../../gigawatt/tests/points/training.csv");

/// Columns that hold numbers.
const NUMBERS: [&str; 29] = [
    "params_total_b",
    "layers",
    "hidden",
    "ffn",
    "heads",
    "kv_heads",
    "head_dim",
    "vocab",
    "experts",
    "topk",
    "shared_experts",
    "moe_ffn",
    "seq_len",
    "gpus",
    "gpus_per_node",
    "tp",
    "pp",
    "vpp",
    "cp",
    "ep",
    "etp",
    "dp",
    "micro_batch",
    "global_batch",
    "value",
    "also_mem_gib",
    "scored",
    "params_active_b",
    "also_step_time_s",
];

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
    laws: Laws,
    catalogue: Catalogue,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let mut reader = csv::Reader::from_reader(SAMPLE.as_bytes());
    let mut header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    for further in
        NUMBERS.iter().filter(|name| !header.iter().any(|column| column == *name)).collect::<Vec<_>>()
    {
        header.push((*further).to_owned());
        rows.iter_mut().for_each(|row| row.push(String::new()));
    }
    Laws::embedded()
        .map(|laws| World {
            laws,
            catalogue: Catalogue::embedded(&mut sources, &mut diagnostics),
            header,
            rows,
        })
        .unwrap()
});

/// Predicts a table, and checks that every row has finite numbers or a reason.
fn predicted(text: &str) -> Vec<Line> {
    let table = Table::parse(text.as_bytes(), &NEEDED).unwrap();
    let rows = TrainingRow::read(&table);
    let reads: Vec<Read> = rows.into_iter().map(|row| Read::of(row, &WORLD.catalogue, &WORLD.laws)).collect();
    let lines = training::lines(&reads, &WORLD.laws);
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
    if let Some(overall) = training::report(&reads, &lines, &WORLD.laws).overall {
        for one in [overall.median_abs_error, overall.p90_abs_error, overall.mape, overall.bias] {
            assert!(one.is_finite(), "{overall:?}\n{text}");
        }
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

/// Runs that count, with some of their cells replaced.
fn spoilt(cells: &[(&str, &str)]) -> Vec<Line> {
    let counts = column("scored");
    let mut rows: Vec<Vec<String>> =
        WORLD.rows.iter().filter(|row| row[counts] == "1").step_by(2).cloned().collect();
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
fn impossible_numbers_are_told() {
    for (name, cell, words) in [
        ("gpus", "1e18", "`gpus` is 1000000000000000000, not a whole number"),
        ("gpus", "-8", "`gpus` is -8"),
        ("gpus", "100000000000000", "beyond all bounds"),
        ("layers", "1000000000000", "1000000000000 layers are beyond all bounds"),
        ("micro_batch", "999999999999999", "beyond all bounds"),
        ("tp", "2.5", "`tp` is 2.5"),
        ("seq_len", "many", "`seq_len` is `many`"),
        ("value", "NaN", "`value` is `NaN`"),
        ("value", "1e300", "beyond all bounds"),
        ("value", "-5", "no value was measured"),
    ] {
        let lines = spoilt(&[(name, cell), ("pp", ""), ("cp", "")]);
        for line in lines {
            assert!(line.outcome.as_ref().is_err_and(|told| told.contains(words)), "{name} {cell}: {line:?}");
        }
    }
    // All fits together but the pipeline.
    let long = [
        ("gpus", "100000000"),
        ("tp", "1"),
        ("cp", "1"),
        ("pp", "1000000"),
        ("vpp", "1"),
        ("global_batch", "100000000"),
    ];
    for line in spoilt(&[&long[..], &[("micro_batch", "1")]].concat()) {
        let words = "1000000 pieces of a pipeline are beyond all bounds";
        assert!(line.outcome.as_ref().is_err_and(|told| told.contains(words)), "{line:?}");
    }
}

#[test]
fn the_longest_pipeline_is_predicted() {
    let cells = [
        ("layers", "10000"),
        ("gpus", "512"),
        ("tp", "1"),
        ("cp", "1"),
        ("pp", "512"),
        ("vpp", "1"),
        ("micro_batch", "1"),
        ("global_batch", "10000000"),
    ];
    let mut rows: Vec<Vec<String>> =
        WORLD.rows.iter().filter(|row| row[column("model")] == "Llama 3 70B").take(1).cloned().collect();
    let row = rows.first_mut().unwrap();
    for (name, cell) in [&cells[..], &[("workload", "pretrain")]].concat() {
        row[column(name)] = cell.to_owned();
    }
    assert!(predicted(&written(&rows))[0].outcome.is_ok());
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
