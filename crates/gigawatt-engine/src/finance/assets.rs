//! What hardware and halls cost, when they are ordered, delivered and paid, and how they are written off.
//!
//! Cash for AI hardware is price × (deposit × ordered + (1 - deposit) × delivered a payment term ago); *accrued*
//! counts it at delivery, *committed* at the order, a lead time earlier. Cash for AI halls is construction cost × IT
//! power, along the [schedule](super::schedule) of construction before it is energised; capacity that falls gives
//! nothing back.
//!
//! Straight-line depreciation starts a transit and a burn-in after delivery, whether or not power waits, and ends
//! with the life: `price / life × ∫ (ready(u) - ready(u - life)) du`; halls from energisation over theirs.

use gigawatt_plan::plan::{Accounts, Arrival, Delivery, Plan, Rule, SitePlan};
use gigawatt_plan::quantity::{Power, Quantity};

use super::funding::Funding;
use super::{Books, schedule};
use crate::Draw;
use crate::buildout::LotState;
use crate::curve::{Polyline, Ramp};
use crate::series::Series;

/// Less is the rounding of sums and integrals of billions.
const CENT: f64 = 0.01;

/// Money of one lot or one site's halls in one quarter, in dollars.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spending {
    /// Paid.
    pub cash: f64,
    /// Delivered or built.
    pub accrued: f64,
    /// Ordered.
    pub committed: f64,
    /// Written off of what came after the plan's start.
    pub written_off: f64,
    /// Written off of what came after the company's last report.
    pub written_off_new: f64,
}

impl Spending {
    fn since(self, earlier: Self) -> Self {
        Self {
            cash: self.cash - earlier.cash,
            accrued: self.accrued - earlier.accrued,
            committed: self.committed - earlier.committed,
            written_off: self.written_off - earlier.written_off,
            written_off_new: self.written_off_new - earlier.written_off_new,
        }
    }
}

/// The plan's assets in one draw.
#[derive(Debug, Default)]
pub struct Assets {
    /// Of lot `l` in quarter `q`: `lots[l * quarters + q]`; nothing before the plan.
    pub lots: Vec<Spending>,
    /// Of site `s` in quarter `q`.
    pub sites: Vec<Spending>,
    /// First quarter of each company whose depreciation is computed here.
    pub first_new: Vec<usize>,
    /// What of each lot was ordered and not delivered when the plan starts.
    ordered_before: Vec<f64>,
    capacity: Polyline,
}

impl Assets {
    /// Lays out the money of every lot and every site.
    pub fn run(&mut self, plan: &Plan, accounts: Accounts, draw: Draw<'_>, lots: &[LotState]) {
        let quarters = accounts.quarters;
        self.first_new.clear();
        self.first_new.extend(plan.companies.iter().map(|company| {
            company.depreciation.iter().position(|rule| *rule == Rule::Modelled).unwrap_or(quarters)
        }));
        self.ordered_before.clear();
        self.ordered_before.resize(plan.lots.len(), 0.0);
        self.lots.clear();
        self.lots.resize(plan.lots.len() * quarters, Spending::default());
        for (index, (lot, state)) in plan.lots.iter().zip(lots).enumerate() {
            let Arrival::Delivered(delivery) = lot.arrival else { continue };
            let company = &plan.companies[lot.company];
            let life = draw.get(delivery.life.unwrap_or(company.assets.server_life)).days();
            let report = accounts.quarter(self.first_new[lot.company]).start().days();
            let start = plan.period.start.days();
            let site = &plan.sites[lot.site];
            let order = Order::new(&delivery, site, state.delivered, draw, life, (start, report));
            let out = &mut self.lots[index * quarters..(index + 1) * quarters];
            let mut before = order.until(start);
            self.ordered_before[index] = before.committed - before.accrued;
            for (quarter, out) in out.iter_mut().enumerate().skip(accounts.plan_from) {
                let now = order.until(accounts.days(quarter).1);
                *out = now.since(before);
                before = now;
            }
        }
        self.sites.clear();
        self.sites.resize(plan.sites.len() * quarters, Spending::default());
        for (index, site) in plan.sites.iter().enumerate() {
            self.halls(plan, accounts, draw, index, site);
        }
    }

    /// Money and depreciation of a site's halls.
    fn halls(&mut self, plan: &Plan, accounts: Accounts, draw: Draw<'_>, index: usize, site: &SitePlan) {
        let price = (draw.get(site.construction_cost) * Power::from_base(1.0)).base();
        let length = draw.get(site.construction_time).days();
        let life = draw.get(plan.companies[site.company].assets.building_life).days();
        let start = plan.period.start.days();
        let report = accounts.quarter(self.first_new[site.company]).start().days();
        self.capacity.set(&site.online, draw);
        self.capacity.never_falling();
        let capacity = &self.capacity;
        // What was energised after `since`, integrated up to a time, and a life later taken off again.
        let in_use = |since: f64| {
            let (level, before) = (capacity.at(since), capacity.integral(since));
            move |at: f64| {
                if at <= since { 0.0 } else { capacity.integral(at) - before - level * (at - since) }
            }
        };
        let (since_start, since_report) = (in_use(start), in_use(report));
        let until = |at: f64| {
            let spent = price * schedule::built(capacity, site.construction_schedule, at, length);
            Spending {
                cash: spent,
                accrued: spent,
                committed: 0.0,
                written_off: price / life * (since_start(at) - since_start(at - life)),
                written_off_new: price / life * (since_report(at) - since_report(at - life)),
            }
        };
        let quarters = accounts.quarters;
        let mut before = until(start);
        let out = &mut self.sites[index * quarters..(index + 1) * quarters];
        for (quarter, out) in out.iter_mut().enumerate().skip(accounts.plan_from) {
            let now = until(accounts.days(quarter).1);
            *out = now.since(before);
            // Differences of integrals leave rounding where nothing is built.
            if out.cash < CENT {
                out.cash = 0.0;
            }
            out.accrued = out.cash;
            before = now;
        }
    }
}

/// A purchase in one draw.
struct Order {
    delivered: Ramp,
    price: f64,
    deposit: f64,
    terms: f64,
    lead: f64,
    /// From delivery to the hall's acceptance.
    lag: f64,
    life: f64,
    /// What is written off counts from the plan's start, and from the company's last report.
    since_start: Since,
    since_report: Since,
}

/// What was ready at a time from which on is counted.
struct Since {
    time: f64,
    ready: f64,
    integral: f64,
}

impl Since {
    fn new(time: f64, delivered: Ramp, lag: f64) -> Self {
        Self { time, ready: delivered.at(time - lag), integral: delivered.integral(time - lag) }
    }
}

impl Order {
    fn new(
        delivery: &Delivery,
        site: &SitePlan,
        delivered: Ramp,
        draw: Draw<'_>,
        life: f64,
        (start, report): (f64, f64),
    ) -> Self {
        let lag = draw.get(site.transit).days() + draw.get(site.burn_in).days();
        Self {
            delivered,
            price: draw.get(delivery.price).base(),
            deposit: delivery.deposit.map_or(0.0, |deposit| draw.get(deposit).base()),
            terms: draw.get(delivery.payment_terms).days(),
            lead: draw.get(delivery.lead_time).days(),
            lag,
            life,
            since_start: Since::new(start, delivered, lag),
            since_report: Since::new(report, delivered, lag),
        }
    }

    /// Everything up to a time.
    fn until(&self, at: f64) -> Spending {
        let committed = self.price * self.delivered.at(at + self.lead);
        let paid_late = self.price * self.delivered.at(at - self.terms);
        let written_off = |since: &Since| {
            self.price / self.life * (self.in_use(since, at) - self.in_use(since, at - self.life))
        };
        Spending {
            cash: self.deposit * committed + (1.0 - self.deposit) * paid_late,
            accrued: self.price * self.delivered.at(at),
            committed,
            written_off: written_off(&self.since_start),
            written_off_new: written_off(&self.since_report),
        }
    }

    /// `∫ ready(u) du` up to a time, of what became ready since.
    fn in_use(&self, since: &Since, at: f64) -> f64 {
        if at <= since.time {
            return 0.0;
        }
        self.delivered.integral(at - self.lag) - since.integral - since.ready * (at - since.time)
    }
}

/// Capital expenditure of a company in every quarter, from its lots, its halls and what others pay for them.
pub fn spending(books: Books<'_>, assets: &Assets, funding: &Funding, series: &mut Series) {
    let ids = books.finance();
    let (plan, company, draw) = (books.plan, books.company, books.draw);
    let quarters = books.accounts.quarters;
    let own = plan.lots.iter().zip(&assets.ordered_before).filter(|(lot, _)| lot.company == books.index);
    let mut ordered_before_delivery: f64 = own.map(|(_, amount)| amount).sum();
    for quarter in 0..quarters {
        let (mut hardware, mut halls) = (Spending::default(), Spending::default());
        for (index, lot) in plan.lots.iter().enumerate().filter(|(_, lot)| lot.company == books.index) {
            if !matches!(lot.arrival, Arrival::Delivered(_)) {
                continue;
            }
            let all = assets.lots[index * quarters + quarter];
            hardware.cash += all.cash * (1.0 - funding.lot_elsewhere(index, quarter));
            hardware.accrued += all.accrued * (1.0 - funding.lot_off_balance(index));
            hardware.committed += all.committed;
            ordered_before_delivery += all.committed - all.accrued;
        }
        for (index, _) in plan.sites.iter().enumerate().filter(|(_, site)| site.company == books.index) {
            let all = assets.sites[index * quarters + quarter];
            halls.cash += all.cash * (1.0 - funding.site_elsewhere(index, quarter));
            halls.accrued += all.accrued * (1.0 - funding.site_off_balance(index));
        }
        let principal = series.get(ids.capex_leases)[quarter];
        let total = match company.capital_expenditure[quarter] {
            Rule::Modelled => {
                let outside = company.outside_ai[quarter]
                    .map_or(0.0, |part| draw.get(part.total).base() / f64::from(part.quarters));
                hardware.cash + halls.cash + principal + outside
            }
            Rule::Growth(growth) => series.get(ids.capex)[quarter - 4] * (1.0 + draw.get(growth).base()),
            _ => series.get(ids.capex)[quarter],
        };
        let mut set = |id, value: f64| series.get_mut(id)[quarter] = value;
        set(ids.capex, total);
        set(ids.capex_hardware, hardware.cash);
        set(ids.capex_halls, halls.cash);
        set(ids.capex_ai, hardware.cash + halls.cash);
        set(ids.capex_other, total - hardware.cash - halls.cash - principal);
        set(ids.accrued_hardware, hardware.accrued);
        set(ids.accrued_halls, halls.accrued);
        set(ids.accrued_ai, hardware.accrued + halls.accrued);
        set(ids.accrued, total - hardware.cash + hardware.accrued);
        set(ids.committed, hardware.committed);
        let ordered = if ordered_before_delivery.abs() < CENT { 0.0 } else { ordered_before_delivery };
        set(ids.commitments_hardware, ordered);
        let rent = series.get(ids.commitments)[quarter];
        series.get_mut(ids.commitments)[quarter] = rent + ordered;
    }
}
