//! What the build-out is worth: its fleet rented out at the market's price.
//!
//! The market's rent is the one measure of an accelerator's hour that does not depend on what its owner does with it.
//! A purchase's *rental value* is `Σ ∫ H100 equivalents online dt × allocation × rent × (1 - decline)^years`; against
//! it stand electricity, upkeep, rent of leases and ventures, capital expenditure, what lessors spend under finance
//! leases, and tax; how an asset of the company's own is paid for changes nothing. What is left at the end of
//! the accounts is sold at the market's price of that day, `price × (1 - decline of value)^age`; halls at book value.
//!
//! `NPV = Σ_q F_q (1 + i)^-t_q + S (1 + i)^-t_end`, `t_q` the middle of a quarter in years after the scenario's date,
//! `i` the weighted average cost of capital; the internal rate of return is the `i` at which it is nothing
//! (Brealey, Myers and Allen, *Principles of Corporate Finance*, chapters 5, 6 and 19).

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Arrival, CompanyPlan, FundingKind};
use gigawatt_plan::quantity::{Duration, HourlyPrice, Power, Quantity};

use super::funding::Funding;
use super::{Books, YEAR};
use crate::Draw;
use crate::buildout::Buildout;
use crate::facility::{Facility, factor};
use crate::series::Series;
use crate::weights::integrate;

/// Between these the internal rate of return is looked for.
const RETURNS: (f64, f64) = (-0.99, 10.0);

/// Levels that are integrated over time for every company: accelerators, H100 equivalents, and what upkeep and
/// electricity cost per second.
const LEVELS: usize = 4;

/// Scratch space of appraisal, kept from draw to draw.
#[derive(Debug, Default)]
pub struct Appraisal {
    /// Each level of the purchases at every moment.
    levels: [Vec<f64>; LEVELS],
    /// Cost per second, before its series, of the electricity of the purchases at a site whose price or PUE follows one:
    /// site by site at every moment.
    electricity: Vec<f64>,
    /// Integral of a level over the interval that ends at a moment.
    integral: Vec<f64>,
    /// Its integral over every quarter.
    quarters: [Vec<f64>; LEVELS],
    /// Net flow of every quarter of the plan.
    flows: Vec<f64>,
}

impl Appraisal {
    /// Rental value, cost, present value and return of a company's purchases.
    pub fn run(
        &mut self,
        books: Books<'_>,
        (buildout, facility): (&Buildout, &Facility),
        funding: &Funding,
        series: &mut Series,
    ) {
        self.integrate(books, buildout, facility);
        let (accounts, company, draw, ids) = (books.accounts, books.company, books.draw, books.finance());
        let as_of = Moment::start_of(books.plan.as_of).days();
        let economics = &company.economics;
        let allocation = draw.get(economics.allocation).base();
        let rent: HourlyPrice = draw.get(economics.rental_price);
        let decline = logarithm_of_kept(draw.get(economics.rental_decline).base());
        let tax_rate = draw.get(company.capital.tax_rate).base();
        self.flows.clear();
        for quarter in 0..accounts.quarters {
            let (start, end) = accounts.days(quarter);
            let years = (0.5 * (start + end) - as_of) / YEAR;
            let [accelerators, h100, upkeep, electricity] =
                self.quarters.each_ref().map(|sums| sums[quarter]);
            let price = rent * libm::exp(decline * years);
            let value = (price * Duration::from_base(h100 * allocation)).base();
            let of = |id| series.get(id)[quarter];
            let running = electricity + upkeep + of(ids.rent_cost);
            let depreciation = of(ids.depreciation_ai);
            if quarter >= accounts.plan_from {
                let invested =
                    of(ids.capex_ai) + leased_as_own(books, quarter, series) + of(ids.contributions);
                let tax = tax_rate * (value - running - depreciation);
                self.flows.push(value - running - invested - tax);
            }
            series.get_mut(ids.accelerator_time)[quarter] = accelerators;
            series.get_mut(ids.rental_value)[quarter] = value;
            series.get_mut(ids.purchase_cost)[quarter] = depreciation + running;
        }
        let sale = self.sale(books, buildout, funding, series);
        let capital = capital_cost(company, draw);
        let first = accounts.days(accounts.plan_from);
        let offset = (0.5 * (first.0 + first.1) - as_of) / YEAR;
        let present = present_value(&self.flows, sale, capital) * libm::pow(1.0 + capital, -offset);
        series.get_mut(books.ids.capital_cost)[0] = capital;
        series.get_mut(books.ids.net_present_value)[0] = present;
        series.get_mut(books.ids.internal_rate_of_return)[0] = internal_rate_of_return(&self.flows, sale);
    }

    /// Integrates over every quarter what the company's purchases have online, need and cost.
    fn integrate(&mut self, books: Books<'_>, buildout: &Buildout, facility: &Facility) {
        let (plan, accounts, draw) = (books.plan, books.accounts, books.draw);
        let moments = plan.axis.len();
        for level in &mut self.levels {
            level.clear();
            level.resize(moments, 0.0);
        }
        let follows = |site: usize| facility.cost_weights(site).is_some();
        self.electricity.clear();
        if (0..plan.sites.len()).any(follows) {
            self.electricity.resize(plan.sites.len() * moments, 0.0);
        }
        let upkeep = draw.get(books.company.economics.maintenance).base() / Duration::from_days(YEAR).base();
        for (index, (lot, state)) in plan.lots.iter().zip(&buildout.lots).enumerate() {
            let Arrival::Delivered(delivery) = lot.arrival else { continue };
            if lot.company != books.index {
                continue;
            }
            let site = &plan.sites[lot.site];
            let drawn =
                Power::from_base(state.power) * (factor(draw, site.pue) * draw.get(site.utilisation).base());
            let electricity = factor(draw, site.electricity_price) * drawn.base();
            let flat = if follows(lot.site) { 0.0 } else { electricity };
            let factors = [1.0, state.h100, draw.get(delivery.price).base() * upkeep, flat];
            let online = &buildout.online[index * moments..(index + 1) * moments];
            if follows(lot.site) {
                let level = &mut self.electricity[lot.site * moments..(lot.site + 1) * moments];
                for (sum, online) in level.iter_mut().zip(online) {
                    *sum += online * electricity;
                }
            }
            for (level, factor) in self.levels.iter_mut().zip(factors) {
                for (sum, online) in level.iter_mut().zip(online) {
                    *sum += online * factor;
                }
            }
        }
        self.integral.clear();
        self.integral.resize(moments, 0.0);
        for (level, sums) in self.levels.iter().zip(&mut self.quarters) {
            integrate(plan, level, 1.0, None, &mut self.integral);
            sums.clear();
            sums.resize(accounts.quarters, 0.0);
            add_by_quarter(books, &self.integral, sums);
        }
        for (site, level) in self.electricity.chunks_exact(moments).enumerate() {
            if let Some(weights) = facility.cost_weights(site) {
                integrate(plan, level, 1.0, Some(weights), &mut self.integral);
                add_by_quarter(books, &self.integral, &mut self.quarters[LEVELS - 1]);
            }
        }
    }

    /// What accelerators and halls bring at the end of the accounts, after tax on the gain over book value.
    fn sale(&self, books: Books<'_>, buildout: &Buildout, funding: &Funding, series: &Series) -> f64 {
        let (plan, accounts, draw, ids) = (books.plan, books.accounts, books.draw, books.finance());
        let end = accounts.days(accounts.quarters - 1).1;
        let decline = logarithm_of_kept(draw.get(books.company.economics.value_decline).base());
        let mut worth = 0.0;
        for (index, (lot, state)) in plan.lots.iter().zip(&buildout.lots).enumerate() {
            let Arrival::Delivered(delivery) = lot.arrival else { continue };
            if lot.company != books.index {
                continue;
            }
            let owned = state.delivered.at(end) - state.retired.at(end);
            let age = (end - 0.5 * (state.delivered.start + state.delivered.end)).max(0.0) / YEAR;
            worth += owned
                * draw.get(delivery.price).base()
                * (1.0 - funding.lot_off_balance(index))
                * libm::exp(decline * age);
        }
        let total = |id| series.get(id).iter().sum::<f64>();
        let hardware = total(ids.accrued_hardware) - total(ids.depreciation_hardware);
        let halls = total(ids.accrued_halls) - total(ids.depreciation_halls);
        let tax_rate = draw.get(books.company.capital.tax_rate).base();
        worth + halls - tax_rate * (worth - hardware)
    }
}

/// What lessors spend in a quarter under finance leases. The asset is the company's own and is sold at the end, so it
/// is invested when it is built, like one that debt pays for: the cost of capital, not the lease's interest and term,
/// says what waiting costs.
fn leased_as_own(books: Books<'_>, quarter: usize, series: &Series) -> f64 {
    let contracts = books.company.funding.iter().zip(&books.ids.funding);
    contracts
        .filter(|(contract, _)| contract.kind == FundingKind::FinanceLease)
        .map(|(_, ids)| series.get(ids.spent)[quarter])
        .sum()
}

/// `ln(1 - decline)`, so that `exp` of a multiple is a power; of all that is lost, that of next to nothing.
fn logarithm_of_kept(decline: f64) -> f64 {
    libm::log((1.0 - decline).max(f64::MIN_POSITIVE))
}

/// Adds what stands at the moments to the quarters of the plan that hold them.
fn add_by_quarter(books: Books<'_>, amounts: &[f64], sums: &mut [f64]) {
    let (plan, accounts) = (books.plan, books.accounts);
    let mut moment = 1;
    for (quarter, sum) in sums.iter_mut().enumerate().skip(accounts.plan_from) {
        let end = accounts.quarter(quarter).end();
        while moment < amounts.len() && plan.axis[moment] <= end {
            *sum += amounts[moment];
            moment += 1;
        }
    }
}

/// Weighted average cost of capital after tax, `(1 - d) k_e + d k_d (1 - τ)`.
pub fn capital_cost(company: &CompanyPlan, draw: Draw<'_>) -> f64 {
    let capital = &company.capital;
    let debt = draw.get(capital.debt_share).base();
    (1.0 - debt) * draw.get(capital.cost_of_equity).base()
        + debt * draw.get(capital.cost_of_debt).base() * (1.0 - draw.get(capital.tax_rate).base())
}

/// What one dollar costs in every one of `years` years at a rate of interest, `i / (1 - (1 + i)^-n)`.
pub fn annuity(rate: f64, years: f64) -> f64 {
    if rate.abs() < 1e-12 { 1.0 / years } else { rate / (1.0 - libm::pow(1.0 + rate, -years)) }
}

/// What a quarter takes off at a yearly rate, `(1 + i)^-1/4`.
fn discount(rate: f64) -> f64 {
    1.0 / (1.0 + rate).sqrt().sqrt()
}

/// Value, at the middle of the first quarter, of flows in the middle of quarters and of a sale at the end of the last.
fn present_value(flows: &[f64], sale: f64, rate: f64) -> f64 {
    let quarter = discount(rate);
    // The sale is half a quarter after the last flow.
    flows.iter().rev().fold(sale * quarter.sqrt() / quarter, |later, flow| flow + later * quarter)
}

/// The rate at which [`present_value`] is nothing, by Newton's method on the discount of a quarter, kept between ends
/// of opposite sign; the nearer end where there is none between -99 and 1,000 %, and not a number without flows.
fn internal_rate_of_return(flows: &[f64], sale: f64) -> f64 {
    if flows.iter().all(|flow| *flow == 0.0) {
        return f64::NAN;
    }
    // The value at a discount of a quarter, and its slope.
    let at = |quarter: f64| {
        let sold = sale / quarter.sqrt();
        flows.iter().rev().fold((sold, -0.5 * sold / quarter), |(value, slope), flow| {
            (flow + value * quarter, value + slope * quarter)
        })
    };
    let (mut low, mut high) = (discount(RETURNS.1), discount(RETURNS.0));
    if at(low).0 >= 0.0 {
        return RETURNS.1;
    }
    if at(high).0 <= 0.0 {
        return RETURNS.0;
    }
    let mut quarter = 1.0;
    for _ in 0..60 {
        let (value, slope) = at(quarter);
        if value < 0.0 {
            low = quarter
        } else {
            high = quarter
        }
        let last = quarter;
        quarter -= value / slope;
        if !(quarter > low && quarter < high) {
            quarter = 0.5 * (low + high);
        }
        if (quarter - last).abs() <= 1e-15 * last {
            break;
        }
    }
    1.0 / (quarter * quarter * quarter * quarter) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn present_value_and_return_as_by_hand() {
        // 1,000 paid, 300 in each of the next four quarters, nothing sold; at 10 % a year a quarter is
        // 1.1^-0.25 = 0.976454 and the value -1000 + 300 (0.976454 + 0.953463 + 0.931013 + 0.909091) = 131.006.
        let flows = [-1000.0, 300.0, 300.0, 300.0, 300.0];
        assert!((present_value(&flows, 0.0, 0.1) - 131.006).abs() < 1e-2);
        // A spreadsheet's IRR of these flows is 7.7138 % a quarter, 34.613 % a year.
        assert!((internal_rate_of_return(&flows, 0.0) - 0.346_13).abs() < 1e-4);
        // 100 paid and 121 back two years later is 10 %.
        let mut later = [0.0; 9];
        (later[0], later[8]) = (-100.0, 121.0);
        assert!((internal_rate_of_return(&later, 0.0) - 0.10).abs() < 1e-9);
        assert!(present_value(&later, 0.0, 0.10).abs() < 1e-9);
    }

    #[test]
    fn a_sale_comes_half_a_quarter_after_the_last_flow() {
        let rate = 0.2;
        let expected = -50.0 + 80.0 * 1.2_f64.powf(-0.125);
        assert!((present_value(&[-50.0], 80.0, rate) - expected).abs() < 1e-12);
        let found = internal_rate_of_return(&[-50.0], 80.0);
        assert_eq!(found, RETURNS.1, "1.6^8 - 1 is beyond the bracket");
        assert!((internal_rate_of_return(&[-50.0], 55.0) - (1.1_f64.powi(8) - 1.0)).abs() < 1e-9);
    }

    #[test]
    fn returns_without_a_root_are_the_nearer_end() {
        assert_eq!(internal_rate_of_return(&[-10.0, -1.0], 0.0), RETURNS.0);
        assert_eq!(internal_rate_of_return(&[10.0, 1.0], 0.0), RETURNS.1);
        assert!(internal_rate_of_return(&[0.0, 0.0], 0.0).is_nan());
    }

    #[test]
    fn an_annuity_pays_back_with_interest() {
        assert!((annuity(0.10, 5.0) - 0.263_797).abs() < 1e-6);
        assert!((annuity(0.0, 4.0) - 0.25).abs() < 1e-15);
    }
}
