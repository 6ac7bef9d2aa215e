//! Lines that need nothing but their rules, electricity and staff.

use gigawatt_plan::plan::{Input, Rule};
use gigawatt_plan::quantity::{Duration, Money, Quantity, Ratio};

use super::Books;
use crate::Draw;
use crate::series::Series;

/// Lines that need nothing of the fleet: reported, given, grown, or a share of revenue.
pub fn reported_and_given(books: Books<'_>, series: &mut Series) {
    let (company, ids, draw) = (books.company, books.finance(), books.draw);
    for index in 0..books.accounts.quarters {
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
        let returned = company.shareholder_returns[index]
            .map_or(0.0, |part| draw.get(part.total).base() / f64::from(part.quarters));
        series.get_mut(ids.shareholder_returns)[index] = returned;
    }
}

/// An equal part of what a total leaves after the quarters reported within its stretch.
fn remainder(line: &[Rule], draw: Draw<'_>, total: Input<Money>, first: usize, end: usize) -> f64 {
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

/// Electricity of the company's sites, from the plan's start on.
pub fn energy(books: Books<'_>, site_costs: &[f64], series: &mut Series) {
    let (plan, accounts) = (books.plan, books.accounts);
    let moments = plan.axis.len();
    let mut moment = 1;
    for index in accounts.plan_from..accounts.quarters {
        let end = accounts.quarter(index).end();
        let mut cost = 0.0;
        while moment < moments && plan.axis[moment] <= end {
            let own = plan.sites.iter().enumerate().filter(|(_, site)| site.company == books.index);
            for (site, _) in own {
                cost += site_costs[site * moments + moment];
            }
            moment += 1;
        }
        series.get_mut(books.finance().energy_cost)[index] = cost;
    }
}

/// People, growing evenly within each year, and their cost.
pub fn staff(books: Books<'_>, series: &mut Series) {
    let (accounts, ids, draw) = (books.accounts, books.finance(), books.draw);
    for (staff, id) in books.company.staff.iter().zip(&ids.headcount) {
        let mut people = draw.get(staff.people).base();
        let cost = draw.get(staff.cost);
        let mut year_start = people;
        for index in 0..accounts.quarters {
            if index >= accounts.plan_from {
                if accounts.quarter(index).number() == 1 {
                    year_start = people;
                }
                let before = people;
                let growth = staff.growth[index].map_or(0.0, |input: Input<Ratio>| draw.get(input).base());
                people += year_start * growth / 4.0;
                let (start, end) = accounts.days(index);
                let paid = (cost * Duration::from_days(end - start)).base() * 0.5 * (before + people);
                series.get_mut(ids.staff_cost)[index] += paid;
            }
            series.get_mut(*id)[index] = people;
        }
    }
}
