//! Files of series: nothing in them makes the reader panic, what is told points into them, and plans keep them.

use std::io::{Cursor, Read};

use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::Severity;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, Resolved, load};
use proptest::prelude::*;

const SCENARIO: &str = r#"
name = "Series"
as_of = 2025-01-24
period = { from = 2025-01-01, to = 2026-12-31 }
[[site]]
name = "hall"
utc_offset = "-06:00"
online = [{ on = 2023-12-31, power = "5 MW" }]
electricity_price = { csv = "price.csv", unit = "$/MWh" }
[[opening]]
name = "old"
system = "hgx-h100"
site = "hall"
gpus = 2_000
"#;

/// The scenario, and the same bytes under every other name.
struct Beside(Vec<u8>);

impl World for Beside {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let bytes = if name == "scenario.toml" { SCENARIO.as_bytes().to_vec() } else { self.0.clone() };
        Ok((name.to_owned(), Box::new(Cursor::new(bytes))))
    }
}

/// Reads the scenario with a file of prices; every place in what is told lies inside its text.
fn read(file: &[u8]) -> Resolved {
    let resolved = load("scenario.toml", &Options::default(), &Beside(file.to_vec()));
    for diagnostic in &resolved.diagnostics {
        for label in &diagnostic.labels {
            let (span, text) = (label.span, &resolved.sources.get(label.span.source).text);
            let range = span.start as usize..span.end as usize;
            assert!(text.get(range).is_some(), "{span:?} is no place in {text:?}: {}", diagnostic.message);
        }
    }
    assert!(resolved.plan.is_some() || !resolved.diagnostics.is_empty(), "no plan and not a word why");
    resolved
}

fn months() -> String {
    let rows = (1..=24)
        .map(|month| format!("{}-{:02},{}\n", 2025 + (month - 1) / 12, (month - 1) % 12 + 1, 30 + month));
    "month,price\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn a_series_over_the_whole_plan_is_read_without_a_word() {
    let resolved = read(months().as_bytes());
    assert!(resolved.diagnostics.is_empty(), "{:?}", resolved.diagnostics);
    let plan = resolved.plan.expect("a plan");
    let cost = plan.sites[0].profile.cost.as_ref().expect("a series");
    assert_eq!(cost.mean.len(), 730);
    // The last month of the file has 54 $/MWh; a constant day has half its mean as first moment.
    assert!((cost.mean[729] * 3.6e9 - 54.0).abs() < 1e-9);
    assert!((cost.first[729] / cost.mean[729] - 0.5).abs() < 1e-15);
}

#[test]
fn separators_marks_and_line_ends_change_nothing() {
    let plain = read(months().as_bytes()).plan.expect("a plan");
    let others = [
        months().replace(',', ";"),
        months().replace(',', "\t"),
        months().replace('\n', "\r\n"),
        format!("\u{feff}{}", months()),
        months().replace(",", ",\"").replace('\n', "\"\n"),
    ];
    for other in &others {
        let plan = read(other.as_bytes()).plan.unwrap_or_else(|| panic!("{other:?} is read"));
        assert_eq!(plan.sites[0].profile, plain.sites[0].profile, "{other:?}");
    }
}

#[test]
fn a_year_repeats_with_a_warning_and_a_note() {
    let year: String = months().lines().take(13).flat_map(|line| [line, "\n"]).collect();
    let resolved = read(year.as_bytes());
    assert_eq!(resolved.diagnostics.len(), 1);
    assert_eq!(resolved.diagnostics[0].severity, Severity::Warning);
    let plan = resolved.plan.expect("a plan");
    let cost = plan.sites[0].profile.cost.as_ref().expect("a series");
    assert_eq!(cost.mean[..365], cost.mean[365..]);
    let scale = plan.find_input("site.hall.electricity_price.scale").expect("an input");
    let note = plan.input(scale).note.clone().unwrap_or_default();
    assert!(note.contains("from 2025-01-01 to 2025-12-31") && note.contains("repeat"), "{note}");
}

#[test]
fn a_mean_far_from_the_catalogue_asks_for_the_unit() {
    let in_cents: String = months().replace(",3", ",3.").replace(",4", ",4.").replace(",5", ",5.");
    let resolved = read(in_cents.as_bytes());
    let told = &resolved.diagnostics[0];
    assert_eq!((resolved.diagnostics.len(), told.severity), (1, Severity::Warning));
    assert_eq!(
        told.message,
        "the mean of `price.csv` is USD 4.25/MWh, far from USD 80.6/MWh in electricity `us-industrial`"
    );
    assert!(resolved.plan.is_some(), "a free night is no mistake");
}

#[test]
fn a_plan_with_series_survives_json() {
    let plan = read(months().as_bytes()).plan.expect("a plan");
    let again: Plan = serde_json::from_str(&serde_json::to_string(&plan).expect("text")).expect("a plan");
    assert!(plan == again);
}

#[test]
fn more_than_64_mebibytes_are_refused() {
    let mut large = b"time,price\n".to_vec();
    large.resize((64 << 20) + 1, b' ');
    let resolved = read(&large);
    assert!(resolved.diagnostics[0].message.contains("larger than 64 MiB"), "{:?}", resolved.diagnostics);
}

#[test]
fn more_than_two_million_rows_are_refused() {
    let rows = "2025-01-01T00:00Z,1\n".repeat(2_000_002);
    let resolved = read(format!("time,price\n{rows}").as_bytes());
    let told = &resolved.diagnostics[0].message;
    assert_eq!(told, "there are more than 2000000 rows");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
    }

    #[test]
    fn no_damage_makes_it_panic(
        at in 0.0..1.0_f64,
        cut in 0_usize..40,
        put in "([0-9a-zäé☃,;\"\r\n\t :+TZ.\\-]|NaN|inf|1e999|2025-02-30|2100-12-31|1990-01|-99:00){0,12}",
    ) {
        let text = months();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
        let from = (at * text.len() as f64) as usize;
        let to = (from + cut).min(text.len());
        read(format!("{}{put}{}", &text[..from], &text[to..]).as_bytes());
    }
}
