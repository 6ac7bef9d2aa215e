//! Drawing cells in columns and rows, as dark as their values, with the scale of their darkness.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{Cells, Chart, Layout, Plot, drawing, text_width};
use crate::Words;
use crate::number::AxisUnit;

/// Size of letters.
const LETTER: f64 = 12.0;
/// How opaque the cell of the least value is; that of the greatest is wholly so.
const FAINTEST: f64 = 0.06;
/// Steps of the drawn scale.
const STEPS: u32 = 24;
/// The colour of the cells: on a light page, for specifications.
const COLOUR: &str = "#0c4a86";

pub(super) fn draw(chart: &Chart, cells: &Cells, words: &Words, layout: Layout) -> Markup {
    let (low, high) = cells.extent();
    let unit = AxisUnit::of(words, cells.measure.dimension, high.abs().max(low.abs()));
    let (columns, rows) = (count(cells.columns.1.len()), count(cells.rows.1.len()));
    let widest = cells.rows.1.iter().map(|name| text_width(name, LETTER)).fold(0.0, f64::max);
    let left = widest.clamp(24.0, 110.0) + 8.0;
    let height = layout.pick(11.5, 9.0) * rows;
    let plot = Plot { left, top: 24.0, right: layout.width() - 4.0, bottom: 24.0 + height };
    let (wide, high_of) = (plot.width() / columns, plot.height() / rows);
    let part = |value: f64| if high > low { (value - low) / (high - low) } else { 1.0 };
    // Names stand where there is room for them.
    let every = |names: &[String], room: f64, needed: f64| {
        (1..=names.len()).find(|every| room * count(*every) >= needed).unwrap_or(1)
    };
    let longest = cells.columns.1.iter().map(|name| text_width(name, LETTER)).fold(0.0, f64::max);
    let (across, down) =
        (every(&cells.columns.1, wide, longest + 4.0), every(&cells.rows.1, high_of, LETTER + 4.0));
    let bar = Plot {
        left: plot.left,
        top: plot.bottom + 44.0,
        right: plot.left + layout.pick(280.0, 180.0),
        bottom: plot.bottom + 56.0,
    };
    let label = |value: f64| format!("{:.*}", decimals((high - low) / unit.factor), value / unit.factor);
    let marks = html! {
        text class="name" x="0" y="12" { (cells.rows.0) }
        @for (index, name) in cells.rows.1.iter().enumerate().filter(|(index, _)| index % down == 0) {
            text class="tick end" x=(format!("{:.1}", plot.left - 6.0)) y=(format!("{:.1}", plot.top + (count(index) + 0.5) * high_of + 4.0)) { (name) }
        }
        @for cell in &cells.cells {
            rect class="f1" x=(format!("{:.1}", plot.left + count(cell.column) * wide)) y=(format!("{:.1}", plot.top + count(cell.row) * high_of))
                width=(format!("{:.1}", wide - 0.6)) height=(format!("{:.1}", high_of - 0.6)) fill-opacity=(format!("{:.2}", opacity(part(cell.value)))) {
                title { (cell.says) }
            }
        }
        @for (index, name) in cells.columns.1.iter().enumerate().filter(|(index, _)| index % across == 0) {
            text class="tick middle" x=(format!("{:.1}", plot.left + (count(index) + 0.5) * wide)) y=(format!("{:.1}", plot.bottom + 16.0)) { (name) }
        }
        text class="name end" x=(format!("{:.1}", plot.right)) y=(format!("{:.1}", plot.bottom + 33.0)) { (cells.columns.0) }
        @for step in 0..STEPS {
            @let (from, step) = (f64::from(step), bar.width() / f64::from(STEPS));
            rect class="f1" x=(format!("{:.1}", bar.left + from * step)) y=(format!("{:.1}", bar.top)) width=(format!("{step:.1}")) height=(format!("{:.1}", bar.height()))
                fill-opacity=(format!("{:.2}", opacity((from + 0.5) / f64::from(STEPS)))) {}
        }
        text class="tick" x=(format!("{:.1}", bar.left)) y=(format!("{:.1}", bar.bottom + 15.0)) { (label(low)) }
        text class="tick end" x=(format!("{:.1}", bar.right)) y=(format!("{:.1}", bar.bottom + 15.0)) { (label(high)) }
        text class="name" x=(format!("{:.1}", bar.right + 10.0)) y=(format!("{:.1}", bar.bottom - 2.0)) { (unit.within(&cells.measure.name, LETTER, layout.width() - bar.right - 10.0)) }
    };
    drawing((layout.width(), bar.bottom + 20.0), &chart.title, &chart.description, &marks)
}

fn opacity(part: f64) -> f64 {
    FAINTEST + part.clamp(0.0, 1.0) * (1.0 - FAINTEST)
}

/// Decimals that tell hundredths of an extent apart.
fn decimals(extent: f64) -> usize {
    let steps = [(100.0, 0), (10.0, 1), (1.0, 2)];
    steps.into_iter().find(|(least, _)| extent >= *least).map_or(3, |step| step.1)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The cells as the view of a Vega-Lite specification.
pub(super) fn specification(cells: &Cells, words: &Words) -> Value {
    let (low, high) = cells.extent();
    let unit = AxisUnit::of(words, cells.measure.dimension, high.abs().max(low.abs()));
    let values: Vec<Value> = cells
        .cells
        .iter()
        .map(|cell| {
            json!({
                "column": cells.columns.1.get(cell.column), "row": cells.rows.1.get(cell.row),
                "value": cell.value / unit.factor,
            })
        })
        .collect();
    let ordinal = |field: &str, (title, names): &(String, Vec<String>)| json!({ "field": field, "type": "ordinal", "title": title, "sort": names });
    let measure = unit.beside(&cells.measure.name);
    json!({
        "width": 720,
        "height": 14 * cells.rows.1.len(),
        "layer": [{
            "data": { "values": values },
            "mark": { "type": "rect" },
            "encoding": {
                "x": ordinal("column", &cells.columns),
                "y": ordinal("row", &cells.rows),
                "color": {
                    "field": "value", "type": "quantitative", "title": measure,
                    "scale": { "range": ["#ffffff", COLOUR] },
                },
                "tooltip": [{ "field": "value", "type": "quantitative", "title": measure }],
            },
        }],
    })
}
