//! The money of a run in the terminal.

use anstyle::Style;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_range};
use gigawatt_report::finance::{
    Backtest, BacktestRow, CompanyStatements, FinanceSummary, LifeSummary, Line, PurchaseSummary, Section,
};
use gigawatt_report::{Summary, Value};

use crate::terminal::{columns, title};

/// Everything that `gw finance` shows.
pub fn finance(summary: &Summary, finance: &FinanceSummary, beside: Option<&Summary>) -> String {
    let mut text = title(summary).trim_end().to_owned();
    text.push('\n');
    for company in &finance.companies {
        text.push_str(&statements(company, &finance.years));
        text.push_str(&appraisal(company));
    }
    text.push_str(&purchases(&finance.purchases));
    text.push_str(&lives(&finance.lives, &finance.years));
    text.push_str(&backtest(&finance.backtest, beside));
    text
}

fn heading(words: &str) -> String {
    let bold = Style::new().bold();
    format!("\n{bold}{words}{bold:#}\n")
}

/// The unit of a company's statements, which are read down their columns.
#[derive(Clone, Copy)]
struct Unit {
    dollars: f64,
    name: &'static str,
}

impl Unit {
    /// Billions for a company whose largest line has at least five of them, else millions.
    fn of(company: &CompanyStatements) -> Self {
        let medians =
            company.lines.iter().flat_map(|line| line.values.values()).filter_map(|value| value.p50);
        Self::of_largest(medians.fold(0.0_f64, |largest, median| largest.max(median.abs())))
    }

    fn of_largest(largest: f64) -> Self {
        if largest < 5e9 { Self { dollars: 1e6, name: "M$" } } else { Self { dollars: 1e9, name: "B$" } }
    }

    /// With one decimal.
    fn shown(self, value: f64) -> String {
        let shown = format!("{:.1}", value / self.dollars);
        if shown == "-0.0" { "0.0".to_owned() } else { shown }
    }
}

/// The median, and below it p10 and p90 where they differ.
fn cell(unit: Unit, value: Option<&Value>) -> String {
    let Some(Value { p10: Some(p10), p50: Some(p50), p90: Some(p90), .. }) = value.copied() else {
        return String::new();
    };
    let (low, middle, high) = (unit.shown(p10), unit.shown(p50), unit.shown(p90));
    if low == high { middle } else { format!("{middle}\n{low} – {high}") }
}

fn statements(company: &CompanyStatements, years: &[i16]) -> String {
    let mut text = String::new();
    let unit = Unit::of(company);
    let header: Vec<String> =
        std::iter::once(String::new()).chain(years.iter().map(ToString::to_string)).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    for section in [Section::Income, Section::CashFlow, Section::Depreciation, Section::Position] {
        let lines: Vec<&Line> = company.lines.iter().filter(|line| line.section == section).collect();
        if lines.is_empty() {
            continue;
        }
        text.push_str(&heading(&format!(
            "{}: {}, {} (p50, below it p10 – p90)",
            company.title,
            section.title(),
            unit.name
        )));
        text.push_str(&columns(&header, rows(unit, &lines, years)));
    }
    let contracts: Vec<Vec<String>> = company
        .funding
        .iter()
        .flat_map(|contract| rows(unit, &contract.lines.iter().collect::<Vec<_>>(), years))
        .collect();
    if !contracts.is_empty() {
        text.push_str(&heading(&format!("{}: contracts, {}", company.title, unit.name)));
        text.push_str(&columns(&header, contracts));
    }
    if !company.investors.is_empty() {
        text.push_str(&heading(&format!(
            "{}: promised money at the end of the year, {}",
            company.title, unit.name
        )));
        text.push_str(&columns(&header, rows(unit, &company.investors.iter().collect::<Vec<_>>(), years)));
    }
    text
}

fn rows(unit: Unit, lines: &[&Line], years: &[i16]) -> Vec<Vec<String>> {
    let name = |line: &Line| if line.total { line.title.clone() } else { format!("  {}", line.title) };
    lines
        .iter()
        .map(|line| {
            std::iter::once(name(line))
                .chain(years.iter().map(|year| cell(unit, line.values.get(year))))
                .collect()
        })
        .collect()
}

fn shown(dimension: Dimension, value: &Value) -> String {
    let (Some(p10), Some(p50), Some(p90)) = (value.p10, value.p50, value.p90) else {
        return "–".to_owned();
    };
    let (middle, range) = (format_quantity(dimension, p50), format_range(dimension, p10, p90));
    if range.is_empty() { middle } else { format!("{middle} ({range})") }
}

fn appraisal(company: &CompanyStatements) -> String {
    let rows: Vec<Vec<String>> = [
        ("cost of capital, after tax", Dimension::Ratio, &company.capital_cost),
        (
            "net present value of the AI build-out at market rent",
            Dimension::Money,
            &company.net_present_value,
        ),
        ("internal rate of return", Dimension::Ratio, &company.internal_rate_of_return),
    ]
    .into_iter()
    .filter_map(|(name, dimension, value)| {
        let value = value.as_ref().filter(|value| value.p50.is_some())?;
        Some(vec![name.to_owned(), shown(dimension, value)])
    })
    .collect();
    heading(&format!("{}: what it is worth", company.title)) + &columns(&[], rows)
}

fn purchases(purchases: &[PurchaseSummary]) -> String {
    if purchases.is_empty() {
        return String::new();
    }
    let mut header = vec!["purchase"];
    header.extend(PurchaseSummary::COLUMNS.map(|(name, _)| name));
    header.insert(3, "market rent");
    let rows = purchases
        .iter()
        .map(|purchase| {
            let mut row = vec![purchase.name.clone()];
            let values = PurchaseSummary::COLUMNS.into_iter().zip(purchase.values());
            row.extend(values.map(|((_, dimension), value)| two_lines(dimension, value)));
            row.insert(3, format_quantity(Dimension::HourlyPrice, purchase.market_rent));
            row
        })
        .collect();
    heading("What an accelerator costs (p50, below it p10 – p90)")
        + &columns(&header, rows)
        + "market rent: that of an H100 on the scenario's date, in proportion to dense BF16 rate\n"
}

fn two_lines(dimension: Dimension, value: &Value) -> String {
    let (Some(p10), Some(p50), Some(p90)) = (value.p10, value.p50, value.p90) else {
        return "–".to_owned();
    };
    let (middle, range) = (format_quantity(dimension, p50), format_range(dimension, p10, p90));
    if range.is_empty() { middle } else { format!("{middle}\n{range}") }
}

fn lives(lives: &[LifeSummary], years: &[i16]) -> String {
    let mut text = String::new();
    let mut rest = lives;
    while let Some(first) = rest.first() {
        let (of_company, others) =
            rest.split_at(rest.iter().take_while(|life| life.company == first.company).count());
        rest = others;
        let effects = of_company.iter().flat_map(|life| life.years.values());
        let largest = effects.fold(0.0_f64, |largest, effect| largest.max(effect.operating_income.abs()));
        let unit = Unit::of_largest(largest);
        let header: Vec<String> =
            std::iter::once("life".to_owned()).chain(years.iter().map(ToString::to_string)).collect();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let rows = of_company
            .iter()
            .map(|life| {
                let name = format!(
                    "{}{}",
                    format_quantity(Dimension::Duration, life.life),
                    if life.own { " (the plan's)" } else { "" }
                );
                let years = years.iter().map(|year| {
                    life.years.get(year).map_or(String::new(), |effect| {
                        format!(
                            "{}\n{}",
                            unit.shown(effect.depreciation),
                            unit.shown(effect.operating_income)
                        )
                    })
                });
                std::iter::once(name).chain(years).collect()
            })
            .collect();
        text.push_str(&heading(&format!(
            "{}: if servers lived so long from now on: depreciation, below it operating income, {}, reference case",
            first.title, unit.name
        )));
        text.push_str(&columns(&header, rows));
    }
    text
}

fn backtest(backtest: &Backtest, beside: Option<&Summary>) -> String {
    if backtest.rows.is_empty() {
        return String::new();
    }
    let mut header = vec!["", "quarter", "forecast p50", "p10 – p90", "outcome", "published", ""];
    if let Some(beside) = beside {
        header.push(&beside.name);
    }
    let rows = backtest
        .rows
        .iter()
        .map(|row| {
            let mut cells = backtest_row(row);
            if beside.is_some() {
                cells.push(row.beside.map_or(String::new(), |value| shown(row.dimension, &value)));
            }
            cells
        })
        .collect();
    let mut text = heading("The forecast beside the outcome") + &columns(&header, rows);
    text.push_str(&format!(
        "\n{} of {} outcomes lie between p10 and p90; a forecast whose ranges are right has eight in ten there\n",
        backtest.inside, backtest.known
    ));
    text
}

fn backtest_row(row: &BacktestRow) -> Vec<String> {
    let value = |number: Option<f64>| {
        number.map_or_else(String::new, |number| format_quantity(row.dimension, number))
    };
    let range = row.forecast.p10.zip(row.forecast.p90).filter(|(low, high)| low != high);
    let (outcome, published) = match &row.outcome {
        Some(known) => (value(Some(known.value)), known.published.to_string()),
        None => ("not published".to_owned(), String::new()),
    };
    let verdict = match (row.inside, &row.outcome) {
        (Some(true), _) => "inside",
        (Some(false), Some(known)) if row.forecast.p90.is_some_and(|high| known.value > high) => "above",
        (Some(false), _) => "below",
        (None, _) => "",
    };
    vec![
        row.title.clone(),
        row.quarter.clone(),
        value(row.forecast.p50),
        range.map_or_else(String::new, |(low, high)| format_range(row.dimension, low, high)),
        outcome,
        published,
        verdict.to_owned(),
    ]
}
