//! How jobs end, by their accelerator time: a multinomial logit.

use super::fit::FitError;

/// Steps in which the shares of time go from those of jobs to those asked for.
const STAGES: u32 = 32;
/// Newton steps of a stage.
const STEPS: usize = 60;
/// How exact the shares are.
const TOLERANCE: f64 = 1e-11;

/// Jobs whose outcome is to be drawn: their probability and accelerator time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Their probability.
    pub share: f64,
    /// Accelerators × seconds.
    pub work: f64,
}

/// Coefficients of cancelled and failed against completed: `α_1, α_2, β_1, β_2`.
type Coefficients = [f64; 4];

/// The logit over some loads.
pub(super) struct Logit<'l> {
    loads: &'l [Load],
    /// Mean of the logarithm of the accelerator time over all accelerator time: the middle of what `β` turns.
    centre: f64,
    mean_work: f64,
    coefficients: Coefficients,
}

impl<'l> Logit<'l> {
    /// The logit that has shares of jobs and shares of time.
    pub fn fit(loads: &'l [Load], of_jobs: [f64; 3], of_time: [f64; 3]) -> Result<Self, FitError> {
        let (of_jobs, of_time) = (normalised(of_jobs)?, normalised(of_time)?);
        let mean_work: f64 = loads.iter().map(|load| load.share * load.work).sum();
        let logarithms = loads.iter().map(|load| load.share * load.work * libm::log(load.work));
        let centre = logarithms.sum::<f64>() / mean_work;
        let start = [libm::log(of_jobs[1] / of_jobs[0]), libm::log(of_jobs[2] / of_jobs[0]), 0.0, 0.0];
        let mut logit = Self { loads, centre, mean_work, coefficients: start };
        for stage in 1..=STAGES {
            let way = f64::from(stage) / f64::from(STAGES);
            let between = |outcome: usize| of_jobs[outcome] + way * (of_time[outcome] - of_jobs[outcome]);
            logit.solve([of_jobs[1], of_jobs[2], between(1), between(2)])?;
        }
        Ok(logit)
    }

    /// Probabilities of the outcomes of jobs with so much accelerator time.
    pub fn outcomes(&self, work: f64) -> [f64; 3] {
        probabilities(&self.coefficients, libm::log(work) - self.centre)
    }

    /// Newton's method from where the coefficients are, with halved steps where a whole one leads away.
    fn solve(&mut self, targets: [f64; 4]) -> Result<(), FitError> {
        let (mut off, mut slopes) = self.off(&self.coefficients, targets);
        for _ in 0..STEPS {
            if norm(&off) < TOLERANCE {
                return Ok(());
            }
            let step = solved(slopes, off).ok_or(FitError::Endings)?;
            let mut length = 1.0;
            loop {
                let mut next = self.coefficients;
                next.iter_mut().zip(step).for_each(|(value, step)| *value -= length * step);
                let (there, slopes_there) = self.off(&next, targets);
                if norm(&there) < norm(&off) {
                    (self.coefficients, off, slopes) = (next, there, slopes_there);
                    break;
                }
                length *= 0.5;
                if length < 1e-9 {
                    // Rounding leaves nothing to gain; whether it is enough is asked below.
                    return if norm(&off) < 1e-8 { Ok(()) } else { Err(FitError::Endings) };
                }
            }
        }
        Err(FitError::Endings)
    }

    /// By how much the shares are off, and how they move with the coefficients.
    fn off(&self, coefficients: &Coefficients, targets: [f64; 4]) -> ([f64; 4], [[f64; 4]; 4]) {
        let mut off = targets.map(|target| -target);
        let mut slopes = [[0.0; 4]; 4];
        for load in self.loads {
            let place = libm::log(load.work) - self.centre;
            let [_, cancelled, failed] = probabilities(coefficients, place);
            let chances = [cancelled, failed];
            let of_time = load.share * load.work / self.mean_work;
            for outcome in 0..2 {
                off[outcome] += load.share * chances[outcome];
                off[2 + outcome] += of_time * chances[outcome];
                for other in 0..2 {
                    let own = if outcome == other { 1.0 } else { 0.0 };
                    let slope = chances[outcome] * (own - chances[other]);
                    slopes[outcome][other] += load.share * slope;
                    slopes[outcome][2 + other] += load.share * slope * place;
                    slopes[2 + outcome][other] += of_time * slope;
                    slopes[2 + outcome][2 + other] += of_time * slope * place;
                }
            }
        }
        (off, slopes)
    }
}

/// Shares that add up to 1.
fn normalised(shares: [f64; 3]) -> Result<[f64; 3], FitError> {
    let sum: f64 = shares.iter().sum();
    let sound = shares.iter().all(|share| share.is_finite() && *share > 0.0);
    if sound { Ok(shares.map(|share| share / sum)) } else { Err(FitError::Endings) }
}

fn probabilities(&[a1, a2, b1, b2]: &Coefficients, place: f64) -> [f64; 3] {
    let scores = [0.0, a1 + b1 * place, a2 + b2 * place];
    let largest = scores.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let weights = scores.map(|score| libm::exp(score - largest));
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

fn norm(vector: &[f64; 4]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// The solution of four linear equations by elimination with pivots; `None` where there is none.
fn solved(mut rows: [[f64; 4]; 4], mut right: [f64; 4]) -> Option<[f64; 4]> {
    for column in 0..4 {
        let pivot = (column..4)
            .max_by(|one, other| rows[*one][column].abs().total_cmp(&rows[*other][column].abs()))?;
        rows.swap(column, pivot);
        right.swap(column, pivot);
        if rows[column][column].abs() < 1e-300 {
            return None;
        }
        let (above, under) = rows.split_at_mut(column + 1);
        let (pivot, known) = (above[column], right[column]);
        for (row, value) in under.iter_mut().zip(&mut right[column + 1..]) {
            let factor = row[column] / pivot[column];
            row.iter_mut().zip(pivot).for_each(|(cell, of_pivot)| *cell -= factor * of_pivot);
            *value -= factor * known;
        }
    }
    for row in (0..4).rev() {
        let known: f64 = (row + 1..4).map(|at| rows[row][at] * right[at]).sum();
        right[row] = (right[row] - known) / rows[row][row];
    }
    Some(right)
}
