//! Inputs that differ.

use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::fact::FactKind;
use gigawatt_plan::quantity::Dimension;
use serde::Serialize;

use super::ResultDifference;
use crate::{InputSummary, Summary};

/// An input in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputSide {
    /// Value or spread.
    pub distribution: Distribution,
    /// How it came to be known.
    pub kind: FactKind,
    /// Id of its source.
    pub source: Option<String>,
    /// File and line.
    pub place: String,
}

impl InputSide {
    /// The value in the reference case.
    pub fn reference(&self) -> f64 {
        self.distribution.reference()
    }
}

/// What an input does to a result that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Path of the result.
    pub path: String,
    /// When it is read.
    pub when: String,
    /// By how much the input alone moves the first run's reference case, in base units of the result.
    pub effect: f64,
    /// That over the difference of the medians.
    pub part: f64,
}

/// An input that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputDifference {
    /// Path.
    pub path: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Base unit.
    pub unit: String,
    /// Whether value or spread differ; if not, only its provenance does.
    pub value_differs: bool,
    /// Whether the source differs.
    pub source_differs: bool,
    /// By run.
    pub sides: Vec<InputSide>,
    /// The results that it moves, the most important first.
    pub moves: Vec<Effect>,
    /// How important it is: the greatest importance of a result that it moves, times its part of that result's
    /// difference, at most all of it.
    pub importance: f64,
}

pub(super) fn differences(summaries: &[&Summary]) -> Vec<InputDifference> {
    let Some((first, others)) = summaries.split_first() else { return Vec::new() };
    first
        .inputs
        .iter()
        .filter_map(|(path, input)| {
            let rest: Option<Vec<&InputSummary>> =
                others.iter().map(|other| other.inputs.get(path)).collect();
            let all: Vec<&InputSummary> = std::iter::once(input).chain(rest?).collect();
            difference(path, &all)
        })
        .collect()
}

fn difference(path: &str, all: &[&InputSummary]) -> Option<InputDifference> {
    let first = all.first()?;
    let value_differs = all
        .iter()
        .any(|input| input.distribution != first.distribution || input.dimension != first.dimension);
    let source_differs = all.iter().any(|input| input.source != first.source);
    if !value_differs && !source_differs && all.iter().all(|input| input.kind == first.kind) {
        return None;
    }
    Some(InputDifference {
        path: path.to_owned(),
        dimension: first.dimension,
        unit: first.unit.clone(),
        value_differs,
        source_differs,
        sides: all
            .iter()
            .map(|input| InputSide {
                distribution: input.distribution,
                kind: input.kind,
                source: input.source.clone(),
                place: input.place.clone(),
            })
            .collect(),
        moves: Vec::new(),
        importance: 0.0,
    })
}

/// Weight of what moves a result that is neither a headline nor judged by a claim.
const ASIDE: f64 = 0.25;

/// Of what is not known to move anything, a difference counts for little, and a source alone for less.
const UNKNOWN: f64 = 1e-3;

/// Puts inputs into order of what they move.
pub(super) fn rank(inputs: &mut [InputDifference], results: &[ResultDifference]) {
    for input in inputs.iter_mut() {
        let mut weighed = Vec::new();
        for result in results {
            let Some(mover) = result.moved_by.iter().find(|mover| mover.input == input.path) else {
                continue;
            };
            let apart = result.main.differences.get(result.most).copied().flatten();
            let apart = apart.map_or(0.0, |difference| difference.difference);
            let part = if apart == 0.0 { 0.0 } else { mover.effect / apart };
            let (path, when) = (result.path.clone(), result.main.when.clone());
            let weight = if result.stands_first { 1.0 } else { ASIDE };
            let importance = weight * result.importance * part.abs().min(1.0);
            weighed.push((importance, Effect { path, when, effect: mover.effect, part }));
        }
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
        input.importance = weighed.first().map_or(0.0, |(importance, _)| *importance);
        input.moves = weighed.into_iter().map(|(_, effect)| effect).collect();
        if input.moves.is_empty() {
            input.importance = match input.value_differs {
                true => UNKNOWN * apart(&input.sides),
                false => 0.0,
            };
        }
    }
    inputs.sort_by(|a, b| {
        b.importance
            .total_cmp(&a.importance)
            .then(b.value_differs.cmp(&a.value_differs))
            .then(a.path.cmp(&b.path))
    });
}

/// The greatest relative difference of reference values.
fn apart(sides: &[InputSide]) -> f64 {
    let Some(first) = sides.first() else { return 0.0 };
    let a = first.reference();
    let others = sides.iter().skip(1).map(|side| {
        let b = side.reference();
        let size = a.abs().max(b.abs());
        if size > 0.0 { (b - a).abs() / size } else { 0.0 }
    });
    others.fold(0.0, f64::max)
}
