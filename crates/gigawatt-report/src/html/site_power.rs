//! What each site can energise, what stands behind it, what it draws and costs.

use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{Course, Input, LotSize, SitePlan};
use gigawatt_plan::quantity::{Dimension, Quantity, format_quantity};
use maud::{Markup, html};

use super::cell::cell;
use super::figure::figure;
use super::view::View;
use crate::Value;
use crate::chart::{Axis, Body, Chart, Group, Row, RowMark, Rows, Style};
use crate::number::shown;

/// A site at the end of a year in the reference case, and over that year.
struct Standing<'a> {
    site: &'a SitePlan,
    provisioned: f64,
    online: f64,
    accelerators: f64,
    /// Energy at the meter.
    energy: Option<&'a Value>,
    /// Emissions of it.
    carbon: Option<&'a Value>,
    /// What it costs, where its price is the same all the year.
    electricity: Option<f64>,
    /// Halls of what is provisioned.
    halls: f64,
}

fn reference<Q: Quantity>(view: &View<'_>, input: Input<Q>) -> f64 {
    view.plan.input(input.id()).distribution.reference()
}

fn standings<'a>(view: &View<'a>, year: i16) -> Vec<Standing<'a>> {
    let end = Period::year(year).end;
    let Ok(day) = view.results.daily.moments.binary_search(&end) else { return Vec::new() };
    let vocabulary = &view.plan.vocabulary;
    let ids =
        vocabulary.buildout.sites.iter().zip(&vocabulary.facility.sites).zip(&vocabulary.facility.site_flows);
    let all =
        view.plan.sites.iter().zip(ids).map(|(site, (((accelerators, power), powers), (energy, carbon)))| {
            let at = |id| view.daily(id).get(day).copied().unwrap_or(0.0);
            let online = at(*power);
            let energy = view.of_year(view.path(*energy), year);
            let price = match site.electricity_price {
                Course::Flat(price) => Some(reference(view, price)),
                Course::Series(_) => None,
            };
            let provisioned = at(powers.provisioned);
            Standing {
                site,
                provisioned,
                online,
                accelerators: at(*accelerators),
                energy,
                carbon: view.of_year(view.path(*carbon), year),
                electricity: energy
                    .and_then(|energy| energy.reference)
                    .zip(price)
                    .map(|(energy, price)| energy * price),
                halls: provisioned * reference(view, site.construction_cost),
            }
        });
    all.filter(|standing| standing.provisioned > 0.0 || standing.online > 0.0).collect()
}

/// Power by site at the end of the headline year; nothing where no site has any.
pub fn chart(view: &View<'_>) -> Option<Chart> {
    let words = view.words;
    let year = view.main_year?;
    let standings = standings(view, year);
    if standings.is_empty() {
        return None;
    }
    let power = |value| format_quantity(Dimension::Power, value);
    let rows = standings.iter().map(|standing| Row {
        name: standing.site.title.clone(),
        text: format!("{} / {}", power(standing.online), power(standing.provisioned)),
        marks: vec![RowMark::value(0, 0.0, standing.provisioned), RowMark::value(1, 0.0, standing.online)],
    });
    Some(Chart {
        name: "sites".to_owned(),
        title: words.sites_power_chart.to_owned(),
        description: words.sites_power_description(year),
        body: Body::Rows(Rows {
            axis: Axis { name: words.power.to_owned(), dimension: Dimension::Power },
            base: 0.0,
            layers: vec![
                (words.power_provisioned.to_owned(), Style::Fill("f5")),
                (words.power_online.to_owned(), Style::Fill("f1")),
            ],
            groups: vec![Group { name: String::new(), rows: rows.collect() }],
        }),
    })
}

/// Chart and table of the sites; nothing where no site has power.
pub fn power(view: &View<'_>) -> Option<Markup> {
    let words = view.words;
    let year = view.main_year?;
    let chart = chart(view)?;
    let standings = standings(view, year);
    let money = view.plan.vocabulary.finance.is_some();
    Some(html! {
        p.lede { (words.sites_power_lead(year)) }
        (figure(words, &chart, words.sites_power_caption))
        div.scroll { table.years.wrap {
            thead { tr {
                th { (words.site) } th.number { (words.accelerators_online) } th.number { (words.energy) } th.number { (words.emissions) }
                @if money { th.number { (words.electricity_a_year) } th.number { (words.hall_cost) } }
            } }
            tbody {
                @for standing in &standings {
                    tr id=(format!("site-{}", standing.site.name)) {
                        th scope="row" { (standing.site.title) }
                        td.number { (format_quantity(Dimension::Count, standing.accelerators)) }
                        (cell(Dimension::Energy, standing.energy))
                        (cell(Dimension::Carbon, standing.carbon))
                        @if money {
                            td.number { (shown(Dimension::Money, standing.electricity)) }
                            td.number { (format_quantity(Dimension::Money, standing.halls)) }
                        }
                    }
                }
            }
        } }
        p.soft { (words.holds) }
        ul.missed {
            @for standing in &standings { li { strong { (standing.site.title) ": " } (holds(view, standing.site)) "." } }
        }
    })
}

/// The lots that stand at a site, by system.
fn holds(view: &View<'_>, site: &SitePlan) -> String {
    let lots = view
        .plan
        .lots
        .iter()
        .filter(|lot| view.plan.sites.get(lot.site).is_some_and(|at| at.name == site.name));
    let named: Vec<String> = lots
        .filter_map(|lot| {
            let system = view.plan.systems.get(lot.system)?;
            let count = match lot.size {
                LotSize::Fixed(count) => shown(Dimension::Count, Some(reference(view, count))),
                LotSize::Share { share, .. } => {
                    view.words.share_of_rest(&shown(Dimension::Ratio, Some(reference(view, share))))
                }
            };
            Some(format!("{}: {}", lot.name, view.words.accelerators(&count, &system.title)))
        })
        .collect();
    named.join("; ")
}
