//! No text makes the reader panic, and what it says about a text points into that text.

use std::io::{Cursor, Read};

use gigawatt_plan::quantity::{Dimension, parse_quantity};
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};
use proptest::prelude::*;

/// One text under one name.
struct One(Vec<u8>);

impl World for One {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone()))))
    }
}

/// A scenario with a bit of everything, to be damaged.
const WHOLE: &str = r#"
name = "Whole"
as_of = 2025-01-24
period = { from = 2024-01-01, to = 2026-12-31 }
[uncertainty]
samples = 100
[company]
history = "meta"
until = 2025
revenue = [{ in = "2024Q4", value = "47 B$" }]
revenue_growth = [{ in = 2025, value = { low = "10 %", mode = "15 %", high = "20 %" } }]
operating_cash_flow_share = [{ in = "2024Q4..2025Q4", value = 0.52 }]
outside_ai = [{ in = "2024Q4..2025Q4", value = "22 B$" }]
total_costs = [{ in = 2024, value = "97 B$" }]
other_cost_growth = [{ in = 2025, value = "10 %" }]
[[site]]
name = "hall"
online = [{ on = 2023-12-31, power = "5 MW" }, { on = 2025-12-31, power = "20 MW" }]
pue = { mean = 1.2, sd = 0.1, low = 1 }
[[opening]]
name = "old"
system = "hgx-h100"
site = "hall"
gpus = 2_000
[[target]]
name = "end"
gpus = { p10 = 5e3, p50 = 6e3, p90 = 9e3 }
on = 2025-12-31
[[purchase]]
name = "new"
system = "hgx-h200"
site = "hall"
target = "end"
share = 1.0
deliver = "2025Q1..2025Q3"
lead_time = { median = "16 week", factor = 1.4, high = "40 week" }
[[correlation]]
name = "prices"
inputs = ["system.*.price_per_accelerator"]
coefficient = 0.5
[[correlation]]
name = "pairs"
inputs = ["site.hall.pue", "purchase.new.lead_time", "target.end.gpus"]
matrix = [[1, 0.5, 0], [0.5, 1, -0.2], [0, -0.2, 1]]
[[claim]]
name = "money"
says = "at most a billion"
value = "finance.capex.cash"
over = { sum = 2025 }
at_most = "1 B$"
[override.system.hgx-h200]
power = "10.4 kW"
"#;

/// Resolves a text; every place in what is told lies inside its text.
fn read(text: &[u8], settings: &[String]) {
    let options = Options { settings, ..Options::default() };
    let resolved = load("scenario.toml", &options, &One(text.to_vec()));
    for diagnostic in &resolved.diagnostics {
        assert!(!diagnostic.message.is_empty());
        for label in &diagnostic.labels {
            let (span, text) = (label.span, &resolved.sources.get(label.span.source).text);
            let range = span.start as usize..span.end as usize;
            assert!(text.get(range).is_some(), "{span:?} is not a place in {text:?}: {}", diagnostic.message);
        }
    }
    assert!(resolved.plan.is_some() || !resolved.diagnostics.is_empty(), "no plan and not a word why");
}

#[test]
fn the_undamaged_scenario_resolves() {
    let resolved = load("scenario.toml", &Options::default(), &One(WHOLE.into()));
    assert!(resolved.plan.is_some() && resolved.diagnostics.is_empty(), "{:#?}", resolved.diagnostics);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_quantity_or_told_why_not(
        text in prop_oneof![any::<String>(), "[-+0-9._eE $%kMGTBUSDWh/²]{0,12}"],
        dimension in prop::sample::select(Dimension::ALL.to_vec()),
    ) {
        match parse_quantity(dimension, &text) {
            Ok(value) => {
                prop_assert!(value.is_finite());
                prop_assert!(value >= 0.0 || dimension.may_be_negative());
            }
            Err(error) => {
                prop_assert!(text.get(error.range.clone()).is_some(), "{:?} is not a place in {text:?}", error.range);
                prop_assert!(!error.message.is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_scenario_or_told_why_not(text in any::<String>()) {
        read(text.as_bytes(), &[]);
    }

    #[test]
    fn any_bytes_are_a_scenario_or_told_why_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes, &[]);
    }

    #[test]
    fn a_scenario_with_a_piece_replaced_is_read_or_told_why_not(
        from in 0..WHOLE.len(),
        length in 0..40_usize,
        piece in prop_oneof![any::<String>(), "[-0-9a-z\"'{}\\[\\]=,.# \n]{0,12}", Just(String::new())],
    ) {
        let to = (from + length).min(WHOLE.len());
        let damaged = format!("{}{piece}{}", &WHOLE[..from], &WHOLE[to..]);
        read(damaged.as_bytes(), &[]);
    }

    #[test]
    fn a_scenario_with_one_value_replaced_is_read_or_told_why_not(
        line in 0..WHOLE.lines().count(),
        value in prop::sample::select(vec![
            "0", "-1", "1e300", "9223372036854775807", "inf", "nan", "true", "''", "'x'", "[]", "{}", "[[]]",
            "[{}]", "2025-12-31", "0001-01-01", "9999-12-31", "2025", "'2025Q4'", "'1990..2100'", "'5 MW'",
            "{ value = 0 }", "{ low = 0, mode = 1, high = 2 }", "{ low = 0, high = 1 }", "{ mean = -1, sd = 1 }",
            "{ mean = 0, sd = 1e-300 }", "{ median = 1e-300, factor = 1000 }", "{ sd = 1, high = -1e9, mean = 0 }",
            "[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]", "[[1, inf], [nan, 1]]", "{ from = 2100-01-01, to = 2100-12-31 }",
        ]),
    ) {
        let lines = WHOLE.lines().enumerate().map(|(index, text)| match text.split_once(" = ") {
            Some((key, _)) if index == line => format!("{key} = {value}\n"),
            _ => format!("{text}\n"),
        });
        read(lines.collect::<String>().as_bytes(), &[]);
    }

    #[test]
    fn any_setting_is_laid_over_or_told_why_not(
        setting in prop_oneof![any::<String>(), "[a-z0-9.-]{0,20}=[-0-9a-z{}\\[\\]=\" $%.]{0,12}"],
    ) {
        read(WHOLE.as_bytes(), &[setting]);
    }
}
