//! A site's energy, water, carbon by every method and money by month.

use gigawatt_engine::power::grid::SiteYear;
use gigawatt_plan::period::{Moment, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A month, or what of it is studied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonthSummary {
    /// Which: `2025-03`.
    pub month: String,
    /// Energy of the racks in J.
    pub racks: f64,
    /// Energy from the grid in J.
    pub grid: f64,
    /// What that costs at the prices of its hours, without contracts, in US dollars.
    pub cost: f64,
    /// What that emits in kg, by the intensity of the grid in every hour.
    pub carbon: f64,
    /// The same market-based, in kg, what is claimed matched over all months together: every joule has the same, as that
    /// method knows no hours.
    pub market: f64,
    /// The same market-based, in kg, matched hour by hour.
    pub market_hourly: f64,
    /// Water that the plant takes in, in litres; absent without a plant or weather.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub water: Option<f64>,
}

impl MonthSummary {
    /// Litres for a kilowatt-hour of the racks.
    pub fn water_for_energy(&self) -> Option<f64> {
        self.water.filter(|_| self.racks > 0.0).map(|water| water / (self.racks / 3.6e6))
    }
}

/// Months of a period: their first and last moment and their name.
pub(crate) fn months_of(period: Period) -> Vec<(Moment, Moment, String)> {
    let mut months = Vec::new();
    let mut from = period.start;
    while from < period.end {
        let day = from.day();
        // The last day of a month exists in every month.
        let to = Moment::start_of(day.last_of_month()).0 + 1;
        let to = Moment(to.min(period.end.0));
        months.push((from, to, format!("{:04}-{:02}", day.year(), day.month())));
        from = to;
    }
    months
}

/// The months of a site.
pub(super) fn months(year: &SiteYear, period: Period) -> Vec<MonthSummary> {
    let (hours, emissions) = (&year.hours, &year.emissions);
    let all: f64 = hours.grid.iter().sum();
    let month = |(from, to, name): (Moment, Moment, String)| {
        let hour = |moment: Moment| usize::try_from(moment.0 - period.start.0).unwrap_or(0) * 24;
        let within = hour(from).min(hours.grid.len())..hour(to).min(hours.grid.len());
        let weighed = |by: &[f64]| -> f64 {
            let by = by.get(within.clone()).unwrap_or_default();
            hours.grid[within.clone()].iter().zip(by).map(|(energy, by)| energy * by).sum()
        };
        let grid: f64 = hours.grid[within.clone()].iter().sum();
        MonthSummary {
            month: name,
            racks: hours.racks[within.clone()].iter().sum(),
            grid,
            cost: weighed(&hours.price),
            carbon: weighed(&hours.carbon),
            market: if all > 0.0 { emissions.market * grid / all } else { 0.0 },
            market_hourly: emissions.market_hours.get(within.clone()).unwrap_or_default().iter().sum(),
            water: hours
                .water
                .get(within.clone())
                .filter(|_| !hours.water.is_empty())
                .map(|of| of.iter().sum()),
        }
    };
    months_of(period).into_iter().map(month).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_a_period_are_cut_at_its_ends() {
        let day = |text: &str| Moment::start_of(text.parse().expect("a day"));
        let period = Period { start: day("2024-01-15"), end: day("2024-03-03") };
        let months = months_of(period);
        let names: Vec<&str> = months.iter().map(|month| month.2.as_str()).collect();
        assert_eq!(names, ["2024-01", "2024-02", "2024-03"]);
        let days: Vec<i32> = months.iter().map(|month| month.1.0 - month.0.0).collect();
        assert_eq!(days, [17, 29, 2]);
    }
}
