//! Income, operating cash flow and cash of a quarter.
//!
//! *Costs* are reported or given, else depreciation, electricity, named staff, rent and named segments as computed,
//! and everything else a year earlier times growth. *Operating cash flow* of a company whose history is known is
//! reported or a share of revenue, less what the plan's contracts newly cost after tax; of another it is net income
//! with depreciation. *Free cash flow* is operating cash flow less capital expenditure, the companies' own definition.
//! Interest on cash and on debt from before the plan is in none of them.

use gigawatt_plan::plan::Rule;
use gigawatt_plan::quantity::Quantity;

use super::Books;
use crate::series::Series;

/// Closes the books of every quarter. `other_costs` is scratch space: costs that nothing here explains.
pub fn close(books: Books<'_>, other_costs: &mut Vec<f64>, series: &mut Series) {
    let (company, draw, ids) = (books.company, books.draw, books.finance());
    let tax_rate = draw.get(company.capital.tax_rate).base();
    other_costs.clear();
    for quarter in 0..books.accounts.quarters {
        let value = |id| series.get(id)[quarter];
        let segments: f64 = ids.segments.iter().map(|id| value(*id)).sum();
        let (depreciation, rent, interest) =
            (value(ids.depreciation), value(ids.rent_cost), value(ids.interest));
        let explained = depreciation + value(ids.energy_cost) + value(ids.staff_cost) + rent + segments;
        let costs = match (company.total_costs[quarter], company.other_cost_growth[quarter]) {
            (Rule::Modelled, Some(growth)) if quarter >= 4 => {
                other_costs[quarter - 4] * (1.0 + draw.get(growth).base()) + explained
            }
            (Rule::Modelled, _) => explained,
            _ => value(ids.costs),
        };
        other_costs.push(costs - explained);
        let ai = value(ids.depreciation_ai) + value(ids.energy_cost) + rent + value(ids.staff_cost);
        let operating_income = value(ids.revenue) - costs;
        let tax = tax_rate * (operating_income - interest).max(0.0);
        let net_income = operating_income - interest - tax;
        let operating_cash = match company.operating_cash_flow[quarter] {
            Rule::ShareOfRevenue(_) => value(ids.operating_cash_flow) - (1.0 - tax_rate) * (rent + interest),
            Rule::Modelled => net_income + depreciation,
            _ => value(ids.operating_cash_flow),
        };
        let free = operating_cash - value(ids.capex);
        let cash = free - value(ids.contributions) + value(ids.drawn)
            - value(ids.repaid)
            - value(ids.shareholder_returns);
        for (id, value) in [
            (ids.costs, costs),
            (ids.other_cost, costs - explained),
            (ids.ai_cost, ai),
            (ids.operating_income, operating_income),
            (ids.tax, tax),
            (ids.net_income, net_income),
            (ids.operating_cash_flow, operating_cash),
            (ids.other_operating_cash, operating_cash - net_income - depreciation),
            (ids.free_cash_flow, free),
            (ids.cash_change, cash),
        ] {
            series.get_mut(id)[quarter] = value;
        }
    }
}
