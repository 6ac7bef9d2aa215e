use super::replication::{Watched, replication};
use super::requests::SessionRequests;
use super::*;
use crate::demand::{Burst, DayShape, FluidService, Habits, HourlyDemand, Reach, Scaling, Session};
use crate::fleet::{Stream, Time, Watch};
use crate::serving::arrivals::{Lengths, Process, Rate, Workload, WorkloadOptions};
use crate::serving::cluster::{Batching, Class, Cluster, Measured, Metric, Router, Targets, simulate};
use crate::serving::replica::{IterationTable, LinearTimes, Prefix, ReplicaOptions};

/// Iterations of 40 ms, 100 µs for each token of a prompt: about two requests a second.
fn table() -> IterationTable {
    let times = LinearTimes { iteration: 40_000_000, prompt_token: 100_000, ..LinearTimes::default() };
    IterationTable::linear(&times, 16, 1024)
}

fn options() -> ReplicaOptions {
    ReplicaOptions { prefix: Prefix::Tokens(64), ..ReplicaOptions::plain(16, 1024, 20_000) }
}

fn conversation(turns: f64) -> Conversation {
    let session = Session { turns, variation: 0.0, system: 0.0, prompt: 400.0, output: 100.0, reuse: 1.0 };
    let habits =
        Habits { daily_share: 1.0, sessions: 1.0, session, side_calls: 0.0, side: Session::single(1.0, 1.0) };
    Conversation { habits, turn_gap: 20.0, length_variation: 0.7 }
}

const TARGETS: RequestTargets =
    RequestTargets { first_token: Some(1_000_000_000), each_token: Some(80_000_000) };

fn asked(turns: f64) -> SamplingAsked<'static> {
    SamplingAsked {
        conversation: conversation(turns),
        targets: TARGETS,
        network: &[0, 100_000_000],
        effort: Effort { requests: 20_000, ..Effort::default() },
        seed: 5,
    }
}

struct Always;

impl Watch for Always {
    fn reached(&mut self, _now: Time, _events: u64) -> bool {
        true
    }
}

#[test]
fn sampled_replicas_see_what_a_thousand_do_in_an_hour() {
    let (times, options) = (table(), options());
    let engine = SampledEngine { table: &times, options: &options, engines: 1.0 };
    let asked = asked(1.0);
    // About half of what an engine answers.
    let (load, replicas, seconds) = (1.5, 1000_u32, 3600.0);
    let sampled = sample_load(&engine, &asked, load).unwrap();
    let lengths = |mean| Lengths::lognormal_of_moments(mean, 0.7, 160_000).unwrap();
    let workload = WorkloadOptions {
        name: "all".to_owned(),
        number: 0,
        process: Process::Poisson,
        rate: Rate::constant(load * f64::from(replicas)).unwrap(),
        prompts: lengths(400.0),
        outputs: lengths(100.0),
        sessions: None,
        priority: 0,
        requests: None,
        until: Some((seconds * 1e9) as u64),
    };
    let class = Class::new(Batching { table: &times, options: &options }, replicas);
    let cluster = Cluster {
        measured: Measured::From(120_000_000_000),
        targets: Targets {
            time_to_first_token: TARGETS.first_token,
            time_per_output_token: TARGETS.each_token,
            end_to_end: None,
        },
        seed: 11,
        ..Cluster::new(vec![class], Router::Random)
    };
    let mut requests = Workload::new(workload, 77).unwrap();
    let all = simulate(&cluster, &mut requests, &mut |_| {}, &mut Always).unwrap();
    let group = all.all();
    let read = |metric, share| group.times(metric).quantile(share).unwrap() as f64 * 1e-9;
    let attained = all.good_share().unwrap();
    let here = sampled.attainment[0];
    assert!((here.value - attained).abs() <= here.half, "{load}: {here:?} {attained}");
    let rows = [
        (sampled.first_p50, read(Metric::TimeToFirstToken, 0.5), 0.05),
        (sampled.first_p99, read(Metric::TimeToFirstToken, 0.99), 0.15),
        (sampled.each_p50, read(Metric::TimePerOutputToken, 0.5), 0.05),
        (sampled.each_p99, read(Metric::TimePerOutputToken, 0.99), 0.15),
    ];
    for (estimate, truth, tolerance) in rows {
        eprintln!("{load}: {:.4} ± {:.4} s, in full {truth:.4} s", estimate.value, estimate.half);
        assert!((estimate.value / truth - 1.0).abs() < tolerance, "{load}: {estimate:?} {truth}");
        assert!((estimate.value - truth).abs() <= estimate.half, "{load}: {estimate:?} {truth}");
    }
    eprintln!("{load}: {:.4} ± {:.4}, in full {attained:.4} of {}", here.value, here.half, group.requests);
}

fn sampled(turns: f64, effort: Effort) -> SampledResponse {
    let (times, options) = (table(), options());
    let engine = SampledEngine { table: &times, options: &options, engines: 2.0 };
    sample(&engine, &SamplingAsked { effort, ..asked(turns) }).unwrap().unwrap()
}

const LITTLE: Effort = Effort { attainment: 0.05, first_token: 0.5, replications: 8, requests: 1000 };

#[test]
fn a_table_is_the_same_on_any_number_of_threads() {
    let of = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sampled(3.0, LITTLE))
    };
    assert_eq!(of(1), of(3));
}

#[test]
fn more_load_answers_no_more_than_comes_and_attains_no_more() {
    let table = sampled(3.0, LITTLE);
    let points = table.points();
    for point in points {
        // What ends in a window may have come before it.
        assert!(point.answered <= point.offered * 1.2, "{point:?}");
        assert!(point.busy <= 1.05 && point.tokens[1] <= point.tokens[0]);
    }
    for pair in points.windows(2) {
        let (one, other) = (pair[0].attainment[0], pair[1].attainment[0]);
        assert!(other.value <= one.value + one.half + other.half, "{pair:?}");
        assert!(pair[1].attainment[1].value <= pair[1].attainment[0].value, "further away is no better");
    }
    assert!(points.last().unwrap().saturated && !points[0].saturated);
    let most = table.most_at(0.95).unwrap();
    assert!(table.attainment(most, 1).value > 0.949 && most < table.saturated());
}

#[test]
fn sessions_find_what_they_said_before() {
    let (times, options) = (table(), options());
    let engine = SampledEngine { table: &times, options: &options, engines: 1.0 };
    let conversation = conversation(6.0);
    let watched = Watched {
        drain: 2,
        conversation: &conversation,
        targets: TARGETS,
        network: &[0],
        warm_up: 240_000_000_000,
        window: 2_000_000_000_000,
        seed: 1,
    };
    let tally = replication(&engine, &watched, 0.3, 0).unwrap();
    let cached = tally.cached as f64 / tally.input as f64;
    // Of six turns of 500 tokens each, what stood before is 1,250 of 1,650 tokens, less the last part of a block.
    assert!((0.66..0.77).contains(&cached), "{cached}");
    let without = ReplicaOptions { prefix: Prefix::Off, ..options };
    let tally = replication(&SampledEngine { options: &without, ..engine }, &watched, 0.3, 0).unwrap();
    assert_eq!(tally.cached, 0);
}

#[test]
fn contexts_that_do_not_fit_begin_again() {
    let context = Context { block_tokens: 64, most: 2_000 };
    let stream = Stream::new(1, "test", "contexts");
    let mut requests = SessionRequests::new(&conversation(40.0), context, 1.0, stream).unwrap();
    let longest = (0..5_000)
        .map(|_| {
            let (drawn, _) = requests.next();
            drawn.prompt + drawn.output
        })
        .max();
    assert!(longest.is_some_and(|longest| (1_500..=2_000).contains(&longest)), "{longest:?}");
}

#[test]
fn hours_and_regions_add_up_and_nothing_comes_from_nowhere() {
    let table = sampled(3.0, LITTLE);
    let habits = conversation(3.0).habits;
    let shape = DayShape { day_swing: 0.8, day_peak: 18.0, weekend: 0.9, ..DayShape::FLAT };
    let regions: Vec<(f64, [f64; 168])> =
        [(0.5, 0.0), (0.3, 6.0), (0.2, -7.0)].map(|(share, ahead)| (share, shape.week(ahead))).to_vec();
    let users = |time: f64| 1e6 * (time - 20_000.0) * (1.0 + (time - 20_000.0) / 60.0);
    let demand = HourlyDemand::new((20_000, 20_030), users, &habits, &regions);
    let times = vec![vec![0.01, 0.09, 0.3], vec![0.09, 0.01, 0.3], vec![0.3, 0.3, 0.02]];
    let reach = Reach::new(&times, &[true; 3], 0.1);
    let weeks: Vec<[f64; 168]> = regions.iter().map(|(share, week)| week.map(|rate| share * rate)).collect();
    let capacity = reach.capacity(&weeks).unwrap();
    let site = ServingSite { reach, capacity, ways: vec![vec![0, 1, 1], vec![1, 0, 1], vec![1, 1, 0]] };
    let fluid = FluidService {
        most: table.most_at(0.9).unwrap(),
        saturated: table.saturated(),
        speed: 1.0,
        lost: 0.02,
        scaling: Scaling::Follows { start_up: 0.3 },
        covered: 0.99,
        near: 0.85,
    };
    let burst = Burst { client_variation: 1.0, clients: 400.0, fast: 0.2, lasting: 0.1, persistence: 8.0 };
    let served = ServedHours::new(&demand, &site, (&fluid, &burst), &table);
    let sum = |of: fn(&HourOfPlace) -> f64| served.regions.iter().flatten().map(of).sum::<f64>();
    let asked = habits.requests_per_day() * users(20_030.0);
    assert!((served.requests() / asked - 1.0).abs() < 1e-9);
    assert!(((sum(|cell| cell.dealt) + served.unserved) / asked - 1.0).abs() < 1e-9);
    assert!(served.unserved < 1e-6 * asked);
    assert!((served.weeks().iter().map(|week| week.requests).sum::<f64>() / asked - 1.0).abs() < 1e-9);
    for (region, standing) in served.regions.iter().zip(&served.standing) {
        for cell in region {
            assert!(cell.replicas <= standing * 0.98 + 1e-9);
            assert!(cell.dealt - cell.beyond <= cell.replicas * table.saturated() * 3600.0 * (1.0 + 1e-9));
            assert!(cell.attainment.is_none_or(|attained| (0.0..=1.0).contains(&attained.value)));
        }
    }
    let costs = Costs { accelerators: 8.0, power: 1500.0, price: 0.001 };
    assert!(served.running_cost(&costs) < served.standing_cost(&costs));
    let day = served.busiest_day().unwrap();
    assert!(day >= 24 * 23, "it grows: {day}");
    assert!(served.attainment(day..day + 24).unwrap().value > 0.85);
}
