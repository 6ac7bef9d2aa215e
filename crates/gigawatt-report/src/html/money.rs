//! Money by quarter and by year.

use gigawatt_plan::period::{Moment, Period, Quarter};
use gigawatt_plan::plan::{FinanceIds, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::figure::{Swatch, figure, legend};
use crate::number::{AxisUnit, is_certain, range, shown};
use super::view::View;
use crate::Value;
use crate::chart::{
    Finest, Layout, Plot, Point, Scale, ValueAxis, calendar, diamond, drawing, line, rectangle,
    value_gridlines, vertical_whisker,
};

/// The section; nothing without a company.
pub fn money(view: &View<'_>) -> Option<Markup> {
    let ids = view.plan.vocabulary.finance.as_ref()?;
    let quarters: Vec<Quarter> =
        view.quarters().filter(|quarter| view.of_quarter(ids.capex, *quarter).is_some()).collect();
    let years: Vec<i16> =
        view.years.iter().copied().filter(|year| yearly(view, ids.capex, *year).is_some()).collect();
    Some(html! {
        p.lede { (words.money_lead) }
        @if let (Some(first), Some(last)) = (quarters.first(), quarters.last()) {
            @let window = Period { start: first.start(), end: last.end() };
            (figure(words.by_quarter, &quarter_legend(view, ids, &quarters), words.money_caption, |layout| {
                by_quarter(view, ids, &quarters, &Frame::new(layout, window, (42.0, layout.pick(300.0, 240.0))))
            }))
        }
        @if let (Some(first), Some(last)) = (years.first(), years.last()) {
            @let window = Period { start: Period::year(*first).start, end: Period::year(*last).end };
            (figure(words.by_year, &year_legend(view, ids, &years), "", |layout| {
                by_year(view, ids, &years, &Frame::new(layout, window, (26.0, layout.pick(230.0, 200.0))))
            }))
        }
    })
}

/// The parts of capital expenditure, from the axis outwards.
fn parts(ids: &FinanceIds) -> [(ResultId, &'static str, &'static str); 3] {
    [
        (ids.capex_hardware, "f1", words.ai_hardware),
        (ids.capex_halls, "f2", words.ai_halls),
        (ids.capex_other, "f8", words.outside_ai),
    ]
}

fn yearly<'a>(view: &View<'a>, id: ResultId, year: i16) -> Option<&'a Value> {
    view.of_year(view.path(id), year)
}

fn quarter_legend(view: &View<'_>, ids: &FinanceIds, quarters: &[Quarter]) -> Markup {
    let known =
        |id: ResultId| quarters.iter().any(|quarter| view.outcome(id, &quarter.to_string()).is_some());
    let mut entries: Vec<(Swatch, String)> =
        parts(ids).into_iter().map(|(_, fill, name)| (Swatch::Fill(fill), name.to_owned())).collect();
    entries.push((Swatch::Sign("whisker-sign"), format!("{}, {}", words.capex, words.spread)));
    entries.push((Swatch::Line("t3"), words.operating_cash_flow.to_owned()));
    if known(ids.capex) {
        entries.push((Swatch::Sign("diamond-sign"), words.outcome_capex.to_owned()));
    }
    if known(ids.operating_cash_flow) {
        entries.push((Swatch::Sign("diamond-sign hollow-sign"), words.outcome_cash.to_owned()));
    }
    legend("", &entries)
}

fn year_legend(view: &View<'_>, ids: &FinanceIds, years: &[i16]) -> Markup {
    let known = years.iter().any(|year| view.outcome(ids.capex, &year.to_string()).is_some());
    let mut entries = vec![
        (Swatch::Fill("f1"), words.capex.to_owned()),
        (Swatch::Fill("f3"), words.free_cash_flow.to_owned()),
        (Swatch::Sign("whisker-sign"), words.spread.to_owned()),
    ];
    if known {
        entries.push((Swatch::Sign("diamond-sign"), words.outcome.to_owned()));
    }
    legend("", &entries)
}

/// A plot over the calendar.
struct Frame {
    layout: Layout,
    window: Period,
    plot: Plot,
    time: Scale,
}

impl Frame {
    fn new(layout: Layout, window: Period, (top, height): (f64, f64)) -> Self {
        let plot = Plot {
            left: layout.pick(44.0, 34.0),
            top,
            right: layout.width() - layout.pick(10.0, 6.0),
            bottom: top + height,
        };
        let time = Scale::new((window.start.days(), window.end.days()), (plot.left, plot.right));
        Self { layout, window, plot, time }
    }

    fn ends(&self, start: Moment, end: Moment) -> (f64, f64) {
        (self.time.at(start.days()), self.time.at(end.days()))
    }

    fn axis(&self, values: impl IntoIterator<Item = f64>) -> (ValueAxis, AxisUnit) {
        let values: Vec<f64> = values.into_iter().collect();
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let unit = AxisUnit::of(Dimension::Money, largest);
        (ValueAxis::covering(values, unit.factor, (self.plot.bottom, self.plot.top), 6), unit)
    }

    fn drawing(&self, below: f64, title: &str, description: &str, marks: &Markup) -> Markup {
        drawing((self.layout.width(), self.plot.bottom + below), title, description, marks)
    }
}

fn all_values(value: &Value) -> impl Iterator<Item = f64> {
    [value.p10, value.p50, value.p90].into_iter().flatten()
}

fn by_quarter(view: &View<'_>, ids: &FinanceIds, quarters: &[Quarter], frame: &Frame) -> Markup {
    let shown_lines = [ids.capex, ids.operating_cash_flow];
    let mut values: Vec<f64> = Vec::new();
    for quarter in quarters {
        for id in shown_lines {
            values.extend(view.of_quarter(id, *quarter).into_iter().flat_map(all_values));
            values.extend(view.outcome(id, &quarter.to_string()));
        }
        let parts = parts(ids)
            .map(|(id, ..)| view.of_quarter(id, *quarter).and_then(|value| value.p50).unwrap_or(0.0));
        values.push(parts.iter().filter(|part| **part > 0.0).sum());
        values.push(parts.iter().filter(|part| **part < 0.0).sum());
    }
    let (axis, unit) = frame.axis(values);
    let cash: Vec<Point> = quarters
        .iter()
        .filter_map(|quarter| {
            let (left, right) = frame.ends(quarter.start(), quarter.end());
            let median = view.of_quarter(ids.operating_cash_flow, *quarter)?.p50?;
            Some(((left + right) / 2.0, axis.at(median)))
        })
        .collect();
    let marks = html! {
        (value_gridlines(frame.plot, &axis, &format!("{} {}", unit.name, words.per_quarter), 12.0))
        (divider(view, ids, quarters, frame))
        @for quarter in quarters { (stacked(view, ids, *quarter, frame, &axis)) }
        (line(&cash, "trace t3", words.operating_cash_flow))
        @for (x, y) in &cash { circle class="f3" cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="3" {} }
        @for quarter in quarters { (known(view, ids, *quarter, frame, &axis)) }
        (calendar(frame.plot, frame.time, (frame.window.start, frame.window.end), Finest::Quarters))
        @for quarter in quarters { (hover(view, ids, *quarter, frame)) }
    };
    frame.drawing(38.0, words.by_quarter, words.money_lead, &marks)
}

/// One quarter's bar with the spread of the whole.
fn stacked(view: &View<'_>, ids: &FinanceIds, quarter: Quarter, frame: &Frame, axis: &ValueAxis) -> Markup {
    let (left, right) = frame.ends(quarter.start(), quarter.end());
    let width = (right - left) * 0.62;
    let corner = (left + right - width) / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    let total = view.of_quarter(ids.capex, quarter);
    html! {
        @for (id, fill, _) in parts(ids) {
            @let median = view.of_quarter(id, quarter).and_then(|value| value.p50).unwrap_or(0.0);
            @let start = if median < 0.0 { below } else { above };
            @let height = axis.at(start) - axis.at(start + median);
            ({ if median < 0.0 { below += median } else { above += median }; "" })
            (rectangle((corner, axis.at(start)), width, -height, &format!("part {fill}"), ""))
        }
        @if let Some((low, high)) = total.and_then(|value| value.p10.zip(value.p90)) {
            @if axis.at(low) - axis.at(high) > 1.0 {
                (vertical_whisker((left + right) / 2.0, (axis.at(low), axis.at(high)), (width * 0.2).min(6.0), ""))
            }
        }
    }
}

/// Signs for what happened in a quarter.
fn known(view: &View<'_>, ids: &FinanceIds, quarter: Quarter, frame: &Frame, axis: &ValueAxis) -> Markup {
    let (left, right) = frame.ends(quarter.start(), quarter.end());
    let middle = (left + right) / 2.0;
    let radius = frame.layout.pick(6.0, 4.5);
    html! {
        @for (id, class) in [(ids.operating_cash_flow, "outcome hollow"), (ids.capex, "outcome")] {
            @if let Some(value) = view.outcome(id, &quarter.to_string()) { (diamond((middle, axis.at(value)), radius, class, "")) }
        }
    }
}

/// The line between what was reported and what is forecast.
fn divider(view: &View<'_>, ids: &FinanceIds, quarters: &[Quarter], frame: &Frame) -> Markup {
    let reported = quarters
        .iter()
        .take_while(|quarter| {
            view.of_quarter(ids.capex, **quarter).is_some_and(|value| is_certain(Dimension::Money, value))
        })
        .count();
    if reported == 0 || reported == quarters.len() {
        return html! {};
    }
    let x = frame.time.at(quarters[reported].start().days());
    let y = frame.plot.top - 10.0;
    html! {
        line class="divider" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", y - 8.0)) y2=(format!("{:.1}", frame.plot.bottom)) {}
        text class="tick end" x=(format!("{:.1}", x - 6.0)) y=(format!("{y:.1}")) { (words.reported) }
        text class="tick" x=(format!("{:.1}", x + 6.0)) y=(format!("{y:.1}")) { (words.forecast) }
    }
}

fn hover(view: &View<'_>, ids: &FinanceIds, quarter: Quarter, frame: &Frame) -> Markup {
    let (left, right) = frame.ends(quarter.start(), quarter.end());
    let mut says = quarter.to_string();
    let [hardware, halls, other] = parts(ids).map(|(id, _, name)| (id, name));
    for (id, name) in [
        (ids.capex, words.capex),
        hardware,
        halls,
        other,
        (ids.operating_cash_flow, words.operating_cash_flow),
    ] {
        if let Some(value) = view.of_quarter(id, quarter) {
            says.push_str(&format!("\n{name}: {}", with_range(value)));
        }
        if let Some(outcome) = view.outcome(id, &quarter.to_string()) {
            says.push_str(&format!("; {} {}", words.outcome, format_quantity(Dimension::Money, outcome)));
        }
    }
    rectangle((left, frame.plot.top), right - left, frame.plot.height(), "hover", &says)
}

/// A median with its spread in brackets.
fn with_range(value: &Value) -> String {
    let median = shown(Dimension::Money, value.p50);
    match value.p10.zip(value.p90) {
        Some((low, high)) if !is_certain(Dimension::Money, value) => {
            format!("{median} ({})", range(Dimension::Money, low, high))
        }
        _ => median,
    }
}

fn by_year(view: &View<'_>, ids: &FinanceIds, years: &[i16], frame: &Frame) -> Markup {
    let lines = [(ids.capex, "f1", words.capex), (ids.free_cash_flow, "f3", words.free_cash_flow)];
    let mut values: Vec<f64> = Vec::new();
    for year in years {
        for (id, ..) in lines {
            values.extend(yearly(view, id, *year).into_iter().flat_map(all_values));
            values.extend(view.outcome(id, &year.to_string()));
        }
    }
    let (axis, unit) = frame.axis(values);
    let marks = html! {
        (value_gridlines(frame.plot, &axis, &format!("{} {}", unit.name, words.per_year), 12.0))
        @for year in years {
            @let period = Period::year(*year);
            @let (left, right) = frame.ends(period.start, period.end);
            @let width = ((right - left) * 0.26).min(70.0);
            @let middle = (left + right) / 2.0;
            @for ((id, fill, name), corner) in lines.into_iter().zip([middle - width - 3.0, middle + 3.0]) {
                @if let Some(value) = yearly(view, id, *year) {
                    @let outcome = view.outcome(id, &year.to_string());
                    @let says = {
                        let mut says = format!("{year}, {name}: {}", with_range(value));
                        if let Some(outcome) = outcome {
                            says.push_str(&format!("; {} {}", words.outcome, format_quantity(Dimension::Money, outcome)));
                        }
                        says
                    };
                    @let median = axis.at(value.p50.unwrap_or(0.0));
                    (rectangle((corner, axis.at(0.0)), width, median - axis.at(0.0), &format!("part {fill}"), &says))
                    @if let Some((low, high)) = value.p10.zip(value.p90) {
                        @if axis.at(low) - axis.at(high) > 1.0 {
                            (vertical_whisker(corner + width / 2.0, (axis.at(low), axis.at(high)), (width * 0.15).min(6.0), &says))
                        }
                    }
                    @if let Some(outcome) = outcome {
                        (diamond((corner + width / 2.0, axis.at(outcome)), frame.layout.pick(6.5, 5.0), "outcome", &says))
                    }
                }
            }
        }
        (calendar(frame.plot, frame.time, (frame.window.start, frame.window.end), Finest::Years))
    };
    frame.drawing(24.0, words.by_year, words.money_lead, &marks)
}
