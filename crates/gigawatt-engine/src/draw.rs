//! Draws: what makes a plan's uncertain inputs definite.

use gigawatt_plan::distribution::{Distribution, normal_score};
use gigawatt_plan::plan::{Dependence, Input, InputId, Plan};
use gigawatt_plan::quantity::Quantity;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// One value for every input of a plan, in base units, in the order of the inputs.
#[derive(Clone, Copy, Debug)]
pub struct Draw<'a>(&'a [f64]);

impl<'a> Draw<'a> {
    /// A draw from values in the order of the plan's inputs.
    pub fn new(values: &'a [f64]) -> Self {
        Self(values)
    }

    /// The value of an input.
    pub fn get<Q: Quantity>(self, input: Input<Q>) -> Q {
        Q::from_base(self.0[input.id().0 as usize])
    }

    /// The value of an input in base units, whatever it measures.
    pub fn base(self, input: InputId) -> f64 {
        self.0[input.0 as usize]
    }

    /// The reference case: every input at its mode or median.
    pub fn reference(plan: &Plan) -> Vec<f64> {
        plan.inputs.iter().map(|input| input.distribution.reference()).collect()
    }
}

/// How an input's value is made.
enum Source {
    /// Always the same.
    Constant(f64),
    /// From a stream of its own and, where it moves together with others, with their correlation.
    Uncertain { stream: Box<ChaCha8Rng>, distribution: Distribution, group: Option<Member> },
}

/// An input's place in a correlation.
#[derive(Clone, Copy)]
struct Member {
    /// Which correlation.
    group: usize,
    /// Which of its inputs.
    row: usize,
}

/// Inputs that move together.
enum Group {
    /// With a common factor that has a stream of its own.
    CommonCause { stream: Box<ChaCha8Rng>, coefficient: f64 },
    /// By the rows of Cholesky's factor, over the inputs' own streams.
    Matrix { factor: Vec<Vec<f64>>, streams: Vec<ChaCha8Rng> },
}

impl Group {
    /// Normal scores of a stretch of draws that the members share: of the common factor, or of every member.
    fn scores(&self, first: u64, draws: usize) -> Vec<Vec<f64>> {
        let streams = match self {
            Self::CommonCause { stream, .. } => std::slice::from_ref(stream.as_ref()),
            Self::Matrix { streams, .. } => streams,
        };
        let scores = |stream| {
            let mut stream = at(stream, first);
            (0..draws).map(|_| normal_score(uniform(&mut stream))).collect()
        };
        streams.iter().map(scores).collect()
    }

    /// The score of a member in a draw, made of the shared scores and its own uniform number.
    fn score(&self, row: usize, shared: &[Vec<f64>], draw: usize, own: f64) -> f64 {
        match self {
            Self::CommonCause { coefficient: rho, .. } => {
                rho.sqrt() * shared[0][draw] + (1.0 - rho).sqrt() * normal_score(own)
            }
            Self::Matrix { factor, .. } => {
                factor[row].iter().zip(shared).map(|(weight, scores)| weight * scores[draw]).sum()
            }
        }
    }
}

/// Draws inputs. Each uncertain input and each common cause has a random stream of its own, named by its
/// path, so that adding an input does not move the draws of the others, and any draw can be made alone.
pub struct Sampler {
    sources: Vec<Source>,
    groups: Vec<Group>,
}

/// Random words that one draw of one stream takes: a `u64` is two words of 32 bits.
const WORDS_PER_DRAW: u128 = 2;

impl Sampler {
    /// A sampler of a plan's inputs.
    pub fn new(plan: &Plan, seed: u64) -> Self {
        let own = |input: InputId| stream(seed, &plan.input(input).path, "input");
        let groups = plan
            .correlations
            .iter()
            .map(|group| match &group.dependence {
                Dependence::CommonCause { coefficient } => Group::CommonCause {
                    stream: Box::new(stream(seed, &group.name, "common cause")),
                    coefficient: *coefficient,
                },
                Dependence::Matrix { factor } => Group::Matrix {
                    factor: factor.clone(),
                    streams: group.inputs.iter().copied().map(own).collect(),
                },
            })
            .collect();
        let sources = plan
            .inputs
            .iter()
            .enumerate()
            .map(|(index, input)| {
                if !input.distribution.is_uncertain() {
                    return Source::Constant(input.distribution.reference());
                }
                let id = InputId(u32::try_from(index).unwrap_or(u32::MAX));
                let row = |inputs: &[InputId]| inputs.iter().position(|member| *member == id);
                let mut groups = plan.correlations.iter().enumerate();
                Source::Uncertain {
                    stream: Box::new(own(id)),
                    distribution: input.distribution,
                    group: groups.find_map(|(group, all)| row(&all.inputs).map(|row| Member { group, row })),
                }
            })
            .collect();
        Self { sources, groups }
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.sources.len()
    }

    /// Fills `rows` with the draws from `first` on, one after the other, each of [`Sampler::inputs`] values.
    ///
    /// An input takes its distribution's value at a uniform number from its own stream. One that moves together
    /// with others takes it at `Φ(z)` (a Gaussian copula): with a common cause its score is
    /// `z = √ρ f + √(1-ρ) e`, `f` the factor and `e` its own; with a matrix `z = Σ L_j e_j`, `L` its row of the
    /// matrix's factor.
    pub fn fill(&self, first: u64, rows: &mut [f64]) {
        let inputs = self.sources.len();
        if inputs == 0 {
            return;
        }
        let draws = rows.len() / inputs;
        let shared: Vec<Vec<Vec<f64>>> = self.groups.iter().map(|group| group.scores(first, draws)).collect();
        for (column, source) in self.sources.iter().enumerate() {
            let cells = rows[column..].iter_mut().step_by(inputs);
            match source {
                Source::Constant(value) => cells.for_each(|cell| *cell = *value),
                Source::Uncertain { stream, distribution, group } => {
                    let mut stream = at(stream, first);
                    for (draw, cell) in cells.enumerate() {
                        let own = uniform(&mut stream);
                        *cell =
                            match group {
                                None => distribution.at_probability(own),
                                Some(Member { group, row }) => distribution
                                    .at_score(self.groups[*group].score(*row, &shared[*group], draw, own)),
                            };
                    }
                }
            }
        }
    }
}

/// The stream of a component for a purpose: its key is a hash of seed and names, portable by contract.
fn stream(seed: u64, component: &str, purpose: &str) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(component.as_bytes());
    ChaCha8Rng::from_seed(hash.finalize().into())
}

/// The stream where the draw `first` starts.
fn at(stream: &ChaCha8Rng, first: u64) -> ChaCha8Rng {
    let mut stream = stream.clone();
    stream.set_word_pos(u128::from(first) * WORDS_PER_DRAW);
    stream
}

/// A number in the open interval from 0 to 1, from the upper 53 bits of a word.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    ((stream.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_component_and_purpose_and_can_be_entered_anywhere() {
        let draw = |seed, component, purpose| uniform(&mut stream(seed, component, purpose));
        assert_ne!(draw(1, "a", "input"), draw(2, "a", "input"));
        assert_ne!(draw(1, "a", "input"), draw(1, "b", "input"));
        assert_ne!(draw(1, "a", "input"), draw(1, "a", "common cause"));
        let origin = stream(7, "x", "input");
        let mut whole = at(&origin, 0);
        let all: Vec<f64> = (0..10).map(|_| uniform(&mut whole)).collect();
        let mut late = at(&origin, 6);
        assert_eq!(uniform(&mut late), all[6]);
    }
}
