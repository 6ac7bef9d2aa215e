//! Finance: what is paid, ordered and written off, and what it does to a company's accounts.
//!
//! Everything is by quarter. *Capital expenditure in cash* follows the company's own definition, purchases of
//! property and equipment with principal of finance leases; see [`assets`] for hardware and halls, [`funding`] for
//! what others pay, [`depreciation`] for how it is written off, [`statements`] for income and cash, and
//! [`appraisal`] for present values and [`unit_costs`] for what
//! an hour costs.

mod appraisal;
mod assets;
mod depreciation;
mod funding;
mod lines;
mod schedule;
mod statements;
mod unit_costs;

use gigawatt_plan::plan::{Accounts, CompanyIds, CompanyPlan, FinanceIds, Plan, ResultId};

use crate::Draw;
use crate::buildout::Buildout;
use crate::facility::Facility;
use crate::series::Series;

use appraisal::Appraisal;
use assets::Assets;
use depreciation::Depreciation;
use funding::Funding;

/// Days in a year on average.
const YEAR: f64 = 365.25;

/// Scratch space of finance, kept from draw to draw.
#[derive(Debug, Default)]
pub struct Finance {
    assets: Assets,
    funding: Funding,
    depreciation: Depreciation,
    appraisal: Appraisal,
    /// Costs that nothing here explains, by quarter.
    other_costs: Vec<f64>,
}

/// What every part of finance reads of a company in a draw.
#[derive(Clone, Copy)]
struct Books<'a> {
    plan: &'a Plan,
    accounts: Accounts,
    /// Index of the company.
    index: usize,
    company: &'a CompanyPlan,
    ids: &'a CompanyIds,
    draw: Draw<'a>,
}

impl Books<'_> {
    fn finance(&self) -> &FinanceIds {
        &self.ids.finance
    }
}

impl Finance {
    /// Computes every financial result of a draw from the build-out's lots and the facility's energy.
    pub fn run(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        buildout: &Buildout,
        facility: &Facility,
        series: &mut Series,
    ) {
        let Some(accounts) = plan.accounts else { return };
        self.assets.run(plan, accounts, draw, &buildout.lots);
        for (index, (company, ids)) in plan.companies.iter().zip(&plan.vocabulary.companies).enumerate() {
            let books = Books { plan, accounts, index, company, ids, draw };
            lines::reported_and_given(books, series);
            self.funding.run(books, &self.assets, series);
            assets::spending(books, &self.assets, &self.funding, series);
            self.depreciation.run(books, &self.assets, &self.funding, series);
            lines::energy(books, &facility.cost, series);
            lines::staff(books, series);
            statements::close(books, &mut self.other_costs, series);
            self.appraisal.run(books, (buildout, facility), &self.funding, series);
        }
        if let (Some(group), [_, _, ..]) = (&plan.vocabulary.finance, plan.companies.as_slice()) {
            consolidate(plan, group, series);
        }
        unit_costs::run(plan, draw, (&buildout.lots, facility), series);
    }
}

/// Adds the companies up, line by line.
fn consolidate(plan: &Plan, group: &FinanceIds, series: &mut Series) {
    for ids in &plan.vocabulary.companies {
        for (from, to) in single_lines(&ids.finance).into_iter().zip(single_lines(group)) {
            series.accumulate(from, to);
        }
    }
    let named = |pick: fn(&FinanceIds) -> &Vec<ResultId>| {
        let companies = plan.vocabulary.companies.iter();
        companies.flat_map(move |ids| pick(&ids.finance).iter().copied()).zip(pick(group).iter().copied())
    };
    for (from, to) in named(|ids| &ids.headcount).chain(named(|ids| &ids.segments)) {
        series.accumulate(from, to);
    }
}

/// Every line that a company has once.
fn single_lines(ids: &FinanceIds) -> [ResultId; 44] {
    [
        ids.revenue,
        ids.capex,
        ids.capex_hardware,
        ids.capex_halls,
        ids.capex_ai,
        ids.capex_leases,
        ids.capex_other,
        ids.accrued_ai,
        ids.accrued_hardware,
        ids.accrued_halls,
        ids.accrued,
        ids.committed,
        ids.spent_elsewhere,
        ids.operating_cash_flow,
        ids.other_operating_cash,
        ids.free_cash_flow,
        ids.depreciation,
        ids.depreciation_ai,
        ids.depreciation_hardware,
        ids.depreciation_halls,
        ids.depreciation_other,
        ids.costs,
        ids.energy_cost,
        ids.staff_cost,
        ids.rent_cost,
        ids.other_cost,
        ids.operating_income,
        ids.interest,
        ids.tax,
        ids.net_income,
        ids.ai_cost,
        ids.contributions,
        ids.drawn,
        ids.repaid,
        ids.shareholder_returns,
        ids.cash_change,
        ids.debt,
        ids.lease_liability,
        ids.commitments,
        ids.commitments_hardware,
        ids.book_value_ai,
        ids.accelerator_time,
        ids.purchase_cost,
        ids.rental_value,
    ]
}
