//! Tables of what lies within seconds: what smooths swings and what it costs, and the loss of feeds.

use gigawatt_plan::quantity::{Dimension, format_quantity};
use maud::{Markup, html};

use super::grid::Standing;
use super::view::View;
use crate::Words;
use crate::power::{FeedLossSummary, SwingsSummary, measure_name};

/// Both tables of a site.
pub(super) fn tables(view: &View<'_>, one: &Standing<'_>) -> Markup {
    let words = view.words;
    html! {
        @if let Some(swings) = &one.summary.swings { (measures(words, one, swings)) }
        (losses(words, one))
    }
}

fn watts(value: f64) -> String {
    format_quantity(Dimension::Power, value)
}

/// Money, or a dash where there is none.
fn money(value: f64) -> String {
    if value > 0.0 { format_quantity(Dimension::Money, value) } else { "–".to_owned() }
}

fn measures(words: &Words, one: &Standing<'_>, swings: &SwingsSummary) -> Markup {
    let limits = &one.summary.limits;
    let judged = |value: f64, keeps: bool| html! { td.number { span class=(if keeps { "yes" } else { "no" }) { (watts(value)) @if !keeps { " !" } } } };
    let kinds = one.year.study.swings.iter().flat_map(|swings| &swings.measures);
    html! {
        h3 { (words.power_measures_table) }
        p.soft {
            @if swings.assumed { (words.power_assumed) } @else { (words.power_known(swings.jobs.len())) }
            " " (words.power_limits(&watts(limits.range), &watts(limits.band), &watts(limits.ramp)))
        }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.power_measure) } th.number { (words.power_swing) } th.number { (words.power_band) } th.number { (words.power_stop) }
                th.number { (words.power_takes) } th.number { (words.power_energy_cost) } th.number { (words.power_bought) }
                th.number { (words.power_slowdown) } th.number { (words.power_work_cost) }
            } }
            tbody {
                @for (measure, of) in swings.measures.iter().zip(kinds) {
                    tr {
                        th scope="row" { (measure_name(words, of.kind)) }
                        (judged(measure.left.peak_to_peak, measure.keeps.range))
                        (judged(measure.left.band, measure.keeps.band))
                        (judged(measure.stop, measure.keeps.ramp))
                        td.number { (watts(measure.power)) }
                        td.number { (money(measure.energy_cost)) }
                        td.number { (money(measure.capital)) }
                        td.number { (format_quantity(Dimension::Ratio, measure.slowdown)) }
                        td.number { (money(measure.work_cost)) }
                    }
                }
            }
        } }
    }
}

fn losses(words: &Words, one: &Standing<'_>) -> Markup {
    let time = |seconds: f64| format_quantity(Dimension::Duration, seconds);
    let row = |name: &str, of: &FeedLossSummary| {
        html! {
            tr {
                th scope="row" { (name) }
                td.number { (watts(of.left)) }
                td.number { (watts(of.racks)) }
                td.number { (of.carried_after.map_or_else(|| words.power_never.to_owned(), time)) }
                td.number { (format_quantity(Dimension::Energy, of.battery)) }
                td.number { (of.empty_after.map_or_else(|| words.power_lasts.to_owned(), time)) }
                td.number { (watts(of.unserved)) }
                td.number { (watts(of.shed)) }
            }
        }
    };
    html! {
        h3 { (words.power_losses_table) }
        div.scroll { table.wrap {
            thead { tr {
                th { (words.power_lost) } th.number { (words.power_rest) } th.number { (words.power_racks) } th.number { (words.power_carried) }
                th.number { (words.power_battery_gives) } th.number { (words.power_empty) } th.number { (words.power_unserved) } th.number { (words.power_shed) }
            } }
            tbody {
                (row(words.power_one_feed, &one.summary.one_feed_lost))
                (row(words.power_all_feeds, &one.summary.all_feeds_lost))
            }
        } }
    }
}
