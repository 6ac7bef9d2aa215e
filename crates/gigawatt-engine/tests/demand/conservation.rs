//! A plan's demand against closed forms: hours, regions and years add up.

use std::io::{Cursor, Read};

use gigawatt_engine::demand::hourly_demand;
use gigawatt_engine::{Draw, Evaluation, Sampler};
use gigawatt_plan::period::Period;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::resolve::{period_query, whole_query};
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};

struct Inline(String);

impl World for Inline {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone().into_bytes()))))
    }
}

fn plan(demand: &str) -> Plan {
    let text = format!(
        "name = \"demand\"\nas_of = 2025-01-24\nperiod = {{ from = 2025-01-01, to = 2026-12-31 }}\n{demand}"
    );
    let resolved = load("inline.toml", &Options::default(), &Inline(text));
    resolved.plan.unwrap_or_else(|| panic!("it resolves: {:#?}", resolved.diagnostics))
}

const ASSISTANT: &str = r#"
[[demand]]
name = "assistant"
kind = "assistant"
users = [{ on = 2024-12-31, count = "600 M" }, { on = 2025-12-31, count = "1 G" }]
"#;

fn read(plan: &Plan, draw: &[f64], path: &str, year: i16) -> f64 {
    let result = plan.vocabulary.find(path).unwrap_or_else(|| panic!("{path} is a result"));
    let query = whole_query(plan, result).or_else(|| period_query(plan, result, Period::year(year)));
    Evaluation::new(plan).run(plan, Draw::new(draw)).read(plan, &query.expect("it can be read"))
}

#[test]
fn a_year_of_hours_in_all_regions_is_what_the_people_ask() {
    let plan = plan(ASSISTANT);
    let sampler = Sampler::new(&plan, 7);
    let mut rows = vec![0.0; 5 * sampler.inputs()];
    sampler.fill(0, &mut rows);
    let reference = Draw::reference(&plan);
    for draw in rows.chunks(sampler.inputs()).chain([reference.as_slice()]) {
        for year in [2025, 2026] {
            let period = Period::year(year);
            let hours = hourly_demand(&plan.demand[0], Draw::new(draw), (period.start.0, period.end.0));
            assert_eq!((hours.hours(), hours.regions.len()), (8760, 6));
            let year_of = |what: &str| read(&plan, draw, &format!("demand.assistant.{what}"), year);
            let tokens = hours.tokens();
            for (ours, told) in [
                (hours.requests(), year_of("requests")),
                (tokens.new, year_of("new_tokens")),
                (tokens.cached, year_of("cached_tokens")),
                (tokens.output, year_of("output_tokens")),
            ] {
                assert!((ours / told - 1.0).abs() < 1e-11, "{ours} {told}");
            }
        }
    }
}

#[test]
fn requests_are_those_of_hand_arithmetic() {
    let plan = plan(ASSISTANT);
    let draw = Draw::reference(&plan);
    let year_of = |what: &str| read(&plan, &draw, &format!("demand.assistant.{what}"), 2025);
    // 800 M users on average over 365 days, of whom 18 % come for 1.3 sessions of 2.5 turns.
    let requests = 800e6 * 365.0 * 0.18 * 1.3 * 2.5;
    assert!((year_of("requests") / requests - 1.0).abs() < 1e-12);
    assert!((year_of("output_tokens") / (211.0 * requests) - 1.0).abs() < 1e-12);
    // 1.5 earlier turns: 400 + 150 + 1.5 (150 + 211).
    assert!((year_of("context") - 1091.5).abs() < 1e-9);
    assert!((year_of("cached_share") - 0.45 * 941.5 / 1091.5).abs() < 1e-12);
    assert!((year_of("rate") - 1e9 * 0.585 / 86_400.0).abs() < 1e-6);
    assert!((year_of("peak_rate") / year_of("rate") - year_of("peak_to_mean")).abs() < 1e-9);
}

#[test]
fn regions_by_themselves_peak_higher_than_all_together() {
    let plan = plan(ASSISTANT);
    let draw = Draw::reference(&plan);
    let of = |what: &str| read(&plan, &draw, &format!("demand.assistant.{what}"), 2025);
    let own: f64 =
        plan.demand[0].regions.iter().map(|region| of(&format!("region.{}.peak_rate", region.name))).sum();
    let together = of("peak_rate");
    assert!(own > together, "{own} {together}");
    // Capacity within reach lies between that of one world and that of regions by themselves.
    let pooled = of("pooling") * own;
    assert!(together <= pooled && pooled < own, "{together} {pooled} {own}");
    let far = self::plan(&format!("{ASSISTANT}reach = \"2 s\"\n"));
    let draw = Draw::reference(&far);
    let pooled = read(&far, &draw, "demand.assistant.pooling", 2025) * own;
    assert!((pooled / together - 1.0).abs() < 1e-9, "{pooled} {together}");
}

#[test]
fn one_region_has_nobody_to_share_with() {
    let plan = plan(&format!("{ASSISTANT}regions = [{{ name = \"europe\", share = 0.3 }}]\n"));
    let draw = Draw::reference(&plan);
    let of = |what: &str| read(&plan, &draw, &format!("demand.assistant.{what}"), 2025);
    assert!((of("pooling") - 1.0).abs() < 1e-12);
    assert!((of("region.europe.peak_rate") / of("peak_rate") - 1.0).abs() < 1e-12);
}

#[test]
fn agents_that_are_given_more_write_more_of_the_code() {
    let agents = |intensity: &str| {
        plan(&format!(
            "[[demand]]\nname = \"engineer\"\nkind = \"agents\"\nusers = [{{ on = 2024-12-31, count = 30_000 }}]\n{intensity}"
        ))
    };
    let (flat, grown) = (
        agents(""),
        agents("intensity = [{ on = 2024-12-31, factor = 1 }, { on = 2026-12-31, factor = 5 }]"),
    );
    let of = |plan: &Plan, what: &str, year| {
        read(plan, &Draw::reference(plan), &format!("demand.engineer.{what}"), year)
    };
    // 30,000 engineers, 5 % of them with 4 tasks a day.
    assert!((of(&flat, "tasks", 2025) - 30_000.0 * 0.05 * 4.0 * 365.0).abs() < 1e-3);
    assert!((of(&flat, "merged", 2025) / of(&flat, "tasks", 2025) - 0.25).abs() < 1e-12);
    // Over both years the intensity is 3 on average.
    let both = |plan: &Plan| of(plan, "tasks", 2025) + of(plan, "tasks", 2026);
    assert!((both(&grown) / both(&flat) - 3.0).abs() < 1e-9);
    let equivalent = |plan: &Plan| of(plan, "engineers_equivalent", 2026);
    assert!((equivalent(&grown) / equivalent(&flat) - 5.0).abs() < 1e-9);
    let share = of(&grown, "code_share", 2026);
    let engineers = equivalent(&grown);
    assert!((share - engineers / (engineers + 30_000.0)).abs() < 1e-12);
    assert!(of(&grown, "code_share", 2025) > of(&flat, "code_share", 2025));
}

#[test]
fn without_users_there_is_nothing_and_no_error() {
    let plan =
        plan("[[demand]]\nname = \"nobody\"\nkind = \"agents\"\nusers = [{ on = 2026-12-30, count = 0 }]\n");
    let draw = Draw::reference(&plan);
    for what in ["requests", "output_tokens", "tasks", "code_share", "rate"] {
        assert_eq!(read(&plan, &draw, &format!("demand.nobody.{what}"), 2026), 0.0, "{what}");
    }
}

#[test]
fn every_result_is_a_number_in_every_draw() {
    let plan = plan(&format!("{ASSISTANT}\n[[demand]]\nname = \"engineer\"\nkind = \"agents\"\n"));
    let sampler = Sampler::new(&plan, 11);
    let mut rows = vec![0.0; 200 * sampler.inputs()];
    sampler.fill(0, &mut rows);
    let results: Vec<_> =
        plan.vocabulary.paths.iter().filter(|path| path.path.starts_with("demand.")).collect();
    assert_eq!(results.len(), 2 * 17 + 2 * 6 + 7);
    let mut evaluation = Evaluation::new(&plan);
    for draw in rows.chunks(sampler.inputs()) {
        let series = evaluation.run(&plan, Draw::new(draw));
        for path in &results {
            let id = plan.vocabulary.find(&path.path).unwrap();
            assert!(series.get(id).iter().all(|value| value.is_finite() && *value >= 0.0), "{}", path.path);
        }
    }
}
