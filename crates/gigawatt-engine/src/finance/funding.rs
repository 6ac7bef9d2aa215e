//! What others pay for, and what is owed for it.
//!
//! A contract covers a share `s` of the cash that its lots and halls take from its first day on, `F_q = s × cash_q`.
//! With `n` the quarters of its term, `r` a quarter of its yearly rate and `T_j` what paying starts for after quarter
//! `j` (`F_j`, or at the contract's start everything before with its interest):
//!
//! - debt: repaid `Σ T_j / n` over the last `n` quarters, interest `r × owed`;
//! - leases and ventures: paid `a Σ T_j` over the last `n` quarters with the annuity `a = r / (1 - (1 + r)^-n)`; of a
//!   finance lease, `r × owed` is interest and the rest principal; under the others all of it is rent.
//!
//! Under a venture the partners bring their part of `F` and the company pays the rest as a contribution, which is
//! no capital expenditure, and rents the whole; what its own part earns comes back, so that net it rents the partners'. What is owed under operating leases and ventures stands off the
//! balance sheet: the rent still to come for what has been built, undiscounted.

use gigawatt_plan::plan::{FundingIds, FundingKind, FundingPlan};
use gigawatt_plan::quantity::{Quantity, Ratio};

use super::assets::Assets;
use super::{Books, YEAR};
use crate::series::Series;

/// Days in a quarter on average.
const QUARTER: f64 = YEAR / 4.0;

/// What others pay for in one draw, by lot and site of the company last run.
#[derive(Debug, Default)]
pub struct Funding {
    quarters: usize,
    /// Part of the cash of lot `l` in quarter `q` that somebody else spends; empty without such a contract.
    lots: Vec<f64>,
    /// The same of the halls of site `s`.
    sites: Vec<f64>,
    /// Part of the cash of each lot and site that contracts up to here pay for, whoever spends it.
    lots_funded: Vec<f64>,
    sites_funded: Vec<f64>,
    /// Part of each lot that stands off the balance sheet.
    lots_off: Vec<f64>,
    sites_off: Vec<f64>,
    /// What a contract covers by quarter.
    covered: Vec<f64>,
    /// What paying starts for after each quarter.
    tranches: Vec<f64>,
}

impl Funding {
    /// Part of a lot's cash in a quarter that somebody else spends.
    pub fn lot_elsewhere(&self, lot: usize, quarter: usize) -> f64 {
        self.lots.get(lot * self.quarters + quarter).copied().unwrap_or(0.0)
    }

    /// Part of a site's cash in a quarter that somebody else spends.
    pub fn site_elsewhere(&self, site: usize, quarter: usize) -> f64 {
        self.sites.get(site * self.quarters + quarter).copied().unwrap_or(0.0)
    }

    /// Part of a lot that is not on the company's balance sheet.
    pub fn lot_off_balance(&self, lot: usize) -> f64 {
        self.lots_off.get(lot).copied().unwrap_or(0.0)
    }

    /// Part of a site's halls that is not on the company's balance sheet.
    pub fn site_off_balance(&self, site: usize) -> f64 {
        self.sites_off.get(site).copied().unwrap_or(0.0)
    }

    /// Runs every contract of a company.
    pub fn run(&mut self, books: Books<'_>, assets: &Assets, series: &mut Series) {
        let plan = books.plan;
        self.quarters = books.accounts.quarters;
        for list in [
            &mut self.lots,
            &mut self.sites,
            &mut self.lots_funded,
            &mut self.sites_funded,
            &mut self.lots_off,
            &mut self.sites_off,
        ] {
            list.clear();
        }
        self.pledges(books, series);
        if books.company.funding.is_empty() {
            return;
        }
        for list in [&mut self.lots, &mut self.lots_funded] {
            list.resize(plan.lots.len() * self.quarters, 0.0);
        }
        for list in [&mut self.sites, &mut self.sites_funded] {
            list.resize(plan.sites.len() * self.quarters, 0.0);
        }
        self.lots_off.resize(plan.lots.len(), 0.0);
        self.sites_off.resize(plan.sites.len(), 0.0);
        for (contract, ids) in books.company.funding.iter().zip(&books.ids.funding) {
            self.cover(books, contract, assets);
            self.pay(books, contract, *ids, series);
        }
    }

    /// What a contract covers in each quarter, and which part of each asset is thereby somebody else's.
    fn cover(&mut self, books: Books<'_>, contract: &FundingPlan, assets: &Assets) {
        let share = books.draw.get(contract.share).base();
        let quarters = self.quarters;
        // A contract starts with a whole quarter.
        let first = (0..quarters)
            .find(|quarter| books.accounts.quarter(*quarter).start() >= contract.since)
            .unwrap_or(quarters);
        let elsewhere = contract.kind.spends_elsewhere();
        let off_balance = elsewhere && contract.kind != FundingKind::FinanceLease;
        self.covered.clear();
        self.covered.resize(quarters, 0.0);
        let lots =
            (&contract.lots, &assets.lots, (&mut self.lots, &mut self.lots_funded, &mut self.lots_off));
        let sites =
            (&contract.sites, &assets.sites, (&mut self.sites, &mut self.sites_funded, &mut self.sites_off));
        for (items, spending, (parts, funded, off)) in [lots, sites] {
            for &item in items {
                let (mut total, mut covered) = (0.0, 0.0);
                for quarter in 0..quarters {
                    let at = item * quarters + quarter;
                    let cash = spending[at].cash;
                    total += cash;
                    if quarter < first {
                        continue;
                    }
                    // Two contracts cannot pay for the same dollar: the one written first does.
                    let part = share.min(1.0 - funded[at]);
                    funded[at] += part;
                    covered += part * cash;
                    self.covered[quarter] += part * cash;
                    if elsewhere {
                        parts[at] += part;
                    }
                }
                if off_balance && total > 0.0 {
                    off[item] += covered / total;
                }
            }
        }
    }

    /// What comes in, what is paid and what is owed.
    fn pay(&mut self, books: Books<'_>, contract: &FundingPlan, own: FundingIds, series: &mut Series) {
        let (draw, accounts, ids) = (books.draw, books.accounts, books.finance());
        let rate = contract.rate.map_or(0.0, |rate| draw.get(rate).base()) / 4.0;
        let term = contract.term.map_or(0.0, |term| draw.get(term).days() / QUARTER).round().max(1.0);
        let annuity =
            if rate.abs() < 1e-12 { 1.0 / term } else { rate / (1.0 - libm::pow(1.0 + rate, -term)) };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the accounts"
        )]
        let length = term.min(accounts.quarters as f64) as usize;
        let partners = contract
            .partner_share
            .map_or(1.0, |share: gigawatt_plan::plan::Input<Ratio>| draw.get(share).base());
        // What a venture earns on the company's own part comes back to it, so that it rents the partners' part.
        let annuity = annuity * partners;
        self.tranches.clear();
        self.tranches.resize(accounts.quarters, 0.0);
        let (mut owed, mut waiting, mut paying, mut to_come) = (0.0, 0.0, 0.0, 0.0);
        for quarter in 0..accounts.quarters {
            let spent = self.covered[quarter];
            let started = accounts.quarter(quarter).start() >= contract.starts;
            if started && waiting > 0.0 {
                paying += waiting;
                to_come += annuity * term * waiting;
                self.tranches[quarter.saturating_sub(1)] += waiting;
                waiting = 0.0;
            }
            if let Some(ended) = quarter.checked_sub(length + 1) {
                paying -= self.tranches[ended];
            }
            let mut add = |id, value: f64| series.get_mut(id)[quarter] += value;
            let paid = match contract.kind {
                FundingKind::Equity => {
                    add(ids.drawn, spent);
                    0.0
                }
                FundingKind::Debt => {
                    let interest = if started { rate * owed } else { 0.0 };
                    let repaid = (paying / term).max(0.0);
                    owed += if started { spent - repaid } else { spent + rate * owed };
                    add(ids.drawn, spent);
                    add(ids.repaid, repaid);
                    add(ids.interest, interest);
                    add(ids.debt, owed);
                    repaid + interest
                }
                FundingKind::FinanceLease => {
                    let interest = if started { rate * owed } else { 0.0 };
                    let paid = (annuity * paying).max(0.0);
                    owed += if started { spent + interest - paid } else { spent + rate * owed };
                    add(ids.capex_leases, paid - interest);
                    add(ids.interest, interest);
                    add(ids.lease_liability, owed);
                    add(ids.spent_elsewhere, spent);
                    paid
                }
                FundingKind::OperatingLease | FundingKind::JointVenture => {
                    let paid = (annuity * paying).max(0.0);
                    to_come -= paid;
                    add(ids.rent_cost, paid);
                    add(ids.spent_elsewhere, spent);
                    let waits = annuity * term * waiting_after(waiting, spent, rate, started);
                    add(ids.commitments, (to_come + waits).max(0.0));
                    if contract.kind == FundingKind::JointVenture {
                        add(ids.contributions, (1.0 - partners) * spent);
                    }
                    paid
                }
            };
            add(own.spent, spent);
            add(own.paid, paid);
            let outstanding = match contract.kind {
                FundingKind::OperatingLease | FundingKind::JointVenture => {
                    (to_come + annuity * term * waiting_after(waiting, spent, rate, started)).max(0.0)
                }
                _ => owed,
            };
            add(own.outstanding, outstanding);
            if started {
                self.tranches[quarter] += spent;
                paying += spent;
                to_come += annuity * term * spent;
            } else {
                waiting = waiting * (1.0 + rate) + spent;
            }
        }
    }

    /// Announced and committed money at the end of every quarter.
    fn pledges(&self, books: Books<'_>, series: &mut Series) {
        let totals = books.ids.investors_total;
        for (investor, ids) in books.company.investors.iter().zip(&books.ids.investors) {
            let lists = [
                (&investor.announced, ids.announced, totals.map(|total| total.announced)),
                (&investor.committed, ids.committed, totals.map(|total| total.committed)),
            ];
            for (steps, id, total) in lists {
                for quarter in 0..self.quarters {
                    let end = books.accounts.quarter(quarter).end();
                    let level = steps
                        .iter()
                        .rev()
                        .find(|(from, _)| *from < end)
                        .map_or(0.0, |(_, amount)| books.draw.get(*amount).base());
                    series.get_mut(id)[quarter] = level;
                    if let Some(total) = total {
                        series.get_mut(total)[quarter] += level;
                    }
                }
            }
        }
    }
}

/// What waits for paying to start at the end of a quarter, with what was built in it.
fn waiting_after(waiting: f64, spent: f64, rate: f64, started: bool) -> f64 {
    if started { spent } else { waiting * (1.0 + rate) + spent }
}
