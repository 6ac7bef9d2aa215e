//! What users of a replica see, by load, each figure with its interval.

use gigawatt_plan::job_trace::LogHistogram;

use super::replication::Tally;
use crate::demand::{Latency, LoadPoint, Response, ResponseError};
use crate::reliability::special::student_quantile;
use crate::serving::cluster::Interval;

/// The probability with which intervals hold.
pub const SURE: f64 = 0.95;
/// Half of the width of a bin of a histogram of times, as a share.
const BIN: f64 = 0.008;
/// Of so many requests of which all are good, this many may be bad with a probability of 5 %: `-ln 0.05`.
const UNSEEN: f64 = 3.0;

/// What users of a replica see at a load.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledPoint {
    /// Requests per second that come to a replica.
    pub offered: f64,
    /// Requests per second that it answers.
    pub answered: f64,
    /// Median time to the first token, s, without the network.
    pub first_p50: Interval,
    /// 99th percentile of it.
    pub first_p99: Interval,
    /// Mean of it.
    pub first_mean: f64,
    /// Median time of each further token, s.
    pub each_p50: Interval,
    /// 99th percentile of it.
    pub each_p99: Interval,
    /// Mean of it.
    pub each_mean: f64,
    /// Share of the requests that meet all targets, by round trip over the network.
    pub attainment: Vec<Interval>,
    /// Share of the time in iterations.
    pub busy: f64,
    /// Tokens of a request: of its input, of these found in a cache, of its answer.
    pub tokens: [f64; 3],
    /// Requests that were counted, and replications in which.
    pub requests: u64,
    /// Replications.
    pub replications: u32,
    /// Whether more comes than is answered: what is seen then depends on how long one looks.
    pub saturated: bool,
}

/// Requests that come beyond what is answered, as a share, from which on an engine is saturated.
const SATURATED: f64 = 0.03;

impl SampledPoint {
    /// Of replications of one engine under `rate`, of which a replica has `engines`.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests and ns of a window")]
    pub(super) fn new(rate: f64, engines: f64, tallies: &[Tally]) -> Self {
        let mut all = Tally::default();
        tallies.iter().for_each(|tally| all.merge(tally));
        let number = all.requests.max(1) as f64;
        let seconds = all.window as f64 * 1e-9;
        let quantile = |of: fn(&Tally) -> &LogHistogram, share: f64| {
            let read = |tally: &Tally| of(tally).quantile(share).map_or(0.0, |time| time as f64 * 1e-9);
            let interval = sectioned(&all, tallies, read);
            Interval { half: interval.half + BIN * interval.value, ..interval }
        };
        let mean = |times: &LogHistogram| times.mean().map_or(0.0, |time| time * 1e-9);
        let attainment = (0..all.good.len()).map(|way| {
            let share = |tally: &Tally| tally.good[way] as f64 / tally.requests.max(1) as f64;
            let interval = sectioned(&all, tallies, share);
            Interval { half: interval.half.max(UNSEEN / number), ..interval }
        });
        let (came, answered) = (all.requests as f64 / seconds, all.served as f64 / seconds);
        Self {
            offered: engines * rate,
            answered: engines * answered,
            first_p50: quantile(|tally| &tally.first, 0.5),
            first_p99: quantile(|tally| &tally.first, 0.99),
            first_mean: mean(&all.first),
            each_p50: quantile(|tally| &tally.each, 0.5),
            each_p99: quantile(|tally| &tally.each, 0.99),
            each_mean: mean(&all.each),
            attainment: attainment.collect(),
            busy: all.busy as f64 / all.window.max(1) as f64,
            tokens: [all.input, all.cached, all.output].map(|tokens| tokens as f64 / number),
            requests: all.requests,
            replications: u32::try_from(tallies.len()).unwrap_or(u32::MAX),
            // Few requests may by chance end in another window than they came in.
            saturated: answered < came * (1.0 - SATURATED) - 3.0 * came.sqrt() / seconds.sqrt()
                && all.requests > 0,
        }
    }
}

/// A statistic of all replications, with its interval from that of each (sectioning: Asmussen and Glynn 2007, III.5a).
#[expect(clippy::cast_precision_loss, reason = "replications are few")]
fn sectioned(all: &Tally, tallies: &[Tally], read: impl Fn(&Tally) -> f64) -> Interval {
    let value = read(all);
    let count = tallies.len() as f64;
    if tallies.len() < 2 {
        return Interval { value, half: f64::INFINITY };
    }
    let squares: f64 = tallies.iter().map(|tally| (read(tally) - value) * (read(tally) - value)).sum();
    let degrees = u32::try_from(tallies.len() - 1).unwrap_or(u32::MAX);
    let half = student_quantile(degrees, 0.5 + SURE / 2.0) * (squares / (count * (count - 1.0))).sqrt();
    Interval { value, half }
}

/// What a replica's users see, by load, from sampled replicas; straight between loads.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledResponse {
    points: Vec<SampledPoint>,
}

impl SampledResponse {
    /// Points in the order of load; one at least.
    pub(super) fn new(points: Vec<SampledPoint>) -> Option<Self> {
        (!points.is_empty()).then_some(Self { points })
    }

    /// The points, by load.
    pub fn points(&self) -> &[SampledPoint] {
        &self.points
    }

    /// The most that a replica answers, requests per second.
    pub fn saturated(&self) -> f64 {
        self.points.iter().map(|point| point.answered).fold(0.0, f64::max)
    }

    /// Requests that were simulated and counted.
    pub fn requests(&self) -> u64 {
        self.points.iter().map(|point| point.requests).sum()
    }

    /// The greatest load at which `met`, a score that falls with load, is at least 0; none where even the least load has less.
    fn greatest(&self, met: impl Fn(&SampledPoint) -> f64) -> Option<f64> {
        let mut before: Option<(f64, f64)> = None;
        for point in &self.points {
            let score = met(point);
            if score < 0.0 {
                let (load, over) = before?;
                return Some(load + (point.offered - load) * over / (over - score));
            }
            before = Some((point.offered, score));
        }
        before.map(|(load, _)| load)
    }

    /// The greatest load at which a share of the requests meets all targets behind the longest round trip.
    pub fn most_at(&self, share: f64) -> Option<f64> {
        self.greatest(|point| point.attainment.last().map_or(0.0, |attained| attained.value - share))
    }

    /// The greatest load at which mean times are within limits, s.
    pub fn most_on_average(&self, first: Option<f64>, each: Option<f64>) -> Option<f64> {
        self.greatest(|point| {
            let over =
                |limit: Option<f64>, time: f64| limit.map_or(f64::INFINITY, |limit| 1.0 - time / limit);
            over(first, point.first_mean).min(over(each, point.each_mean)).min(1.0)
        })
    }

    /// The points next to a load and the part of the way from the first to the second.
    fn around(&self, load: f64) -> (usize, usize, f64) {
        let after = self.points.partition_point(|point| point.offered < load);
        if after == 0 {
            return (0, 0, 0.0);
        }
        if after == self.points.len() {
            return (after - 1, after - 1, 0.0);
        }
        let (from, to) = (self.points[after - 1].offered, self.points[after].offered);
        (after - 1, after, (load - from) / (to - from))
    }

    /// A figure at a load.
    pub fn read(&self, load: f64, of: impl Fn(&SampledPoint) -> f64) -> f64 {
        let (from, to, part) = self.around(load);
        let (low, high) = (of(&self.points[from]), of(&self.points[to]));
        low + part * (high - low)
    }

    /// Share of the requests that meet all targets at a load, behind a round trip: with what sampling and straight lines
    /// may be off.
    pub fn attainment(&self, load: f64, way: usize) -> Interval {
        let (from, to, _) = self.around(load);
        let sampling = self.read(load, |point| point.attainment[way].half);
        let straight = if from == to { 0.0 } else { self.bend(from, way).max(self.bend(to, way)) };
        Interval { value: self.read(load, |point| point.attainment[way].value), half: sampling + straight }
    }

    /// What a straight line may be off near a point: a quarter of how far the point lies off the line between its neighbours, which
    /// is what halving the way leaves of a parabola.
    fn bend(&self, point: usize, way: usize) -> f64 {
        if point == 0 || point + 1 >= self.points.len() {
            return 0.0;
        }
        let [before, here, after] = [point - 1, point, point + 1].map(|at| &self.points[at]);
        let part = (here.offered - before.offered) / (after.offered - before.offered);
        let at = |point: &SampledPoint| point.attainment[way].value;
        (at(here) - at(before) - part * (at(after) - at(before))).abs() / 4.0
    }

    /// The most that straight lines may be off in attainment.
    pub fn interpolation_error(&self) -> f64 {
        let ways = self.points[0].attainment.len();
        let all = (0..self.points.len()).flat_map(|point| (0..ways).map(move |way| (point, way)));
        all.map(|(point, way)| self.bend(point, way)).fold(0.0, f64::max)
    }

    /// As the table of the fluid model, of loads that are answered.
    ///
    /// # Errors
    /// Where no load is.
    pub fn response(&self) -> Result<Response, ResponseError> {
        let latency = |p50: Interval, p99: Interval| Latency { p50: p50.value, p99: Some(p99.value) };
        let answered = self.points.iter().filter(|point| !point.saturated);
        let point = |point: &SampledPoint| LoadPoint {
            requests: point.offered,
            first_token: latency(point.first_p50, point.first_p99),
            each_token: latency(point.each_p50, point.each_p99),
        };
        Response::new(answered.map(point).collect())
    }
}
