//! Published peaks of memory against the law, and whether published configurations fit.

use gigawatt_engine::training::{Inferred, MemoryCoefficients, infer_recompute};
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_validation::percentile;
use gigawatt_validation::table::Table;
use gigawatt_validation::training::memory::{Counted, question, recompute_word, states_recompute};
use gigawatt_validation::training::row::TrainingRow;

const GIB: f64 = 1_073_741_824.0;

fn rows() -> Option<Vec<TrainingRow>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation/training_points.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is absent");
        return None;
    };
    Some(TrainingRow::read(&Table::read(&text).unwrap()))
}

fn coefficients() -> MemoryCoefficients {
    MemoryCoefficients::read(&Coefficients::embedded("memory").unwrap()).unwrap()
}

#[test]
fn published_peaks_are_predicted() {
    let Some(rows) = rows() else { return };
    let with = coefficients();
    let mut errors = Vec::new();
    for row in rows.iter().filter(|row| row.memory.is_some()) {
        let measured = row.memory.unwrap();
        match question(row) {
            Err(reason) => println!("{:20} {:16} {measured:7.1} not predicted: {reason}", row.id, row.model),
            Ok(question) => {
                let memory = question.memory(&with);
                let predicted = Counted::of(row).bytes(&memory) / GIB;
                let error = predicted / measured - 1.0;
                errors.push(error.abs());
                let parts: Vec<String> = memory.parts().iter().map(|part| format!("{:.1}", part / GIB)).collect();
                println!(
                    "{:20} {:16} {measured:7.1} {predicted:7.1} {:+6.1} %  {}",
                    row.id,
                    row.model,
                    error * 100.0,
                    parts.join(" ")
                );
            }
        }
    }
    let (median, worst) = (percentile(&mut errors.clone(), 0.5), percentile(&mut errors, 1.0));
    println!("{} rows: median {:.1} %, worst {:.1} %", errors.len(), median * 100.0, worst * 100.0);
}

#[test]
fn published_configurations_fit() {
    let Some(rows) = rows() else { return };
    let with = coefficients();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for row in rows.iter().filter(|row| row.tier == "A" && row.workload == "pretrain") {
        let question = match question(row) {
            Ok(question) => question,
            Err(reason) => {
                *counts.entry(format!("not asked: {reason}")).or_default() += 1;
                continue;
            }
        };
        let memory = question.question.device.memory;
        let (job, total) = (question.job(), question.needed(&with).needed());
        let verdict = if states_recompute(row) || row.framework == "llm-foundry" {
            if total <= memory { "fits as stated".into() } else {
                println!("{:28} {:24} {:6} {}x mb {} {} {} : {:.1} of {:.1} GB, {:?}", row.id, row.model, row.gpu_type, row.gpus.unwrap(), row.micro_batch.unwrap(), row.precision, row.recompute, total/1e9, memory/1e9, infer_recompute(&job, memory, &with));
                "does not fit as stated".into()
            }
        } else {
            match infer_recompute(&job, memory, &with) {
                Inferred::Fits { recompute, .. } => {
                    if !matches!(recompute_word(recompute).as_str(), "none") {
                    println!("{:28} {:30} {:6} {}x t{:?} p{:?} v{:?} c{:?} e{:?} mb {} {} none {:.0} of {:.0} needs {}", row.id, row.model, row.gpu_type, row.gpus.unwrap(), row.tensor, row.pipeline, row.virtual_stages, row.context, row.expert, row.micro_batch.unwrap(), row.precision, total/1e9, memory/1e9, recompute_word(recompute));
                    }
                    let word = recompute_word(recompute);
                    format!("inferred: {}", if word.contains("layers") { "some layers" } else { &word })
                }
                Inferred::Short { by } => {
                    println!("{:28} {:30} {:6} {}x t{:?} p{:?} v{:?} c{:?} e{:?} mb {} {}  {:.1} of {:.1} GB, SHORT {:.1}", row.id, row.model, row.gpu_type, row.gpus.unwrap(), row.tensor, row.pipeline, row.virtual_stages, row.context, row.expert, row.micro_batch.unwrap(), row.precision, total/1e9, memory/1e9, by/1e9);
                    "inferred: does not fit".into()
                }
            }
        };
        *counts.entry(verdict).or_default() += 1;
    }
    for (verdict, number) in &counts {
        println!("{number:5} {verdict}");
    }
}
