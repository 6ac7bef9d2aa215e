//! Published peaks of memory against the law, and whether published configurations fit their accelerators.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table of errors is read by people")]

use std::collections::BTreeMap;

use gigawatt_engine::training::Recompute;
use gigawatt_engine::training::legality::structure;
use gigawatt_engine::training::memory::{Inferred, MemoryCoefficients, footprint, infer_recompute};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::training::memory::{Counted, MemoryQuestion, question};
use gigawatt_validation::training::{TrainingRow, laws_of_machines};
use gigawatt_validation::{Table, percentile};

const GIB: f64 = 1_073_741_824.0;

fn rows() -> Option<Vec<TrainingRow>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation/training_points.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is absent");
        return None;
    };
    Some(TrainingRow::read(&Table::parse(text.as_bytes(), &[]).unwrap()))
}

fn coefficients() -> MemoryCoefficients {
    MemoryCoefficients::embedded().unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default())
}

#[test]
fn published_peaks_are_predicted() {
    let Some(rows) = rows() else { return };
    let (with, catalogue, laws) = (coefficients(), catalogue(), laws_of_machines().unwrap());
    let mut errors = Vec::new();
    println!("id, model, recompute, measured and predicted GiB, error");
    for row in &rows {
        let Some(measured) = row.memory else { continue };
        let name = format!("{:20} {:16} {:9}", row.id, row.model, row.recompute);
        match question(row, &catalogue, &laws) {
            Err(reason) => println!("{name} {measured:6.1}  not predicted: {reason}"),
            Ok(question) => {
                let predicted = Counted::of(row).bytes(&question.memory(&with)) / GIB;
                let error = predicted / measured - 1.0;
                errors.push(error.abs());
                println!("{name} {measured:6.1} {predicted:6.1} {:+6.1} %", error * 100.0);
            }
        }
    }
    let within = errors.iter().filter(|error| **error <= 0.08).count();
    let (median, worst) = (percentile(&mut errors, 0.5), percentile(&mut errors, 1.0));
    println!(
        "{} rows, {within} within 8 %: median {:.1} %, worst {:.1} %",
        errors.len(),
        median * 100.0,
        worst * 100.0
    );
    assert!(errors.len() >= 20 && median <= 0.06 && worst <= 0.18, "median {median}, worst {worst}");
}

/// How a row's configuration stands to its accelerator's memory.
fn verdict(row: &TrainingRow, question: &MemoryQuestion, with: &MemoryCoefficients) -> (String, bool) {
    let (job, available) = (question.job(), question.question.device.facts().memory);
    let (stage, memory) = footprint(&job, with).neediest();
    if !row.recompute.is_empty() {
        if memory.needed() <= available {
            return ("fits as stated".into(), true);
        }
        let (part, bytes) = memory.largest();
        println!(
            "{:20} {:18} {:5} on {}: stage {stage} needs {:.1} of {:.1} GB, {:.1} are {part}",
            row.id,
            row.model,
            row.gpus.unwrap_or(0),
            row.gpu_type,
            memory.needed() / 1e9,
            available / 1e9,
            bytes / 1e9
        );
        return ("does not fit as stated".into(), false);
    }
    match infer_recompute(&job, available, with) {
        Inferred::Fits { recompute, .. } => {
            let word = match recompute {
                Recompute::None => "none",
                Recompute::Elementwise => "norms and activation functions",
                Recompute::Selective => "attention's core too",
                Recompute::Layers(_) => "some layers",
                Recompute::Full => "every layer",
            };
            (format!("least recomputation: {word}"), true)
        }
        Inferred::Short { by } => {
            println!(
                "{:20} {:18} {:5} on {}: {:.1} GB short with full recomputation",
                row.id,
                row.model,
                row.gpus.unwrap_or(0),
                row.gpu_type,
                by / 1e9
            );
            ("does not fit with full recomputation".into(), false)
        }
    }
}

#[test]
fn published_configurations_fit() {
    let Some(rows) = rows() else { return };
    let (with, catalogue, laws) = (coefficients(), catalogue(), laws_of_machines().unwrap());
    let mut counts = BTreeMap::<(String, String), usize>::new();
    let (mut asked, mut fitting) = (0_usize, 0_usize);
    for row in rows.iter().filter(|row| row.tier == "A" && row.workload == "pretrain") {
        let stands = if row.flags.contains("offload") {
            "offloads: not asked".into()
        } else {
            match question(row, &catalogue, &laws) {
                Err(reason) => format!("not asked: {reason}"),
                Ok(question) => {
                    let (stands, fits) = verdict(row, &question, &with);
                    asked += 1;
                    fitting += usize::from(fits);
                    stands
                }
            }
        };
        *counts.entry((row.framework.clone(), stands)).or_default() += 1;
    }
    for ((framework, stands), number) in &counts {
        println!("{number:5} {framework:12} {stands}");
    }
    println!("{fitting} of {asked} fit");
    assert!(asked >= 500 && asked - fitting <= 3, "{fitting} of {asked}");
}

#[test]
fn published_layouts_are_legal() {
    let Some(rows) = rows() else { return };
    let (catalogue, laws) = (catalogue(), laws_of_machines().unwrap());
    let mut faulty = 0;
    let mut asked = 0;
    for row in rows.iter().filter(|row| row.tier == "A" && row.workload == "pretrain") {
        let Ok(question) = question(row, &catalogue, &laws) else { continue };
        asked += 1;
        let faults = structure(&question.job());
        if !faults.is_empty() {
            faulty += 1;
        }
        for fault in faults {
            println!("{} {}: {}; {}", row.id, row.model, fault.message(), fault.help().unwrap_or_default());
        }
    }
    println!("{faulty} of {asked} published layouts have a fault");
    assert!(asked >= 500 && faulty * 50 <= asked, "{faulty} of {asked}");
}
