//! When requests come.

use super::ArrivalsError;
use super::gamma::gamma;
use super::rate::Rate;
use crate::fleet::Stream;

/// Seconds beyond which nanoseconds do not fit.
const LATEST: f64 = 1.8e10;

/// A burst and what is between two in requests, below which levels would be drawn without end for each of these.
const SHORTEST_CYCLE: f64 = 1e-4;

/// How arrivals follow one another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Process {
    /// At equal distances, from 0 on.
    Constant,
    /// Independently of one another.
    Poisson,
    /// With Gamma distributed gaps.
    Gamma {
        /// Standard deviation of gaps over their mean: 1 is Poisson, above it bursts.
        variation: f64,
    },
    /// At one of two rates, each for a while.
    Bursts(Bursts),
}

/// Two rates, each for exponentially distributed times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// Mean length of a burst, in seconds.
    pub mean_burst: f64,
    /// Mean time between two, in seconds.
    pub mean_calm: f64,
    /// Rate in a burst over the rate between two.
    pub ratio: f64,
}

impl Bursts {
    /// The share of time that bursts take.
    pub fn share(&self) -> f64 {
        self.mean_burst / (self.mean_burst + self.mean_calm)
    }

    /// Factors on the mean rate between bursts and within them: their mean over time is 1.
    pub fn factors(&self) -> [f64; 2] {
        let calm = 1.0 / (1.0 + self.share() * (self.ratio - 1.0));
        [calm, self.ratio * calm]
    }
}

/// What a process remembers.
#[derive(Clone, Debug)]
enum State {
    Constant,
    Poisson,
    Gamma {
        shape: f64,
    },
    Bursts {
        factors: [f64; 2],
        lengths: [f64; 2],
        states: Box<Stream>,
        burst: usize,
        /// When the level changes, in seconds.
        until: f64,
    },
}

/// Times of arrival in nanoseconds from the start, one after another.
#[derive(Clone, Debug)]
pub struct Arrivals {
    rate: Rate,
    state: State,
    gaps: Stream,
    /// Expected arrivals so far: `Λ` at the last one.
    expected: f64,
    /// Whether the first is still to come.
    fresh: bool,
    given: u64,
}

impl Arrivals {
    /// A process with a rate, and random numbers by seed and name of the workload.
    ///
    /// # Errors
    /// Where a parameter of the process cannot be.
    pub fn new(process: Process, rate: Rate, seed: u64, name: &str) -> Result<Self, ArrivalsError> {
        let state = match process {
            Process::Constant => State::Constant,
            Process::Poisson => State::Poisson,
            Process::Gamma { variation } => {
                if !(variation > 0.0 && variation <= 100.0) {
                    return Err(ArrivalsError::Variation(variation, 0.0));
                }
                State::Gamma { shape: 1.0 / (variation * variation) }
            }
            Process::Bursts(bursts) => {
                let Bursts { mean_burst, mean_calm, ratio } = bursts;
                let times = 1e-3..1e10;
                if !(times.contains(&mean_burst)
                    && times.contains(&mean_calm)
                    && (1.0..=1e6).contains(&ratio))
                {
                    return Err(ArrivalsError::Bursts { mean_burst, mean_calm, ratio });
                }
                let cycle = mean_burst + mean_calm;
                if cycle * rate.mean() < SHORTEST_CYCLE {
                    return Err(ArrivalsError::ShortBursts { cycle });
                }
                let mut states = Box::new(Stream::new(seed, "levels of arrivals", name));
                let burst = usize::from(states.uniform() < bursts.share());
                let lengths = [mean_calm, mean_burst];
                let until = lengths[burst] * states.exponential();
                State::Bursts { factors: bursts.factors(), lengths, states, burst, until }
            }
        };
        let gaps = Stream::new(seed, "gaps of arrivals", name);
        Ok(Self { rate, state, gaps, expected: 0.0, fresh: true, given: 0 })
    }

    /// The time of the next arrival in seconds.
    fn next_time(&mut self) -> Option<f64> {
        let fresh = std::mem::replace(&mut self.fresh, false);
        match &mut self.state {
            State::Constant if fresh => {}
            State::Constant => self.expected += 1.0,
            State::Poisson => self.expected += self.gaps.exponential(),
            // What is left of a gap that a random moment falls into: a uniform part of one that was chosen by its length,
            // which has a shape larger by 1.
            State::Gamma { shape } if fresh => {
                self.expected += self.gaps.uniform() * gamma(&mut self.gaps, *shape + 1.0) / *shape;
            }
            State::Gamma { shape } => self.expected += gamma(&mut self.gaps, *shape) / *shape,
            State::Bursts { factors, lengths, states, burst, until } => {
                let mut left = self.gaps.exponential();
                loop {
                    let at_change = self.rate.expected(*until);
                    let within = factors[*burst] * (at_change - self.expected).max(0.0);
                    if left < within {
                        self.expected += left / factors[*burst];
                        break;
                    }
                    if within == 0.0 && self.rate.expected(LATEST) <= self.expected {
                        return None;
                    }
                    left -= within;
                    self.expected = at_change;
                    *burst = 1 - *burst;
                    *until += lengths[*burst] * states.exponential();
                }
            }
        }
        self.rate.time_of(self.expected)
    }
}

impl Iterator for Arrivals {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let seconds = self.next_time().filter(|seconds| *seconds < LATEST)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1.8e19")]
        let at = (seconds * 1e9) as u64;
        // Rounding of the inverse may put a time a nanosecond before the last.
        self.given = self.given.max(at);
        Some(self.given)
    }
}
