//! What one accelerator draws with its share of the system, by what it is given to.

use super::{Mixture, Population, SystemPower};
use crate::power::PowerCoefficients;

/// Power of one accelerator's share of its system at the system's input, in W, by state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatePower {
    /// Without a job.
    pub idle: f64,
    /// With one that waits.
    pub waiting: f64,
    /// In a service, on average over a day.
    pub serving: f64,
    /// With a small job, on average.
    pub small: f64,
    /// What of that does not follow the clock.
    pub small_fixed: f64,
    /// Standard deviation of that with a small job.
    pub small_deviation: f64,
    /// Its share of the nameplate.
    pub nameplate: f64,
}

impl StatePower {
    /// Of a system.
    pub fn new(system: &SystemPower, with: &PowerCoefficients) -> Self {
        let of = &system.accelerator;
        let each = |accelerator: f64| system.steady(accelerator) / system.accelerators;
        let (waiting, at_limit) = (with.small_waiting, with.small_at_limit);
        let mixture = Mixture { idle: 0.0, waiting, at_limit };
        let mean = Population::new(of, mixture, with).mean();
        let top = with.at_limit * of.limit;
        let (low, span) = (of.waiting, top - of.waiting);
        // Of a value that is `waiting`, the top, or even between.
        let square = waiting * low * low
            + at_limit * top * top
            + mixture.between() * (low * low + low * span + span * span / 3.0);
        Self {
            idle: each(of.idle),
            waiting: each(of.waiting),
            serving: each(of.waiting + with.serving * (of.limit - of.waiting)),
            small: each(mean),
            small_fixed: each(low),
            small_deviation: (square - mean * mean).max(0.0).sqrt() / system.efficiency,
            nameplate: system.nameplate / system.accelerators,
        }
    }
}
