//! Sentences about served demands.

use super::Words;
use super::sentences::filled;

impl Words {
    /// The title of the busiest day of a demand.
    pub(crate) fn served_title(&self, title: &str, day: &str) -> String {
        filled(self.served_title_of, &[("title", title), ("day", day)])
    }

    /// What unit economics are about.
    pub(crate) fn economics_lead_of(&self, year: &str) -> String {
        filled(self.economics_lead, &[("year", year)])
    }

    /// An hour of a day.
    pub(crate) fn served_hour(&self, hour: u32) -> String {
        filled(self.served_hour_of, &[("from", &hour.to_string()), ("to", &(hour + 1).to_string())])
    }
}
