//! `gw serve`.

mod emitted;
mod incidents;
mod made_up;
mod outputs;
mod replayed;
mod replicas;
mod service;

use std::process::ExitCode;

use gigawatt_engine::fleet::{Time, Watch};
use gigawatt_engine::serving::cluster::{
    Blueprint, Cluster, ClusterResult, Ended, Measured, Requests, Targets, simulate,
};
use gigawatt_engine::serving::{IterationLaw, RouterName, ServingLaws};
use gigawatt_plan::plan::{Input, Plan, ServingPlan, Traffic};
use gigawatt_plan::quantity::Duration;
use gigawatt_plan::world::Observer;
use gigawatt_report::serving::ServeSummary;

use crate::arguments::ServeOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{serve_terminal, terminal};

use incidents::incidents;
use outputs::Outputs;
use replayed::Replayed;
use replicas::Replicas;
use service::{Served, asked};

/// Nanoseconds of a second.
const SECOND: f64 = 1e9;

/// Simulates a served model.
pub fn serve(options: &ServeOptions) -> Result<ExitCode, Failure> {
    let plan = service::plan(options)?;
    let service = service::chosen(&plan, options.name.as_deref())?;
    let laws = ServingLaws::embedded().map_err(Failure::internal)?;
    let served = Served::new(&plan, service, &laws)?;
    if let Some(what) = options.emit {
        return emitted::emitted(options, service, served.layout(), what);
    }
    let deployment = served.deployment(service);
    let law = IterationLaw::new(deployment, &laws.serving);
    let block_tokens = replayed::block_tokens(options, service)?;
    let router = options.replicas.router.as_deref().and_then(RouterName::parse).unwrap_or(service.router);
    let replicas =
        Replicas::new(&law, &laws.serving, (service, served.domain()), &options.replicas, block_tokens)?;
    let cluster = Cluster {
        incidents: match &options.replicas.incidents {
            Some(path) => incidents(path, &replicas.counts(), options.manner.quiet)?,
            None => Vec::new(),
        },
        retries: options.replicas.retries,
        targets: targets(&plan, service),
        measured: options.warm_up.map_or(Measured::All, |time| Measured::From(nanoseconds(time))),
        end: options.until.map(nanoseconds),
        seed: plan.seed,
        ..replicas.cluster(router)
    };
    let watcher = Watcher::new(options.manner.quiet);
    let mut outputs = Outputs::new(options)?;
    let (result, requests) = match &service.traffic {
        Traffic::Trace(file) => {
            let mut replayed = Replayed::new(options, file)?;
            let result = run(&cluster, &mut replayed, &mut outputs, &watcher, options.traffic.requests)?;
            drop(watcher);
            (result, replayed.end(options.manner.quiet)?)
        }
        Traffic::Lengths { .. } => {
            let (mut made_up, words, total) = made_up::requests(options, &plan, service, cluster.seed)?;
            let result = run(&cluster, made_up.as_mut(), &mut outputs, &watcher, Some(total))?;
            drop(watcher);
            (result, words)
        }
    };
    let words = (router, requests);
    let asked = asked(&plan, service, &served, (&law, &laws), &replicas, (&cluster, &result), words);
    let summary = ServeSummary::new(asked, &result);
    outputs.write(&summary, &result)?;
    if options.manner.json {
        terminal::print_json(&serde_json::to_value(&summary).map_err(Failure::internal)?)?;
    } else {
        terminal::print(&serve_terminal::shown(&summary))?;
    }
    Ok(if result.partial { ExitCode::from(130) } else { ExitCode::SUCCESS })
}

/// The simulation, with progress and Ctrl-C.
fn run<B: Blueprint>(
    cluster: &Cluster<B>,
    requests: &mut dyn Requests,
    outputs: &mut Outputs,
    watcher: &Watcher,
    total: Option<u64>,
) -> Result<ClusterResult, Failure> {
    let mut watch = Progress { watcher, total };
    let mut told = |ended: &Ended| outputs.add(ended);
    simulate(cluster, requests, &mut told, &mut watch)
        .map_err(|error| Failure::BadArgument { message: error.to_string(), help: None })
}

/// What a person who waits sees.
struct Progress<'a> {
    watcher: &'a Watcher,
    total: Option<u64>,
}

impl Watch for Progress<'_> {
    fn reached(&mut self, _now: Time, ended: u64) -> bool {
        self.watcher.progress("requests", ended, self.total.unwrap_or(ended));
        !self.watcher.cancelled()
    }
}

fn targets(plan: &Plan, service: &ServingPlan) -> Targets {
    let of_plan = |target: Option<Input<Duration>>| {
        target.map(|target| plan.input(target.id()).distribution.reference())
    };
    let first = of_plan(service.targets.first_token);
    let each = of_plan(service.targets.each_token);
    Targets {
        time_to_first_token: first.map(nanoseconds),
        time_per_output_token: each.map(nanoseconds),
        end_to_end: None,
    }
}

/// Seconds as whole nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a number saturates")]
fn nanoseconds(seconds: f64) -> u64 {
    (seconds * SECOND).round() as u64
}
