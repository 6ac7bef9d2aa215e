//! Claims: how probable each is, what that means, and what it would take.
//!
//! A claim with bounds *holds* where the part of the draws that keep them is at least the confidence `c` asked
//! for, *fails* where it is at most `1 - c`, and is *undecided* between. It *restates an input* where its value
//! depends on inputs whose source is the claim's own source and on no others: then it says nothing but what it
//! was told. What nothing here computes is *not judged*.

use gigawatt_plan::plan::{Bounds, ClaimTest, InputId, Plan};
use gigawatt_plan::world::Observer;
use serde::{Deserialize, Serialize};

use crate::influence::Influence;
use crate::run::{Cancelled, Tables, sample};
use crate::uncertainty::{Quantiles, quantile, quantiles};

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Probable enough.
    Holds,
    /// Improbable enough.
    Fails,
    /// Neither.
    Undecided,
    /// Says what it was told.
    RestatesInput,
    /// Nothing here computes it.
    NotJudged,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
            Self::RestatesInput => "restates an input",
            Self::NotJudged => "not judged",
        }
    }
}

/// One input at a value that decides a claim, or at the best of its range where that does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remedy {
    /// The input.
    pub input: InputId,
    /// The value at which it is fixed.
    pub value: f64,
    /// How probable the claim then is.
    pub probability: f64,
    /// Whether that is enough.
    pub enough: bool,
}

/// A claim judged.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Part of the draws that keep the bounds.
    pub probability: Option<f64>,
    /// The value over the draws.
    pub quantiles: Option<Quantiles>,
    /// By how much the value would have to shift as a whole for the claim to hold; `None` where no shift helps
    /// because the spread is wider than the bounds, or none is needed.
    pub shift: Option<f64>,
    /// Single inputs that would make it hold, the most influential first.
    pub remedies: Vec<Remedy>,
    /// Inputs the value depends on, the most influential first.
    pub depends_on: Vec<InputId>,
}

/// Draws with which a remedy is tried: the probability is then known to three points in a hundred.
const REMEDY_DRAWS: u32 = 250;
/// Inputs that are tried as remedies.
const REMEDY_INPUTS: usize = 2;
/// Halvings between an input's reference and the better end of its range.
const REMEDY_HALVINGS: u32 = 4;
/// Even steps through an input's range for a claim with two bounds.
const REMEDY_STEPS: u32 = 4;
/// Bounds are kept to this part of themselves: a stock computed as target less opening plus opening may miss
/// its target by a rounding.
const TOLERANCE: f64 = 1e-9;

/// Whether a value keeps the bounds; one that does not exist, as a ratio to nothing, does not.
fn keeps(bounds: &Bounds, value: f64) -> bool {
    let above = bounds.at_least.is_none_or(|least| value >= least - least.abs() * TOLERANCE);
    let below = bounds.at_most.is_none_or(|most| value <= most + most.abs() * TOLERANCE);
    value.is_finite() && above && below
}

/// Judges every claim of a plan from the values that its draws gave and the influence of its inputs, one list
/// for each claim with bounds.
pub(crate) fn judge(
    plan: &Plan,
    tables: &Tables,
    values: &[Vec<f64>],
    influences: &[Vec<Influence>],
    observer: &dyn Observer,
) -> Result<Vec<Judgement>, Cancelled> {
    let mut sampled = values.iter().zip(influences);
    let mut judgements = Vec::new();
    for claim in &plan.claims {
        let ClaimTest::Bounds(bounds) = &claim.test else {
            judgements.push(Judgement {
                verdict: Verdict::NotJudged,
                probability: None,
                quantiles: None,
                shift: None,
                remedies: Vec::new(),
                depends_on: Vec::new(),
            });
            continue;
        };
        let Some((values, influence)) = sampled.next() else { break };
        let restates = restates(plan, claim.source.as_deref(), influence);
        judgements.push(judge_one(plan, tables, bounds, values.clone(), restates, influence, observer)?);
    }
    Ok(judgements)
}

fn restates(plan: &Plan, source: Option<&str>, influence: &[Influence]) -> bool {
    let Some(source) = source else { return false };
    let mut dependencies = influence.iter().filter(|influence| influence.depends).peekable();
    dependencies.peek().is_some()
        && dependencies.all(|influence| plan.input(influence.input).source.as_deref() == Some(source))
}

fn judge_one(
    plan: &Plan,
    tables: &Tables,
    bounds: &Bounds,
    mut values: Vec<f64>,
    restates: bool,
    influence: &[Influence],
    observer: &dyn Observer,
) -> Result<Judgement, Cancelled> {
    let probability = part(&values, bounds);
    let quantiles = quantiles(&mut values);
    let verdict = if restates {
        Verdict::RestatesInput
    } else if probability >= bounds.confidence {
        Verdict::Holds
    } else if probability <= 1.0 - bounds.confidence {
        Verdict::Fails
    } else {
        Verdict::Undecided
    };
    let mut ranked: Vec<&Influence> = influence.iter().filter(|influence| influence.depends).collect();
    ranked.sort_by(|a, b| b.swing().total_cmp(&a.swing()));
    let lacking = matches!(verdict, Verdict::Fails | Verdict::Undecided);
    let (shift, remedies) = if lacking {
        (shift(&mut values, bounds), remedies(plan, tables, bounds, &ranked, observer)?)
    } else {
        (None, Vec::new())
    };
    Ok(Judgement {
        verdict,
        probability: Some(probability),
        quantiles: Some(quantiles),
        shift,
        remedies,
        depends_on: ranked.iter().map(|influence| influence.input).collect(),
    })
}

/// The part of values that keep bounds.
#[expect(clippy::cast_precision_loss, reason = "a sample has fewer than 2^53 draws")]
pub(crate) fn part(values: &[f64], bounds: &Bounds) -> f64 {
    values.iter().filter(|value| keeps(bounds, **value)).count() as f64 / values.len() as f64
}

/// The smallest shift of all values after which the part within the bounds is the confidence.
fn shift(sorted: &mut [f64], bounds: &Bounds) -> Option<f64> {
    if sorted.iter().any(|value| value.is_nan()) {
        return None;
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let c = bounds.confidence;
    match (bounds.at_least, bounds.at_most) {
        (Some(least), None) => Some(least - quantile(sorted, 1.0 - c)),
        (None, Some(most)) => Some(most - quantile(sorted, c)),
        (Some(least), Some(most)) => {
            // A window of the bounds' width must cover c of the draws; of those that do, the nearest is taken.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "within the sample"
            )]
            let count = ((c * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len());
            (0..=sorted.len() - count)
                .filter(|start| sorted[start + count - 1] - sorted[*start] <= most - least)
                .map(|start| {
                    (0.0_f64).clamp(
                        least - sorted[start],
                        (most - sorted[start + count - 1]).max(least - sorted[start]),
                    )
                })
                .min_by(|a, b| a.abs().total_cmp(&b.abs()))
        }
        (None, None) => None,
    }
}

/// Tries the most influential uncertain inputs one at a time, fixed at values of their range.
fn remedies(
    plan: &Plan,
    tables: &Tables,
    bounds: &Bounds,
    ranked: &[&Influence],
    observer: &dyn Observer,
) -> Result<Vec<Remedy>, Cancelled> {
    let uncertain = ranked.iter().filter(|influence| {
        plan.input(influence.input).distribution.is_uncertain() && influence.swing() > 0.0
    });
    uncertain.take(REMEDY_INPUTS).map(|influence| remedy(plan, tables, bounds, influence, observer)).collect()
}

/// The value of an input that makes a claim hold, as near to its reference as may be; else the best there is.
///
/// One bound wants the input at one end of its range, so that end is tried and then approached from the
/// reference by halving. Two bounds may want it anywhere, so the whole range is tried in even steps.
fn remedy(
    plan: &Plan,
    tables: &Tables,
    bounds: &Bounds,
    influence: &Influence,
    observer: &dyn Observer,
) -> Result<Remedy, Cancelled> {
    let input = influence.input;
    let probability = |value: f64| -> Result<f64, Cancelled> {
        let column = input.0 as usize;
        let fix = |row: &mut [f64]| row[column] = value;
        let draws = REMEDY_DRAWS.min(plan.samples);
        let sample = sample(plan, tables, &[&bounds.query], draws, &fix, &Quiet(observer))?;
        Ok(part(&sample.column(0), bounds))
    };
    let distribution = plan.input(input).distribution;
    let ((low, high), reference) = (distribution.range(), distribution.reference());
    if bounds.at_least.is_some() && bounds.at_most.is_some() {
        let mut best = (reference, -1.0);
        for step in 0..=REMEDY_STEPS {
            let value = low + (high - low) * f64::from(step) / f64::from(REMEDY_STEPS);
            let found = probability(value)?;
            let better = if found.min(best.1) >= bounds.confidence {
                (value - reference).abs() < (best.0 - reference).abs()
            } else {
                found > best.1
            };
            if better {
                best = (value, found);
            }
        }
        let (value, probability) = best;
        return Ok(Remedy { input, value, probability, enough: probability >= bounds.confidence });
    }
    let rises = influence.result.1 > influence.result.0;
    let end = if rises == bounds.at_least.is_some() { high } else { low };
    let at_end = probability(end)?;
    if at_end < bounds.confidence {
        return Ok(Remedy { input, value: end, probability: at_end, enough: false });
    }
    let (mut short, mut enough, mut reached) = (reference, end, at_end);
    for _ in 0..REMEDY_HALVINGS {
        let middle = 0.5 * (short + enough);
        let at_middle = probability(middle)?;
        if at_middle >= bounds.confidence {
            (enough, reached) = (middle, at_middle);
        } else {
            short = middle;
        }
    }
    Ok(Remedy { input, value: enough, probability: reached, enough: true })
}

/// Passes on cancellation but not progress: trying remedies is not the work that the user watches.
struct Quiet<'a>(&'a dyn Observer);

impl Observer for Quiet<'_> {
    fn progress(&self, _work: &'static str, _done: u64, _total: u64) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
