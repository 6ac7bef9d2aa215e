//! Requests that are made up, held against the theory of their processes.
//!
//! Tolerances are five standard errors, of which one test in two million passes beyond by chance; seeds are fixed, so
//! each either always passes or never.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gigawatt_engine::serving::arrivals::{
    Arrivals, ArrivalsError, Beyond, Bursts, DrawnRequest, Lengths, Process, Rate, Sessions, ThinkFrom,
    ThinkTime, Workload, WorkloadOptions,
};
use gigawatt_plan::request_trace::TokenCounts;

/// Standard errors that are let pass.
const ERRORS: f64 = 5.0;

fn arrivals(process: Process, rate: f64, seed: u64) -> Arrivals {
    Arrivals::new(process, Rate::constant(rate).unwrap(), seed, "test").unwrap()
}

/// Gaps in mean gaps.
fn gaps(process: Process, rate: f64, count: usize) -> Vec<f64> {
    let times: Vec<u64> = arrivals(process, rate, 7).take(count + 1).collect();
    times.windows(2).map(|pair| (pair[1] - pair[0]) as f64 * 1e-9 * rate).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(one: &[f64], other: &[f64]) -> f64 {
    let (mean_one, mean_other) = (mean(one), mean(other));
    one.iter().zip(other).map(|(x, y)| (x - mean_one) * (y - mean_other)).sum::<f64>() / one.len() as f64
}

/// Chi-squared of counts in cells that are equally likely, against what chance makes of it: a normal approximation with
/// the cells less 1 as degrees of freedom.
fn assert_uniform(shares: impl Iterator<Item = f64>, cells: usize, what: &str) {
    let mut counts = vec![0.0; cells];
    shares.for_each(|share| counts[((share * cells as f64) as usize).min(cells - 1)] += 1.0);
    let expected = counts.iter().sum::<f64>() / cells as f64;
    assert!(expected > 100.0, "{what}: too few");
    let chi: f64 = counts.iter().map(|count| (count - expected) * (count - expected) / expected).sum();
    let freedom = (cells - 1) as f64;
    let off = (chi - freedom) / (2.0 * freedom).sqrt();
    assert!(off.abs() < ERRORS, "{what}: chi-squared {chi} with {freedom} degrees of freedom");
}

fn assert_near(found: f64, expected: f64, error: f64, what: &str) {
    assert!((found - expected).abs() < ERRORS * error, "{what}: {found}, expected {expected} ± {error}");
}

#[test]
fn constant_arrivals_are_equally_far_apart() {
    let times: Vec<u64> = arrivals(Process::Constant, 4.0, 1).take(5).collect();
    assert_eq!(times, [0, 250_000_000, 500_000_000, 750_000_000, 1_000_000_000]);
}

#[test]
fn gaps_of_poisson_are_exponential_and_independent() {
    let count = 200_000;
    let gaps = gaps(Process::Poisson, 50.0, count);
    let error = 1.0 / (count as f64).sqrt();
    assert_near(mean(&gaps), 1.0, error, "mean");
    // The variance of a squared deviation from the mean is 8 for an exponential gap.
    assert_near(covariance(&gaps, &gaps), 1.0, 8_f64.sqrt() * error, "variance");
    for lag in [1, 2, 10] {
        assert_near(covariance(&gaps[lag..], &gaps[..count - lag]), 0.0, error, "autocovariance");
    }
    assert_uniform(gaps.iter().map(|gap| -(-gap).exp_m1()), 100, "exponential");
}

#[test]
fn counts_of_poisson_have_their_mean_as_variance() {
    let seconds = 20_000;
    let mut counts = vec![0.0; seconds];
    let within = arrivals(Process::Poisson, 10.0, 3).map(|at| (at / 1_000_000_000) as usize);
    within.take_while(|second| *second < seconds).for_each(|second| counts[second] += 1.0);
    let error = 1.0 / (counts.len() as f64).sqrt();
    assert_near(mean(&counts), 10.0, 10_f64.sqrt() * error, "mean");
    // Fourth central moment of a Poisson number: λ + 3 λ².
    assert_near(covariance(&counts, &counts), 10.0, 210_f64.sqrt() * error, "variance");
}

#[test]
fn gaps_of_gamma_have_the_variation_asked_for_and_are_independent() {
    for variation in [0.3, 0.5, 1.0, 2.0, 13.0] {
        let count = 1_000_000;
        let gaps = gaps(Process::Gamma { variation }, 50.0, count);
        let (square, error) = (variation * variation, 1.0 / (count as f64).sqrt());
        assert_near(mean(&gaps), 1.0, variation * error, "mean");
        // Fourth central moment of a Gamma variate with shape k: σ⁴ (3 + 6/k).
        let of_variance = square * (2.0 + 6.0 * square).sqrt() * error;
        assert_near(covariance(&gaps, &gaps), square, of_variance, "variance");
        assert_near(covariance(&gaps[1..], &gaps[..count - 1]), 0.0, square * error, "autocovariance");
    }
}

#[test]
fn gaps_of_gamma_with_a_variation_of_a_half_are_those_of_erlang() {
    let gaps = gaps(Process::Gamma { variation: 0.5 }, 50.0, 200_000);
    let share = |gap: &f64| {
        let x = 4.0 * gap;
        1.0 - (-x).exp() * (1.0 + x + x * x / 2.0 + x * x * x / 6.0)
    };
    assert_uniform(gaps.iter().map(share), 100, "Erlang of 4");
}

#[test]
fn the_first_gap_of_gamma_is_what_a_random_moment_leaves() {
    for variation in [0.5_f64, 2.0] {
        let count = 20_000;
        let process = Process::Gamma { variation };
        let first: Vec<f64> =
            (0..count).map(|seed| arrivals(process, 1.0, seed).next().unwrap() as f64 * 1e-9).collect();
        // Mean of what is left of a gap: (1 + c²) / 2; its square has the mean E[gap³] / 3.
        let square = variation * variation;
        let expected = 0.5 * (1.0 + square);
        let second = (1.0 + square) * (1.0 + 2.0 * square) / 3.0;
        let deviation = (second - expected * expected).sqrt();
        assert_near(mean(&first), expected, deviation / (count as f64).sqrt(), "first gap");
    }
}

#[test]
fn counts_in_bursts_have_the_variance_and_the_memory_of_the_theory() {
    let bursts = Bursts { mean_burst: 20.0, mean_calm: 60.0, ratio: 8.0 };
    let [calm, burst] = bursts.factors();
    assert!((0.25 * burst + 0.75 * calm - 1.0).abs() < 1e-12 && (burst / calm - 8.0).abs() < 1e-12);
    let (rate, window, windows) = (5.0, 5.0, 400_000);
    let mut counts = vec![0.0; windows];
    for at in arrivals(Process::Bursts(bursts), rate, 11) {
        match counts.get_mut((at as f64 * 1e-9 / window) as usize) {
            Some(count) => *count += 1.0,
            None => break,
        }
    }
    // A rate of two levels has the autocovariance p (1 - p) Δ² exp(-s |τ|), with s the sum of the rates of change; over
    // windows that integrates to what follows (Fischer and Meier-Hellstern 1993).
    let step = rate * (burst - calm);
    let levels = 0.25 * 0.75 * step * step;
    let change = 1.0 / 20.0 + 1.0 / 60.0;
    let st: f64 = change * window;
    let variance = rate * window + 2.0 * levels * (st - 1.0 + (-st).exp()) / (change * change);
    let neighbour = levels * (1.0 - (-st).exp()).powi(2) / (change * change);
    // Windows are correlated over 1/s = 15 s, so about one in six is independent.
    let independent = (windows as f64 * window * change / 2.0).sqrt();
    assert_near(mean(&counts), rate * window, variance.sqrt() / independent, "mean");
    let error = variance * 2_f64.sqrt() / independent;
    assert_near(covariance(&counts, &counts), variance, error, "variance");
    assert_near(covariance(&counts[1..], &counts[..windows - 1]), neighbour, error, "next window");
    let far = neighbour * (-4.0 * st).exp();
    assert_near(covariance(&counts[5..], &counts[..windows - 5]), far, error, "fifth window");
}

#[test]
fn bursts_last_as_long_as_they_are_said_to() {
    // Nothing comes between bursts, nearly: a gap of more than a second ends one.
    let bursts = Bursts { mean_burst: 10.0, mean_calm: 40.0, ratio: 1e6 };
    let times: Vec<u64> = arrivals(Process::Bursts(bursts), 20.0, 5).take(2_000_000).collect();
    let (mut lengths, mut from) = (Vec::new(), 0);
    for (at, pair) in times.windows(2).enumerate() {
        if pair[1] - pair[0] > 1_000_000_000 {
            lengths.push((pair[0] - times[from]) as f64 * 1e-9);
            from = at + 1;
        }
    }
    // The ends of a burst without an arrival are a mean gap of 10 ms each; short pauses join 1 - exp(-1/40) of bursts.
    let joined = 1.0 / (-1.0_f64 / 40.0).exp();
    let expected = joined * 10.0;
    let found = mean(&lengths);
    assert!(lengths.len() > 1500 && (found / expected - 1.0).abs() < 0.15, "{found}, expected {expected}");
}

#[test]
fn arrivals_follow_a_rate_in_straight_lines() {
    let day =
        [(0.0, 1.0), (100.0, 9.0), (100.0, 4.0), (200.0, 4.0), (200.0, 0.0), (250.0, 0.0), (300.0, 6.0)];
    let rate = Rate::lines(&day, Beyond::Repeat).unwrap();
    let days = 400;
    for process in [Process::Poisson, Process::Gamma { variation: 1.0 }] {
        let arrivals = Arrivals::new(process, rate.clone(), 9, "day").unwrap();
        let times: Vec<f64> =
            arrivals.map(|at| at as f64 * 1e-9).take_while(|at| *at < 300.0 * f64::from(days)).collect();
        let all = rate.expected(300.0) * f64::from(days);
        assert_near(times.len() as f64, all, all.sqrt(), "all");
        let of_day = |at: &f64| rate.expected(at % 300.0) / rate.expected(300.0);
        assert_uniform(times.iter().map(of_day), 60, "within the day");
        assert!(times.iter().all(|at| !(200.0..250.0).contains(&(at % 300.0))));
    }
    let bursts = Process::Bursts(Bursts { mean_burst: 2.0, mean_calm: 6.0, ratio: 4.0 });
    let arrivals = Arrivals::new(bursts, rate.clone(), 9, "day").unwrap();
    let end = 300.0 * f64::from(days);
    let count = arrivals.take_while(|at| (*at as f64 * 1e-9) < end).count() as f64;
    let all = rate.expected(end);
    assert!((count / all - 1.0).abs() < 0.03, "{count}, expected {all}");
}

#[test]
fn a_rate_that_ends_ends_the_arrivals() {
    let rate = Rate::lines(&[(0.0, 5.0), (100.0, 5.0), (100.0, 0.0)], Beyond::Hold).unwrap();
    let bursts = Process::Bursts(Bursts { mean_burst: 1.0, mean_calm: 1.0, ratio: 2.0 });
    for process in [Process::Constant, Process::Poisson, Process::Gamma { variation: 2.0 }, bursts] {
        let times: Vec<u64> = Arrivals::new(process, rate.clone(), 1, "end").unwrap().collect();
        assert!(
            times.len() > 300 && times.last().unwrap() <= &100_000_000_000,
            "{process:?}: {}",
            times.len()
        );
        assert!(times.is_sorted());
    }
}

#[test]
fn a_process_that_cannot_be_is_refused() {
    let of = |process| Arrivals::new(process, Rate::constant(1.0).unwrap(), 1, "x").err();
    assert_eq!(of(Process::Gamma { variation: 0.0 }), Some(ArrivalsError::Variation(0.0, 0.0)));
    assert!(of(Process::Gamma { variation: f64::NAN }).is_some());
    for (mean_burst, mean_calm, ratio) in [(0.0, 1.0, 2.0), (1.0, f64::INFINITY, 2.0), (1.0, 1.0, 0.5)] {
        let bursts = Bursts { mean_burst, mean_calm, ratio };
        assert_eq!(of(Process::Bursts(bursts)), Some(ArrivalsError::Bursts { mean_burst, mean_calm, ratio }));
    }
    let short = Bursts { mean_burst: 0.01, mean_calm: 0.01, ratio: 2.0 };
    let slow = Rate::constant(1e-6).unwrap();
    let refused = Arrivals::new(Process::Bursts(short), slow, 1, "x").unwrap_err();
    assert_eq!(refused, ArrivalsError::ShortBursts { cycle: 0.02 });
    assert!(Rate::constant(0.0).is_err() && Rate::constant(f64::NAN).is_err());
}

fn options() -> WorkloadOptions {
    WorkloadOptions {
        name: "chat".to_owned(),
        number: 0,
        process: Process::Poisson,
        rate: Rate::constant(20.0).unwrap(),
        prompts: Lengths::lognormal(1020.0, 4142.0, 100_000).unwrap(),
        outputs: Lengths::fixed(100),
        sessions: None,
        priority: 0,
        requests: Some(100_000),
        until: None,
    }
}

/// Everything about each request, its blocks among it.
fn drawn(options: WorkloadOptions, seed: u64) -> Vec<(DrawnRequest<'static>, Vec<u64>)> {
    let mut workload = Workload::new(options, seed).unwrap();
    let mut drawn = Vec::new();
    while let Some(request) = workload.next_request() {
        drawn.push((DrawnRequest { blocks: &[], ..request }, request.blocks.to_vec()));
    }
    drawn
}

#[test]
fn lengths_have_the_figures_that_they_were_given() {
    let requests = drawn(options(), 1);
    assert_eq!(requests.len(), 100_000);
    let mut prompts: Vec<f64> = requests.iter().map(|(request, _)| f64::from(request.prompt)).collect();
    prompts.sort_by(f64::total_cmp);
    // The error of a quantile is √(p (1 - p) / n) over the density there.
    let scale = (4142.0_f64 / 1020.0).ln() / 2.326_348;
    let density = |score: f64, at: f64| (-0.5 * score * score).exp() / (2.507 * scale * at);
    let error = |share: f64, score: f64, at: f64| (share * (1.0 - share) / 1e5).sqrt() / density(score, at);
    assert_near(prompts[50_000], 1020.0, error(0.5, 0.0, 1020.0), "median");
    assert_near(prompts[99_000], 4142.0, error(0.99, 2.326, 4142.0), "p99");
    let of_moments = Lengths::lognormal_of_moments(500.0, 1.5, 10_000_000).unwrap();
    assert!((of_moments.mean() / 500.0 - 1.0).abs() < 0.01, "{}", of_moments.mean());
    assert!(Lengths::lognormal(1000.0, 4000.0, 1000).unwrap().mean() < 1000.0);
}

#[test]
fn lengths_of_a_trace_have_its_quantiles() {
    let mut counts = TokenCounts::default();
    (0..50_000_u32)
        .for_each(|at| counts.add(10 + at * 7919 % 50_000 / 10 + if at % 100 == 0 { 20_000 } else { 0 }));
    let lengths = Lengths::of_trace(&counts).unwrap();
    let requests = drawn(WorkloadOptions { prompts: lengths, ..options() }, 2);
    let mut again = TokenCounts::default();
    requests.iter().for_each(|(request, _)| again.add(request.prompt));
    for share in [0.1, 0.5, 0.9] {
        let (trace, made) =
            (f64::from(counts.quantile(share).unwrap()), f64::from(again.quantile(share).unwrap()));
        assert!(
            (made - trace).abs() < 5000.0 * ERRORS * (share * (1.0 - share) / 1e5_f64).sqrt() + 1.0,
            "{share}: {trace} {made}"
        );
    }
    let means = (counts.sum() as f64 / 5e4, again.sum() as f64 / 1e5);
    assert!((means.1 / means.0 - 1.0).abs() < 0.02, "{means:?}");
}

#[test]
fn the_same_seed_gives_the_same_requests_and_purposes_do_not_disturb_one_another() {
    let first = drawn(options(), 1);
    assert_eq!(first, drawn(options(), 1));
    assert_ne!(first, drawn(options(), 2));
    assert_ne!(first, drawn(WorkloadOptions { name: "code".to_owned(), ..options() }, 1));
    let longer =
        drawn(WorkloadOptions { outputs: Lengths::lognormal(50.0, 500.0, 1000).unwrap(), ..options() }, 1);
    let others = first.iter().zip(&longer);
    assert!(
        others
            .clone()
            .all(|((one, _), (other, _))| (one.arrival, one.prompt) == (other.arrival, other.prompt))
    );
    assert!(others.clone().any(|((one, _), (other, _))| one.output != other.output));
    let faster = drawn(WorkloadOptions { rate: Rate::constant(40.0).unwrap(), ..options() }, 1);
    assert!(first.iter().zip(&faster).all(|((one, _), (other, _))| one.prompt == other.prompt));
    let bursts = Process::Bursts(Bursts { mean_burst: 1.0, mean_calm: 9.0, ratio: 5.0 });
    let bursty = drawn(WorkloadOptions { process: bursts, ..options() }, 1);
    assert!(first.iter().zip(&bursty).all(|((one, _), (other, _))| one.prompt == other.prompt));
}

fn sessions(from: ThinkFrom) -> Sessions {
    Sessions {
        mean_turns: 4.0,
        think: ThinkTime { mean: 30.0, variation: 1.0, from },
        shared_start: 100,
        block_tokens: 16,
        most_context: 1_000_000,
    }
}

#[test]
fn turns_of_a_session_grow_and_share_what_came_before() {
    let options = WorkloadOptions {
        prompts: Lengths::lognormal(80.0, 400.0, 10_000).unwrap(),
        sessions: Some(sessions(ThinkFrom::Request)),
        ..options()
    };
    let requests = drawn(options, 4);
    assert!(requests.iter().map(|(request, _)| request.arrival).is_sorted());
    let mut last: std::collections::BTreeMap<u64, (u32, Vec<u64>, u64)> = std::collections::BTreeMap::new();
    // Those that begin in the first half have ended by the end, all but one in a thousand.
    let half = requests[requests.len() - 1].0.arrival / 2;
    let mut early = std::collections::BTreeSet::new();
    let (mut thought, mut turns) = (Vec::new(), 0);
    for (request, blocks) in &requests {
        assert_eq!(blocks.len(), request.prompt as usize / 16);
        // Six full blocks of the start are those of everybody.
        assert_eq!(blocks[..6], requests[0].1[..6]);
        let before =
            last.insert(request.session, (request.prompt + request.output, blocks.clone(), request.arrival));
        let Some((context, shared, at)) = before else {
            if request.arrival < half {
                early.insert(request.session);
            }
            continue;
        };
        assert!(request.prompt > context && blocks.starts_with(&shared));
        if early.contains(&request.session) {
            thought.push((request.arrival - at) as f64 * 1e-9);
            turns += 1;
        }
    }
    let begun = early.len() as f64;
    let mean_turns = f64::from(turns) / begun + 1.0;
    assert_near(mean_turns, 4.0, (12.0 / begun).sqrt(), "turns");
    assert_near(mean(&thought), 30.0, 30.0 / (thought.len() as f64).sqrt(), "think time");
    let mut all: Vec<u64> = last.values().flat_map(|(_, blocks, _)| blocks[6..].to_vec()).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "sessions have blocks of their own");
}

#[test]
fn a_session_ends_before_its_context_is_too_long() {
    let most = Sessions { most_context: 1000, mean_turns: 50.0, ..sessions(ThinkFrom::Request) };
    let options = WorkloadOptions {
        prompts: Lengths::fixed(50),
        sessions: Some(most),
        requests: Some(20_000),
        ..options()
    };
    let requests = drawn(options, 4);
    let longest = requests.iter().map(|(request, _)| request.prompt + request.output).max();
    // 100 at the start and 150 a turn: six turns.
    assert_eq!(longest, Some(1000));
}

#[test]
fn turns_after_answers_have_the_same_content_whenever_answers_come() {
    let options = WorkloadOptions {
        sessions: Some(sessions(ThinkFrom::Answer)),
        requests: None,
        until: Some(600_000_000_000),
        ..options()
    };
    let play = |service: u64| {
        let mut workload = Workload::new(options.clone(), 6).unwrap();
        assert!(workload.follows_answers());
        let mut due: Vec<(u64, u32)> = Vec::new();
        let mut contents = std::collections::BTreeMap::new();
        while let Some(request) = workload.next_request() {
            due.push((request.arrival + service, request.id));
            contents.insert((request.session, request.prompt), request.output);
        }
        assert!(contents.len() > 10_000);
        let firsts = contents.len();
        while let Some((at, id)) = due.pop() {
            if let Some(request) = workload.after_answer(id, at) {
                assert!(request.arrival >= at && workload_has_ended(request.arrival));
                contents.insert((request.session, request.prompt), request.output);
                due.push((request.arrival + service, request.id));
            }
        }
        assert!(workload.after_answer(0, 0).is_none());
        (firsts, contents)
    };
    fn workload_has_ended(at: u64) -> bool {
        at < 600_000_000_000
    }
    let (quick, slow) = (play(1_000_000), play(20_000_000_000));
    assert_eq!(quick.0, slow.0);
    assert!(quick.1.len() > slow.1.len() && slow.1.len() > 2 * slow.0);
    // What came with slow answers came with quick ones too, but for turns after the end.
    assert!(slow.1.iter().all(|(turn, output)| quick.1.get(turn) == Some(output)));
}

#[test]
fn sessions_that_cannot_be_are_refused() {
    let good = sessions(ThinkFrom::Request);
    let wrong = [
        Sessions { mean_turns: 0.5, ..good },
        Sessions { block_tokens: 0, ..good },
        Sessions { shared_start: 5000, most_context: 5000, ..good },
        Sessions { think: ThinkTime { mean: -1.0, ..good.think }, ..good },
        Sessions { think: ThinkTime { variation: f64::NAN, ..good.think }, ..good },
    ];
    for sessions in wrong {
        let refused = Workload::new(WorkloadOptions { sessions: Some(sessions), ..options() }, 1).err();
        assert!(matches!(refused, Some(ArrivalsError::Sessions(_))), "{sessions:?}");
    }
}
