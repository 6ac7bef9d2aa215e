//! The part of `summary.json` that says what the draws know beyond three quantiles.

use gigawatt_engine::{Convergence, Results, Step, Subject, TOLERANCE};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::Dimension;
use serde::{Deserialize, Serialize};

/// Which number it is about: a headline, or the value that judges a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SubjectSummary {
    /// Path of the result.
    pub path: String,
    /// When it is read: `2025`, `2025-12-31`, or in a claim's words.
    pub when: String,
    /// Name of the claim that it judges; absent for a headline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claim: Option<String>,
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Base unit.
    pub unit: String,
}

/// The inputs that drive a number: a tornado.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SensitivitySummary {
    /// Which number.
    #[serde(flatten)]
    pub subject: SubjectSummary,
    /// At most ten, the strongest first.
    pub inputs: Vec<DriverSummary>,
}

/// An input that drives a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DriverSummary {
    /// Path of the input.
    pub input: String,
    /// What the input measures.
    pub dimension: Dimension,
    /// Spearman's rank correlation over the draws, above zero where the number rises with the input.
    pub rank_correlation: f64,
    /// The input's p10.
    pub low: f64,
    /// The input's p90.
    pub high: f64,
    /// The number with the input at its p10, every other input as in the reference case; absent where it does
    /// not exist there.
    pub at_low: Option<f64>,
    /// The number with the input at its p90.
    pub at_high: Option<f64>,
}

/// How probable a number is to exceed a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExceedanceSummary {
    /// Which number.
    #[serde(flatten)]
    pub subject: SubjectSummary,
    /// Values, rising.
    pub values: Vec<f64>,
    /// For each of them, the part of the draws in which the number is greater: from 0.99 to 0.01.
    pub probabilities: Vec<f64>,
}

/// Whether there are enough draws for a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ConvergenceSummary {
    /// Which number.
    #[serde(flatten)]
    pub subject: SubjectSummary,
    /// Part of the number's size within which mean and quantiles are to be known.
    pub tolerance: f64,
    /// Whether the standard errors of all draws are within it.
    pub reached: bool,
    /// Draws after which they would be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub draws_needed: Option<u64>,
    /// What the first 50, 100, 200, 500 ... draws say, and all of them.
    pub steps: Vec<Step>,
}

/// The three lists of a summary, in the order of [`Results::spreads`].
pub(crate) fn summaries(
    plan: &Plan,
    results: &Results,
) -> (Vec<SensitivitySummary>, Vec<ExceedanceSummary>, Vec<ConvergenceSummary>) {
    let (mut sensitivity, mut exceedance, mut convergence) = (Vec::new(), Vec::new(), Vec::new());
    let finite = |value: f64| value.is_finite().then_some(value);
    for spread in &results.spreads {
        let Some(subject) = subject(plan, results, spread.subject) else { continue };
        let Some(Convergence { steps, reached, draws_needed }) = spread.convergence.clone() else { continue };
        let inputs = spread.drivers.iter().map(|driver| {
            let input = plan.input(driver.input);
            DriverSummary {
                input: input.path.clone(),
                dimension: input.dimension,
                rank_correlation: driver.rank_correlation,
                low: driver.range.0,
                high: driver.range.1,
                at_low: finite(driver.result.0),
                at_high: finite(driver.result.1),
            }
        });
        sensitivity.push(SensitivitySummary { subject: subject.clone(), inputs: inputs.collect() });
        exceedance.push(ExceedanceSummary {
            subject: subject.clone(),
            values: spread.exceedance.iter().map(|point| point.value).collect(),
            probabilities: spread.exceedance.iter().map(|point| point.probability).collect(),
        });
        convergence.push(ConvergenceSummary { subject, tolerance: TOLERANCE, reached, draws_needed, steps });
    }
    (sensitivity, exceedance, convergence)
}

fn subject(plan: &Plan, results: &Results, subject: Subject) -> Option<SubjectSummary> {
    let query = subject.query(plan, &results.tables)?;
    let path = plan.vocabulary.get(query.result);
    let (when, claim) = match subject {
        Subject::Table(table) => (results.tables[table].when.clone(), None),
        Subject::Claim(index) => {
            let claim = &plan.claims[index];
            let gigawatt_plan::plan::ClaimTest::Bounds(bounds) = &claim.test else { return None };
            (bounds.when.clone(), Some(claim.name.clone()))
        }
    };
    Some(SubjectSummary {
        path: path.path.clone(),
        when,
        claim,
        title: path.title.clone(),
        dimension: path.dimension,
        unit: path.dimension.base_unit().to_owned(),
    })
}
