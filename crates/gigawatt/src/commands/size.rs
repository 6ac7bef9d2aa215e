//! `gw size`.

use std::process::ExitCode;

use gigawatt_engine::serving::sizing::{Choice, Promise, SizingAsked, fronts, size as search};
use gigawatt_engine::serving::{Request, ServingLaws};
use gigawatt_engine::{AcceleratorHour, Draw, Evaluation};
use gigawatt_plan::plan::{Plan, ServingPlan, Traffic};
use gigawatt_report::Words;
use gigawatt_report::sizing::{Named, SizingSummary};
use serde_json::json;

use super::service::{Variant, alone_plan};
use super::train::known;
use crate::arguments::{ScenarioOptions, SizeOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{file, scenario, size_terminal, terminal};

/// Prints the deployments that serve for the least.
pub fn size(options: &SizeOptions) -> Result<ExitCode, Failure> {
    let plan = match &options.scenario {
        Some(path) => {
            let settings = options.settings.clone();
            let scenario = ScenarioOptions { path: path.clone(), settings, manner: options.manner.clone() };
            scenario::read(&scenario, &options.settings)?
        }
        None => alone_plan(&options.alone, &variants(options), &options.settings, &options.manner)?,
    };
    let names: Vec<&str> = plan.serving.iter().map(|service| service.name.as_str()).collect();
    if names.is_empty() {
        return Err(Failure::BadArgument {
            message: "the scenario has no service".to_owned(),
            help: Some("add [[service]], or describe one with --model".to_owned()),
        });
    }
    known(options.name.as_deref(), "service", "the scenario", &names)?;
    let wanted = |service: &&ServingPlan| options.name.as_ref().is_none_or(|name| service.name == *name);
    let services: Vec<&ServingPlan> = plan.serving.iter().filter(wanted).collect();
    // Those of the command line are one service in several variants.
    let questions: Vec<&[&ServingPlan]> =
        if options.scenario.is_some() { services.chunks(1).collect() } else { vec![&services] };
    let laws = ServingLaws::embedded().map_err(Failure::internal)?;
    let (mut evaluation, values) = (Evaluation::new(&plan), Draw::reference(&plan));
    evaluation.run(&plan, Draw::new(&values));
    let hour = |service: &ServingPlan| evaluation.accelerator_hour(&plan, Draw::new(&values), service);
    let watcher = Watcher::new(options.manner.quiet);
    let mut shown = Vec::new();
    for question in questions {
        shown.push(sized(options, &plan, question, &hour, &laws, &watcher)?);
    }
    drop(watcher);
    if let Some(path) = &options.svg {
        draw(path, &shown)?;
    }
    if options.manner.json {
        terminal::print_json(&json!({ "services": shown }))?;
    } else {
        terminal::print(&size_terminal::shown(&shown, options))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Every combination of what the command line lets choose.
fn variants(options: &SizeOptions) -> Vec<Variant<'_>> {
    fn each(all: &[String]) -> Vec<Option<&str>> {
        if all.is_empty() { vec![None] } else { all.iter().map(|one| Some(one.as_str())).collect() }
    }
    let mut variants = Vec::new();
    for system in &options.system {
        for weights in each(&options.weights) {
            for engine in each(&options.engine) {
                let variant = Variant { system, weights, engine, trace: None };
                if !variants.contains(&variant) {
                    variants.push(variant);
                }
            }
        }
    }
    variants
}

fn sized(
    options: &SizeOptions,
    plan: &Plan,
    services: &[&ServingPlan],
    hour: &dyn Fn(&ServingPlan) -> AcceleratorHour,
    laws: &ServingLaws,
    watcher: &Watcher,
) -> Result<SizingSummary, Failure> {
    let first = services[0];
    let asked = asked(options, plan, first)?;
    let mut choices = Vec::new();
    for service in services {
        let hour = hour(service);
        if !(hour.price.is_finite() && hour.power.is_finite()) {
            return Err(Failure::BadArgument {
                message: format!("what an hour of an accelerator of `{}` costs is not known", service.name),
                help: Some("give hour_price = \"2.5 $/h\"".to_owned()),
            });
        }
        let choice = Choice::new(plan, service, hour, laws, options.largest);
        let mut choice = choice.ok_or_else(|| Failure::BadArgument {
            message: format!("the facts of `{}` make no network", plan.systems[service.system].id),
            help: Some("`gw catalog show` lists them; --set replaces one".to_owned()),
        })?;
        choice.space.arrangements = options.arrangement.into();
        choices.push(choice);
    }
    let found = search(&choices, &asked, laws, watcher)?;
    let fronts = if options.pareto || options.svg.is_some() {
        Some(fronts(&choices, &asked, laws, watcher)?)
    } else {
        None
    };
    let named = Named { name: &first.name, title: &first.title };
    Ok(SizingSummary::new(plan, named, (&choices, &asked), &found, fronts.as_ref()))
}

/// What a service asks, in the reference case.
fn asked(options: &SizeOptions, plan: &Plan, service: &ServingPlan) -> Result<SizingAsked, Failure> {
    let Traffic::Lengths { prompt, output, rate } = &service.traffic else {
        return Err(Failure::BadArgument {
            message: format!(
                "`{}` is asked by a trace, and sizes are for requests of a mean length",
                service.name
            ),
            help: Some("give prompt, output and rate instead".to_owned()),
        });
    };
    let value = |input| plan.input(input).distribution.reference();
    let targets = &service.targets;
    Ok(SizingAsked {
        request: Request { prompt: value(prompt.id()), output: value(output.id()) },
        rate: rate.map(|rate| value(rate.id())),
        promise: Promise {
            first_token: targets.first_token.map(|target| value(target.id())),
            each_token: targets.each_token.map(|target| value(target.id())),
            at: targets.at,
        },
        by: options.by.into(),
        number: options.top,
    })
}

/// Draws the fronts of the one service that is sized.
fn draw(path: &std::path::Path, shown: &[SizingSummary]) -> Result<(), Failure> {
    let [one] = shown else {
        return Err(Failure::BadArgument {
            message: format!("there are {} services to draw", shown.len()),
            help: Some("name one of them".to_owned()),
        });
    };
    let chart = one.chart(&Words::ENGLISH).ok_or_else(|| Failure::BadArgument {
        message: "there is nothing to draw: no design serves a request".to_owned(),
        help: Some("more accelerators, narrower weights, or a longer time to the first token".to_owned()),
    })?;
    file::replace(path, chart.alone(&Words::ENGLISH))
}
