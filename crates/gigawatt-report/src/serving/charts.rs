//! How times are distributed over requests, and what happened over time, drawn.

use gigawatt_engine::serving::cluster::{ClusterResult, Metric};
use gigawatt_plan::quantity::Dimension;

use super::ServeSummary;
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Layer, Panel, Plane, Shape, Style};

/// Points of a distribution.
const POINTS: u32 = 200;
/// The share of requests up to which a distribution is drawn: what is beyond it would squeeze the rest.
const SHOWN: f64 = 0.995;

impl ServeSummary {
    /// Shares of requests over the time to the first token and over the time of each further one, with their targets, and the course of the
    /// run. A chart without requests is left out.
    pub fn charts(&self, result: &ClusterResult, words: &Words) -> Vec<Chart> {
        let targets = self.goodput.targets;
        let distributions = [
            (
                Metric::TimeToFirstToken,
                "serving-first-token",
                words.serving_first_token,
                targets.time_to_first_token,
            ),
            (
                Metric::TimePerOutputToken,
                "serving-each-token",
                words.serving_each_token,
                targets.time_per_output_token,
            ),
        ];
        let distributions = distributions.into_iter().filter_map(|(metric, name, axis, target)| {
            distribution(result, metric, target, words).map(|panel| Chart {
                name: name.to_owned(),
                title: words.serving_distribution_title_of(&self.served.title, axis),
                description: words.serving_distribution_caption.to_owned(),
                body: Body::Plane(plane(axis, vec![panel])),
            })
        });
        distributions.chain(self.course_chart(words)).collect()
    }

    /// Requests, requests in flight and times to the first token over the time of the run.
    fn course_chart(&self, words: &Words) -> Option<Chart> {
        let course = &self.course;
        if course.arrived.is_empty() {
            return None;
        }
        let points = |values: &[f64]| -> Vec<Datum> {
            let middle = |index: usize| ((index as f64 + 0.5) * course.interval).min(self.end);
            values.iter().enumerate().map(|(index, value)| Datum::at(middle(index), *value)).collect()
        };
        let first: Vec<Datum> = points(
            &course.time_to_first_token.iter().map(|time| time.unwrap_or(f64::NAN)).collect::<Vec<_>>(),
        );
        let first = first.into_iter().filter(|datum| datum.value.is_finite()).collect();
        let mut requests = vec![
            line(words.serving_arrived, Style::Line("t1"), points(&course.arrived)),
            line(words.serving_done, Style::Line("t3"), points(&course.done)),
        ];
        if self.goodput.targets != super::summary::Targets::default() {
            requests.push(line(words.serving_good, Style::Dashed("t5"), points(&course.good)));
        }
        let mut panels = vec![
            panel(words.serving_requests, Dimension::RequestRate, 200.0, requests),
            panel(
                words.serving_in_flight,
                Dimension::Count,
                130.0,
                vec![line(words.serving_in_flight, Style::Line("t1"), points(&course.in_flight))],
            ),
            panel(
                words.serving_first_token,
                Dimension::Duration,
                130.0,
                vec![line(words.serving_first_token_mean, Style::Line("t1"), first)],
            ),
        ];
        let changes = course.ready.windows(2).any(|pair| (pair[0] - pair[1]).abs() > 1e-9);
        if changes {
            let ready = line(words.serving_ready, Style::Line("t1"), points(&course.ready));
            panels.insert(2, panel(words.serving_ready, Dimension::Count, 130.0, vec![ready]));
        }
        Some(Chart {
            name: "serving-course".to_owned(),
            title: words.serving_course_title_of(&self.served.title),
            description: words.serving_course_caption.to_owned(),
            body: Body::Plane(plane(words.serving_time, panels)),
        })
    }
}

fn plane(axis: &str, panels: Vec<Panel>) -> Plane {
    Plane {
        across: Across::Values(Axis { name: axis.to_owned(), dimension: Dimension::Duration }),
        panels,
        stops: Vec::new(),
        divider: None,
    }
}

fn panel(name: &str, dimension: Dimension, height: f64, layers: Vec<Layer>) -> Panel {
    Panel { upright: Axis { name: name.to_owned(), dimension }, height: (height, height * 0.8), layers }
}

fn line(name: &str, style: Style, data: Vec<Datum>) -> Layer {
    Layer { name: name.to_owned(), style, shape: Shape::Line, slot: (0, 1), data }
}

/// The share of requests whose time is at most so long.
fn distribution(result: &ClusterResult, metric: Metric, target: Option<f64>, words: &Words) -> Option<Panel> {
    let all = result.all();
    let times = all.times(metric);
    let at = |share: f64| Some(times.quantile(share)? as f64 / super::summary::NANOSECONDS);
    let longest = at(SHOWN)?;
    let mut data: Vec<Datum> = vec![Datum::at(0.0, 0.0)];
    for point in 0..=POINTS {
        let share = SHOWN * f64::from(point) / f64::from(POINTS);
        let datum = Datum::at(at(share)?, share);
        // Bins of the histogram are not steps of the distribution: of one time the last share.
        match data.last_mut().filter(|last| last.from == datum.from) {
            Some(last) => *last = datum,
            None => data.push(datum),
        }
    }
    let mut layers = vec![line(words.serving_share, Style::Line("t1"), data)];
    let signs = [(0.5, words.serving_median), (0.99, words.serving_p99)];
    for (share, name) in signs {
        layers.push(Layer {
            name: name.to_owned(),
            style: if share < 0.9 { Style::HollowDiamond } else { Style::Diamond },
            shape: Shape::Sign,
            slot: (0, 1),
            data: vec![Datum::at(at(share)?, share)],
        });
    }
    if let Some(target) = target.filter(|target| *target <= 4.0 * longest) {
        layers.push(line(
            words.serving_target,
            Style::Dashed("t5"),
            vec![Datum::at(target, 0.0), Datum::at(target, 1.0)],
        ));
    }
    Some(panel(words.serving_share, Dimension::Ratio, 300.0, layers))
}
