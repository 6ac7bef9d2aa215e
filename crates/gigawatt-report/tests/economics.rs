//! Unit economics against the results that they are made of.
#![allow(missing_docs)]

mod common;

use std::collections::BTreeMap;

use gigawatt_engine::{Results, run};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Silent;
use gigawatt_plan::{Options, load};
use gigawatt_report::Summary;
use gigawatt_report::economics::{Limit, Unit, UseEconomics, economics};
use gigawatt_report::served::ServedSummary;
use serde_json::json;

use common::Text;

fn reference() -> (Plan, Results, Summary) {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/meta-2025.toml");
    let text = std::fs::read_to_string(place).expect("the scenario is part of the repository");
    let options = Options { samples: Some(50), ..Options::default() };
    let resolved = load("meta-2025.toml", &options, &Text(text));
    let plan = resolved.plan.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    let results = run(&plan, &Silent).expect("nobody cancels");
    let summary = Summary::new(&plan, &results);
    (plan, results, summary)
}

/// A demand on 80 accelerators, 40 of which run on average, for a million dollars a year.
fn served() -> ServedSummary {
    let estimate = json!({ "value": 1.0, "low": 1.0, "high": 1.0 });
    let point = |offered: f64, answered: f64| {
        json!({
            "offered": offered, "answered": answered, "saturated": offered > answered, "busy": 0.5,
            "first_token_p50": estimate, "first_token_p99": estimate, "each_token_p50": estimate,
            "each_token_p99": estimate, "attainment": estimate, "requests": 1000, "replications": 8,
        })
    };
    let text = json!({
        "title": "AI engineer", "service": "coder", "period": { "from": "2025-01-01", "to": "2025-12-31" },
        "total": {
            "requests": 1e8, "input_tokens": 3e12, "output_tokens": 4e10, "user_months": 3.6e5,
            "attainment": estimate, "accelerators": 80.0, "mean_accelerators": 40.0, "facility_power": 9e4,
            "replica_rate": 4.0, "cost": 1e6, "running_cost": 5e5, "cost_per_million_tokens": 0.33,
            "cost_per_million_output_tokens": 25.0, "cost_per_user_month": 2.8, "unserved": 0.0,
        },
        "day": { "date": "2025-12-31", "requests": 8e5, "attainment": estimate, "worst": estimate, "regions": {} },
        "weeks": [], "replica": [point(4.0, 4.0), point(6.0, 5.0)],
        "error": {
            "probability": 0.95, "sampling": 0.01, "interpolation": 0.01, "requests": 2000, "tokens": 1.0,
            "cached_share": 0.8, "assumed_cached_share": 0.8,
        },
    });
    serde_json::from_value(text).expect("a summary")
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

fn factor(one: &UseEconomics, limit: Limit) -> f64 {
    one.limits.iter().find(|other| other.limit == limit).expect("the limit").factor
}

#[test]
fn units_and_limits_are_those_of_hand_arithmetic() {
    let (plan, results, mut summary) = reference();
    summary.served = BTreeMap::from([("engineer".to_owned(), served())]);
    let read = |path: &str, when: &str| summary.results[path].values[when].reference.expect("a value");
    let uses = economics(&plan, &results, &summary);
    assert_eq!(uses.keys().collect::<Vec<_>>(), ["engineer", "ranking"]);

    let agents = &uses["engineer"];
    let unit = |of: Unit| *agents.units.iter().find(|unit| unit.unit == of).expect("the unit");
    let merged = read("demand.engineer.merged", "2025");
    let (review, change) =
        (read("demand.engineer.review_cost", "plan"), read("demand.engineer.engineer_change_cost", "plan"));
    // A change of an agent is 0.4 of an engineer's in the catalogue.
    let by_hand = 0.4 * change;
    let computing = unit(Unit::MergedChangeComputing);
    assert!(near(computing.cost, 1e6 / merged));
    assert!(near(computing.per_accelerator_hour.expect("a rate"), merged / (40.0 * 8766.0)));
    let whole = unit(Unit::MergedChange);
    assert!(near(whole.cost, 1e6 / merged + review) && near(whole.against.expect("by hand"), by_hand));
    let revenue = read("finance.revenue", "2025");
    assert!(near(agents.margin.expect("a margin"), (merged * (by_hand - review) - 1e6) / revenue));
    // The replicas that stand answer 5 requests a second each where they are given 4.
    assert!(near(factor(agents, Limit::Replicas), 1.25));
    let income = read("finance.operating_income", "2025");
    assert!(near(factor(agents, Limit::OperatingIncome), 1.0 + income / 1e6));
    // Power: what is left at the sites, over 80 of 8 accelerators of a server.
    let left = read("facility.power.provisioned", "2025-12-31") - read("buildout.power.online", "2025-12-31");
    let own = 80.0 / 8.0 * 10.2e3;
    assert!((factor(agents, Limit::Power) - (1.0 + left / own)).abs() < 1e-6 * factor(agents, Limit::Power));
    assert!(agents.limits.is_sorted_by(|one, other| one.factor <= other.factor));

    let ranking = &uses["ranking"];
    let ads = ranking.units[0];
    assert!(near(ads.cost, read("ranking.cost_per_thousand", "2025")));
    assert!(near(ads.against.expect("a price"), read("ranking.price_per_thousand", "2025")));
    assert!(near(ranking.margin.expect("a margin"), read("ranking.income", "2025") / revenue));
    assert!(near(ranking.accelerators, read("ranking.accelerators", "2025-12-31")));
}

#[test]
fn what_others_take_is_not_left_to_grow_into() {
    let (plan, results, summary) = reference();
    let mut large = served();
    large.total.accelerators = 8000.0;
    let both = |one: ServedSummary| {
        let served = BTreeMap::from([("assistant".to_owned(), one), ("engineer".to_owned(), served())]);
        economics(&plan, &results, &Summary { served, ..summary.clone() })
    };
    let (beside_small, beside_large) = (both(served()), both(large));
    let room = |uses: &BTreeMap<String, UseEconomics>| 80.0 * factor(&uses["engineer"], Limit::Accelerators);
    assert!((room(&beside_small) - room(&beside_large) - (8000.0 - 80.0)).abs() < 1e-6);
}

#[test]
fn a_use_that_does_not_stand_takes_no_power_that_is_online() {
    let (plan, results, mut summary) = reference();
    let mut vast = served();
    vast.total.accelerators = 1e9;
    summary.served = BTreeMap::from([("engineer".to_owned(), vast)]);
    let uses = economics(&plan, &results, &summary);
    let (room, power) =
        (factor(&uses["engineer"], Limit::Accelerators), factor(&uses["engineer"], Limit::Power));
    // Of a billion accelerators some hundred thousand stand, and power is left for as many again.
    assert!(room > 0.0 && room < 1e-3, "{room}");
    assert!(power >= room && power < 2e-3, "{power}");
}
