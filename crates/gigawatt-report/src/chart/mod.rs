//! Charts: data, and from it static drawings and Vega-Lite specifications.
//!
//! Drawing is geometry: colours are classes that the page's style gives meaning in light, dark and print, and
//! words come in as text. Coordinates are written with one decimal, so the bytes are the same everywhere.

mod alone;
mod axis;
mod cells;
mod interval;
mod lanes;
mod layout;
mod mark;
mod model;
mod outline;
mod plane;
mod rows;
mod scale;
mod stack;
mod style;
mod vega;

pub use axis::{Finest, ValueAxis, calendar, level_axis, level_gridlines, value_gridlines};
pub use interval::{Interval, IntervalWords, interval_chart, interval_strip};
pub use layout::{Layout, Plot, drawing, inline_drawing, shortened, text_width};
pub use mark::{Point, area, diamond, horizontal_whisker, line, rectangle, simplified, vertical_whisker};
pub use model::{
    Across, Axis, Block, Body, Cell, Cells, Chart, Datum, Group, Lane, Lanes, Layer, Panel, Plane, Row,
    RowMark, Rows, Shape,
};
pub use outline::{Outline, island};
pub use scale::{Scale, Ticks, ticks};
pub use stack::stacked;
pub use style::{FILLS, Style};
