//! Sobol' indices: the part of a result's variance that an input explains.
//!
//! With `f(A)`, `f(B)` and `f(AB_i)` of Saltelli's scheme and `V` the variance of both first together,
//!
//! ```text
//! S_i  = mean[ f(B) (f(AB_i) - f(A)) ] / V           first order: the input alone
//! ST_i = mean[ (f(A) - f(AB_i))² ] / (2 V)           total: with every interaction it takes part in
//! ```
//!
//! (A. Saltelli and others, *Variance based sensitivity analysis of model output*, Comput. Phys. Commun. 181
//! (2010), table 2, b and f; the latter is M. J. W. Jansen's of 1999). `f` is taken less its mean, which changes
//! nothing but the error. Intervals are 95 % percentiles of a bootstrap over the groups.

use super::{mixed, unit};
use crate::uncertainty::sorted_quantile;

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// The estimate; sampling error may take it out of 0 to 1.
    pub value: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The indices of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indices {
    /// The part of the variance that the input explains alone.
    pub first: Index,
    /// The part that would go if every other input were known.
    pub total: Index,
}

/// Resamples of the bootstrap.
const RESAMPLES: u64 = 200;

/// Work that the bootstrap may take, in groups times inputs times resamples.
const WORK: u64 = 200_000_000;

/// The indices of every input from a result at the points of Saltelli's scheme, in their order. Groups in which
/// the result does not exist are passed over. `None` where too few groups or no variance is left.
pub fn indices(values: &[f64], dimensions: usize, seed: u64) -> Option<Vec<Indices>> {
    let size = dimensions + 2;
    let complete = |group: &&[f64]| group.iter().all(|value| value.is_finite());
    let groups: Vec<&[f64]> = values.chunks_exact(size).filter(complete).collect();
    if groups.len() < 2 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a design has fewer than 2^53 points")]
    let mean = groups.iter().map(|group| group[0] + group[1]).sum::<f64>() / (2 * groups.len()) as f64;
    let every: Vec<usize> = (0..groups.len()).collect();
    let whole = estimates(&groups, mean, &every, dimensions);
    if whole.iter().any(|(first, total)| !first.is_finite() || !total.is_finite()) {
        return None;
    }
    let resamples = RESAMPLES.min(WORK / (groups.len() as u64 * dimensions.max(1) as u64)).max(20);
    let drawn: Vec<Vec<(f64, f64)>> = (0..resamples)
        .map(|resample| {
            let key = mixed(seed, resample);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "within the groups"
            )]
            let pick = |place: usize| (unit(mixed(key, place as u64)) * groups.len() as f64) as usize;
            let chosen: Vec<usize> = (0..groups.len()).map(pick).collect();
            estimates(&groups, mean, &chosen, dimensions)
        })
        .collect();
    let index = |dimension: usize, value: f64, of: fn(&(f64, f64)) -> f64| {
        let mut sorted: Vec<f64> = drawn.iter().map(|all| of(&all[dimension])).collect();
        sorted.retain(|value| value.is_finite());
        sorted.sort_unstable_by(f64::total_cmp);
        if sorted.is_empty() {
            return Index { value, low: value, high: value };
        }
        Index { value, low: sorted_quantile(&sorted, 0.025), high: sorted_quantile(&sorted, 0.975) }
    };
    let both = whole.iter().enumerate();
    Some(
        both.map(|(dimension, (first, total))| Indices {
            first: index(dimension, *first, |pair| pair.0),
            total: index(dimension, *total, |pair| pair.1),
        })
        .collect(),
    )
}

/// First-order and total indices of the chosen groups.
#[expect(clippy::cast_precision_loss, reason = "a design has fewer than 2^53 points")]
fn estimates(groups: &[&[f64]], mean: f64, chosen: &[usize], dimensions: usize) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); dimensions];
    let (mut sum, mut squares) = (0.0, 0.0);
    for &group in chosen {
        let group = groups[group];
        let (a, b) = (group[0] - mean, group[1] - mean);
        sum += a + b;
        squares += a * a + b * b;
        for ((first, total), mixed) in sums.iter_mut().zip(&group[2..]) {
            let moved = (mixed - mean) - a;
            *first += b * moved;
            *total += moved * moved;
        }
    }
    let count = chosen.len() as f64;
    let offset = sum / (2.0 * count);
    let variance = squares / (2.0 * count) - offset * offset;
    sums.iter().map(|(first, total)| (first / (count * variance), total / (2.0 * count * variance))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Cube, Spreading};
    use super::*;

    /// T. Ishigami and T. Homma, 1990: `sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1`, each input even over -π to π.
    fn ishigami(point: &[f64]) -> f64 {
        let x: Vec<f64> = point.iter().map(|u| std::f64::consts::PI * (2.0 * u - 1.0)).collect();
        x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
    }

    fn sampled(base: u64, seed: u64) -> Vec<f64> {
        let spreading = Spreading::Saltelli { base };
        let cube = Cube::new(spreading, &["x1", "x2", "x3"], seed).expect("few dimensions");
        let mut point = [0.0; 3];
        (0..spreading.points(3).expect("few points"))
            .map(|number| {
                cube.point(number, &mut point);
                ishigami(&point)
            })
            .collect()
    }

    /// By integration, with a = 7, b = 0.1: V1 = (1 + b π⁴/5)² / 2, V2 = a²/8, V13 = 8 b² π⁸ / 225.
    fn expected() -> [(f64, f64); 3] {
        let pi = std::f64::consts::PI;
        let (v1, v2) = (0.5 * (1.0 + 0.1 * pi.powi(4) / 5.0).powi(2), 49.0 / 8.0);
        let v13 = 8.0 * 0.01 * pi.powi(8) / 225.0;
        let v = v1 + v2 + v13;
        [(v1 / v, (v1 + v13) / v), (v2 / v, v2 / v), (0.0, v13 / v)]
    }

    #[test]
    fn the_indices_of_the_ishigami_function_are_those_of_its_integrals() {
        let found = indices(&sampled(8192, 1), 3, 1).expect("it varies");
        for (found, (first, total)) in found.iter().zip(expected()) {
            assert!((found.first.value - first).abs() < 0.02, "{found:?}: {first}");
            assert!((found.total.value - total).abs() < 0.02, "{found:?}: {total}");
        }
    }

    #[test]
    fn most_intervals_cover_the_truth() {
        let (mut covered, mut all) = (0, 0);
        for seed in 0..20 {
            let found = indices(&sampled(512, seed), 3, seed).expect("it varies");
            for (found, (first, total)) in found.iter().zip(expected()) {
                for (index, truth) in [(found.first, first), (found.total, total)] {
                    covered += u32::from((index.low..=index.high).contains(&truth));
                    all += 1;
                }
            }
        }
        assert!(f64::from(covered) >= 0.9 * f64::from(all), "{covered} of {all}");
    }

    #[test]
    fn what_does_not_vary_has_no_indices() {
        assert_eq!(indices(&[1.0; 50], 3, 1), None);
        assert_eq!(indices(&[], 3, 1), None);
    }
}
