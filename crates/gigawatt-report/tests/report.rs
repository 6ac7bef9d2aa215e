//! The report of small plans: complete, self-contained and the same every time.
#![allow(missing_docs)]

mod common;

use gigawatt_engine::fleet::{Detail, Given, histories};
use gigawatt_engine::training::Prices;
use gigawatt_engine::{Results, run};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Silent;
use gigawatt_plan::{Options, load};
use gigawatt_report::html::Report;
use gigawatt_report::operation::OperationSummary;
use gigawatt_report::{Summary, Words, html};

use common::Text;

fn ran(scenario: &str) -> (Plan, Results, Summary) {
    let options = Options { samples: Some(200), ..Options::default() };
    let resolved = load("small.toml", &options, &Text(scenario.to_owned()));
    let plan = resolved.plan.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    let results = run(&plan, &Silent).expect("nobody cancels");
    let summary = Summary::new(&plan, &results);
    (plan, results, summary)
}

fn report(scenario: &str) -> String {
    let (plan, results, summary) = ran(scenario);
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
    for absent in ["id=\"money\"", "id=\"statements\"", "id=\"costs\"", "id=\"outcomes\"", "over Manhattan"] {
        assert!(!page.contains(absent), "{absent}");
    }
}

fn reference_scenario() -> String {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/meta-2025.toml");
    std::fs::read_to_string(place).expect("the scenario is part of the repository")
}

/// The reference scenario: a company, claims, ground and outcomes.
fn reference() -> String {
    report(&reference_scenario())
}

#[test]
fn the_reference_scenario_has_every_section_and_every_link_leads_somewhere() {
    let page = reference();
    let sections = [
        "claims",
        "fleet",
        "sites",
        "money",
        "statements",
        "costs",
        "outcomes",
        "sensitivity",
        "exceedance",
        "convergence",
        "results",
        "inputs",
        "sources",
    ];
    for section in sections {
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

#[test]
fn every_tag_that_is_opened_is_closed() {
    for page in pages() {
        well_formed(&page);
    }
}

/// Elements of a page nest; those that hold nothing are not closed.
fn well_formed(page: &str) {
    const VOID: [&str; 4] = ["meta", "br", "wbr", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    for piece in page.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        let name = tag.split_whitespace().next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{piece}"),
            None if VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Words of another language: every letter outside places to fill is another one.
fn pseudo() -> Words {
    let other = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' => {
            char::from_u32(0x3b1 + (letter.to_ascii_lowercase() as u32 - 'a' as u32) % 24).unwrap_or('λ')
        }
        same => same,
    };
    Words::ENGLISH.translated(|name, text| {
        if name == "language" {
            return "el";
        }
        let mut inside = false;
        let text: String = text
            .chars()
            .map(|letter| {
                inside = (inside || letter == '{') && letter != '}';
                if inside { letter } else { other(letter) }
            })
            .collect();
        Box::leak(text.into_boxed_str())
    })
}

/// Texts of a page, without its style.
fn texts(page: &str) -> Vec<String> {
    let body = page.split_once("<body>").map_or("", |parts| parts.1);
    let mut texts: Vec<String> =
        body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.to_owned()).collect();
    for attribute in ["aria-label=\"", "title=\""] {
        texts.extend(
            body.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
        );
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

#[test]
fn in_another_language_no_english_is_left_but_the_data() {
    let month = "[fleet]\nperiod = { from = 2025-03-01, to = 2025-03-31 }";
    let (plan, results, mut summary) = ran(&reference_scenario().replace("[fleet]", month));
    let words = pseudo();
    let found = histories(&plan, &Prices::new(&plan), 1, Detail { jobs: 200 }, &Given::default(), &Silent);
    let fleet = found.expect("a fleet");
    summary.fleet = OperationSummary::new(&plan, &fleet);
    let english = Report { fleet: Some(&fleet), ..Report::new(&plan, &results, &summary) };
    let page = Report { words: &words, ..english }.page();
    // What plan, catalogue and sources say is data, and so are units and signs.
    let data = format!("{} {}", serde_json::to_string(&plan).expect("data"), summary.to_json());
    let data = format!(
        "{data} gw check gigawatt gigawatts summary.json charts tornado states completion vl json p10 p50 p90 years weeks days points USD GW MW kW TWh GWh MWh km kFLOP MFLOP FLOP EFLOP PFLOP TFLOP Mtoken ktoken Manhattan"
    );
    let known: std::collections::BTreeSet<&str> =
        data.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let mut left = std::collections::BTreeSet::new();
    for text in texts(&page) {
        let text =
            text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        // A name that was cut ends in half a word.
        let whole = text
            .rsplit_once('…')
            .map_or(text.as_str(), |(cut, _)| cut.rsplit_once(' ').map_or("", |parts| parts.0));
        for word in whole.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            if word.len() > 2
                && word.chars().all(|letter| letter.is_ascii_alphabetic())
                && !known.contains(word)
            {
                left.insert(word.to_owned());
            }
        }
    }
    assert!(left.is_empty(), "not among the words: {left:?}");
    assert!(page.contains("<html lang=\"el\">"));
    // No text stands there as a whole either, even where each of its words is one of the data.
    let english = english.page();
    let mut used = 0;
    let _ = Words::ENGLISH.translated(|name, text| {
        if text.len() > 12 && !text.contains('{') && !data.contains(text) {
            used += usize::from(english.contains(text));
            assert!(!page.contains(text), "{name}: {text}");
        }
        text
    });
    assert!(used > 60, "{used} of the texts are on the page");
}

#[test]
fn tables_hold_a_row_for_every_value() {
    let (plan, results, summary) = ran(&reference_scenario());
    let tables = gigawatt_report::tables(&plan, &results, &summary, &[]).expect("tables");
    let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["values", "days", "claims", "outcomes", "inputs", "sensitivity", "exceedance", "convergence"]
    {
        assert!(names.contains(&format!("results/{name}.parquet").as_str()), "{name}: {names:?}");
    }
    let rows = |name: &str| {
        let bytes = tables.iter().find(|(file, _)| file.contains(name)).expect("table").1.clone();
        let reader = gigawatt_report::columns::TableReader::new(gigawatt_report::columns::in_memory(bytes));
        usize::try_from(reader.expect("a table").rows()).expect("rows")
    };
    assert_eq!(rows("values"), summary.results.values().map(|result| result.values.len()).sum::<usize>());
    assert_eq!(rows("claims"), summary.claims.len());
    assert_eq!(rows("inputs"), summary.inputs.len());
    assert_eq!(rows("days") % (results.daily.moments.len() - 1), 0);
}
