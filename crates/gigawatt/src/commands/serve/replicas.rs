//! Replicas of a service, as the simulation takes them.

use gigawatt_engine::serving::cluster::{Batching, Class, Cluster, PrefixRule, Router, Scaling, Transfer};
use gigawatt_engine::serving::replica::{IterationTable, Order, Prefix, ReplicaOptions, Role};
use gigawatt_engine::serving::{IterationLaw, RouterName, ServingCoefficients, cache_transfer};
use gigawatt_plan::plan::ServingPlan;

use super::nanoseconds;
use crate::arguments::ReplicaOptions as Asked;
use crate::failure::Failure;

/// How far above the mean load a session's replica may be: the usual bound of consistent hashing.
const BALANCE: f64 = 1.25;

/// Replicas of a service: those that do everything, or those for prompts before those for answers.
pub struct Replicas {
    table: IterationTable,
    /// How engines of each class schedule.
    options: Vec<ReplicaOptions>,
    /// How many there are of each, at the start and at most.
    numbers: Vec<u32>,
    engines: u32,
    start_up: u64,
    scaling: Option<Scaling>,
    transfer: Transfer,
}

impl Replicas {
    /// Those of a law; prefixes of a trace are named by so many tokens.
    pub fn new(
        law: &IterationLaw<'_>,
        with: &ServingCoefficients,
        (service, domain): (&ServingPlan, u64),
        asked: &Asked,
        block_tokens: Option<u32>,
    ) -> Result<Self, Failure> {
        let deployment = law.deployment();
        let own = ReplicaOptions::of(deployment, with);
        let caches = service.prefix_cache && !asked.no_prefix_cache;
        let prefix = block_tokens.filter(|_| caches).map_or(Prefix::Off, Prefix::Tokens);
        let order = if asked.order == "priority" { Order::Priority } else { Order::Arrival };
        let with_role = |role| ReplicaOptions { role, prefix, order, ..own };
        let replicas = asked.replicas.map_or(service.replicas, u64::from);
        let replicas = u32::try_from(replicas).map_err(|_| Failure::BadArgument {
            message: format!("{replicas} replicas are too many to simulate one by one"),
            help: Some("write --replicas with up to 1,000,000".to_owned()),
        })?;
        let (options, numbers) = match asked.prefill {
            Some(prefill) => {
                (vec![with_role(Role::Prefill), with_role(Role::Decode)], vec![prefill, replicas])
            }
            None => (vec![with_role(Role::Whole)], vec![replicas]),
        };
        let scaling = asked.autoscale.zip(asked.load_target);
        Ok(Self {
            table: IterationTable::new(law, own.most_sequences, own.token_budget),
            options,
            numbers,
            engines: u32::try_from(deployment.layout.attention_data.max(1)).unwrap_or(u32::MAX),
            start_up: nanoseconds(asked.start_up),
            scaling: scaling.map(|((least, most), target)| Scaling::outstanding(target, least, most)),
            transfer: match asked.prefill {
                Some(_) => cache_transfer(deployment, deployment, domain),
                None => Transfer::default(),
            },
        })
    }

    /// How engines of each class schedule.
    pub fn options(&self) -> &[ReplicaOptions] {
        &self.options
    }

    /// Replicas of all classes at the start.
    pub fn number(&self) -> u64 {
        self.numbers.iter().map(|number| u64::from(*number)).sum()
    }

    /// The most replicas that each class ever has.
    pub fn counts(&self) -> Vec<u32> {
        let most = self.scaling.map_or(0, |scaling| scaling.most);
        self.numbers.iter().map(|number| most.max(*number)).collect()
    }

    /// The deployment with a router.
    pub fn cluster(&self, router: RouterName) -> Cluster<Batching<'_>> {
        let classes = self.options.iter().zip(&self.numbers).map(|(options, replicas)| Class {
            engines: self.engines,
            start_up: self.start_up,
            scaling: self.scaling,
            ..Class::new(Batching { table: &self.table, options }, *replicas)
        });
        Cluster { transfer: self.transfer, ..Cluster::new(classes.collect(), rule(router)) }
    }
}

fn rule(name: RouterName) -> Router {
    match name {
        RouterName::RoundRobin => Router::RoundRobin,
        RouterName::LeastLoaded => Router::LeastLoaded,
        RouterName::PowerOfTwo => Router::PowerOfTwo,
        RouterName::PrefixAware => Router::Prefix(PrefixRule::DYNAMO),
        RouterName::SessionAware => Router::Session { balance: BALANCE },
    }
}
