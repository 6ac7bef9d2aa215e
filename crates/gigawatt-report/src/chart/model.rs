//! A chart as data: what it shows, apart from how it is drawn.
//!
//! From one [`Chart`] come the static drawing of the report ([`Chart::svg`]) and a Vega-Lite specification
//! ([`Chart::vega_lite`]); both show the same numbers. Numbers are in base units, moments in days from
//! 1970-01-01.

use gigawatt_plan::period::Period;
use gigawatt_plan::quantity::Dimension;
use maud::Markup;

use super::{Finest, Layout, Style, cells, lanes, plane, rows};
use crate::Words;

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Name for files: lower-case words with dashes.
    pub name: String,
    /// Heading.
    pub title: String,
    /// What it shows, in a sentence, for those who hear the page.
    pub description: String,
    /// What is drawn.
    pub body: Body,
}

/// The kinds of chart.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Panels above one another over one level axis.
    Plane(Plane),
    /// Named rows along one level axis.
    Rows(Rows),
    /// Lanes of blocks along one level axis.
    Lanes(Lanes),
    /// Cells in columns and rows, as dark as their values.
    Cells(Cells),
}

/// An axis of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it measures, without the unit.
    pub name: String,
    /// Its dimension, from which its unit follows.
    pub dimension: Dimension,
}

impl Axis {
    /// An axis.
    pub fn new(name: &str, dimension: Dimension) -> Self {
        Self { name: name.to_owned(), dimension }
    }
}

/// The level axis of a [`Plane`].
#[derive(Clone, Debug, PartialEq)]
pub enum Across {
    /// The calendar.
    Time {
        /// From its first to its last moment.
        period: Period,
        /// What is named below it.
        finest: Finest,
    },
    /// Values.
    Values(Axis),
    /// Values above nothing, of which equal ratios lie equally far apart.
    Logarithm(Axis),
}

/// Panels above one another over one level axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// The level axis.
    pub across: Across,
    /// From the uppermost down.
    pub panels: Vec<Panel>,
    /// Stretches of the level axis for which all values are told together, with their names.
    pub stops: Vec<(f64, f64, String)>,
    /// A line through all panels, with what lies before and after it.
    pub divider: Option<(f64, String, String)>,
}

/// Layers over one pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The upright axis.
    pub upright: Axis,
    /// Height on wide and on narrow pages.
    pub height: (f64, f64),
    /// From the back to the front.
    pub layers: Vec<Layer>,
}

/// Marks of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name in the legend; several layers of one name and style are one entry.
    pub name: String,
    /// How they look.
    pub style: Style,
    /// What they are.
    pub shape: Shape,
    /// Where they stand in their stretch: which of how many beside one another.
    pub slot: (u8, u8),
    /// The numbers.
    pub data: Vec<Datum>,
}

impl Panel {
    /// A panel.
    pub fn new(name: &str, dimension: Dimension, height: (f64, f64), layers: Vec<Layer>) -> Self {
        Self { upright: Axis::new(name, dimension), height, layers }
    }
}

impl Layer {
    /// Marks that have their stretch for themselves.
    pub fn new(name: &str, style: Style, shape: Shape, data: Vec<Datum>) -> Self {
        Self { name: name.to_owned(), style, shape, slot: (0, 1), data }
    }

    /// The same beside others: in which of how many places of a stretch.
    pub fn in_slot(self, slot: (u8, u8)) -> Self {
        Self { slot, ..self }
    }
}

/// What a layer's marks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Areas that stand on those of the layers before.
    StackedArea,
    /// Bars that stand on those of the layers before; what is negative hangs below.
    StackedBar,
    /// Bars that start at nothing.
    Bar,
    /// The area between low and high.
    Band,
    /// A line through the values.
    Line,
    /// A line with a dot at each value.
    DottedLine,
    /// Intervals from low to high.
    Whisker,
    /// Bars from low to high with a stroke at the middle.
    Spread,
    /// A sign at each value.
    Sign,
}

/// A number or an interval over a stretch or at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum {
    /// Start of the stretch.
    pub from: f64,
    /// Its end; the same where it is a moment.
    pub to: f64,
    /// Lower end.
    pub low: f64,
    /// The value; the median of an interval that has one.
    pub value: f64,
    /// Upper end.
    pub high: f64,
}

impl Datum {
    /// A value at a place.
    pub fn at(place: f64, value: f64) -> Self {
        Self::over((place, place), value)
    }

    /// A value over a stretch.
    pub fn over((from, to): (f64, f64), value: f64) -> Self {
        Self { from, to, low: value, value, high: value }
    }

    /// An interval over a stretch.
    pub fn between((from, to): (f64, f64), low: f64, high: f64) -> Self {
        Self { from, to, low, value: f64::midpoint(low, high), high }
    }

    /// An interval with its median over a stretch.
    pub fn spread((from, to): (f64, f64), (low, value, high): (f64, f64, f64)) -> Self {
        Self { from, to, low, value, high }
    }
}

/// Named rows along one level axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The level axis.
    pub axis: Axis,
    /// Where bars start, and a line is drawn.
    pub base: f64,
    /// Names and looks, to which marks refer.
    pub layers: Vec<(String, Style)>,
    /// Rows under their headings; a group without a name has none.
    pub groups: Vec<Group>,
}

/// Rows under a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The heading.
    pub name: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its numbers in words, behind the marks.
    pub text: String,
    /// What is drawn.
    pub marks: Vec<RowMark>,
}

/// A mark of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowMark {
    /// Index of its layer.
    pub layer: usize,
    /// Lower end, or where a bar starts.
    pub low: f64,
    /// The value.
    pub value: f64,
    /// Upper end.
    pub high: f64,
}

impl RowMark {
    /// A bar from a base, or a sign at a value.
    pub fn value(layer: usize, base: f64, value: f64) -> Self {
        Self { layer, low: base.min(value), value, high: base.max(value) }
    }

    /// An interval, with its median.
    pub fn spread(layer: usize, low: f64, value: f64, high: f64) -> Self {
        Self { layer, low, value, high }
    }
}

/// Lanes of blocks along one level axis that starts at nothing: what works when.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    /// The level axis.
    pub axis: Axis,
    /// Names and looks, to which blocks refer.
    pub layers: Vec<(String, Style)>,
    /// From the uppermost down.
    pub lanes: Vec<Lane>,
    /// What the texts behind the lanes are.
    pub behind: String,
    /// A stretch of the axis that is not drawn, with what is said of it.
    pub left_out: Option<(f64, f64, String)>,
}

/// Cells in columns and rows, as dark as their values: how a value goes over the day, and over the year.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// What the values are.
    pub measure: Axis,
    /// What the columns are, and their names from the left.
    pub columns: (String, Vec<String>),
    /// What the rows are, and their names from the uppermost down.
    pub rows: (String, Vec<String>),
    /// Row by row.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its row.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// Its value.
    pub value: f64,
    /// What is told where the pointer rests on it.
    pub says: String,
}

impl Cells {
    /// The least and the greatest value.
    pub fn extent(&self) -> (f64, f64) {
        let values = || self.cells.iter().map(|cell| cell.value);
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
    }
}

/// A lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// What stands behind it.
    pub text: String,
    /// Blocks that do not overlap, in their order.
    pub blocks: Vec<Block>,
}

/// A block of a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Index of its layer.
    pub layer: usize,
    /// Its start.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

impl Lanes {
    /// Where the last block ends.
    pub fn end(&self) -> f64 {
        self.lanes.iter().flat_map(|lane| &lane.blocks).map(|block| block.to).fold(0.0, f64::max)
    }
}

impl Chart {
    /// Name of its specification in the folder of a run.
    pub fn file(&self) -> String {
        format!("charts/{}.vl.json", self.name)
    }

    /// The static drawing.
    pub fn svg(&self, words: &Words, layout: Layout) -> Markup {
        match &self.body {
            Body::Plane(plane) => plane::draw(self, plane, words, layout),
            Body::Rows(rows) => rows::draw(self, rows, words, layout),
            Body::Lanes(lanes) => lanes::draw(self, lanes, words, layout),
            Body::Cells(cells) => cells::draw(self, cells, words, layout),
        }
    }

    /// The entries of its legend: for each panel its name and its layers.
    pub fn legend(&self) -> Vec<(String, Vec<(Style, String)>)> {
        let unique = |all: Vec<(Style, String)>| {
            let mut entries: Vec<(Style, String)> = Vec::new();
            for entry in all {
                if !entry.1.is_empty() && !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
            entries
        };
        match &self.body {
            Body::Plane(plane) => {
                let several = plane.panels.len() > 1;
                plane
                    .panels
                    .iter()
                    .map(|panel| {
                        let name = if several { panel.upright.name.clone() } else { String::new() };
                        let shown = panel.layers.iter().filter(|layer| !layer.data.is_empty());
                        (name, unique(shown.map(|layer| (layer.style, layer.name.clone())).collect()))
                    })
                    .collect()
            }
            Body::Lanes(lanes) => {
                let used = |layer: usize| {
                    lanes.lanes.iter().flat_map(|lane| &lane.blocks).any(|block| block.layer == layer)
                };
                let layers = lanes.layers.iter().enumerate().filter(|(index, _)| used(*index));
                vec![(
                    String::new(),
                    unique(layers.map(|(_, (name, style))| (*style, name.clone())).collect()),
                )]
            }
            // Its scale of colours is drawn.
            Body::Cells(_) => Vec::new(),
            Body::Rows(rows) => {
                let layers = rows.layers.iter().map(|(name, style)| (*style, name.clone())).collect();
                vec![(String::new(), unique(layers))]
            }
        }
    }
}
