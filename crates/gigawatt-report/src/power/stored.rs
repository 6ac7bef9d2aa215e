//! Storage at a site's connection as data and as a drawing.

use gigawatt_engine::power::grid::{Held, SiteStudy};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::{HEIGHT, LOWER};
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Layer, Panel, Plane, Shape, Style};

const MINUTE: f64 = 60.0;
/// Minutes of a day.
const DAY: usize = 1440;
/// Minutes that are drawn as one.
const TOGETHER: usize = 10;
/// Days of the drawing, and those of them before the day in which most is asked of storage.
const DAYS: (i32, i32) = (7, 3);

/// What storage at the connection did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StorageSummary {
    /// What it can give.
    pub energy: f64,
    /// The most that it gives or takes.
    pub power: f64,
    /// What the grid is to give at most.
    pub level: f64,
    /// Whether the scenario says that level; else it is the least that can be held.
    pub level_is_given: bool,
    /// The greatest power from the grid without it.
    pub peak_without: f64,
    /// Time in which the grid gave more than the level, in s: it was empty or too small.
    pub above: f64,
    /// Energy that it gave.
    pub gave: f64,
    /// Energy that was lost in it.
    pub lost: f64,
    /// What it gave over what it can give: full cycles.
    pub cycles: f64,
    /// The least that it held.
    pub least: f64,
    /// What one of its size costs at the catalogue's prices.
    pub capital: f64,
    /// Time in which somebody would give way without it, in s.
    pub capped_without: f64,
}

impl StorageSummary {
    pub(super) fn new(study: &SiteStudy) -> Option<Self> {
        let (storage, held) = study.supply.storage.as_ref().zip(study.profile.held.as_ref())?;
        let gave = held.gives.iter().filter(|power| **power > 0.0).sum::<f64>() * MINUTE;
        Some(Self {
            energy: storage.energy,
            power: storage.power,
            level: held.level,
            level_is_given: storage.hold.is_some(),
            peak_without: held.peak_without,
            above: held.above as f64 * MINUTE,
            gave,
            lost: held.loss,
            cycles: gave / storage.energy,
            least: held.stored.iter().copied().fold(storage.energy, f64::min),
            capital: study.storage_capital,
            capped_without: held.capped_without as f64 * MINUTE,
        })
    }
}

/// The days around that in which most is asked of storage: what the grid gives with it and without, and what it holds. Nothing
/// where there is none.
pub(super) fn chart(study: &SiteStudy, title: &str, words: &Words, period: Period) -> Option<Chart> {
    let held = study.profile.held.as_ref()?;
    let days = shown(held, period);
    let first = usize::try_from(days.start.0 - period.start.0).ok()? * DAY;
    let minutes = usize::try_from(days.end.0 - days.start.0).ok()? * DAY;
    let together = |of: &dyn Fn(usize) -> f64| -> Vec<Datum> {
        let part = TOGETHER as f64 / DAY as f64;
        let mean = |from: usize| (from..from + TOGETHER).map(of).sum::<f64>() / TOGETHER as f64;
        (0..minutes / TOGETHER)
            .map(|at| {
                let from = part * at as f64;
                Datum::over((from, from + part), mean(first + TOGETHER * at))
            })
            .collect()
    };
    let grid = &study.profile.grid;
    let upper = vec![
        Layer::new(
            words.storage_without,
            Style::Line("t3"),
            Shape::Line,
            together(&|at| grid[at] + held.gives[at]),
        ),
        Layer::new(words.storage_with, Style::Line("t1"), Shape::Line, together(&|at| grid[at])),
        Layer::new(words.storage_level, Style::Dashed("t2"), Shape::Line, together(&|_| held.level)),
    ];
    let lower = vec![Layer::new(
        words.storage_holds,
        Style::Fill("f2"),
        Shape::StackedArea,
        together(&|at| held.stored[at]),
    )];
    let stops = (days.start.0..days.end.0)
        .enumerate()
        .map(|(at, day)| (at as f64, at as f64 + 1.0, Moment(day).day().to_string()));
    Some(Chart {
        name: "storage".to_owned(),
        title: words.storage_title(title),
        description: words.storage_caption(
            &format_quantity(Dimension::Power, held.level),
            &format_quantity(Dimension::Power, held.peak_without),
        ),
        body: Body::Plane(Plane {
            across: Across::Values(Axis::new(
                &words.storage_days(&days.start.day().to_string()),
                Dimension::Count,
            )),
            panels: vec![
                Panel::new(words.power_grid, Dimension::Power, HEIGHT, upper),
                Panel::new(words.storage_energy, Dimension::Energy, LOWER, lower),
            ],
            stops: stops.collect(),
            divider: None,
        }),
    })
}

/// The days that are drawn: around the one in which storage holds least, within the period.
fn shown(held: &Held, period: Period) -> Period {
    let mut least = (f64::INFINITY, 0);
    for (minute, stored) in held.stored.iter().enumerate() {
        if *stored < least.0 {
            least = (*stored, minute);
        }
    }
    let day = period.start.0 + i32::try_from(least.1 / DAY).unwrap_or(0);
    let start = (day - DAYS.1).min(period.end.0 - DAYS.0).max(period.start.0);
    Period { start: Moment(start), end: Moment((start + DAYS.0).min(period.end.0)) }
}
