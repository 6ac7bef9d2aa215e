//! Finance: the company's accounts by quarter, from what it reported and what the fleet costs.
//!
//! *Capital expenditure* of a quarter is what was reported; else an equal part of what a given total leaves;
//! else a year earlier times growth; else the sum of AI hardware (price of what was delivered a payment term
//! ago), AI halls (construction cost, spent evenly over the construction time `T` before power is energised,
//! cumulatively `cost × (1/T) ∫_t^{t+T} (C(u) - C(start)) du`) and what is spent outside AI. *Accrued* counts AI
//! hardware at delivery, *committed* at the order, a lead time earlier.
//!
//! *Depreciation* is reported, else straight line: the assets of the last report run off from their quarterly
//! charge to zero over a given time; new AI hardware is written off over the server life, from a transit and a
//! burn-in after its delivery (waiting for power does not stop it, nor does retirement),
//! `price / life × ∫ (ready(u) - ready(u - life)) du`; halls over the building life from energisation; all
//! other new assets by a mix of both lives, half a quarter in their first.
//!
//! *Costs* are reported or given, else depreciation, electricity, named staff and named segments as computed,
//! and everything else a year earlier times growth. Free cash flow is operating cash flow less capital
//! expenditure, the company's own definition. Interest, tax, dividends and buybacks are not in it.

use gigawatt_plan::plan::{Arrival, CompanyPlan, FinanceIds, Input, Plan, Rule};
use gigawatt_plan::quantity::{Duration, Energy, MoneyPerEnergy, MoneyPerPower, Power, Quantity, Ratio};

use crate::Draw;
use crate::buildout::LotState;
use crate::curve::{Polyline, Ramp};
use crate::series::Series;

/// Scratch space of finance, kept from draw to draw.
#[derive(Debug, Default)]
pub struct Finance {
    capacity: Polyline,
    /// Costs that nothing here explains, by quarter.
    other_costs: Vec<f64>,
}

/// The lines of one quarter that are carried to the next steps.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    hardware_cash: f64,
    hardware_accrued: f64,
    hardware_committed: f64,
    hardware_depreciation: f64,
    hardware_depreciation_new: f64,
    halls: f64,
    halls_depreciation: f64,
    halls_depreciation_new: f64,
}

impl Finance {
    /// Computes every financial result of a draw from the build-out's lots and the facility's energy.
    pub fn run(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        lots: &[LotState],
        energy: &[f64],
        series: &mut Series,
    ) {
        let (Some(company), Some(ids)) = (&plan.company, &plan.vocabulary.finance) else { return };
        lines(company, ids, draw, series);
        self.assets(plan, company, ids, draw, lots, series);
        energy_cost(plan, company, ids, draw, energy, series);
        staff(company, ids, draw, series);
        self.statements(company, ids, draw, series);
    }

    /// Capital expenditure and depreciation.
    fn assets(
        &mut self,
        plan: &Plan,
        company: &CompanyPlan,
        ids: &FinanceIds,
        draw: Draw<'_>,
        lots: &[LotState],
        series: &mut Series,
    ) {
        let server_life = draw.get(company.server_life).days();
        let building_life = draw.get(company.building_life).days();
        let short_lived = draw.get(company.short_lived_share).base();
        let runoff = draw.get(company.existing_asset_runoff).days();
        // What is new since the last report is depreciated here, everything older runs off as a whole.
        let modelled = company.depreciation.iter().position(|rule| *rule == Rule::Modelled);
        let first_new = modelled.unwrap_or(company.quarters());
        let report = company.quarter(first_new).start().days();
        let start = plan.period.start.days();

        for index in 0..company.quarters() {
            let quarter = company.quarter(index);
            let (from, to) = (quarter.start().days(), quarter.end().days());
            let mut cost = Cost::default();
            if index >= company.plan_from {
                hardware(plan, draw, lots, (from, to), (start, report), server_life, &mut cost);
                self.halls(plan, draw, (from, to), (start, report), building_life, &mut cost);
            }
            let total = match company.capital_expenditure[index] {
                Rule::Modelled => {
                    let outside = company.outside_ai[index]
                        .map_or(0.0, |part| draw.get(part.total).base() / f64::from(part.quarters));
                    cost.hardware_cash + cost.halls + outside
                }
                Rule::Growth(growth) => series.get(ids.capex)[index - 4] * (1.0 + draw.get(growth).base()),
                _ => series.get(ids.capex)[index],
            };
            let mut set = |id, value: f64| series.get_mut(id)[index] = value;
            set(ids.capex, total);
            set(ids.capex_hardware, cost.hardware_cash);
            set(ids.capex_halls, cost.halls);
            set(ids.capex_ai, cost.hardware_cash + cost.halls);
            set(ids.capex_other, total - cost.hardware_cash - cost.halls);
            set(ids.accrued_hardware, cost.hardware_accrued);
            set(ids.accrued_halls, cost.halls);
            set(ids.accrued_ai, cost.hardware_accrued + cost.halls);
            set(ids.accrued, total - cost.hardware_cash + cost.hardware_accrued);
            set(ids.committed, cost.hardware_committed);
            set(ids.depreciation_ai, cost.hardware_depreciation + cost.halls_depreciation);
            if company.depreciation[index] != Rule::Modelled {
                continue;
            }
            let days = to - from;
            let middle = 0.5 * (from + to);
            let old = match first_new.checked_sub(1) {
                Some(last) => {
                    let length = report - company.quarter(last).start().days();
                    let daily = series.get(ids.depreciation)[last] / length;
                    daily * days * (1.0 - (middle - report) / runoff).max(0.0)
                }
                None => 0.0,
            };
            let mut other = 0.0;
            for earlier in first_new..=index {
                // A total below what the plan buys leaves nothing else; that is no asset to be written up.
                let spent = series.get(ids.capex_other)[earlier].max(0.0);
                let age = middle
                    - 0.5 * (company.quarter(earlier).start().days() + company.quarter(earlier).end().days());
                let part = if earlier == index { 0.5 } else { 1.0 };
                let rate = |share: f64, life: f64| if age < life { share / life } else { 0.0 };
                other += spent
                    * part
                    * days
                    * (rate(short_lived, server_life) + rate(1.0 - short_lived, building_life));
            }
            series.get_mut(ids.depreciation)[index] =
                old + cost.hardware_depreciation_new + cost.halls_depreciation_new + other;
        }
    }

    /// Money and depreciation of halls in a quarter.
    fn halls(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        (from, to): (f64, f64),
        (start, report): (f64, f64),
        life: f64,
        cost: &mut Cost,
    ) {
        for site in &plan.sites {
            let price = draw.get(site.construction_cost);
            let time = draw.get(site.construction_time).days();
            self.capacity.set(&site.online, draw);
            self.capacity.never_falling();
            let spent = |at: f64| {
                let built = if time > 0.0 {
                    (self.capacity.integral(at + time) - self.capacity.integral(at)) / time
                } else {
                    self.capacity.at(at)
                };
                money(price, built)
            };
            cost.halls += spent(to) - spent(from);
            let written_off = |since: f64| {
                let level = self.capacity.at(since);
                let use_until = |at: f64| {
                    if at <= since {
                        0.0
                    } else {
                        self.capacity.integral(at) - self.capacity.integral(since) - level * (at - since)
                    }
                };
                money(price, use_until(to) - use_until(from) - use_until(to - life) + use_until(from - life))
                    / life
            };
            cost.halls_depreciation += written_off(start);
            cost.halls_depreciation_new += written_off(report);
        }
    }

    /// Cash flow, costs and income.
    fn statements(&mut self, company: &CompanyPlan, ids: &FinanceIds, draw: Draw<'_>, series: &mut Series) {
        self.other_costs.clear();
        for index in 0..company.quarters() {
            let value = |id| series.get(id)[index];
            let revenue = value(ids.revenue);
            let free = value(ids.operating_cash_flow) - value(ids.capex);
            let segments: f64 = ids.segments.iter().map(|id| value(*id)).sum();
            let explained =
                value(ids.depreciation) + value(ids.energy_cost) + value(ids.staff_cost) + segments;
            let total = match (company.total_costs[index], company.other_cost_growth[index]) {
                (Rule::Modelled, Some(growth)) if index >= 4 => {
                    self.other_costs[index - 4] * (1.0 + draw.get(growth).base()) + explained
                }
                _ => value(ids.costs),
            };
            self.other_costs.push(total - explained);
            let ai = value(ids.depreciation_ai) + value(ids.energy_cost) + value(ids.staff_cost);
            let mut set = |id, value: f64| series.get_mut(id)[index] = value;
            set(ids.free_cash_flow, free);
            set(ids.costs, total);
            set(ids.operating_income, revenue - total);
            set(ids.ai_cost, ai);
        }
    }
}

fn money(price: MoneyPerPower, watts: f64) -> f64 {
    (price * Power::from_base(watts)).base()
}

/// Money and depreciation of AI hardware in a quarter, from the lots that are not the opening stock.
fn hardware(
    plan: &Plan,
    draw: Draw<'_>,
    lots: &[LotState],
    (from, to): (f64, f64),
    (start, report): (f64, f64),
    life: f64,
    cost: &mut Cost,
) {
    for (lot, state) in plan.lots.iter().zip(lots) {
        let Arrival::Delivered(delivery) = lot.arrival else { continue };
        let price = draw.get(delivery.price).base();
        let terms = draw.get(delivery.payment_terms).days();
        let lead = draw.get(delivery.lead_time).days();
        let site = &plan.sites[lot.site];
        let lag = draw.get(site.transit).days() + draw.get(site.burn_in).days();
        let delivered = state.delivered;
        let between = |shift: f64| delivered.at(to - shift) - delivered.at(from - shift);
        cost.hardware_cash += price * between(terms);
        cost.hardware_accrued += price * between(0.0);
        cost.hardware_committed += price * between(-lead);
        let written_off = |since: f64| price / life * in_use(delivered, lag, since, from, to, life);
        cost.hardware_depreciation += written_off(start);
        cost.hardware_depreciation_new += written_off(report);
    }
}

/// `∫ (u(t) - u(t - life)) dt` from `from` to `to`, with `u` what was ready after `since`.
fn in_use(delivered: Ramp, lag: f64, since: f64, from: f64, to: f64, life: f64) -> f64 {
    let until = |at: f64| {
        if at <= since {
            0.0
        } else {
            delivered.integral(at - lag)
                - delivered.integral(since - lag)
                - delivered.at(since - lag) * (at - since)
        }
    };
    until(to) - until(from) - until(to - life) + until(from - life)
}

/// Lines that need nothing of the fleet: reported, given, grown, or a share of revenue.
fn lines(company: &CompanyPlan, ids: &FinanceIds, draw: Draw<'_>, series: &mut Series) {
    for index in 0..company.quarters() {
        for (line, id) in [
            (&company.revenue, ids.revenue),
            (&company.operating_cash_flow, ids.operating_cash_flow),
            (&company.capital_expenditure, ids.capex),
            (&company.depreciation, ids.depreciation),
            (&company.total_costs, ids.costs),
        ]
        .into_iter()
        .chain(company.segments.iter().map(|segment| &segment.loss).zip(ids.segments.iter().copied()))
        {
            let value = match line[index] {
                Rule::Reported(value) => draw.get(value).base(),
                Rule::Remainder { total, first, end } => remainder(line, draw, total, first, end),
                Rule::Growth(growth) => series.get(id)[index - 4] * (1.0 + draw.get(growth).base()),
                Rule::ShareOfRevenue(share) => series.get(ids.revenue)[index] * draw.get(share).base(),
                Rule::Modelled | Rule::Nothing => 0.0,
            };
            series.get_mut(id)[index] = value;
        }
    }
}

/// An equal part of what a total leaves after the quarters reported within its stretch.
fn remainder(
    line: &[Rule],
    draw: Draw<'_>,
    total: Input<gigawatt_plan::quantity::Money>,
    first: usize,
    end: usize,
) -> f64 {
    let (mut reported, mut open) = (0.0, 0_u32);
    for rule in &line[first..end] {
        match rule {
            Rule::Reported(value) => reported += draw.get(*value).base(),
            Rule::Remainder { .. } => open += 1,
            _ => {}
        }
    }
    (draw.get(total).base() - reported) / f64::from(open.max(1))
}

fn energy_cost(
    plan: &Plan,
    company: &CompanyPlan,
    ids: &FinanceIds,
    draw: Draw<'_>,
    energy: &[f64],
    series: &mut Series,
) {
    let moments = plan.axis.len();
    let mut moment = 1;
    for index in company.plan_from..company.quarters() {
        let end = company.quarter(index).end();
        let mut cost = 0.0;
        while moment < moments && plan.axis[moment] <= end {
            for (site, place) in plan.sites.iter().enumerate() {
                let price: MoneyPerEnergy = draw.get(place.electricity_price);
                cost += (price * Energy::from_base(energy[site * moments + moment])).base();
            }
            moment += 1;
        }
        series.get_mut(ids.energy_cost)[index] = cost;
    }
}

fn staff(company: &CompanyPlan, ids: &FinanceIds, draw: Draw<'_>, series: &mut Series) {
    for (staff, id) in company.staff.iter().zip(&ids.headcount) {
        let mut people = draw.get(staff.people).base();
        let cost = draw.get(staff.cost);
        let mut year_start = people;
        for index in 0..company.quarters() {
            if index >= company.plan_from {
                let quarter = company.quarter(index);
                if quarter.number() == 1 {
                    year_start = people;
                }
                let before = people;
                let growth = staff.growth[index].map_or(0.0, |input: Input<Ratio>| draw.get(input).base());
                people += year_start * growth / 4.0;
                let days = quarter.end().days() - quarter.start().days();
                let paid = (cost * Duration::from_days(days)).base() * 0.5 * (before + people);
                series.get_mut(ids.staff_cost)[index] += paid;
            }
            series.get_mut(*id)[index] = people;
        }
    }
}
