//! Values in cells of tables.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use crate::number::{range, shown, spread};
use crate::{DistributionSummary, Value, Words};

/// A median with its spread beneath.
pub fn cell(dimension: Dimension, value: Option<&Value>) -> Markup {
    html! { td.number { @if let Some(value) = value { (median_over_spread(dimension, value)) } } }
}

/// A median with its spread beneath, without the cell.
pub fn median_over_spread(dimension: Dimension, value: &Value) -> Markup {
    html! {
        (shown(dimension, value.p50))
        @if let Some(spread) = spread(dimension, value) { span.range { (spread) } }
    }
}

/// An input's value or spread.
pub fn distribution(words: &Words, dimension: Dimension, distribution: &DistributionSummary) -> Markup {
    match *distribution {
        DistributionSummary::Constant { value } => html! { (format_quantity(dimension, value)) },
        DistributionSummary::Triangle { low, mode, high } => html! {
            (range(dimension, low, high)) span.range { (words.most_likely) " " (format_quantity(dimension, mode)) }
        },
        DistributionSummary::Quantiles { p10, p50, p90 } => html! {
            (range(dimension, p10, p90)) span.range { (words.spread) ", " (words.median) " " (format_quantity(dimension, p50)) }
        },
    }
}
