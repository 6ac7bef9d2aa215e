//! Ranking and ads: what it takes over the years, and what larger models bring.

use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::plan::{RankingIds, RankingPlan, RankingReturnIds, ResultId};
use gigawatt_plan::quantity::Dimension;
use maud::{Markup, html};

use super::figure::figure;
use super::view::{View, ends, interval};
use crate::Value;
use crate::chart::{Across, Body, Chart, Datum, FILLS, Finest, Layer, Panel, Plane, Shape, Style};
use crate::number::{shown, spread};

/// The section; nothing without ranking in the plan.
pub fn ranking(view: &View<'_>) -> Option<Markup> {
    let (ranking, ids) = parts(view)?;
    let words = view.words;
    let last = *view.years.last()?;
    Some(html! {
        p.lede { (words.ranking_lead) }
        @if let Some(chart) = takes(view, ranking, ids) { (figure(words, &chart, words.ranking_takes_caption)) }
        @if let Some(returns) = &ids.returns {
            @if let Some(chart) = brings(view, returns) { (figure(words, &chart, words.ranking_brings_caption)) }
            (table(view, returns, last))
        }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let Some((ranking, ids)) = parts(view) else { return Vec::new() };
    let brings = ids.returns.as_ref().and_then(|returns| brings(view, returns));
    takes(view, ranking, ids).into_iter().chain(brings).collect()
}

fn parts<'a>(view: &View<'a>) -> Option<(&'a RankingPlan, &'a RankingIds)> {
    Some((view.plan.ranking.as_ref()?, view.plan.vocabulary.ranking.as_ref()?))
}

/// The end of a quarter as a place of the axis.
fn end(quarter: Quarter) -> f64 {
    quarter.end().days()
}

/// Accelerators by stage and training at the ends of quarters, as medians, above the power of all.
fn takes(view: &View<'_>, ranking: &RankingPlan, ids: &RankingIds) -> Option<Chart> {
    let words = view.words;
    let quarters: Vec<Quarter> =
        view.quarters().filter(|quarter| view.of_quarter(ids.accelerators, *quarter).is_some()).collect();
    let (first, last) = (quarters.first()?, quarters.last()?);
    let medians = |id: ResultId| -> Vec<Datum> {
        let at = |quarter: &Quarter| Some(Datum::at(end(*quarter), view.of_quarter(id, *quarter)?.p50?));
        quarters.iter().filter_map(at).collect()
    };
    let stages = ranking.stages.iter().map(|stage| stage.title.as_str()).zip(&ids.stages);
    let trainings = ranking.trainings.iter().map(|part| part.title.as_str()).zip(&ids.trainings);
    let kinds = stages.chain(trainings).zip(FILLS);
    let stacked =
        kinds.map(|((name, id), fill)| Layer::new(name, Style::Fill(fill), Shape::StackedArea, medians(*id)));
    let bands = |id: ResultId| -> Vec<Datum> {
        let band = |quarter: &Quarter| {
            let value = view.of_quarter(id, *quarter)?;
            Some(Datum::between((end(*quarter), end(*quarter)), value.p10?, value.p90?))
        };
        quarters.iter().filter_map(band).collect()
    };
    let power = vec![
        Layer::new(
            &format!("{}, {}", words.ranking_power, words.spread),
            Style::Band,
            Shape::Band,
            bands(ids.power),
        ),
        Layer::new(words.ranking_power, Style::Line("t1"), Shape::Line, medians(ids.power)),
    ];
    let stops = quarters
        .iter()
        .map(|quarter| (quarter.start().days(), end(*quarter), quarter.end().day_before().to_string()));
    Some(Chart {
        name: "ranking-accelerators".to_owned(),
        title: words.ranking_takes.to_owned(),
        description: words.ranking_takes_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Time {
                period: Period { start: first.end(), end: last.end() },
                finest: Finest::Quarters,
            },
            panels: vec![
                Panel::new(words.ranking_accelerators, Dimension::Count, (220.0, 180.0), stacked.collect()),
                Panel::new(words.ranking_power, Dimension::Power, (130.0, 110.0), power),
            ],
            stops: stops.collect(),
            divider: None,
        }),
    })
}

/// What larger models bring and cost by year, above their cash since the start.
fn brings(view: &View<'_>, ids: &RankingReturnIds) -> Option<Chart> {
    let words = view.words;
    let of = |id: ResultId, year: i16| view.of_year(view.path(id), year);
    let years: Vec<i16> =
        view.years.iter().copied().filter(|year| of(ids.revenue_uplift, *year).is_some()).collect();
    let (first, last) = (*years.first()?, *years.last()?);
    let bars = [
        (ids.revenue_uplift, "f3", words.ranking_uplift),
        (ids.spend, "f1", words.ranking_spend),
        (ids.running_cost, "f2", words.ranking_running),
    ];
    let mut layers = Vec::new();
    for (slot, (id, fill, name)) in (0..).zip(bars) {
        let medians =
            years.iter().filter_map(|year| Some(Datum::over(ends(Period::year(*year)), of(id, *year)?.p50?)));
        layers.push(Layer::new(name, Style::Fill(fill), Shape::Bar, medians.collect()).in_slot((slot, 3)));
        let spreads = years.iter().filter_map(|year| interval(Period::year(*year), of(id, *year)?));
        layers.push(
            Layer::new(words.spread, Style::Whisker, Shape::Whisker, spreads.collect()).in_slot((slot, 3)),
        );
    }
    // Cash since the start is known at the ends of years.
    let at_end = |year: &i16| {
        let value = of(ids.cumulative_cash, *year)?;
        let end = Period::year(*year).end.days();
        Some((Datum::between((end, end), value.p10?, value.p90?), Datum::at(end, value.p50?)))
    };
    let (band, line): (Vec<Datum>, Vec<Datum>) = years.iter().filter_map(at_end).unzip();
    let cash = vec![
        Layer::new(&format!("{}, {}", words.ranking_cash, words.spread), Style::Band, Shape::Band, band),
        Layer::new(words.ranking_cash, Style::Line("t1"), Shape::DottedLine, line),
    ];
    let panel = |name: &str, height, layers| Panel::new(name, Dimension::Money, height, layers);
    let stops = years.iter().map(|year| {
        let (from, to) = ends(Period::year(*year));
        (from, to, year.to_string())
    });
    Some(Chart {
        name: "ranking-returns".to_owned(),
        title: words.ranking_brings.to_owned(),
        description: words.ranking_brings_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Time {
                period: Period { start: Period::year(first).start, end: Period::year(last).end },
                finest: Finest::Years,
            },
            panels: vec![
                panel(words.per_year, (210.0, 180.0), layers),
                panel(words.ranking_cash, (150.0, 130.0), cash),
            ],
            stops: stops.collect(),
            divider: None,
        }),
    })
}

/// What a thousand ads cost and bring, by year, and when larger models have paid.
fn table(view: &View<'_>, ids: &RankingReturnIds, last: i16) -> Markup {
    let words = view.words;
    let paths = ["ranking.price_per_thousand", "ranking.cost_per_thousand"];
    let whole = [ids.published_uplift, ids.uplift, ids.payback];
    let cell = |dimension: Dimension, value: Option<&Value>| {
        html! { td.number {
            (shown(dimension, value.and_then(|value| value.p50)))
            @if let Some(spread) = value.and_then(|value| spread(dimension, value)) { span.range { (spread) } }
        } }
    };
    let title = |path: &str| view.summary.results.get(path).map_or("", |result| result.title.as_str());
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (words.ranking_figure) }
                @for year in view.years.iter().filter(|year| **year <= last) { th.number { (year) } }
            } }
            tbody { @for path in paths { tr {
                th scope="row" { (title(path)) }
                @for year in view.years.iter().filter(|year| **year <= last) {
                    (cell(Dimension::Money, view.of_year(path, *year)))
                }
            } } }
        } }
        div.scroll { table.wrap { tbody { @for id in whole { tr {
            th scope="row" { (title(view.path(id))) }
            (cell(view.dimension(id), view.summary.results.get(view.path(id)).and_then(|result| result.values.values().next())))
        } } } } }
    }
}
