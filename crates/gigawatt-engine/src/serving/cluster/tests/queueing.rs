//! Queues with published laws. Services are exponential with mean 1 ms; every number of a run is a mean over replications with
//! seeds of their own, held against the law within four standard errors of that mean.

use super::stand_in::{MEAN, Places, Poisson, cluster, run};
use crate::serving::cluster::{Admission, Cluster, ClusterResult, Measured, Metric, Router};

/// Means over replications of `of` a run at a load, and their standard error.
fn replicated(
    model: &Cluster<Places>,
    load: f64,
    requests: u32,
    of: impl Fn(&ClusterResult) -> f64,
) -> (f64, f64) {
    let servers = f64::from(model.classes[0].replicas * model.classes[0].blueprint.places);
    let between = MEAN / (load * servers);
    // The first tenth is not measured: queues start empty.
    let model = Cluster {
        measured: Measured::From((between * f64::from(requests) * 0.1) as u64),
        seed: 5,
        ..model.clone()
    };
    let values: Vec<f64> =
        (0..12).map(|seed| of(&run(&model, &mut Poisson::new(seed, between, requests)).0)).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

fn holds(what: &str, (mean, error): (f64, f64), law: f64) {
    assert!((mean - law).abs() <= 4.0 * error, "{what}: {mean} ± {error}, law {law}");
    assert!(error <= 0.05 * law, "{what}: {mean} ± {error} says little");
}

/// Mean of a metric in mean services.
fn mean(metric: Metric) -> impl Fn(&ClusterResult) -> f64 {
    move |result| result.all().times(metric).mean().unwrap() / MEAN
}

/// Probability to wait in M/M/c (Erlang 1917, C) and to be blocked in M/M/c/c (B), by the recurrence of B.
fn erlang(servers: u32, load: f64) -> (f64, f64) {
    let offered = load * f64::from(servers);
    let blocked = (1..=servers).fold(1.0, |blocked, server| {
        let more = offered * blocked;
        more / (f64::from(server) + more)
    });
    (blocked / (1.0 - load * (1.0 - blocked)), blocked)
}

#[test]
fn random_splitting_makes_queues_of_their_own() {
    // M/M/1: times in the system are exponential with mean 1 / (1 - load).
    for (load, requests) in [(0.5, 40_000), (0.8, 60_000), (0.95, 200_000)] {
        let model = cluster(Places::SINGLE, 10, Router::Random);
        let law = 1.0 / (1.0 - load);
        holds("mean", replicated(&model, load, requests, mean(Metric::EndToEnd)), law);
        holds("wait", replicated(&model, load, requests, mean(Metric::Waiting)), load * law);
    }
    let model = cluster(Places::SINGLE, 10, Router::Random);
    let tail =
        |result: &ClusterResult| result.all().times(Metric::EndToEnd).quantile(0.9).unwrap() as f64 / MEAN;
    let (value, error) = replicated(&model, 0.8, 60_000, tail);
    // Quantiles are right to 1.6 %.
    let law = 10.0_f64.ln() * 5.0;
    assert!((value / law - 1.0).abs() <= 0.016 + 4.0 * error / law, "{value} ± {error}, law {law}");
}

#[test]
fn turns_make_arrivals_more_even() {
    // An engine gets every tenth arrival: Erlang-10 between them.
    let load = 0.8_f64;
    let model = cluster(Places::SINGLE, 10, Router::RoundRobin);
    // GI/M/1 (Kendall 1953): x = L(1 - x) with L the transform of the interarrival time, E[T] = 1 / (1 - x).
    let root = (0..1_000).fold(0.5_f64, |x, _| (10.0 * load / (10.0 * load + 1.0 - x)).powi(10));
    holds("E10/M/1", replicated(&model, load, 60_000, mean(Metric::EndToEnd)), 1.0 / (1.0 - root));
}

#[test]
fn a_queue_in_front_of_all_is_that_of_many_servers() {
    for (load, requests) in [(0.5, 40_000), (0.8, 50_000), (0.95, 150_000)] {
        let mut model = cluster(Places::SINGLE, 8, Router::Random);
        model.admission = Admission { each: 1, held: u32::MAX };
        let (waits, _) = erlang(8, load);
        // The engine sees no wait: all of it is at the front, which the time to the end holds.
        let law = 1.0 + waits / (8.0 * (1.0 - load));
        holds("M/M/8", replicated(&model, load, requests, mean(Metric::EndToEnd)), law);
        // Eight places behind one queue of an engine are the same.
        let engine = cluster(Places { places: 8, ..Places::SINGLE }, 1, Router::LeastLoaded);
        let (waits, _) = erlang(8, load);
        let law = waits / (8.0 * (1.0 - load));
        holds("wait", replicated(&engine, load, requests, mean(Metric::Waiting)), law);
    }
}

#[test]
fn a_front_without_room_blocks() {
    for load in [0.5, 0.9, 1.5] {
        let mut model = cluster(Places::SINGLE, 8, Router::RoundRobin);
        model.admission = Admission { each: 1, held: 0 };
        let blocked =
            |result: &ClusterResult| result.counts.all_refused() as f64 / result.counts.offered as f64;
        holds("M/M/8/8", replicated(&model, load, 60_000, blocked), erlang(8, load).1);
    }
}

#[test]
fn the_better_of_two_has_its_limit() {
    // Of infinitely many servers (Mitzenmacher 2001, table I): Σ load^(2^i - 2), i from 1.
    for (load, requests) in [(0.5_f64, 80_000), (0.7, 80_000), (0.9, 150_000)] {
        let law: f64 = (1..12).map(|i| load.powi((1 << i) - 2)).sum();
        let model = cluster(Places::SINGLE, 500, Router::PowerOfTwo);
        let (value, error) = replicated(&model, load, requests, mean(Metric::EndToEnd));
        // With 500 servers the limit is exceeded by part of a percent (his table II: 0.4 % at 0.9).
        assert!(
            (value / law - 1.0).abs() <= 0.006 + 4.0 * error / law,
            "{load}: {value} ± {error}, law {law}"
        );
    }
}

/// Mean time in the system where arrivals join the shorter of two queues: the chain of both lengths, solved by iteration up to
/// `MOST` each.
fn shorter_of_two(load: f64) -> f64 {
    const MOST: usize = 60;
    let arrivals = 2.0 * load;
    let mut weights = vec![[0.0_f64; MOST + 1]; MOST + 1];
    weights[0][0] = 1.0;
    for _ in 0..6_000 {
        let mut next = vec![[0.0_f64; MOST + 1]; MOST + 1];
        for (one, row) in weights.iter().enumerate() {
            for (other, weight) in row.iter().enumerate() {
                // Uniformised at the rate of all that may happen.
                let rate = 1.0 / (arrivals + 2.0);
                let mut to = |one: usize, other: usize, rate: f64| {
                    next[one.min(MOST)][other.min(MOST)] += weight * rate
                };
                let first = if one < other {
                    1.0
                } else if one == other {
                    0.5
                } else {
                    0.0
                };
                to(one + 1, other, arrivals * first * rate);
                to(one, other + 1, arrivals * (1.0 - first) * rate);
                to(one.saturating_sub(1), other, rate);
                to(one, other.saturating_sub(1), rate);
            }
        }
        weights = next;
    }
    let mut number = 0.0;
    for (one, row) in weights.iter().enumerate() {
        for (other, weight) in row.iter().enumerate() {
            number += (one + other) as f64 * weight;
        }
    }
    number / arrivals
}

#[test]
fn the_shorter_of_two_queues_has_its_chain() {
    for (load, requests) in [(0.5, 40_000), (0.8, 60_000)] {
        let model = cluster(Places::SINGLE, 2, Router::LeastLoaded);
        holds("JSQ", replicated(&model, load, requests, mean(Metric::EndToEnd)), shorter_of_two(load));
    }
}

#[test]
fn the_shortest_queue_lies_between_its_bounds() {
    // No worse than the better of two, no better than one queue for all (Winston 1977).
    let at = |router| replicated(&cluster(Places::SINGLE, 16, router), 0.9, 60_000, mean(Metric::EndToEnd)).0;
    let (shortest, two, random) = (at(Router::LeastLoaded), at(Router::PowerOfTwo), at(Router::Random));
    let (waits, _) = erlang(16, 0.9);
    let one_queue = 1.0 + waits / (16.0 * 0.1);
    assert!(one_queue < shortest && shortest < two && two < random, "{one_queue} {shortest} {two} {random}");
}

#[test]
fn littles_law_holds() {
    let model = cluster(Places::SINGLE, 10, Router::PowerOfTwo);
    let (result, all) = run(&model, &mut Poisson::new(3, MEAN / 8.0, 50_000));
    let times: f64 = all.iter().map(|ended| (ended.outcome.finished - ended.outcome.arrived) as f64).sum();
    let in_flight = result.course.in_flight(result.end);
    let length = result.course.length() as f64;
    let last = result.end as f64 - length * (in_flight.len() - 1) as f64;
    let (whole, tail) = in_flight.split_at(in_flight.len() - 1);
    let integral = whole.iter().sum::<f64>() * length + tail[0] * last;
    assert!((integral / times - 1.0).abs() < 1e-9, "{integral} {times}");
    let busy = result.classes[0].utilisation().unwrap();
    assert!((busy - 0.8).abs() < 0.02, "{busy}");
}
