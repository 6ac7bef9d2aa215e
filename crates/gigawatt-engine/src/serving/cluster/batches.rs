//! How sure a mean or a quantile of one run is.

use super::statistics::{Group, Metric, Seen};
use crate::reliability::special::student_quantile;

/// Most batches at once: as many as are reached halve.
const MOST: usize = 32;

/// Fewest batches that say how sure something is.
const FEWEST: u64 = 10;

/// Requests of a batch at first.
const FIRST: u64 = 16;

/// A number with where it lies in so many of a hundred runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Of this run.
    pub value: f64,
    /// Half of the width of the interval around it.
    pub half: f64,
}

/// Requests in batches by order of arrival, for intervals by batch means.
///
/// Requests that come after one another wait for the same things, so their times depend on one another. Means of long batches
/// hardly do (Law and Carson 1979; 10 to 30 batches are enough, Schmeiser 1982). With `B` batches of equal length,
/// `T` the statistic of all that are in them and `T_b` that of one,
///
/// ```text
/// half width = t(B - 1) sqrt(Σ (T_b - T)² / (B (B - 1)))
/// ```
///
/// which for quantiles is known as sectioning (Asmussen and Glynn 2007, III.5a): batches give the spread, the whole the value, which is
/// less biased than a mean of short batches' quantiles. A batch is first 16 requests long; when there are 32, neighbours are joined, so
/// from 256 requests on there are 16 to 31. The last, which is not whole, is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Batches {
    length: u64,
    /// Requests that came, answered or not.
    arrived: u64,
    groups: Vec<Group>,
}

impl Default for Batches {
    fn default() -> Self {
        Self { length: FIRST, arrived: 0, groups: Vec::new() }
    }
}

impl Batches {
    /// A request comes; its number among those that came.
    pub(super) fn arrive(&mut self) -> u64 {
        let number = self.arrived;
        self.arrived += 1;
        number
    }

    /// A request by its number.
    pub(super) fn add(&mut self, number: u64, seen: &Seen) {
        while number / self.length >= MOST as u64 {
            let halves = self.groups.len().div_ceil(2);
            for half in 0..halves {
                let mut joined = std::mem::take(&mut self.groups[2 * half]);
                if let Some(next) = self.groups.get(2 * half + 1) {
                    joined.merge(next);
                }
                self.groups[half] = joined;
            }
            self.groups.truncate(halves);
            self.length *= 2;
        }
        let batch = (number / self.length) as usize;
        if batch >= self.groups.len() {
            self.groups.resize_with(batch + 1, Group::default);
        }
        self.groups[batch].add(seen);
    }

    /// How many batches are whole.
    pub fn whole(&self) -> u64 {
        (self.arrived / self.length).min(self.groups.len() as u64)
    }

    /// Requests of a batch.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Mean of a metric in ns with an interval that holds it with a probability such as 0.95. `None` where there are fewer than ten
    /// whole batches, or one without such a request.
    pub fn mean(&self, metric: Metric, probability: f64) -> Option<Interval> {
        self.interval(probability, |group| group.times(metric).mean())
    }

    /// A quantile of a metric in ns, as [`mean`](Self::mean).
    pub fn quantile(&self, metric: Metric, share: f64, probability: f64) -> Option<Interval> {
        self.interval(probability, |group| group.times(metric).quantile(share).map(|time| time as f64))
    }

    fn interval(&self, probability: f64, of: impl Fn(&Group) -> Option<f64>) -> Option<Interval> {
        let batches = self.whole();
        if batches < FEWEST {
            return None;
        }
        let groups = &self.groups[..batches as usize];
        let mut all = Group::default();
        groups.iter().for_each(|group| all.merge(group));
        let value = of(&all)?;
        let mut squares = 0.0;
        for group in groups {
            squares += (of(group)? - value) * (of(group)? - value);
        }
        let count = batches as f64;
        let spread = (squares / (count * (count - 1.0))).sqrt();
        let half = student_quantile(batches as u32 - 1, 0.5 + probability / 2.0) * spread;
        Some(Interval { value, half })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Stream;
    use crate::serving::cluster::Targets;
    use crate::serving::replica::{End, Outcome};

    /// Times to the first token that follow one another as an autoregressive process of lognormal values.
    fn run(seed: u64, requests: u32) -> Batches {
        let mut stream = Stream::new(seed, "test", "batches");
        let (mut batches, mut state) = (Batches::default(), stream.normal());
        for id in 0..requests {
            state = 0.9 * state + (1.0_f64 - 0.81).sqrt() * stream.normal();
            let first_token = (1e6 * libm::exp(0.5 * state)) as u64;
            let outcome = Outcome {
                id,
                arrived: 0,
                scheduled: 0,
                first_token,
                finished: first_token,
                prompt: 1,
                output: 1,
                cached: 0,
                preemptions: 0,
                end: End::Done,
            };
            let number = batches.arrive();
            batches.add(number, &Seen::of(&outcome, &Targets::default()));
        }
        batches
    }

    #[test]
    fn intervals_hold_the_true_value_as_often_as_they_say() {
        // exp(σ²/2) and exp(0.5 z) for σ = 0.5; z of 0.9 is 1.2816.
        let (mean, tail) = (1e6 * libm::exp(0.125), 1e6 * libm::exp(0.5 * 1.281_551_6));
        let runs = 400;
        let (mut of_mean, mut of_tail) = (0, 0);
        for seed in 0..runs {
            let batches = run(seed, 16_384);
            let holds = |interval: Option<Interval>, truth: f64| {
                let interval = interval.expect("batches");
                u32::from((interval.value - truth).abs() <= interval.half)
            };
            of_mean += holds(batches.mean(Metric::TimeToFirstToken, 0.9), mean);
            of_tail += holds(batches.quantile(Metric::TimeToFirstToken, 0.9, 0.9), tail);
        }
        // 90 % of 400 within four standard deviations of 6; quantiles are rounded to 1.6 % and may cover a little less.
        assert!((336..=384).contains(&of_mean), "{of_mean}");
        assert!((328..=390).contains(&of_tail), "{of_tail}");
    }

    #[test]
    fn batches_are_between_16_and_31_and_few_requests_have_none() {
        for (requests, whole, length) in
            [(100, 6, 16), (256, 16, 16), (511, 31, 16), (513, 16, 32), (100_000, 24, 4_096)]
        {
            let batches = run(1, requests);
            assert_eq!((batches.whole(), batches.length()), (whole, length), "{requests}");
        }
        assert_eq!(run(1, 100).mean(Metric::TimeToFirstToken, 0.95), None);
        assert_eq!(run(1, 1_000).mean(Metric::TimePerOutputToken, 0.95), None, "single tokens have none");
    }
}
