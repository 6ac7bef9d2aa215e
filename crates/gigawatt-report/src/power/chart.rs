//! Drawings of a site: its year, how long which power lasts, a step with its measures, and its spectrum.

use gigawatt_engine::power::grid::{MeasureKind, SiteStudy};
use gigawatt_engine::power::swing::{BAND, Waveform};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::swings::name_of;
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Finest, Layer, Panel, Plane, Shape, Style};

/// Height of a panel on wide and on narrow pages.
const HEIGHT: (f64, f64) = (280.0, 220.0);
/// Points of a step that are drawn.
const POINTS: usize = 600;
/// Steps of the curve of durations.
const STEPS: usize = 200;
/// The least frequency of the spectrum's band that is drawn is that of the step; above this nothing swings.
const HIGHEST: f64 = 5.0;

/// Every drawing of a site from one day to another, with its name for files.
pub fn charts(study: &SiteStudy, title: &str, words: &Words, (start, end): (Moment, Moment)) -> Vec<Chart> {
    let mut charts = vec![year(study, title, words, (start, end)), duration(study, title, words)];
    if let Some(swings) = &study.swings {
        let shown: Vec<(MeasureKind, &Waveform)> = swings
            .measures
            .iter()
            .filter(|measure| {
                matches!(
                    measure.kind,
                    MeasureKind::Nothing
                        | MeasureKind::Filler
                        | MeasureKind::Smoothing
                        | MeasureKind::SmoothingAndStorage
                )
            })
            .map(|measure| (measure.kind, &measure.step))
            .collect();
        charts.push(step(&shown, title, words));
        charts.push(spectrum(&shown, title, words));
    }
    charts
}

fn axis(name: &str, dimension: Dimension) -> Axis {
    Axis { name: name.to_owned(), dimension }
}

fn layer(name: &str, style: Style, shape: Shape, data: Vec<Datum>) -> Layer {
    Layer { name: name.to_owned(), style, shape, slot: (0, 1), data }
}

fn plane(
    name: &str,
    title: String,
    description: String,
    across: Across,
    upright: Axis,
    layers: Vec<Layer>,
) -> Chart {
    Chart {
        name: name.to_owned(),
        title,
        description,
        body: Body::Plane(Plane {
            across,
            panels: vec![Panel { upright, height: HEIGHT, layers }],
            stops: Vec::new(),
            divider: None,
        }),
    }
}

/// Power from the grid by day.
fn year(study: &SiteStudy, title: &str, words: &Words, (start, end): (Moment, Moment)) -> Chart {
    let days = study.profile.by_day();
    let at = |day: usize| f64::from(start.0) + day as f64 + 0.5;
    let band = days.iter().enumerate();
    let band =
        band.map(|(day, (_, least, most))| Datum::between((at(day), at(day)), *least, *most)).collect();
    let mean = days.iter().enumerate().map(|(day, (mean, ..))| Datum::at(at(day), *mean)).collect();
    let connection = study.supply.connection();
    let ends = [Datum::at(f64::from(start.0), connection), Datum::at(f64::from(end.0), connection)];
    plane(
        "year",
        words.power_year_title(title),
        words.power_year_caption(
            &format_quantity(Dimension::Power, study.profile.peak().0),
            &format_quantity(Dimension::Ratio, study.profile.load_factor()),
        ),
        Across::Time { period: Period { start, end }, finest: Finest::Quarters },
        axis(words.power_grid, Dimension::Power),
        vec![
            layer(words.power_range, Style::Band, Shape::Band, band),
            layer(words.power_mean, Style::Line("t1"), Shape::Line, mean),
            layer(words.power_connection, Style::Dashed("t3"), Shape::Line, ends.to_vec()),
        ],
    )
}

/// How long which power is exceeded.
fn duration(study: &SiteStudy, title: &str, words: &Words) -> Chart {
    let curve = study.profile.duration(STEPS);
    let line = curve.iter().enumerate().map(|(step, power)| Datum::at(step as f64 / STEPS as f64, *power));
    plane(
        "duration",
        words.power_duration_title(title),
        words.power_duration_caption.to_owned(),
        Across::Values(axis(words.power_time, Dimension::Ratio)),
        axis(words.power_grid, Dimension::Power),
        vec![layer(words.power_exceeded, Style::Line("t1"), Shape::Line, line.collect())],
    )
}

/// Strokes in the order in which measures take them.
const STROKES: [Style; 4] = [Style::Line("t1"), Style::Line("t2"), Style::Line("t5"), Style::Line("t3")];

/// A step with and without measures.
fn step(shown: &[(MeasureKind, &Waveform)], title: &str, words: &Words) -> Chart {
    let layers = shown.iter().zip(STROKES).map(|((kind, step), style)| {
        let of = step.binned(POINTS.min(step.count().max(POINTS)));
        let data = of.pieces().flat_map(|(from, to, power)| [Datum::at(from, power), Datum::at(to, power)]);
        layer(name_of(*kind), style, Shape::Line, data.collect())
    });
    plane(
        "step",
        words.power_step_title(title),
        words.power_step_caption.to_owned(),
        Across::Values(axis(words.power_step_time, Dimension::Duration)),
        axis(words.power_job, Dimension::Power),
        layers.collect(),
    )
}

/// The lines of a step up to a few Hz.
fn spectrum(shown: &[(MeasureKind, &Waveform)], title: &str, words: &Words) -> Chart {
    let layers = shown.iter().zip(STROKES).map(|((kind, step), style)| {
        let lines = step.spectrum(HIGHEST).lines;
        let data = lines.iter().filter(|line| line.frequency >= BAND.0);
        layer(
            name_of(*kind),
            style,
            Shape::Line,
            data.map(|line| Datum::at(line.frequency, line.amplitude)).collect(),
        )
    });
    plane(
        "spectrum",
        words.power_spectrum_title(title),
        words.power_spectrum_caption.to_owned(),
        Across::Values(axis(words.power_frequency, Dimension::Count)),
        axis(words.power_amplitude, Dimension::Power),
        layers.collect(),
    )
}
