//! A forecast on a line: p10 to p90, the median, the bounds it should keep, and what happened.

use maud::{Markup, html};

use super::{Plot, Scale, ValueAxis, diamond, drawing, inline_drawing, rectangle, text_width};

/// A forecast and what it is compared with, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end of the bar.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// Upper end of the bar.
    pub p90: f64,
    /// Least value allowed.
    pub at_least: Option<f64>,
    /// Greatest value allowed.
    pub at_most: Option<f64>,
    /// What happened.
    pub outcome: Option<f64>,
}

impl Interval {
    fn values(&self) -> impl Iterator<Item = f64> {
        let bounds = [self.at_least, self.at_most, self.outcome].into_iter().flatten();
        [self.p10, self.p50, self.p90].into_iter().chain(bounds)
    }

    fn extent(&self) -> (f64, f64) {
        let low = self.values().fold(f64::INFINITY, f64::min);
        let high = self.values().fold(f64::NEG_INFINITY, f64::max);
        // Values that differ only by rounding are one value.
        let one = high - low <= 1e-6 * low.abs().max(high.abs());
        Scale::new(if one { (low, low) } else { (low, high) }, (0.0, 1.0)).domain()
    }
}

/// Text of an interval chart.
pub struct IntervalWords<'a> {
    /// Its name.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub description: &'a str,
    /// The least value allowed.
    pub at_least: &'a str,
    /// The greatest value allowed.
    pub at_most: &'a str,
    /// Unit of the axis.
    pub unit: &'a str,
    /// What happened.
    pub outcome: &'a str,
}

const HEIGHT: f64 = 74.0;
const WIDTH: f64 = 400.0;
const LABEL: f64 = 11.5;
/// Size of labels of the axis, and the least room between two.
const TICK: f64 = 12.0;
const LABEL_GAP: f64 = 3.0;

/// The chart beside a claim: a scale of its own, with the allowed stretch shaded.
pub fn interval_chart(interval: &Interval, words: &IntervalWords<'_>, factor: f64) -> Markup {
    let plot = Plot { left: 4.0, top: 20.0, right: WIDTH - 4.0, bottom: HEIGHT - 20.0 };
    let (low, high) = interval.extent();
    let margin = (high - low) * 0.2;
    // A value that cannot be negative should not be drawn on an axis that is.
    let start = if low >= 0.0 { (low - margin).max(0.0) } else { low - margin };
    let axis = ValueAxis::over(start, high + margin, factor, (plot.left, plot.right), 4);
    let (least, most) =
        (interval.at_least.map(|value| axis.at(value)), interval.at_most.map(|value| axis.at(value)));
    let middle = (plot.top + plot.bottom) / 2.0;
    let allowed = (least.unwrap_or(plot.left), most.unwrap_or(plot.right));
    let bar = (axis.at(interval.p10), axis.at(interval.p90));
    // The last label has the unit behind it: one that would lie under it is left out, its tick stays.
    let last_width =
        axis.marks.last().map_or(0.0, |(_, label)| text_width(&format!("{label} {}", words.unit), TICK));
    let fits = |x: f64, label: &str| x + text_width(label, TICK) / 2.0 + LABEL_GAP <= WIDTH - last_width;
    let marks = html! {
        (rectangle((plot.left, plot.top), plot.width(), plot.height(), "panel", ""))
        @if least.is_some() || most.is_some() {
            (rectangle((allowed.0, plot.top), allowed.1 - allowed.0, plot.height(), "allowed", ""))
        }
        @for (index, (value, label)) in axis.marks.iter().enumerate() {
            @let x = axis.at(*value);
            @let last = index + 1 == axis.marks.len();
            line class="axis" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom + 4.0)) {}
            @if index == 0 || last || fits(x, label) {
                text class=(if index == 0 { "tick" } else if last { "tick end" } else { "tick middle" })
                    x=(format!("{:.1}", if index == 0 { 0.0 } else if last { WIDTH } else { x })) y=(format!("{:.1}", plot.bottom + 16.0)) {
                    (label) @if last && !words.unit.is_empty() { " " (words.unit) }
                }
            }
        }
        line class="axis" x1=(format!("{:.1}", plot.left)) x2=(format!("{:.1}", plot.right)) y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom)) {}
        @if let Some(x) = least { (bound(plot, x, words.at_least, most.is_none())) }
        @if let Some(x) = most { (bound(plot, x, words.at_most, least.is_some())) }
        (rectangle((bar.0, middle - 5.0), (bar.1 - bar.0).max(2.0), 10.0, "spread", words.description))
        (rectangle((axis.at(interval.p50) - 1.5, middle - 10.0), 3.0, 20.0, "median", words.description))
        @if let Some(outcome) = interval.outcome { (diamond((axis.at(outcome), middle), 6.5, "outcome", words.outcome)) }
    };
    drawing((WIDTH, HEIGHT), words.title, words.description, &marks)
}

/// A bound with its label above, on the side away from the other bound but never beyond the edge.
fn bound(plot: Plot, x: f64, label: &str, to_the_right: bool) -> Markup {
    let width = text_width(label, LABEL);
    let left = if to_the_right { x - 1.0 } else { x + 1.0 - width };
    let left = left.min(plot.right - width).max(plot.left);
    html! {
        line class="bound" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", plot.top - 5.0)) y2=(format!("{:.1}", plot.bottom)) {}
        // The end that touches the bound is the one that is anchored: fonts differ in width.
        @if to_the_right || left <= plot.left {
            text class="label" x=(format!("{left:.1}")) y=(format!("{:.1}", plot.top - 9.0)) { (label) }
        } @else {
            text class="label end" x=(format!("{:.1}", left + width)) y=(format!("{:.1}", plot.top - 9.0)) { (label) }
        }
    }
}

/// The same in the line of a table, without axis or labels: only where things lie to one another.
pub fn interval_strip(interval: &Interval, title: &str, description: &str) -> Markup {
    let (width, height) = (150.0, 18.0);
    let (low, high) = interval.extent();
    let margin = (high - low) * 0.08;
    let scale = Scale::new((low - margin, high + margin), (8.0, width - 8.0));
    let middle = height / 2.0;
    let marks = html! {
        line class="grid" x1="0" x2=(format!("{width:.1}")) y1=(format!("{middle:.1}")) y2=(format!("{middle:.1}")) {}
        (rectangle((scale.at(interval.p10), middle - 3.5), (scale.at(interval.p90) - scale.at(interval.p10)).max(2.0), 7.0, "spread", ""))
        (rectangle((scale.at(interval.p50) - 1.0, middle - 7.0), 2.0, 14.0, "median", ""))
        @if let Some(outcome) = interval.outcome { (diamond((scale.at(outcome), middle), 5.0, "outcome", "")) }
    };
    inline_drawing((width, height), title, description, &marks)
}
