//! Values in cells of tables.

use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use crate::number::{range, shown, spread};
use crate::{Value, Words};

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
pub fn distribution(words: &Words, dimension: Dimension, distribution: Distribution) -> Markup {
    let shown = |value| format_quantity(dimension, value);
    let (p10, p90) = distribution.central();
    let tails = || {
        html! {
            (range(dimension, p10, p90))
            span.range { (words.spread) ", " (words.median) " " (shown(distribution.reference())) }
        }
    };
    match distribution {
        Distribution::Constant { value } => html! { (shown(value)) },
        Distribution::Triangle { low, mode, high } => html! {
            (range(dimension, low, high)) span.range { (words.most_likely) " " (shown(mode)) }
        },
        Distribution::Uniform { low, high } => html! {
            (range(dimension, low, high)) span.range { (words.uniform) }
        },
        Distribution::Quantiles { .. } => tails(),
        Distribution::Normal { low, high, .. } | Distribution::Lognormal { low, high, .. } => html! {
            (tails())
            @if let Some(low) = low { span.range { (words.at_least) " " (shown(low)) } }
            @if let Some(high) = high { span.range { (words.at_most) " " (shown(high)) } }
        },
    }
}
