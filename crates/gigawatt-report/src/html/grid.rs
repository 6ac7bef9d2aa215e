//! What the grid sees of every site: the year, the busiest day, the second, and the loss of a feed.

use gigawatt_engine::power::grid::{SiteYear, Years};
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::SitePlan;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::grid_seconds as seconds;
use super::view::View;
use crate::chart::Chart;
use crate::number::shown;
use crate::power::{SiteSummary, charts as site_charts, connection};

/// A site on which something stands.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub site: &'a SitePlan,
    pub year: &'a SiteYear,
    pub summary: &'a SiteSummary,
}

/// The sites on which something stands in the days that are studied, in the order of the plan, with those days.
pub(super) fn standing<'a>(view: &View<'a>) -> Option<(&'a Years, Vec<Standing<'a>>)> {
    let (years, summary) = (view.power?, view.summary.power.as_ref()?);
    let of = |year: &'a SiteYear| {
        let site = &view.plan.sites[year.study.site];
        let summary = summary.sites.get(&site.name)?;
        (year.study.nameplate > 0.0).then_some(Standing { site, year, summary })
    };
    let standing: Vec<Standing<'a>> = years.sites.iter().filter_map(of).collect();
    (!standing.is_empty()).then_some((years, standing))
}

/// A chart of a site under a name that no other site's has.
pub(super) fn named(theme: &str, chart: Chart, site: &SitePlan) -> Chart {
    Chart { name: format!("{theme}-{}-{}", chart.name, site.name), ..chart }
}

/// The section; nothing where no site was studied.
pub fn power(view: &View<'_>) -> Option<Markup> {
    let (years, standing) = standing(view)?;
    let words = view.words;
    let (from, to) = (years.period.start.day().to_string(), years.period.end.day_before().to_string());
    let basis = if years.loads.simulated { words.power_simulated } else { words.power_utilised };
    Some(html! {
        p.lede { (words.power_lead(&from, &to, basis)) }
        (table(view, &standing))
        @for one in &standing {
            @if standing.len() > 1 { h3.company { (one.site.title) } }
            @for chart in &of_site(view, years, one) { (figure(words, chart, &chart.description)) }
            (seconds::tables(view, one))
        }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let Some((years, standing)) = standing(view) else { return Vec::new() };
    standing.iter().flat_map(|one| of_site(view, years, one)).collect()
}

fn of_site(view: &View<'_>, years: &Years, one: &Standing<'_>) -> Vec<Chart> {
    let energised = energised(view, years, one.year);
    let charts = site_charts(one.year, &one.site.title, view.words, years.period, &energised);
    charts.into_iter().map(|chart| named("power", chart, one.site)).collect()
}

/// Facility power that is energised at the ends of days.
fn energised(view: &View<'_>, years: &Years, year: &SiteYear) -> Vec<f64> {
    let Some(ids) = view.plan.vocabulary.facility.sites.get(year.study.site) else { return Vec::new() };
    let (moments, powers) = (&view.results.daily.moments, view.daily(ids.energised));
    let at = |day: i32| powers.get(moments.binary_search(&Moment(day + 1)).ok()?).copied();
    (years.period.start.0..years.period.end.0).map(|day| at(day).unwrap_or(0.0)).collect()
}

/// A row for each figure, a column for each site.
fn table(view: &View<'_>, standing: &[Standing<'_>]) -> Markup {
    let words = view.words;
    let watts = |value: f64| format_quantity(Dimension::Power, value);
    let money = view.plan.vocabulary.finance.is_some() || standing.iter().any(|one| one.summary.cost > 0.0);
    let beside = |value: String, below: String| html! { (value) span.range { (below) } };
    let mut rows: Vec<(&str, Vec<Markup>)> = Vec::new();
    let mut row = |name, of: &dyn Fn(&Standing<'_>) -> Markup| {
        rows.push((name, standing.iter().map(of).collect()));
    };
    row(words.power_peak, &|one| beside(watts(one.summary.peak), words.power_at(&one.summary.peak_at)));
    row(words.power_mean_of_all, &|one| html! { (watts(one.summary.mean)) });
    row(words.power_least, &|one| html! { (watts(one.summary.least)) });
    row(words.power_load_factor, &|one| html! { (shown(Dimension::Ratio, Some(one.summary.load_factor))) });
    row(words.power_ramp, &|one| {
        let site = one.summary;
        let allowed = words.power_allows(&watts(site.limits.ramp));
        let kept = site.ramp <= site.limits.ramp;
        html! { span class=(if kept { "yes" } else { "no" }) { (watts(site.ramp)) } span.range { (words.power_at(&site.ramp_at)) } span.range { (allowed) } }
    });
    row(
        words.power_pue,
        &|one| html! { @match one.summary.pue { Some(pue) => (format!("{pue:.3}")), None => "–" } },
    );
    row(words.power_energy, &|one| html! { (shown(Dimension::Energy, Some(one.summary.energy.grid))) });
    if money {
        row(words.power_cost, &|one| html! { (shown(Dimension::Money, Some(one.summary.cost))) });
    }
    row(words.power_capacities, &|one| {
        let supply = &one.summary.supply;
        html! {
            (watts(connection(&one.year.study).0))
            span.range { (words.power_provisioned_racks(&watts(supply.provisioned))) }
            span.range { (words.power_firm_racks(&watts(supply.firm))) }
        }
    });
    row(words.power_nameplate, &|one| {
        let site = one.summary;
        beside(
            watts(site.nameplate),
            words.power_over(&shown(Dimension::Ratio, Some(site.supply.oversubscription))),
        )
    });
    if standing.iter().any(|one| one.summary.storage.is_some()) {
        row(words.storage_row, &|one| {
            html! {
                @match &one.summary.storage {
                    None => "–",
                    Some(of) => {
                        (watts(of.level))
                        span.range { (words.storage_peak(&watts(of.peak_without))) }
                        @if of.above > 0.0 { span.range { (words.storage_above(&format_quantity(Dimension::Duration, of.above))) } }
                        span.range { (words.storage_capital(&format_quantity(Dimension::Money, of.capital))) }
                        span.range { (words.storage_cycles(&format!("{:.1}", of.cycles), &format_quantity(Dimension::Energy, of.lost))) }
                    }
                }
            }
        });
    }
    if standing.iter().any(|one| one.summary.capping.minutes > 0) {
        row(words.power_capped, &|one| {
            let site = one.summary;
            let of = &site.capping;
            let hours = |minutes: usize| format_quantity(Dimension::Duration, minutes as f64 * 60.0);
            beside(hours(of.minutes), words.power_capped_hot(&hours(of.hot)))
        });
    }
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (words.power_figure) }
                @for one in standing { th.number { (one.site.title) } }
            } }
            tbody {
                @for (name, cells) in &rows {
                    tr { th scope="row" { (name) } @for cell in cells { td.number { (cell) } } }
                }
            }
        } }
        p.soft { (words.power_capacities_note) @if standing.iter().any(|one| !one.summary.supply.described) { " " (words.power_not_described) } }
    }
}
