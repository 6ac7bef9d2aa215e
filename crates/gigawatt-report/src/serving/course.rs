//! What happened over time, in intervals of one length.

use gigawatt_engine::serving::cluster::ClusterResult;
use serde::Serialize;

use super::summary::{NANOSECONDS, seconds};

/// Intervals that a summary has at most: enough for a page.
const MOST: usize = 240;

/// What happened over time, in intervals of one length, the last of which may be shorter. Rates are of a second.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CourseSummary {
    /// Length of an interval, s.
    pub interval: f64,
    /// Requests that arrived.
    pub arrived: Vec<f64>,
    /// Requests that were answered.
    pub done: Vec<f64>,
    /// Of these, such as met all targets.
    pub good: Vec<f64>,
    /// Tokens of answers of those.
    pub output_tokens: Vec<f64>,
    /// Mean time to the first token of those, s; none where none ended.
    pub time_to_first_token: Vec<Option<f64>>,
    /// Requests in flight, on average.
    pub in_flight: Vec<f64>,
    /// Replicas that are ready, of all classes, on average.
    pub ready: Vec<f64>,
}

impl CourseSummary {
    /// Of a run.
    pub fn new(result: &ClusterResult) -> Self {
        let course = &result.course;
        let bins = course.bins();
        let joined = bins.len().div_ceil(MOST).max(1);
        let length = seconds(course.length());
        let end = seconds(result.end);
        let levels = course.in_flight(result.end);
        let mut ready = vec![0.0; levels.len()];
        for class in &result.classes {
            // Beyond its last change the level stays: an interval more than there are changes says at what.
            let changes = class.ready.bins().len() as u64 + 1;
            let known = class.ready.means((class.ready.length() * changes).min(result.end));
            let own = resampled(&known, seconds(class.ready.length()), length, levels.len());
            ready.iter_mut().zip(own).for_each(|(sum, more)| *sum += more);
        }
        let mut summary = Self { interval: length * joined as f64, ..Self::default() };
        for (index, group) in bins.chunks(joined).enumerate() {
            let from = index as f64 * summary.interval;
            let over = (end - from).clamp(length.min(1e-9), summary.interval);
            let sum = |of: fn(&gigawatt_engine::serving::cluster::Point) -> u64| {
                group.iter().map(|point| of(point) as f64).sum::<f64>()
            };
            let done = sum(|point| point.done);
            let first: f64 = group.iter().map(|point| point.time_to_first_token as f64 / NANOSECONDS).sum();
            summary.arrived.push(sum(|point| point.arrived) / over);
            summary.done.push(done / over);
            summary.good.push(sum(|point| point.good) / over);
            summary.output_tokens.push(sum(|point| point.output_tokens) / over);
            summary.time_to_first_token.push((done > 0.0).then(|| first / done));
        }
        summary.in_flight = means(&levels, joined);
        summary.ready = means(&ready, joined);
        summary
    }
}

/// Means of groups of intervals.
fn means(levels: &[f64], joined: usize) -> Vec<f64> {
    levels.chunks(joined).map(|group| group.iter().sum::<f64>() / group.len() as f64).collect()
}

/// Levels of intervals of one length as those of another, which is a multiple or a part of it. After their end the last
/// one holds.
fn resampled(levels: &[f64], from: f64, to: f64, count: usize) -> Vec<f64> {
    let last = levels.last().copied().unwrap_or(0.0);
    let one = |index: usize| {
        let start = (index as f64 * to / from) as usize;
        let end = (((index + 1) as f64 * to / from) as usize).max(start + 1);
        let known = &levels[start.min(levels.len())..end.min(levels.len())];
        let beyond = (end - start - known.len()) as f64;
        (known.iter().sum::<f64>() + beyond * last) / (end - start) as f64
    };
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_keep_their_mean_on_other_intervals() {
        assert_eq!(resampled(&[1.0, 3.0, 5.0, 7.0], 1.0, 2.0, 2), [2.0, 6.0]);
        assert_eq!(resampled(&[1.0, 3.0], 2.0, 1.0, 4), [1.0, 1.0, 3.0, 3.0]);
        assert_eq!(resampled(&[4.0], 1.0, 1.0, 3), [4.0, 4.0, 4.0]);
        assert_eq!(means(&[1.0, 3.0, 5.0], 2), [2.0, 5.0]);
    }
}
