//! Sites as their grids see them as tables.

use gigawatt_engine::power::grid::{LoadKind, SiteYear, Years};
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;

use super::cooled::by_hour;
use super::minute_text;
use super::parts::Parts;
use crate::columns::TableError;
use crate::tables::{Rows, files};

/// The tables of sites under the names of their files in the folder of a run: `power_days`, with powers in W, and
/// `power_hours`, with energies in J, water in litres, prices in US dollars per J and intensities in kg per J.
///
/// # Errors
/// Where a table cannot be written; that is a bug.
pub fn power_tables(plan: &Plan, years: &Years) -> Result<Vec<(String, Vec<u8>)>, TableError> {
    files([("power_days", days(plan, years)), ("power_hours", hours(plan, years))])
}

/// The sites on which something stands, with their names.
fn standing<'a>(plan: &'a Plan, years: &'a Years) -> impl Iterator<Item = (&'a str, &'a SiteYear)> {
    let standing = years.sites.iter().filter(|year| year.study.nameplate > 0.0);
    standing.map(|year| (plan.sites[year.study.site].name.as_str(), year))
}

/// Every day of every site: mean, least and greatest power from the grid, and means of what it goes to.
fn days(plan: &Plan, years: &Years) -> Rows {
    let mut rows = Rows::new();
    for (name, year) in standing(plan, years) {
        let parts = Parts::of(year);
        let days = year.study.profile.by_day();
        for (day, ((mean, least, most), kinds)) in days.into_iter().zip(&parts.kinds).enumerate() {
            let date = Moment(years.period.start.0 + i32::try_from(day).unwrap_or(0)).day().to_string();
            rows.row()
                .text("site", Some(name))
                .text("day", Some(&date))
                .number("grid_mean", Some(mean))
                .number("grid_least", Some(least))
                .number("grid_most", Some(most));
            for (kind, word) in LoadKind::ALL {
                rows.number(&word.replace(' ', "_"), Some(kinds[kind as usize]));
            }
            rows.number("overhead", Some(parts.overhead[day])).number("losses", Some(parts.losses[day]));
        }
    }
    rows
}

/// Every hour of every site: energy, price, carbon, and PUE, and where there is a plant its water and temperatures.
fn hours(plan: &Plan, years: &Years) -> Rows {
    let mut rows = Rows::new();
    for (name, year) in standing(plan, years) {
        let (hours, came) = (&year.hours, by_hour(year));
        for (hour, (racks, grid)) in hours.racks.iter().zip(&hours.grid).enumerate() {
            let cooled = year
                .cooling
                .as_ref()
                .and_then(|cooling| Some((cooling.year.hours.get(hour)?, cooling.air.get(hour)?)));
            rows.row()
                .text("site", Some(name))
                .text("hour_utc", Some(&minute_text(years.period.start, 60 * hour)))
                .number("racks", Some(*racks))
                .number("grid", Some(*grid))
                .number("price", hours.price.get(hour).copied())
                .number("carbon_intensity", hours.carbon.get(hour).copied())
                .number("water", hours.water.get(hour).copied())
                .number("outside", cooled.map(|(_, air)| air.dry_bulb))
                .number("liquid", cooled.map(|(of, _)| of.liquid))
                .number("air", cooled.map(|(of, _)| of.air))
                .number("compressors", cooled.map(|(of, _)| of.energy.compressors))
                .number("pue", (*racks > 0.0).then(|| came[hour].0 / racks));
        }
    }
    rows
}
