//! GPUs by kind over time, above the power that can run them.

use gigawatt_plan::period::{Moment, Period, Quarter};
use gigawatt_plan::plan::{AcceleratorClass, Arrival, Lot, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::{FILLS, Swatch, figure, legend};
use crate::number::{AxisUnit, range};
use super::view::View;
use crate::chart::{
    Finest, Layout, Plot, Point, Scale, ValueAxis, area, calendar, drawing, line, rectangle, shortened,
    simplified, text_width, value_gridlines, vertical_whisker,
};

/// A kind of GPU, or several small ones together, by day.
struct Series {
    name: String,
    fill: &'static str,
    values: Vec<f64>,
}

/// A line of power.
struct Trace {
    name: &'static str,
    class: &'static str,
    swatch: Swatch,
    id: ResultId,
}

/// Deviation, in units of the drawing, below which a point of a line is left out.
const TOLERANCE: f64 = 0.2;

/// The section.
pub fn fleet(view: &View<'_>) -> Markup {
    let window = window(view);
    let (first, last) = (index(view, window.start), index(view, window.end));
    let series = series(view, first, last);
    let traces = traces(view);
    let mut kinds: Vec<(Swatch, String)> =
        series.iter().map(|series| (Swatch::Fill(series.fill), series.name.clone())).collect();
    if whiskers(view, window).iter().any(|(_, low, high)| high > low) {
        kinds.push((Swatch::Sign("whisker-sign"), words.quantiles_over_draws.to_owned()));
    }
    let lines: Vec<(Swatch, String)> =
        traces.iter().map(|trace| (trace.swatch, trace.name.to_owned())).collect();
    let legends = html! { (legend(words.gpus_owned, &kinds)) (legend(words.power, &lines)) };
    let caption = words.fleet_caption(&others(view, last), &window.end.day_before().to_string());
    html! {
        p.lede { (words.fleet_lead) }
        (figure(words.fleet_chart, &legends, &caption, |layout| {
            Panels::new(layout, window).draw(view, &series, &traces, (first, last))
        }))
    }
}

/// The years in which something is delivered or leaves, and one more; the whole plan where nothing does.
fn window(view: &View<'_>) -> Period {
    let plan = view.plan.period;
    let moves = |lot: &Lot| {
        let delivered = match lot.arrival {
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

fn days(view: &View<'_>, id: ResultId, first: usize, last: usize) -> Vec<f64> {
    view.daily(id).get(first..=last).map(<[f64]>::to_vec).unwrap_or_default()
}

/// GPUs by kind; kinds beyond the palette are taken together, the smallest first.
fn series(view: &View<'_>, first: usize, last: usize) -> Vec<Series> {
    let ids = &view.plan.vocabulary.buildout.systems;
    let systems =
        view.plan.systems.iter().zip(ids).filter(|(system, _)| system.class == AcceleratorClass::Gpu);
    let mut all: Vec<(String, Vec<f64>)> = systems
        .map(|(system, (owned, _))| (system.title.clone(), days(view, *owned, first, last)))
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
        let mut sum = vec![0.0; last + 1 - first];
        for (_, values) in kept.split_off(kept.len().min(room - 1)).iter().chain(&rest) {
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        kept.push((words.other_kinds.to_owned(), sum));
        all = kept;
    }
    all.into_iter().zip(FILLS).map(|((name, values), fill)| Series { name, fill, values }).collect()
}

fn traces(view: &View<'_>) -> [Trace; 3] {
    let vocabulary = &view.plan.vocabulary;
    [
        Trace {
            name: words.power_provisioned,
            class: "trace dashed t8",
            swatch: Swatch::Dashed("t8"),
            id: vocabulary.facility.provisioned,
        },
        Trace {
            name: words.facility_power,
            class: "trace t2",
            swatch: Swatch::Line("t2"),
            id: vocabulary.facility.online,
        },
        Trace {
            name: words.power_online,
            class: "trace t1",
            swatch: Swatch::Line("t1"),
            id: vocabulary.buildout.power_online,
        },
    ]
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

/// p10 and p90 of the GPUs owned at the ends of quarters.
fn whiskers(view: &View<'_>, window: Period) -> Vec<(Quarter, f64, f64)> {
    let quarters = quarters(view, window);
    let many = quarters.len() > MANY_QUARTERS;
    let owned = view.plan.vocabulary.buildout.owned;
    quarters
        .into_iter()
        .filter(|quarter| !many || quarter.number() == 4)
        .filter_map(|quarter| {
            let value = view.of_quarter(owned, quarter)?;
            Some((quarter, value.p10?, value.p90?))
        })
        .collect()
}

/// The two panels over one calendar.
struct Panels {
    layout: Layout,
    window: Period,
    gpus: Plot,
    power: Plot,
    time: Scale,
}

impl Panels {
    fn new(layout: Layout, window: Period) -> Self {
        let (left, right) = (layout.pick(44.0, 36.0), layout.width() - layout.pick(10.0, 6.0));
        let top = 26.0;
        let gpus = Plot { left, right, top, bottom: top + layout.pick(250.0, 190.0) };
        let power = Plot {
            left,
            right,
            top: gpus.bottom + 36.0,
            bottom: gpus.bottom + 36.0 + layout.pick(180.0, 150.0),
        };
        let time = Scale::new((window.start.days(), window.end.days()), (left, right));
        Self { layout, window, gpus, power, time }
    }

    fn draw(
        &self,
        view: &View<'_>,
        series: &[Series],
        traces: &[Trace],
        (first, last): (usize, usize),
    ) -> Markup {
        let height = self.power.bottom + 38.0;
        let quarters = quarters(view, self.window);
        let marks = html! {
            (self.stack(view, series))
            (self.lines(view, traces, &quarters, (first, last)))
            (calendar(self.power, self.time, (self.window.start, self.window.end), Finest::Quarters))
            (self.hovers(view, series, traces, &quarters))
        };
        let description = format!("{}, {}", words.reference_case, words.gpus_owned);
        drawing((self.layout.width(), height), words.fleet_chart, &description, &marks)
    }

    fn points(&self, values: &[f64], axis: &ValueAxis) -> Vec<Point> {
        let mut day = self.window.start.days() - 1.0;
        let points: Vec<Point> = values
            .iter()
            .map(|value| {
                day += 1.0;
                (self.time.at(day), axis.at(*value))
            })
            .collect();
        simplified(&points, TOLERANCE)
    }

    fn stack(&self, view: &View<'_>, series: &[Series]) -> Markup {
        let length = series.first().map_or(0, |series| series.values.len());
        let mut sums = vec![vec![0.0; length]];
        for series in series {
            let below = &sums[sums.len() - 1];
            let sum = below.iter().zip(&series.values).map(|(below, value)| below + value).collect();
            sums.push(sum);
        }
        let whiskers = whiskers(view, self.window);
        let greatest = sums.iter().flatten().copied().chain(whiskers.iter().map(|whisker| whisker.2));
        let greatest = greatest.fold(0.0, f64::max);
        let unit = AxisUnit::of(Dimension::Count, greatest);
        let axis = ValueAxis::over(0.0, greatest, unit.factor, (self.gpus.bottom, self.gpus.top), 5);
        html! {
            (value_gridlines(self.gpus, &axis, &unit.beside(words.gpus_owned), self.gpus.top - 10.0))
            @for (series, sums) in series.iter().zip(sums.windows(2)) {
                (area(&self.points(&sums[1], &axis), &self.points(&sums[0], &axis), &format!("part {}", series.fill), &series.name))
            }
            @for (quarter, low, high) in whiskers {
                @let (low, high) = (axis.at(low), axis.at(high));
                // A stock that a target fixes has no spread to show.
                @if low - high > 1.0 { (vertical_whisker(self.time.at(quarter.end().days()).min(self.gpus.right - 3.0), (low, high), 3.0, "")) }
            }
            @for (series, sums) in series.iter().zip(sums.windows(2)) { (self.name_inside(series, sums, &axis)) }
        }
    }

    /// The kind's name where its area is thick enough for it: at the right, where it is largest as a rule.
    fn name_inside(&self, series: &Series, sums: &[Vec<f64>], axis: &ValueAxis) -> Markup {
        let size = 12.0;
        let name = shortened(&series.name, size, self.gpus.width() * 0.42);
        let width = text_width(&name, size) + 8.0;
        // The area must hold the name all along it: at its end and, as far to the left, at its start.
        let per_day = self.gpus.width() / (self.window.end.days() - self.window.start.days());
        let length = sums[0].len();
        let start = length.saturating_sub((width / per_day).ceil() as usize + 1);
        let (Some(low), Some(high)) = (sums[0].last(), sums[1].last()) else { return html! {} };
        let middle = (axis.at(*low) + axis.at(*high)) / 2.0;
        let holds =
            |day: usize| axis.at(sums[0][day]) >= middle + 8.0 && axis.at(sums[1][day]) <= middle - 8.0;
        if !holds(start) || !holds(length - 1) || self.layout == Layout::Narrow {
            return html! {};
        }
        let right = self.gpus.right - 10.0;
        html! {
            // Hides the whiskers that would cross the name.
            (rectangle((right - width + 4.0, middle - 7.5), width, 15.0, series.fill, ""))
            text class=(format!("end {}", series.fill.replace('f', "o"))) x=(format!("{right:.1}")) y=(format!("{:.1}", middle + 4.0)) { (name) }
        }
    }

    fn lines(
        &self,
        view: &View<'_>,
        traces: &[Trace],
        quarters: &[Quarter],
        (first, last): (usize, usize),
    ) -> Markup {
        let band: Vec<(f64, f64, f64)> = quarters
            .iter()
            .filter_map(|quarter| {
                let value = view.of_quarter(view.plan.vocabulary.buildout.power_online, *quarter)?;
                Some((self.time.at(quarter.end().days()), value.p10?, value.p90?))
            })
            .collect();
        let lines: Vec<Vec<f64>> = traces.iter().map(|trace| days(view, trace.id, first, last)).collect();
        let greatest =
            lines.iter().flatten().copied().chain(band.iter().map(|band| band.2)).fold(0.0, f64::max);
        let unit = AxisUnit::of(Dimension::Power, greatest);
        let axis = ValueAxis::over(0.0, greatest, unit.factor, (self.power.bottom, self.power.top), 4);
        let upper: Vec<Point> = band.iter().map(|(x, _, high)| (*x, axis.at(*high))).collect();
        let lower: Vec<Point> = band.iter().map(|(x, low, _)| (*x, axis.at(*low))).collect();
        html! {
            (value_gridlines(self.power, &axis, &unit.beside(words.power), self.power.top - 10.0))
            @if band.len() > 1 { (area(&upper, &lower, "band", words.quantiles_over_draws)) }
            @for (trace, values) in traces.iter().zip(&lines) {
                @if !values.is_empty() { (line(&self.points(values, &axis), trace.class, trace.name)) }
            }
        }
    }

    /// Invisible columns, one per quarter, that tell all values at its end.
    fn hovers(&self, view: &View<'_>, series: &[Series], traces: &[Trace], quarters: &[Quarter]) -> Markup {
        html! {
            @for quarter in quarters {
                @let (left, right) = (self.time.at(quarter.start().max(self.window.start).days()), self.time.at(quarter.end().days()));
                @let day = index(view, quarter.end());
                @let within = day - index(view, self.window.start);
                @let says = {
                    let mut says = quarter.end().day_before().to_string();
                    for series in series.iter().rev() {
                        says.push_str(&format!("\n{}: {}", series.name, format_quantity(Dimension::Count, series.values[within])));
                    }
                    for trace in traces {
                        says.push_str(&format!("\n{}: {}", trace.name, format_quantity(Dimension::Power, view.daily(trace.id)[day])));
                    }
                    if let Some((low, high)) = view.of_quarter(view.plan.vocabulary.buildout.power_online, *quarter).and_then(|value| value.p10.zip(value.p90)) {
                        says.push_str(&format!("\n{} {}: {}", words.power_online, words.spread, range(Dimension::Power, low, high)));
                    }
                    says
                };
                (rectangle((left, self.gpus.top), right - left, self.power.bottom - self.gpus.top, "hover", &says))
            }
        }
    }
}
