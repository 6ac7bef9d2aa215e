//! What every section of the report reads: plan, results, summary, and how they are looked up.

use std::collections::BTreeMap;

use gigawatt_engine::Results;
use gigawatt_engine::fleet::Histories;
use gigawatt_engine::power::grid::Years;
use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::plan::{Plan, ResultId};
use gigawatt_plan::quantity::Dimension;
use maud::{Markup, html};

use crate::chart::Datum;
use crate::tune::TuningSummary;
use crate::{Summary, Value, Words};

/// A run as the sections see it.
pub struct View<'a> {
    pub plan: &'a Plan,
    pub results: &'a Results,
    pub summary: &'a Summary,
    /// The same plan with what was learnt later, where that was run too.
    pub hindsight: Option<&'a Summary>,
    /// The layouts that were sought for its training runs.
    pub tunings: &'a [TuningSummary],
    /// What its fleet may go through, where that was simulated.
    pub fleet: Option<&'a Histories>,
    /// Its sites as their grids see them, where that was studied.
    pub power: Option<&'a Years>,
    pub words: &'a Words,
    /// The calendar years that lie whole in the plan.
    pub years: Vec<i16>,
    /// The year that the headline is about: the plan's, else the first whole one.
    pub main_year: Option<i16>,
    outcomes: BTreeMap<(&'a str, &'a str), f64>,
    numbers: BTreeMap<&'a str, usize>,
}

impl<'a> View<'a> {
    pub fn new(
        (plan, results, summary): (&'a Plan, &'a Results, &'a Summary),
        (hindsight, tunings, fleet, power): (
            Option<&'a Summary>,
            &'a [TuningSummary],
            Option<&'a Histories>,
            Option<&'a Years>,
        ),
        words: &'a Words,
    ) -> Self {
        let (first, last) = (plan.period.start.day().year(), plan.period.end.day_before().year());
        let years: Vec<i16> =
            (first..=last).filter(|year| plan.period.contains(Period::year(*year))).collect();
        let main_year = years.contains(&plan.year).then_some(plan.year).or(years.first().copied());
        let outcomes = summary
            .outcomes
            .iter()
            .map(|outcome| ((outcome.path.as_str(), outcome.when.as_str()), outcome.known.value))
            .collect();
        let numbers =
            summary.sources.keys().enumerate().map(|(index, id)| (id.as_str(), index + 1)).collect();
        Self {
            plan,
            results,
            summary,
            hindsight,
            tunings,
            fleet,
            power,
            words,
            years,
            main_year,
            outcomes,
            numbers,
        }
    }

    /// The quarters that lie whole in the plan.
    pub fn quarters(&self) -> impl Iterator<Item = Quarter> + use<'_> {
        let period = self.plan.period;
        let (first, last) = (Quarter::of(period.start.day()), Quarter::of(period.end.day_before()));
        (first.0..=last.0).map(Quarter).filter(move |quarter| period.contains(Period::quarter(*quarter)))
    }

    pub fn path(&self, id: ResultId) -> &'a str {
        &self.plan.vocabulary.get(id).path
    }

    /// A result over a year, or at its end if it is a level.
    pub fn of_year(&self, path: &str, year: i16) -> Option<&'a Value> {
        let values = &self.summary.results.get(path)?.values;
        values.get(&year.to_string()).or_else(|| values.get(&end_of(Period::year(year))))
    }

    /// A result over a quarter, or at its end if it is a level.
    pub fn of_quarter(&self, id: ResultId, quarter: Quarter) -> Option<&'a Value> {
        let values = &self.summary.results.get(self.path(id))?.values;
        values.get(&quarter.to_string()).or_else(|| values.get(&end_of(Period::quarter(quarter))))
    }

    /// What happened, where it is known.
    pub fn outcome(&self, id: ResultId, when: &str) -> Option<f64> {
        self.outcomes.get(&(self.path(id), when)).copied()
    }

    /// The reference case by day, of a stock or flow on the plan's days.
    pub fn daily(&self, id: ResultId) -> &'a [f64] {
        self.results.daily.series.get(id)
    }

    /// What a result measures.
    pub fn dimension(&self, id: ResultId) -> Dimension {
        self.plan.vocabulary.get(id).dimension
    }

    /// A link to a source's entry in the bibliography, as its number there.
    pub fn citation(&self, id: &str) -> Markup {
        html! {
            @match self.numbers.get(id) {
                Some(number) => a href=(format!("#{}", anchor(id))) title=[self.summary.sources.get(id).map(|source| &source.title)] { "[" (number) "]" },
                None => (id),
            }
        }
    }
}

fn end_of(period: Period) -> String {
    period.end.day_before().to_string()
}

/// Start and end of a period on an axis of time.
pub fn ends(period: Period) -> (f64, f64) {
    (period.start.days(), period.end.days())
}

/// The interval of a value over a stretch; nothing where the value does not exist.
pub fn interval(stretch: Period, value: &Value) -> Option<Datum> {
    Some(Datum::spread(ends(stretch), (value.p10?, value.p50?, value.p90?)))
}

/// A path as code that may break after its dots, dashes and underscores.
pub fn code(path: &str) -> Markup {
    html! {
        code { @for piece in path.split_inclusive(['.', '-', '_', '/', ':']) { (piece) wbr; } }
    }
}

/// The anchor of a source.
pub fn anchor(id: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    format!("source-{}", id.chars().map(safe).collect::<String>())
}
