//! Effective time over the interval between checkpoints, drawn.

use gigawatt_engine::reliability::Strategy;
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::{CheckpointSummary, CurvePoint, StrategySummary};
use crate::chart::{Across, Axis, Body, Chart, Datum, Layer, Panel, Plane, Shape, Style};
use crate::{Words, grouped};

/// The part of the best effective time down to which lines are drawn.
const SHOWN: f64 = 0.8;
/// How far beyond the longest best interval.
const REACH: f64 = 3.0;

impl CheckpointSummary {
    /// Lines of every way to checkpoint, with the intervals of Young and Daly, and the best of each. None where there is no curve, because
    /// nothing interrupts the job.
    pub fn chart(&self, words: &Words) -> Option<Chart> {
        let best = self.best()?;
        let top = self.curve.iter().flat_map(values).fold(0.0, f64::max);
        let longest = self.strategies.iter().map(|one| one.interval).fold(0.0, f64::max);
        let end = REACH * longest;
        let mut layers: Vec<Layer> = Vec::new();
        let styles = [Style::Line("t1"), Style::Line("t5"), Style::Line("t3")];
        let mut layer = |name: &str, style: Style, shape: Shape, data: Vec<Datum>| {
            layers.push(Layer { name: name.to_owned(), style, shape, slot: (0, 1), data });
        };
        for (index, style) in styles.into_iter().enumerate() {
            let near = |point: &&CurvePoint| point.interval <= end && values(point)[index] >= SHOWN * top;
            let line = self.curve.iter().filter(near);
            let data = line.map(|point| Datum::at(point.interval, values(point)[index])).collect();
            layer(words.checkpoint_strategies()[index], style, Shape::Line, data);
        }
        let running = 1.0 - self.waiting;
        let marked = |interval: Option<f64>, one: &StrategySummary| {
            let interval = interval.filter(|interval| *interval <= end)?;
            Some(Datum::at(interval, self.at(one.strategy, interval)?))
        };
        let of = |pick: fn(&StrategySummary) -> Option<f64>| -> Vec<Datum> {
            self.strategies
                .iter()
                .filter_map(|one| marked(pick(one), one))
                .filter(|datum| datum.value >= SHOWN * top)
                .collect()
        };
        let bests = self.strategies.iter().map(|one| Datum::at(one.interval, one.goodput.value / running));
        layer(words.checkpoint_best, Style::Diamond, Shape::Sign, bests.collect());
        layer(words.checkpoint_young, Style::HollowDiamond, Shape::Sign, of(|one| one.young));
        // Daly's is nearly the best one: a dot on its sign.
        for datum in of(|one| one.daly) {
            layer(words.checkpoint_daly, Style::Fill("f8"), Shape::DottedLine, vec![datum]);
        }
        if layers.iter().all(|layer| layer.data.is_empty()) || top <= 0.0 {
            return None;
        }
        let accelerators = grouped(self.accelerators);
        let interval = format_quantity(Dimension::Duration, best.interval);
        let share = format_quantity(Dimension::Ratio, best.goodput.value / running);
        Some(Chart {
            name: "checkpoint-intervals".to_owned(),
            title: words.checkpoint_title_of(&self.title, &accelerators),
            description: words.checkpoint_caption_of(&interval, &share),
            body: Body::Plane(Plane {
                across: Across::Values(Axis {
                    name: words.checkpoint_interval.to_owned(),
                    dimension: Dimension::Duration,
                }),
                panels: vec![Panel {
                    upright: Axis { name: words.checkpoint_goodput.to_owned(), dimension: Dimension::Ratio },
                    height: (320.0, 220.0),
                    layers,
                }],
                stops: Vec::new(),
                divider: None,
            }),
        })
    }

    /// Effective time of a strategy at an interval, between the points of its curve.
    fn at(&self, strategy: Strategy, interval: f64) -> Option<f64> {
        let index = Strategy::ALL.iter().position(|one| *one == strategy)?;
        let after =
            self.curve.iter().position(|point| point.interval >= interval).filter(|after| *after > 0)?;
        let (left, right) = (&self.curve[after - 1], &self.curve[after]);
        let part = (interval - left.interval) / (right.interval - left.interval);
        Some(values(left)[index] + part * (values(right)[index] - values(left)[index]))
    }
}

/// The values of a point in the order of strategies.
fn values(point: &CurvePoint) -> [f64; 3] {
    [point.blocking, point.background, point.memory]
}
