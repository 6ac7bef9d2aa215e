//! Vega-Lite specifications: the same charts for notebooks, dashboards and editors.
//!
//! Every number stands in the specification itself, in the unit of its axis, so that it shows without any other
//! file. Stacks are written out as the start and end of each part beside its value.

use gigawatt_plan::period::Moment;
use serde_json::{Map, Value, json};

use super::{
    Across, Axis, Body, Chart, Datum, Finest, Lanes, Layer, Panel, Plane, Rows, Shape, Style, stacked,
};
use crate::Words;
use crate::number::AxisUnit;

/// The version of the language.
const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v5.json";
/// Width of a view.
const WIDTH: u32 = 720;

impl Chart {
    /// The chart as a Vega-Lite specification.
    pub fn vega_lite(&self, words: &Words) -> Value {
        let views = match &self.body {
            Body::Plane(plane) => panels(plane, words),
            Body::Rows(rows) => groups(rows, words),
            Body::Lanes(lanes) => vec![blocks(lanes, words)],
            Body::Cells(cells) => vec![super::cells::specification(cells, words)],
        };
        let mut specification = json!({
            "$schema": SCHEMA,
            "title": self.title,
            "description": self.description,
            "config": { "view": { "stroke": null }, "axis": { "grid": true, "gridColor": "#e7ebef" } },
        });
        match <[Value; 1]>::try_from(views) {
            Ok([Value::Object(view)]) => {
                if let Some(whole) = specification.as_object_mut() {
                    whole.extend(view.into_iter().filter(|(key, _)| key != "title"));
                }
            }
            Ok(views) => specification["vconcat"] = json!(views),
            Err(views) => {
                specification["vconcat"] = json!(views);
                specification["resolve"] = json!({ "scale": { "x": "shared", "color": "independent" } });
            }
        }
        specification
    }
}

/// An axis with its unit, in which values are divided.
struct Measured {
    title: String,
    factor: f64,
}

impl Measured {
    fn new(words: &Words, axis: &Axis, values: impl Iterator<Item = f64>) -> Self {
        let largest = values.filter(|value| value.is_finite()).fold(0.0_f64, |a, b| a.max(b.abs()));
        let unit = AxisUnit::of(words, axis.dimension, largest);
        Self { title: unit.beside(&axis.name), factor: unit.factor }
    }

    /// A number in the axis's unit; nothing where it does not exist.
    fn number(&self, value: f64) -> Value {
        if value.is_finite() { json!(value / self.factor) } else { Value::Null }
    }
}

/// Names and colours of all layers, so that each keeps its colour in every view.
fn colours(layers: &[(&str, Style)]) -> Value {
    let mut unique: Vec<(&str, &str)> = Vec::new();
    for (name, style) in layers {
        if !unique.iter().any(|(known, _)| known == name) {
            unique.push((name, style.colour()));
        }
    }
    let (names, colours): (Vec<&str>, Vec<&str>) = unique.into_iter().unzip();
    json!({ "domain": names, "range": colours })
}

fn panels(plane: &Plane, words: &Words) -> Vec<Value> {
    plane.panels.iter().map(|panel| panel_view(plane, panel, words)).collect()
}

fn panel_view(plane: &Plane, panel: &Panel, words: &Words) -> Value {
    let stacks = stacked(&panel.layers);
    let numbers = panel.layers.iter().flat_map(|layer| &layer.data).flat_map(|datum| [datum.low, datum.high]);
    let sums = stacks.iter().flatten().flat_map(|(start, end)| [*start, *end]);
    let upright = Measured::new(words, &panel.upright, numbers.chain(sums));
    let across = match &plane.across {
        Across::Time { .. } => None,
        Across::Values(axis) | Across::Logarithm(axis) => {
            let places = plane.panels.iter().flat_map(|panel| &panel.layers).flat_map(|layer| &layer.data);
            Some(Measured::new(words, axis, places.flat_map(|datum| [datum.from, datum.to])))
        }
    };
    let names: Vec<(&str, Style)> =
        panel.layers.iter().map(|layer| (layer.name.as_str(), layer.style)).collect();
    let colours = colours(&names);
    let mut layers: Vec<Value> = Vec::new();
    if let Some((at, before, after)) = &plane.divider {
        layers.push(json!({
            "data": { "values": [{ "at": place(across.as_ref(), *at), "label": format!("← {before} | {after} →") }] },
            "mark": { "type": "rule", "strokeDash": [5, 4] },
            "encoding": {
                "x": x_channel(plane, across.as_ref(), "at"),
                "tooltip": { "field": "label", "type": "nominal" },
            },
        }));
    }
    for (layer, stack) in panel.layers.iter().zip(&stacks).filter(|(layer, _)| !layer.data.is_empty()) {
        layers.extend(layer_views(plane, layer, stack, (&upright, across.as_ref()), &colours));
    }
    let height = panel.height.0;
    json!({ "title": panel.upright.name, "width": WIDTH, "height": height, "layer": layers })
}

/// A moment as text, or a value in the unit of its axis.
fn place(across: Option<&Measured>, at: f64) -> Value {
    match across {
        Some(measured) => measured.number(at),
        None => json!(instant(at)),
    }
}

/// Days from 1970-01-01 as a day, with the time of day where it is not midnight.
#[expect(clippy::cast_possible_truncation, reason = "days of plans are few")]
fn instant(days: f64) -> String {
    let day = days.floor();
    let seconds = ((days - day) * 86_400.0).round() as i64;
    let date = Moment(day as i32).day();
    if seconds == 0 {
        return date.to_string();
    }
    format!("{date}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn x_channel(plane: &Plane, across: Option<&Measured>, field: &str) -> Value {
    match (&plane.across, across) {
        (Across::Time { finest, .. }, _) => json!({
            "field": field,
            "type": "temporal",
            "title": null,
            "scale": { "type": "utc" },
            "axis": { "tickCount": { "interval": "month", "step": if *finest == Finest::Quarters { 3 } else { 12 } }, "labelOverlap": true },
        }),
        (Across::Values(_), measured) => json!({
            "field": field,
            "type": "quantitative",
            "title": measured.map(|measured| measured.title.as_str()),
            "scale": { "zero": false },
        }),
        (Across::Logarithm(_), measured) => json!({
            "field": field,
            "type": "quantitative",
            "title": measured.map(|measured| measured.title.as_str()),
            "scale": { "type": "log" },
        }),
    }
}

/// A layer's views: one, or two where a median lies on an interval.
fn layer_views(
    plane: &Plane,
    layer: &Layer,
    stack: &[(f64, f64)],
    (upright, across): (&Measured, Option<&Measured>),
    colours: &Value,
) -> Vec<Value> {
    let values: Vec<Value> = layer
        .data
        .iter()
        .zip(stack)
        .map(|(datum, (start, end))| {
            let (from, to) = slot(layer, datum);
            let middle = if layer.shape == Shape::StackedArea { datum.to } else { f64::midpoint(from, to) };
            let mut value = Map::new();
            value.insert("series".to_owned(), json!(layer.name));
            value.insert("at".to_owned(), place(across, middle));
            if from != to {
                value.insert("from".to_owned(), place(across, from));
                value.insert("to".to_owned(), place(across, to));
            }
            value.insert("value".to_owned(), upright.number(datum.value));
            if datum.low != datum.high {
                value.insert("low".to_owned(), upright.number(datum.low));
                value.insert("high".to_owned(), upright.number(datum.high));
            }
            if matches!(layer.shape, Shape::StackedArea | Shape::StackedBar | Shape::Bar) {
                value.insert("start".to_owned(), upright.number(*start));
                value.insert("end".to_owned(), upright.number(*end));
            }
            Value::Object(value)
        })
        .collect();
    // What has no spread has no interval to draw.
    let values = match layer.shape {
        Shape::Whisker | Shape::Band | Shape::Spread => {
            values.into_iter().filter(|value| value.get("low").is_some()).collect()
        }
        _ => values,
    };
    if values.is_empty() {
        return Vec::new();
    }
    let y = |field: &str| json!({ "field": field, "type": "quantitative", "title": upright.title });
    let x = |field: &str| x_channel(plane, across, field);
    let colour = json!({ "field": "series", "type": "nominal", "title": null, "scale": colours });
    let tooltip: Vec<Value> = ["value", "low", "high"]
        .into_iter()
        .filter(|field| values[0].get(*field).is_some())
        .map(|field| json!({ "field": field, "type": "quantitative", "title": format!("{}: {field}", layer.name) }))
        .collect();
    let view = |mark: Value, mut encoding: Value| {
        encoding["color"] = colour.clone();
        encoding["tooltip"] = json!(tooltip);
        json!({ "data": { "values": values }, "mark": mark, "encoding": encoding })
    };
    let second = |field: &str| json!({ "field": field });
    match layer.shape {
        Shape::StackedArea => vec![view(
            json!({ "type": "area" }),
            json!({ "x": x("at"), "y": y("start"), "y2": second("end") }),
        )],
        Shape::StackedBar | Shape::Bar => vec![view(
            json!({ "type": "rect" }),
            json!({ "x": x("from"), "x2": second("to"), "y": y("start"), "y2": second("end") }),
        )],
        Shape::Band => vec![view(
            json!({ "type": "area", "opacity": 0.2 }),
            json!({ "x": x("at"), "y": y("low"), "y2": second("high") }),
        )],
        Shape::Line | Shape::DottedLine => {
            let dash = if matches!(layer.style, Style::Dashed(_)) { json!([6, 4]) } else { json!([1, 0]) };
            let mark =
                json!({ "type": "line", "point": layer.shape == Shape::DottedLine, "strokeDash": dash });
            vec![view(mark, json!({ "x": x("at"), "y": y("value") }))]
        }
        Shape::Whisker => vec![view(
            json!({ "type": "rule", "strokeWidth": 1.5 }),
            json!({ "x": x("at"), "y": y("low"), "y2": second("high") }),
        )],
        Shape::Spread => vec![
            view(
                json!({ "type": "rect", "opacity": 0.7 }),
                json!({ "x": x("from"), "x2": second("to"), "y": y("low"), "y2": second("high") }),
            ),
            view(
                json!({ "type": "rule", "strokeWidth": 2.5 }),
                json!({ "x": x("from"), "x2": second("to"), "y": y("value") }),
            ),
        ],
        Shape::Sign => vec![view(
            json!({ "type": "point", "shape": "diamond", "filled": layer.style != Style::HollowDiamond, "size": 80 }),
            json!({ "x": x("at"), "y": y("value") }),
        )],
    }
}

/// The part of a datum's stretch that its layer's slot takes.
fn slot(layer: &Layer, datum: &Datum) -> (f64, f64) {
    let length = (datum.to - datum.from) * 0.62 / f64::from(layer.slot.1.max(1));
    let middle = f64::midpoint(datum.from, datum.to);
    let start = middle - 0.5 * length * f64::from(layer.slot.1.max(1)) + length * f64::from(layer.slot.0);
    (start, start + length)
}

fn groups(rows: &Rows, words: &Words) -> Vec<Value> {
    let marks = || rows.groups.iter().flat_map(|group| &group.rows).flat_map(|row| &row.marks);
    let values = marks().flat_map(|mark| [mark.low, mark.value, mark.high]);
    let level = Measured::new(words, &rows.axis, values.chain([rows.base]));
    let names: Vec<(&str, Style)> = rows.layers.iter().map(|(name, style)| (name.as_str(), *style)).collect();
    let colours = colours(&names);
    rows.groups
        .iter()
        .map(|group| {
            let order: Vec<&str> = group.rows.iter().map(|row| row.name.as_str()).collect();
            let layers: Vec<Value> = rows
                .layers
                .iter()
                .enumerate()
                .flat_map(|(index, (name, style))| {
                    let values: Vec<Value> = group
                        .rows
                        .iter()
                        .flat_map(|row| row.marks.iter().map(move |mark| (row, mark)))
                        .filter(|(_, mark)| mark.layer == index)
                        .map(|(row, mark)| {
                            json!({
                                "series": name, "row": row.name, "text": row.text,
                                "low": level.number(mark.low), "value": level.number(mark.value), "high": level.number(mark.high),
                            })
                        })
                        .collect();
                    row_views(&values, (name, *style), (&level, &order), &colours)
                })
                .collect();
            json!({ "title": group.name, "width": WIDTH, "height": { "step": 26 }, "layer": layers })
        })
        .collect()
}

/// A layer of rows: its marks, and the medians on them.
fn row_views(
    values: &[Value],
    (name, style): (&str, Style),
    (level, order): (&Measured, &[&str]),
    colours: &Value,
) -> Vec<Value> {
    if values.is_empty() {
        return Vec::new();
    }
    let x = |field: &str| json!({ "field": field, "type": "quantitative", "title": level.title });
    let y = json!({ "field": "row", "type": "nominal", "title": null, "sort": order });
    let colour = json!({ "field": "series", "type": "nominal", "title": null, "scale": colours });
    let tooltip = json!([
        { "field": "row", "type": "nominal", "title": null },
        { "field": "text", "type": "nominal", "title": name },
    ]);
    let view = |mark: Value, x: Value, x2: Option<&str>| {
        let mut encoding = json!({ "x": x, "y": y, "color": colour, "tooltip": tooltip });
        if let Some(field) = x2 {
            encoding["x2"] = json!({ "field": field });
        }
        json!({ "data": { "values": values }, "mark": mark, "encoding": encoding })
    };
    match style {
        Style::Diamond | Style::HollowDiamond => {
            let filled = style == Style::Diamond;
            vec![view(json!({ "type": "point", "shape": "diamond", "filled": filled }), x("value"), None)]
        }
        Style::Whisker => vec![view(json!({ "type": "rule", "strokeWidth": 1.5 }), x("low"), Some("high"))],
        Style::Spread(_) => vec![
            view(json!({ "type": "bar", "height": 9 }), x("low"), Some("high")),
            view(json!({ "type": "tick", "thickness": 3 }), x("value"), None),
        ],
        _ => vec![view(json!({ "type": "bar" }), x("low"), Some("high"))],
    }
}

/// Lanes of blocks, with the whole axis: nothing of it is left out. Numbers have the figures that a drawing shows.
fn blocks(lanes: &Lanes, words: &Words) -> Value {
    let level = Measured::new(words, &lanes.axis, std::iter::once(lanes.end()));
    let rounded = |value: f64| json!((value / level.factor * 1e6).round() / 1e6);
    let values: Vec<Value> = lanes
        .lanes
        .iter()
        .flat_map(|lane| lane.blocks.iter().map(move |block| (lane, block)))
        .map(|(lane, block)| {
            let series = lanes.layers.get(block.layer).map_or("", |layer| layer.0.as_str());
            json!({ "row": lane.name, "series": series, "from": rounded(block.from), "to": rounded(block.to) })
        })
        .collect();
    let names: Vec<(&str, Style)> =
        lanes.layers.iter().map(|(name, style)| (name.as_str(), *style)).collect();
    let order: Vec<&str> = lanes.lanes.iter().map(|lane| lane.name.as_str()).collect();
    let behind: Vec<Value> =
        lanes.lanes.iter().map(|lane| json!({ "row": lane.name, "text": lane.text })).collect();
    json!({
        "width": WIDTH,
        "height": { "step": 18 },
        "layer": [{
            "data": { "values": values },
            "mark": { "type": "bar" },
            "encoding": {
                "x": { "field": "from", "type": "quantitative", "title": level.title },
                "x2": { "field": "to" },
                "y": { "field": "row", "type": "nominal", "title": null, "sort": order },
                "color": { "field": "series", "type": "nominal", "title": null, "scale": colours(&names) },
            },
        }],
        "usermeta": { lanes.behind.as_str(): behind },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_days_and_times_of_day() {
        assert_eq!(instant(0.0), "1970-01-01");
        assert_eq!(instant(20_089.5), "2025-01-01T12:00:00Z");
    }
}
