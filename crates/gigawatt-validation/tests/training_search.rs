//! Published layouts beside the best that a search finds for their model and machines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gigawatt_engine::training::search::{Problem, Space, examine, search};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::Silent;
use gigawatt_validation::Table;
use gigawatt_validation::training::{Asked, Laws, Read, TrainingRow};

/// Published rows on at least so many accelerators are laid out anew: those that somebody has tuned.
const LEAST: u64 = 256;

/// Step of the published layout over that of the best; none where the published one does not fit by the law of memory.
fn ratio(asked: &Asked, laws: &Laws) -> Option<(f64, String)> {
    let question = &asked.question;
    let problem = Problem {
        shape: &question.shape,
        device: &question.device,
        shipped: question.shipped,
        network: &question.network,
        precision: question.precision,
        framework: question.framework,
        accelerators: question.layout.accelerators,
        global_batch: question.layout.global_batch,
        sequence_length: question.layout.sequence_length,
        laws,
    };
    let published = examine(&problem, question.framework, &question.layout);
    let published = published.found.filter(|_| published.faults.is_empty())?;
    let space = Space::of(&problem).usual(&problem).with(question.framework, &question.layout);
    let found = search(&problem, &space, 1, &Silent).unwrap();
    let best = &found.best[0];
    // Seconds to compare are those of the law in both cases.
    assert!(best.step.seconds <= published.step.seconds * (1.0 + 1e-9), "{}", asked.row.id);
    let fields: Vec<String> =
        best.layout.fields().iter().map(|(name, value)| format!("{name} = {value}")).collect();
    Some((published.step.seconds / best.step.seconds, fields.join(", ")))
}

#[test]
fn the_best_is_at_least_as_fast_as_what_was_published() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation/training_points.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is absent");
        return;
    };
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let laws = Laws::embedded().unwrap();
    let mut ratios = Vec::new();
    let (mut unfit, mut skipped) = (0, 0);
    for row in TrainingRow::read(&Table::parse(text.as_bytes(), &[]).unwrap()) {
        let Read::Asked(asked) = Read::of(row, &catalogue, &laws) else { continue };
        if !asked.row.scored || asked.question.layout.accelerators < LEAST {
            skipped += 1;
            continue;
        }
        match ratio(&asked, &laws) {
            Some((ratio, best)) => {
                println!("{:<24} {ratio:.3}  {best}", asked.row.id);
                ratios.push(ratio);
            }
            None => unfit += 1,
        }
    }
    assert!(ratios.len() >= 20, "{} rows", ratios.len());
    ratios.sort_by(f64::total_cmp);
    let within = ratios.iter().filter(|ratio| **ratio <= 1.15).count();
    println!(
        "{} rows on {LEAST} accelerators or more: published over best, median {:.3}, most {:.3}; {within} within 15 %; {unfit} do not fit by the law, {skipped} smaller or not scored",
        ratios.len(),
        ratios[ratios.len() / 2],
        ratios[ratios.len() - 1],
    );
    assert!(within * 2 > ratios.len());
}
