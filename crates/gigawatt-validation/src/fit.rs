//! Least squares with bounds and a robust loss: how coefficients are fitted.
//!
//! Levenberg's and Marquardt's method on residuals whose weight falls once they exceed a threshold (P. J. Huber,
//! "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35 (1), 1964), by iterative
//! reweighting. Derivatives are differences. Everything is done in a fixed order, so the same input gives the same
//! bits on any number of threads.

use gigawatt_engine::coefficients::Meaning;
use rayon::prelude::*;

/// A number to be fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Where the search begins.
    pub start: f64,
    /// Where it is expected, if there is a prior.
    pub centre: f64,
    /// The least value allowed.
    pub least: f64,
    /// The greatest value allowed.
    pub most: f64,
    /// How far from there it is expected, in logarithms if `least` is above 0 and as a share of its range
    /// otherwise; nothing is expected where there is none.
    pub spread: Option<f64>,
}

/// Where a coefficient is expected before any row is seen, and how far from there, as [`Parameter::spread`] has it.
pub type Prior = (&'static str, f64, f64);

impl Parameter {
    /// Those of a set of coefficients, which begin at `start` or where they are expected. One without a prior is expected
    /// in the middle of its range, anywhere within it.
    pub fn of(meanings: &[Meaning], priors: &[Prior], start: Option<&[f64]>) -> Vec<Self> {
        let one = |(index, meaning): (usize, &Meaning)| {
            let prior = priors.iter().find(|(known, ..)| *known == meaning.name);
            let (centre, spread) = prior
                .map_or((f64::midpoint(meaning.least, meaning.most), 0.5), |(_, centre, spread)| {
                    (*centre, *spread)
                });
            let start = start.and_then(|values| values.get(index).copied()).unwrap_or(centre);
            Self { start, centre, least: meaning.least, most: meaning.most, spread: Some(spread) }
        };
        meanings.iter().enumerate().map(one).collect()
    }

    /// One without a prior.
    pub fn free(start: f64, least: f64, most: f64) -> Self {
        Self { start, centre: start, least, most, spread: None }
    }

    /// Positive parameters are searched in logarithms, so that steps are relative.
    fn is_positive(&self) -> bool {
        self.least > 0.0
    }

    fn inward(&self, value: f64) -> f64 {
        let value = value.clamp(self.least, self.most);
        if self.is_positive() { libm::log(value) } else { (value - self.least) / (self.most - self.least) }
    }

    fn outward(&self, inner: f64) -> f64 {
        let value =
            if self.is_positive() { libm::exp(inner) } else { self.least + inner * (self.most - self.least) };
        value.clamp(self.least, self.most)
    }

    fn range(&self) -> (f64, f64) {
        (self.inward(self.least), self.inward(self.most))
    }
}

/// How a fit is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Method {
    /// Residuals beyond it count linearly.
    pub threshold: f64,
    /// Steps at most.
    pub iterations: usize,
    /// The fit ends when a step lowers the loss by less than this share.
    pub tolerance: f64,
}

impl Default for Method {
    fn default() -> Self {
        Self { threshold: 0.1, iterations: 100, tolerance: 1e-9 }
    }
}

/// What came of a fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub values: Vec<f64>,
    /// The residuals at these.
    pub residuals: Vec<f64>,
    /// The loss at these, priors included.
    pub loss: f64,
    /// Steps done.
    pub iterations: usize,
    /// Whether it ended by itself.
    pub converged: bool,
}

/// Step of the differences, in the parameters that are searched.
const STEP: f64 = 1e-5;
/// Damping at which no step helps any more.
const STUCK: f64 = 1e12;

/// Lowers the loss of residuals by moving parameters within their bounds. Residuals that are no numbers count as none.
pub fn fit(parameters: &[Parameter], method: Method, residuals: impl Fn(&[f64]) -> Vec<f64> + Sync) -> Fit {
    let problem = Problem { parameters, method, residuals: &residuals };
    let mut at: Vec<f64> = parameters.iter().map(|one| one.inward(one.start)).collect();
    let mut now = problem.residuals(&at);
    let mut loss = problem.loss(&at, &now);
    let (mut damping, mut iterations, mut converged) = (1e-3, 0, parameters.is_empty());
    while iterations < method.iterations && !converged {
        iterations += 1;
        let (matrix, gradient) = problem.normal_equations(&at, &now);
        loop {
            let step = problem.step(&at, &matrix, &gradient, damping);
            let next = problem.bounded(&at, &step);
            let residuals = problem.residuals(&next);
            let next_loss = problem.loss(&next, &residuals);
            if next_loss < loss {
                converged = loss - next_loss <= method.tolerance * loss;
                (at, now, loss) = (next, residuals, next_loss);
                damping = (damping / 5.0).max(1e-12);
                break;
            }
            damping *= 4.0;
            if damping > STUCK {
                converged = true;
                break;
            }
        }
    }
    Fit { values: problem.outward(&at), residuals: now, loss, iterations, converged }
}

struct Problem<'p, R> {
    parameters: &'p [Parameter],
    method: Method,
    residuals: &'p R,
}

impl<R: Fn(&[f64]) -> Vec<f64> + Sync> Problem<'_, R> {
    fn outward(&self, at: &[f64]) -> Vec<f64> {
        self.parameters.iter().zip(at).map(|(one, inner)| one.outward(*inner)).collect()
    }

    fn residuals(&self, at: &[f64]) -> Vec<f64> {
        let mut residuals = (self.residuals)(&self.outward(at));
        for residual in &mut residuals {
            if !residual.is_finite() {
                *residual = 0.0;
            }
        }
        residuals
    }

    /// Distance of a parameter from its prior in units of its spread, and the inverse of that spread.
    fn prior(&self, index: usize, inner: f64) -> Option<(f64, f64)> {
        let one = &self.parameters[index];
        let weight = 1.0 / one.spread.filter(|spread| *spread > 0.0)?;
        Some(((inner - one.inward(one.centre)) * weight, weight))
    }

    fn loss(&self, at: &[f64], residuals: &[f64]) -> f64 {
        let limit = self.method.threshold;
        let of_rows: f64 = residuals
            .iter()
            .map(|residual| {
                let size = residual.abs();
                if size <= limit { size * size / 2.0 } else { limit * (size - limit / 2.0) }
            })
            .sum();
        // A prior is told in units of its spread: one unit weighs as a residual at the threshold.
        let scale = limit * limit / 2.0;
        let of_priors: f64 = at
            .iter()
            .enumerate()
            .filter_map(|(index, inner)| self.prior(index, *inner))
            .map(|(far, _)| far * far * scale)
            .sum();
        of_rows + of_priors
    }

    /// Weighted JᵀJ, row by row, and Jᵀr.
    fn normal_equations(&self, at: &[f64], residuals: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let columns: Vec<Vec<f64>> = (0..at.len())
            .into_par_iter()
            .map(|index| {
                let (least, most) = self.parameters[index].range();
                // Away from the bound, so that the difference is not cut off.
                let step = if at[index] + STEP > most && at[index] - STEP >= least { -STEP } else { STEP };
                let mut moved = at.to_vec();
                moved[index] += step;
                let there = self.residuals(&moved);
                there.iter().zip(residuals).map(|(there, here)| (there - here) / step).collect()
            })
            .collect();
        let weights: Vec<f64> = residuals
            .iter()
            .map(|residual| (self.method.threshold / residual.abs().max(f64::MIN_POSITIVE)).min(1.0))
            .collect();
        let weighted = |left: &[f64], right: &[f64]| -> f64 {
            left.iter().zip(right).zip(&weights).map(|((left, right), weight)| left * right * weight).sum()
        };
        let mut matrix: Vec<Vec<f64>> = columns
            .par_iter()
            .map(|left| columns.iter().map(|right| weighted(left, right)).collect())
            .collect();
        let mut gradient: Vec<f64> = columns.iter().map(|column| weighted(column, residuals)).collect();
        let scale = self.method.threshold * self.method.threshold;
        for (index, inner) in at.iter().enumerate() {
            if let Some((far, weight)) = self.prior(index, *inner) {
                matrix[index][index] += weight * weight * scale;
                gradient[index] += far * weight * scale;
            }
        }
        (matrix, gradient)
    }

    /// The damped step. Parameters at a bound that the gradient presses on stay where they are.
    fn step(&self, at: &[f64], matrix: &[Vec<f64>], gradient: &[f64], damping: f64) -> Vec<f64> {
        let moves: Vec<usize> = (0..at.len())
            .filter(|&index| {
                let (least, most) = self.parameters[index].range();
                let pressed =
                    at[index] <= least && gradient[index] > 0.0 || at[index] >= most && gradient[index] < 0.0;
                !pressed && matrix[index][index] > 0.0
            })
            .collect();
        let damped: Vec<Vec<f64>> = moves
            .iter()
            .map(|&row| {
                let entry = |&column: &usize| {
                    let value = matrix[row][column];
                    if row == column { value * (1.0 + damping) } else { value }
                };
                moves.iter().map(entry).collect()
            })
            .collect();
        let right: Vec<f64> = moves.iter().map(|&index| -gradient[index]).collect();
        let mut step = vec![0.0; at.len()];
        for (&index, value) in moves.iter().zip(solve(damped, right)) {
            step[index] = value;
        }
        step
    }

    fn bounded(&self, at: &[f64], step: &[f64]) -> Vec<f64> {
        let pairs = self.parameters.iter().zip(at.iter().zip(step));
        pairs
            .map(|(one, (inner, step))| {
                let (least, most) = one.range();
                (inner + step).clamp(least, most)
            })
            .collect()
    }
}

/// Solves a symmetric positive definite system by Cholesky's method; unknowns that it leaves open are 0.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for row in 0..size {
        for column in 0..=row {
            let above: f64 = (0..column).map(|index| matrix[row][index] * matrix[column][index]).sum();
            let rest = matrix[row][column] - above;
            matrix[row][column] = if row != column {
                if matrix[column][column] > 0.0 { rest / matrix[column][column] } else { 0.0 }
            } else if rest > 1e-14 * matrix[row][row].abs() {
                rest.sqrt()
            } else {
                0.0
            };
        }
    }
    for row in 0..size {
        let before: f64 = (0..row).map(|index| matrix[row][index] * right[index]).sum();
        let pivot = matrix[row][row];
        right[row] = if pivot > 0.0 { (right[row] - before) / pivot } else { 0.0 };
    }
    for row in (0..size).rev() {
        let after: f64 = (row + 1..size).map(|index| matrix[index][row] * right[index]).sum();
        let pivot = matrix[row][row];
        right[row] = if pivot > 0.0 { (right[row] - after) / pivot } else { 0.0 };
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of `3 exp(-0.7 x)`, one of them far off.
    fn decay(values: &[f64]) -> Vec<f64> {
        (0..20)
            .map(|index| {
                let x = f64::from(index) / 4.0;
                let outlier = if index == 7 { 5.0 } else { 0.0 };
                values[0] * libm::exp(-values[1] * x) - (3.0 * libm::exp(-0.7 * x) + outlier)
            })
            .collect()
    }

    #[test]
    fn parameters_are_found_again_despite_an_outlier() {
        let parameters = [Parameter::free(1.0, 0.1, 10.0), Parameter::free(0.1, 0.01, 5.0)];
        let method = Method { threshold: 1e-3, ..Method::default() };
        let found = fit(&parameters, method, decay);
        assert!(found.converged, "{found:?}");
        assert!(
            (found.values[0] - 3.0).abs() < 5e-3 && (found.values[1] - 0.7).abs() < 5e-3,
            "{:?}",
            found.values
        );
    }

    #[test]
    fn bounds_hold_and_free_parameters_still_move() {
        let parameters = [Parameter::free(1.0, 0.1, 2.0), Parameter::free(0.1, -1.0, 5.0)];
        let found = fit(&parameters, Method::default(), decay);
        assert_eq!(found.values[0], 2.0);
        assert!(found.values[1] < 0.7 && found.values[1] > 0.0, "{:?}", found.values);
    }

    #[test]
    fn what_nothing_decides_stays_at_its_start_or_prior() {
        let parameters = [
            Parameter::free(2.0, 0.1, 10.0),
            Parameter { start: 4.0, centre: 4.0, least: 1.0, most: 9.0, spread: Some(0.2) },
        ];
        let found = fit(&parameters, Method::default(), |values| vec![values[0] - 3.0, f64::NAN]);
        assert!((found.values[0] - 3.0).abs() < 1e-6);
        assert!((found.values[1] - 4.0).abs() < 1e-9);
    }

    #[test]
    fn a_prior_pulls_against_the_data() {
        let with = |spread| Parameter { start: 1.0, centre: 1.0, least: 0.1, most: 10.0, spread };
        let residuals = |values: &[f64]| vec![(libm::log(values[0]) - 1.0) * 0.1];
        let free = fit(&[with(None)], Method::default(), residuals).values[0];
        let held = fit(&[with(Some(1.0))], Method::default(), residuals).values[0];
        assert!((libm::log(free) - 1.0).abs() < 1e-6);
        // Both weigh the same: half the way.
        assert!((libm::log(held) - 0.5).abs() < 1e-6, "{held}");
    }

    #[test]
    fn the_same_bits_on_any_number_of_threads() {
        let parameters = [Parameter::free(1.0, 0.1, 10.0), Parameter::free(0.1, 0.01, 5.0)];
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&parameters, Method::default(), decay))
        };
        assert_eq!(run(1), run(3));
    }
}
