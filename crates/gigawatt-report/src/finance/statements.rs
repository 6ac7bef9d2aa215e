//! Income, cash flow and what stands on and off the balance sheet, by year.

use std::collections::BTreeMap;

use gigawatt_engine::WHOLE;
use gigawatt_plan::plan::{FinanceIds, FundingKind, Plan, ResultId};
use gigawatt_plan::quantity::Dimension;
use serde::Serialize;

use crate::{Summary, Value};

/// Part of the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Revenue to net income.
    Income,
    /// Operating cash to the change of cash.
    CashFlow,
    /// Depreciation by class of assets.
    Depreciation,
    /// Levels at the end of a year.
    Position,
}

impl Section {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Income => "income",
            Self::CashFlow => "cash flow",
            Self::Depreciation => "depreciation by class",
            Self::Position => "at the end of the year",
        }
    }
}

/// A line of the statements.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Where it stands.
    pub section: Section,
    /// Path of the result.
    pub path: String,
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Whether it is the sum of lines above it.
    pub total: bool,
    /// By year.
    pub values: BTreeMap<i16, Value>,
}

/// A contract by year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContractSummary {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it is.
    pub kind: FundingKind,
    /// What it pays for, what is paid under it, and what is owed at the end of each year.
    pub lines: Vec<Line>,
}

/// Statements of one company.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CompanyStatements {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Every line that is not nothing in every year.
    pub lines: Vec<Line>,
    /// Weighted average cost of capital, after tax.
    pub capital_cost: Option<Value>,
    /// Present value of the AI build-out, its fleet rented out at the market's price.
    pub net_present_value: Option<Value>,
    /// Internal rate of return of the same flows.
    pub internal_rate_of_return: Option<Value>,
    /// Its contracts.
    pub funding: Vec<ContractSummary>,
    /// Announced and committed money by investor, and of all of them.
    pub investors: Vec<Line>,
}

pub(super) fn companies(plan: &Plan, summary: &Summary, years: &[i16]) -> Vec<CompanyStatements> {
    let table = Reader { plan, summary, years };
    let companies = plan.companies.iter().zip(&plan.vocabulary.companies);
    companies
        .map(|(company, ids)| {
            let whole = |id: ResultId| summary.value(&plan.vocabulary.get(id).path, WHOLE).copied();
            let contracts = company.funding.iter().zip(&ids.funding).map(|(contract, ids)| ContractSummary {
                name: contract.name.clone(),
                title: contract.title.clone(),
                kind: contract.kind,
                lines: [ids.spent, ids.paid, ids.outstanding]
                    .into_iter()
                    .filter_map(|id| table.line(Section::Position, id, false))
                    .collect(),
            });
            // The sum of one investor says nothing new.
            let total = ids.investors_total.iter().filter(|_| ids.investors.len() > 1);
            let investors = ids.investors.iter().chain(total);
            CompanyStatements {
                name: company.name.clone(),
                title: company.title.clone(),
                lines: lines(&ids.finance)
                    .into_iter()
                    .filter_map(|(section, id, total)| table.line(section, id, total))
                    .collect(),
                capital_cost: whole(ids.capital_cost),
                net_present_value: whole(ids.net_present_value),
                internal_rate_of_return: whole(ids.internal_rate_of_return),
                funding: contracts.collect(),
                investors: investors
                    .flat_map(|ids| [ids.announced, ids.committed])
                    .filter_map(|id| table.line(Section::Position, id, false))
                    .collect(),
            }
        })
        .collect()
}

/// The lines in the order of the statements, each with whether it is a sum.
fn lines(ids: &FinanceIds) -> Vec<(Section, ResultId, bool)> {
    use Section::{CashFlow, Depreciation, Income, Position};
    let mut lines = vec![
        (Income, ids.revenue, true),
        (Income, ids.depreciation, false),
        (Income, ids.energy_cost, false),
        (Income, ids.staff_cost, false),
        (Income, ids.rent_cost, false),
    ];
    lines.extend(ids.segments.iter().map(|segment| (Income, *segment, false)));
    lines.extend([
        (Income, ids.other_cost, false),
        (Income, ids.operating_income, true),
        (Income, ids.interest, false),
        (Income, ids.tax, false),
        (Income, ids.net_income, true),
        (CashFlow, ids.operating_cash_flow, true),
        (CashFlow, ids.capex_hardware, false),
        (CashFlow, ids.capex_halls, false),
        (CashFlow, ids.capex_leases, false),
        (CashFlow, ids.capex_other, false),
        (CashFlow, ids.capex, true),
        (CashFlow, ids.free_cash_flow, true),
        (CashFlow, ids.contributions, false),
        (CashFlow, ids.drawn, false),
        (CashFlow, ids.repaid, false),
        (CashFlow, ids.shareholder_returns, false),
        (CashFlow, ids.cash_change, true),
        (Depreciation, ids.depreciation_hardware, false),
        (Depreciation, ids.depreciation_halls, false),
        (Depreciation, ids.depreciation_other, false),
        (Position, ids.book_value_ai, false),
        (Position, ids.debt, false),
        (Position, ids.lease_liability, false),
        (Position, ids.commitments_hardware, false),
        (Position, ids.commitments, false),
    ]);
    lines
}

struct Reader<'a> {
    plan: &'a Plan,
    summary: &'a Summary,
    years: &'a [i16],
}

impl Reader<'_> {
    /// A result by year; `None` where it is nothing in every year.
    fn line(&self, section: Section, id: ResultId, total: bool) -> Option<Line> {
        let path = &self.plan.vocabulary.get(id).path;
        let result = self.summary.results.get(path)?;
        let of_year = |year: &i16| Some((*year, *result.values.get(&year.to_string())?));
        let values: BTreeMap<i16, Value> = self.years.iter().filter_map(of_year).collect();
        let nothing = |value: &Value| {
            [value.p10, value.p50, value.p90].iter().flatten().all(|number| number.abs() < 0.5)
        };
        if values.values().all(nothing) {
            return None;
        }
        let dimension = result.dimension;
        Some(Line { section, path: path.clone(), title: result.title.clone(), dimension, total, values })
    }
}
