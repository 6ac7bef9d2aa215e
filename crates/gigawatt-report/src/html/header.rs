//! Name, circumstances and headline of a run.

use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{Aggregate, ClaimTest, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::number::{grouped, shown, spread};
use super::view::View;
use super::words;
use crate::Value;

/// The head of the page; `sections` are anchors with their names.
pub fn header(view: &View<'_>, sections: &[(&str, &str)]) -> Markup {
    let summary = view.summary;
    html! {
        header {
            h1 { (summary.name) }
            @if let Some(description) = &summary.description { p.lead { (description) } }
            ul.identity {
                li { (words::JUDGED) " " strong { (summary.as_of) } }
                li { (words::PERIOD) " " (summary.period.from) " – " (summary.period.to) }
                li { (words::RUN) " " code { (summary.run) } }
                li { (words::DRAWS) " " (grouped(summary.samples)) }
                li { (words::SEED) " " (summary.seed) }
            }
            nav aria-label=(words::CONTENTS) {
                ul { @for (anchor, name) in sections { li { a href=(format!("#{anchor}")) { (name) } } } }
            }
            (headline(view))
        }
    }
}

/// A figure of the headline.
struct Tile {
    name: &'static str,
    when: String,
    value: String,
    spread: String,
}

impl Tile {
    fn new(name: &'static str, when: String, dimension: Dimension, value: &Value) -> Self {
        let spread = spread(dimension, value).unwrap_or_else(|| words::SAME_IN_EVERY_DRAW.to_owned());
        Self { name, when, value: shown(dimension, value.p50), spread }
    }
}

fn headline(view: &View<'_>) -> Markup {
    let (heading, tiles) = match view.main_year {
        Some(year) => (words::headline(year), tiles(view, year)),
        None => (words::NO_FULL_YEAR.to_owned(), final_levels(view)),
    };
    html! {
        h2.headline { (heading) }
        dl.tiles {
            @for tile in &tiles {
                div.tile {
                    dt { (tile.name) " " (tile.when) }
                    dd.value { (tile.value) }
                    dd.range { (tile.spread) }
                }
            }
        }
        p.soft { (words::INTRODUCTION) }
    }
}

/// The tiles of a year: up to eight, the company's first.
fn tiles(view: &View<'_>, year: i16) -> Vec<Tile> {
    let vocabulary = &view.plan.vocabulary;
    let (at, over) = (format!("{} {year}", words::AT_END_OF), format!("{} {year}", words::OVER));
    let tile = |name: &'static str, when: &str, path: &str| {
        let dimension = view.summary.results.get(path)?.dimension;
        Some(Tile::new(name, when.to_owned(), dimension, view.of_year(path, year)?))
    };
    let by_id = |name: &'static str, when: &str, id: ResultId| tile(name, when, view.path(id));
    let mut tiles = vec![
        by_id(words::GPUS_OWNED, &at, vocabulary.buildout.owned),
        by_id(words::POWER_ONLINE, &at, vocabulary.buildout.power_online),
        power_change(view, year, &over),
        by_id(words::FACILITY_POWER, &at, vocabulary.facility.online),
    ];
    if let Some(finance) = &vocabulary.finance {
        tiles.extend([
            by_id(words::CAPEX, &over, finance.capex),
            tile(words::HARDWARE_SHARE, &over, "finance.capex.ai_hardware_share"),
            by_id(words::FREE_CASH_FLOW, &over, finance.free_cash_flow),
        ]);
    } else {
        tiles.extend([
            by_id(words::GPUS_ONLINE, &at, vocabulary.buildout.online),
            by_id(words::H100_OWNED, &at, vocabulary.buildout.h100_owned),
        ]);
    }
    tiles.push(by_id(words::ENERGY, &over, vocabulary.facility.energy));
    tiles.into_iter().flatten().collect()
}

/// The change of IT power over a year: with its spread where a claim asks for it, else in the reference case.
fn power_change(view: &View<'_>, year: i16, when: &str) -> Option<Tile> {
    let id = view.plan.vocabulary.buildout.power_online;
    let period = Period::year(year);
    let asked = view.plan.claims.iter().zip(&view.summary.claims).find_map(|(claim, judged)| {
        let ClaimTest::Bounds(bounds) = &claim.test else { return None };
        let [bin] = bounds.query.bins[..] else { return None };
        let ends = (view.plan.axis.get(bin.lo as usize)?, view.plan.axis.get(bin.hi as usize)?);
        let same = bounds.query.result == id
            && bounds.query.aggregate == Aggregate::Change
            && ends == (&period.start, &period.end);
        if same { judged.value } else { None }
    });
    if let Some(value) = asked {
        return Some(Tile::new(words::POWER_CHANGE, when.to_owned(), Dimension::Power, &value));
    }
    let daily = view.daily(id);
    let index =
        |moment: gigawatt_plan::period::Moment| view.results.daily.moments.binary_search(&moment).ok();
    let change = daily.get(index(period.end)?)? - daily.get(index(period.start)?)?;
    Some(Tile {
        name: words::POWER_CHANGE,
        when: when.to_owned(),
        value: format_quantity(Dimension::Power, change),
        spread: words::REFERENCE_CASE.to_owned(),
    })
}

/// Levels at the end of a plan that holds no whole year.
fn final_levels(view: &View<'_>) -> Vec<Tile> {
    let vocabulary = &view.plan.vocabulary;
    let levels = [
        (words::GPUS_OWNED, vocabulary.buildout.owned),
        (words::POWER_ONLINE, vocabulary.buildout.power_online),
        (words::FACILITY_POWER, vocabulary.facility.online),
    ];
    levels
        .into_iter()
        .filter_map(|(name, id)| {
            Some(Tile {
                name,
                when: String::new(),
                value: format_quantity(view.dimension(id), *view.daily(id).last()?),
                spread: words::REFERENCE_CASE.to_owned(),
            })
        })
        .collect()
}
