//! What one replica answers at a load: a table from a simulation, or the closed form of its iterations.

use super::session::Tokens;
use crate::serving::{Batch, Capacity, IterationLaw, Prompts, Request, ServingCoefficients};

/// Median and, where it is known, the 99th percentile of a time in s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// The median.
    pub p50: f64,
    /// The 99th percentile; a closed form of means knows none.
    pub p99: Option<f64>,
}

/// What users of a replica see at a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadPoint {
    /// Requests per second that the replica completes.
    pub requests: f64,
    /// Time to the first token.
    pub first_token: Latency,
    /// Time of each further token.
    pub each_token: Latency,
}

/// Latest times that are acceptable, in s; none where nothing is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Targets {
    /// Median time to the first token.
    pub first_token_p50: Option<f64>,
    /// 99th percentile of it.
    pub first_token_p99: Option<f64>,
    /// Median time of a token.
    pub each_token_p50: Option<f64>,
    /// 99th percentile of it.
    pub each_token_p99: Option<f64>,
}

impl Targets {
    /// What is left for a replica when the network takes so many seconds of the first token's time.
    #[must_use]
    pub fn behind(&self, network: f64) -> Self {
        let less = |limit: Option<f64>| limit.map(|limit| limit - network);
        Self {
            first_token_p50: less(self.first_token_p50),
            first_token_p99: less(self.first_token_p99),
            ..*self
        }
    }

    /// Each limit with the time it is about; a time that is not known is beyond every limit.
    fn limits(&self, point: &LoadPoint) -> impl Iterator<Item = (f64, f64)> {
        let beyond = |time: Option<f64>| time.unwrap_or(f64::INFINITY);
        [
            (self.first_token_p50, point.first_token.p50),
            (self.first_token_p99, beyond(point.first_token.p99)),
            (self.each_token_p50, point.each_token.p50),
            (self.each_token_p99, beyond(point.each_token.p99)),
        ]
        .into_iter()
        .filter_map(|(limit, time)| Some((limit?, time)))
    }
}

/// Why a table of loads is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// It has no point.
    #[error("a replica's table of loads has no point")]
    Empty,
    /// Loads do not rise from above nothing.
    #[error("the loads of a replica's table do not rise from above 0")]
    Order,
}

/// What a replica answers, by load.
#[derive(Clone, Debug, PartialEq)]
pub struct Response(Vec<LoadPoint>);

impl Response {
    /// A table whose loads rise.
    ///
    /// # Errors
    /// Where it is empty or its loads do not rise from above 0.
    pub fn new(points: Vec<LoadPoint>) -> Result<Self, ResponseError> {
        if points.is_empty() {
            return Err(ResponseError::Empty);
        }
        let loads = points.iter().map(|point| point.requests);
        let mut before = 0.0;
        for load in loads {
            if !load.is_finite() || load <= before {
                return Err(ResponseError::Order);
            }
            before = load;
        }
        Ok(Self(points))
    }

    /// The points.
    pub fn points(&self) -> &[LoadPoint] {
        &self.0
    }

    /// The greatest load of the table, requests per second.
    pub fn saturated(&self) -> f64 {
        self.0.last().map_or(0.0, |point| point.requests)
    }

    /// The greatest load at which every target is met, straight between points; none where even the least load misses one.
    pub fn most(&self, targets: &Targets) -> Option<f64> {
        let mut met: Option<&LoadPoint> = None;
        for point in &self.0 {
            if targets.limits(point).all(|(limit, time)| time <= limit) {
                met = Some(point);
                continue;
            }
            let before = met?;
            let pairs = targets.limits(before).zip(targets.limits(point));
            let share = pairs
                .filter(|((limit, _), (_, after))| after > limit)
                .map(|((limit, time), (_, after))| (limit - time) / (after - time))
                .fold(1.0, f64::min);
            return Some(before.requests + share * (point.requests - before.requests));
        }
        met.map(|point| point.requests)
    }

    /// The means of a steady state with the numbers of sequences in flight at once that `in_flight` names and memory allows.
    ///
    /// As [`IterationLaw::at_concurrency`], where part of a prompt is found in the cache: with `b` sequences, `n` iterations of
    /// an answer and `e` what the new part of a prompt adds to one, a sequence takes `n t(b) + b e`. Waiting beyond that is
    /// left to a simulation, so there is no 99th percentile.
    ///
    /// # Errors
    /// [`ResponseError::Empty`] where memory holds no sequence.
    pub fn steady(
        law: &IterationLaw<'_>,
        with: &ServingCoefficients,
        tokens: &Tokens,
        in_flight: &[f64],
    ) -> Result<Self, ResponseError> {
        let deployment = law.deployment();
        #[expect(clippy::cast_precision_loss, reason = "groups and tokens of an iteration stay below 2^53")]
        let (groups, budget) =
            (deployment.layout.attention_data.max(1) as f64, deployment.engine.token_budget.max(1) as f64);
        let request = Request { prompt: tokens.input(), output: tokens.output };
        let (room, _) = Capacity::of(deployment, with).sequences(deployment, &request);
        let iterations = (tokens.output / deployment.tokens_per_iteration()).max(1.0);
        let context = tokens.input() + tokens.output / 2.0;
        let parts = (tokens.new / budget).max(1.0);
        let mut points: Vec<LoadPoint> = Vec::new();
        for wanted in in_flight {
            let sequences = (wanted / groups).min(room);
            if sequences < 1.0 {
                continue;
            }
            let batch = Batch::decoding(sequences, context);
            let alone = law.seconds(&batch);
            let past = tokens.cached + tokens.new * (1.0 - 1.0 / parts) / 2.0;
            let prompts = Prompts { count: 1.0, tokens: tokens.new / parts, past };
            let mixed = law.seconds(&Batch { prompts, ..batch });
            let each = parts * (mixed - alone);
            let cycle = iterations * alone + sequences * each;
            let first = 0.5 * alone + parts * mixed;
            let point = LoadPoint {
                requests: groups * sequences / cycle,
                first_token: Latency { p50: first, p99: None },
                each_token: Latency {
                    p50: (iterations * alone + (sequences - 1.0) * each) / tokens.output.max(1.0),
                    p99: None,
                },
            };
            // Beyond what memory holds, and where more in flight brings no more, the table ends.
            if points.last().is_none_or(|last| point.requests > last.requests) {
                points.push(point);
            }
        }
        Self::new(points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(requests: f64, first: f64, each: f64) -> LoadPoint {
        let latency = |p50: f64| Latency { p50, p99: Some(3.0 * p50) };
        LoadPoint { requests, first_token: latency(first), each_token: latency(each) }
    }

    fn table() -> Response {
        Response::new(vec![point(1.0, 0.1, 0.01), point(2.0, 0.2, 0.02), point(3.0, 0.6, 0.03)]).unwrap()
    }

    #[test]
    fn the_greatest_load_lies_where_the_first_target_is_reached() {
        let first = |limit| Targets { first_token_p50: Some(limit), ..Targets::default() };
        let near = |targets: Targets, expected: f64| {
            let most = table().most(&targets).unwrap();
            assert!((most - expected).abs() < 1e-12, "{most} {expected}");
        };
        near(first(0.4), 2.5);
        near(Targets { first_token_p99: Some(0.6), ..Targets::default() }, 2.0);
        near(Targets { each_token_p50: Some(0.025), ..first(0.4) }, 2.5);
        near(Targets { each_token_p50: Some(0.022), ..first(0.4) }, 2.2);
        near(Targets::default(), 3.0);
        assert_eq!(table().most(&first(0.05)), None);
    }

    #[test]
    fn the_network_takes_its_part_of_the_first_token_alone() {
        let targets =
            Targets { first_token_p99: Some(1.0), each_token_p99: Some(0.05), ..Targets::default() };
        let behind = targets.behind(0.2);
        assert_eq!((behind.first_token_p99, behind.each_token_p99), (Some(0.8), Some(0.05)));
    }

    #[test]
    fn a_time_that_is_not_known_meets_no_target() {
        let mean = Latency { p50: 0.1, p99: None };
        let table =
            Response::new(vec![LoadPoint { requests: 1.0, first_token: mean, each_token: mean }]).unwrap();
        assert_eq!(table.most(&Targets { first_token_p99: Some(9.0), ..Targets::default() }), None);
        assert_eq!(table.most(&Targets { first_token_p50: Some(9.0), ..Targets::default() }), Some(1.0));
    }

    #[test]
    fn loads_that_do_not_rise_are_refused() {
        assert_eq!(Response::new(Vec::new()), Err(ResponseError::Empty));
        assert_eq!(
            Response::new(vec![point(1.0, 0.1, 0.1), point(1.0, 0.2, 0.2)]),
            Err(ResponseError::Order)
        );
        assert_eq!(Response::new(vec![point(0.0, 0.1, 0.1)]), Err(ResponseError::Order));
        assert_eq!(Response::new(vec![point(f64::NAN, 0.1, 0.1)]), Err(ResponseError::Order));
    }
}
