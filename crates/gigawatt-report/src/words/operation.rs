//! Sentences about the fleet in operation.

use super::Words;
use super::sentences::filled;

impl Words {
    /// What the section of the fleet in operation is about.
    pub(crate) fn operation_lead(&self, from: &str, to: &str, count: u32) -> String {
        filled(self.operation_lead_of, &[("from", from), ("to", to), ("count", &count.to_string())])
    }

    /// What the chart of GPUs by state shows, and how many accelerators it leaves out.
    pub(crate) fn operation_states_caption(&self, others: Option<&str>) -> String {
        let others =
            others.map_or(String::new(), |count| filled(self.operation_others_of, &[("count", count)]));
        filled(self.operation_states_caption_of, &[("others", &others)]).trim_end().to_owned()
    }

    /// The part of the time online that did something that lasted.
    pub(crate) fn operation_useful(&self, share: &str) -> String {
        filled(self.operation_useful_of, &[("share", share)])
    }

    /// Effective time with what the plan assumes, or with interruptions where it assumes nothing.
    pub(crate) fn operation_goodput(&self, goodput: &str, assumed: Option<&str>, count: &str) -> String {
        match assumed {
            Some(assumed) => {
                filled(self.operation_goodput_beside_of, &[("goodput", goodput), ("assumed", assumed)])
            }
            None => filled(self.operation_goodput_text_of, &[("goodput", goodput), ("count", count)]),
        }
    }

    /// When a job is done, which it is not in every history.
    pub(crate) fn operation_done_in(&self, range: &str, share: &str) -> String {
        filled(self.operation_done_in_of, &[("range", range), ("share", share)])
    }

    /// Effective time with the mean time between interruptions.
    pub(crate) fn operation_interval(&self, goodput: &str, interval: &str) -> String {
        filled(self.operation_interval_of, &[("goodput", goodput), ("interval", interval)])
    }

    /// The heading of a job's losses.
    pub(crate) fn operation_losses(&self, job: &str) -> String {
        filled(self.operation_losses_of, &[("job", job)])
    }

    /// What the chart of a job's losses shows.
    pub(crate) fn operation_losses_caption(&self, checkpoints: &str) -> String {
        filled(self.operation_losses_caption_of, &[("checkpoints", checkpoints)])
    }

    /// What a cause cost, and how often.
    pub(crate) fn operation_times(&self, share: &str, count: u32) -> String {
        match count {
            0 => share.to_owned(),
            1 => filled(self.operation_once_of, &[("share", share)]),
            _ => filled(self.operation_times_of, &[("share", share), ("count", &count.to_string())]),
        }
    }

    /// The heading of a job's life.
    pub(crate) fn operation_life(&self, job: &str) -> String {
        filled(self.operation_life_of, &[("job", job)])
    }

    /// What the chart of a job's life shows.
    pub(crate) fn operation_life_caption(&self, accelerators: &str) -> String {
        filled(self.operation_life_caption_of, &[("accelerators", accelerators)])
    }

    /// A week by its first day.
    pub(crate) fn operation_week(&self, day: &str) -> String {
        filled(self.operation_week_of, &[("day", day)])
    }

    /// A cause of losses: the simulator's own by these words, the others as the catalogue calls them.
    pub(crate) fn cause(&self, name: &str, title: &str) -> String {
        match name {
            "start" => self.cause_start,
            "resize" => self.cause_resize,
            "preemption" => self.cause_preemption,
            "maintenance" => self.cause_maintenance,
            _ => title,
        }
        .to_owned()
    }
}
