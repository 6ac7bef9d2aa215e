//! What the draws say of a result beyond three quantiles.

use gigawatt_engine::{Results, Spread, Subject, TOLERANCE};

use super::scenario::{inline, sampled};

/// One hall that holds everything that is there from the start, how much of it uncertain.
const PLAN: &str = r#"
name   = "Spread"
as_of  = 2025-01-24
period = { from = 2025-01-01, to = 2026-12-31 }

[uncertainty]
samples = 2_000
seed    = 3

[[site]]
name   = "hall"
online = [{ on = 2024-12-31, power = "1 GW" }]
pue    = { low = 1.1, mode = 1.2, high = 1.4 }

[[opening]]
name   = "first"
system = "hgx-h100"
site   = "hall"
gpus   = { low = "10 k", mode = "20 k", high = "30 k" }

[[claim]]
name     = "power"
says     = "at least 20 MW at the meter"
value    = "facility.power.online"
at       = 2025-12-31
at_least = "20 MW"
"#;

fn of_claim(results: &Results) -> &Spread {
    results.spreads.iter().find(|spread| spread.subject == Subject::Claim(0)).expect("the claim has a value")
}

#[test]
fn the_drivers_of_facility_power_are_accelerators_and_what_each_draws() {
    let plan = inline(PLAN, &[]);
    let results = sampled(&plan);
    let spread = of_claim(&results);
    let paths: Vec<&str> =
        spread.drivers.iter().map(|driver| plan.input(driver.input).path.as_str()).collect();
    assert_eq!(paths[0], "opening.first.gpus", "{paths:?}");
    assert!(paths.contains(&"site.hall.pue"), "{paths:?}");
    assert!(spread.drivers.iter().all(|driver| driver.rank_correlation > 0.0 && driver.swing() > 0.0));
    assert!(spread.drivers.windows(2).all(|pair| pair[0].rank_correlation >= pair[1].rank_correlation));
    // Power is proportional to accelerators: so are its ends.
    let first = spread.drivers[0];
    assert!((first.result.1 / first.result.0 - first.range.1 / first.range.0).abs() < 1e-9);
}

#[test]
fn exceedance_agrees_with_the_claims_probability() {
    let plan = inline(PLAN, &[]);
    let results = sampled(&plan);
    let curve = &of_claim(&results).exceedance;
    assert!(curve.windows(2).all(|pair| pair[0].value <= pair[1].value));
    assert!(curve.windows(2).all(|pair| pair[0].probability > pair[1].probability));
    let probability = results.judgements[0].probability.expect("it has bounds");
    let above = curve.iter().filter(|point| point.value >= 20e6).map(|point| point.probability);
    let below = curve.iter().filter(|point| point.value < 20e6).map(|point| point.probability);
    assert!(above.fold(0.0, f64::max) <= probability + 0.02);
    assert!(below.fold(1.0, f64::min) >= probability - 0.02);
}

#[test]
fn more_draws_come_nearer_and_the_needed_number_is_enough() {
    let mut plan = inline(PLAN, &[]);
    let few = sampled(&plan);
    let few = of_claim(&few).convergence.clone().expect("it has a value");
    assert_eq!(few.steps.last().map(|step| step.draws), Some(2000));
    assert_eq!(few.steps.first().map(|step| step.draws), Some(50));
    let errors: Vec<f64> = few.steps.iter().map(|step| step.relative_error()).collect();
    assert!(errors[0] > 3.0 * errors[errors.len() - 1], "errors fall with the root of the draws: {errors:?}");
    let needed = few.draws_needed.expect("the sample says");
    plan.samples = u32::try_from(2 * needed).expect("a tolerable number");
    let enough = sampled(&plan);
    let enough = of_claim(&enough).convergence.clone().expect("it has a value");
    assert!(enough.reached && enough.steps[enough.steps.len() - 1].relative_error() <= TOLERANCE);
}

#[test]
fn standard_errors_are_those_that_other_seeds_show() {
    let mut plan = inline(PLAN, &[]);
    plan.samples = 500;
    let mut medians = Vec::new();
    let mut error: f64 = 0.0;
    for seed in 0..40 {
        plan.seed = seed;
        let results = sampled(&plan);
        let convergence = of_claim(&results).convergence.clone().expect("it has a value");
        let last = convergence.steps[convergence.steps.len() - 1];
        medians.push(last.p50);
        error += last.p50_error / 40.0;
    }
    let mean = medians.iter().sum::<f64>() / 40.0;
    let spread = (medians.iter().map(|median| (median - mean).powi(2)).sum::<f64>() / 39.0).sqrt();
    // A standard deviation of 40 has an error of its own of a ninth.
    assert!((0.6..1.6).contains(&(error / spread)), "{error} against {spread}");
}

#[test]
fn threads_do_not_change_a_spread() {
    let plan = inline(PLAN, &[]);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| format!("{:?}", sampled(&plan).spreads))
    };
    assert_eq!(with(1), with(3));
}
