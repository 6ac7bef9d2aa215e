//! Sentences about served demands.

use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::Words;
use super::sentences::filled;
use crate::number::{attained, grouped};
use crate::served::{CheckedHourSummary, Estimate};

impl Words {
    /// The title of the busiest day of a demand.
    pub(crate) fn served_title(&self, title: &str, day: &str) -> String {
        filled(self.served_title_of, &[("title", title), ("day", day)])
    }

    /// The hour that was simulated again.
    pub(crate) fn served_checked(&self, checked: &CheckedHourSummary) -> String {
        let share = |estimate: Estimate| {
            format!("{} ({} – {})", attained(estimate.value), attained(estimate.low), attained(estimate.high))
        };
        let values = [
            ("region", checked.region.clone()),
            ("day", checked.date.to_string()),
            ("hour", self.served_hour(checked.hour)),
            ("load", format_quantity(Dimension::Ratio, checked.load)),
            ("requests", grouped(checked.requests)),
            ("simulated", share(checked.simulated)),
            ("table", share(checked.table)),
        ];
        filled(self.served_checked_of, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    }

    /// The title of attainment by region.
    pub(crate) fn served_regions_title(&self, title: &str, day: &str) -> String {
        filled(self.served_regions_of, &[("title", title), ("day", day)])
    }

    /// A region's worst hour.
    pub(crate) fn served_worst(&self, share: &str, hour: &str) -> String {
        filled(self.served_worst_of, &[("share", share), ("hour", hour)])
    }

    /// The title of what moves a number.
    pub(crate) fn served_moved_title(&self, title: &str, axis: &str, week: &str) -> String {
        filled(self.served_moved_of, &[("title", title), ("axis", axis), ("week", week)])
    }

    /// What unit economics are about.
    pub(crate) fn economics_lead_of(&self, year: &str) -> String {
        filled(self.economics_lead, &[("year", year)])
    }

    /// An hour of a day.
    pub(crate) fn served_hour(&self, hour: u32) -> String {
        filled(self.served_hour_of, &[("from", &hour.to_string()), ("to", &(hour + 1).to_string())])
    }

    /// The hours of a day as stretches of a level axis that counts them.
    pub(crate) fn hours_of_day(&self) -> Vec<(f64, f64, String)> {
        (0_u32..24).map(|hour| (f64::from(hour), f64::from(hour) + 1.0, self.served_hour(hour))).collect()
    }
}
