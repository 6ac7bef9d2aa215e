//! Money by quarter and by year.

use gigawatt_plan::period::{Period, Quarter};
use gigawatt_plan::plan::{FinanceIds, ResultId};
use gigawatt_plan::quantity::Dimension;
use maud::{Markup, html};

use super::figure::figure;
use super::view::{View, ends, interval};
use crate::chart::{Across, Body, Chart, Datum, Finest, Layer, Panel, Plane, Shape, Style};
use crate::number::is_certain;

/// The section; nothing without a company.
pub fn money(view: &View<'_>) -> Option<Markup> {
    view.plan.vocabulary.finance.as_ref()?;
    let words = view.words;
    Some(html! {
        p.lede { (words.money_lead) }
        @for (account, several) in accounts(view) {
            @if let (true, Some(name)) = (several, &account.name) { h3.company { (name) } }
            @if let Some(chart) = by_quarter(view, &account) { (figure(words, &chart, words.money_caption)) }
            @if let Some(chart) = by_year(view, &account) { (figure(words, &chart, "")) }
        }
    })
}

/// Every chart of the section.
pub fn charts(view: &View<'_>) -> Vec<Chart> {
    let accounts = accounts(view);
    let both = accounts.iter().flat_map(|(account, _)| [by_quarter(view, account), by_year(view, account)]);
    both.flatten().collect()
}

/// Accounts of all companies together or of one of several.
pub struct Account<'a> {
    /// The company, where there are several.
    pub name: Option<&'a str>,
    /// What stands behind names of charts.
    suffix: String,
    pub ids: &'a FinanceIds,
}

impl Account<'_> {
    fn titled(&self, title: &str) -> String {
        self.name.map_or_else(|| title.to_owned(), |name| format!("{name}: {title}"))
    }
}

/// The accounts of all together, then of each of several companies; and whether there are several.
pub fn accounts<'a>(view: &View<'a>) -> Vec<(Account<'a>, bool)> {
    let vocabulary = &view.plan.vocabulary;
    let Some(all) = &vocabulary.finance else { return Vec::new() };
    let several = vocabulary.companies.len() > 1;
    let whole = Account { name: None, suffix: String::new(), ids: all };
    let each =
        view.plan.companies.iter().zip(&vocabulary.companies).filter(|_| several).map(|(company, ids)| {
            Account {
                name: Some(company.title.as_str()),
                suffix: format!("-{}", company.name),
                ids: &ids.finance,
            }
        });
    std::iter::once(whole).chain(each).map(|account| (account, several)).collect()
}

/// The parts of capital expenditure, from the axis outwards.
fn parts(view: &View<'_>, ids: &FinanceIds) -> [(ResultId, &'static str, &'static str); 4] {
    [
        (ids.capex_hardware, "f1", view.words.ai_hardware),
        (ids.capex_halls, "f2", view.words.ai_halls),
        (ids.capex_leases, "f4", view.words.lease_principal),
        (ids.capex_other, "f8", view.words.outside_ai),
    ]
}

fn by_quarter(view: &View<'_>, account: &Account<'_>) -> Option<Chart> {
    let (words, ids) = (view.words, account.ids);
    let quarters: Vec<Quarter> =
        view.quarters().filter(|quarter| view.of_quarter(ids.capex, *quarter).is_some()).collect();
    let (first, last) = (quarters.first()?, quarters.last()?);
    let median = |id: ResultId, quarter: Quarter| view.of_quarter(id, quarter).and_then(|value| value.p50);
    let values = |id: ResultId| -> Vec<Datum> {
        let value =
            |quarter: &Quarter| Some(Datum::over(ends(Period::quarter(*quarter)), median(id, *quarter)?));
        quarters.iter().filter_map(value).collect()
    };
    let known = |id: ResultId| -> Vec<Datum> {
        let value = |quarter: &Quarter| {
            let outcome = view.outcome(id, &quarter.to_string())?;
            Some(Datum::over(ends(Period::quarter(*quarter)), outcome))
        };
        quarters.iter().filter_map(value).collect()
    };
    let stack = parts(view, ids).map(|(id, fill, name)| {
        let data: Vec<Datum> = quarters
            .iter()
            .map(|quarter| Datum::over(ends(Period::quarter(*quarter)), median(id, *quarter).unwrap_or(0.0)))
            .collect();
        Layer::new(name, Style::Fill(fill), Shape::StackedBar, data)
    });
    let whole = quarters
        .iter()
        .filter_map(|quarter| interval(Period::quarter(*quarter), view.of_quarter(ids.capex, *quarter)?));
    let mut layers: Vec<Layer> =
        stack.into_iter().filter(|layer| layer.data.iter().any(|datum| datum.value != 0.0)).collect();
    let spread = format!("{}, {}", words.capex, words.spread);
    layers.extend([
        Layer::new(&spread, Style::Whisker, Shape::Whisker, whole.collect()),
        Layer::new(
            words.operating_cash_flow,
            Style::Line("t3"),
            Shape::DottedLine,
            values(ids.operating_cash_flow),
        ),
        Layer::new(words.outcome_cash, Style::HollowDiamond, Shape::Sign, known(ids.operating_cash_flow)),
        Layer::new(words.outcome_capex, Style::Diamond, Shape::Sign, known(ids.capex)),
    ]);
    let stops = quarters.iter().map(|quarter| {
        let (from, to) = ends(Period::quarter(*quarter));
        (from, to, quarter.to_string())
    });
    let plane = Plane {
        across: Across::Time {
            period: Period { start: first.start(), end: last.end() },
            finest: Finest::Quarters,
        },
        panels: vec![Panel::new(words.per_quarter, Dimension::Money, (300.0, 240.0), layers)],
        stops: stops.collect(),
        divider: divider(view, ids, &quarters),
    };
    Some(Chart {
        name: format!("money-by-quarter{}", account.suffix),
        title: account.titled(words.by_quarter),
        description: words.money_lead.to_owned(),
        body: Body::Plane(plane),
    })
}

/// The line between what was reported and what is forecast.
fn divider(view: &View<'_>, ids: &FinanceIds, quarters: &[Quarter]) -> Option<(f64, String, String)> {
    let certain = |quarter: &&Quarter| {
        view.of_quarter(ids.capex, **quarter).is_some_and(|value| is_certain(Dimension::Money, value))
    };
    let reported = quarters.iter().take_while(certain).count();
    let at = quarters.get(reported).filter(|_| reported > 0)?.start().days();
    Some((at, view.words.reported.to_owned(), view.words.forecast.to_owned()))
}

fn by_year(view: &View<'_>, account: &Account<'_>) -> Option<Chart> {
    let (words, ids) = (view.words, account.ids);
    let yearly = |id: ResultId, year: i16| view.of_year(view.path(id), year);
    let years: Vec<i16> =
        view.years.iter().copied().filter(|year| yearly(ids.capex, *year).is_some()).collect();
    let (first, last) = (*years.first()?, *years.last()?);
    let lines = [(ids.capex, "f1", words.capex), (ids.free_cash_flow, "f3", words.free_cash_flow)];
    let mut layers = Vec::new();
    for (slot, (id, fill, name)) in (0..).zip(lines) {
        let (mut bars, mut spreads, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for year in &years {
            let period = Period::year(*year);
            let Some(value) = yearly(id, *year) else { continue };
            bars.extend(value.p50.map(|median| Datum::over(ends(period), median)));
            spreads.extend(interval(period, value));
            known.extend(
                view.outcome(id, &year.to_string()).map(|outcome| Datum::over(ends(period), outcome)),
            );
        }
        layers.push(Layer::new(name, Style::Fill(fill), Shape::Bar, bars).in_slot((slot, 2)));
        layers.push(Layer::new(words.spread, Style::Whisker, Shape::Whisker, spreads).in_slot((slot, 2)));
        layers.push(Layer::new(words.outcome, Style::Diamond, Shape::Sign, known).in_slot((slot, 2)));
    }
    let stops = years.iter().map(|year| {
        let (from, to) = ends(Period::year(*year));
        (from, to, year.to_string())
    });
    let plane = Plane {
        across: Across::Time {
            period: Period { start: Period::year(first).start, end: Period::year(last).end },
            finest: Finest::Years,
        },
        panels: vec![Panel::new(words.per_year, Dimension::Money, (230.0, 200.0), layers)],
        stops: stops.collect(),
        divider: None,
    };
    Some(Chart {
        name: format!("money-by-year{}", account.suffix),
        title: account.titled(words.by_year),
        description: words.money_lead.to_owned(),
        body: Body::Plane(plane),
    })
}
