//! Axes of values and of calendar time.

use gigawatt_plan::period::{Moment, Quarter};
use jiff::civil::date;
use maud::{Markup, html};

use super::{Plot, Scale, ticks};

/// An axis of values with round ticks.
#[derive(Clone, Debug)]
pub struct ValueAxis {
    /// From values in base units to places.
    pub scale: Scale,
    /// Values in base units with their labels.
    pub marks: Vec<(f64, String)>,
}

impl ValueAxis {
    /// An axis that covers `values` and, because bars start there, nothing. `factor` is the unit in which its
    /// labels count, in base units; `range` holds the places of its lower and upper end.
    pub fn covering(
        values: impl IntoIterator<Item = f64>,
        factor: f64,
        range: (f64, f64),
        count: u32,
    ) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        Self::over(low, high, factor, range, count)
    }

    /// An axis from `low` to `high`, widened to round values; to one unit above `low` where they are the same.
    pub fn over(low: f64, high: f64, factor: f64, range: (f64, f64), count: u32) -> Self {
        // Where everything is nothing, the axis still starts there.
        let high = if high > low { high } else { low + factor };
        let ticks = ticks(low / factor, high / factor, count);
        let marks: Vec<(f64, String)> =
            ticks.values.iter().map(|value| (value * factor, ticks.label(*value))).collect();
        let first = marks.first().map_or(low, |mark| mark.0);
        let last = marks.last().map_or(high, |mark| mark.0);
        Self { scale: Scale::new((first, last), range), marks }
    }

    /// An axis that ends at `high` itself: for bars with their values written behind them.
    pub fn within(low: f64, high: f64, factor: f64, range: (f64, f64), count: u32) -> Self {
        let mut axis = Self::over(low, high, factor, range, count);
        axis.marks.retain(|mark| mark.0 <= high);
        let first = axis.marks.first().map_or(low, |mark| mark.0);
        Self { scale: Scale::new((first, high), range), ..axis }
    }

    /// An axis that starts at `low` itself and ends at `high`: for lines from edge to edge.
    pub fn between(low: f64, high: f64, factor: f64, range: (f64, f64), count: u32) -> Self {
        let axis = Self::over(low, high, factor, range, count);
        let margin = (high - low) * 1e-9;
        let marks: Vec<_> = axis
            .marks
            .iter()
            .filter(|(at, _)| (low - margin..=high + margin).contains(at))
            .cloned()
            .collect();
        // Two marks tell a scale.
        if marks.len() < 2 { axis } else { Self { scale: Scale::new((low, high), range), marks } }
    }

    /// An axis on which equal ratios lie equally far apart, from `low` to `high` themselves, with marks at 1, 2 and 5 of
    /// every power of ten of a unit.
    pub fn logarithmic(low: f64, high: f64, factor: f64, range: (f64, f64)) -> Self {
        let scale = Scale::logarithmic((low, high), range);
        let (low, high) = scale.domain();
        let mut marks = Vec::new();
        for exponent in -12_i32..=12 {
            for lead in ["1", "2", "5"] {
                let value = format!("{lead}e{exponent}").parse::<f64>().unwrap_or(0.0);
                let at = value * factor;
                if at >= low * (1.0 - 1e-9) && at <= high * (1.0 + 1e-9) {
                    let decimals = usize::try_from(-exponent).unwrap_or(0);
                    marks.push((at, format!("{value:.decimals$}")));
                }
            }
        }
        Self { scale, marks }
    }

    /// The place of a value.
    pub fn at(&self, value: f64) -> f64 {
        self.scale.at(value)
    }
}

/// Lines across the plot at the ticks of an upright axis, their labels, and the axis's name at a place above.
pub fn value_gridlines(plot: Plot, axis: &ValueAxis, name: &str, name_at: f64) -> Markup {
    html! {
        @for (value, label) in &axis.marks {
            @let y = axis.at(*value);
            line class=(if *value == 0.0 { "axis" } else { "grid" })
                x1=(format!("{:.1}", plot.left)) x2=(format!("{:.1}", plot.right)) y1=(format!("{y:.1}")) y2=(format!("{y:.1}")) {}
            text class="tick end" x=(format!("{:.1}", plot.left - 6.0)) y=(format!("{:.1}", y + 4.0)) { (label) }
        }
        text class="name" x="0" y=(format!("{name_at:.1}")) { (name) }
    }
}

/// Upright lines at the ticks of a level axis through plots.
pub fn level_gridlines(plots: &[Plot], axis: &ValueAxis) -> Markup {
    html! {
        @for plot in plots {
            @for (value, _) in &axis.marks {
                @let x = axis.at(*value);
                line class="grid" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", plot.top)) y2=(format!("{:.1}", plot.bottom)) {}
            }
        }
    }
}

/// A level axis of values below a plot, with its name at the right.
pub fn level_axis(plot: Plot, axis: &ValueAxis, name: &str) -> Markup {
    html! {
        @for (value, label) in &axis.marks {
            @let x = axis.at(*value);
            text class="tick middle" x=(format!("{x:.1}")) y=(format!("{:.1}", plot.bottom + 16.0)) { (label) }
        }
        line class="axis" x1=(format!("{:.1}", plot.left)) x2=(format!("{:.1}", plot.right)) y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom)) {}
        text class="name end" x=(format!("{:.1}", plot.right)) y=(format!("{:.1}", plot.bottom + 33.0)) { (name) }
    }
}

/// Room below a plot that [`calendar`] needs.
const QUARTER_ROOM: f64 = 21.0;
const YEAR_ROOM: f64 = 34.0;

/// The finest stretches that a calendar names where there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finest {
    /// Quarters within years.
    Quarters,
    /// Years alone.
    Years,
}

/// The calendar below a plot, and lines between years across it. Years are named all, or every second, fifth or
/// tenth of them where they are narrow.
pub fn calendar(plot: Plot, scale: Scale, (from, to): (Moment, Moment), finest: Finest) -> Markup {
    let place = |moment: Moment| scale.at(moment.days());
    let clipped = |start: Moment, end: Moment| (place(start.max(from)), place(end.min(to)));
    let year_width = plot.width() / ((to.days() - from.days()) / 365.25).max(0.1);
    let quarters_fit = finest == Finest::Quarters && year_width / 4.0 >= QUARTER_ROOM;
    let every =
        [1, 2, 5, 10, 20].into_iter().find(|every| year_width * f64::from(*every) >= YEAR_ROOM).unwrap_or(50);
    let years = from.day().year()..=to.day_before().year();
    let (first, last) = (Quarter::of(from.day()), Quarter::of(to.day_before()));
    let year_row = plot.bottom + if quarters_fit { 31.0 } else { 17.0 };
    html! {
        line class="axis" x1=(format!("{:.1}", plot.left)) x2=(format!("{:.1}", plot.right))
            y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom)) {}
        @if quarters_fit {
            @for quarter in (first.0..=last.0).map(Quarter) {
                @let (left, right) = clipped(quarter.start(), quarter.end());
                @if quarter.start() > from {
                    line class="axis" x1=(format!("{left:.1}")) x2=(format!("{left:.1}"))
                        y1=(format!("{:.1}", plot.bottom)) y2=(format!("{:.1}", plot.bottom + 4.0)) {}
                }
                @if right - left >= QUARTER_ROOM - 1.0 {
                    text class="tick middle" x=(format!("{:.1}", (left + right) / 2.0)) y=(format!("{:.1}", plot.bottom + 15.0)) { "Q" (quarter.number()) }
                }
            }
        }
        @for year in years {
            @let start = Moment::start_of(date(year, 1, 1));
            @let (left, right) = clipped(start, Quarter::new(year, 4).end());
            @if start > from {
                line class="year" x1=(format!("{left:.1}")) x2=(format!("{left:.1}"))
                    y1=(format!("{:.1}", plot.top)) y2=(format!("{:.1}", plot.bottom + 6.0)) {}
            }
            @if i32::from(year) % every == 0 && (every > 1 || right - left >= YEAR_ROOM - 2.0) {
                text class="tick middle strong" x=(format!("{:.1}", (left + right) / 2.0)) y=(format!("{year_row:.1}")) { (year) }
            }
        }
    }
}
