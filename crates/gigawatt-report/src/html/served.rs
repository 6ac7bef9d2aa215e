//! Served demands: replicas and what users see over the hours of the busiest day.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::view::View;
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Layer, Panel, Plane, Shape, Style};
use crate::served::{Estimate, ServedSummary};

/// Fills and strokes of regions, in their order.
const FILLS: [&str; 8] = ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"];

/// The section; nothing for a run in which no demand is served.
pub fn served(view: &View<'_>) -> Option<Markup> {
    let (words, served) = (view.words, &view.summary.served);
    (!served.is_empty()).then(|| {
        html! {
            p.lede { (words.served_lead) }
            (table(words, served.values()))
            @for (name, one) in served { (figure(words, &chart(words, name, one), words.served_caption)) }
        }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    view.summary.served.iter().map(|(name, one)| chart(view.words, name, one)).collect()
}

/// Replicas of every region over the hours of the busiest day, and what users of all regions see.
fn chart(words: &Words, name: &str, served: &ServedSummary) -> Chart {
    let hours = |values: &[f64]| -> Vec<Datum> {
        (0_u32..)
            .zip(values)
            .map(|(hour, value)| Datum::over((f64::from(hour), f64::from(hour) + 1.0), *value))
            .collect()
    };
    let replicas = served.day.regions.values().zip(FILLS).map(|(region, fill)| Layer {
        name: region.title.clone(),
        style: Style::Fill(fill),
        shape: Shape::StackedBar,
        slot: (0, 1),
        data: hours(&region.accelerators),
    });
    let all = attainment(served);
    let data = (0_u32..).zip(&all).filter_map(|(hour, one)| {
        let (one, from) = ((*one)?, f64::from(hour));
        Some(Datum::spread((from, from + 1.0), (one.low, one.value, one.high)))
    });
    let attained = Layer {
        name: words.served_attainment.to_owned(),
        style: Style::Fill("f8"),
        shape: Shape::Spread,
        slot: (0, 1),
        data: data.collect(),
    };
    let panel = |name: &str, dimension, height, layers| Panel {
        upright: Axis { name: name.to_owned(), dimension },
        height,
        layers,
    };
    let stops = (0_u32..24).map(|hour| (f64::from(hour), f64::from(hour) + 1.0, words.served_hour(hour)));
    Chart {
        name: format!("served-{name}"),
        title: words.served_title(&served.title, &served.day.date.to_string()),
        description: words.served_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis { name: words.served_hours.to_owned(), dimension: Dimension::Count }),
            panels: vec![
                panel(words.served_accelerators, Dimension::Count, (220.0, 180.0), replicas.collect()),
                panel(words.served_attainment, Dimension::Ratio, (120.0, 100.0), vec![attained]),
            ],
            stops: stops.collect(),
            divider: None,
        }),
    }
}

/// Attainment of all regions by hour.
fn attainment(served: &ServedSummary) -> Vec<Option<Estimate>> {
    let regions = &served.day.regions;
    let hours = regions.values().map(|region| region.attainment.len()).max().unwrap_or(0);
    let at = |hour: usize| {
        let (mut sum, mut all) = (0.0, Estimate { value: 0.0, low: 0.0, high: 0.0 });
        for region in regions.values() {
            let Some(one) = region.attainment[hour] else { continue };
            let asked = region.requests[hour];
            sum += asked;
            all.value += asked * one.value;
            all.low += asked * one.low;
            all.high += asked * one.high;
        }
        (sum > 0.0).then(|| Estimate { value: all.value / sum, low: all.low / sum, high: all.high / sum })
    };
    (0..hours).map(at).collect()
}

/// A row for each demand.
fn table<'a>(words: &Words, served: impl Iterator<Item = &'a ServedSummary>) -> Markup {
    let columns = [
        words.served_requests,
        words.served_accelerators_standing,
        words.served_power,
        words.served_attainment,
        words.served_per_tokens,
        words.served_per_user,
        words.served_off,
    ];
    let shown = |dimension: Dimension, value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| format_quantity(dimension, value))
    };
    html! {
        div.scroll { table.wrap {
            thead { tr {
                th { (words.served_demand) }
                @for name in columns { th.number { (name) } }
            } }
            tbody {
                @for one in served {
                    @let total = &one.total;
                    tr {
                        th scope="row" { (one.title) }
                        td.number { (shown(Dimension::Count, Some(one.day.requests))) }
                        td.number { (shown(Dimension::Count, Some(total.accelerators))) }
                        td.number { (shown(Dimension::Power, Some(total.facility_power))) }
                        td.number { (share(total.attainment)) }
                        td.number { (shown(Dimension::Money, total.cost_per_million_tokens)) }
                        td.number { (shown(Dimension::Money, total.cost_per_user_month)) }
                        td.number { (shown(Dimension::Ratio, Some(one.error.sampling + one.error.interpolation))) }
                    }
                }
            }
        } }
    }
}

/// A share with its interval beneath.
fn share(estimate: Option<Estimate>) -> Markup {
    let Some(Estimate { value, low, high }) = estimate else { return html! { "–" } };
    let shown = |value| format_quantity(Dimension::Ratio, value);
    html! { (shown(value)) span.range { (shown(low)) "\u{a0}–\u{2060}\u{a0}" (shown(high)) } }
}
