//! Sentences about power.

use super::Words;
use super::sentences::filled;

impl Words {
    /// The heading of a site's year.
    pub(crate) fn power_year_title(&self, site: &str) -> String {
        filled(self.power_year_title_of, &[("site", site)])
    }

    /// What a site's year shows.
    pub(crate) fn power_year_caption(&self, peak: &str, factor: &str) -> String {
        filled(self.power_year_caption_of, &[("peak", peak), ("factor", factor)])
    }

    /// The heading of durations.
    pub(crate) fn power_duration_title(&self, site: &str) -> String {
        filled(self.power_duration_title_of, &[("site", site)])
    }

    /// The heading of a step.
    pub(crate) fn power_step_title(&self, site: &str) -> String {
        filled(self.power_step_title_of, &[("site", site)])
    }

    /// The heading of a spectrum.
    pub(crate) fn power_spectrum_title(&self, site: &str) -> String {
        filled(self.power_spectrum_title_of, &[("site", site)])
    }
}
