//! Services that the command line describes.

use std::fmt::Write;

use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::{Dimension, parse_quantity};

use crate::arguments::{Rate, RunManner, ServiceAlone};
use crate::failure::Failure;
use crate::{scenario, typed};

/// What may differ between the services of one command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variant<'a> {
    /// The system.
    pub system: &'a str,
    /// Number format of the weights.
    pub weights: Option<&'a str>,
    /// The engine.
    pub engine: Option<&'a str>,
    /// A file of requests, in place of lengths and a rate.
    pub trace: Option<&'a str>,
}

/// The plan of the services that the command line describes: a scenario is written and read, so that what is wrong with it
/// is told as in any other.
pub(super) fn alone_plan(
    service: &ServiceAlone,
    variants: &[Variant<'_>],
    settings: &[String],
    manner: &RunManner,
) -> Result<Plan, Failure> {
    let read = |variants: &[Variant<'_>]| typed::resolved(written(service, variants), settings, manner);
    let resolved = read(variants)?;
    if resolved.plan.is_none() && variants.len() > 1 {
        // What is wrong with all of them is told of one.
        let first = read(&variants[..1])?;
        if first.plan.is_none() {
            return scenario::plan_of(first, manner.quiet);
        }
    }
    scenario::plan_of(resolved, manner.quiet)
}

/// The scenario of services alone.
fn written(service: &ServiceAlone, variants: &[Variant<'_>]) -> String {
    let day = typed::today();
    let year = day.year().clamp(1990, 2100);
    let mut scenario =
        format!("name = \"service\"\nas_of = {day}\nperiod = {{ from = {year}-01-01, to = {year}-12-31 }}\n");
    for (index, variant) in variants.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(scenario, "\n[[service]]\nname = \"run{}\"\n", suffix(index));
        one(&mut scenario, service, variant);
    }
    scenario
}

/// The first is called `run`, as with other commands.
fn suffix(index: usize) -> String {
    if index == 0 { String::new() } else { format!("-{}", index + 1) }
}

fn one(scenario: &mut String, service: &ServiceAlone, variant: &Variant<'_>) {
    let text = typed::text;
    let mut line = |key: &str, value: String| {
        let _ = writeln!(scenario, "{key} = {value}");
    };
    line("system", text(variant.system));
    let words = [
        ("model", service.model.as_deref()),
        ("weights", variant.weights),
        ("engine", variant.engine),
        ("trace", variant.trace),
        ("engine_version", service.engine_version.as_deref()),
        ("cache", service.cache_format.as_deref()),
        ("prompt", service.prompt.as_deref()),
        ("output", service.output.as_deref()),
        ("target_first_token", service.ttft.as_deref()),
        ("target_each_token", service.tpot.as_deref()),
        ("target_at", service.target_at.as_deref()),
        ("acceptance", service.acceptance.as_deref()),
        ("hour_price", service.hour_price.as_deref()),
    ];
    for (key, value) in words {
        if let Some(value) = value {
            line(key, text(value));
        }
    }
    let numbers = [
        ("tensor", service.tensor),
        ("data", service.data),
        ("expert", service.expert),
        ("pipeline", service.pipeline),
        ("token_budget", service.token_budget),
        ("most_sequences", service.most_sequences),
        ("guessed", service.guessed),
    ];
    for (key, value) in numbers {
        if let Some(value) = value {
            line(key, value.to_string());
        }
    }
    if let Some(requests) = requests(service) {
        line("rate", text(&format!("{requests} request/s")));
    }
}

/// The requests that come in a second; none where answers have no length, which is told.
fn requests(service: &ServiceAlone) -> Option<f64> {
    match service.rate? {
        Rate::Requests(requests) => Some(requests),
        Rate::Tokens(tokens) => {
            let output = parse_quantity(Dimension::Count, service.output.as_deref()?).ok()?;
            (output > 0.0).then_some(tokens / output)
        }
    }
}
