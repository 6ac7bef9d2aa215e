//! Where the fleet is a queue with a known answer, it gives that answer.

use gigawatt_engine::fleet::{Backfill, Kind, Preemption, Rules, State};

use crate::models::{DAY, model, poisson, pool, run, server_seconds, workload};

/// Erlang's delay formula: how likely an arrival waits, by the recursion of the loss formula.
fn erlang_c(servers: u32, offered: f64) -> f64 {
    let blocking = erlang_b(servers, offered);
    blocking / (1.0 - offered / f64::from(servers) * (1.0 - blocking))
}

/// Erlang's loss formula.
fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |before, count| offered * before / (f64::from(count) + offered * before))
}

#[test]
fn waits_are_those_of_an_m_m_c_queue() {
    for (servers, load) in [(1, 0.5), (4, 0.8), (16, 0.9)] {
        let (mean_run, count) = (100.0, 200_000.0);
        let interval = mean_run / (f64::from(servers) * load);
        let rules = Rules { backfill: Backfill::None, preemption: Preemption::Never, aging: u64::MAX };
        let mut fleet = model(vec![pool(servers)], vec![workload("jobs", 0, Kind::Batch)], interval * count);
        fleet.rules = rules;
        // Replications give the error of the mean without assumptions on the correlation of waits.
        let means: Vec<f64> = (0..12)
            .map(|seed| {
                run(&fleet, seed, vec![poisson(seed, 8, interval, mean_run)]).measures.batch[0].waits.mean()
            })
            .collect();
        let expected =
            erlang_c(servers, f64::from(servers) * load) * mean_run / (f64::from(servers) * (1.0 - load));
        let mean = means.iter().sum::<f64>() / 12.0;
        let error = (means.iter().map(|wait| (wait - mean).powi(2)).sum::<f64>() / 11.0 / 12.0).sqrt();
        assert!((mean - expected).abs() < 4.5 * error, "{servers} {load}: {mean} {expected} {error}");
        assert!(error < 0.05 * expected, "the test could not fail: {error} of {expected}");
    }
}

#[test]
fn a_preemptive_class_waits_as_if_it_were_alone() {
    // M/M/1 with two classes, preemptive: the upper sees an M/M/1 queue of its own load.
    let (run_time, load) = (100.0, 0.4);
    let workloads = vec![workload("low", 0, Kind::Batch), workload("high", 1, Kind::Batch)];
    let fleet = model(vec![pool(1)], workloads, run_time / load * 100_000.0);
    let means: Vec<f64> = (0..12)
        .map(|seed| {
            let sources = vec![
                poisson(seed, 8, run_time / 0.3, run_time),
                poisson(seed + 100, 8, run_time / load, run_time),
            ];
            run(&fleet, seed, sources).measures.batch[1].waits.mean()
        })
        .collect();
    let expected = load * run_time / (1.0 - load);
    let mean = means.iter().sum::<f64>() / 12.0;
    let error = (means.iter().map(|wait| (wait - mean).powi(2)).sum::<f64>() / 11.0 / 12.0).sqrt();
    assert!((mean - expected).abs() < 4.5 * error, "{mean} {expected} {error}");
    assert!(error < 0.05 * expected);
}

#[test]
fn servers_under_repair_are_those_of_a_machine_repair_model() {
    // 40 servers that fail every 10 days and are mended by as many technicians as are needed, in 1 day: each is down
    // 1/11 of the time. With two technicians, the birth-death chain of the repairmen.
    let servers = 40_u32;
    let (failure, repair) = (1.0 / (10.0 * DAY), 1.0 / DAY);
    for technicians in [f64::INFINITY, 50.0] {
        let mut of = pool(servers);
        of.hazard.rate = failure;
        of.technicians = technicians;
        let mut fleet = model(vec![of], Vec::new(), 40_000.0 * DAY);
        fleet.operations.repair = DAY;
        let on_duty =
            if technicians.is_finite() { (technicians * f64::from(servers) / 1000.0).floor() } else { 1e9 };
        // Probability of k servers down: p(k+1) = p(k) (n - k) λ / (min(k+1, c) μ).
        let mut weights = vec![1.0];
        for down in 0..servers {
            let rate = f64::from(servers - down) * failure / ((f64::from(down) + 1.0).min(on_duty) * repair);
            weights.push(weights[down as usize] * rate);
        }
        let sum: f64 = weights.iter().sum();
        let expected =
            weights.iter().enumerate().map(|(down, weight)| down as f64 * weight / sum).sum::<f64>();
        let history = run(&fleet, 5, Vec::new());
        let times = history.pools[0].times;
        let down =
            server_seconds(times[State::Repair as usize] + times[State::AwaitingTechnician as usize]) / 8.0;
        let mean = down / (40_000.0 * DAY);
        // The chain forgets within a few days: some 10,000 independent looks at a count of variance near its mean.
        let error = (expected / 10_000.0).sqrt() * 2.0;
        assert!((mean - expected).abs() < 4.0 * error, "{technicians}: {mean} {expected}");
    }
}

#[test]
fn spares_are_exhausted_as_erlang_says() {
    use gigawatt_engine::fleet::Kind::Gang;
    // A gang of 100 servers that stalls without one of them, and 6 spares; all 106 can fail only while they are up. With
    // infinitely many technicians the number down is binomial when nothing else limits it.
    let (needed, spares) = (100_u32, 6_u32);
    let (failure, repair) = (1.0 / (50.0 * DAY), DAY);
    let mut of = pool(needed + spares);
    of.hazard.rate = failure;
    let mut fleet =
        model(vec![of], vec![workload("job", 0, Gang(crate::models::gang(needed, 1e12)))], 60_000.0 * DAY);
    fleet.operations.repair = repair;
    let history = run(&fleet, 9, Vec::new());
    let down = failure * repair / (1.0 + failure * repair);
    let all = needed + spares;
    let mut term = (1.0 - down).powi(all as i32);
    let mut enough = 0.0;
    for broken in 0..=spares {
        enough += term;
        term *= f64::from(all - broken) / f64::from(broken + 1) * down / (1.0 - down);
    }
    let waiting = history.gangs[0].loss().waiting as f64 / history.gangs[0].held() as f64;
    let exhausted = history.pools[0].exhausted as f64 / history.end as f64;
    let expected = 1.0 - enough;
    // Exhaustions are rare: about one in 60 days lasting about a seventh of one; error from their number.
    let error = expected * (3.0 / 1_000.0_f64).sqrt();
    assert!((exhausted - expected).abs() < 4.0 * error, "{exhausted} {expected}");
    assert!((waiting - exhausted).abs() < 0.05 * exhausted, "{waiting} {exhausted}");
}
