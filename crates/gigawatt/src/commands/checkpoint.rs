//! `gw checkpoint`.

use std::process::ExitCode;

use gigawatt_engine::reliability::{
    DAY, PER_SERVER, Ranged, ReliabilityFacts, Replicas, Spread, Teams, state_bytes,
};
use gigawatt_plan::catalog::{Catalogue, Entry, Kind, find_model};
use gigawatt_plan::distribution::Z90;
use gigawatt_plan::plan::{Plan, TrainingPlan};
use gigawatt_plan::text::nearest;
use gigawatt_report::Words;
use gigawatt_report::checkpoint::{Bandwidths, CheckpointAsked, CheckpointSummary};

use super::train::{known, no_run};
use crate::arguments::{CheckpointOptions, ScenarioOptions};
use crate::failure::Failure;
use crate::{catalogue, checkpoint_terminal, file, scenario, terminal};

/// The system unless the command line or a scenario names one.
const SYSTEM: &str = "hgx-h100";
/// Bandwidth of an accelerator to other servers where its system has no such fact: a port of 400 Gbit/s.
const PORT: f64 = 50e9;
/// Racks of a server where its system has no such fact.
const RACKS: f64 = 0.5;

/// What is checkpointed.
struct Job {
    title: String,
    system: String,
    accelerators: u64,
    bytes: f64,
}

/// Prints when a job is best checkpointed, and what is left of its time.
pub fn checkpoint(options: &CheckpointOptions) -> Result<ExitCode, Failure> {
    let catalogue = catalogue::in_use(&options.manner.catalogue, options.manner.quiet)?;
    let facts = ReliabilityFacts::of(&catalogue).map_err(|missing| Failure::BadArgument {
        message: missing.to_string(),
        help: Some("a folder of --catalog replaces whole entries: write the fact there".to_owned()),
    })?;
    let job = match &options.scenario {
        Some(path) => {
            let settings = options.settings.clone();
            let asked = ScenarioOptions { path: path.clone(), settings, manner: options.manner.clone() };
            of_scenario(&scenario::read(&asked, &options.settings)?, options, &facts)?
        }
        None => of_command_line(&catalogue, options, &facts)?,
    };
    let asked = asked(options, &catalogue, &facts, job)?;
    let summary = CheckpointSummary::new(&asked, &facts);
    if let Some(path) = &options.svg {
        let chart = summary.chart(&Words::ENGLISH).ok_or_else(|| Failure::BadArgument {
            message: "there is no interval to draw: the job gets nothing done".to_owned(),
            help: Some("fewer accelerators, a lower rate of failures or a shorter restart".to_owned()),
        })?;
        file::replace(path, chart.alone(&Words::ENGLISH))?;
    }
    if options.manner.json {
        terminal::print_json(&serde_json::to_value(&summary).map_err(Failure::internal)?)?;
    } else {
        terminal::print(&checkpoint_terminal::shown(&summary, options.interval))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The run of a scenario.
fn of_scenario(plan: &Plan, options: &CheckpointOptions, facts: &ReliabilityFacts) -> Result<Job, Failure> {
    let names: Vec<&str> = plan.training.iter().map(|run| run.name.as_str()).collect();
    known(options.run.as_deref(), "training run", "the scenario", &names)?;
    let run = match (&options.run, plan.training.as_slice()) {
        (_, []) => return Err(no_run()),
        (None, [run]) => run,
        (None, _) => {
            return Err(Failure::BadArgument {
                message: format!("the scenario has {} training runs", names.len()),
                help: Some(format!("name one: --run {}", names.join(" or --run "))),
            });
        }
        (Some(name), runs) => runs
            .iter()
            .find(|run| run.name == *name)
            .ok_or_else(|| Failure::internal("a run that is known"))?,
    };
    let largest = run.phases.iter().map(|phase| phase.layout.accelerators).max().unwrap_or(1);
    Ok(Job {
        title: run.title.clone(),
        system: plan.systems[run.system].id.clone(),
        accelerators: options.accelerators.unwrap_or(largest),
        bytes: options.state.unwrap_or_else(|| bytes_of(plan, run, facts)),
    })
}

/// Bytes of a run's state: of its parameters where they are said beside the architecture.
fn bytes_of(plan: &Plan, run: &TrainingPlan, facts: &ReliabilityFacts) -> f64 {
    let each = facts.bytes_per_parameter.value;
    match run.model.parameters {
        Some(parameters) => each * plan.input(parameters.id()).distribution.reference(),
        None => state_bytes(&run.model.shape, each),
    }
}

/// The job that the command line describes.
fn of_command_line(
    catalogue: &Catalogue,
    options: &CheckpointOptions,
    facts: &ReliabilityFacts,
) -> Result<Job, Failure> {
    let missing = |what: &str, help: &str| Failure::BadArgument {
        message: format!("`{what}` is missing"),
        help: Some(help.to_owned()),
    };
    let accelerators =
        options.accelerators.ok_or_else(|| missing("--accelerators", "write --accelerators 16384"))?;
    let (title, bytes) = match (&options.model, options.state) {
        (Some(name), _) => of_model(catalogue, name, facts)?,
        (None, Some(bytes)) => ("A job".to_owned(), bytes),
        (None, None) => {
            return Err(missing(
                "--model or --state",
                "say whose state is kept, --model llama-3-1-405b, or how large it is, --state \"5.7 TB\"",
            ));
        }
    };
    Ok(Job {
        title,
        system: options.system.clone().unwrap_or_else(|| SYSTEM.to_owned()),
        accelerators,
        bytes,
    })
}

/// Title and bytes of the state of a model.
fn of_model(catalogue: &Catalogue, name: &str, facts: &ReliabilityFacts) -> Result<(String, f64), Failure> {
    let each = facts.bytes_per_parameter.value;
    let Some(entry) = find_model(catalogue, name) else {
        return Err(Failure::BadArgument {
            message: format!("the catalogue has no model `{name}`"),
            help: Some(match nearest(name, catalogue.ids(Kind::Model)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`gw catalog list model` lists them; or write --state BYTES".to_owned(),
            }),
        });
    };
    let bytes = match &entry.architecture {
        Some(architecture) => Some(state_bytes(&architecture.shape, each)),
        None => newest(entry, "parameters").map(|parameters| each * parameters),
    };
    match bytes {
        Some(bytes) => Ok((entry.title().to_owned(), bytes)),
        None => Err(Failure::BadArgument {
            message: format!("how many parameters `{}` has was not published", entry.id),
            help: Some(format!("write --state BYTES, {each} for each parameter")),
        }),
    }
}

fn asked(
    options: &CheckpointOptions,
    catalogue: &Catalogue,
    facts: &ReliabilityFacts,
    job: Job,
) -> Result<CheckpointAsked, Failure> {
    let Some(system) = catalogue.get(Kind::System, &job.system) else {
        return Err(unknown("system", &job.system, catalogue.ids(Kind::System)));
    };
    let (server_rate, rate_from, software_rate) = rate(options, facts)?;
    let accelerators = system.integer("accelerators").and_then(|number| u32::try_from(number).ok());
    let rack = f64::from(accelerators.unwrap_or(8)) / newest(system, "racks").unwrap_or(RACKS);
    Ok(CheckpointAsked {
        title: job.title,
        system: job.system,
        accelerators: job.accelerators,
        per_server: PER_SERVER,
        bytes: job.bytes,
        server_rate,
        rate_from,
        software_rate,
        restart: options.restart,
        bandwidth: Bandwidths {
            storage: options.storage.unwrap_or(facts.storage.value),
            server_link: facts.server_link.value,
            staging: facts.staging.value,
            network: newest(system, "network_per_accelerator").unwrap_or(PORT),
        },
        replicas: Replicas {
            copies: options.copies,
            spread: Spread::OtherDomains,
            domain: (rack / PER_SERVER).max(1.0),
            domain_failures: facts.domain_failures.value,
        },
        teams: options.teams.map_or(Teams::Unlimited, Teams::Limited),
        repair: options.repair.unwrap_or(facts.repair.mean_time().value),
        spares: options.spares,
        interval: options.interval,
    })
}

/// The rate of servers, where it is from, and what interrupts beside it.
fn rate(options: &CheckpointOptions, facts: &ReliabilityFacts) -> Result<(Ranged, String, f64), Failure> {
    if let Some(rate) = options.server_rate {
        return Ok((Ranged::certain(rate / 1000.0 / DAY), "as said".to_owned(), facts.software_rate));
    }
    if let Some(id) = &options.reference {
        let Some(cluster) = facts.cluster(id) else {
            let names = facts.clusters.iter().map(|cluster| cluster.id.as_str());
            return Err(unknown("published rate of", id, names));
        };
        // One cluster's rate differs between periods; four of five times by less than this.
        let doubt = Z90 * facts.rate_variation;
        let rate = cluster.server_rate;
        let range = Ranged { value: rate, low: rate / (1.0 + doubt), high: rate * (1.0 + doubt) };
        // Whoever counted every cause has counted the software's.
        let software = if cluster.all_causes { 0.0 } else { facts.software_rate };
        return Ok((range, cluster.title.clone(), software));
    }
    let pooled = facts.pooled_rate(None).ok_or_else(|| Failure::BadArgument {
        message: "the catalogue has no rate of failures".to_owned(),
        help: Some("write --server-rate 3.8".to_owned()),
    })?;
    let from = format!("geometric mean and range of {} published clusters", facts.clusters.len());
    Ok((pooled, from, facts.software_rate))
}

fn unknown<'n>(noun: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    let known: Vec<&str> = known.collect();
    Failure::BadArgument {
        message: format!("there is no {noun} `{name}`"),
        help: Some(match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", known.join(", ")),
        }),
    }
}

/// The newest vintage of a fact.
fn newest(entry: &Entry, field: &str) -> Option<f64> {
    Some(entry.vintages(field).last()?.written.distribution.reference())
}
