//! What a year costs, line by line.

use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{Arrival, FinanceIds, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::view::View;
use crate::Value;
use crate::chart::{Axis, Body, Chart, Group, Row, RowMark, Rows, Style};
use crate::number::{shown, spread};

/// Looks of the bars, by their index in the chart; the last is the interval.
const LOOKS: [Style; 6] = [
    Style::Fill("f1"),
    Style::Fill("f2"),
    Style::Fill("f8"),
    Style::Fill("f5"),
    Style::Fill("f3"),
    Style::Whisker,
];
const WHISKER: usize = 5;

/// The section; nothing without a company or a whole year of it.
pub fn costs(view: &View<'_>) -> Option<Markup> {
    let ids = view.plan.vocabulary.finance.as_ref()?;
    let year = view.main_year?;
    let chart = chart(view)?;
    let total = view.of_year(view.path(ids.costs), year);
    let caption = total.map(|value| view.words.total_costs(&with_spread(value), year)).unwrap_or_default();
    Some(html! {
        p.lede { (view.words.costs_lead(year)) }
        (figure(view.words, &chart, &caption))
    })
}

/// The chart of the headline year.
pub fn chart(view: &View<'_>) -> Option<Chart> {
    let words = view.words;
    let ids = view.plan.vocabulary.finance.as_ref()?;
    let year = view.main_year?;
    let groups: Vec<Group> = [capital(view, ids, year), delivered(view, year), running(view, ids, year)]
        .into_iter()
        .filter(|group| !group.rows.is_empty())
        .collect();
    if groups.is_empty() {
        return None;
    }
    let name =
        |index: usize| if index == WHISKER { words.quantiles_over_draws.to_owned() } else { String::new() };
    Some(Chart {
        name: "costs".to_owned(),
        title: words.costs_chart.to_owned(),
        description: words.costs_lead(year),
        body: Body::Rows(Rows {
            axis: Axis { name: words.per_year.to_owned(), dimension: Dimension::Money },
            base: 0.0,
            layers: LOOKS.into_iter().enumerate().map(|(index, style)| (name(index), style)).collect(),
            groups,
        }),
    })
}

fn with_spread(value: &Value) -> String {
    let median = shown(Dimension::Money, value.p50);
    spread(Dimension::Money, value).map_or_else(|| median.clone(), |spread| format!("{median} ({spread})"))
}

/// A row with its interval; nothing where it is nothing in every draw.
fn row(view: &View<'_>, id: ResultId, name: &str, look: usize, year: i16) -> Option<Row> {
    let value = view.of_year(view.path(id), year)?;
    let median = value.p50?;
    if [value.p10, value.p50, value.p90] == [Some(0.0); 3] {
        return None;
    }
    let interval = value.p10.zip(value.p90).map(|(low, high)| RowMark::spread(WHISKER, low, median, high));
    let marks = [Some(RowMark::value(look, 0.0, median)), interval].into_iter().flatten().collect();
    Some(Row { name: name.to_owned(), text: with_spread(value), marks })
}

fn capital(view: &View<'_>, ids: &FinanceIds, year: i16) -> Group {
    let rows = [
        row(view, ids.capex_hardware, view.words.ai_hardware, 0, year),
        row(view, ids.capex_halls, view.words.ai_halls, 1, year),
        row(view, ids.capex_other, view.words.outside_ai, 2, year),
    ];
    Group { name: view.words.capex_group.to_owned(), rows: rows.into_iter().flatten().collect() }
}

fn running(view: &View<'_>, ids: &FinanceIds, year: i16) -> Group {
    let words = view.words;
    let mut rows = vec![
        row(view, ids.depreciation, words.depreciation, 4, year),
        row(view, ids.depreciation_ai, words.depreciation_ai, 4, year),
        row(view, ids.energy_cost, words.electricity, 4, year),
        row(view, ids.staff_cost, words.staff, 4, year),
    ];
    rows.extend(ids.segments.iter().map(|id| row(view, *id, &view.plan.vocabulary.get(*id).title, 4, year)));
    Group { name: words.running_group.to_owned(), rows: rows.into_iter().flatten().collect() }
}

/// AI hardware of the year by system, in the reference case: the growth of its stock times its price. Left out
/// where that would be wrong: where accelerators retire within the year or have more than one price.
fn delivered(view: &View<'_>, year: i16) -> Group {
    let name = view.words.delivered_group.to_owned();
    let period = Period::year(year);
    let overlaps = |other: Period| other.start < period.end && period.start < other.end;
    let day = |moment: gigawatt_plan::period::Moment| view.results.daily.moments.binary_search(&moment).ok();
    let (Some(first), Some(last)) = (day(period.start), day(period.end)) else {
        return Group { name, rows: Vec::new() };
    };
    let systems = view.plan.systems.iter().zip(&view.plan.vocabulary.buildout.systems).enumerate();
    let costs: Option<Vec<Option<(String, f64)>>> = systems
        .map(|(index, (system, (owned, _)))| {
            let lots = || view.plan.lots.iter().filter(move |lot| lot.system == index);
            if lots().any(|lot| lot.retire.is_some_and(overlaps)) {
                return None;
            }
            let mut prices = lots().filter_map(|lot| match &lot.arrival {
                Arrival::Delivered(delivery) if overlaps(delivery.period) => {
                    Some(view.plan.input(delivery.price.id()).distribution.reference())
                }
                _ => None,
            });
            let Some(price) = prices.next() else { return Some(None) };
            if prices.any(|other| other != price) {
                return None;
            }
            let daily = view.daily(*owned);
            let cost = (daily.get(last)? - daily.get(first)?) * price;
            Some((cost > 0.0).then(|| (system.title.clone(), cost)))
        })
        .collect();
    let mut costs: Vec<(String, f64)> = costs.into_iter().flatten().flatten().collect();
    costs.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rows = costs.into_iter().map(|(name, cost)| Row {
        name,
        text: format_quantity(Dimension::Money, cost),
        marks: vec![RowMark::value(3, 0.0, cost)],
    });
    Group { name, rows: rows.collect() }
}
