//! What a year costs, line by line.

use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{Arrival, FinanceIds, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::{Swatch, figure, legend};
use crate::number::{AxisUnit, shown, spread};
use super::view::View;
use crate::Value;
use crate::chart::{Layout, Plot, ValueAxis, drawing, horizontal_whisker, rectangle, shortened, text_width};

/// How much wider letters in bold are.
const BOLD: f64 = 1.15;

/// A line of cost; in the reference case alone where it has no spread.
struct Item {
    name: String,
    median: f64,
    spread: Option<(f64, f64)>,
    fill: &'static str,
    text: String,
}

/// Lines under a heading.
struct Group {
    name: &'static str,
    items: Vec<Item>,
}

/// The section; nothing without a company or a whole year of it.
pub fn costs(view: &View<'_>) -> Option<Markup> {
    let ids = view.plan.vocabulary.finance.as_ref()?;
    let year = view.main_year?;
    let groups: Vec<Group> = [capital(view, ids, year), delivered(view, year), running(view, ids, year)]
        .into_iter()
        .filter(|group| !group.items.is_empty())
        .collect();
    if groups.is_empty() {
        return None;
    }
    let legends = legend("", &[(Swatch::Sign("whisker-sign"), words.quantiles_over_draws.to_owned())]);
    let total = view.of_year(view.path(ids.costs), year);
    let caption = total.map(|value| words.total_costs(&with_spread(value), year)).unwrap_or_default();
    Some(html! {
        p.lede { (words.costs_lead(year)) }
        (figure(words.costs_chart, &legends, &caption, |layout| bars(&groups, layout)))
    })
}

fn with_spread(value: &Value) -> String {
    let median = shown(Dimension::Money, value.p50);
    spread(Dimension::Money, value).map_or_else(|| median.clone(), |spread| format!("{median} ({spread})"))
}

fn item(view: &View<'_>, id: ResultId, name: &str, fill: &'static str, year: i16) -> Option<Item> {
    let value = view.of_year(view.path(id), year)?;
    let median = value.p50?;
    Some(Item {
        name: name.to_owned(),
        median,
        spread: value.p10.zip(value.p90),
        fill,
        text: with_spread(value),
    })
}

fn capital(view: &View<'_>, ids: &FinanceIds, year: i16) -> Group {
    let items = [
        item(view, ids.capex_hardware, words.ai_hardware, "f1", year),
        item(view, ids.capex_halls, words.ai_halls, "f2", year),
        item(view, ids.capex_other, words.outside_ai, "f8", year),
    ];
    Group { name: words.capex_group, items: items.into_iter().flatten().collect() }
}

fn running(view: &View<'_>, ids: &FinanceIds, year: i16) -> Group {
    let mut items = vec![
        item(view, ids.depreciation, words.depreciation, "f3", year),
        item(view, ids.depreciation_ai, words.depreciation_ai, "f3", year),
        item(view, ids.energy_cost, words.electricity, "f3", year),
    ];
    let company = view.plan.company.as_ref();
    if company.is_some_and(|company| !company.staff.is_empty()) {
        items.push(item(view, ids.staff_cost, words.staff, "f3", year));
    }
    for id in &ids.segments {
        items.push(item(view, *id, &view.plan.vocabulary.get(*id).title, "f3", year));
    }
    Group { name: words.running_group, items: items.into_iter().flatten().collect() }
}

/// AI hardware of the year by system, in the reference case: the growth of its stock times its price. Left out
/// where that would be wrong: where accelerators retire within the year or have more than one price.
fn delivered(view: &View<'_>, year: i16) -> Group {
    let period = Period::year(year);
    let overlaps = |other: Period| other.start < period.end && period.start < other.end;
    let day = |moment: gigawatt_plan::period::Moment| view.results.daily.moments.binary_search(&moment).ok();
    let (Some(first), Some(last)) = (day(period.start), day(period.end)) else {
        return Group { name: words.delivered_group, items: Vec::new() };
    };
    let systems = view.plan.systems.iter().zip(&view.plan.vocabulary.buildout.systems).enumerate();
    let items: Option<Vec<Option<Item>>> = systems
        .map(|(index, (system, (owned, _)))| {
            let lots = || view.plan.lots.iter().filter(move |lot| lot.system == index);
            if lots().any(|lot| lot.retire.is_some_and(overlaps)) {
                return None;
            }
            let mut prices = lots().filter_map(|lot| match lot.arrival {
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
            let count = daily.get(last)? - daily.get(first)?;
            let cost = count * price;
            let text = format_quantity(Dimension::Money, cost);
            Some((cost > 0.0).then(|| Item {
                name: system.title.clone(),
                median: cost,
                spread: None,
                fill: "f5",
                text,
            }))
        })
        .collect();
    let mut items: Vec<Item> = items.into_iter().flatten().flatten().collect();
    items.sort_by(|a, b| b.median.total_cmp(&a.median));
    Group { name: words.delivered_group, items }
}

/// Horizontal bars, all on one scale. Names stand to the left, on narrow pages above.
fn bars(groups: &[Group], layout: Layout) -> Markup {
    let size = 12.0;
    let row = layout.pick(25.0, 37.0);
    let heading = 30.0;
    let rows: f64 = groups
        .iter()
        .map(|group| heading + row * f64::from(u32::try_from(group.items.len()).unwrap_or(0)))
        .sum();
    let items = || groups.iter().flat_map(|group| &group.items);
    let largest = items().map(|item| item.spread.map_or(item.median, |spread| spread.1.max(item.median)));
    let least = items().map(|item| item.spread.map_or(item.median, |spread| spread.0)).fold(0.0, f64::min);
    let largest = largest.fold(0.0, f64::max);
    let unit = AxisUnit::of(Dimension::Money, largest);
    let names = layout
        .pick(items().map(|item| text_width(&item.name, size)).fold(120.0, f64::max).min(290.0) + 10.0, 2.0);
    // The value stands behind the whisker: room for the longest.
    let room = layout.pick(205.0, 10.0);
    let plot = Plot { left: names, right: layout.width() - room, top: 4.0, bottom: 4.0 + rows };
    let axis = ValueAxis::within(least, largest, unit.factor, (plot.left, plot.right), layout.pick(6, 4));
    let mut y = plot.top;
    let marks = html! {
        @for (value, label) in &axis.marks {
            @let x = axis.at(*value);
            text class="tick middle" x=(format!("{x:.1}")) y=(format!("{:.1}", plot.bottom + 17.0)) { (label) }
        }
        @match layout {
            Layout::Wide => text class="name end" x=(format!("{:.1}", plot.left - 12.0)) y=(format!("{:.1}", plot.bottom + 17.0)) { (unit.name) },
            Layout::Narrow => text class="name end" x=(format!("{:.1}", layout.width())) y=(format!("{:.1}", plot.bottom + 33.0)) { (unit.name) },
        }
        @for group in groups {
            text class="strong" x="0" y=(format!("{:.1}", y + 20.0)) { (shortened(group.name, size * BOLD, layout.width())) }
            ({ y += heading; "" })
            (gridlines(&axis, (y, y + row * f64::from(u32::try_from(group.items.len()).unwrap_or(0)))))
            @for item in &group.items {
                (bar(item, layout, &plot, &axis, y))
                ({ y += row; "" })
            }
        }
    };
    drawing(
        (layout.width(), plot.bottom + layout.pick(24.0, 40.0)),
        words.costs_chart,
        words.quantiles_over_draws,
        &marks,
    )
}

/// Lines at the ticks behind one group, so that none crosses its heading.
fn gridlines(axis: &ValueAxis, (top, bottom): (f64, f64)) -> Markup {
    html! {
        @for (value, _) in &axis.marks {
            @let x = axis.at(*value);
            line class=(if *value == 0.0 { "axis" } else { "grid" }) x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{top:.1}")) y2=(format!("{bottom:.1}")) {}
        }
    }
}

fn bar(item: &Item, layout: Layout, plot: &Plot, axis: &ValueAxis, y: f64) -> Markup {
    let size = 12.0;
    let says = format!("{}: {}", item.name, item.text);
    let thick = layout.pick(14.0, 11.0);
    let top = y + layout.pick(4.0, 20.0);
    let (zero, end) = (axis.at(0.0), axis.at(item.median));
    let (left, width) = (zero.min(end), (end - zero).abs().max(1.0));
    let reach = item.spread.map_or(end, |spread| axis.at(spread.1)).max(end);
    let value_width = text_width(&item.text, size);
    html! {
        (rectangle((left, top), width, thick, item.fill, &says))
        @if let Some((low, high)) = item.spread {
            @if axis.at(high) - axis.at(low) > 2.0 { (horizontal_whisker(top + thick / 2.0, (axis.at(low), axis.at(high)), 4.0, &says)) }
        }
        @match layout {
            Layout::Wide => {
                text class="end" x=(format!("{:.1}", plot.left - 8.0)) y=(format!("{:.1}", top + 11.5)) { (shortened(&item.name, size, plot.left - 10.0)) }
                text x=(format!("{:.1}", reach + 8.0)) y=(format!("{:.1}", top + 11.5)) { (item.text) }
            }
            Layout::Narrow => {
                text x="6" y=(format!("{:.1}", top - 5.0)) { (shortened(&item.name, size, layout.width() - value_width - 16.0)) }
                text class="end" x=(format!("{:.1}", layout.width())) y=(format!("{:.1}", top - 5.0)) { (item.text) }
            }
        }
    }
}
