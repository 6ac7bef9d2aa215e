//! GPUs by kind over time, above the power that can run them.

use gigawatt_plan::period::{Moment, Period, Quarter};
use gigawatt_plan::plan::{AcceleratorClass, Arrival, Lot, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::figure;
use super::view::View;
use crate::chart::{
    Across, Axis, Body, Chart, Datum, FILLS, Finest, Layer, Panel, Plane, Point, Shape, Style, simplified,
};

/// The section.
pub fn fleet(view: &View<'_>) -> Markup {
    let window = window(view);
    let last = index(view, window.end);
    let caption = view.words.fleet_caption(&others(view, last), &window.end.day_before().to_string());
    html! {
        p.lede { (view.words.fleet_lead) }
        (figure(view.words, &chart(view), &caption))
    }
}

/// GPUs by kind above the power, by day.
pub fn chart(view: &View<'_>) -> Chart {
    let words = view.words;
    let window = window(view);
    let quarters = quarters(view, window);
    let mut kinds = kinds(view, window);
    kinds.push(Layer {
        name: words.quantiles_over_draws.to_owned(),
        style: Style::Whisker,
        shape: Shape::Whisker,
        slot: (0, 1),
        data: whiskers(view, &quarters),
    });
    let stops = quarters.iter().map(|quarter| {
        let start = quarter.start().max(window.start).days();
        (start, quarter.end().days(), quarter.end().day_before().to_string())
    });
    let stops = stops.collect();
    let panels = vec![
        Panel {
            upright: Axis { name: words.gpus_owned.to_owned(), dimension: Dimension::Count },
            height: (250.0, 190.0),
            layers: kinds,
        },
        Panel {
            upright: Axis { name: words.power.to_owned(), dimension: Dimension::Power },
            height: (180.0, 150.0),
            layers: power(view, window, &quarters),
        },
    ];
    Chart {
        name: "fleet".to_owned(),
        title: words.fleet_chart.to_owned(),
        description: format!("{}, {}", words.reference_case, words.fleet_chart),
        body: Body::Plane(Plane {
            across: Across::Time { period: window, finest: Finest::Quarters },
            panels,
            stops,
            divider: None,
        }),
    }
}

/// The years in which something is delivered or leaves, and one more; the whole plan where nothing does.
fn window(view: &View<'_>) -> Period {
    let plan = view.plan.period;
    let moves = |lot: &Lot| {
        let delivered = match &lot.arrival {
            Arrival::Delivered(delivery) => Some(delivery.period),
            Arrival::Opening => None,
        };
        [delivered, lot.retire].into_iter().flatten().collect::<Vec<_>>()
    };
    let periods: Vec<Period> = view.plan.lots.iter().flat_map(moves).collect();
    let start = periods.iter().map(|period| period.start.day().year()).min();
    let end = periods.iter().map(|period| period.end.day_before().year()).max();
    let (Some(start), Some(end)) = (start, end) else { return plan };
    let start = Period::year(start).start.clamp(plan.start, plan.end);
    let end = Period::year(end + 1).end.clamp(plan.start, plan.end);
    if start < end { Period { start, end } } else { plan }
}

fn index(view: &View<'_>, moment: Moment) -> usize {
    usize::try_from(moment.0 - view.plan.period.start.0).unwrap_or(0)
}

/// The reference case of a result by day.
fn days(view: &View<'_>, id: ResultId, window: Period) -> Vec<f64> {
    let (first, last) = (index(view, window.start), index(view, window.end));
    view.daily(id).get(first..=last).map(<[f64]>::to_vec).unwrap_or_default()
}

/// Part of the greatest value by which days may be missed that are left out between others.
const DEVIATION: f64 = 2e-4;

/// Days that carry the shapes of several series: what lies straight between two of them in all is left out.
fn telling(all: &[&[f64]], window: Period) -> Vec<usize> {
    let greatest = all.iter().flat_map(|values| values.iter()).fold(0.0_f64, |a, b| a.max(b.abs()));
    let mut kept = vec![false; all.first().map_or(0, |values| values.len())];
    for values in all {
        let points: Vec<Point> =
            (window.start.0..).zip(*values).map(|(day, value)| (f64::from(day), *value)).collect();
        for (day, _) in simplified(&points, DEVIATION * greatest) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a day of the window"
            )]
            let at = (day - window.start.days()) as usize;
            kept[at] = true;
        }
    }
    // The ends of quarters are told in words: they are there.
    for quarter in Quarter::of(window.start.day()).0..=Quarter::of(window.end.day_before()).0 {
        let end = Quarter(quarter).end();
        if let Some(kept) = usize::try_from(end.0 - window.start.0).ok().and_then(|at| kept.get_mut(at)) {
            *kept = true;
        }
    }
    kept.iter().enumerate().filter_map(|(at, kept)| kept.then_some(at)).collect()
}

fn data(values: &[f64], days: &[usize], window: Period) -> Vec<Datum> {
    let day = |at: usize| window.start.days() + f64::from(u32::try_from(at).unwrap_or(u32::MAX));
    days.iter().map(|at| Datum::at(day(*at), values[*at])).collect()
}

/// GPUs by kind; kinds beyond the palette are taken together, the smallest first.
fn kinds(view: &View<'_>, window: Period) -> Vec<Layer> {
    let ids = &view.plan.vocabulary.buildout.systems;
    let systems =
        view.plan.systems.iter().zip(ids).filter(|(system, _)| system.class == AcceleratorClass::Gpu);
    let mut all: Vec<(String, Vec<f64>)> = systems
        .map(|(system, (owned, _))| (system.title.clone(), days(view, *owned, window)))
        .filter(|(_, values)| values.iter().any(|value| *value > 0.0))
        .collect();
    let room = FILLS.len();
    if all.len() > room {
        let greatest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let mut sizes: Vec<f64> = all.iter().map(|(_, values)| greatest(values)).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        let least = sizes[room - 2];
        let (mut kept, rest): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, values)| greatest(values) >= least);
        let mut sum = vec![0.0; rest.first().map_or(0, |(_, values)| values.len())];
        for (_, values) in kept.split_off(kept.len().min(room - 1)).iter().chain(&rest) {
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        kept.push((view.words.other_kinds.to_owned(), sum));
        all = kept;
    }
    let series: Vec<&[f64]> = all.iter().map(|(_, values)| values.as_slice()).collect();
    let kept = telling(&series, window);
    all.iter()
        .zip(FILLS)
        .map(|((name, values), fill)| Layer {
            name: name.clone(),
            style: Style::Fill(fill),
            shape: Shape::StackedArea,
            slot: (0, 1),
            data: data(values, &kept, window),
        })
        .collect()
}

/// Power provisioned, of the facility and of the racks, and the spread of the last.
fn power(view: &View<'_>, window: Period, quarters: &[Quarter]) -> Vec<Layer> {
    let (words, vocabulary) = (view.words, &view.plan.vocabulary);
    let online = vocabulary.buildout.power_online;
    let band = quarters.iter().filter_map(|quarter| {
        let value = view.of_quarter(online, *quarter)?;
        let end = quarter.end().days();
        Some(Datum::between((end, end), value.p10?, value.p90?))
    });
    let mut layers = vec![Layer {
        name: format!("{}, {}", words.power_online, words.spread),
        style: Style::Band,
        shape: Shape::Band,
        slot: (0, 1),
        data: band.collect(),
    }];
    let lines = [
        (words.power_provisioned, Style::Dashed("t8"), vocabulary.facility.provisioned),
        (words.facility_power, Style::Line("t2"), vocabulary.facility.online),
        (words.power_online, Style::Line("t1"), online),
    ];
    layers.extend(lines.into_iter().map(|(name, style, id)| {
        let values = days(view, id, window);
        let kept = telling(&[&values], window);
        let data = data(&values, &kept, window);
        Layer { name: name.to_owned(), style, shape: Shape::Line, slot: (0, 1), data }
    }));
    layers
}

/// Accelerators that do not count as GPUs, with their number at the end.
fn others(view: &View<'_>, last: usize) -> Vec<(String, String)> {
    let ids = &view.plan.vocabulary.buildout.systems;
    let systems =
        view.plan.systems.iter().zip(ids).filter(|(system, _)| system.class != AcceleratorClass::Gpu);
    systems
        .map(|(system, (owned, _))| {
            let count = view.daily(*owned).get(last).copied().unwrap_or(0.0);
            (system.title.clone(), format_quantity(Dimension::Count, count))
        })
        .collect()
}

/// The quarters that end within a window.
fn quarters(view: &View<'_>, window: Period) -> Vec<Quarter> {
    view.quarters().filter(|quarter| quarter.end() > window.start && quarter.end() <= window.end).collect()
}

/// Quarters beyond which whiskers stand at the ends of years alone.
const MANY_QUARTERS: usize = 16;

/// p10 and p90 of the GPUs owned at the ends of quarters; none where a target fixes the stock.
fn whiskers(view: &View<'_>, quarters: &[Quarter]) -> Vec<Datum> {
    let many = quarters.len() > MANY_QUARTERS;
    let owned = view.plan.vocabulary.buildout.owned;
    quarters
        .iter()
        .filter(|quarter| !many || quarter.number() == 4)
        .filter_map(|quarter| {
            let value = view.of_quarter(owned, *quarter)?;
            let end = quarter.end().days();
            Some(Datum::between((end, end), value.p10?, value.p90?))
        })
        .filter(|datum| datum.high - datum.low > 1e-6 * datum.high.abs())
        .collect()
}
