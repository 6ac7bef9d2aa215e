//! `gw train`.

use std::fmt::Write;
use std::process::ExitCode;

use gigawatt_engine::training::scaling::{Optimum, ScalingCoefficients};
use gigawatt_engine::training::sizing::{self, Sized};
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::Duration;
use gigawatt_plan::text::nearest;
use gigawatt_report::Summary;
use gigawatt_report::trace::trace;
use gigawatt_report::training::{RunSummary, courses, runs};
use serde_json::json;

use crate::arguments::{RunAlone, RunManner, ScenarioOptions, TrainOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{file, scenario, terminal, train_terminal, typed};

/// Tokens of a step unless the command line says otherwise: those of the largest published run.
pub(super) const BATCH_TOKENS: u64 = 16_777_216;
/// Tokens of a sequence likewise.
pub(super) const SEQUENCE: u64 = 8192;
/// Years that a run of the command line is planned for.
pub(super) const YEARS: i16 = 20;
/// Name of the run of the command line.
const ALONE: &str = "run";

/// A run with the sizes that were asked for.
pub struct Shown {
    /// The run.
    pub run: RunSummary,
    /// The smallest that ends by the day, if one was named.
    pub for_date: Option<Option<Sized>>,
    /// The largest that the money pays for, if some was named.
    pub for_budget: Option<Option<Sized>>,
}

/// Prints what training runs take.
pub fn train(options: &TrainOptions) -> Result<ExitCode, Failure> {
    let scaling = options.scaling.map(best).transpose()?;
    let plan = match (&options.scenario, options.alone.is_described()) {
        (Some(path), _) => {
            let settings = options.settings.clone();
            let scenario = ScenarioOptions { path: path.clone(), settings, manner: options.manner.clone() };
            Some(scenario::read(&scenario, &options.settings)?)
        }
        (None, true) => Some(alone_plan(&options.alone, &options.settings, &options.manner)?),
        (None, false) => None,
    };
    if let (Some(tool), Some(plan)) = (options.emit, &plan) {
        return super::launch::print(options, plan, tool);
    }
    let (summary, shown) = match &plan {
        Some(plan) => {
            let watcher = Watcher::new(options.manner.quiet);
            let summary = Summary::new(plan, &gigawatt_engine::run(plan, &watcher)?);
            drop(watcher);
            let shown = chosen(options, plan, &summary)?;
            (Some(summary), shown)
        }
        None => (None, Vec::new()),
    };
    if let Some(path) = &options.trace {
        let Some(plan) = &plan else {
            return Err(Failure::BadArgument {
                message: "--trace needs a run whose step it shows".to_owned(),
                help: Some("name a scenario, or describe a run with --model".to_owned()),
            });
        };
        file::replace(path, trace(&courses(plan, options.name.as_deref())))?;
    }
    if options.manner.json {
        terminal::print_json(&json!({
            "name": summary.as_ref().map(|summary| &summary.name),
            "run": summary.as_ref().map(|summary| &summary.run),
            "runs": shown.iter().map(|shown| to_json(shown, plan.as_ref())).collect::<Vec<_>>(),
            "scaling": scaling.as_ref().map(|scaling| scaling.to_json()),
        }))?;
    } else {
        let mut text = String::new();
        if let (Some(plan), Some(summary)) = (&plan, &summary) {
            text.push_str(&train_terminal::runs(plan, summary, &shown, options));
        }
        if let Some(scaling) = &scaling {
            text.push_str(&train_terminal::scaling(scaling));
        }
        terminal::print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The runs that are asked for, with sizes.
fn chosen(options: &TrainOptions, plan: &Plan, summary: &Summary) -> Result<Vec<Shown>, Failure> {
    Ok(wanted(runs(plan, summary), options.name.as_deref())?
        .into_iter()
        .map(|run| {
            let index = plan.training.iter().position(|planned| planned.name == run.name).unwrap_or(0);
            let for_date = options.for_date.map(|day| {
                let days = Moment::end_of(day).days() - plan.period.start.days();
                sizing::for_end(plan, index, days * Duration::DAY)
            });
            let for_budget = options.budget.map(|money| sizing::for_cost(plan, index, money));
            Shown { run, for_date, for_budget }
        })
        .collect())
}

/// All runs, or the one of a name.
pub(super) fn wanted(all: Vec<RunSummary>, name: Option<&str>) -> Result<Vec<RunSummary>, Failure> {
    if all.is_empty() {
        return Err(no_run());
    }
    let names: Vec<&str> = all.iter().map(|run| run.name.as_str()).collect();
    known(name, "training run", "the scenario", &names)?;
    Ok(all.into_iter().filter(|run| name.is_none_or(|name| run.name == name)).collect())
}

/// That there is nothing to show.
pub(super) fn no_run() -> Failure {
    Failure::BadArgument {
        message: "the scenario has no training run".to_owned(),
        help: Some("add [[training]], or describe one with --model".to_owned()),
    }
}

/// Whether a name, where one is asked for, is among those that `owner` has.
pub(super) fn known(asked: Option<&str>, noun: &str, owner: &str, names: &[&str]) -> Result<(), Failure> {
    let Some(name) = asked.filter(|name| !names.contains(name)) else { return Ok(()) };
    Err(Failure::BadArgument {
        message: format!("there is no {noun} `{name}`"),
        help: Some(match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("{owner} has {}", names.join(", ")),
        }),
    })
}

fn to_json(shown: &Shown, plan: Option<&Plan>) -> serde_json::Value {
    let mut document = serde_json::to_value(&shown.run).unwrap_or_default();
    let sized = |sized: &Sized| {
        json!({
            "accelerators": sized.accelerators,
            "accelerators_by_phase": sized.phases,
            "duration": sized.duration,
            "end": plan.map(|plan| train_terminal::day_of(plan, sized.end)),
            "gpu_hours": sized.hours,
            "cost": sized.cost,
        })
    };
    for (name, asked) in [("for_date", &shown.for_date), ("for_budget", &shown.for_budget)] {
        if let Some(found) = asked {
            document[name] = found.as_ref().map_or(serde_json::Value::Null, sized);
        }
    }
    document
}

/// What scaling laws have best for some computing.
pub struct Scaling {
    /// In FLOP.
    pub compute: f64,
    /// The law, its optimum, and the loss there after the first law.
    pub best: [(&'static str, Optimum, f64); 2],
}

impl Scaling {
    fn to_json(&self) -> serde_json::Value {
        let laws = self.best.iter().map(|(law, best, loss)| {
            json!({ "law": law, "parameters": best.parameters, "tokens": best.tokens, "loss": loss })
        });
        json!({ "compute": self.compute, "laws": laws.collect::<Vec<_>>() })
    }
}

fn best(compute: f64) -> Result<Scaling, Failure> {
    let with = ScalingCoefficients::embedded().map_err(Failure::internal)?;
    let (least, llama) = (with.least_loss(compute), with.llama(compute));
    Ok(Scaling {
        compute,
        best: [
            ("Hoffmann et al. 2022, refitted by Besiroglu et al. 2024", least, with.loss(least)),
            ("Llama 3, coefficients as printed", llama, with.loss(llama)),
        ],
    })
}

/// The plan of a run that the command line describes: a scenario is written and read, so that what is wrong with it is
/// told as in any other.
pub(super) fn alone_plan(run: &RunAlone, settings: &[String], manner: &RunManner) -> Result<Plan, Failure> {
    if run.tokens.is_none() && !run.is_launched() {
        return Err(Failure::BadArgument {
            message: "`--tokens` is missing: how many the run trains on".to_owned(),
            help: Some("write --tokens 15.6T".to_owned()),
        });
    }
    typed::plan(written(run), settings, manner)
}

/// The scenario of a run alone.
fn written(run: &RunAlone) -> String {
    let start = run.start.unwrap_or_else(typed::today);
    let year = start.year().clamp(1990, 2100 - YEARS);
    let mut scenario = format!(
        "name = \"run\"\nas_of = {start}\nperiod = {{ from = {year}-01-01, to = {}-12-31 }}\n\n[[training]]\nname = \"{ALONE}\"\nstart = {start}\n",
        year + YEARS,
    );
    let mut line = |key: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(scenario, "{key} = {value}");
    };
    let words = [
        ("model", &run.model),
        ("from_megatron", &run.from_megatron),
        ("from_torchtitan", &run.from_torchtitan),
        ("system", &run.system),
        ("tokens", &run.tokens),
        ("precision", &run.precision),
        ("framework", &run.framework),
        ("hour_price", &run.hour_price),
    ];
    for (key, value) in words {
        if let Some(value) = value {
            line(key, typed::text(value));
        }
    }
    if let Some(gpus) = run.gpus {
        line("accelerators", gpus.to_string());
    }
    if let Some(sequence) = run.sequence.or((!run.is_launched()).then_some(SEQUENCE)) {
        line("sequence", sequence.to_string());
    }
    match run.batch {
        Some(batch) => line("batch_sequences", batch.to_string()),
        None if run.is_launched() => {}
        None => line("batch_tokens", BATCH_TOKENS.to_string()),
    }
    let numbers = [
        ("tensor", run.tensor),
        ("context", run.context),
        ("pipeline", run.pipeline),
        ("virtual_stages", run.virtual_stages),
        ("expert", run.expert),
        ("expert_tensor", run.expert_tensor),
        ("micro_batch", run.micro_batch),
    ];
    let mut layout: Vec<String> =
        numbers.into_iter().filter_map(|(key, number)| Some(format!("{key} = {}", number?))).collect();
    let words = [("sharding", &run.sharding), ("recompute", &run.recompute), ("offload", &run.offload)];
    for (key, word) in words {
        layout.extend(word.as_ref().map(|word| format!("{key} = {}", typed::text(word))));
    }
    if !layout.is_empty() {
        line("layout", format!("{{ {} }}", layout.join(", ")));
    }
    scenario
}
