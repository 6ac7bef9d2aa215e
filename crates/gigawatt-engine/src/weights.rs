//! Integrals of what runs straight between moments against what changes by the hour.
//!
//! Between two moments `a` and `b` power runs straight, `P(t) = P_a (1 - u) + P_b u` with `u = (t - a) / (b - a)`,
//! while PUE or price `f` may change every hour. Then
//! `∫ P f dt = P_a ∫ (1 - u) f dt + P_b ∫ u f dt`:
//! two numbers of `f` for every interval, which no draw changes. They are added up once per plan from the mean and the
//! first moment of `f` in every day, so that a draw costs the same whether a series has twelve values or a million.

use gigawatt_plan::plan::{DayMoments, Plan};
use gigawatt_plan::quantity::{Duration, Quantity};

/// What a function weighs at the two ends of every interval of a plan's moments, in seconds times its unit.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    /// `∫ (1 - u) f dt` and `∫ u f dt` over the interval that ends at a moment; nothing for moment 0.
    ends: Vec<(f64, f64)>,
    /// Mean of `f` over the interval that ends at a moment; for moment 0 over the one that starts there.
    means: Vec<f64>,
}

impl Weights {
    /// Adds a function's days up between a plan's moments.
    pub fn new(plan: &Plan, days: &DayMoments) -> Self {
        let mut ends = vec![(0.0, 0.0)];
        let mut means = vec![0.0];
        for pair in plan.axis.windows(2) {
            let day = |moment: i32| usize::try_from(moment - plan.period.start.0).unwrap_or(0);
            let (from, to) = (day(pair[0].0), day(pair[1].0));
            let (mut whole, mut first, mut passed) = (0.0, 0.0, 0.0);
            for (mean, moment) in days.mean[from..to].iter().zip(&days.first[from..to]) {
                whole += mean;
                first += passed * mean + moment;
                passed += 1.0;
            }
            // `first` is in days times days: divided by the length it is `∫ u f` in days.
            let late = first / passed;
            ends.push((Duration::from_days(whole - late).base(), Duration::from_days(late).base()));
            means.push(whole / passed);
        }
        means[0] = means.get(1).copied().unwrap_or(0.0);
        Self { ends, means }
    }

    /// The mean over the interval that ends at a moment.
    pub fn mean(&self, moment: usize) -> f64 {
        self.means[moment]
    }

    /// The mean over the whole plan.
    pub fn overall(&self, plan: &Plan) -> f64 {
        let seconds = Duration::from_days(f64::from(plan.period.end.0 - plan.period.start.0)).base();
        self.ends.iter().map(|(early, late)| early + late).sum::<f64>() / seconds
    }

    /// `∫ value f dt` over the interval that ends at a moment, where `value` runs straight between two levels.
    pub fn apply(&self, moment: usize, before: f64, after: f64) -> f64 {
        let (early, late) = self.ends[moment];
        before * early + after * late
    }
}

/// `factor ∫ value f dt` in base units times seconds over every interval, where `value` runs straight between the
/// moments that carry integrals; the moments between them only cut it. Without weights `f` is 1 and this is the rule
/// of trapezia. Moment 0 has no interval.
pub fn integrate(plan: &Plan, values: &[f64], factor: f64, weights: Option<&Weights>, out: &mut [f64]) {
    let mut start = 0;
    for end in 1..plan.axis.len() {
        if !plan.integrated[end] {
            continue;
        }
        let from = plan.axis[start].days();
        let slope = (values[end] - values[start]) / (plan.axis[end].days() - from);
        let value_at = |moment: usize| values[start] + slope * (plan.axis[moment].days() - from);
        for (moment, out) in out.iter_mut().enumerate().take(end + 1).skip(start + 1) {
            let (before, after) = (value_at(moment - 1), value_at(moment));
            *out = match weights {
                Some(weights) => factor * weights.apply(moment, before, after),
                None => {
                    let length = plan.axis[moment].days() - plan.axis[moment - 1].days();
                    0.5 * factor * (before + after) * Duration::from_days(length).base()
                }
            };
        }
        start = end;
    }
}
