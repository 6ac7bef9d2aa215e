//! Drawing named rows along one level axis.

use maud::{Markup, html};

use super::{
    Chart, Group, Layout, Plot, Row, RowMark, Rows, Style, ValueAxis, diamond, drawing, horizontal_whisker,
    rectangle, shortened, text_width,
};
use crate::Words;
use crate::number::AxisUnit;

/// How much wider letters in bold are.
const BOLD: f64 = 1.15;
/// Size of letters.
const LETTER: f64 = 12.0;
/// Room of a heading.
const HEADING: f64 = 30.0;

/// Where everything stands.
struct Sheet<'a> {
    rows: &'a Rows,
    layout: Layout,
    plot: Plot,
    axis: ValueAxis,
    /// Intervals that lie below one another in each row.
    lanes: Vec<usize>,
}

pub(super) fn draw(chart: &Chart, rows: &Rows, words: &Words, layout: Layout) -> Markup {
    let lanes: Vec<usize> = rows
        .layers
        .iter()
        .enumerate()
        .filter(|(_, (_, style))| matches!(style, Style::Spread(_)))
        .map(|(index, _)| index)
        .collect();
    let room = row_height(&lanes, layout);
    let height: f64 = rows.groups.iter().map(|group| heading(group) + room * count(group)).sum();
    let all = || rows.groups.iter().flat_map(|group| &group.rows);
    let values = || all().flat_map(|row| &row.marks).flat_map(|mark| [mark.low, mark.value, mark.high]);
    let (least, largest) = (values().fold(rows.base, f64::min), values().fold(rows.base, f64::max));
    let unit = AxisUnit::of(words, rows.axis.dimension, largest.abs().max(least.abs()));
    let widest = |text: fn(&Row) -> &str| all().map(|row| text_width(text(row), LETTER)).fold(0.0, f64::max);
    let names = layout.pick(widest(|row| &row.name).clamp(110.0, 290.0) + 12.0, 16.0);
    // The value stands behind the marks: room for the longest.
    let behind = layout.pick((widest(|row| &row.text) + 12.0).clamp(20.0, 215.0), 18.0);
    let plot = Plot { left: names, right: layout.width() - behind, top: 4.0, bottom: 4.0 + height };
    let axis = ValueAxis::within(least, largest, unit.factor, (plot.left, plot.right), layout.pick(6, 4));
    let sheet = Sheet { rows, layout, plot, axis, lanes };
    let mut y = plot.top;
    let marks = html! {
        @for (value, label) in &sheet.axis.marks {
            text class="tick middle" x=(format!("{:.1}", sheet.axis.at(*value))) y=(format!("{:.1}", plot.bottom + 17.0)) { (label) }
        }
        text class="name end" x=(format!("{:.1}", layout.width())) y=(format!("{:.1}", plot.bottom + 34.0)) { (unit.within(&rows.axis.name, LETTER, layout.width())) }
        @for group in &rows.groups {
            @if !group.name.is_empty() {
                text class="strong" x="0" y=(format!("{:.1}", y + 20.0)) { (shortened(&group.name, LETTER * BOLD, layout.width())) }
            }
            ({ y += heading(group); "" })
            (gridlines(&sheet, (y, y + room * count(group))))
            @for row in &group.rows {
                (draw_row(&sheet, row, y))
                ({ y += room; "" })
            }
        }
    };
    drawing((layout.width(), plot.bottom + 42.0), &chart.title, &chart.description, &marks)
}

fn heading(group: &Group) -> f64 {
    if group.name.is_empty() { 0.0 } else { HEADING }
}

fn count(group: &Group) -> f64 {
    f64::from(u32::try_from(group.rows.len()).unwrap_or(0))
}

/// Height of a lane of intervals.
const LANE: f64 = 11.0;

fn row_height(lanes: &[usize], layout: Layout) -> f64 {
    let lanes = f64::from(u32::try_from(lanes.len()).unwrap_or(0)) * LANE;
    layout.pick(25.0, 37.0_f64).max(lanes + layout.pick(12.0, 26.0))
}

/// Lines at the ticks behind one group, so that none crosses its heading.
fn gridlines(sheet: &Sheet<'_>, (top, bottom): (f64, f64)) -> Markup {
    html! {
        @for (value, _) in &sheet.axis.marks {
            @if *value != sheet.rows.base { (upright(sheet.axis.at(*value), (top, bottom), "grid")) }
        }
        (upright(sheet.axis.at(sheet.rows.base), (top, bottom), "axis"))
    }
}

fn upright(x: f64, (top, bottom): (f64, f64), class: &str) -> Markup {
    html! { line class=(class) x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{top:.1}")) y2=(format!("{bottom:.1}")) {} }
}

fn draw_row(sheet: &Sheet<'_>, row: &Row, y: f64) -> Markup {
    let layout = sheet.layout;
    let says = if row.text.is_empty() { row.name.clone() } else { format!("{}: {}", row.name, row.text) };
    let top = y + layout.pick(4.0, 20.0);
    let lanes = f64::from(u32::try_from(sheet.lanes.len()).unwrap_or(0));
    let middle = if sheet.lanes.is_empty() { top + 7.5 } else { top + lanes * LANE / 2.0 + 2.0 };
    let reach =
        row.marks.iter().map(|mark| sheet.axis.at(mark.high.max(mark.value))).fold(sheet.plot.left, f64::max);
    html! {
        @for mark in &row.marks { (draw_mark(sheet, mark, top, &says)) }
        @match layout {
            Layout::Wide => {
                text class="end" x=(format!("{:.1}", sheet.plot.left - 8.0)) y=(format!("{:.1}", middle + 4.0)) { (shortened(&row.name, LETTER, sheet.plot.left - 10.0)) }
                @if !row.text.is_empty() { text x=(format!("{:.1}", reach + 8.0)) y=(format!("{:.1}", middle + 4.0)) { (row.text) } }
            }
            Layout::Narrow => {
                @let room = layout.width() - 16.0 - if row.text.is_empty() { 0.0 } else { text_width(&row.text, LETTER) };
                text x="6" y=(format!("{:.1}", top - 5.0)) { (shortened(&row.name, LETTER, room)) }
                @if !row.text.is_empty() { text class="end" x=(format!("{:.1}", layout.width())) y=(format!("{:.1}", top - 5.0)) { (row.text) } }
            }
        }
    }
}

fn draw_mark(sheet: &Sheet<'_>, mark: &RowMark, top: f64, says: &str) -> Markup {
    let (low, high) = (sheet.axis.at(mark.low), sheet.axis.at(mark.high));
    let thick = sheet.layout.pick(14.0, 11.0);
    match sheet.rows.layers[mark.layer].1 {
        Style::Whisker if high - low > 2.0 => horizontal_whisker(top + thick / 2.0, (low, high), 4.0, says),
        Style::Whisker => html! {},
        Style::Diamond | Style::HollowDiamond => {
            diamond((sheet.axis.at(mark.value), top + thick / 2.0), 5.0, "outcome", says)
        }
        Style::Spread(class) => {
            let lane = sheet.lanes.iter().position(|layer| *layer == mark.layer).unwrap_or(0);
            let y = top + f64::from(u32::try_from(lane).unwrap_or(0)) * LANE + 2.0;
            let class = if class.is_empty() { "spread".to_owned() } else { format!("part {class}") };
            html! {
                // What has no spread still shows its colour.
                @let widened = (high - low).max(6.0);
                (rectangle((f64::midpoint(low, high) - widened / 2.0, y), widened, LANE - 3.0, &class, says))
                (rectangle((sheet.axis.at(mark.value) - 1.5, y - 1.5), 3.0, LANE, "median", says))
            }
        }
        Style::Fill(class) | Style::Line(class) | Style::Dashed(class) => {
            rectangle((low, top), (high - low).max(1.0), thick, class, says)
        }
        Style::Allowed | Style::Band => rectangle((low, top - 2.0), high - low, thick + 4.0, "allowed", says),
    }
}
