//! Small plans whose answers can be worked out by hand.

use gigawatt_engine::{Draw, Evaluation, Sampler, Verdict};
use proptest::prelude::*;

use super::scenario::{gain, inline, reference, sampled};

/// One hall of 10.2 MW: with nothing for the network, 8,000 H100 fill it.
pub const HALL: &str = r#"
name   = "one hall"
as_of  = 2025-06-01
period = { from = 2025-01-01, to = 2026-12-31 }

[uncertainty]
samples = 200

[[site]]
name             = "hall"
online           = [{ on = 2024-12-31, power = "10.2 MW" }]
network_overhead = 1
pue              = 1.1
utilisation      = 0.8

[[purchase]]
name    = "first"
system  = "hgx-h100"
site    = "hall"
gpus    = 8000
deliver = { from = 2025-01-01, to = 2025-01-31 }

[[purchase]]
name    = "second"
system  = "hgx-h100"
site    = "hall"
gpus    = 8000
deliver = { from = 2025-03-01, to = 2025-03-31 }

[[purchase]]
name    = "third"
system  = "hgx-h200"
site    = "hall"
gpus    = 8000
deliver = { from = 2025-05-01, to = 2025-05-31 }
"#;

#[test]
fn a_full_hall_makes_the_next_wait_in_order_of_arrival() {
    let plan = inline(HALL, &[]);
    assert!((reference(&plan, "buildout.gpus.online", 2025) - 8000.0).abs() < 1e-6);
    assert!((reference(&plan, "buildout.gpus.awaiting_power", 2025) - 16_000.0).abs() < 1e-6);
    assert!(reference(&plan, "buildout.system.hgx-h200.online", 2025).abs() < 1e-6);
}

#[test]
fn what_retires_while_it_waits_frees_no_power() {
    let plan = inline(HALL, &["purchase.second.retire=\"2026Q1\""]);
    assert!((reference(&plan, "buildout.gpus.retired", 2026) - 8000.0).abs() < 1e-6);
    assert!((reference(&plan, "buildout.gpus.online", 2026) - 8000.0).abs() < 1e-6);
    assert!((reference(&plan, "buildout.power.online", 2026) - 10.2e6).abs() < 1.0);
}

#[test]
fn what_retires_after_it_ran_makes_room_for_the_next() {
    let plan = inline(HALL, &["purchase.first.retire=\"2026Q1\""]);
    assert!((reference(&plan, "buildout.gpus.online", 2026) - 8000.0).abs() < 1e-6);
    assert!(reference(&plan, "buildout.system.hgx-h200.online", 2026).abs() < 1e-6, "the second lot is next");
}

#[test]
fn rack_positions_bind_like_power() {
    let plan = inline(HALL, &["site.hall.racks=[{ on = 2024-12-31, count = 250 }]"]);
    // Two servers of eight to a rack position.
    assert!((reference(&plan, "buildout.gpus.online", 2025) - 4000.0).abs() < 1e-6);
}

#[test]
fn targets_are_reached_in_the_order_of_their_days() {
    let targets = HALL.split("[[purchase]]").next().expect("a head").to_owned()
        + r#"
[[target]]
name = "late"
gpus = 20_000
on   = 2026-12-31

[[target]]
name = "early"
gpus = 10_000
on   = 2025-12-31

[[purchase]]
name    = "b"
system  = "hgx-h200"
site    = "hall"
target  = "late"
share   = 1
deliver = 2026

[[purchase]]
name    = "a"
system  = "hgx-h100"
site    = "hall"
target  = "early"
share   = 1
deliver = 2025
"#;
    let plan = inline(targets.leak(), &[]);
    assert!((reference(&plan, "buildout.gpus.owned", 2025) - 10_000.0).abs() < 1e-6);
    assert!((reference(&plan, "buildout.gpus.owned", 2026) - 20_000.0).abs() < 1e-6);
}

const CLAIMS: &str = r#"
[[claim]]
name     = "march"
says     = "a day in the middle of a ramp"
value    = "buildout.gpus.owned"
at       = 2025-03-11
at_least = 9000

[[claim]]
name     = "growth"
says     = "growth from nothing does not exist"
value    = "buildout.gpus.growth"
over     = { mean = 2025 }
at_least = "50 %"
"#;

#[test]
fn a_claim_does_not_change_what_it_judges() {
    let plain = inline(HALL, &[]);
    let claimed = inline((HALL.to_owned() + CLAIMS).leak(), &[]);
    assert!(claimed.axis.len() > plain.axis.len());
    let energy = |plan| reference(plan, "facility.energy", 2025);
    assert!((energy(&plain) / energy(&claimed) - 1.0).abs() < 1e-12);
}

#[test]
fn a_value_that_does_not_exist_keeps_no_bound() {
    let plan = inline((HALL.to_owned() + CLAIMS).leak(), &[]);
    let results = sampled(&plan);
    assert_eq!(results.judgements[0].verdict, Verdict::Holds);
    assert_eq!(
        (results.judgements[1].verdict, results.judgements[1].probability),
        (Verdict::Fails, Some(0.0))
    );
}

#[test]
fn a_claim_selects_a_year_or_a_quarter() {
    let read = |settings: &[&str]| {
        let plan = inline((HALL.to_owned() + CLAIMS).leak(), settings);
        let query = plan.claims[0].test.query().expect("a query");
        let draw = Draw::reference(&plan);
        Evaluation::new(&plan).run(&plan, Draw::new(&draw)).read(&plan, query)
    };
    let at = |when: &str| read(&[&format!("claim.march.at={when}")]);
    assert_eq!(at("\"2025Q1\""), at("2025-03-31"));
    assert_eq!(at("\"2025Q2\""), at("2025-06-30"));
    assert_eq!(at("2025"), at("2025-12-31"));
    assert!(at("\"2025Q1\"") < at("\"2025Q2\""));
    // Four quarters of energy are the year's.
    let energy = "[[claim]]\nname='march'\nsays='energy'\nvalue='facility.energy'\nat_most='1 EWh'\n";
    let over = |when: &str| {
        let plan = inline(format!("{HALL}{energy}over={{ sum = {when} }}\n").leak(), &[]);
        let query = plan.claims[0].test.query().expect("a query");
        let draw = Draw::reference(&plan);
        Evaluation::new(&plan).run(&plan, Draw::new(&draw)).read(&plan, query)
    };
    let quarters: f64 = (1..=4).map(|quarter| over(&format!("'2025Q{quarter}'"))).sum();
    assert!((quarters / over("2025") - 1.0).abs() < 1e-12);
}

#[test]
fn a_plan_of_a_few_weeks_is_judged_too() {
    let plan = inline(
        (HALL.to_owned() + CLAIMS).leak(),
        &[
            "period={ from = 2025-01-01, to = 2025-05-31 }",
            "claim.growth.over={ mean = { from = 2025-02-01, to = 2025-03-31 } }",
        ],
    );
    assert_eq!(sampled(&plan).judgements[0].verdict, Verdict::Holds);
}

#[test]
fn energy_is_power_times_time() {
    // Full from 1 February on at the latest: February to December at 10.2 MW, 80 % of it drawn, PUE 1.1.
    let plan =
        inline(HALL, &["practice.hyperscale-ai.transit=0 day", "practice.hyperscale-ai.burn_in=0 day"]);
    let days = 31.0 / 2.0 + 334.0;
    let expected = 10.2e6 * 0.8 * 1.1 * days * 86_400.0;
    assert!((reference(&plan, "facility.energy", 2025) / expected - 1.0).abs() < 1e-9);
}

#[test]
fn growth_is_compared_year_by_year() {
    let plan = super::scenario::plan(
        "meta-2025.toml",
        &[
            "claim.margin-2025.value=\"finance.revenue.growth\"",
            "claim.margin-2025.over={ max = \"2025..2027\" }",
            "claim.margin-2025.at_least=0.1",
        ],
    );
    let index = plan.claims.iter().position(|claim| claim.name == "margin-2025").expect("the claim");
    let query = plan.claims[index].test.query().expect("a query");
    let draw = Draw::reference(&plan);
    let mut evaluation = Evaluation::new(&plan);
    let found = evaluation.run(&plan, Draw::new(&draw)).read(&plan, query);
    assert!((found - 0.15).abs() < 1e-9, "{found}");
    assert!(gain(&plan, "buildout.gpus.owned", 2025) > 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Lots of any size, leaving at any time, never draw more than their hall has, and none is lost.
    #[test]
    fn no_hall_is_overdrawn(sizes in proptest::array::uniform3(100.0..20_000.0_f64), hall in 1.0..30.0_f64, leave in proptest::array::uniform3(0..6_i32), draw in 0..50_u64) {
        let months = ["2025-07", "2025-09", "2025-11", "2026-01", "2026-04", "2026-08"];
        let mut settings = vec![format!("site.hall.online.2024-12-31={hall} MW")];
        for (name, (size, month)) in ["first", "second", "third"].iter().zip(sizes.iter().zip(leave)) {
            settings.push(format!("purchase.{name}.gpus={size:.0}"));
            settings.push(format!("purchase.{name}.retire={{ from = {0}-01, to = {0}-28 }}", months[month as usize]));
        }
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let plan = inline(HALL, &settings);
        let sampler = Sampler::new(&plan, 3);
        let mut row = vec![0.0; sampler.inputs()];
        sampler.fill(draw, &mut row);
        let mut evaluation = Evaluation::new(&plan);
        let series = evaluation.run(&plan, Draw::new(&row));
        let ids = &plan.vocabulary.buildout;
        for moment in 0..plan.axis.len() {
            let at = |id| series.get(id)[moment];
            prop_assert!(at(ids.power_online) <= hall * 1e6 * (1.0 + 1e-9), "{} at {:?}", at(ids.power_online), plan.axis[moment]);
            let sum = at(ids.in_transit) + at(ids.awaiting_power) + at(ids.burn_in) + at(ids.online);
            prop_assert!((sum - at(ids.owned)).abs() < 1e-3, "{sum} of {}", at(ids.owned));
        }
    }
}
