//! Drawings of a site: its year, its busiest day, and how long which power lasts.

use gigawatt_engine::power::grid::{SiteStudy, SiteYear};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::parts::Parts;
use super::{second, stored};
use crate::Words;
use crate::chart::{Across, Axis, Body, Chart, Datum, Finest, Layer, Panel, Plane, Shape, Style};

/// Height of a panel on wide and on narrow pages.
pub(super) const HEIGHT: (f64, f64) = (240.0, 190.0);
/// Height of what stands below another panel.
pub(super) const LOWER: (f64, f64) = (200.0, 160.0);
/// What the grid gives a site at most at the meter, before the losses of its feeds, in W: with all feeds, and after the loss of
/// one.
pub(crate) fn connection(study: &SiteStudy) -> (f64, f64) {
    let chain = &study.supply.chain;
    let inputs = chain.roots().map(|root| {
        let stage = &chain.stages()[root];
        (stage.input(stage.provisioned()), stage.input(stage.firm()))
    });
    inputs.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// Steps of the curve of durations.
const STEPS: usize = 200;
/// Steps of it that are told together.
const TOLD: usize = 10;
/// Part of a power below which two are drawn as one line.
const SAME: f64 = 1e-3;
/// Minutes of a day, and of an hour.
const DAY: usize = 1440;
const HOUR: usize = 60;
/// Minutes of a day that are one point of what its power goes to.
const TOGETHER: usize = 10;

/// Every drawing of a site from one day to another, with its name for files: `year`, `duration`, `day`, where there is storage
/// `storage`, and where something swings `step` and `spectrum`. `energised` is what could be drawn from the grid with all energised power in use, at the
/// ends of days; nothing where it is not known.
pub fn charts(of: &SiteYear, title: &str, words: &Words, period: Period, energised: &[f64]) -> Vec<Chart> {
    let study = &of.study;
    let mut charts = vec![
        year(of, title, words, period, energised),
        duration(study, title, words),
        day(study, title, words, period.start),
    ];
    charts.extend(stored::chart(study, title, words, period));
    charts.extend(second::charts(study, title, words));
    charts.push(second::loss(study, title, words));
    charts
}

/// A stretch of a level axis for which all values are told together, with its name.
pub(super) type Stop = (f64, f64, String);

/// Weeks of a period.
fn weeks(period: Period) -> Vec<Stop> {
    let ends = (period.start.0..period.end.0).step_by(7);
    let week = |from: i32| {
        let to = Moment((from + 7).min(period.end.0));
        (f64::from(from), to.days(), to.day_before().to_string())
    };
    ends.map(week).collect()
}

/// Power from the grid by day beside what may be taken, and what the site's energy went to.
fn year(of: &SiteYear, title: &str, words: &Words, period: Period, energised: &[f64]) -> Chart {
    let study = &of.study;
    let days = study.profile.by_day();
    let first = period.start.days();
    let stretch = |day: usize| (first + day as f64, first + day as f64 + 1.0);
    let by_day = days.iter().enumerate();
    let band = by_day.clone().map(|(day, (_, least, most))| Datum::between(stretch(day), *least, *most));
    let mean = by_day.map(|(day, (mean, ..))| Datum::over(stretch(day), *mean));
    let along =
        |power: f64| -> Vec<Datum> { (0..days.len()).map(|day| Datum::over(stretch(day), power)).collect() };
    let energised = energised.iter().take(days.len()).enumerate();
    let energised = energised.map(|(day, power)| Datum::over(stretch(day), *power)).collect();
    let mut upper = vec![
        Layer::new(words.power_range, Style::Band, Shape::Band, band.collect()),
        Layer::new(words.power_mean, Style::Line("t1"), Shape::Line, mean.collect()),
        Layer::new(words.power_energised, Style::Dashed("t5"), Shape::Line, energised),
    ];
    let (connection, firm) = connection(study);
    if connection - firm > SAME * connection {
        upper.push(Layer::new(words.power_connection, Style::Dashed("t3"), Shape::Line, along(connection)));
        upper.push(Layer::new(words.power_firm, Style::Dashed("t2"), Shape::Line, along(firm)));
    } else {
        upper.push(Layer::new(
            words.power_connection_firm,
            Style::Dashed("t3"),
            Shape::Line,
            along(connection),
        ));
    }
    let lower = Parts::of(of).layers(words).into_iter().map(|(name, fill, days)| {
        let data = days.into_iter().enumerate().map(|(day, power)| Datum::over(stretch(day), power));
        Layer::new(name, Style::Fill(fill), Shape::StackedArea, data.collect())
    });
    Chart {
        name: "year".to_owned(),
        title: words.power_year_title(title),
        description: words.power_year_caption(
            &format_quantity(Dimension::Power, study.profile.peak().0),
            &format_quantity(Dimension::Ratio, study.profile.load_factor()),
        ),
        body: Body::Plane(Plane {
            across: Across::Time { period, finest: Finest::Quarters },
            panels: vec![
                Panel::new(
                    words.power_grid,
                    Dimension::Power,
                    HEIGHT,
                    upper.into_iter().filter(|layer| !layer.data.is_empty()).collect(),
                ),
                Panel::new(words.power_parts, Dimension::Power, LOWER, lower.collect()),
            ],
            stops: weeks(period),
            divider: None,
        }),
    }
}

/// What the minutes of a day go to, in layers that add up to what grid, own generation and storage give the chain.
fn parts(
    study: &SiteStudy,
    words: &Words,
    over: impl Fn(&[f64]) -> Vec<f64>,
    stretch: impl Fn(usize) -> (f64, f64),
) -> Vec<Layer> {
    let profile = &study.profile;
    let (racks, overhead) = (over(&profile.racks), over(&profile.overhead));
    let comes = over(&profile.supplied());
    let losses: Vec<f64> = (0..racks.len()).map(|at| comes[at] - racks[at] - overhead[at]).collect();
    [
        (words.power_racks, "f1", racks),
        (words.power_overhead, "f5", overhead),
        (words.power_losses, "f6", losses),
    ]
    .into_iter()
    .map(|(name, fill, values)| {
        let data = values.into_iter().enumerate().map(|(at, value)| Datum::over(stretch(at), value));
        Layer::new(name, Style::Fill(fill), Shape::StackedArea, data.collect())
    })
    .collect()
}

/// How long which power is exceeded.
fn duration(study: &SiteStudy, title: &str, words: &Words) -> Chart {
    let curve = study.profile.duration(STEPS);
    let place = |step: usize| step as f64 / STEPS as f64;
    let line = curve.iter().enumerate().map(|(step, power)| Datum::at(place(step), *power));
    let stops = (0..STEPS).step_by(TOLD).map(|step| {
        let (from, to) = (place(step), place(step + TOLD));
        (from, to, words.power_exceeded_for(&format_quantity(Dimension::Ratio, to)))
    });
    Chart {
        name: "duration".to_owned(),
        title: words.power_duration_title(title),
        description: words.power_duration_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis::new(words.power_time, Dimension::Ratio)),
            panels: vec![Panel::new(
                words.power_grid,
                Dimension::Power,
                HEIGHT,
                vec![Layer::new(words.power_exceeded, Style::Line("t1"), Shape::Line, line.collect())],
            )],
            stops: stops.collect(),
            divider: None,
        }),
    }
}

/// The minutes of the day with the peak.
fn day(study: &SiteStudy, title: &str, words: &Words, start: Moment) -> Chart {
    let day = study.profile.peak().1 / DAY;
    let hours = |minute: usize| (minute as f64 / HOUR as f64, (minute + 1) as f64 / HOUR as f64);
    let of_day = |minutes: &[f64]| -> Vec<f64> {
        minutes.get(day * DAY..).map_or_else(Vec::new, |rest| rest.iter().take(DAY).copied().collect())
    };
    let grid = of_day(&study.profile.grid);
    let line = grid.iter().enumerate().map(|(minute, power)| Datum::over(hours(minute), *power));
    let means = |minutes: &[f64]| -> Vec<f64> {
        of_day(minutes).chunks(TOGETHER).map(|part| part.iter().sum::<f64>() / part.len() as f64).collect()
    };
    let stretch = |part: usize| (hours(TOGETHER * part).0, hours(TOGETHER * (part + 1)).0);
    let lower = parts(study, words, means, stretch);
    let date = Moment(start.0 + i32::try_from(day).unwrap_or(0)).day().to_string();
    Chart {
        name: "day".to_owned(),
        title: words.power_day_title(title, &date),
        description: words.power_day_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis::new(words.served_hours, Dimension::Count)),
            panels: vec![
                Panel::new(
                    words.power_grid,
                    Dimension::Power,
                    HEIGHT,
                    vec![Layer::new(words.power_minute, Style::Line("t1"), Shape::Line, line.collect())],
                ),
                Panel::new(words.power_parts, Dimension::Power, LOWER, lower),
            ],
            stops: words.hours_of_day(),
            divider: None,
        }),
    }
}
