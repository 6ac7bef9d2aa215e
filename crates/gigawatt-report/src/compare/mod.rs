//! Comparison of runs: what differs in results, claims and inputs, the most important first, and why.
//!
//! Runs are matched by path, so scenarios with different vocabularies can be compared: what only some have is
//! listed apart. The first run is the one that the others are compared with.
//!
//! The *importance* of a difference `d` of medians is `|d| / size × z / (1 + z)`, with `size` the greater of both
//! medians and `z = |d| / s` for the mean half-width `s` of both ranges p10 – p90: relative size, weighted by how
//! far the difference stands out of the spread. Headlines and what claims judge stand before all else.

mod claims;
mod inputs;
mod results;

use serde::Serialize;

pub use claims::{ClaimDifference, ClaimSide};
pub use inputs::{Effect, InputDifference, InputSide};
pub use results::{At, Difference, Explanation, Mover, OwnInput, Ranges, ResultDifference};

use crate::Summary;

/// A run to compare.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What it is called: a file or a folder.
    pub label: &'a str,
    /// Its results.
    pub summary: &'a Summary,
}

/// Which run it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunIdentity {
    /// A letter for tables: A, B, C.
    pub letter: char,
    /// File or folder.
    pub label: String,
    /// Name of the scenario.
    pub name: String,
    /// Identity of the run.
    pub run: String,
    /// The day whose knowledge was used.
    pub as_of: String,
    /// Draws.
    pub samples: u32,
    /// Seed.
    pub seed: u64,
}

/// What only one of the runs has, or only some.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Only {
    /// Paths of results, names of claims, or paths of inputs.
    pub what: &'static str,
    /// Letters of the runs that have them.
    pub runs: String,
    /// The paths or names.
    pub paths: Vec<String>,
}

/// What differs between runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The runs, the first the one that the others are compared with.
    pub runs: Vec<RunIdentity>,
    /// Number of results that all have.
    pub common_results: usize,
    /// Results that all have and that differ, the most important first.
    pub results: Vec<ResultDifference>,
    /// Number of claims that all have.
    pub common_claims: usize,
    /// Claims that all have and that are judged differently, the most important first.
    pub claims: Vec<ClaimDifference>,
    /// Number of inputs that all have.
    pub common_inputs: usize,
    /// Inputs that all have and that differ, those that move the results most first.
    pub inputs: Vec<InputDifference>,
    /// What not all have.
    pub only: Vec<Only>,
}

/// The letter of a run.
pub fn letter(index: usize) -> char {
    u8::try_from(index).ok().filter(|index| *index < 26).map_or('?', |index| char::from(b'A' + index))
}

impl Comparison {
    /// Compares runs by path. Why results differ is said with what the runs' own sensitivities hold, until
    /// [`Comparison::explain`] is given more.
    pub fn new(runs: &[Run<'_>]) -> Self {
        let summaries: Vec<&Summary> = runs.iter().map(|run| run.summary).collect();
        let identities = runs.iter().enumerate().map(|(index, run)| RunIdentity {
            letter: letter(index),
            label: run.label.to_owned(),
            name: run.summary.name.clone(),
            run: run.summary.run.clone(),
            as_of: run.summary.as_of.to_string(),
            samples: run.summary.samples,
            seed: run.summary.seed,
        });
        let results = results::differences(&summaries);
        let claims = claims::differences(&summaries);
        let inputs = inputs::differences(&summaries);
        let mut only = Vec::new();
        let paths = |pick: fn(&Summary) -> Vec<&str>| summaries.iter().map(|summary| pick(summary)).collect();
        let all: [(&'static str, Vec<Vec<&str>>); 3] = [
            ("results", paths(|summary| summary.results.keys().map(String::as_str).collect())),
            ("claims", paths(|summary| summary.claims.iter().map(|claim| claim.name.as_str()).collect())),
            ("inputs", paths(|summary| summary.inputs.keys().map(String::as_str).collect())),
        ];
        let mut common = [0; 3];
        for ((what, paths), common) in all.iter().zip(&mut common) {
            let (shared, partly) = not_in_all(what, paths);
            *common = shared;
            only.extend(partly);
        }
        let mut comparison = Self {
            runs: identities.collect(),
            common_results: common[0],
            results,
            common_claims: common[1],
            claims,
            common_inputs: common[2],
            inputs,
            only,
        };
        let known = results::from_sensitivities(&comparison, &summaries);
        comparison.explain(known);
        comparison
    }

    /// Whether the runs say the same of everything that all have, and all have the same.
    pub fn nothing_differs(&self) -> bool {
        self.results.is_empty() && self.claims.is_empty() && self.inputs.is_empty() && self.only.is_empty()
    }

    /// Takes why results differ, by their index, replacing what was known of those results, and puts the inputs
    /// into order of what they move.
    pub fn explain(&mut self, why: Vec<(usize, Explanation)>) {
        for (result, Explanation { mut movers, own }) in why {
            let Some(difference) = self.results.get_mut(result) else { continue };
            movers.retain(|mover| mover.effect.is_finite() && mover.effect != 0.0);
            movers.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
            difference.moved_by = movers;
            difference.rests_on = own;
        }
        inputs::rank(&mut self.inputs, &self.results);
    }
}

/// How many entries all lists hold, and those that only some hold, by which.
fn not_in_all(what: &'static str, lists: &[Vec<&str>]) -> (usize, Vec<Only>) {
    let mut owners: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (run, list) in lists.iter().enumerate() {
        for path in list {
            owners.entry(path).or_default().push(run);
        }
    }
    let common = owners.values().filter(|runs| runs.len() == lists.len()).count();
    let mut only: Vec<Only> = Vec::new();
    for (path, runs) in owners.into_iter().filter(|(_, runs)| runs.len() < lists.len()) {
        let letters: String = runs.into_iter().map(letter).collect();
        match only.iter_mut().find(|only| only.runs == letters) {
            Some(only) => only.paths.push(path.to_owned()),
            None => only.push(Only { what, runs: letters, paths: vec![path.to_owned()] }),
        }
    }
    only.sort_by(|a, b| a.runs.cmp(&b.runs));
    (common, only)
}
