//! Drawings of what lies within seconds: a step of the widest job with its measures, its spectrum, what measures leave.

use gigawatt_engine::power::grid::{Carried, FeedLoss, Measure, MeasureKind, SiteStudy};
use gigawatt_engine::power::swing::BAND;
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::chart::HEIGHT;
use crate::Words;
use crate::chart::{
    Across, Axis, Body, Chart, Datum, Group, Layer, Panel, Plane, Row, RowMark, Rows, Shape, Style,
};

/// Points of a step that are drawn.
const POINTS: usize = 360;
/// Stretches of a step that are told together.
const TOLD: usize = 24;
/// Strokes of measures, in their order.
const STROKES: [&str; 6] = ["t1", "t2", "t5", "t3", "t4", "t8"];

/// The drawings of swings; none where nothing stands.
pub(super) fn charts(study: &SiteStudy, title: &str, words: &Words) -> Vec<Chart> {
    let Some(swings) = &study.swings else { return Vec::new() };
    let measures = &swings.measures;
    vec![
        step(measures, title, words),
        spectrum(measures, title, words),
        left(study, measures, title, words),
        costs(measures, title, words),
    ]
}

/// Stretches of the course of a loss that are drawn, and of these how many are told together.
const COURSE: (usize, usize) = (240, 10);

/// What carries the racks after the loss of one feed, and of all.
pub(super) fn loss(study: &SiteStudy, title: &str, words: &Words) -> Chart {
    // A little beyond the last change.
    let end = 1.15 * study.losses.iter().map(FeedLoss::settled).fold(10.0, f64::max);
    let at = |step: usize| end * step as f64 / COURSE.0 as f64;
    let panel = |name: &str, loss: &FeedLoss| {
        let course: Vec<(f64, Carried)> = (0..=COURSE.0).map(|step| (at(step), loss.at(at(step)))).collect();
        let part = |name: &str, fill, of: fn(&Carried) -> f64| {
            let data: Vec<Datum> =
                course.iter().map(|(time, carried)| Datum::at(*time, of(carried).max(0.0))).collect();
            let there = data.iter().any(|datum| datum.value > 0.0);
            there.then(|| Layer::new(name, Style::Fill(fill), Shape::StackedArea, data))
        };
        let layers = [
            part(words.power_by_grid, "f1", |carried| carried.grid),
            part(words.power_by_generators, "f3", |carried| carried.generators),
            part(words.power_by_batteries, "f2", |carried| carried.battery),
            part(words.power_by_nothing, "f6", |carried| carried.nothing),
        ];
        Panel::new(name, Dimension::Power, (150.0, 130.0), layers.into_iter().flatten().collect())
    };
    let stops = (0..COURSE.0).step_by(COURSE.1).map(|step| {
        let (from, to) = (at(step), at(step + COURSE.1));
        (from, to, words.power_at_time(&format_quantity(Dimension::Duration, to)))
    });
    Chart {
        name: "loss".to_owned(),
        title: words.power_loss_title(title),
        description: words.power_loss_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis::new(words.power_since, Dimension::Duration)),
            panels: vec![
                panel(words.power_one_feed_lost, &study.losses[0]),
                panel(words.power_all_feeds_lost, &study.losses[1]),
            ],
            stops: stops.collect(),
            divider: None,
        }),
    }
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
        panels: vec![Panel::new(upright, Dimension::Power, HEIGHT, layers)],
        stops,
        divider: None,
    })
}

/// A step with and without measures.
fn step(measures: &[Measure], title: &str, words: &Words) -> Chart {
    let layers = measures.iter().zip(STROKES).map(|(measure, stroke)| {
        let of = measure.step.binned(POINTS.min(measure.step.count().max(POINTS)));
        let data = of.pieces().flat_map(|(from, to, power)| [Datum::at(from, power), Datum::at(to, power)]);
        Layer::new(measure_name(words, measure.kind), Style::Line(stroke), Shape::Line, data.collect())
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
            Across::Values(Axis::new(words.power_step_time, Dimension::Duration)),
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
        Layer::new(measure_name(words, measure.kind), Style::Line(stroke), Shape::DottedLine, data.collect())
    });
    let hertz = |value: f64| format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned();
    let stops =
        octaves().into_iter().map(|(from, to)| (from, to, words.power_octave(&hertz(from), &hertz(to))));
    Chart {
        name: "spectrum".to_owned(),
        title: words.power_spectrum_title(title),
        description: words.power_spectrum_caption.to_owned(),
        body: plane(
            Across::Logarithm(Axis::new(words.power_frequency, Dimension::Count)),
            words.power_amplitude,
            layers.collect(),
            stops.collect(),
        ),
    }
}

/// A chart of rows for measures.
fn rows(
    name: &str,
    (title, caption): (String, &str),
    across: crate::chart::Axis,
    layers: Vec<(String, Style)>,
    rows: Vec<Row>,
) -> Chart {
    let groups = vec![Group { name: String::new(), rows }];
    Chart {
        name: name.to_owned(),
        title,
        description: caption.to_owned(),
        body: Body::Rows(Rows { axis: across, base: 0.0, layers, groups }),
    }
}

/// What measures leave of the swing of all jobs.
fn left(study: &SiteStudy, measures: &[Measure], title: &str, words: &Words) -> Chart {
    let allowed = study.supply.limits.range;
    let row = |measure: &Measure| {
        let range = measure.left.peak_to_peak;
        Row {
            name: measure_name(words, measure.kind).to_owned(),
            text: format_quantity(Dimension::Power, range),
            marks: vec![RowMark::value(0, 0.0, allowed), RowMark::value(1, 0.0, range)],
        }
    };
    rows(
        "measures",
        (words.power_measures_title(title), words.power_measures_caption),
        Axis::new(words.power_swing, Dimension::Power),
        vec![
            (words.power_allowed.to_owned(), Style::Allowed),
            (words.power_left.to_owned(), Style::Fill("f1")),
        ],
        measures.iter().map(row).collect(),
    )
}

/// What measures cost.
fn costs(measures: &[Measure], title: &str, words: &Words) -> Chart {
    let row = |measure: &Measure, parts: &[(usize, f64)]| {
        let mut marks = Vec::new();
        let mut from = 0.0;
        for (layer, money) in parts.iter().filter(|(_, money)| *money > 0.0) {
            marks.push(RowMark { layer: *layer, low: from, value: from + money, high: from + money });
            from += money;
        }
        Row {
            name: measure_name(words, measure.kind).to_owned(),
            text: format_quantity(Dimension::Money, from),
            marks,
        }
    };
    let taken = || measures.iter().filter(|measure| measure.kind != MeasureKind::Nothing);
    let yearly = taken().map(|measure| row(measure, &[(0, measure.energy_cost), (1, measure.work_cost)]));
    let once =
        taken().filter(|measure| measure.capital > 0.0).map(|measure| row(measure, &[(2, measure.capital)]));
    // What is paid every year and what is paid once do not add up.
    let groups = vec![
        Group { name: words.power_each_year.to_owned(), rows: yearly.collect() },
        Group { name: words.power_cost_once.to_owned(), rows: once.collect() },
    ];
    Chart {
        name: "costs".to_owned(),
        title: words.power_costs_title(title),
        description: words.power_costs_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis::new(words.power_money, Dimension::Money),
            base: 0.0,
            layers: vec![
                (words.power_cost_energy.to_owned(), Style::Fill("f5")),
                (words.power_cost_work.to_owned(), Style::Fill("f4")),
                (words.power_cost_once.to_owned(), Style::Fill("f8")),
            ],
            groups: groups.into_iter().filter(|group| !group.rows.is_empty()).collect(),
        }),
    }
}
