//! Drawings of a site's plant: heat and water by the hour and the month, and its hottest day.

use gigawatt_engine::cooling::Hour;
use gigawatt_engine::power::grid::{SiteCooling, SiteYear};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::quantity::Dimension;

use super::chart::{HEIGHT, Stop};
use super::cooled::{by_hour, limited};
use super::months::{MonthSummary, months_of};
use super::site::SiteSummary;
use crate::Words;
use crate::chart::{
    Across, Axis, Body, Cell, Cells, Chart, Datum, Finest, Layer, Panel, Plane, Shape, Style,
};

/// Heights of panels below another.
const LOWER: (f64, f64) = (130.0, 110.0);
/// Hours of a day.
const DAY: usize = 24;

/// The drawings of a plant, with their names for files: `pue-hours`, `pue-months`, `hottest-day`. None without a plant.
/// `offset` is by how many seconds the site's standard time is ahead of UTC.
pub(crate) fn plant_charts(
    year: &SiteYear,
    title: &str,
    words: &Words,
    period: Period,
    offset: i32,
) -> Vec<Chart> {
    let Some(cooling) = &year.cooling else { return Vec::new() };
    if cooling.year.total.it <= 0.0 {
        return Vec::new();
    }
    vec![
        by_hour_of_day(year, cooling, title, words, period, offset),
        by_month(year, cooling, title, words, period),
        hottest(cooling, title, words, period.start),
    ]
}

/// PUE of the hours of a month, by the hour of the day.
fn by_hour_of_day(
    year: &SiteYear,
    cooling: &SiteCooling,
    title: &str,
    words: &Words,
    period: Period,
    offset: i32,
) -> Chart {
    let months = months_of(period);
    let mut sums = vec![[(0.0, 0.0); DAY]; months.len()];
    for (hour, (came, racks)) in by_hour(year).into_iter().enumerate() {
        let day = Moment(period.start.0 + i32::try_from(hour / DAY).unwrap_or(0));
        let Some(month) = months.iter().position(|(from, to, _)| *from <= day && day < *to) else { continue };
        let local = (hour as i64 * 3600 + i64::from(offset)).div_euclid(3600).rem_euclid(24);
        let sum = &mut sums[month][usize::try_from(local).unwrap_or(0)];
        *sum = (sum.0 + came, sum.1 + racks);
    }
    let cells = sums.iter().zip(&months).enumerate().flat_map(|(column, (hours, (_, _, month)))| {
        hours.iter().zip(0_u32..).filter(|((_, it), _)| *it > 0.0).map(move |((drawn, it), hour)| {
            let value = drawn / it;
            let says = format!("{month}, {hour:02}:00\n{}: {value:.3}", words.cooling_pue);
            Cell { row: hour as usize, column, value, says }
        })
    });
    Chart {
        name: "pue-hours".to_owned(),
        title: words.cooling_hours_title(title),
        description: words.cooling_hours_caption(&cooling.title, &cooling.place),
        body: Body::Cells(Cells {
            measure: Axis::new(words.cooling_pue, Dimension::Count),
            columns: (words.month.to_owned(), months.iter().map(|month| month.2.clone()).collect()),
            rows: (words.cooling_hour.to_owned(), (0..DAY).map(|hour| format!("{hour:02}:00")).collect()),
            cells: cells.collect(),
        }),
    }
}

/// The stretches of months.
fn stops(period: Period) -> Vec<Stop> {
    months_of(period).into_iter().map(|(from, to, name)| (from.days(), to.days(), name)).collect()
}

/// What is read of every month's hours over the month; nothing where nothing is read.
fn by_months<T>(
    hours: impl Iterator<Item = T>,
    period: Period,
    read: impl Fn((f64, f64), &[T]) -> Option<Datum>,
) -> Vec<Datum> {
    let hours: Vec<T> = hours.collect();
    let hour = |moment: Moment| usize::try_from(moment.0 - period.start.0).unwrap_or(0) * DAY;
    let month = |(from, to, _): (Moment, Moment, String)| {
        let within = hour(from).min(hours.len())..hour(to).min(hours.len());
        read((from.days(), to.days()), &hours[within])
    };
    months_of(period).into_iter().filter_map(month).collect()
}

/// Least, median and greatest of what hours have in every month.
fn spreads(hours: impl Iterator<Item = Option<f64>>, period: Period, (low, high): (f64, f64)) -> Vec<Datum> {
    by_months(hours, period, |month, hours| {
        let mut of: Vec<f64> = hours.iter().flatten().copied().collect();
        of.sort_by(f64::total_cmp);
        let at = |part: f64| of.get((part * (of.len().max(1) - 1) as f64).round() as usize).copied();
        Some(Datum::spread(month, (at(low)?, at(0.5)?, at(high)?)))
    })
}

/// Time of every month in hours of which something holds, in seconds.
fn counted(holds: impl Iterator<Item = bool>, period: Period) -> Vec<Datum> {
    by_months(holds, period, |month, hours| {
        let count = hours.iter().filter(|holds| **holds).count();
        Some(Datum::over(month, 3600.0 * count as f64))
    })
}

/// PUE, the air outside, and hours on chillers and with less than the racks wanted, by month.
fn by_month(year: &SiteYear, cooling: &SiteCooling, title: &str, words: &Words, period: Period) -> Chart {
    let hours = &cooling.year.hours;
    let energies = by_hour(year);
    let pue = || energies.iter().map(|(came, racks)| (*racks > 0.0).then(|| came / racks));
    let air = || cooling.air.iter().map(|air| Some(air.dry_bulb));
    let spread = |of: Vec<Datum>, fill| Layer::new(words.cooling_p10, Style::Spread(fill), Shape::Spread, of);
    let whisker = |of: Vec<Datum>| Layer::new(words.cooling_extremes, Style::Whisker, Shape::Whisker, of);
    let count = |name, fill, slot, data| Layer::new(name, Style::Fill(fill), Shape::Bar, data).in_slot(slot);
    let chilled = counted(hours.iter().map(|hour| hour.energy.compressors > 0.0), period);
    let limited = counted(limited(&year.study.profile).into_iter(), period);
    Chart {
        name: "pue-months".to_owned(),
        title: words.cooling_months_title(title),
        description: words.cooling_months_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Time { period, finest: Finest::Quarters },
            panels: vec![
                Panel::new(
                    words.cooling_pue,
                    Dimension::Count,
                    (170.0, 140.0),
                    vec![
                        whisker(spreads(pue(), period, (0.0, 1.0))),
                        spread(spreads(pue(), period, (0.1, 0.9)), "f1"),
                    ],
                ),
                Panel::new(
                    words.cooling_outside,
                    Dimension::Temperature,
                    LOWER,
                    vec![
                        whisker(spreads(air(), period, (0.0, 1.0))),
                        spread(spreads(air(), period, (0.1, 0.9)), "f2"),
                    ],
                ),
                Panel::new(
                    words.cooling_hours,
                    Dimension::Duration,
                    LOWER,
                    vec![
                        count(words.cooling_chilled, "f5", (0, 2), chilled),
                        count(words.cooling_limited, "f6", (1, 2), limited),
                    ],
                ),
            ],
            stops: stops(period),
            divider: None,
        }),
    }
}

/// The day with the hour in which everything draws most over the racks.
fn hottest(cooling: &SiteCooling, title: &str, words: &Words, start: Moment) -> Chart {
    let day = cooling.year.hottest() / DAY;
    let first = day * DAY;
    let hours = cooling.year.hours.get(first..).unwrap_or_default();
    let air = cooling.air.get(first..).unwrap_or_default();
    let at = |hour: usize| (hour as f64, hour as f64 + 1.0);
    let line = |name, stroke, of: Vec<f64>| {
        let data = of.into_iter().take(DAY).enumerate().map(|(hour, value)| Datum::over(at(hour), value));
        Layer::new(name, Style::Line(stroke), Shape::DottedLine, data.collect())
    };
    let of_air = |value: fn(&gigawatt_plan::weather::Air) -> f64| air.iter().map(value).collect();
    let of_hour = |value: fn(&Hour) -> f64| hours.iter().map(value).collect();
    const SECONDS: f64 = 3600.0;
    let date = Moment(start.0 + i32::try_from(day).unwrap_or(0)).day().to_string();
    Chart {
        name: "hottest-day".to_owned(),
        title: words.cooling_day_title(title, &date),
        description: words.cooling_day_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis::new(words.served_hours, Dimension::Count)),
            panels: vec![
                Panel::new(
                    words.cooling_temperature,
                    Dimension::Temperature,
                    HEIGHT,
                    vec![
                        line(words.cooling_dry_bulb, "t2", of_air(|air| air.dry_bulb)),
                        line(words.cooling_wet_bulb, "t8", of_air(|air| air.wet_bulb)),
                        line(words.cooling_liquid, "t1", of_hour(|hour| hour.liquid)),
                        line(words.cooling_air, "t3", of_hour(|hour| hour.air)),
                    ],
                ),
                Panel::new(
                    words.cooling_takes,
                    Dimension::Power,
                    LOWER,
                    [
                        (words.cooling_pumps, "f5", of_hour(|hour| hour.energy.pumps / SECONDS)),
                        (words.cooling_fans, "f3", of_hour(|hour| hour.energy.fans / SECONDS)),
                        (words.cooling_compressors, "f1", of_hour(|hour| hour.energy.compressors / SECONDS)),
                    ]
                    .into_iter()
                    .map(|(name, fill, of): (_, _, Vec<f64>)| {
                        let data = of.into_iter().take(DAY).enumerate();
                        let data = data.map(|(hour, value)| Datum::over(at(hour), value));
                        Layer::new(name, Style::Fill(fill), Shape::StackedBar, data.collect())
                    })
                    .collect(),
                ),
            ],
            stops: words.hours_of_day(),
            divider: None,
        }),
    }
}

/// Bars over months.
fn bars(months: &[MonthSummary], period: Period, value: impl Fn(&MonthSummary) -> Option<f64>) -> Vec<Datum> {
    let all = months_of(period).into_iter().zip(months);
    all.filter_map(|((from, to, _), month)| Some(Datum::over((from.days(), to.days()), value(month)?)))
        .collect()
}

/// Two panels over months: an amount as bars, and what it is for each unit of energy.
fn amounts(
    (name, title, caption): (&str, String, &str),
    period: Period,
    [amount, rate]: [(&str, Dimension, Vec<Layer>); 2],
) -> Chart {
    let panel = |(name, dimension, layers): (&str, Dimension, Vec<Layer>), height| {
        Panel::new(name, dimension, height, layers)
    };
    Chart {
        name: name.to_owned(),
        title,
        description: caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Time { period, finest: Finest::Quarters },
            panels: vec![panel(amount, (170.0, 140.0)), panel(rate, LOWER)],
            stops: stops(period),
            divider: None,
        }),
    }
}

/// Water by month, and what it is for a kilowatt-hour; none without a plant or weather.
pub(crate) fn water_chart(
    months: &[MonthSummary],
    title: &str,
    words: &Words,
    period: Period,
) -> Option<Chart> {
    months.iter().any(|month| month.water.is_some()).then(|| {
        let litres = bars(months, period, |month| month.water);
        let rate = bars(months, period, MonthSummary::water_for_energy);
        amounts(
            ("water", words.water_title(title), words.water_caption),
            period,
            [
                (
                    words.water_litres,
                    Dimension::Count,
                    vec![Layer::new(words.water_taken, Style::Fill("f5"), Shape::Bar, litres)],
                ),
                (
                    words.water_rate,
                    Dimension::Count,
                    vec![Layer::new(words.water_wue, Style::Line("t1"), Shape::DottedLine, rate)],
                ),
            ],
        )
    })
}

/// Emissions by month, those by market beside where contracts cover any, and the intensity of what is drawn.
pub(crate) fn carbon_chart(site: &SiteSummary, title: &str, words: &Words, period: Period) -> Chart {
    let months = &site.months;
    let amount = |of: fn(&MonthSummary) -> f64| bars(months, period, |month| Some(of(month)));
    let rate = bars(months, period, |month| (month.grid > 0.0).then(|| month.carbon / month.grid));
    let location = amount(|month| month.carbon);
    let covered = site.emissions.covered > 0.0;
    let layers = if covered {
        // Lines, as those on bars are hard to tell from them.
        let line = |name: &str, stroke, data| Layer::new(name, Style::Line(stroke), Shape::DottedLine, data);
        vec![
            line(words.carbon_location, "t8", location),
            line(words.carbon_market, "t1", amount(|month| month.market)),
            line(words.carbon_market_hourly, "t3", amount(|month| month.market_hourly)),
        ]
    } else {
        vec![Layer::new(words.carbon_location, Style::Fill("f8"), Shape::Bar, location)]
    };
    let caption = if covered { words.carbon_caption_covered } else { words.carbon_caption };
    amounts(
        ("carbon", words.carbon_title(title), caption),
        period,
        [
            (words.carbon_axis, Dimension::Carbon, layers),
            (
                words.carbon_intensity,
                Dimension::CarbonPerEnergy,
                vec![Layer::new(words.carbon_mean, Style::Line("t2"), Shape::DottedLine, rate)],
            ),
        ],
    )
}
