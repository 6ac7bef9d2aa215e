//! Outcomes: what became known of results, however late, to stand beside the forecast.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::{CompanyHistory, Figure, Kind};
use crate::period::{Moment, Period};
use crate::plan::{Accounts, Aggregate, FinanceIds, Known, Outcome, ResultId, Vocabulary};

use super::Resolver;
use super::time::{Grids, before, table_query};

/// Results whose true value is known by now, for quarters and years.
pub(super) struct KnownOutcomes(BTreeMap<(ResultId, Period), Known>);

impl KnownOutcomes {
    /// What happened over the stretches that a claim reads, if all of it is known and part of it became known
    /// after `knowledge`. Its source and date are those of the part that became known last.
    pub fn over(
        &self,
        result: ResultId,
        aggregate: Aggregate,
        pieces: &[Period],
        knowledge: Date,
    ) -> Option<Known> {
        let mut stretches = pieces.to_vec();
        if aggregate == Aggregate::Change {
            stretches.push(before(*pieces.first()?));
        }
        let all: Vec<&Known> =
            stretches.iter().map(|stretch| self.0.get(&(result, *stretch))).collect::<Option<_>>()?;
        let last = all.iter().max_by_key(|known| known.published)?;
        let values = || all.iter().map(|known| known.value);
        #[expect(clippy::cast_precision_loss, reason = "few stretches")]
        let value = match aggregate {
            Aggregate::Change => all[0].value - all[1].value,
            Aggregate::Max => values().reduce(f64::max)?,
            Aggregate::Min => values().reduce(f64::min)?,
            Aggregate::Sum | Aggregate::Mean | Aggregate::At => values().sum::<f64>() / all.len() as f64,
        };
        let known = Known { value, source: last.source.clone(), published: last.published };
        (known.published > knowledge).then_some(known)
    }
}

impl Resolver<'_> {
    /// Results whose true value is known by now, for quarters and years, however late it became known.
    pub(super) fn known_outcomes(&self, vocabulary: &Vocabulary) -> KnownOutcomes {
        let mut known = BTreeMap::new();
        for (section, ids) in self.scenario.companies.iter().zip(&vocabulary.companies) {
            let name = section.history.as_ref();
            let entry = name.and_then(|name| self.catalogue.get(Kind::Company, &name.value));
            let Some(entry) = entry else { continue };
            // Paths of an only company have no name of it in them.
            let revenue = &vocabulary.get(ids.finance.revenue).path;
            let prefix = revenue.strip_suffix("revenue").unwrap_or("finance.");
            for (period, figures) in reported(&entry.history) {
                for (path, value) in figures.results(&ids.finance, prefix, vocabulary) {
                    let what = Known { value, source: figures.source.clone(), published: figures.published };
                    known.insert((path, period), what);
                }
            }
        }
        KnownOutcomes(known)
    }

    pub(super) fn outcomes(
        &mut self,
        vocabulary: &Vocabulary,
        axis: &[Moment],
        accounts: Option<Accounts>,
    ) -> Vec<Outcome> {
        let grids = Grids { axis, accounts };
        let mut outcomes = Vec::new();
        for ((result, period), known) in self.known_outcomes(vocabulary).0 {
            if known.published <= self.knowledge || !self.scenario.period.value.contains(period) {
                continue;
            }
            if let Some(query) = table_query(vocabulary, grids, result, period) {
                self.cite(&known.source);
                outcomes.push(Outcome { result, period: period.to_string(), query, known });
            }
        }
        outcomes
    }
}

/// Reported figures of a period in terms of results.
struct ReportedFigures {
    source: String,
    published: Date,
    values: [Option<f64>; Figure::ALL.len()],
}

impl ReportedFigures {
    fn results(&self, ids: &FinanceIds, prefix: &str, vocabulary: &Vocabulary) -> Vec<(ResultId, f64)> {
        let get = |figure: Figure| self.values[figure as usize];
        let (revenue, costs) = (get(Figure::Revenue), get(Figure::TotalCosts));
        let (cash, capex) = (get(Figure::OperatingCashFlow), get(Figure::CapitalExpenditure));
        let difference = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
        let ratio = |a: Option<f64>, b: Option<f64>| Some(a? / b?);
        let income = difference(revenue, costs);
        let named = |name: &str| vocabulary.find(&format!("{prefix}{name}"));
        let mut results = vec![
            (Some(ids.revenue), revenue),
            (Some(ids.costs), costs),
            (Some(ids.operating_cash_flow), cash),
            (Some(ids.depreciation), get(Figure::Depreciation)),
            (Some(ids.capex), capex),
            (Some(ids.free_cash_flow), get(Figure::FreeCashFlow).or(difference(cash, capex))),
            (Some(ids.operating_income), income),
            (named("operating_margin"), ratio(income, revenue)),
            (named("capex.to_operating_cash_flow"), ratio(capex, cash)),
        ];
        results.push((named("segment.reality-labs.loss"), get(Figure::RealityLabsLoss)));
        results.into_iter().filter_map(|(id, value)| Some((id?, value?))).collect()
    }
}

fn reported(history: &CompanyHistory) -> Vec<(Period, ReportedFigures)> {
    let values = |get: &dyn Fn(Figure) -> Option<f64>| Figure::ALL.map(|(figure, _)| get(figure));
    let quarters = history.quarters.iter().map(|figures| {
        (
            Period::quarter(figures.period),
            ReportedFigures {
                source: figures.source.clone(),
                published: figures.published,
                values: values(&|figure| figures.get(figure).map(|value| value.value)),
            },
        )
    });
    let years = history.years.iter().map(|figures| {
        (
            Period::year(figures.period),
            ReportedFigures {
                source: figures.source.clone(),
                published: figures.published,
                values: values(&|figure| figures.get(figure).map(|value| value.value)),
            },
        )
    });
    quarters.chain(years).collect()
}
