//! Distributions and correlations as they are drawn, held against closed forms.

use gigawatt_engine::{Sampler, run};
use gigawatt_plan::distribution::{Distribution, normal_score};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Silent;

use super::scenario::inline;

/// Five uncertain inputs, one of each shape, none of which moves with another.
const APART: &str = r#"
name   = "five shapes"
as_of  = 2025-06-01
period = { from = 2025-01-01, to = 2026-12-31 }

[uncertainty]
samples = 600

[[site]]
name        = "hall"
online      = [{ on = 2024-12-31, power = { low = "8 MW", mode = "9 MW", high = "12 MW" } }]
pue         = { mean = 1.2, sd = 0.05, low = 1 }
utilisation = { low = 0.6, high = 0.9 }

[[purchase]]
name      = "first"
system    = "hgx-h100"
site      = "hall"
gpus      = { median = 8_000, factor = 1.3 }
deliver   = { from = 2025-01-01, to = 2025-01-31 }
lead_time = { p10 = "10 week", p50 = "16 week", p90 = "30 week" }
"#;

const NAMES: [&str; 5] = [
    "site.hall.online.2024-12-31",
    "site.hall.pue",
    "site.hall.utilisation",
    "purchase.first.gpus",
    "purchase.first.lead_time",
];

/// Three of them with a matrix, and two with a common cause.
const TOGETHER: &str = r#"
[[correlation]]
name   = "hall"
inputs = ["site.hall.online.2024-12-31", "site.hall.pue", "purchase.first.gpus"]
matrix = [
  [1.0, -0.6, 0.5],
  [-0.6, 1.0, "20 %"],
  [0.5, 0.2, 1.0],
]
"#;

const DRAWS: usize = 20_000;

/// The draws of an input.
fn column(plan: &Plan, path: &str) -> Vec<f64> {
    let sampler = Sampler::new(plan, 11);
    let mut rows = vec![0.0; sampler.inputs() * DRAWS];
    sampler.fill(0, &mut rows);
    let index = plan.inputs.iter().position(|input| input.path == path).expect("an input of the plan");
    rows[index..].iter().step_by(sampler.inputs()).copied().collect()
}

fn distribution(plan: &Plan, path: &str) -> Distribution {
    plan.inputs.iter().find(|input| input.path == path).expect("an input of the plan").distribution
}

/// Ranks from 0 on; draws of continuous distributions have no ties.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = f64::from(u32::try_from(rank).expect("few draws"));
    }
    ranks
}

/// Pearson's correlation.
fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean =
        |values: &[f64]| values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).expect("few"));
    let (a, b) = (mean(one), mean(other));
    let sum = |f: &dyn Fn(f64, f64) -> f64| one.iter().zip(other).map(|(x, y)| f(x - a, y - b)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

fn rank_correlation(plan: &Plan, one: &str, other: &str) -> f64 {
    correlation(&ranks(&column(plan, one)), &ranks(&column(plan, other)))
}

/// Spearman's rank correlation of a Gaussian copula.
fn expected(rho: f64) -> f64 {
    6.0 / std::f64::consts::PI * (rho / 2.0).asin()
}

/// Four standard errors of a rank correlation of that many draws, 1/√n at most.
const TOLERANCE: f64 = 4.0 / 141.0;

#[test]
fn draws_have_the_quantiles_of_their_distribution() {
    let plan = inline(APART, &[]);
    for path in NAMES {
        let (mut draws, distribution) = (column(&plan, path), distribution(&plan, path));
        draws.sort_by(f64::total_cmp);
        for (tenths, at) in [(1_u32, DRAWS / 10), (5, DRAWS / 2), (9, DRAWS / 10 * 9)] {
            let part = f64::from(tenths) / 10.0;
            // Four standard errors of an order statistic, √(u(1-u)/n) of probability.
            let width = 4.0 * (part * (1.0 - part) / 20_000.0).sqrt();
            let (low, high) =
                (distribution.at_probability(part - width), distribution.at_probability(part + width));
            assert!((low..=high).contains(&draws[at]), "{path}: {} at {part}", draws[at]);
        }
    }
    assert!(column(&plan, "site.hall.pue").iter().all(|pue| *pue >= 1.0));
    assert!(column(&plan, "site.hall.utilisation").iter().all(|part| (0.6..=0.9).contains(part)));
}

#[test]
fn ranks_of_a_matrix_have_the_rank_correlation_of_its_numbers() {
    let plan = inline(&format!("{APART}{TOGETHER}"), &[]);
    let [power, pue, utilisation, gpus, lead_time] = NAMES;
    for (one, other, rho) in
        [(power, pue, -0.6), (power, gpus, 0.5), (pue, gpus, 0.2), (utilisation, pue, 0.0)]
    {
        let found = rank_correlation(&plan, one, other);
        assert!(
            (found - expected(rho)).abs() < TOLERANCE,
            "{one} and {other}: {found}, not {}",
            expected(rho)
        );
    }
    assert!(rank_correlation(&plan, lead_time, power).abs() < TOLERANCE);
}

#[test]
fn ranks_of_a_common_cause_have_the_rank_correlation_of_its_coefficient() {
    let cause =
        "[[correlation]]\nname='cause'\ninputs=['site.hall.pue', 'purchase.first.*']\ncoefficient=0.7\n";
    let plan = inline(&format!("{APART}{cause}"), &[]);
    let [_, pue, _, gpus, lead_time] = NAMES;
    for (one, other) in [(pue, gpus), (pue, lead_time), (gpus, lead_time)] {
        let found = rank_correlation(&plan, one, other);
        assert!((found - expected(0.7)).abs() < TOLERANCE, "{one} and {other}: {found}");
    }
}

#[test]
fn a_correlation_moves_neither_other_inputs_nor_its_own_first() {
    let (apart, together) = (inline(APART, &[]), inline(&format!("{APART}{TOGETHER}"), &[]));
    let [power, pue, utilisation, gpus, lead_time] = NAMES;
    for path in [utilisation, lead_time] {
        assert_eq!(column(&apart, path), column(&together, path), "{path}");
    }
    for (one, other) in column(&apart, power).iter().zip(column(&together, power)) {
        assert!((one - other).abs() < 1e-6 * one, "{one} became {other}");
    }
    assert_ne!(column(&apart, pue), column(&together, pue));
    assert_ne!(column(&apart, gpus), column(&together, gpus));
}

#[test]
fn what_moves_exactly_together_has_one_rank() {
    let one = "[[correlation]]\nname='same'\ninputs=['site.hall.pue', 'purchase.first.gpus']\nmatrix=[[1, -1], [-1, 1]]\n";
    let plan = inline(&format!("{APART}{one}"), &[]);
    let found = rank_correlation(&plan, "site.hall.pue", "purchase.first.gpus");
    assert!((found + 1.0).abs() < 1e-12, "{found}");
}

#[test]
fn a_constant_leaves_its_matrix_and_the_rest_stays() {
    let text = format!("{APART}{TOGETHER}");
    let plan = inline(&text, &["site.hall.pue=1.3"]);
    assert_eq!(plan.correlations[0].inputs.len(), 2);
    let found = rank_correlation(&plan, "site.hall.online.2024-12-31", "purchase.first.gpus");
    assert!((found - expected(0.5)).abs() < TOLERANCE, "{found}");
}

#[test]
fn one_uniform_of_its_own_stream_makes_each_value() {
    // With a common cause of nothing an input's score is that of its own uniform number: the same value.
    let nothing = "[[correlation]]\nname='none'\ninputs=['site.hall.*', 'purchase.first.*']\ncoefficient=0\n";
    let (apart, scored) = (inline(APART, &[]), inline(&format!("{APART}{nothing}"), &[]));
    for path in NAMES {
        let width = distribution(&apart, path).central();
        for (one, other) in column(&apart, path).iter().zip(column(&scored, path)) {
            assert!((one - other).abs() < 1e-7 * (width.1 - width.0), "{path}: {one} became {other}");
        }
    }
    assert!(normal_score(0.5).abs() < 1e-15);
}

#[test]
fn threads_do_not_change_a_bit_of_correlated_draws() {
    let plan = inline(&format!("{APART}{TOGETHER}"), &[]);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| run(&plan, &Silent).expect("nobody cancels"))
    };
    let (one, four) = (with(1), with(4));
    assert!(!one.tables.is_empty() && one.tables.len() == four.tables.len());
    for (a, b) in one.tables.iter().zip(&four.tables) {
        let bits = |q: gigawatt_engine::Quantiles| [q.p10, q.p50, q.p90, q.mean].map(f64::to_bits);
        assert_eq!(bits(a.quantiles), bits(b.quantiles), "{}", plan.vocabulary.get(a.result).path);
    }
}
