//! Drawings of what lies within seconds: a step of the widest job with its measures, its spectrum, what measures leave.

use gigawatt_engine::power::grid::{Measure, MeasureKind, SiteStudy};
use gigawatt_engine::power::swing::BAND;
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::chart::{HEIGHT, axis, layer};
use crate::Words;
use crate::chart::{Across, Body, Chart, Datum, Group, Panel, Plane, Row, RowMark, Rows, Shape, Style};

/// Points of a step that are drawn.
const POINTS: usize = 600;
/// Stretches of a step that are told together.
const TOLD: usize = 24;
/// Strokes of measures, in their order.
const STROKES: [&str; 6] = ["t1", "t2", "t5", "t3", "t4", "t8"];

/// The drawings of swings; none where nothing stands.
pub(super) fn charts(study: &SiteStudy, title: &str, words: &Words) -> Vec<Chart> {
    let Some(swings) = &study.swings else { return Vec::new() };
    let measures = &swings.measures;
    vec![step(measures, title, words), spectrum(measures, title, words), left(study, measures, title, words)]
}

/// What a measure is called.
pub(crate) fn measure_name(words: &Words, kind: MeasureKind) -> &'static str {
    match kind {
        MeasureKind::Nothing => words.power_nothing,
        MeasureKind::Filler => words.power_filler,
        MeasureKind::Smoothing => words.power_smoothing,
        MeasureKind::RackStorage => words.power_rack_storage,
        MeasureKind::SiteBattery => words.power_site_battery,
        MeasureKind::SmoothingAndStorage => words.power_both,
    }
}

fn plane(
    across: Across,
    upright: &str,
    layers: Vec<crate::chart::Layer>,
    stops: Vec<super::chart::Stop>,
) -> Body {
    Body::Plane(Plane {
        across,
        panels: vec![Panel { upright: axis(upright, Dimension::Power), height: HEIGHT, layers }],
        stops,
        divider: None,
    })
}

/// A step with and without measures.
fn step(measures: &[Measure], title: &str, words: &Words) -> Chart {
    let layers = measures.iter().zip(STROKES).map(|(measure, stroke)| {
        let of = measure.step.binned(POINTS.min(measure.step.count().max(POINTS)));
        let data = of.pieces().flat_map(|(from, to, power)| [Datum::at(from, power), Datum::at(to, power)]);
        layer(measure_name(words, measure.kind), Style::Line(stroke), Shape::Line, data.collect())
    });
    let seconds = measures.first().map_or(0.0, |measure| measure.step.period());
    let at = |part: usize| seconds * part as f64 / TOLD as f64;
    let stops = (0..TOLD).map(|part| {
        (at(part), at(part + 1), words.power_at_time(&format_quantity(Dimension::Duration, at(part + 1))))
    });
    Chart {
        name: "step".to_owned(),
        title: words.power_step_title(title),
        description: words.power_step_caption.to_owned(),
        body: plane(
            Across::Values(axis(words.power_step_time, Dimension::Duration)),
            words.power_job,
            layers.collect(),
            stops.collect(),
        ),
    }
}

/// Octaves of the band, from its lower end up; the last is cut at its upper end.
fn octaves() -> Vec<(f64, f64)> {
    let mut octaves = Vec::new();
    let mut from = BAND.0;
    while from < BAND.1 {
        octaves.push((from, (2.0 * from).min(BAND.1)));
        from *= 2.0;
    }
    octaves
}

/// The root mean square of a step by octave, with and without measures.
fn spectrum(measures: &[Measure], title: &str, words: &Words) -> Chart {
    let layers = measures.iter().zip(STROKES).map(|(measure, stroke)| {
        let lines = measure.step.spectrum(BAND.1);
        let data = octaves().into_iter().map(|(from, to)| {
            // An octave holds its lower end and not its upper one, but for the last.
            let upper = if to < BAND.1 { to * (1.0 - 1e-9) } else { to };
            let middle = libm::sqrt(from * to);
            Datum::at(middle, lines.root_mean_square((from, upper)))
        });
        layer(measure_name(words, measure.kind), Style::Line(stroke), Shape::DottedLine, data.collect())
    });
    let hertz = |value: f64| format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned();
    let stops =
        octaves().into_iter().map(|(from, to)| (from, to, words.power_octave(&hertz(from), &hertz(to))));
    Chart {
        name: "spectrum".to_owned(),
        title: words.power_spectrum_title(title),
        description: words.power_spectrum_caption.to_owned(),
        body: plane(
            Across::Logarithm(axis(words.power_frequency, Dimension::Count)),
            words.power_amplitude,
            layers.collect(),
            stops.collect(),
        ),
    }
}

/// What measures leave of the swing of all jobs, and cost.
fn left(study: &SiteStudy, measures: &[Measure], title: &str, words: &Words) -> Chart {
    let money = |value: f64| format_quantity(Dimension::Money, value);
    let row = |measure: &Measure| {
        let range = measure.left.peak_to_peak;
        let yearly = measure.energy_cost + measure.work_cost;
        let cost = match (yearly > 0.0, measure.capital > 0.0) {
            (false, false) => String::new(),
            (true, false) => words.power_yearly(&money(yearly)),
            (false, true) => words.power_once(&money(measure.capital)),
            (true, true) => words.power_yearly_and_once(&money(yearly), &money(measure.capital)),
        };
        let text = format_quantity(Dimension::Power, range);
        Row {
            name: measure_name(words, measure.kind).to_owned(),
            text: if cost.is_empty() { text } else { format!("{text}; {cost}") },
            marks: vec![
                RowMark {
                    layer: 0,
                    low: 0.0,
                    value: study.supply.limits.range,
                    high: study.supply.limits.range,
                },
                RowMark::value(1, 0.0, range),
            ],
        }
    };
    Chart {
        name: "measures".to_owned(),
        title: words.power_measures_title(title),
        description: words.power_measures_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: axis(words.power_swing, Dimension::Power),
            base: 0.0,
            layers: vec![
                (words.power_allowed.to_owned(), Style::Allowed),
                (words.power_left.to_owned(), Style::Fill("f1")),
            ],
            groups: vec![Group { name: String::new(), rows: measures.iter().map(row).collect() }],
        }),
    }
}
