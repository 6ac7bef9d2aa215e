//! The command line of `gw serve`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use gigawatt_plan::quantity::Dimension;
use gigawatt_plan::scenario::fields_serving::{ENGINES, ROUTERS, WEIGHTS};

use super::service::ServiceAlone;
use super::train::quantity;
use super::{RunManner, numbers};

#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// The scenario with the service, a TOML file; or --model with a service of its own
    #[arg(value_name = "SCENARIO", required_unless_present = "served", conflicts_with = "served")]
    pub scenario: Option<PathBuf>,

    /// The service of the scenario; needed where it has several
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub alone: ServiceAlone,

    /// The system in the catalogue
    #[arg(long, value_name = "SYSTEM", requires = "served")]
    pub system: Option<String>,

    /// Number format of the weights; bf16 unless said
    #[arg(long, value_name = "FORMAT", requires = "served", value_parser = PossibleValuesParser::new(WEIGHTS))]
    pub weights: Option<String>,

    /// Inference engine; vllm unless said
    #[arg(long, value_name = "NAME", requires = "served", value_parser = PossibleValuesParser::new(ENGINES))]
    pub engine: Option<String>,

    #[command(flatten)]
    pub traffic: TrafficOptions,

    #[command(flatten)]
    pub replicas: ReplicaOptions,

    /// Leave requests that arrive before this time out of the statistics, such as 1min
    #[arg(long, value_name = "TIME", value_parser = |text: &str| quantity(Dimension::Duration, text))]
    pub warm_up: Option<f64>,

    /// Stop at this time, whether requests have ended or not
    #[arg(long, value_name = "TIME", value_parser = |text: &str| quantity(Dimension::Duration, text))]
    pub until: Option<f64>,

    /// Print what launches the service instead of simulating it: the command line of a replica, or manifests for Kubernetes
    #[arg(long, value_name = "WHAT", value_enum, requires = "hub_model")]
    pub emit: Option<Emitted>,

    /// The model's name on the hub, or a path, with --emit
    #[arg(long, value_name = "NAME", requires = "emit")]
    pub hub_model: Option<String>,

    /// The image of a container with the engine, with --emit; that of the engine's project unless said
    #[arg(long, value_name = "IMAGE", requires = "emit")]
    pub image: Option<String>,

    /// A secret of the cluster with a token for the hub under the key `token`, with --emit
    #[arg(long, value_name = "NAME", requires = "emit")]
    pub token_secret: Option<String>,

    /// Write what became of every request as a Parquet table
    #[arg(long, value_name = "FILE")]
    pub table: Option<PathBuf>,

    /// Write the first 100,000 requests as a trace for Perfetto
    #[arg(long, value_name = "FILE")]
    pub perfetto: Option<PathBuf>,

    /// Write the distributions and the course of the run as SVG images into a folder
    #[arg(long, value_name = "FOLDER")]
    pub charts: Option<PathBuf>,

    /// Lay a value over the scenario; the service of --model is called `run`. May be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,

    #[command(flatten)]
    pub manner: RunManner,
}

/// What launches a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Emitted {
    /// The command line of a replica.
    Command,
    /// A Deployment or a LeaderWorkerSet with a Service, and what scales it.
    Kubernetes,
}

/// Where requests come from.
#[derive(Args, Clone, Debug)]
pub struct TrafficOptions {
    /// The requests of a trace: Azure's CSV, Mooncake's JSON lines, BurstGPT's CSV, or arrival_s,prompt_tokens,output_tokens; a
    /// scenario names its own
    #[arg(long, value_name = "FILE", requires = "served", conflicts_with_all = ["rate", "concurrency", "prompt", "output"])]
    pub trace: Option<String>,

    /// Requests in flight at all times instead of a rate, as benchmarks have it
    #[arg(long, value_name = "N", conflicts_with = "rate", value_parser = numbers::requests_in_flight)]
    pub concurrency: Option<u32>,

    /// Coefficient of variation of both, lognormal; 0 is all alike
    #[arg(long, value_name = "RATIO", default_value_t = 0.0, value_parser = numbers::variation)]
    pub length_variation: f64,

    /// How requests come, where they have a rate
    #[arg(long, value_enum, default_value_t = ProcessName::Poisson)]
    pub process: ProcessName,

    /// Coefficient of variation of the gaps between requests, with --process gamma
    #[arg(long, value_name = "RATIO", default_value_t = 2.0, value_parser = numbers::variation)]
    pub gap_variation: f64,

    /// Rate in a burst over that between bursts, with --process bursts: ten seconds each minute on average
    #[arg(long, value_name = "RATIO", default_value_t = 5.0, value_parser = numbers::variation)]
    pub burst: f64,

    /// How many requests come: of a trace the first, and all unless said; else 10,000
    #[arg(long, value_name = "N", value_parser = numbers::requests)]
    pub requests: Option<u64>,

    /// Replay the trace so many times as fast
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = numbers::speed)]
    pub speed: f64,

    /// Replay the trace so many times, one after the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub repeat: u32,
}

/// How requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProcessName {
    /// Independently of one another.
    Poisson,
    /// With gaps of a Gamma distribution.
    Gamma,
    /// In bursts: a Poisson process whose rate has two levels.
    Bursts,
    /// At equal distances.
    Constant,
}

/// Which replicas there are, and what befalls them.
#[derive(Args, Clone, Debug)]
pub struct ReplicaOptions {
    /// Replicas; the scenario's or 1 unless said
    #[arg(long, value_name = "N", value_parser = numbers::replicas)]
    pub replicas: Option<u32>,

    /// Compute prompts on replicas of their own, so many, and answers on those of --replicas
    #[arg(long, value_name = "N", value_parser = numbers::replicas)]
    pub prefill: Option<u32>,

    /// Follow the load between two numbers of replicas: LEAST..MOST
    #[arg(long, value_name = "LEAST..MOST", value_parser = limits, requires = "load_target")]
    pub autoscale: Option<(u32, u32)>,

    /// Requests in flight at each replica that --autoscale aims at
    #[arg(long, value_name = "N", requires = "autoscale", value_parser = numbers::load)]
    pub load_target: Option<f64>,

    /// From the start of a replica to its first request
    #[arg(long, value_name = "TIME", default_value = "2min", value_parser = |text: &str| quantity(Dimension::Duration, text))]
    pub start_up: f64,

    /// Failures and drains of replicas, a CSV file: time,server,cause,downtime, with times in seconds, the number of a replica as
    /// its server, and drain or anything else, a failure, as its cause
    #[arg(long, value_name = "FILE")]
    pub incidents: Option<PathBuf>,

    /// How often a request begins again whose replica was lost
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub retries: u8,

    /// How requests find a replica; the scenario's or least-loaded unless said
    #[arg(long, value_name = "ROUTER", value_parser = PossibleValuesParser::new(ROUTERS))]
    pub router: Option<String>,

    /// Keep no beginnings of prompts to share
    #[arg(long)]
    pub no_prefix_cache: bool,

    /// Which waiting requests go first
    #[arg(long, value_name = "ORDER", default_value = "arrival", value_parser = PossibleValuesParser::new(["arrival", "priority"]))]
    pub order: String,
}

fn limits(text: &str) -> Result<(u32, u32), String> {
    let expected = || format!("expected two numbers of replicas such as 2..16, found `{text}`");
    let (least, most) = text.split_once("..").ok_or_else(expected)?;
    let number = |text: &str| numbers::replicas(text.trim()).map_err(|_| expected());
    let (least, most) = (number(least)?, number(most)?);
    if least <= most { Ok((least, most)) } else { Err(expected()) }
}
