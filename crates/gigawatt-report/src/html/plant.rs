//! Cooling and water of every site: the plant through the hours by the weather.

use gigawatt_plan::period::Period;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::grid::{Standing, named, standing};
use super::view::View;
use crate::Words;
use crate::chart::Chart;
use crate::power::{CoolingSummary, DesignSummary, plant_charts, water_chart};

/// The section of cooling; nothing where no site was studied.
pub fn cooling(view: &View<'_>) -> Option<Markup> {
    let (years, standing) = standing(view)?;
    let words = view.words;
    Some(html! {
        p.lede { (words.cooling_lead) }
        (missing(words, &standing))
        (table(words, &standing))
        @for one in &standing {
            @for chart in &heat(view, years.period, one) { (figure(words, chart, &chart.description)) }
        }
        (design(words, &standing))
    })
}

/// The section of water; nothing where no site has a plant and weather.
pub fn water(view: &View<'_>) -> Option<Markup> {
    let (years, standing) = standing(view)?;
    let words = view.words;
    let with: Vec<&Standing<'_>> = standing.iter().filter(|one| one.summary.cooling.is_some()).collect();
    (!with.is_empty()).then(|| {
        html! {
            p.lede { (words.water_lead) }
            div.scroll { table.wrap {
                thead { tr {
                    th { (words.site) } th.number { (words.water_taken) } th.number { (words.water_evaporated) } th.number { (words.water_wue) }
                } }
                tbody {
                    @for one in &with { @if let Some(of) = &one.summary.cooling {
                        tr {
                            th scope="row" { (one.site.title) }
                            td.number { (litres(of.withdrawn)) }
                            td.number { (litres(of.evaporated)) }
                            td.number { @match of.wue { Some(wue) => (format!("{wue:.3} L/kWh")), None => "–" } }
                        }
                    } }
                }
            } }
            @for chart in with.iter().filter_map(|one| wet(view, years.period, one)) { (figure(words, &chart, &chart.description)) }
        }
    })
}

/// Every chart of both sections.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let Some((years, standing)) = standing(view) else { return Vec::new() };
    let heat = standing.iter().flat_map(|one| heat(view, years.period, one));
    heat.chain(standing.iter().filter_map(|one| wet(view, years.period, one))).collect()
}

fn heat(view: &View<'_>, period: Period, one: &Standing<'_>) -> Vec<Chart> {
    let weather = one.site.cooling.as_ref().and_then(|cooling| cooling.weather.as_ref());
    let offset = one.site.utc_offset.or(weather.map(|weather| weather.utc_offset)).unwrap_or(0);
    let charts = plant_charts(one.year, &one.site.title, view.words, period, offset);
    charts.into_iter().map(|chart| named("cooling", chart, one.site)).collect()
}

fn wet(view: &View<'_>, period: Period, one: &Standing<'_>) -> Option<Chart> {
    one.summary.cooling.as_ref().filter(|cooling| cooling.withdrawn > 0.0)?;
    water_chart(&one.summary.months, &one.site.title, view.words, period)
        .map(|chart| named("site", chart, one.site))
}

/// What to write where a site has no plant or no weather.
fn missing(words: &Words, standing: &[Standing<'_>]) -> Markup {
    let names: Vec<&str> = standing
        .iter()
        .filter(|one| one.summary.cooling.is_none())
        .map(|one| one.site.title.as_str())
        .collect();
    html! { @if !names.is_empty() { p { (words.cooling_missing(&names.join(", "))) } } }
}

/// A row for each site with a plant.
fn table(words: &Words, standing: &[Standing<'_>]) -> Markup {
    let with: Vec<(&Standing<'_>, &CoolingSummary)> =
        standing.iter().filter_map(|one| Some((one, one.summary.cooling.as_ref()?))).collect();
    let ratio = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let degrees = |value: f64| format_quantity(Dimension::Temperature, value);
    let energy = |value: f64| format_quantity(Dimension::Energy, value);
    html! {
        @if !with.is_empty() {
            div.scroll { table.wrap {
                thead { tr {
                    th { (words.site) } th.number { (words.cooling_pue) } th.number { (words.cooling_pumps) } th.number { (words.cooling_fans) }
                    th.number { (words.cooling_compressors) } th.number { (words.cooling_chilled) } th.number { (words.cooling_limited) }
                    th.number { (words.cooling_warmest) }
                } }
                tbody {
                    @for (one, of) in &with {
                        tr {
                            th scope="row" { (one.site.title) span.path { (of.plant) ", " (of.place) } }
                            td.number { (ratio(of.pue)) span.range { (ratio(of.pue_least)) "\u{a0}–\u{2060}\u{a0}" (ratio(of.pue_most)) } }
                            td.number { (energy(of.pumps)) }
                            td.number { (energy(of.fans)) }
                            td.number { (energy(of.compressors)) }
                            td.number { (of.chiller_hours) " h" }
                            td.number { (of.limited_hours) " h" span.range { (words.cooling_lost(&format_quantity(Dimension::Ratio, of.limited))) } }
                            td.number { (degrees(of.outside)) span.range { (words.cooling_supplies(&degrees(of.liquid), &degrees(of.air))) } }
                        }
                    }
                }
            } }
        }
    }
}

/// What loops have to be for the design hour.
fn design(words: &Words, standing: &[Standing<'_>]) -> Markup {
    let with: Vec<(&Standing<'_>, &CoolingSummary)> =
        standing.iter().filter_map(|one| Some((one, one.summary.cooling.as_ref()?))).collect();
    let row = |site: &str, name: &str, of: &DesignSummary| {
        html! {
            tr {
                th scope="row" { (site) ", " (name) }
                td.number { (format_quantity(Dimension::Temperature, of.sink)) }
                td.number { (format_quantity(Dimension::Ratio, of.chiller)) }
                td.number { span class=(if of.carries < 1.0 { "no" } else { "yes" }) { (format_quantity(Dimension::Ratio, of.carries)) } }
            }
        }
    };
    html! {
        @if !with.is_empty() {
            h3 { (words.cooling_design) }
            p.soft { (words.cooling_design_note) }
            div.scroll { table.wrap {
                thead { tr {
                    th { (words.cooling_loop) } th.number { (words.cooling_sink) } th.number { (words.cooling_needs) } th.number { (words.cooling_carries) }
                } }
                tbody {
                    @for (one, of) in &with {
                        @if let Some(liquid) = &of.design_liquid { (row(&one.site.title, words.cooling_liquid, liquid)) }
                        @if let Some(air) = &of.design_air { (row(&one.site.title, words.cooling_air, air)) }
                    }
                }
            } }
        }
    }
}

/// An amount of water in litres.
fn litres(value: f64) -> String {
    format_quantity(Dimension::Volume, value / 1e3)
}
