//! What the useful life of servers does to depreciation and income.

use std::collections::BTreeMap;

use gigawatt_engine::what_if;
use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{InputId, Plan, Query};
use gigawatt_plan::quantity::{Duration, Quantity};
use gigawatt_plan::resolve::period_query;
use serde::Serialize;

/// Lives in years that companies of this kind have used for servers since 2020: 4, 4.5, 5 and 5.5 (Meta, to 2022, in
/// 2022, from late 2022, from 2025) and 6 (Microsoft and Google).
const LIVES: [f64; 5] = [4.0, 4.5, 5.0, 5.5, 6.0];

/// A year under a useful life, in the reference case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LifeEffect {
    /// Depreciation and amortisation.
    pub depreciation: f64,
    /// Operating income.
    pub operating_income: f64,
}

/// A useful life of servers from the plan's first forecast quarter on, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LifeSummary {
    /// The company.
    pub company: String,
    /// Its name in tables.
    pub title: String,
    /// The life in seconds.
    pub life: f64,
    /// Whether it is the plan's own.
    pub own: bool,
    /// By year.
    pub years: BTreeMap<i16, LifeEffect>,
}

pub(super) fn lives(plan: &Plan, years: &[i16]) -> Vec<LifeSummary> {
    let companies = plan.companies.iter().zip(&plan.vocabulary.companies);
    companies
        .flat_map(|(company, ids)| {
            let input: InputId = company.assets.server_life.id();
            let own = plan.input(input).distribution.reference();
            let mut lives = LIVES.map(|life| Duration::from_days(life * 365.25).base()).to_vec();
            if !lives.iter().any(|life| (life / own - 1.0).abs() < 1e-3) {
                lives.push(own);
            }
            lives.sort_by(f64::total_cmp);
            // Only the life of new servers and of what is left of old ones changes; what was reported stays.
            let read: Vec<(i16, Query, Query)> = years
                .iter()
                .filter_map(|year| {
                    let query = |id| period_query(plan, id, Period::year(*year));
                    Some((*year, query(ids.finance.depreciation)?, query(ids.finance.operating_income)?))
                })
                .collect();
            let queries: Vec<Query> =
                read.iter().flat_map(|(_, first, second)| [first.clone(), second.clone()]).collect();
            let sets: Vec<Vec<(InputId, f64)>> = lives.iter().map(|life| vec![(input, *life)]).collect();
            let rows = what_if(plan, &sets, &queries);
            let summaries: Vec<LifeSummary> = lives
                .into_iter()
                .zip(rows)
                .map(|(life, row)| LifeSummary {
                    company: company.name.clone(),
                    title: company.title.clone(),
                    life,
                    own: (life / own - 1.0).abs() < 1e-3,
                    years: read
                        .iter()
                        .zip(row.chunks_exact(2))
                        .map(|((year, ..), pair)| {
                            (*year, LifeEffect { depreciation: pair[0], operating_income: pair[1] })
                        })
                        .collect(),
                })
                .collect();
            summaries
        })
        .collect()
}
