//! What companies reported, by quarter and year.

use jiff::civil::Date;

use crate::period::{Period, Quarter};
use crate::quantity::Dimension;
use crate::text::{Diagnostic, Diagnostics, Field, FieldKind, Fields, Span, Spanned, Table};

/// A figure that companies report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Revenue.
    Revenue,
    /// Total costs and expenses.
    TotalCosts,
    /// Net cash provided by operating activities.
    OperatingCashFlow,
    /// Depreciation and amortisation.
    Depreciation,
    /// Purchases of property and equipment with principal payments on finance leases.
    CapitalExpenditure,
    /// Operating cash flow less capital expenditure.
    FreeCashFlow,
    /// Operating loss of Reality Labs; a loss is positive.
    RealityLabsLoss,
}

impl Figure {
    /// All figures with the key under which they stand.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Revenue, "revenue"),
        (Self::TotalCosts, "total_costs"),
        (Self::OperatingCashFlow, "operating_cash_flow"),
        (Self::Depreciation, "depreciation"),
        (Self::CapitalExpenditure, "capital_expenditure"),
        (Self::FreeCashFlow, "free_cash_flow"),
        (Self::RealityLabsLoss, "reality_labs_loss"),
    ];

    /// The key under which it stands.
    pub fn key(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// What was reported for one quarter or year.
#[derive(Clone, Debug)]
pub struct Figures<T> {
    /// Which quarter or year.
    pub period: T,
    /// The day of the release.
    pub published: Date,
    /// Id of the release in the bibliography.
    pub source: String,
    values: [Option<Spanned<f64>>; Figure::ALL.len()],
    /// Purchases of property and equipment in dollars, where capital expenditure was not found: principal of
    /// finance leases is not in them.
    pub purchases: Option<Spanned<f64>>,
}

impl<T> Figures<T> {
    /// A figure in dollars, if it was reported.
    pub fn get(&self, figure: Figure) -> Option<&Spanned<f64>> {
        self.values[figure as usize].as_ref()
    }
}

/// What a company reported, oldest first.
#[derive(Clone, Debug, Default)]
pub struct CompanyHistory {
    /// By quarter.
    pub quarters: Vec<Figures<Quarter>>,
    /// By year.
    pub years: Vec<Figures<i16>>,
}

const MONEY: FieldKind = FieldKind::Uncertain(Dimension::Money);

const FIELDS: &[Field] = &[
    Field::required("in", FieldKind::Period, "the quarter or year, such as \"2024Q1\""),
    Field::required("published", FieldKind::Date, "the day of the release"),
    Field::required("source", FieldKind::Text, "the release's id in the bibliography"),
    Field::optional("revenue", MONEY, "revenue"),
    Field::optional("total_costs", MONEY, "total costs and expenses"),
    Field::optional("operating_cash_flow", MONEY, "net cash from operating activities"),
    Field::optional("depreciation", MONEY, "depreciation and amortisation"),
    Field::optional("capital_expenditure", MONEY, "capital expenditure with principal of finance leases"),
    Field::optional("purchases", MONEY, "purchases of property and equipment only"),
    Field::optional("free_cash_flow", MONEY, "operating cash flow less capital expenditure"),
    Field::optional("reality_labs_loss", MONEY, "operating loss of Reality Labs, positive"),
];

/// Reads one `[[quarter]]` or `[[year]]` and adds it to the history.
pub(super) fn read_figures(
    history: &mut CompanyHistory,
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) {
    let mut fields = Fields::new("reported figures", table, span, FIELDS, diagnostics);
    let period = fields.period("in");
    let published = fields.date("published");
    let source = fields.text("source");
    let mut values: [Option<Spanned<f64>>; Figure::ALL.len()] = Default::default();
    for (figure, key) in Figure::ALL {
        values[figure as usize] = fields
            .uncertain(key, Dimension::Money)
            .map(|spanned| spanned.map(|written| written.distribution.reference()));
    }
    let purchases = fields
        .uncertain("purchases", Dimension::Money)
        .map(|spanned| spanned.map(|written| written.distribution.reference()));
    let (Some(period), Some(published), Some(source)) = (period, published, source) else { return };
    let (published, source) = (published.value, source.value);
    match whole(period.value) {
        Some(FigurePeriod::Quarter(quarter)) => {
            history.quarters.push(Figures { period: quarter, published, source, values, purchases });
        }
        Some(FigurePeriod::Year(year)) => {
            history.years.push(Figures { period: year, published, source, values, purchases });
        }
        None => diagnostics.push(Diagnostic::error(period.span, "figures are of one quarter or one year")),
    }
}

/// What figures are reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigurePeriod {
    /// One quarter.
    Quarter(Quarter),
    /// One calendar year.
    Year(i16),
}

fn whole(period: Period) -> Option<FigurePeriod> {
    if let Some((first, last)) = period.whole_years()
        && first == last
    {
        return Some(FigurePeriod::Year(first));
    }
    let (first, last) = period.whole_quarters()?;
    (first == last).then_some(FigurePeriod::Quarter(first))
}
