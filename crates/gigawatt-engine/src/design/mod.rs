//! Designs: at which points of a unit cube a plan is evaluated.
//!
//! Every point follows from the design, the seed and its number alone, so that any task can make any point and
//! a stopped sweep goes on where it stopped.

mod hash;
mod indices;
mod latin_hypercube;
mod sobol;

pub use indices::{Index, Indices, indices};
pub use sobol::MAXIMUM_DIMENSIONS;

use hash::{mixed, unit};
use latin_hypercube::LatinHypercube;
use sobol::Sobol;

/// How points are spread over the cube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spreading {
    /// `runs` points, of which each of `runs` equal slices of every dimension holds one (McKay, Beckman and
    /// Conover, 1979).
    LatinHypercube {
        /// Number of points.
        runs: u64,
    },
    /// The first `runs` points of the scrambled Sobol' sequence.
    Sobol {
        /// Number of points; a power of two is best spread.
        runs: u64,
    },
    /// For Sobol' indices: `base` groups of points, in each of which the point A, the point B, and for every
    /// dimension A with that coordinate of B (Saltelli and others, 2010).
    Saltelli {
        /// Number of groups; a power of two is best spread.
        base: u64,
    },
}

impl Spreading {
    /// Number of points in a cube of so many dimensions; `None` beyond what can be counted.
    pub fn points(self, dimensions: usize) -> Option<u64> {
        match self {
            Self::LatinHypercube { runs } | Self::Sobol { runs } => Some(runs),
            Self::Saltelli { base } => base.checked_mul(dimensions as u64 + 2),
        }
    }
}

/// Points of the unit cube by number.
pub struct Cube {
    dimensions: usize,
    source: Source,
}

enum Source {
    LatinHypercube(LatinHypercube),
    Sobol(Sobol),
    Saltelli(Sobol),
}

impl Cube {
    /// The cube of a design. `names` has one name for each dimension: its random numbers follow from the seed and
    /// the name, so that a dimension keeps them when another is added.
    ///
    /// At most [`MAXIMUM_DIMENSIONS`] dimensions, half of them for [`Spreading::Saltelli`]; `None` beyond.
    pub fn new(spreading: Spreading, names: &[&str], seed: u64) -> Option<Self> {
        let keys = |purpose: &str| names.iter().map(|name| hash::key(seed, name, purpose)).collect();
        let source = match spreading {
            Spreading::LatinHypercube { runs } => {
                Source::LatinHypercube(LatinHypercube::new(runs, keys("Latin hypercube")))
            }
            Spreading::Sobol { .. } => Source::Sobol(Sobol::new(keys("Sobol' sequence"))?),
            Spreading::Saltelli { .. } => {
                let mut both: Vec<u64> = keys("Saltelli's A");
                both.extend::<Vec<u64>>(keys("Saltelli's B"));
                Source::Saltelli(Sobol::new(both)?)
            }
        };
        Some(Self { dimensions: names.len(), source })
    }

    /// Writes the coordinates of a point, each between 0 and 1, both excluded.
    pub fn point(&self, number: u64, out: &mut [f64]) {
        match &self.source {
            Source::LatinHypercube(source) => source.point(number, out),
            Source::Sobol(source) => {
                for (dimension, out) in out.iter_mut().enumerate() {
                    *out = source.coordinate(number, dimension);
                }
            }
            Source::Saltelli(source) => {
                let group = self.dimensions as u64 + 2;
                let (row, member) = (number / group, number % group);
                for (dimension, out) in out.iter_mut().enumerate() {
                    // The members of a group are A, B, and A with one coordinate of B.
                    let from_b = member == 1 || member == dimension as u64 + 2;
                    let offset = if from_b { self.dimensions } else { 0 };
                    *out = source.coordinate(row, dimension + offset);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(spreading: Spreading, names: &[&str], seed: u64) -> Vec<Vec<f64>> {
        let cube = Cube::new(spreading, names, seed).expect("few dimensions");
        let mut all = Vec::new();
        for number in 0..spreading.points(names.len()).expect("few points") {
            let mut point = vec![0.0; names.len()];
            cube.point(number, &mut point);
            all.push(point);
        }
        all
    }

    #[test]
    fn every_slice_of_a_latin_hypercube_holds_one_point() {
        for runs in [1, 2, 7, 100, 1000] {
            let all = points(Spreading::LatinHypercube { runs }, &["a", "b", "c"], 5);
            for dimension in 0..3 {
                let mut slices: Vec<u64> =
                    all.iter().map(|point| (point[dimension] * runs as f64) as u64).collect();
                slices.sort_unstable();
                assert_eq!(slices, (0..runs).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn dimensions_keep_their_points_when_another_is_added() {
        let runs = Spreading::LatinHypercube { runs: 64 };
        let (two, three) = (points(runs, &["a", "c"], 5), points(runs, &["a", "b", "c"], 5));
        for (two, three) in two.iter().zip(&three) {
            assert_eq!((two[0], two[1]), (three[0], three[2]));
        }
        assert_ne!(two, points(runs, &["a", "c"], 6));
    }

    #[test]
    fn a_saltelli_group_swaps_one_coordinate_at_a_time() {
        let all = points(Spreading::Saltelli { base: 8 }, &["a", "b", "c"], 1);
        for group in all.chunks(5) {
            let (a, b) = (&group[0], &group[1]);
            for swapped in 0..3 {
                for dimension in 0..3 {
                    let from = if dimension == swapped { b } else { a };
                    assert_eq!(group[2 + swapped][dimension], from[dimension]);
                }
            }
            assert!(a.iter().zip(b).all(|(a, b)| a != b));
        }
    }
}
