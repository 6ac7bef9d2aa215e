//! Designs: which points of the axes are evaluated.

use gigawatt_engine::design::{Cube, MAXIMUM_DIMENSIONS, Spreading};

use super::MAXIMUM_POINTS;
use super::axis::{Axis, Level};
use crate::failure::Failure;

/// What the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// Every combination of the listed values
    Grid,
    /// The first values of every list together, then the second ones, and so on
    List,
    /// Latin hypercube sampling: every slice of every range once
    Lhs,
    /// The scrambled Sobol' sequence
    Sobol,
    /// Saltelli's scheme for Sobol' indices: N groups of (paths + 2) runs
    Saltelli,
}

impl Choice {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::List => "list",
            Self::Lhs => "lhs",
            Self::Sobol => "sobol",
            Self::Saltelli => "saltelli",
        }
    }
}

/// The points of a sweep by number.
pub struct Design {
    /// How they were chosen.
    pub choice: Choice,
    /// Number of points.
    pub points: u64,
    cube: Option<Cube>,
}

fn wrong(message: String, help: &str) -> Failure {
    Failure::BadArgument { message, help: Some(help.to_owned()) }
}

impl Design {
    /// The design that was asked for, or a grid where every value is listed.
    pub fn new(choice: Option<Choice>, runs: Option<u64>, axes: &[Axis], seed: u64) -> Result<Self, Failure> {
        let open = axes.iter().find(|axis| axis.listed().is_none());
        let choice = match (choice, open) {
            (Some(choice), _) => choice,
            (None, None) => Choice::Grid,
            (None, Some(axis)) => {
                let help =
                    "add steps, PATH=LOW..HIGH/STEPS, or --design lhs, sobol or saltelli with --runs N";
                return Err(wrong(format!("`{}` has no steps, which a grid needs", axis.path), help));
            }
        };
        if let (Choice::Grid | Choice::List, Some(axis)) = (choice, open) {
            let help = "write the range as LOW..HIGH/STEPS or list its values";
            return Err(wrong(
                format!("`{}` has no steps, which a {} needs", axis.path, choice.name()),
                help,
            ));
        }
        if matches!(choice, Choice::Grid | Choice::List) && runs.is_some() {
            return Err(wrong(
                format!("a {} has as many runs as its values give", choice.name()),
                "leave out --runs, or choose --design lhs, sobol or saltelli",
            ));
        }
        let lengths = || axes.iter().map(|axis| axis.listed().map_or(0, <[Level]>::len) as u64);
        let points = match choice {
            Choice::Grid => lengths().try_fold(1_u64, u64::checked_mul),
            Choice::List => {
                let first = lengths().next().unwrap_or(0);
                if let Some(other) = axes.iter().zip(lengths()).find(|(_, length)| *length != first) {
                    return Err(wrong(
                        format!(
                            "`{}` has {first} values and `{}` has {}: a list takes one of each at a time",
                            axes[0].path, other.0.path, other.1
                        ),
                        "give every path the same number of values, or choose --design grid",
                    ));
                }
                Some(first)
            }
            Choice::Lhs | Choice::Sobol | Choice::Saltelli => {
                let Some(runs) = runs.filter(|runs| *runs > 0) else {
                    let help = "add --runs N; for saltelli N is the number of groups, best a power of two";
                    return Err(wrong(format!("--design {} needs a number of runs", choice.name()), help));
                };
                spreading(choice, runs).and_then(|spreading| spreading.points(axes.len()))
            }
        };
        let points = match points {
            Some(points) if points <= MAXIMUM_POINTS => points,
            points => {
                let count = points
                    .map_or("more runs than can be counted".to_owned(), |points| format!("{points} runs"));
                return Err(wrong(
                    format!("the sweep has {count}, at most {MAXIMUM_POINTS} are allowed"),
                    "give fewer values, or choose --design lhs or sobol with --runs N",
                ));
            }
        };
        let names: Vec<&str> = axes.iter().map(|axis| axis.path.as_str()).collect();
        let cube = match spreading(choice, runs.unwrap_or(0)) {
            None => None,
            Some(spreading) => Some(Cube::new(spreading, &names, seed).ok_or_else(|| {
                wrong(
                    format!("{} paths are too many for --design {}", axes.len(), choice.name()),
                    &format!(
                        "the sequence has {MAXIMUM_DIMENSIONS} dimensions, saltelli needs two for each path"
                    ),
                )
            })?),
        };
        Ok(Self { choice, points, cube })
    }

    /// The values of every axis at a point.
    pub fn point(&self, number: u64, axes: &[Axis]) -> Vec<Level> {
        if let Some(cube) = &self.cube {
            let mut coordinates = vec![0.0; axes.len()];
            cube.point(number, &mut coordinates);
            return axes.iter().zip(coordinates).map(|(axis, coordinate)| axis.at(coordinate)).collect();
        }
        let lists = axes.iter().map(|axis| axis.listed().unwrap_or_default());
        let at = |list: &[Level], index: u64| list[usize::try_from(index).unwrap_or(0) % list.len()].clone();
        if self.choice == Choice::List {
            return lists.map(|list| at(list, number)).collect();
        }
        // The last path changes fastest.
        let mut rest = number;
        let mut values: Vec<Level> = lists
            .rev()
            .map(|list| {
                let index = rest % list.len() as u64;
                rest /= list.len() as u64;
                at(list, index)
            })
            .collect();
        values.reverse();
        values
    }
}

fn spreading(choice: Choice, runs: u64) -> Option<Spreading> {
    match choice {
        Choice::Grid | Choice::List => None,
        Choice::Lhs => Some(Spreading::LatinHypercube { runs }),
        Choice::Sobol => Some(Spreading::Sobol { runs }),
        Choice::Saltelli => Some(Spreading::Saltelli { base: runs }),
    }
}
