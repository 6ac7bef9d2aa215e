//! What happened when, in a fixed amount of memory.

use crate::fleet::Time;

/// Most intervals of a course.
const MOST: usize = 512;

/// Length of an interval while nothing is longer, ns.
const SHORTEST: Time = 1_000_000;

/// What is counted of an interval.
pub trait Bin: Copy + Default {
    /// Takes in that of the interval that follows, both of the same length.
    fn join(&mut self, next: &Self, length: Time);
}

/// Intervals of one length, which doubles whenever time needs more than 512 of them.
///
/// What is counted does not depend on the order in which it comes, so engines may tell late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course<B> {
    length: Time,
    bins: Vec<B>,
}

impl<B: Bin> Default for Course<B> {
    fn default() -> Self {
        Self { length: SHORTEST, bins: Vec::new() }
    }
}

impl<B: Bin> Course<B> {
    /// The interval of a time, and how far into it the time lies.
    pub fn at(&mut self, time: Time) -> (&mut B, Time) {
        while time / self.length >= MOST as u64 {
            let halves = self.bins.len().div_ceil(2);
            for half in 0..halves {
                let mut joined = self.bins[2 * half];
                joined.join(&self.bins.get(2 * half + 1).copied().unwrap_or_default(), self.length);
                self.bins[half] = joined;
            }
            self.bins.truncate(halves);
            self.length *= 2;
        }
        let index = (time / self.length) as usize;
        if index >= self.bins.len() {
            self.bins.resize(index + 1, B::default());
        }
        (&mut self.bins[index], time % self.length)
    }

    /// Length of an interval, ns.
    pub fn length(&self) -> Time {
        self.length
    }

    /// The intervals from the start on.
    pub fn bins(&self) -> &[B] {
        &self.bins
    }
}

/// Changes of a level within an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// By how much it is higher at the end.
    change: i64,
    /// Sum of each change times how far into the interval it came.
    moment: i128,
}

impl Level {
    /// The level changes so far into the interval.
    pub fn change(&mut self, offset: Time, by: i64) {
        self.change += by;
        self.moment += i128::from(by) * i128::from(offset);
    }

    /// Mean over the part of the interval that is not longer than `length`, from a level at its start.
    fn mean(&self, start: i64, length: Time) -> f64 {
        let integral = i128::from(start + self.change) * i128::from(length) - self.moment;
        integral as f64 / length as f64
    }
}

impl Bin for Level {
    fn join(&mut self, next: &Self, length: Time) {
        self.change += next.change;
        self.moment += next.moment + i128::from(next.change) * i128::from(length);
    }
}

impl Course<Level> {
    /// Mean level of every interval up to an end that no change is after.
    pub fn means(&self, end: Time) -> Vec<f64> {
        means(self.length, self.bins.iter().copied(), end)
    }
}

fn means(length: Time, levels: impl Iterator<Item = Level>, end: Time) -> Vec<f64> {
    let count = usize::try_from(end.div_ceil(length)).unwrap_or(usize::MAX);
    let (mut level, mut from) = (0, 0);
    // Nothing is kept of intervals after the last change.
    let all = levels.chain(std::iter::repeat(Level::default())).take(count);
    all.map(|change| {
        let mean = change.mean(level, length.min(end - from));
        level += change.change;
        from += length;
        mean
    })
    .collect()
}

/// What happened in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// Requests that arrived.
    pub arrived: u64,
    /// Requests that were answered.
    pub done: u64,
    /// Of these, such as met all targets.
    pub good: u64,
    /// Requests that were refused or lost.
    pub failed: u64,
    /// Output tokens of those that were answered.
    pub output_tokens: u64,
    /// Sum of their times to the first token, ns.
    pub time_to_first_token: u128,
    /// Requests in flight.
    in_flight: Level,
}

impl Point {
    /// The number of requests in flight changes.
    pub(super) fn in_flight(&mut self, offset: Time, by: i64) {
        self.in_flight.change(offset, by);
    }
}

impl Bin for Point {
    fn join(&mut self, next: &Self, length: Time) {
        self.arrived += next.arrived;
        self.done += next.done;
        self.good += next.good;
        self.failed += next.failed;
        self.output_tokens += next.output_tokens;
        self.time_to_first_token += next.time_to_first_token;
        self.in_flight.join(&next.in_flight, length);
    }
}

impl Course<Point> {
    /// Mean number of requests in flight in every interval up to an end that no change is after.
    pub fn in_flight(&self, end: Time) -> Vec<f64> {
        means(self.length, self.bins.iter().map(|point| point.in_flight), end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_those_of_the_level_in_any_order() {
        let mut course = Course::default();
        let changes = [(3_500_000, -1), (500_000, 2), (3_000_000, 3), (1_000_000, -1)];
        for (time, by) in changes {
            let (level, offset): (&mut Level, _) = course.at(time);
            level.change(offset, by);
        }
        assert_eq!(course.length(), 1_000_000);
        // 2 from 0.5 ms, 1 from 1 ms, 4 from 3 ms, 3 from 3.5 ms.
        assert_eq!(course.means(4_000_000), [1.0, 1.0, 1.0, 3.5]);
        assert_eq!(course.means(5_500_000)[3..], [3.5, 3.0, 3.0], "as it was left");
        assert_eq!(course.means(3_750_000)[3], 11.0 / 3.0, "an interval that was cut short");
    }

    #[test]
    fn longer_intervals_hold_the_same() {
        let (mut course, mut integral) = (Course::default(), 0.0);
        let end = 100_000_000_000_u64;
        for index in 0..10_000_u64 {
            let (from, to) = (index * 7_919_353, index * 7_919_353 + 1_234_567 * (index % 17));
            for (time, by) in [(to, -1), (from, 1)] {
                let (level, offset): (&mut Level, _) = course.at(time);
                level.change(offset, by);
            }
            integral += (to - from) as f64;
        }
        assert!(course.bins().len() <= MOST && course.bins().len() > MOST / 4);
        let total: f64 = course.means(end).iter().sum::<f64>() * course.length() as f64;
        assert!((total / integral - 1.0).abs() < 1e-12, "{total} {integral}");
    }
}
