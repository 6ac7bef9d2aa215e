//! What holds of every run: determinism, conservation, monotonicity.

use gigawatt_engine::{Draw, Evaluation, Sampler, Series, Verdict, run};
use gigawatt_plan::plan::{Behaviour, Plan};
use gigawatt_plan::world::{Observer, Silent};

use super::scenario::{gain, plan, reference, sampled, without_fleet};

const JANUARY: &str = "meta-2025.toml";

/// Evaluates a number of draws and hands each to a check.
fn each_draw(scenario: &str, draws: u64, mut check: impl FnMut(&Plan, &Series)) {
    let plan = plan(scenario, &[]);
    let sampler = Sampler::new(&plan, 42);
    let mut row = vec![0.0; sampler.inputs()];
    let mut evaluation = Evaluation::new(&plan);
    for draw in 0..draws {
        sampler.fill(draw, &mut row);
        check(&plan, evaluation.run(&plan, Draw::new(&row)));
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let plan = plan(JANUARY, &["uncertainty.samples=1500"]);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| run(&plan, &Silent).expect("nobody cancels"))
    };
    let (one, three) = (with(1), with(3));
    for (a, b) in one.tables.iter().zip(&three.tables) {
        let bits = |q: gigawatt_engine::Quantiles| [q.p10, q.p50, q.p90, q.mean].map(f64::to_bits);
        assert_eq!(bits(a.quantiles), bits(b.quantiles), "{}", plan.vocabulary.get(a.result).path);
    }
    for (a, b) in one.judgements.iter().zip(&three.judgements) {
        assert_eq!(a.probability, b.probability);
        assert_eq!(a.remedies, b.remedies);
    }
}

#[test]
fn every_accelerator_is_somewhere() {
    each_draw(JANUARY, 200, |plan, series| {
        let ids = &plan.vocabulary.buildout;
        for moment in 0..plan.axis.len() {
            let at = |id| series.get(id)[moment];
            let sum = at(ids.in_transit) + at(ids.awaiting_power) + at(ids.burn_in) + at(ids.online);
            assert!((sum - at(ids.owned)).abs() < 1e-6 * (1.0 + at(ids.owned)), "{sum} of {}", at(ids.owned));
            let by_system: f64 = ids.systems.iter().map(|(owned, _)| at(*owned)).sum();
            assert!((by_system - at(ids.accelerators_owned)).abs() < 1e-6 * (1.0 + by_system));
            let by_site: f64 = ids.sites.iter().map(|(_, power)| at(*power)).sum();
            assert!((by_site - at(ids.power_online)).abs() < 1e-6 * (1.0 + by_site));
        }
    });
}

#[test]
fn the_opening_stock_is_online_from_the_first_moment() {
    let plan = plan(JANUARY, &["site.existing-and-leased.online.2023-12-31=1 GW"]);
    let draw = Draw::reference(&plan);
    let mut evaluation = Evaluation::new(&plan);
    let series = evaluation.run(&plan, Draw::new(&draw));
    let online = series.get(plan.vocabulary.buildout.online)[0];
    assert!((online - 270_000.0).abs() < 1e-6, "{online}");
}

#[test]
fn nothing_is_online_beyond_what_a_site_can_energise() {
    each_draw(JANUARY, 200, |plan, series| {
        for ((_, online), powers) in
            plan.vocabulary.buildout.sites.iter().zip(&plan.vocabulary.facility.sites)
        {
            for (online, provisioned) in series.get(*online).iter().zip(series.get(powers.provisioned)) {
                assert!(*online <= provisioned * (1.0 + 1e-9), "{online} of {provisioned}");
            }
        }
    });
}

#[test]
fn statement_identities_hold_in_every_quarter_of_every_draw() {
    for scenario in [JANUARY, "meta-2025-hindsight.toml"] {
        each_draw(scenario, 100, statements_hold);
    }
}

/// Every line of every company's statements is the sum of its parts, in every quarter.
pub fn statements_hold(plan: &Plan, series: &Series) {
    let accounts = plan.accounts.expect("a company");
    for ids in &plan.vocabulary.companies {
        let ids = &ids.finance;
        let mut book_value = 0.0;
        for quarter in 0..accounts.quarters {
            let at = |id| series.get(id)[quarter];
            let close = |name: &str, a: f64, b: f64| {
                assert!((a - b).abs() < 1.0, "{name} of {}: {a} and {b}", accounts.quarter(quarter));
            };
            let ai = at(ids.capex_hardware) + at(ids.capex_halls);
            close("AI capital expenditure", at(ids.capex_ai), ai);
            close("capital expenditure", at(ids.capex), ai + at(ids.capex_leases) + at(ids.capex_other));
            let late = at(ids.accrued_hardware) - at(ids.capex_hardware);
            close("accrual", at(ids.accrued) - at(ids.capex), late);
            let named = at(ids.depreciation_ai) + at(ids.depreciation_other);
            close("depreciation", at(ids.depreciation), named);
            let explained =
                at(ids.depreciation) + at(ids.energy_cost) + at(ids.staff_cost) + at(ids.rent_cost);
            let segments: f64 = ids.segments.iter().map(|id| at(*id)).sum();
            close("costs", at(ids.costs), explained + segments + at(ids.other_cost));
            close("operating income", at(ids.operating_income), at(ids.revenue) - at(ids.costs));
            let income = at(ids.operating_income) - at(ids.interest) - at(ids.tax);
            close("net income", at(ids.net_income), income);
            let cash = at(ids.net_income) + at(ids.depreciation) + at(ids.other_operating_cash);
            close("operating cash flow", at(ids.operating_cash_flow), cash);
            close("free cash flow", at(ids.free_cash_flow), at(ids.operating_cash_flow) - at(ids.capex));
            let financing =
                at(ids.drawn) - at(ids.repaid) - at(ids.contributions) - at(ids.shareholder_returns);
            close("cash", at(ids.cash_change), at(ids.free_cash_flow) + financing);
            book_value += at(ids.accrued_ai) - at(ids.depreciation_ai);
            close("book value", at(ids.book_value_ai), book_value);
            assert!(at(ids.tax) >= 0.0 && at(ids.debt) >= -1.0 && at(ids.commitments) >= -1.0);
        }
    }
}

#[test]
fn what_is_delivered_is_paid_for_in_the_end() {
    let plan = plan(JANUARY, &[]);
    let total = |path| (2024..=2027).map(|year| reference(&plan, path, year)).sum::<f64>();
    let (paid, delivered) = (total("finance.capex.ai_hardware"), total("finance.capex.accrued.ai_hardware"));
    assert!((paid / delivered - 1.0).abs() < 1e-12, "{paid} of {delivered}");
}

#[test]
fn an_asset_is_written_off_once_and_whole() {
    // Everything of 2024 and 2025 over a life of half a year is gone well before 2027.
    let settings = [
        "company.server_life=0.5 year",
        "site.existing-and-leased.construction_cost=0 $/W",
        "site.richland-parish.construction_cost=0 $/W",
    ];
    let plan = plan(JANUARY, &settings);
    let total = |path| (2024..=2027).map(|year| reference(&plan, path, year)).sum::<f64>();
    let (written_off, delivered) =
        (total("finance.depreciation.ai"), total("finance.capex.accrued.ai_hardware"));
    assert!((written_off / delivered - 1.0).abs() < 1e-9, "{written_off} of {delivered}");
    assert!(reference(&plan, "finance.depreciation.ai", 2027).abs() < 1.0);
}

#[test]
fn a_gigawatt_for_a_year_at_80_percent_is_7_terawatt_hours() {
    let settings = [
        "site.existing-and-leased.online.2023-12-31=1 GW",
        "site.existing-and-leased.online.2024-12-31=1 GW",
        "site.existing-and-leased.online.2025-12-31=1 GW",
        "site.existing-and-leased.online.2026-12-31=1 GW",
        "site.existing-and-leased.utilisation=0.8",
        "site.existing-and-leased.pue=1",
        "opening.hopper-2023.gpus=10 M",
        "site.existing-and-leased.electricity_price=60 $/MWh",
    ];
    let plan = without_fleet(&settings);
    assert!((reference(&plan, "facility.energy", 2025) / 3.6e15 - 7.008).abs() < 1e-6);
    assert!((reference(&plan, "finance.operating_cost.energy", 2025) - 0.420_48e9).abs() < 1.0);
}

#[test]
fn more_power_never_puts_fewer_accelerators_online_and_dearer_ones_never_cost_less() {
    let mut before = 0.0;
    for power in ["0.9 GW", "1.4 GW", "1.9 GW", "2.6 GW", "5 GW"] {
        let setting = format!("site.existing-and-leased.online.2025-12-31={power}");
        let online = reference(&plan(JANUARY, &[&setting]), "buildout.accelerators.online", 2025);
        assert!(online >= before, "{power}: {online} after {before}");
        before = online;
    }
    let mut before = 0.0;
    for price in ["20 k$", "40 k$", "80 k$"] {
        let setting = format!("system.gb200-nvl72.price_per_accelerator={price}");
        let capex = reference(&plan(JANUARY, &[&setting]), "finance.capex.cash", 2025);
        assert!(capex > before);
        before = capex;
    }
}

#[test]
fn retirement_frees_power_for_what_waits() {
    let short = "site.existing-and-leased.online.2025-12-31=1.2 GW";
    let keep = plan(JANUARY, &[short]);
    let retire = plan(JANUARY, &[short, "opening.a100-and-older.retire=\"2025Q1\""]);
    assert!((gain(&retire, "buildout.gpus.retired", 2025) - 120e3).abs() < 1.0);
    let newer = |plan| reference(plan, "buildout.system.gb200-nvl72.online", 2025);
    assert!(newer(&retire) > newer(&keep));
    // The target is reached all the same: what retires is bought again.
    assert!((reference(&retire, "buildout.gpus.owned", 2025) - 1.3e6).abs() < 1.0);
}

#[test]
fn an_input_restated_as_a_claim_is_called_that() {
    let plan = plan(JANUARY, &["uncertainty.samples=300"]);
    let results = sampled(&plan);
    let verdict = |name: &str| {
        let index = plan.claims.iter().position(|claim| claim.name == name).expect("a claim");
        results.judgements[index].verdict
    };
    for name in ["gpus-2025", "campus-2-gigawatt", "ai-teams"] {
        assert_eq!(verdict(name), Verdict::RestatesInput, "{name}");
    }
    for name in ["capex-2025-at-most-65", "gigawatt-2025", "capital-to-invest"] {
        assert_ne!(verdict(name), Verdict::RestatesInput, "{name}");
    }
    assert_eq!(verdict("llama-4"), Verdict::NotJudged);
}

/// Results that only contracts and dividends fill; the plans of `funding` hold them.
const MONEY_OF_OTHERS: [&str; 10] = [
    "finance.capex.lease_principal",
    "finance.capex.off_balance_sheet",
    "finance.operating_cost.rent",
    "finance.interest",
    "finance.joint_venture.contribution",
    "finance.funding.",
    "finance.shareholder_returns",
    "finance.debt",
    "finance.lease_liability",
    "finance.investor",
];

#[test]
fn every_result_of_the_vocabulary_is_computed_somewhere() {
    let plan = plan(JANUARY, &["opening.a100-and-older.retire=2026"]);
    let draw = Draw::reference(&plan);
    let mut evaluation = Evaluation::new(&plan);
    let series = evaluation.run(&plan, Draw::new(&draw));
    for (index, path) in plan.vocabulary.paths.iter().enumerate() {
        let id = gigawatt_plan::plan::ResultId(u32::try_from(index).expect("few results"));
        // Nothing is bought for the campus yet, so nothing is online there; and nobody else's money is in this plan.
        if matches!(path.behaviour, Behaviour::Stock | Behaviour::Flow)
            && !path.path.contains("site.richland-parish.")
            && !MONEY_OF_OTHERS.iter().any(|part| path.path.contains(part))
        {
            assert!(series.get(id).iter().any(|value| *value != 0.0), "{}", path.path);
        }
    }
}

#[test]
fn a_run_can_be_cancelled() {
    struct Impatient;
    impl Observer for Impatient {
        fn progress(&self, _work: &'static str, _done: u64, _total: u64) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    assert!(run(&plan(JANUARY, &[]), &Impatient).is_err());
}
