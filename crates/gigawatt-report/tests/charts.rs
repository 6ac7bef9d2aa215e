//! Charts as data: what is drawn and what the specifications hold are the same numbers.
#![allow(missing_docs)]

mod common;

use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::quantity::Dimension;
use gigawatt_report::Words;
use gigawatt_report::chart::{
    Across, Axis, Block, Body, Cell, Cells, Chart, Datum, Finest, Group, Lane, Lanes, Layer, Layout, Panel,
    Plane, Row, RowMark, Rows, Shape, Style,
};
use serde_json::Value;

const BARS: [f64; 4] = [10.0e9, 25.0e9, 40.0e9, 31.0e9];
const LINE: [f64; 4] = [12.0e9, 18.0e9, 33.0e9, 45.0e9];

fn quarters() -> [(f64, f64); 4] {
    [1, 2, 3, 4].map(|number| {
        let quarter = Quarter::new(2025, number);
        (quarter.start().days(), quarter.end().days())
    })
}

fn layer(name: &str, style: Style, shape: Shape, values: [f64; 4]) -> Layer {
    let data =
        quarters().into_iter().zip(values).map(|(stretch, value)| Datum::over(stretch, value)).collect();
    Layer { name: name.to_owned(), style, shape, slot: (0, 1), data }
}

fn plane() -> Chart {
    Chart {
        name: "plane".to_owned(),
        title: "Money by quarter".to_owned(),
        description: "what it shows".to_owned(),
        body: Body::Plane(Plane {
            across: Across::Time { period: Period::year(2025), finest: Finest::Quarters },
            panels: vec![Panel {
                upright: Axis { name: "cash".to_owned(), dimension: Dimension::Money },
                height: (300.0, 240.0),
                layers: vec![
                    layer("spent", Style::Fill("f1"), Shape::StackedBar, BARS),
                    layer("earned", Style::Line("t3"), Shape::DottedLine, LINE),
                ],
            }],
            stops: quarters().map(|(from, to)| (from, to, "a quarter".to_owned())).to_vec(),
            divider: None,
        }),
    }
}

fn rows() -> Chart {
    let row = |name: &str, low: f64, high: f64| Row {
        name: name.to_owned(),
        text: "in words".to_owned(),
        marks: vec![RowMark::value(0, 1.0e9, low), RowMark::value(1, 1.0e9, high)],
    };
    Chart {
        name: "rows".to_owned(),
        title: "What moves it".to_owned(),
        description: "what it shows".to_owned(),
        body: Body::Rows(Rows {
            axis: Axis { name: "power".to_owned(), dimension: Dimension::Power },
            base: 1.0e9,
            layers: vec![("low".to_owned(), Style::Fill("f5")), ("high".to_owned(), Style::Fill("f1"))],
            groups: vec![Group {
                name: String::new(),
                rows: vec![row("first", 0.5e9, 1.75e9), row("second", 1.25e9, 0.8e9)],
            }],
        }),
    }
}

/// Two stages; between 4 and 94 nothing is drawn.
fn lanes() -> Chart {
    let block = |layer, from, to| Block { layer, from, to };
    let lane = |name: &str, blocks: [Block; 3]| Lane {
        name: name.to_owned(),
        text: "70 GB".to_owned(),
        blocks: blocks.to_vec(),
    };
    Chart {
        name: "lanes".to_owned(),
        title: "What works when".to_owned(),
        description: "what it shows".to_owned(),
        body: Body::Lanes(Lanes {
            axis: Axis { name: "time".to_owned(), dimension: Dimension::Duration },
            layers: vec![
                ("forward".to_owned(), Style::Fill("f5")),
                ("backward".to_owned(), Style::Fill("f1")),
                ("never".to_owned(), Style::Fill("f2")),
            ],
            lanes: vec![
                lane("first", [block(0, 0.0, 2.0), block(1, 2.5, 4.5), block(1, 95.0, 99.0)]),
                lane("second", [block(0, 1.0, 3.0), block(0, 94.0, 96.0), block(1, 96.0, 100.0)]),
            ],
            behind: "most".to_owned(),
            left_out: Some((4.0, 94.0, "90 s alike".to_owned())),
        }),
    }
}

/// Two columns and two rows.
fn cells() -> Chart {
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    let values = [1.0, 2.0, 3.0, 5.0];
    let cell = |(at, value): (usize, f64)| Cell {
        row: at / 2,
        column: at % 2,
        value,
        says: format!("cell {at}: {value}"),
    };
    Chart {
        name: "cells".to_owned(),
        title: "How it goes over the day".to_owned(),
        description: "what it shows".to_owned(),
        body: Body::Cells(Cells {
            measure: Axis { name: "power".to_owned(), dimension: Dimension::Count },
            columns: ("month".to_owned(), names(["January", "February"])),
            rows: ("hour".to_owned(), names(["0", "12"])),
            cells: values.into_iter().enumerate().map(cell).collect(),
        }),
    }
}

/// A line over frequencies of which equal ratios lie equally far apart.
fn logarithm() -> Chart {
    let data = [(0.1, 4.0), (1.0, 2.0), (10.0, 1.0)].map(|(place, value)| Datum::at(place, value));
    let axis = |name: &str| Axis { name: name.to_owned(), dimension: Dimension::Count };
    Chart {
        name: "logarithm".to_owned(),
        title: "A spectrum".to_owned(),
        description: "what it shows".to_owned(),
        body: Body::Plane(Plane {
            across: Across::Logarithm(axis("frequency")),
            panels: vec![Panel {
                upright: axis("amplitude"),
                height: (200.0, 160.0),
                layers: vec![Layer {
                    name: "line".to_owned(),
                    style: Style::Line("t1"),
                    shape: Shape::DottedLine,
                    slot: (0, 1),
                    data: data.to_vec(),
                }],
            }],
            stops: Vec::new(),
            divider: None,
        }),
    }
}

/// An attribute of every element of a drawing that starts with `open`, as numbers.
fn attributes(svg: &str, open: &str, name: &str) -> Vec<f64> {
    let value = |element: &str| {
        let rest = element.split(&format!(" {name}=\"")).nth(1)?;
        rest.split('"').next()?.parse().ok()
    };
    svg.split(open).skip(1).filter_map(value).collect()
}

/// The map from places to values that the labelled ticks of an axis define.
fn axis(svg: &str, class: &str, place: &str, shift: f64) -> impl Fn(f64) -> f64 {
    let open = format!("<text class=\"{class}\"");
    let places = attributes(svg, &open, place);
    let labels: Vec<f64> = svg
        .split(&open)
        .skip(1)
        .filter_map(|rest| rest.split('>').nth(1)?.split('<').next()?.parse().ok())
        .collect();
    let ((first, last), (from, to)) =
        ((places[0] + shift, places[labels.len() - 1] + shift), (labels[0], labels[labels.len() - 1]));
    move |at| from + (at - first) / (last - first) * (to - from)
}

fn unit(specification: &Value, layer: usize) -> Vec<&Value> {
    specification["layer"][layer]["data"]["values"].as_array().expect("data").iter().collect()
}

fn number(value: &Value, field: &str) -> f64 {
    value[field].as_f64().unwrap_or(f64::NAN)
}

#[test]
fn bars_and_lines_of_the_drawing_are_those_of_the_specification() {
    let chart = plane();
    let svg = chart.svg(&Words::ENGLISH, Layout::Wide).into_string();
    let specification = chart.vega_lite(&Words::ENGLISH);
    // Labels of the upright axis stand four below their ticks.
    let value = axis(&svg, "tick end", "y", -4.0);
    let heights = attributes(&svg, "<rect class=\"part f1\"", "height");
    let tops = attributes(&svg, "<rect class=\"part f1\"", "y");
    let dots = attributes(&svg, "<circle", "cy");
    let (bars, line) = (unit(&specification, 0), unit(&specification, 1));
    assert_eq!((heights.len(), dots.len(), bars.len(), line.len()), (4, 4, 4, 4));
    for at in 0..4 {
        let drawn = value(tops[at]) - value(tops[at] + heights[at]);
        assert!((drawn - number(bars[at], "value")).abs() < 0.05, "{drawn} and {}", bars[at]);
        assert!(
            (value(dots[at]) - number(line[at], "value")).abs() < 0.05,
            "{} and {}",
            value(dots[at]),
            line[at]
        );
        assert_eq!(number(bars[at], "value"), BARS[at] / 1e9);
        assert_eq!(number(line[at], "value"), LINE[at] / 1e9);
    }
}

#[test]
fn rows_of_the_drawing_are_those_of_the_specification() {
    let chart = rows();
    let svg = chart.svg(&Words::ENGLISH, Layout::Wide).into_string();
    let specification = chart.vega_lite(&Words::ENGLISH);
    let value = axis(&svg, "tick middle", "x", 0.0);
    for (layer, class) in ["f5", "f1"].into_iter().enumerate() {
        let open = format!("<rect class=\"{class}\"");
        let (lefts, widths) = (attributes(&svg, &open, "x"), attributes(&svg, &open, "width"));
        let written = unit(&specification, layer);
        assert_eq!((lefts.len(), written.len()), (2, 2));
        for at in 0..2 {
            assert!((value(lefts[at]) - number(written[at], "low")).abs() < 0.005, "{svg}");
            assert!((value(lefts[at] + widths[at]) - number(written[at], "high")).abs() < 0.005);
        }
    }
}

#[test]
fn blocks_of_the_drawing_are_those_of_the_specification() {
    let chart = lanes();
    let written = unit(&chart.vega_lite(&Words::ENGLISH), 0)
        .into_iter()
        .map(|block| (number(block, "from"), number(block, "to")))
        .collect::<Vec<_>>();
    assert_eq!(written.len(), 6);
    for layout in Layout::ALL {
        let svg = chart.svg(&Words::ENGLISH, layout).into_string();
        apart("lanes", &svg);
        let grounds: Vec<(f64, f64)> = attributes(&svg, "<rect class=\"lane\"", "x")
            .into_iter()
            .zip(attributes(&svg, "<rect class=\"lane\"", "width"))
            .collect();
        // Two stretches of each lane: 4 s before and 6 s after what is left out, on one scale.
        let [(left, first), (second, rest), ..] = grounds[..] else { panic!("{grounds:?}") };
        assert!((first / rest - 4.0 / 6.0).abs() < 0.01, "{grounds:?}");
        let scale = first / 4.0;
        let time = |x: f64| if x < second - 0.05 { (x - left) / scale } else { 94.0 + (x - second) / scale };
        let mut drawn: Vec<f64> = svg
            .split(" d=\"")
            .skip(1)
            .flat_map(|path| path.split('"').next().unwrap_or("").split('M').skip(1))
            .map(|block| time(block.split(' ').next().and_then(|x| x.parse().ok()).expect("a place")))
            .collect();
        let mut starts: Vec<f64> = written.iter().map(|block| block.0).collect();
        drawn.sort_by(f64::total_cmp);
        starts.sort_by(f64::total_cmp);
        assert_eq!(drawn.len(), starts.len());
        for (drawn, start) in drawn.iter().zip(&starts) {
            assert!((drawn - start).abs() < 0.02, "{drawn} is not {start}");
        }
    }
    let names: Vec<String> = chart.legend().remove(0).1.into_iter().map(|entry| entry.1).collect();
    assert_eq!(names, ["forward", "backward"], "the legend has what is drawn");
}

#[test]
fn cells_are_as_dark_as_their_values() {
    let chart = cells();
    for layout in Layout::ALL {
        let svg = chart.svg(&Words::ENGLISH, layout).into_string();
        apart("cells", &svg);
        let dark = attributes(&svg, "<rect class=\"f1\"", "fill-opacity");
        // Values 1, 2, 3 and 5: nothing, a quarter, a half and all of what the scale has.
        let part = |at: usize| (dark[at] - dark[0]) / (dark[3] - dark[0]);
        for (at, expected) in [0.0, 0.25, 0.5, 1.0].into_iter().enumerate() {
            assert!((part(at) - expected).abs() < 0.01, "{dark:?}");
        }
        assert!(svg.contains("<title>cell 3: 5</title>"), "{svg}");
    }
    let specification = chart.vega_lite(&Words::ENGLISH);
    let values: Vec<f64> = unit(&specification, 0).into_iter().map(|value| number(value, "value")).collect();
    assert_eq!(values, [1.0, 2.0, 3.0, 5.0]);
}

#[test]
fn equal_ratios_lie_equally_far_apart() {
    let chart = logarithm();
    for layout in Layout::ALL {
        let svg = chart.svg(&Words::ENGLISH, layout).into_string();
        apart("logarithm", &svg);
        let places = attributes(&svg, "<circle", "cx");
        assert!((places[2] - places[1] - (places[1] - places[0])).abs() < 0.11, "{places:?}");
    }
    assert_eq!(chart.vega_lite(&Words::ENGLISH)["layer"][0]["encoding"]["x"]["scale"]["type"], "log");
}

#[test]
fn what_is_told_where_the_pointer_rests_is_every_value_of_the_quarter() {
    let svg = plane().svg(&Words::ENGLISH, Layout::Wide).into_string();
    assert!(svg.contains("a quarter\nspent: USD 40.0 B\nearned: USD 33.0 B"), "{svg}");
}

/// A specification is what the language asks for: known marks, and channels that read fields which are there.
fn structured(specification: &Value) {
    assert_eq!(specification["$schema"], "https://vega.github.io/schema/vega-lite/v5.json");
    assert!(specification["title"].as_str().is_some_and(|title| !title.is_empty()));
    assert!(specification["description"].as_str().is_some_and(|text| !text.is_empty()));
    let views = match specification["vconcat"].as_array() {
        Some(views) => views.clone(),
        None => vec![specification.clone()],
    };
    for view in &views {
        let layers = view["layer"].as_array().expect("layers");
        assert!(!layers.is_empty());
        for layer in layers {
            let mark = layer["mark"]["type"].as_str().expect("a mark");
            assert!(["area", "bar", "line", "point", "rect", "rule", "tick"].contains(&mark), "{mark}");
            let values = layer["data"]["values"].as_array().expect("data");
            assert!(!values.is_empty());
            let encoding = layer["encoding"].as_object().expect("an encoding");
            assert!(encoding.contains_key("x"));
            for (channel, definition) in encoding.iter().filter(|(channel, _)| *channel != "tooltip") {
                let field = definition["field"].as_str().expect("a field");
                for value in values {
                    assert!(value.get(field).is_some(), "{channel} reads {field}, not in {value}");
                    if definition["type"] == "quantitative" {
                        assert!(value[field].is_number(), "{field} of {value}");
                    }
                }
                if definition["type"] == "quantitative" {
                    let title = definition["title"].as_str().expect("a title");
                    assert!(!title.is_empty(), "an axis of {value} has a name", value = layer["data"]);
                }
            }
        }
    }
}

/// Labels of a drawing do not lie on one another, in a font of ordinary width.
fn apart(name: &str, svg: &str) {
    const LETTER: f64 = 12.0;
    // The measure of widths is for wide fonts.
    const ORDINARY: f64 = 0.8;
    let boxes: Vec<(f64, f64, f64, &str)> = svg
        .split("<text ")
        .skip(1)
        .filter_map(|rest| {
            let (tag, behind) = rest.split_once('>')?;
            let text = behind.split('<').next()?;
            let number =
                |name: &str| tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.parse::<f64>().ok();
            let width = ORDINARY * gigawatt_report::chart::text_width(text, LETTER);
            let x = number("x")?;
            let left = match () {
                () if tag.contains("middle") => x - width / 2.0,
                () if tag.contains("end") => x - width,
                () => x,
            };
            Some((left, left + width, number("y")?, text))
        })
        .collect();
    assert!(!boxes.is_empty(), "{name} has labels");
    for (index, one) in boxes.iter().enumerate() {
        for other in &boxes[index + 1..] {
            let across = one.1.min(other.1) - one.0.max(other.0);
            let close = (one.2 - other.2).abs() < LETTER * 0.7;
            assert!(!close || across < 1.0, "{name}: {:?} lies on {:?}", one.3, other.3);
        }
    }
}

#[test]
fn specifications_are_structured() {
    for chart in [plane(), rows(), lanes(), cells(), logarithm()] {
        let specification = chart.vega_lite(&Words::ENGLISH);
        structured(&specification);
    }
    let title = plane().vega_lite(&Words::ENGLISH)["layer"][0]["encoding"]["y"]["title"].clone();
    assert_eq!(title, "cash (USD B)");
}

mod of_the_reference_scenario {
    use super::*;

    use super::common::Text;
    use gigawatt_plan::world::Silent;
    use gigawatt_plan::{Options, load};
    use gigawatt_report::html::Report;

    #[test]
    fn every_chart_is_in_the_page_and_structured() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/meta-2025.toml");
        let text = std::fs::read_to_string(place).expect("the scenario is part of the repository");
        let options = Options { samples: Some(200), ..Options::default() };
        let plan = load("meta.toml", &options, &Text(text)).plan.expect("a plan");
        let results = gigawatt_engine::run(&plan, &Silent).expect("nobody cancels");
        let summary = gigawatt_report::Summary::new(&plan, &results);
        let report = Report::new(&plan, &results, &summary);
        let (page, charts) = (report.page(), report.charts());
        assert!(charts.len() > 20);
        for chart in &charts {
            structured(&chart.vega_lite(&Words::ENGLISH));
            let claim = chart.name.starts_with("claim-");
            assert!(claim || page.contains(&format!("id=\"chart-{}\"", chart.name)), "{}", chart.name);
        }
        for chart in &charts {
            for layout in Layout::ALL {
                apart(&chart.name, &chart.svg(&Words::ENGLISH, layout).into_string());
            }
        }
        let mut names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), charts.len(), "names of charts are names of files");
    }
}

mod of_sites {
    use super::*;

    use gigawatt_engine::Draw;
    use gigawatt_engine::power::PowerCoefficients;
    use gigawatt_engine::power::grid::{Beside, Years, years};
    use gigawatt_engine::training::Prices;
    use gigawatt_plan::catalog::Catalogue;
    use gigawatt_plan::plan::Plan;
    use gigawatt_plan::text::{Diagnostics, SourceMap};
    use gigawatt_plan::world::{Silent, World, WorldError};
    use gigawatt_plan::{Options, load};
    use gigawatt_report::html::Report;
    use gigawatt_report::power::PowerSummary;

    /// A hall with a plant and weather, whose grid gives less than it wants in a summer's afternoon, and one without.
    const SITES: &str = r#"
name   = "Two halls"
as_of  = 2026-06-30
period = { from = 2026-01-01, to = 2026-12-31 }
[uncertainty]
samples = 20
[[site]]
name    = "cooled"
title   = "The cooled hall"
online  = [{ on = 2025-12-31, power = "20 MW" }]
weather = "normals.csv"
[site.cooling]
plant        = "tower-chiller"
liquid_share = 0.85
[[site]]
name   = "plain"
title  = "The plain hall"
online = [{ on = 2025-12-31, power = "10 MW" }]
[[opening]]
name   = "racks"
system = "gb200-nvl72"
site   = "cooled"
gpus   = 7200
[[opening]]
name   = "servers"
system = "hgx-h100"
site   = "plain"
gpus   = 4800
[[power]]
site   = "cooled"
events = [{ name = "heat", kind = "curtailment", on = 2026-07-01, hour = 16, lasts = "4 h", power = "8 MW" }]
[[power]]
site       = "plain"
contracts  = [{ name = "sun", kind = "purchase", power = "2 MW", price = "35 $/MWh", generation = "sun" }]
deferrable = [{ share = 0.2, wait = "6 h", by = "carbon" }]
"#;

    const NORMALS: &str = "month,high,low,dew_point\n1,13,2,2\n2,16,4,4\n3,20,8,8\n4,25,12,12\n5,29,17,17\n6,33,21,21\n7,34,23,22\n8,34,22,21\n9,31,19,18\n10,26,12,12\n11,19,7,7\n12,14,3,4\n";

    struct Files;

    impl World for Files {
        fn open(&self, name: &str, _: Option<&str>) -> Result<(String, Box<dyn std::io::Read>), WorldError> {
            let text = if name == "normals.csv" { NORMALS } else { SITES };
            Ok((name.to_owned(), Box::new(std::io::Cursor::new(text))))
        }
    }

    fn studied() -> (Plan, Years) {
        let plan = load("halls.toml", &Options::default(), &Files).plan.expect("a plan");
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
        let with = PowerCoefficients::embedded().expect("coefficients");
        let beside = Beside::of(&catalogue, &plan, with).expect("facts");
        let reference = Draw::reference(&plan);
        let prices = Prices::new(&plan);
        let found = years(&plan, Draw::new(&reference), &prices, None, &beside, &[0, 1])
            .expect("chains that make sense");
        (plan, found)
    }

    #[test]
    fn parts_by_kind_and_months_add_up_to_the_whole() {
        let (plan, years) = studied();
        let summary = PowerSummary::new(&plan, &years);
        for (name, site) in &summary.sites {
            let energy = &site.energy;
            let came = energy.grid + energy.generation;
            let kinds: f64 = site.racks.values().sum();
            let close = |one: f64, other: f64, what: &str| {
                assert!((one - other).abs() <= 1e-9 * other.abs(), "{what} of {name}: {one} is not {other}");
            };
            close(kinds, energy.racks, "kinds");
            close(kinds + energy.overhead + energy.losses, came, "parts");
            let sum = |of: fn(&gigawatt_report::power::MonthSummary) -> f64| {
                site.months.iter().map(of).sum::<f64>()
            };
            close(sum(|month| month.grid), energy.grid, "months");
            close(sum(|month| month.racks), energy.racks, "racks by month");
            close(sum(|month| month.cost), site.bill.spot, "money by month");
            close(site.bill.spot + site.bill.markup + site.bill.settled, site.cost, "the bill");
            close(sum(|month| month.carbon), site.emissions.location, "carbon by month");
            close(sum(|month| month.market), site.emissions.market, "market-based carbon by month");
            close(sum(|month| month.market_hourly), site.emissions.market_hourly, "the same by the hour");
            assert_eq!(site.months.len(), 12);
            match &site.cooling {
                Some(cooling) => {
                    assert_eq!(name, "cooled");
                    close(sum(|month| month.water.unwrap_or(0.0)), cooling.withdrawn, "water by month");
                    let least = cooling.pue_least.expect("a load");
                    assert!(cooling.pue.is_some_and(|pue| pue > least), "{cooling:?}");
                }
                None => assert!(name == "plain" && site.months.iter().all(|month| month.water.is_none())),
            }
        }
        assert!(summary.sites["cooled"].capping.minutes > 0, "the curtailment binds");
        let text = serde_json::to_string(&summary).expect("JSON");
        assert_eq!(serde_json::from_str::<PowerSummary>(&text).expect("a summary"), summary);
    }

    #[test]
    fn every_chart_of_sites_is_in_the_page_structured_and_apart() {
        let (plan, years) = studied();
        let results = gigawatt_engine::run(&plan, &Silent).expect("nobody cancels");
        let mut summary = gigawatt_report::Summary::new(&plan, &results);
        summary.power = Some(PowerSummary::new(&plan, &years));
        let report = Report { power: Some(&years), ..Report::new(&plan, &results, &summary) };
        let (page, charts) = (report.page(), report.charts());
        for anchor in ["power", "cooling", "water", "carbon"] {
            assert!(page.contains(&format!("<section id=\"{anchor}\">")), "{anchor}");
        }
        assert!(page.contains("The plain hall: a constant part"), "what to write is said");
        let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
        for name in
            ["power-year", "power-duration", "power-day", "power-step", "power-spectrum", "power-loss"]
        {
            for site in ["cooled", "plain"] {
                assert!(names.contains(&format!("{name}-{site}").as_str()), "{name} of {site}");
            }
        }
        assert!(names.contains(&"site-shifting-plain") && !names.contains(&"site-shifting-cooled"));
        for site in ["cooled", "plain"] {
            assert!(
                names.contains(&format!("site-carbon-beside-{site}").as_str()),
                "what was made at {site}"
            );
        }
        for name in ["cooling-pue-hours", "cooling-pue-months", "cooling-hottest-day", "site-water"] {
            assert!(names.contains(&format!("{name}-cooled").as_str()), "{name}");
            assert!(!names.contains(&format!("{name}-plain").as_str()), "{name}");
        }
        for chart in &charts {
            structured(&chart.vega_lite(&Words::ENGLISH));
            assert!(page.contains(&format!("id=\"chart-{}\"", chart.name)), "{}", chart.name);
            for layout in Layout::ALL {
                let svg = chart.svg(&Words::ENGLISH, layout).into_string();
                apart(&chart.name, &svg);
                assert!(svg.matches("<title>").count() > 1, "{} tells its numbers", chart.name);
            }
        }
    }
}
