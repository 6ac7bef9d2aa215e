//! Results that differ.

use gigawatt_plan::quantity::Dimension;
use gigawatt_plan::resolve::HEADLINES;
use serde::Serialize;

use super::Comparison;
use crate::{Summary, Value};

/// How the ranges p10 – p90 of two runs lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ranges {
    /// They have nothing in common.
    Apart,
    /// They have something in common.
    Overlap,
}

/// A run beside the first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its median less that of the first.
    pub difference: f64,
    /// Its median over that of the first; absent where that is nothing or the signs differ.
    pub ratio: Option<f64>,
    /// How the ranges lie.
    pub ranges: Ranges,
    /// How important it is.
    pub importance: f64,
}

/// A result at a period or day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct At {
    /// When it is read.
    pub when: String,
    /// By run.
    pub values: Vec<Value>,
    /// By run; absent for the first, and where nothing differs.
    pub differences: Vec<Option<Difference>>,
    /// The greatest of theirs.
    pub importance: f64,
}

/// What one differing input does to a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mover {
    /// Path of the input.
    pub input: String,
    /// By how much the first run's reference case moves when this input alone has the value of the run that
    /// differs most, in base units of the result.
    pub effect: f64,
    /// Whether the effect was computed; if not, it is an estimate from the sensitivity of a run.
    pub computed: bool,
}

/// An input that not all runs have, in a run whose result rests on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OwnInput {
    /// Letter of the run.
    pub run: char,
    /// Path of the input.
    pub input: String,
}

/// Why a result differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// What inputs do to it that all have and that differ.
    pub movers: Vec<Mover>,
    /// The inputs that it rests on and that not all runs have, the most influential first.
    pub own: Vec<OwnInput>,
}

/// A result that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultDifference {
    /// Path.
    pub path: String,
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Base unit.
    pub unit: String,
    /// Whether it is a headline, or judged by a claim of a run.
    pub stands_first: bool,
    /// How important it is.
    pub importance: f64,
    /// The period or day that stands for it: of the first run's year, else the one that differs most.
    pub main: At,
    /// All others that differ, the most important first.
    pub others: Vec<At>,
    /// Which run differs most there.
    pub most: usize,
    /// Differing inputs that move it, the strongest first.
    pub moved_by: Vec<Mover>,
    /// Inputs that it rests on and that not all runs have: a forecast that became known is one number in one run
    /// and another input in the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rests_on: Vec<OwnInput>,
}

impl ResultDifference {
    /// Whether inputs that all have do not explain most of the difference, so that those which not all have are
    /// to be named.
    pub fn rests_on_others(&self) -> bool {
        let apart = self.main.differences.get(self.most).copied().flatten().map_or(0.0, |one| one.difference);
        let moved: f64 = self.moved_by.iter().map(|mover| mover.effect).sum();
        !self.rests_on.is_empty() && (apart - moved).abs() > 0.5 * apart.abs()
    }
}

/// Medians that differ by less than this part of themselves are the same: draws differ in their last digits.
const SAME: f64 = 1e-9;

/// The results that all runs have and that differ.
pub(super) fn differences(summaries: &[&Summary]) -> Vec<ResultDifference> {
    let Some((first, others)) = summaries.split_first() else { return Vec::new() };
    let year = [first.year.to_string(), format!("{}-12-31", first.year)];
    let mut found: Vec<ResultDifference> = first
        .results
        .iter()
        .filter_map(|(path, result)| {
            if others
                .iter()
                .any(|other| other.results.get(path).is_none_or(|other| other.dimension != result.dimension))
            {
                return None;
            }
            let ats = result.values.iter().filter_map(|(when, value)| {
                let theirs = others.iter().map(|other| other.value(path, when).copied());
                let values: Option<Vec<Value>> = std::iter::once(Some(*value)).chain(theirs).collect();
                at(when, values?)
            });
            let mut ats: Vec<At> = ats.filter(|at| at.importance > 0.0).collect();
            ats.sort_by(|a, b| b.importance.total_cmp(&a.importance));
            let main = ats.iter().position(|at| year.contains(&at.when)).unwrap_or(0);
            if ats.is_empty() {
                return None;
            }
            let main = ats.remove(main);
            let importance = |at: &Option<Difference>| at.map_or(0.0, |difference| difference.importance);
            let most = (1..main.differences.len())
                .max_by(|a, b| {
                    importance(&main.differences[*a]).total_cmp(&importance(&main.differences[*b]))
                })
                .unwrap_or(1);
            Some(ResultDifference {
                path: path.clone(),
                title: result.title.clone(),
                dimension: result.dimension,
                unit: result.unit.clone(),
                stands_first: stands_first(path, summaries),
                importance: main.importance,
                main,
                others: ats,
                most,
                moved_by: Vec::new(),
                rests_on: Vec::new(),
            })
        })
        .collect();
    // Stable: equal ones keep the order of their paths.
    found.sort_by(|a, b| b.stands_first.cmp(&a.stands_first).then(b.importance.total_cmp(&a.importance)));
    found
}

/// Whether a result is a headline or judged by a claim of a run.
fn stands_first(path: &str, summaries: &[&Summary]) -> bool {
    let judged = |summary: &&Summary| summary.claims.iter().any(|claim| claim.path.as_deref() == Some(path));
    HEADLINES.contains(&path) || summaries.iter().any(judged)
}

fn at(when: &str, values: Vec<Value>) -> Option<At> {
    let (first, rest) = values.split_first()?;
    let differences: Vec<Option<Difference>> =
        std::iter::once(None).chain(rest.iter().map(|value| difference(first, value))).collect();
    let importance = differences.iter().flatten().map(|difference| difference.importance).fold(0.0, f64::max);
    Some(At { when: when.to_owned(), values, differences, importance })
}

/// How a value differs from that of the first run; nothing where it does not, or one of them does not exist.
fn difference(first: &Value, other: &Value) -> Option<Difference> {
    let (a, b) = (first.p50?, other.p50?);
    let size = a.abs().max(b.abs());
    let difference = b - a;
    let width = |value: &Value| Some(0.5 * (value.p90? - value.p10?));
    let (wide_a, wide_b) = (width(first)?, width(other)?);
    // Medians may agree where spreads do not: that is a difference of half its weight.
    let wider = 0.5 * (wide_b - wide_a).abs();
    let moved = difference.abs().max(wider);
    if moved <= SAME * size.max(wide_a).max(wide_b) {
        return None;
    }
    let spread = 0.5 * (wide_a + wide_b);
    let stands_out = if spread > 0.0 { moved / (moved + spread) } else { 1.0 };
    let apart = other.p10? > first.p90? || other.p90? < first.p10?;
    Some(Difference {
        difference,
        ratio: (a * b > 0.0).then(|| b / a),
        ranges: if apart { Ranges::Apart } else { Ranges::Overlap },
        importance: moved / size.max(moved) * stands_out,
    })
}

/// Effects estimated from the runs' own sensitivities: how far the result goes between the input's p10 and p90,
/// over how far the input goes, times how far the input differs.
pub(super) fn from_sensitivities(
    comparison: &Comparison,
    summaries: &[&Summary],
) -> Vec<(usize, Explanation)> {
    let (Some(first), results) = (summaries.first(), comparison.results.iter().enumerate()) else {
        return Vec::new();
    };
    results
        .map(|(index, result)| {
            let other = summaries.get(result.most).unwrap_or(first);
            let same = |path: &str, when: &str| path == result.path && when == result.main.when;
            let known = summaries.iter().flat_map(|summary| &summary.sensitivity);
            let known = known.filter(|one| same(&one.subject.path, &one.subject.when));
            let mut movers: Vec<Mover> = Vec::new();
            for driver in known.flat_map(|one| &one.inputs) {
                let (Some(at_low), Some(at_high)) = (driver.at_low, driver.at_high) else { continue };
                let (Some(a), Some(b)) = (first.inputs.get(&driver.input), other.inputs.get(&driver.input))
                else {
                    continue;
                };
                let apart = b.distribution.reference() - a.distribution.reference();
                if driver.high == driver.low || movers.iter().any(|mover| mover.input == driver.input) {
                    continue;
                }
                let effect = (at_high - at_low) / (driver.high - driver.low) * apart;
                movers.push(Mover { input: driver.input.clone(), effect, computed: false });
            }
            (index, Explanation { movers, own: Vec::new() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(p10: f64, p50: f64, p90: f64) -> Value {
        Value { p10: Some(p10), p50: Some(p50), p90: Some(p90), mean: Some(p50), reference: None }
    }

    #[test]
    fn the_same_relative_difference_counts_for_more_beside_less_spread() {
        let narrow = difference(&value(99.0, 100.0, 101.0), &value(119.0, 120.0, 121.0)).expect("differs");
        let wide = difference(&value(60.0, 100.0, 140.0), &value(80.0, 120.0, 160.0)).expect("differs");
        assert_eq!((narrow.difference, wide.difference), (20.0, 20.0));
        assert_eq!((narrow.ranges, wide.ranges), (Ranges::Apart, Ranges::Overlap));
        assert!(narrow.importance > 2.0 * wide.importance, "{} {}", narrow.importance, wide.importance);
        // 20 of 120, of which 20 stand beside a mean half-width of 1 and of 40.
        assert!((narrow.importance - 20.0 / 120.0 * 20.0 / 21.0).abs() < 1e-12);
        assert!((wide.importance - 20.0 / 120.0 * 20.0 / 60.0).abs() < 1e-12);
    }

    #[test]
    fn equal_values_do_not_differ_and_wider_ones_do() {
        assert_eq!(difference(&value(1.0, 2.0, 3.0), &value(1.0, 2.0, 3.0)), None);
        assert_eq!(difference(&value(0.0, 0.0, 0.0), &value(0.0, 0.0, 0.0)), None);
        let wider = difference(&value(1.0, 2.0, 3.0), &value(0.0, 2.0, 4.0)).expect("differs");
        assert_eq!(wider.difference, 0.0);
        assert!(wider.importance > 0.0);
    }

    #[test]
    fn a_ratio_needs_two_values_of_one_sign() {
        let across = difference(&value(-2.0, -1.0, 0.0), &value(1.0, 2.0, 3.0)).expect("differs");
        assert_eq!(across.ratio, None);
        assert_eq!(
            difference(&value(1.0, 2.0, 3.0), &value(4.0, 5.0, 6.0)).expect("differs").ratio,
            Some(2.5)
        );
    }
}
