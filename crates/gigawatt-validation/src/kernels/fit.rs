//! How the coefficients of the device are fitted: products, attention, caches and experts one after another, since
//! each needs what the one before decided.

use gigawatt_engine::device::DeviceCoefficients;

use super::point::{Class, Point};
use super::predict::Devices;
use super::{NEEDED, measured};
use crate::fit::{Method, Parameter, fit};
use crate::statistics::percentile;
use crate::table::{Table, Unusable};

/// Rows of these coefficients' `fitted_on` that begin with an op decide them.
const STAGES: [(Class, &[&str]); 4] = [
    (Class::Gemm, &["gemm:"]),
    (Class::Decode, &["attention_decode", "mla_decode"]),
    (Class::Attention, &["attention_prefill"]),
    (Class::Experts, &["moe_ffn"]),
];

/// Fits all coefficients that rows of a file decide; the others stay.
///
/// # Errors
/// What makes the file unusable.
pub fn fit_kernels(bytes: &[u8], start: &Devices) -> Result<Devices, Unusable> {
    let table = Table::parse(bytes, &NEEDED)?;
    let rows: Vec<(Point, f64)> = table
        .rows()
        .filter(|row| row.is_scored())
        .filter_map(|row| Some((Point::read(&row).ok()?, measured(&row).ok()?)))
        .collect();
    let mut devices = start.clone();
    for (class, begins) in STAGES {
        let rows: Vec<&(Point, f64)> = rows.iter().filter(|(point, _)| point.class() == class).collect();
        let decided = |index: &usize| {
            let one = &DeviceCoefficients::MEANINGS[*index];
            begins.iter().any(|begin| one.fitted_on.starts_with(begin)) && !one.name.ends_with("_spread")
        };
        let free: Vec<usize> = (0..DeviceCoefficients::MEANINGS.len()).filter(decided).collect();
        devices = stage(&devices, &free, &rows);
    }
    Ok(devices)
}

/// Fits some of the coefficients on the rows of a class, and then the spread that is left.
fn stage(start: &Devices, free: &[usize], rows: &[&(Point, f64)]) -> Devices {
    let values = start.coefficients().values();
    let with = |inner: &[f64]| {
        let mut all = values.clone();
        for (index, value) in free.iter().zip(inner) {
            all[*index] = *value;
        }
        DeviceCoefficients::with_values(&all).map_or_else(|| start.clone(), |set| start.with(set))
    };
    let residuals = |devices: &Devices| -> Vec<f64> {
        let far = |(point, measured): &&(Point, f64)| {
            devices.time(point).map_or(f64::NAN, |time| libm::log(time / measured))
        };
        rows.iter().map(far).collect()
    };
    let parameters: Vec<Parameter> = free
        .iter()
        .map(|index| {
            let one = &DeviceCoefficients::MEANINGS[*index];
            Parameter::free(values[*index], one.least, one.most)
        })
        .collect();
    let found = fit(&parameters, METHOD, |inner| residuals(&with(inner)));
    let rounded: Vec<f64> = found.values.iter().map(|value| rounded(*value)).collect();
    let devices = with(&rounded);
    let mut far: Vec<f64> =
        residuals(&devices).into_iter().map(f64::abs).filter(|far| far.is_finite()).collect();
    let spread = rounded_up(percentile(&mut far, 0.8));
    let Some((point, _)) = rows.first() else { return devices };
    let mut set = *devices.coefficients();
    match point.class() {
        Class::Gemm => set.gemm_spread = spread,
        Class::Attention => set.attention_spread = spread,
        Class::Decode => set.decode_spread = spread,
        Class::Experts => set.experts_spread = spread,
    }
    devices.with(set)
}

const METHOD: Method = Method { threshold: 0.06, iterations: 60, tolerance: 1e-8 };

/// To four significant figures, which is more than the measurements decide.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// To two decimals, at least one hundredth.
fn rounded_up(value: f64) -> f64 {
    ((value * 100.0).ceil() / 100.0).max(0.01)
}
