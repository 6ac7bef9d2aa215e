//! The checkpoints of a job as data: intervals, effective time, spares, other sizes.

mod asked;
mod chart;

use gigawatt_engine::reliability::{
    CheckpointedJob, Choice, Interruptions, Moves, Ranged, ReliabilityFacts, Shares, Spares, Strategy,
    daly_interval, young_interval,
};
use serde::Serialize;

pub use asked::{Bandwidths, CheckpointAsked, SparesAsked};

/// The checkpoints of a job. Times are in seconds, rates per second, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckpointSummary {
    /// What the job is called.
    pub title: String,
    /// The system in the catalogue.
    pub system: String,
    /// Accelerators.
    pub accelerators: u64,
    /// Servers.
    pub servers: f64,
    /// Bytes of the state.
    pub state: f64,
    /// Failures in 1,000 server-days.
    pub server_rate: Ranged,
    /// Where that is from.
    pub rate_from: String,
    /// Mean time between interruptions by what is not servers; none where the rate counts everything.
    pub software_interval: Option<f64>,
    /// Mean time between interruptions.
    pub mean_time: Ranged,
    /// From an interruption to work without the load of the state.
    pub restart: Ranged,
    /// Its steps, where nobody said the sum.
    pub restart_steps: Vec<StepSummary>,
    /// Bandwidth.
    pub bandwidth: Bandwidths,
    /// What moving the state takes.
    pub moves: Moves,
    /// The probability that an interruption destroys every copy of something in memory.
    pub fallback: f64,
    /// Spares that the job has.
    pub spares: u32,
    /// The share of time in which none is left.
    pub waiting: f64,
    /// Each way to checkpoint at its best interval.
    pub strategies: Vec<StrategySummary>,
    /// Which is best; of those within a tenth of a point the simplest.
    pub best: Strategy,
    /// Effective time over intervals.
    pub curve: Vec<CurvePoint>,
    /// Numbers of spares.
    pub spares_table: Vec<SparesRow>,
    /// The same job on other numbers of accelerators, with the same storage.
    pub sizes: Vec<SizeRow>,
}

/// A step of a restart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepSummary {
    /// Its name.
    pub name: &'static str,
    /// Seconds.
    pub seconds: Ranged,
}

/// A way to checkpoint at an interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategySummary {
    /// Which way.
    pub strategy: Strategy,
    /// Work between checkpoints.
    pub interval: f64,
    /// Work between checkpoints in storage.
    pub storage_interval: f64,
    /// Young's and Daly's interval; of checkpoints on one level.
    pub young: Option<f64>,
    /// See `young`.
    pub daly: Option<f64>,
    /// Effective time, over the ranges of failures and restarts.
    pub goodput: Ranged,
    /// Where the time goes.
    pub shares: WaitingShares,
    /// The linear formula's effective time; none beyond its range or on two levels.
    pub linear: Option<f64>,
    /// The share that the linear formula finds lost, where that is beyond its range.
    pub linear_lost: Option<f64>,
    /// Seconds of a restart.
    pub restart: f64,
    /// Effective time at the interval that was asked for.
    pub asked: Option<f64>,
}

/// Shares of time, waiting for spares included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WaitingShares {
    /// Where the time goes that is not waited.
    #[serde(flatten)]
    pub of: Shares,
    /// Waiting for a server.
    pub waiting: f64,
}

/// Effective time at an interval, by strategy in their order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Work between checkpoints.
    pub interval: f64,
    /// Blocking writes to storage.
    pub blocking: f64,
    /// Writes in the background.
    pub background: f64,
    /// Copies in memory.
    pub memory: f64,
}

/// What a number of spares does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SparesRow {
    /// Spare servers.
    pub spares: u32,
    /// The share of time in which none is left and the job stands still.
    pub exhausted: f64,
    /// Seconds of such a wait.
    pub wait: f64,
    /// Effective time of the best way to checkpoint.
    pub goodput: f64,
}

/// A job of another size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SizeRow {
    /// Accelerators.
    pub accelerators: u64,
    /// Mean time between interruptions.
    pub mean_time: f64,
    /// The best way to checkpoint.
    pub strategy: Strategy,
    /// Work between checkpoints.
    pub interval: f64,
    /// Effective time without waiting for spares.
    pub goodput: f64,
}

/// Shares of time without a spare for which the table has the number of spares.
const EXHAUSTED: [f64; 4] = [0.1, 0.01, 1e-3, 1e-4];
/// The share for which spares are chosen where nobody says how many.
const USUAL: f64 = 1e-3;
/// Intervals of the curve, and how far they reach on both sides of the best ones.
const POINTS: u32 = 60;
const REACH: f64 = 8.0;
/// Goodput that a less simple way has to be worth.
const WORTH: f64 = 1e-3;
/// Sizes beside the job's own.
const SIZES: [f64; 7] = [0.0625, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

impl CheckpointSummary {
    /// What comes of a question with the facts of a catalogue.
    pub fn new(asked: &CheckpointAsked, facts: &ReliabilityFacts) -> Self {
        let accelerators = count(asked.accelerators);
        let servers = asked.servers(accelerators);
        let restart = asked.restart(facts);
        let rate = asked.server_rate;
        let with = |rate: f64, restart: f64| asked.job(accelerators, rate, restart);
        let job = with(rate.value, restart.value);
        let has = asked.spares(rate.value);
        let spares = match asked.spares {
            Some(SparesAsked::Number(number)) => number,
            Some(SparesAsked::Share(share)) => whole((share * servers).ceil()),
            // Enough for the whole range of rates: too few cost more than too many.
            None => asked.spares(rate.high).needed(USUAL).unwrap_or(0),
        };
        let running = |rate: f64| 1.0 - asked.spares(rate).exhausted(spares);
        let goodput = |strategy: Strategy| {
            let of = |rate: f64, restart: f64| running(rate) * with(rate, restart).best(strategy).shares.work;
            let value = of(rate.value, restart.value);
            let squares = |rate_end: f64, restart_end: f64| {
                let (a, b) = (of(rate_end, restart.value) - value, of(rate.value, restart_end) - value);
                (a * a + b * b).sqrt()
            };
            Ranged {
                value,
                low: (value - squares(rate.high, restart.high)).max(0.0),
                high: (value + squares(rate.low, restart.low)).min(1.0),
            }
        };
        let strategies: Vec<StrategySummary> = Strategy::ALL
            .into_iter()
            .map(|strategy| {
                let choice = job.best(strategy);
                summary(&job, &choice, goodput(strategy), running(rate.value), asked.interval)
            })
            .collect();
        let best = job.best_of_all(WORTH);
        let mean = |rate: f64| Interruptions::of(servers, rate, asked.software_rate).mean_time();
        Self {
            title: asked.title.clone(),
            system: asked.system.clone(),
            accelerators: asked.accelerators,
            servers,
            state: asked.bytes,
            server_rate: rate.map(ReliabilityFacts::per_thousand_days),
            rate_from: asked.rate_from.clone(),
            software_interval: (asked.software_rate > 0.0).then(|| 1.0 / asked.software_rate),
            mean_time: Ranged { value: mean(rate.value), low: mean(rate.high), high: mean(rate.low) },
            restart,
            restart_steps: if asked.restart.is_some() {
                Vec::new()
            } else {
                let steps = facts.timeline.steps().into_iter();
                steps.map(|(name, seconds)| StepSummary { name, seconds }).collect()
            },
            bandwidth: asked.bandwidth,
            moves: job.moves,
            fallback: job.fallback(),
            spares,
            waiting: 1.0 - running(rate.value),
            curve: curve(&job, &strategies),
            strategies,
            best: best.strategy,
            spares_table: spares_table(&has, spares, best.shares.work),
            sizes: sizes(asked, |accelerators| asked.job(accelerators, rate.value, restart.value)),
        }
    }

    /// The best way to checkpoint.
    pub fn best(&self) -> Option<&StrategySummary> {
        self.strategies.iter().find(|one| one.strategy == self.best)
    }
}

fn summary(
    job: &CheckpointedJob,
    choice: &Choice,
    goodput: Ranged,
    running: f64,
    asked: Option<f64>,
) -> StrategySummary {
    let course = job.course(choice.strategy);
    let linear = course.map(|course| course.linear(choice.intervals.memory));
    let Shares { work, writing, lost, restart } = choice.shares;
    StrategySummary {
        strategy: choice.strategy,
        interval: choice.intervals.memory,
        storage_interval: choice.intervals.memory * f64::from(choice.intervals.every),
        young: course.map(|course| young_interval(course.blocking, course.mean_time())),
        daly: course.map(|course| daly_interval(course.blocking, course.mean_time())),
        goodput,
        shares: WaitingShares {
            of: Shares {
                work: running * work,
                writing: running * writing,
                lost: running * lost,
                restart: running * restart,
            },
            waiting: 1.0 - running,
        },
        linear: linear.and_then(|found| Some(running * found.ok()?)),
        linear_lost: linear.and_then(|found| Some(found.err()?.lost)),
        restart: choice.restart,
        asked: asked.map(|interval| running * job.at(choice.strategy, interval).shares.work),
    }
}

/// Effective time without waiting, at intervals that grow by a factor.
fn curve(job: &CheckpointedJob, strategies: &[StrategySummary]) -> Vec<CurvePoint> {
    let intervals = || strategies.iter().map(|one| one.interval).filter(|interval| interval.is_finite());
    let low = intervals().fold(f64::INFINITY, f64::min) / REACH;
    let high = intervals().fold(0.0, f64::max) * REACH;
    let works = strategies.iter().any(|one| one.goodput.value > 0.0);
    if !(works && low > 0.0 && high > low && high.is_finite()) {
        return Vec::new();
    }
    let step = libm::log(high / low) / f64::from(POINTS);
    (0..=POINTS)
        .map(|point| {
            let interval = low * libm::exp(step * f64::from(point));
            let [blocking, background, memory] =
                Strategy::ALL.map(|strategy| job.at(strategy, interval).shares.work);
            CurvePoint { interval, blocking, background, memory }
        })
        .collect()
}

fn spares_table(has: &Spares, own: u32, work: f64) -> Vec<SparesRow> {
    let mut numbers: Vec<u32> = EXHAUSTED.iter().filter_map(|share| has.needed(*share)).collect();
    numbers.extend([0, own]);
    numbers.sort_unstable();
    numbers.dedup();
    let row = |spares: u32| {
        let exhausted = has.exhausted(spares);
        SparesRow { spares, exhausted, wait: has.wait(spares), goodput: (1.0 - exhausted) * work }
    };
    numbers.into_iter().map(row).collect()
}

fn sizes(asked: &CheckpointAsked, job: impl Fn(f64) -> CheckpointedJob) -> Vec<SizeRow> {
    let mut numbers: Vec<u64> = SIZES
        .iter()
        .map(|times| u64::from(whole((times * count(asked.accelerators)).round())))
        .filter(|number| *number > 0)
        .collect();
    numbers.dedup();
    let row = |accelerators: u64| {
        let job = job(count(accelerators));
        let best = job.best_of_all(WORTH);
        SizeRow {
            accelerators,
            mean_time: job.interruptions.mean_time(),
            strategy: best.strategy,
            interval: best.intervals.memory,
            goodput: best.shares.work,
        }
    };
    numbers.into_iter().map(row).collect()
}

#[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
fn count(number: u64) -> f64 {
    number as f64
}

/// A whole number, the largest where it is larger.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is meant")]
fn whole(number: f64) -> u32 {
    number as u32
}
