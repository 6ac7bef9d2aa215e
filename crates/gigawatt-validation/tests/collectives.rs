//! Predictions of collectives against published measurements.

use std::collections::BTreeMap;
use std::path::Path;

use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::kernels::collectives::{CollectiveRow, Collectives, Skipped};
use gigawatt_validation::{Prediction, Statistics};

fn coefficients() -> NetworkCoefficients {
    let table = Coefficients::embedded("network").expect("the embedded file is well formed");
    NetworkCoefficients::read(&table).expect("the embedded file is complete")
}

fn catalogue() -> Catalogue {
    Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default())
}

fn row(gpu: &str, op: &str, ranks: u64, bytes: f64) -> CollectiveRow {
    CollectiveRow {
        id: String::new(),
        gpu: gpu.to_owned(),
        engine: "NCCL".to_owned(),
        op: op.to_owned(),
        m: None,
        k: None,
        groups_or_experts: None,
        topk: None,
        num_gpus: Some(ranks),
        bytes: Some(bytes),
        notes: String::new(),
    }
}

/// nccl-tests of NVIDIA's aiconfigurator (Apache-2.0, commit 095f58a5): operation, accelerator, ranks, MiB, µs.
const PUBLISHED: &[(&str, &str, u64, f64, f64)] = &[
    ("nccl_all_reduce", "a100_sxm", 8, 512.0, 4225.9),
    ("nccl_all_reduce", "h100_sxm", 4, 512.0, 2305.0),
    ("nccl_all_reduce", "h100_sxm", 8, 512.0, 2112.0),
    ("nccl_all_reduce", "gb200", 4, 512.0, 1282.2),
    ("nccl_all_gather", "a100_sxm", 4, 512.0, 2102.0),
    ("nccl_all_gather", "h100_sxm", 8, 512.0, 1398.1),
    ("nccl_all_gather", "b200_sxm", 8, 512.0, 761.4),
    ("nccl_reduce_scatter", "b200_sxm", 4, 512.0, 728.8),
    ("nccl_alltoall", "h100_sxm", 8, 512.0, 1480.7),
    ("nccl_alltoall", "b200_sxm", 8, 512.0, 834.2),
    ("nccl_all_gather", "rtx_pro_6000_server", 8, 512.0, 20_405.3),
    ("nccl_all_gather", "l40s", 2, 512.0, 13_698.0),
];

#[test]
fn large_vectors_take_what_was_measured() {
    let catalogue = catalogue();
    let collectives = Collectives::new(&catalogue, coefficients());
    for (op, gpu, ranks, mebibytes, microseconds) in PUBLISHED {
        let predicted =
            collectives.predict(&row(gpu, op, *ranks, mebibytes * 1_048_576.0)).expect("predicted");
        let ratio = predicted.seconds * 1e6 / microseconds;
        assert!((0.85..1.15).contains(&ratio), "{op} on {ranks} {gpu}: {ratio}");
    }
}

#[test]
fn what_is_not_stated_is_not_guessed() {
    let catalogue = catalogue();
    let collectives = Collectives::new(&catalogue, coefficients());
    let skipped = |row: &CollectiveRow| collectives.predict(row).expect_err("not predicted");
    assert_eq!(skipped(&row("abacus", "nccl_all_reduce", 8, 1e6)), Skipped::Accelerator);
    assert_eq!(skipped(&row("h100_sxm", "nccl_all_reduce", 16, 1e6)), Skipped::Network);
    assert_eq!(skipped(&row("h100_sxm", "gemm", 8, 1e6)), Skipped::Operation);
    let nothing = CollectiveRow { bytes: None, ..row("h100_sxm", "nccl_all_reduce", 8, 1e6) };
    assert_eq!(skipped(&nothing), Skipped::Number);
    let apart = CollectiveRow {
        notes: "size as in file; devices_per_node=1; median".to_owned(),
        ..row("H100", "nccl_send_recv", 2, 1e6)
    };
    assert_eq!(skipped(&apart), Skipped::Network);
}

#[test]
fn residuals_are_logarithms_and_move_with_the_coefficients() {
    let catalogue = catalogue();
    let collectives = Collectives::new(&catalogue, coefficients());
    let gather = row("h100_sxm", "nccl_all_gather", 8, 1e9);
    let seconds = collectives.predict(&gather).expect("predicted").seconds;
    let rows = [(gather, seconds / 2.0), (row("abacus", "nccl_all_gather", 8, 1e9), 1.0)];
    let residuals = collectives.residuals(&rows, coefficients());
    assert_eq!(residuals.len(), 1);
    assert!((residuals[0] - libm::log(2.0)).abs() < 1e-12);
    let slower = NetworkCoefficients { ring_share: coefficients().ring_share / 2.0, ..coefficients() };
    assert!(collectives.residuals(&rows, slower)[0] > residuals[0] + 0.5);
}

/// Rows of the file that are predicted: with what was measured, as a time in seconds.
fn measured(collectives: &Collectives<'_>) -> Option<Vec<(CollectiveRow, Prediction)>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/op_points.csv");
    let mut reader = csv::Reader::from_path(file).ok()?;
    let headers = reader.headers().expect("a header").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect("the column");
    let (op, time, rate) = (column("op"), column("time_us"), column("gbps"));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.expect("a record");
        if !["nccl", "custom", "deepep"].iter().any(|kind| record[op].starts_with(kind)) {
            continue;
        }
        let row: CollectiveRow = record.deserialize(Some(&headers)).expect("a row");
        let Ok(predicted) = collectives.predict(&row) else { continue };
        let seconds = match (record[time].parse::<f64>(), record[rate].parse::<f64>()) {
            (Ok(microseconds), _) => microseconds * 1e-6,
            (_, Ok(gigabytes)) => predicted.seconds * predicted.rate.expect("a rate") / (gigabytes * 1e9),
            _ => continue,
        };
        let (low, high) = (predicted.low, predicted.high);
        rows.push((row, Prediction { measured: seconds, predicted: predicted.seconds, low, high }));
    }
    Some(rows)
}

#[test]
fn every_accelerator_is_met_from_a_megabyte_up() {
    let catalogue = catalogue();
    let Some(rows) = measured(&Collectives::new(&catalogue, coefficients())) else {
        println!("skipped: ../shared/validation is not here");
        return;
    };
    let mut groups: BTreeMap<String, Vec<Prediction>> = BTreeMap::new();
    for (row, prediction) in rows {
        let kind = row.op.split('_').next().unwrap_or_default().to_owned();
        let size = match row.bytes {
            Some(bytes) if bytes < 1e6 => "small",
            _ => "large",
        };
        groups.entry(format!("{kind} {size} {}", row.gpu)).or_default().push(prediction);
        groups.entry(format!("{kind} {size}")).or_default().push(prediction);
        groups.entry("all".to_owned()).or_default().push(prediction);
    }
    let statistics: BTreeMap<String, Statistics> = groups
        .into_iter()
        .filter_map(|(name, predictions)| Some((name, Statistics::of(predictions)?)))
        .collect();
    for (name, group) in &statistics {
        println!(
            "{name:45} {:5} median {:5.1} % p90 {:5.1} % bias {:+.2} covered {:3.0} %",
            group.count,
            100.0 * group.median_abs_error,
            100.0 * group.p90_abs_error,
            group.bias,
            100.0 * group.interval_coverage,
        );
    }
    let median = |name: &str| statistics[name].median_abs_error;
    for gpu in
        ["a100_sxm", "h100_sxm", "h200_sxm", "b200_sxm", "b300_sxm", "gb200", "gb300", "rtx_pro_6000_server"]
    {
        assert!(median(&format!("nccl large {gpu}")) < 0.12, "{gpu}");
    }
    // Groups of four and eight L40S went through the host's memory, at rates that scatter.
    assert!(median("nccl large l40s") < 0.16);
    assert!(median("nccl large") < 0.10 && statistics["nccl large"].bias.abs() < 0.03);
    assert!(median("nccl small") < 0.25);
    assert!(median("custom large") < 0.20);
    assert!(median("custom small") < 0.35);
    assert!(median("deepep large") < 0.15);
    assert!((0.75..0.87).contains(&statistics["all"].interval_coverage));
}
