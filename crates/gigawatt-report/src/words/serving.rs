//! Sentences about a served model.

use super::Words;
use super::sentences::filled;

impl Words {
    /// The title of a distribution over requests.
    pub(crate) fn serving_distribution_title_of(&self, title: &str, metric: &str) -> String {
        filled(self.serving_distribution_title, &[("title", title), ("metric", metric)])
    }

    /// The title of the course of a run.
    pub(crate) fn serving_course_title_of(&self, title: &str) -> String {
        filled(self.serving_course_title, &[("title", title)])
    }
}
