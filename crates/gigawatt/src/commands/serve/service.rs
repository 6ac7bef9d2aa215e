//! The service that is meant, from a scenario or from the command line alone.

use gigawatt_engine::serving::cluster::{Blueprint, Cluster, ClusterResult};
use gigawatt_engine::serving::replica::Prefix;
use gigawatt_engine::serving::{
    Batch, Capacity, Deployment, IterationLaw, Request, RouterName, ServingLaws, ServingLayout,
    ServingMachine,
};
use gigawatt_engine::{Draw, Evaluation};
use gigawatt_plan::plan::{LayoutChoice, Plan, ServingPlan};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use gigawatt_report::serving::{MemorySummary, ServeAsked, Served as ServedSummary, Targets};

use super::super::service::{Variant, alone_plan};
use super::super::train::known;
use super::replicas::Replicas;
use crate::arguments::{ScenarioOptions, ServeOptions};
use crate::failure::Failure;
use crate::scenario;

/// Tokens of a request where a trace says them: what memory has to hold at least.
const SHORT: Request = Request { prompt: 1.0, output: 1.0 };

/// The plan in which the service is.
pub fn plan(options: &ServeOptions) -> Result<Plan, Failure> {
    let settings = &options.settings;
    match (&options.scenario, &options.system) {
        (Some(path), _) => {
            let (path, manner) = (path.clone(), options.manner.clone());
            let scenario = ScenarioOptions { path, settings: settings.clone(), manner };
            scenario::read(&scenario, settings)
        }
        (None, Some(system)) => {
            let variant = Variant {
                system,
                weights: options.weights.as_deref(),
                engine: options.engine.as_deref(),
                trace: options.traffic.trace.as_deref(),
            };
            alone_plan(&options.alone, &[variant], settings, &options.manner)
        }
        // The command line asks for a system where it names a model.
        (None, None) => Err(Failure::internal("a service without a system")),
    }
}

/// The service of a name, or the only one.
pub fn chosen<'a>(plan: &'a Plan, name: Option<&str>) -> Result<&'a ServingPlan, Failure> {
    let names: Vec<&str> = plan.serving.iter().map(|service| service.name.as_str()).collect();
    known(name, "service", "the scenario", &names)?;
    let found = match (plan.serving.as_slice(), name) {
        ([only], None) => Some(only),
        (services, name) => services.iter().find(|service| name == Some(&service.name)),
    };
    found.ok_or_else(|| match names.as_slice() {
        [] => Failure::BadArgument {
            message: "the scenario serves no model".to_owned(),
            help: Some(
                "write a section `[[service]]`, or describe a service with --model and --system".to_owned(),
            ),
        },
        several => Failure::BadArgument {
            message: "the scenario has several services".to_owned(),
            help: Some(format!("name one of them: {}", several.join(", "))),
        },
    })
}

/// What a service runs on.
pub struct Served {
    machine: ServingMachine,
    layout: ServingLayout,
}

impl Served {
    /// Of a plan's service; its layout has to be said, and a replica has to fit.
    pub fn new(plan: &Plan, service: &ServingPlan, laws: &ServingLaws) -> Result<Self, Failure> {
        let LayoutChoice::Fixed(layout) = service.layout else {
            return Err(Failure::BadArgument {
                message: "nothing says how a replica lies on accelerators".to_owned(),
                help: Some("write --tensor 8, or let `gw size` find the cheapest layout".to_owned()),
            });
        };
        let machine = ServingMachine::new(plan, service, layout.accelerators(), laws);
        let Some(machine) = machine else {
            return Err(Failure::BadArgument {
                message: format!("what is known of `{}` makes no machine", plan.systems[service.system].id),
                help: Some(
                    "it needs facts of its accelerator and of its links: see `gw catalog show`".to_owned(),
                ),
            });
        };
        let served = Self { machine, layout };
        let deployment = served.deployment(service);
        if !deployment.fits(&laws.serving, &SHORT) {
            let capacity = Capacity::of(&deployment, &laws.serving);
            let needed = capacity.weights + capacity.reserve + capacity.activations;
            return Err(Failure::BadArgument {
                message: format!(
                    "{} does not fit: an accelerator needs {} for weights, buffers and reserve, and has {}",
                    service.title,
                    format_quantity(Dimension::Bytes, needed),
                    format_quantity(Dimension::Bytes, deployment.device.facts().memory)
                ),
                help: Some(
                    "spread it over more ranks, such as --tensor 8, or take weights of fewer bits".to_owned(),
                ),
            });
        }
        Ok(served)
    }

    /// How a replica lies on accelerators.
    pub fn layout(&self) -> ServingLayout {
        self.layout
    }

    /// Accelerators that share scale-up links.
    pub fn domain(&self) -> u64 {
        self.machine.domain
    }

    /// A replica.
    pub fn deployment<'a>(&'a self, service: &'a ServingPlan) -> Deployment<'a> {
        self.machine.deployment(service, self.layout)
    }
}

/// What the summary says of what was simulated.
pub fn asked<B: Blueprint>(
    plan: &Plan,
    service: &ServingPlan,
    served: &Served,
    (law, laws): (&IterationLaw<'_>, &ServingLaws),
    replicas: &Replicas,
    (cluster, result): (&Cluster<B>, &ClusterResult),
    (router, requests): (RouterName, String),
) -> ServeAsked {
    let deployment = served.deployment(service);
    let capacity = Capacity::of(&deployment, &laws.serving);
    let memory = replicas.options().iter().map(|options| {
        let blocks = options.blocks;
        let whole = blocks.units.checked_div(u64::from(blocks.full).max(1)).unwrap_or(0);
        MemorySummary {
            weights: capacity.weights,
            reserve: capacity.reserve,
            activations: capacity.activations,
            cache: capacity.cache,
            cache_tokens: whole * u64::from(blocks.tokens),
            prefixes: options.prefix != Prefix::Off,
        }
    });
    let reference = Draw::reference(plan);
    let mut evaluation = Evaluation::new(plan);
    evaluation.run(plan, Draw::new(&reference));
    let engine = service.engine;
    let version = engine.release.map_or(String::new(), |release| format!(" {}.{}", release.0, release.1));
    let seconds = |time: Option<u64>| time.map(|time| time as f64 / super::SECOND);
    let number = replicas.number();
    ServeAsked {
        served: ServedSummary {
            name: service.name.clone(),
            title: service.title.clone(),
            system: plan.systems[service.system].id.clone(),
            engine: format!("{}{version}", engine.name.word()),
            formats: service.formats,
            layout: served.layout,
            replicas: number,
            accelerators: number * served.layout.accelerators(),
            token_budget: engine.token_budget,
            most_sequences: engine.most_sequences,
            router: router.word(),
            requests,
        },
        memory: memory.collect(),
        hour: evaluation.accelerator_hour(plan, Draw::new(&reference), service),
        targets: Targets {
            time_to_first_token: seconds(cluster.targets.time_to_first_token),
            time_per_output_token: seconds(cluster.targets.time_per_output_token),
        },
        binding: binding(law, result),
    }
}

/// What binds an iteration of the mean batch of a run.
fn binding(law: &IterationLaw<'_>, result: &ClusterResult) -> Option<&'static str> {
    let all = result.all();
    let iterations: u64 = result.classes.iter().map(|class| class.work.iterations).sum();
    let tokens: u64 = result.classes.iter().map(|class| class.work.output_tokens).sum();
    if iterations == 0 || all.requests == 0 {
        return None;
    }
    let sequences = tokens as f64 / iterations as f64 / law.deployment().tokens_per_iteration();
    let context = (all.prompt_tokens as f64 + all.output_tokens as f64 / 2.0) / all.requests as f64;
    Some(law.binding(&Batch::decoding(sequences.max(1.0), context)).words())
}
