//! Sentences about power, cooling, water and carbon.

use super::Words;
use super::sentences::filled;

impl Words {
    /// What the section of power is about.
    pub(crate) fn power_lead(&self, from: &str, to: &str, basis: &str) -> String {
        filled(self.power_lead_of, &[("from", from), ("to", to), ("basis", basis)])
    }

    /// A minute.
    pub(crate) fn power_at(&self, time: &str) -> String {
        filled(self.power_at_of, &[("time", time)])
    }

    /// A limit.
    pub(crate) fn power_allows(&self, limit: &str) -> String {
        filled(self.power_allows_of, &[("limit", limit)])
    }

    /// What may be put on the chain.
    pub(crate) fn power_provisioned_racks(&self, power: &str) -> String {
        filled(self.power_provisioned_racks_of, &[("power", power)])
    }

    /// What the chain carries after the loss of a part.
    pub(crate) fn power_firm_racks(&self, power: &str) -> String {
        filled(self.power_firm_racks_of, &[("power", power)])
    }

    /// Nameplate over what is provisioned.
    pub(crate) fn power_over(&self, share: &str) -> String {
        filled(self.power_over_of, &[("share", share)])
    }

    /// Time in which heat binds.
    pub(crate) fn power_capped_hot(&self, time: &str) -> String {
        filled(self.power_capped_hot_of, &[("time", time)])
    }

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

    /// A part of the curve of durations.
    pub(crate) fn power_exceeded_for(&self, share: &str) -> String {
        filled(self.power_exceeded_for_of, &[("share", share)])
    }

    /// The heading of the day of the peak.
    pub(crate) fn power_day_title(&self, site: &str, day: &str) -> String {
        filled(self.power_day_title_of, &[("site", site), ("day", day)])
    }

    /// The heading of storage.
    pub(crate) fn storage_title(&self, site: &str) -> String {
        filled(self.storage_title_of, &[("site", site)])
    }

    /// What it shows.
    pub(crate) fn storage_caption(&self, level: &str, peak: &str) -> String {
        filled(self.storage_caption_of, &[("level", level), ("peak", peak)])
    }

    /// Days from one on.
    pub(crate) fn storage_days(&self, day: &str) -> String {
        filled(self.storage_days_of, &[("day", day)])
    }

    /// The peak without storage.
    pub(crate) fn storage_peak(&self, peak: &str) -> String {
        filled(self.storage_peak_of, &[("peak", peak)])
    }

    /// How much storage was used.
    pub(crate) fn storage_cycles(&self, cycles: &str, lost: &str) -> String {
        filled(self.storage_cycles_of, &[("cycles", cycles), ("lost", lost)])
    }

    /// What storage costs.
    pub(crate) fn storage_capital(&self, money: &str) -> String {
        filled(self.storage_capital_of, &[("money", money)])
    }

    /// How long its level did not hold.
    pub(crate) fn storage_above(&self, time: &str) -> String {
        filled(self.storage_above_of, &[("time", time)])
    }

    /// The heading of a step.
    pub(crate) fn power_step_title(&self, site: &str) -> String {
        filled(self.power_step_title_of, &[("site", site)])
    }

    /// A place in a step.
    pub(crate) fn power_at_time(&self, time: &str) -> String {
        filled(self.power_at_time_of, &[("time", time)])
    }

    /// The heading of a spectrum.
    pub(crate) fn power_spectrum_title(&self, site: &str) -> String {
        filled(self.power_spectrum_title_of, &[("site", site)])
    }

    /// An octave.
    pub(crate) fn power_octave(&self, from: &str, to: &str) -> String {
        filled(self.power_octave_of, &[("from", from), ("to", to)])
    }

    /// The heading of what measures cost.
    pub(crate) fn power_costs_title(&self, site: &str) -> String {
        filled(self.power_costs_title_of, &[("site", site)])
    }

    /// The heading of the loss of feeds.
    pub(crate) fn power_loss_title(&self, site: &str) -> String {
        filled(self.power_loss_title_of, &[("site", site)])
    }

    /// The heading of what measures leave.
    pub(crate) fn power_measures_title(&self, site: &str) -> String {
        filled(self.power_measures_title_of, &[("site", site)])
    }

    /// What a utility allows.
    pub(crate) fn power_limits(&self, range: &str, band: &str, ramp: &str) -> String {
        filled(self.power_limits_of, &[("range", range), ("band", band), ("ramp", ramp)])
    }

    /// What to write where there is no plant.
    pub(crate) fn cooling_missing(&self, sites: &str) -> String {
        filled(self.cooling_missing_of, &[("sites", sites)])
    }

    /// The heading of PUE by the hour.
    pub(crate) fn cooling_hours_title(&self, site: &str) -> String {
        filled(self.cooling_hours_title_of, &[("site", site)])
    }

    /// What it shows.
    pub(crate) fn cooling_hours_caption(&self, plant: &str, place: &str) -> String {
        filled(self.cooling_hours_caption_of, &[("plant", plant), ("place", place)])
    }

    /// The heading of a plant's months.
    pub(crate) fn cooling_months_title(&self, site: &str) -> String {
        filled(self.cooling_months_title_of, &[("site", site)])
    }

    /// Energy that racks did not get.
    pub(crate) fn cooling_lost(&self, share: &str) -> String {
        filled(self.cooling_lost_of, &[("share", share)])
    }

    /// The heading of the hottest day.
    pub(crate) fn cooling_day_title(&self, site: &str, day: &str) -> String {
        filled(self.cooling_day_title_of, &[("site", site), ("day", day)])
    }

    /// Temperatures of loops.
    pub(crate) fn cooling_supplies(&self, liquid: &str, air: &str) -> String {
        filled(self.cooling_supplies_of, &[("liquid", liquid), ("air", air)])
    }

    /// The heading of water.
    pub(crate) fn water_title(&self, site: &str) -> String {
        filled(self.water_title_of, &[("site", site)])
    }

    /// The heading of what was made.
    pub(crate) fn carbon_beside_title(&self, site: &str) -> String {
        filled(self.carbon_beside_title_of, &[("site", site)])
    }

    /// The heading of work that waits.
    pub(crate) fn shifting_title(&self, site: &str) -> String {
        filled(self.shifting_title_of, &[("site", site)])
    }

    /// The heading of emissions.
    pub(crate) fn carbon_title(&self, site: &str) -> String {
        filled(self.carbon_title_of, &[("site", site)])
    }

    /// The same matched by the hour.
    pub(crate) fn carbon_hourly(&self, value: &str) -> String {
        filled(self.carbon_hourly_of, &[("value", value)])
    }

    /// Jobs that swing.
    pub(crate) fn power_known(&self, count: usize) -> String {
        filled(self.power_known_of, &[("count", &count.to_string())])
    }
}
