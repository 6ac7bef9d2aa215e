//! Drawing panels over one level axis.

use gigawatt_plan::quantity::format_quantity;
use maud::{Markup, html};

use super::{
    Across, Chart, Datum, Layer, Layout, Panel, Plane, Plot, Point, Scale, Shape, Style, ValueAxis, area,
    calendar, diamond, drawing, level_axis, level_gridlines, line, rectangle, shortened, simplified, stacked,
    text_width, value_gridlines, vertical_whisker,
};
use crate::Words;
use crate::number::{AxisUnit, range};

/// Deviation, in units of the drawing, below which a point of a line is left out.
const TOLERANCE: f64 = 0.2;
/// Part of the greatest value that values have to differ by for an axis that does not start at nothing.
const LEAST_EXTENT: f64 = 0.005;
/// Size of letters.
const LETTER: f64 = 12.0;

/// A panel with its place and axis.
struct Frame<'a> {
    panel: &'a Panel,
    plot: Plot,
    axis: ValueAxis,
    unit: AxisUnit,
}

pub(super) fn draw(chart: &Chart, plane: &Plane, words: &Words, layout: Layout) -> Markup {
    // Half of the last label of an axis of values stands beyond it.
    let beyond = if matches!(plane.across, Across::Values(_) | Across::Logarithm(_)) {
        18.0
    } else {
        layout.pick(12.0, 8.0)
    };
    let (left, right) = (layout.pick(48.0, 40.0), layout.width() - beyond);
    let mut bottom = if plane.divider.is_some() { 14.0 } else { 0.0 };
    let mut frames = Vec::new();
    for (index, panel) in plane.panels.iter().enumerate() {
        let top = bottom + if index == 0 { 28.0 } else { 36.0 };
        bottom = top + layout.pick(panel.height.0, panel.height.1);
        let plot = Plot { left, top, right, bottom };
        let values = extent(panel);
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let unit = AxisUnit::of(words, panel.upright.dimension, largest);
        let ends = (plot.bottom, plot.top);
        let axis = match away_from_nothing(panel, &values) {
            Some((low, high)) => ValueAxis::over(low, high, unit.factor, ends, layout.pick(5, 4)),
            None => ValueAxis::covering(values, unit.factor, ends, layout.pick(6, 5)),
        };
        frames.push(Frame { panel, plot, axis, unit });
    }
    let whole = Plot { left, top: frames.first().map_or(0.0, |frame| frame.plot.top), right, bottom };
    let mut lines = html! {};
    let (across, below, floor) = match &plane.across {
        Across::Time { period, finest } => {
            let scale = Scale::new((period.start.days(), period.end.days()), (left, right));
            let marks = calendar(whole, scale, (period.start, period.end), *finest);
            (scale, if *finest == super::Finest::Quarters { 38.0 } else { 24.0 }, marks)
        }
        Across::Values(axis) | Across::Logarithm(axis) => {
            let along = level(plane, axis, whole, words, layout);
            let name = along.1.within(&axis.name, LETTER, whole.width());
            let plots: Vec<Plot> = frames.iter().map(|frame| frame.plot).collect();
            lines = level_gridlines(&plots, &along.0);
            (along.0.scale, 38.0, level_axis(whole, &along.0, &name))
        }
    };
    let marks = html! {
        @for frame in &frames {
            (value_gridlines(frame.plot, &frame.axis, &frame.unit.within(&frame.panel.upright.name, LETTER, layout.width()), frame.plot.top - 12.0))
        }
        (lines)
        @if let Some(divider) = &plane.divider { (separate(divider, across, whole)) }
        @for frame in &frames { (layers(frame, across, layout)) }
        (floor)
        @for (from, to, name) in &plane.stops {
            @let (start, end) = (across.at(*from), across.at(*to));
            (rectangle((start, whole.top), end - start, whole.height(), "hover", &told(plane, (*from, *to), name)))
        }
    };
    drawing((layout.width(), bottom + below), &chart.title, &chart.description, &marks)
}

/// Every value that the upright axis has to cover.
fn extent(panel: &Panel) -> Vec<f64> {
    let mut values: Vec<f64> =
        panel.layers.iter().flat_map(|layer| &layer.data).flat_map(|datum| [datum.low, datum.high]).collect();
    values.extend(stacked(&panel.layers).iter().flatten().flat_map(|(start, end)| [*start, *end]));
    values
}

/// The extent of a panel whose marks do not start at nothing and lie far from it beside their extent.
fn away_from_nothing(panel: &Panel, values: &[f64]) -> Option<(f64, f64)> {
    let rooted = |layer: &Layer| matches!(layer.shape, Shape::StackedArea | Shape::StackedBar | Shape::Bar);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // What hardly differs would have labels with figures that mean nothing.
    let apart = high - low > LEAST_EXTENT * high;
    (!panel.layers.iter().any(rooted) && low > 0.5 * high && apart).then_some((low, high))
}

/// The level axis of values.
fn level(
    plane: &Plane,
    axis: &super::Axis,
    whole: Plot,
    words: &Words,
    layout: Layout,
) -> (ValueAxis, AxisUnit) {
    let places = plane.panels.iter().flat_map(|panel| &panel.layers).flat_map(|layer| &layer.data);
    let places: Vec<f64> = places.flat_map(|datum| [datum.from, datum.to]).collect();
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let unit = AxisUnit::of(words, axis.dimension, high.abs().max(low.abs()));
    let ends = (whole.left, whole.right);
    let along = match plane.across {
        Across::Logarithm(_) => ValueAxis::logarithmic(low, high, unit.factor, ends),
        _ => ValueAxis::between(low, high, unit.factor, ends, layout.pick(8, 4)),
    };
    (along, unit)
}

/// The line between two stretches with their names.
fn separate((at, before, after): &(f64, String, String), across: Scale, whole: Plot) -> Markup {
    let x = across.at(*at);
    let y = whole.top - 26.0;
    html! {
        line class="divider" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", y - 8.0)) y2=(format!("{:.1}", whole.bottom)) {}
        @if x - whole.left > text_width(before, LETTER) + 8.0 { text class="tick end" x=(format!("{:.1}", x - 6.0)) y=(format!("{y:.1}")) { (before) } }
        @if whole.right - x > text_width(after, LETTER) + 8.0 { text class="tick" x=(format!("{:.1}", x + 6.0)) y=(format!("{y:.1}")) { (after) } }
    }
}

fn layers(frame: &Frame<'_>, across: Scale, layout: Layout) -> Markup {
    let stacks = stacked(&frame.panel.layers);
    html! {
        @for (layer, stack) in frame.panel.layers.iter().zip(&stacks) {
            @match layer.shape {
                Shape::StackedArea => (stacked_area(frame, layer, stack, across)),
                Shape::StackedBar | Shape::Bar | Shape::Spread => (bars(frame, layer, stack, across, layout)),
                Shape::Band => (area(&points(&layer.data, across, |datum| frame.axis.at(datum.high)), &points(&layer.data, across, |datum| frame.axis.at(datum.low)), "band", &layer.name)),
                Shape::Line | Shape::DottedLine => (trace(frame, layer, across)),
                Shape::Whisker => @for datum in &layer.data { (whisker(frame, layer, datum, across)) },
                Shape::Sign => @for datum in &layer.data {
                    (diamond((centre(layer, datum, across), frame.axis.at(datum.value)), layout.pick(6.0, 4.5), if layer.style == Style::HollowDiamond { "outcome hollow" } else { "outcome" }, ""))
                },
            }
        }
        @for (layer, stack) in frame.panel.layers.iter().zip(&stacks) {
            @if layer.shape == Shape::StackedArea && layout == Layout::Wide { (name_inside(frame, layer, stack, across)) }
        }
    }
}

fn points(data: &[Datum], across: Scale, upright: impl Fn(&Datum) -> f64) -> Vec<Point> {
    let all: Vec<Point> =
        data.iter().map(|datum| (across.at(f64::midpoint(datum.from, datum.to)), upright(datum))).collect();
    simplified(&all, TOLERANCE)
}

/// Left edge and width of a datum's slot: all slots together take three fifths of the stretch.
fn slot(layer: &Layer, datum: &Datum, across: Scale) -> (f64, f64) {
    let (left, right) = (across.at(datum.from), across.at(datum.to));
    let (index, of) = (f64::from(layer.slot.0), f64::from(layer.slot.1.max(1)));
    let width = ((right - left) * 0.62 / of).min(70.0);
    let start = f64::midpoint(left, right) - 0.5 * width * of;
    (start + index * width, width)
}

fn centre(layer: &Layer, datum: &Datum, across: Scale) -> f64 {
    let (left, width) = slot(layer, datum, across);
    left + width / 2.0
}

fn stacked_area(frame: &Frame<'_>, layer: &Layer, stack: &[(f64, f64)], across: Scale) -> Markup {
    let through = |pick: fn(&(f64, f64)) -> f64| {
        let all: Vec<Point> = layer
            .data
            .iter()
            .zip(stack)
            .map(|(datum, ends)| (across.at(datum.to), frame.axis.at(pick(ends))))
            .collect();
        simplified(&all, TOLERANCE)
    };
    let Style::Fill(fill) = layer.style else { return html! {} };
    area(&through(|ends| ends.1), &through(|ends| ends.0), &format!("part {fill}"), &layer.name)
}

fn bars(frame: &Frame<'_>, layer: &Layer, stack: &[(f64, f64)], across: Scale, layout: Layout) -> Markup {
    let class = match layer.style {
        Style::Fill(fill) => format!("part {fill}"),
        Style::Spread(fill) if !fill.is_empty() => format!("part {fill}"),
        _ => "spread".to_owned(),
    };
    html! {
        @for (datum, (start, end)) in layer.data.iter().zip(stack) {
            @let (left, width) = slot(layer, datum, across);
            // Bars beside one another do not touch.
            @let gap = if layer.slot.1 > 1 { layout.pick(1.5, 0.8) } else { 0.0 };
            @let (from, to) = (frame.axis.at(*start), frame.axis.at(*end));
            (rectangle((left + gap, from), width - 2.0 * gap, to - from, &class, ""))
            @if layer.shape == Shape::Spread {
                (rectangle((left - 1.0, frame.axis.at(datum.value) - 1.2), width + 2.0, 2.4, "median", ""))
            }
        }
    }
}

fn trace(frame: &Frame<'_>, layer: &Layer, across: Scale) -> Markup {
    let (class, fill) = match layer.style {
        Style::Dashed(class) => (format!("trace dashed {class}"), class),
        Style::Line(class) => (format!("trace {class}"), class),
        _ => ("trace t8".to_owned(), "t8"),
    };
    let through = points(&layer.data, across, |datum| frame.axis.at(datum.value));
    html! {
        (line(&through, &class, &layer.name))
        @if layer.shape == Shape::DottedLine {
            @for (x, y) in &layer.data.iter().map(|datum| (across.at(f64::midpoint(datum.from, datum.to)), frame.axis.at(datum.value))).collect::<Vec<Point>>() { circle class=(dot(fill)) cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="3" {} }
        }
    }
}

/// The fill in the colour of a stroke.
fn dot(stroke: &str) -> &'static str {
    match stroke {
        "t1" => "f1",
        "t2" => "f6",
        "t3" => "f3",
        "t4" => "f4",
        "t5" => "f2",
        _ => "f8",
    }
}

fn whisker(frame: &Frame<'_>, layer: &Layer, datum: &Datum, across: Scale) -> Markup {
    let (low, high) = (frame.axis.at(datum.low), frame.axis.at(datum.high));
    // What has no spread has none to show.
    if low - high <= 1.0 {
        return html! {};
    }
    let width = across.at(datum.to) - across.at(datum.from);
    let cap = if width == 0.0 { 3.0 } else { (width * 0.62 / f64::from(layer.slot.1.max(1)) * 0.2).min(6.0) };
    let x = centre(layer, datum, across).min(frame.plot.right - cap);
    vertical_whisker(x, (low, high), cap, "")
}

/// The layer's name where its area is thick enough for it: at the right, where it is largest as a rule.
fn name_inside(frame: &Frame<'_>, layer: &Layer, stack: &[(f64, f64)], across: Scale) -> Markup {
    let Style::Fill(fill) = layer.style else { return html! {} };
    let name = shortened(&layer.name, LETTER, frame.plot.width() * 0.42);
    let width = text_width(&name, LETTER) + 8.0;
    // The area must hold the name all along it.
    let (Some(last), Some(ends)) = (layer.data.last(), stack.last()) else { return html! {} };
    let start = across.at(last.to) - width - 12.0;
    let middle = f64::midpoint(frame.axis.at(ends.0), frame.axis.at(ends.1));
    let holds = layer
        .data
        .iter()
        .zip(stack)
        .filter(|(datum, _)| across.at(datum.to) >= start)
        .all(|(_, ends)| frame.axis.at(ends.0) >= middle + 8.0 && frame.axis.at(ends.1) <= middle - 8.0);
    if !holds || across.at(layer.data[0].to) > start {
        return html! {};
    }
    let right = across.at(last.to) - 10.0;
    html! {
        // Hides the whiskers that would cross the name.
        (rectangle((right - width + 4.0, middle - 7.5), width, 15.0, fill, ""))
        text class=(format!("end {}", fill.replace('f', "o"))) x=(format!("{right:.1}")) y=(format!("{:.1}", middle + 4.0)) { (name) }
    }
}

/// Every value of a stretch, a line each.
fn told(plane: &Plane, (from, to): (f64, f64), name: &str) -> String {
    let mut says = name.to_owned();
    for panel in &plane.panels {
        for layer in panel.layers.iter().filter(|layer| !layer.name.is_empty()) {
            // Of a line by day, the value at the stretch's end is told.
            let within = |datum: &&Datum| datum.to <= to + 1e-9 && datum.to > from;
            let Some(datum) = layer.data.iter().rev().find(within) else { continue };
            let dimension = panel.upright.dimension;
            let value = format_quantity(dimension, datum.value);
            let spread = || range(dimension, datum.low, datum.high);
            let text = match layer.shape {
                Shape::Whisker | Shape::Band => spread(),
                Shape::Spread => format!("{value} ({})", spread()),
                _ => value,
            };
            says.push_str(&format!("\n{}: {text}", layer.name));
        }
    }
    says
}
