//! Served demands: replicas and what users see over the hours of the busiest day.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::draws::{Bar, bars_around};
use super::figure::figure;
use super::view::View;
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Layer, Panel, Plane, Shape, Style};
use crate::number::attained;
use crate::served::{Estimate, MovedSummary, ServedRegion, ServedSummary};

/// Fills and strokes of regions, in their order.
const FILLS: [&str; 8] = ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"];

/// The section; nothing for a run in which no demand is served.
pub fn served(view: &View<'_>) -> Option<Markup> {
    let (words, served) = (view.words, &view.summary.served);
    (!served.is_empty() || !view.summary.unserved.is_empty()).then(|| {
        html! {
            p.lede { (words.served_lead) }
            @if !served.is_empty() { (table(words, served.values())) }
            @for (name, one) in served {
                (figure(words, &chart(words, name, one), words.served_caption))
                @if let Some(checked) = &one.error.checked { p { (words.served_checked(checked)) } }
                (by_region(words, one))
                @for chart in moved(words, name, one) { (figure(words, &chart, words.served_moved_caption)) }
            }
            @if !view.summary.unserved.is_empty() {
                h3 { (words.unserved) }
                ul { @for (name, why) in &view.summary.unserved { li { b { (name) } ": " (why) } } }
            }
        }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let words = view.words;
    let of = |(name, one): (&String, &ServedSummary)| {
        let mut charts = vec![chart(words, name, one)];
        charts.extend(moved(words, name, one));
        charts
    };
    view.summary.served.iter().flat_map(of).collect()
}

/// What users of every region see over the busiest day, and in its worst hour.
fn by_region(words: &Words, served: &ServedSummary) -> Markup {
    let title = words.served_regions_title(&served.title, &served.day.date.to_string());
    html! {
        h3 { (title) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.served_region) }
                th.number { (words.served_whole_day) }
                th.number { (words.served_worst_hour) }
            } }
            tbody { @for region in served.day.regions.values() { @if let Some((day, worst, hour)) = of_day(region) { tr {
                th scope="row" { (region.title) }
                td.number { (share(Some(day))) }
                td.number { (words.served_worst(&attained(worst), &words.served_hour(hour))) }
            } } } }
        } }
        p { (words.served_regions_caption) }
    }
}

/// Attainment of a region over the day, and its lowest in an hour with that hour; nothing where nobody asks.
fn of_day(region: &ServedRegion) -> Option<(Estimate, f64, u32)> {
    let day = weighed(region.requests.iter().copied().zip(region.attainment.iter().copied()))?;
    let hours = (0_u32..).zip(&region.attainment).filter_map(|(hour, one)| Some((one.as_ref()?.value, hour)));
    let (worst, hour) = hours.min_by(|one, other| one.0.total_cmp(&other.0))?;
    Some((day, worst, hour))
}

/// Tornadoes of accelerators and of the cost of a user.
fn moved(words: &Words, name: &str, served: &ServedSummary) -> Vec<Chart> {
    let Some(found) = &served.sensitivity else { return Vec::new() };
    let week = found.from.to_string();
    let all = [
        ("accelerators", words.served_accelerators_standing, Dimension::Count, &found.accelerators),
        ("user-month", words.served_per_user, Dimension::Money, &found.cost_per_user_month),
    ];
    let of = |(path, axis, dimension, moved): (&str, &str, Dimension, &MovedSummary)| {
        let bars: Vec<Bar<'_>> =
            moved.inputs.iter().map(|input| (input.input.as_str(), input.at_low, input.at_high)).collect();
        let name = (format!("served-{path}-{name}"), words.served_moved_title(&served.title, axis, &week));
        let caption = words.served_moved_caption.to_owned();
        let axis = Axis::new(axis, dimension);
        (!bars.is_empty()).then(|| bars_around(words, name, caption, axis, moved.reference, &bars))
    };
    all.into_iter().filter_map(of).collect()
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
    Chart {
        name: format!("served-{name}"),
        title: words.served_title(&served.title, &served.day.date.to_string()),
        description: words.served_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis { name: words.served_hours.to_owned(), dimension: Dimension::Count }),
            panels: vec![
                Panel::new(words.served_accelerators, Dimension::Count, (220.0, 180.0), replicas.collect()),
                Panel::new(words.served_attainment, Dimension::Ratio, (120.0, 100.0), vec![attained]),
            ],
            stops: words.hours_of_day(),
            divider: None,
        }),
    }
}

/// Attainment of all regions by hour.
fn attainment(served: &ServedSummary) -> Vec<Option<Estimate>> {
    let regions = &served.day.regions;
    let hours = regions.values().map(|region| region.attainment.len()).max().unwrap_or(0);
    let at = |hour: usize| {
        weighed(regions.values().map(|region| (region.requests[hour], region.attainment[hour])))
    };
    (0..hours).map(at).collect()
}

/// The mean of the estimates that there are, each with its weight.
fn weighed(estimates: impl Iterator<Item = (f64, Option<Estimate>)>) -> Option<Estimate> {
    let (mut sum, mut all) = (0.0, Estimate { value: 0.0, low: 0.0, high: 0.0 });
    for (weight, one) in estimates.filter_map(|(weight, one)| Some((weight, one?))) {
        sum += weight;
        all.value += weight * one.value;
        all.low += weight * one.low;
        all.high += weight * one.high;
    }
    (sum > 0.0).then(|| Estimate { value: all.value / sum, low: all.low / sum, high: all.high / sum })
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
                        td.number { (shown(Dimension::Ratio, Some(one.error.widest_hour))) }
                    }
                }
            }
        } }
    }
}

/// A share with its interval beneath.
fn share(estimate: Option<Estimate>) -> Markup {
    let Some(Estimate { value, low, high }) = estimate else { return html! { "–" } };
    html! { (attained(value)) span.range { (attained(low)) "\u{a0}–\u{2060}\u{a0}" (attained(high)) } }
}
