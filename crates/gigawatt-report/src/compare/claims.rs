//! Claims that are judged differently.

use gigawatt_engine::Verdict;
use serde::Serialize;

use crate::{ClaimSummary, Summary};

/// A claim in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimSide {
    /// The verdict.
    pub verdict: Verdict,
    /// Part of the draws that keep the bounds.
    pub probability: Option<f64>,
    /// Least value allowed.
    pub at_least: Option<f64>,
    /// Greatest value allowed.
    pub at_most: Option<f64>,
    /// Probability asked for.
    pub confidence: Option<f64>,
}

/// A claim that is judged differently, or asks for something else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimDifference {
    /// Name.
    pub name: String,
    /// The statement, as the first run has it.
    pub says: String,
    /// Whether the verdicts differ.
    pub verdict_differs: bool,
    /// Whether bounds or the probability asked for differ.
    pub asks_differ: bool,
    /// By run.
    pub sides: Vec<ClaimSide>,
    /// How important it is: the greatest difference of probabilities, one more where the verdicts differ.
    pub importance: f64,
}

/// Probabilities that differ by less are the same: draws are finite.
const SAME: f64 = 0.005;

pub(super) fn differences(summaries: &[&Summary]) -> Vec<ClaimDifference> {
    let Some((first, others)) = summaries.split_first() else { return Vec::new() };
    let mut found: Vec<ClaimDifference> = first
        .claims
        .iter()
        .filter_map(|claim| {
            let same =
                |summary: &&Summary| summary.claims.iter().find(|other| other.name == claim.name).cloned();
            let rest: Option<Vec<ClaimSummary>> = others.iter().map(same).collect();
            let all: Vec<ClaimSummary> = std::iter::once(claim.clone()).chain(rest?).collect();
            difference(&all)
        })
        .collect();
    found.sort_by(|a, b| b.importance.total_cmp(&a.importance));
    found
}

fn difference(all: &[ClaimSummary]) -> Option<ClaimDifference> {
    let first = all.first()?;
    let asked = |claim: &ClaimSummary| (claim.at_least, claim.at_most, claim.confidence);
    let verdict_differs = all.iter().any(|claim| claim.verdict != first.verdict);
    let asks_differ = all.iter().any(|claim| asked(claim) != asked(first));
    let probabilities = || all.iter().filter_map(|claim| claim.probability);
    let apart = probabilities().fold(0.0, f64::max) - probabilities().fold(1.0, f64::min);
    let apart = apart.max(0.0);
    if !verdict_differs && !asks_differ && apart <= SAME {
        return None;
    }
    Some(ClaimDifference {
        name: first.name.clone(),
        says: first.says.clone(),
        verdict_differs,
        asks_differ,
        sides: all
            .iter()
            .map(|claim| ClaimSide {
                verdict: claim.verdict,
                probability: claim.probability,
                at_least: claim.at_least,
                at_most: claim.at_most,
                confidence: claim.confidence,
            })
            .collect(),
        importance: apart + if verdict_differs { 1.0 } else { 0.0 },
    })
}
