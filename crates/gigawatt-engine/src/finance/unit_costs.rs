//! What an hour, a rate and an operation of each purchase cost.

use gigawatt_plan::plan::{Arrival, Lot, Plan};
use gigawatt_plan::quantity::{Duration, Energy, Power, Quantity};

use super::YEAR;
use super::appraisal::{annuity, capital_cost};
use crate::Draw;
use crate::buildout::LotState;
use crate::facility::Facility;
use crate::series::Series;

/// The economics of one accelerator of a purchase, money by the year.
#[derive(Clone, Copy, Debug)]
struct Accelerator {
    /// Price with its share of server and network.
    price: f64,
    /// What the hall for its power costs.
    hall: f64,
    /// What it is worth at the end of its life.
    resale: f64,
    /// Electricity and upkeep in a year.
    running: f64,
    /// Its life in years.
    life: f64,
    /// The hall's life in years.
    building_life: f64,
    /// Weighted average cost of capital.
    capital: f64,
    /// Tax over income.
    tax: f64,
    /// Part of the year in which it works for somebody.
    allocation: f64,
}

impl Accelerator {
    fn new(plan: &Plan, draw: Draw<'_>, lot: &Lot, state: &LotState, facility: &Facility) -> Option<Self> {
        let Arrival::Delivered(delivery) = lot.arrival else { return None };
        let company = &plan.companies[lot.company];
        let (site, economics) = (&plan.sites[lot.site], &company.economics);
        let life = draw.get(delivery.life.unwrap_or(company.assets.server_life)).days() / YEAR;
        let price = draw.get(delivery.price).base();
        let power = Power::from_base(state.power);
        let (pue, electricity_price) = facility.means(lot.site);
        let drawn = power * (pue * draw.get(site.utilisation).base());
        let energy: Energy = drawn * Duration::from_days(YEAR);
        let electricity = electricity_price * energy.base();
        Some(Self {
            price,
            hall: (draw.get(site.construction_cost) * power).base(),
            resale: price * libm::pow(1.0 - draw.get(economics.value_decline).base(), life),
            running: electricity + draw.get(economics.maintenance).base() * price,
            life,
            building_life: draw.get(company.assets.building_life).days() / YEAR,
            capital: capital_cost(company, draw),
            tax: draw.get(company.capital.tax_rate).base(),
            allocation: draw.get(economics.allocation).base(),
        })
    }

    /// Levelised cost per second of use before tax: the annuity of capital less resale, and what running costs,
    /// `(a(L) (P - R v^L) + a(B) H + running) / (time of a year × allocation)`, the levelised cost of energy's law
    /// (Short, Packey and Holt, NREL/TP-462-5173, 1995) for an hour instead of a kilowatt-hour.
    fn cost(self) -> f64 {
        let discount = libm::pow(1.0 + self.capital, -self.life);
        let capital = annuity(self.capital, self.life) * (self.price - self.resale * discount)
            + annuity(self.capital, self.building_life) * self.hall;
        (capital + self.running) / self.used()
    }

    /// The constant rent per second of use at which price and hall have no present value after tax: with `A` the
    /// present value of one a year over the life `L`, `v^L` its discount and `τ` the tax rate,
    /// `P + H = (1 - τ) (rent - running) A + τ (P/L A + H/B A_min(L, B)) + v^L ((1 - τ) R + H max(0, 1 - L/B))`: a hall
    /// that does not live as long is written off no longer than it lives.
    fn break_even_rent(self) -> f64 {
        let discount = libm::pow(1.0 + self.capital, -self.life);
        let present = 1.0 / annuity(self.capital, self.life);
        let hall_present = 1.0 / annuity(self.capital, self.life.min(self.building_life));
        let shield =
            self.tax * (self.price / self.life * present + self.hall / self.building_life * hall_present);
        let left =
            (1.0 - self.tax) * self.resale + self.hall * (1.0 - self.life / self.building_life).max(0.0);
        let capital = self.price + self.hall - shield - discount * left;
        (capital / ((1.0 - self.tax) * present) + self.running) / self.used()
    }

    /// Seconds of a year in which it is used.
    fn used(self) -> f64 {
        Duration::from_days(YEAR).base() * self.allocation
    }
}

/// Cost per hour, break-even rent, capital per rate and cost per computing of every purchase.
pub fn run(plan: &Plan, draw: Draw<'_>, (lots, facility): (&[LotState], &Facility), series: &mut Series) {
    for ids in &plan.vocabulary.lots {
        let lot = &plan.lots[ids.lot];
        let Some(unit) = Accelerator::new(plan, draw, lot, &lots[ids.lot], facility) else { continue };
        let economics = &plan.companies[lot.company].economics;
        let rate = draw.get(plan.systems[lot.system].bf16).base();
        let useful = rate
            * draw.get(economics.model_flops_utilisation).base()
            * (1.0 - draw.get(economics.overhead_share).base());
        let cost = unit.cost();
        for (id, value) in [
            (ids.hour_cost, cost),
            (ids.break_even_rent, unit.break_even_rent()),
            (ids.capital_per_rate, (unit.price + unit.hall) / rate),
            (ids.computing_cost, cost / useful),
        ] {
            series.get_mut(id)[0] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3600.0;

    fn accelerator() -> Accelerator {
        Accelerator {
            price: 40_000.0,
            hall: 0.0,
            resale: 0.0,
            running: 0.0,
            life: 5.0,
            building_life: 20.0,
            capital: 0.10,
            tax: 0.0,
            allocation: 1.0,
        }
    }

    #[test]
    fn cost_of_an_hour_as_by_hand() {
        // 40,000 $ over 5 years at 10 %: annuity 0.263797 → 10,551.90 $/year over 8,766 h = 1.20373 $/h.
        assert!((accelerator().cost() * HOUR - 1.203_73).abs() < 1e-5);
        // Used six hours in ten, with 876.60 $/year of electricity: (10,551.90 + 876.60) / 5,259.6 h.
        let used = Accelerator { allocation: 0.6, running: 876.6, ..accelerator() };
        assert!((used.cost() * HOUR - 2.172_88).abs() < 1e-5);
        // A resale of 10,000 $ is worth 6,209.21 $ today: 0.263797 × 33,790.79 = 8,913.92 $/year.
        let sold = Accelerator { resale: 10_000.0, ..accelerator() };
        assert!((sold.cost() * HOUR - 1.016_87).abs() < 1e-5);
    }

    #[test]
    fn without_tax_the_break_even_rent_is_the_cost() {
        let unit = Accelerator { resale: 5_000.0, running: 900.0, ..accelerator() };
        assert!((unit.break_even_rent() / unit.cost() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_hall_is_written_off_no_longer_than_it_lives() {
        // At next to no cost of capital 10,000 $ of a hall shield 20 % of 10,000 $, whatever the servers' life.
        let unit = Accelerator {
            hall: 10_000.0,
            building_life: 4.0,
            life: 8.0,
            capital: 0.0,
            tax: 0.2,
            ..accelerator()
        };
        let rent = unit.break_even_rent() * unit.used();
        assert!((rent - (50_000.0 - 0.2 * 50_000.0) / (0.8 * 8.0)).abs() < 1e-6, "{rent}");
    }

    #[test]
    fn break_even_rent_has_no_present_value_year_by_year() {
        let unit = Accelerator {
            hall: 20_000.0,
            resale: 4_000.0,
            running: 1_500.0,
            tax: 0.2,
            allocation: 0.8,
            ..accelerator()
        };
        let rent = unit.break_even_rent() * unit.used();
        let mut value = -unit.price - unit.hall;
        for year in 1..=5 {
            let depreciation = unit.price / 5.0 + unit.hall / 20.0;
            let income = rent - unit.running - depreciation;
            value += (income * 0.8 + depreciation) / 1.1_f64.powi(year);
        }
        value += (0.8 * unit.resale + unit.hall * 0.75) / 1.1_f64.powi(5);
        assert!(value.abs() < 1e-6, "{value}");
    }
}
