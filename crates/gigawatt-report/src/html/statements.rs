//! Statements of each company: income, cash, what is owed, contracts, investors, and what purchases cost.

use gigawatt_plan::plan::{CompanyIds, CompanyPlan, FinanceIds, ResultId};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::cell::cell;
use super::money::accounts;
use super::view::View;
use crate::Value;
use crate::finance::{FinanceSummary, PurchaseSummary};
use crate::number::AxisUnit;

/// The section; nothing without a company or a whole year.
pub fn statements(view: &View<'_>) -> Option<Markup> {
    view.plan.vocabulary.finance.as_ref()?;
    let words = view.words;
    if view.years.is_empty() {
        return None;
    }
    let companies: Vec<(&CompanyPlan, &CompanyIds)> =
        view.plan.companies.iter().zip(&view.plan.vocabulary.companies).collect();
    Some(html! {
        p.lede { (words.statements_lead) }
        @for (account, several) in accounts(view) {
            @if let (true, Some(name)) = (several, account.name) { h3.company { (name) } }
            @for (name, ids) in lists(words, account.ids) { (statement(view, name, &ids)) }
        }
        @if !companies.is_empty() { (value(view, &companies)) }
        @for (company, ids) in &companies { (contracts(view, company, ids)) }
        @if let Some(finance) = FinanceSummary::new(view.plan, view.summary) {
            (purchases(view, &finance))
            (lives(view, &finance))
        }
        p.soft.folded { (words.folded_statements) }
    })
}

/// The lines of each statement.
fn lists(words: &crate::Words, ids: &FinanceIds) -> [(&'static str, Vec<ResultId>); 4] {
    let mut income = vec![
        ids.revenue,
        ids.depreciation_hardware,
        ids.depreciation_halls,
        ids.depreciation_other,
        ids.depreciation,
        ids.energy_cost,
        ids.staff_cost,
        ids.rent_cost,
    ];
    income.extend(&ids.segments);
    income.extend([ids.other_cost, ids.costs, ids.operating_income, ids.interest, ids.tax, ids.net_income]);
    let cash = vec![
        ids.net_income,
        ids.depreciation,
        ids.other_operating_cash,
        ids.operating_cash_flow,
        ids.capex_hardware,
        ids.capex_halls,
        ids.capex_leases,
        ids.capex_other,
        ids.capex,
        ids.free_cash_flow,
        ids.contributions,
        ids.drawn,
        ids.repaid,
        ids.shareholder_returns,
        ids.cash_change,
    ];
    let spending = vec![ids.committed, ids.accrued_ai, ids.accrued, ids.spent_elsewhere];
    let balance =
        vec![ids.book_value_ai, ids.debt, ids.lease_liability, ids.commitments_hardware, ids.commitments];
    [
        (words.income_statement, income),
        (words.cash_flow_statement, cash),
        (words.spending, spending),
        (words.balance, balance),
    ]
}

/// Money below this is a rounding of large sums.
const CENTS: f64 = 0.5;

fn is_nothing(value: &Value) -> bool {
    [value.p10, value.p50, value.p90].iter().flatten().all(|money| money.abs() < CENTS)
}

/// A statement by year, with the lines that are known by quarter folded below. Lines that are nothing in every
/// year are left out.
fn statement(view: &View<'_>, name: &str, ids: &[ResultId]) -> Markup {
    let words = view.words;
    let of_year = |id: ResultId, year: i16| view.of_year(view.path(id), year);
    let lines: Vec<ResultId> = ids
        .iter()
        .copied()
        .filter(|id| {
            view.years.iter().any(|year| of_year(*id, *year).is_some_and(|value| !is_nothing(value)))
        })
        .collect();
    if lines.is_empty() {
        return html! {};
    }
    // The accounts may end before the plan does.
    let years: Vec<i16> = view
        .years
        .iter()
        .copied()
        .filter(|year| lines.iter().any(|id| of_year(*id, *year).is_some()))
        .collect();
    let quarters: Vec<_> = view
        .quarters()
        .filter(|quarter| lines.iter().any(|id| view.of_quarter(*id, *quarter).is_some()))
        .collect();
    let quarterly: Vec<ResultId> = lines
        .iter()
        .copied()
        .filter(|id| quarters.iter().any(|quarter| view.of_quarter(*id, *quarter).is_some()))
        .collect();
    // One unit for a whole statement, named once: seven years side by side leave no room for it in every cell.
    let values = lines.iter().flat_map(|id| years.iter().filter_map(|year| of_year(*id, *year)));
    let largest =
        values.filter_map(|value| value.p50).fold(0.0_f64, |largest, money| largest.max(money.abs()));
    let unit = AxisUnit::of(words, Dimension::Money, largest);
    html! {
        h3 { (unit.beside(name)) }
        div.scroll { table.years {
            thead { tr { th { (words.line) } @for year in &years { th.number scope="col" { (year) } } } }
            tbody {
                @for id in &lines {
                    tr {
                        (line(view, *id))
                        @for year in &years { (amount(unit, of_year(*id, *year))) }
                    }
                }
            }
        } }
        @if !quarterly.is_empty() {
            details {
                summary { (name) ", " (words.by_quarters) " " span { "(" (words.entries(quarterly.len())) ")" } }
                div.scroll { table.years {
                    thead { tr { th { (words.line) } @for quarter in &quarters { th.number scope="col" { (quarter) } } } }
                    tbody {
                        @for id in &quarterly {
                            tr {
                                (line(view, *id))
                                @for quarter in &quarters { (amount(unit, view.of_quarter(*id, *quarter))) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// Money as a number of a table's unit, with its spread beneath.
fn amount(unit: AxisUnit, value: Option<&Value>) -> Markup {
    let shown = |money: f64| {
        let shown = format!("{:.1}", money / unit.factor);
        if shown == "-0.0" { "0.0".to_owned() } else { shown }
    };
    html! {
        td.number {
            @if let Some(Value { p10: Some(low), p50: Some(median), p90: Some(high), .. }) = value {
                (shown(*median))
                @if shown(*low) != shown(*high) { span.range { (shown(*low)) " – " (shown(*high)) } }
            }
        }
    }
}

fn line(view: &View<'_>, id: ResultId) -> Markup {
    let result = view.plan.vocabulary.get(id);
    // The company stands in the heading.
    let of = view
        .plan
        .companies
        .iter()
        .find_map(|company| result.title.strip_prefix(&format!("{}: ", company.title)));
    html! { th scope="row" title=(result.law) { (of.unwrap_or(&result.title)) } }
}

/// A result that is one number for the whole plan.
fn whole<'a>(view: &View<'a>, id: ResultId) -> Option<&'a Value> {
    view.summary.results.get(view.path(id))?.values.values().next()
}

fn value(view: &View<'_>, companies: &[(&CompanyPlan, &CompanyIds)]) -> Markup {
    let words = view.words;
    let columns = |ids: &CompanyIds| [ids.capital_cost, ids.net_present_value, ids.internal_rate_of_return];
    let Some((_, first)) = companies.first() else { return html! {} };
    html! {
        h3 { (words.capital_and_value) }
        div.scroll { table {
            thead { tr {
                th { (words.company) }
                @for name in [words.capital_cost, words.net_present_value, words.internal_rate] { th.number { (name) } }
            } }
            tbody {
                @for (company, ids) in companies {
                    tr {
                        th scope="row" { (company.title) }
                        @for id in columns(ids) { (cell(view.dimension(id), whole(view, id))) }
                    }
                }
            }
        } }
        (laws(view, &[words.capital_cost, words.net_present_value, words.internal_rate], &columns(first)))
    }
}

/// Contracts and investors of a company by year.
fn contracts(view: &View<'_>, company: &CompanyPlan, ids: &CompanyIds) -> Markup {
    let words = view.words;
    let funding: Vec<ResultId> =
        ids.funding.iter().flat_map(|ids| [ids.spent, ids.paid, ids.outstanding]).collect();
    let mut investors: Vec<ResultId> =
        ids.investors.iter().flat_map(|ids| [ids.announced, ids.committed]).collect();
    investors.extend(ids.investors_total.iter().flat_map(|total| [total.announced, total.committed]));
    let several = view.plan.companies.len() > 1;
    let name = |what: &str| if several { format!("{}: {what}", company.title) } else { what.to_owned() };
    html! {
        (statement(view, &name(words.funding), &funding))
        (statement(view, &name(words.investors), &investors))
    }
}

fn purchases(view: &View<'_>, finance: &FinanceSummary) -> Markup {
    let words = view.words;
    let Some(first) = view.plan.vocabulary.lots.first() else { return html! {} };
    let ids = [first.hour_cost, first.break_even_rent, first.capital_per_rate, first.computing_cost];
    let names = [words.hour_cost, words.break_even_rent, words.capital_per_rate, words.computing_cost];
    let dimensions = PurchaseSummary::COLUMNS.map(|(_, dimension)| dimension);
    html! {
        h3 { (words.unit_costs) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.purchase) }
                @for name in names { th.number { (name) } }
                th.number { (words.market_rent) }
            } }
            tbody {
                @for purchase in &finance.purchases {
                    tr {
                        th scope="row" { (purchase.name) span.path { (purchase.system) } }
                        @for (value, dimension) in purchase.values().into_iter().zip(dimensions) { (cell(dimension, Some(value))) }
                        td.number { (format_quantity(Dimension::HourlyPrice, purchase.market_rent)) }
                    }
                }
            }
        } }
        (laws(view, &names, &ids))
    }
}

/// How columns are computed.
fn laws(view: &View<'_>, names: &[&str], ids: &[ResultId]) -> Markup {
    html! {
        ul.laws {
            @for (name, id) in names.iter().zip(ids) { li { (name) ": " (view.plan.vocabulary.get(*id).law) } }
        }
    }
}

/// Depreciation and operating income under other useful lives of servers, in the reference case.
fn lives(view: &View<'_>, finance: &FinanceSummary) -> Markup {
    let words = view.words;
    let several = view.plan.companies.len() > 1;
    let effects = || finance.lives.iter().flat_map(|life| life.years.values());
    let largest = effects().fold(0.0_f64, |largest, effect| largest.max(effect.operating_income.abs()));
    let unit = AxisUnit::of(words, Dimension::Money, largest);
    let money = |value: f64| format!("{:.1}", value / unit.factor);
    html! {
        @if !finance.lives.is_empty() {
            h3 { (unit.beside(words.lives)) }
            div.scroll { table.years {
                thead { tr { th { (words.life) } @for year in &finance.years { th.number { (year) } } } }
                tbody {
                    @for life in &finance.lives {
                        tr {
                            th scope="row" {
                                @if several { (life.company) ": " }
                                (format_quantity(Dimension::Duration, life.life)) @if life.own { " " strong { (words.own_life) } }
                            }
                            @for year in &finance.years {
                                td.number { @if let Some(effect) = life.years.get(year) { (money(effect.depreciation)) span.range { (money(effect.operating_income)) } } }
                            }
                        }
                    }
                }
            } }
            p.soft { (words.lives_note) }
        }
    }
}
