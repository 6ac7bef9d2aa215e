//! Static charts as SVG: scales, axes, marks and outlines.
//!
//! Everything here is geometry. Colours are classes that the page's style gives meaning in light, dark and
//! print; words come in as text. Coordinates are written with one decimal, so the bytes are the same everywhere.

mod axis;
mod interval;
mod layout;
mod mark;
mod outline;
mod scale;

pub use axis::{Finest, ValueAxis, calendar, value_gridlines};
pub use interval::{Interval, IntervalWords, interval_chart, interval_strip};
pub use layout::{Layout, Plot, drawing, inline_drawing, shortened, text_width};
pub use mark::{Point, area, diamond, horizontal_whisker, line, rectangle, simplified, vertical_whisker};
pub use outline::{Outline, island};
pub use scale::{Scale, Ticks, ticks};
