//! Drawing lanes of blocks along one level axis: what works when.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Chart, Lane, Lanes, Layout, Plot, drawing, shortened, text_width, ticks};
use crate::Words;
use crate::number::AxisUnit;

/// Size of letters.
const LETTER: f64 = 12.0;
/// Width of what is not drawn.
const GAP: f64 = 26.0;
/// Width between blocks that are wide enough to stand apart.
const APART: f64 = 0.6;
/// Blocks from this width on stand apart.
const WIDE: f64 = 5.0;

/// From times to places; a stretch of time may be left out.
struct Along {
    left: f64,
    /// Units of the drawing of a base unit.
    scale: f64,
    left_out: Option<(f64, f64)>,
}

impl Along {
    fn new(lanes: &Lanes, (left, right): (f64, f64)) -> Self {
        let end = lanes.end();
        let left_out = lanes.left_out.as_ref().map(|(from, to, _)| (*from, *to));
        let (hidden, gap) = left_out.map_or((0.0, 0.0), |(from, to)| (to - from, GAP));
        let shown = (end - hidden).max(f64::MIN_POSITIVE);
        Self { left, scale: (right - left - gap) / shown, left_out }
    }

    /// The place of a time; of one that is left out, that where the stretch begins.
    fn at(&self, time: f64) -> f64 {
        let place = |time: f64| self.left + time * self.scale;
        match self.left_out {
            Some((from, to)) if time >= to => place(time - (to - from)) + GAP,
            Some((from, _)) => place(time.min(from)),
            None => place(time),
        }
    }

    /// Both ends of a block: one that starts before the stretch that is left out may reach into it.
    fn ends(&self, from: f64, to: f64) -> (f64, f64) {
        match self.left_out {
            Some((start, end)) if from < start && to > start => {
                let reach = self.at(start) + (to - start) * self.scale;
                (self.at(from), reach.min(self.at(end)))
            }
            _ => (self.at(from), self.at(to)),
        }
    }
}

pub(super) fn draw(chart: &Chart, lanes: &Lanes, words: &Words, layout: Layout) -> Markup {
    let widest = |text: fn(&Lane) -> &str| {
        lanes.lanes.iter().map(|lane| text_width(text(lane), LETTER)).fold(0.0, f64::max)
    };
    let most = layout.pick(200.0, 90.0);
    let (names, behind) = (widest(|lane| &lane.name).min(most), widest(|lane| &lane.text).min(most));
    let room = match lanes.lanes.len() {
        0..=4 => 24.0,
        5..=8 => 19.0,
        _ => 15.0,
    };
    let head = if lanes.left_out.is_some() { 32.0 } else { 18.0 };
    let number = f64::from(u32::try_from(lanes.lanes.len()).unwrap_or(0));
    let plot = Plot {
        left: names + 8.0,
        right: layout.width() - behind - 10.0,
        top: head,
        bottom: head + room * number,
    };
    let along = Along::new(lanes, (plot.left, plot.right));
    let marks = html! {
        text class="name end" x=(format!("{:.1}", layout.width())) y="11" { (shortened(&lanes.behind, LETTER, layout.width())) }
        @if let Some((from, to, says)) = &lanes.left_out { (left_out(&along, (*from, *to), says, plot)) }
        @for (lane, index) in lanes.lanes.iter().zip(0_u32..) {
            (draw_lane(lanes, lane, &along, (plot, plot.top + room * f64::from(index), room)))
        }
        (axis(lanes, &along, words, (plot, layout)))
    };
    drawing((layout.width(), plot.bottom + 40.0), &chart.title, &chart.description, &marks)
}

/// A lane: its ground, on which waiting shows, and a path for each kind of block.
fn draw_lane(lanes: &Lanes, lane: &Lane, along: &Along, (plot, top, room): (Plot, f64, f64)) -> Markup {
    let thick = room - 3.0;
    let middle = top + room / 2.0 + 2.5;
    html! {
        text class="end" x=(format!("{:.1}", plot.left - 6.0)) y=(format!("{middle:.1}")) { (shortened(&lane.name, LETTER, plot.left - 8.0)) }
        @for (from, to) in grounds(along, plot) {
            rect class="lane" x=(format!("{from:.1}")) y=(format!("{top:.1}")) width=(format!("{:.1}", to - from)) height=(format!("{thick:.1}")) {}
        }
        @for (layer, (name, style)) in lanes.layers.iter().enumerate() {
            @let path = blocks(lane, layer, along, (top, thick));
            @if !path.is_empty() {
                path class=(style.fill()) d=(path) { title { (lane.name) ": " (name) } }
            }
        }
        text x=(format!("{:.1}", plot.right + 8.0)) y=(format!("{middle:.1}")) { (lane.text) }
    }
}

/// The stretches of the axis that are drawn.
fn grounds(along: &Along, plot: Plot) -> Vec<(f64, f64)> {
    match along.left_out {
        Some((from, to)) => vec![(plot.left, along.at(from)), (along.at(to), plot.right)],
        None => vec![(plot.left, plot.right)],
    }
}

/// The outline of all blocks of one kind.
fn blocks(lane: &Lane, layer: usize, along: &Along, (top, thick): (f64, f64)) -> String {
    let mut path = String::new();
    for block in lane.blocks.iter().filter(|block| block.layer == layer) {
        let (left, right) = along.ends(block.from, block.to);
        let width = right - left;
        let width = if width > WIDE { width - APART } else { width };
        // Writing into a string does not fail.
        let _ = write!(path, "M{left:.2} {top:.1}h{width:.2}v{thick:.1}h-{width:.2}z");
    }
    path
}

/// The edges of what is not drawn, and what it is.
fn left_out(along: &Along, (from, to): (f64, f64), says: &str, plot: Plot) -> Markup {
    let (left, right) = (along.at(from), along.at(to));
    let half = text_width(says, LETTER) / 2.0;
    let middle = f64::midpoint(left, right).clamp(half.min(plot.right / 2.0), (plot.right - half).max(half));
    html! {
        text class="tick middle" x=(format!("{middle:.1}")) y="26" { (shortened(says, LETTER, plot.right)) }
        @for x in [left + GAP / 3.0, right - GAP / 3.0] {
            line class="divider" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", plot.top)) y2=(format!("{:.1}", plot.bottom)) {}
        }
    }
}

/// The level axis below the lanes.
fn axis(lanes: &Lanes, along: &Along, words: &Words, (plot, layout): (Plot, Layout)) -> Markup {
    let end = lanes.end();
    let unit = AxisUnit::of(words, lanes.axis.dimension, end);
    let hidden = along.left_out.map_or(0.0, |(from, to)| to - from);
    // As far apart as if nothing were left out, and on both sides of it.
    let marks = ticks(0.0, (end - hidden) / unit.factor, layout.pick(8, 4));
    let mut labels: Vec<(f64, String)> = Vec::new();
    let mut reach = f64::NEG_INFINITY;
    let mut add = |value: f64| {
        let (x, label) = (along.at(value * unit.factor), marks.label(value));
        let half = text_width(&label, LETTER) / 2.0;
        if x - half > reach + 6.0 && x <= plot.right + 0.5 {
            labels.push((x, label));
            reach = x + half;
        }
    };
    let first = along.left_out.map_or(end, |(from, _)| from) / unit.factor;
    marks.values.iter().copied().filter(|value| *value <= first).for_each(&mut add);
    if let Some((_, to)) = along.left_out {
        let start = (to / unit.factor / marks.step).ceil();
        (0_u32..40).map(|index| (start + f64::from(index)) * marks.step).for_each(&mut add);
    }
    html! {
        @for (x, label) in &labels {
            line class="axis" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom + 4.0)) {}
            text class="tick middle" x=(format!("{x:.1}")) y=(format!("{:.1}", plot.bottom + 16.0)) { (label) }
        }
        line class="axis" x1=(format!("{:.1}", plot.left)) x2=(format!("{:.1}", plot.right)) y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom)) {}
        text class="name end" x=(format!("{:.1}", plot.right)) y=(format!("{:.1}", plot.bottom + 33.0)) { (unit.within(&lanes.axis.name, LETTER, plot.right)) }
    }
}
