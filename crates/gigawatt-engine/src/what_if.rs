//! The reference case with some inputs at other values.

use gigawatt_plan::plan::{InputId, Plan, Query};

use crate::draw::Draw;
use crate::run::Evaluation;

/// Queries in the reference case for each set of changes, in base units: one row of values per set.
pub fn what_if(plan: &Plan, sets: &[Vec<(InputId, f64)>], queries: &[Query]) -> Vec<Vec<f64>> {
    let reference = Draw::reference(plan);
    let mut evaluation = Evaluation::new(plan);
    sets.iter()
        .map(|changes| {
            let mut row = reference.clone();
            for (input, value) in changes {
                row[input.0 as usize] = *value;
            }
            let series = evaluation.run(plan, Draw::new(&row));
            queries.iter().map(|query| series.read(plan, query)).collect()
        })
        .collect()
}
