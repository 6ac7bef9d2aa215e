//! Unit economics: what each use of the fleet takes, what a unit costs, and what breaks first as it grows.

use gigawatt_plan::quantity::{Dimension, format_quantity, format_significant};
use maud::{Markup, html};

use super::view::View;
use crate::Words;
use crate::economics::{GrowthLimit, Limit, Unit, UseEconomics};
use crate::number::{shown, signed};

/// The section; nothing where no use of the fleet is computed.
pub fn economics(view: &View<'_>) -> Option<Markup> {
    let (words, uses) = (view.words, &view.summary.economics);
    (!uses.is_empty()).then(|| {
        html! {
            p.lede { (words.economics_lead_of(&view.summary.year.to_string())) }
            (takes(words, uses.values()))
            (units(words, uses.values()))
            (limits(words, uses.values()))
        }
    })
}

fn takes<'a>(words: &Words, uses: impl Iterator<Item = &'a UseEconomics>) -> Markup {
    let columns = [
        words.economics_accelerators,
        words.economics_share,
        words.power,
        words.economics_cost,
        words.economics_margin,
    ];
    html! {
        div.scroll { table.wrap {
            thead { tr { th { (words.economics_use) } @for name in columns { th.number { (name) } } } }
            tbody { @for one in uses { tr {
                th scope="row" { (one.title) }
                td.number { (shown(Dimension::Count, Some(one.accelerators))) }
                td.number { (shown(Dimension::Ratio, one.accelerator_share)) }
                td.number { (shown(Dimension::Power, Some(one.power))) }
                td.number { (shown(Dimension::Money, one.cost)) }
                td.number { (one.margin.map_or_else(|| "–".to_owned(), |margin| signed(Dimension::Points, margin))) }
            } } }
        } }
    }
}

fn units<'a>(words: &Words, uses: impl Iterator<Item = &'a UseEconomics>) -> Markup {
    let name = |unit: Unit| match unit {
        Unit::MillionTokens => words.unit_million_tokens,
        Unit::MillionOutputTokens => words.unit_million_output_tokens,
        Unit::UserMonth => words.unit_user_month,
        Unit::MergedChange => words.unit_merged_change,
        Unit::MergedChangeComputing => words.unit_merged_change_computing,
        Unit::ThousandAds => words.unit_thousand_ads,
    };
    html! {
        h3 { (words.economics_units) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.economics_use) }
                th { (words.economics_unit) }
                th.number { (words.economics_unit_cost) }
                th.number { (words.economics_against) }
                th.number { (words.economics_per_hour) }
            } }
            tbody { @for one in uses { @for unit in &one.units { tr {
                th scope="row" { (one.title) }
                td { (name(unit.unit)) }
                td.number { (format_quantity(Dimension::Money, unit.cost)) }
                td.number { (shown(Dimension::Money, unit.against)) }
                td.number { (shown(Dimension::Count, unit.per_accelerator_hour)) }
            } } } }
        } }
    }
}

fn limits<'a>(words: &Words, uses: impl Iterator<Item = &'a UseEconomics>) -> Markup {
    let name = |limit: Limit| match limit {
        Limit::Replicas => words.limit_replicas,
        Limit::Accelerators => words.limit_accelerators,
        Limit::Power => words.limit_power,
        Limit::OperatingIncome => words.limit_operating_income,
    };
    let factor = |limit: &GrowthLimit| format!("{} ×", format_significant(limit.factor));
    html! {
        h3 { (words.economics_limits) }
        p { (words.economics_limits_lead) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.economics_use) }
                th { (words.economics_limit) }
                th.number { (words.economics_factor) }
            } }
            tbody { @for one in uses { @for limit in &one.limits { tr {
                th scope="row" { (one.title) }
                td { (name(limit.limit)) }
                td.number { (factor(limit)) }
            } } } }
        } }
    }
}
