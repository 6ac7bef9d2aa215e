//! Ranking of a plan whose answers can be worked out by hand.

use gigawatt_engine::ranking::{RankingLaws, RankingPrice};
use gigawatt_engine::{Draw, Evaluation};
use gigawatt_plan::plan::Plan;

use super::scenario::{gain, inline, quantiles, reference, sampled};

/// A billion people, one stage, one kind of training, a company that earns 100 B$ a year, everything certain.
const RANKED: &str = r#"
name   = "ranked"
as_of  = 2025-01-01
period = { from = 2025-01-01, to = 2027-12-31 }

[uncertainty]
samples = 200

[company]
until   = 2027
revenue = [
  { in = 2025, value = "100 B$" },
  { in = 2026, value = "100 B$" },
  { in = 2027, value = "100 B$" },
]

[[site]]
name              = "hall"
online            = [{ on = 2024-12-31, power = "200 MW" }]
network_overhead  = 1
pue               = 1.1
utilisation       = 0.8
electricity_price = "70 $/MWh"
construction_cost = "10 M$/MW"

[[opening]]
name   = "hopper"
system = "hgx-h100"
site   = "hall"
gpus   = 100_000

[ranking]
site          = "hall"
rollout       = { from = 2026-01-01, to = 2026-01-01 }
scale         = 4
uplifts       = ["meta-feed-2024", "meta-sequence-2024"]
people        = "1 G"
people_growth = 0
requests      = 100
impressions   = 20
peak          = 2
load          = 0.5
budget        = "100 ms"
ads_share     = 0.9
model_error   = 1
round_scale   = 2
conversions_to_revenue = 0.5
time_to_revenue        = 0.25
incremental_margin     = 0.8
stages   = [{ name = "late", model = "meta-late-2024", system = "hgx-h100", candidates = 200 }]
training = [{ name = "models", model = "meta-late-2024", system = "hgx-h100", jobs = 10, samples = "1 T", turnaround = "2 days" }]

[override.recommender.meta-late-2024]
flop       = "2 GFLOP"
lookups    = "10 k"
parameters = "400 G"
tables     = 1000
width      = 100
layers     = 20
positions  = 1
shared     = 0.5
serving_value  = "1 B"
training_value = "2 B"
local_batch    = 2048

[override.uplift.meta-feed-2024]
effect   = "8 %"
coverage = 0.5

[override.uplift.meta-sequence-2024]
effect   = "4 %"
coverage = 0.25

[override.system.hgx-h100]
price_per_accelerator = "40 k$"

[override.practice.hyperscale-ai]
maintenance   = "3 %"
server_life   = "5 years"
building_life = "20 years"
"#;

fn throughputs(plan: &Plan, scale: f64) -> (f64, f64) {
    let laws = RankingLaws::embedded().expect("complete");
    let price = RankingPrice::new(plan, plan.ranking.as_ref().expect("ranked"), &laws, None);
    let draw = Draw::reference(plan);
    let of = |part: &Option<gigawatt_engine::ranking::PartPrice>| {
        part.as_ref().expect("priced").throughput(Draw::new(&draw), scale)
    };
    (of(&price.stages[0]), of(&price.trainings[0]))
}

fn close(value: f64, expected: f64) {
    assert!((value / expected - 1.0).abs() < 1e-6, "{value} instead of {expected}");
}

#[test]
fn accelerators_are_requests_times_candidates_over_what_one_does() {
    let plan = inline(RANKED, &[]);
    // 1e9 people × 100 requests a day × 2 at the peak × 200 candidates, at half load: 925,925,926 candidates a second.
    let candidates = 1e9 * 100.0 / 86_400.0 * 2.0 * 200.0 / 0.5;
    let (today, trained) = throughputs(&plan, 1.0);
    close(reference(&plan, "ranking.stage.late.accelerators", 2025), candidates / today);
    close(reference(&plan, "ranking.requests", 2025), 1e11);
    // 1e12 samples in 172,800 s: 5.787 million a second for each of ten jobs.
    close(reference(&plan, "ranking.training.models.accelerators", 2025), 10.0 * 1e12 / 172_800.0 / trained);
    // From the second day of 2026 on every model has four times the arithmetic.
    let (larger, larger_trained) = throughputs(&plan, 4.0);
    close(reference(&plan, "ranking.stage.late.accelerators", 2026), candidates / larger);
    let all = candidates / larger + 10.0 * 1e12 / 172_800.0 / larger_trained;
    close(reference(&plan, "ranking.accelerators", 2026), all);
    close(reference(&plan, "ranking.gpus", 2026), all);
    close(reference(&plan, "ranking.larger", 2026), gain(&plan, "ranking.accelerators", 2026));
    // A server of eight takes 10.2 kW.
    close(reference(&plan, "ranking.power", 2026), all * 1275.0);
    close(reference(&plan, "ranking.gpu_share", 2026), all / 100_000.0);
}

#[test]
fn a_job_is_no_smaller_than_what_holds_its_tables() {
    // 4 G rows of 100 numbers in 2 B and 4 B of state: 816 GB over 0.6 of what an H100's driver shows, less dense weights:
    // 17 and a part, in whole servers 24.
    let plan = inline(
        RANKED,
        &[
            "ranking.training=[{ name = \"models\", model = \"meta-late-2024\", system = \"hgx-h100\", jobs = 10, samples = \"1 G\", turnaround = \"2 days\" }]",
        ],
    );
    close(reference(&plan, "ranking.training.models.accelerators", 2025), 240.0);
}

#[test]
fn revenue_uplift_cash_and_payback_as_by_hand() {
    let plan = inline(RANKED, &[]);
    // (1 + 0.5 × 4 % × 0.25) (1 + 0.25 × 8 % × 0.5) - 1; four is two rounds of two.
    let published: f64 = 1.005 * 1.01 - 1.0;
    let uplift = (1.0 + published).powi(2) - 1.0;
    close(reference_whole(&plan, "ranking.published_uplift"), published);
    close(reference_whole(&plan, "ranking.uplift"), uplift);
    let brought = 90e9 * uplift / (1.0 + uplift);
    assert!(reference(&plan, "ranking.revenue_uplift", 2025).abs() < 1e-3);
    close(reference(&plan, "ranking.revenue_uplift", 2027), brought);
    // On the first day of 2026 they come at an even rate: half a day of the first quarter's 90 is without them.
    let first = 22.5e9 * uplift * 89.5 / 90.0 / (1.0 + uplift * 89.5 / 90.0);
    close(reference(&plan, "ranking.revenue_uplift", 2026), 0.75 * brought + first);
    // Those accelerators are bought on that day: 40 k$ each and 10 $ for each of 1,275 W.
    let larger = reference(&plan, "ranking.larger", 2026);
    let (hardware, halls) = (larger * 40e3, larger * 12_750.0);
    let spent = reference(&plan, "ranking.spend", 2025) + reference(&plan, "ranking.spend", 2026);
    close(spent, hardware + halls);
    // A year at 0.8 × 1.1 × 70 $/MWh, and 3 % of the hardware.
    let running = larger * 1.275e-3 * 0.88 * 8760.0 * 70.0 + 0.03 * hardware * 365.0 / 365.25;
    close(reference(&plan, "ranking.running_cost", 2027), running);
    let written_off = (hardware / 5.0 + halls / 20.0) * 365.0 / 365.25;
    close(reference(&plan, "ranking.depreciation", 2027), written_off);
    let kept = 0.8 * brought;
    close(reference(&plan, "ranking.cash", 2027), kept - running);
    close(reference(&plan, "ranking.income", 2027), kept - running - written_off);
    let cash: f64 = [2025, 2026, 2027].iter().map(|year| reference(&plan, "ranking.cash", *year)).sum();
    close(reference(&plan, "ranking.cumulative_cash", 2027), cash);
    let year = 365.25 / 365.0;
    let payback = reference_whole(&plan, "ranking.payback") / (365.25 * 86_400.0);
    assert!((payback / (spent / ((kept - running) * year)) - 1.0).abs() < 2e-3, "{payback}");
    // 1e9 people × 20 ads × 365 days in thousands; what they earn, and what ranking them costs.
    close(reference(&plan, "ranking.thousand_impressions", 2026), 7.3e9);
    close(reference(&plan, "ranking.price_per_thousand", 2026), 90e9 / 7.3e9);
    let cost = reference(&plan, "ranking.cost", 2026);
    close(reference(&plan, "ranking.cost_per_thousand", 2026), cost / 7.3e9);
}

fn reference_whole(plan: &Plan, path: &str) -> f64 {
    let result = plan.vocabulary.find(path).unwrap_or_else(|| panic!("{path} is a result"));
    let draw = Draw::reference(plan);
    Evaluation::new(plan).run(plan, Draw::new(&draw)).get(result)[0]
}

#[test]
fn models_no_larger_than_todays_cost_and_bring_nothing() {
    let plan = inline(RANKED, &["ranking.scale=1"]);
    for path in ["ranking.larger", "ranking.spend", "ranking.running_cost", "ranking.revenue_uplift"] {
        assert!(reference(&plan, path, 2026).abs() < 1e-3, "{path}");
    }
    assert_eq!(reference_whole(&plan, "ranking.uplift"), 0.0);
    assert_eq!(reference_whole(&plan, "ranking.payback"), 0.0);
}

#[test]
fn larger_models_come_at_an_even_rate() {
    let plan = inline(RANKED, &["ranking.rollout={ from = 2025-01-01, to = 2026-12-31 }"]);
    let full = reference(&plan, "ranking.larger", 2027);
    close(reference(&plan, "ranking.larger", 2025), full * 365.0 / 730.0);
}

#[test]
fn draws_are_the_same_with_and_without_a_claims_day() {
    let claim = "\n[[claim]]\nname = \"x\"\nsays = \"x\"\nvalue = \"ranking.accelerators\"\nat = 2026-05-17\nat_least = 1\n";
    let uncertain: &[&str] = &["ranking.scale={ low = 2, mode = 4, high = 8 }"];
    let (with, without) = (inline(&format!("{RANKED}{claim}"), uncertain), inline(RANKED, uncertain));
    for path in ["ranking.cash", "ranking.running_cost"] {
        close(reference(&with, path, 2026), reference(&without, path, 2026));
    }
    let results = sampled(&without);
    let accelerators = quantiles(&without, &results, "ranking.accelerators", "2026-12-31");
    assert!(accelerators.p10 < accelerators.p50 && accelerators.p50 < accelerators.p90);
}

#[test]
fn without_a_company_there_are_accelerators_and_no_money() {
    let text: String = {
        let (before, rest) = RANKED.split_once("[company]").expect("a company");
        let (_, after) = rest.split_once("[[site]]").expect("a site");
        format!("{before}[[site]]{after}")
    };
    let text =
        text.replace("server_life   = \"5 years\"\n", "").replace("building_life = \"20 years\"\n", "");
    let text =
        text.replace("maintenance   = \"3 %\"\n", "").replace("[override.practice.hyperscale-ai]\n", "");
    let (text, _) = text.split_once("[override.uplift.meta-feed-2024]").expect("uplifts");
    let plan = inline(text, &[]);
    assert!(reference(&plan, "ranking.accelerators", 2026) > 0.0);
    assert!(plan.vocabulary.find("ranking.cash").is_none());
}
