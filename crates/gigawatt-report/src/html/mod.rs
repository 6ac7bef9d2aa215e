//! The report: one HTML file that works offline, in light and dark, and on paper.
//!
//! It loads nothing and runs nothing. The same run gives the same bytes: no time, no machine, no version.

mod backtest;
mod bibliography;
mod cell;
mod claims;
mod comparison;
mod costs;
mod draws;
mod economics;
mod emissions;
mod figure;
mod fleet;
mod grid;
mod grid_seconds;
mod header;
mod inputs;
mod layouts;
mod money;
mod operation;
mod operation_jobs;
mod pipeline;
mod plant;
mod ranking;
mod results;
mod served;
mod site_power;
mod sites;
mod statements;
mod training;
mod view;

use gigawatt_engine::Results;
use gigawatt_engine::fleet::Histories;
use gigawatt_engine::power::grid::Years;
use gigawatt_plan::plan::Plan;
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use comparison::{GENERATOR, comparison, comparison_chart};

use crate::chart::Chart;
use crate::tune::TuningSummary;
use crate::{Summary, Words};
use view::View;

/// The page's style, kept as a file of its own so that editors understand it.
const STYLE: &str = include_str!("style.css");

/// What a report is made of.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its results.
    pub results: &'a Results,
    /// The same as data.
    pub summary: &'a Summary,
    /// The same plan with what was learnt later, to stand beside outcomes.
    pub hindsight: Option<&'a Summary>,
    /// The layouts that were sought for its training runs.
    pub tunings: &'a [TuningSummary],
    /// What its fleet may go through; the summary says what of it is data.
    pub fleet: Option<&'a Histories>,
    /// Its sites as their grids see them; the summary says what of it is data.
    pub power: Option<&'a Years>,
    /// The language.
    pub words: &'a Words,
}

impl<'a> Report<'a> {
    /// A report in English.
    pub fn new(plan: &'a Plan, results: &'a Results, summary: &'a Summary) -> Self {
        Self {
            plan,
            results,
            summary,
            hindsight: None,
            tunings: &[],
            fleet: None,
            power: None,
            words: &Words::ENGLISH,
        }
    }

    fn view(&self) -> View<'a> {
        let beside = (self.hindsight, self.tunings, self.fleet, self.power);
        View::new((self.plan, self.results, self.summary), beside, self.words)
    }

    /// The whole report as one HTML document.
    pub fn page(&self) -> String {
        page(&self.view())
    }

    /// Every chart as data, in the order of the page.
    pub fn charts(&self) -> Vec<Chart> {
        let view = self.view();
        let mut charts = claims::charts(&view);
        charts.push(fleet::chart(&view));
        charts.extend(operation::charts(&view));
        charts.extend(served::charts(&view));
        charts.extend(ranking::charts(&view));
        charts.extend(money::charts(&view));
        charts.extend(costs::chart(&view));
        charts.extend(site_power::chart(&view));
        charts.extend(grid::charts(&view));
        charts.extend(plant::charts(&view));
        charts.extend(emissions::charts(&view));
        charts.extend(training::charts(&view));
        charts.extend(layouts::charts(&view));
        charts.extend(backtest::charts(&view));
        charts.extend(draws::charts(&view));
        charts
    }

    /// Every chart as a Vega-Lite specification, under the name of its file in the folder of a run.
    pub fn specifications(&self) -> Vec<(String, String)> {
        let text = |chart: &Chart| {
            let mut text = serde_json::to_string_pretty(&chart.vega_lite(self.words)).unwrap_or_default();
            text.push('\n');
            (chart.file(), text)
        };
        self.charts().iter().map(text).collect()
    }
}

/// The report of a run in English.
pub fn report(plan: &Plan, results: &Results, summary: &Summary) -> String {
    Report::new(plan, results, summary).page()
}

fn page(view: &View<'_>) -> String {
    let words = view.words;
    let sections: Vec<(&str, &str, Markup)> = [
        ("claims", words.claims, claims::claims(view)),
        ("fleet", words.fleet, Some(fleet::fleet(view))),
        ("operation", words.operation, operation::operation(view)),
        ("served", words.served, served::served(view)),
        ("ranking", words.ranking, ranking::ranking(view)),
        ("economics", words.economics, economics::economics(view)),
        ("sites", words.sites, sites::sites(view)),
        ("power", words.power_section, grid::power(view)),
        ("cooling", words.cooling_section, plant::cooling(view)),
        ("water", words.water_section, plant::water(view)),
        ("carbon", words.carbon_section, emissions::carbon(view)),
        ("money", words.money, money::money(view)),
        ("statements", words.statements, statements::statements(view)),
        ("costs", words.costs, costs::costs(view)),
        ("training", words.training, training::training(view)),
        ("layouts", words.layouts, layouts::layouts(view)),
        ("outcomes", words.outcomes, backtest::backtest(view)),
        ("sensitivity", words.sensitivity, draws::sensitivity(view)),
        ("exceedance", words.exceedance, draws::exceedance(view)),
        ("convergence", words.convergence, draws::convergence(view)),
        ("results", words.results, results::results(view)),
        ("inputs", words.inputs, Some(inputs::inputs(view))),
        ("sources", words.sources, bibliography::bibliography(view)),
    ]
    .into_iter()
    .filter_map(|(anchor, name, section)| Some((anchor, name, section?)))
    .collect();
    let names: Vec<(&str, &str)> = sections.iter().map(|(anchor, name, _)| (*anchor, *name)).collect();
    let body = html! {
        (header::header(view, &names))
        main {
            @for (anchor, name, section) in &sections {
                section id=(anchor) { h2 { (name) } (section) }
            }
        }
        footer { p { (words.footer) } }
    };
    let beside = view.hindsight.map(|beside| beside_mark(&beside.run)).unwrap_or_default();
    let body = html! { (PreEscaped(beside)) (body) };
    document(words, "gw run", &view.summary.name, &body)
}

/// What marks the report of a run that has another beside it.
pub fn beside_mark(run: &str) -> String {
    format!("<!-- beside {run} -->")
}

/// A page of its own with the style of all pages.
pub(crate) fn document(words: &Words, generator: &str, title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(words.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(generator);
                title { (title) " – gigawatt" }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}
