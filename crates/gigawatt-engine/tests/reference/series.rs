//! Prices, PUE and carbon intensity that follow series, against flat values and against sums by the hour.

use gigawatt_engine::{Draw, Evaluation};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::plan::{Behaviour, Plan, ResultId};
use proptest::prelude::*;

use super::funding::TWO;
use super::scenario::{inline, reference, with_files};
use super::small::HALL;

const HOURS: usize = 8760;

/// A year of hours that start with 2025.
fn hourly(value: impl Fn(usize) -> f64) -> String {
    let mut text = "time,value\n".to_owned();
    let start = Period::year(2025).start;
    for (hour, day) in (0..HOURS).zip((0..).flat_map(|day| [day; 24])) {
        let stamp = format!("{}T{:02}:00Z", Moment(start.0 + day).day(), hour % 24);
        text.push_str(&format!("{stamp},{}\n", value(hour)));
    }
    text
}

fn monthly(values: [f64; 12]) -> String {
    let rows = values.iter().zip(1..).map(|(value, month)| format!("2025-{month:02},{value}\n"));
    "month,value\n".to_owned() + &rows.collect::<String>()
}

const PUE: &str = "site.hall.pue={ csv = \"pue.csv\" }";
const PRICE: &str = "site.hall.electricity_price={ csv = \"price.csv\", unit = \"$/MWh\" }";
const CARBON: &str = "site.hall.carbon_intensity={ csv = \"carbon.csv\", unit = \"g/kWh\" }";

/// Whatever a result holds over the whole plan in the reference case.
fn all_values(plan: &Plan) -> Vec<(String, Vec<f64>)> {
    let draw = Draw::reference(plan);
    let mut evaluation = Evaluation::new(plan);
    let series = evaluation.run(plan, Draw::new(&draw));
    let computed =
        plan.vocabulary.paths.iter().enumerate().filter(|(_, path)| {
            matches!(path.behaviour, Behaviour::Stock | Behaviour::Flow | Behaviour::Whole)
        });
    computed
        .map(|(index, path)| {
            (path.path.clone(), series.get(ResultId(u32::try_from(index).expect("few"))).to_vec())
        })
        .collect()
}

fn assert_same(one: &Plan, other: &Plan) {
    for ((path, one), (_, other)) in all_values(one).iter().zip(all_values(other)) {
        for (one, other) in one.iter().zip(other) {
            let scale = one.abs().max(other.abs()).max(f64::MIN_POSITIVE);
            assert!((one - other).abs() <= 1e-12 * scale || one.is_nan(), "{path}: {one} {other}");
        }
    }
}

#[test]
fn a_constant_series_is_its_flat_value() {
    let files =
        [("pue.csv", hourly(|_| 1.1)), ("price.csv", hourly(|_| 47.5)), ("carbon.csv", monthly([363.0; 12]))];
    let series = with_files(HALL, &[PUE, PRICE, CARBON], &files);
    let flat =
        inline(HALL, &["site.hall.electricity_price=47.5 $/MWh", "site.hall.carbon_intensity=363 g/kWh"]);
    assert!(series.sites[0].pue.is_series() && !flat.sites[0].pue.is_series());
    assert_same(&series, &flat);
}

#[test]
fn a_constant_series_is_its_flat_value_in_every_account() {
    let name = "site.existing-and-leased.electricity_price";
    let written = format!("{name}={{ csv = \"price.csv\", unit = \"$/MWh\" }}");
    let pue = "site.existing-and-leased.pue={ csv = \"pue.csv\" }";
    let files = [("price.csv", monthly([62.5; 12])), ("pue.csv", monthly([1.09; 12]))];
    let series = with_files("meta-2025.toml", &[&written, pue], &files);
    let flat = with_files(
        "meta-2025.toml",
        &[&format!("{name}=62.5 $/MWh"), "site.existing-and-leased.pue=1.09"],
        &[],
    );
    let (one, other) = (all_values(&series), all_values(&flat));
    for ((path, one), (_, other)) in one.iter().zip(other) {
        for (one, other) in one.iter().zip(other) {
            // Returns and present values magnify the last digits of the flows that they are made of.
            let scale = one.abs().max(other.abs()).max(1.0);
            assert!((one - other).abs() <= 1e-9 * scale || one.is_nan(), "{path}: {one} {other}");
        }
    }
}

/// `∫ P f g` over 2025 in joule times units, hour by hour, `P` the IT power that runs straight between the moments that
/// carry integrals; within an hour the middle is exact.
fn by_hour(plan: &Plan, value: impl Fn(usize) -> f64) -> f64 {
    let draw = Draw::reference(plan);
    let mut evaluation = Evaluation::new(plan);
    let power = evaluation.run(plan, Draw::new(&draw)).get(plan.vocabulary.buildout.sites[0].1).to_vec();
    let knots: Vec<(f64, f64)> = (0..plan.axis.len())
        .filter(|moment| plan.integrated[*moment])
        .map(|moment| (plan.axis[moment].days() - plan.period.start.days(), power[moment]))
        .collect();
    let at = |day: f64| {
        let after = knots.partition_point(|(when, _)| *when <= day).clamp(1, knots.len() - 1);
        let ((t0, p0), (t1, p1)) = (knots[after - 1], knots[after]);
        p0 + (p1 - p0) * (day - t0) / (t1 - t0)
    };
    #[expect(clippy::cast_precision_loss, reason = "hours of a year")]
    let sum: f64 = (0..HOURS).map(|hour| at((hour as f64 + 0.5) / 24.0) * value(hour)).sum();
    sum * 3600.0 * 0.8
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn energy_cost_and_carbon_are_sums_by_the_hour(seed in 1_u64..1_000_000) {
        let random = |hour: usize, salt: u64| {
            let mixed = (hour as u64 + 1).wrapping_mul(seed.wrapping_add(salt)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((mixed >> 40) % 10_000) as f64 / 1e4
        };
        // Rounded as they are written, so that both sides read the same numbers. Prices are below zero at times.
        let pue = |hour: usize| 1.0 + (random(hour, 1) * 100.0).round() / 256.0;
        let price = |hour: usize| (random(hour, 2) * 1000.0).round() / 8.0 - 20.0;
        let carbon = |hour: usize| (random(hour, 3) * 800.0).round();
        let files = [("pue.csv", hourly(pue)), ("price.csv", hourly(price)), ("carbon.csv", hourly(carbon))];
        let claim = "
[[claim]]
name     = \"between\"
says     = \"a date that cuts an interval\"
value    = \"buildout.gpus.owned\"
at       = 2025-03-11
at_least = 1
";
        let plan = with_files(&(HALL.to_owned() + claim), &[PUE, PRICE, CARBON], &files);
        let near = |path: &str, expected: f64| {
            let found = reference(&plan, path, 2025);
            prop_assert!((found / expected - 1.0).abs() < 1e-11, "{path}: {found} {expected}");
            Ok(())
        };
        near("facility.energy", by_hour(&plan, pue))?;
        near("facility.electricity.cost", by_hour(&plan, |hour| pue(hour) * price(hour)) / 3.6e9)?;
        near("facility.carbon", by_hour(&plan, |hour| pue(hour) * carbon(hour)) / 3.6e9)?;
    }
}

#[test]
fn the_price_paid_is_weighted_by_energy() {
    // Power comes in the first months: a price that falls over the year is paid less than its mean.
    let falling = [12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0].map(|step| 10.0 * step);
    let plan = with_files(HALL, &[PRICE], &[("price.csv", monthly(falling))]);
    let paid = reference(&plan, "facility.electricity.price", 2025) * 3.6e9;
    assert!(paid < 60.0, "{paid}");
    // Nothing is drawn before the first accelerators are accepted: what is paid is what energy weighs.
    let ratio =
        reference(&plan, "facility.electricity.cost", 2025) / reference(&plan, "facility.energy", 2025);
    assert!((ratio * 3.6e9 / paid - 1.0).abs() < 1e-12);
    // The year after, at full power, the months weigh by their days.
    let days = [31.0, 28.0, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0];
    let mean = falling.iter().zip(days).map(|(price, days)| price * days).sum::<f64>() / 365.0;
    let later = reference(&plan, "facility.electricity.price", 2026) * 3.6e9;
    assert!((later / mean - 1.0).abs() < 1e-12, "{later} {mean}");
}

#[test]
fn the_factor_on_a_series_scales_what_it_weighs() {
    let files = [("price.csv", monthly([40.0; 12])), ("carbon.csv", monthly([300.0; 12]))];
    let settings =
        [PRICE, CARBON, "site.hall.electricity_price.scale=1.5", "site.hall.carbon_intensity.scale=0.5"];
    let plan = with_files(HALL, &settings, &files);
    assert!((reference(&plan, "facility.electricity.price", 2025) * 3.6e9 / 60.0 - 1.0).abs() < 1e-12);
    assert!((reference(&plan, "facility.carbon.intensity", 2025) * 3.6e9 / 150.0 - 1.0).abs() < 1e-12);
    assert!(plan.find_input("site.hall.electricity_price.scale").is_some());
}

#[test]
fn sites_add_up_to_the_whole() {
    let plan = super::scenario::plan("meta-2025.toml", &[]);
    for (total, part) in [("facility.energy", "energy"), ("facility.carbon", "carbon")] {
        let sites = plan.sites.iter().map(|site| format!("facility.site.{}.{part}", site.name));
        let sum: f64 = sites.map(|path| reference(&plan, &path, 2025)).sum();
        assert!((sum / reference(&plan, total, 2025) - 1.0).abs() < 1e-12, "{total}");
    }
}

#[test]
fn a_gigawatt_for_a_year_on_the_mean_grid_of_the_united_states_emits_2_6_million_tonnes() {
    // 1 GW × 0.8 × 8,760 h = 7.008 TWh at 827.4 lb/MWh = 375.3 g/kWh: 2.630 Mt.
    let site = "site.existing-and-leased";
    let mut settings: Vec<String> = ["2023", "2024", "2025", "2026"]
        .iter()
        .map(|year| format!("{site}.online.{year}-12-31=1 GW"))
        .collect();
    settings.extend([format!("{site}.utilisation=0.8"), format!("{site}.pue=1")]);
    settings.push("opening.hopper-2023.gpus=10 M".to_owned());
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let plan = super::scenario::without_fleet(&settings);
    let (energy, carbon) =
        (reference(&plan, "facility.energy", 2025), reference(&plan, "facility.carbon", 2025));
    assert!((energy / 3.6e15 - 7.008).abs() < 1e-3, "{energy}");
    assert!((carbon / 1e9 - 2.630).abs() < 1e-3, "{carbon}");
}

#[test]
fn the_appraisal_and_the_accounts_pay_the_same_price() {
    // Every accelerator of the plan is bought in it: what purchases cost for electricity is the whole bill.
    let price = hourly(|hour| if hour % 24 < 8 { 25.0 } else { 80.0 });
    let pue = monthly([1.05, 1.06, 1.07, 1.08, 1.10, 1.12, 1.14, 1.14, 1.11, 1.09, 1.07, 1.05]);
    let files = [("price.csv", price), ("pue.csv", pue)];
    let plan = with_files(TWO, &[PRICE, PUE], &files);
    let free = with_files(TWO, &[PUE], &files);
    for year in 2025..=2028 {
        let electricity = |path: &str| reference(&plan, path, year) - reference(&free, path, year);
        let bill = reference(&plan, "finance.company.buyer.operating_cost.energy", year);
        assert!(bill > 0.0);
        assert!((electricity("finance.company.buyer.ai.cost") / bill - 1.0).abs() < 1e-9, "{year}");
        assert!((reference(&plan, "facility.electricity.cost", year) / bill - 1.0).abs() < 1e-12, "{year}");
    }
    // A constant price that is the mean paid makes the same cost of an hour.
    let paid = (2025..=2028).map(|year| reference(&plan, "facility.electricity.cost", year)).sum::<f64>()
        / (2025..=2028).map(|year| reference(&plan, "facility.energy", year)).sum::<f64>();
    let flat = format!("site.hall.electricity_price={} $/MWh", paid * 3.6e9);
    let flat = with_files(TWO, &[&flat, PUE], &files);
    let hour = |plan: &Plan| {
        let id = plan.vocabulary.lots[0].hour_cost;
        let draw = Draw::reference(plan);
        Evaluation::new(plan).run(plan, Draw::new(&draw)).get(id)[0]
    };
    assert!(hour(&plan) > hour(&free));
    assert!((hour(&plan) / hour(&flat) - 1.0).abs() < 1e-12);
}
