//! The report of small plans: complete, self-contained and the same every time.
#![allow(missing_docs)]

use std::io::Read;

use gigawatt_engine::run;
use gigawatt_plan::world::{Silent, World, WorldError};
use gigawatt_plan::{Options, load};
use gigawatt_report::{Summary, html};

/// A world of one text.
struct Text(String);

impl World for Text {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(std::io::Cursor::new(self.0.clone()))))
    }
}

fn report(scenario: &str) -> String {
    let options = Options { samples: Some(200), ..Options::default() };
    let resolved = load("small.toml", &options, &Text(scenario.to_owned()));
    let plan = resolved.plan.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    let results = run(&plan, &Silent).expect("nobody cancels");
    let summary = Summary::new(&plan, &results);
    html::report(&plan, &results, &summary)
}

/// No company, no ground, no source; a claim and a delivery.
const SMALL: &str = r#"
name   = "small <plan> & more"
as_of  = 2025-01-24
period = { from = 2025-01-01, to = 2025-12-31 }

[[site]]
name   = "hall"
online = [ { on = 2025-01-01, power = { low = "10 MW", mode = "20 MW", high = "30 MW" } } ]

[[purchase]]
name    = "first"
system  = "hgx-h100"
site    = "hall"
gpus    = 4_000
deliver = { from = 2025-02-01, to = 2025-06-30 }

[[claim]]
name     = "gpus"
says     = "more than 5,000 GPUs"
value    = "buildout.gpus.owned"
at       = 2025-12-31
at_least = 5_000
"#;

/// Nothing is bought and nothing is claimed.
const EMPTY: &str = r#"
name   = "empty"
as_of  = 2025-01-24
period = { from = 2025-01-01, to = 2025-12-31 }

[[site]]
name   = "hall"
online = [ { on = 2025-01-01, power = "10 MW" } ]
"#;

/// Less than a year.
const SHORT: &str = r#"
name   = "short"
as_of  = 2025-01-24
period = { from = 2025-02-10, to = 2025-08-20 }

[[site]]
name   = "hall"
land   = "40 km2"
online = [ { on = 2025-01-01, power = "10 MW" } ]

[[site]]
name   = "second"
land   = "30 km2"
online = [ { on = 2025-01-01, power = "10 MW" } ]

[[opening]]
name   = "old"
system = "dgx-a100"
site   = "hall"
gpus   = 800
"#;

/// Reports of all of them and of the reference scenario.
fn pages() -> impl Iterator<Item = String> {
    [SMALL, EMPTY, SHORT].into_iter().map(report).chain(std::iter::once_with(reference))
}

#[test]
fn a_plan_without_company_has_a_report_without_money() {
    let page = report(SMALL);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    assert!(page.contains("small &lt;plan&gt; &amp; more"));
    assert!(page.contains("id=\"claims\"") && page.contains("more than 5,000 GPUs"));
    for absent in ["id=\"money\"", "id=\"costs\"", "id=\"outcomes\"", "id=\"sites\""] {
        assert!(!page.contains(absent), "{absent}");
    }
}

/// The reference scenario: a company, claims, ground and outcomes.
fn reference() -> String {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/meta-2025.toml");
    report(&std::fs::read_to_string(place).expect("the scenario is part of the repository"))
}

#[test]
fn the_reference_scenario_has_every_section_and_every_link_leads_somewhere() {
    let page = reference();
    for section in ["claims", "fleet", "money", "costs", "sites", "outcomes", "results", "inputs", "sources"]
    {
        assert!(page.contains(&format!("<section id=\"{section}\">")), "{section}");
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 20);
    for link in links {
        let anchor = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{link} leads nowhere");
    }
}

#[test]
fn a_plan_without_claims_has_no_section_for_them() {
    assert!(!report(EMPTY).contains("id=\"claims\""));
}

#[test]
fn ground_is_drawn_where_a_site_names_it() {
    let page = report(SHORT);
    assert!(page.contains("id=\"sites\"") && page.contains("67.7 %"), "40 of 59.1 km²");
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for page in pages() {
        for forbidden in
            ["<script", "http://", "https://", "src=", "url(", "@import", "<link", "javascript:", " on"]
        {
            let found = match forbidden {
                // An event handler, and not a word of the text that starts with these letters.
                " on" => page.split(" on").skip(1).any(|rest| {
                    rest.trim_start_matches(|letter: char| letter.is_ascii_lowercase()).starts_with("=\"")
                }),
                other => page.contains(other),
            };
            assert!(!found, "{forbidden}");
        }
    }
}

#[test]
fn every_chart_has_a_name_and_a_description() {
    for page in pages() {
        let charts: Vec<&str> = page.split("<svg ").skip(1).collect();
        assert!(!charts.is_empty());
        for chart in charts {
            let inside = chart.split_once('>').map_or("", |parts| parts.1);
            assert!(
                inside.starts_with("<title>") && !inside.starts_with("<title></title>"),
                "{}",
                &inside[..60]
            );
            assert!(inside.contains("</title><desc>") && !inside.contains("<desc></desc>"));
        }
    }
}

#[test]
fn numbers_of_drawings_are_finite() {
    for page in pages() {
        assert!(!page.contains("NaN") && !page.contains("\"inf") && !page.contains("-inf"));
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    assert_eq!(report(SMALL), report(SMALL));
}
