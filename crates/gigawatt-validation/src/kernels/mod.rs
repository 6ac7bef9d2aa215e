//! Times of single kernels held against the law of the device.
//!
//! Rows have the columns `gpu`, `op`, `dtype` and those of their shape (`m`, `n`, `k`, `batch`, ...), and `time_us`.
//! Engines' rows of a narrow format include the cast of the activations, as the engine's linear layer does.

pub mod collectives;
mod fit;
mod loads;
mod point;
mod predict;

use gigawatt_engine::device::{DeviceCoefficients, Generation, Precision};
use rayon::prelude::*;

use crate::report::{Line, Told};
use crate::statistics::Prediction;
use crate::table::{Row, Table, Unusable};

pub use collectives::Collectives;
use collectives::{CollectiveRow, accelerator, is_collective};
pub use fit::fit_kernels;
use point::{Point, Work};
pub use predict::Devices;

/// Columns without which a file says nothing of kernels.
pub const NEEDED: [&str; 3] = ["gpu", "op", "time_us"];

/// Predicts every row of a file.
///
/// # Errors
/// What makes the file unusable.
pub fn predict(
    bytes: &[u8],
    devices: &Devices,
    collectives: &Collectives<'_>,
) -> Result<Vec<Line>, Unusable> {
    let table = Table::parse(bytes, &NEEDED)?;
    let rows: Vec<Row<'_>> = table.rows().collect();
    Ok(rows.par_iter().map(|row| line(row, devices, collectives)).collect())
}

/// The coefficients behind the predictions.
pub fn coefficients(devices: &Devices) -> Vec<Told> {
    Told::all(&devices.coefficients().values(), DeviceCoefficients::MEANINGS)
}

fn line(row: &Row<'_>, devices: &Devices, collectives: &Collectives<'_>) -> Line {
    let measured = measured(row);
    let mut line = Line {
        id: row.id(),
        metric: "time".to_owned(),
        measured: measured.as_ref().ok().copied(),
        outcome: Err(String::new()),
        scored: row.is_scored(),
        note: String::new(),
        cause: String::new(),
        groups: Vec::new(),
    };
    if row.text("op").is_ok_and(is_collective) {
        line.outcome = CollectiveRow::read(row).and_then(|read| {
            let measured = measured?;
            let found = collectives.predict(&read).map_err(|skipped| skipped.reason().to_owned())?;
            line.groups = collective_groups(&read);
            Ok(Prediction { measured, predicted: found.seconds, low: found.low, high: found.high })
        });
        return line;
    }
    let predicted = Point::read(row).and_then(|point| {
        let time = devices.time(&point).ok_or("the catalogue lacks facts of the accelerator")?;
        if time.is_finite() && time > 0.0 {
            Ok((point, time))
        } else {
            Err("the shape has no finite time".to_owned())
        }
    });
    line.outcome = predicted.and_then(|(point, predicted)| {
        let measured = measured?;
        let factor = libm::exp(devices.spread(point.class()));
        line.groups = groups(&point, devices);
        let prediction =
            Prediction { measured, predicted, low: predicted / factor, high: predicted * factor };
        line.cause = cause(&point, devices, prediction);
        Ok(prediction)
    });
    line
}

/// The groups of a row of a collective.
fn collective_groups(row: &CollectiveRow) -> Vec<(&'static str, String)> {
    let gpu = accelerator(&row.gpu).map_or(row.gpu.as_str(), short);
    let size = if row.bytes.is_some_and(|bytes| bytes >= LARGE) { "1 MB and more" } else { "less than 1 MB" };
    let mut groups =
        vec![("op_gpu", format!("{}/{gpu}", row.op)), ("op", row.op.clone()), ("gpu", gpu.to_owned())];
    if row.op.starts_with("nccl") {
        groups.push(("nccl_bytes", size.to_owned()));
        if row.bytes.is_some_and(|bytes| bytes >= LARGE) {
            groups.push(("large_nccl_gpu", gpu.to_owned()));
        }
    }
    groups
}

/// Bytes from which a message counts as large.
const LARGE: f64 = 1e6;

/// The published time \[s\]; where only a rate was published, the time that gives it.
fn measured(row: &Row<'_>) -> Result<f64, String> {
    if let Some(time) = row.number("time_us")? {
        return if time > 0.0 { Ok(time * 1e-6) } else { Err(format!("`time_us` is {time}, not positive")) };
    }
    let flops = 2.0 * row.positive("m")? * row.positive("n")? * row.positive("k")?;
    let groups = row.number("groups_or_experts")?.unwrap_or(1.0);
    row.positive("tflops")
        .map(|rate| groups * flops / (rate * 1e12))
        .map_err(|_| "no time was published".to_owned())
}

fn groups(point: &Point, devices: &Devices) -> Vec<(&'static str, String)> {
    let gpu = short(point.accelerator);
    let generation =
        devices.get(point.accelerator).map_or(Generation::Other, |device| device.facts().generation);
    let mut groups = vec![
        ("op_gpu", format!("{}/{gpu}", point.op)),
        ("op", point.op.clone()),
        ("gpu", gpu.to_owned()),
        ("generation", generation.name().to_owned()),
        ("op_generation", format!("{}/{}", point.op, generation.name())),
        ("op_precision", format!("{}/{}", point.op, point.precision.name())),
    ];
    if let Work::Gemm { m, .. } = point.work {
        let rows = if m >= 512.0 { "512 rows and more" } else { "fewer than 512 rows" };
        groups.push(("gemm_rows", rows.to_owned()));
    }
    groups
}

/// The name of an accelerator without its form.
fn short(id: &str) -> &str {
    id.split_once("-sxm").map_or(id, |(name, _)| name)
}

/// What is known of a row that is far off.
fn cause(point: &Point, devices: &Devices, prediction: Prediction) -> String {
    let Some(device) = devices.get(point.accelerator) else { return String::new() };
    let facts = device.facts();
    let peak = facts.memory_bandwidth * prediction.measured;
    let own = |generation| matches!(generation, Generation::Hopper | Generation::Blackwell);
    match &point.work {
        Work::Decode { shape, cache } => {
            let bytes = shape.batch * shape.context * shape.cached_values() * cache.activation_bytes();
            if bytes > peak && bytes > facts.cache {
                "more bytes than the memory delivers in the time: the row's context may be shorter than stated"
            } else if bytes > peak {
                "read faster than from memory: the cache holds it"
            } else if !own(facts.generation) && prediction.predicted < prediction.measured {
                "a kernel that does not split the context over processors"
            } else {
                ""
            }
        }
        Work::Gemm { n, k, .. } if n * k * point.precision.weight_bytes() > peak => {
            "read faster than from memory: the cache holds the weights"
        }
        Work::Gemm { .. } if point.precision == Precision::Fp8Block && !own(facts.generation) => {
            "block scales by a portable kernel of the engine"
        }
        Work::Experts { uneven: true, .. } => "loads of experts drawn at random by the benchmark",
        _ if prediction.measured > 3.0 * prediction.predicted => "slower than three times the law: another kernel, or a fault of the measurement",
        _ => "",
    }
    .to_owned()
}
