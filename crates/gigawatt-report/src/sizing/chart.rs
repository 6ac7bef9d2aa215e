//! Throughput of an accelerator against speed for a user, drawn.

use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::{FrontSummary, SizingSummary};
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Layer, Panel, Plane, Shape, Style};

impl SizingSummary {
    /// The fronts of both arrangements as steps that no design beats, and the best deployments on them. None where no
    /// front was computed or none has a point.
    pub fn chart(&self, words: &Words) -> Option<Chart> {
        let fronts = self.fronts.as_ref()?;
        let mut layers = Vec::new();
        let sides =
            [(words.sizing_together, "t1", &fronts.together), (words.sizing_apart, "t5", &fronts.apart)];
        for (name, style, front) in sides {
            if !front.is_empty() {
                layers.push(Layer::new(name, Style::Line(style), Shape::DottedLine, line(front)));
            }
        }
        if layers.is_empty() {
            return None;
        }
        let proved = self.best.iter().filter(|one| one.simulated.is_some());
        let best = proved.take(1).map(|one| Datum::at(1.0 / one.each_token, one.throughput)).collect();
        layers.push(Layer::new(words.sizing_best, Style::Diamond, Shape::Sign, best));
        let axis = |name: &str| Axis { name: name.to_owned(), dimension: Dimension::TokenRate };
        let tokens = |count: f64| format_quantity(Dimension::Count, count);
        Some(Chart {
            name: "serving-fronts".to_owned(),
            title: words.sizing_title_of(&self.title),
            description: words.sizing_caption_of(&tokens(self.prompt), &tokens(self.output)),
            body: Body::Plane(Plane {
                across: Across::Values(axis(words.sizing_speed)),
                panels: vec![Panel {
                    upright: axis(words.sizing_throughput),
                    height: (340.0, 240.0),
                    layers,
                }],
                stops: Vec::new(),
                divider: None,
            }),
        })
    }
}

fn line(front: &[FrontSummary]) -> Vec<Datum> {
    front.iter().map(|point| Datum::at(point.speed, point.throughput)).collect()
}
