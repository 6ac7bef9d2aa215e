//! Carbon of every site's electricity, by month.

use gigawatt_plan::quantity::Dimension;
use maud::{Markup, html};

use super::figure::figure;
use super::grid::{Standing, named, standing};
use super::view::View;
use crate::Words;
use crate::chart::Chart;
use crate::number::shown;
use crate::power::{beside_chart, carbon_chart, shifting_chart};

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
        @if standing.iter().any(|one| one.summary.embodied.is_none()) { p.soft { (words.carbon_unknown) } }
        @for chart in &charts(view) { (figure(words, chart, &chart.description)) }
        (shifted(words, &standing))
    })
}

/// What moving work that can wait saves against doing nothing; what to write where nothing is said to.
fn shifted(words: &Words, standing: &[Standing<'_>]) -> Markup {
    let with: Vec<_> =
        standing.iter().filter_map(|one| Some((one, one.summary.shifting.as_ref()?))).collect();
    if with.is_empty() {
        return html! { p.soft { (words.shifting_missing) } };
    }
    let beside = |dimension, before: f64, after: f64| {
        let part = if before > 0.0 { after / before - 1.0 } else { 0.0 };
        html! { td.number { (shown(dimension, Some(before))) " → " (shown(dimension, Some(after))) span.range { (format!("{:+.2} %", 100.0 * part)) } } }
    };
    html! {
        h3 { (words.shifting_table) }
        p.soft { (words.shifting_note) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.site) } th { (words.shifting_by) } th.number { (words.shifting_wait) } th.number { (words.shifting_moved) }
                th.number { (words.shifting_cost) } th.number { (words.emissions) }
            } }
            tbody {
                @for (one, of) in &with {
                    tr {
                        th scope="row" { (one.site.title) }
                        td { (if of.by == "carbon" { words.shifting_by_carbon } else { words.shifting_by_price }) }
                        td.number { (shown(Dimension::Duration, Some(of.wait))) }
                        td.number { (shown(Dimension::Energy, Some(of.moved))) }
                        (beside(Dimension::Money, of.cost_before, of.cost_after))
                        (beside(Dimension::Carbon, of.carbon_before, of.carbon_after))
                    }
                }
            }
        } }
    }
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let Some((years, standing)) = standing(view) else { return Vec::new() };
    let of = |one: &Standing<'_>| {
        named("site", carbon_chart(one.summary, &one.site.title, view.words, years.period), one.site)
    };
    let title = |one: &Standing<'_>| one.site.title.clone();
    let emits = standing.iter().filter(|one| one.summary.emissions.location > 0.0);
    let all = emits.flat_map(|one| {
        let beside = beside_chart(one.summary, &title(one), view.words);
        let moved = shifting_chart(one.year, &title(one), view.words);
        [
            Some(of(one)),
            Some(named("site", beside, one.site)),
            moved.map(|chart| named("site", chart, one.site)),
        ]
    });
    all.flatten().collect()
}
