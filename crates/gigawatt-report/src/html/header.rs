//! Name, circumstances and headline of a run.

use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{Aggregate, ClaimTest, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::view::View;
use crate::number::{grouped, shown, spread};
use crate::{Value, Words};

/// The head of the page; `sections` are anchors with their names.
pub fn header(view: &View<'_>, sections: &[(&str, &str)]) -> Markup {
    let (summary, words) = (view.summary, view.words);
    html! {
        header {
            h1 { (summary.name) }
            @if let Some(description) = &summary.description { p.lead { (description) } }
            ul.identity {
                li { (words.judged) " " strong { (summary.as_of) } }
                li { (words.period) " " (summary.period.from) " – " (summary.period.to) }
                li { (words.run) " " code { (summary.run) } }
                li { (words.draws) " " (grouped(summary.samples)) }
                li { (words.seed) " " (summary.seed) }
            }
            nav aria-label=(words.contents) {
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
    fn new(words: &Words, name: &'static str, when: String, dimension: Dimension, value: &Value) -> Self {
        let spread = spread(dimension, value).unwrap_or_else(|| words.same_in_every_draw.to_owned());
        Self { name, when, value: shown(dimension, value.p50), spread }
    }
}

fn headline(view: &View<'_>) -> Markup {
    let words = view.words;
    let (heading, tiles) = match view.main_year {
        Some(year) => (words.headline(year), tiles(view, year)),
        None => (words.no_full_year.to_owned(), final_levels(view)),
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
        p.soft { (words.introduction) }
    }
}

/// The tiles of a year: up to eight, the company's first.
fn tiles(view: &View<'_>, year: i16) -> Vec<Tile> {
    let (words, vocabulary) = (view.words, &view.plan.vocabulary);
    let (at, over) = (format!("{} {year}", words.at_end_of), format!("{} {year}", words.over));
    let tile = |name: &'static str, when: &str, path: &str| {
        let dimension = view.summary.results.get(path)?.dimension;
        Some(Tile::new(words, name, when.to_owned(), dimension, view.of_year(path, year)?))
    };
    let by_id = |name: &'static str, when: &str, id: ResultId| tile(name, when, view.path(id));
    let mut tiles = vec![
        by_id(words.gpus_owned, &at, vocabulary.buildout.owned),
        by_id(words.power_online, &at, vocabulary.buildout.power_online),
        power_change(view, year, &over),
        by_id(words.facility_power, &at, vocabulary.facility.online),
    ];
    if let Some(finance) = &vocabulary.finance {
        tiles.extend([
            by_id(words.capex, &over, finance.capex),
            tile(words.hardware_share, &over, "finance.capex.ai_hardware_share"),
            by_id(words.free_cash_flow, &over, finance.free_cash_flow),
        ]);
    } else {
        tiles.extend([
            by_id(words.gpus_online, &at, vocabulary.buildout.online),
            by_id(words.h100_owned, &at, vocabulary.buildout.h100_owned),
        ]);
    }
    tiles.push(by_id(words.energy, &over, vocabulary.facility.energy));
    tiles.into_iter().flatten().collect()
}

/// The change of IT power over a year: with its spread where a claim asks for it, else in the reference case.
fn power_change(view: &View<'_>, year: i16, when: &str) -> Option<Tile> {
    let words = view.words;
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
        return Some(Tile::new(words, words.power_change, when.to_owned(), Dimension::Power, &value));
    }
    let daily = view.daily(id);
    let index =
        |moment: gigawatt_plan::period::Moment| view.results.daily.moments.binary_search(&moment).ok();
    let change = daily.get(index(period.end)?)? - daily.get(index(period.start)?)?;
    Some(Tile {
        name: words.power_change,
        when: when.to_owned(),
        value: format_quantity(Dimension::Power, change),
        spread: words.reference_case.to_owned(),
    })
}

/// Levels at the end of a plan that holds no whole year.
fn final_levels(view: &View<'_>) -> Vec<Tile> {
    let (words, vocabulary) = (view.words, &view.plan.vocabulary);
    let levels = [
        (words.gpus_owned, vocabulary.buildout.owned),
        (words.power_online, vocabulary.buildout.power_online),
        (words.facility_power, vocabulary.facility.online),
    ];
    levels
        .into_iter()
        .filter_map(|(name, id)| {
            Some(Tile {
                name,
                when: String::new(),
                value: format_quantity(view.dimension(id), *view.daily(id).last()?),
                spread: words.reference_case.to_owned(),
            })
        })
        .collect()
}
