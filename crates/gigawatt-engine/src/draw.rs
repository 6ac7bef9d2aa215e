//! Draws: what makes a plan's uncertain inputs definite.

use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::plan::{Input, InputId, Plan};
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
    /// From a stream of its own and, where it has a common cause with others, a factor.
    Uncertain { stream: Box<ChaCha8Rng>, distribution: Distribution, factor: Option<usize> },
}

/// Draws inputs. Each uncertain input and each common cause has a random stream of its own, named by its
/// path, so that adding an input does not move the draws of the others, and any draw can be made alone.
pub struct Sampler {
    sources: Vec<Source>,
    factors: Vec<(ChaCha8Rng, f64)>,
}

/// Random words that one draw of one stream takes: a `u64` is two words of 32 bits.
const WORDS_PER_DRAW: u128 = 2;

impl Sampler {
    /// A sampler of a plan's inputs.
    pub fn new(plan: &Plan, seed: u64) -> Self {
        let factors = plan
            .correlations
            .iter()
            .map(|group| (stream(seed, &group.name, "common cause"), group.coefficient))
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
                Source::Uncertain {
                    stream: Box::new(stream(seed, &input.path, "input")),
                    distribution: input.distribution,
                    factor: plan.correlations.iter().position(|group| group.inputs.contains(&id)),
                }
            })
            .collect();
        Self { sources, factors }
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.sources.len()
    }

    /// Fills `rows` with the draws from `first` on, one after the other, each of [`Sampler::inputs`] values.
    ///
    /// An input with a common cause has the normal score `z = √ρ f + √(1-ρ) e`, `f` the factor and `e` its own
    /// (a one-factor Gaussian copula), and takes its distribution's value at `Φ(z)`.
    pub fn fill(&self, first: u64, rows: &mut [f64]) {
        let inputs = self.sources.len();
        if inputs == 0 {
            return;
        }
        let draws = rows.len() / inputs;
        let factors: Vec<Vec<f64>> = self
            .factors
            .iter()
            .map(|(stream, _)| {
                let mut stream = at(stream, first);
                (0..draws).map(|_| normal_score(uniform(&mut stream))).collect()
            })
            .collect();
        for (column, source) in self.sources.iter().enumerate() {
            let cells = rows[column..].iter_mut().step_by(inputs);
            match source {
                Source::Constant(value) => cells.for_each(|cell| *cell = *value),
                Source::Uncertain { stream, distribution, factor } => {
                    let mut stream = at(stream, first);
                    for (draw, cell) in cells.enumerate() {
                        let own = uniform(&mut stream);
                        *cell = match factor {
                            None => at_probability(*distribution, own),
                            Some(group) => {
                                let rho = self.factors[*group].1;
                                let z = rho.sqrt() * factors[*group][draw]
                                    + (1.0 - rho).sqrt() * normal_score(own);
                                value_at_score(*distribution, z)
                            }
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

/// The value of a distribution at a cumulative probability between 0 and 1, both excluded.
pub fn at_probability(distribution: Distribution, probability: f64) -> f64 {
    match distribution {
        Distribution::Quantiles { .. } => {
            distribution.at_normal(normal_score(probability), libm::exp, libm::log)
        }
        _ => distribution.at_probability(probability),
    }
}

fn value_at_score(distribution: Distribution, z: f64) -> f64 {
    match distribution {
        Distribution::Quantiles { .. } => distribution.at_normal(z, libm::exp, libm::log),
        _ => distribution.at_probability(normal_probability(z)),
    }
}

/// The standard normal distribution function, `Φ(z) = erfc(-z/√2) / 2`.
fn normal_probability(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The inverse of the standard normal distribution function: Acklam's rational approximation (relative error
/// 1.15e-9) with one step of Halley's method, which takes it to machine precision.
fn normal_score(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    const TAIL: f64 = 0.024_25;

    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * libm::log(p)).sqrt();
        polynomial(&C, q) / (polynomial(&D, q) * q + 1.0)
    };
    let z = if probability < TAIL {
        tail(probability)
    } else if probability > 1.0 - TAIL {
        -tail(1.0 - probability)
    } else {
        let q = probability - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
    };
    let error = normal_probability(z) - probability;
    let step = error * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(0.5 * z * z);
    z - step / (1.0 + 0.5 * z * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_score_inverts_the_distribution_function() {
        for probability in [1e-9, 1e-4, 0.024, 0.1, 0.3, 0.5, 0.75, 0.976, 0.9999] {
            let z = normal_score(probability);
            assert!((normal_probability(z) / probability - 1.0).abs() < 1e-12, "{probability}");
        }
        assert!((normal_score(0.9) - 1.281_551_565_544_600_4).abs() < 1e-14);
    }

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
