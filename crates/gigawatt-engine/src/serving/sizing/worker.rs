//! One deployment on accelerators of its own, in the steady state: how many requests pass, how fast.

use crate::serving::batch::{Batch, Prompts};
use crate::serving::capacity::{Capacity, sequence_bytes};
use crate::serving::coefficients::ServingCoefficients;
use crate::serving::deployment::Deployment;
use crate::serving::iteration::IterationLaw;
use crate::serving::number::count;
use crate::serving::steady::{Request, SteadyState};

/// Coefficients where requests come one by one: a fit on benchmarks has some of them come together.
pub(super) fn one_by_one(with: &ServingCoefficients) -> ServingCoefficients {
    ServingCoefficients { burst: 0.0, together: 0.0, ..*with }
}

/// A deployment and the request that it serves.
pub(super) struct Worker<'a> {
    pub law: IterationLaw<'a>,
    pub request: Request,
    with: &'a ServingCoefficients,
}

/// What users see while so many sequences run in each group, and how many requests pass in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    /// Time to the first token, s.
    pub first_token: f64,
    /// Time of each further token, s.
    pub each_token: f64,
    /// Requests per second.
    pub rate: f64,
}

impl<'a> Worker<'a> {
    pub fn new(deployment: Deployment<'a>, with: &'a ServingCoefficients, request: Request) -> Self {
        Self { law: IterationLaw::new(deployment, with), request, with }
    }

    pub fn accelerators(&self) -> u64 {
        self.law.deployment().layout.accelerators()
    }

    /// Groups with attention of their own.
    pub fn groups(&self) -> f64 {
        count(self.law.deployment().layout.attention_data.max(1))
    }

    /// Sequences of so many tokens that each group has room for; the bytes that are missing where it is none.
    pub fn room(&self, tokens: f64) -> Result<u64, f64> {
        let deployment = self.law.deployment();
        let cache = Capacity::of(deployment, self.with).cache;
        let each = sequence_bytes(deployment, tokens);
        if cache < each {
            return Err(each - cache);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count that is limited"
        )]
        let room = (cache / each).min(1e9) as u64;
        Ok(room.min(deployment.engine.most_sequences).max(1))
    }

    /// The steady state of so many sequences in each group, prompts worked in among them.
    pub fn state(&self, sequences: f64) -> SteadyState {
        self.law.at_concurrency(&self.request, sequences * self.groups())
    }

    /// The same, as far as it decides.
    pub fn together(&self, sequences: f64) -> Pace {
        let state = self.state(sequences);
        Pace {
            first_token: state.first_token,
            each_token: state.each_token,
            rate: state.throughput / self.request.output,
        }
    }

    /// Tokens of an answer beyond its first.
    pub fn further(&self) -> f64 {
        (self.request.output - 1.0).max(0.0)
    }

    /// Answers alone, their prompts being worked on elsewhere.
    pub fn decoding(&self, sequences: f64) -> Pace {
        let context = self.request.prompt + self.request.output / 2.0;
        let iterations = (self.further() / self.law.deployment().tokens_per_iteration()).max(1.0);
        let seconds = iterations * self.law.seconds(&Batch::decoding(sequences, context));
        Pace {
            first_token: 0.0,
            each_token: seconds / self.further().max(1.0),
            rate: self.groups() * sequences / seconds,
        }
    }

    /// Prompts alone, so many at once in each group: the time until they are done, and how many pass.
    pub fn prompting(&self, prompts: f64) -> Pace {
        let deployment = self.law.deployment();
        let budget = count(deployment.engine.token_budget.max(1));
        // A prompt longer than the budget is worked in over several iterations.
        let parts = (self.request.prompt * prompts / budget).max(1.0);
        let batch = Batch {
            prompts: Prompts {
                count: prompts,
                tokens: self.request.prompt / parts,
                past: self.request.prompt * (1.0 - 1.0 / parts) / 2.0,
            },
            ..Batch::default()
        };
        let seconds = parts * self.law.seconds(&batch);
        let first = seconds.max(self.law.prompt_launches());
        Pace {
            first_token: self.with.request(&deployment.engine) + first,
            each_token: 0.0,
            rate: self.groups() * prompts / seconds,
        }
    }

    /// Whole prompts that fill the budget of an iteration, at least one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is limited")]
    pub fn prompts_of_an_iteration(&self) -> u64 {
        let budget = count(self.law.deployment().engine.token_budget);
        (budget / self.request.prompt).clamp(1.0, 1e9) as u64
    }
}

/// The largest number up to `most` at which something that grows with it is 1 at most; 0 where it is more at 1.
///
/// It is found between two numbers by where a straight line would be 1, and halfway in turn, so that few are tried whatever
/// the shape.
pub(super) fn largest(most: u64, of: impl Fn(u64) -> f64) -> u64 {
    let highest = if most == 0 { return 0 } else { of(most) };
    if highest <= 1.0 {
        return most;
    }
    let lowest = of(1);
    if lowest > 1.0 {
        return 0;
    }
    let ((mut low, mut below), (mut high, mut above)) = ((1, lowest), (most, highest));
    let mut halve = false;
    while high - low > 1 {
        let middle = if halve || !above.is_finite() {
            u64::midpoint(low, high)
        } else {
            between((low, below), (high, above))
        };
        halve = !halve;
        let value = of(middle);
        if value <= 1.0 { (low, below) = (middle, value) } else { (high, above) = (middle, value) }
    }
    low
}

/// Where a straight line through two points is 1, strictly between them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a count between two counts"
)]
fn between((low, below): (u64, f64), (high, above): (u64, f64)) -> u64 {
    let share = ((1.0 - below) / (above - below)).clamp(0.0, 1.0);
    (low + (share * (high - low) as f64) as u64).clamp(low + 1, high - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_is_that_of_trying_all() {
        let shapes: [fn(f64) -> f64; 5] = [
            |n| n / 37.5,
            |n| 0.9 + n * n / 1e5,
            |n| if n < 100.0 { 0.5 } else { f64::INFINITY },
            |n| libm::sqrt(n) / 9.0,
            |n| if n > 3.0 { 5.0 } else { 0.1 },
        ];
        for shape in shapes {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let of = |n: u64| shape(n as f64);
            for most in [0, 1, 2, 3, 50, 99, 100, 101, 1000] {
                let tried = (1..=most).rev().find(|n| of(*n) <= 1.0).unwrap_or(0);
                assert_eq!(largest(most, of), tried, "{most}");
            }
        }
    }
}
