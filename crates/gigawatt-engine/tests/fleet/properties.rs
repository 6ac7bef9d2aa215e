//! What must hold for any single job: worse machines do not make it faster.

use gigawatt_engine::fleet::{Checkpoints, Kind, Model, nanoseconds};
use proptest::prelude::*;

use crate::models::{DAY, gang, model, pool, run, workload};

#[derive(Clone, Copy, Debug)]
struct Case {
    servers: u32,
    spares: u32,
    /// Mean time between failures of a server, in days.
    failure: f64,
    repair: f64,
    interval: f64,
    blocking: f64,
    restart: f64,
}

fn cases() -> impl Strategy<Value = Case> {
    (10_u32..60, 0_u32..5, 5.0..200.0, 0.05..5.0, 300.0..20_000.0, 0.0..200.0, 0.0..3_000.0).prop_map(
        |(servers, spares, failure, repair, interval, blocking, restart)| Case {
            servers,
            spares,
            failure,
            repair,
            interval,
            blocking,
            restart,
        },
    )
}

fn fleet(case: Case, days: f64) -> Model {
    let mut of = pool(case.servers + case.spares);
    of.hazard.rate = 1.0 / (case.failure * DAY);
    let mut job = gang(case.servers, 1e9);
    job.checkpoints =
        Checkpoints { interval: nanoseconds(case.interval), blocking: nanoseconds(case.blocking), delay: 0 };
    job.restart = nanoseconds(case.restart);
    let mut fleet = model(vec![of], vec![workload("job", 0, Kind::Gang(job))], days * DAY);
    fleet.operations.repair = case.repair * DAY;
    fleet.operations.detection = nanoseconds(60.0);
    fleet
}

/// Mean and standard error of the progress of a job over histories, relative to one without losses.
fn progress(case: Case) -> (f64, f64) {
    let (days, count) = (100.0, 24);
    let fleet = fleet(case, days);
    let parts: Vec<f64> =
        (0..count).map(|seed| run(&fleet, seed, Vec::new()).gangs[0].progress * 1e9 / (days * DAY)).collect();
    let mean = parts.iter().sum::<f64>() / f64::from(count as u32);
    let variance = parts.iter().map(|part| (part - mean).powi(2)).sum::<f64>() / f64::from(count as u32 - 1);
    (mean, (variance / f64::from(count as u32)).sqrt())
}

/// That the first is not below the second by more than five standard errors of their difference.
fn not_worse(better: Case, worse: Case) -> Result<(), TestCaseError> {
    let ((above, first), (below, second)) = (progress(better), progress(worse));
    let error = (first * first + second * second).sqrt().max(1e-9);
    prop_assert!(above >= below - 5.0 * error, "{above} {below} {error}: {better:?} {worse:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn more_failures_never_raise_goodput(case in cases(), factor in 0.2_f64..0.9) {
        not_worse(case, Case { failure: case.failure * factor, ..case })?;
    }

    #[test]
    fn more_spares_never_lower_it(case in cases(), more in 1_u32..6) {
        not_worse(Case { spares: case.spares + more, ..case }, case)?;
    }

    #[test]
    fn a_shorter_restart_never_lengthens_a_job(case in cases(), factor in 0.0_f64..0.9) {
        not_worse(Case { restart: case.restart * factor, ..case }, case)?;
    }
}

#[test]
fn the_best_interval_is_dalys() {
    // 50 servers that fail every 25 days: MTTF 12 h. With a write of 60 s and a restart of 300 s Daly's (2006) optimum is
    // √(2 δ M) (1 + ...) - δ, and his law of the expected time holds at every interval.
    let case = Case {
        servers: 50,
        spares: 50,
        failure: 25.0,
        repair: 0.01,
        interval: 0.0,
        blocking: 60.0,
        restart: 300.0,
    };
    let mttf = case.failure * DAY / f64::from(case.servers);
    let law = |interval: f64| interval / expected(interval, mttf, case);
    let mut best = (0.0, 0.0);
    for step in 0..9 {
        let interval = 600.0 * 1.6_f64.powi(step);
        let (mean, error) = progress(Case { interval, ..case });
        let theory = law(interval);
        assert!((mean - theory).abs() < 5.0 * error + 0.002, "{interval}: {mean} {theory} {error}");
        if mean > best.1 {
            best = (interval, mean);
        }
    }
    let daly = (2.0 * case.blocking * mttf).sqrt() * (1.0 + (case.blocking / (2.0 * mttf)).sqrt() / 3.0)
        - case.blocking;
    assert!(best.0 / daly < 1.7 && daly / best.0 < 1.7, "{} {daly}", best.0);
}

/// Expected time for an interval of work (Daly 2006): failures are noticed after a minute and may strike a restart.
fn expected(interval: f64, mttf: f64, case: Case) -> f64 {
    let detection = 60.0;
    // M e^(R/M) (e^((τ+δ)/M) - 1), with the minute in which nobody knows added to every failure.
    let cycle = ((interval + case.blocking) / mttf).exp_m1();
    let restart = (case.restart / mttf).exp();
    (mttf * restart + detection * restart) * cycle
}
