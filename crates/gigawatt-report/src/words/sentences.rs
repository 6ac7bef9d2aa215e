//! Sentences: the templates of [`Words`] with their places filled.

use gigawatt_engine::Verdict;
use gigawatt_plan::catalog::Grade;
use gigawatt_plan::fact::FactKind;

use super::Words;

/// A text with its places filled.
pub(super) fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            text.push_str(value);
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

impl Words {
    /// What the year of the tiles is called.
    pub(crate) fn headline(&self, year: i16) -> String {
        filled(self.headline_of, &[("year", &year.to_string())])
    }

    /// An axis of days.
    pub(crate) fn days_from(&self, day: &str) -> String {
        filled(self.days_from_day, &[("day", day)])
    }

    /// The heading of a run's pipeline.
    pub(crate) fn pipeline_of(&self, run: &str) -> String {
        filled(self.training_pipeline_of, &[("run", run)])
    }

    /// Micro-batches that are not drawn.
    pub(crate) fn left_out(&self, count: usize) -> String {
        filled(self.training_left_out_of, &[("count", &count.to_string())])
    }

    /// The name of a stage.
    pub(crate) fn stage(&self, stage: usize) -> String {
        filled(self.training_stage_of, &[("stage", &stage.to_string())])
    }

    /// The heading of a run's memory.
    pub(crate) fn memory_of(&self, run: &str) -> String {
        filled(self.training_memory_of, &[("run", run)])
    }

    /// The line of a stage's memory.
    pub(crate) fn memory_of_stage(&self, stage: usize) -> String {
        filled(self.training_memory_stage_of, &[("stage", &stage.to_string())])
    }

    /// What the chart of a stage's memory shows.
    pub(crate) fn memory_caption(&self, stage: usize, stretches: usize) -> String {
        let (stage, stretches) = (stage.to_string(), stretches.to_string());
        filled(self.training_memory_caption_of, &[("stage", &stage), ("stretches", &stretches)])
    }

    /// What is computed of a run with what was published.
    pub(crate) fn beside_published(&self, computed: &str, known: &str) -> String {
        filled(self.beside_published_value, &[("computed", computed), ("known", known)])
    }

    /// A planned layout's step with the best's.
    pub(crate) fn planned_and_best(&self, planned: &str, best: &str) -> String {
        filled(self.planned_and_best_of, &[("planned", planned), ("best", best)])
    }

    /// How long a layout takes, and what that costs.
    pub(crate) fn days_and_money(&self, days: &str, money: &str) -> String {
        filled(self.days_and_money_of, &[("days", days), ("money", money)])
    }

    /// Heading of the costs.
    pub(crate) fn costs_lead(&self, year: i16) -> String {
        filled(self.costs_lead_of, &[("year", &year.to_string())])
    }

    /// The sum that the running costs are part of.
    pub(crate) fn total_costs(&self, total: &str, year: i16) -> String {
        filled(self.total_costs_of, &[("total", total), ("year", &year.to_string())])
    }

    /// A probability beside the one asked for.
    pub(crate) fn probability_asked(&self, found: &str, asked: &str) -> String {
        filled(self.probability_of, &[("found", found), ("asked", asked)])
    }

    /// A value over the draws in words.
    pub(crate) fn median_and_range(&self, median: &str, range: &str) -> String {
        filled(self.forecast_of, &[("median", median), ("range", range)])
    }

    /// What the value would have to move by.
    pub(crate) fn by_shift(&self, shift: &str) -> String {
        filled(self.shift_of, &[("shift", shift)])
    }

    /// An input at a value that makes a claim hold.
    pub(crate) fn by_input(&self, value: &str) -> String {
        filled(self.by_input_of, &[("value", value)])
    }

    /// An input whose whole range is not enough.
    pub(crate) fn not_enough(&self, value: &str, probability: &str) -> String {
        filled(self.not_enough_of, &[("value", value), ("probability", probability)])
    }

    /// What became known about a claim.
    pub(crate) fn claim_outcome(&self, value: &str, kept: bool, published: &str) -> String {
        let template = if kept { self.outcome_within } else { self.outcome_without };
        filled(template, &[("value", value), ("published", published)])
    }

    /// The caption of the fleet chart.
    pub(crate) fn fleet_caption(&self, others: &[(String, String)], until: &str) -> String {
        let mut caption = filled(self.fleet_caption_of, &[("until", until)]);
        if !others.is_empty() {
            let list: Vec<String> = others
                .iter()
                .map(|(title, count)| filled(self.count_at_end_of, &[("title", title), ("count", count)]))
                .collect();
            caption.push_str(&filled(self.not_drawn_of, &[("list", &list.join(", "))]));
        }
        caption
    }

    /// How many outcomes the forecast held.
    pub(crate) fn inside_share(&self, inside: usize, all: usize, share: &str) -> String {
        let (inside, all) = (inside.to_string(), all.to_string());
        filled(self.inside_share_of, &[("inside", &inside), ("all", &all), ("share", share)])
    }

    /// How many quarters of a result the forecast held.
    pub(crate) fn quarters_inside(&self, inside: usize, all: usize) -> String {
        filled(self.backtest_inside_of, &[("inside", &inside.to_string()), ("all", &all.to_string())])
    }

    /// A miss: what happened, and the forecast that does not hold it.
    pub(crate) fn miss(&self, title: &str, outcome: &str, range: &str) -> String {
        filled(self.miss_of, &[("title", title), ("outcome", outcome), ("range", range)])
    }

    /// An error of a share.
    pub(crate) fn error_in_points(&self, error: &str) -> String {
        filled(self.points_of, &[("error", error.trim_end_matches(" %"))])
    }

    /// Number of entries in a folded table.
    pub(crate) fn entries(&self, count: usize) -> String {
        match count {
            1 => self.one_entry.to_owned(),
            many => filled(self.entries_of, &[("count", &many.to_string())]),
        }
    }

    /// A verdict in words.
    pub(crate) fn verdict_of(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Holds => self.verdict_holds,
            Verdict::Fails => self.verdict_fails,
            Verdict::Undecided => self.verdict_undecided,
            Verdict::RestatesInput => self.verdict_restates,
            Verdict::NotJudged => self.verdict_not_judged,
        }
    }

    /// A count of claims with a verdict.
    pub(crate) fn tally(&self, count: usize, verdict: Verdict) -> String {
        let words = match (verdict, count) {
            (Verdict::Holds, 2..) => self.verdicts_hold,
            (Verdict::Fails, 2..) => self.verdicts_fail,
            (Verdict::RestatesInput, 2..) => self.verdicts_restate,
            (verdict, _) => self.verdict_of(verdict),
        };
        filled(self.tally_of, &[("count", &count.to_string()), ("verdict", words)])
    }

    /// How a fact came to be known.
    pub(crate) fn kind_of(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::Measured => self.kind_measured,
            FactKind::Datasheet => self.kind_datasheet,
            FactKind::Reported => self.kind_reported,
            FactKind::Derived => self.kind_derived,
            FactKind::Estimate => self.kind_estimate,
            FactKind::Assumption => self.kind_assumption,
        }
    }

    /// How good a source is.
    pub(crate) fn grade_of(&self, grade: Grade) -> &'static str {
        match grade {
            Grade::Primary => self.grade_primary,
            Grade::Secondary => self.grade_secondary,
            Grade::Estimate => self.grade_estimate,
            Grade::Assumption => self.grade_assumption,
        }
    }

    /// The description of a forecast's chart.
    pub(crate) fn interval_description(&self, median: &str, range: &str) -> String {
        filled(self.interval_of, &[("median", median), ("range", range)])
    }

    /// A share of Manhattan beside an area.
    pub(crate) fn share_of_manhattan(&self, area: &str, share: &str) -> String {
        filled(self.share_of_manhattan_of, &[("area", area), ("share", share)])
    }

    /// The measures of the schematic island.
    pub(crate) fn measures(&self, length: &str, width: &str, area: &str) -> String {
        filled(self.measures_of, &[("length", length), ("width", width), ("area", area)])
    }

    /// Lead of the table of sites.
    pub(crate) fn sites_power_lead(&self, year: i16) -> String {
        filled(self.sites_power_lead_of, &[("year", &year.to_string())])
    }

    /// Description of the chart of sites.
    pub(crate) fn sites_power_description(&self, year: i16) -> String {
        filled(self.sites_power_description_of, &[("year", &year.to_string())])
    }

    /// A lot at a site.
    pub(crate) fn accelerators(&self, count: &str, system: &str) -> String {
        filled(self.accelerators_of, &[("count", count), ("system", system)])
    }

    /// A lot that takes a part of what a target lacks.
    pub(crate) fn share_of_rest(&self, share: &str) -> String {
        filled(self.share_of_rest_of, &[("share", share)])
    }

    /// Title of a tornado.
    pub(crate) fn tornado(&self, title: &str, when: &str) -> String {
        filled(self.tornado_of, &[("title", title), ("when", when)])
    }

    /// What a tornado shows.
    pub(crate) fn tornado_description(&self, title: &str) -> String {
        filled(self.tornado_description_of, &[("title", title)])
    }

    /// A claim under the result that judges it.
    pub(crate) fn of_claim(&self, says: &str) -> String {
        filled(self.of_claim_of, &[("says", says)])
    }

    /// Title of a curve of its own.
    pub(crate) fn exceedance_of_one(&self, title: &str, when: &str) -> String {
        filled(self.exceedance_of, &[("title", title), ("when", when)])
    }

    /// How many headlines have enough draws.
    pub(crate) fn converged(&self, reached: usize, all: usize, tolerance: &str) -> String {
        let (reached, all) = (reached.to_string(), all.to_string());
        filled(self.converged_of, &[("reached", &reached), ("all", &all), ("tolerance", tolerance)])
    }

    /// Title of a back-test's chart.
    pub(crate) fn backtest_chart(&self, title: &str) -> String {
        filled(self.backtest_chart_of, &[("title", title)])
    }

    /// Heading of a comparison.
    pub(crate) fn compare(&self, names: &str) -> String {
        filled(self.compare_of, &[("names", names)])
    }

    /// How many of what all runs have differ, in the template of results, claims or inputs.
    pub(crate) fn differing(template: &str, differing: usize, common: usize) -> String {
        filled(template, &[("differing", &differing.to_string()), ("common", &common.to_string())])
    }

    /// Of an input that not all runs have.
    pub(crate) fn in_only(&self, run: char) -> String {
        filled(self.in_only_of, &[("run", &run.to_string())])
    }

    /// What only some runs have.
    pub(crate) fn only_in(&self, runs: &str, what: &str) -> String {
        let what = match what {
            "results" => self.what_results,
            "claims" => self.what_claims,
            _ => self.what_inputs,
        };
        filled(self.only_in_of, &[("runs", runs), ("what", what)])
    }

    /// The heading of a job's intervals.
    pub(crate) fn checkpoint_title_of(&self, title: &str, accelerators: &str) -> String {
        filled(self.checkpoint_title, &[("title", title), ("accelerators", accelerators)])
    }

    /// What they say.
    pub(crate) fn checkpoint_caption_of(&self, interval: &str, share: &str) -> String {
        filled(self.checkpoint_caption, &[("interval", interval), ("share", share)])
    }

    /// Title of the fronts of a service's deployments.
    pub(crate) fn sizing_title_of(&self, title: &str) -> String {
        filled(self.sizing_title, &[("title", title)])
    }

    /// What they say.
    pub(crate) fn sizing_caption_of(&self, prompt: &str, output: &str) -> String {
        filled(self.sizing_caption, &[("prompt", prompt), ("output", output)])
    }

    /// The ways to checkpoint, in their order.
    pub(crate) fn checkpoint_strategies(&self) -> [&'static str; 3] {
        [self.checkpoint_blocking, self.checkpoint_background, self.checkpoint_memory]
    }

    /// Where a chart's data stand.
    pub(crate) fn as_data(&self, file: &str) -> String {
        filled(self.as_data_of, &[("file", file)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_a_text_are_filled_by_name() {
        assert_eq!(filled("{b} and {a}, {c}.", &[("a", "1"), ("b", "{a}"), ("c", "3")]), "{a} and 1, 3.");
    }

    #[test]
    fn a_translation_reaches_every_text() {
        let mut names = Vec::new();
        let translated = Words::ENGLISH.translated(|name, _| {
            names.push(name);
            "x"
        });
        assert!(names.len() > 150);
        assert_eq!(translated.headline(2025), "x");
        assert_eq!(translated.verdict_of(Verdict::Holds), "x");
    }
}
