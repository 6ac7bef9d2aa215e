//! Which loads are simulated, how long and how often.

use rayon::prelude::*;

use super::replication::{RequestTargets, SampledEngine, Tally, Watched, replication};
use super::requests::Conversation;
use super::table::{SampledPoint, SampledResponse};
use crate::serving::arrivals::ArrivalsError;

/// Loads at first, as shares of what an engine answers at most.
const LOADS: [f64; 10] = [0.1, 0.3, 0.5, 0.65, 0.75, 0.85, 0.92, 1.0, 1.1, 1.3];
/// Change of attainment between neighbours above which a load between them is simulated.
const KNEE: f64 = 0.15;
/// Rounds of such loads, and all loads at most.
const ROUNDS: usize = 3;
const MOST_LOADS: usize = 16;
/// Replications at first, in each further step, and at most.
const STEP: u32 = 4;
const FEWEST: u32 = 8;
/// Doublings of the load until an engine is saturated.
const DOUBLINGS: i32 = 26;
/// The first load of these, requests per second.
const LIGHTEST: f64 = 1.0 / 256.0;
/// Seconds of a window at least and at most, and requests that are wished in one.
const WINDOW: (f64, f64, f64) = (120.0, 900.0, 400.0);
/// Part of the time before a window that it lasts at least: what comes before is not counted and takes as long.
const WORTH: f64 = 0.75;
/// Seconds before a window at most.
const LONGEST_WARM_UP: f64 = 1200.0;
/// Windows for which those are waited for that came in one.
const DRAIN: u64 = 2;
/// Seconds of the windows in which saturation is sought.
const PROBE: f64 = 240.0;

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Half width of the interval of attainment that is narrow enough.
    pub attainment: f64,
    /// The same of the 99th percentile of the time to the first token, as a share of it.
    pub first_token: f64,
    /// Replications of a load at most.
    pub replications: u32,
    /// Requests of a load after which no further replication begins.
    pub requests: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { attainment: 0.004, first_token: 0.05, replications: 32, requests: 60_000 }
    }
}

/// What is asked of sampled replicas.
#[derive(Clone, Debug)]
pub struct SamplingAsked<'a> {
    /// What sessions are like.
    pub conversation: Conversation,
    /// What a request is promised.
    pub targets: RequestTargets,
    /// Round trips over the network that are told apart, ns, in rising order; one at least.
    pub network: &'a [u64],
    /// How much is simulated.
    pub effort: Effort,
    /// Of all that happens by chance.
    pub seed: u64,
}

impl SamplingAsked<'_> {
    /// Windows long enough for their requests, after the caches know the sessions.
    fn watched(&self, rate: f64) -> Watched<'_> {
        let (least, most, wished) = WINDOW;
        self.windows((wished / rate).clamp(least, most).max(WORTH * self.warm_up()), DRAIN)
    }

    /// Seconds before a window: two lives of a session.
    fn warm_up(&self) -> f64 {
        let life = self.conversation.habits.session.turns * self.conversation.turn_gap;
        (2.0 * life).clamp(60.0, LONGEST_WARM_UP)
    }

    fn windows(&self, window: f64, drain: u64) -> Watched<'_> {
        let warm_up = self.warm_up();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes in ns")]
        let [warm_up, window] = [warm_up, window].map(|seconds| (seconds * 1e9) as u64);
        Watched {
            conversation: &self.conversation,
            targets: self.targets,
            network: self.network,
            warm_up,
            window,
            drain,
            seed: self.seed,
        }
    }
}

/// What users of a replica see at one load, requests per second of the replica.
///
/// # Errors
/// Where requests cannot be drawn.
pub fn sample_load(
    engine: &SampledEngine<'_>,
    asked: &SamplingAsked<'_>,
    load: f64,
) -> Result<SampledPoint, ArrivalsError> {
    let rate = load / engine.engines;
    let watched = asked.watched(rate);
    let effort = &asked.effort;
    let mut tallies: Vec<Tally> = Vec::new();
    loop {
        let done = u32::try_from(tallies.len()).unwrap_or(u32::MAX);
        let next = if done == 0 { FEWEST } else { STEP };
        let more: Result<Vec<Tally>, _> = (done..done + next)
            .into_par_iter()
            .map(|number| replication(engine, &watched, rate, number))
            .collect();
        tallies.extend(more?);
        let point = SampledPoint::new(rate, engine.engines, &tallies);
        let narrow = point.attainment.iter().all(|attained| attained.half <= effort.attainment)
            && point.first_p99.half <= effort.first_token * point.first_p99.value;
        let enough = done + next >= effort.replications || point.requests >= effort.requests;
        // Past saturation the figures are those of the window, and no number of windows makes them others.
        if narrow || enough || point.saturated {
            return Ok(point);
        }
    }
}

/// What users of a replica see, from a light load to past saturation.
///
/// Loads are shares of the most that an engine answers, which is found by doubling the load; between neighbours whose attainment
/// differs much, where waiting decides, loads are added.
///
/// # Errors
/// Where requests cannot be drawn.
pub fn sample(
    engine: &SampledEngine<'_>,
    asked: &SamplingAsked<'_>,
) -> Result<Option<SampledResponse>, ArrivalsError> {
    let most = saturation(engine, asked)?;
    if most <= 0.0 {
        return Ok(None);
    }
    let all = |loads: &[f64]| -> Result<Vec<SampledPoint>, ArrivalsError> {
        loads.par_iter().map(|load| sample_load(engine, asked, *load)).collect()
    };
    let mut points = all(&LOADS.map(|share| share * most * engine.engines))?;
    for _ in 0..ROUNDS {
        let steep = |pair: &[SampledPoint]| {
            let changes = pair[0].attainment.iter().zip(&pair[1].attainment);
            changes.map(|(one, other)| (one.value - other.value).abs()).fold(0.0, f64::max) > KNEE
        };
        let between = points.windows(2).filter(|pair| steep(pair));
        let loads: Vec<f64> = between.map(|pair| f64::midpoint(pair[0].offered, pair[1].offered)).collect();
        let room = MOST_LOADS.saturating_sub(points.len());
        if loads.is_empty() || room == 0 {
            break;
        }
        points.extend(all(&loads[..loads.len().min(room)])?);
        points.sort_by(|one, other| one.offered.total_cmp(&other.offered));
    }
    Ok(SampledResponse::new(points))
}

/// What an engine answers of more than it can, requests per second, in one window: to compare sessions of one kind with those of another.
///
/// # Errors
/// Where requests cannot be drawn.
pub(super) fn overloaded(
    engine: &SampledEngine<'_>,
    asked: &SamplingAsked<'_>,
    rate: f64,
) -> Result<f64, ArrivalsError> {
    let tally = replication(engine, &asked.windows(PROBE, 0), rate, 0)?;
    Ok(SampledPoint::new(rate, 1.0, &[tally]).answered)
}

/// Requests per second that an engine answers at most.
fn saturation(engine: &SampledEngine<'_>, asked: &SamplingAsked<'_>) -> Result<f64, ArrivalsError> {
    let watched = asked.windows(PROBE, 0);
    let mut most = 0.0_f64;
    for doubling in 0..DOUBLINGS {
        let rate = LIGHTEST * libm::exp2(f64::from(doubling));
        let tally = replication(engine, &watched, rate, 0)?;
        let point = SampledPoint::new(rate, 1.0, &[tally]);
        most = most.max(point.answered);
        // Well past it: what is answered no longer follows what comes.
        if point.requests > 0 && point.answered < 0.8 * point.offered && point.saturated {
            break;
        }
    }
    Ok(most)
}
