//! The quarters of the accounts, and dated values placed on them.

use crate::catalog::{CompanyHistory, Kind};
use crate::period::{Period, Quarter};
use crate::plan::{Accounts, Input, Part};
use crate::quantity::Quantity;
use crate::scenario::DatedValue;
use crate::text::Diagnostic;

use super::Resolver;

impl Resolver<'_> {
    /// The quarters of the accounts: from the year before the plan, as far as every company's history reaches
    /// back, to the end of the last year. `None` without a company, or where they do not fit together.
    pub(super) fn accounts(&mut self) -> Option<Accounts> {
        let scenario = self.scenario;
        let first_section = scenario.companies.first()?;
        let until = first_section.until.as_ref()?;
        let period = scenario.period.value;
        let start = period.start.day();
        let last_year = i16::try_from(until.value).unwrap_or(i16::MAX);
        if start.month() != 1 || start.day() != 1 {
            self.diagnostics.push(
                Diagnostic::error(
                    scenario.period.span,
                    "a plan with a company starts on the first of January",
                )
                .help("start the period with a year, so that its quarters are whole"),
            );
            return None;
        }
        if last_year < start.year() || Period::year(last_year).end > period.end {
            let what = format!("{}, the last year of the accounts,", until.value);
            self.diagnostics.push(super::fleet::outside(until.span, &what, period));
            return None;
        }
        for other in scenario.companies.iter().filter_map(|section| section.until.as_ref()) {
            if other.value != until.value {
                self.diagnostics.push(
                    Diagnostic::error(other.span, "the accounts of all companies end with the same year")
                        .also(until.span, "the first company's")
                        .help(format!("write until = {}", until.value)),
                );
                return None;
            }
        }
        let histories = scenario.companies.iter().filter_map(|section| section.history.as_ref());
        let oldest = histories
            .filter_map(|name| self.catalogue.get(Kind::Company, &name.value))
            .filter_map(|entry| entry.history.quarters.first().map(|figures| figures.period))
            .max();
        let year_before = Quarter::new(start.year() - 1, 1);
        let first = oldest.map_or(year_before, |oldest| oldest.max(year_before));
        let plan_start = Quarter::of(start);
        if first > plan_start {
            self.diagnostics.push(
                Diagnostic::error(
                    scenario.period.span,
                    format!("the company's reported quarters start with {first}, after the plan"),
                )
                .help(format!("start the period with {} or later", first.year())),
            );
            return None;
        }
        let count = |from: Quarter, to: Quarter| usize::try_from(to.0 - from.0).unwrap_or(0);
        Some(Accounts {
            first,
            quarters: count(first, Quarter::new(last_year, 4)) + 1,
            plan_from: count(first, plan_start),
        })
    }

    /// The quarters of a dated value, clipped to the accounts; a diagnostic where it is not made of whole ones.
    pub(super) fn quarters_of(&mut self, accounts: Accounts, dated: &DatedValue) -> Option<(usize, usize)> {
        let Some((first, last)) = dated.period.value.whole_quarters() else {
            self.diagnostics.push(
                Diagnostic::error(
                    dated.period.span,
                    "the accounts are by quarter, and this is not a whole one",
                )
                .help("write a quarter or a year, such as \"2025Q1\" or 2025"),
            );
            return None;
        };
        Some((accounts.index(first), accounts.index(Quarter(last.0 + 1))))
    }

    /// One input per dated value, and the quarters still `open` that it serves.
    pub(super) fn spread<Q: Quantity>(
        &mut self,
        accounts: Accounts,
        path: &str,
        dated: &[DatedValue],
        open: &[bool],
    ) -> Vec<(usize, Input<Q>)> {
        let mut all = Vec::new();
        for value in dated {
            let Some((first, end)) = self.quarters_of(accounts, value) else { continue };
            if !open[first..end].contains(&true) {
                continue;
            }
            let input = self.written(format!("{path}.{}", value.period.value), &value.value);
            all.extend((first..end).filter(|index| open[*index]).map(|index| (index, input)));
        }
        all
    }

    /// The input that serves each quarter.
    pub(super) fn by_quarter<Q: Quantity>(
        &mut self,
        accounts: Accounts,
        path: &str,
        dated: &[DatedValue],
    ) -> Vec<Option<Input<Q>>> {
        let mut inputs = vec![None; accounts.quarters];
        for value in dated {
            let Some((first, end)) = self.quarters_of(accounts, value) else { continue };
            let input = self.written(format!("{path}.{}", value.period.value), &value.value);
            inputs[first..end].fill(Some(input));
        }
        inputs
    }

    /// The same for amounts: each quarter is an equal part of its stretch.
    pub(super) fn parts_by_quarter(
        &mut self,
        accounts: Accounts,
        path: &str,
        dated: &[DatedValue],
    ) -> Vec<Option<Part>> {
        let mut parts = vec![None; accounts.quarters];
        for value in dated {
            let Some((first, end)) = self.quarters_of(accounts, value) else { continue };
            let total = self.written(format!("{path}.{}", value.period.value), &value.value);
            let (from, to) = value.period.value.whole_quarters().unwrap_or((accounts.first, accounts.first));
            let quarters = u32::try_from(to.0 - from.0 + 1).unwrap_or(1);
            parts[first..end].fill(Some(Part { total, quarters }));
        }
        parts
    }
}

/// The newest day on which a quarter of a history was published, of those known by a day.
pub(super) fn last_report(
    history: &CompanyHistory,
    knowledge: jiff::civil::Date,
) -> Option<jiff::civil::Date> {
    history.quarters.iter().map(|figures| figures.published).filter(|day| *day <= knowledge).max()
}
