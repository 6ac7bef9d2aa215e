//! Drawings of carbon beside that of the months: what electricity emits beside what was emitted once, and work moved to
//! other hours.

use gigawatt_engine::power::grid::SiteYear;
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::chart::HEIGHT;
use super::site::SiteSummary;
use crate::Words;
use crate::chart::{
    Across, Axis, Body, Chart, Datum, Group, Layer, Panel, Plane, Row, RowMark, Rows, Shape, Style,
};
use crate::number::range;

/// Hours of a day.
const DAY: usize = 24;

/// What electricity emits by each method, beside what making hardware and halls emitted.
pub(crate) fn beside_chart(site: &SiteSummary, title: &str, words: &Words) -> Chart {
    let of = &site.emissions;
    let carbon = |value: f64| format_quantity(Dimension::Carbon, value);
    let operation = |name: &str, value: f64| Row {
        name: name.to_owned(),
        text: carbon(value),
        marks: vec![RowMark::value(0, 0.0, value)],
    };
    let mut rows = vec![operation(words.carbon_location, of.location)];
    if of.covered > 0.0 {
        rows.push(operation(words.carbon_market, of.market));
        rows.push(operation(words.carbon_market_hourly, of.market_hourly));
    }
    if let Some(made) = &site.embodied {
        let once = |name: &str, of: &super::RangeSummary| Row {
            name: name.to_owned(),
            text: format!("{} ({})", carbon(of.value), range(Dimension::Carbon, of.low, of.high)),
            marks: vec![
                RowMark::value(1, 0.0, of.value),
                RowMark { layer: 2, low: of.low, value: of.value, high: of.high },
            ],
        };
        rows.push(once(words.carbon_hardware, &made.hardware));
        rows.push(once(words.carbon_halls, &made.halls));
    }
    let mut layers = vec![(words.carbon_operation.to_owned(), Style::Fill("f8"))];
    if site.embodied.is_some() {
        layers.push((words.carbon_once.to_owned(), Style::Fill("f4")));
        layers.push((words.carbon_range.to_owned(), Style::Whisker));
    }
    Chart {
        name: "carbon-beside".to_owned(),
        title: words.carbon_beside_title(title),
        description: words.carbon_beside_caption.to_owned(),
        body: Body::Rows(Rows {
            axis: Axis::new(words.carbon_axis, Dimension::Carbon),
            base: 0.0,
            layers,
            groups: vec![Group { name: String::new(), rows }],
        }),
    }
}

/// The mean day as work comes and with work moved, over what moves it; none where nothing can wait.
pub(crate) fn shifting_chart(year: &SiteYear, title: &str, words: &Words) -> Option<Chart> {
    let shifting = year.shifting.as_ref()?;
    let hours = &year.hours;
    let mean = |of: &[f64], factor: f64| -> Vec<Datum> {
        (0..DAY)
            .map(|hour| {
                let of_day: Vec<f64> = of.iter().skip(hour).step_by(DAY).copied().collect();
                let mean = factor * of_day.iter().sum::<f64>() / of_day.len().max(1) as f64;
                Datum::over((hour as f64, hour as f64 + 1.0), mean)
            })
            .collect()
    };
    const SECONDS: f64 = 3600.0;
    let line = |name: &str, stroke, data| Layer::new(name, Style::Line(stroke), Shape::DottedLine, data);
    Some(Chart {
        name: "shifting".to_owned(),
        title: words.shifting_title(title),
        description: words.shifting_caption.to_owned(),
        body: Body::Plane(Plane {
            across: Across::Values(Axis::new(words.served_hours, Dimension::Count)),
            panels: vec![
                Panel::new(
                    words.power_grid,
                    Dimension::Power,
                    HEIGHT,
                    vec![
                        line(words.shifting_before, "t8", mean(&hours.grid, 1.0 / SECONDS)),
                        line(words.shifting_after, "t1", mean(&shifting.loads, 1.0 / SECONDS)),
                    ],
                ),
                Panel::new(
                    words.shifting_price,
                    Dimension::MoneyPerEnergy,
                    (110.0, 90.0),
                    vec![line(words.shifting_price, "t3", mean(&hours.price, 1.0))],
                ),
                Panel::new(
                    words.carbon_intensity,
                    Dimension::CarbonPerEnergy,
                    (110.0, 90.0),
                    vec![line(words.carbon_intensity, "t2", mean(&hours.carbon, 1.0))],
                ),
            ],
            stops: words.hours_of_day(),
            divider: None,
        }),
    })
}
