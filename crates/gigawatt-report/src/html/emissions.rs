//! Carbon of every site's electricity, by month.

use gigawatt_plan::quantity::Dimension;
use maud::{Markup, html};

use super::figure::figure;
use super::grid::{named, standing};
use super::view::View;
use crate::chart::Chart;
use crate::number::shown;
use crate::power::carbon_chart;

/// The section; nothing where no site was studied.
pub fn carbon(view: &View<'_>) -> Option<Markup> {
    let (_, standing) = standing(view)?;
    let words = view.words;
    Some(html! {
        p.lede { (words.carbon_lead) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.site) } th.number { (words.power_energy) } th.number { (words.carbon_mean) }
                th.number { (words.carbon_location) } th.number { (words.carbon_market) } th.number { (words.carbon_covered) }
            } }
            tbody {
                @for one in &standing {
                    @let (site, of) = (one.summary, &one.summary.emissions);
                    tr {
                        th scope="row" { (one.site.title) }
                        td.number { (shown(Dimension::Energy, Some(site.energy.grid))) }
                        td.number { (shown(Dimension::CarbonPerEnergy, (site.energy.grid > 0.0).then(|| of.location / site.energy.grid))) }
                        td.number { (shown(Dimension::Carbon, Some(of.location))) }
                        td.number { (shown(Dimension::Carbon, Some(of.market))) span.range { (words.carbon_hourly(&shown(Dimension::Carbon, Some(of.market_hourly)))) } }
                        td.number { (shown(Dimension::Ratio, Some(of.covered))) span.range { (words.carbon_hourly(&shown(Dimension::Ratio, Some(of.covered_hourly)))) } }
                    }
                }
            }
        } }
        @for chart in &charts(view) { (figure(words, chart, &chart.description)) }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let Some((years, standing)) = standing(view) else { return Vec::new() };
    let of = |one: &super::grid::Standing<'_>| {
        named("site", carbon_chart(&one.summary.months, &one.site.title, view.words, years.period), one.site)
    };
    standing.iter().filter(|one| one.summary.emissions.location > 0.0).map(of).collect()
}
